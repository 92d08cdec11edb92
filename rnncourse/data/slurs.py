"""Words that this course neither samples nor shows, kept as hashes in slurs.txt."""

import hashlib
import re
from pathlib import Path

SLURS = frozenset(Path(__file__).with_name("slurs.txt").read_text("ascii").split())


def is_slur(word: str) -> bool:
    """Whether a word, in lower case, is on the list."""
    return hashlib.sha256(word.encode()).hexdigest()[:16] in SLURS


def has_slur(text: str) -> bool:
    """Whether any word of a text, in whatever case, is on the list."""
    return any(map(is_slur, re.findall("[a-z]+", text.lower())))
