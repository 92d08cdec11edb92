"""What emoji are called in English and in French."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import NamedTuple

from rnncourse.data.files import read_file
from rnncourse.data.splits import split

_WHOLE = 2  # the status of emoji that are written as they should be
_OF_A_PLACE = re.compile("^[\U0001f1e6-\U0001f1ff]|[\U000e0020-\U000e007f]")  # flags
_SKIN = re.compile("[\U0001f3fb-\U0001f3ff]")
_PERSON = set("🧑👨👩♀♂")  # the same thing of a person, a man, a woman


class EmojiName(NamedTuple):
    """english and french: its names; group: what all emoji that belong together have alike, the
    astronaut of a man and a woman, the runners to the left and to the right."""

    emoji: str
    english: str
    french: str
    group: str


def load_emoji_names() -> list[EmojiName]:
    """1,661 emoji, their English and their French names, in 1,416 groups.

    Left out are flags of countries and regions, whose names are theirs, and what differs from
    another emoji by the tone of the skin only. The French is by people, with its own view of a
    picture ("hushed face" is "visage ébahi"), and many words occur once: few data, and hard ones.
    Split by `group`, with `split_emoji_names`: a man's and a woman's astronaut in two parts would
    be half an answer.

    Source: Unicode CLDR's short names (Unicode licence), as shipped in the package emoji 2.16.0
    (BSD licence).

    Raises DataError if the package is missing or a file differs.
    """
    english, french = (
        json.loads(read_file("emoji", f"unicode_codes/{name}.json"))
        for name in ("emoji", "emoji_fr")
    )
    whole = [one for one in english if english[one]["status"] == _WHOLE and one in french]
    return [
        EmojiName(one, _plain(english[one]["en"]), _plain(french[one]), _group(one))
        for one in whole
        if not _SKIN.search(one) and not _OF_A_PLACE.search(one)
    ]


def split_emoji_names(
    names: Sequence[EmojiName], seed: int = 0, shares: Sequence[float] = (0.8, 0.1, 0.1)
) -> list[list[EmojiName]]:
    """Three lists: train, validation, test; a group is in one of them."""
    return [[names[n] for n in rows] for rows in split([one.group for one in names], shares, seed)]


def _plain(name):
    return name.strip(":").replace("_", " ").replace("’", "'")


def _group(emoji):
    """Its first part that is not just a person, man or woman, and if there is none, its first."""
    parts = emoji.replace("\ufe0f", "").split("\u200d")
    return next((part for part in parts if part not in _PERSON), parts[0])
