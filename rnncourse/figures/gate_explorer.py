"""An LSTM or a GRU of one unit: draw its input, force its gates, watch what it keeps."""

from __future__ import annotations

import math

import traitlets

from rnncourse.figures.activations import logistic
from rnncourse.figures.base import Figure, number, table

SERIES = {
    "prices": [0.0, 0.5, 0.3, 1.0, 0.0, 0.0, 0.0, 0.0],
    "one pulse": [1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0],
    "two pulses": [1.0, 0.0, 0.0, 0.0, -1.0, 0.0, 0.0, 0.0],
    "zigzag": [0.6, -0.6, 0.6, -0.6, 0.6, -0.6, 0.6, -0.6],
}
# gate: weight of x_t, weight of h_{t-1}, bias
WEIGHTS = {
    "lstm": {"i": [3, 0, -1], "f": [0, 0, 2], "g": [2, 0.5, 0], "o": [1, 0, 1]},
    "gru": {"r": [1, 0, 1], "z": [-3, 0, 2], "n": [2, 0.5, 0]},
}


def step_lstm(gates, h, c):
    c = gates["f"] * c + gates["i"] * gates["g"]
    return gates["o"] * math.tanh(c), c


def step_gru(gates, h, keeps):
    keep = gates["z"] if keeps else 1 - gates["z"]
    return keep * h + (1 - keep) * gates["n"]


class GateExplorer(Figure):
    """State: which cell, its input, its weights, gates held by hand (−1: free), z's convention."""

    name = "gate_explorer"
    cell = traitlets.Enum(["lstm", "gru"], "lstm").tag(sync=True)
    x = traitlets.List().tag(sync=True)  # (T,) in [-1, 1]
    weights = traitlets.Dict().tag(sync=True)
    forced = traitlets.Dict().tag(sync=True)  # gate: -1 free, else the value it is held at
    keeps = traitlets.Bool(True).tag(sync=True)  # GRU: z near 1 keeps (PyTorch, Cho et al.)
    series = traitlets.Dict(SERIES).tag(sync=True)

    def trace(self) -> list[dict[str, float]]:
        """Every gate and state, step by step."""
        h, c, rows = 0.0, 0.0, []
        for x in self.x:
            gates = {name: self.gate(name, x, h) for name in self.weights if name != "n"}
            if self.cell == "lstm":
                h, c = step_lstm(gates, h, c)
                gates["c"] = c
            else:
                gates["n"] = self.gate("n", x, gates["r"] * h)
                h = step_gru(gates, h, self.keeps)
            rows.append({"x": x, **gates, "h": h})
        return rows

    def gate(self, name: str, x: float, h: float) -> float:
        """The value of a gate or candidate, or the value it is held at."""
        if self.forced.get(name, -1) >= 0:
            return float(self.forced[name])
        w_x, w_h, b = self.weights[name]
        a = w_x * x + w_h * h + b
        if name == "z" and not self.keeps:
            a = -a  # the same model in its other dress
        return math.tanh(a) if name in "gn" else logistic(a)

    def describe(self) -> str:
        last = self.trace()[-1]
        kept = f"cell state {number(last['c'])}, " if "c" in last else ""
        return (
            f"{self.cell.upper()} of one unit over {len(self.x)} steps: the input as bars that can "
            f"be dragged, its gates and its states as lines. Menus hold a gate open or shut. At "
            f"the last step: {kept}state {number(last['h'])}."
        )

    def fallback(self) -> str:
        rows = self.trace()
        head = ["t", *rows[0]]
        body = [[str(t), *(number(v) for v in row.values())] for t, row in enumerate(rows, 1)]
        return table(head, body, "Gates and states, step by step")


def gate_explorer(cell: str = "lstm", series: str = "prices", keeps: bool = True) -> GateExplorer:
    """One LSTM or GRU unit whose input the reader draws and whose gates can be held.

    cell: "lstm" or "gru". series: "prices", "one pulse", "two pulses" or "zigzag".
    keeps: the GRU's convention, z near 1 keeps (PyTorch) or, if False, updates.
    """
    weights = WEIGHTS[cell]
    free = {name: -1 for name in weights if name not in "gn"}
    return GateExplorer(
        cell=cell, x=list(SERIES[series]), weights=weights, forced=free, keeps=keeps
    )
