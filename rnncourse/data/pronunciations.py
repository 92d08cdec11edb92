"""English words and how Americans say them, letter by letter."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from rnncourse.data.files import read_file
from rnncourse.data.slurs import is_slur

_PHONE = re.compile("aɪ|aʊ|eɪ|oʊ|ɔɪ|tʃ|dʒ|ɜ˞|.")  # what takes two signs is one phone


class Pronunciation(NamedTuple):
    """word: T letters, some of them apostrophes. sounds: T strings, what each letter adds to the
    sound, in IPA; "" where it adds none, as in k·n·o·w: "n", "", "oʊ", ""."""

    word: str
    sounds: tuple[str, ...]


def load_pronunciations() -> list[Pronunciation]:
    """124,733 English words with an American pronunciation, one each, in alphabetical order.

    Letters and sounds are aligned: a word of T letters has T sounds, each "", one phone or several
    ("ks" for an x). Where several letters make one sound, the first has it and the others are
    silent; a sound without a letter belongs to the letter before it. Whoever needs unaligned pairs
    takes `word` and `phones(sounds)`, of which there are 39. Split by word, with
    `rnncourse.data.splits.split`.
    Left out: words with other signs than a to z and the apostrophe, and slurs, by a list that
    stands beside this module as hashes, before anything is sampled.

    Source: the CMU Pronouncing Dictionary (BSD licence), in IPA and aligned by the authors of the
    package g2p 2.3.2 (MIT licence).

    Raises DataError if the package is missing or its file differs.
    """
    text = read_file("g2p", "mappings/langs/eng/cmudict.ipa.aligned.txt").decode("utf-8")
    words = map(_aligned, text.splitlines())
    spelled = [one for one in words if re.fullmatch("[a-z'][a-z']+", one.word)]
    return sorted(one for one in spelled if not is_slur(one.word))


def phones(sounds: Iterable[str]) -> list[str]:
    """The phones of sounds, each one sign or, as diphthongs, affricates and ɜ˞, two.

    >>> phones(["n", "", "oʊ", ""])
    ['n', 'oʊ']
    """
    return _PHONE.findall("".join(sounds))


def _aligned(line: str) -> Pronunciation:
    """From a line such as "k|n}n o|w}o|ʊ": the word, know, and what each letter adds."""
    letters, sounds = [], []
    for chunk in line.split(" "):
        written, said = chunk.split("}")
        said = "" if said == "_" else said.replace("|", "")
        if written == "_" and letters:  # a sound without a letter
            sounds[-1] += said
        else:
            group = written.replace("|", "")
            letters.append(group)
            sounds += [said] + [""] * (len(group) - 1)
    return Pronunciation("".join(letters), tuple(sounds))
