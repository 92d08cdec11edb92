"""English phrases and their French, as locale data word them: numbers, days, amounts, lists."""

from __future__ import annotations

import datetime
import itertools
import re
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from rnncourse.data.cldr import load_locale
from rnncourse.data.dates import DAYS, FIRST, load_dates
from rnncourse.data.files import verify
from rnncourse.data.splits import split

KINDS = ("numbers", "days", "durations", "units", "currencies", "moments", "lists")
SHARES = (0.8, 0.1, 0.1)  # of the combinations of a kind, for train, validation and test
LISTS = 20_000  # lists that can be drawn
_STEPS = {"year": 12, "week": 7, "day": 24, "hour": 60, "minute": 60}  # how many of the next
_NEXT = {"year": "month", "week": "day", "day": "hour", "hour": "minute", "minute": "second"}


class Phrase(NamedTuple):
    """The same in both languages, and its kind, one of KINDS."""

    english: str
    french: str
    kind: str


def load_locale_phrases(
    counts: Sequence[int] = (20_000, 1_000, 2_000), seed: int = 0
) -> list[list[Phrase]]:
    """`counts` different phrases to train on, to validate and to test, each in English and French.

    numbers     0 to 9,999 in words: "seventy-one", "soixante et onze"
    days        with weekday, in British order: "Friday, 3 April 1987", "vendredi 3 avril 1987"
    durations   two units: "1 hour, 20 minutes", "1 heure et 20 minutes"
    units       0 to 19.5 of 178 units: "1.5 square miles", "1,5 mille carré": in French the
                plural begins with 2
    currencies  the same of 214: "9 Swiss francs", "9 francs suisses"
    moments     "in 3 weeks", "3 weeks ago"; "dans 3 semaines", "il y a 3 semaines"
    lists       of two to four countries, languages, months or weekdays: "Malta, Spain or France"

    Kinds are drawn equally often, by `seed`. Held out are combinations: of numbers in words the
    number, of days the day, else amounts with their units, names of a list whatever their order:
    none is in two parts. Of the parts after the first each phrase has only words, in both
    languages, that the first part has, too.

    Source: Unicode CLDR (Unicode licence) as shipped in the package Babel 2.18.0 (BSD licence);
    numbers in words: the package num2words 0.5.14 (LGPL licence), whose code runs here, after a
    look at the SHA-256 of what of it is used. It is what these sources say, right or wrong, with
    plain spaces and straight apostrophes.

    Raises DataError if a package is missing or a file differs, and ValueError if a kind has too
    few combinations for `counts`.
    """
    verify("num2words")
    worded, known, parts = Wording(), set(), []
    sets = [worded.combinations(kind, seed) for kind in KINDS]
    rows = [split(range(len(one)), SHARES, seed) for one in sets]
    for part, count in enumerate(counts):
        phrases = []
        for n, kind in enumerate(KINDS):
            order = np.random.default_rng([seed, n, part]).permutation(rows[n][part])
            said = (Phrase(*worded.write(kind, sets[n][row]), kind) for row in order)
            fit = (one for one in said if part == 0 or known.issuperset(_all_words(one)))
            wanted = count // len(KINDS) + (n < count % len(KINDS))
            phrases += itertools.islice(fit, wanted)
        if len(phrases) < count:
            raise ValueError(f"part {part} has only {len(phrases)} phrases, not {count}")
        if part == 0:
            known.update(*map(_all_words, phrases))
        order = np.random.default_rng([seed, part]).permutation(count)
        parts.append([phrases[row] for row in order])
    return parts


def _all_words(phrase):
    """In which language a word is, and the word."""
    sides = enumerate((phrase.english, phrase.french))
    return [(side, word) for side, text in sides for word in words(text)]


def words(text: str) -> list[str]:
    """The words, single digits and signs of a phrase; what is elided is a word of its own.

    >>> words("d'Ukraine, 1,5 quatre-vingt")
    ["d'", 'Ukraine', ',', '1', ',', '5', 'quatre', '-', 'vingt']
    """
    return re.findall(r"\d|[^\W\d]+'?|[^\w\s]", text)


def joined(tokens: Sequence[str]) -> str:
    """The phrase of these words: the reverse of `words`, for every phrase of these data."""
    text = " ".join(tokens)
    text = re.sub(r"(?<=\d) (?=\d)", "", text)
    text = re.sub(r"(?<=\d) ([.,]) (?=\d)", r"\1", text)
    return re.sub(r" (?=,)|(?<=') | ?- ?", lambda m: m[0].strip(), text)


