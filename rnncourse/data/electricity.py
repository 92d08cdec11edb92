"""How much electricity the state of Victoria used, hour by hour."""

from __future__ import annotations

import numpy as np

from rnncourse.data.files import read_file


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
