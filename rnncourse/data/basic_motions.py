"""A watch feels what its wearer does."""

from __future__ import annotations

import numpy as np

from rnncourse.data.files import read_file

MOTIONS = ("standing", "running", "walking", "badminton")


def load_basic_motions(part: str = "train") -> tuple[np.ndarray, np.ndarray]:
    """Ten seconds of a smart watch's motion: who stands, runs, walks, plays badminton?

    part is "train" or "test", 40 recordings each, ten of each activity. Returns (series, labels):
    (40, 100, 6) float64, a row every tenth of a second: acceleration along x, y, z, then rotation
    about them, units not given; and (40,) int64, places in MOTIONS. Four students recorded them;
    the file does not say who recorded which, so the same people may be in both parts.

    Source: Clements, "BasicMotions", UEA multivariate time series archive (Bagnall et al., 2018),
    as shipped in the package sktime 1.2.0 (BSD licence).

    Raises DataError if the package is missing or its file differs, ValueError for another part.
    """
    if part not in ("train", "test"):
        raise ValueError(f'part is {part!r}, but there are only "train" and "test"')
    name = f"datasets/data/BasicMotions/BasicMotions_{part.upper()}.ts"
    rows = [
        line.split(":") for line in read_file("sktime", name).decode().split("@data")[1].split()
    ]
    series = [[[float(n) for n in channel.split(",")] for channel in row[:-1]] for row in rows]
    return np.array(series).swapaxes(1, 2), np.array(
        [MOTIONS.index(row[-1].lower()) for row in rows]
    )
