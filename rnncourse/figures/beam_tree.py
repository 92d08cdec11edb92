"""Beam search as a tree that grows: a network says a word sound by sound."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import traitlets

from rnncourse import assets
from rnncourse.cells import log_softmax
from rnncourse.figures import coder
from rnncourse.figures.base import Figure, number, table

MOST, LIMIT, FELL = 10, 12, 3  # letters; sounds; how many that fell out are shown at a step
END = 0  # the number of the mark that ends what is said, and that begins it


class Node(NamedTuple):
    """One hypothesis at one step, which is a node of the tree.

    parent: its row in the column before; token and its p there; log_p of the whole, nats; length:
    tokens so far, the end mark counted; done: it has ended; worth: what it is ranked by.
    """

    parent: int
    token: int
    p: float
    log_p: float
    length: int
    done: bool
    worth: float


ROOT = Node(-1, END, 1.0, 0.0, 0, False, 0.0)


def tree(
    weights: coder.Weights, word: list[int], width: int, penalty: float
) -> list[tuple[list[Node], int]]:
    """`decoding.beam` with all that it keeps and the best of what it drops: for each step (nodes,
    the best first, how many of them are kept). Step 0 is the root.
    """
    _, first = coder.encode(weights, word)
    cell, grown = coder.gru(weights, "decoder"), [([ROOT], 1)]
    states = [first]
    while not all(node.done for node in kept_of(grown[-1])) and len(grown) <= LIMIT + 1:
        parents, last = kept_of(grown[-1]), len(grown) == LIMIT + 1
        found = []
        for row, node in enumerate(parents):
            if node.done:
                found.append(node._replace(parent=row))
                continue
            x = weights["target_embedding.weight"][node.token]
            states[row], _ = cell.step(x, states[row])
            more = log_softmax(coder.linear(weights, "read_out", states[row]))
            if last and more.argmax() != END:  # nothing but the end can still come
                found.append(node._replace(parent=row))
                continue
            length = node.length + 1
            for token in [END] if last else range(len(more)):
                log_p = node.log_p + more[token]
                found.append(Node(row, token, float(np.exp(more[token])), float(log_p), length,
                                  token == END, float(log_p / length**penalty)))  # fmt: skip
        found.sort(key=lambda node: -node.worth)  # stable: of equals the first stays first
        grown.append((found[: width + FELL], min(width, len(found))))
        states = [states[node.parent] for node in kept_of(grown[-1])]
    return grown


def kept_of(step: tuple[list[Node], int]) -> list[Node]:
    nodes, kept = step
    return nodes[:kept]


def ranked(nodes: list[Node]) -> list[int]:
    """Their rows: finished ones first, the best of them in front."""
    return sorted(range(len(nodes)), key=lambda row: (not nodes[row].done, -nodes[row].worth))


def said(grown: list[tuple[list[Node], int]], step: int, row: int) -> list[int]:
    """The tokens of a hypothesis, without the end mark."""
    tokens = []
    while step:
        node = grown[step][0][row]
        before = grown[step - 1][0][node.parent]
        if node.length > before.length and node.token != END:
            tokens.append(node.token)
        step, row = step - 1, node.parent
    return tokens[::-1]


class BeamTree(Figure):
    """State: the network, the word, width and penalty, the step shown, which node is looked at."""

    name = "beam_tree"
    letters = traitlets.Unicode().tag(sync=True)
    sounds = traitlets.List().tag(sync=True)
    weights = traitlets.Dict().tag(sync=True)
    words = traitlets.List().tag(sync=True)  # [word, what a dictionary says]
    measured = traitlets.List().tag(sync=True)  # on words that it has not seen
    word = traitlets.Unicode().tag(sync=True)
    width = traitlets.Int().tag(sync=True)
    penalty = traitlets.Float().tag(sync=True)
    step = traitlets.Int().tag(sync=True)  # beyond the end: the end
    look = traitlets.List([0, 0]).tag(sync=True)  # column and row of the node looked at

    def typed(self) -> list[int]:
        """The letters that the network knows, as numbers; at least one."""
        known = [self.letters.index(c) for c in self.word.lower() if c in self.letters]
        return known[:MOST] or [self.letters.index("a")]

    def grown(self) -> list[tuple[list[Node], int]]:
        weights = {name: assets.unpack(one) for name, one in self.weights.items()}
        return tree(weights, self.typed(), self.width, self.penalty)

    def found(self) -> list[tuple[str, Node]]:
        """What the search ends with: (what is said, its node), the best first."""
        grown = self.grown()
        nodes, last = kept_of(grown[-1]), len(grown) - 1
        return [(self.spelled(said(grown, last, row)), nodes[row]) for row in ranked(nodes)]

    def spelled(self, tokens: list[int]) -> str:
        return " ".join(self.sounds[token] for token in tokens)

    def describe(self) -> str:
        (best, node), *_ = self.found()
        greedy, other = BeamTree(**{**self.state(), "width": 1}).found()[0]
        return (
            f"A tree that grows to the right: a trained network says the word “{self.word}” sound "
            f"by sound, and a beam of width {self.width} keeps the best beginnings at each step, "
            f"ranked by log p over length to the power of {number(self.penalty, 1)}. Kept ones "
            "are framed, what fell out is dashed and pale, what has ended bears a mark. It ends "
            f"with “{best}”, log p {number(node.log_p)}; greedy search says “{greedy}”, log p "
            f"{number(other.log_p)}."
        )

    def fallback(self) -> str:
        rows = [
            [text, number(node.log_p), str(node.length), number(node.worth)]
            for text, node in self.found()
        ]
        head = ["said", "log p", "length", "worth"]
        return table(head, rows, f"What a beam of width {self.width} ends with: {self.word}")


def beam_tree(
    word: str = "", width: int = 3, penalty: float = 0.0, step: int = LIMIT + 1
) -> BeamTree:
    """Beam search as a growing tree: type a word, move the width, step through time.

    word: at most ten letters; the first of the examples without one. width: 1 to 5. penalty: 0 to
    1.5, the power of the length that log p is divided by, as in `decoding.beam`. step: how far the
    tree has grown. `rnncourse.assets.pronouncer` trained the network.

    Raises ValueError for a width or a penalty that the sliders do not have.
    """
    if width not in range(1, 6):
        raise ValueError(f"width is {width}, but the slider goes from 1 to 5")
    if not 0 <= penalty <= 1.5:
        raise ValueError(f"penalty is {penalty}, but the slider goes from 0 to 1.5")
    stored = assets.load("pronouncer")
    keys = ("letters", "sounds", "weights", "words", "measured")
    return BeamTree(
        **{key: stored[key] for key in keys},
        word=word or stored["words"][0][0],
        width=width,
        penalty=penalty,
        step=step,
    )
