"""How warm the Pacific was off Peru, month by month."""

from __future__ import annotations

import numpy as np

from rnncourse.data.files import read_file


def load_sea_temperature() -> tuple[np.ndarray, np.ndarray]:
    """732 monthly means of the sea's surface off Peru: January 1950 to December 2010.

    Returns (months, degrees): (732,) datetime64[M] without a gap, and (732,) float64, degrees
    Celsius, the mean of the region from 0 to 10 degrees south and 80 to 90 degrees west. In
    some years it is several degrees too warm for the season: El Niño.

    Source: a data set of the package statsmodels 0.15.0 (BSD licence; the data are in the
    public domain), from the US National Oceanic and Atmospheric Administration (ERSST v3b).

    Raises DataError if the package is missing or its file differs.
    """
    text = read_file("statsmodels", "datasets/elnino/elnino.csv").decode("ascii")
    rows = [line.split(",") for line in text.splitlines()[1:]]
    degrees = np.array([[float(value) for value in row[1:]] for row in rows]).ravel()
    first = np.datetime64(f"{rows[0][0]}-01")
    return np.arange(first, first + np.timedelta64(len(degrees), "M")), degrees
