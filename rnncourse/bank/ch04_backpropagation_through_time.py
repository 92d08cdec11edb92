"""Chapter 4, backpropagation through time: by pencil, one step, all steps, truncated, leaky."""

from __future__ import annotations

import numpy as np

from rnncourse.bank import Misconception, Question, variant
from rnncourse.cells import RNNCell, rnn_step, unroll

# --- rnn_step_backward: one step back ----------------------------------------------------------


def step_case(rng):
    B, D, H = rng.integers(2, 6, size=3)
    x_t, h_prev = rng.standard_normal((B, D)), rng.standard_normal((B, H))
    W_xh, W_hh = rng.standard_normal((H, D)), rng.standard_normal((H, H))
    h_t = rnn_step(x_t, h_prev, W_xh, W_hh, rng.standard_normal(H))
    return rng.standard_normal((B, H)), h_t, h_prev, x_t, W_xh, W_hh


def rnn_step_backward(dh_t, h_t, h_prev, x_t, W_xh, W_hh, *, slope=lambda h: 1 - h**2):
    da = dh_t * slope(h_t)
    return da @ W_hh, da.T @ x_t, da.T @ h_prev, da.sum(axis=0)


def slope_before_too(dh_t, h_t, h_prev, *rest):
    """dh_prev taken one factor too far, to the a of the step before."""
    dh_prev, *sums = rnn_step_backward(dh_t, h_t, h_prev, *rest)
    return dh_prev * (1 - h_prev**2), *sums


def batch_mean(*case):
    dh_prev, *sums = rnn_step_backward(*case)
    return dh_prev, *(total / len(dh_prev) for total in sums)


def recurrent_transposed(*case):
    dh_prev, dW_xh, dW_hh, db_h = rnn_step_backward(*case)
    return dh_prev, dW_xh, dW_hh.T, db_h


RNN_STEP_BACKWARD = Question(
    name="rnn_step_backward",
    points=2,
    reference=rnn_step_backward,
    inputs=step_case,
    misconceptions=(
        Misconception(
            "slope forgotten",
            variant(rnn_step_backward, slope=np.ones_like),
            "All four results are off by the same cause. Follow the way from h_t to a_t.",
            "For one unit: h = tanh(a), so dL/da = dL/dh times …",
            "You treated the tanh as if it were not there. Multiply by its slope first.",
        ),
        Misconception(
            "slope of the wrong thing",
            variant(rnn_step_backward, slope=lambda h: 1 - np.tanh(h) ** 2),
            "There is a slope, but taken at the wrong place.",
            "If h_t = 0.9, the slope is 0.19. Yours gives about 0.49.",
            "You applied tanh once more: h_t already is tanh(a_t), so the slope needs no further "
            "tanh.",
        ),
        Misconception(
            "the logistic's slope",
            variant(rnn_step_backward, slope=lambda h: h * (1 - h)),
            "Test your slope at h_t = 0, where tanh is steepest.",
            "At h_t = 0 the slope of tanh is 1. Yours is 0.",
            "That is the slope of the logistic function in its own output, not of tanh.",
        ),
        Misconception(
            "W_hh transposed where it must not be",
            lambda *case: rnn_step_backward(*case[:-1], case[-1].T),
            "Three of the four are right. Look at what travels to the state before.",
            "Forward: h_prev @ W_hh.T. Backward, the product turns round.",
            "You multiplied by W_hh.T again. In this row notation the way back has the "
            "untransposed matrix.",
        ),
        Misconception(
            "the new state as the partner of da",
            lambda dh_t, h_t, h_prev, *rest: rnn_step_backward(dh_t, h_t, h_t, *rest),
            "The gradient of W_hh is off, the others are right.",
            "In a = … + h_prev @ W_hh.T, what does W_hh multiply?",
            "You paired da with h_t. The weight was multiplied by the state before.",
        ),
        Misconception(
            "mean over the batch",
            batch_mean,
            "Compare your weight gradients with the right ones: what is the ratio?",
            "With B = 2 yours are half as large as they should be.",
            "You averaged over the batch. dh_t already carries the 1/B of the loss, if there is "
            "one: here you sum.",
        ),
        Misconception(
            "one slope too many",
            slope_before_too,
            "Three of the four are right. How far back do you go in the first?",
            "dL/dh_prev ends at h_prev. Which tanh do you pass that lies before it?",
            "You multiplied dh_prev by 1 − h_prev² as well. That is the next step back's first "
            "move, not this one's last.",
        ),
        Misconception(
            "the road back without the slope",
            lambda *case: (case[0] @ case[-1], *rnn_step_backward(*case)[1:]),
            "The three weight gradients are right. Does the first result start at da, too?",
            "A saturated unit, h_t = ±1, passes nothing back, to h_prev neither.",
            "You sent dh_t through W_hh. It is da, behind the slope, that goes through.",
        ),
        Misconception(
            "gradient of W_hh transposed",
            recurrent_transposed,
            "The gradient of W_hh has the right numbers. Are they in the right places?",
            "Row i, column j belongs to the weight from unit j of h_prev into unit i.",
            "You computed h_prev.T @ da. Turn the product round: da.T comes first.",
        ),
    ),
)

