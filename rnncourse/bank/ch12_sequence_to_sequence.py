"""Chapter 12, sequence to sequence: what a decoder reads, how it searches, how it is scored."""

from __future__ import annotations

import functools
import math
from collections import Counter

import numpy as np

from rnncourse.bank import Misconception, Question, variant
from rnncourse.cells import log_softmax, rnn_step
from rnncourse.data import load_pronunciations
from rnncourse.data.pronunciations import phones

words_of = functools.cache(load_pronunciations)  # takes a second

# --- shift_faults ------------------------------------------------------------------------------

FAULTS = ("right", "not shifted", "shifted twice", "backwards", "no end", "no start")


def shift_case(rng):
    """Six sequences, each with what a decoder reads and must say; one is right, two are alike."""
    start, end, *words = (1 + int(n) for n in rng.permutation(29))
    faults = rng.permutation(FAULTS[1:])
    faults[0] = faults[1]  # no permutation of the six names is right
    inputs, targets = [], []
    for fault in rng.permutation(["right", *faults]):
        y = rng.permutation(words)[: int(rng.integers(4, 9))]
        reads, says = np.array([start, *y]), np.array([*y, end])
        reads, says = {
            "right": (reads, says),
            "not shifted": (says, says),
            "shifted twice": (reads[:-1], says[1:]),
            "backwards": (says, reads),
            "no end": (reads[:-1], says[:-1]),
            "no start": (reads[1:], says[1:]),
        }[fault]
        inputs.append(reads)
        targets.append(says.copy())
    return inputs, targets, start, end


def shift_faults(inputs, targets, start, end, *, told=lambda fault: fault):
    """What is wrong with each pair; `told` is what somebody would say of it."""
    found = []
    for reads, says in zip(inputs, targets, strict=True):
        if (reads[1:] == says[:-1]).all():
            fault = "no start" if reads[0] != start else "no end" if says[-1] != end else "right"
        elif (reads == says).all():
            fault = "not shifted"
        elif (reads[2:] == says[:-2]).all():
            fault = "shifted twice"
        else:
            fault = "backwards"
        found.append(told(fault))
    return found


def instead(**said):
    """A way to tell faults: these names are replaced, with blanks for their underscores."""
    other = {name.replace("_", " "): told for name, told in said.items()}
    return lambda fault: other.get(fault, fault)


SHIFT_FAULTS = Question(
    name="shift_faults",
    section="2 · With the truth at hand, and without",
    points=3,
    reference=shift_faults,
    inputs=shift_case,
    misconceptions=(
        Misconception(
            "the end mark overlooked",
            variant(shift_faults, told=instead(no_end="right")),
            "Some that you call right would write for ever. Which?",
            "Read start a b, say a b c: when does this decoder learn to stop?",
            "You accept targets without an end mark. A decoder that never had to say it never "
            "stops.",
        ),
        Misconception(
            "the start mark overlooked",
            variant(shift_faults, told=instead(no_start="right")),
            "Some that you call right never learn to say their first token. Which?",
            "Read a b c, say b c end: who says the a?",
            "You accept inputs without a start mark. The first token is then never asked for.",
        ),
        Misconception(
            "the direction of the shift overlooked",
            variant(shift_faults, told=instead(backwards="right")),
            "You call more than one right. Does each say what comes *after* what it reads?",
            "Read a b end, say start a b: it says again what it read a step ago.",
            "You accept a shift the wrong way. A target is the token after the input.",
        ),
        Misconception(
            "a shift of two accepted",
            variant(shift_faults, told=instead(shifted_twice="right")),
            "You call more than one right. By how many places is each moved?",
            "Read start a b, say b c end: the a is nowhere to be said.",
            "You accept a shift of two. Somebody shifted what was shifted already.",
        ),
        Misconception(
            "inputs and targets thought to be equal",
            variant(shift_faults, told=instead(right="not shifted", not_shifted="right")),
            "What does the network read at a step, and what must it say there?",
            "Read a b end, say a b end: a copy, which needs no memory.",
            "You call a copy right and a shift wrong. It is the other way round.",
        ),
        Misconception(
            "twice and backwards exchanged",
            variant(
                shift_faults, told=instead(shifted_twice="backwards", backwards="shifted twice")
            ),
            "Two names are exchanged. Which sequence lacks a token altogether?",
            "Read start a b, say b c end: moved too far, not the other way.",
            "You exchanged “shifted twice” and “backwards”.",
        ),
        Misconception(
            "neither mark looked for",
            variant(shift_faults, told=instead(no_end="right", no_start="right")),
            "You call more than one right. Does each read the start and say the end?",
            "Read start a b, say a b c: when does this decoder learn to stop?",
            "You looked at the shift alone. The right one reads the start mark and must say the "
            "end mark.",
        ),
        Misconception(
            "the start mark asked for first",
            variant(shift_faults, told=instead(not_shifted="no start", backwards="no start")),
            "Look at those that you call “no start”. Is each moved by one, as it should be?",
            "Read a b end, say a b end: no start mark is read, but that is not what is wrong.",
            "You asked for the start mark first. It is missing, too, where nothing is shifted and "
            "where the shift is backwards.",
        ),
        Misconception(
            "both marks asked for first",
            variant(shift_faults, told=instead(not_shifted="no start", backwards="no end")),
            "Look at those that you call “no start” or “no end”. Is each moved by one?",
            "Read a b end, say a b end: no start mark is read, but that is not what is wrong.",
            "You asked for the marks first. They are missing, too, where nothing is shifted and "
            "where the shift is backwards.",
        ),
        Misconception(
            "the end mark asked for first",
            variant(shift_faults, told=instead(backwards="no end")),
            "Look at those that you call “no end”. Does each say what comes *after* what it reads?",
            "Read a b end, say start a b: no end is asked for, but that is not what is wrong.",
            "You asked for the end mark first. It is missing, too, where the shift is backwards.",
        ),
    ),
)

# --- forced_and_free ---------------------------------------------------------------------------


def forced_case(rng):
    """A vanilla decoder, its first state, the truth with its end mark; the two ways differ."""
    V, H, T = (int(n) for n in rng.integers((5, 4, 5), (9, 7, 9)))
    while True:
        truth = rng.integers(0, V, T)
        weights = (
            1.5 * rng.standard_normal((H, V)), 0.7 * rng.standard_normal((H, H)),
            rng.standard_normal(H), 1.5 * rng.standard_normal((V, H)), rng.standard_normal(V),
        )  # fmt: skip
        case = truth, rng.standard_normal(H), int(rng.integers(V)), *weights
        forced, free, _ = forced_and_free(*case)
        ahead = forced_and_free(*case, forced="itself")[0]  # off from its first token on
        if forced[0] not in (truth[0], ahead[0]) and forced[1:] != free[1:]:
            return case


