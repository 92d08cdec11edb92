"""Handwritten digits, eight pixels by eight."""

from __future__ import annotations

import gzip

import numpy as np

from rnncourse.data.files import read_file

DIGIT_WORDS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]


def load_digits() -> tuple[np.ndarray, np.ndarray]:
    """1,797 handwritten digits by 13 writers, in pictures of 8 by 8 pixels.

    Returns (pictures, labels): (1797, 8, 8) float32 from 0 (paper) to 1 (ink), the top row first,
    in steps of 1/16, and (1797,) int64 from 0 to 9. The file does not say who wrote which.

    Source: Alpaydin and Kaynak (1998), "Optical Recognition of Handwritten Digits", UCI Machine
    Learning Repository (CC BY 4.0): its test set, as shipped in the package scikit-learn 1.9.1
    (BSD licence).

    Raises DataError if the package is missing or its file differs.
    """
    text = gzip.decompress(read_file("sklearn", "datasets/data/digits.csv.gz")).decode("ascii")
    rows = np.array([[float(number) for number in line.split(",")] for line in text.split()])
    return (rows[:, :-1] / 16).reshape(-1, 8, 8).astype(np.float32), rows[:, -1].astype(np.int64)
