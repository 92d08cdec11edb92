"""Questions of chapter 4: the gradient's walk back through time."""

import numpy as np

from rnncourse.bank import Misconception, Question
from rnncourse.cells import RNNCell, rnn_step, unroll, unroll_backward

# ---- rnn_step_backward: one step back --------------------------------------------------------


def step_case(rng):
    B, D, H = rng.integers(2, 6, size=3)
    x_t, h_prev = rng.standard_normal((B, D)), rng.standard_normal((B, H))
    W_xh, W_hh = rng.standard_normal((H, D)), rng.standard_normal((H, H))
    h_t = rnn_step(x_t, h_prev, W_xh, W_hh, rng.standard_normal(H))
    return rng.standard_normal((B, H)), h_t, h_prev, x_t, W_xh, W_hh


def gradients(da, h_prev, x_t, W_hh):
    return da @ W_hh, da.T @ x_t, da.T @ h_prev, da.sum(axis=0)


def rnn_step_backward(dh_t, h_t, h_prev, x_t, W_xh, W_hh):
    return gradients(dh_t * (1 - h_t**2), h_prev, x_t, W_hh)


def no_slope(dh_t, h_t, h_prev, x_t, W_xh, W_hh):
    return gradients(dh_t, h_prev, x_t, W_hh)


def slope_of_h(dh_t, h_t, h_prev, x_t, W_xh, W_hh):
    return gradients(dh_t * (1 - np.tanh(h_t) ** 2), h_prev, x_t, W_hh)


def logistic_slope(dh_t, h_t, h_prev, x_t, W_xh, W_hh):
    return gradients(dh_t * h_t * (1 - h_t), h_prev, x_t, W_hh)


def not_transposed(dh_t, h_t, h_prev, x_t, W_xh, W_hh):
    da = dh_t * (1 - h_t**2)
    return da @ W_hh.T, *gradients(da, h_prev, x_t, W_hh)[1:]


def slope_before_too(dh_t, h_t, h_prev, x_t, W_xh, W_hh):
    """dh_prev taken one factor too far, to the a of the step before."""
    dh_prev, *sums = rnn_step_backward(dh_t, h_t, h_prev, x_t, W_xh, W_hh)
    return dh_prev * (1 - h_prev**2), *sums


def road_without_slope(dh_t, h_t, h_prev, x_t, W_xh, W_hh):
    return dh_t @ W_hh, *rnn_step_backward(dh_t, h_t, h_prev, x_t, W_xh, W_hh)[1:]


def recurrent_transposed(dh_t, h_t, h_prev, x_t, W_xh, W_hh):
    dh_prev, dW_xh, dW_hh, db_h = rnn_step_backward(dh_t, h_t, h_prev, x_t, W_xh, W_hh)
    return dh_prev, dW_xh, dW_hh.T, db_h


def state_after(dh_t, h_t, h_prev, x_t, W_xh, W_hh):
    return gradients(dh_t * (1 - h_t**2), h_t, x_t, W_hh)


def batch_mean(dh_t, h_t, h_prev, x_t, W_xh, W_hh):
    dh_prev, *sums = rnn_step_backward(dh_t, h_t, h_prev, x_t, W_xh, W_hh)
    return dh_prev, *(g / len(x_t) for g in sums)


# ---- bptt: all steps -------------------------------------------------------------------------


def sequence_case(rng):
    T = int(rng.integers(3, 9))
    B, H = rng.integers(2, 5, size=2)
    h = np.tanh(rng.standard_normal((T, B, H)))
    h_0 = np.tanh(rng.standard_normal((B, H)))
    return rng.standard_normal((T, B, H)), h, h_0, rng.standard_normal((H, H))


