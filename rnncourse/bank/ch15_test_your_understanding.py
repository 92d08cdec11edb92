"""Chapter 15: the capstone. Which way does a melody run? The parts of it that can be checked."""

from __future__ import annotations

import math
from collections import Counter

import numpy as np

from rnncourse.bank import Misconception, Question, variant

QUESTION = "4 · Capstone: which way does time run?"
RIVALS = "5 · Capstone: rivals, model, control"

# --- twin_steps --------------------------------------------------------------------------------


def melodies(rng, B, T):
    """(B, T) pitches: walks of small steps, some held notes, now and then a leap."""
    steps = rng.choice([-7, -4, -3, -2, -2, -1, 0, 0, 1, 2, 2, 3, 5], (B, T))
    return 67 + np.cumsum(steps, axis=1)


def twins_case(rng):
    B, T = (int(n) for n in rng.integers((3, 5), (6, 10)))
    return (melodies(rng, B, T),)


def twin_steps(pitches, *, turned="time", negated=True, along=1, up=1, twin="steps"):
    """The steps of melodies, forwards and backwards; and ways to get the second wrong."""
    forwards = up * np.diff(pitches, axis=along)
    if twin == "pitches":
        return forwards, pitches[:, ::-1]
    backwards = {"time": forwards[:, ::-1], "batch": forwards[::-1], "no": forwards}[turned]
    return forwards, -backwards if negated else backwards + 0


def from_nothing(pitches):
    """Steps with a first one of 0, so that there are as many as notes."""
    return [np.pad(part, ((0, 0), (1, 0))) for part in twin_steps(pitches)]


TWIN_STEPS = Question(
    name="twin_steps",
    points=2,
    section=QUESTION,
    reference=twin_steps,
    inputs=twins_case,
    misconceptions=(
        Misconception(
            "turned round and not negated",
            variant(twin_steps, negated=False),
            "Your first array is right. A melody that rises: does it rise from its end, too?",
            "60, 62, 67 has the steps 2 and 5. From its end: 67, 62, 60.",
            "You turned the steps round. Backwards, a step up is a step down as well.",
        ),
        Misconception(
            "negated and not turned round",
            variant(twin_steps, turned="no"),
            "Your first array is right. Which step does the last note of a melody begin with?",
            "60, 62, 67 has the steps 2 and 5. From its end: 67, 62, 60, and 5 comes first.",
            "You hung the melody upside down. Backwards, the last step comes first.",
        ),
        Misconception(
            "the batch turned round",
            variant(twin_steps, turned="batch"),
            "Your first array is right. Which axis of the second is time?",
            "Row 0 of the second array belongs to row 0 of the first.",
            "You turned the order of the melodies round. Turn the steps within each.",
        ),
        Misconception(
            "the melodies in the opposite order",
            variant(twin_steps, turned="batch", negated=False),
            "Your first array is right. Which axis of the second is time?",
            "Melodies 60, 62, 67 and 70, 70, 65: row 0 of the second array is made of 67, 62, 60.",
            "You turned the order of the melodies round. Turn the notes within each.",
        ),
        Misconception(
            "a step for the first note",
            from_nothing,
            "How many steps lead from the first of T notes to the last?",
            "60, 62, 67 has two steps, 2 and 5.",
            "You have a step of 0 before the first. The first note is not stepped to.",
        ),
        Misconception(
            "differences from melody to melody",
            variant(twin_steps, along=0),
            "Look at the shape of your first array. How many steps does a melody of T notes have?",
            "Two melodies of three notes each have two steps each: (2, 2).",
            "You took differences along the batch. A step leads from note to note of one melody.",
        ),
        Misconception(
            "old minus new",
            variant(twin_steps, up=-1),
            "Is a step up positive in your first array?",
            "60, 62: the step is 2, up.",
            "You subtracted the later note from the earlier one.",
        ),
        Misconception(
            "pitches in the second place",
            variant(twin_steps, twin="pitches"),
            "Your first array is right. What is in the second: notes or steps?",
            "Both arrays have a column less than the melodies have notes.",
            "Your second array has the pitches from the end. It should have their steps.",
        ),
    ),
)

# --- deal_windows ------------------------------------------------------------------------------


