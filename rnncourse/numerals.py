"""Numbers as people write them in text: found, with their value and the digits they show."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import NamedTuple

NUMERAL = re.compile(
    r"""
    (?<![\w.\#])(?<![^\W\d_][-–])     # no part of a word (h_1), a label (LSTM-64), a version
    [-−+]?                            # after a word or a number this is a hyphen, not a sign
    (?:\d{1,3}(?:,\d{3})+ | \d+)
    (?:\.\d*)?                        # NumPy writes 1. for 1.0
    (?:[eE][-+]?\d+)?
    (?!\w|\.\d|[-–][^\W\d_])               # nor the beginning of one (2D, 64-unit)
    """,
    re.VERBOSE,
)


class Numeral(NamedTuple):
    """A number in a text: its value as written and where it stands, text[start:end]."""

    value: Decimal
    start: int
    end: int


def numerals(text: str) -> list[Numeral]:
    """Every number of a text, in order; what belongs to a word or a label is none."""
    return [Numeral(value(found[0]), *found.span()) for found in NUMERAL.finditer(text)]


def value(numeral: str) -> Decimal:
    """The value of one written number: `1,500`, `−0.83`, `2.5e-07`, `1.`"""
    return Decimal(numeral.replace(",", "").replace("−", "-"))


def between(text: str, found: list[Numeral]) -> list[str]:
    """What stands around the numbers of a text: one piece more than there are numbers."""
    starts = [0, *(numeral.end for numeral in found)]
    ends = [*(numeral.start for numeral in found), len(text)]
    return [text[start:end] for start, end in zip(starts, ends, strict=True)]
