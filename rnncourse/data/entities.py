"""Named entities in made-up sentences, whose names are held out by what they look like."""

from __future__ import annotations

import itertools
from typing import NamedTuple

import numpy as np

from rnncourse.data.slurs import is_slur

TYPES = ("PERSON", "PLACE", "FIRM")
TAGS = ("O", *(f"{side}-{kind}" for kind in TYPES for side in "BI"))
PARTS = ("train", "validation", "test")


class Sentence(NamedTuple):
    """words: T strings; tags: T of TAGS, IOB2: B- at a name's first word, I- at its others."""

    words: list[str]
    tags: list[str]


def _listed(words: str) -> list[str]:
    return words.split()


# A capital letter is what is drawn there: PERSON, PLACE, FIRM names; "X" a name whose type only
# the end of its sentence tells; the rest common words.
_OPENINGS = ["", "", "yesterday ", "in the WHEN ", "people say that ", "on the NOUN , "]
_FRAMES = [
    "PERSON VDID the NOUN",
    "PERSON and PERSON VDID the NOUN in PLACE",
    "the ADJ mayor of PLACE , PERSON , VDID the NOUN",
    "doctor PERSON came from PLACE to PLACE",
    "PERSON works for FIRM and lives in PLACE",
    "FIRM , which makes the ADJ NOUN , hired PERSON",
    "FIRM sold its ADJ NOUN to FIRM",
    "shares of FIRM fell when the NOUN was lost",
    "the train from PLACE to PLACE was ADJ",
    "there is a ADJ NOUN in PLACE",
    "the NOUN is ADJ and nobody VDID the NOUN",
    "she VDID the ADJ NOUN before the WHEN",
]
# The same beginning and the same middle for all three: the type stands far to the right.
_MIDDLES = [
    "", "that WHEN", ", after a ADJ NOUN ,", ", as the NOUN VDID the ADJ NOUN ,",
    ", though the ADJ NOUN of the NOUN was ADJ in the WHEN ,",
]  # fmt: skip
_ENDS = {
    "PERSON": ["smiled and left the NOUN", "put on a ADJ coat", "wrote to her sister",
               "could not sleep that night"],
    "PLACE": ["was flooded by the river", "lost two of its bridges", "elected a ADJ mayor",
              "lay under deep snow"],
    "FIRM": ["opened a second factory", "raised its prices", "paid its debts to the bank",
             "cut the wages of its workers"],
}  # fmt: skip
# And to the left: what a name in the middle is, was said before.
_STARTS = {
    "PERSON": "the guests waited , MIDDLE for X",
    "PLACE": "the ship sailed , MIDDLE to X",
    "FIRM": "the bank lent money , MIDDLE to X",
}
_WORDS = {
    "WHEN": _listed("morning evening winter spring summer autumn week month"),
    "VDID": _listed("""
    saw found bought sold painted cleaned hid broke mended praised forgot lost
"""),
}
# Common words, too, are held out, so that an unknown word need not be a name.
_NOUNS = _listed("""
    apple basket bell boat book bottle box bridge broom bucket candle carpet chair clock cloak cup
    curtain desk door dress drum fence field flag flute garden gate glass glove hammer hat horse
    house island kettle key kitchen ladder lamp letter map mill mirror needle oven painting pencil
    piano picture pillow plate pump ring road roof rope saddle ship shirt shoe shovel spoon stable
    statue stone stove table tower train umbrella violin wagon wall watch well wheel whistle
    window
""")
_ADJECTIVES = _listed("""
    blue bright broken brown cheap clean cold dark deep dirty dry dusty early empty fast fine flat
    fresh gentle golden green grey heavy high huge late light long loud narrow new noisy old pale
    plain quiet red round rusty sharp short silver simple slow small soft square strange strong
    tall thick thin tiny warm wet white wide wooden yellow young
""")
_FIXED = {
    "PERSON": ["{a}", "{a} {b}", "{a} {b}"],
    "PLACE": ["{a}", "{a}", "port {a}", "upper {a}"],
    "FIRM": ["{a}", "{a} {b}", "{a} works", "{a} and sons", "bank of {a}"],
}


