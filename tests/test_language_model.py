"""Language models, n-grams and sampling keep their laws and the distribution they promise."""

import math

import hypothesis.strategies as st
import numpy as np
import pytest
import torch
from hypothesis import given, settings

from rnncourse import assets, layers, metrics
from rnncourse.assets import writer
from rnncourse.batching import streams
from rnncourse.cells import GRUCell, softmax
from rnncourse.data import shakespeare
from rnncourse.decoding import greedy, next_distribution, sample
from rnncourse.models import LanguageModel
from rnncourse.ngram import NGram

# The model


@pytest.mark.parametrize("cell", [layers.RNN, layers.LSTM, layers.GRU])
def test_reading_in_pieces_or_token_by_token_changes_nothing(cell):
    torch.manual_seed(0)
    net = LanguageModel(7, 6, 5, cell=cell, num_layers=2, between=0.3, dropout=0.2).double().eval()
    text = torch.randint(7, (3, 11))
    whole, last = net(text)
    first, state = net(text[:, :4])
    rest, end = net(text[:, 4:], state)
    torch.testing.assert_close(torch.cat([first, rest], 1), whole, rtol=0, atol=1e-12)
    torch.testing.assert_close(end, last, rtol=0, atol=1e-12)
    state = None
    for t in range(text.shape[1]):
        logits, state = net.step(text[:, t], state)
        torch.testing.assert_close(logits, whole[:, t], rtol=0, atol=1e-12)


def test_the_future_says_nothing():
    net = LanguageModel(7, 6, 5).double()
    text = torch.randint(7, (2, 9))
    changed = text.clone()
    changed[:, 5:] = (changed[:, 5:] + 1) % 7
    torch.testing.assert_close(net(text)[0][:, :5], net(changed)[0][:, :5], rtol=0, atol=0)


# The distribution


LOGITS = torch.log(torch.tensor([[0.1, 0.4, 0.05, 0.3, 0.15]]))


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, [0.1, 0.4, 0.05, 0.3, 0.15]),
        ({"temperature": 0}, [0, 1, 0, 0, 0]),
        ({"temperature": 0, "top_k": 3, "top_p": 0.99}, [0, 1, 0, 0, 0]),
        ({"top_k": 2}, [0, 4 / 7, 0, 3 / 7, 0]),
        ({"top_k": 9}, [0.1, 0.4, 0.05, 0.3, 0.15]),
        ({"top_p": 0.39}, [0, 1, 0, 0, 0]),
        ({"top_p": 0.41}, [0, 4 / 7, 0, 3 / 7, 0]),
        ({"top_p": 0.71}, [0, 0.4 / 0.85, 0, 0.3 / 0.85, 0.15 / 0.85]),
        ({"top_p": 1}, [0.1, 0.4, 0.05, 0.3, 0.15]),
        ({"top_k": 3, "top_p": 0.5}, [0, 4 / 7, 0, 3 / 7, 0]),  # 0.4 / 0.85 is below 0.5
        ({"temperature": 0.5}, [0.01 / 0.285, 0.16 / 0.285, 0.0025 / 0.285, 0.09 / 0.285,
                                0.0225 / 0.285]),
    ],
)  # fmt: skip
def test_next_distribution_by_hand(options, expected):
    p = next_distribution(LOGITS, **options)
    torch.testing.assert_close(p, torch.tensor([expected], dtype=torch.float32))


@given(st.integers(0, 10_000), st.floats(0.05, 5), st.integers(1, 9), st.floats(0.01, 1))
@settings(max_examples=60, deadline=None)
def test_next_distribution_is_one_and_keeps_the_likeliest(seed, temperature, k, top_p):
    logits = 3 * torch.randn(4, 9, generator=torch.Generator().manual_seed(seed)).double()
    p = next_distribution(logits, temperature=temperature, top_k=k, top_p=top_p)
    torch.testing.assert_close(p.sum(1), torch.ones(4, dtype=torch.float64))
    plain = next_distribution(logits, temperature=temperature)
    for row, before in zip(p, plain, strict=True):
        kept = row > 0
        assert 1 <= kept.sum() <= k
        assert before[kept].min() >= before[~kept].max() if not kept.all() else True
        torch.testing.assert_close(row[kept], before[kept] / before[kept].sum())


