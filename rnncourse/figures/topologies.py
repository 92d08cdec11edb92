"""One handwritten digit through the five shapes of task, token by token."""

from __future__ import annotations

import numpy as np
import traitlets

from rnncourse import assets
from rnncourse.assets import shapes
from rnncourse.figures.base import Figure, number, table

# what is asked of each shape, and the arrays of a batch of B
SHAPES = {
    "one to one": ("Which digit is it?", "x (B, D = 64) → h (B, H = 8) → y (B, V = 10)"),
    "one to many": (
        "Spell its name.",
        "x (B, D = 64), then letters (B, V = 16) → h (B, S, H = 8) → y (B, S, V = 16)",
    ),
    "many to one": (
        "Which digit is it, row by row?",
        "x (B, T = 8, D = 8) → h (B, T, H = 8) → y (B, V = 10), from the last step",
    ),
    "aligned": (
        "How is each letter of its name said?",
        "x (B, T, D = 16) → h (B, T, H = 8) → y (B, T, V = 20)",
    ),
    "seq2seq": (
        "What is its name in French?",
        "x (B, T, D = 16) → h (B, H = 8) → y (B, S, V = 19)",
    ),
}


class Topologies(Figure):
    """State: the runs of five small trained networks, which shape and digit are shown, the step."""

    name = "topologies"
    shape = traitlets.Enum(list(SHAPES), "one to many").tag(sync=True)
    digit = traitlets.Int(3).tag(sync=True)
    step = traitlets.Int(1).tag(sync=True)  # 1 … as many as the run has
    names = traitlets.List().tag(sync=True)
    shapes = traitlets.Dict().tag(sync=True)  # shape → what is asked, the arrays
    pictures = traitlets.List().tag(sync=True)  # ten of 64 grey levels, 0 to 16
    runs = traitlets.Dict().tag(sync=True)  # shape → ten runs: steps [in, h, out, p]

    def describe(self) -> str:
        question, arrays = self.shapes[self.shape]
        run = self.runs[self.shape][self.digit]
        into = ", ".join(step[0] or "nothing" for step in run)
        out = ", ".join(f"{step[2]} ({number(step[3])})" for step in run if step[2])
        return (
            f"A handwritten {self.names[self.digit]} and five small trained networks, one for each "
            f"shape of task. Shown is “{self.shape}”: {question} In come {into}; out come {out}, "
            "with their probabilities. Each step is a column of eight numbers, its input below, "
            f"its output above. Shapes: {arrays}."
        )

    def fallback(self) -> str:
        rows = []
        for shape, (question, arrays) in self.shapes.items():
            run = self.runs[shape][self.digit]
            out = "".join(step[2] for step in run if step[2]).removesuffix(shapes.END)
            rows.append([shape, question, str(len(run)), out, arrays])
        head = ["shape", "asked", "steps", "answer", "arrays"]
        return table(head, rows, f"A handwritten {self.names[self.digit]}, five shapes of task")


def topologies(shape: str = "one to many", digit: int = 3, step: int | None = None) -> Topologies:
    """Five small trained networks on one handwritten digit, one for each shape of task.

    shape: "one to one", "one to many", "many to one", "aligned" or "seq2seq". digit: 0 to 9.
    step: which step is shown, the last if None. `rnncourse.assets.shapes` trained the networks.
    """
    if shape not in SHAPES:
        raise ValueError(f"there is no shape {shape!r}; choose one of {', '.join(SHAPES)}")
    if digit not in range(10):
        raise ValueError(f"{digit!r} is not a digit: choose 0 to 9")
    stored = assets.load("shapes")
    pictures = stored["pictures"]
    runs = {
        kind: [_steps(shapes.follow(kind, weights, np.array(pictures[d]) / 16, d))
               for d in range(10)]
        for kind, weights in stored["networks"].items()
    }  # fmt: skip
    return Topologies(
        shape=shape,
        digit=digit,
        step=len(runs[shape][digit]) if step is None else step,
        names=list(shapes.NAMES),
        shapes={kind: list(texts) for kind, texts in SHAPES.items()},
        pictures=pictures,
        runs=runs,
    )


def _steps(run):
    """A run as JSON: [in, h rounded, out, p rounded] a step."""
    return [
        [
            step["in"],
            [round(float(value), 5) for value in step["h"]],
            step["out"],
            None if step["p"] is None else round(float(step["p"]), 5),
        ]
        for step in run
    ]
