"""Chapter 4, back-propagation through time: by pencil, checked, mended, cut, leaky, put to use."""

from __future__ import annotations

import functools

import numpy as np

from rnncourse.bank import Misconception, Question, variant
from rnncourse.cells import RNNCell, softmax, unroll
from rnncourse.data import load_japanese_vowels

# --- gradient_gaps: write the gradient check, and use it -------------------------------------


def last_state_loss(x, y, h_0, W_xh, W_hh, b_h):
    """½ Σ (h_T − y)²."""
    h = h_0
    for x_t in x:
        h = np.tanh(x_t @ W_xh.T + h @ W_hh.T + b_h)
    return 0.5 * ((h - y) ** 2).sum()


def loss_at_every_step(x, y, h_0, *params):
    return sum(last_state_loss(x[: t + 1], y, h_0, *params) for t in range(len(x)))


def numerical(x, y, h_0, *params, eps=1e-5, loss=last_state_loss):
    """Central differences of `last_state_loss` for each of the three parameters."""
    found = []
    for number, param in enumerate(params):
        grad = np.zeros_like(param)
        for index in np.ndindex(param.shape):
            ends = []
            for by in (eps, -eps):
                moved = [array.copy() for array in params]
                moved[number][index] += by
                ends.append(loss(x, y, h_0, *moved))
            grad[index] = (ends[0] - ends[1]) / (2 * eps)
        found.append(grad)
    return found


def sign_turned(grad, rng):
    grad[np.unravel_index(abs(grad).argmax(), grad.shape)] *= -1
    return grad


def rows_exchanged(grad, rng):
    """The first row and the last: the same numbers, sums and lengths."""
    grad[[0, -1]] = grad[[-1, 0]]
    return grad


def off_by_two_percent(grad, rng):
    """Every entry but the first: 2 % too large."""
    grad.flat[1:] *= 1.02
    return grad


def doubled(grad, rng):
    return 2 * grad


def nudged(grad, rng):
    """As good as a gradient in float64 can be: right."""
    return grad * (1 + 1e-9 * rng.standard_normal(grad.shape))


FAULTS = (sign_turned, rows_exchanged, off_by_two_percent, doubled)


def gradients_case(rng):
    """Gradients by finite differences, none to three of them spoiled; small in some cases."""
    T, B, D, H = (int(n) for n in rng.integers(2, 5, 4))
    x, h_0 = rng.standard_normal((T, B, D)), 0.5 * rng.standard_normal((B, H))
    params = [rng.standard_normal(shape) for shape in ((H, D), (H, H), (H,))]
    h = h_0
    for x_t in x:
        h = np.tanh(x_t @ params[0].T + h @ params[1].T + params[2])
    y = h + rng.choice([1e-3, 1.0]) * rng.standard_normal((B, H))
    ways = [rng.choice([nudged, *FAULTS], p=[0.4, *[0.15] * 4]) for _ in params]
    given = [way(grad, rng) for way, grad in zip(ways, numerical(x, y, h_0, *params), strict=True)]
    return x, y, h_0, *params, *given


def gap(given, grad):
    return abs(given - grad).max() / abs(grad).max()


def gradient_gaps(
    x, y, h_0, W_xh, W_hh, b_h, dW_xh, dW_hh, db_h, *, gap=gap, numerical=numerical
):  # fmt: skip
    """How far each given gradient is from the numerical one, and the ways not to see it."""
    found = numerical(x, y, h_0, W_xh, W_hh, b_h)
    given = (dW_xh, dW_hh, db_h)
    return np.array([gap(one, other) for one, other in zip(given, found, strict=True)])


def all_moved_at_once(x, y, h_0, *params, eps=1e-5):
    """One difference for a whole parameter, every entry of it moved together."""
    found = []
    for number, param in enumerate(params):
        ends = [
            last_state_loss(x, y, h_0, *params[:number], param + by, *params[number + 1 :])
            for by in (eps, -eps)
        ]
        found.append(np.full_like(param, (ends[0] - ends[1]) / (2 * eps)))
    return found


def forward_differences(x, y, h_0, *params, eps=1e-5):
    here, found = last_state_loss(x, y, h_0, *params), []
    for number, param in enumerate(params):
        grad = np.zeros_like(param)
        for index in np.ndindex(param.shape):
            moved = [array.copy() for array in params]
            moved[number][index] += eps
            grad[index] = (last_state_loss(x, y, h_0, *moved) - here) / eps
        found.append(grad)
    return found