# --- bptt: all steps ---------------------------------------------------------------------------


def sequence_case(rng):
    T = int(rng.integers(3, 9))
    B, H = rng.integers(2, 5, size=2)
    h = np.tanh(rng.standard_normal((T, B, H)))
    h_0 = np.tanh(rng.standard_normal((B, H)))
    return rng.standard_normal((T, B, H)), h, h_0, rng.standard_normal((H, H))


def bptt(
    dh, h, h_0, W_hh, *,
    through_time=True, own_loss=True, new_partner=False, slope=True, slope_on_the_way=True,
    forwards=False, cut=None, shift=0,
):  # fmt: skip
    """dL/dW_hh of an RNN with start h_0 and states h (T, B, H), and the ways to get it wrong."""
    partner = h if new_partner else [h_0, *h[:-1]]
    total, from_future = np.zeros_like(W_hh), np.zeros_like(h[0])
    for t in range(len(h)) if forwards else reversed(range(len(h))):
        dh_t = from_future + (dh[t] if own_loss or t == len(h) - 1 else 0)
        da = dh_t * ((1 - h[t] ** 2) if slope else 1)
        total += da.T @ partner[t]
        from_future = (da if slope_on_the_way else dh_t) @ W_hh
        if not through_time or (cut and (t + shift) % cut == 0):
            from_future = np.zeros_like(from_future)
    return total


BPTT = Question(
    name="bptt",
    points=3,
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
            "Right numbers, wrong places.",
            "Entry (i, j) is the weight from unit j into unit i: da goes along the rows.",
            "You computed h.T @ da. Turn the product round.",
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
    ),
)

# --- truncated_w_hh ----------------------------------------------------------------------------


def truncated_case(rng):
    dh, h, h_0, W_hh = sequence_case(rng)
    return dh, h, h_0, W_hh, int(rng.integers(2, len(h)))


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


def state_cut_too(dh, h, h_0, W_hh, k):
    """The state before each window is taken for h_0, as if the text began anew."""
    windows = [slice(start, start + k) for start in range(0, len(h), k)]
    return sum(bptt(dh[window], h[window], h_0, W_hh) for window in windows)


TRUNCATED_W_HH = Question(
    name="truncated_w_hh",
    points=2,
    reference=truncated_w_hh,
    inputs=truncated_case,
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
            "You return the last window's gradient. Truncation cuts roads between windows, it "
            "does not drop windows.",
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
    ),
)

# --- leaky_step_backward: a cell nobody has shown you ------------------------------------------


def leaky_case(rng):
    B, D, H = rng.integers(2, 6, size=3)
    arrays = [rng.standard_normal(shape) for shape in ((B, H), (B, D), (B, H), (H, D), (H, H))]
    return *arrays, float(rng.uniform(0.2, 0.8))


def leaky_step_backward(
    dh_t, x_t, h_prev, W_xh, W_hh, alpha, *,
    leak=True, share=True, slope=lambda n, h_t: 1 - n**2, transposed=False,
):  # fmt: skip
    """dL/dh_prev and dL/dW_hh, and the ways to get them wrong."""
    n = np.tanh(x_t @ W_xh.T + h_prev @ W_hh.T)
    h_t = (1 - alpha) * h_prev + alpha * n
    da = dh_t * slope(n, h_t) * (alpha if share else 1)
    through_tanh = da @ (W_hh.T if transposed else W_hh)
    return through_tanh + ((1 - alpha) * dh_t if leak else 0), da.T @ h_prev


LEAKY_STEP_BACKWARD = Question(
    name="leaky_step_backward",
    points=3,
    reference=leaky_step_backward,
    inputs=leaky_case,
    misconceptions=(
        Misconception(
            "the leak forgotten",
            variant(leaky_step_backward, leak=False),
            "The gradient of W_hh is right. By how many roads does h_prev reach h_t?",
            "Set W_hh = 0: h_t still depends on h_prev. Does your gradient?",
            "You followed the road through the tanh and forgot the direct one, (1 − α) h_prev.",
        ),
        Misconception(
            "α forgotten",
            variant(leaky_step_backward, share=False),
            "The road through the tanh has a toll.",
            "If α is tiny, the tanh hardly matters to h_t, nor to the gradient.",
            "You left out the factor α in front of the tanh.",
        ),
        Misconception(
            "slope of the mixture",
            variant(leaky_step_backward, slope=lambda n, h_t: 1 - h_t**2),
            "A slope, but of what? Which quantity is the output of the tanh?",
            "h_t is a mixture; the tanh's own output is n = tanh(a).",
            "You took 1 − h_t². The slope belongs to n, not to the mixture.",
        ),
        Misconception(
            "α and 1 − α exchanged",
            lambda *case: leaky_step_backward(*case[:-1], 1 - case[-1]),
            "Which share goes which way?",
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
            "The gradient of W_hh is right. Look at the road through the tanh to h_prev.",
            "Forward: h_prev @ W_hh.T. Backward, the product turns round.",
            "You multiplied by W_hh.T again. In this row notation the way back has the "
            "untransposed matrix.",
        ),
    ),
)

