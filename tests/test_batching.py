"""Tokens, padding, packing and batching keep their laws."""

import itertools

import hypothesis.strategies as st
import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis.extra.numpy import arrays
from torch.nn.utils.rnn import pack_padded_sequence

from rnncourse import batching

# Tokens and numbers

WORDS = ["the", "cat", "sat", "on", "a", "mat", "not", "good"]
words = st.lists(st.sampled_from(WORDS), min_size=1, max_size=20)


def test_tokenize_words_keeps_punctuation_and_apostrophes():
    assert batching.tokenize_words("It's NOT good; élan, too-tepid.") == [
        "it's", "not", "good", ";", "élan", ",", "too", "-", "tepid", "."
    ]  # fmt: skip


@given(words)
def test_decode_undoes_encode(tokens):
    vocabulary = batching.Vocabulary(tokens)
    numbers = vocabulary.encode(tokens)
    assert numbers.dtype == np.int64
    assert vocabulary.decode(numbers) == tokens
    assert (numbers >= 2).all()


@given(words)
def test_order_of_tokens_does_not_change_a_vocabulary(tokens):
    assert batching.Vocabulary(tokens).tokens == batching.Vocabulary(sorted(tokens)).tokens


def test_vocabulary_puts_specials_then_the_frequent_first():
    vocabulary = batching.Vocabulary(["b", "a", "c", "c", "a", "c"], min_count=2)
    assert vocabulary.tokens == ["<pad>", "<unk>", "c", "a"]
    assert vocabulary.encode(["a", "b", "zebra"]).tolist() == [3, 1, 1]
    assert len(vocabulary) == 4
    assert "a" in vocabulary
    assert "b" not in vocabulary
    assert vocabulary["c"] == 2
    assert vocabulary.encode([]).shape == (0,)


def test_vocabulary_says_what_is_unknown():
    characters = batching.Vocabulary("banana", specials=())
    assert characters.tokens == ["a", "n", "b"]
    with pytest.raises(ValueError, match="'x' is not in the vocabulary"):
        characters.encode("axe")
    with pytest.raises(ValueError, match="7 is not a token: the vocabulary has 3"):
        characters.decode([0, 7])
    with pytest.raises(ValueError, match="-1 is not a token"):
        characters.decode([-1])


# Padding and packing


@st.composite
def ragged(draw):
    """1 to 6 sequences of 1 to 7 steps of some shape."""
    step = draw(st.sampled_from([(), (3,), (2, 2)]))
    lengths = draw(st.lists(st.integers(1, 7), min_size=1, max_size=6))
    numbers = st.integers(1, 99)
    return [draw(arrays(np.int64, (length, *step), elements=numbers)) for length in lengths]


@given(ragged(), st.integers(-3, 0))
def test_pad_keeps_the_sequences_and_fills_the_rest(sequences, value):
    batch, lengths = batching.pad(sequences, value)
    assert lengths.tolist() == [len(sequence) for sequence in sequences]
    assert batch.shape[1] == lengths.max()
    real = batching.mask(lengths)
    for row, is_real, sequence in zip(batch, real, sequences, strict=True):
        np.testing.assert_array_equal(row[is_real], sequence)
        assert (row[~is_real] == value).all()


def test_mask_can_be_longer():
    assert batching.mask([1, 2], 3).tolist() == [[True, False, False], [True, True, False]]


@given(ragged(), st.integers(-3, 0))
def test_unpack_undoes_pack(sequences, value):
    batch, lengths = batching.pad(sequences, value)
    packed = batching.pack(batch, lengths)
    assert len(packed.data) == lengths.sum() == packed.batch_sizes.sum()
    again, again_lengths = batching.unpack(packed, value)
    np.testing.assert_array_equal(again, batch)
    np.testing.assert_array_equal(again_lengths, lengths)


@given(ragged())
def test_pack_agrees_with_torch(sequences):
    sequences = sorted(sequences, key=len, reverse=True)  # torch leaves the order of ties open
    batch, lengths = batching.pad(sequences)
    ours = batching.pack(batch, lengths)
    theirs = pack_padded_sequence(torch.tensor(batch), torch.tensor(lengths), batch_first=True)
    np.testing.assert_array_equal(ours.data, theirs.data.numpy())
    np.testing.assert_array_equal(ours.batch_sizes, theirs.batch_sizes.numpy())


