"""Chapter 6, the LSTM: peepholes, its belt, a latch, coupled gates and back, a first training."""

from __future__ import annotations

import numpy as np

from rnncourse.bank import Misconception, Question, variant
from rnncourse.cells import LSTMCell, sigmoid, unroll, unroll_backward
from rnncourse.data import load_electricity

# --- peephole_step: with peepholes, and with series that have ended ------------------------------


def peephole_case(rng):
    """A batch in which some series are over, and some are not."""
    B, D, H = (int(n) for n in rng.integers((3, 2, 2), 6))
    h, c = np.tanh(rng.standard_normal((B, H))), 2 * rng.standard_normal((B, H))
    W_xh, W_hh = rng.standard_normal((4 * H, D)), rng.standard_normal((4 * H, H))
    going = rng.permutation([True, False, *rng.integers(0, 2, B - 2).astype(bool)])
    b_h, peep = rng.standard_normal(4 * H), rng.standard_normal((3, H))
    return rng.standard_normal((B, D)), h, c, going, W_xh, W_hh, b_h, peep


def peephole_step(
    x_t, h, c, going, W_xh, W_hh, b_h, peep, *,
    order="ifgo", rows="ifo", looking="ifo", inside=True, o_sees="new", bias=True,
    candidate=np.tanh, show=np.tanh, enter=True, ended="kept",
):  # fmt: skip
    """The step and the ways to get it wrong."""
    a = dict(zip(order, np.split(x_t @ W_xh.T + h @ W_hh.T + bias * b_h, 4, axis=-1), strict=True))
    p = dict(zip(rows, peep, strict=True))
    p = {gate: p[gate] * (gate in looking) for gate in "ifo"} | {"g": p["i"] * ("g" in looking)}

    def gate(name, belt):
        look = p[name] * belt
        return sigmoid(a[name] + look) if inside else sigmoid(a[name]) + look

    new = gate("f", c) * c + (gate("i", c) if enter else 1) * candidate(a["g"] + p["g"] * c)
    seen = {"new": new, "old": c, "shown": np.tanh(new)}[o_sees]
    shown = gate("o", seen) * show(new)
    steps = ~going if ended == "turned" else going
    keep_h = {"zero": 0, "on": shown, "c only": shown}.get(ended, h)
    keep_c = {"zero": 0, "on": new, "h only": new}.get(ended, c)
    return np.where(steps[:, None], shown, keep_h), np.where(steps[:, None], new, keep_c)


