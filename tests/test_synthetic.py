"""The made-up tasks are what their docstrings say, and a guess scores what they say."""

import itertools

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given

from rnncourse.data import synthetic

TASKS = [synthetic.adding, synthetic.copying, synthetic.parity, synthetic.recall,
         synthetic.resetting]  # fmt: skip
seeds, rows, lengths = st.integers(0, 2**32), st.integers(1, 6), st.integers(5, 40)


def rng(seed=0):
    return np.random.default_rng(seed)


@pytest.mark.parametrize("task", TASKS)
@given(seeds, rows, lengths)
def test_a_seed_says_all_and_torch_can_take_it(task, seed, B, T):
    (x, y), (again, y_again) = task(rng(seed), B, T), task(rng(seed), B, T)
    np.testing.assert_array_equal(x, again)
    np.testing.assert_array_equal(y, y_again)
    assert x.dtype == np.float32
    assert y.dtype == (np.int64 if task in (synthetic.copying, synthetic.parity) else np.float32)
    assert x.shape[0] == y.shape[0] == B
    assert x.ndim == 3
    one, two = task(generator := rng(seed), 20, T), task(generator, 20, T)
    assert not np.array_equal(one[0], two[0])  # fresh sequences from the same generator


@given(seeds, rows, st.integers(2, 40))
def test_adding_marks_one_number_in_each_half_and_adds_them(seed, B, T):
    x, y = synthetic.adding(rng(seed), B, T)
    assert x.shape == (B, T, 2)
    numbers, marks = x[:, :, 0], x[:, :, 1]
    assert set(np.unique(marks)) <= {0, 1}
    assert (marks[:, : T // 2].sum(axis=1) == 1).all()
    assert (marks[:, T // 2 :].sum(axis=1) == 1).all()
    assert ((numbers >= 0) & (numbers < 1)).all()
    marked = numbers[marks == 1].reshape(B, 2)
    np.testing.assert_array_equal(y, marked[:, 0] + marked[:, 1])


def test_adding_marks_every_step():
    x, _ = synthetic.adding(rng(), 2000, 7)
    assert (x[:, :, 1].sum(axis=0) > 0).all()


@given(seeds, rows, st.integers(3, 40), st.integers(2, 8), st.integers(1, 3))
def test_copying_shows_waits_signals_and_wants_it_back(seed, B, T, symbols, shown):
    x, y = synthetic.copying(rng(seed), B, T, symbols, shown)
    assert x.shape == (B, T + shown, symbols + 2)
    assert y.shape == (B, shown)
    assert (x.sum(axis=2) == 1).all()
    classes = x.argmax(axis=2)
    np.testing.assert_array_equal(classes[:, :shown], y)  # symbol k at step k, due at T + k
    assert (classes[:, T] == symbols + 1).all()
    assert (np.delete(classes[:, shown:], T - shown, axis=1) == symbols).all()
    assert y.max() < symbols


@given(seeds, rows, lengths)
def test_recall_asks_for_the_first_step(seed, B, T):
    x, y = synthetic.recall(rng(seed), B, T)
    assert x.shape == (B, T, 3)
    np.testing.assert_array_equal(x[:, 0, 0], y)
    assert set(np.unique(y)) <= {-1, 1}
    assert (x[:, 1:, 0] == 0).all()


@given(seeds, rows, lengths)
def test_parity_is_the_parity_of_every_beginning(seed, B, T):
    x, y = synthetic.parity(rng(seed), B, T)
    assert x.shape == (B, T, 1)
    assert y.shape == (B, T)
    for t in range(T):
        np.testing.assert_array_equal(y[:, t], x[:, : t + 1, 0].sum(axis=1) % 2)


@given(seeds, rows, lengths)
def test_resetting_adds_from_the_last_mark_on(seed, B, T):
    x, y = synthetic.resetting(rng(seed), B, T, rate=0.3)
    assert x.shape == (B, T, 2)
    for (steps, marks), sums in zip(x.swapaxes(1, 2), y, strict=True):
        for t in range(T):
            last = max(np.flatnonzero(marks[: t + 1]), default=0)
            assert sums[t] == pytest.approx(steps[last : t + 1].sum() / 5, abs=1e-6)


@given(seeds, rows, st.integers(1, 40), st.integers(2, 30))
def test_rearranged_says_the_same_symbols_again(seed, B, T, symbols):
    ways = {how: synthetic.rearranged(rng(seed), B, T, how, symbols)
            for how in ("as it was", "reversed", "sorted")}  # fmt: skip
    x, same = ways["as it was"]
    assert x.shape == (B, T)
    assert x.dtype == same.dtype == np.int64
    assert ((x >= 0) & (x < symbols)).all()
    assert all((other == x).all() for other, _ in ways.values())
    for row, kept, back, ordered in zip(x, same, *(ways[w][1] for w in ("reversed", "sorted"))):  # noqa: B905
        assert kept.tolist() == row.tolist()
        assert back.tolist() == list(reversed(row.tolist()))
        assert ordered.tolist() == sorted(row.tolist())


def test_what_is_said_again_is_no_view_of_what_was_read():
    x, y = synthetic.rearranged(rng(), 2, 3)
    y[:] = 99
    assert x.max() < 26


def test_another_order_is_refused():
    with pytest.raises(ValueError, match="how is 'shuffled'"):
        synthetic.rearranged(rng(), 2, 3, "shuffled")


def test_a_guess_scores_what_the_docstrings_say():
    B, T = 20_000, 50
    _, y = synthetic.adding(rng(), B, T)
    assert np.mean((y - 1) ** 2) == pytest.approx(1 / 6, rel=0.03)
    _, y = synthetic.copying(rng(), B, T)
    assert np.mean(y == 3) == pytest.approx(1 / 8, rel=0.03)
    for task in (synthetic.recall, synthetic.parity):
        _, y = task(rng(), B, T)
        assert np.mean(y == 1) == pytest.approx(1 / 2, rel=0.03)
    _, y = synthetic.resetting(rng(), B, T, rate=0.1)
    expected = (1 - 0.9 ** np.arange(1, T + 1)) / 2.5
    assert np.mean(y**2, axis=0) == pytest.approx(expected, rel=0.06)
    assert np.mean(y**2) == pytest.approx(expected.mean(), rel=0.01)


def test_recall_has_the_noise_that_is_asked_for():
    x, _ = synthetic.recall(rng(), 1000, 20, noise=0.5)
    assert x[:, :, 1:].std() == pytest.approx(0.5, rel=0.02)


def test_sequences_that_are_too_short_are_refused():
    with pytest.raises(ValueError, match="T is 1, but the adding problem marks two steps"):
        synthetic.adding(rng(), 4, 1)
    with pytest.raises(ValueError, match="T is 4, but 5 symbols are shown"):
        synthetic.copying(rng(), 4, 4)


def test_fresh_batches_never_end_and_begin_again_as_they_began():
    batches = synthetic.fresh(synthetic.copying, 3, 4, 10, 6)
    first, second = itertools.islice(batches(0), 2)
    again, other = itertools.islice(batches(0), 2)
    for a, b in zip((*first, *second), (*again, *other), strict=True):
        np.testing.assert_array_equal(a, b)
    assert not np.array_equal(first[1], second[1])
    assert first[0].shape == (4, 15, 8)
    x, _ = next(synthetic.fresh(synthetic.adding, 4, 2, 7)(0))
    np.testing.assert_array_equal(x, synthetic.adding(rng(4), 2, 7)[0])
