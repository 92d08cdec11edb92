"""Error rates keep the laws of a distance, and padding does not count."""

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given

from rnncourse import metrics

words = st.lists(st.sampled_from("abc"), max_size=6)


def textbook(a, b):
    """The recursion, without a table: for short sequences only."""
    if not a or not b:
        return len(a) + len(b)
    if a[-1] == b[-1]:
        return textbook(a[:-1], b[:-1])
    return 1 + min(textbook(a[:-1], b), textbook(a, b[:-1]), textbook(a[:-1], b[:-1]))


@given(words, words)
def test_edit_distance_is_the_textbooks(a, b):
    assert metrics.edit_distance(a, b) == textbook(a, b)


@given(words, words, words)
def test_edit_distance_is_a_distance(a, b, c):
    assert metrics.edit_distance(a, b) == metrics.edit_distance(b, a)
    assert (metrics.edit_distance(a, b) == 0) == (a == b)
    there = metrics.edit_distance(a, b) + metrics.edit_distance(b, c)
    assert metrics.edit_distance(a, c) <= there


def test_tokens_of_two_signs_are_one_token():
    assert metrics.edit_distance(["n", "oʊ"], ["n", "aʊ"]) == 1
    assert metrics.edit_distance(("n", "oʊ"), ["n", "oʊ"]) == 0


def test_error_rate_adds_up_before_it_divides():
    assert metrics.error_rate(["sat", "a"], ["cat", "b"]) == pytest.approx(2 / 4)
    assert metrics.error_rate(["aaaa"], ["b"]) == 4.0
    assert metrics.error_rate([["the", "cat"]], [["the", "cat"]]) == 0.0


def test_exact_match_takes_strings_lists_and_tuples():
    assert metrics.exact_match(["cat", "sat"], ["cat", "mat"]) == 0.5
    assert metrics.exact_match([["n", "oʊ"]], [("n", "oʊ")]) == 1.0


def test_accuracy_leaves_padding_out():
    predicted, targets = np.array([[1, 2, 0], [1, 0, 0]]), np.array([[1, 2, 3], [1, -1, -1]])
    assert metrics.accuracy(predicted, targets) == pytest.approx(3 / 6)
    assert metrics.accuracy(predicted, targets, targets != -1) == pytest.approx(3 / 4)


@given(st.lists(st.integers(0, 3), min_size=1, max_size=8), st.randoms())
def test_accuracy_does_not_hear_what_is_said_to_padding(labels, random):
    targets = np.array([*labels, -1, -1])
    said = np.array([random.randrange(4) for _ in targets])
    other = said.copy()
    other[-2:] = random.randrange(-1, 4)
    real = targets != -1
    assert metrics.accuracy(said, targets, real) == metrics.accuracy(other, targets, real)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: metrics.accuracy([1], [1, 2]), "must have one shape"),
        (lambda: metrics.accuracy([1], [1], [False]), "no step is real"),
        (lambda: metrics.exact_match([], []), "nothing to compare"),
        (lambda: metrics.exact_match(["a"], []), "1 hypotheses, but 0 references"),
        (lambda: metrics.error_rate([""], [""]), "no tokens"),
    ],
)
def test_metrics_say_what_is_wrong(call, message):
    with pytest.raises(ValueError, match=message):
        call()