def forced_and_free(
    truth, h, start, W_xh, W_hh, b_h, W_hy, b_y, *,
    first="start", forced="truth", free="said", carry=True, again=True, scored="forced",
    base=math.e, mean=np.mean, turned=False,
):  # fmt: skip
    """[tokens with the truth fed, with its own fed, perplexity], and ways to get it wrong."""
    rows = np.eye(len(b_y))

    def run(feed, h):
        token, said, nats = {"start": start, "truth": truth[0]}[first], [], []
        for place, right in enumerate(truth):
            token = right if feed == "itself" else token
            h = rnn_step(rows[token], h if carry else 0 * h, W_xh, W_hh, b_h)
            z = W_hy @ h + b_y
            said.append(int(np.argmax(z)))
            nats.append(-float(log_softmax(z)[said[-1] if scored == "said" else right]))
            token = truth[place] if feed == "truth" else said[-1]
        return said, nats, h

    one, nats, last = run(forced, h)
    two, other, _ = run(free, h if again else last)
    one, two = (two, one) if turned else (one, two)
    return [one, two, float(base ** mean(other if scored == "free" else nats))]


FORCED_AND_FREE = Question(
    name="forced_and_free",
    section="2 · With the truth at hand, and without",
    points=3,
    reference=forced_and_free,
    inputs=forced_case,
    cases=8,
    misconceptions=(
        Misconception(
            "its own tokens fed both times",
            variant(forced_and_free, forced="said"),
            "Your two lists are the same. What is the decoder told in teacher forcing?",
            "Truth 4, 2, 5: whatever it said, it reads start, 4, 2.",
            "You fed the decoder's own tokens both times. With teacher forcing it reads the truth.",
        ),
        Misconception(
            "the truth fed both times",
            variant(forced_and_free, free="truth"),
            "Your two lists are the same. Who gives a decoder the truth when it is used?",
            "It said 3, 3: free-running it reads start, 3, 3.",
            "You fed the truth both times. Free-running it reads what it said itself.",
        ),
        Misconception(
            "fed the token that it must say",
            variant(forced_and_free, forced="itself"),
            "The first list is off from its first token on. What has been read by then?",
            "Truth 4, 2, 5: it reads start, 4, 2 and must say 4, 2, 5.",
            "You fed each token to the very step that must say it. Shift by one.",
        ),
        Misconception(
            "begun without the start mark",
            variant(forced_and_free, first="truth"),
            "Both lists are off from the first token on. What does a decoder read first?",
            "Nothing is written yet, so it reads the start mark.",
            "You fed the first true token at the first step. It reads the start mark there.",
        ),
        Misconception(
            "the second run begun where the first ended",
            variant(forced_and_free, again=False),
            "The first list is right. From which state does the second run begin?",
            "Both runs begin with the state that came from the source.",
            "Your second run begins with the last state of the first. Begin anew.",
        ),
        Misconception(
            "no state carried",
            variant(forced_and_free, carry=False),
            "What does the decoder know of the source at its third step?",
            "h₁ comes from h₀ and h₂ from h₁: the state is all that is known of the source.",
            "You start every step from zeros. The state goes on from step to step.",
        ),
        Misconception(
            "perplexity taken while it runs free",
            variant(forced_and_free, scored="free"),
            "Both lists are right. With what had been read is the probability of a token taken?",
            "Perplexity is of the truth, each token after the *true* ones before it.",
            "You scored the truth while the decoder was reading its own words. The probability of "
            "a text is a product with the true beginnings.",
        ),
        Misconception(
            "perplexity of what it said",
            variant(forced_and_free, scored="said"),
            "Both lists are right. The probability of which tokens goes into the perplexity?",
            "Truth 4, said 3: it is p(4) that counts.",
            "You took the probability of its own favourites. Take that of the truth.",
        ),
        Misconception(
            "two to the power of nats",
            variant(forced_and_free, base=2.0),
            "Both lists are right. Which number goes with nats?",
            "A uniform choice of 100 has ln 100 = 4.6 nats, and a perplexity of 100.",
            "You took 2 to the power of nats. e belongs to nats.",
        ),
        Misconception(
            "the exponential of the sum",
            variant(forced_and_free, mean=np.sum),
            "Both lists are right. What perplexity has a uniform choice of 100, ten tokens long?",
            "Three tokens of ½ each: the perplexity is 2, not 8.",
            "You took exp of the sum of the nats. It is exp of their mean.",
        ),
        Misconception(
            "the two lists exchanged",
            variant(forced_and_free, turned=True),
            "Which of your lists has read the truth?",
            "First the tokens with the truth fed, then those with its own fed.",
            "Your lists are right, and exchanged.",
        ),
    ),
)

# --- padding_share -----------------------------------------------------------------------------


def padding_case(rng):
    B = int(rng.integers(3, 6))
    count = B * int(rng.integers(3, 6)) + int(rng.integers(1, B - 1)) + 1  # a rest of 2 or more
    lengths = rng.integers(2, 30, count)
    lengths[: count - count % B : 2] //= 2
    return np.maximum(lengths, 1), B


def padding_share(lengths, B, *, width="batch", mean="cells", last=True, part="padding", by="all"):
    """[share of padding in the given order, and in the order of length]; and ways to err."""
    found = []
    for order in (lengths, np.sort(lengths)):
        cut = [order[at : at + B] for at in range(0, len(order), B)]
        if by == "within" and order is not lengths:
            cut = [np.sort(lengths[at : at + B]) for at in range(0, len(lengths), B)]
        cut = cut if last else [one for one in cut if len(one) == B]
        full = B if by == "full" else None
        cells = np.array([
            (full or len(one)) * (lengths.max() if width == "all" else one.max()) for one in cut
        ])  # fmt: skip
        real = np.array([one.sum() for one in cut])
        share = 1 - real.sum() / cells.sum() if mean == "cells" else (1 - real / cells).mean()
        if mean == "real":
            share = cells.sum() / real.sum() - 1
        found.append(float(share if part == "padding" else 1 - share))
    return found


