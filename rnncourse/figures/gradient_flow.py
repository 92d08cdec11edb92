"""How much of a gradient arrives, step by step back, in seven cells side by side."""

from __future__ import annotations

import numpy as np
import traitlets

from rnncourse.cells import GRUCell, LSTMCell, RNNCell, gradient_lengths
from rnncourse.figures.base import Figure, number, table

HIDDEN, MAX_STEPS = 12, 200

# key: (name on the page, make a cell from a generator)
CELLS = {
    "tanh": ("tanh", lambda rng: RNNCell(1, HIDDEN, rng)),
    "orthogonal": ("tanh, orthogonal", lambda rng: RNNCell(1, HIDDEN, rng, init="orthogonal")),
    "relu": ("ReLU", lambda rng: RNNCell(1, HIDDEN, rng, "relu")),
    "identity": ("ReLU, identity", lambda rng: RNNCell(1, HIDDEN, rng, "relu", init="identity")),
    "lstm_0": ("LSTM, forget bias 0", lambda rng: LSTMCell(1, HIDDEN, rng, forget_bias=0)),
    "lstm_1": ("LSTM, forget bias 1", lambda rng: LSTMCell(1, HIDDEN, rng, forget_bias=1)),
    "gru": ("GRU", lambda rng: GRUCell(1, HIDDEN, rng)),
}


def weights(seed: int) -> dict[str, dict[str, list]]:
    """The parameters of each cell, of four decimals, without negative zeros."""
    cells = {key: make(np.random.default_rng(seed)) for key, (_, make) in CELLS.items()}
    return {
        key: {name: (np.round(p, 4) + 0.0).tolist() for name, p in cell.params.items()}
        for key, cell in cells.items()
    }


class GradientFlow(Figure):
    """State: the cells' weights, the inputs, scale of W_hh, length, size of the inputs, hidden."""

    name = "gradient_flow"
    weights = traitlets.Dict().tag(sync=True)  # {cell: {W_xh, W_hh, b_h, perhaps b_hn}}
    x = traitlets.List().tag(sync=True)  # (MAX_STEPS,) between 0 and 1
    scale = traitlets.Float(1.0).tag(sync=True)
    steps = traitlets.Int(50).tag(sync=True)
    size = traitlets.Float(1.0).tag(sync=True)
    hidden = traitlets.List().tag(sync=True)  # cells whose lines are not drawn

    def norms(self, key: str) -> list[float]:
        """The gradient's length 0 … T steps back: 1 at the last state, then as it arrives."""
        cell = CELLS[key][1](0)
        cell.params = {name: np.array(p) for name, p in self.weights[key].items()}
        cell.params["W_hh"] = cell.params["W_hh"] * self.scale
        x = self.size * np.array(self.x[: self.steps])[:, None]  # (T, D)
        last = np.full(HIDDEN, HIDDEN**-0.5)
        state = (last, 0 * last) if isinstance(cell, LSTMCell) else last
        return gradient_lengths(cell, x, state).tolist()

    def describe(self) -> str:
        arrived = {key: self.norms(key)[-1] for key in CELLS}
        far, near = min(arrived, key=arrived.get), max(arrived, key=arrived.get)
        return (
            f"Seven lines, one a cell: the length of a gradient of length 1 on its way back "
            f"through {self.steps} steps, on a logarithmic axis. Sliders change the scale of W_hh, "
            f"now {number(self.scale, 2)}, the length and the size of the inputs. Least arrives in "
            f"{CELLS[far][0]} ({arrived[far]:.0e}), most in {CELLS[near][0]} ({arrived[near]:.0e})."
        )

    def fallback(self) -> str:
        lags = [lag for lag in (5, 10, 20, 50, 100, 200) if lag <= self.steps]
        rows = [
            [text] + [f"{self.norms(key)[lag]:.0e}" for lag in lags]
            for key, (text, _) in CELLS.items()
        ]
        head = ["cell", *(f"{lag} steps back" for lag in lags)]
        return table(head, rows, "Length of the gradient that arrives")


def gradient_flow(
    scale: float = 1.0, steps: int = 50, size: float = 1.0, seed: int = 0
) -> GradientFlow:
    """The length of the gradient, step by step back, for vanilla cells, LSTM and GRU.

    scale: multiplies W_hh of every cell, in [0.2, 3]. steps: T, in [5, 200]. size: multiplies the
    inputs, which lie between 0 and 1, in [0, 10]. Cells have 12 units and one input.
    """
    x = np.round(np.random.default_rng(seed).uniform(0, 1, MAX_STEPS), 3).tolist()
    return GradientFlow(weights=weights(seed), x=x, scale=scale, steps=steps, size=size)
