"""Subject and verb with words between: which verb follows, "is" or "are"?"""

from __future__ import annotations

import numpy as np


def _listed(words: str) -> list[str]:
    return words.split()


VERBS = ("is", "are")
_SINGULAR = _listed("""
    boy girl king queen farmer teacher sailor doctor baker dog cat horse bird lion key door lamp
    table book letter ship tower garden flower tree river cloud song picture bottle child man
    woman mouse goose knife wolf leaf
""")
_IRREGULAR = {"child": "children", "man": "men", "woman": "women", "mouse": "mice",
              "goose": "geese", "knife": "knives", "wolf": "wolves", "leaf": "leaves"}  # fmt: skip
_PLURAL = [_IRREGULAR.get(noun, f"{noun}s") for noun in _SINGULAR]
_PREPOSITIONS = _listed("near behind beside beyond above below opposite with without before")
_OWNERS = _listed("the my your his her our their")  # none tells a number
_ADJECTIVES = _listed("old new small large red green quiet famous strange happy heavy bright")
_KINDS = (_SINGULAR, _PLURAL, _PREPOSITIONS, _OWNERS, _ADJECTIVES, [","], ["and"])
WORDS = tuple(word for kind in _KINDS for word in kind)
_FIRST = np.cumsum([0, *map(len, _KINDS)])  # where in WORDS each kind begins
NOUN, PREPOSITION, OWNER, ADJECTIVE, COMMA, AND = 0, 2, 3, 4, 5, 6
BEFORE = 6  # words up to and with the subject: near the lamp , the keys
SHORTEST = 5


def agreement(rng: np.random.Generator, B: int, distance: int) -> tuple[np.ndarray, np.ndarray]:
    """B synthetic sentences, each up to its verb, and the verb: x (B, T), y (B,), both int64.

    x: numbers of words in WORDS, T = 6 + distance. y: 0 for "is", 1 for "are", which agrees with
    the subject, the sixth word; `distance` words stand between it and the verb, five or more:

        near the lamps , the | key | behind your old doors and horse | → is

    Every sentence has an opening with a noun, then the subject, then two or more nouns in phrases.
    Only the subject's number decides, and cheaper ways do not tell it: the last noun is singular or
    plural at the toss of a coin; one of the others, drawn at random, has the number that the
    subject has not; the rest are tossed, too. So a guess, the noun nearest to the verb, and any
    reading of the words without their order are right half the time. Who says the opposite of the
    opening's noun is right (1 + 1/m)/2 of the time, m nouns after the subject: 75 % at distance 5,
    where m is always 2, and less and less as the sentence grows.

    Source: this module. Raises ValueError if distance is below 5.
    """
    if distance < SHORTEST:
        raise ValueError(f"distance is {distance}, but two phrases need {SHORTEST} words or more")
    x = np.empty((B, BEFORE + distance), np.int64)
    y = rng.integers(0, 2, B)
    for row, number in zip(x, y, strict=True):
        phrases = _phrases(rng, distance)
        numbers = rng.integers(0, 2, len(phrases) + 1)  # of the opening's noun and of all phrases'
        numbers[rng.integers(0, len(phrases))] = 1 - number  # never the last
        kinds = [PREPOSITION, OWNER, NOUN + numbers[0], COMMA, OWNER, NOUN + number]
        for phrase, its in zip(phrases, numbers[1:], strict=True):
            kinds += [*phrase[:-1], NOUN + its]
        row[:] = rng.integers(_FIRST[kinds], _FIRST[np.array(kinds) + 1])
    return x, y


def say(numbers) -> str:
    """The words of a row of x, as a string."""
    return " ".join(WORDS[number] for number in numbers).replace(" ,", ",")


def _phrases(rng, distance):
    """Kinds of word of two or more phrases, `distance` words in all, each with a noun at its end.

    "behind my old door" has three to five words; "and lamps", two, goes on with one before it.
    """
    phrases, left = [], distance
    while left:
        shortest = 2 if phrases else 3
        fitting = [n for n in range(shortest, 6) if left - n >= 2 or (phrases and left == n)]
        length = int(rng.choice(fitting))
        whole = [PREPOSITION, OWNER, *[ADJECTIVE] * (length - 3), NOUN]
        phrases.append(whole if length > 2 else [AND, NOUN])
        left -= length
    return phrases