# --- explain_silent_bug ------------------------------------------------------------------------

EXPLAIN_SILENT_BUG = Question(
    name="explain_silent_bug",
    points=2,
    rubric=(
        ("names what the faulty gradient still contains, and what it lacks", 1),
        ("explains why a falling loss does not show the fault, and names a check that does", 1),
    ),
)

# --- pencil_gaps -------------------------------------------------------------------------------

GAPS = {"W_xh": [1.0, -1.0], "W_hh": [[1.0, 0.5], [0.5, -0.5]], "x": [1.0, 0.0], "target": 0.0}


def pencil(W_xh, W_hh, x, target):
    """h and dL/dh of two units with L = ½ (h_T,1 + h_T,2 − target)² at the last step."""
    cell = RNNCell(1, 2)
    cell.params.update(W_xh=np.array(W_xh)[:, None], W_hh=np.array(W_hh), b_h=np.zeros(2))
    h, _, _ = unroll(cell, np.array(x)[:, None])
    dh = np.zeros_like(h)
    dh[-1] = h[-1].sum() - target
    return h, dh


def pencil_gaps(*, error=None, slope=lambda h: 1 - h**2, partner=0):
    """dL/dh_2 of unit 1, slope of unit 2, da of unit 1, share of W_hh's first entry."""
    h, dh = pencil(**GAPS)
    dh = error(h[-1]) if error else dh[-1]
    da = dh * slope(h[-1])
    return np.array([dh[0], slope(h[-1])[1], da[0], da[0] * h[partner][0]])


PENCIL_GAPS = Question(
    name="pencil_gaps",
    points=1,
    reference=pencil_gaps,
    atol=3e-3,
    rtol=1e-9,
    misconceptions=(
        Misconception(
            "the loss of one unit alone",
            variant(pencil_gaps, error=lambda h: h),
            "The first number is off. What does L look like as a function of h₂,₁ alone?",
            "For L = ½ (a + b)², the derivative with respect to a is (a + b), not a.",
            "You differentiated ½ h₂,₁² + ½ h₂,₂². The loss squares the sum of both units, so "
            "both receive the whole error y − target.",
        ),
        Misconception(
            "the half forgotten",
            lambda: pencil_gaps() * [2, 1, 2, 2],
            "Look at the first number again. What stands in front of the square?",
            "d/dy of y² is 2y. Of ½ y² it is …",
            "You left out the ½ of L = ½ y²: dL/dy is y, not 2y.",
        ),
        Misconception(
            "the slope without the square",
            variant(pencil_gaps, slope=lambda h: 1 - h),
            "Look at the slope again: is it right for h = 0.5?",
            "At h = 0.5 the slope of tanh is 0.75.",
            "You took 1 − h. The slope of tanh, written in its own output, is 1 − h².",
        ),
        Misconception(
            "the logistic's slope",
            variant(pencil_gaps, slope=lambda h: h * (1 - h)),
            "Test your slope at h = 0, where tanh is steepest.",
            "At h = 0 tanh has slope 1. What does your formula give there?",
            "h (1 − h) is the slope of the logistic function; tanh has 1 − h².",
        ),
        Misconception(
            "the new state as the partner of da",
            variant(pencil_gaps, partner=-1),
            "The last number is off. With which state did W_hh multiply in step 2?",
            "a₂ = W_xh x₂ + W_hh h₁: the derivative with respect to W_hh contains …",
            "You used h₂. In step 2 W_hh multiplies the state before, h₁, so its share is da₂ "
            "times h₁.",
        ),
        Misconception(
            "the error turned round",
            lambda: pencil_gaps() * [-1, 1, -1, -1],
            "Look at the signs. If y grows, does L grow here, or shrink?",
            "For L = ½ y² with y = 2, a larger y makes L larger: the derivative is +2.",
            "You took target − y. The derivative of ½ (y − target)² is y − target.",
        ),
    ),
)


# --- pencil_blank ------------------------------------------------------------------------------

BLANK = {"W_xh": [0.5, 1.0], "W_hh": [[1.0, 0.0], [-0.5, 0.5]], "x": [1.0, 0.0, 1.0], "target": 1.0}


def pencil_blank(*, turned=False, target=BLANK["target"], **options):
    """dL/dW_hh, and the ways to get it wrong."""
    h, dh = pencil(**BLANK | {"target": target})
    W_hh = np.array(BLANK["W_hh"])
    return bptt(dh[:, None], h[:, None], np.zeros((1, 2)), W_hh.T if turned else W_hh, **options)


PENCIL_BLANK = Question(
    name="pencil_blank",
    points=2,
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


QUESTIONS = [
    PENCIL_GAPS,
    PENCIL_BLANK,
    RNN_STEP_BACKWARD,
    BPTT,
    TRUNCATED_W_HH,
    LEAKY_STEP_BACKWARD,
    EXPLAIN_SILENT_BUG,
]
