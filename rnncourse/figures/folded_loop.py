"""The network as it is, a cell with a loop, and as it is drawn in time: the loop unrolled."""

from __future__ import annotations

import numpy as np
import traitlets

from rnncourse.figures.base import Figure, number, table
from rnncourse.figures.unrolled import VOCABULARY, split_words, unrolled_network

LEAST, MOST = 2, 4  # words


class FoldedLoop(Figure):
    """State: the words, the weights, how far the loop is unrolled, the step, the weights lit."""

    name = "folded_loop"
    words = traitlets.List().tag(sync=True)
    vocabulary = traitlets.List().tag(sync=True)
    W_xh = traitlets.List().tag(sync=True)  # (H, V)
    W_hh = traitlets.List().tag(sync=True)  # (H, H)
    b_h = traitlets.List().tag(sync=True)  # (H,)
    unrolled = traitlets.Float(0.0).tag(sync=True)  # 0: folded, 1: side by side
    step = traitlets.Int(1).tag(sync=True)
    lit = traitlets.Enum(["W_xh", "W_hh"], "W_hh").tag(sync=True)

    def states(self) -> np.ndarray:
        """h_0 … h_T as rows (T + 1, H)."""
        params = {name: getattr(self, name) for name in ("W_xh", "W_hh", "b_h")}
        return unrolled_network(" ".join(self.words), self.vocabulary, params=params).states()

    def describe(self) -> str:
        last = ", ".join(number(v) for v in self.states()[-1])
        return (
            "A recurrent network drawn twice. Folded, it is one column of "
            f"{len(self.b_h)} numbers whose output runs in a loop back into itself, while the "
            f"words “{' '.join(self.words)}” come in from below, one after the other. Unrolled, "
            f"the loop becomes a row of {len(self.words)} copies, one a word, joined by the same "
            f"weights. Step by step both hold the same numbers; the last state is ({last})."
        )

    def fallback(self) -> str:
        rows = [
            [str(t), word, *(number(v) for v in state)]
            for t, (word, state) in enumerate(
                zip(["(start)", *self.words], self.states(), strict=True)
            )
        ]
        head = ["step t", "word", *(f"unit {k + 1}" for k in range(len(self.b_h)))]
        return table(head, rows, "One column of numbers, step after step")


def folded_loop(
    words: str = "the cat sat",
    vocabulary=VOCABULARY,
    seed: int = 5,
    params: dict | None = None,
    unrolled: float = 0.0,
    step: int = 1,
) -> FoldedLoop:
    """A recurrent network as a loop that unrolls into one copy a word.

    words: two to four of the vocabulary. vocabulary, seed, params: as in `unrolled_network`, which
    has the same weights. unrolled: 0 (folded) to 1. step: how many words are read.
    """
    read = split_words(words)
    if not LEAST <= len(read) <= MOST:
        raise ValueError(f"{words!r} has {len(read)} words; the loop unrolls {LEAST} to {MOST}")
    network = unrolled_network(words, vocabulary, seed=seed, params=params)
    weights = {name: getattr(network, name) for name in ("vocabulary", "W_xh", "W_hh", "b_h")}
    return FoldedLoop(words=read, unrolled=unrolled, step=step, **weights)
