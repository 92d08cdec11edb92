"""The benchmark that tampers with attention changes what it says it changes, and nothing else."""

import pytest
import torch

from rnncourse import experiments
from rnncourse.models import AttentiveEncoderDecoder

task = experiments.load_task("looking")
REAL = torch.arange(6) < torch.tensor([6, 2, 4])[:, None]


@pytest.fixture
def weights():
    torch.manual_seed(0)
    scores = torch.randn(3, 6).double().masked_fill(~REAL, -torch.inf)
    return scores.softmax(dim=1)


@pytest.mark.parametrize("how", task.TAMPERED)
def test_tampered_weights_are_weights(weights, how):
    for seed in range(20):
        alter = task.tamperings(torch.Generator().manual_seed(seed))[how]
        changed = alter(weights, REAL)
        assert (changed[~REAL] == 0).all()
        torch.testing.assert_close(changed.sum(1), torch.ones(3).double())
        assert not torch.equal(changed, weights)


def test_what_is_covered_is_the_top_or_another(weights):
    best = weights.argmax(1, keepdim=True)
    ways = task.tamperings(torch.Generator().manual_seed(1))
    assert (ways["top"](weights, REAL).gather(1, best) == 0).all()
    for _ in range(20):
        changed = ways["other"](weights, REAL)
        assert (changed.gather(1, best) > weights.gather(1, best)).all()
        assert ((changed == 0) & REAL).sum(1).tolist() == [1, 1, 1]
    alone = ways["only"](weights, REAL)
    assert (alone.gather(1, best) == 1).all()


def test_shuffled_weights_are_the_same_in_another_order(weights):
    ways = task.tamperings(torch.Generator().manual_seed(2))
    seen = set()
    for _ in range(30):
        changed = ways["shuffled"](weights, REAL)
        torch.testing.assert_close(changed.sort(1).values, weights.sort(1).values)
        seen.add(int(changed[0].argmax()))
    assert len(seen) == 6


@pytest.mark.parametrize("attention", ["additive", "dot", "general"])
def test_a_step_that_is_not_tampered_with_is_the_models(attention):
    torch.manual_seed(0)
    net = AttentiveEncoderDecoder(9, 8, 7, 5, attention=attention).double().eval()
    source, token = torch.randint(9, (3, 6)), torch.tensor([1, 4, 2])
    with torch.no_grad():
        state = net.start(source, torch.tensor([6, 2, 4]))
        logits, after, weights = task.stepped(net, token, state)
        expected, following = net.step(token, state)
        looked = net.weights(source, torch.tensor([6, 2, 4]), token[:, None])[:, 0]
    torch.testing.assert_close(logits, expected)
    torch.testing.assert_close(after.h, following.h)
    torch.testing.assert_close(weights, looked)


def test_one_thing_is_exchanged():
    torch.manual_seed(0)
    net = AttentiveEncoderDecoder(9, 8, 7, 5).double().eval()
    with torch.no_grad():
        mine, other = (net.start(torch.randint(9, (3, 6)), torch.full((3,), 6)) for _ in range(2))
    for what, place in (("the", 0), ("noun", 4)):
        state = task.swapped(mine, other, what, 4)
        for part in ("memory", "keys"):
            found, old, new = (getattr(one, part) for one in (state, mine, other))
            same = [s for s in range(6) if torch.equal(found[:, s], old[:, s])]
            assert same == [s for s in range(6) if s != place]
            assert torch.equal(found[:, place], new[:, place])
        assert torch.equal(state.h, mine.h)
    state = task.swapped(mine, other, "start", 4)
    assert torch.equal(state.h, other.h)
    assert torch.equal(state.memory, mine.memory)