def test_a_shift_of_all_logits_and_ties_and_minus_infinity():
    torch.testing.assert_close(next_distribution(LOGITS + 500), next_distribution(LOGITS))
    tied = torch.zeros(1, 4)
    assert next_distribution(tied, top_k=2).tolist() == [[0.5, 0.5, 0, 0]]
    assert next_distribution(tied, temperature=0).tolist() == [[1, 0, 0, 0]]
    forbidden = torch.tensor([[0.0, -math.inf, 0.0]])
    assert next_distribution(forbidden).tolist() == [[0.5, 0, 0.5]]
    tiny = next_distribution(LOGITS, temperature=1e-30)
    assert tiny.tolist() == [[0, 1, 0, 0, 0]]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"temperature": -1}, "temperature is -1"),
        ({"temperature": math.nan}, "temperature is nan"),
        ({"top_k": 0}, "top_k is 0"),
        ({"top_p": 0}, "top_p is 0"),
        ({"top_p": 1.5}, "top_p is 1.5"),
    ],
)
def test_wrong_ways_to_draw_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        next_distribution(LOGITS, **options)
    with pytest.raises(ValueError, match="limit is 0"):
        sample(lambda token, state: (LOGITS, state), None, 1, start=0, limit=0)
    with pytest.raises(ValueError, match="no finite number"):
        next_distribution(LOGITS * math.nan)


# Drawing


def constant(token, state):
    return LOGITS.expand(len(token), 5), state


@pytest.mark.parametrize(
    "options", [{}, {"temperature": 0.7}, {"temperature": 1.8}, {"top_k": 3}, {"top_p": 0.8}]
)
def test_what_is_drawn_has_the_distribution_it_promises(options):
    dice = torch.Generator().manual_seed(1)
    n = 40_000
    said = sample(constant, None, n, start=0, limit=1, generator=dice, **options).tokens
    shares = np.bincount(np.ravel(said), minlength=5) / n
    p = next_distribution(LOGITS, **options)[0].double().numpy()
    assert (np.abs(shares - p) <= 4 * np.sqrt(p * (1 - p) / n)).all()


def test_temperature_nought_is_greedy():
    torch.manual_seed(4)
    net = LanguageModel(8, 12, 5).double().eval()
    options = {"start": 1, "end": 2, "limit": 9}
    cold = sample(net.step, None, 3, temperature=0, **options)
    nearly = sample(net.step, None, 3, temperature=1e-6, **options)
    assert cold == nearly == greedy(net.step, None, 3, **options)
    assert cold == sample(net.step, None, 3, top_k=1, **options)


def test_a_seed_says_all_and_a_start_may_differ_by_row():
    torch.manual_seed(0)
    net = LanguageModel(8, 12, 5).eval()
    dice = torch.Generator()
    draws = [sample(net.step, None, 2, start=torch.tensor([1, 5]), limit=30,
                    generator=dice.manual_seed(seed)) for seed in (3, 3, 4)]  # fmt: skip
    assert draws[0] == draws[1]
    assert draws[0] != draws[2]
    assert [len(one) for one in draws[0].tokens] == [30, 30]
    assert draws[0].finished == [False, False]


def test_an_end_mark_ends_its_own_sequence():
    script = torch.tensor([[2, 3], [4, 4], [2, 5], [7, 2]])  # step × row

    def scripted(token, place):
        return 100 * torch.eye(8)[script[place]], place + 1

    said = sample(scripted, 0, 2, start=1, end=2, limit=9)
    assert said.tokens == [[], [3, 4, 5]]
    assert said.finished == [True, True]
    cut = sample(scripted, 0, 2, start=1, end=2, limit=2)
    assert cut.tokens == [[], [3, 4]]
    assert cut.finished == [True, False]


# The n-gram


@given(st.integers(0, 1000), st.integers(1, 5), st.lists(st.integers(0, 3), max_size=7))
@settings(max_examples=60, deadline=None)
def test_an_ngrams_probabilities_are_positive_and_sum_to_one(seed, order, context):
    rng = np.random.default_rng(seed)
    texts = [rng.integers(0, 3, n) for n in rng.integers(0, 40, 4)] + [[1]]
    p = NGram(texts, 4, order).probabilities(context)  # token 3 occurs nowhere
    assert p.sum() == pytest.approx(1, abs=1e-12)
    assert (p > 0).all()


def by_hand(texts, V, order, context, token):
    """The formula, by counting in lists."""
    context = list(context)[-(order - 1) :] if order > 1 else []
    p = 1 / V
    for length in range(len(context) + 1):
        c = context[len(context) - length :]
        after = [t[n + length] for t in texts for n in range(len(t) - length)
                 if t[n : n + length] == c]  # fmt: skip
        U = len(set(after))
        if after:
            p = (after.count(token) + U * p) / (len(after) + U)
    return p


def test_an_ngram_is_witten_and_bells_formula():
    rng = np.random.default_rng(0)
    texts = [rng.integers(0, 4, n).tolist() for n in (30, 1, 12)]
    model, text = NGram(texts, 5, 3), rng.integers(0, 5, 20).tolist()
    nats = model.nats(text)
    for place, token in enumerate(text):
        p = by_hand(texts, 5, 3, text[:place], token)
        assert model.probabilities(text[:place])[token] == pytest.approx(p)
        assert nats[place] == pytest.approx(-math.log(p))


def test_an_ngram_can_be_decoded_and_goes_round_a_circle():
    circle = NGram([[0, 1, 2, 3] * 50], 4, 3)
    said = sample(circle.step, None, 2, start=torch.tensor([0, 2]), limit=6, temperature=0)
    assert said.tokens == [[1, 2, 3, 0, 1, 2], [3, 0, 1, 2, 3, 0]]