GRADIENT_GAPS = Question(
    name="gradient_gaps",
    points=3,
    keeps=True,
    section="5 · Three gradients, one answer",
    reference=gradient_gaps,
    inputs=gradients_case,
    cases=12,
    misconceptions=(
        Misconception(
            "the difference itself",
            variant(gradient_gaps, gap=lambda one, other: abs(one - other).max()),
            "Your numbers are small where the gradients are small, and large where they are large.",
            "Where all entries are near 0.0001, a gradient twice as large is off by 0.0001: a gap "
            "of 1.",
            "You return the largest difference. It is to be measured by the largest entry of the "
            "numerical gradient.",
        ),
        Misconception(
            "signs not looked at",
            variant(gradient_gaps, gap=lambda one, other: gap(abs(one), abs(other))),
            "You miss some faults. Which ones leave the size of every entry as it is?",
            "Is [1, −2] the same gradient as [1, 2]?",
            "You compare absolute values. Subtract first, then take the absolute value.",
        ),
        Misconception(
            "lengths compared",
            variant(
                gradient_gaps,
                gap=lambda one, other: abs(np.linalg.norm(one) / np.linalg.norm(other) - 1),
            ),
            "You miss some faults. Which ones leave the length as it is?",
            "[3, 4] and [4, 3] have the same length. Is one right if the other is?",
            "You compare two lengths. Two gradients are equal when they are in every entry.",
        ),
        Misconception(
            "sums compared",
            variant(
                gradient_gaps,
                gap=lambda one, other: abs(one.sum() - other.sum()) / abs(other).max(),
            ),
            "You miss some faults. Which ones leave the sum of all entries as it is?",
            "[3, 4] and [4, 3] have the same sum. Is one right if the other is?",
            "You compare two sums. Two gradients are equal when they are in every entry.",
        ),
        Misconception(
            "the first entry only",
            variant(
                gradient_gaps,
                gap=lambda one, other: abs(one.flat[0] - other.flat[0]) / abs(other).max(),
            ),
            "You miss some faults. How many entries of each array do you look at?",
            "[1, 5] and [1, 4] agree in the first entry.",
            "You check one entry of each array. Go through all of them, with np.ndindex, say.",
        ),
        Misconception(
            "the mean, not the largest",
            variant(
                gradient_gaps, gap=lambda one, other: abs(one - other).mean() / abs(other).max()
            ),
            "Your gaps are too small. What happens to one wrong entry among a thousand?",
            "Given [1, 1, 1, 5], numerical [1, 1, 1, 1]: the gap is 4, not 1.",
            "You average over the entries, and the mean hides a single wrong one. Take the "
            "largest difference.",
        ),
        Misconception(
            "a step forward only",
            variant(gradient_gaps, numerical=forward_differences),
            "A right gradient's gap should be near nothing, and yours is larger. How exact is your "
            "numerical gradient?",
            "For L = w² at w = 3 with eps = 0.1: (3.1² − 3²) / 0.1 = 6.1, but (3.1² − 2.9²) / 0.2 "
            "= 6.0.",
            "You compare w + eps with w. The central difference compares w + eps with w − eps.",
        ),
        Misconception(
            "all entries moved at once",
            variant(gradient_gaps, numerical=all_moved_at_once),
            "Your numerical gradient: are all its entries alike?",
            "For L = 5 w₀ + w₁ the gradient is [5, 1]. What do you get if both move together?",
            "You move a whole parameter at once. Move one entry, put it back, go on to the next.",
        ),
        Misconception(
            "the start forgotten",
            lambda x, y, h_0, *rest: gradient_gaps(x, y, 0 * h_0, *rest),
            "You find faults where none are. Is it the same loss?",
            "With T = 1 the first state depends on h_0. In yours?",
            "Your forward pass starts from zeros. It has to start from h_0.",
        ),
        Misconception(
            "each entry measured by itself",
            variant(gradient_gaps, gap=lambda one, other: (abs(one - other) / abs(other)).max()),
            "Some gaps are far too large. Which entry makes them: a large one, or one near zero?",
            "Given [1, 0.002], right [1, 0.001]: the difference is 0.001, the largest entry 1, "
            "the gap 0.001. Yours is 1.",
            "You divide each difference by its own entry, which may be tiny. Divide the largest "
            "difference by the largest entry.",
        ),
        Misconception(
            "a share of the given gradient",
            variant(gradient_gaps, gap=lambda one, other: abs(one - other).max() / abs(one).max()),
            "By the largest entry of which gradient do you divide?",
            "A given gradient twice as large as the right one has the gap 1. By its own size it "
            "would be ½.",
            "You divide by the largest entry of the gradient that was handed to you. The measure "
            "is your own, the numerical one.",
        ),
        Misconception(
            "differences with their sign",
            variant(gradient_gaps, gap=lambda one, other: (one - other).max() / abs(other).max()),
            "Can your gap be negative, or miss an entry that is too small?",
            "Given [1, −3], right [1, 3]: the largest difference in size is 6. Yours is 0.",
            "You look for the largest difference, sign and all. Take absolute values first.",
        ),
        Misconception(
            "a loss at every step",
            variant(gradient_gaps, numerical=variant(numerical, loss=loss_at_every_step)),
            "None of your gaps is near zero, not even for gradients that are right. Is your loss "
            "the one of the question?",
            "With T = 1 your answer is right.",
            "You add a loss at every step. Here only the last state is compared with y.",
        ),
        Misconception(
            "the mean over the sequences",
            variant(
                gradient_gaps,
                numerical=variant(
                    numerical, loss=lambda *case: last_state_loss(*case) / case[1].shape[0]
                ),
            ),
            "None of your gaps is near zero, not even for gradients that are right. Is your loss "
            "the one of the question?",
            "With one sequence in the batch your answer is right.",
            "You average over the sequences. The loss is summed over sequences and units.",
        ),
    ),
)

