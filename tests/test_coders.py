"""The coders that figures run in NumPy say what the models of the course say."""

import importlib

import numpy as np
import pytest
import torch

from rnncourse import assets, figures
from rnncourse.assets import pronouncer
from rnncourse.decoding import beam
from rnncourse.figures import coder
from rnncourse.models import EncoderDecoder

beam_tree = importlib.import_module("rnncourse.figures.beam_tree")  # the name is the function's


@pytest.fixture(scope="module")
def spoken():
    """The stored network, in PyTorch."""
    stored = assets.load("pronouncer")
    sizes = len(stored["letters"]), len(stored["sounds"])
    net = EncoderDecoder(*sizes, pronouncer.HIDDEN, pronouncer.EMBEDDING).double().eval()
    weights = {name: assets.unpack(one) for name, one in stored["weights"].items()}
    net.load_state_dict({name: torch.tensor(one) for name, one in weights.items()})
    return net, weights


WORDS = ["athens", "refractory", "qqqwxyzzzq", "a", "interfaith", "o'neill's", "xixwmuqmxa"]


def test_the_encoder_is_the_models(spoken):
    net, weights = spoken
    tokens = list(range(1, 11))
    out, first = coder.encode(weights, tokens)
    x, lengths = torch.tensor([tokens]), torch.tensor([len(tokens)])
    with torch.no_grad():
        expected, _ = net.encoder(net.source_embedding(x), lengths=lengths)
        state = net.start(x, lengths)
    np.testing.assert_allclose(out, expected[0], rtol=0, atol=1e-12)
    np.testing.assert_allclose(first, state[0, 0], rtol=0, atol=1e-12)


@pytest.mark.parametrize("penalty", [0.0, 0.6, 1.0, 1.5])
@pytest.mark.parametrize("width", [1, 2, 5])
def test_the_tree_ends_where_beam_search_ends(spoken, width, penalty):
    net, _ = spoken
    for word in WORDS:
        figure = figures.beam_tree(word, width, penalty)
        x = torch.tensor([figure.typed()])
        state = net.start(x, torch.tensor([x.shape[1]]))
        limit = beam_tree.LIMIT
        expected = beam(net.step, state, 1, start=0, end=0, limit=limit, width=width,
                        pick=net.pick, penalty=penalty)  # fmt: skip
        found = figure.found()
        assert [text for text, _ in found] == list(map(figure.spelled, expected.tokens[0]))
        assert [node.done for _, node in found] == expected.finished[0]
        worth = [node.worth for _, node in found]
        np.testing.assert_allclose(worth, expected.scores[0], rtol=0, atol=1e-6)


def test_the_tree_shows_what_falls_out_in_order():
    for nodes, kept in figures.beam_tree("viewpoints", 4).grown()[1:]:
        assert len(nodes) == kept + beam_tree.FELL
        worth = [node.worth for node in nodes]
        assert worth == sorted(worth, reverse=True)


@pytest.mark.parametrize(("width", "penalty"), [(1, 0.0), (5, 1.5)])
def test_one_of_the_words_reaches_the_limit(width, penalty):
    """So that the test above has seen what happens there."""
    grown = figures.beam_tree("xixwmuqmxa", width, penalty).grown()
    assert len(grown) == beam_tree.LIMIT + 2


def test_the_tree_takes_what_its_sliders_have():
    with pytest.raises(ValueError, match="width is 6"):
        figures.beam_tree(width=6)
    with pytest.raises(ValueError, match="penalty is 2"):
        figures.beam_tree(penalty=2)


def test_the_examples_were_not_learned_from():
    """And search matters in them, as the note says: two widths or penalties differ."""
    train, _, test = map(dict, pronouncer.words())
    for word, sounds in assets.load("pronouncer")["words"]:
        assert word not in train
        assert " ".join(test[word]) == sounds
        settings = [(1, 0.0), (3, 0.0), (5, 0.0), (3, 1.0)]
        assert len({figures.beam_tree(word, *one).found()[0][0] for one in settings}) > 1


def test_the_stored_figures_are_those_of_the_stored_weights(spoken):
    """On a part of the test words: greedy search against a beam of 5."""
    net, _ = spoken
    stored = assets.load("pronouncer")
    letters = pronouncer.numbers_of(list(stored["letters"]))
    sounds = pronouncer.numbers_of(stored["sounds"])
    test = pronouncer.words()[2]
    rows = np.random.default_rng(pronouncer.SEED).permutation(len(test))[: pronouncer.TESTED]
    found = pronouncer.measured(net.float(), [test[row] for row in rows], letters, sounds)
    net.double()
    assert found == stored["measured"]