def walk_back(
    dh, h, h_0, W_hh, *,
    through_time=True, loss_at_end=False, partner=None, slope=True, cut=None, first=0,
    forwards=False, W_back=None, through=None,
):
    """dL/dW_hh of an RNN with start h_0 and states h (T, B, H); the options are mistakes."""
    partner = [h_0, *h[:-1]] if partner is None else partner
    W_hh = W_hh if W_back is None else W_back
    total, from_future = np.zeros_like(W_hh), np.zeros_like(h[0])
    for t in range(len(h)) if forwards else reversed(range(len(h))):
        own = dh[t] if t == len(h) - 1 or not loss_at_end else 0
        da = (own + from_future) * ((1 - h[t] ** 2) if slope else 1)
        total += da.T @ partner[t] if t >= first else 0
        from_future = (da if through is None else through(own + from_future, h[t])) @ W_hh
        from_future = from_future if through_time else np.zeros_like(from_future)
        if cut and t % cut == 0:
            from_future = np.zeros_like(from_future)
    return total


def bptt(dh, h, h_0, W_hh):
    return walk_back(dh, h, h_0, W_hh)


def overwritten(dh, h, h_0, W_hh):
    """`=` instead of `+=`: of all shares only that of the last step visited is left."""
    return walk_back(dh, h, h_0, W_hh) - walk_back(dh, h, h_0, W_hh, first=1)


def forgets_own_loss(dh, h, h_0, W_hh):
    return walk_back(dh, h, h_0, W_hh, loss_at_end=True)


def not_through_time(dh, h, h_0, W_hh):
    return walk_back(dh, h, h_0, W_hh, through_time=False)


def wrong_partner(dh, h, h_0, W_hh):
    return walk_back(dh, h, h_0, W_hh, partner=h)


def wraps_around(dh, h, h_0, W_hh):
    """h[t - 1] at t = 0 is h[-1], the last state."""
    return walk_back(dh, h, h_0, W_hh, partner=[h[-1], *h[:-1]])


def starts_from_zero(dh, h, h_0, W_hh):
    return walk_back(dh, h, h_0, W_hh, first=1)


def travels_without_slope(dh, h, h_0, W_hh):
    """dh instead of da goes through W_hh."""
    return walk_back(dh, h, h_0, W_hh, through=lambda dh_t, h_t: dh_t)


def walks_forwards(dh, h, h_0, W_hh):
    return walk_back(dh, h, h_0, W_hh, forwards=True)


def bptt_not_transposed(dh, h, h_0, W_hh):
    return walk_back(dh, h, h_0, W_hh, W_back=W_hh.T)


def bptt_no_slope(dh, h, h_0, W_hh):
    return walk_back(dh, h, h_0, W_hh, slope=False)


def transposed_result(dh, h, h_0, W_hh):
    return walk_back(dh, h, h_0, W_hh).T


# ---- truncated_w_hh --------------------------------------------------------------------------


def truncated_case(rng):
    dh, h, h_0, W_hh = sequence_case(rng)
    return dh, h, h_0, W_hh, int(rng.integers(2, len(h)))


def truncated_w_hh(dh, h, h_0, W_hh, k):
    return walk_back(dh, h, h_0, W_hh, cut=k)


def not_truncated(dh, h, h_0, W_hh, k):
    return walk_back(dh, h, h_0, W_hh)


def counted_from_the_end(dh, h, h_0, W_hh, k):
    """Windows that start at the end of the sequence instead of its beginning."""
    T, total = len(h), np.zeros_like(W_hh)
    before = [h_0, *h[:-1]]
    for end in range(T, 0, -k):
        from_future = np.zeros_like(h[0])
        for t in reversed(range(max(end - k, 0), end)):
            da = (dh[t] + from_future) * (1 - h[t] ** 2)
            total += da.T @ before[t]
            from_future = da @ W_hh
    return total


