"""Chapter 14, RNNs and Transformers: caches, bytes, linear recurrences and what they can be."""

from __future__ import annotations

import functools

import numpy as np

from rnncourse.bank import Misconception, Question, variant
from rnncourse.data import load_electricity

load_of = functools.cache(load_electricity)

# --- cache_bytes -------------------------------------------------------------------------------


def cache_case(rng):
    heads = int(rng.choice([8, 12, 24]))
    groups = int(rng.choice([2, heads // 2, 4]))  # fewer than the heads: sharing counts
    width = heads * int(rng.choice([16, 32, 64]))
    blocks, texts, size = int(rng.integers(3, 25)), int(rng.integers(2, 9)), int(rng.choice([2, 4]))
    return blocks, width, heads, groups, int(rng.integers(100, 5000)), texts, size


def cache_bytes(
    blocks, width, heads, groups, tokens, texts, size, *, both=2, share="groups", power=1, more=(),
    queries=0,
):  # fmt: skip
    """Bytes of a cache, and ways to get them wrong."""
    head = width // (groups if share == "width" else heads)
    keys = {"groups": groups, "heads in a group": heads // groups}.get(share, heads)
    found = (both * keys + queries * heads) * head * tokens**power * size
    for name, times in {"blocks": blocks, "texts": texts}.items():
        found *= 1 if name in more else times
    return int(found) * (heads if "heads" in more else 1)


CACHE_BYTES = Question(
    name="cache_bytes",
    section="3 · Writing: a state, or a growing cache",
    points=2,
    reference=cache_bytes,
    inputs=cache_case,
    misconceptions=(
        Misconception(
            "keys without values",
            variant(cache_bytes, both=1),
            "What must be kept of a token, besides what it is found by?",
            "Each token leaves a key and a value of the same size.",
            "You counted keys only. The values are kept as well.",
        ),
        Misconception(
            "heads do not share",
            variant(cache_bytes, share="no"),
            "Which argument has no influence on your result?",
            "8 heads in 2 groups: 2 keys a token and a block, each as wide as a head.",
            "Your cache is as large as if every head had its own keys. A group uses the same.",
        ),
        Misconception(
            "groups taken for the heads of a group",
            variant(cache_bytes, share="heads in a group"),
            "What does `groups` count: the groups, or the heads in each?",
            "12 heads in 4 groups: three heads look at the same keys, and there are 4 such sets.",
            "You divided the heads by the groups. There are as many sets of keys as groups.",
        ),
        Misconception(
            "the width divided among the groups",
            variant(cache_bytes, share="width"),
            "How wide is a key?",
            "A width of 64 and 8 heads in 2 groups: a head has 8 numbers, and so has a key.",
            "You divided the width by the groups. A key is as wide as one head.",
        ),
        Misconception(
            "queries kept as well",
            variant(cache_bytes, queries=1),
            "Which of query, key and value does a later token never look at?",
            "A token asks with its query once, in its own step.",
            "You kept the query of each head as well. Only keys and values are asked for again.",
        ),
        Misconception(
            "a matrix of weights kept",
            variant(cache_bytes, power=2),
            "How does your cache grow when one token comes?",
            "The weights of a step are used once. Keys and values are what the next step needs.",
            "You took the square of the length. What is kept grows by the same amount a token.",
        ),
        Misconception(
            "one block",
            variant(cache_bytes, more=("blocks",)),
            "Where does a block find its keys?",
            "Two blocks: each has its own keys and values of every token.",
            "You counted one block. Each has a cache of its own.",
        ),
        Misconception(
            "one text",
            variant(cache_bytes, more=("texts",)),
            "Several texts are written side by side. May they look at each other?",
            "Three texts of 10 tokens leave 30 keys a block and group.",
            "You counted one text. Each has a cache of its own.",
        ),
        Misconception(
            "the whole width for each head",
            variant(cache_bytes, share="no", more=("heads",)),
            "How wide is one head?",
            "A width of 64 and 4 heads: a head has 16 numbers.",
            "You gave each head the whole width. The heads share it.",
        ),
    ),
)

# --- int8_product ------------------------------------------------------------------------------


def product_case(rng):
    H, D = (int(n) for n in rng.integers((3, 4), (7, 9)))
    W = rng.standard_normal((H, D)) * rng.uniform(0.1, 3.0, (H, 1))  # rows of unequal size
    return W, rng.standard_normal(D) * rng.uniform(0.2, 4.0)


def bytes_of(values, axis, most=127, how=np.rint):
    scale = np.abs(values).max(axis=axis, keepdims=True) / most
    return how(values / scale), scale


def int8_product(
    W, x, *, axis=1, of_W=True, of_x=True, scale_x=True, scale_W=True, most=127, how=np.rint
):
    """W x with both as bytes, and ways to get it wrong."""
    W_8, s = bytes_of(W, axis, most, how) if of_W else (W, np.ones((1, 1)))
    x_8, r = bytes_of(x, None, most, how) if of_x else (x, np.ones(1))
    y = (W_8 * s) @ x_8 if axis == 0 else (W_8 @ x_8) * (s[:, 0] if scale_W else 1)
    return y * (r[0] if scale_x else 1)


def within_bytes(W, x):
    """Products and sums in signed bytes, which begin anew beyond 127."""
    W_8, s = bytes_of(W, 1)
    x_8, r = bytes_of(x, None)
    return (W_8.astype(np.int8) @ x_8.astype(np.int8)) * s[:, 0] * r[0]


def scaled_by_the_largest(W, x):
    """Scales from the largest number, not from the largest size."""
    s, r = W.max(axis=1) / 127, x.max() / 127
    return (np.rint(W / s[:, None]) @ np.rint(x / r)) * s * r


def scales_in_a_column(W, x):
    """(H,) times (H, 1): every row's product with every scale."""
    W_8, s = bytes_of(W, 1)
    x_8, r = bytes_of(x, None)
    return W_8 @ x_8 * s * r[0]


INT8_PRODUCT = Question(
    name="int8_product",
    section="5 · Optional: on a small device",
    points=3,
    reference=int8_product,
    inputs=product_case,
    misconceptions=(
        Misconception(
            "one scale for the whole matrix",
            variant(int8_product, axis=None),
            "Close, but rows of small weights come out worse than they should. How many scales "
            "does the matrix have?",
            "Rows (1, 2) and (0.01, 0.02): the second has a scale of its own, 0.02 / 127.",
            "You took one scale for all of W. Each row has its own.",
        ),
        Misconception(
            "a scale for each column",
            variant(int8_product, axis=0),
            "Close, but not it. Can your scales be taken out of the sum over the columns?",
            "A row is summed as whole numbers; its scale comes afterwards, once.",
            "You took a scale for each column. It is each row that has one.",
        ),
        Misconception(
            "the matrix not rounded",
            variant(int8_product, of_W=False),
            "Close, but too exact. Which of the two is still made of floats?",
            "W = (1.27, 0.504), scale 0.01: the bytes are 127 and 50.",
            "You rounded the input only. The matrix is kept as bytes, too.",
        ),
        Misconception(
            "the input not rounded",
            variant(int8_product, of_x=False),
            "Close, but too exact. Which of the two is still made of floats?",
            "x = (2.54, 1.013), scale 0.02: the bytes are 127 and 51.",
            "You rounded the matrix only. Bytes are multiplied by bytes here.",
        ),
        Misconception(
            "the scale of the input forgotten",
            variant(int8_product, scale_x=False),
            "How does your result change when x is twice as long?",
            "x = (2, 4) and x = (1, 2) have the same bytes. What tells them apart?",
            "You did not multiply by the input's scale at the end.",
        ),
        Misconception(
            "the scales of the rows forgotten",
            variant(int8_product, scale_W=False),
            "How does your result change when one row of W is twice as long?",
            "Rows (2, 4) and (1, 2) have the same bytes. What tells them apart?",
            "You did not multiply by the rows' scales at the end.",
        ),
        Misconception(
            "cut off instead of rounded",
            variant(int8_product, how=np.trunc),
            "Close, but some of your whole numbers lie too near 0. What becomes of 50.9?",
            "50.9 becomes 51, and −50.9 becomes −51.",
            "You cut off what stands behind the point. Round to the nearest.",
        ),
        Misconception(
            "scaled to 128",
            variant(int8_product, most=128),
            "Close, but not it. Which is the largest number of a signed byte?",
            "A signed byte goes from −128 to 127. With 127 the largest weight fits on both sides.",
            "You scaled the largest to 128, which does not fit. It is 127.",
        ),
        Misconception(
            "products kept in bytes",
            within_bytes,
            "How large is the product of two of your whole numbers, and what holds it?",
            "np.array([100], np.int8) * np.array([2], np.int8) is −56: beyond 127 it begins anew.",
            "Your products and sums run over in int8. Multiply in a wider type, such as int32.",
        ),
        Misconception(
            "the largest number, not the largest size",
            scaled_by_the_largest,
            "Which entry of the row (1, −3) decides about its scale?",
            "The row (1, −3) has the scale 3 / 127: its largest size, not its largest number.",
            "You took the largest number with its sign. The largest size counts.",
        ),
        Misconception(
            "the scales left as a column",
            scales_in_a_column,
            "Which shapes meet in your last product?",
            "Shape (3,) times shape (3, 1) is (3, 3): each entry with each scale.",
            "Your scales stand in a column, (H, 1), when they meet the (H,) products.",
        ),
        Misconception(
            "not brought back at all",
            variant(int8_product, scale_x=False, scale_W=False),
            "Are your numbers whole?",
            "Bytes 127 and 51 with a scale of 0.02 stand for 2.54 and 1.02.",
            "You returned the product of the whole numbers. Multiply by both scales.",
        ),
    ),
)

# --- combine_steps -----------------------------------------------------------------------------


def steps_case(rng):
    T = int(rng.integers(7, 13))
    ends = np.sort(rng.choice(np.arange(2, T), int(rng.integers(2, 4)), replace=False)).tolist()
    a, b = rng.uniform(-1.2, 1.2, T), rng.standard_normal(T)
    return a, b, [*ends, T], float(rng.standard_normal())


def combine_steps(
    a, b, ends, h, *, order="right", carry=True, cut=0, start=True, many="product", show="after",
    whole=False,
):  # fmt: skip
    """[a, b, state] of each piece, and ways to get them wrong."""
    rows, begin, first = [], 0, h if start else 0.0
    state = first
    for end in ends:
        A, B = 1.0, state if show == "in B" else 0.0
        piece = range(0 if whole else begin, min(end + cut, len(a)))
        for t in reversed(piece) if order == "backwards" else piece:
            if order == "swapped":
                A, B = A * a[t], A * b[t] + B
            else:
                A, B = (A * a[t] if many == "product" else A + a[t] - (t == begin)), a[t] * B + b[t]
        before = state
        state = B if show == "in B" else A * (state if carry else first) + B
        rows.append([A, B, before if show == "before" else state])
        begin = end + cut
    return np.array(rows)


def unweighted(a, b, ends, h):
    """The inputs added up as they are."""
    rows, begin = [], 0
    for end in ends:
        A, B = np.prod(a[begin:end]), b[begin:end].sum()
        h = A * h + B
        rows.append([A, B, h])
        begin = end
    return np.array(rows)


def between_ends(a, b, ends, h):
    """The pieces that begin at one end and stop at the next: one too few."""
    first = ends[0]
    return combine_steps(a[first:], b[first:], [end - first for end in ends[1:]], h)


COMBINE_STEPS = Question(
    name="combine_steps",
    section="6 · Optional: a recurrence without a loop",
    points=3,
    reference=combine_steps,
    inputs=steps_case,
    misconceptions=(
        Misconception(
            "the later step first",
            variant(combine_steps, order="swapped"),
            "Your first column is right. Which of two steps is the inner one?",
            "First h → 2h + 1, then h → 3h + 5: together h → 6h + 8.",
            "You put the later step inside the earlier. The earlier one happens first.",
        ),
        Misconception(
            "inputs added up as they are",
            unweighted,
            "Your first column is right. What becomes of the first input by the end of its piece?",
            "First h → 2h + 1, then h → 3h + 5: the 1 is multiplied by 3 on its way.",
            "You added up the b of a piece. Each is multiplied by all later factors of the piece.",
        ),
        Misconception(
            "factors added",
            variant(combine_steps, many="sum"),
            "Your second column is right. What happens to h in two steps with b = 0?",
            "h → 2h, then h → 3h: together 6h.",
            "You added the factors of a piece. They multiply.",
        ),
        Misconception(
            "every piece from the first state",
            variant(combine_steps, carry=False),
            "Your first two columns are right. From which state does the second piece begin?",
            "The state after the first piece is the state before the second.",
            "You began each piece at the given state. It holds for the first piece only.",
        ),
        Misconception(
            "the first state left out",
            variant(combine_steps, start=False),
            "Your first two columns are right. Which argument has no influence?",
            "A piece (0.5, 4) that begins at 2 ends at 5.",
            "You began at zero. A state is given.",
        ),
        Misconception(
            "each piece one step too long",
            variant(combine_steps, cut=1),
            "Already the first piece is off. How many steps does it have?",
            "ends = [2, 5]: the first piece has steps 0 and 1, the second 2, 3 and 4.",
            "Your pieces include the step at their end, which belongs to the next.",
        ),
        Misconception(
            "a piece begun at its state",
            variant(combine_steps, show="in B"),
            "What does a worker know of the state before its piece?",
            "Two steps h → 0.5 h + 4 are the step h → 0.25 h + 6, whatever h they begin with.",
            "Your B has the state in it already. A worker begins at B = 0; the state comes later.",
        ),
        Misconception(
            "every step from the beginning",
            variant(combine_steps, whole=True, carry=False),
            "Your last column is right. Which steps is your second A the product of?",
            "ends = [2, 5]: the second piece has the steps 2, 3 and 4 only.",
            "You put together all steps from the first on. Each piece begins where one ended.",
        ),
        Misconception(
            "the state before the piece",
            variant(combine_steps, show="before"),
            "Your first two columns are right. Which state does your first row show?",
            "h = 2 and the step h → 0.5 h + 4: the row is 0.5, 4 and 5.",
            "You show the state that a piece begins with. Show the one after it.",
        ),
        Misconception(
            "the first piece left out",
            between_ends,
            "How many pieces do three ends make?",
            "ends = [2, 5]: two pieces, the steps 0 and 1, then 2, 3 and 4.",
            "Your pieces lie between the ends. The first one begins at step 0.",
        ),
    ),
)

# --- ssm_kernel --------------------------------------------------------------------------------


def kernel_case(rng):
    N, T = int(rng.integers(2, 5)), int(rng.integers(5, 12))
    c = rng.standard_normal((2, N))
    angle = rng.uniform(0.2, 2.5, N)
    return rng.uniform(0.6, 0.98, N), angle, rng.standard_normal(N), c[0], c[1], T


def ssm_kernel(
    r, angle, w, c_re, c_im, T, *, part="real", first=0, turn="k", sign=1, over="sum", fade="k",
):  # fmt: skip
    """The kernel (T,), and ways to get it wrong."""
    k = np.arange(first, T + first)[:, None]
    length = r**k if fade == "k" else np.ones_like(k) * r
    turned = {"once": angle + 0 * k, "not": 0 * k * angle}.get(turn, angle * k)
    powers = (r + 1j * angle) ** k if turn == "part" else length * np.exp(1j * turned)  # (T, N)
    c = c_re + 1j * sign * c_im
    each = {
        "real": (c * powers * w).real,
        "size": np.abs(c * powers * w),
        "apart": c_re * powers.real * w,
    }[part]
    return each.sum(1) if over == "sum" else each.mean(1)


SSM_KERNEL = Question(
    name="ssm_kernel",
    section="6 · Optional: a recurrence without a loop",
    points=3,
    reference=ssm_kernel,
    inputs=kernel_case,
    misconceptions=(
        Misconception(
            "real parts multiplied",
            variant(ssm_kernel, part="apart"),
            "Your first number is right. What is the real part of i times i?",
            "(1 + i)(1 + i) = 2i: its real part is 0, though both real parts are 1.",
            "You took real parts before multiplying. The real part comes last.",
        ),
        Misconception(
            "sizes instead of real parts",
            variant(ssm_kernel, part="size"),
            "Does your kernel swing below zero?",
            "λ = i: the real parts of 1, λ, λ², λ³ are 1, 0, −1, 0.",
            "You took the size of a complex number. The output is its real part.",
        ),
        Misconception(
            "begun with λ",
            variant(ssm_kernel, first=1),
            "What does an input do in its own step?",
            "The input of this very step has not been multiplied by λ yet: the power is 0.",
            "Your kernel begins with λ to the first. It begins with λ⁰ = 1.",
        ),
        Misconception(
            "no angle",
            variant(ssm_kernel, turn="not"),
            "Which argument has no influence on your result?",
            "Length 1 and angle π/2: the powers are 1, i, −1, −i.",
            "You left out the angle. Each step turns by it.",
        ),
        Misconception(
            "turned once only",
            variant(ssm_kernel, turn="once"),
            "By how much has λ³ turned?",
            "Powers multiply lengths and add angles: λ³ has three times the angle.",
            "You kept the angle the same at each step. It grows with the power.",
        ),
        Misconception(
            "faded once only",
            variant(ssm_kernel, fade="once"),
            "How long is λ³?",
            "Powers multiply lengths: 0.5, 0.25, 0.125.",
            "You kept the length the same at each step. It is r to the power of k.",
        ),
        Misconception(
            "an imaginary part with the wrong sign",
            variant(ssm_kernel, sign=-1),
            "Your first number is right. Which sign has i times i?",
            "c = i and λ = i: the product is −1.",
            "One of the two has the wrong sign of its imaginary part: c, or λ (its angle turns the "
            "other way). Take both as they are.",
        ),
        Misconception(
            "the mean of the units",
            variant(ssm_kernel, over="mean"),
            "Do your numbers have the right shape and the wrong size?",
            "Two units that give 1 and 2: the output is 3.",
            "You took the mean over the units. A linear read-out adds them up.",
        ),
        Misconception(
            "length and angle taken for the two parts",
            variant(ssm_kernel, turn="part"),
            "Your first number is right. Where in the plane does λ lie?",
            "Length 2 and angle π/2: λ = 2i, and not 2 + 1.57i.",
            "You used r + i · angle. A length and an angle make r (cos angle + i sin angle).",
        ),
    ),
)

# --- matrix_memory -----------------------------------------------------------------------------


def memory_case(rng):
    T, d = (int(n) for n in rng.integers((4, 3), (8, 6)))
    q, k, v = rng.standard_normal((3, T, d))
    return q, k, v, rng.uniform(0.3, 0.95, T)


def matrix_memory(q, k, v, keep, *, read="after", turned=False, fade="before", gate="own", scale=1):
    """What is read at each step (T, d), and ways to get it wrong."""
    S, said = np.zeros((k.shape[1], v.shape[1])), []
    for t in range(len(q)):
        g = {"own": keep[t], "none": 1.0, "write": keep[t], "next": keep[(t + 1) % len(q)]}[gate]
        before = S
        new = np.outer(k[t], v[t]) * ((1 - g) if gate == "write" else 1)
        S = g * S + new if fade == "before" else g * (S + new)
        shown = {"after": S, "between": g * before, "before": before}[read]
        said.append(shown @ q[t] if turned else q[t] @ shown)
    return np.array(said)


def with_weights(q, k, v, keep):
    """Each answer divided by the sum of its products."""
    ones = matrix_memory(q, k, np.ones_like(v), keep)
    return matrix_memory(q, k, v, keep) / ones


def with_features(q, k, v, keep):
    """Queries and keys through the φ of the chapter."""
    q, k = (np.where(one > 0, one + 1, np.exp(np.minimum(one, 0))) for one in (q, k))
    return matrix_memory(q, k, v, keep)


def as_a_vector(q, k, v, keep):
    """Keys times values entry by entry."""
    S, said = np.zeros(k.shape[1]), []
    for t in range(len(q)):
        S = keep[t] * S + k[t] * v[t]
        said.append(q[t] * S)
    return np.array(said)


def asked_at_the_end(q, k, v, keep):
    """Every query put to the last state."""
    S = np.zeros((k.shape[1], v.shape[1]))
    for t in range(len(q)):
        S = keep[t] * S + np.outer(k[t], v[t])
    return q @ S


MATRIX_MEMORY = Question(
    name="matrix_memory",
    section="7 · Optional: attention without its softmax",
    points=3,
    reference=matrix_memory,
    inputs=memory_case,
    misconceptions=(
        Misconception(
            "read before it is written",
            variant(matrix_memory, read="before"),
            "Is your first row all zeros?",
            "The first step writes its own pair, and may find it at once.",
            "You read before writing. At each step the pair is added first.",
        ),
        Misconception(
            "read when faded, before it is written",
            variant(matrix_memory, read="between"),
            "Is your first row all zeros?",
            "A step fades what is there, adds its pair, and then asks: it may find that pair.",
            "You ask between the fading and the adding. The pair of a step is added first.",
        ),
        Misconception(
            "the matrix turned over",
            variant(matrix_memory, turned=True),
            "Ask with a key that was stored. Does its value come out?",
            "k = (1, 0), v = (5, 7): asked with (1, 0) the memory says (5, 7).",
            "Keys and values have changed places. A query meets the keys.",
        ),
        Misconception(
            "nothing forgotten",
            variant(matrix_memory, gate="none"),
            "Your first row is right. Which argument has no influence?",
            "keep = 0.5 at the second step: the first pair counts half from there on.",
            "You kept everything. What was there is multiplied by keep at each step.",
        ),
        Misconception(
            "the new pair faded, too",
            variant(matrix_memory, fade="after"),
            "Already your first row is too small. What is multiplied by keep?",
            "keep = 0.5 at the first step: the first pair is stored whole.",
            "Your new pair fades in its own step. Only what was there before does.",
        ),
        Misconception(
            "the new pair weighed with the rest",
            variant(matrix_memory, gate="write"),
            "Already your first row is too small. With which weight is the new pair added?",
            "keep = 0.9: the old counts 0.9, the new 1, not 0.1.",
            "You added the pair times 1 − keep, as a GRU does. Here it is added whole.",
        ),
        Misconception(
            "the gate of the next step",
            variant(matrix_memory, gate="next"),
            "Your first row is right, the second is not. Which keep acts at the second step?",
            "At step t the old is multiplied by keep at t.",
            "You used the keep of the step after.",
        ),
        Misconception(
            "divided by the sum of the products",
            with_weights,
            "Your first row is the first value. Was a mean asked for?",
            "q · k = 2 at the first step: the answer is 2 v, not v.",
            "You divided as attention does. This memory has no denominator.",
        ),
        Misconception(
            "queries and keys through φ",
            with_features,
            "What becomes of a negative number of a key in your memory?",
            "q = k = (−1, 0): the product is 1.",
            "You kept the φ of section 7. Here keys and queries are taken as they are.",
        ),
        Misconception(
            "entry by entry",
            as_a_vector,
            "How many numbers does your state have, for keys of 4 numbers and values of 4?",
            "k = (1, 0), v = (5, 7): the state has the rows (5, 7) and (0, 0).",
            "You multiplied key and value entry by entry. The state is a matrix, each with each.",
        ),
        Misconception(
            "all asked at the end",
            asked_at_the_end,
            "Only your last row is right. What does the memory hold when the first query comes?",
            "After the first step there is one pair: q · k times v.",
            "You asked the last state only. Each query comes in its own step.",
        ),
    ),
)

# --- min_gru_jump ------------------------------------------------------------------------------


def jump_case(rng):
    T, H = (int(n) for n in rng.integers((3, 2), (8, 5)))
    return (rng.uniform(0.1, 0.9, (T, H)),)


def min_gru_jump(z, *, own=False, side="later", swap=False, share=True, first=True):
    """Weights (T + 1, H) of h_0 and each candidate in the last state, and ways to be wrong."""
    g = 1 - z if swap else z
    T = len(g)
    rows = [np.prod(g, axis=0) if first else 1 - np.prod(g, axis=0)]
    for t in range(T):
        kept = g[:t] if side == "earlier" else g[t if own else t + 1 :]
        rows.append((1 - g[t] if share else 1) * np.prod(kept, axis=0))
    return np.array(rows)


def each_step_alike(z):
    mean = np.exp(np.log(z).mean(0))
    T = len(z)
    rows = [mean**T] + [(1 - mean) * mean ** (T - 1 - t) for t in range(T)]
    return np.array(rows)


def newest_first(z):
    right = min_gru_jump(z)
    return np.concatenate([right[:1], right[:0:-1]])


MIN_GRU_JUMP = Question(
    name="min_gru_jump",
    section="8 · Optional: a GRU whose gates see the input only",
    points=3,
    reference=min_gru_jump,
    inputs=jump_case,
    misconceptions=(
        Misconception(
            "a candidate faded by its own gate, too",
            variant(min_gru_jump, own=True),
            "Your first row is right. What is the weight of the last candidate?",
            "T = 1: the state is z h₀ + (1 − z) n, so the candidate weighs 1 − z.",
            "You multiplied each candidate by the gate of its own step as well.",
        ),
        Misconception(
            "faded by the earlier gates",
            variant(min_gru_jump, side="earlier"),
            "Your first row is right. Which steps can a candidate still fade in?",
            "T = 2: the first candidate weighs (1 − z₁) z₂.",
            "You took the gates before a candidate. Those after it make it fade.",
        ),
        Misconception(
            "z near 1 updates",
            variant(min_gru_jump, swap=True),
            "What does your state do where z is 0.9 at each step?",
            "T = 1: the old state weighs z.",
            "You took the other convention. In this course z near 1 keeps.",
        ),
        Misconception(
            "candidates written whole",
            variant(min_gru_jump, share=False),
            "Add up your weights of one unit. Do they give 1?",
            "T = 1: h₀ and the candidate share the weight 1.",
            "You wrote each candidate with weight 1. It gets what the gate does not keep.",
        ),
        Misconception(
            "the first state gets the rest of 1",
            variant(min_gru_jump, first=False),
            "All but your first row is right. What is left of h₀ if every gate is 1?",
            "Gates of 1 keep all of it; a single gate of 0 ends it.",
            "Your weight of h₀ is what was lost. Its weight is what all gates keep.",
        ),
        Misconception(
            "the same gate at each step",
            each_step_alike,
            "Your first row is right. Does it matter in which order the gates come?",
            "Gates 0.9, 0.1: the first candidate weighs 0.1 × 0.1, in the other order 0.9 × 0.9.",
            "You used an average gate. Each step has its own.",
        ),
        Misconception(
            "the newest candidate first",
            newest_first,
            "Your first row is right. Which candidate has your second one?",
            "T = 2: after the weight of h₀ come (1 − z₁) z₂, then 1 − z₂.",
            "You begin with the last candidate. They come in the order of the steps.",
        ),
    ),
)

# --- leaky_forecast ----------------------------------------------------------------------------


def forecast_case(rng):
    _, load = load_of()
    T = int(rng.integers(90, 140))
    start = int(rng.integers(len(load) - T))
    piece = load[start : start + T]
    x = (piece - piece.mean()) / piece.std()
    K = int(rng.integers(2, 4))
    a = np.sort(rng.choice([0.0, 0.5, 0.8, 0.9, 0.95], K, replace=False))
    return x, a, int(0.7 * T), round(rng.uniform(0.1, 1.0), 2)


def leaky_forecast(
    x, a, split, ridge, *, share=True, constant=True, peek=0, learn="before", error="absolute",
    test="after", naive="last", start="zero", penalty="all", against="next",
    anew=False,
):  # fmt: skip
    """[weights, error, error of repeating], and ways to get them wrong."""
    h, rows = (np.full(len(a), x[0]) if start == "first" else np.zeros(len(a))), []
    for x_t in x:
        h = a * h + ((1 - a) if share else 1.0) * x_t
        rows.append(h)
    if anew:
        h = np.zeros(len(a))
        for t in range(split, len(x)):
            h = rows[t] = a * h + (1 - a) * x[t]
    features = np.array(rows)
    if constant:
        features = np.column_stack([features, np.ones(len(x))])
    target = x[1:] if against == "next" else x[:-1]
    features = features[peek : len(target) + peek] if peek else features[:-1]
    here = slice(None) if learn == "all" else slice(0, split)
    F, y = features[here], target[here]
    one = np.eye(F.shape[1])
    means = np.diag(np.arange(len(one)) < len(a))
    charged = {"all": one, "none": 0 * one, "means": means, "entries": 1}[penalty]
    w = np.linalg.solve(F.T @ F + ridge * charged, F.T @ y)
    there = slice(split, None) if test == "after" else slice(0, split)
    gap = target[there] - features[there] @ w
    repeat = x[:-1][there] if naive == "last" else np.full(len(gap), x[split - 1])
    missed = target[there] - repeat
    if error == "squared":
        return w, float((gap**2).mean()), float((missed**2).mean())
    return w, float(np.abs(gap).mean()), float(np.abs(missed).mean())


LEAKY_FORECAST = Question(
    name="leaky_forecast",
    section="6 · Optional: a recurrence without a loop",
    points=5,
    reference=leaky_forecast,
    inputs=forecast_case,
    rtol=1e-4,
    misconceptions=(
        Misconception(
            "inputs not shared with what was there",
            variant(leaky_forecast, share=False),
            "The rival's error is right. How large does a leaky mean of ones become?",
            "a = 0.9 and x always 1: the mean comes to 1, not to 10.",
            "You add x whole. A leaky mean takes 1 − a of it.",
        ),
        Misconception(
            "no constant",
            variant(leaky_forecast, constant=False),
            "How many weights do you return?",
            "Two leaky means have three weights: the last belongs to a column of ones.",
            "You left out the constant.",
        ),
        Misconception(
            "features that have seen the answer",
            variant(leaky_forecast, peek=1),
            "Your forecast is better than it can be. What has it read?",
            "Features after x₃ forecast x₄.",
            "Your features at a step include the very value that is to be forecast.",
        ),
        Misconception(
            "learned from the test, too",
            variant(leaky_forecast, learn="all"),
            "The rival's error is right. From which rows do your weights come?",
            "split = 60: the weights know 60 pairs, and are tested on all others.",
            "You fitted all rows. Those from the split on are for the test.",
        ),
        Misconception(
            "tested on what was learned",
            variant(leaky_forecast, test="before"),
            "Your weights are right. On which rows do you take the errors?",
            "split = 60: the first 60 pairs are for fitting, the others for the errors.",
            "Your errors are those of the rows that were fitted.",
        ),
        Misconception(
            "squared errors",
            variant(leaky_forecast, error="squared"),
            "Your weights are right. Which error is asked for?",
            "Errors 1 and −3: the mean absolute error is 2.",
            "You took squares. The mean absolute error is asked for.",
        ),
        Misconception(
            "the last learned value repeated for ever",
            variant(leaky_forecast, naive="fixed"),
            "Only your last number is off. What does the rival know at each step?",
            "Before x₈ it repeats x₇, before x₉ it repeats x₈.",
            "Your rival repeats one value. At each step it repeats the newest.",
        ),
        Misconception(
            "begun with the first value",
            variant(leaky_forecast, start="first"),
            "Nearly. What do your leaky means hold before the first step?",
            "a = 0.5, x₁ = 4: the mean after one step is 2.",
            "You began with the first value. The means begin at zero.",
        ),
        Misconception(
            "no ridge",
            variant(leaky_forecast, penalty="none"),
            "Nearly. Which argument has no influence on your weights?",
            "The ridge is added to the diagonal of FᵀF.",
            "You solved without the ridge.",
        ),
        Misconception(
            "the constant not penalised",
            variant(leaky_forecast, penalty="means"),
            "Nearly. On which entries of the diagonal is your ridge?",
            "Two means and the constant: the ridge is added three times.",
            "You left the constant out of the ridge. Here it is penalised like the others.",
        ),
        Misconception(
            "the ridge on every entry",
            variant(leaky_forecast, penalty="entries"),
            "Your matrix with a ridge of 1: which of its entries have changed?",
            "[[2, 3], [3, 5]] with a ridge of 1 is [[3, 3], [3, 6]].",
            "You added the ridge to every entry. It belongs on the diagonal only.",
        ),
        Misconception(
            "the means begun anew at the split",
            variant(leaky_forecast, anew=True),
            "Your weights are right. What do your means hold at the first pair of the test?",
            "The series goes on: at the split the means have seen all values before it.",
            "Your means begin at zero again at the split. They only begin once.",
        ),
        Misconception(
            "this step instead of the next",
            variant(leaky_forecast, against="this"),
            "Your forecast is better than it can be. What does it say?",
            "Features after x₃ forecast x₄, not x₃.",
            "Your target is the value that was read last.",
        ),
    ),
)

# --- explain_costs ----------------------------------------------------------------------------

EXPLAIN_COSTS = Question(
    name="explain_costs",
    points=3,
    rubric=(
        ("chooses for the stream by what is kept, and names a figure of the chapter", 1),
        ("chooses for the small set of data by a figure, and gives that of a cheap rival, too", 1),
        ("says what the chapter did not measure that could turn the third choice round", 1),
    ),
)

QUESTIONS = [
    CACHE_BYTES,
    INT8_PRODUCT,
    COMBINE_STEPS,
    SSM_KERNEL,
    MATRIX_MEMORY,
    MIN_GRU_JUMP,
    LEAKY_FORECAST,
    EXPLAIN_COSTS,
]
