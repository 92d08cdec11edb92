"""A game: which shape does a task have? Ten tasks, five shapes, a reason for every miss."""

from __future__ import annotations

from typing import NamedTuple

import traitlets

from rnncourse.figures.base import Figure, table

SHAPES = ("one to one", "one to many", "many to one", "aligned", "seq2seq")


class Task(NamedTuple):
    """What is asked, its shape, and what stands against the others: what comes in, what goes out,
    and, of two sequences, how their lengths go together."""

    asks: str
    shape: str
    into: str
    out: str
    lengths: str = ""

    def feedback(self, shape: str) -> str:
        """Why this shape fits, or the first thing that speaks against it."""
        if shape == self.shape:
            return " ".join(part for part in (self.into, self.out, self.lengths) if part)
        if _sequence_in(shape) != _sequence_in(self.shape):
            return self.into
        if _sequence_out(shape) != _sequence_out(self.shape):
            return self.out
        return self.lengths


def _sequence_in(shape: str) -> bool:
    return not shape.startswith("one")


def _sequence_out(shape: str) -> bool:
    return not shape.endswith("one")


TASKS = (
    Task(
        "A film review: praise or blame?", "many to one",
        "A review comes in word by word, and its length varies: a sequence.",
        "One label goes out for the whole review, not one a word.",
    ),
    Task(
        "A photograph: a sentence that says what is in it", "one to many",
        "One picture comes in, all at once.",
        "A sentence goes out word by word: a sequence, as long as it needs to be.",
    ),
    Task(
        "A sentence: noun, verb or something else, for each word", "aligned",
        "A sentence comes in word by word: a sequence.",
        "A label goes out for every word: a sequence.",
        "The labels are as many as the words, and the third label belongs to the third word.",
    ),
    Task(
        "An X-ray: is the bone broken?", "one to one",
        "One picture comes in, all at once: no order of steps is given.",
        "One answer goes out.",
    ),
    Task(
        "An English sentence: the same in French", "seq2seq",
        "A sentence comes in word by word: a sequence.",
        "A sentence goes out word by word: a sequence.",
        "The French may be longer or shorter, and its words stand in another order: no French word "
        "belongs to one place of the English.",
    ),
    Task(
        "Ten seconds from a wrist sensor: walking, running or badminton?", "many to one",
        "A thousand readings come in, one after the other: a sequence.",
        "One name goes out for the ten seconds.",
    ),
    Task(
        "The size, age and floor of a flat: its rent", "one to one",
        "The same three numbers come in for every flat, and their order means nothing: one vector.",
        "One number goes out.",
    ),
    Task(
        "A long report: a summary of it", "seq2seq",
        "A report comes in word by word: a sequence.",
        "A summary goes out word by word: a sequence.",
        "The summary is shorter, and its tenth word does not belong to the tenth of the report.",
    ),
    Task(
        "A film of a match: who has the ball, in every frame?", "aligned",
        "A film comes in frame by frame: a sequence.",
        "A name goes out for every frame: a sequence.",
        "As many names as frames, each belonging to its own frame.",
    ),
    Task(
        "The name of a composer: a new melody in that style", "one to many",
        "One choice out of a list of composers comes in, all at once.",
        "A melody goes out note by note: a sequence.",
    ),
)  # fmt: skip
ANSWERS = tuple(task.shape for task in TASKS)


class MatchingGame(Figure):
    """State: the tasks with their feedback, which is chosen, what is matched, how many misses."""

    name = "matching_game"
    shapes = traitlets.List(list(SHAPES)).tag(sync=True)
    tasks = traitlets.List().tag(sync=True)  # {"asks", "shape", "feedback": {shape: text}}
    chosen = traitlets.Int(0).tag(sync=True)  # -1: none is left
    matched = traitlets.List([]).tag(sync=True)  # numbers of tasks
    misses = traitlets.Int(0).tag(sync=True)

    def describe(self) -> str:
        asked = "; ".join(f"{n}. {task['asks']}" for n, task in enumerate(self.tasks, start=1))
        return (
            f"A game of {len(self.tasks)} tasks and {len(self.shapes)} shapes, "
            f"{', '.join(self.shapes)}: which shape does each task have? Choose a task, then a "
            f"shape, or drag the one onto the other; a wrong match says why. The tasks: {asked}."
        )

    def fallback(self) -> str:
        rows = [[str(n), task["asks"]] for n, task in enumerate(self.tasks, start=1)]
        return table(["", "task"], rows, f"Which of {', '.join(self.shapes)}?")


def matching_game() -> MatchingGame:
    """Ten tasks to match with the five shapes: by pointer, touch or keyboard."""
    tasks = [
        {
            "asks": task.asks,
            "shape": task.shape,
            "feedback": {shape: task.feedback(shape) for shape in SHAPES},
        }
        for task in TASKS
    ]
    return MatchingGame(tasks=tasks)
