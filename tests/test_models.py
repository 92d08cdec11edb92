"""Models keep the laws of their shape: padding, batching, direction and masks change no result."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn

from rnncourse import layers, models
from rnncourse.batching import NO_TARGET, pad, teacher_forced
from rnncourse.models import sequence_loss

LENGTHS = [3, 7, 1, 5]
CELLS = [layers.RNN, layers.LSTM, layers.GRU]


@pytest.fixture(autouse=True)
def seeded():
    torch.manual_seed(0)


def padded(lengths=LENGTHS, D=4, filling=99.0):
    """A batch of random sequences whose padding is not zero, and the sequences."""
    sequences = [np.random.default_rng(n).standard_normal((n, D)) for n in lengths]
    x, lengths = pad(sequences, filling)
    return torch.tensor(x), torch.tensor(lengths), [torch.tensor(one) for one in sequences]


def classifier(**options):
    return models.Classifier(4, 6, 3, **options).double().eval()


def tagger(**options):
    return models.Tagger(4, 6, 3, **options).double().eval()


SHAPES = {
    "one layer": {"bidirectional": False},
    "both directions": {"bidirectional": True},
    "deep": {"num_layers": 3, "between": 0.3, "bidirectional": True},
}


@pytest.mark.parametrize("options", SHAPES.values(), ids=SHAPES)
@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("read", ["last", "mean", "both"])
def test_a_classifier_gives_a_batch_what_it_gives_its_members(options, cell, read):
    net = classifier(cell=cell, read=read, **options)
    x, lengths, sequences = padded()
    together = net(x, lengths)
    alone = [net(one[None], torch.tensor([len(one)])) for one in sequences]
    torch.testing.assert_close(together, torch.cat(alone), rtol=0, atol=1e-12)


@pytest.mark.parametrize("options", SHAPES.values(), ids=SHAPES)
@pytest.mark.parametrize("cell", CELLS)
def test_a_tagger_gives_a_batch_what_it_gives_its_members(options, cell):
    net = tagger(cell=cell, **options)
    x, lengths, sequences = padded()
    together = net(x, lengths)
    for row, one in zip(together, sequences, strict=True):
        alone = net(one[None], torch.tensor([len(one)]))[0]
        torch.testing.assert_close(row[: len(one)], alone, rtol=0, atol=1e-12)


@pytest.mark.parametrize("make", [classifier, tagger])
def test_what_stands_in_the_padding_changes_nothing(make):
    net = make(bidirectional=True)
    zeros, nines = (padded(filling=filling) for filling in (0.0, 99.0))
    torch.testing.assert_close(net(*zeros[:2]), net(*nines[:2]), rtol=0, atol=0)


@pytest.mark.parametrize("make", [classifier, tagger])
def test_more_padding_changes_nothing(make):
    net = make(bidirectional=True)
    x, lengths, _ = padded()
    more = net(F.pad(x, (0, 0, 0, 5), value=7.0), lengths)
    less = net(x, lengths)
    if make is tagger:
        more = more[:, : less.shape[1]]
    torch.testing.assert_close(more, less, rtol=0, atol=1e-12)


@pytest.mark.parametrize("make", [classifier, tagger])
def test_the_order_of_a_batch_is_the_order_of_its_results(make):
    net = make(bidirectional=True)
    x, lengths, _ = padded()
    order = torch.tensor([2, 0, 3, 1])
    torch.testing.assert_close(net(x[order], lengths[order]), net(x, lengths)[order])


def twin(net):
    """The same weights with the two directions exchanged, also where they are read."""
    state = {}
    for name, value in net.state_dict().items():
        if name.startswith("rnn."):
            other = name.removesuffix("_reverse") if "_reverse" in name else name + "_reverse"
            state[other] = value
        else:
            state[name] = value
    H = net.rnn.hidden_size
    weights = state["read_out.weight"]
    halves = weights.unflatten(1, (-1, 2, H))  # (classes, what is read, direction, H)
    state["read_out.weight"] = halves.flip(2).flatten(1)
    other = type(net)(4, H, 3, bidirectional=True).double().eval()
    other.load_state_dict(state)
    return other


@pytest.mark.parametrize("make", [classifier, tagger])
def test_a_bidirectional_model_equals_its_twin_on_time_reversed(make):
    net = make(bidirectional=True)
    _, _, sequences = padded()
    x, lengths = pad([one.flip(0).numpy() for one in sequences], 5.0)
    there = net(*padded()[:2])
    back = twin(net)(torch.tensor(x), torch.tensor(lengths))
    if make is classifier:
        torch.testing.assert_close(there, back, rtol=0, atol=1e-12)
        return
    for one, other, length in zip(there, back, LENGTHS, strict=True):
        torch.testing.assert_close(one[:length], other[:length].flip(0), rtol=0, atol=1e-12)


def test_the_past_alone_decides_in_a_unidirectional_tagger():
    x, lengths, _ = padded([6])
    changed = x.clone()
    changed[:, 4:] += 1.0
    one = tagger(bidirectional=False)
    torch.testing.assert_close(one(x, lengths)[:, :4], one(changed, lengths)[:, :4])
    both = tagger(bidirectional=True)
    assert (both(x, lengths)[:, 0] - both(changed, lengths)[:, 0]).abs().max() > 1e-4


def test_each_direction_has_its_place_in_what_is_read():
    """Forward first: the state after the last step; then backward: that after the first."""
    net = classifier(read="last")
    x, lengths, sequences = padded()
    net.read_out = nn.Identity()
    read = net(x, lengths)  # (B, 2 H)
    for row, one in zip(read, sequences, strict=True):
        h, _ = net.rnn(one[None])
        torch.testing.assert_close(row, torch.cat([h[0, -1, :6], h[0, 0, 6:]]))


def test_an_lstm_is_read_by_h_and_not_by_c():
    net = classifier(cell=layers.LSTM, read="last", bidirectional=False)
    net.read_out = nn.Identity()
    x, lengths, _ = padded()
    h, _ = net.rnn(x, lengths=lengths)
    torch.testing.assert_close(net(x, lengths), h[torch.arange(4), lengths - 1])


@pytest.mark.parametrize("make", [models.Classifier, models.Tagger])
def test_token_numbers_are_embedded(make):
    net = make(5, 6, 3, tokens=10).eval()
    codes, lengths = pad([[1, 2, 3], [4]])
    given = net(torch.tensor(codes), torch.tensor(lengths))
    features = net.embedding(torch.tensor(codes))
    net.embedding = nn.Identity()
    torch.testing.assert_close(given, net(features, torch.tensor(lengths)))


# The loss


def test_padding_costs_nothing():
    logits, targets = torch.randn(2, 4, 5), torch.tensor([[1, 2, 3, 4], [0, 1, -1, -1]])
    alone = [F.cross_entropy(logits[row, :n], targets[row, :n], reduction="sum")
             for row, n in ((0, 4), (1, 2))]  # fmt: skip
    torch.testing.assert_close(sequence_loss(logits, targets), sum(alone) / 6)
    logits[1, 2:] = 100 * torch.randn(2, 5)
    torch.testing.assert_close(sequence_loss(logits, targets), sum(alone) / 6)


def test_padding_has_no_gradient():
    net = tagger()
    x, lengths, _ = padded()
    x.requires_grad_()
    targets = torch.tensor(pad([np.zeros(n, int) for n in LENGTHS], NO_TARGET)[0])
    sequence_loss(net(x, lengths), targets).backward()
    real = targets != NO_TARGET
    assert x.grad[real].abs().sum(-1).min() > 0
    assert x.grad[~real].abs().max() == 0


# One-to-many


def captioner(look="every step"):
    encoder = nn.Sequential(nn.Flatten(), nn.Linear(16, 6))
    return models.Captioner(encoder, 6, 9, hidden_size=8, embedding=5, look=look).double().eval()


@pytest.mark.parametrize("look", ["every step", "first state"])
def test_a_captioner_step_by_step_says_what_it_says_at_once(look):
    net = captioner(look)
    pictures, words = torch.randn(3, 4, 4).double(), torch.randint(9, (3, 5))
    state, steps = net.start(pictures), []
    for token in words.T:
        logits, state = net.step(token, state)
        steps.append(logits)
    torch.testing.assert_close(net(pictures, words), torch.stack(steps, 1), rtol=0, atol=1e-12)


def test_captions_of_a_batch_are_those_of_its_members():
    net = captioner()
    pictures, words = torch.randn(3, 4, 4).double(), torch.randint(9, (3, 5))
    alone = [net(pictures[n : n + 1], words[n : n + 1]) for n in range(3)]
    torch.testing.assert_close(net(pictures, words), torch.cat(alone), rtol=0, atol=1e-12)


def test_at_every_step_the_picture_is_looked_at():
    """With the state kept, another picture changes the next word's logits, or does not."""
    for look, changed in (("every step", True), ("first state", False)):
        net = captioner(look)
        one, other = (net.start(torch.randn(1, 4, 4).double()) for _ in range(2))
        token = torch.tensor([3])
        same_h = net.step(token, one)[0], net.step(token, (other[0], one[1]))[0]
        assert ((same_h[0] - same_h[1]).abs().max() > 1e-6) == changed


