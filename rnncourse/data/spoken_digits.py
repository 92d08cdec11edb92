"""One voice says the digits from nought to nine."""

from __future__ import annotations

import io
import wave

import numpy as np

from rnncourse.data.files import file_names, read_file


def load_spoken_digits() -> tuple[list[np.ndarray], int]:
    """Ten recordings: one voice says each digit once.

    Returns (waves, rate): waves[d] is digit d, (T,) float64 in [-1, 1] with T from 1,807 to
    2,747 samples, and rate is 8000 samples a second. There is one recording a digit: models
    trained on them learn these recordings, not how people speak.

    Source: the package captcha 0.7.1 (BSD licence).

    Raises DataError if the package is missing or a file differs.
    """
    waves = []
    for name in file_names("captcha"):
        with wave.open(io.BytesIO(read_file("captcha", name))) as file:
            samples = np.frombuffer(file.readframes(file.getnframes()), dtype=np.uint8)
            rate = file.getframerate()
        waves.append((samples - 128.0) / 128.0)  # 8-bit samples: 128 is silence
    return waves, rate
