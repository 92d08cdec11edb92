"""CTC: everything equals brute force over all paths on cases small enough to list."""

import itertools

import hypothesis.strategies as st
import numpy as np
import pytest
import torch
from hypothesis import given, settings

from rnncourse import ctc

seeds = st.integers(0, 2**32)


def scores(seed, T, V):
    logits = np.random.default_rng(seed).normal(0, 2, (T, V))
    return torch.tensor(logits).log_softmax(1)


def brute_force(log_probs, blank):
    """{meaning: log p}, all V^T paths added up."""
    T, V = log_probs.shape
    found = {}
    for path in itertools.product(range(V), repeat=T):
        p = float(sum(log_probs[t, label] for t, label in enumerate(path)))
        meaning = tuple(ctc.collapse(path, blank))
        found[meaning] = np.logaddexp(found.get(meaning, -np.inf), p)
    return found


def test_collapse_by_hand():
    assert ctc.collapse([], 0) == []
    assert ctc.collapse([0, 0], 0) == []
    assert ctc.collapse([1, 1, 0, 1, 2, 2], 0) == [1, 1, 2]
    assert "".join(ctc.collapse("hheel-lo-", "-")) == "hello"


@given(st.lists(st.integers(0, 3), max_size=8))
def test_a_target_fits_into_the_frames_it_needs_and_no_fewer(target):
    """With blanks only where they must be, a path means its target."""
    path = []
    for label in target:
        path += [9, label] if path and path[-1] == label else [label]
    assert ctc.collapse(path, 9) == target
    assert len(path) == ctc.frames_needed(target)


@settings(max_examples=20, deadline=None)
@given(seeds, st.integers(1, 5), st.integers(2, 3))
def test_fewest_frames_by_brute_force(seed, T, V):
    meanings = set(brute_force(scores(seed, T, V), 0))
    possible = [
        target
        for n in range(T + 2)
        for target in itertools.product(range(1, V), repeat=n)
        if ctc.frames_needed(target) <= T
    ]
    assert meanings == set(possible)


@settings(max_examples=30, deadline=None)
@given(seeds, st.integers(1, 5), st.integers(2, 4), st.integers(0, 3))
def test_an_unpruned_beam_is_brute_force(seed, T, V, blank):
    blank %= V
    log_probs = scores(seed, T, V)
    expected = brute_force(log_probs, blank)
    found = ctc.prefix_beam(log_probs, blank)
    assert {tuple(labels) for labels, _ in found} == set(expected)
    for labels, log_p in found:
        assert log_p == pytest.approx(expected[tuple(labels)], abs=1e-9)
    assert [log_p for _, log_p in found] == sorted((p for _, p in found), reverse=True)
    assert np.logaddexp.reduce([p for _, p in found]) == pytest.approx(0, abs=1e-9)


@settings(max_examples=20, deadline=None)
@given(seeds, st.integers(1, 4))
def test_a_pruned_beam_promises_no_more_than_there_is(seed, width):
    log_probs = scores(seed, 6, 3)
    expected = brute_force(log_probs, 2)
    found = ctc.prefix_beam(log_probs, width=width)
    assert 1 <= len(found) <= width
    for labels, log_p in found:
        assert log_p <= expected[tuple(labels)] + 1e-9


@settings(max_examples=20, deadline=None)
@given(seeds)
def test_the_loss_is_brute_force(seed):
    log_probs = scores(seed, 5, 3)
    expected = brute_force(log_probs, 2)
    for target in ((0,), (0, 1), (1, 1), (0, 0, 1)):
        loss = ctc.ctc_loss(
            (log_probs[None], torch.tensor([5])),
            (torch.tensor([target]), torch.tensor([len(target)])),
        )
        assert loss.item() == pytest.approx(-expected[target], abs=1e-9)


@given(seeds, st.integers(1, 6))
def test_greedy_is_the_meaning_of_the_likeliest_path(seed, T):
    log_probs = scores(seed, T, 3)
    best = max(
        itertools.product(range(3), repeat=T),
        key=lambda path: float(sum(log_probs[t, label] for t, label in enumerate(path))),
    )
    assert ctc.greedy_ctc(log_probs, 2) == ctc.collapse(best, 2)


def test_the_likeliest_path_need_not_have_the_likeliest_meaning():
    log_probs = np.log([[0.4, 0.6], [0.4, 0.6]])  # a, blank: the case of Graves's figure
    assert ctc.greedy_ctc(log_probs) == []
    (best, log_p), *_ = ctc.prefix_beam(log_probs)
    assert best == [0]
    assert np.exp(log_p) == pytest.approx(0.64)


def test_the_same_label_again_needs_a_blank_between():
    sure = np.log(np.array([[0.98, 0.01, 0.01], [0.98, 0.01, 0.01]]))
    assert ctc.prefix_beam(sure)[0][0] == [0]
    silence = np.log(np.array([[0.98, 0.01, 0.01], [0.01, 0.01, 0.98], [0.98, 0.01, 0.01]]))
    assert ctc.prefix_beam(silence)[0][0] == [0, 0]


@pytest.mark.parametrize(("target", "frames", "need"), [([1, 2, 3], 2, 3), ([1, 1], 2, 3)])
def test_a_target_longer_than_its_input_is_refused(target, frames, need):
    output = (torch.randn(1, 6, 5).log_softmax(2), torch.tensor([frames]))
    targets = (torch.tensor([target]), torch.tensor([len(target)]))
    with pytest.raises(ValueError, match=f"sequence 0: its {len(target)} labels need {need} fra"):
        ctc.ctc_loss(output, targets)


def test_padding_changes_no_loss_and_no_decoding():
    log_probs = torch.randn(2, 6, 4, dtype=torch.float64).log_softmax(2)
    frames, labels = torch.tensor([6, 4]), torch.tensor([[1, 2, 0], [2, 0, 0]])
    sizes = torch.tensor([3, 1])
    loss = ctc.ctc_loss((log_probs, frames), (labels, sizes))
    alone = [
        ctc.ctc_loss(
            (log_probs[n : n + 1, :f], frames[n : n + 1]),
            (labels[n : n + 1, :s], sizes[n : n + 1]),
        )
        for n, (f, s) in enumerate(zip(frames.tolist(), sizes.tolist(), strict=True))
    ]
    assert loss.item() == pytest.approx(sum(one.item() for one in alone) / 2, abs=1e-12)
    changed = log_probs.clone()
    changed[1, 4:] = torch.randn(2, 4, dtype=torch.float64).log_softmax(1)
    other = ctc.ctc_loss((changed, frames), (labels, sizes))
    assert other.item() == pytest.approx(loss.item(), abs=1e-12)
    assert ctc.decode(changed, frames) == ctc.decode(log_probs, frames)


def test_a_beam_keeps_one_at_least():
    with pytest.raises(ValueError, match="width is 0"):
        ctc.prefix_beam(np.log([[0.5, 0.5]]), width=0)