@pytest.mark.parametrize(
    ("texts", "V", "order", "message"),
    [
        ([[0]], 2, 0, "order is 0"),
        ([[]], 2, 2, "no token to count"),
        ([[0, 2]], 2, 2, "tokens must be from 0 to 1"),
        ([[0]], 10**6, 4, "63 bits"),
    ],
)
def test_what_an_ngram_cannot_count_is_refused(texts, V, order, message):
    with pytest.raises(ValueError, match=message):
        NGram(texts, V, order)


# Metrics


@given(st.integers(1, 1000))
def test_who_guesses_among_k_has_perplexity_k_and_log_k_bits(k):
    assert metrics.perplexity(math.log(k)) == pytest.approx(k)
    assert metrics.bits_per_character(math.log(k)) == pytest.approx(math.log2(k))


def test_words_are_paid_for_by_their_characters():
    assert metrics.bits_per_character(math.log(2), 10, 40) == pytest.approx(0.25)
    with pytest.raises(ValueError, match="0 or more"):
        metrics.perplexity(-0.1)
    with pytest.raises(ValueError, match="one of each"):
        metrics.bits_per_character(1.0, 3, 0)


def test_an_entity_is_right_as_a_whole():
    truth = [["B-A", "I-A", "O", "B-B"], ["O", "B-A"]]
    assert metrics.entity_f1(truth, truth) == 1
    half = [["B-A", "O", "O", "B-B"], ["O", "O"]]  # found 2, right 1, there 3
    assert metrics.entity_f1(half, truth) == pytest.approx(2 * (1 / 2) * (1 / 3) / (1 / 2 + 1 / 3))
    assert metrics.entity_f1([["B-B", "I-B", "O", "B-A"], ["O", "B-B"]], truth) == 0
    assert metrics.entity_f1([["O"] * 4, ["O"] * 2], truth) == 0
    assert metrics.entity_f1([["I-A", "I-A", "O", "B-B"], ["O", "B-A"]], truth) == 0.8  # strictly
    with pytest.raises(ValueError, match="sentence 1 has 1 tags, but 2 in truth"):
        metrics.entity_f1([["O"] * 4, ["O"]], truth)


# The batch


@given(st.integers(2, 60), st.integers(1, 9))
def test_streams_are_the_text_and_the_text_one_later(N, B):
    tokens = np.arange(N) + 3
    if N - 1 < B:
        with pytest.raises(ValueError, match=f"{N} tokens are too few"):
            streams(tokens, B)
        return
    x, y = streams(tokens, B)
    assert x.shape == y.shape == (B, (N - 1) // B)
    np.testing.assert_array_equal(x.ravel(), tokens[: x.size])
    np.testing.assert_array_equal(y, x + 1)


# The network that writes


def test_the_writer_says_what_its_cases_say_in_numpy():
    stored = assets.load("writer")
    weights = {name: assets.unpack(one) for name, one in stored["weights"].items()}
    W_hy, b_y = weights.pop("W_hy"), weights.pop("b_y")
    characters = stored["characters"]
    cell = GRUCell(len(characters), W_hy.shape[1])
    cell.params = weights
    assert set(writer.CASES) == set(stored["cases"])
    for text, likeliest in stored["cases"].items():
        h = cell.initial_state(1)
        for c in text:
            h, _ = cell.step(np.eye(len(characters))[[characters.index(c)]], h)
        p = softmax(h @ W_hy.T + b_y)[0]
        for c, expected in likeliest:
            assert p[characters.index(c)] == pytest.approx(expected, abs=2e-4)
        assert p.max() == pytest.approx(likeliest[0][1], abs=2e-4)


def test_rounding_the_writer_to_bytes_costs_little():
    stored = assets.load("writer")
    assert stored["bits"] < 2.5  # a 6-gram that reads the same plays: 2.47
    assert stored["bits"] - stored["bits before rounding"] < 0.01
    assert stored["held_out"] == [*shakespeare.VALIDATION, *shakespeare.TEST]
    assert (assets.FOLDER / "writer.json").stat().st_size < 500_000


@given(st.integers(1, 5), st.integers(1, 6), st.integers(0, 1000))
def test_bytes_are_near_what_they_stand_for(rows, columns, seed):
    values = np.random.default_rng(seed).standard_normal((rows, columns))
    scale = np.abs(values).max(1, keepdims=True) / 127
    assert (np.abs(assets.unpack(assets.pack(values)) - values) <= 0.51 * scale + 1e-4).all()


def test_the_writers_weights_make_the_same_network():
    torch.manual_seed(1)
    net = writer.fresh(9).eval()
    twin = writer.with_weights(writer.weights_of(net))
    text = torch.randint(9, (2, 12))
    torch.testing.assert_close(twin(text)[0], net(text)[0])