PADDING_SHARE = Question(
    name="padding_share",
    section="3 · Optional: padding saved, and a source read backwards",
    points=2,
    reference=padding_share,
    inputs=padding_case,
    misconceptions=(
        Misconception(
            "every batch as wide as the longest sequence of all",
            variant(padding_share, width="all"),
            "Sorting hardly changes your figure. How wide is a batch of short sequences?",
            "Lengths 2, 3 in one batch: 3 steps wide, whatever there is in the others.",
            "You pad every batch to the longest sequence of all. Each is as wide as its own "
            "longest.",
        ),
        Misconception(
            "the mean of the batches' shares",
            variant(padding_share, mean="batches"),
            "Nearly. Does a place in a narrow batch count as much as one in a wide batch?",
            "4 of 8 places and 0 of 80 are padding: 4 / 88 together, not 0.25.",
            "You took a share of each batch and their mean. Add the places up, then divide once.",
        ),
        Misconception(
            "padding over what is real",
            variant(padding_share, mean="real"),
            "A share of padding of 1 would mean that nothing is real. By what do you divide?",
            "Lengths 2 and 6 side by side: 4 of 12 places are padding.",
            "You divided by the real steps. Divide by all places, real or not.",
        ),
        Misconception(
            "the last batch left out",
            variant(padding_share, last=False),
            "Nearly. How many batches are there of 10 sequences, 4 at a time?",
            "10 sequences, 4 at a time: three batches, the last of 2.",
            "You left out the last, smaller batch.",
        ),
        Misconception(
            "sorted within each batch",
            variant(padding_share, by="within"),
            "Your two figures are the same. When do you sort, before the batches are cut or "
            "afterwards?",
            "Lengths 9, 1, 9, 1, 2 at a time: 9 and 1 stay together unless all are sorted first.",
            "You sorted inside each batch, which changes nothing. Sort all, then cut.",
        ),
        Misconception(
            "the last batch filled up with empty rows",
            variant(padding_share, by="full"),
            "Nearly. How many rows has the last batch?",
            "10 sequences, 4 at a time: the last batch has 2 rows.",
            "You count the last batch as full. It has only the sequences that are left.",
        ),
        Misconception(
            "the share that is real",
            variant(padding_share, part="real"),
            "Does sorting make your figure larger or smaller? It should save padding.",
            "Lengths 2 and 6 side by side: 4 of 12 places are padding.",
            "You gave the share of real steps. What is asked for is the rest.",
        ),
    ),
)

# --- word_lags --------------------------------------------------------------------------------


def lags_case(rng):
    S, T = (int(n) for n in rng.integers(5, 12, 2))
    n = int(rng.integers(3, min(S, T)))
    read = np.sort(rng.permutation(S - 1)[:n])  # more at the beginning than at the end
    return S, np.stack([read, np.sort(rng.permutation(T)[:n])], axis=1)


def word_lags(
    S, links, *, handed=1, start=0, target=True, which=min, turn="source",
    past=0,
):  # fmt: skip
    """[mean, smallest] lag as it is, [mean, smallest] with the source reversed; ways to err."""
    found = []
    for reverse in (False, True):
        lag = []
        for i, j in links.tolist():
            i, j = i + start, j + start
            place = S - 1 - i + past if reverse and turn != "nothing" else i
            if reverse and turn == "target":
                place, j = i, int(links[:, 1].max()) - j
            if turn == "places":
                place = S - 1 - i if reverse else i
                lag.append(abs(j - place))
            else:
                lag.append(S - 1 - place + handed + (j if target else 0))
        found.append([sum(lag) / len(lag), which(lag)])
    return [float(value) for pair in found for value in pair]


WORD_LAGS = Question(
    name="word_lags",
    section="3 · Optional: padding saved, and a source read backwards",
    points=2,
    reference=word_lags,
    inputs=lags_case,
    misconceptions=(
        Misconception(
            "the step from the last word read to the first one written not counted",
            variant(word_lags, handed=0),
            "The last word read, the first word written: how many steps apart?",
            "S = 4, word 3 and word 0: one step, for one follows the other.",
            "You are one short everywhere: writing begins one step after the last word is read.",
        ),
        Misconception(
            "the words written before not counted",
            variant(word_lags, target=False),
            "When is word j written, as soon as the source is read?",
            "S = 4, word 3 and word 2: three steps, for words 0 and 1 are written first.",
            "You left out the target's own place. Word j comes j steps after word 0.",
        ),
        Misconception(
            "the largest lag",
            variant(word_lags, which=max),
            "The means are right. Which of the lags is the other number?",
            "Lags 2, 5 and 9: the smallest is 2.",
            "You gave the largest lag. The smallest is asked for.",
        ),
        Misconception(
            "places counted from 1",
            variant(word_lags, start=1, handed=1, turn="source"),
            "The first pair is right. Where does word 0 stand when the source is reversed?",
            "S = 4: reversed, word 0 stands at place 3.",
            "You counted the places from 1. They begin with 0, so word i moves to S − 1 − i.",
        ),
        Misconception(
            "the target reversed",
            variant(word_lags, turn="target"),
            "The first pair is right. Which of the two sequences is read backwards?",
            "The source is reversed. What is written stays in its order.",
            "You turned the target round. It is the source that is read backwards.",
        ),
        Misconception(
            "nothing reversed",
            variant(word_lags, turn="nothing"),
            "Your two pairs are the same. Where does word 0 stand when the source is reversed?",
            "S = 4: reversed, word 0 stands at place 3.",
            "You gave the same lags twice. Reversed, word i stands at S − 1 − i.",
        ),
        Misconception(
            "reversed to one place too far",
            variant(word_lags, past=1),
            "The first pair is right. Where does the last word stand when the source is reversed?",
            "S = 4: reversed, word 3 stands at place 0, and word 0 at place 3.",
            "You moved word i to S − i. Places begin with 0, so it moves to S − 1 − i.",
        ),
        Misconception(
            "the distance of two places",
            variant(word_lags, turn="places"),
            "When is the source's word 0 read, and when is the target's word 0 written?",
            "S = 4, word 0 and word 0: read in step 0, written in step 4. The lag is 4.",
            "You compared places in two sequences. A lag counts steps: word j is written in step "
            "S + j.",
        ),
    ),
)

# --- beam_step ---------------------------------------------------------------------------------


def beam_case(rng):
    """Three or four beginnings, one of them finished, and the logits of what may follow."""
    W = int(rng.integers(3, 5))
    V = W + int(rng.integers(2, 5))
    while True:
        logits = 1.8 * rng.standard_normal((W, V)) + rng.normal(0, 2, (W, 1))
        log_p = -rng.uniform(1.0, 3.0, W)
        done = np.arange(W) == int(rng.integers(W))
        log_p[done] = np.sort(log_p)[-1] - rng.uniform(0.0, 0.3)
        end = int(rng.integers(V))
        case = log_p, logits, done, end
        scores, rows, _ = beam_step(*case)
        others = [v for v in range(W) if list(rows).count(v) > 1 and not done[v]]
        if others and done[rows].sum() == 1 and np.diff(scores).max() < -1e-3:
            return case


