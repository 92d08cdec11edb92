"""A "video" of digits on the move: real handwriting, everything else made up."""

from __future__ import annotations

import numpy as np

from rnncourse.data.digits import load_digits
from rnncourse.data.splits import split

SIDE, T = 12, 24  # pixels of a frame, frames of a film
PARTS = ("train", "validation", "test")


def load_moving_digits(
    part: str = "train", films: int = 1000, seed: int = 0, noise: float = 0.5, hidden: float = 0.5
) -> tuple[np.ndarray, np.ndarray]:
    """Synthetic films in which handwritten digits move, and the digit in each frame.

    Returns (frames, labels): (films, 24, 12, 12) float32 and (films, 24) int64 from 0 to 9. A
    digit of 8 by 8 pixels moves in a straight line and bounces off the edges; every 4 to 12 frames
    another takes its place. Each pixel has normal noise of deviation `noise`, and in a share of
    the frames, `hidden`, half of the frame (left, right, upper or lower) is noise alone: single
    frames are ambiguous, neighbours help. Nothing but the picture tells that a change has come.

    The handwriting is real (`load_digits`), motion, noise and occlusion are made up here with a
    NumPy generator of `seed`. part is "train", "validation" or "test": their digits are different
    pictures, 60, 20 and 20 per cent of them, whatever the seed.

    Source: this module; the pictures are those of the package scikit-learn 1.9.1 (BSD licence).

    Raises DataError if the package is missing or its file differs, ValueError for another part.
    """
    if part not in PARTS:
        raise ValueError(f"part is {part!r}, but there are only {', '.join(PARTS)}")
    pictures, digits = load_digits()
    rows = split(range(len(pictures)), (0.6, 0.2, 0.2), seed=0)[PARTS.index(part)]
    rng = np.random.default_rng([seed, PARTS.index(part)])
    frames = noise * rng.standard_normal((films, T, SIDE, SIDE))
    labels = np.empty((films, T), np.int64)
    for film in range(films):
        ys, xs = _path(rng), _path(rng)
        starts = np.cumsum([0, *rng.integers(4, 13, T // 4)])
        shown = rng.choice(rows, len(starts))
        for t in range(T):
            row = shown[np.searchsorted(starts, t, side="right") - 1]
            still = np.zeros((SIDE, SIDE))
            still[ys[t] : ys[t] + 8, xs[t] : xs[t] + 8] = pictures[row]
            if rng.random() < hidden:
                half = slice(0, SIDE // 2) if rng.random() < 0.5 else slice(SIDE // 2, SIDE)
                (still if rng.random() < 0.5 else still.T)[half] = 0
            frames[film, t] += still
            labels[film, t] = digits[row]
    return frames.astype(np.float32), labels


def _path(rng):
    """(T,) where a digit's edge stands, between 0 and 4: to and fro at a constant speed."""
    room = SIDE - 8
    along = rng.uniform(0, 2 * room) + rng.uniform(-1, 1) * np.arange(T)
    return np.round(np.abs((along + room) % (2 * room) - room)).astype(int)
