"""An activation function, its value and its slope at a point the reader moves."""

from __future__ import annotations

import math

import traitlets

from rnncourse.figures.base import Figure, number, table

# what the figures call an activation, and what rnncourse.cells calls it
CELL_NAME = {"tanh": "tanh", "relu": "relu", "logistic": "sigmoid", "linear": "identity"}


def logistic(z: float) -> float:
    return 1 / (1 + math.exp(-z))


FUNCTIONS = {  # name: (value, slope)
    "tanh": (math.tanh, lambda z: 1 - math.tanh(z) ** 2),
    "relu": (lambda z: max(z, 0.0), lambda z: float(z > 0)),
    "logistic": (logistic, lambda z: logistic(z) * (1 - logistic(z))),
    "linear": (lambda z: z, lambda z: 1.0),
}


class Activations(Figure):
    """State: the function's name and the point z."""

    name = "activations"
    function = traitlets.Enum(list(FUNCTIONS), "tanh").tag(sync=True)
    z = traitlets.Float(0.5).tag(sync=True)

    def describe(self) -> str:
        value, slope = (f(self.z) for f in FUNCTIONS[self.function])
        return (
            f"The curve of the {self.function} function with its tangent at z = "
            f"{number(self.z, 1)}: there its value is {number(value, 3)} and its slope "
            f"{number(slope, 3)}. A slider moves the point, a menu changes the function."
        )

    def fallback(self) -> str:
        value_of, slope_of = FUNCTIONS[self.function]
        rows = [
            [number(z, 1), number(value_of(z), 3), number(slope_of(z), 3)]
            for z in (-4.0, -2.0, -1.0, 0.0, 1.0, 2.0, 4.0)
        ]
        return table(["z", "value", "slope"], rows, f"The {self.function} function")


def activations(function: str = "tanh", z: float = 0.5) -> Activations:
    """An activation function whose value and slope follow a point that the reader moves.

    function: "tanh", "relu", "logistic" or "linear". z: where the point starts, in [-5, 5].
    """
    return Activations(function=function, z=z)
