"""A sentence whose words can be moved: its bag of words stays, its sequence changes."""

from __future__ import annotations

import traitlets

from rnncourse.figures.base import Figure, table

EXAMPLES = (
    "dog bites man",
    "the food was not bad but good",
    "only the cat saw the dog",
    "up up down up",
)
MAX_WORDS = 12


class WordOrder(Figure):
    """State: the sentence as it was written, and the order in which its words now stand."""

    name = "word_order"
    examples = traitlets.List(list(EXAMPLES)).tag(sync=True)
    sentence = traitlets.Unicode(EXAMPLES[0]).tag(sync=True)
    order = traitlets.List().tag(sync=True)  # order[t]: which written word stands at place t

    def now(self) -> list[str]:
        written = self.sentence.split()
        return [written[place] for place in self.order]

    def describe(self) -> str:
        return (
            f"The sentence “{self.sentence}” now reads “{' '.join(self.now())}”. Its bag of words, "
            "a count for each word, stands beside its sequence, a grid with one column for each "
            "word and one mark in each column. Press a word to swap it with the next: the marks "
            "move, the counts never do. You can shuffle, reverse, or type a sentence of your own."
        )

    def fallback(self) -> str:
        now = self.now()
        rows = [
            [word, str(now.count(word)), *("●" if here == word else "" for here in now)]
            for word in sorted(set(now))
        ]
        head = ["word", "bag", *(f"t = {t}" for t in range(1, len(now) + 1))]
        return table(head, rows, f"Bag and sequence of “{' '.join(now)}”")


def word_order(sentence: str = EXAMPLES[0]) -> WordOrder:
    """A sentence to reorder, beside its bag of words and its sequence of one-hot columns.

    sentence: one to twelve words, separated by spaces.
    """
    words = sentence.split()
    if not 1 <= len(words) <= MAX_WORDS:
        raise ValueError(f"the sentence has {len(words)} words; the figure shows 1 to {MAX_WORDS}")
    return WordOrder(sentence=" ".join(words), order=list(range(len(words))))
