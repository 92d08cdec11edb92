"""The coders that figures run in NumPy say what the models of the course say."""

import importlib

import numpy as np
import pytest
import torch

from rnncourse import assets, figures
from rnncourse.assets import attention, pronouncer
from rnncourse.data import dates, translation
from rnncourse.decoding import beam, greedy
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


# ---- attention ----------------------------------------------------------------------------

@pytest.mark.parametrize("covered", [[], [0], [1, 2]])
@pytest.mark.parametrize("task", attention.SIZES)
def test_it_looks_where_the_model_looks(task, covered):
    net, source, _ = attention.load(task)
    stored = assets.load("attention")[task]
    hard = {"date": "1" * 37, "reverse": "q" * 20, "French": "birds " * 14}[task]  # to the limit
    for text in [hard, *(text for text, _ in stored["examples"])]:
        figure = figures.attention_explorer(task, text, covered=covered)
        found = figure.looked()
        x = torch.tensor([[source.index(token) for token in figure.source()]])
        with torch.no_grad():
            state = net.start(x, torch.tensor([x.shape[1]]))
        state.real[:, covered] = False  # as over padding
        said = greedy(net.step, state, 1, start=0, end=0, limit=stored["limit"])
        tokens = said.tokens[0] + [0] * said.finished[0]
        assert found.said == tokens
        logits, looked = [], []
        for token in [0, *tokens[:-1]]:
            with torch.no_grad():
                scores = net.score(state.h[0], state.keys).masked_fill(~state.real, -torch.inf)
                looked.append(scores.softmax(1)[0])
                now, state = net.step(torch.tensor([token]), state)
                logits.append(now[0])
        np.testing.assert_allclose(found.weights, torch.stack(looked), rtol=0, atol=1e-12)
        p = torch.stack(logits).softmax(1)[range(len(tokens)), tokens]
        np.testing.assert_allclose(found.p, p, rtol=0, atol=1e-9)


def test_what_the_explorer_shows_was_not_learned_from():
    stored = assets.load("attention")
    test_days = {day.isoformat() for day in dates.split_days(attention.SEED)[2]}
    assert {truth for _, truth in stored["date"]["examples"]} <= test_days
    validation, test = translation.held_out_combinations(attention.SEED)
    assert {pair.english for pair in attention_sentences(validation | test)}.isdisjoint(
        text for text, _ in stored["French"]["examples"]
    )
    for text, truth in stored["reverse"]["examples"]:
        assert truth == text[::-1]


def attention_sentences(held_out):
    return translation.sentence_pairs(30_000, attention.SEED, held_out)


@pytest.mark.parametrize("task", attention.SIZES)
def test_the_networks_are_small_and_right_on_their_examples(task):
    stored = assets.load("attention")[task]
    for text, truth in stored["examples"]:
        assert said_by(task, text) == truth
    assert (assets.FOLDER / "attention.json").stat().st_size < 500_000


def said_by(task, text):
    explorer = importlib.import_module("rnncourse.figures.attention_explorer")
    return explorer.joined(task, figures.attention_explorer(task, text).said()[:-1]).strip()


def test_not_all_of_a_source_can_be_covered():
    with pytest.raises(ValueError, match="leave one place"):
        figures.attention_explorer("reverse", "ab", covered=[0, 1])
