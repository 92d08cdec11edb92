"""Four trained units read a sentence in both orders: is it news?"""

from __future__ import annotations

import numpy as np
import traitlets

from rnncourse import assets
from rnncourse.cells import rnn_step, sigmoid
from rnncourse.figures.base import Figure, number, table


class News(Figure):
    """State: the trained network, the sentence's three words, the step shown (0 … 3)."""

    name = "news"
    nouns = traitlets.List().tag(sync=True)
    verbs = traitlets.List().tag(sync=True)
    W_xh = traitlets.List().tag(sync=True)  # (H, V), V: the nouns, then the verbs
    W_hh = traitlets.List().tag(sync=True)  # (H, H)
    b_h = traitlets.List().tag(sync=True)  # (H,)
    W_hy = traitlets.List().tag(sync=True)  # (1, H)
    b_y = traitlets.List().tag(sync=True)  # (1,)
    words = traitlets.List().tag(sync=True)  # who, does, whom
    step = traitlets.Int(3).tag(sync=True)

    def read(self, words: list[str]) -> tuple[np.ndarray, np.ndarray]:
        """The states h_0 … h_T (T + 1, H), and how surely each says news (T + 1,)."""
        W_xh, W_hh, b_h = np.array(self.W_xh), np.array(self.W_hh), np.array(self.b_h)
        vocabulary, h = [*self.nouns, *self.verbs], [np.zeros(len(self.b_h))]
        for word in words:
            x_t = np.eye(len(vocabulary))[vocabulary.index(word)]
            h.append(rnn_step(x_t, h[-1], W_xh, W_hh, b_h))
        return np.stack(h), sigmoid(np.stack(h) @ np.array(self.W_hy)[0] + self.b_y[0])

    def describe(self) -> str:
        here, there = self.words, self.words[::-1]
        says = [number(self.read(words)[1][-1]) for words in (here, there)]
        return (
            f"A trained network of four units reads two sentences side by side, “{' '.join(here)}” "
            f"and “{' '.join(there)}”: the same words in another order. Its four numbers after "
            "each word stand in columns, what differs is lit, and a needle at the end of each "
            f"says how surely this is news: {says[0]} and {says[1]}. Menus choose other words, a "
            "button swaps the nouns."
        )

    def fallback(self) -> str:
        rows = []
        for words in (self.words, self.words[::-1]):
            states, news = self.read(words)
            numbers = [*(number(v) for v in states[-1]), number(news[-1])]
            rows.append([" ".join(words), *numbers])
        head = ["sentence", *(f"unit {k + 1}" for k in range(len(self.b_h))), "news?"]
        return table(head, rows, "The last state, and the answer")


def news(words: str = "dog bites man", step: int = 3) -> News:
    """Four trained units that end in a needle, news or not: a sentence in both orders.

    words: who does whom, of man, dog, cat, mouse and bites, feeds, sees. The network is a toy,
    trained by `rnncourse.assets.news` on the 36 sentences these words make.
    """
    network = assets.load("news")
    if words not in network["news"]:
        nouns, verbs = ", ".join(network["nouns"]), ", ".join(network["verbs"])
        raise ValueError(f"{words!r} must be noun verb noun, two nouns of {nouns}; verb: {verbs}")
    keys = ("nouns", "verbs", "W_xh", "W_hh", "b_h", "W_hy", "b_y")
    return News(words=words.split(), step=step, **{key: network[key] for key in keys})
