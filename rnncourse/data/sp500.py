"""Twenty years of a share index, day by day."""

from __future__ import annotations

import gzip

import numpy as np

from rnncourse.data.files import read_file


def load_sp500() -> tuple[np.ndarray, np.ndarray]:
    """5,031 trading days of the S&P 500 index, January 1999 to December 2018.

    Returns (days, close): (5031,) datetime64[D] without weekends and holidays, and (5031,)
    float64, the index at the close of each day, in points.

    Source: the package arch 8.0.0 (NCSA licence), whose documentation names Yahoo Finance.

    Raises DataError if the package is missing or its file differs.
    """
    text = gzip.decompress(read_file("arch", "data/sp500/sp500.csv.gz")).decode("ascii")
    rows = [line.split(",") for line in text.splitlines()[1:]]
    return np.array([_day(row[0]) for row in rows]), np.array([float(row[4]) for row in rows])


def _day(american: str) -> np.datetime64:
    month, day, year = american.split("/")
    return np.datetime64(f"{year}-{int(month):02}-{int(day):02}")
