"""Chapter 2, the hidden state: states by hand, faults found, budgets, order, resets, memory."""

from __future__ import annotations

import numpy as np

from rnncourse.bank import Misconception, Question, variant


def draw_weights(rng, D, H):
    return rng.normal(size=(H, D)), rng.normal(size=(H, H)), 0.5 * rng.normal(size=H)


def run(x, W_xh, W_hh, b_h, *, h=None, activation=np.tanh, add_to_old=False, after=0):
    """States of a vanilla RNN: x (T, D) → (T, H)."""
    h = np.zeros(len(b_h)) if h is None else h
    states = []
    for x_t in x:
        h = add_to_old * h + activation(W_xh @ x_t + W_hh @ h + b_h) + after
        states.append(h)
    return np.array(states)


def sentence_inputs(rng):
    V, H, T = rng.integers(3, 6), rng.integers(2, 6), rng.integers(3, 7)
    return rng.integers(0, V, T), *draw_weights(rng, V, H)


def read_sentence(words, W_xh, W_hh, b_h, **options):
    return run(np.eye(W_xh.shape[1])[words], W_xh, W_hh, b_h, **options)


READ_SENTENCE = Question(
    name="read_sentence",
    points=2,
    section="1 · Two inputs a step",
    reference=read_sentence,
    inputs=sentence_inputs,
    misconceptions=(
        Misconception(
            "no memory: every step starts from zeros",
            lambda words, W_xh, W_hh, b_h: np.tanh(W_xh[:, words].T + b_h),
            "Your first state is right. What does your second step know of the first?",
            "Read the sentence 1, 1. Your two states are the same. Should they be?",
            "h_prev stays at zero in your loop. The state a step makes is what the next starts "
            "from.",
        ),
        Misconception(
            "no tanh",
            variant(read_sentence, activation=lambda a: a),
            "Look at the largest number among your states.",
            "A state of this network can never leave −1 … 1. Some of yours do.",
            "The sum of the two products and the bias still has to go through the activation.",
        ),
        Misconception(
            "W_hh transposed",
            lambda words, W_xh, W_hh, b_h: read_sentence(words, W_xh, W_hh.T, b_h),
            "Your first state is right, the second is not: what takes part only from then on?",
            "With h_prev = [1, 0] the product W_hh h_prev is the first *column* of W_hh.",
            "You multiply with the transpose of W_hh. For rows it is h @ W_hh.T; for a single "
            "column, W_hh @ h.",
        ),
        Misconception(
            "no bias",
            lambda words, W_xh, W_hh, b_h: read_sentence(words, W_xh, W_hh, 0 * b_h),
            "Already your first state is off. What enters it?",
            "At the first step h_prev is zero, so h_1 = tanh(W_xh x_1 + something).",
            "One of the four arguments has no influence on your states: b_h.",
        ),
        Misconception(
            "the bias outside the tanh",
            lambda words, W_xh, W_hh, b_h: read_sentence(
                words, W_xh, W_hh, np.zeros(len(b_h)), after=b_h
            ),
            "Look at the largest number among your states.",
            "A state of this network can never leave −1 … 1. Some of yours do.",
            "You add b_h after the tanh. It belongs to the sum inside.",
        ),
        Misconception(
            "the start is counted as a state",
            lambda *case: np.vstack([np.zeros(len(case[-1])), read_sentence(*case)]),
            "You have one state more than there are words.",
            "A sentence of one word has one state: row 0 is the state after that word.",
            "Your row 0 is h_0, the zeros from before the first word. It is not asked for.",
        ),
        Misconception(
            "starts at ones",
            lambda *case: read_sentence(*case, h=np.ones(len(case[-1]))),
            "Already your first state is off. What came before the first word?",
            "Before anything is read the state is h_0, and W_hh h_0 should add nothing.",
            "Your h_0 is full of ones. The course starts from zeros.",
        ),
        Misconception(
            "the new state is added to the old",
            variant(read_sentence, add_to_old=True),
            "Look at the largest number among your states, and at when it appears.",
            "A state of this network can never leave −1 … 1. Yours grows with the sentence.",
            "You add tanh(…) to h_prev. Here the new state replaces the old one; the old one has "
            "had its say inside the tanh.",
        ),
        Misconception(
            "the word's number for its vector",
            lambda words, W_xh, W_hh, b_h: run(
                np.repeat(np.array(words)[:, None], W_xh.shape[1], axis=1), W_xh, W_hh, b_h
            ),
            "Which numbers does the network see when it reads word 2?",
            "With V = 4, word number 2 enters as [0, 0, 1, 0]: W_xh x is then column 2 of W_xh.",
            "You feed the number of the word itself, in every place. It enters as a one-hot "
            "vector.",
        ),
    ),
)

