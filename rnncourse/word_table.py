"""A dictionary learnt from sentences and their translations, without a network: IBM model 1.

Brown and others (1993). Each word of a translation was put there by one word of the source, any of
them as likely as any other, or by none (NULL); and so a translation f_1 … f_J of e_1 … e_I has

    p(f | e) ∝ Π_j  1/(I + 1) · Σ_i t(f_j | e_i),   e_0 = NULL

The table t starts even and is learnt by expectation–maximisation: share each f_j among the e_i in
proportion to t, add up the shares, divide by their sum. The likelihood never falls, and its maxima
are all equally high.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

NULL = None  # the source of words that no word put there


class WordTable:
    """t(target word | source word) of pairs of sentences, (words, words) each.

    rounds: of expectation–maximisation.

    t: {source word or NULL: {target word: probability}}, for words that met in a pair.
    log_likelihoods: rounds + 1 numbers, of the pairs before the first round and after each: nats a
        target word, 1/(I + 1) included.

    Raises ValueError if rounds is below 1, or no pair has words on both sides.
    """

    def __init__(self, pairs: Iterable[tuple[Sequence[str], Sequence[str]]], rounds: int = 10):
        links, self.log_likelihoods = _Links(pairs), []
        if rounds < 1:
            raise ValueError(f"rounds is {rounds}, but one at least is needed to learn anything")
        p = links.even()
        for _ in range(rounds):
            shares, nats = links.shared(p)
            self.log_likelihoods.append(nats)
            p = links.normalised(shares)
        self.log_likelihoods.append(links.shared(p)[1])
        self.t: dict[str | None, dict[str, float]] = {}
        for (source, target), one in zip(links.entries, p.tolist(), strict=True):
            self.t.setdefault(source, {})[target] = one

    def best(self, word: str) -> str:
        """The likeliest translation of a word, the first in the alphabet of equals; of a word that
        no pair had, itself."""
        row = self.t.get(word)
        return min(row, key=lambda target: (-row[target], target)) if row else word

    def translate(self, words: Iterable[str]) -> list[str]:
        """Word by word, in the order of the source."""
        return [self.best(word) for word in words]


class _Links:
    """All (e_i, f_j) of all pairs: `entry`, which entry of the table; `place`, which f_j."""

    def __init__(self, pairs):
        numbers, entry, place, self.guesses = {}, [], [], []  # guesses: I + 1 for each f_j
        for source, target in pairs:
            for word in target if len(source) else ():
                for other in (NULL, *source):
                    entry.append(numbers.setdefault((other, word), len(numbers)))
                    place.append(len(self.guesses))
                self.guesses.append(len(source) + 1)
        if not entry:
            raise ValueError("no pair has words on both sides, so there is nothing to learn from")
        self.entries, self.entry, self.place = list(numbers), np.array(entry), np.array(place)
        rows = {}
        self.row = np.array([rows.setdefault(e, len(rows)) for e, _ in self.entries])

    def even(self):
        return self.normalised(np.ones(len(self.entries)))

    def shared(self, p):
        """Each f_j shared among its e_i: what each entry gets, and the nats a word."""
        p = p[self.entry]
        total = np.bincount(self.place, p)  # (places,)
        shares = np.bincount(self.entry, p / total[self.place], len(self.entries))
        return shares, float(np.mean(np.log(total / self.guesses)))

    def normalised(self, shares):
        return shares / np.bincount(self.row, shares)[self.row]