def test_a_picture_encoder_has_the_side_it_was_made_for():
    encoder = models.PictureEncoder(12, 7, (4, 8)).eval()
    assert encoder(torch.randn(3, 12, 12)).shape == (3, 7)


# Encoder and decoder


def encoder_decoder():
    return models.EncoderDecoder(10, 8, hidden_size=6, embedding=5).double().eval()


def pairs():
    source, lengths = pad([[1, 2, 3], [4, 5, 6, 7, 8, 9], [2]])
    inputs, targets = teacher_forced([[3, 4], [5], [6, 7, 3]], 1, 2)
    return [torch.tensor(one) for one in (source, lengths, inputs, targets)]


def test_an_encoder_decoder_gives_a_batch_what_it_gives_its_members():
    net = encoder_decoder()
    source, lengths, inputs, _ = pairs()
    together = net(source, lengths, inputs)
    for row, length in enumerate(lengths.tolist()):
        alone = net(source[row : row + 1, :length], lengths[row : row + 1], inputs[row : row + 1])
        torch.testing.assert_close(together[row], alone[0], rtol=0, atol=1e-12)


def test_an_encoder_decoder_step_by_step_says_what_it_says_at_once():
    net = encoder_decoder()
    source, lengths, inputs, _ = pairs()
    state, steps = net.start(source, lengths), []
    for token in inputs.T:
        logits, state = net.step(token, state)
        steps.append(logits)
    together = net(source, lengths, inputs)
    torch.testing.assert_close(together, torch.stack(steps, 1), rtol=0, atol=1e-12)


