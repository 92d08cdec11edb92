"""Chapter 9, deep and bidirectional: stacks, directions, dropout, padding."""

from __future__ import annotations

import functools

import numpy as np

from rnncourse.bank import Misconception, Question, autograd_mistakes, variant
from rnncourse.data import load_basic_motions, load_pronunciations

words_of = functools.cache(load_pronunciations)  # takes a second
motions_of = functools.cache(load_basic_motions)

# --- top_states --------------------------------------------------------------------------------


def h_n_case(rng):
    L, B, H = (int(n) for n in rng.integers((1, 2, 2), (5, 6, 6)))
    return (np.tanh(rng.standard_normal((2 * L, B, H))),)


def top_states(h_n, *, rows=(-2, -1)):
    return np.concatenate([h_n[row] for row in rows], axis=-1)


def reshaped(h_n):
    return h_n[-2:].reshape(h_n.shape[1], -1)


TOP_STATES = Question(
    name="top_states",
    points=2,
    section="4 · Both ways",
    reference=top_states,
    inputs=h_n_case,
    misconceptions=(
        Misconception(
            "the bottom layer",
            variant(top_states, rows=(0, 1)),
            "Your rows are one of each direction. Of which layer?",
            "With three layers h_n has six rows, the lowest layer first.",
            "You took the states of the lowest layer. The top one has the last two rows.",
        ),
        Misconception(
            "reshaped instead of joined",
            reshaped,
            "Every number is there, but not in its own row. Which axis comes first in h_n[-2:]?",
            "Two directions of a batch of 2: the first row of your result holds the forward "
            "states of both sequences.",
            "reshape runs through the directions before the batch. Concatenate the two "
            "(B, H) arrays along their last axis.",
        ),
        Misconception(
            "the backward state first",
            variant(top_states, rows=(-1, -2)),
            "The right states, but which half should stand first?",
            "The output of a bidirectional layer has its forward half first.",
            "You joined backward, forward. The order is forward, backward.",
        ),
        Misconception(
            "one direction twice",
            variant(top_states, rows=(-1, -1)),
            "Look at the two halves of your result. Do they differ?",
            "h_n[-1] is the backward direction of the top layer. Where is its forward one?",
            "You took the last row twice. The forward direction is h_n[-2].",
        ),
        Misconception(
            "the backward rows of two layers",
            variant(top_states, rows=(-3, -1)),
            "One half is right. From which layer is the other?",
            "The rows of h_n go: forward 1, backward 1, forward 2, backward 2.",
            "Every other row is one direction through the layers. You want both directions "
            "of one layer.",
        ),
        Misconception(
            "the bottom's forward and the top's backward state",
            variant(top_states, rows=(0, -1)),
            "From which layers do your two halves come?",
            "Two layers: rows 0 and 1 belong to the bottom, rows 2 and 3 to the top.",
            "Your forward half is that of the bottom layer. The top layer's forward state is the "
            "last row but one.",
        ),
        Misconception(
            "all layers' forward rows first",
            lambda h_n: top_states(h_n, rows=(len(h_n) // 2 - 1, -1)),
            "In which order does PyTorch stack layers and directions?",
            "Two layers: forward 1, backward 1, forward 2, backward 2.",
            "You read the rows as if all forward states came first. They come layer by layer, "
            "forward and backward.",
        ),
        Misconception(
            "rows 1 and 3 of any stack",
            variant(top_states, rows=(1, 3)),
            "How many layers must a stack have for your rows to be there?",
            "Rows of two layers: forward 1, backward 1, forward 2, backward 2. Which two are the "
            "top layer's?",
            "Rows 1 and 3 are the backward states of the first two layers. The top layer's two "
            "directions are the last two rows, whatever the number of layers.",
        ),
        Misconception(
            "rows 2 and 3 of any stack",
            variant(top_states, rows=(2, 3)),
            "Right with two layers. With how many is it tried?",
            "Three layers have six rows. Which are the top layer's?",
            "Rows 2 and 3 are the second layer's, which is the top of two layers only. Count "
            "from the end.",
        ),
    ),
)

# --- read_both_ways ----------------------------------------------------------------------------


def layer_case(rng):
    B, D, H = (int(n) for n in rng.integers(2, 5, size=3))
    lengths = rng.integers(2, 7, size=B)
    lengths[0], lengths[-1] = 3, 7  # one is padded, one is not
    x = rng.standard_normal((B, 7, D))  # in the padding, too: only the lengths tell
    shapes = [(H, D), (H, H), (H,)]
    return x, lengths, *([rng.standard_normal(s) for s in shapes] for _ in range(2))


def one_way(x, W_xh, W_hh, b_h, h=None):
    """x (T, D) → states (T, H)."""
    h, states = np.zeros(len(b_h)) if h is None else h, []
    for x_t in x:
        h = np.tanh(W_xh @ x_t + W_hh @ h + b_h)
        states.append(h)
    return np.array(states).reshape(len(x), len(b_h))


def read_both_ways(
    x, lengths, forward, backward, *, over=False, back=True, order=1, share=False, joined=True,
    cut=True, filled=False, features=False, handed=False, cleared=False, kept=False,
    transposed=False, late=False,
):  # fmt: skip
    B, T = x.shape[:2]
    H = len(forward[2])
    y = np.zeros((B, T, 2 * H if joined else H))
    if cleared:
        x = x * (np.arange(T) < lengths[:, None])[..., None]
    if transposed:
        forward, backward = ([W_xh, W_hh.T, b_h] for W_xh, W_hh, b_h in (forward, backward))
    first = second = None
    for row, length in enumerate(lengths):
        n = T if over else length
        ahead = one_way(x[row, :n], *forward, first)
        turned = x[row, :n, ::-1] if features else x[row, :n][::-1]
        begin = ahead[-1] if handed else second
        behind = one_way(turned, *(forward if share else backward), begin)
        if kept:
            first, second = ahead[-1], behind[-1]
        if late:
            ahead, behind = (np.concatenate([0 * h[:1], h[:-1]]) for h in (ahead, behind))
        behind = behind[::-1] if features else behind
        behind = behind[::-1] if back else behind
        halves = [ahead, behind][::order]
        both = np.concatenate(halves, axis=-1) if joined else ahead + behind
        y[row, :n] = both
        if cut:
            y[row, length:] = 0
        if filled:
            y[row, length:, :H] = one_way(x[row], *forward)[length:]
    return y


READ_BOTH_WAYS = Question(
    name="read_both_ways",
    points=3,
    section="5 · Padding that changes nothing",
    reference=read_both_ways,
    inputs=layer_case,
    misconceptions=(
        Misconception(
            "backward over the padding",
            variant(read_both_ways, over=True),
            "The longest sequence is right. What has the backward direction of a short one read "
            "before its last real step?",
            "A sequence of 3 steps in a batch of 7: the backward direction starts at step 3.",
            "Your backward direction walks through the padding first. Start it at each sequence's "
            "own end.",
        ),
        Misconception(
            "not turned back",
            variant(read_both_ways, back=False),
            "The forward half is right. At which step stands the first state of the backward "
            "direction?",
            "Its first state has read the last input, so it belongs to the last step.",
            "You left the backward states in the order in which they were made. Turn them round "
            "again.",
        ),
        Misconception(
            "the backward half first",
            variant(read_both_ways, order=-1),
            "All numbers are there. Which half comes first?",
            "At step 1 the forward half has read one input only.",
            "You joined backward, forward. The forward half comes first.",
        ),
        Misconception(
            "one set of weights",
            variant(read_both_ways, share=True),
            "The forward half is right. With which weights does the other read?",
            "The two directions are two layers that do not know of each other.",
            "You read backward with the forward weights. Each direction has its own.",
        ),
        Misconception(
            "added, not concatenated",
            variant(read_both_ways, joined=False),
            "How many numbers does an output have at each step?",
            "With H = 4 in each direction there are 8.",
            "You added the two states. They are concatenated: 2H numbers.",
        ),
        Misconception(
            "the padding filled",
            variant(read_both_ways, over=True, cut=False),
            "What stands in your output beyond the length of a short sequence?",
            "Both directions of a sequence of 3 steps take 3 steps, and then there are zeros.",
            "You ran both directions over the padding and kept what they said there. Stop at each "
            "length, and leave zeros.",
        ),
        Misconception(
            "zeros not put where a sequence is over",
            variant(read_both_ways, filled=True),
            "Look at the outputs beyond a sequence's length. What should stand there?",
            "A sequence of 3 steps in a batch of 7: the output of steps 4 to 7 is zero, in both "
            "halves.",
            "Your forward direction reads on through the padding, and its states stay in the "
            "output. They are to be zero.",
        ),
        Misconception(
            "features turned round, not time",
            variant(read_both_ways, features=True),
            "The forward half is right. Along which axis did you turn the input round?",
            "x[::-1] turns the steps of one sequence, x[..., ::-1] the numbers within each step.",
            "You turned the numbers of each step. It is the order of the steps that is turned "
            "round.",
        ),
        Misconception(
            "the backward direction begins with the forward state",
            variant(read_both_ways, handed=True),
            "The forward half is right. From which state does the other begin?",
            "A sequence of one step: its backward half is tanh(W_xh x + b_h) of the backward "
            "weights.",
            "You hand the last forward state on to the backward direction. Each begins with zeros.",
        ),
        Misconception(
            "backward over a padding of zeros",
            variant(read_both_ways, over=True, cleared=True),
            "The longest sequence is right. What is the backward direction's state when it comes "
            "to the last real step of a short one?",
            "Input zero, state zero: the next state is tanh(b_h), not zero.",
            "You put zeros into the padding and let the backward direction walk through them. "
            "Start it at each sequence's own end.",
        ),
        Misconception(
            "the state kept for the next sequence",
            variant(read_both_ways, kept=True),
            "The first sequence is right. From which state does the second begin?",
            "Two equal sequences have equal outputs, wherever they stand in the batch.",
            "Your state leaks from one sequence into the next. Each direction starts from zeros in "
            "each sequence.",
        ),
        Misconception(
            "W_hh transposed",
            variant(read_both_ways, transposed=True),
            "The first state of each direction is right. What does the second have that the first "
            "has not?",
            "Row i of W_hh says what unit i hears: W_hh @ h, or h @ W_hh.T.",
            "Your W_hh is turned round, which has the same shape: h @ W_hh is W_hh.T @ h.",
        ),
        Misconception(
            "the state before the step",
            variant(read_both_ways, late=True),
            "Which input does the forward half of your first output know?",
            "A sequence of one step: its output is tanh(W_xh x + b_h) in each half, not zero.",
            "You keep each state before it is renewed. The output of step t has read x_t.",
        ),
    ),
)

# --- reach_of ----------------------------------------------------------------------------------


def reach_case(rng):
    """Outputs of a made-up model, and what they become when one input changes.

    How far it hears shows in small changes, and not in the first unit, nor at the first input, the
    last or the middle one, which two steps hear on either side, nor looking back in the middle
    output. Sometimes it does not hear the step next to the farthest.
    """
    T, H = int(rng.integers(11, 15)), int(rng.integers(2, 4))
    reach = rng.permutation([rng.integers(5, 7), rng.integers(2, 5)])  # back, ahead: not the same
    gap, signs = rng.random() < 0.5, rng.choice([-1, 1], 2)
    y = rng.standard_normal((T, H))
    changed = np.repeat(y[None], T, axis=0)  # changed[k]: input k is another
    for k, t in np.ndindex(T, T):
        far, most = abs(t - k), reach[int(k > t)]
        hidden = (far > 1 and k in (0, T - 1)) or (far > 2 and k == T // 2)
        hidden = hidden or (t == T // 2 > k == t - most)
        if far > most or (gap and far == most - 1) or hidden:
            continue
        units = np.arange(H) == rng.integers(int(far > most - 2 - gap), H)  # one of them, or all
        if far <= max(most - 3 - gap, 0):
            units[:] = True
        size = rng.uniform(0.1, 1) * rng.choice([-1, 1], H)
        if far == most:
            size = 10 ** rng.uniform(-4, -2.5) * signs[int(k > t)]
        changed[k, t] += size * units
    return y, changed


def reach_of(
    y, changed, *, swap=False, extra=0, only=None, at=None, unit=None, every=False, least=0.0,
    size=abs,
):  # fmt: skip
    """How many steps back and ahead an output hears, at most."""
    moved = (size(changed - y) > least)[..., slice(None) if unit is None else [unit]]
    hears = moved.all(axis=-1) if every else moved.any(axis=-1)  # (k, t)
    k, t = np.nonzero(hears)
    for places, one in ((k, only), (t, at)):
        if one is not None:
            here = places == one % len(y)
            k, t = k[here], t[here]
    back, ahead = max([0, *(t - k)]), max([0, *(k - t)])
    pair = (ahead, back) if swap else (back, ahead)
    return [int(n) + extra for n in pair]


def sides(y, changed, longest):
    """Of the outputs behind and before each input, nearest first: what `longest` makes of which
    of them move."""
    moved = (changed != y).any(axis=-1)
    back = [longest(row[k + 1 :]) for k, row in enumerate(moved)]
    ahead = [longest(row[:k][::-1]) for k, row in enumerate(moved)]
    return [int(max(back)), int(max(ahead))]


REACH_OF = Question(
    name="reach_of",
    points=3,
    section="4 · Both ways",
    reference=reach_of,
    inputs=reach_case,
    misconceptions=(
        Misconception(
            "back and ahead exchanged",
            variant(reach_of, swap=True),
            "Both numbers are right, but which is which?",
            "Input 5 is changed, and output 3 moves: output 3 looks ahead, by 2.",
            "You exchanged them. If input k moves a later output, that output looks *back*.",
        ),
        Misconception(
            "the step itself counted",
            variant(reach_of, extra=1),
            "How far back does an output look that hears its own input only?",
            "Output 5 moves with inputs 3, 4 and 5: it looks back by 2.",
            "You counted the step itself. Its distance is 0.",
        ),
        Misconception(
            "only the first input changed",
            variant(reach_of, only=0),
            "One of your numbers is 0 in every case. Which inputs have you tried?",
            "Nothing comes before the first step, so no output before it can look ahead to it.",
            "You looked at a change of the first input alone. Go through all of them.",
        ),
        Misconception(
            "only the last input changed",
            variant(reach_of, only=-1),
            "One of your numbers is 0 in every case. Which inputs have you tried?",
            "Nothing comes after the last step, so no output after it can look back to it.",
            "You looked at a change of the last input alone. Go through all of them.",
        ),
        Misconception(
            "one unit watched",
            variant(reach_of, unit=0),
            "Too short. Which numbers of an output do you compare?",
            "A change may show in the second unit of an output alone.",
            "You watched the first unit only. An output has changed if any of its units has.",
        ),
        Misconception(
            "outputs counted",
            lambda y, changed: 2 * [int(max((one != y).any(axis=-1).sum() for one in changed))],
            "Your two numbers are the same. Which outputs lie before the changed input, which "
            "behind it?",
            "Input 5 moves outputs 4, 5, 6, 7: it is heard 2 steps back and 1 ahead.",
            "You count how many outputs move. Measure how far they are from the input, on either "
            "side.",
        ),
        Misconception(
            "every unit must move",
            variant(reach_of, every=True),
            "Too short. When do you say that an output has changed?",
            "A change may show in the second unit of an output alone.",
            "You ask that all units change. One that changes is enough.",
        ),
        Misconception(
            "the first and the last input only",
            lambda y, changed: [
                reach_of(y, changed, only=0)[0],
                reach_of(y, changed, only=-1)[1],
            ],
            "Too short. Which inputs have you tried?",
            "The outputs near either end may hear less than the others do.",
            "You looked at the first input and the last. Go through all of them.",
        ),
        Misconception(
            "the middle input only",
            lambda y, changed: reach_of(y, changed, only=len(y) // 2),
            "Too short. Which inputs have you tried?",
            "Input 5 is heard 2 steps later, input 6 even 3: the most is 3.",
            "You looked at the input in the middle, or at that and the two at the ends. Another "
            "may be heard farther away: go through all of them.",
        ),
        Misconception(
            "the middle output only",
            lambda y, changed: reach_of(y, changed, at=len(y) // 2),
            "Too short. Which outputs do you look at?",
            "Output 5 hears 2 steps back, output 6 hears 3: at most it is 3.",
            "You looked at the output in the middle alone. Another may hear farther.",
        ),
        Misconception(
            "the last output only",
            variant(reach_of, at=-1),
            "One of your numbers is 0 in every case. Which outputs do you look at?",
            "Nothing comes after the last step, so its output cannot look ahead.",
            "You looked at the last output alone. Go through all of them.",
        ),
        Misconception(
            "small changes overlooked",
            variant(reach_of, least=0.01),
            "Too short. When do you say that an output has changed?",
            "An output that moves by 0.0003 has heard the input.",
            "You count large changes only. What is far away is heard faintly: any change counts.",
        ),
        Misconception(
            "only what grows",
            variant(reach_of, size=np.positive),
            "Sometimes too short. When do you say that an output has changed?",
            "An output that falls from 0.5 to 0.2 has heard the input.",
            "You count outputs that become larger. One that becomes smaller has changed as well.",
        ),
        Misconception(
            "stopped at a gap",
            lambda y, changed: sides(y, changed, lambda row: np.append(row, False).argmin()),
            "Sometimes too short. Where do you stop looking?",
            "Input 5 moves outputs 5, 6 and 8, but not 7: output 8 looks back by 3.",
            "You stop at the first output that stays. One farther away may move all the same.",
        ),
        Misconception(
            "moved outputs counted on each side",
            lambda y, changed: sides(y, changed, np.sum),
            "Sometimes too short. Do you count outputs, or measure how far they are?",
            "Input 5 moves outputs 5, 6 and 8, but not 7: output 8 looks back by 3.",
            "You count how many outputs move on either side. An output in between may stay: "
            "measure the distance of the farthest.",
        ),
        Misconception(
            "inputs and outputs exchanged",
            lambda y, changed: reach_of(y, changed.swapaxes(0, 1)),
            "Both of your numbers are T − 1 in every case. Which axis of changed is the input?",
            "changed[5] is the whole output, T steps, with input 5 changed.",
            "You read changed[t, k] for changed[k, t]: first the input, then the output.",
        ),
    ),
)

# --- dropped_states ----------------------------------------------------------------------------


def dropped_case(rng):
    T, D, H = (int(n) for n in rng.integers((3, 2, 4), (7, 5, 8)))
    kept = (rng.random(H) > 0.4).astype(float)
    kept[0], kept[-1] = 0, 1
    weights = [rng.standard_normal(shape) for shape in [(H, D), (H, H), (H,)]]
    return rng.standard_normal((T, D)), *weights, kept, float(rng.uniform(0.2, 0.6)), True


def maybe_in_use(rng):
    *case, _ = dropped_case(rng)
    return *case, bool(rng.random() < 0.6)


def dropped_states(
    x, W_xh, W_hh, b_h, kept, p, training, *,
    scale="up", always=False, carried=False, shown=False, place="state",
):  # fmt: skip
    h, states = np.zeros(len(b_h)), []
    factor = {"up": 1 / (1 - p), "down": 1 - p, "share": 1 / p, "counted": 1 / kept.mean()}
    mask = kept * factor.get(scale, 1) if training or always else np.ones_like(kept)
    if scale in ("in use", "always"):
        mask = mask * {"in use": 1 if training else 1 - p, "always": 1 / (1 - p)}[scale]
    for x_t in x:
        if place == "sum":
            h = np.tanh(mask * (W_xh @ x_t + W_hh @ h + b_h))
        elif place == "product":
            h = np.tanh(W_xh @ x_t + mask * (W_hh @ h) + b_h)
        elif place == "new state":
            h = mask * np.tanh(W_xh @ x_t + W_hh @ h + b_h)
        elif place == "nowhere":
            h = np.tanh(W_xh @ x_t + W_hh @ h + b_h)
        else:
            h = np.tanh(W_xh @ x_t + W_hh @ (mask * h) + b_h)
        if carried:
            h = mask * h
        states.append(mask * h if shown else h)
    return np.array(states)


def dropped_in_place(x, W_xh, W_hh, b_h, kept, p, training):
    """The state in the list is the one that is masked a step later."""
    states = dropped_states(x, W_xh, W_hh, b_h, kept, p, training)
    if training:
        states[:-1] *= kept / (1 - p)
    return states


DROPPED_STATES = Question(
    name="dropped_states",
    points=3,
    section="3 · Dropout: between, and within",
    reference=dropped_states,
    inputs=maybe_in_use,
    cases=8,
    misconceptions=(
        Misconception(
            "not scaled",
            variant(dropped_states, scale="none"),
            "In use you are right, in training the sums are too small on average. Why?",
            "With p = 0.5 half of the units are heard. What must the others be multiplied by?",
            "What is kept is divided by 1 − p, so that its mean stays what it was.",
        ),
        Misconception(
            "scaled the wrong way",
            variant(dropped_states, scale="down"),
            "You scale what is kept. Does it get larger or smaller?",
            "With p = 0.5 what is kept must count double.",
            "You multiplied by 1 − p. Divide by it.",
        ),
        Misconception(
            "divided by p",
            variant(dropped_states, scale="share"),
            "Which share is p: what goes or what stays?",
            "With p = 0.1 nearly everything stays and hardly needs scaling.",
            "You divided by p. The share that stays is 1 − p.",
        ),
        Misconception(
            "dropped in use",
            variant(dropped_states, always=True),
            "In training you are right. What about `training=False`?",
            "In use the whole network works, and nothing is scaled.",
            "Your mask is used when the network is not in training.",
        ),
        Misconception(
            "dropped from what is shown as well",
            variant(dropped_states, carried=True),
            "Some of your states are 0. Should they be?",
            "Only what the matrix product hears of the state is dropped.",
            "You put the mask on the state itself. It belongs inside the product W_hh h.",
        ),
        Misconception(
            "the new state masked",
            variant(dropped_states, place="new state"),
            "In use you are right. In training some of your states are 0. Should they be?",
            "One step from a state of zeros: nothing is heard yet, so the mask changes nothing.",
            "You mask what the tanh gives, and that is carried on and shown. The states stay "
            "whole: only what W_hh hears of the old one is dropped.",
        ),
        Misconception(
            "only what is shown masked",
            variant(dropped_states, place="nowhere", shown=True),
            "In use you are right. Does your W_hh hear anything else with the mask than without?",
            "With kept = [0, 1] unit 0 is not heard by W_hh; its own state is shown all the same.",
            "You mask what you return and let W_hh hear everything. It is the other way round.",
        ),
        Misconception(
            "states in the list masked later on",
            dropped_in_place,
            "Your last state is right. What happens to the others after you have put them into "
            "the list?",
            "After h = states[-1] and h *= 0 the list holds zeros: both names are one array.",
            "You mask the state in place, with *=, and the list holds that very array. Compute "
            "what is heard as a new one.",
        ),
        Misconception(
            "scaled in use as in training",
            variant(dropped_states, scale="always"),
            "In training you are right. What is there to make up for in use?",
            "In use every unit is heard, so the mean is what it was without a factor.",
            "You divide by 1 − p in use, too. There nothing is dropped, and nothing is scaled.",
        ),
        Misconception(
            "the whole sum dropped",
            variant(dropped_states, place="sum"),
            "At the first step the mask should change nothing. Does it?",
            "The state before the first step is zero: a mask on it has no effect.",
            "You masked the sum, the input's part too. Mask the old state before the product.",
        ),
        Misconception(
            "scaled in use, not in training",
            variant(dropped_states, scale="in use"),
            "Right in no case. What happens in use, and what in training?",
            "`training=False`: nothing is dropped, and nothing is scaled.",
            "You multiply by 1 − p in use. Here the scaling is done in training: what is kept is "
            "divided by 1 − p.",
        ),
        Misconception(
            "the product's result masked",
            variant(dropped_states, place="product"),
            "In use you are right. Which units go deaf in yours: those that speak, or those that "
            "listen?",
            "kept = [0, 1]: unit 1 must not hear unit 0, but unit 0 still hears unit 1.",
            "You mask W_hh h. The mask belongs to h, before the product.",
        ),
        Misconception(
            "the share that happens to be kept",
            variant(dropped_states, scale="counted"),
            "In use you are right. Which argument has no influence on your result?",
            "p = 0.5 and kept = [1, 1, 1, 0]: what is heard is divided by 0.5, not by 0.75.",
            "You divide by the share of ones in this mask. Divide by 1 − p, the share that is "
            "kept on average.",
        ),
    ),
)

# --- read_stream -------------------------------------------------------------------------------


def stream_case(rng):
    """A piece of a recording of motion, weights of two directions, and a chunk."""
    series, _ = motions_of()
    T, H, n = (int(n) for n in rng.integers((9, 2, 3), (14, 5, 5)))
    row, start = int(rng.integers(len(series))), int(rng.integers(60))
    shapes = [(H, 6), (H, H), (H,)]
    weights = ([rng.standard_normal(shape) / 3 for shape in shapes] for _ in range(2))
    x = series[row, start : start + T]
    return (x - x.mean(0)) / (x.std(0) + 1), *weights, n


def read_stream(
    x, forward, backward, n, *, ahead="on", behind="new", back=True, whole=False, short="whole"
):
    parts, carried, h_back = [], None, None
    for start in range(0, len(x), n):
        chunk = x[start : start + n]
        there = one_way(chunk, *forward, carried if ahead == "on" else None)
        carried = there[-1]
        begin = {"on": h_back, "forward": carried}.get(behind)
        read = chunk[::-1]
        if short == "filled":
            read = np.concatenate([np.zeros((n - len(chunk), x.shape[1])), read])
        here = one_way(read, *backward, begin)[len(read) - len(chunk) :]
        if short == "left out" and len(chunk) < n:
            here = 0 * here
        h_back = here[-1]
        parts.append(np.concatenate([there, here[::-1] if back else here], axis=-1))
    y = np.concatenate(parts)
    if whole:
        y[:, len(forward[2]) :] = one_way(x[::-1], *backward)[::-1]
    return y


def sliding(x, forward, backward, n):
    """The backward direction read anew for every step, from n - 1 steps ahead of it."""
    ends = [one_way(x[t : t + n][::-1], *backward)[-1] for t in range(len(x))]
    return np.concatenate([one_way(x, *forward), np.array(ends)], axis=-1)


def chunked(x, forward, backward, sizes):
    ends = np.cumsum(sizes)
    parts = [
        one_way(x[end - size : end][::-1], *backward)[::-1]
        for end, size in zip(ends, sizes, strict=True)
    ]
    return np.concatenate([one_way(x, *forward), np.concatenate(parts)], axis=-1)


READ_STREAM = Question(
    name="read_stream",
    points=3,
    section="4 · Both ways",
    reference=read_stream,
    inputs=stream_case,
    misconceptions=(
        Misconception(
            "the whole stream read backward",
            variant(read_stream, whole=True),
            "The forward half is right. How late would your output be?",
            "With chunks of 4 steps the output of step 1 may wait for step 4, not for the end.",
            "Your backward direction starts at the end of the stream. Start it at the end of each "
            "chunk.",
        ),
        Misconception(
            "the forward state begun anew",
            variant(read_stream, ahead="new"),
            "The first chunk is right. What does the forward direction know at the start of the "
            "second?",
            "Cutting a sequence and carrying the state changes nothing for the forward direction.",
            "You began the forward direction anew in each chunk. Its state is carried on.",
        ),
        Misconception(
            "the backward state carried on",
            variant(read_stream, behind="on"),
            "The first chunk is right. With which state does the backward direction begin the "
            "second?",
            "What it would carry comes from the chunk *before*: from the wrong side.",
            "You carried the backward state on to the next chunk. It begins at zero in each.",
        ),
        Misconception(
            "not turned back",
            variant(read_stream, back=False),
            "The forward half is right. At which step of a chunk stands the backward direction's "
            "first state?",
            "Its first state has read the chunk's last input.",
            "Turn the backward states of each chunk round again.",
        ),
        Misconception(
            "n chunks instead of chunks of n",
            lambda x, *rest: chunked(
                x, *rest[:2], [len(part) for part in np.array_split(x, rest[2])]
            ),
            "The forward half is right. How long are your chunks?",
            "T = 12 and n = 4: three chunks of 4 steps, not four of 3.",
            "You cut the stream into n chunks. Each chunk has n steps.",
        ),
        Misconception(
            "the short chunk first",
            lambda x, forward, backward, n: chunked(
                x, forward, backward, [len(x) % n] * (len(x) % n > 0) + [n] * (len(x) // n)
            ),
            "The forward half is right. Which of your chunks is the short one?",
            "T = 5, n = 2: the chunks are steps 1–2, 3–4 and 5.",
            "You cut from the end. Chunks are cut from the start, and the last may be shorter.",
        ),
        Misconception(
            "the short chunk not read backward",
            variant(read_stream, short="left out"),
            "Right where n divides T. What stands at the last steps of your backward half where "
            "it does not?",
            "T = 5, n = 2: the chunks are steps 1–2, 3–4 and 5.",
            "You leave out the last chunk where it is shorter. It is read as well, from its own "
            "end.",
        ),
        Misconception(
            "the short chunk filled up",
            variant(read_stream, short="filled"),
            "Right where n divides T. Where does the backward direction begin in the last chunk?",
            "T = 5, n = 2: the last chunk is step 5 alone, and tanh(W_xh x_5 + b_h) its state.",
            "You fill the last chunk up with zeros, and the backward direction reads them first. "
            "It begins at the last real step.",
        ),
        Misconception(
            "the backward half first",
            lambda x, forward, backward, n: np.roll(
                read_stream(x, forward, backward, n), len(forward[2]), axis=-1
            ),
            "All numbers are there. Which half comes first?",
            "At step 1 the forward half has read one input only.",
            "You joined backward, forward. The forward half comes first.",
        ),
        Misconception(
            "the backward direction begins with the forward state",
            variant(read_stream, behind="forward"),
            "The forward half is right. From which state does the backward direction begin a "
            "chunk?",
            "A chunk of one step: its backward half is tanh(W_xh x + b_h) of the backward weights.",
            "You hand the forward state at the chunk's end to the backward direction. It begins "
            "with zeros.",
        ),
        Misconception(
            "a window that moves with the step",
            sliding,
            "The forward half is right, and the first step of each chunk. What has the second step "
            "of a chunk waited for?",
            "T = 4, n = 2: steps 1 and 2 are one chunk, so the output of step 2 does not wait for "
            "step 3.",
            "You read backward from n − 1 steps ahead of every step. The stream is cut into "
            "chunks: each step waits for the end of its own.",
        ),
    ),
)

# --- train_both_ways ---------------------------------------------------------------------------

LETTERS = "'abcdefghijklmnopqrstuvwxyz"


def words_case(rng):
    """A few words of the pronouncing dictionary, padded, and weights of two directions."""
    words = words_of()
    B, H = int(rng.integers(3, 6)), int(rng.integers(3, 5))
    chosen = [words[row] for row in rng.integers(0, len(words), B)]
    sounds = sorted({sound for one in chosen for sound in one.sounds})
    lengths = np.array([len(one.word) for one in chosen])
    T = lengths.max() + 1  # one step of padding at least, for everyone
    T += len(sounds) == T  # and never as many steps as sounds
    x, y = np.zeros((B, T, len(LETTERS))), np.full((B, T), -1)
    for row, one in enumerate(chosen):
        x[row, range(lengths[row]), [LETTERS.index(c) for c in one.word]] = 1
        y[row, : lengths[row]] = [sounds.index(sound) for sound in one.sounds]
    shapes = [(H, len(LETTERS)), (H, H), (H,)]
    weights = [rng.standard_normal(shape) / 2 for _ in range(2) for shape in shapes]
    V = rng.standard_normal((len(sounds), 2 * H)) / 2
    rate, updates = float(rng.choice([0.3, 0.5])), int(rng.integers(2, 5))
    return x, lengths, y, *weights, V, rate, updates


def train_both_ways(
    x, lengths, y, f_xh, f_hh, f_b, b_xh, b_hh, b_b, V, rate, updates, *,
    over=False, padding=False, read_out=True, trained=7, mean="steps", turned=True, sign=-1,
    order=1, added=False, biases=1, softmaxes=1, fails="",
):  # fmt: skip
    """The losses of plain gradient descent, and of descents with something wrong."""
    import torch
    import torch.nn.functional as F

    given = f_xh, f_hh, f_b, b_xh, b_hh, b_b, V
    weights = [w.clone().requires_grad_(fails != "unwatched") for w in given]
    T = x.shape[1]
    t = torch.arange(T)
    real = t < lengths[:, None]
    turn = torch.where(real, lengths[:, None] - 1 - t, t)  # each within its own length
    if over:
        turn = (T - 1 - t).expand(len(x), T)
    rows = torch.arange(len(x))[:, None]

    def states(x, W_xh, W_hh, b_h):
        h, seen = x.new_zeros(len(x), len(b_h)), []
        for x_t in x.unbind(1):
            h = torch.tanh(x_t @ W_xh.T + h @ W_hh.T + b_h)
            seen.append(h)
        return torch.stack(seen, 1)

    losses, sums = [], [torch.zeros_like(w) for w in weights]
    for _ in range(updates + 1):
        *directions, V = weights
        back = states(x[rows, turn], *directions[3:])
        if turned:
            back = back[rows, turn]
        if turned == "in the box":  # with zeros where a word has ended
            back = (back * real[..., None]).flip(1)
        both = torch.cat([states(x, *directions[:3]), back][::order], -1)
        if padding == "empty":
            both = both * real[..., None]
        scores = both @ V.T
        scores = scores.softmax(-1) if softmaxes == 2 else scores
        if fails == "targets":
            F.cross_entropy(scores.transpose(1, 2), y)
        each = F.cross_entropy(scores.transpose(1, 2), y.clamp(min=0), reduction="none")
        if fails == "axis":
            error = F.cross_entropy(scores, y, ignore_index=-1)
        elif padding:
            error = each.mean()
        elif mean == "words":
            error = ((each * real).sum(1) / lengths).mean()
        elif mean == "box":
            error = (each * real).mean()
        elif mean == "batch":
            error = each[real].sum() / len(x)
        else:
            error = each[real].sum() if mean == "sum" else each[real].mean()
        losses.append(error.item())
        grads = torch.autograd.grad(error, weights)
        if fails == "lost":
            weights[0] = weights[0] - rate * weights[0].grad
        if fails == "in place":
            weights[0] -= rate * grads[0]
        if added:
            sums = grads = [total + grad for total, grad in zip(sums, grads, strict=True)]
        with torch.no_grad():
            for n, (w, grad) in enumerate(zip(weights, grads, strict=True)):
                grad = grad * biases if n in (2, 5) else grad
                if n < 3 or (n == 6 and read_out) or (n < trained and n != 6):
                    w += sign * rate * grad
    return losses


TRAIN_BOTH_WAYS = Question(
    name="train_both_ways",
    points=4,
    section="5 · Padding that changes nothing",
    reference=train_both_ways,
    inputs=words_case,
    framework="torch",
    misconceptions=(
        Misconception(
            "padding in the loss",
            variant(train_both_ways, padding=True),
            "Already the first loss is off. Over how many steps do you take the mean?",
            "A word of 3 letters in a batch of 8 steps has 3 targets.",
            "You counted padded steps in the loss. Leave out every step beyond a word's length.",
        ),
        Misconception(
            "backward over the padding",
            variant(train_both_ways, over=True),
            "Already the first loss is off. Where does the backward direction of a short word "
            "begin?",
            "At a word of 3 letters in a batch of 8 steps it begins with the third letter.",
            "Your backward direction walks through the padding first. Turn each word round within "
            "its own length.",
        ),
        Misconception(
            "not turned back",
            variant(train_both_ways, turned=False),
            "Already the first loss is off. To which letter belongs the backward direction's "
            "first state?",
            "Its first state has read the last letter.",
            "Turn the backward states round again before you join the two.",
        ),
        Misconception(
            "the mean of the words' means",
            variant(train_both_ways, mean="words"),
            "Already the first loss is off, by little. Does each letter count the same in yours?",
            "A word of 9 letters weighs three times as much as one of 3.",
            "You took the mean of each word, then of the words. The mean is over all letters.",
        ),
        Misconception(
            "the sum",
            variant(train_both_ways, mean="sum"),
            "Look at the first loss: is it a mean?",
            "With equal scores it is ln(sounds), whatever the batch.",
            "You summed over the letters. The loss is their mean.",
        ),
        Misconception(
            "softmax twice",
            variant(train_both_ways, softmaxes=2),
            "Already the first loss is off, though near ln(sounds). What does the loss expect: "
            "scores or shares?",
            "cross_entropy applies the softmax itself.",
            "You applied a softmax before a loss that has one inside.",
        ),
        Misconception(
            "the backward weights not trained",
            variant(train_both_ways, trained=3),
            "The first loss is right. Which parameters change in your loop?",
            "Both directions have a W_xh, a W_hh and a b_h.",
            "You left the backward weights as they were.",
        ),
        Misconception(
            "the read-out not trained",
            variant(train_both_ways, read_out=False),
            "The first loss is right. Which parameters change in your loop?",
            "V has a gradient, too.",
            "You left V as it was.",
        ),
        Misconception(
            "uphill",
            variant(train_both_ways, sign=1),
            "Your first loss is right. In which direction do the others go?",
            "A loss of 2.2 that becomes 2.5 after one update has gone the wrong way.",
            "You add the gradient. Descent subtracts it, times the rate.",
        ),
        Misconception(
            "divided by the padded box",
            variant(train_both_ways, mean="box"),
            "Already the first loss is off: too small. By how many letters do you divide?",
            "Three real letters in a box of 2 × 4: divide by 3, not by 8.",
            "You left the padding out of the sum, and divided by all B · T places.",
        ),
        Misconception(
            "gradients added up",
            variant(train_both_ways, added=True),
            "Your first two losses are right. What is in the gradients at the second update?",
            "Gradients of 1 and 1: the second step goes 1 far, not 2.",
            "backward() adds to what .grad holds already. Set the gradients to zero, or to None, "
            "before each update.",
        ),
        Misconception(
            "two biases a direction",
            variant(train_both_ways, biases=2),
            "The first loss is right. How many biases has each of your directions?",
            "b_ih = b_hh = 1 make a bias of 2. A step of 1 on each of them moves it by 2.",
            "nn.RNN adds two biases, and both are trained, so b_h moves twice as far. The question "
            "has one in each direction.",
        ),
        Misconception(
            "the biases not trained",
            variant(train_both_ways, biases=0),
            "The first loss is right. Which parameters change in your loop?",
            "Seven arrays have a gradient: three in each direction, and V.",
            "You left the two b_h as they were.",
        ),
        Misconception(
            "divided by the number of words",
            variant(train_both_ways, mean="batch"),
            "Look at the first loss: by what is the sum divided?",
            "Two words of 2 and 4 letters: divide by 6, not by 2.",
            "You divided the sum by the number of words. The loss is the mean over the letters.",
        ),
        Misconception(
            "padding in the loss, with states of zero",
            variant(train_both_ways, padding="empty"),
            "Already the first loss is off. Over how many steps do you take the mean?",
            "Where both states are zero all scores are equal, and the loss is ln(sounds).",
            "You cleared the states in the padding, and counted its steps in the loss. Leave them "
            "out of the mean.",
        ),
        Misconception(
            "turned round in the box",
            variant(train_both_ways, turned="in the box"),
            "Already the first loss is off. To which letter belongs the backward direction's "
            "first state?",
            "“at” in a batch of 4 steps: read t, then a. Turned round in the box of 4, they stand "
            "at steps 3 and 4.",
            "Your backward states stand in the order of the reading, padding first. Each belongs "
            "to the letter that was read.",
        ),
        Misconception(
            "−1 taken for a sound",
            variant(train_both_ways, fails="targets"),
            "Which targets are no sounds? Does your loss know?",
            "Targets 3, 5, −1: the mean has two terms.",
            "Padded targets are −1, and your loss takes them for a class. Leave them out: a mask, "
            "or ignore_index=-1.",
        ),
        Misconception(
            "time taken for the classes",
            variant(train_both_ways, fails="axis"),
            "Which axis does PyTorch's cross_entropy take for the classes?",
            "Of scores (B, V, T) and targets (B, T), or of scores (N, V) and targets (N,), axis 1 "
            "is the classes.",
            "cross_entropy takes axis 1 for the classes; in your scores it is time. Flatten batch "
            "and time to one axis, or exchange the last two axes.",
        ),
        *autograd_mistakes(train_both_ways),
        Misconception(
            "the backward half first",
            variant(train_both_ways, order=-1),
            "Already the first loss is off. In which order do you join the two states?",
            "The first H columns of V belong to the forward direction.",
            "You joined backward, forward. The forward half comes first.",
        ),
    ),
)

# --- explain_depth -----------------------------------------------------------------------------

EXPLAIN_DEPTH = Question(
    name="explain_depth",
    points=2,
    rubric=(
        ("asks whether the future is there when an answer is due, and draws the consequence", 1),
        ("decides depth or dropout by figures on new data with their spread over seeds", 1),
    ),
)


QUESTIONS = [
    TOP_STATES,
    READ_BOTH_WAYS,
    REACH_OF,
    DROPPED_STATES,
    READ_STREAM,
    TRAIN_BOTH_WAYS,
    EXPLAIN_DEPTH,
]
