"""The figures of sequences say what they show."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

from rnncourse import batching
from rnncourse.figures import packed_batch, padded_batch, piano_roll, word_order

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
