"""Chapter 2, the hidden state: states by hand, weights counted, order, resets, memory."""

from __future__ import annotations

import numpy as np

from rnncourse.bank import Misconception, Question


def draw_weights(rng, D, H):
    return rng.normal(size=(H, D)), rng.normal(size=(H, H)), 0.5 * rng.normal(size=H)


def run(x, W_xh, W_hh, b_h, h=None, activation=np.tanh):
    """States of a vanilla RNN: x (T, D) → (T, H)."""
    h = np.zeros(len(b_h)) if h is None else h
    states = []
    for x_t in x:
        h = activation(W_xh @ x_t + W_hh @ h + b_h)
        states.append(h)
    return np.array(states)


# --- read_sentence -----------------------------------------------------------------------------


def sentence_inputs(rng):
    V, H, T = rng.integers(3, 6), rng.integers(2, 6), rng.integers(3, 7)
    return rng.integers(0, V, T), *draw_weights(rng, V, H)


def rows_of(words, W_xh):
    return np.eye(W_xh.shape[1])[words]


def read_sentence(words, W_xh, W_hh, b_h):
    return run(rows_of(words, W_xh), W_xh, W_hh, b_h)


def linear(a):
    return a


def residual(words, W_xh, W_hh, b_h):
    h, states = np.zeros(len(b_h)), []
    for w in words:
        h = h + np.tanh(W_xh[:, w] + W_hh @ h + b_h)
        states.append(h)
    return np.array(states)