class Wording:
    """The names of both languages, and what is made of them."""

    def __init__(self):
        self.sides = load_locale("en", "en_001", "en_GB"), load_locale("root", "fr")
        self.dates = load_dates()
        self.units = self._both("unit_patterns", lambda one: _forms(one.get("long") or {}))
        self.money = self._both("currency_names_plural", lambda one: _forms(one, "{0} "))
        self.names = {
            "territories": self._both("territories", plain),
            "languages": self._both("languages", plain),
            "months": self._calendar("months"),
            "days": self._calendar("days"),
        }

    def _both(self, what, form) -> list[tuple]:
        """(English, French) of each entry that has both, in plain signs, and a reverse."""
        tables = [side[what] for side in self.sides]
        found = {}
        for key in tables[0]:
            if key not in tables[1] or (what in ("territories", "languages") and len(key) != 2):
                continue
            pair = tuple(form(table[key]) for table in tables)
            if all(pair) and all(map(_simple, pair)):
                found.setdefault(pair[0], pair)
        return list(found.values())

    def _calendar(self, what):
        tables = [side[what]["format"]["wide"] for side in self.sides]
        return [tuple(plain(table[n]) for table in tables) for n in tables[0]]

    def combinations(self, kind, seed) -> list:
        """All that can be said of a kind; of lists LISTS, drawn by `seed`."""
        if kind == "numbers":
            return list(range(10_000))
        if kind == "days":
            return [FIRST + datetime.timedelta(days=n) for n in range(DAYS)]
        if kind == "durations":
            return [
                (unit, many, few)
                for unit, top in _STEPS.items()
                for many in range(1, 61)
                for few in range(1, top)
            ]
        if kind == "moments":
            units = [*_NEXT, "month", "second"]
            return [(u, n, way) for u in units for n in range(1000) for way in ("past", "future")]
        if kind == "lists":
            return self._lists(np.random.default_rng(seed))
        things = self.units if kind == "units" else self.money
        return [(thing, n / 2) for thing in range(len(things)) for n in range(40)]

    def _lists(self, rng):
        found = {}
        kinds, sizes = list(self.names), (2, 3, 4)
        while len(found) < LISTS:
            kind = kinds[rng.choice(4, p=[0.45, 0.45, 0.05, 0.05])]
            size = min(rng.choice(sizes), len(self.names[kind]))
            chosen = tuple(rng.choice(len(self.names[kind]), size, replace=False).tolist())
            pattern = "standard" if rng.random() < 0.5 else "or"
            found.setdefault((kind, frozenset(chosen)), (kind, chosen, pattern))
        return list(found.values())

    def write(self, kind, combination) -> tuple[str, str]:
        """(English, French) of a combination."""
        return tuple(self._write(kind, combination, side) for side in (0, 1))

    def _write(self, kind, combination, side):
        if kind == "numbers":
            from num2words import num2words

            return plain(num2words(combination, lang=("en", "fr")[side]))
        if kind == "days":
            return plain(self.dates.write(combination, ("en_GB", "fr")[side], 0))
        if kind == "lists":
            where, chosen, pattern = combination
            return self._listed([self.names[where][n][side] for n in chosen], pattern, side)
        if kind == "durations":
            unit, many, few = combination
            parts = [_amount(self._time(one, side), n, side)
                     for one, n in ((unit, many), (_NEXT[unit], few))]  # fmt: skip
            return ", ".join(parts) if side == 0 else " et ".join(parts)
        if kind == "moments":
            unit, number, way = combination
            return _amount(_forms(self.sides[side]["date_fields"][unit][way]), number, side)
        thing, number = combination
        return _amount((self.units if kind == "units" else self.money)[thing][side], number, side)

    def _time(self, unit, side):
        return _forms(self.sides[side]["unit_patterns"][f"duration-{unit}"]["long"])

    def _listed(self, names, pattern, side):
        patterns = self.sides[side]["list_patterns"][pattern]
        if len(names) == 2:
            return patterns["2"].format(*names)
        text = patterns["start"].format(*names[:2])
        for name in names[2:-1]:
            text = patterns["middle"].format(text, name)
        return patterns["end"].format(text, names[-1])


def plain(text: str) -> str:
    """With spaces that may break a line and straight apostrophes."""
    return re.sub(r"\s", " ", text).replace("’", "'")


def _forms(patterns, before=""):
    """(pattern of one, of more), or () where there are not both."""
    both = [patterns.get(key) for key in ("one", "other")]
    return tuple(before + plain(one) for one in both) if all(both) else ()


def _amount(forms, number, side):
    """`number` of something: English has the plural for all but 1, French from 2 on."""
    many = number >= 2 if side else number != 1
    digits = f"{number:g}"
    return forms[many].format(digits.replace(".", ",") if side else digits)


def _simple(forms):
    """No digits and signs but hyphens and apostrophes, so that `joined` puts it together again."""
    texts = [one.replace("{0} ", "") for one in ((forms,) if isinstance(forms, str) else forms)]
    return all(re.fullmatch(r"[^\W\d]+(?:[ '-][^\W\d]+)*", one) for one in texts)
