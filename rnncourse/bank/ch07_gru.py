"""Chapter 7, the GRU: its two conventions and its two reset gates."""

from __future__ import annotations

import numpy as np

from rnncourse.bank import Misconception, Question, variant
from rnncourse.cells import GRUCell, sigmoid
from rnncourse.data import load_japanese_vowels


def states(rng):
    B, D, H = (int(n) for n in rng.integers(2, 6, size=3))
    return rng.standard_normal((B, D)), np.tanh(rng.standard_normal((B, H))), H


# --- irregular_step: measurements that come when they like ---------------------------------------


def gru_step(x_t, h, W_xh, W_hh, b_h, b_hn, *, order="rzn", mix="keeps", reset="after"):
    """The step of this course, and steps of other kinds."""
    a_x = dict(zip(order, np.split(x_t @ W_xh.T + b_h, 3, axis=-1), strict=True))
    a_h = dict(zip(order, np.split(h @ W_hh.T, 3, axis=-1), strict=True))
    r, z = sigmoid(a_x["r"] + a_h["r"]), sigmoid(a_x["z"] + a_h["z"])
    if reset == "after":
        m = r * (a_h["n"] + b_hn)
    elif reset == "before":
        m = (r * h) @ W_hh[2 * h.shape[1] :].T + b_hn
    else:
        m = (r if reset == "outside" else 1) * a_h["n"] + b_hn
    n = np.tanh(a_x["n"] + m)
    return z * h + (1 - z) * n if mix == "keeps" else (1 - z) * h + z * n


def irregular_case(rng):
    """A batch in which some rows have a measurement, and some have none."""
    x_t, h, H = states(rng)
    x_t, h = np.repeat(x_t, 2, axis=0), np.concatenate([h, -0.7 * h])
    B = len(h)
    cell = GRUCell(x_t.shape[1], H, rng=rng)
    seen = rng.permutation([True, False, *rng.integers(0, 2, B - 2).astype(bool)])
    gap, tau = rng.uniform(0.5, 4, B), rng.uniform(1, 6, H)
    return x_t, seen, gap, tau, h, *(2 * p for p in cell.params.values())


def irregular_step(
    x_t, seen, gap, tau, h, W_xh, W_hh, b_h, b_hn, *,
    fade="e", whom="seen", unseen="kept", when="before", **options,
):  # fmt: skip
    """The step after a gap, and the ways to get it wrong."""
    weights = (W_xh, W_hh, b_h, b_hn)
    left = {
        "e": np.exp(-gap[:, None] / tau),
        "grows": np.exp(gap[:, None] / tau),
        "upside down": np.exp(-tau / gap[:, None]),
        "line": np.maximum(1 - gap[:, None] / tau, 0),
        "times": np.exp(-gap[:, None] * tau),
        "halves": 0.5 ** (gap[:, None] / tau),
        "one gap": np.exp(-gap.mean() / tau) + 0 * h,
        "none": np.ones_like(h),
    }[fade]
    if when == "after":
        new = gru_step(x_t, h, *weights, **options) * left
    elif when in ("heard", "mixed"):  # the faded state stands in some places only
        H = h.shape[1]
        heard, mixed = (left * h, h) if when == "heard" else (h, left * h)
        z = sigmoid((x_t @ W_xh.T + b_h)[:, H : 2 * H] + heard @ W_hh[H : 2 * H].T)
        new = gru_step(x_t, heard, *weights) + z * (mixed - heard)
    else:
        new = gru_step(x_t, left * h, *weights, **options)
    blank = gru_step(0 * x_t, left * h, *weights, **options)
    stays = {"kept": h, "zero": 0 * h, "faded": left * h, "on": new, "zeros": blank}[unseen]
    return np.where((seen if whom == "seen" else ~seen)[:, None], new, stays)


