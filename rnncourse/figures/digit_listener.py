"""Spoken digits to hear, and what a network trained with CTC says at each moment of them."""

from __future__ import annotations

import itertools
import re

import numpy as np
import traitlets

from rnncourse import assets
from rnncourse.cells import log_softmax
from rnncourse.data.spoken_strings import HOP, RATE, log_mel
from rnncourse.figures import coder
from rnncourse.figures.base import Figure, number, table

GAP, BLANK, MOST = 400, 10, 6  # samples of silence; the class; digits that can be typed
FRAME = 4 * HOP / RATE  # seconds between two answers of the network
NOISE, SPEED = (-10, 20), (0.75, 1.33)


class DigitListener(Figure):
    """State: ten clips, a network's weights, the digits said, how, and the moment looked at."""

    name = "digit_listener"
    digits = traitlets.Unicode("2004").tag(sync=True)
    noise = traitlets.Float(15.0).tag(sync=True)  # speech over noise, dB
    speed = traitlets.Float(1.0).tag(sync=True)
    seed = traitlets.Int(1).tag(sync=True)  # of the noise
    frame = traitlets.Int(0).tag(sync=True)
    clips = traitlets.List().tag(sync=True)  # ten lists of numbers from -128 to 127
    weights = traitlets.Dict().tag(sync=True)

    def wave(self) -> np.ndarray:
        """What is heard, (N,): the digits in their gaps, with noise over all."""
        said = [stretched(np.array(self.clips[int(d)]) / 128, self.speed) for d in self.digits]
        power = np.mean(np.concatenate(said) ** 2)
        quiet = np.zeros(GAP)
        wave = np.concatenate([quiet, *itertools.chain(*((one, quiet) for one in said))])
        return wave + np.sqrt(power / 10 ** (self.noise / 10)) * normal(len(wave), self.seed)

    def posteriors(self) -> np.ndarray:
        """Probabilities of ten digits and the blank, (T, 11), a row each 40 milliseconds."""
        return listen(log_mel(self.wave()), self.weights)

    def heard(self) -> list[tuple[int, int, float]]:
        """The digits of the likeliest path: (digit, frame where it begins, its probability)."""
        p = self.posteriors()
        path = p.argmax(1)
        starts = np.flatnonzero(np.diff(path, prepend=BLANK))
        return [(int(path[t]), int(t), float(p[t, path[t]])) for t in starts if path[t] != BLANK]

    def describe(self) -> str:
        heard = " ".join(str(digit) for digit, _, _ in self.heard()) or "nothing"
        return (
            f"The digits {' '.join(self.digits)}, said by one voice at {number(self.speed)} times "
            f"its speed, {number(self.noise, 0)} dB over white noise, drawn as a spectrogram. "
            f"Below it, on the same axis of time, how probable a network finds each of ten digits "
            f"and the blank, every {1000 * FRAME:.0f} milliseconds. Merged and without blanks its "
            f"likeliest path says {heard}."
        )

    def fallback(self) -> str:
        rows = [
            [str(digit), f"{number(t * FRAME)} seconds", number(p)] for digit, t, p in self.heard()
        ]
        said = " ".join(self.digits)
        return table(["heard", "from", "probability there"], rows, f"What was heard of {said}")


def digit_listener(
    digits: str = "2004", noise: float = 15, speed: float = 1.0, seed: int = 1, frame: int = 14
) -> DigitListener:
    """Digits that the reader types, with noise, as sound, spectrogram and a network's answers.

    noise: speech over noise in dB, -10 to 20; speed: 0.75 to 1.33; seed: of the noise; frame: the
    moment looked at. `rnncourse.assets.listener` trained the network.
    """
    if not re.fullmatch(rf"[0-9]{{1,{MOST}}}", digits):
        raise ValueError(f"digits is {digits!r}, but the figure says 1 to {MOST} digits, 0 to 9")
    for name, value, (low, high) in (("noise", noise, NOISE), ("speed", speed, SPEED)):
        if not low <= value <= high:
            raise ValueError(f"{name} is {value}, but it goes from {low} to {high}")
    stored = assets.load("listener")
    return DigitListener(
        digits=digits, noise=noise, speed=speed, seed=seed, frame=frame,
        clips=stored["clips"], weights=stored["weights"],
    )  # fmt: skip


def stretched(clip: np.ndarray, speed: float) -> np.ndarray:
    """(N,) → (N / speed,), by straight lines between the samples."""
    count = int(len(clip) / speed + 0.5)
    return np.interp(np.arange(count) * (len(clip) - 1) / (count - 1), np.arange(len(clip)), clip)


def normal(count: int, seed: int) -> np.ndarray:
    """(count,) normal numbers as the page draws them too: congruences, then Box and Muller."""
    uniform, state = np.empty(2 * count), seed
    for k in range(2 * count):
        state = (1664525 * state + 1013904223) % 2**32
        uniform[k] = state / 2**32
    return np.sqrt(-2 * np.log(1 - uniform[::2])) * np.cos(2 * np.pi * uniform[1::2])


def listen(x: np.ndarray, weights: dict) -> np.ndarray:
    """`models.Listener` in NumPy: x (T, bands) → probabilities (⌈T / 4⌉, digits and blank)."""
    w = {name: np.array(value) for name, value in weights.items()}
    for name in ("first", "second"):
        x = np.maximum(convolved(x, w[f"{name}.weight"], w[f"{name}.bias"]), 0)
    both = np.concatenate(coder.both_ways(w, "rnn", x), axis=1)
    return np.exp(log_softmax(both @ w["read_out.weight"].T + w["read_out.bias"]))


def convolved(x, kernel, bias):
    """x (T, C), kernel (K, C, 5), every second place, two zeros at either end → (⌈T / 2⌉, K)."""
    padded = np.pad(x, ((2, 2), (0, 0)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, 5, axis=0)[::2]  # (T', C, 5)
    return np.einsum("tcj,kcj->tk", windows, kernel) + bias
