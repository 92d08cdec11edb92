"""Chapter 2, the hidden state: states by hand, weights counted, order, resets, memory."""

from __future__ import annotations

import numpy as np

from rnncourse.bank import Misconception, Question, variant


def draw_weights(rng, D, H):
    return rng.normal(size=(H, D)), rng.normal(size=(H, H)), 0.5 * rng.normal(size=H)


def run(x, W_xh, W_hh, b_h, *, h=None, activation=np.tanh, add_to_old=False):
    """States of a vanilla RNN: x (T, D) → (T, H)."""
    h = np.zeros(len(b_h)) if h is None else h
    states = []
    for x_t in x:
        h = add_to_old * h + activation(W_xh @ x_t + W_hh @ h + b_h)
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
            "starts at ones",
            lambda *case: read_sentence(*case, h=np.ones(len(case[-1]))),
            "Already your first state is off, the later ones less and less. What came before the "
            "first word?",
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
    ),
)

# --- count_parameters --------------------------------------------------------------------------


def count_inputs(rng):
    return int(rng.integers(2, 50)), int(rng.integers(2, 50)), int(rng.integers(2, 40))


def count_parameters(D, H, T, *, biases=1):
    one = H * D + H * H + biases * H
    return [one, T * one, H * T * D + H]


COUNT_PARAMETERS = Question(
    name="count_parameters",
    points=2,
    reference=count_parameters,
    inputs=count_inputs,
    misconceptions=(
        Misconception(
            "the shared weights counted once a step",
            lambda *sizes: [count_parameters(*sizes)[1], *count_parameters(*sizes)[1:]],
            "Your first two numbers are equal. Should they be?",
            "The sentence gets one word longer. Which new numbers does the RNN have to store?",
            "Using a weight twice does not make it two weights: the RNN's count has no T in it.",
        ),
        Misconception(
            "no bias",
            lambda D, H, T: [H * D + H * H, T * (H * D + H * H), H * T * D],
            "All three are a little too small.",
            "With D = 1, H = 1, T = 1 the RNN has three numbers. Write them down.",
            "Each layer has a bias, too: H numbers.",
        ),
        Misconception(
            "two biases, as torch.nn.RNN has",
            variant(count_parameters, biases=2),
            "The feedforward count is right; the RNN's is a little too large.",
            "With D = 1, H = 1, T = 1 the step h = tanh(w x + u h_prev + b) has three numbers.",
            "torch.nn.RNN keeps two biases that are added up. The step of this chapter has one.",
        ),
        Misconception(
            "W_hh left out",
            lambda D, H, T: [H * D + H, T * (H * D + H), H * T * D + H],
            "The feedforward count is right; the RNN's is too small.",
            "With D = 1 and H = 4 the RNN has 24 numbers. Which 16 are missing in yours?",
            "Each unit also listens to all H units of the step before.",
        ),
        Misconception(
            "a feedforward net that also has W_hh",
            lambda D, H, T: [*count_parameters(D, H, T)[:2], H * T * D + H * H + H],
            "The two recurrent counts are right.",
            "Draw the feedforward net: T·D inputs, one hidden layer. Which arrows end in the H "
            "units?",
            "H·H weights join the units of one step to those of the next. This net has no steps.",
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


ORDER_GAP = Question(
    name="order_gap",
    points=2,
    reference=order_gap,
    inputs=order_inputs,
    uses=("read_sentence",),
    misconceptions=(
        Misconception(
            "the squared distance",
            lambda *case: order_gap(*case) ** 2,
            "Your number is a function of the right one.",
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
            "the state is not carried",
            lambda words, i, j, W_xh, W_hh, b_h: order_gap(words, i, j, W_xh, 0 * W_hh, b_h),
            "Your gap is zero although two words changed places. When could that be?",
            "Neither of the swapped words is the last one. If only the last word counts…",
            "In your loop each state depends on its own word only: h_prev is lost on the way.",
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
    ),
)

# --- run_with_resets ---------------------------------------------------------------------------


def resets_inputs(rng):
    D, H, T = rng.integers(2, 5), rng.integers(2, 6), rng.integers(6, 11)
    starts = np.zeros(T, dtype=np.int64)
    starts[0] = 1
    starts[rng.choice(np.arange(2, T - 1), 2, replace=False)] = 1
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
    reference=run_with_resets,
    inputs=resets_inputs,
    misconceptions=(
        Misconception(
            "never reset",
            lambda x, starts, *weights: run(x, *weights),
            "All is well up to the second sequence. What does its first state know?",
            "With starts = [1, 0, 1, 0], states 1 and 2 must not depend on x at steps 1 and 2 of "
            "the sequence before. Change x[0] and look at states[2].",
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
    ),
)

# --- memory_curve ------------------------------------------------------------------------------


def curve_inputs(rng):
    H, T, max_lag = rng.integers(2, 4), rng.integers(60, 90), int(rng.integers(3, 6))
    u = 1 + rng.normal(size=T)
    W_xh, W_hh, b_h = draw_weights(rng, 1, H)
    h = run(u[:, None], 0.3 * W_xh, W_hh / np.linalg.norm(W_hh, 2), b_h)
    return h, u, max_lag


def r_squared(X, y, intercept=True):
    """Share of the variance of y that a linear read-out of X explains."""
    X = np.c_[X, np.ones(len(X))] if intercept else X
    rest = y - X @ np.linalg.lstsq(X, y, rcond=None)[0]
    return 1 - (rest**2).sum() / ((y - y.mean()) ** 2).sum()


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
            "no intercept",
            variant(memory_curve, intercept=False),
            "Slightly too low everywhere. What could a read-out of h not express?",
            "If u is always near 1 and h near 0, no weights can turn h into u. A constant can.",
            "Add a column of ones to the states, so that the read-out has a bias.",
        ),
        Misconception(
            "the correlation instead of its square",
            lambda *case: np.sqrt(np.clip(memory_curve(*case), 0, None)),
            "Your numbers are a function of the right ones, all too large.",
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
    W_xh, W_hh, b_h = draw_weights(rng, 1, H)
    h = run(u[:, None], 0.3 * W_xh, W_hh / np.linalg.norm(W_hh, 2), b_h)
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
    reference=memory_beyond_now,
    inputs=beyond_inputs,
    misconceptions=(
        Misconception(
            "correlations instead of R²",
            lambda *case: float(np.subtract(*np.sqrt(np.maximum(explained(*case), 0)))),
            "Both parts are functions of the right ones.",
            "A read-out that leaves half of the variance unexplained has R² = 0.5, not 0.71.",
            "R² is the square of the correlation between read-out and truth, for both parts.",
        ),
        Misconception(
            "no baseline",
            lambda *case: explained(*case)[0],
            "Your number is too large. Whose merit is it?",
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
            "A little too large. What does your first read-out look at?",
            "The first R² uses H numbers an hour. Yours uses H + 1.",
            "The state is compared with u, not helped by it.",
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
    COUNT_PARAMETERS,
    ORDER_GAP,
    RUN_WITH_RESETS,
    MEMORY_CURVE,
    MEMORY_BEYOND_NOW,
    STATE_PORTRAIT,
    STATE_WORDS,
]
