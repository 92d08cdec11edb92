"""Made-up traffic of a small office's network, and four kinds of attack on it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

BINS_A_DAY, WEEK = 288, 2016  # bins of five minutes
CHANNELS = ("flows", "packets", "bytes out", "bytes in", "ports", "failed")
ATTACKS = ("scan", "flood", "exfiltration", "beacon")
PARTS = {
    "train": slice(0, 5 * WEEK),
    "validation": slice(5 * WEEK, 7 * WEEK),
    "test": slice(7 * WEEK, 11 * WEEK),
}
EVENTS = 12  # of each kind, all in the test weeks
_LENGTHS = {  # bins
    "scan": (2, 6),
    "flood": (2, 6),
    "exfiltration": (72, 144),
    "beacon": (144, 144),
}

_NIGHT = np.log([80.0, 6e3, 1e6, 6e6, 20.0, 4.0])  # what there is at night, in five minutes
_DAILY = np.array([1.8, 1.9, 1.7, 2.1, 1.2, 1.0])  # how much more by day, logarithms
_SHARED = np.array([1.0, 1.0, 0.9, 1.1, 0.7, 0.6])  # how much each follows the common wandering
_NOISE = np.array([0.04, 0.06, 0.12, 0.12, 0.05, 0.05])  # of each bin, beside that of counting
_COUNTED = [0, 4, 5]  # flows, ports and failures are so few that Poisson's noise is seen
# What attacks add to a bin at their height: flows, packets, bytes out and in, ports, failures
_ADDED = {
    "scan": np.array([30, 100, 5e3, 5e3, 40, 20]),
    "flood": np.array([150, 1e4, 0, 4e5, 0, 0]),
    "exfiltration": np.array([2, 600, 7e5, 2e4, 0, 0]),
    "beacon": np.array([3, 100, 3e5, 1e4, 0, 0]),
}


class Traffic(NamedTuple):
    """x (N, 6) float32: log(1 + count) of the CHANNELS; minutes (N,) since Monday, midnight;
    labels (N,): 0, or 1 + the place in ATTACKS; events: (attack, first bin, bin after the last)."""

    x: np.ndarray
    minutes: np.ndarray
    labels: np.ndarray
    events: list[tuple[str, int, int]]


def load_traffic(seed: int = 0, memory: float = 0.985) -> Traffic:
    """Eleven weeks of traffic in bins of five minutes: synthetic, all of it.

    Weeks 1 to 5 are for training and 6 and 7 for validation (`PARTS` has the slices): nobody
    attacks. In weeks 8 to 11 there are twelve attacks of each kind, at random times, an hour or
    more apart:

    scan          10 to 30 minutes: 40 more ports and 20 more failures in each bin, a few flows
    flood         10 to 30 minutes: 150 more flows and 10,000 more packets, hardly any bytes
    exfiltration  6 to 12 hours: bytes out grow slowly, by 700,000 at the middle, and shrink again
    beacon        12 hours: each half an hour 300,000 bytes out; only these bins are labelled

    (in the mean; each attack is up to 40 % stronger or weaker.) By night 20 ports, 4 failures, 80
    flows, 6,000 packets and 1,000,000 bytes out are usual, at noon three to seven times as many.

    Clean traffic has a daily and a weekly cycle, noise in each bin (flows, ports and failures are
    Poisson's, so that few vary more, in proportion, than many), some of it shared by flows, packets
    and bytes, and slow wanderings, one of the whole with a deviation of 0.3 and one of each channel
    with 0.18, in logarithms. They are AR(1): what is left of a deviation after five minutes is
    `memory` of it; with 0.985 half is left after four hours, with 0.5 after five minutes, the
    widths being the same. Nothing real stands behind these numbers, and who is ahead depends on
    them: the wider and slower the wandering, the worse for a detector that knows only the hour.

    Source: this module. Raises ValueError for a memory outside 0 to 1.
    """
    if not 0 <= memory < 1:
        raise ValueError(f"memory is {memory}, but it is a share: 0 or more and below 1")
    rng = np.random.default_rng(seed)
    N = PARTS["test"].stop
    minutes = 5 * np.arange(N)
    x = _NIGHT + np.outer(_cycle(minutes), _DAILY)
    x += np.outer(_wandering(rng, N, memory, 0.3), _SHARED)
    x += np.stack([_wandering(rng, N, memory, 0.18) for _ in CHANNELS], axis=1)
    x += np.outer(0.06 * rng.standard_normal(N), [1, 1, 1, 1, 0.2, 0])  # more or fewer at work
    x += _NOISE * rng.standard_normal((N, 6))
    counts, labels, events = np.exp(x), np.zeros(N, np.int64), _drawn_events(rng)
    for attack, first, end in events:
        height = _heights(attack, end - first) * rng.uniform(0.6, 1.4)  # (bins,)
        counts[first:end] += np.outer(height, _ADDED[attack])
        labels[first:end][height > 0] = 1 + ATTACKS.index(attack)
    counts[:, _COUNTED] = rng.poisson(counts[:, _COUNTED])
    return Traffic(np.log1p(counts).astype(np.float32), minutes, labels, events)


def clock(minutes: np.ndarray) -> np.ndarray:
    """(N, 6) float32: sine and cosine of the time of day, of half a day and of the week."""
    turns = [minutes / 1440, minutes / 720, minutes / 10080]
    angles = 2 * np.pi * np.stack(turns, axis=1)
    return np.concatenate([np.sin(angles), np.cos(angles)], axis=1).astype(np.float32)


def hour_of_week(minutes: np.ndarray) -> np.ndarray:
    """(N,) from 0, Monday's first hour, to 167."""
    return minutes // 60 % 168


def _cycle(minutes):
    """(N,) from 0 to 1: busy from nine to five with a dip at noon, quiet at weekends."""
    hour = minutes / 60 % 24
    bump = lambda middle, width: np.exp(-(((hour - middle) / width) ** 2))  # noqa: E731
    weekday = minutes // 1440 % 7 < 5
    return np.where(weekday, bump(10.5, 2.5) + bump(15, 2.5), 0.25 * bump(14, 5))


def _wandering(rng, N, memory, deviation):
    steps = deviation * np.sqrt(1 - memory**2) * rng.standard_normal(N)
    found, now = np.empty(N), deviation * rng.standard_normal()
    for t in range(N):
        found[t] = now = memory * now + steps[t]
    return found


def _drawn_events(rng):
    """EVENTS of each kind at random times in the test weeks, an hour or more apart."""
    taken, events = np.zeros(PARTS["test"].stop, bool), []
    taken[: PARTS["test"].start + BINS_A_DAY] = True  # the first test day is quiet
    for attack in reversed(ATTACKS):  # the long ones first, while there is room
        for _ in range(EVENTS):
            length = int(rng.integers(*_LENGTHS[attack], endpoint=True))
            while True:
                first = int(rng.integers(PARTS["test"].start, PARTS["test"].stop - length))
                if not taken[max(0, first - 12) : first + length + 12].any():
                    break
            taken[first : first + length] = True
            events.append((attack, first, first + length))
    return sorted(events, key=lambda event: event[1])


def _heights(attack, bins):
    """(bins,) from 0 to 1: how much of the attack there is in each bin."""
    if attack == "exfiltration":
        return np.sin(np.pi * (np.arange(bins) + 0.5) / bins)
    return np.arange(bins) % 6 == 0 if attack == "beacon" else np.ones(bins)
