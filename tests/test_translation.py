"""The grammar of made-up sentences: its French agrees, and what is held out stays out."""

import itertools
import re

import pytest

from rnncourse.data import translation as grammar

HELD = grammar.held_out_combinations(0)
PAIRS = grammar.sentence_pairs(4000, 1, HELD[0] | HELD[1])
VOWEL = "[aeiouéèêâîôœ]"


def test_combinations_that_are_held_out_stay_out():
    both = HELD[0] | HELD[1]
    assert HELD[0].isdisjoint(HELD[1])
    assert not any(set(pair.combinations) & both for pair in PAIRS)
    only = grammar.sentence_pairs(200, 1, HELD[1], only=True)
    assert all(set(pair.combinations) & HELD[1] for pair in only)


def test_words_of_held_out_combinations_are_known_from_others():
    known = {word for pair in PAIRS for word in grammar.words(pair.french)}
    held = grammar.sentence_pairs(500, 2, HELD[1], only=True)
    assert {word for pair in held for word in grammar.words(pair.french)} <= known


def test_sentences_differ_and_follow_from_the_seed():
    assert len({pair.english for pair in PAIRS}) == len(PAIRS)
    assert grammar.sentence_pairs(50, 3, set()) == grammar.sentence_pairs(50, 3, set())
    assert grammar.sentence_pairs(50, 3, set()) != grammar.sentence_pairs(50, 4, set())


@pytest.mark.parametrize(
    "wrong",
    [
        rf"\b(le|la|ne|de) (?:{VOWEL}|homme\b|hôtel\b)",  # not elided
        rf"\b[ldn]'(?!hommes?\b|hôtels?\b|{VOWEL})",  # elided before a consonant
        r"\bde les?\b|\bde des\b",  # not contracted
        rf"\b(ce|ma|beau|nouveau) (?:{VOWEL}|homme\b|hôtel\b)(?!est|était)",
        r"(?<!près )\bdes (grand|petit|beaux|belles|vieux|vieilles|nouve|bon|jeunes|joli)",
    ],
)
def test_no_sentence_breaks_a_rule_of_spelling(wrong):
    assert [pair.french for pair in PAIRS if re.search(wrong, pair.french)] == []


def test_neighbours_agree_in_gender_and_number():
    """Of a noun and the word with forms beside it some readings go together."""
    nouns = {noun.french[0] for noun in grammar.LIVING + grammar.THINGS}
    for pair in PAIRS:
        for one, two in itertools.pairwise(grammar.words(pair.french)):
            a, b = grammar.forms(one), grammar.forms(two)
            if a and b and any(lemma in nouns for lemma, *_ in a | b):
                assert {form[1:] for form in a} & {form[1:] for form in b}, pair


def test_what_is_said_of_the_subject_agrees_with_it():
    for pair in PAIRS:
        found = re.fullmatch(r"the (\w+) (?:is|are) sitting", pair.english)
        if found:
            *_, noun, _, word = pair.french.split()
            noun = grammar.words(noun)[-1]
            assert {f[1:] for f in grammar.forms(noun)} & {f[1:] for f in grammar.forms(word)}


def test_words_and_joined_are_each_others_reverse():
    assert grammar.words("l'homme n'aime pas d'œufs") == ["l'", "homme", "n'", "aime", "pas", "d'",
                                                          "œufs"]  # fmt: skip
    assert all(grammar.joined(grammar.words(pair.french)) == pair.french for pair in PAIRS)


@pytest.mark.parametrize(
    ("english", "french"),
    [
        ("the old man", "le vieil homme"),
        ("my picture", "mon image"),
        ("this hotel", "cet hôtel"),
        ("some big dogs", "de grands chiens"),
        ("any flower", None),
    ],
)
def test_phrases_that_a_grammar_book_gives(english, french):
    said = [pair for pair in PAIRS if f" {english} " in f" {pair.english} "]
    found = [pair for pair in said if french and french in pair.french]
    assert bool(said) == bool(found)


def test_what_is_denied_has_de():
    denied = [pair for pair in PAIRS if re.search(r"not \w+ (an?|any) ", pair.english)]
    assert len(denied) > 50
    assert all(re.search(r"pas (de |d')", pair.french) for pair in denied)