# --- bptt: all steps; handed out with two faults, to be mended ---------------------------------


def sequence_case(rng):
    T = int(rng.integers(3, 9))
    B, H = rng.integers(2, 5, size=2)
    h = np.tanh(rng.standard_normal((T, B, H)))
    h_0 = np.tanh(rng.standard_normal((B, H)))
    return rng.standard_normal((T, B, H)), h, h_0, rng.standard_normal((H, H))


def bptt(
    dh, h, h_0, W_hh, *,
    through_time=True, own_loss=True, new_partner=False, slope=True, slope_on_the_way=True,
    forwards=False, cut=None, shift=0, slope_before=False,
):  # fmt: skip
    """dL/dW_hh of an RNN with start h_0 and states h (T, B, H), and the ways to get it wrong."""
    partner = h if new_partner else [h_0, *h[:-1]]
    total, from_future = np.zeros_like(W_hh), np.zeros_like(h[0])
    for t in range(len(h)) if forwards else reversed(range(len(h))):
        dh_t = from_future + (dh[t] if own_loss or t == len(h) - 1 else 0)
        state = [h_0, *h[:-1]][t] if slope_before else h[t]
        da = dh_t * ((1 - state**2) if slope else 1)
        total += da.T @ partner[t]
        from_future = (da if slope_on_the_way else dh_t) @ W_hh
        if not through_time or (cut and (t + shift) % cut == 0):
            from_future = np.zeros_like(from_future)
    return total


BPTT = Question(
    name="bptt",
    points=3,
    section="4 · From the formulas to the code",
    reference=bptt,
    inputs=sequence_case,
    misconceptions=(
        Misconception(
            "shares overwritten, not added up",
            lambda dh, h, h_0, W_hh: bptt(dh, h, h_0, W_hh) - bptt(dh, h, 0 * h_0, W_hh),
            "What does your gradient hold after the second turn of the loop?",
            "With three steps, print the share of each. Is their sum what you return?",
            "You assign each step's share instead of adding it up.",
        ),
        Misconception(
            "not through time",
            variant(bptt, through_time=False),
            "Each step counts, but does a step hear of later losses?",
            "With a loss only at the last step, step 1 should still get a gradient.",
            "Nothing travels back: add what the next step sends to this step's own dh.",
        ),
        Misconception(
            "a step's own loss forgotten",
            variant(bptt, own_loss=False),
            "The last step is right. What about losses before it?",
            "You are right when dh is zero before the last step. Set dh[0] alone instead.",
            "Each state's gradient is the sum of its own dh[t] and what comes from the future; "
            "you dropped the first after the last step.",
        ),
        Misconception(
            "the new state as the partner of da",
            variant(bptt, new_partner=True),
            "Suppose T = 1 and h_0 = 0: then W_hh multiplies zero. Is your gradient zero?",
            "Step t computes h[t] from h[t − 1], and step 0 from h_0.",
            "You paired da[t] with h[t]; the weight was multiplied by the state before.",
        ),
        Misconception(
            "slope forgotten",
            variant(bptt, slope=False),
            "Something is missing at every step. What lies between dh and da?",
            "A saturated unit, h = ±1, should pass nothing back.",
            "The slope of tanh, 1 − h², is missing.",
        ),
        Misconception(
            "transposed",
            lambda *case: bptt(*case).T,
            "The right numbers, in the wrong places: compare entry (0, 1) of yours with entry (1,"
            " 0) of what is expected.",
            "Entry (i, j) is the weight from unit j into unit i: da goes along the rows.",
            "You computed h.T @ da. Turn the product round.",
        ),
        Misconception(
            "as it was handed out",
            lambda dh, h, h_0, W_hh: bptt(dh, h, h[-1], W_hh, slope_on_the_way=False),
            "Nothing has been mended yet: there are two faults. Which steps are right?",
            "With T = 1 and h_0 = 0 the answer is zero. Is it, in yours?",
            "Both faults are still in it. One is in the state before the first step, the other in "
            "what is sent to the step before.",
        ),
        Misconception(
            "wraps round to the last state",
            lambda dh, h, h_0, W_hh: bptt(dh, h, h[-1], W_hh),
            "All steps are right but one. Which state stands before step 0?",
            "In Python, h[t − 1] at t = 0 is h[−1]. Which state is that?",
            "At t = 0 your index wraps round to the last state. The state before step 0 is h_0.",
        ),
        Misconception(
            "first step left out",
            lambda dh, h, h_0, W_hh: bptt(dh, h, 0 * h_0, W_hh),
            "All steps are right but one, which adds nothing in yours.",
            "With T = 1 the answer is da[0].T @ h_0. What is yours?",
            "Step 0 has a share as well: its state before is h_0, which need not be zero.",
        ),
        Misconception(
            "travels without the slope",
            variant(bptt, slope_on_the_way=False),
            "The last step is right. What exactly do you send to the one before?",
            "A saturated unit, h = ±1, passes nothing back to the step before either.",
            "You send the gradient of h[t] through W_hh. It is da, behind the slope, that goes "
            "through.",
        ),
        Misconception(
            "walks forwards",
            variant(bptt, forwards=True),
            "In which direction does a gradient travel?",
            "Let only dh[0] be different from zero: no step after step 0 may get anything.",
            "Your loop runs from the first step to the last. The way back begins at the last.",
        ),
        Misconception(
            "W_hh transposed where it must not be",
            lambda dh, h, h_0, W_hh: bptt(dh, h, h_0, W_hh.T),
            "The last step is right. What happens on the way to the one before?",
            "Forward: h_prev @ W_hh.T. Backward, the product turns round.",
            "You multiplied by W_hh.T again. In this row notation the way back has the "
            "untransposed matrix.",
        ),
        Misconception(
            "the slope of the state before",
            variant(bptt, slope_before=True),
            "Which state has come out of the tanh of step t?",
            "T = 1, h_0 = 0.5, h[0] = ±1, dh[0] = 1: the tanh is flat there, so the gradient is "
            "zero. Yours is 0.375.",
            "You took 1 − h[t − 1]². The slope of step t is written in its own output: 1 − h[t]².",
        ),
    ),
)

