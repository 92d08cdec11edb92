"""One sentence, both orders, three trained readers: a bag, a window and a recurrent network."""

from __future__ import annotations

import numpy as np
import traitlets

from rnncourse import assets
from rnncourse.assets import readers as made
from rnncourse.assets.news import is_news
from rnncourse.figures.base import Figure, number, table


class BagWindowRecurrent(Figure):
    """State: the trained readers and how they scored, the sentence, where *today* stands."""

    name = "bag_window_recurrent"
    nouns = traitlets.List().tag(sync=True)
    verbs = traitlets.List().tag(sync=True)
    extra = traitlets.Unicode().tag(sync=True)  # the word that may be added
    readers = traitlets.Dict().tag(sync=True)  # {kind: {W_xh, W_hh, b_h, W_hy, b_y}}
    news = traitlets.Dict().tag(sync=True)  # {sentence: is it news?}
    unseen = traitlets.List().tag(sync=True)  # sentences of the test
    learned = traitlets.Int().tag(sync=True)  # sentences of the training
    right = traitlets.Dict().tag(sync=True)  # {kind: right answers in the test, start by start}
    words = traitlets.List().tag(sync=True)  # who, does, whom
    place = traitlets.Enum(["", "first", "last"], "").tag(sync=True)

    def orders(self) -> list[tuple[str, ...]]:
        """The sentence, and the one with its nouns swapped."""
        return [made.said(tuple(words), self.place) for words in (self.words, self.words[::-1])]

    def answers(self) -> dict[str, list[tuple[np.ndarray, float]]]:
        """For each reader and both orders: the last state (H,), and how surely it says news."""
        return {
            kind: [made.answer(kind, params, words) for words in self.orders()]
            for kind, params in self.readers.items()
        }

    def describe(self) -> str:
        orders = [" ".join(words) for words in self.orders()]
        said = "; ".join(
            f"the {kind} {number(here[1])} and {number(there[1])}"
            for kind, (here, there) in self.answers().items()
        )
        return (
            f"“{orders[0]}” and “{orders[1]}”, each read by three trained networks of four units: "
            "a bag, which is given counts; a window, which is given the words side by side; a "
            f"recurrent network, which reads one after the other. Is it news? {said}. What "
            "differs between the two orders is lit; in the bag nothing does. Menus exchange the "
            f"words and put “{self.extra}” before or after them."
        )

    def fallback(self) -> str:
        rows = []
        for kind, both in self.answers().items():
            for words, (h, says) in zip(self.orders(), both, strict=True):
                rows.append([kind, " ".join(words), *map(number, h), number(says)])
        head = ["reader", "sentence", *(f"unit {k + 1}" for k in range(made.HIDDEN)), "news?"]
        return table(head, rows, "The same words in both orders")


def bag_window_recurrent(words: str = "dog bites man", place: str = "") -> BagWindowRecurrent:
    """The same sentence in both orders through a bag, a window and a recurrent network.

    words: who does whom, of man, dog, cat, mouse and bites, feeds, sees. place: "", "first" or
    "last", where *today* stands. The readers are toys, trained by `rnncourse.assets.readers`.
    """
    stored = assets.load("readers")
    nouns, verbs = stored["nouns"], stored["verbs"]
    who, does, whom = words.split() if words.count(" ") == 2 else ("", "", "")
    if not ({who, whom} <= set(nouns) and does in verbs and who != whom):
        known = f"two nouns of {', '.join(nouns)}; verb: {', '.join(verbs)}"
        raise ValueError(f"{words!r} must be noun verb noun, {known}")
    news = {" ".join(said): is_news(*said) for said in made.sentences()}
    return BagWindowRecurrent(
        nouns=nouns, verbs=verbs, extra=stored["extra"], news=news, unseen=stored["unseen"],
        readers={kind: stored[kind] for kind in made.KINDS},
        right={kind: stored["right"][kind]["test"] for kind in made.KINDS},
        learned=stored["sentences"]["train"], words=[who, does, whom], place=place,
    )  # fmt: skip
