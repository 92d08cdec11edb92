"""Pictures of letters and their names in Unicode."""

from __future__ import annotations

import io
import re
import unicodedata
from collections import Counter
from collections.abc import Collection
from functools import cache
from typing import NamedTuple

import numpy as np

from rnncourse.data.files import read_file

FONTS = ("Sans", "Sans-Bold", "Sans-Oblique", "Serif", "Serif-Bold", "Serif-Italic")
SIDE, FINE = 32, 4  # pixels of a picture, and how many times finer it is drawn first
SIZE, BASELINE = 19, 23  # of the letters, from the top of the picture, in its pixels
# Where a mark looks otherwise than on other letters: ď ť ľ Ľ ģ
ODD = {("d", "CARON"), ("t", "CARON"), ("l", "CARON"), ("L", "CARON"), ("g", "CEDILLA")}


class Glyphs(NamedTuple):
    """N pictures. pictures (N, 32, 32) float32 from 0 (paper) to 1 (ink), the top row first; names
    N strings such as "LATIN SMALL LETTER E WITH ACUTE"; letters N of A to Z and a to z; marks N
    strings such as "ACUTE", "" for a bare letter; fonts (N,) int64, places in FONTS."""

    pictures: np.ndarray
    names: list[str]
    letters: list[str]
    marks: list[str]
    fonts: np.ndarray

    def of(self, rows: np.ndarray) -> Glyphs:
        """Some rows of all."""
        names, letters, marks = ([part[row] for row in rows] for part in self[1:4])
        return Glyphs(self.pictures[rows], names, letters, marks, self.fonts[rows])


def load_glyphs() -> Glyphs:
    """The letters A to Z and a to z, bare or with one of 22 marks, in six fonts: 2,520 pictures.

    Only what Unicode has as one character is there: 420 letters, each in all FONTS. Marks that
    Unicode puts on fewer than two letters are left out.

    Source: the DejaVu fonts, as shipped in the package matplotlib 3.11.2 (its own licence; the
    fonts are under the Bitstream Vera licence, changes in the public domain), drawn by Pillow; the
    names are those of Python's `unicodedata` (Unicode licence).

    Raises DataError if the package is missing or a file differs.
    """
    drawn = [(*known, font) for font in range(len(FONTS)) for known in _characters()]
    fine = [_drawn(character, font) for character, *_, font in drawn]
    return _glyphs(fine, [(letter, mark, font) for _, letter, mark, font in drawn])


def split_glyphs(
    glyphs: Glyphs, seed: int = 0, shares: tuple[float, float] = (0.1, 0.2)
) -> list[np.ndarray]:
    """Rows of train, validation and test, so that some pairs of letter and mark are never learned.

    shares: of the pairs, for validation and for test. A pair is held out in all fonts and in both
    cases: if É is in the test, so is é. Of each mark at least half of its letters stay in training,
    and every bare letter does.
    """
    pairs = sorted({(letter.upper(), mark) for letter, mark in _pairs(glyphs) if mark})
    left = Counter(mark for _, mark in pairs)
    whole = left.copy()
    rng = np.random.default_rng(seed)
    part_of = {}
    for n in rng.permutation(len(pairs)):
        mark = pairs[n][1]
        counts = Counter(part_of.values())
        wanted = [p for p in (2, 1) if counts[p] < round(shares[p - 1] * len(pairs))]
        if wanted and 2 * (left[mark] - 1) >= whole[mark]:
            part_of[pairs[n]] = wanted[0]
            left[mark] -= 1
    parts = np.array([part_of.get((letter.upper(), mark), 0) for letter, mark in _pairs(glyphs)])
    return [np.flatnonzero(parts == part) for part in range(3)]


def compose_glyphs(held_out: Collection[tuple[str, str]], seed: int = 0) -> Glyphs:
    """More to learn from: letters with marks cut out of other letters' pictures.

    held_out: pairs (letter, mark), as `glyphs.letters` and `glyphs.marks` of validation and test
    have them; they are neither made nor taken a mark from. Every other letter gets every mark in
    every font, also where Unicode has no such character, about 6,200 pictures. The mark is
    what is in the picture of some letter with it and not in that of the bare letter; it is moved
    to stand as high over, or as low under, the middle of the new letter.
    """
    held_out, rng = set(held_out), np.random.default_rng(seed)
    donors: dict[str, list] = {}
    for character, letter, mark in _characters():
        if mark and letter not in "ij" and (letter, mark) not in held_out | ODD:
            donors.setdefault(mark, []).append((character, letter))
    fine, made = [], []
    for font in range(len(FONTS)):
        for _, letter, bare in _characters():
            if bare:
                continue
            for mark, known in donors.items():
                if (letter, mark) in held_out:
                    continue
                same = [one for one in known if one[1].isupper() == letter.isupper()] or known
                fine.append(_composed(letter, same[rng.integers(len(same))], font))
                made.append((letter, mark, font))
    return _glyphs(fine, made)


