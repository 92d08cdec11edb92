"""The dictionary that pairs of sentences teach: by pencil, and the laws of its learning."""

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given

from rnncourse.word_table import NULL, WordTable

sentence = st.lists(st.sampled_from("abcd"), min_size=1, max_size=4)
pairs = st.lists(st.tuples(sentence, sentence.map(lambda s: [w.upper() for w in s])), min_size=1)
BY_PENCIL = [("a", "x"), ("ab", "xy")]


@pytest.mark.parametrize(
    ("rounds", "x_of_a", "x_of_b"), [(1, 5 / 7, 1 / 2), (2, 235 / 307, 5 / 14)]
)
def test_two_rounds_by_pencil(rounds, x_of_a, x_of_b):
    """Round 1 shares x of the first pair in halves and all else in thirds: a gets 1/2 + 1/3 of x
    and 1/3 of y. NULL stands in both sentences, as a does."""
    t = WordTable(BY_PENCIL, rounds).t
    assert t["a"] == pytest.approx({"x": x_of_a, "y": 1 - x_of_a})
    assert t["b"] == pytest.approx({"x": x_of_b, "y": 1 - x_of_b})
    assert t[NULL] == pytest.approx(t["a"])


def test_the_likelihood_by_pencil():
    """At the start each word has (I + 1) · 1/2 of I + 1; after a round x of the first pair has
    2 · 5/7 of 2, x of the second (5/7 + 5/7 + 1/2) of 3, y (2/7 + 2/7 + 1/2) of 3."""
    found = WordTable(BY_PENCIL, 1).log_likelihoods
    after = np.log([5 / 7, 27 / 14 / 3, 15 / 14 / 3]).mean()
    assert found == pytest.approx([np.log(1 / 2), after])


@given(pairs)
def test_the_likelihood_never_falls(some):
    found = WordTable(some, 8).log_likelihoods
    assert len(found) == 9
    assert min(np.diff(found)) >= -1e-12


@given(pairs)
def test_rows_are_distributions_over_what_they_met(some):
    for source, row in WordTable(some, 3).t.items():
        met = {w for one, other in some if source is NULL or source in one for w in other}
        assert set(row) == met
        assert sum(row.values()) == pytest.approx(1)


@given(pairs, st.randoms())
def test_order_of_pairs_and_of_words_does_not_matter(some, random):
    other = [(random.sample(e, len(e)), random.sample(f, len(f))) for e, f in some]
    random.shuffle(other)
    one, two = (WordTable(each, 4).t for each in (some, other))
    assert one.keys() == two.keys()
    for source, row in one.items():
        assert two[source] == pytest.approx(row)


def test_what_always_goes_with_a_word_becomes_its_translation():
    table = WordTable([(["the", "cat"], ["le", "chat"]), (["the", "dog"], ["le", "chien"]),
                       (["a", "cat"], ["un", "chat"])], 20)  # fmt: skip
    said = table.translate(["the", "cat", "and", "a", "dog"])
    assert said == ["le", "chat", "and", "un", "chien"]  # what it has not seen it repeats


@pytest.mark.parametrize(
    ("some", "rounds", "message"),
    [
        ([], 3, "no pair has words on both sides"),
        ([([], ["x"]), (["a"], [])], 3, "no pair has words"),
        (BY_PENCIL, 0, "rounds is 0"),
    ],
)
def test_nothing_to_learn_is_refused(some, rounds, message):
    with pytest.raises(ValueError, match=message):
        WordTable(some, rounds)
