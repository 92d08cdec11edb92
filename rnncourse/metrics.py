"""How wrong is it? Error rates of labels and of sequences, surprise of a language model.

Edit distances are RapidFuzz's, the F1 of entities is seqeval's, BLEU and chrF are sacreBLEU's.
"""

from __future__ import annotations

import math
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


def bleu(hypotheses: Sequence[str], references: Sequence[str], tokenize: str = "13a") -> float:
    """BLEU of N translations (Papineni and others, 2002), from 0 to 100: sacreBLEU's (Post, 2018).

    The geometric mean of four shares, times a penalty if all hypotheses together are shorter than
    all references: of runs of one, two, three and four tokens, how many the reference has, too, and
    as often. They are shares of the whole corpus, so that BLEU is not the mean of its sentences'.
    Where no run of a length is right, half a run is counted, of the next such length a quarter
    (smoothing "exp"). A corpus that has no run of four tokens gets 0 even if all is right: take
    chrF or exact_match for short phrases.

    hypotheses, references: whole sentences, in upper and lower case. tokenize: "13a" parts words
    from signs but not from apostrophes, "none" at spaces only, "char" into characters. Say which it
    was: figures of different tokens cannot be compared.

    Raises ValueError if there are none, or not as many hypotheses as references.
    """
    _check(hypotheses, references)
    from sacrebleu.metrics import BLEU

    metric = BLEU(tokenize=tokenize, force=True)  # force: do not warn of tokens parted before
    return float(metric.corpus_score(list(hypotheses), [list(references)]).score)


def chrf(hypotheses: Sequence[str], references: Sequence[str]) -> float:
    """chrF of N translations (Popović, 2015), from 0 to 100: sacreBLEU's, for words that are nearly
    right.

    F of runs of one to six characters, spaces left out; recall weighs twice as much as precision
    (β = 2). Over the whole corpus, as BLEU is.

    Raises ValueError if there are none, or not as many hypotheses as references.
    """
    _check(hypotheses, references)
    from sacrebleu.metrics import CHRF

    return float(CHRF().corpus_score(list(hypotheses), [list(references)]).score)


def perplexity(nats: float) -> float:
    """From the mean cross-entropy of a token, in nats, to its exponential.

    Who is as unsure as if choosing among k equally likely tokens at each step has a perplexity of
    k. Two perplexities can be compared only if they are of the same tokens of the same text: of
    words it is far larger than of characters.

    Raises ValueError for nats below 0: a cross-entropy of tokens is never that.
    """
    return math.exp(_nats(nats))


def bits_per_character(nats: float, tokens: int = 1, characters: int = 1) -> float:
    """From the mean cross-entropy of a token, in nats, to bits a character.

    tokens, characters: how many of each the text has, if tokens are words or pieces of them; so
    models of words and of characters can be compared, if every character is paid for.

    Raises ValueError for nats below 0, or if there is no token or character.
    """
    if tokens < 1 or characters < 1:
        raise ValueError(f"{tokens} tokens and {characters} characters: there must be one of each")
    return _nats(nats) * tokens / characters / math.log(2)


def entity_f1(predicted: Sequence[Sequence[str]], targets: Sequence[Sequence[str]]) -> float:
    """F1 of entities, all types together: N sentences of tags, B-PLACE I-PLACE O.

    An entity is right if its first word, its last word and its type are. Precision is the share of
    right ones among those found, recall among those there; F1 is 2·precision·recall over their
    sum, 0 if none is right. Tags are IOB2, read strictly: an entity begins with B-, and an I- that
    does not go on with an entity of its type is none.

    Raises ValueError if there are none, or a sentence has not as many tags as its target.
    """
    _check(predicted, targets)
    for number, (one, other) in enumerate(zip(predicted, targets, strict=True)):
        if len(one) != len(other):
            raise ValueError(f"sentence {number} has {len(one)} tags, but {len(other)} in truth")
    from seqeval.metrics import f1_score
    from seqeval.scheme import IOB2

    lists = [[list(one) for one in side] for side in (targets, predicted)]
    return float(f1_score(*lists, mode="strict", scheme=IOB2, zero_division=0))


def _nats(nats: float) -> float:
    if not nats >= 0:
        raise ValueError(f"a cross-entropy of {nats} nats: it is 0 or more, minus the log of p")
    return float(nats)


def mase(forecast: np.ndarray, actual: np.ndarray, history: np.ndarray, season: int) -> float:
    """Mean absolute scaled error (Hyndman and Koehler, 2006): in units of a naive guess's error.

    forecast and actual: of one shape; history: (N,) the series that was learned from; season: the
    steps after which it repeats itself. The mean absolute error is divided by that of saying,
    within the history, what stood `season` steps before. 1 is as far off as that guess was there;
    hourly values with season=24 and season=168 give different numbers, so say which it was.

    Raises ValueError if the shapes differ, the history has no more than `season` steps, or the
    naive guess is never wrong in it.
    """
    forecast, actual, history = (np.asarray(one, float) for one in (forecast, actual, history))
    if forecast.shape != actual.shape:
        raise ValueError(f"forecast {forecast.shape} and actual {actual.shape} must have one shape")
    if history.ndim != 1 or not 1 <= season < len(history):
        raise ValueError(
            f"history has the shape {history.shape} and season is {season}: the history must be "
            "one series, longer than a season of one step or more"
        )
    scale = np.abs(history[season:] - history[:-season]).mean()
    if scale == 0:
        raise ValueError(f"the history repeats itself exactly after {season} steps: no scale")
    return float(np.abs(forecast - actual).mean() / scale)


def _check(hypotheses, references):
    if len(hypotheses) != len(references):
        raise ValueError(f"{len(hypotheses)} hypotheses, but {len(references)} references")
    if not len(references):
        raise ValueError("there is nothing to compare")
