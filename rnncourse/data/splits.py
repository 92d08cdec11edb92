"""Splits that keep together what belongs together: a speaker, a word, a day, a combination."""

from __future__ import annotations

import itertools
from collections.abc import Hashable, Sequence

import numpy as np


def split(groups: Sequence[Hashable], shares: Sequence[float], seed: int = 0) -> list[np.ndarray]:
    """Rows of each part, (N_p,) int64 in ascending order: a group is never in two parts.

    groups: for each of N rows what it must stay with: its word, its speaker, its day.
    shares: of the groups, one a part; they add up to 1. Groups are drawn with a NumPy generator of
        `seed`, so the same groups, shares and seed give the same parts.

    Raises ValueError if the shares do not add up to 1.

    >>> train, test = split(["ann", "bob", "ann", "eve"], (0.5, 0.5), seed=1)
    """
    if abs(sum(shares) - 1) > 1e-9:
        raise ValueError(f"the shares {tuple(shares)} add up to {sum(shares):g}, not to 1")
    number = {group: n for n, group in enumerate(dict.fromkeys(groups))}
    rows = np.array([number[group] for group in groups])
    place = np.random.default_rng(seed).permutation(len(number))
    ends = np.round(np.cumsum([0.0, *shares]) * len(number))
    return [
        np.flatnonzero((place[rows] >= low) & (place[rows] < high))
        for low, high in itertools.pairwise(ends)
    ]
