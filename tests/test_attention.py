"""Attention keeps its laws: the weights are a distribution over what is real, and only that."""

import pytest
import torch
import torch.nn.functional as F

from rnncourse import models
from rnncourse.attention import Additive, Multiplicative, attend
from rnncourse.batching import NO_TARGET
from rnncourse.models import sequence_loss

B, T, S, M = 3, 4, 6, 5
KINDS = ["additive", "dot", "general"]


@pytest.fixture(autouse=True)
def seeded():
    torch.manual_seed(0)
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(torch.float32)


def real(lengths=(6, 2, 4)):
    return torch.arange(max(lengths)) < torch.tensor(lengths)[:, None]


def scorer(kind):
    return Additive(M, M, 7) if kind == "additive" else Multiplicative(M, M, kind == "general")


@pytest.mark.parametrize("shape", [(B, S), (B, T, S), (B, 2, T, S)])
def test_weights_are_zero_over_padding_and_sum_to_one(shape):
    _, weights = attend(torch.randn(shape), torch.randn(B, S, M), real())
    padding = ~real().view(B, *[1] * (len(shape) - 2), S).expand(shape)
    assert (weights[padding] == 0).all()
    assert (weights[~padding] > 0).all()
    torch.testing.assert_close(weights.sum(-1), torch.ones(shape[:-1]))


def test_what_stands_in_the_padding_changes_nothing():
    scores, memory, there = torch.randn(B, T, S), torch.randn(B, S, M), real()
    other = torch.where(there[..., None], memory, torch.full_like(memory, 1e30))
    noise = torch.where(there[:, None], scores, torch.full_like(scores, 1e30))
    for one, two in zip(attend(scores, memory, there), attend(noise, other, there), strict=True):
        torch.testing.assert_close(one, two, rtol=0, atol=0)


def test_more_padding_changes_nothing():
    scores, memory = torch.randn(B, S), torch.randn(B, S, M)
    more = attend(F.pad(scores, (0, 3)), F.pad(memory, (0, 0, 0, 3)), F.pad(real(), (0, 3)))
    torch.testing.assert_close(more[0], attend(scores, memory, real())[0], rtol=0, atol=1e-15)


def test_a_score_far_above_the_others_picks_its_place():
    scores, memory = torch.zeros(1, 4), torch.randn(1, 4, M)
    scores[0, 2] = 1e3
    torch.testing.assert_close(
        attend(scores, memory, torch.ones(1, 4, dtype=bool))[0], memory[:, 2]
    )


@pytest.mark.parametrize("kind", KINDS)
def test_places_in_another_order_give_weights_in_that_order(kind):
    score, query, memory = scorer(kind), torch.randn(B, T, M), torch.randn(B, S, M)
    order, there = torch.randperm(S), real((6, 6, 6))
    context, weights = attend(score(query, score.keys(memory)), memory, there)
    moved = memory[:, order]
    again, moved_weights = attend(score(query, score.keys(moved)), moved, there)
    torch.testing.assert_close(context, again)
    torch.testing.assert_close(weights[..., order], moved_weights)


@pytest.mark.parametrize("kind", KINDS)
def test_all_queries_at_once_are_the_queries_one_by_one(kind):
    score, query = scorer(kind), torch.randn(B, T, M)
    keys = score.keys(torch.randn(B, S, M))
    one_by_one = torch.stack([score(q, keys) for q in query.unbind(1)], dim=1)
    torch.testing.assert_close(score(query, keys), one_by_one, rtol=0, atol=1e-14)


@pytest.mark.parametrize("scale", [1.0, None])
def test_dot_is_torchs_attention_with_scale_one_only(scale):
    query, memory, score = torch.randn(B, T, M), torch.randn(B, S, M), Multiplicative(M, M, False)
    ours, _ = attend(score(query, score.keys(memory)), memory, real())
    theirs = F.scaled_dot_product_attention(
        query, memory, memory, attn_mask=real()[:, None].expand(B, T, S), scale=scale
    )
    assert torch.allclose(ours, theirs, rtol=0, atol=1e-14) == (scale == 1.0)


def test_general_is_torchs_attention_on_what_W_makes_of_the_memory():
    query, memory, score = torch.randn(B, T, 3), torch.randn(B, S, M), Multiplicative(3, M)
    ours, _ = attend(score(query, score.keys(memory)), memory, real())
    theirs = F.scaled_dot_product_attention(
        query, memory @ score.W.weight.T, memory, attn_mask=real()[:, None].expand(B, T, S), scale=1
    )
    torch.testing.assert_close(ours, theirs, rtol=0, atol=1e-14)


def test_additive_is_its_formula():
    score, q, m = Additive(3, M, 7), torch.randn(1, 3), torch.randn(1, S, M)
    W_q, W_m, b, v = (score.of_query.weight, score.of_memory.weight, score.of_memory.bias,
                      score.v.weight[0])  # fmt: skip
    expected = torch.stack([v @ torch.tanh(W_q @ q[0] + W_m @ place + b) for place in m[0]])
    torch.testing.assert_close(score(q, score.keys(m))[0], expected)


