"""Chapter 7, the GRU: its two conventions and its two reset gates."""

from __future__ import annotations

import numpy as np

from rnncourse.bank import Misconception, Question, variant
from rnncourse.cells import GRUCell, sigmoid


def states(rng):
    B, D, H = (int(n) for n in rng.integers(2, 6, size=3))
    return rng.standard_normal((B, D)), np.tanh(rng.standard_normal((B, H))), H


# --- gru_step ----------------------------------------------------------------------------------


def step_case(rng):
    x_t, h, H = states(rng)
    cell = GRUCell(x_t.shape[1], H, rng=rng)
    return x_t, h, *(2 * p for p in cell.params.values())


def gru_step(
    x_t, h, W_xh, W_hh, b_h, b_hn, *,
    order="rzn", mix="keeps", reset="after", candidate=np.tanh,
):  # fmt: skip
    """The step and the ways to get it wrong."""
    a_x = dict(zip(order, np.split(x_t @ W_xh.T + b_h, 3, axis=-1), strict=True))
    a_h = dict(zip(order, np.split(h @ W_hh.T, 3, axis=-1), strict=True))
    r, z = sigmoid(a_x["r"] + a_h["r"]), sigmoid(a_x["z"] + a_h["z"])
    if reset == "after":
        m = r * (a_h["n"] + b_hn)
    elif reset == "before":
        m = (r * h) @ W_hh[2 * h.shape[1] :].T + b_hn
    elif reset == "outside":
        m = r * a_h["n"] + b_hn
    else:
        m = a_h["n"] + b_hn
    a_n = r * (a_x["n"] + a_h["n"] + b_hn) if reset == "everything" else a_x["n"] + m
    n = candidate(a_n)
    return {"keeps": z * h + (1 - z) * n, "updates": (1 - z) * h + z * n, "adds": z * h + n}[mix]


GRU_STEP = Question(
    name="gru_step",
    points=2,
    reference=gru_step,
    inputs=step_case,
    misconceptions=(
        Misconception(
            "the update gate updates",
            variant(gru_step, mix="updates"),
            "Which share belongs to the old state?",
            "With z = 1 this course, PyTorch and Cho et al. keep the old state. Yours takes the "
            "new.",
            "You used the other convention: here h_t = z · h + (1 − z) · n.",
        ),
        Misconception(
            "blocks in another order",
            variant(gru_step, order="zrn"),
            "Shapes are right, values are not. In which order do the blocks lie?",
            "With H = 1, row 0 belongs to the reset gate.",
            "r and z have changed places: the blocks lie in the order r z n, r goes into the "
            "candidate and z into the mixture.",
        ),
        Misconception(
            "reset before the product",
            variant(gru_step, reset="before"),
            "The candidate is a little off. What exactly does r multiply?",
            "With one unit and b_hn = 0 you would be right, with two units you are not.",
            "You reset h before the matrix product. Here r multiplies the product.",
        ),
        Misconception(
            "the inner bias outside the reset",
            variant(gru_step, reset="outside"),
            "Nearly. One term of the candidate stands on the wrong side of r.",
            "If r = 0, the candidate hears only x. Does yours?",
            "b_hn stands inside the bracket that r multiplies.",
        ),
        Misconception(
            "no reset",
            variant(gru_step, reset="none"),
            "One of the two gates has no effect in your step.",
            "If r = 0, the candidate must not hear the past at all.",
            "You left out the reset gate in the candidate.",
        ),
        Misconception(
            "the whole candidate added",
            variant(gru_step, mix="adds"),
            "Can your state leave the range from −1 to 1? Should it?",
            "With z = 1 nothing new may enter.",
            "The new state is a mixture: the shares of old and new add up to one.",
        ),
        Misconception(
            "the input reset, too",
            variant(gru_step, reset="everything"),
            "Which terms of the candidate does r multiply?",
            "If r = 0, the candidate is tanh(W x + b): it still hears the input.",
            "You multiplied the input's part by r as well. It stands outside the bracket.",
        ),
        Misconception(
            "the candidate through the logistic function",
            variant(gru_step, candidate=sigmoid),
            "Can your cell ever reach a negative state from zero?",
            "The candidate lies between −1 and 1. Yours lies between 0 and 1.",
            "You squashed the candidate with the logistic function. It takes tanh.",
        ),
        Misconception(
            "the inner bias forgotten",
            lambda *case: gru_step(*case[:-1], 0.0),
            "The gates are right, the candidate is a little off. Have you used all you were given?",
            "From a state of zeros with r = 1, the candidate is tanh(W x + b + …).",
            "You left out b_hn. It joins W_hn h inside the bracket that r multiplies.",
        ),
        Misconception(
            "bias forgotten",
            lambda *case: gru_step(*case[:4], 0, case[-1]),
            "Have you used all you were given?",
            "Let x_t and h be zero: what is left of r and z?",
            "You left out b_h. Its blocks join the three parts of W_xh x.",
        ),
    ),
)