PEEPHOLE_STEP = Question(
    name="peephole_step",
    points=3,
    section="6 · Variants, in a paragraph",
    reference=peephole_step,
    inputs=peephole_case,
    misconceptions=(
        Misconception(
            "no peepholes",
            variant(peephole_step, looking=""),
            "Which of the arguments has no influence on your result?",
            "With peep = 0 you are right. What do its three rows do?",
            "Your gates do not look at the belt. Each adds its row of peep times c.",
        ),
        Misconception(
            "the output gate sees the old belt",
            variant(peephole_step, o_sees="old"),
            "The cell state is right, the hidden state is not.",
            "In which order are things made? When the output gate acts, the new belt is there.",
            "Your output gate looks at the belt as it came in. It looks at the one just made.",
        ),
        Misconception(
            "the output gate sees the belt through a tanh",
            variant(peephole_step, o_sees="shown"),
            "The cell state is right, the hidden state is not.",
            "A belt that holds 3: does your output gate look at 3, or at 0.995?",
            "Your output gate looks at tanh(c). The peephole shows it the belt itself.",
        ),
        Misconception(
            "shown without tanh",
            variant(peephole_step, show=lambda c: c),
            "The cell state is right, the hidden state is not.",
            "However large c grows, h stays between −1 and 1. Does yours?",
            "You show o · c. The belt passes through a tanh before it is shown.",
        ),
        Misconception(
            "the candidate through the logistic function",
            variant(peephole_step, candidate=sigmoid),
            "Can your cell ever put a negative number on the belt?",
            "The candidate lies between −1 and 1. Yours lies between 0 and 1.",
            "You squashed the candidate with the logistic function. It takes tanh.",
        ),
        Misconception(
            "the output gate without a peephole",
            variant(peephole_step, looking="if"),
            "The cell state is right, the hidden state is not.",
            "How many rows does peep have, and how many did you use?",
            "The third row belongs to the output gate.",
        ),
        Misconception(
            "a peephole for the candidate",
            variant(peephole_step, looking="ifog"),
            "The gates are right. What does the candidate listen to?",
            "There are three rows in peep, and four blocks.",
            "You let the candidate look at the belt as well. Only the gates do.",
        ),
        Misconception(
            "the input wide open",
            variant(peephole_step, enter=False),
            "One of the three gates has no effect in your step.",
            "With i = 0 nothing new may get onto the belt.",
            "You add the whole candidate. The input gate multiplies it first.",
        ),
        Misconception(
            "peepholes in another order",
            variant(peephole_step, rows="iof"),
            "Which row of peep belongs to which gate?",
            "With row 1 alone different from zero, the forget gate must change.",
            "You took the rows as i o f. Their order is i f o.",
        ),
        Misconception(
            "added behind the squashing",
            variant(peephole_step, inside=False),
            "Are your gates between 0 and 1?",
            "A gate of 0.9 to which 0.5 is added: how much of the belt would it keep?",
            "The look at the belt is one more term inside the logistic function.",
        ),
        Misconception(
            "blocks in another order",
            variant(peephole_step, order="ifog"),
            "Shapes are right, values are not. In which order do the four blocks lie?",
            "With H = 1, row 0 of the product belongs to i, row 1 to f, row 2 to …",
            "You took the blocks as i f o g. The order here is i f g o: the candidate comes third.",
        ),
        Misconception(
            "bias forgotten",
            variant(peephole_step, bias=False),
            "Let x_t, h and c be zero: what is left inside the gates?",
            "With b_h = 0 you are right.",
            "You left out b_h. It is added before the squashing.",
        ),
        Misconception(
            "series that have ended go on",
            variant(peephole_step, ended="on"),
            "Some rows are right. What do the others have in common?",
            "going = [True, False]: the second row of h and c comes back as it went in.",
            "You step every row. Where going is False, both states stay as they are.",
        ),
        Misconception(
            "states of series that have ended at zero",
            variant(peephole_step, ended="zero"),
            "Some rows are right. What do the others have in common?",
            "A series that has ended has a last state, which somebody wants to read.",
            "You set the states to zero where going is False. They stay as they were.",
        ),
        Misconception(
            "the belt alone kept",
            variant(peephole_step, ended="c only"),
            "c is right everywhere, h in some rows only.",
            "going = [True, False]: the second row of h and c comes back as it went in.",
            "Where going is False you keep c and compute a new h. Both stay.",
        ),
        Misconception(
            "the hidden state alone kept",
            variant(peephole_step, ended="h only"),
            "h is right everywhere, c in some rows only.",
            "going = [True, False]: the second row of h and c comes back as it went in.",
            "Where going is False you keep h and compute a new c. Both stay.",
        ),
        Misconception(
            "going and ended exchanged",
            variant(peephole_step, ended="turned"),
            "Every row is wrong. Which rows did you step?",
            "going = [True, False]: the second row of h and c comes back as it went in.",
            "You step where going is False. True means that the series goes on.",
        ),
        Misconception(
            "peepholes of input and forget gate exchanged",
            variant(peephole_step, rows="fio"),
            "Which row of peep belongs to which gate?",
            "With c_{t−1} = 1 the input gate hears peep[0], the forget gate peep[1].",
            "You took the rows as f i o. The order is i f o.",
        ),
    ),
)

# --- carried_gradient --------------------------------------------------------------------------


def forget_case(rng):
    return (rng.uniform(0.2, 1.0, (int(rng.integers(3, 9)), int(rng.integers(2, 5)))),)


def carried_gradient(f):
    """dc_T/dc_t along the belt for t = 1 … T: the product of the gates after t."""
    after = np.cumprod(f[:0:-1], axis=0)[::-1]
    return np.concatenate([after, np.ones_like(f[:1])])


