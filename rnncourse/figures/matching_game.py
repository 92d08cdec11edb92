"""A game: which shape does a task have? Ten tasks, five shapes, a reason for every miss; twice."""

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
HARDER = (
    Task(
        "Sixteen chords of a chorale: are they played forwards or backwards?", "many to one",
        "The chords come in one after the other: a sequence.",
        "One answer goes out for all sixteen.",
    ),
    Task(
        "A night's sleep, the pulse once a minute: for each minute, awake or asleep", "aligned",
        "The pulse comes in minute by minute: a sequence.",
        "An answer goes out for every minute: a sequence.",
        "As many answers as minutes, each belonging to its own minute.",
    ),
    Task(
        "A position on a chessboard: who is ahead?", "one to one",
        "One picture of the board comes in, all at once; how the game got there is not asked.",
        "One answer goes out.",
    ),
    Task(
        "A piece of program: the comment that says what it does", "seq2seq",
        "A program comes in sign by sign: a sequence.",
        "A comment goes out word by word: a sequence.",
        "The comment is shorter, and says as a whole what the program does: no word of it belongs "
        "to one place of the program.",
    ),
    Task(
        "A photograph of a dish: its recipe", "one to many",
        "One picture comes in, all at once.",
        "A recipe goes out word by word: a sequence, as long as it needs to be.",
    ),
    Task(
        "All clicks of one visit to a shop, when it is over: would the visitor have bought at half "
        "the price?", "many to one",
        "The clicks come in one after the other, and visits differ in length: a sequence.",
        "One answer goes out for the visit, when it is over.",
    ),
    Task(
        "A film in sign language: the same in written English", "seq2seq",
        "A film comes in frame by frame: a sequence.",
        "English goes out word by word: a sequence.",
        "There are far fewer words than frames, and signs have an order of their own.",
    ),
    Task(
        "Length and width of two leaves of a flower: its species", "one to one",
        "The same four numbers come in for every flower, in no order of time: one vector.",
        "One name goes out.",
    ),
    Task(
        "A protein: for each amino acid, does it lie inside or at the surface?", "aligned",
        "A protein comes in amino acid by amino acid: a sequence.",
        "An answer goes out for every amino acid: a sequence.",
        "As many answers as amino acids, each belonging to its own.",
    ),
    Task(
        "One of twelve signs of the zodiac: a horoscope", "one to many",
        "One choice out of twelve comes in, all at once.",
        "A horoscope goes out word by word: a sequence.",
    ),
)  # fmt: skip


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


def matching_game(harder: bool = False) -> MatchingGame:
    """Ten tasks to match with the five shapes: by pointer, touch or keyboard.

    harder: ten others, whose words lead astray more often.
    """
    tasks = [
        {
            "asks": task.asks,
            "shape": task.shape,
            "feedback": {shape: task.feedback(shape) for shape in SHAPES},
        }
        for task in (HARDER if harder else TASKS)
    ]
    return MatchingGame(tasks=tasks)
