"""Wrong answers that are the same: what one gave, in a few characters."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np

from rnncourse.exercises.judge import Outcome
from rnncourse.values import Tensor


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