IRREGULAR_STEP = Question(
    name="irregular_step",
    points=3,
    section="1 · One state, two gates",
    reference=irregular_step,
    inputs=irregular_case,
    misconceptions=(
        Misconception(
            "nothing fades",
            variant(irregular_step, fade="none"),
            "Does your answer depend on gap?",
            "A gap of many τ: hardly anything of the old state may be left.",
            "You step from h as it is. It fades first.",
        ),
        Misconception(
            "the state grows",
            variant(irregular_step, fade="grows"),
            "Can your state leave the range from −1 to 1?",
            "A gap of one τ leaves 0.37 of the state, not 2.72 of it.",
            "The sign in your exponent is wrong.",
        ),
        Misconception(
            "gap and τ exchanged",
            variant(irregular_step, fade="upside down"),
            "Does a longer gap leave more or less in yours?",
            "A gap of 2 with τ = 1 leaves 0.14.",
            "You divide τ by the gap. It is the other way round.",
        ),
        Misconception(
            "faded along a line",
            variant(irregular_step, fade="line"),
            "How much is left after a gap of one τ?",
            "After one τ 0.37 is left, not nothing.",
            "You subtract gap / τ from 1. The state fades by e to the power of −gap / τ.",
        ),
        Misconception(
            "τ as a half-life",
            variant(irregular_step, fade="halves"),
            "How much is left after a gap of one τ?",
            "After one τ 0.37 is left, not a half.",
            "You took τ for a half-life. It is the time down to 1/e.",
        ),
        Misconception(
            "one gap for all rows",
            variant(irregular_step, fade="one gap"),
            "Print how much of each row is left. Are your rows alike?",
            "gap = [0.5, 4]: the second row has lost far more than the first.",
            "You use one number for all rows. Each row has its own gap: gap[:, None].",
        ),
        Misconception(
            "faded after the step",
            variant(irregular_step, when="after"),
            "When was the gap: before the measurement or after it?",
            "A long gap and an update gate near 0: the new state is the candidate, in full.",
            "You fade the result. It is the old state that fades, before the step.",
        ),
        Misconception(
            "the old state mixed in as it was",
            variant(irregular_step, when="heard"),
            "In how many places of the step does the old state stand?",
            "z near 1 after a long gap: what is kept is what is left of the state.",
            "The gates and the candidate hear the faded state, but your mixture still has h.",
        ),
        Misconception(
            "gates and candidate hear the state as it was",
            variant(irregular_step, when="mixed"),
            "In how many places of the step does the old state stand?",
            "After a very long gap the gates hear the measurement alone.",
            "Your mixture has the faded state, but the gates and the candidate still hear h.",
        ),
        Misconception(
            "rows without a measurement go on",
            variant(irregular_step, unseen="on"),
            "Some rows are right. What do the others have in common?",
            "seen = [True, False]: the second row of h comes back as it went in.",
            "You step every row. Where seen is False the state stays as it is.",
        ),
        Misconception(
            "rows without a measurement fade",
            variant(irregular_step, unseen="faded"),
            "Some rows are right. What do the others have in common?",
            "seen = [True, False]: the second row of h comes back as it went in.",
            "You fade every row. The gap of a row that is not seen goes on, and counts later.",
        ),
        Misconception(
            "rows without a measurement at zero",
            variant(irregular_step, unseen="zero"),
            "Some rows are right. What do the others have in common?",
            "seen = [True, False]: the second row of h comes back as it went in.",
            "You set the state to zero where seen is False. It stays as it is.",
        ),
        Misconception(
            "seen and unseen exchanged",
            variant(irregular_step, whom="unseen"),
            "Every row is wrong. Which rows did you step?",
            "seen = [True, False]: the second row of h comes back as it went in.",
            "You step where seen is False. True means that a measurement is there.",
        ),
        Misconception(
            "the update gate updates",
            variant(irregular_step, mix="updates"),
            "Which share belongs to the old state?",
            "With z = 1 this course, PyTorch and Cho et al. keep the old state. Yours takes the "
            "new.",
            "You used the other convention: here h_t = z · h + (1 − z) · n.",
        ),
        Misconception(
            "reset before the product",
            variant(irregular_step, reset="before"),
            "The candidate is a little off. What exactly does r multiply?",
            "With one unit and b_hn = 0 you would be right, with two units you are not.",
            "You reset h before the matrix product. Here r multiplies the product.",
        ),
        Misconception(
            "no reset",
            variant(irregular_step, reset="none"),
            "One of the two gates has no effect in your step.",
            "If r = 0, the candidate must not hear the past at all.",
            "You left out the reset gate in the candidate.",
        ),
        Misconception(
            "the inner bias outside the reset",
            variant(irregular_step, reset="outside"),
            "Nearly. One term of the candidate stands on the wrong side of r.",
            "If r = 0, the candidate hears only x. Does yours?",
            "b_hn stands inside the bracket that r multiplies.",
        ),
        Misconception(
            "blocks in another order",
            variant(irregular_step, order="zrn"),
            "Shapes are right, values are not. In which order do the blocks lie?",
            "With H = 1, row 0 belongs to the reset gate.",
            "r and z have changed places: the blocks lie in the order r z n.",
        ),
        Misconception(
            "τ multiplied instead of divided by",
            variant(irregular_step, fade="times"),
            "A unit with a large τ is to fade slowly. Does yours?",
            "After a gap of τ hours e⁻¹ = 37 % is left, whatever τ is.",
            "You multiply the gap by τ. It is divided by τ.",
        ),
        Misconception(
            "rows without a measurement read zeros",
            variant(irregular_step, unseen="zeros"),
            "Some rows are right. What do the others have in common?",
            "seen = [True, False]: the second row of h comes back as it went in.",
            "You set the input of those rows to zero and take the step all the same. They take no"
            " step.",
        ),
    ),
)