def load_entities(
    part: str = "train", sentences: int = 2000, seed: int = 0, *, names: str | None = None
) -> list[Sentence]:
    """Synthetic sentences in lower case with names of people, places and firms.

    >>> load_entities("test", 1)[0]
    Sentence(words=['the', 'ship', 'sailed', ...], tags=['O', 'O', 'O', ...])

    Names are made of made-up words such as "tolden" and "brasu", drawn for all three types from
    one urn: their spelling tells neither a name nor its type. Fixed parts of some names do, such
    as "upper" and "bank of", and the words around it, often far away, to the right or to the left.
    Made-up words of names in one part are in no other, and every name has one type. Of common
    nouns and adjectives each part but "train" has its own,
    beside those of "train": an unknown word need not be a name.

    names: whose names, "train" for sentences of another part with names that training has seen;
        those of `part` if None.

    Source: this module; a NumPy generator of `seed` draws sentences, names and their words. Real
    text has more ways to say a thing, names that are also common words, and errors of annotation.

    Raises ValueError for another part.
    """
    for given in (part, names or part):
        if given not in PARTS:
            raise ValueError(f"part is {given!r}, but there are only {', '.join(PARTS)}")
    words = _words_of(part, seed)
    lists = _names_of(names or part, seed)
    rng = np.random.default_rng([seed, PARTS.index(part), PARTS.index(names or part)])
    return [_sentence(rng, words, lists) for _ in range(sentences)]


def load_names(part: str = "train", seed: int = 0) -> dict[str, list[str]]:
    """All names of a part by type: {"PERSON": ["tolden brasu", …], "PLACE": …, "FIRM": …}."""
    if part not in PARTS:
        raise ValueError(f"part is {part!r}, but there are only {', '.join(PARTS)}")
    return _names_of(part, seed)


def _names_of(part, seed, each=200):
    """{type: names}: words of all parts from one urn, each word in one name of one part."""
    syllables = ["".join(pair) for pair in itertools.product("bdfgklmnprstvz", "aeiou")]
    ends = ["", "n", "l", "r", "s", "nd", "ck"]
    rng = np.random.default_rng([seed, 7])
    urn = dict.fromkeys(
        "".join(rng.choice(syllables, rng.integers(2, 4))) + rng.choice(ends) for _ in range(8000)
    )
    texts = [*_OPENINGS, *_FRAMES, *_MIDDLES, *itertools.chain(*_ENDS.values()), *_STARTS.values()]
    common = {*" ".join(texts).split(), *_NOUNS, *_ADJECTIVES, *itertools.chain(*_WORDS.values())}
    urn = iter([word for word in urn if word not in common and not is_slur(word)])
    for which in PARTS:
        found = {
            kind: [
                str(rng.choice(_FIXED[kind])).format(a=next(urn), b=next(urn)) for _ in range(each)
            ]
            for kind in TYPES
        }
        if which == part:
            return found


def _words_of(part, seed):
    """{slot: its common words}: half of nouns and adjectives in training, a quarter each beside."""
    rng = np.random.default_rng([seed, 8])
    found = dict(_WORDS)
    for slot, every in (("NOUN", _NOUNS), ("ADJ", _ADJECTIVES)):
        every, half = rng.permutation(every).tolist(), len(every) // 2
        quarters = {"train": [], "validation": every[half::2], "test": every[half + 1 :: 2]}
        found[slot] = every[:half] + quarters[part]
    return found


def _sentence(rng, words, names):
    kind = str(rng.choice(TYPES))
    middle = str(rng.choice(_MIDDLES))
    form = rng.random()
    if form < 0.3:
        text = f"X {middle} {rng.choice(_ENDS[kind])}"
    elif form < 0.5:
        text = _STARTS[kind].replace(" , MIDDLE", f" {middle}")
    else:
        text = str(rng.choice(_FRAMES))
    text = f"{rng.choice(_OPENINGS)}{text} .".replace("X", kind)
    said, tags = [], []
    for token in text.split():
        if token in names:
            name = str(rng.choice(names[token])).split()
            said += name
            tags += [f"B-{token}", *[f"I-{token}"] * (len(name) - 1)]
        else:
            said.append(str(rng.choice(words[token])) if token in words else token)
            tags.append("O")
    return Sentence(said, tags)
