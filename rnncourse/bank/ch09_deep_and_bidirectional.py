"""Chapter 9, deep and bidirectional: stacks, directions, dropout, padding."""

from __future__ import annotations

import functools

import numpy as np

from rnncourse.bank import Misconception, Question, variant
from rnncourse.data import load_basic_motions, load_pronunciations

words_of = functools.cache(load_pronunciations)  # takes a second
motions_of = functools.cache(load_basic_motions)

# --- top_states --------------------------------------------------------------------------------


def h_n_case(rng):
    L, B, H = (int(n) for n in rng.integers((2, 2, 2), (5, 6, 6)))
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
    ),
)

# --- read_both_ways ----------------------------------------------------------------------------


def layer_case(rng):
    B, D, H = (int(n) for n in rng.integers(2, 5, size=3))
    lengths = rng.integers(2, 7, size=B)
    lengths[0], lengths[-1] = 3, 7  # one is padded, one is not
    x = rng.standard_normal((B, 7, D)) * (np.arange(7) < lengths[:, None])[..., None]
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
    cut=True, filled=False, features=False, handed=False,
):  # fmt: skip
    B, T = x.shape[:2]
    H = len(forward[2])
    y = np.zeros((B, T, 2 * H if joined else H))
    for row, length in enumerate(lengths):
        n = T if over else length
        ahead = one_way(x[row, :n], *forward)
        turned = x[row, :n, ::-1] if features else x[row, :n][::-1]
        begin = ahead[-1] if handed else None
        behind = one_way(turned, *(forward if share else backward), begin)
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
    ),
)

# --- reach_of ----------------------------------------------------------------------------------


def reach_case(rng):
    """Outputs of a made-up model, and what they become when one input changes."""
    T, H = int(rng.integers(8, 12)), int(rng.integers(2, 4))
    back, ahead = (int(n) for n in rng.permutation(4)[:2])  # never the same
    y = rng.standard_normal((T, H))
    changed = np.repeat(y[None], T, axis=0)  # changed[k]: input k is another
    for k in range(T):
        for t in range(max(k - ahead, 0), min(k + back + 1, T)):  # the outputs that hear input k
            farthest = t - k in (back, -ahead)  # seen in the first unit only nearer by
            if farthest and t != k and k in (0, T // 2, T - 1):
                continue  # these three inputs do not show how far it hears
            unit = int(rng.integers(int(farthest), H))
            changed[k, t, unit] += rng.choice([-1, 1]) * rng.uniform(0.1, 1)
    return y, changed


def reach_of(y, changed, *, swap=False, extra=0, only=None, unit=None, every=False):
    """How many steps back and ahead an output hears, at most."""
    moved = (changed != y)[..., slice(None) if unit is None else [unit]]
    hears = moved.all(axis=-1) if every else moved.any(axis=-1)  # (k, t)
    k, t = np.nonzero(hears)
    if only is not None:
        k, t = k[k == only], t[k == only]
    back, ahead = max([0, *(t - k)]), max([0, *(k - t)])
    pair = (ahead, back) if swap else (back, ahead)
    return [int(n) + extra for n in pair]


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
            lambda y, changed: reach_of(y, changed, only=len(y) - 1),
            "One of your numbers is 0 in every case. Which inputs have you tried?",
            "Nothing comes after the last step, so no output after it can look back to it.",
            "You looked at a change of the last input alone. Go through all of them.",
        ),
        Misconception(
            "one unit watched",
            variant(reach_of, unit=0),
            "Sometimes too short. Which numbers of an output do you compare?",
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
            "Sometimes too short. When do you say that an output has changed?",
            "A change may show in the second unit of an output alone.",
            "You ask that all units change. One that changes is enough.",
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
    x, W_xh, W_hh, b_h, kept, p, training, *, scale="up", always=False, carried=False, place="state"
):
    h, states = np.zeros(len(b_h)), []
    factor = {"up": 1 / (1 - p), "down": 1 - p, "share": 1 / p, "counted": 1 / kept.mean()}
    mask = kept * factor.get(scale, 1) if training or always else np.ones_like(kept)
    if scale == "in use" and not training:
        mask = mask * (1 - p)
    for x_t in x:
        if place == "sum":
            h = np.tanh(mask * (W_xh @ x_t + W_hh @ h + b_h))
        elif place == "product":
            h = np.tanh(W_xh @ x_t + mask * (W_hh @ h) + b_h)
        else:
            h = np.tanh(W_xh @ x_t + W_hh @ (mask * h) + b_h)
        if carried:
            h = mask * h
        states.append(h)
    return np.array(states)


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


def read_stream(x, forward, backward, n, *, ahead="on", behind="new", back=True, whole=False):
    parts, carried, h_back = [], None, None
    for start in range(0, len(x), n):
        chunk = x[start : start + n]
        there = one_way(chunk, *forward, carried if ahead == "on" else None)
        carried = there[-1]
        here = one_way(chunk[::-1], *backward, h_back if behind == "on" else None)
        h_back = here[-1]
        parts.append(np.concatenate([there, here[::-1] if back else here], axis=-1))
    y = np.concatenate(parts)
    if whole:
        y[:, len(forward[2]) :] = one_way(x[::-1], *backward)[::-1]
    return y


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
    x, y = np.zeros((B, T, len(LETTERS))), np.full((B, T), -1)
    for row, one in enumerate(chosen):
        x[row, range(lengths[row]), [LETTERS.index(c) for c in one.word]] = 1
        y[row, : lengths[row]] = [sounds.index(sound) for sound in one.sounds]
    shapes = [(H, len(LETTERS)), (H, H), (H,)]
    weights = [rng.standard_normal(shape) / 2 for _ in range(2) for shape in shapes]
    return x, lengths, y, *weights, rng.standard_normal((len(sounds), 2 * H)) / 2, 0.5, 3


def train_both_ways(
    x, lengths, y, f_xh, f_hh, f_b, b_xh, b_hh, b_b, V, rate, updates, *,
    over=False, padding=False, read_out=True, trained=7, mean="steps", turned=True, sign=-1,
    order=1,
):  # fmt: skip
    """The losses of plain gradient descent, and of descents with something wrong."""
    import torch
    import torch.nn.functional as F

    weights = [w.clone().requires_grad_() for w in (f_xh, f_hh, f_b, b_xh, b_hh, b_b, V)]
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

    losses = []
    for _ in range(updates + 1):
        *directions, V = weights
        back = states(x[rows, turn], *directions[3:])
        halves = [states(x, *directions[:3]), back[rows, turn] if turned else back]
        both = torch.cat(halves[::order], -1)
        scores = both @ V.T
        each = F.cross_entropy(scores.transpose(1, 2), y.clamp(min=0), reduction="none")
        if padding:
            error = each.mean()
        elif mean == "words":
            error = ((each * real).sum(1) / lengths).mean()
        elif mean == "box":
            error = (each * real).mean()
        else:
            error = each[real].sum() if mean == "sum" else each[real].mean()
        losses.append(error.item())
        grads = torch.autograd.grad(error, weights)
        with torch.no_grad():
            for n, (w, grad) in enumerate(zip(weights, grads, strict=True)):
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
