"""How wrong is it? Error rates of labels and of sequences; edit distances are RapidFuzz's."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import numpy as np
from rapidfuzz.distance import Levenshtein


def accuracy(predicted: np.ndarray, targets: np.ndarray, real: np.ndarray | None = None) -> float:
    """Share of right labels: predicted and targets of one shape, such as (B,) or (B, T).

    real: bool of that shape, False for steps that are padding; they do not count. `targets != -1`
    is one, and so is `batching.mask(lengths)`.

    Raises ValueError if the shapes differ or no step is real.
    """
    predicted, targets = np.asarray(predicted), np.asarray(targets)
    real = np.ones(targets.shape, bool) if real is None else np.asarray(real, bool)
    if not predicted.shape == targets.shape == real.shape:
        raise ValueError(
            f"predicted {predicted.shape}, targets {targets.shape} and real {real.shape} "
            "must have one shape"
        )
    if not real.any():
        raise ValueError("no step is real, so there is nothing to be right about")
    return float((predicted == targets)[real].mean())


def exact_match(hypotheses: Sequence, references: Sequence) -> float:
    """Share of sequences that are right from beginning to end: N of each, strings or lists.

    Of letters and sounds, 1 − exact_match is what is called word error rate.

    Raises ValueError if there are none, or not as many hypotheses as references.
    """
    _check(hypotheses, references)
    pairs = zip(hypotheses, references, strict=True)
    return sum(list(hypothesis) == list(reference) for hypothesis, reference in pairs) / len(
        references
    )


def edit_distance(hypothesis: Sequence[Hashable], reference: Sequence[Hashable]) -> int:
    """The fewest insertions, deletions and substitutions of tokens that turn one into the other.

    A string is a sequence of characters, "sat" and "cat" are 1 apart; give lists of words or of
    phones to count those.
    """
    return Levenshtein.distance(list(hypothesis), list(reference))


def error_rate(
    hypotheses: Sequence[Sequence[Hashable]], references: Sequence[Sequence[Hashable]]
) -> float:
    """Edit distances of N pairs added up, over the number of tokens in all references.

    With phones it is the phone error rate, with words the word error rate, with characters the
    character error rate. It can be above 1: a hypothesis may be too long.

    Raises ValueError if there are none, not as many hypotheses as references, or no reference has
    a token.
    """
    _check(hypotheses, references)
    tokens = sum(map(len, references))
    if tokens == 0:
        raise ValueError("the references have no tokens, so there is no rate")
    return sum(map(edit_distance, hypotheses, references)) / tokens


def _check(hypotheses, references):
    if len(hypotheses) != len(references):
        raise ValueError(f"{len(hypotheses)} hypotheses, but {len(references)} references")
    if not len(references):
        raise ValueError("there is nothing to compare")
