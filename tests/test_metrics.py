"""Error rates keep the laws of a distance, and padding does not count."""

from collections import Counter

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
        (lambda: metrics.bleu(["a"], []), "1 hypotheses, but 0 references"),
        (lambda: metrics.bleu([], []), "nothing to compare"),
        (lambda: metrics.chrf([], ["a"]), "0 hypotheses, but 1 references"),
    ],
)
def test_metrics_say_what_is_wrong(call, message):
    with pytest.raises(ValueError, match=message):
        call()


# Translations

sentence = st.lists(st.sampled_from(["ab", "le", "chat", "dort", "."]), min_size=4, max_size=8)
sentences = st.lists(sentence.map(" ".join), min_size=1, max_size=5)


def textbook_bleu(hypotheses, references):
    """Papineni's formula on tokens parted by spaces, where runs of all lengths are right."""
    right, all_runs = np.zeros(4), np.zeros(4)
    said, truth = ([one.split() for one in side] for side in (hypotheses, references))
    for one, other in zip(said, truth, strict=True):
        for n in range(4):
            mine, theirs = (
                Counter(tuple(t[i : i + n + 1]) for i in range(len(t) - n)) for t in (one, other)
            )
            right[n] += (mine & theirs).total()
            all_runs[n] += mine.total()
    long, short = (sum(map(len, side)) for side in (truth, said))
    return 100 * min(1, np.exp(1 - long / short)) * np.exp(np.log(right / all_runs).mean())


@given(sentences)
def test_what_is_right_gets_100(truth):
    assert metrics.bleu(truth, truth, "none") == pytest.approx(100)
    assert metrics.chrf(truth, truth) == pytest.approx(100)


@given(sentences, st.randoms())
def test_bleu_is_its_formula(truth, random):
    said = [" ".join([one, *random.choices("ab.", k=random.randrange(4))]) for one in truth]
    said[0] = said[0].rpartition(" ")[0] if len(truth) > 1 else said[0]
    assert metrics.bleu(said, truth, "none") == pytest.approx(textbook_bleu(said, truth))


@given(sentences, st.randoms())
def test_the_order_of_sentences_does_not_matter_but_that_of_words_does(truth, random):
    said = [one.replace("chat", "chien") for one in truth]
    rows = list(range(len(truth)))
    random.shuffle(rows)
    for metric in (metrics.bleu, metrics.chrf):
        moved = metric([said[n] for n in rows], [truth[n] for n in rows])
        assert moved == pytest.approx(metric(said, truth))
    turned, right = ["dort chat petit le ."], ["le petit chat dort ."]
    assert metrics.bleu(turned, right) < 50
    assert metrics.chrf(turned, right) < 100
    shares = [5 / 5, 0.5 / 4, 0.25 / 3, 0.125 / 2]  # of runs of 2, 3 and 4 none is right
    assert metrics.bleu(turned, right) == pytest.approx(100 * np.prod(shares) ** 0.25)


def test_a_corpus_is_not_the_mean_of_its_sentences():
    said = ["le chat dort ici .", "une vache"]
    truth = ["le chat dort ici .", "un chien noir arrive devant la grande maison ."]
    alone = [metrics.bleu([one], [other]) for one, other in zip(said, truth, strict=True)]
    assert alone == pytest.approx([100, 0])
    # runs: 5 of 7, 4 of 5, 3 of 3, 2 of 2; 7 tokens where 14 should be
    expected = 100 * np.exp(1 - 14 / 7) * (5 / 7 * 4 / 5) ** 0.25
    assert metrics.bleu(said, truth) == pytest.approx(expected)
    assert abs(metrics.bleu(said, truth) - np.mean(alone)) > 15


def test_what_is_too_short_is_punished_by_bleu():
    truth = ["le petit chat noir dort devant la maison ."]
    half = ["le petit chat noir dort"]
    assert metrics.bleu(half, truth) == pytest.approx(100 * np.exp(1 - 9 / 5))
    assert metrics.bleu(truth, truth) == pytest.approx(100)


def test_tokens_are_parted_from_signs_and_not_from_apostrophes():
    said, truth = ["l'arbre est vert , lui ."], ["l'arbre est vert, lui."]
    assert metrics.bleu(said, truth) == pytest.approx(100)
    assert metrics.bleu(said, truth, "none") < 100
    assert metrics.bleu(["l' arbre est vert"], ["l'arbre est vert"]) < 100


def test_chrf_sees_what_is_nearly_right():
    truth = ["petite vache"]
    near, far = ["petites vaches"], ["homme vert"]
    assert metrics.chrf(far, truth) < 20 < 60 < metrics.chrf(near, truth) < 100
    assert metrics.bleu(truth, truth) == 0  # no run of four words