READ = (
    Misconception(
        "no memory: every step starts from zeros",
        lambda words, W_xh, W_hh, b_h: np.tanh(W_xh[:, words].T + b_h),
        (
            "Your first state is right. What does your second step know of the first?",
            "Read the sentence 1, 1. Your two states are the same. Should they be?",
            "h_prev stays at zero in your loop. The state a step makes is what the next starts "
            "from.",
        ),
    ),
    Misconception(
        "no tanh",
        lambda words, W_xh, W_hh, b_h: run(rows_of(words, W_xh), W_xh, W_hh, b_h, None, linear),
        (
            "Look at the largest number among your states.",
            "A state of this network can never leave −1 … 1. Some of yours do.",
            "The sum of the two products and the bias still has to go through the activation.",
        ),
    ),
    Misconception(
        "W_hh transposed",
        lambda words, W_xh, W_hh, b_h: run(rows_of(words, W_xh), W_xh, W_hh.T, b_h),
        (
            "Your first state is right, the second is not: what takes part only from then on?",
            "With h_prev = [1, 0] the product W_hh h_prev is the first *column* of W_hh.",
            "You multiply with the transpose of W_hh. For rows it is h @ W_hh.T; for a single "
            "column, W_hh @ h.",
        ),
    ),
    Misconception(
        "no bias",
        lambda words, W_xh, W_hh, b_h: run(rows_of(words, W_xh), W_xh, W_hh, 0 * b_h),
        (
            "Already your first state is off. What enters it?",
            "At the first step h_prev is zero, so h_1 = tanh(W_xh x_1 + something).",
            "One of the four arguments has no influence on your states: b_h.",
        ),
    ),
    Misconception(
        "starts at ones",
        lambda words, W_xh, W_hh, b_h: run(
            rows_of(words, W_xh), W_xh, W_hh, b_h, np.ones(len(b_h))
        ),
        (
            "Already your first state is off, the later ones less and less. What came before "
            "the first word?",
            "Before anything is read the state is h_0, and W_hh h_0 should add nothing.",
            "Your h_0 is full of ones. The course starts from zeros.",
        ),
    ),
    Misconception(
        "the new state is added to the old",
        residual,
        (
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


def count_parameters(D, H, T):
    one = H * D + H * H + H
    return [one, T * one, H * T * D + H]


COUNT = (
    Misconception(
        "the shared weights counted once a step",
        lambda D, H, T: [T * count_parameters(D, H, T)[0], *count_parameters(D, H, T)[1:]],
        (
            "Your first two numbers are equal. Should they be?",
            "The sentence gets one word longer. Which new numbers does the RNN have to store?",
            "Using a weight twice does not make it two weights: the RNN's count has no T in it.",
        ),
    ),
    Misconception(
        "no bias",
        lambda D, H, T: [H * D + H * H, T * (H * D + H * H), H * T * D],
        (
            "All three are a little too small.",
            "With D = 1, H = 1, T = 1 the RNN has three numbers. Write them down.",
            "Each layer has a bias, too: H numbers.",
        ),
    ),
    Misconception(
        "two biases, as torch.nn.RNN has",
        lambda D, H, T: [
            count_parameters(D, H, T)[0] + H,
            T * (count_parameters(D, H, T)[0] + H),
            count_parameters(D, H, T)[2],
        ],
        (
            "The feedforward count is right; the RNN's is a little too large.",
            "With D = 1, H = 1, T = 1 the step h = tanh(w x + u h_prev + b) has three numbers.",
            "torch.nn.RNN keeps two biases that are added up. The step of this chapter has one.",
        ),
    ),
    Misconception(
        "W_hh left out",
        lambda D, H, T: [H * D + H, T * (H * D + H), H * T * D + H],
        (
            "The feedforward count is right; the RNN's is too small.",
            "With D = 1 and H = 4 the RNN has 24 numbers. Which 16 are missing in yours?",
            "Each unit also listens to all H units of the step before.",
        ),
    ),
    Misconception(
        "a feedforward net that also has W_hh",
        lambda D, H, T: [*count_parameters(D, H, T)[:2], H * T * D + H * H + H],
        (
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


def swapped(words, i, j):
    words = np.array(words)
    words[[i, j]] = words[[j, i]]
    return words


def two_readings(words, i, j, *weights):
    return read_sentence(words, *weights), read_sentence(swapped(words, i, j), *weights)


def order_gap(words, i, j, W_xh, W_hh, b_h):
    a, b = two_readings(words, i, j, W_xh, W_hh, b_h)
    return float(np.linalg.norm(a[-1] - b[-1]))


def squared_gap(*arguments):
    return order_gap(*arguments) ** 2


def gap_of_all_states(*arguments):
    a, b = two_readings(*arguments)
    return float(np.linalg.norm(a - b))


def gap_without_memory(words, i, j, W_xh, W_hh, b_h):
    return order_gap(words, i, j, W_xh, 0 * W_hh, b_h)


def gap_of_sums(*arguments):
    a, b = two_readings(*arguments)
    return float(abs(a[-1].sum() - b[-1].sum()))


def gap_to_the_start(words, i, j, *weights):
    a, _ = two_readings(words, i, j, *weights)
    return float(np.linalg.norm(a[-1]))


ORDER = (
    Misconception(
        "the squared distance",
        squared_gap,
        (
            "Your number is a function of the right one.",
            "The distance between the states [0, 0] and [3, 4] is 5.",
            "You sum the squares of the differences; the root is still to be taken.",
        ),
    ),
    Misconception(
        "all states compared, not the last ones",
        gap_of_all_states,
        (
            "Your number is larger than the right one. How many states did you compare?",
            "The question is what the *whole* sentence has left behind: one state of each reading.",
            "You took the distance over all T states. Compare h_T with h_T alone.",
        ),
    ),
    Misconception(
        "the state is not carried",
        gap_without_memory,
        (
            "Your gap is zero although two words changed places. When could that be?",
            "Neither of the swapped words is the last one. If only the last word counts…",
            "In your loop each state depends on its own word only: h_prev is lost on the way.",
        ),
    ),
    Misconception(
        "the difference of two sums",
        gap_of_sums,
        (
            "Can two different states have the gap zero in your version?",
            "The states [1, −1] and [−1, 1] are far apart, but both sum to zero.",
            "You add the units up before you compare. Take differences unit by unit first.",
        ),
    ),
    Misconception(
        "the second reading is missing",
        gap_to_the_start,
        (
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


def run_with_resets(x, starts, W_xh, W_hh, b_h):
    h, states = np.zeros(len(b_h)), []
    for x_t, new in zip(x, starts, strict=True):
        h = np.tanh(W_xh @ x_t + W_hh @ (0 * h if new else h) + b_h)
        states.append(h)
    return np.array(states)


def zero_at_the_start(x, starts, W_xh, W_hh, b_h):
    h, states = np.zeros(len(b_h)), []
    for x_t, new in zip(x, starts, strict=True):
        h = 0 * h if new else np.tanh(W_xh @ x_t + W_hh @ h + b_h)
        states.append(h)
    return np.array(states)


def one_step_late(x, starts, *weights):
    return run_with_resets(x, np.r_[1, starts[:-1]], *weights)


def first_state_again(x, starts, W_xh, W_hh, b_h):
    h, states = np.zeros(len(b_h)), []
    for x_t, new in zip(x, starts, strict=True):
        if new and states:
            h = states[0]
        h = np.tanh(W_xh @ x_t + W_hh @ h + b_h)
        states.append(h)
    return np.array(states)


RESETS = (
    Misconception(
        "never reset",
        lambda x, starts, W_xh, W_hh, b_h: run(x, W_xh, W_hh, b_h),
        (
            "All is well up to the second sequence. What does its first state know?",
            "With starts = [1, 0, 1, 0], states 1 and 2 must not depend on x at steps 1 and 2 of "
            "the sequence before. Change x[0] and look at states[2].",
            "The state leaks from one sequence into the next: starts has no influence.",
        ),
    ),
    Misconception(
        "reset at every step",
        lambda x, starts, W_xh, W_hh, b_h: np.tanh(x @ W_xh.T + b_h),
        (
            "The first state of each sequence is right, the others are not.",
            "With starts = [1, 0, 1, 0], states[1] must depend on x[0], but not states[2].",
            "You start from zeros at every step, not only where starts is 1.",
        ),
    ),
    Misconception(
        "the state is zero where a sequence starts",
        zero_at_the_start,
        (
            "Look at your first state: is there anything of x[0] in it?",
            "A sequence of length one has one state, tanh(W_xh x + b_h). Yours is zero.",
            "The state *before* the first step is zero. The step itself is still taken.",
        ),
    ),
    Misconception(
        "reset one step late",
        one_step_late,
        (
            "The second sequence begins wrongly. At which step do you reset?",
            "With starts = [1, 0, 1], states[2] must not depend on x[0] and x[1].",
            "You reset after the first step of a sequence: its first word still meets the old "
            "state.",
        ),
    ),
    Misconception(
        "back to the first state instead of zeros",
        first_state_again,
        (
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


def memory_curve(h, u, max_lag):
    T = len(u)
    return np.array([r_squared(h[max_lag:], u[max_lag - k : T - k]) for k in range(max_lag + 1)])


def curve_of_future(h, u, max_lag):
    T = len(u)
    return np.array([r_squared(h[: T - max_lag], u[k : T - max_lag + k])
                     for k in range(max_lag + 1)])


def curve_one_late(h, u, max_lag):
    T = len(u)
    lags = range(max_lag + 1)
    return np.array([r_squared(h[max_lag + 1 :], u[max_lag - k : T - 1 - k]) for k in lags])


def curve_of_all_steps(h, u, max_lag):
    T = len(u)
    return np.array([r_squared(h[k:], u[: T - k]) for k in range(max_lag + 1)])


def curve_without_intercept(h, u, max_lag):
    T, lags = len(u), range(max_lag + 1)
    return np.array([r_squared(h[max_lag:], u[max_lag - k : T - k], False) for k in lags])


def curve_of_squared_errors(h, u, max_lag):
    T = len(u)
    variance = [u[max_lag - k : T - k].var() for k in range(max_lag + 1)]
    return (1 - memory_curve(h, u, max_lag)) * variance


CURVE = (
    Misconception(
        "the future instead of the past",
        curve_of_future,
        (
            "At lag 0 you are nearly right, beyond it nearly nothing is explained.",
            "For lag 2 the state h[5] is asked about u[3]. Which input do you pair it with?",
            "You pair h[t] with u[t + k], which it has not seen. Memory looks back: u[t − k].",
        ),
    ),
    Misconception(
        "one lag too far",
        curve_one_late,
        (
            "Your curve has the right form, in the wrong place.",
            "At lag 0 the state h[5] is asked about u[5], the input it has just read.",
            "All your lags are one too large: h[t] already contains u[t].",
        ),
    ),
    Misconception(
        "other steps for other lags",
        curve_of_all_steps,
        (
            "Very close: the last value is right, the others are not quite.",
            "With max_lag = 5, which steps t take part at lag 0? And at lag 5?",
            "You use all steps that a lag allows. To be compared, all lags need the same states: "
            "those from t = max_lag on.",
        ),
    ),
    Misconception(
        "no intercept",
        curve_without_intercept,
        (
            "Slightly too low everywhere. What could a read-out of h not express?",
            "If u is always near 1 and h near 0, no weights can turn h into u. A constant can.",
            "Add a column of ones to the states, so that the read-out has a bias.",
        ),
    ),
    Misconception(
        "the correlation instead of its square",
        lambda h, u, max_lag: np.sqrt(np.clip(memory_curve(h, u, max_lag), 0, None)),
        (
            "Your numbers are a function of the right ones, all too large.",
            "A read-out that leaves half of the variance unexplained has R² = 0.5, not 0.71.",
            "R² is the *square* of the correlation between read-out and input.",
        ),
    ),
    Misconception(
        "the mean squared error",
        curve_of_squared_errors,
        (
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


def lagged(h, u, k):
    return h[k:], u[k:], u[: len(u) - k]


def memory_beyond_now(h, u, k):
    states, now, past = lagged(h, u, k)
    return float(r_squared(states, past) - r_squared(now[:, None], past))


def memory_without_baseline(h, u, k):
    states, _, past = lagged(h, u, k)
    return float(r_squared(states, past))


def baseline_alone(h, u, k):
    _, now, past = lagged(h, u, k)
    return float(r_squared(now[:, None], past))


def baseline_with_state(h, u, k):
    states, now, past = lagged(h, u, k)
    return float(r_squared(np.c_[states, now], past) - r_squared(now[:, None], past))


def root(value):
    return float(np.sqrt(max(value, 0)))


BEYOND = (
    Misconception(
        "correlations instead of R²",
        lambda h, u, k: root(memory_without_baseline(h, u, k)) - root(baseline_alone(h, u, k)),
        (
            "Both parts are functions of the right ones.",
            "A read-out that leaves half of the variance unexplained has R² = 0.5, not 0.71.",
            "R² is the square of the correlation between read-out and truth, for both parts.",
        ),
    ),
    Misconception(
        "no baseline",
        memory_without_baseline,
        (
            "Your number is too large. Whose merit is it?",
            "If u is the same every hour, any state 'remembers' yesterday perfectly.",
            "You return the R² of the state alone. What the present load tells on its own is "
            "still to be taken away.",
        ),
    ),
    Misconception(
        "the baseline alone",
        baseline_alone,
        (
            "Does your answer change if the states change?",
            "A state that is all zeros explains nothing: then the answer is at most zero.",
            "You return what u now tells about u then. The states are missing.",
        ),
    ),
    Misconception(
        "the difference the other way round",
        lambda h, u, k: -memory_beyond_now(h, u, k),
        (
            "The size is right. Look at the sign.",
            "A state that remembers more than the present load should get a positive number.",
            "Take the baseline's R² from the state's, not the state's from the baseline's.",
        ),
    ),
    Misconception(
        "the quotient",
        lambda h, u, k: memory_without_baseline(h, u, k) / baseline_alone(h, u, k),
        (
            "Two right numbers, joined in another way than asked.",
            "State 0.9, baseline 0.6: the answer is 0.3.",
            "You divide. The question asks by how much, not by what factor.",
        ),
    ),
    Misconception(
        "the present load given to the state as well",
        baseline_with_state,
        (
            "A little too large. What does your first read-out look at?",
            "The first R² uses H numbers an hour. Yours uses H + 1.",
            "The state is compared with u, not helped by it.",
        ),
    ),
)

QUESTIONS = [
    Question("read_sentence", 2, read_sentence, sentence_inputs, READ),
    Question("count_parameters", 2, count_parameters, count_inputs, COUNT),
    Question("order_gap", 2, order_gap, order_inputs, ORDER, uses=("read_sentence",)),
    Question("run_with_resets", 3, run_with_resets, resets_inputs, RESETS),
    Question("memory_curve", 4, memory_curve, curve_inputs, CURVE),
    Question("memory_beyond_now", 3, memory_beyond_now, beyond_inputs, BEYOND),
    Question(
        "state_portrait",
        2,
        rubric=(
            ("A heat map of both readings, one column a word, with a shared symmetric scale.", 1),
            ("Words on the axis, a colour bar, a title each.", 1),
        ),
    ),
    Question(
        "state_words",
        2,
        rubric=(
            ("Says where the two readings agree and where they part, and why there.", 1),
            ("Says what the last state alone can and cannot tell about the sentence.", 1),
        ),
    ),
]