# --- diagnose_states ---------------------------------------------------------------------------


def faults(x, W_xh, W_hh, b_h):
    """The states of each reading, the right one first; the names are the answers."""
    return {
        "none": run(x, W_xh, W_hh, b_h),
        "W_hh transposed": run(x, W_xh, W_hh.T, b_h),
        "state not carried": np.tanh(x @ W_xh.T + b_h),
        "bias missing": run(x, W_xh, W_hh, 0 * b_h),
        "tanh missing": run(x, W_xh, W_hh, b_h, activation=lambda a: a),
    }


def diagnosis_inputs(rng):
    """In half of the cases the sums are small, so that no state leaves −1 … 1 without a tanh."""
    D, H, T = rng.integers(2, 5), rng.integers(3, 6), rng.integers(4, 8)
    size = rng.choice([0.15, 1.0])
    x, weights = rng.normal(size=(T, D)), [size * w for w in draw_weights(rng, D, H)]
    return x, rng.choice(list(faults(x, *weights).values())), *weights


def diagnose_states(x, h, W_xh, W_hh, b_h, *, compared=slice(None), mixed=(), overlooked=""):
    """The first reading that made h.

    mixed: two names that are taken for each other; overlooked: a fault that is not looked for.
    """
    found = [
        name
        for name, states in faults(x, W_xh, W_hh, b_h).items()
        if np.allclose(states[compared], h[compared])
    ]
    name = found[0] if found and found[0] != overlooked else "none"
    return mixed[1 - mixed.index(name)] if name in mixed else name


DIAGNOSE_STATES = Question(
    name="diagnose_states",
    points=4,
    section="1 · Two inputs a step",
    reference=diagnose_states,
    inputs=diagnosis_inputs,
    cases=30,  # so that each fault is among them, but for one seed in fifty
    misconceptions=(
        Misconception(
            "only the first state compared",
            variant(diagnose_states, compared=slice(1)),
            "Some faults leave the first state right. Which terms take part only later?",
            "At the first step W_hh meets zeros: its transpose gives the same first state.",
            "You compare h[0] alone. Two of the faults show from h[1] on only.",
        ),
        Misconception(
            "only the range of the states looked at",
            lambda x, h, *weights: "tanh missing" if abs(h).max() > 1 else "none",
            "Three of the faults leave every state between −1 and 1.",
            "With h = [[0.5]], x = [[1]], W_xh = [[0.2]] and no bias, the first state cannot be "
            "right: tanh(0.2) is 0.197.",
            "A range rules out one fault. To tell the others, recompute the states and compare.",
        ),
        Misconception(
            "the right product taken for the transposed one",
            variant(diagnose_states, mixed=("none", "W_hh transposed")),
            "You find faults where there are none. Which product do you hold for the right one?",
            "With h_prev = [1, 0] the right product adds the first *column* of W_hh.",
            "Your own recomputation multiplies by the transpose of W_hh, so right and wrong change "
            "places.",
        ),
        Misconception(
            "recomputed from zeros at every step",
            variant(diagnose_states, mixed=("none", "state not carried")),
            "You find faults where there are none. What does your own second step start from?",
            "x = [[1], [1]]: in the right reading the two states differ.",
            "Your own recomputation forgets the state, so right and wrong change places.",
        ),
        Misconception(
            "the bias forgotten in the recomputation",
            variant(diagnose_states, mixed=("none", "bias missing")),
            "You find faults where there are none. What enters your own first state?",
            "With x = 0 the right first state is tanh(b_h).",
            "Your own recomputation has no bias, so right and wrong change places.",
        ),
        *[
            Misconception(
                f"overlooked: {fault}",
                variant(diagnose_states, overlooked=fault),
                "You say “none” of states that are not right. Which of the four faults do you "
                "never find?",
                "Recompute the states with each of the four faults built in: exactly one of the "
                "five readings gives h.",
                f"You never find “{fault}”. Recompute the states with that fault and compare, with "
                "np.allclose: numbers computed in another order differ in their last digits.",
            )
            for fault in ("W_hh transposed", "state not carried", "bias missing", "tanh missing")
        ],
    ),
)