def only_last_window(dh, h, h_0, W_hh, k):
    cut = dh.copy()
    cut[: (len(h) - 1) // k * k] = 0
    return walk_back(cut, h, h_0, W_hh, cut=k)


def cut_one_step_early(dh, h, h_0, W_hh, k):
    """Cuts before steps k − 1, 2k − 1, …: the first window is one step short."""
    total, from_future = np.zeros_like(W_hh), np.zeros_like(h[0])
    before = [h_0, *h[:-1]]
    for t in reversed(range(len(h))):
        da = (dh[t] + from_future) * (1 - h[t] ** 2)
        total += da.T @ before[t]
        from_future = da @ W_hh if (t + 1) % k else np.zeros_like(da)
    return total


def each_loss_k_steps(dh, h, h_0, W_hh, k):
    """A window of its own for each loss: it walks back through k steps, wherever it stands."""
    total = np.zeros_like(W_hh)
    for t in range(len(h)):
        start = max(t - k + 1, 0)
        own = np.zeros_like(h[start : t + 1])
        own[-1] = dh[t]
        total += walk_back(own, h[start : t + 1], h[start - 1] if start else h_0, W_hh)
    return total


def short_window_dropped(dh, h, h_0, W_hh, k):
    """Only windows of k steps; what is left over at the end is not counted."""
    T = len(h) // k * k
    return walk_back(dh[:T], h[:T], h_0, W_hh, cut=k)


def state_cut_too(dh, h, h_0, W_hh, k):
    """The state before each window is taken for h_0, as if the text began anew."""
    total = np.zeros_like(W_hh)
    for start in range(0, len(h), k):
        total += walk_back(dh[start : start + k], h[start : start + k], h_0, W_hh)
    return total


# ---- leaky_step_backward: a cell nobody has shown you ----------------------------------------


def leaky_case(rng):
    B, D, H = rng.integers(2, 6, size=3)
    return (
        rng.standard_normal((B, H)),
        rng.standard_normal((B, D)),
        rng.standard_normal((B, H)),
        rng.standard_normal((H, D)),
        rng.standard_normal((H, H)),
        float(rng.uniform(0.2, 0.8)),
    )


def leaky(dh_t, x_t, h_prev, W_xh, W_hh, alpha, *, keep=True, scale=True, slope="n"):
    n = np.tanh(x_t @ W_xh.T + h_prev @ W_hh.T)
    h_t = (1 - alpha) * h_prev + alpha * n
    inner = {"n": n, "h": h_t}[slope]
    da = dh_t * (1 - inner**2) * (alpha if scale else 1)
    return da @ W_hh + ((1 - alpha) * dh_t if keep else 0), da.T @ h_prev


def leaky_step_backward(dh_t, x_t, h_prev, W_xh, W_hh, alpha):
    return leaky(dh_t, x_t, h_prev, W_xh, W_hh, alpha)


def leak_forgotten(dh_t, x_t, h_prev, W_xh, W_hh, alpha):
    return leaky(dh_t, x_t, h_prev, W_xh, W_hh, alpha, keep=False)


def alpha_forgotten(dh_t, x_t, h_prev, W_xh, W_hh, alpha):
    return leaky(dh_t, x_t, h_prev, W_xh, W_hh, alpha, scale=False)


def slope_of_mixture(dh_t, x_t, h_prev, W_xh, W_hh, alpha):
    return leaky(dh_t, x_t, h_prev, W_xh, W_hh, alpha, slope="h")


def leaky_not_transposed(dh_t, x_t, h_prev, W_xh, W_hh, alpha):
    _, dW_hh = leaky(dh_t, x_t, h_prev, W_xh, W_hh, alpha)
    n = np.tanh(x_t @ W_xh.T + h_prev @ W_hh.T)
    return alpha * dh_t * (1 - n**2) @ W_hh.T + (1 - alpha) * dh_t, dW_hh


def leaky_no_slope(dh_t, x_t, h_prev, W_xh, W_hh, alpha):
    return alpha * dh_t @ W_hh + (1 - alpha) * dh_t, alpha * dh_t.T @ h_prev


def alphas_swapped(dh_t, x_t, h_prev, W_xh, W_hh, alpha):
    n = np.tanh(x_t @ W_xh.T + h_prev @ W_hh.T)
    da = dh_t * (1 - n**2) * (1 - alpha)
    return da @ W_hh + alpha * dh_t, da.T @ h_prev


# ---- by pencil -------------------------------------------------------------------------------


def pencil(W_xh, W_hh, x, target):
    """h, and dL/dW_hh, of two units with L = ½ (h_T,1 + h_T,2 − target)² at the last step."""
    cell = RNNCell(1, 2)
    cell.params.update(W_xh=np.array(W_xh)[:, None], W_hh=np.array(W_hh), b_h=np.zeros(2))
    h, _, caches = unroll(cell, np.array(x)[:, None])
    dh = np.zeros_like(h)
    dh[-1] = h[-1].sum() - target
    _, _, grads = unroll_backward(cell, dh, caches)
    return h, dh, grads["W_hh"]


GAPS = {"W_xh": [1.0, -1.0], "W_hh": [[1.0, 0.5], [0.5, -0.5]], "x": [1.0, 0.0], "target": 0.0}
BLANK = {
    "W_xh": [0.5, 1.0], "W_hh": [[1.0, 0.0], [-0.5, 0.5]], "x": [1.0, 0.0, 1.0], "target": 1.0,
}


def gaps_answer():
    """dL/dh_2 of unit 1, slope of unit 2, da of unit 1, share of W_hh's first entry."""
    h, dh, dW_hh = pencil(**GAPS)
    slope = 1 - h[-1] ** 2
    return np.array([dh[-1, 0], slope[1], dh[-1, 0] * slope[0], dW_hh[0, 0]])


def gaps_with(dh=None, slope=None, before=None):
    h, true_dh, _ = pencil(**GAPS)
    dh = true_dh[-1] if dh is None else dh(h)
    slope = (1 - h[-1] ** 2) if slope is None else slope(h)
    before = h[0] if before is None else before(h)
    da = dh * slope
    return np.array([dh[0], slope[1], da[0], da[0] * before[0]])


def gaps_error_turned():
    """dL/dy taken as target − y."""
    return gaps_answer() * [-1, 1, -1, -1]


def blank_without_target():
    dh, h, h_0, W_hh = blank_states()
    dh[-1] += BLANK["target"]  # as if L were ½ y²
    return bptt(dh, h, h_0, W_hh)


def blank_answer():
    return pencil(**BLANK)[2]


def blank_states():
    h, dh, _ = pencil(**BLANK)
    return dh[:, None], h[:, None], np.zeros((1, 2)), np.array(BLANK["W_hh"])


def blank_with(mistake):
    return mistake(*blank_states())


def blank_not_transposed():
    """Walks back with W_hh instead of its transpose."""
    return blank_with(bptt_not_transposed)


QUESTIONS = [
    Question(
        name="pencil_gaps",
        points=1,
        reference=gaps_answer,
        atol=3e-3,
        rtol=1e-9,
        misconceptions=(
            Misconception(
                "loss_at_one_unit",
                lambda: gaps_with(dh=lambda h: np.array([h[-1, 0], h[-1, 1]])),
                (
                    "The first number is off. What does L look like as a function of h₂,₁ alone?",
                    "For L = ½ (a + b)², the derivative with respect to a is (a + b), not a.",
                    "You differentiated ½ h₂,₁² + ½ h₂,₂². The loss squares the sum of both units, "
                    "so both receive the whole error y − target.",
                ),
            ),
            Misconception(
                "half_forgotten",
                lambda: gaps_answer() * [2, 1, 2, 2],
                (
                    "Look at the first number again. What stands in front of the square?",
                    "d/dy of y² is 2y. Of ½ y² it is …",
                    "You left out the ½ of L = ½ y²: dL/dy is y, not 2y.",
                ),
            ),
            Misconception(
                "slope_without_square",
                lambda: gaps_with(slope=lambda h: 1 - h[-1]),
                (
                    "Look at the slope again: is it right for h = 0.5?",
                    "At h = 0.5 the slope of tanh is 0.75.",
                    "You took 1 − h. The slope of tanh, written in its own output, is 1 − h².",
                ),
            ),
            Misconception(
                "logistic_slope",
                lambda: gaps_with(slope=lambda h: h[-1] * (1 - h[-1])),
                (
                    "Test your slope at h = 0, where tanh is steepest.",
                    "At h = 0 tanh has slope 1. What does your formula give there?",
                    "h (1 − h) is the slope of the logistic function; tanh has 1 − h².",
                ),
            ),
            Misconception(
                "partner_is_the_new_state",
                lambda: gaps_with(before=lambda h: h[-1]),
                (
                    "The last number is off. With which state did W_hh multiply in step 2?",
                    "a₂ = W_xh x₂ + W_hh h₁: the derivative with respect to W_hh contains …",
                    "You used h₂. In step 2 W_hh multiplies the state before, h₁, so its share is "
                    "da₂ times h₁.",
                ),
            ),
            Misconception(
                "error_turned_round",
                gaps_error_turned,
                (
                    "Look at the signs. If y grows, does L grow here, or shrink?",
                    "For L = ½ y² with y = 2, a larger y makes L larger: the derivative is +2.",
                    "You took target − y. The derivative of ½ (y − target)² is y − target.",
                ),
            ),
        ),
    ),
    Question(
        name="pencil_blank",
        points=2,
        reference=blank_answer,
        atol=3e-3,
        rtol=1e-9,
        misconceptions=(
            Misconception(
                "last_step_only",
                lambda: blank_with(not_through_time),
                (
                    "The share of the last step is in it. Where else is W_hh used?",
                    "W_hh is used in steps 2 and 3 (in step 1 it meets h₀ = 0).",
                    "You stopped after one step. Multiply da₃ by the transposed W_hh to reach h₂, "
                    "then add the share of step 2.",
                ),
            ),
            Misconception(
                "not_transposed",
                blank_not_transposed,
                (
                    "Step 3 is right. What happens between da₃ and dL/dh₂?",
                    "Entry (i, j) of W_hh carries h_j forward into unit i, so backward it carries "
                    "from i to …",
                    "You walked back with W_hh. Backward, its rows and columns change roles: use "
                    "the transpose.",
                ),
            ),
            Misconception(
                "no_slope",
                lambda: blank_with(bptt_no_slope),
                (
                    "Your numbers are too large. What stands between h and a?",
                    "If a = 2, then tanh is nearly flat: hardly any gradient gets through.",
                    "You left out the slope 1 − h² on the way through the tanh.",
                ),
            ),
            Misconception(
                "partner_is_the_new_state",
                lambda: blank_with(wrong_partner),
                (
                    "Which state does W_hh multiply in step t?",
                    "In step 1 the share must be zero, for h₀ is zero. Is yours?",
                    "You used h_t in the outer product; it is the state before, h_{t−1}.",
                ),
            ),
            Misconception(
                "rows_and_columns_swapped",
                lambda: blank_answer().T,
                (
                    "The four numbers are right. Are they in the right places?",
                    "Row i, column j belongs to the weight from unit j to unit i.",
                    "You wrote down the transpose: the outer product is da down, h across.",
                ),
            ),
            Misconception(
                "target_forgotten",
                blank_without_target,
                (
                    "The walk back is right. Is what it starts with?",
                    "If y were exactly 1, the loss would be at its lowest and every gradient zero.",
                    "You started with y. The loss is ½ (y − 1)², so dL/dy is y − 1.",
                ),
            ),
            Misconception(
                "error_turned_round",
                lambda: -blank_answer(),
                (
                    "Look at the signs. If y grows, does L grow here, or shrink?",
                    "For L = ½ (y − 1)² with y = 3, a larger y makes L larger: the derivative "
                    "is +2.",
                    "You took target − y. The derivative of ½ (y − target)² is y − target.",
                ),
            ),
        ),
    ),
    Question(
        name="rnn_step_backward",
        points=2,
        reference=rnn_step_backward,
        inputs=step_case,
        misconceptions=(
            Misconception(
                "slope_forgotten",
                no_slope,
                (
                    "All four results are off by the same cause. Follow the way from h_t to a_t.",
                    "For one unit: h = tanh(a), so dL/da = dL/dh times …",
                    "You treated the tanh as if it were not there. Multiply by its slope first.",
                ),
            ),
            Misconception(
                "slope_of_the_wrong_thing",
                slope_of_h,
                (
                    "There is a slope, but taken at the wrong place.",
                    "If h_t = 0.9, the slope is 0.19. Yours gives about 0.49.",
                    "You applied tanh once more: h_t already is tanh(a_t), so the slope needs "
                    "no further tanh.",
                ),
            ),
            Misconception(
                "logistic_slope",
                logistic_slope,
                (
                    "Test your slope at h_t = 0, where tanh is steepest.",
                    "At h_t = 0 the slope of tanh is 1. Yours is 0.",
                    "That is the slope of the logistic function in its own output, not of tanh.",
                ),
            ),
            Misconception(
                "not_transposed",
                not_transposed,
                (
                    "Three of the four are right. Look at what travels to the state before.",
                    "Forward: h_prev @ W_hh.T. Backward, the product turns round.",
                    "You multiplied by W_hh.T again. In this row notation the way back has the "
                    "untransposed matrix.",
                ),
            ),
            Misconception(
                "partner_is_the_new_state",
                state_after,
                (
                    "The gradient of W_hh is off, the others are right.",
                    "In a = … + h_prev @ W_hh.T, what does W_hh multiply?",
                    "You paired da with h_t. The weight was multiplied by the state before.",
                ),
            ),
            Misconception(
                "mean_over_the_batch",
                batch_mean,
                (
                    "Compare your weight gradients with the right ones: what is the ratio?",
                    "With B = 2 yours are half as large as they should be.",
                    "You averaged over the batch. dh_t already carries the 1/B of the loss, if "
                    "there is one: here you sum.",
                ),
            ),
            Misconception(
                "one_slope_too_many",
                slope_before_too,
                (
                    "Three of the four are right. How far back do you go in the first?",
                    "dL/dh_prev ends at h_prev. Which tanh do you pass that lies before it?",
                    "You multiplied dh_prev by 1 − h_prev² as well. That is the next step back's "
                    "first move, not this one's last.",
                ),
            ),
            Misconception(
                "road_without_slope",
                road_without_slope,
                (
                    "The three weight gradients are right. Does the first result start at da, too?",
                    "A saturated unit, h_t = ±1, passes nothing back, to h_prev neither.",
                    "You sent dh_t through W_hh. It is da, behind the slope, that goes through.",
                ),
            ),
            Misconception(
                "recurrent_gradient_transposed",
                recurrent_transposed,
                (
                    "The gradient of W_hh has the right numbers. Are they in the right places?",
                    "Row i, column j belongs to the weight from unit j of h_prev into unit i.",
                    "You computed h_prev.T @ da. Turn the product round: da.T comes first.",
                ),
            ),
        ),
    ),
    Question(
        name="bptt",
        points=3,
        reference=bptt,
        inputs=sequence_case,
        misconceptions=(
            Misconception(
                "overwritten",
                overwritten,
                (
                    "What does your gradient hold after the second turn of the loop?",
                    "With three steps, print the share of each. Is their sum what you return?",
                    "You assign each step's share instead of adding it up.",
                ),
            ),
            Misconception(
                "not_through_time",
                not_through_time,
                (
                    "Each step counts, but does a step hear of later losses?",
                    "With a loss only at the last step, step 1 should still get a gradient.",
                    "Nothing travels back: add what the next step sends to this step's own dh.",
                ),
            ),
            Misconception(
                "own_loss_forgotten",
                forgets_own_loss,
                (
                    "The last step is right. What about losses before it?",
                    "You are right when dh is zero before the last step. Set dh[0] alone instead.",
                    "Each state's gradient is the sum of its own dh[t] and what comes from the "
                    "future; you dropped the first after the last step.",
                ),
            ),
            Misconception(
                "partner_is_the_new_state",
                wrong_partner,
                (
                    "Suppose T = 1 and h_0 = 0: then W_hh multiplies zero. Is your gradient zero?",
                    "Step t computes h[t] from h[t − 1], and step 0 from h_0.",
                    "You paired da[t] with h[t]; the weight was multiplied by the state before.",
                ),
            ),
            Misconception(
                "slope_forgotten",
                bptt_no_slope,
                (
                    "Something is missing at every step. What lies between dh and da?",
                    "A saturated unit, h = ±1, should pass nothing back.",
                    "The slope of tanh, 1 − h², is missing.",
                ),
            ),
            Misconception(
                "transposed",
                transposed_result,
                (
                    "Right numbers, wrong places.",
                    "Entry (i, j) is the weight from unit j into unit i: da goes along the rows.",
                    "You computed h.T @ da. Turn the product round.",
                ),
            ),
            Misconception(
                "wraps_around",
                wraps_around,
                (
                    "All steps are right but one. Which state stands before step 0?",
                    "In Python, h[t − 1] at t = 0 is h[−1]. Which state is that?",
                    "At t = 0 your index wraps round to the last state. The state before step 0 "
                    "is h_0.",
                ),
            ),
            Misconception(
                "first_step_left_out",
                starts_from_zero,
                (
                    "All steps are right but one, which adds nothing in yours.",
                    "With T = 1 the answer is da[0].T @ h_0. What is yours?",
                    "Step 0 has a share as well: its state before is h_0, which need not be zero.",
                ),
            ),
            Misconception(
                "travels_without_slope",
                travels_without_slope,
                (
                    "The last step is right. What exactly do you send to the one before?",
                    "A saturated unit, h = ±1, passes nothing back to the step before either.",
                    "You send the gradient of h[t] through W_hh. It is da, behind the slope, that "
                    "goes through.",
                ),
            ),
            Misconception(
                "walks_forwards",
                walks_forwards,
                (
                    "In which direction does a gradient travel?",
                    "Let only dh[0] be different from zero: no step after step 0 may get anything.",
                    "Your loop runs from the first step to the last. The way back begins at the "
                    "last.",
                ),
            ),
            Misconception(
                "not_transposed",
                bptt_not_transposed,
                (
                    "The last step is right. What happens on the way to the one before?",
                    "Forward: h_prev @ W_hh.T. Backward, the product turns round.",
                    "You multiplied by W_hh.T again. In this row notation the way back has the "
                    "untransposed matrix.",
                ),
            ),
        ),
    ),
    Question(
        name="truncated_w_hh",
        points=2,
        reference=truncated_w_hh,
        inputs=truncated_case,
        uses=("bptt",),
        misconceptions=(
            Misconception(
                "not_truncated",
                not_truncated,
                (
                    "This is the full gradient. Where should it be cut?",
                    "With k = 1, no gradient passes from any step to the one before.",
                    "Your k has no effect: at each step whose number is a multiple of k, stop what "
                    "would travel further back.",
                ),
            ),
            Misconception(
                "windows_from_the_end",
                counted_from_the_end,
                (
                    "The windows have the right length. Where does the first one begin?",
                    "T = 5, k = 2: the windows are steps 0–1, 2–3 and 4.",
                    "You count from the end of the sequence. Windows are counted from its start.",
                ),
            ),
            Misconception(
                "last_window_only",
                only_last_window,
                (
                    "Do all the losses count?",
                    "With T = 4 and k = 2 there are two windows, each with a gradient of its own.",
                    "You return the last window's gradient. Truncation cuts roads between windows, "
                    "it does not drop windows.",
                ),
            ),
            Misconception(
                "state_cut_too",
                state_cut_too,
                (
                    "Compare the first step of the second window: which state does W_hh multiply?",
                    "The state runs on across the cut; only the gradient stops.",
                    "You began each window with h_0. It begins with the last state of the "
                    "window before.",
                ),
            ),
            Misconception(
                "short_window_dropped",
                short_window_dropped,
                (
                    "You are right whenever k divides the number of steps.",
                    "T = 5, k = 2: the windows are steps 0–1, 2–3 and 4.",
                    "The last, shorter window is missing. Its losses count like all the others.",
                ),
            ),
            Misconception(
                "cut_one_step_early",
                cut_one_step_early,
                (
                    "The windows have the right length, but for the first.",
                    "k = 2: steps 0 and 1 belong together, so a gradient passes from step 1 to "
                    "step 0.",
                    "You cut before steps k − 1, 2k − 1 and so on. Steps are counted from 0: the "
                    "cuts lie before k, 2k and so on.",
                ),
            ),
            Misconception(
                "each_loss_its_own_window",
                each_loss_k_steps,
                (
                    "How far back does the first loss of the second window reach?",
                    "k = 2, windows 0–1 and 2–3: the loss of step 2 reaches step 2 only.",
                    "You let each loss walk back k steps. The cuts stand still: no gradient "
                    "crosses them, however near the loss is.",
                ),
            ),
        ),
    ),
    Question(
        name="leaky_step_backward",
        points=3,
        reference=leaky_step_backward,
        inputs=leaky_case,
        misconceptions=(
            Misconception(
                "leak_forgotten",
                leak_forgotten,
                (
                    "The gradient of W_hh is right. By how many roads does h_prev reach h_t?",
                    "Set W_hh = 0: h_t still depends on h_prev. Does your gradient?",
                    "You followed the road through the tanh and forgot the direct one, "
                    "(1 − α) h_prev.",
                ),
            ),
            Misconception(
                "alpha_forgotten",
                alpha_forgotten,
                (
                    "The road through the tanh has a toll.",
                    "If α is tiny, the tanh hardly matters to h_t, nor to the gradient.",
                    "You left out the factor α in front of the tanh.",
                ),
            ),
            Misconception(
                "slope_of_the_mixture",
                slope_of_mixture,
                (
                    "A slope, but of what? Which quantity is the output of the tanh?",
                    "h_t is a mixture; the tanh's own output is n = tanh(a).",
                    "You took 1 − h_t². The slope belongs to n, not to the mixture.",
                ),
            ),
            Misconception(
                "alphas_swapped",
                alphas_swapped,
                (
                    "Which share goes which way?",
                    "With α = 1 the cell is the vanilla RNN. Is yours then?",
                    "You exchanged α and 1 − α.",
                ),
            ),
            Misconception(
                "slope_forgotten",
                leaky_no_slope,
                (
                    "What lies between n and the a inside its tanh?",
                    "A saturated n = ±1 passes nothing back. Does yours?",
                    "The slope of the tanh, 1 − n², is missing.",
                ),
            ),
            Misconception(
                "not_transposed",
                leaky_not_transposed,
                (
                    "The gradient of W_hh is right. Look at the road through the tanh to h_prev.",
                    "Forward: h_prev @ W_hh.T. Backward, the product turns round.",
                    "You multiplied by W_hh.T again. In this row notation the way back has the "
                    "untransposed matrix.",
                ),
            ),
        ),
    ),
    Question(
        name="explain_silent_bug",
        points=2,
        rubric=(
            ("names what the faulty gradient still contains, and what it lacks", 1),
            ("explains why a falling loss does not show the fault, and names a check that does", 1),
        ),
    ),
]