CARRIED_GRADIENT = Question(
    name="carried_gradient",
    points=2,
    section="1 · A belt without a matrix",
    reference=carried_gradient,
    inputs=forget_case,
    misconceptions=(
        Misconception(
            "one gate too many",
            lambda f: np.cumprod(f[::-1], axis=0)[::-1],
            "What is dc_T/dc_T?",
            "For T = 2 the answer is (f_2, 1): c_2 = f_2 c_1 + …",
            "Your product starts at f_t. Between c_t and c_T stand f_{t+1} … f_T.",
        ),
        Misconception(
            "product from the front",
            lambda f: np.cumprod(f, axis=0),
            "Which gates stand between c_t and the end?",
            "The last entry must be 1, the first the smallest. Yours run the other way.",
            "You multiplied the gates from the start up to t. It is those after t.",
        ),
        Misconception(
            "the share that is erased",
            lambda f: carried_gradient(1 - f),
            "What should come back if all the gates are 1?",
            "With f = 1 everywhere, nothing is lost: all the answers are 1.",
            "You multiplied 1 − f. The forget gate is the share kept.",
        ),
        Misconception(
            "sum instead of product",
            lambda f: np.concatenate([np.cumsum(f[:0:-1], axis=0)[::-1], np.ones_like(f[:1])]),
            "Can your gradient be larger than 1? Can the true one?",
            "Two gates of one half: what is left of a number after both?",
            "You added the gates up. Steps in a row multiply.",
        ),
        Misconception(
            "rows not turned back",
            lambda f: carried_gradient(f)[::-1],
            "The right numbers, in the wrong rows. Which row belongs to t = T?",
            "The last row is dc_T/dc_T = 1. Which of yours is 1?",
            "You multiplied from the end, and left the rows in that order. Turn them back.",
        ),
        Misconception(
            "from the end, and not turned back",
            lambda f: np.cumprod(f[::-1], axis=0),
            "What is dc_T/dc_T, and in which row of yours does it stand?",
            "For T = 2 the answer is (f_2, 1). Yours is (f_2, f_2 f_1).",
            "You multiplied from the end and left it so. Row t wants the gates after t, and the "
            "last row is 1.",
        ),
        Misconception(
            "one gate only",
            lambda f: np.concatenate([f[1:], np.ones_like(f[:1])]),
            "The last two rows are right. What happens over two steps?",
            "For T = 3, dc_3/dc_1 goes through f_2 and through f_3.",
            "You give the factor of a single step. On the way to c_T all the gates after t "
            "multiply.",
        ),
        Misconception(
            "along the units",
            lambda f: np.cumprod(f, axis=1),
            "Along which axis does time run?",
            "f is (T, H): the gates of one unit stand in one *column*.",
            "You multiplied gates of different units. Units do not meet on the belt.",
        ),
    ),
)

# --- forget_half_life --------------------------------------------------------------------------


def bias_case(rng):
    return (float(rng.uniform(-1, 6)),)


def forget_half_life(bias):
    return float(np.log(0.5) / np.log(sigmoid(bias)))


def bias_for_gate(b):
    with np.errstate(invalid="ignore", divide="ignore"):
        return float(np.log(0.5) / np.log(b))


FORGET_HALF_LIFE = Question(
    name="forget_half_life",
    points=2,
    section="1 · A belt without a matrix",
    reference=forget_half_life,
    inputs=bias_case,
    misconceptions=(
        Misconception(
            "the bias as the gate",
            bias_for_gate,
            "What is the value of the gate when the bias is 0?",
            "A bias of 0 gives f = 0.5, so half is left after exactly one step.",
            "You took the bias for the gate. It goes through the logistic function first.",
        ),
        Misconception(
            "tanh for the gate",
            lambda b: float(np.log(0.5) / np.log(abs(np.tanh(b)))),
            "Which function makes a gate out of a number?",
            "At bias 0 the gate is one half, not nought.",
            "You used tanh. Gates use the logistic function.",
        ),
        Misconception(
            "linear decay",
            lambda b: float(0.5 / (1 - sigmoid(b))),
            "How much is left after two steps with f = 0.9?",
            "After two steps 0.81 is left, not 0.8.",
            "You let the same amount go at each step. It is the same *share*: f, f², f³ …",
        ),
        Misconception(
            "down to 1/e",
            lambda b: float(-1 / np.log(sigmoid(b))),
            "Down to which share do you count?",
            "At bias 0 the answer is exactly 1.",
            "You counted down to 1/e. A half-life goes down to one half.",
        ),
        Misconception(
            "the ratio upside down",
            lambda b: float(np.log(sigmoid(b)) / np.log(0.5)),
            "Should a gate nearer to 1 give a longer life or a shorter one?",
            "f = 0.71 keeps a half after two steps. Yours says a half step.",
            "Your fraction stands on its head: solve f^n = 1/2 for n.",
        ),
        Misconception(
            "the wrong sign",
            lambda b: -forget_half_life(b),
            "Can a number of steps be negative?",
            "f^n = 1/2: take logarithms on both sides. Which sign has ln f, which ln 1/2?",
            "You solved f^n = 2. What is left is a half, so n = ln(1/2) / ln f.",
        ),
        Misconception(
            "rounded up",
            lambda b: float(np.ceil(forget_half_life(b))),
            "Yours are whole numbers. Must they be?",
            "f = 0.8 leaves a half after 3.1 steps, not after 4.",
            "You counted whole steps. Solve f^n = 1/2 for n, which may be a fraction.",
        ),
        Misconception(
            "the mean time of staying",
            lambda b: float(1 / (1 - sigmoid(b))),
            "Your number is too large, by 44 % at least, the more the smaller the bias. Down to "
            "which share do you count?",
            "At bias 0 a half is left after exactly 1 step. You get 2.",
            "1 / (1 − f) is how long something stays on average. A half-life solves f^n = 1/2.",
        ),
    ),
)