# --- fair_size ---------------------------------------------------------------------------------


def size_inputs(rng):
    """Just enough for H units, one short of that, or more than half-way to one unit more."""
    D, H = int(rng.integers(2, 40)), int(rng.integers(3, 60))
    if rng.random() < 0.5:
        H = D * int(rng.integers(1, 4))  # then at one length both layers are of the same size
    return D, H * (D + H + 1) + int(rng.choice([0, -1, 0.55 * (D + 2 * H + 2)], p=[0.3, 0.3, 0.4]))


def fair_size(D, budget, *, biases=1, beyond=0, last=0, equal=0):
    H = 0
    while (H + 1) * (D + H + 1 + biases) <= budget:
        H += 1
    H += beyond
    return [H, (D + H - equal) // D + 1 - last]


FAIR_SIZE = Question(
    name="fair_size",
    points=3,
    section="3 · Shared weights, counted",
    reference=fair_size,
    inputs=size_inputs,
    cases=12,
    misconceptions=(
        Misconception(
            "no bias",
            variant(fair_size, biases=0),
            "Put your number of units into the formula for the parameters. Is it always within "
            "the budget?",
            "With D = 1 one unit takes three numbers: a budget of 2 is too small.",
            "Each unit has a bias, too. And a size that nearly fits does not fit.",
        ),
        Misconception(
            "two biases, as torch.nn.RNN has",
            variant(fair_size, biases=2),
            "Put one unit more than yours into the formula for the parameters. Is it sometimes "
            "still within the budget?",
            "With D = 1 and a budget of 3 there is room for one unit.",
            "torch.nn.RNN keeps two biases that are added up; this chapter has one. And "
            "units that take exactly the budget are allowed.",
        ),
        Misconception(
            "W_hh left out",
            lambda D, budget: [budget // (D + 1), 2],
            "Far too many units.",
            "With D = 1 and H = 4 the layer has 24 numbers. Which 16 are missing in yours?",
            "Each unit also listens to all H units of the step before.",
        ),
        Misconception(
            "the first size beyond the budget",
            variant(fair_size, beyond=1),
            "Always one unit too many.",
            "With D = 1 and a budget of 3 there is room for one unit, not for two.",
            "Your search stops at the first size that does not fit. Return the one before.",
        ),
        Misconception(
            "as many taken for more",
            variant(fair_size, equal=1),
            "The units are right. When are both layers of the same size?",
            "With D = 2 and 2 units the recurrent layer has 10 numbers, the feedforward one on two "
            "words 10 as well, on three words 14.",
            "You stop where both have as many. The first length with more is asked for.",
        ),
        Misconception(
            "the last length at which the feedforward layer is no larger",
            variant(fair_size, last=1),
            "The units are right.",
            "With D = 50 and 64 units a feedforward layer on 2 words has 6,464 numbers, the "
            "recurrent one 7,360.",
            "You return the last length at which the feedforward layer is no larger. The "
            "next one is asked for.",
        ),
        Misconception(
            "rounded to the nearest size",
            lambda D, budget: [
                (H := round((((D + 1) ** 2 + 4 * budget) ** 0.5 - D - 1) / 2)),
                (D + H) // D + 1,
            ],
            "Put your units back into the formula. Do they always fit the budget?",
            "With D = 1 and a budget of 7, H (H + 2) = 7 gives H = 1.83. Two units would take 8.",
            "You round to the nearest whole number. A size that nearly fits does not fit: round "
            "down.",
        ),
        Misconception(
            "compared with the budget",
            lambda D, budget: [(H := fair_size(D, budget)[0]), (budget // H - 1) // D + 1],
            "The units are right. With what do you compare the feedforward layer?",
            "With D = 1 and a budget of 7 there is one unit, which takes 3 parameters: 3, not 7, "
            "is the number to exceed.",
            "You compare with the budget. The feedforward layer is to have more parameters than "
            "the recurrent one.",
        ),
    ),
)

# --- order_gap ---------------------------------------------------------------------------------


def order_inputs(rng):
    V, H, T = rng.integers(4, 7), rng.integers(2, 6), rng.integers(4, 7)
    words = rng.integers(0, V, T)
    i, j = (int(k) for k in rng.choice(T - 1, 2, replace=False))
    words[j] = (words[i] + 1) % V  # two different words, neither of them the last
    return words, i, j, *draw_weights(rng, V, H)


def last_to_last(a, b):
    return np.linalg.norm(a[-1] - b[-1])


def order_gap(words, i, j, W_xh, W_hh, b_h, *, distance=last_to_last):
    swapped = np.array(words)
    swapped[[i, j]] = words[j], words[i]
    readings = [read_sentence(order, W_xh, W_hh, b_h) for order in (words, swapped)]
    return float(distance(*readings))


def written_over(words, i, j, *weights):
    other = np.array(words)
    other[i] = words[j]
    readings = [read_sentence(order, *weights) for order in (words, other)]
    return float(last_to_last(*readings))


ORDER_GAP = Question(
    name="order_gap",
    points=2,
    section="4 · The same words in another order",
    reference=order_gap,
    inputs=order_inputs,
    uses=("read_sentence",),
    misconceptions=(
        Misconception(
            "the squared distance",
            lambda *case: order_gap(*case) ** 2,
            "Move both states twice as far apart: their distance doubles. What does your number "
            "do?",
            "The distance between the states [0, 0] and [3, 4] is 5.",
            "You sum the squares of the differences; the root is still to be taken.",
        ),
        Misconception(
            "all states compared, not the last ones",
            variant(order_gap, distance=lambda a, b: np.linalg.norm(a - b)),
            "Your number is larger than the right one. How many states did you compare?",
            "The question is what the *whole* sentence has left behind: one state of each reading.",
            "You took the distance over all T states. Compare h_T with h_T alone.",
        ),
        Misconception(
            "nothing of the swap in the last states",
            lambda words, i, j, W_xh, W_hh, b_h: order_gap(words, i, j, W_xh, 0 * W_hh, b_h),
            "Your gap is zero although two words changed places. Print both sentences, and both "
            "last states: which of the two are the same?",
            "Two readings of the same words give the same last state. So do readings in which each "
            "state depends on its own word alone, for the last word was not swapped.",
            "If the two sentences are the same, copy the words before you swap: `other = words` "
            "is no copy. If they differ, h_prev gets lost on the way through the sentence.",
        ),
        Misconception(
            "the difference of two sums",
            variant(order_gap, distance=lambda a, b: abs(a[-1].sum() - b[-1].sum())),
            "Can two different states have the gap zero in your version?",
            "The states [1, −1] and [−1, 1] are far apart, but both sum to zero.",
            "You add the units up before you compare. Take differences unit by unit first.",
        ),
        Misconception(
            "the second reading is missing",
            variant(order_gap, distance=lambda a, b: np.linalg.norm(a[-1])),
            "Does your answer depend on i and j?",
            "If i and j are the same place, nothing is swapped and the gap is 0. Yours is not.",
            "You measure how far the state is from zero. Read the swapped sentence, too.",
        ),
        Misconception(
            "one word written over",
            written_over,
            "Print the second sentence. Are all words of the first still in it?",
            "words = [4, 7], i = 0, j = 1: after words[0] = words[1] both are 7, and the 4 is "
            "gone.",
            "You overwrite one of the two before you have kept it. Swap both at once: a[i], a[j] "
            "= a[j], a[i], on a copy and for single numbers.",
        ),
        Misconception(
            "the sum of the differences' sizes",
            variant(order_gap, distance=lambda a, b: abs(a[-1] - b[-1]).sum()),
            "Your number is at least as large as the right one. How did you join the differences?",
            "The distance between the states [0, 0] and [3, 4] is 5. You get 7.",
            "You add the sizes of the differences. The Euclidean distance is the root of the sum "
            "of their squares.",
        ),
        Misconception(
            "the difference of the lengths",
            variant(
                order_gap, distance=lambda a, b: abs(np.linalg.norm(a[-1]) - np.linalg.norm(b[-1]))
            ),
            "Can two different states have the gap zero in your version?",
            "The states [1, 0] and [0, 1] are equally long and 1.41 apart.",
            "You compare how long the two states are. Take their difference first, then its "
            "length.",
        ),
        Misconception(
            "states of one reading compared",
            lambda words, i, j, *weights: float(
                np.linalg.norm(np.subtract(*read_sentence(words, *weights)[[i, j]]))
            ),
            "How many sentences do you read?",
            "The question needs two readings: one of the sentence, one of the sentence with two "
            "words swapped.",
            "You compare the states at the places i and j of one reading. Compare the last states"
            " of two.",
        ),
    ),
)

# --- run_with_resets ---------------------------------------------------------------------------


def resets_inputs(rng):
    D, H, T = rng.integers(2, 5), rng.integers(2, 6), rng.integers(6, 11)
    starts = np.zeros(T, dtype=np.int64)
    starts[0] = 1
    starts[rng.choice(np.arange(1, T), rng.integers(1, 4), replace=False)] = 1
    starts[[1, -1]] |= rng.integers(0, 2, 2)  # a first or a last sequence of one step
    return rng.normal(size=(T, D)), starts, *draw_weights(rng, D, H)


def run_with_resets(x, starts, W_xh, W_hh, b_h, *, to_the_first=False, zero=False):
    h, states = np.zeros(len(b_h)), []
    for x_t, new in zip(x, starts, strict=True):
        if new:
            h = states[0] if to_the_first and states else 0 * h
        if not (new and zero):
            h = np.tanh(W_xh @ x_t + W_hh @ h + b_h)
        states.append(h)
    return np.array(states)


RUN_WITH_RESETS = Question(
    name="run_with_resets",
    points=3,
    section="9 · Bug hunt: the score that depends on the neighbours",
    reference=run_with_resets,
    inputs=resets_inputs,
    misconceptions=(
        Misconception(
            "as it was handed out",
            lambda x, starts, *weights: run_with_resets(
                x, np.r_[1, starts[:-1]], *weights, to_the_first=True
            ),
            "Nothing is mended yet. At which step does the second sequence first go wrong?",
            "With starts = [1, 0, 1], states[2] must not depend on x[0] and x[1], and states[1] "
            "must depend on x[0].",
            "There are two mistakes: when the state is reset, and what it is reset to.",
        ),
        Misconception(
            "never reset",
            lambda x, starts, *weights: run(x, *weights),
            "All is well up to the second sequence. What does its first state know?",
            "With starts = [1, 0, 1, 0], states[2] must not depend on x[0] or x[1]. Change x[0] "
            "and look.",
            "The state leaks from one sequence into the next: starts has no influence.",
        ),
        Misconception(
            "reset at every step",
            lambda x, starts, W_xh, W_hh, b_h: np.tanh(x @ W_xh.T + b_h),
            "The first state of each sequence is right, the others are not.",
            "With starts = [1, 0, 1, 0], states[1] must depend on x[0], but not states[2].",
            "You start from zeros at every step, not only where starts is 1.",
        ),
        Misconception(
            "the state is zero where a sequence starts",
            variant(run_with_resets, zero=True),
            "Look at your first state: is there anything of x[0] in it?",
            "A sequence of length one has one state, tanh(W_xh x + b_h). Yours is zero.",
            "The state *before* the first step is zero. The step itself is still taken.",
        ),
        Misconception(
            "reset one step late",
            lambda x, starts, *weights: run_with_resets(x, np.r_[1, starts[:-1]], *weights),
            "The second sequence begins wrongly. At which step do you reset?",
            "With starts = [1, 0, 1], states[2] must not depend on x[0] and x[1].",
            "You reset after the first step of a sequence: its first word still meets the old "
            "state.",
        ),
        Misconception(
            "back to the first state instead of zeros",
            variant(run_with_resets, to_the_first=True),
            "The first sequence is right. What does the second start from?",
            "Swap the first sequence for another: the second should not notice.",
            "You go back to h_1 of the first sequence, which has read a word. h_0 has read none.",
        ),
        Misconception(
            "reset everywhere but at the starts",
            lambda x, starts, *weights: run_with_resets(x, 1 - np.array(starts), *weights),
            "At which steps does your state go back to zero? Print starts beside it.",
            "With starts = [1, 0, 1, 0], states[1] must depend on x[0], and states[2] must not.",
            "starts is 1 where the old state must go. You keep it there and drop it everywhere "
            "else.",
        ),
    ),
)

# --- memory_curve ------------------------------------------------------------------------------


def curve_inputs(rng):
    H, T, max_lag = rng.integers(2, 4), rng.integers(60, 90), int(rng.integers(3, 6))
    u = 1 + rng.normal(size=T)
    W_xh, W_hh, b_h = draw_weights(rng, 1, H)
    h = run(u[:, None], 0.3 * W_xh, W_hh / np.linalg.norm(W_hh, 2), b_h)
    return h, u, max_lag


def r_squared(X, y, intercept=True, mean=None):
    """Share of the variance of y that a linear read-out of X explains."""
    X = np.c_[X, np.ones(len(X))] if intercept else X
    rest = y - X @ np.linalg.lstsq(X, y, rcond=None)[0]
    return 1 - (rest**2).sum() / ((y - (y.mean() if mean is None else mean)) ** 2).sum()


def same_states_for_all(h, u, last, k):
    """The states from t = last on, and the inputs k steps before them."""
    return h[last:], u[last - k : len(u) - k]


def memory_curve(h, u, max_lag, *, pairs=same_states_for_all, intercept=True):
    lags = range(max_lag + 1)
    return np.array([r_squared(*pairs(h, u, max_lag, k), intercept) for k in lags])


def curve_of_squared_errors(h, u, max_lag):
    variance = [u[max_lag - k : len(u) - k].var() for k in range(max_lag + 1)]
    return (1 - memory_curve(h, u, max_lag)) * variance


MEMORY_CURVE = Question(
    name="memory_curve",
    points=4,
    section="6 · How long does it remember?",
    reference=memory_curve,
    inputs=curve_inputs,
    misconceptions=(
        Misconception(
            "the future instead of the past",
            variant(
                memory_curve, pairs=lambda h, u, last, k: (h[:-last], u[k : len(u) - last + k])
            ),
            "At lag 0 you are nearly right, beyond it nearly nothing is explained.",
            "For lag 2 the state h[5] is asked about u[3]. Which input do you pair it with?",
            "You pair h[t] with u[t + k], which it has not seen. Memory looks back: u[t − k].",
        ),
        Misconception(
            "one lag too far",
            variant(
                memory_curve, pairs=lambda h, u, last, k: (h[last + 1 :], u[last - k : -1 - k])
            ),
            "Your curve has the right form, in the wrong place.",
            "At lag 0 the state h[5] is asked about u[5], the input it has just read.",
            "All your lags are one too large: h[t] already contains u[t].",
        ),
        Misconception(
            "other steps for other lags",
            variant(memory_curve, pairs=lambda h, u, last, k: (h[k:], u[: len(u) - k])),
            "Very close: the last value is right, the others are not quite.",
            "With max_lag = 5, which steps t take part at lag 0? And at lag 5?",
            "You use all steps that a lag allows. To be compared, all lags need the same states: "
            "those from t = max_lag on.",
        ),
        Misconception(
            "the mean of all the inputs",
            lambda h, u, last: np.array(
                [
                    r_squared(*same_states_for_all(h, u, last, k), mean=u.mean())
                    for k in range(last + 1)
                ]
            ),
            "Nearly right. Of which numbers is your mean?",
            "With max_lag = 2 and lag 0, u[0] and u[1] are not read out, so they are not in the "
            "mean.",
            "You take the mean of all of u. At lag k it is that of u[max_lag − k : T − k].",
        ),
        Misconception(
            "no intercept",
            variant(memory_curve, intercept=False),
            "Too low everywhere. What could a read-out of h not express?",
            "If u is always near 1 and h near 0, no weights can turn h into u. A constant can.",
            "Add a column of ones to the states, so that the read-out has a bias.",
        ),
        Misconception(
            "the correlation instead of its square",
            lambda *case: np.sqrt(np.clip(memory_curve(*case), 0, None)),
            "All your numbers are too large, but for those near 0 and 1. Is R² what you return?",
            "A read-out that leaves half of the variance unexplained has R² = 0.5, not 0.71.",
            "R² is the *square* of the correlation between read-out and input.",
        ),
        Misconception(
            "the mean squared error",
            curve_of_squared_errors,
            "Your curve goes up where memory fades.",
            "A perfect read-out has the error 0 and R² = 1. Which one do you return?",
            "Divide the squared errors by those of the best constant, and take that from one.",
        ),
    ),
)

# --- memory_beyond_now: the transfer task ------------------------------------------------------


def beyond_inputs(rng):
    H, T, k = rng.integers(2, 5), rng.integers(80, 120), int(rng.integers(1, 6))
    hours = np.arange(T)
    u = np.sin(2 * np.pi * hours / 24) + 0.3 * rng.normal(size=T) + 0.5
    seen = u
    if rng.random() < 0.5:  # a network that has read another series: u itself tells more
        k, seen = 1, rng.normal(size=T)
    W_xh, W_hh, b_h = draw_weights(rng, 1, H)
    h = run(seen[:, None], 0.3 * W_xh, W_hh / (np.linalg.norm(W_hh, 2) or 1), b_h)
    return h, u, k


def explained(h, u, k):
    """R² of the input k steps ago: of the states, and of the present input alone."""
    past = u[: len(u) - k]
    return float(r_squared(h[k:], past)), float(r_squared(u[k:, None], past))


def memory_beyond_now(h, u, k):
    states, now = explained(h, u, k)
    return states - now


MEMORY_BEYOND_NOW = Question(
    name="memory_beyond_now",
    points=3,
    section="6 · How long does it remember?",
    reference=memory_beyond_now,
    inputs=beyond_inputs,
    cases=8,
    misconceptions=(
        Misconception(
            "correlations instead of R²",
            lambda *case: float(np.subtract(*np.sqrt(np.maximum(explained(*case), 0)))),
            "Your result is the difference of two numbers, each too large. Is R² what you "
            "subtract?",
            "A read-out that leaves half of the variance unexplained has R² = 0.5, not 0.71.",
            "R² is the square of the correlation between read-out and truth, for both parts.",
        ),
        Misconception(
            "cut off at zero",
            lambda *case: max(0.0, memory_beyond_now(*case)),
            "Right wherever your number is above zero.",
            "State 0.3, baseline 0.5: the answer is −0.2.",
            "A state can tell less than the present load does. That is a finding: let it be "
            "negative.",
        ),
        Misconception(
            "the absolute value",
            lambda *case: abs(memory_beyond_now(*case)),
            "Right where the state tells more than the present load does. And where it tells less?",
            "State 0.3, baseline 0.5: the answer is −0.2.",
            "You drop the sign. A state that tells less than the present load is a finding, too.",
        ),
        Misconception(
            "no baseline",
            lambda *case: explained(*case)[0],
            "Your number is too large. How much of it could be told from the present load alone?",
            "If u is the same every hour, any state 'remembers' yesterday perfectly.",
            "You return the R² of the state alone. What the present load tells on its own is still "
            "to be taken away.",
        ),
        Misconception(
            "the baseline alone",
            lambda *case: explained(*case)[1],
            "Does your answer change if the states change?",
            "A state that is all zeros explains nothing: then the answer is at most zero.",
            "You return what u now tells about u then. The states are missing.",
        ),
        Misconception(
            "the difference the other way round",
            lambda *case: -memory_beyond_now(*case),
            "The size is right. Look at the sign.",
            "A state that remembers more than the present load should get a positive number.",
            "Take the baseline's R² from the state's, not the state's from the baseline's.",
        ),
        Misconception(
            "the quotient",
            lambda *case: float(np.divide(*explained(*case))),
            "Two right numbers, joined in another way than asked.",
            "State 0.9, baseline 0.6: the answer is 0.3.",
            "You divide. The question asks by how much, not by what factor.",
        ),
        Misconception(
            "the present load given to the state as well",
            lambda h, u, k: memory_beyond_now(np.c_[h, u], u, k),
            "Too large. What does your first read-out look at?",
            "The first R² uses H numbers an hour. Yours uses H + 1.",
            "The state is compared with u, not helped by it.",
        ),
        Misconception(
            "the present load itself as the guess",
            lambda h, u, k: (
                explained(h, u, k)[0]
                - float(
                    1
                    - ((u[: len(u) - k] - u[k:]) ** 2).sum()
                    / ((u[: len(u) - k] - u[: len(u) - k].mean()) ** 2).sum()
                )
            ),
            "The state's part is right. Is your baseline fitted, too?",
            "If u is always 10 above what it was k steps ago, u_t tells u_{t−k} exactly: R² = 1. "
            "As it stands it is a bad guess.",
            "You take u_t as the guess. Fit a read-out from u_t as well, with a weight and an "
            "intercept.",
        ),
        Misconception(
            "a baseline without an intercept",
            lambda h, u, k: (
                explained(h, u, k)[0]
                - float(r_squared(u[k:, None], u[: len(u) - k], intercept=False))
            ),
            "The state's part is right. Can your baseline express a constant?",
            "Both read-outs have an intercept, so that neither is favoured.",
            "Your read-out from u_t has a weight and no intercept. Add a column of ones there, "
            "too.",
        ),
    ),
)

# --- fading ------------------------------------------------------------------------------------


def fading_inputs(rng):
    return float(rng.uniform(0.4, 0.9)), float(rng.uniform(0.3, 1) * rng.choice([-1, 1]))


def fading(w, b, *, slope=lambda h: 1 - h**2, each=1 / 5, bias=1):
    rest = 0.0
    for _ in range(1000):
        rest = np.tanh(w * rest + bias * b)
    near = rest + 0.01
    for _ in range(5):
        near = np.tanh(w * near + bias * b)
    return [float(rest), float(w * slope(rest)), float(((near - rest) / 0.01) ** each)]


FADING = Question(
    name="fading",
    points=3,
    section="5 · What tanh is for",
    reference=fading,
    inputs=fading_inputs,
    misconceptions=(
        Misconception(
            "the weight alone predicted",
            variant(fading, slope=lambda h: 1),
            "Your prediction and your measurement are far apart. Which is the larger?",
            "At a rest state of 0.9 the tanh is nearly flat: a small step in the sum hardly "
            "moves it.",
            "You predict w. The tanh shrinks a difference as well, by its slope at the rest state.",
        ),
        Misconception(
            "the slope without the square",
            variant(fading, slope=lambda h: 1 - abs(h)),
            "Your prediction is off, the other two numbers are right.",
            "At h = 0.6 the slope of the tanh is 0.64.",
            "The slope of tanh, written in terms of its own value h, is 1 − h².",
        ),
        Misconception(
            "the slope taken at the rest state instead of its sum",
            variant(fading, slope=lambda h: 1 - np.tanh(h) ** 2),
            "Your prediction is off, the other two numbers are right.",
            "At h = 0.6 the slope of the tanh is 0.64, not 0.71.",
            "You put h through the tanh once more. It is already the value of the tanh.",
        ),
        Misconception(
            "the shrinking of all five steps",
            variant(fading, each=1),
            "Compare your measurement with your prediction: what is the one for, and the other?",
            "If every step halves the distance, five steps leave 1/32. The factor a step is 0.5.",
            "You measured five steps together. Take the fifth root.",
        ),
        Misconception(
            "the mean of five losses",
            lambda w, b: [*fading(w, b)[:2], float(fading(w, b, each=1)[2] / 5)],
            "Compare your measurement with your prediction.",
            "If every step halves the distance, five steps leave 1/32. The factor a step is 0.5.",
            "You divided by five. Factors are multiplied from step to step: take the fifth root.",
        ),
        Misconception(
            "no bias",
            variant(fading, bias=0),
            "Where does your unit come to rest?",
            "With w = 0 the unit rests at tanh(b).",
            "The bias is missing. Without it a unit with a weight below 1 rests at zero.",
        ),
    ),
)

# --- state_portrait ----------------------------------------------------------------------------

STATE_PORTRAIT = Question(
    name="state_portrait",
    points=2,
    rubric=(
        ("A heat map of both readings, one column a word, with a shared symmetric scale.", 1),
        ("Words on the axis, a colour bar, a title each.", 1),
    ),
)

# --- state_words -------------------------------------------------------------------------------

STATE_WORDS = Question(
    name="state_words",
    points=2,
    rubric=(
        ("Says where the two readings agree and where they part, and why there.", 1),
        ("Says what the last state alone can and cannot tell about the sentence.", 1),
    ),
)


QUESTIONS = [
    READ_SENTENCE,
    DIAGNOSE_STATES,
    FAIR_SIZE,
    ORDER_GAP,
    RUN_WITH_RESETS,
    MEMORY_CURVE,
    MEMORY_BEYOND_NOW,
    FADING,
    STATE_PORTRAIT,
    STATE_WORDS,
]
