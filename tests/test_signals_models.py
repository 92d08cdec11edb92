"""Models of signals keep their laws: padding and batches change nothing, nobody sees the future."""

import numpy as np
import pytest
import torch
from torch import nn

from rnncourse import metrics, models
from rnncourse.batching import NO_TARGET, pad
from rnncourse.models import chord_loss, gaussian_loss

LENGTHS = [9, 16, 1, 6]


@pytest.fixture(autouse=True)
def seeded():
    torch.manual_seed(0)


def listener():
    return models.Listener(5, 3, channels=6, hidden_size=4).double().eval()


def sounds(filling):
    sequences = [np.random.default_rng(n).standard_normal((n, 5)) for n in LENGTHS]
    x, lengths = pad(sequences, filling)
    return torch.tensor(x), torch.tensor(lengths), [torch.tensor(one) for one in sequences]


def test_a_listener_gives_a_batch_what_it_gives_its_members_whatever_the_padding():
    net = listener()
    for filling in (0.0, 99.0):
        x, lengths, sequences = sounds(filling)
        log_probs, frames = net(x, lengths)
        assert frames.tolist() == [-(-n // 4) for n in LENGTHS]
        for row, one in enumerate(sequences):
            alone, (its,) = net(one[None], torch.tensor([len(one)]))
            assert its == frames[row]
            torch.testing.assert_close(log_probs[row, :its], alone[0], rtol=0, atol=1e-12)


def test_a_listener_gives_probabilities_of_the_labels_and_the_blank():
    log_probs, _ = listener()(*sounds(0.0)[:2])
    assert log_probs.shape == (4, 4, 4)
    torch.testing.assert_close(log_probs.exp().sum(2), torch.ones(4, 4).double())


def test_a_frame_answers_to_sound_near_and_far():
    net = listener()
    x = torch.randn(1, 32, 5).double()
    changed = x.clone()
    changed[:, 31] += 1
    apart = (net(x, torch.tensor([32]))[0] - net(changed, torch.tensor([32]))[0]).abs().amax((0, 2))
    assert apart.min() > 0  # from the last frame back to the first, by the backward direction
    assert apart.argmax() == 7


def test_a_forecaster_that_knows_nothing_says_as_yesterday():
    net = models.Forecaster(8, hours=6, extra=2).eval()
    nn.init.zeros_(net.read_out.weight), nn.init.zeros_(net.read_out.bias)
    past = torch.randn(3, 24)
    torch.testing.assert_close(net(past, torch.randn(3, 4, 2)), past[:, 18:])


def test_a_forecaster_reads_days():
    net = models.Forecaster(8, hours=6).double().eval()
    past = torch.randn(3, 24).double()
    h, _ = net.rnn(past.reshape(3, 4, 6))
    expected = past[:, 18:] + net.read_out(h[:, -1])
    torch.testing.assert_close(net(past), expected, rtol=0, atol=1e-12)


def next_step():
    return models.NextStep(5, 3, hidden_size=6).double().eval()


def test_the_next_step_is_foretold_from_the_steps_before():
    net, x = next_step(), torch.randn(2, 8, 5).double()
    changed = x.clone()
    changed[:, 5] += 1
    for one, other in zip(net(x), net(changed), strict=True):
        torch.testing.assert_close(one[:, :5], other[:, :5], rtol=0, atol=0)
        assert (one[:, 5:] - other[:, 5:]).abs().amax((0, 2)).min() > 0


def test_the_gaussian_loss_is_that_of_the_normal_distribution():
    mean, log_variance, target = torch.randn(3, 2, 4, 3).double()
    normal = torch.distributions.Normal(mean, torch.exp(log_variance / 2))
    expected = -normal.log_prob(target).mean()
    torch.testing.assert_close(gaussian_loss((mean, log_variance), target), expected)


CHAINED = pytest.mark.parametrize("chained", [False, True])


def choir(chained, skip=True):
    return models.FourVoices(7, 6, chained=chained, skip=skip).double().eval()


@CHAINED
@pytest.mark.parametrize("skip", [False, True])
def test_no_chord_is_foretold_from_itself_but_for_the_voices_above(chained, skip):
    net, chords = choir(chained, skip), torch.randint(7, (1, 6, 4))
    before = net(chords)
    assert before.shape == (1, 5, 4, 7)
    for voice in range(4):
        changed = chords.clone()
        changed[0, 3, voice] = (changed[0, 3, voice] + 1) % 7  # chord 3 is asked for by logits 2
        apart = (net(changed) - before).abs().amax(3)[0]  # (T, voices)
        assert apart[:2].max() == 0
        assert apart[2, : voice + 1].max() == 0
        assert (apart[2, voice + 1 :] > 0).all() == (chained or voice == 3)
        assert (apart[3:] > 0).all()


@CHAINED
def test_padding_costs_nothing_and_a_batch_weighs_frames(chained):
    net = choir(chained)
    pieces = [torch.randint(7, (n, 4)) for n in (6, 3)]
    chords = torch.full((2, 9, 4), NO_TARGET)
    for row, piece in enumerate(pieces):
        chords[row, : len(piece)] = piece
    alone = [chord_loss(net(piece[None]), piece[None]) for piece in pieces]
    expected = (5 * alone[0] + 2 * alone[1]) / 7
    torch.testing.assert_close(chord_loss(net(chords), chords), expected, rtol=0, atol=1e-12)


@CHAINED
def test_a_chord_costs_the_sum_of_its_voices_and_all_chords_together_have_one(chained):
    """Added up over all 3⁴ chords that may come, probabilities are 1."""
    net = models.FourVoices(3, 6, chained=chained).double().eval()
    start = torch.randint(3, (1, 4, 4))
    every = torch.cartesian_prod(*[torch.arange(3)] * 4)  # (81, 4)
    chords = torch.cat([start.expand(81, -1, -1), every[:, None]], dim=1)
    last = torch.stack([chord_loss(net(c[None])[:, -1:], c[None, -2:]) for c in chords])
    torch.testing.assert_close(torch.exp(-last).sum(), torch.tensor(1.0).double())


@CHAINED
def test_what_is_drawn_has_the_probabilities_of_the_logits(chained):
    net, start = choir(chained), torch.randint(7, (3, 4))
    generator = torch.Generator().manual_seed(1)
    drawn = torch.stack([net.continue_(start, 1, generator)[-1] for _ in range(2000)])
    p = net(torch.cat([start, start[:1]])[None])[0, -1, 0].softmax(0)
    found = torch.bincount(drawn[:, 0], minlength=7) / 2000
    assert (found - p).abs().max() < 0.04
    again = net.continue_(start, 5, torch.Generator().manual_seed(1))
    assert (again == net.continue_(start, 5, torch.Generator().manual_seed(1))).all()
    assert (again[:3] == start).all()
    assert again.shape == (8, 4)


@CHAINED
def test_cold_sampling_takes_the_likeliest_note_at_every_step(chained):
    net, start = choir(chained), torch.randint(7, (3, 4))
    chords = net.continue_(start, 4, torch.Generator().manual_seed(0), temperature=1e-6)
    best = net(chords[None])[0].argmax(2)
    assert (chords[3:] == best[2:]).all()


# MASE


def test_mase_by_hand():
    history = [1, 5, 2, 7, 4, 9]
    assert metrics.mase([3, 3], [4, 6], history, 2) == pytest.approx(2 / (7 / 4))
    assert metrics.mase([3, 3], [4, 6], history, 1) == pytest.approx(2 / (20 / 5))


def test_mase_has_no_unit():
    rng = np.random.default_rng(0)
    forecast, actual, history = rng.random(5), rng.random(5), rng.random(30)
    one = metrics.mase(forecast, actual, history, 7)
    other = metrics.mase(*(10 + 3 * part for part in (forecast, actual, history)), 7)
    assert one == pytest.approx(other)


def test_the_naive_guess_scores_one_on_its_own_history():
    history = np.random.default_rng(1).random(50)
    assert metrics.mase(history[:-7], history[7:], history, 7) == pytest.approx(1)


@pytest.mark.parametrize(
    ("history", "season", "message"),
    [([1, 2], 2, "season is 2"), ([1, 2], 0, "season is 0"), ([1, 2, 1, 2], 2, "repeats itself")],
)
def test_a_scale_that_is_none_is_refused(history, season, message):
    with pytest.raises(ValueError, match=message):
        metrics.mase([1], [1], history, season)


def test_mase_wants_one_shape():
    with pytest.raises(ValueError, match="must have one shape"):
        metrics.mase([1, 2], [1], [1, 2, 3], 1)
