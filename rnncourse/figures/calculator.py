"""The forward pass of a small network, number by number, with weights the reader moves."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import traitlets

from rnncourse.cells import rnn_step, softmax
from rnncourse.figures.activations import CELL_NAME
from rnncourse.figures.base import Figure, number, table

SEQUENCES = {
    "one push": [1.0, 0.0, 0.0, 0.0, 0.0, 0.0],
    "push and pull": [1.0, 0.0, 0.0, -1.0, 0.0, 0.0],
    "steady": [1.0, 1.0, 1.0, 1.0, 1.0, 1.0],
    "back and forth": [1.0, -1.0, 1.0, -1.0, 1.0, -1.0],
    "ramp": [0.0, 0.2, 0.4, 0.6, 0.8, 1.0],
}


class ForwardCalculator(Figure):
    """State: the weights, the activation, the input sequence, the step in focus."""

    name = "forward_calculator"
    weights: ClassVar = ("W_xh", "W_hh", "b_h", "W_hy", "b_y")
    W_xh = traitlets.List([[0.9], [-0.6]]).tag(sync=True)  # (H, 1)
    W_hh = traitlets.List([[0.8, 0.0], [0.5, 0.3]]).tag(sync=True)  # (H, H)
    b_h = traitlets.List([0.0, 0.1]).tag(sync=True)  # (H,)
    W_hy = traitlets.List([[1.5, 0.0], [-0.5, 2.0], [0.0, -1.0]]).tag(sync=True)  # (O, H)
    b_y = traitlets.List([0.0, 0.0, 0.2]).tag(sync=True)  # (O,)
    activation = traitlets.Enum(list(CELL_NAME), "tanh").tag(sync=True)
    sequences = traitlets.Dict(SEQUENCES).tag(sync=True)
    sequence = traitlets.Unicode("one push").tag(sync=True)
    step = traitlets.Int(2).tag(sync=True)

    def forward(self) -> dict[str, np.ndarray]:
        """a (T, H), h (T, H) and y (T, O), as the figure computes them."""
        W_xh, W_hh, b_h, W_hy, b_y = (np.array(getattr(self, name)) for name in self.weights)
        h_t, sums, states = np.zeros(len(b_h)), [], []
        for x_t in np.array(self.sequences[self.sequence])[:, None]:
            sums.append(W_xh @ x_t + W_hh @ h_t + b_h)
            h_t = rnn_step(x_t, h_t, W_xh, W_hh, b_h, CELL_NAME[self.activation])
            states.append(h_t)
        a, h = np.stack(sums), np.stack(states)
        return {"a": a, "h": h, "y": softmax(h @ W_hy.T + b_y)}

    def describe(self) -> str:
        last = ", ".join(number(v) for v in self.forward()["h"][-1])
        return (
            "A recurrent network with one input, two hidden units and three outputs runs over "
            f"six steps ({self.sequence}). Any weight or bias can be moved and the activation "
            "changed; the sums, states and output probabilities follow. With the "
            f"{self.activation} activation the last state is ({last})."
        )

    def fallback(self) -> str:
        x, passed = self.sequences[self.sequence], self.forward()
        rows = [
            [str(t + 1), number(x[t], 1)]
            + [", ".join(number(v) for v in passed[key][t]) for key in ("a", "h", "y")]
            for t in range(len(x))
        ]
        return table(["t", "x_t", "a_t", "h_t", "y_t"], rows, "The forward pass, step by step")


def forward_calculator(
    activation: str = "tanh", sequence: str = "one push", params: dict | None = None
) -> ForwardCalculator:
    """The forward pass with its numbers in the formula: move a weight and everything follows.

    activation: "tanh", "relu", "logistic" or "linear". sequence: one of SEQUENCES, by name.
    params: any of W_xh (2, 1), W_hh (2, 2), b_h (2,), W_hy (3, 2), b_y (3,) to begin with.
    """
    given = {name: np.round(value, 4).tolist() for name, value in (params or {}).items()}
    return ForwardCalculator(activation=activation, sequence=sequence, **given)
