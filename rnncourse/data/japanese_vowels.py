"""Nine men say two vowels: who speaks?"""

from __future__ import annotations

import numpy as np

from rnncourse.data.files import read_file


def load_japanese_vowels(part: str = "train") -> tuple[list[np.ndarray], np.ndarray]:
    """Recordings of the vowels "a" and "e" by nine speakers, as series of 12 coefficients.

    part is "train" (270 series, 30 a speaker) or "test" (370 series, 24 to 88 a speaker).
    Returns (series, speakers): N arrays (T, 12) float64 with T from 7 to 29, LPC cepstrum
    coefficients without a unit, and (N,) int64 from 0 to 8.

    Source: Kudo, Toyama and Shimbo (1999), "Multidimensional curve classification using
    passing-through regions", UCI Machine Learning Repository (CC BY 4.0), as shipped in the
    package sktime 1.2.0 (BSD licence).

    Raises DataError if the package is missing or its file differs, ValueError for another part.
    """
    if part not in ("train", "test"):
        raise ValueError(f'part is {part!r}, but there are only "train" and "test"')
    name = f"datasets/data/JapaneseVowels/JapaneseVowels_{part.upper()}.ts"
    text = read_file("sktime", name).decode("ascii")
    lines = text.split("@data")[1].split()
    rows = [line.split(":") for line in lines]  # 12 channels, then the speaker
    series = [np.array([_numbers(channel) for channel in row[:-1]]).T for row in rows]
    return series, np.array([int(row[-1]) - 1 for row in rows])


def _numbers(text: str) -> list[float]:
    return [float(number) for number in text.split(",")]
