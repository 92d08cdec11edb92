"""From raw sequences to arrays: tokens, numbers, padding, packing, batches."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np

NO_TARGET = -1  # what stands in the targets where there is no step


def tokenize_words(text: str) -> list[str]:
    """Split a text into lower-case words and single punctuation marks.

    >>> tokenize_words("It's not good, not at all!")
    ["it's", 'not', 'good', ',', 'not', 'at', 'all', '!']
    """
    return re.findall(r"\w+(?:['’]\w+)*|[^\w\s]", text.lower())


class Vocabulary:
    """Tokens and their numbers: the special tokens first, then the frequent before the rare.

    tokens is every token of the training data, one after the other (of the training data only:
    a vocabulary that has seen the test set knows too much). Tokens seen fewer than min_count
    times are left out. Among equally frequent ones the alphabet decides.
    """

    def __init__(
        self,
        tokens: Iterable[str],
        min_count: int = 1,
        specials: Sequence[str] = ("<pad>", "<unk>"),
    ):
        if isinstance(tokens, str):
            tokens = list(tokens)  # characters are tokens, too
        counts = Counter(tokens)
        kept = [token for token in counts if counts[token] >= min_count and token not in specials]
        self.tokens = [*specials, *sorted(kept, key=lambda token: (-counts[token], token))]
        self._number = {token: number for number, token in enumerate(self.tokens)}

    def __len__(self) -> int:
        return len(self.tokens)

    def __contains__(self, token: str) -> bool:
        return token in self._number

    def __getitem__(self, token: str) -> int:
        """The number of one token, which must be in the vocabulary."""
        return self._number[token]

    def encode(self, tokens: Iterable[str]) -> np.ndarray:
        """(T,) int64: the numbers of T tokens; unknown ones become "<unk>".

        Raises ValueError for an unknown token if there is no "<unk>" among the specials.
        """
        unknown = self._number.get("<unk>")
        numbers = []
        for token in tokens:
            number = self._number.get(token, unknown)
            if number is None:
                raise ValueError(f"{token!r} is not in the vocabulary, and there is no '<unk>'")
            numbers.append(number)
        return np.array(numbers, dtype=np.int64)

    def decode(self, numbers: Iterable[int]) -> list[str]:
        """The tokens of T numbers. Raises ValueError for a number outside the vocabulary."""
        numbers = [int(number) for number in numbers]
        for number in numbers:
            if not 0 <= number < len(self):
                raise ValueError(f"{number} is not a token: the vocabulary has {len(self)}")
        return [self.tokens[number] for number in numbers]


def pad(sequences: Sequence, value: float = 0) -> tuple[np.ndarray, np.ndarray]:
    """Stack sequences of different lengths: short ones are filled up at the end with value.

    sequences: B arrays or lists, (T_b,) or (T_b, D). Returns (batch, lengths): (B, T) or
    (B, T, D) with T the longest length, and (B,) int64.

    Raises ValueError if there is no sequence, one is empty, or their other axes differ.
    """
    arrays = [np.asarray(sequence) for sequence in sequences]
    if not arrays:
        raise ValueError("there is no sequence to pad")
    for number, array in enumerate(arrays):
        if array.ndim == 0 or len(array) == 0:
            raise ValueError(f"sequence {number} is empty: every sequence needs at least one step")
        if array.shape[1:] != arrays[0].shape[1:]:
            raise ValueError(
                f"sequence {number} has steps of shape {array.shape[1:]}, "
                f"but sequence 0 has steps of shape {arrays[0].shape[1:]}"
            )
    lengths = np.array([len(array) for array in arrays])
    shape = (len(arrays), lengths.max(), *arrays[0].shape[1:])
    batch = np.full(shape, value, dtype=np.result_type(*arrays))
    for row, array in zip(batch, arrays, strict=True):
        row[: len(array)] = array
    return batch, lengths


def mask(lengths: Sequence[int], max_length: int | None = None) -> np.ndarray:
    """(B, T) bool: True where a step is real, False where it is padding."""
    lengths = np.asarray(lengths)
    return np.arange(max_length or lengths.max()) < lengths[:, None]


class Packed(NamedTuple):
    """A padded batch without its padding, as torch's PackedSequence holds it.

    data (N, …): first step 1 of every sequence, then step 2 of all that have one, and so on; in
    each step the longest sequence comes first. N is the sum of the lengths.
    batch_sizes (T,): how many sequences are still running at each step.
    order (B,): order[k] is the row of the batch that came k-th.
    """

    data: np.ndarray
    batch_sizes: np.ndarray
    order: np.ndarray


def pack(batch: np.ndarray, lengths: Sequence[int]) -> Packed:
    """Drop the padding of batch (B, T, …), whose row b has lengths[b] real steps.

    Raises ValueError if lengths do not fit the batch.
    """
    batch, lengths = np.asarray(batch), _checked_lengths(batch, lengths)
    order = np.argsort(-lengths, kind="stable")  # longest first, ties as they stood
    running = mask(lengths[order])  # (B, T)
    data = batch[order, : running.shape[1]].swapaxes(0, 1)[running.T]
    return Packed(data, running.sum(axis=0), order)


def unpack(packed: Packed, value: float = 0) -> tuple[np.ndarray, np.ndarray]:
    """Undo pack: (batch (B, T, …) padded with value, lengths (B,))."""
    data, batch_sizes, order = packed
    running = np.arange(len(order)) < np.asarray(batch_sizes)[:, None]  # (T, B)
    steps = np.full((*running.shape, *data.shape[1:]), value, dtype=data.dtype)
    steps[running] = data
    batch, lengths = np.empty_like(steps.swapaxes(0, 1)), np.empty_like(order)
    batch[order], lengths[order] = steps.swapaxes(0, 1), running.sum(axis=0)
    return batch, lengths


def _checked_lengths(batch: np.ndarray, lengths: Sequence[int]) -> np.ndarray:
    lengths = np.asarray(lengths)
    rows, steps = np.shape(batch)[:2]
    if lengths.shape != (rows,):
        raise ValueError(f"the batch has {rows} rows, but lengths has shape {lengths.shape}")
    if lengths.min() < 1 or lengths.max() > steps:
        raise ValueError(
            f"lengths go from {lengths.min()} to {lengths.max()}, "
            f"but the batch has {steps} steps: a length must be between 1 and {steps}"
        )
    return lengths


def batches(
    sequences: Sequence,
    targets: Sequence,
    batch_size: int,
    rng: np.random.Generator | None = None,
) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Go once through the data in batches: x (B, T, …) padded with 0, lengths (B,), y (B, …).

    Shuffled by rng; in the order given without one. The last batch may be smaller.

    Raises ValueError if sequences and targets differ in number, or batch_size is below 1.
    """
    if len(sequences) != len(targets):
        raise ValueError(f"{len(sequences)} sequences, but {len(targets)} targets")
    if batch_size < 1:
        raise ValueError(f"batch_size is {batch_size}, but a batch needs at least one sequence")
    order = np.arange(len(sequences)) if rng is None else rng.permutation(len(sequences))
    return _batches(sequences, np.asarray(targets), batch_size, order)


