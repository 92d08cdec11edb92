"""A stack of layers that reads a word in both directions, step by step, padding included."""

from __future__ import annotations

import math

import numpy as np
import traitlets

from rnncourse.figures.base import Figure, number, table

MAX_LETTERS = 6
PADDING = 2  # steps after the word
# of each layer, forward and backward: two weights of what comes from below, of the state, the bias
WEIGHTS = [
    [[1.0, 0.0, 0.7, 0.4], [-1.2, 0.0, 0.6, 0.5]],
    [[0.9, -0.8, 0.5, 0.2], [0.7, 1.1, -0.6, -0.3]],
]


class BothWays(Figure):
    """State: the word, how many layers, directions, what is done with padding, step, output."""

    name = "both_ways"
    word = traitlets.Unicode("mate").tag(sync=True)
    weights = traitlets.List(WEIGHTS).tag(sync=True)
    layers = traitlets.Int(2).tag(sync=True)  # 1 or 2
    both = traitlets.Bool(True).tag(sync=True)  # directions
    packed = traitlets.Bool(True).tag(sync=True)  # stop at the word's end; else run over padding
    step = traitlets.Int(3).tag(sync=True)  # one cell a direction; layer by layer
    output = traitlets.Int(1).tag(sync=True)  # the letter whose output is chosen, from 0

    def letters(self) -> str:
        return "".join(c for c in self.word.lower() if "a" <= c <= "z")[:MAX_LETTERS] or "a"

    def states(self) -> np.ndarray:
        """(layers, 2, T + PADDING): forward, backward; NaN where nothing runs."""
        T = len(self.letters())
        below = np.zeros((T + PADDING, 2))
        below[:T, 0] = [(ord(c) - ord("a") - 12.5) / 12.5 for c in self.letters()]
        n = T if self.packed else T + PADDING
        found = np.full((self.layers, 2, T + PADDING), math.nan)
        for layer in range(self.layers):
            for direction in range(1 + self.both):
                w_first, w_second, w_h, b = self.weights[layer][direction]
                h = 0.0
                for t in reversed(range(n)) if direction else range(n):
                    h = math.tanh(w_first * below[t, 0] + w_second * below[t, 1] + w_h * h + b)
                    found[layer, direction, t] = h
            below = np.nan_to_num(found[layer].T)
        return found

    def describe(self) -> str:
        letters, ways = self.letters(), "both directions" if self.both else "one direction"
        heard = letters if self.both else letters[: self.output + 1]
        return (
            f"The word “{letters}” and {PADDING} steps of padding, read by {self.layers} "
            f"layer{'s' * (self.layers > 1)} in {ways}: a row of cells a direction, one cell a "
            "letter, arrows to the right in the forward row, to the left in the backward one. The "
            "next layer, and the output, have the states of all rows below them at their step. "
            f"The output at “{letters[self.output]}” hears {', '.join(heard)}. The cells "
            f"{'stop at the end of the word' if self.packed else 'run over the padding'}."
        )

    def fallback(self) -> str:
        columns = [*self.letters(), *["padding"] * PADDING]
        rows = [
            [f"layer {layer + 1}, {way}", *("–" if math.isnan(h) else number(h) for h in line)]
            for layer, ways in enumerate(self.states())
            for way, line in zip(("forward", "backward"), ways[: 1 + self.both], strict=False)
        ]
        return table(["", *columns], rows, "The state of every cell")


def both_ways(
    word: str = "mate",
    layers: int = 2,
    both: bool = True,
    packed: bool = True,
    step: int = 3,
    output: int = 1,
) -> BothWays:
    """A toy stack, one unit a cell, that reads a padded word letter by letter.

    word: up to six letters, each a number from −1 (a) to 1 (z). layers: 1 or 2. both: whether a
    backward row stands beside the forward one. packed: whether cells stop at the word's end; else
    they run over two steps of padding, whose input is 0. step: how many cells of each row have
    run, layer by layer. output: the letter, from 0, whose output is chosen.
    """
    if layers not in (1, 2):
        raise ValueError(f"layers is {layers}, but the figure draws 1 or 2")
    return BothWays(word=word, layers=layers, both=both, packed=packed, step=step, output=output)