def test_gradients_are_right_and_stop_at_the_padding():
    scores = torch.randn(B, S, requires_grad=True)
    memory = torch.randn(B, S, M, requires_grad=True)
    assert torch.autograd.gradcheck(lambda s, m: attend(s, m, real())[0], (scores, memory))
    attend(scores, memory, real())[0].pow(2).sum().backward()
    assert (memory.grad[~real()] == 0).all()
    assert (scores.grad[~real()] == 0).all()


@pytest.mark.parametrize(
    ("scores", "there", "message"),
    [
        ((B, S), (6, 0, 4), "sequence 1 of the batch has no real place"),
        ((B, S - 1), (6, 2, 4), "must begin with the memory's B and end with its S"),
        ((B + 1, S), (6, 2, 4), "must begin with the memory's B"),
        ((B, S), (5, 2, 4), r"real must be bool of shape \(3, 6\)"),
    ],
)
def test_what_does_not_fit_is_refused(scores, there, message):
    with pytest.raises(ValueError, match=message):
        attend(torch.randn(scores), torch.randn(B, S, M), real(there))


def test_numbers_for_real_are_refused():
    with pytest.raises(ValueError, match=r"real must be bool .* torch.float64"):
        attend(torch.randn(B, S), torch.randn(B, S, M), real().double())


def test_a_dot_product_of_two_sizes_is_refused():
    with pytest.raises(ValueError, match="a query has 3 features and a place 5"):
        Multiplicative(3, 5, general=False)


# --- the encoder–decoder that looks back ---------------------------------------------------


def model(kind):
    return models.AttentiveEncoderDecoder(10, 8, 12, 5, attention=kind).eval()


def batch():
    sources = [torch.tensor(one) for one in ([3, 4, 5], [6], [7, 8, 9, 3, 4], [5, 5])]
    lengths = torch.tensor([len(one) for one in sources])
    return sources, torch.nn.utils.rnn.pad_sequence(sources, batch_first=True), lengths


@pytest.mark.parametrize("kind", KINDS)
def test_a_batch_gets_what_its_members_get(kind):
    net, (sources, padded, lengths) = model(kind), batch()
    target = torch.randint(3, 8, (4, 6))
    together = net(padded, lengths, target)
    for row, source in enumerate(sources):
        alone = net(source[None], torch.tensor([len(source)]), target[row : row + 1])
        torch.testing.assert_close(together[row], alone[0], rtol=0, atol=1e-12)


@pytest.mark.parametrize("kind", KINDS)
def test_step_by_step_is_all_at_once(kind):
    net, (_, padded, lengths) = model(kind), batch()
    target, state, one_by_one = torch.randint(3, 8, (4, 6)), net.start(padded, lengths), []
    for token in target.unbind(1):
        logits, state = net.step(token, state)
        one_by_one.append(logits)
    torch.testing.assert_close(
        net(padded, lengths, target), torch.stack(one_by_one, 1), rtol=0, atol=1e-12
    )


@pytest.mark.parametrize("kind", KINDS)
def test_the_weights_of_a_model_are_a_distribution_over_the_source(kind):
    net, (_, padded, lengths) = model(kind), batch()
    weights = net.weights(padded, lengths, torch.randint(3, 8, (4, 6)))
    assert weights.shape == (4, 6, 5)
    torch.testing.assert_close(weights.sum(-1), torch.ones(4, 6))
    assert all((weights[row, :, n:] == 0).all() for row, n in enumerate(lengths))


@pytest.mark.parametrize(("kind", "hears"), [("additive", False), ("dot", True), ("general", True)])
def test_which_state_asks(kind, hears):
    """The token of a step changes the weights of that step only where the state after it asks."""
    net, (_, padded, lengths) = model(kind), batch()
    target = torch.full((4, 3), 4)
    other = target.clone()
    other[:, 1] = 5
    one, two = (net.weights(padded, lengths, words)[0] for words in (target, other))
    torch.testing.assert_close(one[0], two[0], rtol=0, atol=0)
    assert (not torch.allclose(one[1], two[1], rtol=0, atol=1e-9)) == hears
    assert not torch.allclose(one[2], two[2], rtol=0, atol=1e-9)


@pytest.mark.parametrize("kind", KINDS)
def test_later_tokens_do_not_change_earlier_answers(kind):
    net, (_, padded, lengths) = model(kind), batch()
    target = torch.randint(3, 8, (4, 6))
    other = target.clone()
    other[:, 4:] = 3
    one, two = (net(padded, lengths, words)[:, :4] for words in (target, other))
    torch.testing.assert_close(one, two, rtol=0, atol=1e-12)


@pytest.mark.parametrize("kind", KINDS)
def test_all_weights_learn(kind):
    net, (_, padded, lengths) = model(kind), batch()
    target = torch.randint(3, 8, (4, 6))
    targets = target.index_fill(1, torch.tensor(5), NO_TARGET)
    sequence_loss(net(padded, lengths, target), targets).backward()
    silent = [name for name, p in net.named_parameters() if p.grad is None or not p.grad.any()]
    assert silent == []


def test_an_unknown_attention_is_refused():
    with pytest.raises(ValueError, match="attention is 'luong'"):
        models.AttentiveEncoderDecoder(5, 5, attention="luong")