# --- convert_gru -------------------------------------------------------------------------------


def foreign_case(rng):
    D, H = (int(n) for n in rng.integers(2, 6, size=2))
    cell = GRUCell(D, H, rng=rng)
    p = cell.params
    return p["W_xh"].T, p["W_hh"].T, rng.standard_normal(3 * H)


def convert_gru(kernel, recurrent, bias, *, order=(1, 0, 2), signs=(1, -1, 1), parts=(1, 1, 1)):
    """Blocks z r n, transposed, z updates → blocks r z n, z keeps; and ways to get it wrong."""
    converted = []
    for weights, convert in zip((kernel.T, recurrent.T, bias), parts, strict=True):
        blocks = np.split(weights, 3)
        if convert:
            blocks = [sign * blocks[n] for n, sign in zip(order, signs, strict=True)]
        else:
            blocks = [blocks[n] for n in order]
        converted.append(np.concatenate(blocks))
    return tuple(converted)


def one_minus_weights(*case):
    H = len(case[2]) // 3
    moved = convert_gru(*case, signs=(1, 1, 1))
    return tuple(np.concatenate([p[:H], 1 - p[H : 2 * H], p[2 * H :]]) for p in moved)


CONVERT_GRU = Question(
    name="convert_gru",
    points=3,
    section="2 · One model written in two ways: z and 1 − z",
    reference=convert_gru,
    inputs=foreign_case,
    misconceptions=(
        Misconception(
            "the blocks left in their order",
            variant(convert_gru, order=(0, 1, 2), signs=(-1, 1, 1)),
            "Shapes are right. Which block stands first in the file, and which with us?",
            "With H = 1 the file's first column belongs to z, our first row to r.",
            "You left the blocks as z r n. Ours lie in the order r z n.",
        ),
        Misconception(
            "only turned over",
            variant(convert_gru, order=(0, 1, 2), signs=(1, 1, 1)),
            "Rows and columns are right. Two more things differ between the file and ours.",
            "With H = 1 the file's first column belongs to z, our first row to r.",
            "You transposed, and did no more: the blocks still lie as z r n, and z still updates.",
        ),
        Misconception(
            "blocks in their order, the second negated",
            variant(convert_gru, order=(0, 1, 2)),
            "Shapes are right. Which block stands second in the file?",
            "In the file the blocks lie as z r n, with us as r z n.",
            "You left the blocks as z r n and negated the second: that is r. Move them first.",
        ),
        Misconception(
            "blocks moved round",
            variant(convert_gru, order=(1, 2, 0), signs=(1, 1, -1)),
            "Which of your three blocks is the candidate's?",
            "z r n becomes r z n: two blocks change places, and one stays where it is.",
            "Your blocks lie as r n z. Ours lie as r z n.",
        ),
        Misconception(
            "the convention left as it was",
            variant(convert_gru, signs=(1, 1, 1)),
            "Every block is in its place. What does z near 1 do there, and what here?",
            "There σ(3) takes in 95 % of the candidate, here it keeps 95 % of the old state.",
            "You moved the blocks and left the convention. What feeds z has to be negated.",
        ),
        Misconception(
            "the reset gate negated",
            variant(convert_gru, signs=(-1, 1, 1)),
            "Which of the three blocks makes the gate that is written in two ways?",
            "Negate the block of z where it stands, or where it goes: the second with us.",
            "You negated the block of the reset gate. It is z that changes its sign.",
        ),
        Misconception(
            "everything negated",
            variant(convert_gru, signs=(-1, -1, -1)),
            "What becomes of the candidate if all its weights change sign?",
            "tanh(−a) = −tanh(a): the candidate would turn round as well.",
            "Only what feeds z changes sign. You negated all three blocks.",
        ),
        Misconception(
            "the bias not converted",
            variant(convert_gru, parts=(1, 1, 0)),
            "Try an input of zeros from a state of zeros. What feeds z then?",
            "1 − σ(a + b) = σ(−a − b).",
            "The bias feeds z, too, and must change its sign.",
        ),
        Misconception(
            "the recurrent weights not converted",
            variant(convert_gru, parts=(1, 0, 1)),
            "It works for one step from a state of zeros. What else feeds z?",
            "1 − σ(w x + u h + b) = σ(−w x − u h − b).",
            "The rows of z in W_hh feed z as well, and must change their sign.",
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

# --- identify_gru ------------------------------------------------------------------------------

KINDS = [(mix, reset) for mix in ("keeps", "updates") for reset in ("after", "before")]


def states_of(x, W_xh, W_hh, b_h, mix, reset):
    """All states (T, H) of one sequence x (T, D), by one of the four kinds of GRU."""
    h, states = np.zeros((1, W_hh.shape[1])), []
    for x_t in x:
        h = gru_step(x_t[None], h, W_xh, W_hh, b_h, 0.0, mix=mix, reset=reset)
        states.append(h[0])
    return np.array(states)


def unknown_case(rng):
    """Weights, an input, and its states by the four kinds in some order."""
    D, H, T = (int(n) for n in rng.integers((2, 3, 4), (5, 6, 9)))
    W_xh, W_hh, b_h = 2 * rng.standard_normal((3 * H, D)), rng.standard_normal((3 * H, H)), 0
    b_h = rng.standard_normal(3 * H)
    x = rng.standard_normal((T, D))
    order = rng.permutation(4)
    series = [states_of(x, W_xh, W_hh, b_h, *KINDS[n]) for n in order]
    return x, series, W_xh, W_hh, b_h


def identify_gru(x, series, W_xh, W_hh, b_h, *, call="{} {}".format):
    """Which of the four kinds made each of the series."""
    names = []
    for states in series:
        gaps = [abs(states_of(x, W_xh, W_hh, b_h, *kind) - states).max().round(9) for kind in KINDS]
        names.append(call(*KINDS[int(np.argmin(gaps))]))
    return names


def other(word, *pair):
    return pair[1 - pair.index(word)]


IDENTIFY_GRU = Question(
    name="identify_gru",
    points=3,
    section="3 · Reset before or after the product",
    reference=identify_gru,
    inputs=unknown_case,
    misconceptions=(
        Misconception(
            "the reset not told apart",
            variant(identify_gru, call=lambda z, r: f"{z} after"),
            "Your answers come in pairs. Can that be, when four different cells made the series?",
            "From a state of zeros r has nothing to multiply: step 1 is the same for both resets.",
            "All your resets stand after the product: you have no other cell, or you look at "
            "the first step alone. They differ from the second step on.",
        ),
        Misconception(
            "keeps and updates exchanged",
            variant(identify_gru, call=lambda z, r: f"{other(z, 'keeps', 'updates')} {r}"),
            "The reset is right everywhere. What does z near 1 do in each of your two versions?",
            "h_t = z · h_{t−1} + (1 − z) · n: with z = 1 nothing changes. What is its name?",
            "You exchanged the two names: z in front of h_{t−1} keeps.",
        ),
        Misconception(
            "before and after exchanged",
            variant(identify_gru, call=lambda z, r: f"{z} {other(r, 'before', 'after')}"),
            "The update gate is right everywhere. Where does r stand in each of your versions?",
            "W (r · h): r comes before the product. r · (W h): after it.",
            "You exchanged the two names of the reset.",
        ),
        Misconception(
            "one cell for all",
            variant(identify_gru, call=lambda z, r: "keeps after"),
            "Your four answers are the same. Can that be?",
            "The four series are made by four different cells.",
            "You give one name to all. Compute the states of all four cells, and see which comes "
            "nearest to each series.",
        ),
        Misconception(
            "the update gate not told apart",
            variant(identify_gru, call=lambda z, r: f"keeps {r}"),
            "Two of your four answers are the same. Can that be?",
            "The four series are made by four different cells.",
            "All your update gates keep. Compute the states with the other mixture, too.",
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
    belt="z", dz="h-n", slopes=True, reset=True, share=True, paths="rzn", order="rzn",
    tanh_slope=True, other=False,
):  # fmt: skip
    """The step back and the ways to get it wrong."""
    if other:
        z, dz = 1 - z, "n-h"
    gate = (lambda s: s * (1 - s)) if slopes else np.ones_like
    da_n = dh * ((1 - z) if share else 1) * ((1 - n**2) if tanh_slope else 1)
    da_z = dh * {"h-n": h_prev - n, "n-h": n - h_prev, "h": h_prev}[dz] * gate(z)
    da_r = da_n * m * gate(r)
    blocks = {"r": da_r, "z": da_z, "n": da_n * r if reset else da_n}
    parts = [blocks[name] if name in paths else 0 * dh for name in order]
    through = np.concatenate(parts, axis=-1) @ W_hh
    return through + {"z": z * dh, "none": 0, "whole": dh}[belt]


GRU_STEP_BACKWARD = Question(
    name="gru_step_backward",
    points=3,
    section="4 · The way back",
    reference=gru_step_backward,
    inputs=backward_case,
    misconceptions=(
        Misconception(
            "the belt forgotten",
            variant(gru_step_backward, belt="none"),
            "By how many paths does h_{t−1} reach h_t?",
            "Set W_hh = 0: h_t still depends on h_{t−1}. Does your gradient?",
            "You left out the direct path: z · dh.",
        ),
        Misconception(
            "the belt without its gate",
            variant(gru_step_backward, belt="whole"),
            "How much of h_{t−1} goes directly into h_t?",
            "With z = 0 the old state is replaced: nothing may come back directly.",
            "You sent dh back whole. On the direct path it is multiplied by z.",
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
            "the path through z forgotten",
            variant(gru_step_backward, paths="rn"),
            "By how many paths does h_{t−1} reach h_t? Count the gates.",
            "If h_{t−1} and n differ, a change of z changes h_t, and z listens to h_{t−1}.",
            "You left out the path through the update gate.",
        ),
        Misconception(
            "the path through r forgotten",
            variant(gru_step_backward, paths="zn"),
            "By how many paths does h_{t−1} reach h_t? Count the gates.",
            "The candidate contains r · m, and r listens to h_{t−1} as well as m does.",
            "You left out the path through the reset gate, and with it the use of m.",
        ),
        Misconception(
            "the sign of the other convention",
            variant(gru_step_backward, dz="n-h"),
            "One of the paths has the wrong sign.",
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
            "Too much comes back through the candidate.",
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
        Misconception(
            "the other convention throughout",
            variant(gru_step_backward, other=True),
            "Suppose z = 1 at every unit. Which gradient arrives at the old state then?",
            "Here h_t = z · h_{t−1} + (1 − z) · n: with z = 1 nothing changes, and dh goes back "
            "whole.",
            "You went back through h_t = (1 − z) · h_{t−1} + z · n. Here z keeps: exchange z and "
            "1 − z, and the sign of dz.",
        ),
        Misconception(
            "the slope of the candidate forgotten",
            variant(gru_step_backward, tanh_slope=False),
            "What stands between n and the sum inside its tanh?",
            "A candidate at 0.999 hardly moves when its sum does.",
            "The slope of the tanh, 1 − n², is missing on the way through the candidate.",
        ),
        Misconception(
            "the old state for what the reset multiplied",
            lambda dh, h_prev, r, z, n, m, W_hh: gru_step_backward(
                dh, h_prev, r, z, n, h_prev, W_hh
            ),
            "Which of the arguments has no influence on your result?",
            "n = tanh(… + r · m): how much r matters is decided by m.",
            "You multiplied by h_prev on the way through r. Here r stands before m, the product.",
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
    section="1 · One state, two gates",
    reference=minimal_gated_step,
    inputs=minimal_case,
    misconceptions=(
        Misconception(
            "the gate keeps",
            variant(minimal_gated_step, mix="keeps"),
            "Read the last equation again: what does f = 1 do?",
            "In this cell f near 1 takes in the candidate.",
            "You mixed as the GRU of this course does. This cell uses the other convention.",
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

# --- train_gru ---------------------------------------------------------------------------------


def speakers_case(rng):
    """A few of the recordings of Japanese vowels, padded with zeros, and weights of a GRU."""
    B, H = int(rng.integers(3, 6)), int(rng.integers(3, 6))
    series, speakers = load_japanese_vowels()
    chosen = rng.choice(len(series), size=B, replace=False)
    lengths = np.array([len(series[n]) for n in chosen])
    lengths[0] = min(lengths[0], 9)  # so that one at least is padded
    x = np.zeros((B, lengths.max() + 2, 12))
    for row, n in enumerate(chosen):
        x[row, : lengths[row]] = series[n][: lengths[row]]
    cell = GRUCell(12, H, rng=rng)
    V = rng.standard_normal((9, H))
    rate, updates = float(rng.uniform(0.3, 0.7)), int(rng.integers(0, 5))
    return x, lengths, speakers[chosen], *cell.params.values(), V, rate, updates


def train_gru(
    x, lengths, y, W_xh, W_hh, b_h, b_hn, V, rate, updates, *,
    read="own", loss="mean", softmax=1, sign=-1, read_out=True, mix="keeps", add_up=False,
    still=None,
):  # fmt: skip
    """The losses of plain gradient descent, and of descents with something wrong."""
    import torch
    import torch.nn.functional as F

    weights = [w.clone().requires_grad_() for w in (W_xh, W_hh, b_h, b_hn, V)]
    rows, losses, sums = torch.arange(len(x)), [], [0.0] * 5
    for _ in range(updates + 1):
        *cell, V = weights
        W_xh, W_hh, b_h, b_hn = cell
        h, states = x.new_zeros(len(x), W_hh.shape[1]), []
        for x_t in x.unbind(1):
            x_r, x_z, x_n = (x_t @ W_xh.T + b_h).chunk(3, -1)
            h_r, h_z, h_n = (h @ W_hh.T).chunk(3, -1)
            r, z = torch.sigmoid(x_r + h_r), torch.sigmoid(x_z + h_z)
            n = torch.tanh(x_n + r * (h_n + b_hn))
            h = z * h + (1 - z) * n if mix == "keeps" else (1 - z) * h + z * n
            states.append(h)
        states = torch.stack(states, 1)
        last = {"own": lengths - 1, "end": lengths * 0 + x.shape[1] - 1,
                "next": lengths, "before": lengths - 2}[read]  # fmt: skip
        scores = states[rows, last] @ V.T
        error = F.cross_entropy(scores.softmax(-1) if softmax == 2 else scores, y, reduction=loss)
        losses.append(error.item())
        grads = torch.autograd.grad(error, weights)
        sums = [grad + add_up * old for grad, old in zip(grads, sums, strict=True)]
        with torch.no_grad():
            for n, (w, grad) in enumerate(zip(weights, sums, strict=True)):
                if n != still and (n < 4 or read_out):
                    w += sign * rate * grad
    return losses


TRAIN_GRU = Question(
    name="train_gru",
    points=4,
    section="6 · LSTM or GRU?",
    reference=train_gru,
    inputs=speakers_case,
    framework="torch",
    misconceptions=(
        Misconception(
            "the state at the end of the padding read",
            variant(train_gru, read="end"),
            "Already the first loss is off. From which state do you read each recording?",
            "A recording of 9 steps in a batch of 20 is over after step 9. What has your state "
            "read since?",
            "You read the state after the padding. Each recording has its own last step.",
        ),
        Misconception(
            "one step too far",
            variant(train_gru, read="next"),
            "Already the first loss is off. Which index has the last of 9 steps?",
            "The states of 9 steps have the indices 0 to 8.",
            "You read the state at index `length`, one step into the padding.",
        ),
        Misconception(
            "softmax twice",
            variant(train_gru, softmax=2),
            "Already the first loss is off. What does your loss expect: scores or shares?",
            "With nine equal scores the loss is ln 9 = 2.197 either way; with others it is not.",
            "cross_entropy takes scores and applies the softmax itself. You applied it before.",
        ),
        Misconception(
            "the sum over the batch",
            variant(train_gru, loss="sum"),
            "Look at the first loss: is it a mean?",
            "With nine equal scores it is ln 9 = 2.197, whatever the batch.",
            "You summed over the batch. The loss is the mean over the recordings.",
        ),
        Misconception(
            "uphill",
            variant(train_gru, sign=1),
            "Your first loss is right. In which direction do the others go?",
            "A loss of 2.2 that becomes 2.5 after one update has gone the wrong way.",
            "You add the gradient. Descent subtracts it, times the rate.",
        ),
        Misconception(
            "the read-out not trained",
            variant(train_gru, read_out=False),
            "Your first loss is right. Which parameters change in your loop?",
            "V has a gradient, too.",
            "You left V as it was. It is trained with the cell's four parameters.",
        ),
        Misconception(
            "gradients that add up",
            variant(train_gru, add_up=True),
            "The first two losses are right. What does the second update step along?",
            "PyTorch adds each new gradient to the one that is stored in w.grad.",
            "Your gradients pile up from update to update. Set them to zero, or to None, each "
            "time.",
        ),
        Misconception(
            "the update gate updates",
            variant(train_gru, mix="updates"),
            "Already the first loss is off. Which share belongs to the old state?",
            "With z = 1 this course and PyTorch keep the old state. Yours takes the new.",
            "You used the other convention: here h_t = z · h + (1 − z) · n.",
        ),
        Misconception(
            "one step short",
            variant(train_gru, read="before"),
            "Already the first loss is off, by little. Which index has a recording's last step?",
            "A recording of 9 steps has the indices 0 to 8: lengths − 1.",
            "You read the last state but one. lengths − 1 is the index of the last.",
        ),
        Misconception(
            "the inner bias not trained",
            variant(train_gru, still=3),
            "The first loss is right. How many of the five parameters change in your loop?",
            "b_hn stands inside the bracket of the candidate and has a gradient like the others.",
            "You left b_hn as it was.",
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
    IRREGULAR_STEP,
    CONVERT_GRU,
    IDENTIFY_GRU,
    GRU_STEP_BACKWARD,
    MINIMAL_GATED_STEP,
    TRAIN_GRU,
    EXPLAIN_CHOICE,
]