# --- coupled_step ------------------------------------------------------------------------------


def coupled_case(rng):
    B, D, H = (int(n) for n in rng.integers(2, 6, size=3))
    h, c = np.tanh(rng.standard_normal((B, H))), rng.standard_normal((B, H))
    W_xh, W_hh = rng.standard_normal((3 * H, D)), rng.standard_normal((3 * H, H))
    return rng.standard_normal((B, D)), h, c, W_xh, W_hh, rng.standard_normal(3 * H)


def coupled_step(
    x_t, h, c, W_xh, W_hh, b_h, *,
    order="fgo", keep=lambda f: f, enter=lambda f: 1 - f, candidate=np.tanh, show=np.tanh,
    bias=True, shown="new",
):  # fmt: skip
    """The coupled step and the ways to get it wrong."""
    a = dict(zip(order, np.split(x_t @ W_xh.T + h @ W_hh.T + bias * b_h, 3, axis=-1), strict=True))
    f = sigmoid(a["f"])
    new = keep(f) * c + enter(f) * candidate(a["g"])
    return sigmoid(a["o"]) * show(new if shown == "new" else c), new


COUPLED_STEP = Question(
    name="coupled_step",
    points=2,
    section="6 · Variants, in a paragraph",
    reference=coupled_step,
    inputs=coupled_case,
    misconceptions=(
        Misconception(
            "not coupled",
            variant(coupled_step, enter=lambda f: f),
            "How much is let in when everything is kept?",
            "With f = 1 nothing new may enter. With yours it does.",
            "You used f twice. What enters has the share 1 − f.",
        ),
        Misconception(
            "coupled the wrong way",
            variant(coupled_step, keep=lambda f: 1 - f, enter=lambda f: f),
            "What should f = 1 do to the belt?",
            "With f = 1 the belt stays as it is. Yours is replaced.",
            "You exchanged the shares: f keeps, 1 − f lets in.",
        ),
        Misconception(
            "blocks in another order",
            variant(coupled_step, order="fog"),
            "Shapes are right, values are not. In which order do the three blocks lie?",
            "With H = 1, row 0 belongs to f, row 1 to …",
            "You took the blocks as f o g. The order is f g o.",
        ),
        Misconception(
            "shown without tanh",
            variant(coupled_step, show=lambda c: c),
            "The cell state is right; the hidden state is not.",
            "However large c grows, h stays between −1 and 1. Does yours?",
            "You show o · c. The belt passes through a tanh before it is shown.",
        ),
        Misconception(
            "bias forgotten",
            variant(coupled_step, bias=False),
            "Let x_t and h be zero: what is left of f, g and o?",
            "With b_h = 0 you are right.",
            "You left out b_h. It is added before the squashing.",
        ),
        Misconception(
            "the input wide open",
            variant(coupled_step, enter=lambda f: 1.0),
            "Something enters even when the cell wants to keep.",
            "With f = 1 nothing new may enter.",
            "There is no separate input gate, but the candidate keeps a factor: 1 − f.",
        ),
        Misconception(
            "the candidate through the logistic function",
            variant(coupled_step, candidate=sigmoid),
            "Can your cell put a negative number on the belt?",
            "The candidate lies between −1 and 1.",
            "The candidate takes tanh, not the logistic function.",
        ),
        Misconception(
            "the candidate squashed twice",
            variant(coupled_step, candidate=lambda g: sigmoid(np.tanh(g))),
            "Look at the candidate once more.",
            "For a = 0 the candidate is 0. Yours is one half.",
            "You applied the logistic function to the tanh. One squashing is enough.",
        ),
        Misconception(
            "the old belt shown",
            variant(coupled_step, shown="old"),
            "The cell state is right; the hidden state is not. Which belt does it show?",
            "c_{t−1} = 0: whatever is let in, your h_t is zero.",
            "You show tanh(c_{t−1}). h_t shows the belt just made, c_t.",
        ),
    ),
)