def _batches(sequences, targets, batch_size, order):
    for start in range(0, len(order), batch_size):
        chosen = order[start : start + batch_size]
        yield *pad([sequences[row] for row in chosen]), targets[chosen]


def by_length(
    lengths: Sequence[int], batch_size: int, rng: np.random.Generator | None = None
) -> list[np.ndarray]:
    """Rows in batches of similar length, which saves padding: a list of (B,) int64.

    Every row is in one batch; the last in length may be smaller. With rng, ties are drawn and the
    batches come in random order; without, from short to long.

    Raises ValueError if batch_size is below 1.
    """
    if batch_size < 1:
        raise ValueError(f"batch_size is {batch_size}, but a batch needs at least one sequence")
    lengths = np.asarray(lengths)
    rows = np.arange(len(lengths)) if rng is None else rng.permutation(len(lengths))
    rows = rows[np.argsort(lengths[rows], kind="stable")]
    cut = [rows[start : start + batch_size] for start in range(0, len(rows), batch_size)]
    return cut if rng is None else [cut[n] for n in rng.permutation(len(cut))]


def teacher_forced(sequences: Sequence, start: int, end: int) -> tuple[np.ndarray, np.ndarray]:
    """What a decoder reads and what it should answer: two (B, T) int64, T one above the longest.

    sequences: B sequences of token numbers, (T_b,) each. Inputs are start, y_1 … y_T; targets are
    y_1 … y_T, end: at each step the next token. Padding is `end` in the inputs and NO_TARGET in the
    targets, where no loss is counted.
    """
    inputs, _ = pad([[start, *sequence] for sequence in sequences], end)
    targets, _ = pad([[*sequence, end] for sequence in sequences], NO_TARGET)
    return inputs, targets


def streams(tokens: Sequence[int], B: int) -> tuple[np.ndarray, np.ndarray]:
    """One long text as a batch: what B readers read side by side, and what they should say.

    tokens: (N,) numbers. Returns x and y, both (B, T), T = (N − 1) // B: row b is the b-th piece of
    the text, and y[b, t] the token after x[b, t]. At the end fewer than B tokens are left over.
    `Trainer(…, truncate=W)` cuts such a batch into windows of W and carries the state on.

    Raises ValueError if the text is too short to give each of B readers a token and the next.
    """
    tokens = np.asarray(tokens)
    T = (len(tokens) - 1) // B if B > 0 else 0
    if T < 1:
        raise ValueError(f"{len(tokens)} tokens are too few, or B = {B} is none, for B readers")
    return tokens[: B * T].reshape(B, T), tokens[1 : B * T + 1].reshape(B, T)
