"""Strings of spoken digits, strung together from ten real recordings, and what a network hears."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import numpy as np

from rnncourse.data.spoken_digits import load_spoken_digits

RATE, HOP, WINDOW, POINTS, BANDS = 8000, 80, 200, 256, 32  # samples: 10 ms, 25 ms, 32 ms
SPEEDS, GAPS, GAIN = (0.75, 1.33), (0.0, 0.1), 6.0


class SpokenString(NamedTuple):
    """wave (N,) float32 at 8,000 samples a second; digits: n numbers from 0 to 9; spans (n, 2): the
    samples where each digit begins and ends; noise: speech over noise, in dB."""

    wave: np.ndarray
    digits: tuple[int, ...]
    spans: np.ndarray
    noise: float


def load_spoken_strings(
    count: int,
    seed: int | tuple[int, ...] = 0,
    noise: tuple[float, float] = (-5, 15),
    lengths: tuple[int, int] = (3, 7),
) -> list[SpokenString]:
    """`count` strings of digits, three to seven a string: real clips, everything else made up.

    Each digit is drawn at random and is the one recording there is of it, played at 0.75 to 1.33
    times its speed (its pitch moves along), up to 6 dB louder or softer, with 0 to 0.1 seconds of
    silence before, between and after. White noise lies over the whole string; `noise` is the range
    of mean power in the digits over that of the noise, in dB. All are drawn with a NumPy generator
    of `seed`, a number or several: speeds evenly on a logarithmic scale, the rest evenly.

    One voice said each digit once, so what is learned here is to find ten known recordings in
    spite of speed and noise. It says nothing about other voices.

    Source: this module; the clips are those of the package captcha 0.7.1 (BSD licence).

    Raises DataError if the package is missing or a file differs, ValueError if no digit is asked
    for.
    """
    if not 1 <= lengths[0] <= lengths[1]:
        raise ValueError(f"lengths is {lengths}, but a string has one digit or more, fewest first")
    rng = np.random.default_rng(seed)
    return [_string(rng, noise, lengths) for _ in range(count)]


def _string(rng, noise, lengths):
    digits = rng.integers(10, size=rng.integers(lengths[0], lengths[1] + 1))
    quiet = [np.zeros(round(RATE * gap)) for gap in rng.uniform(*GAPS, len(digits) + 1)]
    speeds = np.exp(rng.uniform(*np.log(SPEEDS), len(digits)))
    gains = 10 ** (rng.uniform(-GAIN, GAIN, len(digits)) / 20)
    pieces, spans, now = [quiet[0]], [], len(quiet[0])
    for digit, speed, gain, gap in zip(digits, speeds, gains, quiet[1:], strict=True):
        said = gain * at_speed(int(digit), speed)
        spans.append((now, now + len(said)))
        pieces += [said, gap]
        now += len(said) + len(gap)
    wave, spans = np.concatenate(pieces), np.array(spans)
    power = np.mean(np.concatenate([wave[start:end] for start, end in spans]) ** 2)
    decibels = rng.uniform(*noise)
    wave = wave + rng.standard_normal(len(wave)) * np.sqrt(power / 10 ** (decibels / 10))
    return SpokenString(wave.astype(np.float32), tuple(digits.tolist()), spans, float(decibels))


@cache
def _clips():
    return load_spoken_digits()[0]


def at_speed(digit: int, speed: float) -> np.ndarray:
    """The recording of a digit at `speed` times its speed, (N,)."""
    from scipy.signal import resample

    clip = _clips()[digit]
    return resample(clip, round(len(clip) / speed))


def log_mel(wave: np.ndarray) -> np.ndarray:
    """(N,) samples at 8,000 a second → (T, 32) float32: how loud 32 bands of pitch are, over time.

    Frame p is centred on sample 80·p, so T = ⌈N / 80⌉. The power spectrum of 25 ms under a Hann
    window is added up in triangles that are evenly wide on the mel scale, 2595 log₁₀(1 + f / 700),
    from 0 to 4,000 Hz; then comes the natural logarithm. From each band its mean over the string is
    taken, so that neither the loudness of the whole nor an even noise moves it.
    """
    frames = -(-len(wave) // HOP)
    beyond = np.pad(np.asarray(wave, float), (WINDOW // 2, WINDOW))
    cut = np.lib.stride_tricks.sliding_window_view(beyond, WINDOW)[::HOP][:frames]  # (T, WINDOW)
    hann = np.sin(np.pi * np.arange(WINDOW) / WINDOW) ** 2
    power = np.abs(np.fft.rfft(cut * hann, POINTS)) ** 2  # (T, frequencies)
    loudness = np.log(power @ _triangles() + 1e-4)
    return (loudness - loudness.mean(0)).astype(np.float32)


@cache
def _triangles():
    """(frequencies, BANDS): the weight of each frequency in each band, from 0 to 1."""
    top = 2595 * np.log10(1 + RATE / 2 / 700)
    corners = 700 * (10 ** (np.linspace(0, top, BANDS + 2) / 2595) - 1)
    frequencies = np.fft.rfftfreq(POINTS, 1 / RATE)[:, None]
    rising = (frequencies - corners[:-2]) / (corners[1:-1] - corners[:-2])
    falling = (corners[2:] - frequencies) / (corners[2:] - corners[1:-1])
    return np.maximum(0, np.minimum(rising, falling))