# --- truncated_w_hh ----------------------------------------------------------------------------


def truncated_case(rng):
    """Among sixteen cases some with windows of one step, some with one window for all steps."""
    dh, h, h_0, W_hh = sequence_case(rng)
    T = len(h)
    k = rng.choice([1, rng.integers(2, T), T, T + 3], p=[0.2, 0.5, 0.15, 0.15])
    return dh, h, h_0, W_hh, int(k)


def truncated_w_hh(dh, h, h_0, W_hh, k, *, shift=0):
    return bptt(dh, h, h_0, W_hh, cut=k, shift=shift)


def only_last_window(dh, h, *rest):
    *_, k = rest
    dh = dh.copy()
    dh[: (len(h) - 1) // k * k] = 0
    return truncated_w_hh(dh, h, *rest)


def each_loss_k_steps(dh, h, h_0, W_hh, k):
    """A window of its own for each loss: it walks back through k steps, wherever it stands."""
    total = np.zeros_like(W_hh)
    for t in range(len(h)):
        start = max(t - k + 1, 0)
        own = np.zeros_like(h[start : t + 1])
        own[-1] = dh[t]
        total += bptt(own, h[start : t + 1], h[start - 1] if start else h_0, W_hh)
    return total


def short_window_dropped(dh, h, h_0, W_hh, k):
    """Only windows of k steps; what is left over at the end is not counted."""
    T = len(h) // k * k
    return truncated_w_hh(dh[:T], h[:T], h_0, W_hh, k)


def first_window_only(dh, h, h_0, W_hh, k):
    return bptt(dh[:k], h[:k], h_0, W_hh)


def mean_of_windows(dh, h, h_0, W_hh, k):
    return truncated_w_hh(dh, h, h_0, W_hh, k) / len(range(0, len(h), k))


def so_many_windows(dh, h, h_0, W_hh, k):
    """k windows of nearly equal length, in place of windows of k steps."""
    total = 0
    for steps in np.array_split(np.arange(len(h)), k):
        if steps.size:
            before = h[steps[0] - 1] if steps[0] else h_0
            total = total + bptt(dh[steps], h[steps], before, W_hh)
    return total


def state_cut_too(dh, h, h_0, W_hh, k):
    """The state before each window is taken for h_0, as if the text began anew."""
    windows = [slice(start, start + k) for start in range(0, len(h), k)]
    return sum(bptt(dh[window], h[window], h_0, W_hh) for window in windows)


def zeros_before_each(dh, h, h_0, W_hh, k):
    windows = [slice(start, start + k) for start in range(0, len(h), k)]
    return sum(
        bptt(dh[window], h[window], h_0 if window.start == 0 else 0 * h_0, W_hh)
        for window in windows
    )


TRUNCATED_W_HH = Question(
    name="truncated_w_hh",
    points=2,
    section="6 · Cutting it short",
    reference=truncated_w_hh,
    inputs=truncated_case,
    cases=16,
    uses=("bptt",),
    misconceptions=(
        Misconception(
            "not truncated",
            lambda *case: bptt(*case[:-1]),
            "This is the full gradient. Where should it be cut?",
            "With k = 1, no gradient passes from any step to the one before.",
            "Your k has no effect: at each step whose number is a multiple of k, stop what would "
            "travel further back.",
        ),
        Misconception(
            "windows counted from the end",
            lambda *case: truncated_w_hh(*case, shift=-len(case[0])),
            "The windows have the right length. Where does the first one begin?",
            "T = 5, k = 2: the windows are steps 0–1, 2–3 and 4.",
            "You count from the end of the sequence. Windows are counted from its start.",
        ),
        Misconception(
            "the last window only",
            only_last_window,
            "Do all the losses count?",
            "With T = 4 and k = 2 there are two windows, each with a gradient of its own.",
            "You return the last window's gradient. Truncation cuts paths between windows, it "
            "does not drop windows.",
        ),
        Misconception(
            "the first window only",
            first_window_only,
            "Do all the losses count?",
            "With T = 4 and k = 2 there are two windows, each with a gradient of its own.",
            "You return the first window's gradient. All windows' gradients are added.",
        ),
        Misconception(
            "the mean over the windows",
            mean_of_windows,
            "With one window you are right. And with two?",
            "The loss of a sequence is the sum of the losses of its steps, in whatever window.",
            "You divide by the number of windows. Their gradients are added, as steps' shares are.",
        ),
        Misconception(
            "k windows",
            so_many_windows,
            "How long are your windows? Print their steps for T = 6 and k = 2.",
            "T = 6, k = 2: the windows are steps 0–1, 2–3 and 4–5.",
            "You cut the sequence into k windows. k is the length of a window.",
        ),
        Misconception(
            "the state cut, too",
            state_cut_too,
            "Compare the first step of the second window: which state does W_hh multiply?",
            "The state runs on across the cut; only the gradient stops.",
            "You began each window with h_0. It begins with the last state of the window before.",
        ),
        Misconception(
            "the short window dropped",
            short_window_dropped,
            "You are right whenever k divides the number of steps.",
            "T = 5, k = 2: the windows are steps 0–1, 2–3 and 4.",
            "The last, shorter window is missing. Its losses count like all the others.",
        ),
        Misconception(
            "cut one step early",
            variant(truncated_w_hh, shift=1),
            "The windows have the right length, but for the first.",
            "k = 2: steps 0 and 1 belong together, so a gradient passes from step 1 to step 0.",
            "You cut before steps k − 1, 2k − 1 and so on. Steps are counted from 0: the cuts lie "
            "before k, 2k and so on.",
        ),
        Misconception(
            "a window of its own for each loss",
            each_loss_k_steps,
            "How far back does the first loss of the second window reach?",
            "k = 2, windows 0–1 and 2–3: the loss of step 2 reaches step 2 only.",
            "You let each loss walk back k steps. The cuts stand still: no gradient crosses them, "
            "however near the loss is.",
        ),
        Misconception(
            "zeros before each window",
            zeros_before_each,
            "Compare the first step of the second window: which state does W_hh multiply?",
            "The state runs on across the cut; only the gradient stops.",
            "You began each later window with zeros. It begins with the last state of the window "
            "before.",
        ),
    ),
)

# --- pairs_kept: predict a number ---------------------------------------------------------------


def windows_case(rng):
    """Half of the cases have a short window at the end, in the others k divides T."""
    k = int(rng.integers(1, 8))
    rest = rng.integers(0, k) if rng.random() < 0.8 else 0
    return int(k * rng.integers(1, 6) + rest), k


def pairs_kept(T, k, *, own=True, short_too=True):
    """How many pairs (loss, step) lie within a window, of T (T + 1) / 2."""
    sizes = [k] * (T // k) + ([T % k] if short_too else [])
    return sum(n * (n + 1) // 2 if own else n * (n - 1) // 2 for n in sizes)


def within_reach(T, k):
    """Each loss with the k latest steps, wherever it stands."""
    return sum(min(t, k) for t in range(1, T + 1))


PAIRS_KEPT = Question(
    name="pairs_kept",
    points=1,
    section="6 · Cutting it short",
    reference=pairs_kept,
    inputs=windows_case,
    misconceptions=(
        Misconception(
            "a step's own loss forgotten",
            variant(pairs_kept, own=False),
            "Does a loss ask its own step?",
            "T = 2, k = 1: two pairs, (1, 1) and (2, 2).",
            "You count only pairs with s < t. A loss asks its own step, too.",
        ),
        Misconception(
            "the short window dropped",
            variant(pairs_kept, short_too=False),
            "You are right whenever k divides T.",
            "T = 3, k = 2: the windows are steps 1–2 and 3, with three pairs and one.",
            "The last, shorter window is missing.",
        ),
        Misconception(
            "each loss reaches back k steps",
            within_reach,
            "How far back does the first loss of the second window reach?",
            "T = 4, k = 2: the loss of step 3 asks step 3 only, for a cut lies before it.",
            "You let every loss reach back k steps. The cuts stand still: no gradient crosses one.",
        ),
        Misconception(
            "nothing lost",
            lambda T, k: T * (T + 1) // 2,
            "That is the number without cuts. Where does k enter?",
            "T = 4, k = 2: of ten pairs six are left.",
            "You count all pairs. Only those within one window are left.",
        ),
        Misconception(
            "a square for each window",
            lambda T, k: T // k * k * k + (T % k) ** 2,
            "Does a loss ask steps that come after it?",
            "One window of two steps: (1, 1), (2, 1), (2, 2), so three, not four.",
            "You count k² pairs a window. A loss asks its own step and those before it.",
        ),
        Misconception(
            "the short window taken for a whole one",
            lambda T, k: -(-T // k) * k * (k + 1) // 2,
            "How many steps has your last window?",
            "T = 3, k = 2: the windows are steps 1–2 and 3, with three pairs and one: 4. You get "
            "6.",
            "You count the last, shorter window as one of k steps.",
        ),
        Misconception(
            "k pairs for each loss",
            lambda T, k: T * k,
            "How many steps does the first loss of a window ask?",
            "T = 2, k = 2: loss 1 asks step 1, loss 2 asks steps 1 and 2: three pairs, not four.",
            "You give every loss k steps. Within a window the first loss has one, the second two,"
            " and so on.",
        ),
    ),
)

# --- leaky_step_backward: a cell nobody has shown you ------------------------------------------


def leaky_case(rng):
    B, D, H = rng.integers(2, 6, size=3)
    arrays = [rng.standard_normal(shape) for shape in ((B, H), (B, D), (B, H), (H, D), (H, H))]
    return *arrays, float(rng.uniform(0.2, 0.8))


def leaky_step_backward(
    dh_t, x_t, h_prev, W_xh, W_hh, alpha, *,
    leak=True, share=True, slope=lambda n, h_t: 1 - n**2, transposed=False, whole=False,
):  # fmt: skip
    """dL/dh_prev and dL/dW_hh, and the ways to get them wrong."""
    n = np.tanh(x_t @ W_xh.T + h_prev @ W_hh.T)
    h_t = (1 - alpha) * h_prev + alpha * n
    da = dh_t * slope(n, h_t) * (alpha if share else 1)
    through_tanh = da @ (W_hh.T if transposed else W_hh)
    kept = 1 if whole else 1 - alpha
    return through_tanh + (kept * dh_t if leak else 0), da.T @ h_prev


LEAKY_STEP_BACKWARD = Question(
    name="leaky_step_backward",
    points=3,
    section="4 · From the formulas to the code",
    reference=leaky_step_backward,
    inputs=leaky_case,
    misconceptions=(
        Misconception(
            "the leak forgotten",
            variant(leaky_step_backward, leak=False),
            "The gradient of W_hh is right. By how many paths does h_prev reach h_t?",
            "Set W_hh = 0: h_t still depends on h_prev. Does your gradient?",
            "You followed the path through the tanh and forgot the direct one, (1 − α) h_prev.",
        ),
        Misconception(
            "α forgotten",
            variant(leaky_step_backward, share=False),
            "By what is n multiplied in the line of h_t? The path through the tanh carries that "
            "factor.",
            "If α is tiny, the tanh hardly matters to h_t, nor to the gradient.",
            "You left out the factor α in front of the tanh.",
        ),
        Misconception(
            "slope of the mixture",
            variant(leaky_step_backward, slope=lambda n, h_t: 1 - h_t**2),
            "Which quantity is the output of the tanh: n or h_t? The slope is written in that one.",
            "h_t is a mixture; the tanh's own output is n = tanh(a).",
            "You took 1 − h_t². The slope belongs to n, not to the mixture.",
        ),
        Misconception(
            "α and 1 − α exchanged",
            lambda *case: leaky_step_backward(*case[:-1], 1 - case[-1]),
            "By what is the direct path from h_prev multiplied, and by what the path through the "
            "tanh?",
            "With α = 1 the cell is the vanilla RNN. Is yours then?",
            "You exchanged α and 1 − α.",
        ),
        Misconception(
            "slope forgotten",
            variant(leaky_step_backward, slope=lambda n, h_t: 1),
            "What lies between n and the a inside its tanh?",
            "A saturated n = ±1 passes nothing back. Does yours?",
            "The slope of the tanh, 1 − n², is missing.",
        ),
        Misconception(
            "W_hh transposed where it must not be",
            variant(leaky_step_backward, transposed=True),
            "The gradient of W_hh is right. Look at the path through the tanh to h_prev.",
            "Forward: h_prev @ W_hh.T. Backward, the product turns round.",
            "You multiplied by W_hh.T again. In this row notation the way back has the "
            "untransposed matrix.",
        ),
        Misconception(
            "the leak without its share",
            variant(leaky_step_backward, whole=True),
            "The gradient of W_hh is right. By what is h_prev multiplied on the direct path?",
            "With α near 1 hardly anything of h_prev is kept. Is it so in your gradient?",
            "You let dh_t pass whole. On the direct path it is multiplied by 1 − α.",
        ),
        Misconception(
            "two transposes exchanged",
            lambda *case: (
                leaky_step_backward(*case, transposed=True)[0],
                leaky_step_backward(*case)[1].T,
            ),
            "Both results have the right shape, as W_hh is square. Check an entry off the "
            "diagonal by differences.",
            "Forward: h_prev @ W_hh.T. Backward: da @ W_hh, and dW_hh pairs da (rows) with h_prev"
            " (columns).",
            "You transposed W_hh on the way back, and dW_hh is the right one mirrored.",
        ),
    ),
)

# --- explain_blind_check -----------------------------------------------------------------------

EXPLAIN_BLIND_CHECK = Question(
    name="explain_blind_check",
    points=2,
    rubric=(
        ("names two faults that the check cannot see, each with the reason", 1),
        ("names a setting in which both show, and says how large an error would be alarming", 1),
    ),
)

# --- pencil_blank ------------------------------------------------------------------------------


def pencil(W_xh, W_hh, x, target):
    """h and dL/dh of two units with L = ½ (h_T,1 + h_T,2 − target)² at the last step."""
    cell = RNNCell(1, 2)
    cell.params.update(W_xh=np.array(W_xh)[:, None], W_hh=np.array(W_hh), b_h=np.zeros(2))
    h, _, _ = unroll(cell, np.array(x)[:, None])
    dh = np.zeros_like(h)
    dh[-1] = h[-1].sum() - target
    return h, dh


BLANK = {"W_xh": [0.5, 1.0], "W_hh": [[1.0, 0.0], [-0.5, 0.5]], "x": [1.0, 0.0, 1.0], "target": 1.0}


def pencil_blank(*, turned=False, target=BLANK["target"], **options):
    """dL/dW_hh, and the ways to get it wrong."""
    h, dh = pencil(**BLANK | {"target": target})
    W_hh = np.array(BLANK["W_hh"])
    return bptt(dh[:, None], h[:, None], np.zeros((1, 2)), W_hh.T if turned else W_hh, **options)


PENCIL_BLANK = Question(
    name="pencil_blank",
    points=2,
    section="3 · By pencil",
    reference=pencil_blank,
    atol=3e-3,
    rtol=1e-9,
    misconceptions=(
        Misconception(
            "the last step only",
            variant(pencil_blank, through_time=False),
            "The share of the last step is in it. Where else is W_hh used?",
            "W_hh is used in steps 2 and 3 (in step 1 it meets h₀ = 0).",
            "You stopped after one step. Multiply da₃ by the transposed W_hh to reach h₂, then "
            "add the share of step 2.",
        ),
        Misconception(
            "W_hh transposed where it must not be",
            variant(pencil_blank, turned=True),
            "Step 3 is right. What happens between da₃ and dL/dh₂?",
            "Entry (i, j) of W_hh carries h_j forward into unit i, so backward it carries from i "
            "to …",
            "You walked back with W_hh. Backward, its rows and columns change roles: use the "
            "transpose.",
        ),
        Misconception(
            "no slope",
            variant(pencil_blank, slope=False),
            "Your numbers are too large. What stands between h and a?",
            "If a = 2, then tanh is nearly flat: hardly any gradient gets through.",
            "You left out the slope 1 − h² on the way through the tanh.",
        ),
        Misconception(
            "the new state as the partner of da",
            variant(pencil_blank, new_partner=True),
            "Which state does W_hh multiply in step t?",
            "In step 1 the share must be zero, for h₀ is zero. Is yours?",
            "You used h_t in the outer product; it is the state before, h_{t−1}.",
        ),
        Misconception(
            "rows and columns swapped",
            lambda: pencil_blank().T,
            "The four numbers are right. Are they in the right places?",
            "Row i, column j belongs to the weight from unit j to unit i.",
            "You wrote down the transpose: the outer product is da down, h across.",
        ),
        Misconception(
            "the target forgotten",
            variant(pencil_blank, target=0.0),
            "The walk back is right. Is what it starts with?",
            "If y were exactly 1, the loss would be at its lowest and every gradient zero.",
            "You started with y. The loss is ½ (y − 1)², so dL/dy is y − 1.",
        ),
        Misconception(
            "the error turned round",
            lambda: -pencil_blank(),
            "Look at the signs. If y grows, does L grow here, or shrink?",
            "For L = ½ (y − 1)² with y = 3, a larger y makes L larger: the derivative is +2.",
            "You took target − y. The derivative of ½ (y − target)² is y − target.",
        ),
    ),
)


# --- vowel_reader: learn something real with a backward pass of one's own ----------------------


@functools.cache
def vowels():
    """The training recordings, each as 12 moments evenly spread over it: (12, 270, 12), (270,)."""
    series, speakers = load_japanese_vowels("train")
    moments = [one[np.linspace(0, len(one) - 1, 12).round().astype(int)] for one in series]
    return np.stack(moments, axis=1), speakers


def vowel_case(rng):
    """Some recordings of three to five speakers but one, a few moments, a small network."""
    x, speakers = vowels()
    V = int(rng.integers(3, 6))
    names = rng.choice(9, V, replace=False)
    y = rng.integers(0, V - 1, int(rng.integers(8, 13)))
    y += y >= rng.choice([rng.integers(V), V - 1])  # nobody's number: often the last
    chosen = [rng.choice(np.flatnonzero(speakers == names[one])) for one in y]
    new = rng.integers(0, 270, int(rng.integers(2, 7)))
    when = np.sort(rng.choice(12, int(rng.integers(3, 7)), replace=False))
    H = int(rng.integers(3, 6))
    weights = [rng.uniform(-1, 1, shape) / np.sqrt(H) for shape in ((H, 12), (H, H), (V, H))]
    x_train, x_new = x[np.ix_(when, chosen)], x[np.ix_(when, new)]
    return x_train, y, x_new, *weights, float(rng.uniform(0.4, 1.2)), int(rng.integers(3, 9))


def read(x, W_xh, W_hh, W_hy, h):
    """All states (T + 1, B, H) and the probabilities after the last (B, V)."""
    states = [h]
    for x_t in x:
        states.append(np.tanh(x_t @ W_xh.T + states[-1] @ W_hh.T))
    return states, softmax(states[-1] @ W_hy.T)


def vowel_reader(
    x, y, x_new, W_xh, W_hh, W_hy, rate, steps, *,
    most=None, mean=True, slope=True, new_readout=False, carry=False, frozen=False, sign=1,
):  # fmt: skip
    """Train by plain gradient descent; probabilities of x_new. And the ways to get it wrong."""
    truth, h = np.eye(len(W_hy))[y], np.zeros((len(y), len(W_hh)))
    for _ in range(steps):
        states, p = read(x, W_xh, W_hh, W_hy, h)
        dz = sign * rate * (p - truth) / (len(y) if mean else 1)
        moved = W_hy - dz.T @ states[-1]
        dh = dz @ (moved if new_readout else W_hy)
        dW_xh, dW_hh = np.zeros_like(W_xh), np.zeros_like(W_hh)
        for t in range(len(x), max(0, len(x) - most) if most else 0, -1):
            da = dh * ((1 - states[t] ** 2) if slope else 1)
            dW_xh += da.T @ x[t - 1]
            dW_hh += da.T @ states[t - 1]
            dh = da @ W_hh
        W_hy = moved
        if not frozen:
            W_xh, W_hh = W_xh - dW_xh, W_hh - dW_hh
        h = states[-1] if carry else h
    return read(x_new, W_xh, W_hh, W_hy, np.zeros((x_new.shape[1], len(W_hh))))[1]


VOWEL_READER = Question(
    name="vowel_reader",
    points=4,
    section="4 · From the formulas to the code",
    reference=vowel_reader,
    inputs=vowel_case,
    misconceptions=(
        Misconception(
            "the last step only",
            variant(vowel_reader, most=1),
            "After one update W_hy is right. How many steps share in the other two?",
            "The loss is at the end, but W_hh was used at every step before it.",
            "You stop after one step back. Walk on to the first.",
        ),
        Misconception(
            "summed, not averaged",
            variant(vowel_reader, mean=False),
            "You have the right direction. How long are your steps?",
            "With eight recordings your first update is eight times as long as it should be.",
            "The loss is the mean over the recordings: divide p − truth by their number.",
        ),
        Misconception(
            "slope forgotten",
            variant(vowel_reader, slope=False),
            "After one update W_hy is right. What lies between h and a?",
            "A saturated unit, h = ±1, should pass nothing back.",
            "The slope of tanh, 1 − h², is missing on your way back.",
        ),
        Misconception(
            "the read-out moved too early",
            variant(vowel_reader, new_readout=True),
            "In which order do you update, and compute the gradients?",
            "Print W_hy before and after your dh. All gradients belong to the same weights.",
            "You moved W_hy before you walked back through it. First all gradients, then all "
            "updates.",
        ),
        Misconception(
            "the state kept from update to update",
            variant(vowel_reader, carry=True),
            "One update is right. With what does the second pass begin?",
            "Every recording begins anew: what is h before its first moment?",
            "You go on from the last state. Each pass through the recordings starts from zeros.",
        ),
        Misconception(
            "only the read-out trained",
            variant(vowel_reader, frozen=True),
            "Which of the three matrices has changed at the end?",
            "Compare W_hh before and after: it should have moved.",
            "You update W_hy alone. W_xh and W_hh have gradients as well.",
        ),
        Misconception(
            "up instead of down",
            variant(vowel_reader, sign=-1),
            "Print the loss after each update. Where does it go?",
            "For L = w² at w = 3 the gradient is +6: which way is down?",
            "You add the gradient. Descent subtracts it.",
        ),
    ),
)


QUESTIONS = [
    PENCIL_BLANK,
    GRADIENT_GAPS,
    BPTT,
    TRUNCATED_W_HH,
    PAIRS_KEPT,
    LEAKY_STEP_BACKWARD,
    VOWEL_READER,
    EXPLAIN_BLIND_CHECK,
]
