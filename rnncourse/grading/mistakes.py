"""What a wrong answer tells beyond its verdict: two mistakes at once, the same mistake twice."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Sequence

import numpy as np

from rnncourse.exercises.compare import compare
from rnncourse.exercises.judge import Judge, Outcome, trusted
from rnncourse.values import Tensor


def two_at_once(judge: Judge, outcomes: Sequence[Outcome]):
    """Two misconceptions that together explain a result of several parts, or (None, None).

    Of dW_xh and dW_hh, one may be wrong by one idea and the other by another: each wrong part
    must be, in every case, what one of the two gives for it. Of several pairs, the one whose
    ideas would spoil the fewest parts that are not spoilt so.
    """
    question = judge.question
    if any(o.kind != "value" or o.mutated for o in outcomes):
        return None, None
    truth, given = [parts_of(v) for v in judge.expected], [parts_of(o.value) for o in outcomes]
    keys = set(truth[0])
    if len(keys) < 2 or any(set(parts) != keys for parts in truth + given):
        return None, None

    def agree(values: list[dict], key) -> bool:
        return all(
            compare(one[key], other[key], question.rtol, question.atol) is None
            for one, other in zip(values, given, strict=True)
        )

    def differs(values: list[dict], key) -> bool:
        return any(
            compare(right[key], one[key], question.rtol, question.atol)
            for right, one in zip(truth, values, strict=True)
        )

    wrong = {key for key in keys if not agree(truth, key)}
    explains, beside = {}, {}
    for misconception in question.misconceptions:
        results = [trusted(question, misconception.compute, case) for case in judge.cases]
        parts = [parts_of(result.value) for result in results]
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


def parts_of(value) -> dict:
    """The parts of a result that has several, by key or by place; of others, none."""
    if isinstance(value, dict):
        return value
    return dict(enumerate(value)) if isinstance(value, (list, tuple)) else {}


def signature(outcomes: Sequence[Outcome]) -> str:
    """The same short text for outcomes that are equal to four digits; "" if there is no value."""
    if not any(o.kind == "value" for o in outcomes):
        return ""
    digest = hashlib.sha256()
    for o in outcomes:
        digest.update(f"{o.kind}{o.error}{o.mutated}".encode())
        _add(o.value, digest)
    return digest.hexdigest()[:12]


def _add(value, digest) -> None:
    if isinstance(value, Tensor):
        value = value.array
    if isinstance(value, np.ndarray):
        digest.update(f"array{value.shape}".encode())
        first = value.ravel()[:20000]
        if value.dtype.kind in "fc":
            with np.errstate(all="ignore"):
                digest.update(" ".join(f"{v:.3e}" for v in first + 0.0).encode())
        else:
            digest.update(first.astype(str).tobytes())
    elif isinstance(value, float):
        digest.update(f"{value + 0.0:.3e}".encode())
    elif isinstance(value, (list, tuple)):
        digest.update(f"list{len(value)}".encode())
        for item in value:
            _add(item, digest)
    elif isinstance(value, dict):
        for key, item in value.items():
            digest.update(key.encode())
            _add(item, digest)
    else:
        digest.update(repr(value).encode())