# --- latch: choose the weights -------------------------------------------------------------------


def latch_case(rng):
    return float(rng.uniform(0.002, 0.1)), float(rng.uniform(0.3, 0.95))


def latch(
    shut, load, *,
    open_when="if", twice=2, heard=1, candidate=np.arctanh, gate=None, shows="open", order="ifgo",
    sign_of_a=1, listening=False,
):  # fmt: skip
    """Weights and biases of the latch, and the ways to choose them wrongly."""
    a = sign_of_a * np.log((1 - shut) / shut)  # σ(a) = 1 − shut
    writes = {"if": (1, -1), "both": (1, 1), "fi": (-1, 1), "never f": (1, 0)}[open_when]
    W = {name: np.zeros(2) for name in "ifgo"}
    b = {"g": 0.0, "o": a}
    for name, sign in zip("if", writes, strict=True):
        W[name][0], b[name] = twice * sign * a, -sign * a
    if open_when == "never f":
        b["f"] = a
    if gate == "values":
        W["i"][0], b["i"], W["f"][0], b["f"] = 1 - 2 * shut, shut, 2 * shut - 1, 1 - shut
        b["o"] = 1 - shut
    b["o"] *= {"open": 1, "half": 0, "shut": -1}[shows]
    if listening:
        W["o"][0], b["o"] = 2 * a, -a
    W["g"][heard] = candidate(load)
    return np.array([W[name] for name in order]), np.array([b[name] for name in order])


LATCH = Question(
    name="latch",
    points=3,
    section="2 · Every gate, drawn",
    reference=latch,
    inputs=latch_case,
    misconceptions=(
        Misconception(
            "half open where it should be open",
            variant(latch, twice=1),
            "Put write = 1 in. At what value does your input gate stand?",
            "A bias of −3 and a weight of 3: with write = 1 they add up to 0, and σ(0) = 0.5.",
            "Your weight only takes the bias away. It has to carry the gate as far to the other "
            "side again.",
        ),
        Misconception(
            "both gates open when it writes",
            variant(latch, open_when="both"),
            "What becomes of the old value when a new one is written?",
            "Written 1, then 1 again: the belt must not hold nearly 2.",
            "Your forget gate opens with the input gate. When write = 1 it has to shut.",
        ),
        Misconception(
            "the forget gate always open",
            variant(latch, open_when="never f"),
            "What becomes of the old value when a new one is written?",
            "Written 1, then 1 again: the belt must not hold nearly 2.",
            "Your forget gate does not hear write. When write = 1 it has to shut.",
        ),
        Misconception(
            "input and forget gate exchanged",
            variant(latch, open_when="fi"),
            "Follow one value: when does it get onto the belt, and what happens to it afterwards?",
            "With write = 1 the input gate is open. With write = 0 the forget gate is.",
            "Yours lets in while nothing is written, and forgets. Change the two signs.",
        ),
        Misconception(
            "open and shut exchanged",
            variant(latch, sign_of_a=-1),
            "Compute one gate: does your number open it or shut it?",
            "σ(3) = 0.95 and σ(−3) = 0.05.",
            "You solved σ(a) = shut where σ(a) = 1 − shut was wanted: every gate is turned round.",
        ),
        Misconception(
            "the candidate hears whether to write",
            variant(latch, heard=0),
            "Can your latch hold a negative number?",
            "write = 1 with value = −1 must put −load on the belt.",
            "Your candidate hears the first column of x. The value stands in the second.",
        ),
        Misconception(
            "the load before the tanh",
            variant(latch, candidate=lambda load: load),
            "What is your candidate when value is 1?",
            "tanh(0.9) is 0.72.",
            "Your weight is the load itself. It passes through a tanh, which has to be undone.",
        ),
        Misconception(
            "the load through one more tanh",
            variant(latch, candidate=np.tanh),
            "What is your candidate when value is 1?",
            "Which number has the tanh 0.9? Not tanh(0.9).",
            "You applied the tanh where it has to be undone.",
        ),
        Misconception(
            "the values of the gates as what feeds them",
            variant(latch, gate="values"),
            "At what values do your gates stand? Compute one.",
            "σ(0.99) is 0.73.",
            "Your numbers are what the gates should come to. They go through σ first.",
        ),
        Misconception(
            "the output gate left half open",
            variant(latch, shows="half"),
            "Three blocks are right. What does the cell show?",
            "A bias of 0 leaves a gate at one half.",
            "The output gate is always open, which takes a bias.",
        ),
        Misconception(
            "the output gate shut",
            variant(latch, shows="shut"),
            "Three blocks are right. What does the cell show?",
            "σ(−3) = 0.05: hardly anything of the belt would be seen.",
            "Your output gate stands at the value for shut. It is always open.",
        ),
        Misconception(
            "blocks in another order",
            variant(latch, order="ifog"),
            "The right rows. Do they stand in the right places?",
            "The third row belongs to the candidate.",
            "You gave the rows as i f o g. The order is i f g o.",
        ),
        Misconception(
            "the output gate hears write",
            lambda shut, load: latch(shut, load, listening=True),
            "The output gate is to be open always. What does yours do while nothing is written?",
            "write = 0: the belt keeps its value, and it has to be seen.",
            "Your output gate opens only with write. Its row of W_xh is zero, and its bias alone "
            "holds it open.",
        ),
    ),
)