def _pairs(glyphs):
    return list(zip(glyphs.letters, glyphs.marks, strict=True))


@cache
def _characters() -> list[tuple[str, str, str]]:
    """(character, letter, mark) of every letter with at most one mark."""
    found = []
    for character in map(chr, range(0x41, 0x2000)):
        name = unicodedata.name(character, "")
        match = re.fullmatch(r"LATIN \w+ LETTER [A-Z](?: WITH ([A-Z ]+))?", name)
        parts = unicodedata.normalize("NFD", character)
        if match and len(parts) == 1 + bool(match[1]):
            found.append((character, parts[0], match[1] or ""))
    letters = Counter(mark for mark, _ in {(mark, letter.upper()) for _, letter, mark in found})
    return [one for one in found if letters[one[2]] >= 2]


def _name(letter, mark):
    return unicodedata.name(letter) + (f" WITH {mark}" if mark else "")


def _glyphs(fine, made):
    """Glyphs of finely drawn pictures (N, 128, 128) and their (letter, mark, font)."""
    squares = np.stack(fine).reshape(-1, SIDE, FINE, SIDE, FINE)
    letters, marks, fonts = map(list, zip(*made, strict=True))
    pictures = (squares.mean((2, 4)) / 255).astype(np.float32)
    names = [_name(*pair) for pair in zip(letters, marks, strict=True)]
    return Glyphs(pictures, names, letters, marks, np.array(fonts))


@cache
def _font(number):
    from PIL import ImageFont  # here, for whoever wants other data does not need it

    name = f"mpl-data/fonts/ttf/DejaVu{FONTS[number]}.ttf"
    file = io.BytesIO(read_file("matplotlib", name))
    return ImageFont.truetype(file, SIZE * FINE, layout_engine=ImageFont.Layout.BASIC)


@cache
def _drawn(character, font):
    """(128, 128) uint8: on the common baseline, the letter in the middle."""
    from PIL import Image, ImageDraw

    picture = Image.new("L", (SIDE * FINE, SIDE * FINE))
    bare = unicodedata.normalize("NFD", character)[0]  # which stands where it stands without a mark
    left = (SIDE * FINE - _font(font).getlength(bare)) / 2
    ImageDraw.Draw(picture).text(
        (round(left), BASELINE * FINE), character, fill=255, font=_font(font), anchor="ls"
    )
    return np.array(picture)


def _composed(letter, donor, font):
    """The picture of a letter with the mark of (character, its bare letter)."""
    character, giver = donor
    bare = _drawn(giver, font)
    mark = np.maximum(_drawn(character, font).astype(int) - bare, 0)
    mark[mark < 64] = 0  # the edges of the letter, drawn a shade otherwise
    middle = np.flatnonzero(mark.any(1)).mean()
    above = middle < np.flatnonzero(bare.any(1)).mean()
    stem = letter if not above else {"i": "ı", "j": "ȷ"}.get(letter, letter)  # a mark takes the dot
    base = _drawn(stem, font)
    down = _edge(base, above) - _edge(bare, above)
    right = round(_centre(base) - _centre(bare))
    return np.maximum(base, _moved(mark, down, right)).astype(np.uint8)


def _edge(picture, above):
    rows = np.flatnonzero((picture > 127).any(1))
    return int(rows[0] if above else rows[-1])


def _centre(picture):
    columns = np.flatnonzero((picture > 127).any(0))
    return (columns[0] + columns[-1]) / 2


def _moved(picture, down, right):
    """The same, moved; what leaves the picture is lost, what comes in is empty."""
    moved = np.roll(picture, (down, right), (0, 1))
    if down:
        moved[slice(0, down) if down > 0 else slice(down, None)] = 0
    if right:
        moved[:, slice(0, right) if right > 0 else slice(right, None)] = 0
    return moved
