"""The figures of sequences say what they show."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

import rnncourse.figures as figures
from rnncourse import batching
from rnncourse.figures import packed_batch, padded_batch, piano_roll, word_order
from rnncourse.figures.chorale_player import note

ROWS = [["dog", "barks"], ["the", "cat", "sat", "down"], ["man", "bites", "dog"]]


@pytest.fixture(autouse=True)
def close():
    yield
    plt.close("all")


def words(ax):
    return [text.get_text() for text in ax.texts]


def test_a_padded_batch_shows_every_word_in_a_rectangle():
    ax = padded_batch(ROWS, length=5)
    assert len(ax.patches) == 3 * 5
    assert [word for word in words(ax) if word] == [word for row in ROWS for word in row]
    hatched = [patch for patch in ax.patches if patch.get_hatch()]
    assert len(hatched) == 3 * 5 - 9


def test_a_packed_batch_shows_the_batch_sizes_of_pack():
    ax = packed_batch(ROWS)
    assert len(ax.patches) == 9
    batch, lengths = batching.pad([np.ones(len(row)) for row in ROWS])
    sizes = [str(size) for size in batching.pack(batch, lengths).batch_sizes]
    assert [word for word in words(ax) if word.isdigit()] == sizes == ["3", "3", "2", "1"]


def test_a_piano_roll_has_one_bar_for_a_held_note():
    pitches = np.array([[67, 62, 59, 43], [67, 0, 60, 43], [69, 62, 60, 43]])
    ax = piano_roll(pitches)
    assert [len(bars) for bars in ax.containers] == [2, 2, 2, 1]
    lefts = [bar.get_x() for bars in ax.containers for bar in bars]
    assert lefts == [0, 2, 0, 2, 0, 1, 0]


def test_word_order_shows_bag_and_sequence():
    figure = word_order("up up down")
    figure.order = [2, 0, 1]
    assert figure.now() == ["down", "up", "up"]
    assert "now reads “down up up”" in figure.describe()
    assert "<td>up</td><td>2</td><td></td><td>●</td><td>●</td>" in figure.fallback()


@pytest.mark.parametrize("sentence", ["", "a " * 13])
def test_word_order_takes_up_to_twelve_words(sentence):
    with pytest.raises(ValueError, match="the figure shows 1 to 12"):
        word_order(sentence)


def test_the_listener_of_the_figure_is_that_of_the_package():
    """NumPy says what torch says, with the weights that the page has."""
    import torch

    from rnncourse.data.spoken_strings import log_mel
    from rnncourse.models import Listener

    figure = figures.digit_listener("7013", noise=3)
    weights = {name: torch.tensor(value) for name, value in figure.weights.items()}
    channels, bands, _ = weights["first.weight"].shape
    hidden = weights["rnn.weight_hh_l0"].shape[1]
    net = Listener(bands, 10, channels, hidden)
    net.load_state_dict(weights)
    x = torch.tensor(log_mel(figure.wave()))
    with torch.no_grad():
        said, lengths = net(x[None], torch.tensor([len(x)]))
    assert lengths.tolist() == [len(figure.posteriors())]
    np.testing.assert_allclose(figure.posteriors(), said[0].exp(), atol=1e-4)


def test_noise_over_the_digits_has_the_power_that_is_asked_for():
    loud, quiet = (figures.digit_listener("58", noise=n).wave() for n in (-10, 20))
    clean = figures.digit_listener("58", noise=20)
    said = np.concatenate([np.array(clean.clips[d]) / 128 for d in (5, 8)])
    noise = (loud - quiet) / (10**0.5 - 10**-1)  # of the power of the digits
    assert np.mean(noise**2) == pytest.approx(np.mean(said**2), rel=0.1)


def test_what_is_heard_without_much_noise_is_what_was_said():
    for digits in ("0123", "4567", "8990"):
        heard = figures.digit_listener(digits, noise=20).heard()
        assert "".join(str(digit) for digit, _, _ in heard) == digits


@pytest.mark.parametrize("given", [{"digits": ""}, {"digits": "1234567"}, {"digits": "3a"},
                                   {"noise": 30}, {"speed": 2}])  # fmt: skip
def test_the_listener_says_what_it_takes(given):
    with pytest.raises(ValueError, match=r"1 to 6 digits|it goes from"):
        figures.digit_listener(**given)


def test_a_chorale_player_tells_who_wrote_a_piece_only_when_asked():
    hidden, told = figures.chorale_player(), figures.chorale_player(told=True)
    for piece in told.pieces:
        assert piece["title"] in told.describe()
        assert piece["title"] in told.fallback()
        assert piece["title"] not in hidden.describe() + hidden.fallback()
        assert np.shape(piece["pitches"]) == (len(piece["nats"]), 4)
    assert [note(pitch) for pitch in (60, 61, 36, 0)] == ["C4", "C♯4", "C2", "rest"]
    first = told.pieces[0]
    start = max(first["from"], 1)
    assert told.mean_nats()[0] == pytest.approx(np.mean(first["nats"][start:]))


def test_a_chorale_player_knows_its_pieces():
    with pytest.raises(ValueError, match="there is no piece 9"):
        figures.chorale_player(9)
    with pytest.raises(ValueError, match="it goes from 40 to 140"):
        figures.chorale_player(tempo=300)
