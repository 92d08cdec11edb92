"""A small recurrent network reading words, unrolled through time."""

from __future__ import annotations

import numpy as np
import traitlets

from rnncourse.cells import rnn_step
from rnncourse.figures.base import Figure, number, table

MAX_WORDS = 8
VOCABULARY = ("the", "cat", "sat")
PUNCTUATION = str.maketrans("", "", ".,;:!?\"'()")


def split_words(text: str) -> list[str]:
    """The words the figure reads: lower case, no punctuation, at most MAX_WORDS."""
    return text.lower().translate(PUNCTUATION).split()[:MAX_WORDS]


class UnrolledNetwork(Figure):
    """State: the words, perhaps others beside them, the weights, the step shown, the unit."""

    name = "unrolled_network"
    words = traitlets.Unicode("the cat sat").tag(sync=True)
    other = traitlets.Unicode("").tag(sync=True)  # a second order, compared with the first
    vocabulary = traitlets.List(list(VOCABULARY)).tag(sync=True)
    W_xh = traitlets.List().tag(sync=True)  # (H, V)
    W_hh = traitlets.List().tag(sync=True)  # (H, H)
    b_h = traitlets.List().tag(sync=True)  # (H,)
    step = traitlets.Int(1).tag(sync=True)
    unit = traitlets.Int(0).tag(sync=True)

    def states(self, words: str | None = None) -> np.ndarray:
        """h_0 … h_T as rows (T + 1, H), of the first sentence where no words are given.

        A word outside the vocabulary is an input of zeros.
        """
        W_xh, W_hh, b_h = np.array(self.W_xh), np.array(self.W_hh), np.array(self.b_h)
        states = [np.zeros(len(self.b_h))]
        for word in split_words(self.words if words is None else words):
            x_t = np.array([float(word == known) for known in self.vocabulary])
            states.append(rnn_step(x_t, states[-1], W_xh, W_hh, b_h))
        return np.stack(states)

    def describe(self) -> str:
        states = self.states()
        last = ", ".join(number(v) for v in states[-1])
        against = ""
        if self.other:
            numbers = ", ".join(number(v) for v in self.states(self.other)[-1])
            against = f" Below it stands “{self.other}”, what differs is lit: ({numbers})."
        return (
            f"A recurrent network unrolled over “{self.words}”: each word enters as a one-hot "
            f"vector of {len(self.vocabulary)} numbers and, with the state before it, makes the "
            f"next state of {len(self.b_h)} numbers. The same weights serve every step. "
            f"The last state is ({last}).{against}"
        )

    def fallback(self) -> str:
        after = ["(start)", *split_words(self.words)]
        head = ["after the word", *(f"unit {k + 1}" for k in range(len(self.b_h)))]
        rows = [
            [word, *(number(v) for v in state)]
            for word, state in zip(after, self.states(), strict=True)
        ]
        return table(head, rows, "The hidden state, step by step")


def unrolled_network(
    words: str = "the cat sat",
    vocabulary=VOCABULARY,
    hidden_size: int = 4,
    seed: int = 5,
    params: dict | None = None,
    step: int = 1,
    other: str = "",
) -> UnrolledNetwork:
    """A network that reads words, unrolled: step or play through time, type other words.

    vocabulary: V words, each with its one-hot input. params: W_xh (H, V), W_hh (H, H), b_h (H,),
    as `rnncourse.cells.RNNCell.params` holds them; without it they are drawn with `seed`.
    other: a second sentence, read by the same weights below the first; what differs is lit.
    """
    if params is None:
        rng = np.random.default_rng(seed)
        size = hidden_size
        params = {
            "W_xh": rng.uniform(-1, 1, (size, len(vocabulary))).round(1),
            "W_hh": rng.uniform(-0.9, 0.9, (size, size)).round(1),
            "b_h": rng.uniform(-0.2, 0.2, size).round(1),
        }
    rounded = {name: np.round(params[name], 6).tolist() for name in ("W_xh", "W_hh", "b_h")}
    return UnrolledNetwork(
        words=words, other=other, vocabulary=list(vocabulary), step=step, **rounded
    )