# --- coupled_step_backward ---------------------------------------------------------------------


def coupled_backward_case(rng):
    B, H = (int(n) for n in rng.integers(2, 6, size=2))
    f, o = rng.uniform(0.1, 0.9, (2, B, H))
    g = rng.uniform(-0.9, 0.9, (B, H))
    c_prev = rng.standard_normal((B, H))
    dh, dc = rng.standard_normal((2, B, H))
    return dh, dc, f, g, o, c_prev, rng.standard_normal((3 * H, H))


def coupled_step_backward(
    dh, dc, f, g, o, c_prev, W_hh, *,
    meet=True, slope="tanh", gate_slopes=True, belt="f", order="fgo", gate="both", enter="1-f",
    g_slope=lambda g: 1 - g**2,
):  # fmt: skip
    """The coupled step back and the ways to get it wrong."""
    c, future = f * c_prev + (1 - f) * g, dc
    tanh_c = np.tanh(c)
    own = dh * o * {"tanh": 1 - tanh_c**2, "none": 1, "c": 1 - c**2}[slope]
    dc = own + dc if meet else dc
    s = (lambda value: value * (1 - value)) if gate_slopes else np.ones_like
    parts = {
        "f": dc * {"both": c_prev - g, "old": c_prev, "sum": c_prev + g}[gate] * s(f),
        "g": dc * {"1-f": 1 - f, "f": f, "1": 1}[enter] * g_slope(g),
        "o": dh * tanh_c * s(o),
    }
    da = np.concatenate([parts[name] for name in order], axis=-1)
    return da @ W_hh, {"f": dc * f, "whole": dc, "future": future * f}[belt]


