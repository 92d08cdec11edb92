"""Connectionist temporal classification (Graves et al., 2006): labels without their times.

A network says a label, or nothing ("blank"), at each of T frames: a path. Paths that differ only
in how long a label is held, or in where the blanks are, mean one sequence: `collapse` takes labels
held for several frames once and drops the blanks. The probability of a sequence is that of all
paths that collapse to it.
"""

import itertools
from collections import defaultdict

import numpy as np
import torch
import torch.nn.functional as F


def collapse(path, blank):
    """What a path of T labels means: labels that are repeated count once, then blanks are dropped.

    >>> collapse("--c-aa-a-tt", blank="-")
    ['c', 'a', 'a', 't']
    """
    path = list(path)
    return [
        label
        for place, label in enumerate(path)
        if label != blank and (place == 0 or label != path[place - 1])
    ]


def frames_needed(target):
    """The fewest frames in which a sequence can be said: one a label, and one for a blank between
    two that are the same."""
    target = list(target)
    return len(target) + sum(a == b for a, b in itertools.pairwise(target))


def ctc_loss(output, target, blank=-1):
    """The mean over B sequences of −log p(target), in nats: torch's, with a look at lengths first.

    output: log-probabilities (B, T, V), zero beyond the end or anything else, and lengths (B,).
    target: labels (B, U) padded with anything, and lengths (B,).
    blank: the number of the blank; −1 is the last class.

    Raises ValueError if a target does not fit into its frames: no path means it, its probability is
    0 and its loss infinite, and one such sequence spoils the whole batch.
    """
    (log_probs, frames), (labels, sizes) = output, target
    for row, (line, size, room) in enumerate(zip(labels, sizes, frames, strict=True)):
        need = frames_needed(line[:size].tolist())
        if need > room:
            raise ValueError(
                f"sequence {row}: its {int(size)} labels need {need} frames (the same label twice "
                f"in a row needs a blank between), but there are {int(room)}: leave it out, or "
                "let the network shorten its input less"
            )
    losses = F.ctc_loss(log_probs.transpose(0, 1), labels, frames, sizes,
                        blank=blank % log_probs.shape[2], reduction="none")  # fmt: skip
    return losses.mean()


def greedy_ctc(log_probs, blank=-1):
    """The meaning of the likeliest path: log_probs (T, V) → a list of labels.

    It is not always the likeliest meaning, whose probability may be spread over many paths.
    """
    log_probs = np.asarray(log_probs)
    return collapse(log_probs.argmax(1).tolist(), blank % log_probs.shape[1])


def prefix_beam(log_probs, blank=-1, width=None):
    """The likeliest meanings, best first: log_probs (T, V) → [(labels, log p), …].

    Frame by frame a log-probability is kept for each beginning of a sequence, apart for paths that
    end in a blank and in the last label: only after a blank the same label can come again. `width`
    is how many beginnings are kept after each frame, the likeliest; with None nothing is
    pruned, and each log p is that of all paths. Pruned, it is that or less.

    Raises ValueError if width is below 1.
    """
    if width is not None and width < 1:
        raise ValueError(f"width is {width}, but one beginning at least must be kept")
    log_probs = np.asarray(log_probs, dtype=np.float64)
    blank %= log_probs.shape[1]
    never = -np.inf
    beam = {(): (0.0, never)}  # labels: log p of paths that end in a blank, and in the last label
    for frame in log_probs.tolist():
        after = defaultdict(lambda: [never, never])
        for labels, (silent, sounding) in beam.items():
            either = np.logaddexp(silent, sounding)
            stay = after[labels]
            stay[0] = np.logaddexp(stay[0], either + frame[blank])
            if labels:  # the last label is held
                stay[1] = np.logaddexp(stay[1], sounding + frame[labels[-1]])
            for label, log_p in enumerate(frame):
                if label != blank and log_p > never:
                    before = silent if labels and label == labels[-1] else either
                    longer = after[*labels, label]
                    longer[1] = np.logaddexp(longer[1], before + log_p)
        ranked = sorted(after.items(), key=lambda item: -np.logaddexp(*item[1]))
        beam = dict(ranked[:width])
    found = [(list(labels), float(np.logaddexp(*two))) for labels, two in beam.items()]
    return [(labels, log_p) for labels, log_p in found if log_p > never]


def decode(log_probs, lengths, blank=-1):
    """`greedy_ctc` of each of B sequences: log_probs (B, T, V), lengths (B,) → B lists."""
    log_probs = torch.as_tensor(log_probs).detach().cpu().numpy()
    return [greedy_ctc(one[:n], blank) for one, n in zip(log_probs, lengths, strict=True)]