def windows_case(rng):
    """Pieces of several lengths; some set the same tune; some tunes are for the test."""
    T, hop = int(rng.integers(4, 8)), int(rng.integers(2, 4))
    N = int(rng.integers(6, 9))
    tunes = rng.permutation(np.arange(N) % (N // 2)) + 1
    lengths = T + hop * rng.integers(0, 4, N) + rng.integers(0, 2, N)
    lengths[0] = T + 2 * hop  # a last window that fits exactly
    lengths[1] = T - 1
    tested = sorted(int(tune) for tune in rng.permutation(np.unique(tunes))[:2])
    return lengths, tunes, tested, T, hop


def deal_windows(
    lengths, tunes, tested, T, hop, *, by="tune", end="fits", step="hop", begin=0, first="learn",
    named="piece",
):  # fmt: skip
    """[piece, start] of each window, those to learn from and those to test; and ways to err."""
    parts = [], []
    for piece, (length, tune) in enumerate(zip(lengths, tunes, strict=True)):
        step_by = {"hop": hop, "T": T}[step]
        last = {"short": length - T, "over": length}.get(end, length - T + 1)
        starts = list(range(begin, int(last), step_by))
        if end == "flush" and starts and starts[-1] < length - T:
            starts.append(int(length) - T)
        for count, start in enumerate(starts):
            held = {"piece": piece in tested, "window": count % 2 == 1}.get(by, tune in tested)
            window = {
                "piece": [piece, start],
                "tune": [int(tune), start],
                "count": [piece, count],
                "span": [start, start + T],
            }[named]
            parts[held if first == "learn" else not held].append(window)
            if by == "both" and held:
                parts[0].append(window)
    return list(parts)


DEAL_WINDOWS = Question(
    name="deal_windows",
    points=3,
    section=QUESTION,
    reference=deal_windows,
    inputs=windows_case,
    misconceptions=(
        Misconception(
            "tunes taken for pieces",
            variant(deal_windows, by="piece"),
            "What are the numbers in `tested`: places in `lengths`, or something else?",
            "Pieces 0 and 3 may set tune 7. If 7 is tested, neither of them is learned from.",
            "You held out pieces. `tested` has numbers of tunes, and a tune may have several "
            "pieces.",
        ),
        Misconception(
            "windows drawn one by one",
            variant(deal_windows, by="window"),
            "May two windows of one piece end up in different parts?",
            "Windows that start at 0 and at 2 share most of their notes.",
            "You dealt single windows. All windows of a tune belong in one part.",
        ),
        Misconception(
            "the last window left out",
            variant(deal_windows, end="short"),
            "Does a piece that is exactly T notes long have a window?",
            "8 notes, T = 4, hop 2: windows start at 0, 2 and 4.",
            "You stop a window too early. The last one that fits ends with the last note.",
        ),
        Misconception(
            "windows beyond the end",
            variant(deal_windows, end="over"),
            "Take your last window of a piece: which note is its last, and is it there?",
            "8 notes, T = 4, hop 2: the window from 6 on would have only two notes.",
            "You start windows that do not fit. Every window has T notes.",
        ),
        Misconception(
            "windows without overlap",
            variant(deal_windows, step="T"),
            "How far apart do your windows start?",
            "T = 4, hop 2: starts 0, 2, 4; each window shares two notes with the next.",
            "You went on by T notes. Windows start `hop` notes apart.",
        ),
        Misconception(
            "parts exchanged",
            variant(deal_windows, first="test"),
            "Which of your two lists is the longer one?",
            "The first list is for learning, the second for the test.",
            "You return the test first. The windows to learn from come first.",
        ),
        Misconception(
            "tunes in the place of pieces",
            variant(deal_windows, named="tune"),
            "The starts are right. From which piece is each window cut?",
            "Piece 2 sets tune 7: its first window is [2, 0].",
            "Your windows name the tune. They should name the piece, counted from 0.",
        ),
        Misconception(
            "begun at the second note",
            variant(deal_windows, begin=1),
            "Where does the first window of a piece start?",
            "T = 4, hop 2: starts 0, 2, 4.",
            "Your first window starts at 1. Notes are counted from 0.",
        ),
        Misconception(
            "the tested windows learned from as well",
            variant(deal_windows, by="both"),
            "Your second list is right. Is any of its windows in the first, too?",
            "Tune 7 is tested: no window of a piece that sets it may be in the first list.",
            "Your windows for the test are in both lists. Each belongs in one.",
        ),
        Misconception(
            "a last window up to the end",
            variant(deal_windows, end="flush"),
            "Is every start of yours a multiple of the hop?",
            "9 notes, T = 4, hop 2: starts 0, 2 and 4; the last note is in no window.",
            "You added a window that ends with the last note. Starts are multiples of the hop.",
        ),
        Misconception(
            "windows counted",
            variant(deal_windows, named="count"),
            "What is your second number: a place in the piece, or a count of windows?",
            "T = 4, hop 2: the third window is [piece, 4], not [piece, 2].",
            "You counted the windows of a piece. Give the note that each starts at.",
        ),
        Misconception(
            "start and end",
            variant(deal_windows, named="span"),
            "Can one tell from your windows which piece they are cut from?",
            "The window of piece 2 that starts at 4 is [2, 4].",
            "Your windows hold start and end. They should hold piece and start.",
        ),
    ),
)

# --- arrow_odds --------------------------------------------------------------------------------


def odds_case(rng):
    """Steps of melodies to learn from and of others, and how long the runs are."""
    N, M, T = (int(n) for n in rng.integers((6, 3, 6), (10, 6, 10)))
    learned = np.diff(melodies(rng, N, T + 1), axis=1)
    asked = np.diff(melodies(rng, M, T + 1), axis=1)
    n = int(rng.integers(2, 4))
    learned[1, :n] = (2, -3, 5)[:n]
    learned[1, -n:] = learned[1, :n]  # a run that comes twice
    learned[0, -1] = 4
    asked[0] = learned[1]  # and was seen
    asked[1, :n] = 4, *learned[1, : n - 1]  # where two melodies meet
    asked[:, -n:] = asked[:, :n]
    return learned, asked, n


def runs(row, n, by=1, last=True):
    row = [int(step) for step in row]
    return [tuple(row[k : k + n]) for k in range(0, len(row) - n + last, by)]


def arrow_odds(
    learned, asked, n, *, turned=True, negated=True, unseen=1, mean=False, once=False,
    across=False, count="learned", log=math.log, by=1, length=None, last=True, add="logs",
):  # fmt: skip
    """How much sooner each melody's runs come forwards than backwards; and ways to get it wrong."""
    n = length or n
    rows = asked if count == "asked" else [learned.ravel()] if across else learned
    found = [runs(row, n, last=last) for row in rows]
    seen = Counter(run for row in found for run in (set(row) if count == "melodies" else row))

    def back(run):
        run = run[::-1] if turned else run
        return tuple(-step for step in run) if negated else run

    scores = []
    for row in asked:
        found = runs(row, n, by, last)
        found = list(dict.fromkeys(found)) if once else found
        pairs = [(seen[run], seen[back(run)]) for run in found]
        if not unseen:
            pairs = [pair for pair in pairs if min(pair)]
        total = sum(log(one + unseen) - log(other + unseen) for one, other in pairs)
        if add == "counts":
            one, other = np.sum(pairs, axis=0)
            total = log(one + 1) - log(other + 1)
        if add == "verdicts":
            total = float(total > 0)
        scores.append(total / len(found) if mean else total)
    return np.array(scores, float)


def every_length(learned, asked, n):
    """Runs of 1 to n steps, as in section 4."""
    return sum(arrow_odds(learned, asked, n, length=length) for length in range(1, n + 1))


ARROW_ODDS = Question(
    name="arrow_odds",
    points=3,
    section=RIVALS,
    reference=arrow_odds,
    inputs=odds_case,
    misconceptions=(
        Misconception(
            "turned round and not negated",
            variant(arrow_odds, negated=False),
            "How does the run 2, 2, −4 sound from its end?",
            "The run 2, 5 is 60, 62, 67. From the end: 67, 62, 60, steps −5, −2.",
            "You turned runs round without their signs. Use what `twin_steps` did.",
        ),
        Misconception(
            "negated and not turned round",
            variant(arrow_odds, turned=False),
            "How does the run 2, 2, −4 sound from its end?",
            "The run 2, 5 is 60, 62, 67. From the end: 67, 62, 60, steps −5, −2.",
            "You negated runs without turning them round. The last step comes first.",
        ),
        Misconception(
            "unseen runs left out",
            variant(arrow_odds, unseen=0),
            "What does a run say that was seen five times forwards and never backwards?",
            "Seen 5 and 0 times: log 6 − log 1. To have never come backwards is evidence.",
            "You left out runs with a count of 0. Add 1 to both counts, always.",
        ),
        Misconception(
            "the mean over the runs",
            variant(arrow_odds, mean=True),
            "Your scores have the right signs. Does each run add its evidence?",
            "Two runs with log 2 each: log 4 together.",
            "You took a mean. Evidence of several runs adds up.",
        ),
        Misconception(
            "every run once",
            variant(arrow_odds, once=True),
            "What if a run comes twice in a melody?",
            "The run −2, −2 twice in a melody counts twice.",
            "You count each different run once. Every place in the melody counts.",
        ),
        Misconception(
            "runs across melodies",
            variant(arrow_odds, across=True),
            "How many runs has a melody of T steps? And all of them together?",
            "Two melodies of 4 steps have 3 pairs each, 6 in all, not 7.",
            "You counted runs that begin in one melody and end in the next.",
        ),
        Misconception(
            "counted in what is asked",
            variant(arrow_odds, count="asked"),
            "From which melodies should the counts come?",
            "`asked` is new. All that is known of the style is in `learned`.",
            "You counted in the melodies that you judge. Count in those to learn from.",
        ),
        Misconception(
            "bits instead of nats",
            variant(arrow_odds, log=math.log2),
            "Your scores are too far from 0, all by the same factor. Which one?",
            "log 2 is 0.69 in nats.",
            "You took the logarithm to base 2. Take the natural one.",
        ),
        Misconception(
            "runs that do not overlap",
            variant(arrow_odds, by=2),
            "How many runs of two steps are in four steps?",
            "Steps 1, 2, 3, 4 have the runs (1, 2), (2, 3) and (3, 4).",
            "You go on by more than one step. A run begins at every step.",
        ),
        Misconception(
            "single steps",
            variant(arrow_odds, length=1),
            "Does your score know which step follows which?",
            "With n = 2 the steps 2, −2, 2 hold the runs (2, −2) and (−2, 2).",
            "You counted single steps. Count runs of n steps in a row.",
        ),
        Misconception(
            "the last run left out",
            variant(arrow_odds, last=False),
            "How many runs of two steps are in four steps?",
            "Steps 1, 2, 3, 4 have the runs (1, 2), (2, 3) and (3, 4).",
            "You leave out the last run of each melody. It ends with the last step.",
        ),
        Misconception(
            "the logarithm of the sums",
            variant(arrow_odds, add="counts"),
            "What comes first for each run: its logarithm, or the sum?",
            "Counts of 1 and 7: log 2 + log 8, which is log 16, and not log 9.",
            "You added up counts, and took the logarithm then. Each run has logarithms of its own.",
        ),
        Misconception(
            "melodies counted, not runs",
            variant(arrow_odds, count="melodies"),
            "A run comes twice in one melody of `learned`. What is its count?",
            "The melody 1, 2, 1, 2 has the run (1, 2) twice: it counts 2.",
            "You counted the melodies that have a run. Count the run each time that it comes.",
        ),
        Misconception(
            "runs of every length",
            every_length,
            "How long are the runs that you count?",
            "n = 2, steps 1, 2, 3: the runs are (1, 2) and (2, 3), and no others.",
            "You counted runs of 1 to n steps, as section 4 does. Here a run has n steps.",
        ),
        Misconception(
            "counts without logarithms",
            variant(arrow_odds, log=float),
            "Are your scores whole numbers?",
            "Seen 5 and 0 times: log 6 − log 1, which is 1.79.",
            "You subtracted the counts themselves. Subtract the logarithms of counts + 1.",
        ),
        Misconception(
            "verdicts in the place of scores",
            variant(arrow_odds, add="verdicts"),
            "Can your scores tell a narrow case from a clear one?",
            "A sum of 1.79 is the score: not yet the verdict that it is above 0.",
            "You returned whether the sum is above 0. Return the sum.",
        ),
    ),
)

# --- train_arrow -------------------------------------------------------------------------------


def arrow_case(rng):
    """Steps in octaves, the weights of a vanilla cell, a rate and a number of updates."""
    B, M, T, H = (int(n) for n in rng.integers((3, 2, 4, 3), (6, 5, 7, 6)))
    steps = [np.diff(melodies(rng, n, T + 1), axis=1) / 12 for n in (B, M)]
    for part in steps:
        part[:, 0] += 0.3 + 0.1 * rng.random(len(part))  # no melody is its own twin
    weights = [rng.standard_normal(shape) for shape in ((H,), (H, H), (H,), (H,))]
    weights[1] *= 0.5
    return *steps, *weights, round(rng.uniform(0.2, 0.6), 2), int(rng.integers(2, 6))


def train_arrow(
    steps, asked, w_xh, W_hh, b_h, v, rate, updates, *, turned=True, negated=True, pair="both",
    start="zeros", carry=True, read="last", squash=True, mean="mean", sign=-1, trained=(0, 1, 2, 3),
    test="after", out="difference", octaves=1, won=1, clear=True, rule="descent",
):  # fmt: skip
    """Train a cell to tell which of two twins runs forwards; and ways to do it wrong."""
    import torch
    from torch.nn.functional import softplus

    weights = [w.clone().requires_grad_() for w in (w_xh, W_hh, b_h, v)]
    moving = [weights[place] for place in trained]
    adam = torch.optim.Adam(moving, lr=rate) if rule == "Adam" else None

    def run(x, h):
        w_xh, W_hh, b_h, v = weights
        states = []
        for x_t in x.unbind(1):
            before = {False: 0 * h, "cut": h.detach()}.get(carry, h)
            a = x_t[:, None] * w_xh + before @ W_hh.T + b_h
            h = torch.tanh(a) if squash else a
            states.append(h)
        seen = torch.stack(states).mean(0) if read == "mean" else h
        return seen @ v, h

    def scores(x):
        x = x / octaves
        zeros = x.new_zeros(len(x), len(b_h))
        forwards, last = run(x, zeros)
        if pair == "one":
            return forwards, 0 * forwards
        twin = {"batch": x.flip(0), False: x}.get(turned, x.flip(1))
        return forwards, run(-twin if negated else twin, last if start == "leaks" else zeros)[0]

    def difference(x):
        forwards, backwards = scores(x)
        return forwards - backwards

    losses, before = [], None
    for update in range(updates + 1):
        each = softplus(-won * difference(steps))
        if pair == "apart":
            forwards, backwards = scores(steps)
            each = (softplus(-forwards) + softplus(backwards)) / 2
        loss = each.sum() if mean == "sum" else each.mean()
        losses.append(loss.item())
        if before is None:
            with torch.no_grad():
                before = difference(asked)
        if update < updates:
            for w in weights if clear else ():
                w.grad = None
            loss.backward()
            if adam:
                adam.step()
                continue
            with torch.no_grad():
                for w in moving:
                    if w.grad is not None:
                        w += sign * rate * w.grad
    with torch.no_grad():
        found = before if test == "before" else difference(asked)
        if out == "score":
            found = scores(asked)[0]
        return losses, found.sigmoid() if out == "probability" else found


TRAIN_ARROW = Question(
    name="train_arrow",
    points=5,
    section=RIVALS,
    reference=train_arrow,
    inputs=arrow_case,
    framework="torch",
    misconceptions=(
        Misconception(
            "twins turned round and not negated",
            variant(train_arrow, negated=False),
            "Already the first loss is off. What are the steps of a melody from its end?",
            "Steps 0.5, −0.2 forwards are 0.2, −0.5 backwards.",
            "Your twins are turned round but not negated. Use what `twin_steps` did.",
        ),
        Misconception(
            "twins negated and not turned round",
            variant(train_arrow, turned=False),
            "Already the first loss is off. What are the steps of a melody from its end?",
            "Steps 0.5, −0.2 forwards are 0.2, −0.5 backwards.",
            "Your twins are negated but not turned round. Use what `twin_steps` did.",
        ),
        Misconception(
            "no twin",
            variant(train_arrow, pair="one"),
            "Already the first loss is off. How many melodies does the cell read for one loss?",
            "Scores 1.2 forwards and 0.9 backwards: the difference is 0.3.",
            "You scored the melody alone. The loss is about its lead over its twin.",
        ),
        Misconception(
            "the state leaks into the twin",
            variant(train_arrow, start="leaks"),
            "Already the first loss is off. In which state does the cell begin to read the twin?",
            "Two readings, each from a state of zeros.",
            "Your cell reads the twin from where the melody left it. Begin with zeros again.",
        ),
        Misconception(
            "no state carried along the melody",
            variant(train_arrow, carry=False),
            "Already the first loss is off. What does the cell know at its third step?",
            "The third state has met three steps, through W_hh.",
            "You start each step from zeros. Within a melody the state goes on.",
        ),
        Misconception(
            "the mean of the states",
            variant(train_arrow, read="mean"),
            "Already the first loss is off. From which state is the score taken?",
            "The score of a melody is taken when all of it has been read.",
            "You read the mean of the states. The score is v · h after the last step.",
        ),
        Misconception(
            "no tanh",
            variant(train_arrow, squash=False),
            "Already the first loss is off. What stands round the sum in a vanilla cell?",
            "A sum of 0.8 becomes a state of 0.66.",
            "Your cell has no activation. It needs its tanh.",
        ),
        Misconception(
            "the sum over the batch",
            variant(train_arrow, mean="sum"),
            "Look at the first loss: is it a mean?",
            "With equal scores it is ln 2, whatever the batch.",
            "You summed over the melodies. The loss is their mean.",
        ),
        Misconception(
            "uphill",
            variant(train_arrow, sign=1),
            "Your first loss is right. In which direction do the others go?",
            "A loss of 0.69 that becomes 0.75 after one update has gone the wrong way.",
            "You add the gradient. Descent subtracts it, times the rate.",
        ),
        Misconception(
            "only the read-out trained",
            variant(train_arrow, trained=(3,)),
            "Your first loss is right. Which parameters change in your loop?",
            "All four arrays have a gradient.",
            "You trained v alone. The cell's three arrays are trained with it.",
        ),
        Misconception(
            "asked before training",
            variant(train_arrow, test="before"),
            "Your losses are right. When do you look at what is asked?",
            "The leads are those of the weights after the last update.",
            "Your leads come from the first weights. Take them at the end.",
        ),
        Misconception(
            "probabilities for leads",
            variant(train_arrow, out="probability"),
            "Your losses are right. Can a lead be negative?",
            "Scores 0.9 and 1.2: the lead is −0.3.",
            "You returned probabilities. Return the differences of the scores.",
        ),
        Misconception(
            "steps divided by 12 once more",
            variant(train_arrow, octaves=12),
            "Already the first loss is off. In which unit are the steps that you are given?",
            "A fifth is 7 semitones, and comes as 0.583.",
            "You divided by 12. The steps come in octaves: that has been done.",
        ),
        Misconception(
            "gradients never cleared",
            variant(train_arrow, clear=False),
            "Your first two losses are right, the third is not. What is in `grad` at the second?",
            "backward() adds: gradients of 1 and then 2 leave 3 where nobody clears them.",
            "Your gradients pile up from update to update. Clear them before each backward().",
        ),
        Misconception(
            "the loss turned over",
            variant(train_arrow, won=-1),
            "Already the first loss is off. Is your loss small where the lead is large?",
            "A lead of 2 has a loss of softplus(−2) = 0.13.",
            "Your loss grows with the lead. There is a minus inside the softplus.",
        ),
        Misconception(
            "every melody judged alone",
            variant(train_arrow, pair="apart"),
            "Already the first loss is off. Does yours know which twin belongs to which melody?",
            "Scores 3.2 and 2.9: the lead is 0.3, whatever 3.2 says by itself.",
            "You judged melodies one by one. The loss is softplus of minus a pair's lead.",
        ),
        Misconception(
            "the read-out not trained",
            variant(train_arrow, trained=(0, 1, 2)),
            "Your first loss is right. Which parameters change in your loop?",
            "There are four: w_xh, W_hh, b_h and v.",
            "You left v as it was. It is trained with the cell.",
        ),
        Misconception(
            "the bias not trained",
            variant(train_arrow, trained=(0, 1, 3)),
            "Your first loss is right. Which parameters change in your loop?",
            "There are four: w_xh, W_hh, b_h and v.",
            "You left b_h as it was. It is trained with the others.",
        ),
        Misconception(
            "the steps of Adam",
            variant(train_arrow, rule="Adam"),
            "Your first loss is right. How long is your first update of a parameter?",
            "Gradient 0.02, rate 0.4: plain descent goes by 0.008.",
            "You used Adam. Plain descent subtracts the rate times the gradient.",
        ),
        Misconception(
            "the state detached",
            variant(train_arrow, carry="cut"),
            "Your first loss is right. How far back in time do your gradients go?",
            "The loss depends on the first step through all later states.",
            "You cut the gradient at every step. It goes back to the first.",
        ),
        Misconception(
            "twins turned round along the batch",
            variant(train_arrow, turned="batch"),
            "Already the first loss is off. Which axis of the steps is time?",
            "The twin of row 0 is made of row 0.",
            "You turned the order of the melodies round. Turn the steps within each.",
        ),
        Misconception(
            "scores for leads",
            variant(train_arrow, out="score"),
            "Your losses are right. What is a lead the difference of?",
            "Scores 0.9 and 1.2: the lead is −0.3.",
            "You returned the melodies' own scores. Subtract those of their twins.",
        ),
    ),
)

# --- honest_row --------------------------------------------------------------------------------


def row_case(rng):
    """Shares right of R settings on S splits, such that each careless choice picks another one."""
    R, S = int(rng.integers(6, 8)), int(rng.choice([4, 5, 8]))
    level = 0.70 + 0.01 * rng.random(R)
    honest, lucky, single, worst, usual, steady = (int(row) for row in rng.permutation(R)[:6])
    level[[honest, single, worst, usual, steady]] = 0.80, 0.76, 0.60, 0.86, 0.79
    noise = 0.02 * (rng.random((R, S)) - 0.5)
    validation = level[:, None] + noise - noise.mean(axis=1, keepdims=True)
    validation[usual, rng.integers(S)] -= 0.09 * S  # the best median, not the best mean
    spread = np.zeros(S)
    spread[:2] = 1, -1
    validation[single] += 0.22 * rng.permutation(spread)  # the best run of all, by luck
    validation[honest] += 0.13 * rng.permutation(spread)  # steady is safer, and a little worse
    test = level[:, None] - 0.02 + 0.06 * (rng.random((R, S)) - 0.5)
    test[lucky] += 0.24
    return validation, test


def honest_row(
    validation, test, *, choose="validation", report="test", error="se", ddof=1, seeds="all",
):  # fmt: skip
    """[rate, mean, standard error]; and ways to flatter oneself."""
    table = {"validation": validation, "test": test}
    means = table["test" if choose == "test" else "validation"].mean(axis=1)
    rate = int(np.argmax(means))
    if choose == "run":
        rate = int(np.argmax(validation.max(axis=1)))
    if choose == "lowest":
        rate = int(np.argmin(means))
    if choose == "median":
        rate = int(np.argmax(np.median(validation, axis=1)))
    values = table[report][rate] if choose != "none" else test.mean(axis=0)
    n = len(values)
    share = {"sd": 1, "corrected": math.sqrt(1 / n + 1 / 3), "n - 1": 1 / math.sqrt(n - 1)}
    share |= {"settings": 1 / math.sqrt(len(test)), "no root": 1 / n}
    spread = values.std(ddof=ddof) * share.get(error, 1 / math.sqrt(n))
    if error == "variance":
        spread = values.var(ddof=ddof) / math.sqrt(n)
    mean = values.max() if seeds == "best" else values.mean()
    return [rate, float(mean), float(spread)]


def across_settings(validation, test):
    """Means over the settings, for want of looking at the axes."""
    return honest_row(validation.T, test.T)


HONEST_ROW = Question(
    name="honest_row",
    points=3,
    section=RIVALS,
    reference=honest_row,
    inputs=row_case,
    misconceptions=(
        Misconception(
            "chosen on the test",
            variant(honest_row, choose="test"),
            "Which of the two tables may decide about the rate?",
            "The rate with the best test figure is the luckiest of several throws.",
            "You chose the rate on the test. Choose on validation, then look at the test once.",
        ),
        Misconception(
            "the rate of the single best run",
            variant(honest_row, choose="run"),
            "Your rate has the best run of all. Is it the best on the whole?",
            "Runs of 0.9, 0.5 and 0.5 against 0.8, 0.8 and 0.8: which rate would you take?",
            "You took the rate of the luckiest run. Take the best mean over the splits.",
        ),
        Misconception(
            "the lowest mean",
            variant(honest_row, choose="lowest"),
            "Are the entries errors, or shares that are right?",
            "0.8 right is better than 0.6.",
            "You took the lowest mean. The entries are shares right: more is better.",
        ),
        Misconception(
            "validation reported",
            variant(honest_row, report="validation"),
            "Your rate is right. Which data did nobody choose anything on?",
            "The validation figure of a rate that was chosen on it is too good.",
            "You report the validation. It has chosen the rate; report the test.",
        ),
        Misconception(
            "the best split reported",
            variant(honest_row, seeds="best"),
            "Your rate is right. Of how many splits is your second number?",
            "0.7, 0.8 and 0.9: report 0.8.",
            "You report the best split. Report the mean of all.",
        ),
        Misconception(
            "all rates together",
            variant(honest_row, choose="none"),
            "Your rate is right. Are the other two numbers those of this rate alone?",
            "One row of the test table is reported, that of the chosen rate.",
            "You took a mean over all rates. Only the chosen one is used.",
        ),
        Misconception(
            "the spread for its error",
            variant(honest_row, error="sd"),
            "Rate and mean are right. Does your third number shrink with more splits?",
            "Four values with a standard deviation of 0.02: the error is 0.01.",
            "You returned the standard deviation. Divide it by the root of their number.",
        ),
        Misconception(
            "the deviation as NumPy gives it",
            variant(honest_row, error="sd", ddof=0),
            "Setting and mean are right. Does your third number shrink with more splits?",
            "Values 1 and 3: the variance is 2, the deviation 1.41; over the root of 2 it is 1.",
            "Yours is np.std as it comes: it has S in the variance, not S − 1, and is not yet "
            "divided by the root of S.",
        ),
        Misconception(
            "n instead of n − 1",
            variant(honest_row, ddof=0),
            "Rate and mean are right. By what do you divide the sum of squares?",
            "Values 1 and 3: the variance is 2, not 1.",
            "You divided by n in the variance. Divide by n − 1.",
        ),
        Misconception(
            "one bad split not counted",
            variant(honest_row, choose="median"),
            "One bad split: does it tell against a setting in your choice?",
            "Runs of 0.9, 0.9 and 0.3 against 0.8, 0.8 and 0.8: the means are 0.7 and 0.8.",
            "One bad split does not tell against a setting in your choice, as in a median. "
            "Take the best mean.",
        ),
        Misconception(
            "splits taken for settings",
            across_settings,
            "Of how many numbers is each of your means: as many as splits?",
            "Shape (5, 4): five settings on four splits. A mean has four numbers.",
            "You took means over the settings. A row is a setting, and its splits lie along it.",
        ),
        Misconception(
            "the corrected error",
            variant(honest_row, error="corrected"),
            "Setting and mean are right. Which error does this exercise ask for?",
            "Four values with a standard deviation of 0.02: the error is 0.01.",
            "You corrected the error as chapter 1 does. That is wiser, but here it is sd / √S.",
        ),
        Misconception(
            "n − 1 under the root, too",
            variant(honest_row, error="n - 1"),
            "Setting and mean are right. Of how many splits is your mean?",
            "Four values with a standard deviation of 0.02: the error is 0.01.",
            "You divided by the root of S − 1. S − 1 is in the variance, and S under the root.",
        ),
        Misconception(
            "the number of splits without its root",
            variant(honest_row, error="no root"),
            "Setting and mean are right. Is your error larger than it should be, or smaller?",
            "Four values with a standard deviation of 0.02: the error is 0.01, not 0.005.",
            "You divided by S. The standard deviation is divided by the root of S.",
        ),
        Misconception(
            "the root of the number of settings",
            variant(honest_row, error="settings"),
            "Setting and mean are right. How many numbers is your mean made of?",
            "Shape (5, 4): a mean has four numbers, and its error the root of 4.",
            "You divided by the root of the number of settings. Take the number of splits.",
        ),
        Misconception(
            "the variance over the root",
            variant(honest_row, error="variance"),
            "Setting and mean are right. What is the unit of your third number?",
            "Values 1 and 3: the variance is 2, the standard deviation 1.41.",
            "You divided the variance by the root. Take the root of the variance first.",
        ),
    ),
)

# --- by hand -----------------------------------------------------------------------------------

CAPSTONE_PLAN = Question(
    name="capstone_plan",
    points=3,
    section=QUESTION,
    rubric=(
        ("one question that a figure can answer, and what would make the writer say no", 1),
        ("the split: what will be new in use, and the group that is kept together for it", 1),
        ("two rivals or more that need no network, one of them blind to order", 1),
    ),
)

CAPSTONE_REPORT = Question(
    name="capstone_report",
    points=9,
    section="6 · Capstone: the report, and how it is graded",
    rubric=(
        ("the question and the figure that answers it, in the first two sentences", 1),
        ("the split: the group kept together, and the sizes of the parts", 1),
        ("a table of chance, a blind rival, a strong one and the network, on the same tests", 2),
        ("five splits or seeds, mean and standard error; the rate chosen on validation data", 1),
        ("a control for the cause that the report names, and what would have refuted it", 2),
        ("a conclusion no finer than the spread, with no cause that was not tested", 1),
        ("what was not measured, and one thing that went wrong or surprised", 1),
    ),
)

QUESTIONS = [
    CAPSTONE_PLAN,
    TWIN_STEPS,
    DEAL_WINDOWS,
    ARROW_ODDS,
    TRAIN_ARROW,
    HONEST_ROW,
    CAPSTONE_REPORT,
]