COUPLED_STEP_BACKWARD = Question(
    name="coupled_step_backward",
    points=4,
    section="3 · The way back, by hand",
    reference=coupled_step_backward,
    inputs=coupled_backward_case,
    misconceptions=(
        Misconception(
            "the gate's second place forgotten",
            variant(coupled_step_backward, gate="old"),
            "dc is right, dh is not. How often does f stand in the line of c_t?",
            "If c_{t−1} = g, the mixture is the same for every f. Is your ∂c_t/∂f then zero?",
            "You took ∂c_t/∂f for c_{t−1}, as in the LSTM. Here f also decides how much of g "
            "comes in.",
        ),
        Misconception(
            "the sign of the second place",
            variant(coupled_step_backward, gate="sum"),
            "dc is right, dh is not. With which sign does f multiply the candidate?",
            "If c_{t−1} = g, the mixture is the same for every f. Is your ∂c_t/∂f then zero?",
            "f stands before g with a minus: what is kept more is let in less.",
        ),
        Misconception(
            "the candidate let in by f",
            variant(coupled_step_backward, enter="f"),
            "dc is right, dh is not. Which share of the candidate comes in?",
            "With f = 1 nothing of g enters, so no gradient reaches it. With yours?",
            "You sent the candidate its gradient times f. It came in times 1 − f.",
        ),
        Misconception(
            "the candidate wide open",
            variant(coupled_step_backward, enter="1"),
            "dc is right, dh is not. Which share of the candidate comes in?",
            "With f = 1 nothing of g enters, so no gradient reaches it. With yours?",
            "There is no input gate, but the candidate has a factor all the same: 1 − f.",
        ),
        Misconception(
            "the way through the own output forgotten",
            variant(coupled_step_backward, meet=False),
            "Who reads c_t? Count the readers.",
            "Set dc = 0: the gradient of c_t is still not zero. Is yours?",
            "You left out what comes back through h_t = o · tanh(c_t).",
        ),
        Misconception(
            "the slope of tanh forgotten",
            variant(coupled_step_backward, slope="none"),
            "On the way from h_t to c_t something stands in between.",
            "For a large c the belt hardly shows in h: hardly any gradient either.",
            "The slope of tanh(c_t) is missing.",
        ),
        Misconception(
            "the slope taken at c",
            variant(coupled_step_backward, slope="c"),
            "There is a slope between h_t and c_t, but is it that of tanh?",
            "At c = 2 the slope of tanh is 0.07. 1 − c² gives −3.",
            "1 − (…)² wants the *output* of the tanh: 1 − tanh²(c_t), not 1 − c_t².",
        ),
        Misconception(
            "the slopes of the gates forgotten",
            variant(coupled_step_backward, gate_slopes=False),
            "dc is right, dh is not. What lies between a gate and its a?",
            "A gate at 1 is saturated: no gradient gets through to its weights.",
            "The slopes of the two gates, f (1 − f) and o (1 − o), are missing.",
        ),
        Misconception(
            "the belt without its gate",
            variant(coupled_step_backward, belt="whole"),
            "dh is right, dc is not.",
            "c_t = f · c_{t−1} + …: the derivative with respect to c_{t−1} is …",
            "You sent dc back whole. On the belt it is multiplied by f.",
        ),
        Misconception(
            "the belt carries the future only",
            variant(coupled_step_backward, belt="future"),
            "dh is right, dc is not.",
            "Set dc = 0: something still goes on to c_{t−1}. With yours?",
            "You sent on the dc that came in. What goes on is the sum of both readers' parts, "
            "times f.",
        ),
        Misconception(
            "blocks in another order",
            variant(coupled_step_backward, order="fog"),
            "dc is right, dh is not. In which order do the three blocks lie?",
            "With H = 1, row 0 of W_hh belongs to f, row 1 to …",
            "You stacked the blocks as f o g. The order is f g o.",
        ),
        Misconception(
            "the logistic's slope for the candidate",
            variant(coupled_step_backward, g_slope=lambda g: g * (1 - g)),
            "dc is right, dh is not. Which function did the candidate come through?",
            "At g = 0 the candidate's tanh is at its steepest: slope 1. Yours is 0 there.",
            "You used g (1 − g), the slope of the logistic function. The candidate came through a"
            " tanh: 1 − g².",
        ),
        Misconception(
            "all slopes forgotten",
            variant(coupled_step_backward, gate_slopes=False, g_slope=np.ones_like),
            "dc is right, dh is not. What stands between a gate and the sum that feeds it?",
            "A gate at 0.999 hardly moves when its sum does: hardly any gradient goes through.",
            "You took the gradients of f, g and o for those of their sums. The slopes f (1 − f), "
            "1 − g² and o (1 − o) are missing.",
        ),
    ),
)

# --- train_lstm --------------------------------------------------------------------------------


def load_case(rng):
    """Stretches of the hourly load of Victoria, each with the hour that came next."""
    B, T, H = (int(n) for n in (rng.integers(3, 6), rng.integers(4, 9), rng.integers(2, 5)))
    _, load = load_electricity()
    load = (load - load.mean()) / load.std()
    starts = rng.integers(0, len(load) - T, size=B)
    x = np.stack([load[start : start + T] for start in starts], axis=1)[:, :, None]
    cell = LSTMCell(1, H, rng=rng, forget_bias=1.0)
    rate, updates = float(rng.uniform(0.05, 0.15)), int(rng.integers(0, 6))
    v = rng.standard_normal(H)
    return x, load[starts + T], *cell.params.values(), v, rate, updates


