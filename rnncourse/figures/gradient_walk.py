"""A gradient on its way back through an unrolled network, factor by factor."""

from __future__ import annotations

import numpy as np
import traitlets

from rnncourse.cells.rnn import NONLINEARITIES
from rnncourse.figures.base import Figure, number, table

MAX_STEPS = 40
NONLINEARITY = {"tanh": "tanh", "relu": "relu", "logistic": "sigmoid", "linear": "identity"}


def network(seed: int):
    """W_xh (H,), W_hh (H, H) with largest singular value 1, x (T,), all of three decimals."""
    rng = np.random.default_rng(seed)
    W_hh = rng.standard_normal((4, 4))
    W_hh /= np.linalg.norm(W_hh, ord=2)
    W_xh, x = rng.uniform(-1, 1, 4), rng.uniform(-1, 1, MAX_STEPS)
    return tuple(np.round(part, 3).tolist() for part in (W_xh, W_hh, x))


class GradientWalk(Figure):
    """State: the network, its inputs, the scale of W_hh, the nonlinearity, T, steps walked back."""

    name = "gradient_walk"
    W_xh = traitlets.List().tag(sync=True)  # (H,): one input number a step
    W_hh = traitlets.List().tag(sync=True)  # (H, H), largest singular value 1
    x = traitlets.List().tag(sync=True)  # (MAX_STEPS,)
    scale = traitlets.Float(0.9).tag(sync=True)
    nonlinearity = traitlets.Enum(list(NONLINEARITY), "tanh").tag(sync=True)
    steps = traitlets.Int(8).tag(sync=True)
    walked = traitlets.Int(0).tag(sync=True)

    def norms(self) -> list[float]:
        """‖∂L/∂h_t‖ for t = 1 … T, where ∂L/∂h_T is the first unit vector."""
        activation, slope = NONLINEARITIES[NONLINEARITY[self.nonlinearity]]
        W_hh, h, states = self.scale * np.array(self.W_hh), np.zeros(4), []
        for x_t in self.x[: self.steps]:
            h = activation(np.array(self.W_xh) * x_t + W_hh @ h)
            states.append(h)
        dh, norms = np.eye(4)[0], [1.0]
        for h in states[:0:-1]:
            dh = W_hh.T @ (dh * slope(h))
            norms.append(float(np.linalg.norm(dh)))
        return norms[::-1]

    def describe(self) -> str:
        first = self.norms()[0]
        return (
            f"An unrolled network of {self.steps} steps with the loss at the last one. Buttons "
            f"walk the gradient back a step at a time; sliders change the scale of W_hh, now "
            f"{number(self.scale, 1)}, and the length, a menu the nonlinearity, now "
            f"{self.nonlinearity}. A gradient of length 1 at the last step arrives at the first "
            f"with length {first:.1e}."
        )

    def fallback(self) -> str:
        norms = self.norms()
        rows = [
            [str(t), f"{norm:.1e}", number(norm / after, 2) if after else "–"]
            for t, norm, after in zip(
                range(self.steps, 0, -1), norms[::-1], [0.0, *norms[:0:-1]], strict=True
            )
        ]
        return table(["step t", "‖∂L/∂h_t‖", "factor"], rows, "The gradient's way back")


def gradient_walk(
    scale: float = 0.9, steps: int = 8, nonlinearity: str = "tanh", seed: int = 0
) -> GradientWalk:
    """The gradient ∂L/∂h_t, walked back from the last step to the first of a small RNN.

    scale: the largest singular value of W_hh, in [0.1, 3]. steps: T, in [2, 40].
    nonlinearity: "tanh", "relu", "logistic" or "linear".
    """
    W_xh, W_hh, x = network(seed)
    return GradientWalk(
        W_xh=W_xh, W_hh=W_hh, x=x, scale=scale, steps=steps, nonlinearity=nonlinearity,
        walked=min(3, steps - 1),
    )  # fmt: skip
