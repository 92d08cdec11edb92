"""How much electricity the state of Victoria used, hour by hour."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from rnncourse.data.files import read_file


class Block(NamedTuple):
    """A trial of a forecaster: what was before (`history`) and what is to be forecast (`test`), two
    slices into the hours. Everything in history may be learned from, nothing after it."""

    history: slice
    test: slice


def load_blocks(part: str = "test") -> list[Block]:
    """Blocks of 14 days, each with all the days before it as history.

    "test": four blocks, which roll over the last 56 of the 150 days. "validation": the two before
    them, days 67 to 94, to choose settings by.

    Raises ValueError for another part.
    """
    days = {"validation": (66, 80), "test": (94, 108, 122, 136)}.get(part)
    if days is None:
        raise ValueError(f'part is {part!r}, but there are only "validation" and "test"')
    return [Block(slice(0, 24 * day), slice(24 * day, 24 * (day + 14))) for day in days]


def load_electricity() -> tuple[np.ndarray, np.ndarray]:
    """3,600 hours of electricity demand in Victoria, Australia: 150 days from 1 January 2012.

    Returns (times, demand): (3600,) datetime64[h] without a gap, and (3600,) float64. Each
    value is the sum of the two half-hourly readings of its hour, large industry left out.
    Sources disagree whether a reading is in MW or MWh; the course uses it up to a scale only.

    Source: a test file of the package statsmodels 0.15.0 (BSD licence), made from R's
    tsibbledata, where the data come from the Australian Energy Market Operator.

    Raises DataError if the package is missing or its file differs.
    """
    text = read_file("statsmodels", "tsa/stl/tests/results/mstl_elec_vic.csv").decode("ascii")
    rows = [line.split(",") for line in text.splitlines()[1:]]
    times = np.array([time[:13] for time, _ in rows], dtype="datetime64[h]")
    return times, np.array([float(demand) for _, demand in rows])