def train_lstm(
    x, y, W_xh, W_hh, b_h, v, rate, updates, *,
    read="last", mean=True, half=False, sign=-1, which=("W_xh", "W_hh", "b_h", "v"), first=True,
):  # fmt: skip
    """The losses of plain gradient descent, and of descents with something wrong."""
    cell = LSTMCell(1, len(v))
    cell.params = {"W_xh": W_xh.copy(), "W_hh": W_hh.copy(), "b_h": b_h.copy()}
    v, losses = v.copy(), []
    scale = (1 / len(y) if mean else 1) * (1 if half else 2)
    for _ in range(updates + 1):
        h, _, caches = unroll(cell, x)
        seen = {"last": h[-1], "first": h[0], "mean": h.mean(0)}[read]
        error = seen @ v - y
        losses.append(float(scale / 2 * (error**2).sum()))
        dh = np.zeros_like(h)
        through = scale * error[:, None] * v
        if read == "mean":
            dh += through / len(h)
        else:
            dh[{"last": -1, "first": 0}[read]] = through
        _, _, grads = unroll_backward(cell, dh, caches)
        grads["v"] = scale * error @ seen
        for name in which:
            if name == "v":
                v += sign * rate * grads["v"]
            else:
                cell.params[name] += sign * rate * grads[name]
    return losses if first else losses[1:]


TRAIN_LSTM = Question(
    name="train_lstm",
    points=4,
    keeps=True,
    section="3 · The way back, by hand",
    reference=train_lstm,
    inputs=load_case,
    misconceptions=(
        Misconception(
            "uphill",
            variant(train_lstm, sign=1),
            "Your first loss is right. In which direction do the others go?",
            "A loss of 1.0 that becomes 1.3 after one update has gone the wrong way.",
            "You add the gradient. Descent subtracts it, times the rate.",
        ),
        Misconception(
            "the read-out not trained",
            variant(train_lstm, which=("W_xh", "W_hh", "b_h")),
            "Your first loss is right. Which parameters change in your loop?",
            "v has a gradient, too: the error times the last state, summed over the batch.",
            "You left v as it was. It is trained with the cell's three parameters.",
        ),
        Misconception(
            "only the read-out trained",
            variant(train_lstm, which=("v",)),
            "Your first loss is right. Which parameters change in your loop?",
            "Compare W_hh before and after: is it still the same?",
            "You trained v alone. W_xh, W_hh and b_h take part.",
        ),
        Misconception(
            "the recurrent weights not trained",
            variant(train_lstm, which=("W_xh", "b_h", "v")),
            "The losses fall, and not quite as they should. Which parameters change?",
            "Compare W_hh before and after: is it still the same?",
            "You left W_hh as it was.",
        ),
        Misconception(
            "the bias not trained",
            variant(train_lstm, which=("W_xh", "W_hh", "v")),
            "The losses fall, and not quite as they should. Which parameters change?",
            "Compare b_h before and after: is it still the same?",
            "You left b_h as it was.",
        ),
        Misconception(
            "the sum over the batch",
            variant(train_lstm, mean=False),
            "Look at the first loss: is it a mean?",
            "Errors of 1 and 3 have the mean squared error 5. Yours is 10.",
            "You summed over the batch. The loss, and with it the gradient, is the mean over B.",
        ),
        Misconception(
            "half of the squared error",
            variant(train_lstm, half=True),
            "Look at the first loss. By what factor is it off?",
            "Errors of 1 and 3 have the mean squared error 5. Yours is 2.5.",
            "You took half of the squared error, as chapter 4 did. Here it is the whole.",
        ),
        Misconception(
            "the mean of the states read",
            variant(train_lstm, read="mean"),
            "Already the first loss is off. From which state is the next hour read?",
            "With v = 0 except one 1, the prediction is that unit's state after step T.",
            "You read the mean over all steps. The last state alone is read.",
        ),
        Misconception(
            "the loss of the start left out",
            variant(train_lstm, first=False),
            "How many numbers do you return?",
            "With updates = 0 there is still one loss: that of the weights as they came.",
            "You return the losses after each update. The first is that of the start.",
        ),
    ),
)

# --- explain_gates -----------------------------------------------------------------------------

EXPLAIN_GATES = Question(
    name="explain_gates",
    points=2,
    rubric=(
        ("reads at least two gates' behaviour off the picture, naming steps", 1),
        ("connects it to what c and h do, with the equations", 1),
    ),
)


QUESTIONS = [
    PEEPHOLE_STEP,
    CARRIED_GRADIENT,
    FORGET_HALF_LIFE,
    LATCH,
    COUPLED_STEP,
    COUPLED_STEP_BACKWARD,
    TRAIN_LSTM,
    EXPLAIN_GATES,
]
