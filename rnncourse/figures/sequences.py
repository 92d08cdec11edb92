"""Static plots of sequences: a padded batch, the same batch packed, a piano roll."""

from __future__ import annotations

import numpy as np

from rnncourse.figures import palette


def padded_batch(rows, length: int | None = None, ax=None):
    """Draw B sequences of tokens as rows of cells; what padding would fill stays hatched.

    rows: B lists of strings. length: how many cells a row has, the longest row if None.
    Returns the Axes.
    """
    length = length or max(map(len, rows))
    ax = ax or _axes(len(rows), length)
    for row, tokens in enumerate(rows):
        for t in range(length):
            real = t < len(tokens)
            _cell(ax, row, t, tokens[t] if real else "", real)
    return _finish(ax, len(rows), length, "sequence $b$")


def packed_batch(rows, ax=None):
    """Draw B sequences of tokens packed: longest first, cut into steps, no padding.

    Above each step stands how many sequences are still running. Returns the Axes.
    """
    rows = sorted(rows, key=len, reverse=True)
    length = len(rows[0])
    ax = ax or _axes(len(rows), length)
    for row, tokens in enumerate(rows):
        for t, token in enumerate(tokens):
            _cell(ax, row, t, token, True)
    for t in range(length):
        running = sum(len(tokens) > t for tokens in rows)
        ax.text(t, -0.75, str(running), ha="center", va="center", color=palette.color("state"),
                fontweight="bold")  # fmt: skip
    ax.text(-0.7, -0.75, "batch_sizes", ha="right", va="center", color=palette.color("state"))
    _finish(ax, len(rows), length, "longest first")
    ax.set_ylim(len(rows) - 0.5, -1.1)
    return ax


def piano_roll(pitches, ax=None, names=("soprano", "alto", "tenor", "bass")):
    """Draw voices over time: pitches (T, voices) as MIDI numbers, 0 for a rest. Returns the Axes.

    Time runs in frames; a note that is held or repeated becomes one bar.
    """
    import matplotlib.pyplot as plt

    pitches = np.asarray(pitches)
    ax = ax or plt.subplots(figsize=(7, 3.2))[1]
    shades = palette.scale(len(names))  # from high, light, to low
    looks = zip(names, shades, ("", "////", "....", "xx"), strict=True)
    for voice, (name, shade, hatch) in zip(pitches.T, looks, strict=True):
        starts = np.flatnonzero(np.diff(voice, prepend=-1))
        spans = np.diff([*starts, len(voice)])
        sung = voice[starts] > 0
        _ = ax.barh(voice[starts][sung], spans[sung] - 0.1, left=starts[sung], height=0.85,
                    color=shade.color, edgecolor="white", hatch=hatch, linewidth=0,
                    label=name)  # fmt: skip
    octaves = np.arange(36, 96, 12)
    ax.set_yticks(octaves, [f"C{octave // 12 - 1}" for octave in octaves])
    ax.set_ylim(pitches[pitches > 0].min() - 2, pitches.max() + 2)
    ax.set(xlabel="frame", xlim=(0, len(pitches)))
    ax.legend(ncols=len(names), loc="lower center", bbox_to_anchor=(0.5, 1.0), fontsize=9)
    return ax


def _axes(rows: int, length: int):
    import matplotlib.pyplot as plt

    return plt.subplots(figsize=(max(4.0, 0.85 * length + 1), 0.42 * rows + 0.8))[1]


def _cell(ax, row: int, t: int, text: str, real: bool) -> None:
    look = {"facecolor": palette.color("input"), "alpha": 0.22} if real else {
        "facecolor": "none", "hatch": "////", "alpha": 0.35}  # fmt: skip
    corner = (t - 0.46, row - 0.4)
    from matplotlib.patches import Rectangle

    ax.add_patch(Rectangle(corner, 0.92, 0.8, edgecolor=palette.color("muted"), lw=0.8, **look))
    ax.text(t, row, text, ha="center", va="center", fontsize=9)


def _finish(ax, rows: int, length: int, ylabel: str):
    ax.set(xlim=(-0.6, length - 0.4), ylim=(rows - 0.5, -0.6), ylabel=ylabel, yticks=[])
    ax.set_xticks(range(length), range(1, length + 1))
    ax.set_xlabel("step $t$")
    ax.grid(False)
    ax.tick_params(length=0)
    for side in ax.spines.values():
        side.set_visible(False)
    return ax