# --- swap_convention ---------------------------------------------------------------------------


def weights_case(rng):
    D, H = (int(n) for n in rng.integers(2, 6, size=2))
    cell = GRUCell(D, H, rng=rng)
    return cell.params["W_xh"], cell.params["W_hh"], cell.params["b_h"]


def swap_convention(W_xh, W_hh, b_h, *, signs=(1, -1, 1)):
    sign = np.repeat(signs, len(b_h) // 3)
    return sign[:, None] * W_xh, sign[:, None] * W_hh, sign * b_h


def one_minus_weights(*case):
    H = len(case[2]) // 3
    return tuple(np.concatenate([p[:H], 1 - p[H : 2 * H], p[2 * H :]]) for p in case)


SWAP_CONVENTION = Question(
    name="swap_convention",
    points=2,
    reference=swap_convention,
    inputs=weights_case,
    misconceptions=(
        Misconception(
            "the reset gate negated",
            variant(swap_convention, signs=(-1, 1, 1)),
            "Which of the three blocks makes the gate that has two dresses?",
            "The order is r z n: rows 0 … H−1 belong to r.",
            "You negated the block of the reset gate. It is the second block.",
        ),
        Misconception(
            "everything negated",
            variant(swap_convention, signs=(-1, -1, -1)),
            "What becomes of the candidate if all its weights change sign?",
            "tanh(−a) = −tanh(a): the candidate would turn round as well.",
            "Only what feeds z changes sign. You negated all three blocks.",
        ),
        Misconception(
            "the candidate negated, too",
            variant(swap_convention, signs=(1, -1, -1)),
            "One block too many.",
            "The candidate is the same in both conventions.",
            "You negated n along with z. Leave the third block alone.",
        ),
        Misconception(
            "the bias left alone",
            lambda *case: (*swap_convention(*case)[:2], case[2]),
            "Try an input of zeros from a state of zeros. What feeds z then?",
            "1 − σ(a + b) = σ(−a − b).",
            "The bias feeds z, too, and must change its sign.",
        ),
        Misconception(
            "recurrent rows left alone",
            lambda *case: (swap_convention(*case)[0], case[1], swap_convention(*case)[2]),
            "It works for one step from a state of zeros. What else feeds z?",
            "1 − σ(w x + u h + b) = σ(−w x − u h − b).",
            "The rows of z in W_hh feed z as well, and must change their sign.",
        ),
        Misconception(
            "only the bias",
            lambda *case: (*case[:2], swap_convention(*case)[2]),
            "It works for zeros only. What else feeds z?",
            "1 − σ(w x + b) = σ(−w x − b).",
            "You negated the bias of z and left its rows in both matrices.",
        ),
        Misconception(
            "one minus the weights",
            one_minus_weights,
            "It is the gate that becomes 1 − z. What happens to its weights?",
            "1 − σ(2) = σ(−2), not σ(1 − 2).",
            "You took 1 − w for every weight. The logistic function wants −w.",
        ),
    ),
)

# --- gru_step_reset_before ---------------------------------------------------------------------


def before_case(rng):
    x_t, h, H = states(rng)
    cell = GRUCell(x_t.shape[1], H, rng=rng, reset_after=False)
    return x_t, h, *(2 * p for p in cell.params.values())


gru_step_reset_before = variant(gru_step, b_hn=0.0, reset="before")


def resets_the_kept_state(x_t, h, W_xh, W_hh, b_h):
    """The mixture, too, is made with r · h."""
    a_x, a_h = np.split(x_t @ W_xh.T + b_h, 3, axis=-1), np.split(h @ W_hh.T, 3, axis=-1)
    r, z = sigmoid(a_x[0] + a_h[0]), sigmoid(a_x[1] + a_h[1])
    n = np.tanh(a_x[2] + (r * h) @ W_hh[2 * h.shape[1] :].T)
    return z * r * h + (1 - z) * n


def resets_everything(x_t, h, W_xh, W_hh, b_h):
    """r is computed from h, then z as well as n from r · h."""
    a_x = np.split(x_t @ W_xh.T + b_h, 3, axis=-1)
    r = sigmoid(a_x[0] + np.split(h @ W_hh.T, 3, axis=-1)[0])
    _, z_h, n_h = np.split((r * h) @ W_hh.T, 3, axis=-1)
    z = sigmoid(a_x[1] + z_h)
    return z * h + (1 - z) * np.tanh(a_x[2] + n_h)


GRU_STEP_RESET_BEFORE = Question(
    name="gru_step_reset_before",
    points=2,
    reference=gru_step_reset_before,
    inputs=before_case,
    misconceptions=(
        Misconception(
            "reset after the product",
            variant(gru_step_reset_before, reset="after"),
            "With one unit you are right, with two you are not.",
            "Here r decides how much of each unit is heard, before they are mixed.",
            "You multiplied the product by r. In this version r multiplies h first.",
        ),
        Misconception(
            "no reset",
            variant(gru_step_reset_before, reset="none"),
            "One of the two gates has no effect.",
            "If r = 0, the candidate hears only x.",
            "You left out the reset gate.",
        ),
        Misconception(
            "the update gate updates",
            variant(gru_step_reset_before, mix="updates"),
            "Which share belongs to the old state?",
            "With z = 1 this course, PyTorch and Cho et al. keep the old state. Yours takes the "
            "new.",
            "You used the other convention: here h_t = z · h + (1 − z) · n.",
        ),
        Misconception(
            "the kept state reset, too",
            resets_the_kept_state,
            "The candidate is right; the mixture is not.",
            "With z = 1 the state must stay as it is, whatever r says.",
            "You kept r · h. The reset gate concerns the candidate only.",
        ),
        Misconception(
            "the reset state for all gates",
            resets_everything,
            "The update gate is off. What does it listen to?",
            "z is made of x_t and h_{t−1}, just as r is.",
            "You gave r · h to z as well. Only the candidate hears the reset state.",
        ),
    ),
)

# --- gru_step_backward -------------------------------------------------------------------------


def backward_case(rng):
    B, H = (int(n) for n in rng.integers(2, 6, size=2))
    r, z = rng.uniform(0.1, 0.9, (2, B, H))
    n, h_prev = rng.uniform(-0.9, 0.9, (2, B, H))
    dh, m = rng.standard_normal((2, B, H))
    return dh, h_prev, r, z, n, m, rng.standard_normal((3 * H, H))


def gru_step_backward(
    dh, h_prev, r, z, n, m, W_hh, *,
    belt="z", dz="h-n", slopes=True, reset=True, share=True, roads="rzn", order="rzn",
):  # fmt: skip
    """The step back and the ways to get it wrong."""
    gate = (lambda s: s * (1 - s)) if slopes else np.ones_like
    da_n = dh * ((1 - z) if share else 1) * (1 - n**2)
    da_z = dh * {"h-n": h_prev - n, "n-h": n - h_prev, "h": h_prev}[dz] * gate(z)
    da_r = da_n * m * gate(r)
    blocks = {"r": da_r, "z": da_z, "n": da_n * r if reset else da_n}
    parts = [blocks[name] if name in roads else 0 * dh for name in order]
    through = np.concatenate(parts, axis=-1) @ W_hh
    return through + {"z": z * dh, "none": 0, "whole": dh}[belt]


GRU_STEP_BACKWARD = Question(
    name="gru_step_backward",
    points=3,
    reference=gru_step_backward,
    inputs=backward_case,
    misconceptions=(
        Misconception(
            "the belt forgotten",
            variant(gru_step_backward, belt="none"),
            "By how many roads does h_{t−1} reach h_t?",
            "Set W_hh = 0: h_t still depends on h_{t−1}. Does your gradient?",
            "You left out the direct road: z · dh.",
        ),
        Misconception(
            "the belt without its gate",
            variant(gru_step_backward, belt="whole"),
            "How much of h_{t−1} goes directly into h_t?",
            "With z = 0 the old state is replaced: nothing may come back directly.",
            "You sent dh back whole. On the direct road it is multiplied by z.",
        ),
        Misconception(
            "blocks in another order",
            variant(gru_step_backward, order="zrn"),
            "The parts are right. Does each meet its own rows of W_hh?",
            "With H = 1, row 0 of W_hh belongs to the reset gate.",
            "You stacked the parts as z r n. The rows of W_hh lie in the order r z n.",
        ),
        Misconception(
            "the candidate left out of dz",
            variant(gru_step_backward, dz="h"),
            "How often does z stand in h_t = z · h_{t−1} + (1 − z) · n?",
            "If h_{t−1} = n, the mixture is the same for every z. Is your dh_t/dz zero?",
            "dh_t/dz is h_{t−1} − n: z multiplies the old state, and 1 − z the candidate.",
        ),
        Misconception(
            "the road through z forgotten",
            variant(gru_step_backward, roads="rn"),
            "By how many roads does h_{t−1} reach h_t? Count the gates.",
            "If h_{t−1} and n differ, a change of z changes h_t, and z listens to h_{t−1}.",
            "You left out the road through the update gate.",
        ),
        Misconception(
            "the road through r forgotten",
            variant(gru_step_backward, roads="zn"),
            "By how many roads does h_{t−1} reach h_t? Count the gates.",
            "The candidate contains r · m, and r listens to h_{t−1} as well as m does.",
            "You left out the road through the reset gate, and with it the use of m.",
        ),
        Misconception(
            "the sign of the other convention",
            variant(gru_step_backward, dz="n-h"),
            "One of the roads has the wrong sign.",
            "If h_{t−1} > n, a larger z makes h_t larger.",
            "dh_t/dz is h_{t−1} − n here; you have the sign of the other convention.",
        ),
        Misconception(
            "the slopes of the gates forgotten",
            variant(gru_step_backward, slopes=False),
            "What lies between a gate and its a?",
            "A gate at 1 is saturated: nothing gets through to what feeds it.",
            "The slopes of the two gates, s (1 − s), are missing.",
        ),
        Misconception(
            "the reset forgotten",
            variant(gru_step_backward, reset=False),
            "The road through the candidate is too wide.",
            "If r = 0, the candidate does not hear h_{t−1} at all.",
            "On the way through W_hn the gradient is multiplied by r.",
        ),
        Misconception(
            "the share of the candidate forgotten",
            variant(gru_step_backward, share=False),
            "How much of the candidate enters h_t?",
            "With z = 1 no gradient may reach the candidate.",
            "The candidate enters with the share 1 − z: so does its gradient.",
        ),
    ),
)

# --- minimal_gated_step ------------------------------------------------------------------------


def minimal_case(rng):
    x_t, h, H = states(rng)
    D = x_t.shape[1]
    return x_t, h, rng.standard_normal((2 * H, D)), rng.standard_normal((2 * H, H))


def minimal_gated_step(
    x_t, h, W_xh, W_hh, *, order="fn", mix="updates", reset="before", candidate=np.tanh
):
    H = h.shape[1]
    a_x = dict(zip(order, np.split(x_t @ W_xh.T, 2, axis=-1), strict=True))
    W = dict(zip(order, (W_hh[:H], W_hh[H:]), strict=True))
    f = sigmoid(a_x["f"] + h @ W["f"].T)
    heard = {"before": (f * h) @ W["n"].T, "after": f * (h @ W["n"].T), "none": h @ W["n"].T}
    n = candidate(a_x["n"] + heard[reset])
    return (1 - f) * h + f * n if mix == "updates" else f * h + (1 - f) * n


MINIMAL_GATED_STEP = Question(
    name="minimal_gated_step",
    points=3,
    reference=minimal_gated_step,
    inputs=minimal_case,
    misconceptions=(
        Misconception(
            "the gate keeps",
            variant(minimal_gated_step, mix="keeps"),
            "Read the last equation again: what does f = 1 do?",
            "In this cell f near 1 takes in the candidate.",
            "You mixed as the GRU of this course does. This cell uses the other dress.",
        ),
        Misconception(
            "reset after the product",
            variant(minimal_gated_step, reset="after"),
            "With one unit you are right, with two you are not.",
            "What does f multiply: h, or the product?",
            "Here the gate multiplies h before the matrix product.",
        ),
        Misconception(
            "the gate used once",
            variant(minimal_gated_step, reset="none"),
            "The one gate has two jobs. Yours has one.",
            "If f = 0, the candidate hears only x.",
            "The candidate must hear f · h instead of h.",
        ),
        Misconception(
            "the candidate through the logistic function",
            variant(minimal_gated_step, candidate=sigmoid),
            "Can your cell ever reach a negative state from zero?",
            "The candidate lies between −1 and 1. Yours lies between 0 and 1.",
            "You squashed the candidate with the logistic function. It takes tanh.",
        ),
        Misconception(
            "blocks in another order",
            variant(minimal_gated_step, order="nf"),
            "In which order do the two blocks lie?",
            "With H = 1, row 0 belongs to the gate.",
            "You exchanged the blocks: the gate comes first, the candidate second.",
        ),
    ),
)

# --- explain_choice ----------------------------------------------------------------------------

EXPLAIN_CHOICE = Question(
    name="explain_choice",
    points=2,
    rubric=(
        ("uses the figures of the chapter's table, spread over seeds included", 1),
        ("weighs parameters or time, and says what would change the advice", 1),
    ),
)


QUESTIONS = [
    GRU_STEP,
    SWAP_CONVENTION,
    GRU_STEP_RESET_BEFORE,
    GRU_STEP_BACKWARD,
    MINIMAL_GATED_STEP,
    EXPLAIN_CHOICE,
]