def test_what_pads_a_target_changes_neither_loss_nor_gradient():
    net = encoder_decoder()
    source, lengths, inputs, targets = pairs()
    found = []
    for filling in (2, 5):
        filled = torch.where(targets == NO_TARGET, filling, inputs)
        net.zero_grad()
        loss = sequence_loss(net(source, lengths, filled), targets)
        loss.backward()
        found.append([loss.detach(), *(p.grad.clone() for p in net.parameters())])
    for one, other in zip(*found, strict=True):
        torch.testing.assert_close(one, other, rtol=0, atol=1e-12)


def test_no_token_after_the_one_asked_for_is_seen():
    net = encoder_decoder()
    source, lengths, inputs, _ = pairs()
    changed = inputs.clone()
    changed[:, 2:] = 7
    before, after = net(source, lengths, inputs), net(source, lengths, changed)
    torch.testing.assert_close(before[:, :2], after[:, :2])


# Nothing leaks from one call into the next


@pytest.mark.parametrize("make", [classifier, tagger])
def test_a_call_does_not_remember_the_one_before(make):
    net = make()
    x, lengths, _ = padded()
    before = net(x, lengths)
    net(x.flip(0), lengths.flip(0))
    torch.testing.assert_close(net(x, lengths), before, rtol=0, atol=0)


def test_what_cannot_be_read_or_looked_at_is_refused():
    with pytest.raises(ValueError, match="read is 'first'"):
        models.Classifier(4, 6, 3, read="first")
    with pytest.raises(ValueError, match="look is 'never'"):
        captioner(look="never")