def test_pack_puts_the_longest_first_as_torch_does():
    batch, lengths = batching.pad([[1, 2], [3, 4, 5, 6], [7]])
    ours = batching.pack(batch, lengths)
    theirs = pack_padded_sequence(
        torch.tensor(batch), torch.tensor(lengths), batch_first=True, enforce_sorted=False
    )
    assert ours.data.tolist() == theirs.data.tolist() == [3, 1, 7, 4, 2, 5, 6]
    assert ours.batch_sizes.tolist() == theirs.batch_sizes.tolist() == [3, 2, 1, 1]
    assert ours.order.tolist() == theirs.sorted_indices.tolist() == [1, 0, 2]


@pytest.mark.parametrize(
    ("sequences", "message"),
    [
        ([], "no sequence to pad"),
        ([[1], []], "sequence 1 is empty"),
        ([3, 4], "sequence 0 is empty"),
        ([np.ones((2, 3)), np.ones((2, 4))], r"sequence 1 has steps of shape \(4,\)"),
    ],
)
def test_pad_says_what_is_wrong(sequences, message):
    with pytest.raises(ValueError, match=message):
        batching.pad(sequences)


@pytest.mark.parametrize(
    ("lengths", "message"),
    [
        ([2], r"2 rows, but lengths has shape \(1,\)"),
        ([2, 0], "between 1 and 3"),
        ([2, 4], "between 1 and 3"),
    ],
)
def test_pack_says_what_is_wrong(lengths, message):
    with pytest.raises(ValueError, match=message):
        batching.pack(np.zeros((2, 3)), lengths)


# Batches


def test_batches_show_every_sequence_once():
    sequences = [np.full(length, length) for length in range(1, 12)]
    seen = []
    for x, lengths, y in batching.batches(sequences, range(1, 12), 4, np.random.default_rng(0)):
        assert len(x) == len(lengths) == len(y) <= 4
        assert (lengths == y).all()
        assert (x[:, 0] == y).all()
        seen += y.tolist()
    assert seen != sorted(seen)
    assert sorted(seen) == list(range(1, 12))


def test_batches_keep_the_order_without_a_generator():
    targets = np.concatenate([y for _, _, y in batching.batches([[1]] * 5, range(5), 2)])
    assert targets.tolist() == [0, 1, 2, 3, 4]


@pytest.mark.parametrize(
    ("sequences", "batch_size", "message"),
    [([[1], [2]], 2, "2 sequences, but 3 targets"), ([[1]] * 3, 0, "at least one sequence")],
)
def test_batches_say_what_is_wrong_at_once(sequences, batch_size, message):
    with pytest.raises(ValueError, match=message):
        batching.batches(sequences, [0, 1, 2], batch_size)


@given(st.lists(st.integers(1, 9), min_size=1, max_size=40), st.integers(1, 7), st.booleans())
def test_by_length_holds_every_row_once_and_lengths_near(lengths, batch_size, drawn):
    rng = np.random.default_rng(0) if drawn else None
    cut = batching.by_length(lengths, batch_size, rng)
    assert sorted(np.concatenate(cut)) == list(range(len(lengths)))
    assert sorted(map(len, cut), reverse=True)[:-1] == [batch_size] * (len(cut) - 1)
    spans = sorted(
        (min(lengths[row] for row in rows), max(lengths[row] for row in rows)) for rows in cut
    )
    assert all(low >= before for (_, before), (low, _) in itertools.pairwise(spans))


def test_by_length_draws_ties_and_order():
    lengths = [3] * 50 + [5] * 50
    one, other = (batching.by_length(lengths, 10, np.random.default_rng(seed)) for seed in (0, 1))
    assert [rows.tolist() for rows in one] != [rows.tolist() for rows in other]
    with pytest.raises(ValueError, match="at least one sequence"):
        batching.by_length(lengths, 0)


def test_teacher_forced_targets_are_the_next_inputs():
    inputs, targets = batching.teacher_forced([[3, 4], [5]], start=1, end=2)
    assert inputs.tolist() == [[1, 3, 4], [1, 5, 2]]
    assert targets.tolist() == [[3, 4, 2], [5, 2, batching.NO_TARGET]]