def beam_step(
    log_p, logits, done, end, *, per="all", before=True, normal=True, cut="V", finished="stay",
    axis=1, order=-1, add="log",
):  # fmt: skip
    """(scores (W,), rows (W,), tokens (W,)) of the best continuations; and ways to err."""
    W, V = logits.shape
    more = logits if not normal else log_softmax(logits, axis=axis)
    if add == "p":
        more = np.exp(more)
    if finished != "go on":
        more = np.where(done[:, None], -np.inf, more)
        if finished == "stay":
            more[done, end] = 0.0
        if finished == "stays V times":
            more[done] = 0.0
        if finished == "pays":
            more[done, end] = log_softmax(logits)[done, end]
    total = more + (log_p[:, None] if before else 0.0)
    if per == "row":  # the best of each
        tokens = total.argmax(axis=1)
        best = total[np.arange(W), tokens]
        rows = np.argsort(-best, kind="stable")
        return best[rows], rows, tokens[rows]
    flat = np.argsort(order * total.ravel(), kind="stable")
    flat = flat[np.isfinite(total.ravel()[flat])][:W]
    rows, tokens = (flat // V, flat % V) if cut == "V" else (flat // W, flat % W)
    return total.ravel()[flat], rows, tokens


BEAM_STEP = Question(
    name="beam_step",
    section="4 · What to write: greedy search and the beam",
    points=3,
    reference=beam_step,
    inputs=beam_case,
    cases=8,
    misconceptions=(
        Misconception(
            "the best of each beginning",
            variant(beam_step, per="row"),
            "Do all your beginnings live on? May one of them have two of the best continuations?",
            "Continuations −1, −2 of the first and −3, −4 of the second: the best two are both "
            "of the first.",
            "You kept one continuation of each beginning. Rank all W·V of them together.",
        ),
        Misconception(
            "what a beginning cost so far forgotten",
            variant(beam_step, before=False),
            "Which argument has no influence on your result?",
            "A beginning at −1 and a token at −2: together −3.",
            "You ranked the last token alone. Add the log probability of what came before.",
        ),
        Misconception(
            "logits added as they are",
            variant(beam_step, normal=False),
            "Can your scores be above 0? What is the largest a log probability can be?",
            "Logits 5 and 5 say the same as 0 and 0: log ½ each.",
            "You added logits. They become log probabilities by a log-softmax, row by row.",
        ),
        Misconception(
            "the softmax down the columns",
            variant(beam_step, axis=0),
            "What adds up to 1: the probabilities of all tokens, or of all beginnings?",
            "A row of logits is one beginning: its V probabilities add up to 1.",
            "You took the softmax over the beginnings. It runs over the tokens of each.",
        ),
        Misconception(
            "probabilities added to log probabilities",
            variant(beam_step, add="p"),
            "Your scores rise with every token. Can a longer text be likelier than its beginning?",
            "Probabilities ½ and ½: log ½ + log ½ = log ¼.",
            "You added probabilities to logs. Add logs to logs.",
        ),
        Misconception(
            "the place divided by the wrong number",
            variant(beam_step, cut="W"),
            "The scores are right. How does a place in the flat array become row and token?",
            "W = 2, V = 5, place 7: row 1, token 2.",
            "You cut the flat places by W. A row has V of them.",
        ),
        Misconception(
            "a finished one written on",
            variant(beam_step, finished="go on"),
            "What follows an end mark?",
            "A finished beginning at −2 stays at −2, and its token is the end mark again.",
            "You let a finished beginning go on. It stays as it is, at no cost.",
        ),
        Misconception(
            "a finished one dropped",
            variant(beam_step, finished="drop"),
            "A beginning was finished and good. Where is it now?",
            "A finished beginning at −2 stays at −2, and its token is the end mark again.",
            "You dropped what was finished. It competes with the others, at no cost.",
        ),
        Misconception(
            "a finished one kept once for each token",
            variant(beam_step, finished="stays V times"),
            "How often does a finished beginning stand in your beam?",
            "V = 5: one finished beginning has one continuation, not five.",
            "Your finished beginning stays with every token. It stays once, with the end mark.",
        ),
        Misconception(
            "a finished one pays for its end mark again",
            variant(beam_step, finished="pays"),
            "What does it cost a finished beginning to stay?",
            "A finished beginning at −2 stays at −2, and its token is the end mark again.",
            "You added the end mark's log probability to what had ended. It stays at no cost.",
        ),
        Misconception(
            "the worst kept",
            variant(beam_step, order=1),
            "Are your scores the highest there are?",
            "−1 is better than −4.",
            "You kept the least likely continuations.",
        ),
    ),
)

# --- whose_error -------------------------------------------------------------------------------


def error_case(rng):
    """Sentences said and true, with the log probability of each token, the end mark's last."""
    N = int(rng.integers(9, 13))
    said, truth, said_p, truth_p = [], [], [], []
    for kind in rng.permutation(np.arange(N) % 4):
        y = rng.integers(3, 9, int(rng.integers(3, 8)))
        other = rng.integers(3, 9, int(rng.integers(2, len(y) + 1)))
        while kind and list(other) == list(y):
            other = rng.integers(3, 9, int(rng.integers(2, len(y) + 1)))
        other = (other if kind > 1 or rng.random() < 0.5 else y[:-1]) if kind else y
        p = -rng.uniform(0.2, 1.2, len(y) + 1)
        q = p if not kind else -rng.uniform(0.2, 1.2, len(other) + 1)
        said.append(other)
        truth.append(y)
        said_p.append(q.copy())
        truth_p.append(p)
    return said, truth, said_p, truth_p, float(rng.uniform(0.6, 1.0))


def whose_error(
    said, truth, said_p, truth_p, alpha, *, over="tokens", swap=False, exact=True, kind="sum",
    share=False,
):  # fmt: skip
    """[right, search errors, model errors], and ways to get them wrong."""

    def worth(log_p):
        total = {"sum": log_p.sum(), "first": log_p[0], "p": math.log(np.exp(log_p).mean())}[kind]
        n = {"tokens": len(log_p), "words": len(log_p) - 1, "nothing": 1, "times": 1}[over]
        return total * len(log_p) ** alpha if over == "times" else total / n**alpha

    counts = [0, 0, 0]
    for one, other, p, q in zip(said, truth, said_p, truth_p, strict=True):
        same = list(one) == list(other) if exact is True else len(one) == len(other)
        if exact == "as far as both go":
            same = all(a == b for a, b in zip(one, other, strict=False))
        search = worth(q) > worth(p)
        counts[0 if same else (2 if swap else 1) if search else (1 if swap else 2)] += 1
    if share:
        counts[2] += counts[0]
    return counts


WHOSE_ERROR = Question(
    name="whose_error",
    section="4 · What to write: greedy search and the beam",
    points=3,
    reference=whose_error,
    inputs=error_case,
    cases=16,
    misconceptions=(
        Misconception(
            "search and model exchanged",
            variant(whose_error, swap=True),
            "The first count is right. The model gives the truth the better score, and yet it was "
            "not said. Who is to blame?",
            "Truth −0.2, said −0.5: the search missed what the model would have preferred.",
            "You exchanged the two. Where the truth has the better score, the search erred.",
        ),
        Misconception(
            "no division by the length",
            variant(whose_error, over="nothing"),
            "The first count is right. Which argument has no influence on your result?",
            "Sum −3 over 4 tokens, α = 1: −0.75.",
            "What you compare ranks as plain sums do. Divide each by its own length to the power "
            "of α.",
        ),
        Misconception(
            "the end mark not counted in the length",
            variant(whose_error, over="words"),
            "The first count is right. How many tokens has a sentence of 4 words?",
            "4 words and the end mark: 5 log probabilities, a length of 5.",
            "You left the end mark out of the length, though its log probability is in the sum.",
        ),
        Misconception(
            "multiplied by the length",
            variant(whose_error, over="times"),
            "The first count is right. Does a long sentence gain or lose by your correction?",
            "Sum −3 over 4 tokens, α = 1: −0.75, not −12.",
            "You multiplied by the length. Divide: sums of long sentences are low as they are.",
        ),
        Misconception(
            "the first token alone compared",
            variant(whose_error, kind="first"),
            "The first count is right. Which of a sentence's log probabilities do you use?",
            "−0.1, −2.9, −0.5: their sum is −3.5.",
            "You compared the first tokens. The whole sentence is what is ranked.",
        ),
        Misconception(
            "the mean of probabilities",
            variant(whose_error, kind="p"),
            "The first count is right. Do you add logs, or probabilities?",
            "½ and ¼: log ½ + log ¼ = −2.08.",
            "You took the mean of the probabilities. The score is the sum of their logs.",
        ),
        Misconception(
            "right ones counted as the model's errors too",
            variant(whose_error, share=True),
            "Do your three counts add up to the number of sentences?",
            "Said the truth: right, and no error of anybody.",
            "You counted what is right twice.",
        ),
        Misconception(
            "equal length taken for equal",
            variant(whose_error, exact=False),
            "The first count is too high. When are two sentences the same?",
            "4 7 5 and 4 7 6 are of one length, and differ.",
            "You compared lengths. All tokens must be the same.",
        ),
        Misconception(
            "compared as far as both go",
            variant(whose_error, exact="as far as both go"),
            "The first count is too high. When are two sentences the same?",
            "4 7 and 4 7 6 differ, and zip ends after the 7.",
            "You compared as far as the shorter one goes. A beginning of the truth is not the "
            "truth.",
        ),
    ),
)

# --- corpus_bleu -------------------------------------------------------------------------------

LEXICON = (
    "the", "a", "cat", "dog", "sat", "on", "mat", "big", "red", "runs", "sees", "bird", "and",
    "near", "tree",
)  # fmt: skip


def bleu_case(rng):
    """Sentences that repeat words, some of them too short; enough n-grams are right."""
    N = int(rng.integers(2, 4))
    while True:
        said, truth = [], []
        for k in range(int(rng.integers(3, 6))):
            y = [LEXICON[n] for n in rng.integers(0, len(LEXICON), int(rng.integers(5, 10)))]
            one = list(y)
            one[int(rng.integers(len(one)))] = LEXICON[int(rng.integers(len(LEXICON)))]
            at = int(rng.integers(len(one) - 1))
            one = one[:at] + [one[at]] * 2 + one[at + 1 :]  # said twice
            cut = int(rng.integers(1, 4)) if k % 2 == 0 else 0
            said.append(one[: len(one) - cut])
            truth.append(y)
        short = sum(map(len, said)) < sum(map(len, truth))
        if short == (rng.random() < 0.6):
            break
    if rng.random() < 0.25:  # no run of three is right
        said, N = [sorted(y, reverse=True)[:1] + ["cow"] * 4 for y in truth], 3
    return said, truth, N


def corpus_bleu(
    said, truth, N, *, clip=True, pool="corpus", brevity="short", mean="geometric", over="said",
    last=True, zero="zero", joined=False,
):  # fmt: skip
    """BLEU from 0 to 100, pooled over sentences, and ways to get it wrong."""

    def grams(words, n):
        return Counter(tuple(words[k : k + n]) for k in range(len(words) - n + 1))

    def score(pairs):
        shares = []
        for n in range(1 if last else N, N + 1):
            right = total = 0
            counted = [(grams(one, n), grams(other, n)) for one, other in pairs]
            if joined == "counts":
                counted = [tuple(sum(side, Counter()) for side in zip(*counted, strict=True))]
            for a, b in counted:
                right += sum(min(k, b[g]) if clip else k * (g in b) for g, k in a.items())
                total += sum((a if over == "said" else b).values())
            shares.append(right / total if total else 0.0)
        if zero == "left out":
            shares = [share for share in shares if share] or [0.0]
        c = sum(len(one) for one, _ in pairs)
        r = sum(len(other) for _, other in pairs)
        penalty = {"short": min(1.0, math.exp(1 - r / c)), "none": 1.0,
                   "always": math.exp(1 - r / c), "ratio": min(1.0, c / r),
                   "turned": min(1.0, math.exp(1 - c / r))}[brevity]  # fmt: skip
        if mean == "geometric":
            value = math.prod(shares) ** (1 / len(shares))
        else:
            value = math.prod(shares) if mean == "product" else sum(shares) / len(shares)
        return 100 * penalty * value

    pairs = list(zip(said, truth, strict=True))
    if joined == "words":
        pairs = [tuple([w for one in side for w in one] for side in (said, truth))]
    if pool == "corpus":
        return score(pairs)
    return sum(score([pair]) for pair in pairs) / len(pairs)


CORPUS_BLEU = Question(
    name="corpus_bleu",
    section="5 · Optional: how good is a translation?",
    points=3,
    reference=corpus_bleu,
    inputs=bleu_case,
    cases=12,
    misconceptions=(
        Misconception(
            "no clipping",
            variant(corpus_bleu, clip=False),
            "What would “the the the the” score against “the cat sat”?",
            "“the the” against “the cat”: one of two words is right, not two.",
            "You count an n-gram as right however often it is said. At most as often as the truth "
            "has it.",
        ),
        Misconception(
            "the mean of the sentences' scores",
            variant(corpus_bleu, pool="sentences"),
            "When do you divide: after each sentence, or after all of them?",
            "1 of 2 and 9 of 10 right: 10 of 12, not the mean of 0.5 and 0.9.",
            "You scored each sentence and took the mean. Add up counts over all, then divide once.",
        ),
        Misconception(
            "no penalty for what is too short",
            variant(corpus_bleu, brevity="none"),
            "What would a single sure word score against a sentence of ten?",
            "9 words said, 10 in truth: times exp(1 − 10/9) = 0.895.",
            "You left out the brevity penalty, so whoever says little is rewarded.",
        ),
        Misconception(
            "a reward for what is too long",
            variant(corpus_bleu, brevity="always"),
            "Can your penalty be above 1?",
            "11 words said, 10 in truth: the penalty is 1, precision has punished it already.",
            "You apply the brevity factor to long answers, too, where it is a reward.",
        ),
        Misconception(
            "the ratio of the lengths as penalty",
            variant(corpus_bleu, brevity="ratio"),
            "Nearly. What is the penalty of 9 words where the truth has 10?",
            "9 words said, 10 in truth: exp(1 − 10/9) = 0.895, not 0.9.",
            "You multiplied by the ratio of the lengths. The penalty is exp(1 − r/c).",
        ),
        Misconception(
            "the ordinary mean of the precisions",
            variant(corpus_bleu, mean="ordinary"),
            "One precision is 0 and the other 1. What is their geometric mean?",
            "0.9 and 0.4: √0.36 = 0.6, not 0.65.",
            "You took the ordinary mean. BLEU has the geometric one.",
        ),
        Misconception(
            "the product of the precisions",
            variant(corpus_bleu, mean="product"),
            "Your score is low. Which root belongs to a geometric mean of N numbers?",
            "0.9 and 0.4: √0.36 = 0.6, not 0.36.",
            "You multiplied without taking the root.",
        ),
        Misconception(
            "recall instead of precision",
            variant(corpus_bleu, over="truth"),
            "By what do you divide: by what was said, or by what there is to say?",
            "Said 8 words, 6 of them right, truth 10: 6/8.",
            "You divided by the n-grams of the truth. Precision is a share of what was said.",
        ),
        Misconception(
            "the longest runs alone",
            variant(corpus_bleu, last=False),
            "Your score is low. Runs of which lengths count?",
            "N = 2: single words and pairs.",
            "You counted runs of N words only. All lengths from 1 to N count.",
        ),
        Misconception(
            "a share of 0 left out",
            variant(corpus_bleu, zero="left out"),
            "What is the geometric mean of ½ and 0?",
            "Shares 0.5, 0.2 and 0: the score is 0.",
            "You left out a share of 0. It makes the score 0.",
        ),
        Misconception(
            "r and c exchanged in the penalty",
            variant(corpus_bleu, brevity="turned"),
            "Which answers does your penalty punish: the short ones, or the long ones?",
            "9 words said, 10 in truth: exp(1 − 10/9) = 0.895. 10 said, 9 in truth: 1.",
            "You exchanged r and c. c is what was said, r the truth: exp(1 − r/c).",
        ),
        Misconception(
            "all sentences made one",
            variant(corpus_bleu, joined="words"),
            "How many pairs of words have two sentences of one word each?",
            "“cat” and “dog” are said: no run of two. In one row they would have one.",
            "You put all sentences into one. Runs then cross from one into the next, and a word "
            "may be right by another sentence's truth. Count sentence by sentence.",
        ),
        Misconception(
            "clipped over the corpus",
            variant(corpus_bleu, joined="counts"),
            "May a word be right because it stands in the truth of *another* sentence?",
            "“cat” and “dog” said, “dog” and “cat” true: none is right.",
            "You added up the runs of all sentences before you compared them. Compare each "
            "sentence with its own truth, then add up.",
        ),
    ),
)

# --- expected_counts ---------------------------------------------------------------------------


def em_case(rng):
    """Sentence pairs as word numbers, each English word the likeliest somewhere; table (F, E)."""
    while True:
        case = pairs_of_sentences(rng)
        with np.errstate(invalid="ignore"):
            if np.isfinite(expected_counts(*case, hard=True)).all():
                return case


def pairs_of_sentences(rng):
    E, F = (int(n) for n in rng.integers((3, 4), (6, 8)))
    english = [
        rng.permutation(E)[: int(rng.integers(2, E))] for _ in range(int(rng.integers(3, 6)))
    ]
    english.append(np.array([0, *rng.permutation(E), 0]))  # a word twice
    french = [rng.integers(0, F, int(rng.integers(2, 6))) for _ in english]
    french.append(rng.permutation(F))
    english.append(rng.permutation(E))
    table = rng.uniform(0.05, 1.0, (F, E))
    return english, french, table / table.sum(axis=0)


def expected_counts(
    english, french, table, *, share="sentence", scale="column", hard=False, twice=True,
    each="French", old=False,
):  # fmt: skip
    """One round of EM: the new table, and ways to get it wrong."""
    counts = table.copy() if old else np.zeros_like(table)
    for e, f in zip(english, french, strict=True):
        if each == "English":  # a count of 1 to share among the French words
            p = table[np.ix_(f, e)]
            np.add.at(counts, np.ix_(f, e), p / p.sum(axis=0))
            continue
        e = {"once": np.unique(e), "anywhere": np.arange(table.shape[1])}.get(twice, e)
        for word in f:
            p = table[word, e].copy()
            if hard:
                p = (np.arange(len(e)) == p.argmax()).astype(float)
            elif share == "sentence":
                p = p / p.sum()
            elif share == "even":
                p = np.full(len(e), 1 / len(e))
            elif share == "ones":
                p = np.ones(len(e))
            elif share == "all":
                p = p / table[word].sum()
            if twice:
                np.add.at(counts[word], e, p)
            else:
                counts[word, e] += p
    if scale == "none":
        return counts
    if scale == "row":
        return counts / np.maximum(counts.sum(axis=1, keepdims=True), 1e-12)
    if scale == "whole":
        return counts / counts.sum()
    return counts / counts.sum(axis=0)


EXPECTED_COUNTS = Question(
    name="expected_counts",
    section="6 · Optional: the tasks, each beside a rival",
    points=3,
    reference=expected_counts,
    inputs=em_case,
    misconceptions=(
        Misconception(
            "every pair of words in a sentence counted as one",
            variant(expected_counts, share="ones"),
            "How much may one French word give away altogether?",
            "One French word beside three English ones: its count of 1 is shared among them.",
            "You counted 1 for every pair. A French word has one count in all, shared by belief.",
        ),
        Misconception(
            "shared evenly, whatever the table says",
            variant(expected_counts, share="even"),
            "Which argument has no influence on your result?",
            "Table entries 0.6 and 0.2: shares 3/4 and 1/4.",
            "You shared evenly. The shares are in proportion to the table's entries.",
        ),
        Misconception(
            "the table's entries as shares",
            variant(expected_counts, share="raw"),
            "Do the shares of one French word add up to 1?",
            "Table entries 0.6 and 0.2: shares 3/4 and 1/4.",
            "You added the entries themselves. Divide by their sum over the sentence first.",
        ),
        Misconception(
            "divided by the sum over all English words",
            variant(expected_counts, share="all"),
            "Over which English words do the shares add up to 1?",
            "Only words of this sentence can have been translated here.",
            "You divided by the sum over the whole vocabulary. Only this sentence's words share.",
        ),
        Misconception(
            "all to the likeliest",
            variant(expected_counts, hard=True),
            "What becomes of a translation that is second best everywhere?",
            "Table entries 0.6 and 0.2: shares 3/4 and 1/4, not 1 and 0.",
            "You gave the whole count to the likeliest word. EM shares it.",
        ),
        Misconception(
            "a word that stands there twice counted once",
            variant(expected_counts, twice=False),
            "One pair has an English word twice. How many shares does it get?",
            "counts[0, [2, 2]] += [1, 1] adds 1 in NumPy, not 2.",
            "A repeated index adds once only. Loop over the places, or use np.add.at.",
        ),
        Misconception(
            "one share for a word that stands there twice",
            variant(expected_counts, twice="once"),
            "One pair has an English word twice. How many shares does it get?",
            "Words 2, 2, 1 with entries 0.3, 0.3, 0.4: shares 0.3, 0.3 and 0.4, so word 2 has 0.6.",
            "You gave a word one share, however often it stands there. Each place has its own.",
        ),
        Misconception(
            "shared among all English words there are",
            variant(expected_counts, twice="anywhere"),
            "Which argument has no influence on your result?",
            "Only words of this sentence can have been translated here.",
            "You shared among all the columns of the table. Only this pair's words share.",
        ),
        Misconception(
            "each English word shared among the French ones",
            variant(expected_counts, each="English"),
            "Who has a count of 1 to give away, an English word or a French one?",
            "A pair of 3 English and 2 French words: all counts add up to 2.",
            "You shared each English word among the French ones. It is the French words that "
            "share themselves out.",
        ),
        Misconception(
            "added to the old table",
            variant(expected_counts, old=True),
            "What do your counts add up to, before they are divided?",
            "Five French words in all: the counts add up to 5.",
            "You began with the old table. Counts begin at 0; the table only says how to share.",
        ),
        Misconception(
            "rows made to add up to 1",
            variant(expected_counts, scale="row"),
            "Which should add up to 1: what a French word may come from, or what an English word "
            "may become?",
            "The column of *cat* says how likely *chat*, *chats*, *le* are: it adds up to 1.",
            "You scaled the rows. A column belongs to an English word, and it adds up to 1.",
        ),
        Misconception(
            "counts not scaled",
            variant(expected_counts, scale="none"),
            "Does a column of your table add up to 1?",
            "Counts 3 and 1 in a column: 0.75 and 0.25.",
            "You returned the counts. Each column is divided by its sum.",
        ),
        Misconception(
            "scaled by the sum of everything",
            variant(expected_counts, scale="whole"),
            "Does a column of your table add up to 1?",
            "Counts 3 and 1 in a column: 0.75 and 0.25.",
            "You divided by the sum of all counts. Each column has a sum of its own.",
        ),
    ),
)

# --- train_speller -----------------------------------------------------------------------------


def speller_case(rng):
    """Words to spell, drawn anew until the trained decoder says an end mark."""
    import torch

    while True:
        case = words_to_spell(rng)
        _, said = train_speller(
            *(torch.from_numpy(one) if isinstance(one, np.ndarray) else one for one in case)
        )
        if min(map(len, said)) < case[2].shape[1]:
            return case


def words_to_spell(rng):
    """Words of the dictionary: their sounds to read, their letters to write; small weights."""
    words = words_of()
    B, H = (int(n) for n in rng.integers((3, 3), (6, 5)))
    while True:
        rows = [words[int(k)] for k in rng.integers(0, len(words), 20 * B)]
        rows = [one for one in rows if len(one.word) < 7][:B]  # a wrong answer is tried for long
        heard = [phones(one.sounds) for one in rows]
        if len(set(map(len, heard))) > 1 and min(map(len, heard)) > 1:
            break
    sounds = sorted({s for one in heard for s in one})
    letters = sorted({c for one in rows for c in one.word})
    x = np.zeros((B, max(map(len, heard))), np.int64)
    y = np.full((B, max(len(one.word) for one in rows) + 2), -1)
    for row, one in enumerate(rows):
        x[row, : len(heard[row])] = [sounds.index(s) for s in heard[row]]
        y[row, : len(one.word) + 1] = [*(letters.index(c) + 1 for c in one.word), 0]
    D, V = len(sounds), len(letters) + 1
    shapes = [(H, D), (H, H), (H,), (H, V), (H, H), (H,), (V, H), (V,)]
    weights = [rng.standard_normal(shape) / 1.5 for shape in shapes]
    rate, updates = round(rng.uniform(0.3, 0.8), 2), int(rng.integers(2, 6))
    return x, np.array(list(map(len, heard))), y, *weights, rate, updates


def train_speller(
    x, lengths, y, W_xh, W_hh, b_h, V_xh, V_hh, c_h, W_hy, b_y, rate, updates, *, ends="lengths",
    fed="before", padding="out", first="handed", trained=8, sign=-1, order="as it is",
    shared=False, test="free", cut="before", fresh=True,
):  # fmt: skip
    """The losses of plain gradient descent, and what it writes by itself."""
    import torch
    import torch.nn.functional as F

    weights = [
        w.clone().requires_grad_() for w in (W_xh, W_hh, b_h, V_xh, V_hh, c_h, W_hy, b_y)
    ]
    T = y.shape[1]

    def read(x):
        W_xh, W_hh, b_h = weights[:3]
        h, states = W_xh.new_zeros(len(x), len(b_h)), []
        for place in range(x.shape[1]):
            at = lengths - 1 - place if order == "reversed" else torch.full_like(lengths, place)
            token = x.gather(1, at.clamp(min=0)[:, None])[:, 0]
            h = torch.tanh(W_xh.T[token] + h @ W_hh.T + b_h)
            states.append(h)
        states = torch.stack(states, 1)
        if ends == "last":
            return states[:, -1]
        if ends == "mean":
            return states.mean(1)
        return states[torch.arange(len(x)), lengths - 1]

    def step(token, h):
        W_xh, W_hh, b_h, W_hy, b_y = weights[3:]
        if shared:
            W_hh, b_h = weights[1], weights[2]
        h = torch.tanh(W_xh.T[token] + h @ W_hh.T + b_h)
        return h @ W_hy.T + b_y, h

    def run(free):
        h, rows = read(x), []
        h = 0 * h if first == "zeros" else h
        token = torch.zeros_like(y[:, 0])
        for place in range(T):
            token = y[:, place].clamp(min=0) if fed == "itself" and not free else token
            scores, h = step(token, h)
            rows.append(scores)
            own = free or fed == "said"
            token = scores.argmax(1) if own else y[:, place].clamp(min=0)
        return torch.stack(rows, 1)

    def nats():
        each = F.cross_entropy(run(False).transpose(1, 2), y.clamp(min=0), reduction="none")
        real = y >= 0
        if padding == "end":
            return each.mean()
        if padding == "no end":
            real = y > 0
        if padding == "summed":
            return (each * real).sum()
        if padding == "over words":
            return (each * real).sum() / len(y)
        if padding == "words":
            return ((each * real).sum(1) / real.sum(1)).mean()
        return (each * real).sum() / (real.numel() if padding == "box" else real.sum())

    def written():
        with torch.no_grad():
            said = run(test != "forced").argmax(2).tolist()
        ends = {"before": 0, "after": 1, "nowhere": T}[cut]
        return [row[: row.index(0) + ends] if 0 in row else row for row in said]

    losses, before = [], [0] * 8
    untrained = written() if test == "untrained" else None
    for update in range(updates + 1):
        error = nats()
        losses.append(error.item())
        if update < updates:
            grads = torch.autograd.grad(error, weights, allow_unused=True)
            if not fresh:
                grads = before = [g + b for g, b in zip(grads, before, strict=True)]
            with torch.no_grad():
                for w, grad in list(zip(weights, grads, strict=True))[8 - trained :]:
                    if grad is not None:
                        w += sign * rate * grad
    return losses, untrained or written()


TRAIN_SPELLER = Question(
    name="train_speller",
    section="1 · One drawing, term by term",
    points=5,
    reference=train_speller,
    inputs=speller_case,
    framework="torch",
    misconceptions=(
        Misconception(
            "the state after the padding",
            variant(train_speller, ends="last"),
            "Already the first loss is off. Which state is handed over for a short word?",
            "A word of 3 sounds in a box of 6: the state after its third sound.",
            "You handed over the state at the end of the box. Short words have read padding by "
            "then.",
        ),
        Misconception(
            "the mean of the encoder's states",
            variant(train_speller, ends="mean"),
            "Already the first loss is off. What does the decoder begin with?",
            "The decoder's h₀ is the encoder's state after the last sound.",
            "You handed over a mean. It is the last real state.",
        ),
        Misconception(
            "the decoder begun from zeros",
            variant(train_speller, first="zeros"),
            "Does the first loss change when the sounds do?",
            "The decoder's h₀ is the encoder's last state: all it hears of the sounds.",
            "Your decoder begins from zeros, so it has not heard the word.",
        ),
        Misconception(
            "the sounds read backwards",
            variant(train_speller, order="reversed"),
            "Already the first loss is off. In which order are the sounds read?",
            "x has them in the order in which they are to be read.",
            "You reversed the source. Here it is read as it stands.",
        ),
        Misconception(
            "one recurrent matrix for both",
            variant(train_speller, shared=True),
            "Already the first loss is off. How many arrays have no influence on it?",
            "Encoder and decoder have three arrays each; the read-out has two.",
            "Your decoder uses the encoder's recurrent weights. It has its own.",
        ),
        Misconception(
            "fed the letter that it must say",
            variant(train_speller, fed="itself"),
            "Already the first loss is off. What does the decoder read before the first letter?",
            "Letters 3, 7: it reads 0, 3, 7 and must say 3, 7, 0.",
            "Your decoder reads the very letter it must say. It reads the one before, at first the "
            "mark 0.",
        ),
        Misconception(
            "trained on its own letters",
            variant(train_speller, fed="said"),
            "Already the first loss is off. What does the decoder read after a wrong letter?",
            "Letters 3, 7, and it says 5: in training it reads 3 all the same.",
            "In training your decoder reads what it said. With teacher forcing it reads the truth.",
        ),
        Misconception(
            "padding counted",
            variant(train_speller, padding="end"),
            "Already the first loss is off. Over which steps do you take the mean?",
            "A word of 2 letters in a box of 6 has 3 targets, its end mark among them.",
            "You counted the padding, where the target is −1, as if it were end marks.",
        ),
        Misconception(
            "divided by the whole box",
            variant(train_speller, padding="box"),
            "Already the first loss is too small. By what do you divide?",
            "7 real targets in a box of 2 × 6: divide by 7.",
            "You set the padding's loss to 0 and still divided by B · T.",
        ),
        Misconception(
            "the end mark not counted",
            variant(train_speller, padding="no end"),
            "Already the first loss is off. How does your network learn to stop?",
            "A word of 2 letters has 3 targets: the end mark 0 is one of them.",
            "You left out targets that are 0. Only −1 is padding.",
        ),
        Misconception(
            "the mean of the words' means",
            variant(train_speller, padding="words"),
            "Already the first loss is off, by little. Does each letter count the same?",
            "A word of 9 targets weighs three times as much as one of 3.",
            "You took the mean of each word, then of the words. The mean is over all targets.",
        ),
        Misconception(
            "only the decoder trained",
            variant(train_speller, trained=5),
            "Your first loss is right. Which parameters change in your loop?",
            "The gradient reaches the encoder through the state that is handed over.",
            "You trained the decoder alone. All eight arrays have a gradient.",
        ),
        Misconception(
            "uphill",
            variant(train_speller, sign=1),
            "Your first loss is right. In which direction do the others go?",
            "A loss of 2.9 that becomes 3.1 after one update has gone the wrong way.",
            "You add the gradient. Descent subtracts it, times the rate.",
        ),
        Misconception(
            "written with the truth at hand",
            variant(train_speller, test="forced"),
            "The losses are right. What does the decoder read when it writes by itself?",
            "It said 5: then it reads 5, whatever the truth is.",
            "You let it write with the true letters fed. By itself it reads its own.",
        ),
        Misconception(
            "written on after the end mark",
            variant(train_speller, cut="nowhere"),
            "The losses are right. What does your network say after an end mark?",
            "Letters 3, 7, 0, 5 in four steps: what it wrote is 3, 7.",
            "You return T letters whatever it says. Return what comes before its first 0.",
        ),
        Misconception(
            "the end mark written, too",
            variant(train_speller, cut="after"),
            "The losses are right. With which number do your words end?",
            "Letters 3, 7, 0, 5 in four steps: what it wrote is 3, 7.",
            "Your words end with the mark 0. Return what comes before it.",
        ),
        Misconception(
            "written before it has learned",
            variant(train_speller, test="untrained"),
            "The losses are right. When do you let it write?",
            "It writes with the weights after the last update.",
            "You let it write with the first weights. Let it write at the end.",
        ),
        Misconception(
            "the sum over all targets",
            variant(train_speller, padding="summed"),
            "Look at the first loss: is it a mean?",
            "With V equal scores it is ln V, however many targets there are.",
            "You summed over the targets. The loss is their mean.",
        ),
        Misconception(
            "divided by the number of words",
            variant(train_speller, padding="over words"),
            "Look at the first loss: by what do you divide?",
            "7 real targets in a batch of 2: divide by 7.",
            "You divided by the number of words. The mean is over all real targets.",
        ),
        Misconception(
            "gradients added up from update to update",
            variant(train_speller, fresh=False),
            "Your first two losses are right. What does backward() do with an earlier gradient?",
            "Gradients 2, then 3: after the second backward() .grad is 5.",
            "Your gradients are added to those before. Set .grad to None before each backward().",
        ),
    ),
)

# --- explain_translation -----------------------------------------------------------------------

EXPLAIN_TRANSLATION = Question(
    name="explain_translation",
    points=3,
    rubric=(
        ("says which of the two figures was taken with the truth fed, and that they answer "
         "different questions", 1),
        ("asks for a cheap rival and for what is new in the test, with a figure of the chapter", 1),
        ("says how to tell whether a wider beam, or another model, is what is needed", 1),
    ),
)  # fmt: skip

QUESTIONS = [
    SHIFT_FAULTS,
    FORCED_AND_FREE,
    PADDING_SHARE,
    WORD_LAGS,
    BEAM_STEP,
    WHOSE_ERROR,
    CORPUS_BLEU,
    EXPECTED_COUNTS,
    TRAIN_SPELLER,
    EXPLAIN_TRANSLATION,
]
