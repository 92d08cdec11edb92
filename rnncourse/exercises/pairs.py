"""Two known mistakes in one answer: of several results, each is wrong by an idea of its own."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np

from rnncourse.exercises.compare import compare
from rnncourse.values import Tensor


def two_at_once(judge, outcomes: Sequence):
    """Two misconceptions that together explain a result of several parts, or (None, None).

    Of dW_xh and dW_hh, one may be wrong by one idea and the other by another: each wrong part
    must be, in every case, what one of the two gives for it, and not the same in all cases, which
    may have any reason. Of several pairs, the one whose ideas would spoil the fewest parts that are
    not spoilt so.
    """
    question = judge.question
    if any(o.kind != "value" or o.mutated for o in outcomes):
        return None, None
    truth, given = [parts_of(v) for v in judge.expected], [parts_of(o.value) for o in outcomes]
    keys = set(truth[0])
    if len(keys) < 2 or any(set(parts) != keys for parts in truth + given):
        return None, None

    def agree_in(one: dict, other: dict, key) -> bool:
        return compare(one[key], other[key], question.rtol, question.atol) is None

    def agree(values: list[dict], key) -> bool:
        return all(agree_in(*pair, key) for pair in zip(values, given, strict=True))

    def differs(values: list[dict], key) -> bool:
        return any(
            compare(right[key], one[key], question.rtol, question.atol)
            for right, one in zip(truth, values, strict=True)
        )

    wrong = {key for key in keys if not agree(truth, key)}
    for key in wrong:
        wrong_cases = [
            not agree_in(right, one, key) for right, one in zip(truth, given, strict=True)
        ]
        if sum(wrong_cases) < 3 and not _fractions([parts[key] for parts in truth]):
            return None, None
        if all(agree_in(given[0], one, key) for one in given):
            return None, None
    explains, beside = {}, {}
    for index, misconception in enumerate(question.misconceptions):
        parts = [parts_of(judge.mistaken(index, number)) for number in range(len(judge.cases))]
        if all(set(part) == keys for part in parts):
            explains[misconception] = {key for key in wrong if agree(parts, key)}
            beside[misconception] = sum(
                not agree(parts, key) and differs(parts, key) for key in keys
            )
    pairs = []
    for one, other in itertools.combinations(explains, 2):
        both = (explains[one], explains[other])
        if both[0] | both[1] == wrong and both[0] - both[1] and both[1] - both[0]:
            pairs.append((one, other))
    return min(pairs, key=lambda pair: beside[pair[0]] + beside[pair[1]], default=(None, None))


def _fractions(values: list) -> bool:
    """Whether all are fractions or arrays of them: few whole numbers or texts agree by chance."""
    return all(map(_fraction, values))


def _fraction(value) -> bool:
    try:
        return np.asarray(value.array if isinstance(value, Tensor) else value).dtype.kind == "f"
    except ValueError:  # rows of different lengths
        return _fractions(list(value))


def parts_of(value) -> dict:
    """The parts of a result that has several, by key or by place; of others, none."""
    if isinstance(value, dict):
        return value
    return dict(enumerate(value)) if isinstance(value, (list, tuple)) else {}
