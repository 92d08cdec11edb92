"""Chapter 5, vanishing gradients: Jacobians, their bound, clipping, good starts, reach."""

from __future__ import annotations

import numpy as np

from rnncourse.bank import Misconception, Question, variant

# --- step_jacobian -----------------------------------------------------------------------------

SLOPES = {  # in terms of the function's own output
    "tanh": lambda h: 1 - h**2,
    "sigmoid": lambda h: h * (1 - h),
    "relu": lambda h: (h > 0).astype(float),
}
LARGEST = {"tanh": 1.0, "relu": 1.0, "sigmoid": 0.25}


def jacobian_case(rng):
    """A state that the function can have: of a ReLU's units some are at zero."""
    H, name = int(rng.integers(2, 6)), str(rng.choice(list(SLOPES)))
    a = rng.standard_normal(H)
    a[0] = -abs(a[0])
    h_t = {"tanh": np.tanh(a), "sigmoid": 1 / (1 + np.exp(-a)), "relu": np.maximum(a, 0)}[name]
    return h_t, rng.standard_normal((H, H)), name


def step_jacobian(h_t, W_hh, nonlinearity, *, slopes=SLOPES):
    return slopes[nonlinearity](h_t)[:, None] * W_hh


STEP_JACOBIAN = Question(
    name="step_jacobian",
    points=2,
    section="1 · Where 0.000015 comes from",
    reference=step_jacobian,
    inputs=jacobian_case,
    cases=12,
    misconceptions=(
        Misconception(
            "the slope on the columns",
            lambda h_t, W_hh, name: W_hh * SLOPES[name](h_t),
            "Each slope stands in the right matrix, but beside the wrong entries.",
            "Two units, unit 1 saturated: which *row or column* of the Jacobian is zero? Nothing "
            "changes h_t,1 any more, whatever happens to h_{t-1}.",
            "Broadcasting put the slopes on the columns. Entry (i, j) is ∂h_t,i/∂h_{t-1},j, so "
            "its slope is that of unit i: the row.",
        ),
        Misconception(
            "no slope",
            lambda h_t, W_hh, name: W_hh,
            "Does your Jacobian depend on h_t?",
            "If h_t is near 1 everywhere, the tanh is flat and the Jacobian near zero.",
            "You return W_hh, the Jacobian of the linear network. The slopes are missing.",
        ),
        Misconception(
            "transposed",
            lambda *case: step_jacobian(*case).T,
            "The right numbers, in the wrong places: compare entry (0, 1) of yours with entry (1,"
            " 0) of what is expected.",
            "Entry (1, 2) says how h_t,1 answers to h_{t-1},2: it belongs to W_hh[0, 1].",
            "You give the transpose. That is what multiplies a gradient (a column) on its way "
            "back; the Jacobian itself is not transposed.",
        ),
        Misconception(
            "tanh's slope for every function",
            lambda h_t, W_hh, _: step_jacobian(h_t, W_hh, "tanh"),
            "Some of your cases are right. Which function do the others have?",
            "A ReLU's slope, where its unit is awake, is 1, whatever its output.",
            "You use 1 − h² for all three. The logistic function and ReLU have slopes of their "
            "own.",
        ),
        Misconception(
            "ReLU steep at zero",
            variant(step_jacobian, slopes=SLOPES | {"relu": lambda h: (h >= 0).astype(float)}),
            "Right for two of the functions. What does a ReLU unit at 0 pass on?",
            "A ReLU unit whose input is −3 has the output 0. Move the input a little: does the "
            "output move?",
            "You give a unit at 0 the slope 1. Its input was negative or zero: the slope is 0.",
        ),
        Misconception(
            "ReLU itself for its slope",
            variant(step_jacobian, slopes=SLOPES | {"relu": lambda h: h}),
            "Right for two of the functions. How steep is ReLU to the right of zero?",
            "Between 2 and 3 ReLU rises from 2 to 3: a slope of …",
            "You multiply by the output of ReLU. Its slope is 1 where the output is above zero.",
        ),
        Misconception(
            "the logistic taken once more",
            variant(
                step_jacobian,
                slopes=SLOPES | {"sigmoid": lambda h: (s := 1 / (1 + np.exp(-h))) * (1 - s)},
            ),
            "Right for two of the functions. What is h_t: before or after the logistic function?",
            "An output of 0.5 means a slope of 0.25. Yours is smaller.",
            "h_t already is σ(a_t); you applied the function once more.",
        ),
        Misconception(
            "tanh taken once more",
            variant(step_jacobian, slopes=SLOPES | {"tanh": lambda h: 1 - np.tanh(h) ** 2}),
            "Close, for one of the functions. What is h_t: before or after the tanh?",
            "h_t = 0.9 means a slope of 0.19. Yours is larger.",
            "h_t is already tanh(a_t); you applied the tanh once more.",
        ),
        Misconception(
            "tanh and the logistic taken once more",
            variant(
                step_jacobian,
                slopes=SLOPES
                | {
                    "tanh": lambda h: 1 - np.tanh(h) ** 2,
                    "sigmoid": lambda h: (s := 1 / (1 + np.exp(-h))) * (1 - s),
                },
            ),
            "Right for ReLU alone. You are given h_t: what has it been through already?",
            "A tanh unit at h = 0.6 has the slope 1 − 0.6² = 0.64. With tanh(0.6) = 0.54 it would"
            " be 0.71.",
            "You put h_t through the function again. It is the function's output: 1 − h², and h "
            "(1 − h).",
        ),
    ),
)

# --- vanishes_within ---------------------------------------------------------------------------


def spectral_norm(matrix):
    return np.linalg.norm(matrix, 2)


def spectral_radius(matrix):
    return abs(np.linalg.eigvals(matrix)).max()


def vanishing_case(rng):
    """In some cases the bound promises nothing; a sigmoid's W_hh may shorten by itself, or not."""
    H, name = (
        int(rng.integers(3, 7)),
        str(rng.choice(["sigmoid", "tanh", "relu"], p=[0.64, 0.18, 0.18])),
    )
    W_hh = rng.standard_normal((H, H))
    ranges = [(0.05, 0.2), (0.3, 0.95), (1.05, 1.5)]
    factor = rng.uniform(*rng.choice(ranges, p=[0.38, 0.4, 0.22]))
    W_hh *= factor / (LARGEST[name] * spectral_norm(W_hh))
    return W_hh, name, float(10.0 ** -rng.integers(2, 6) * rng.uniform(1.1, 9))


def vanishes_within(
    W_hh, nonlinearity, share, *, stretch=spectral_norm, largest=LARGEST, shift=0, promise=True
):  # fmt: skip
    factor = largest[nonlinearity] * stretch(W_hh)
    if factor >= 1 and promise:
        return -1
    steps, left = 0, 1.0
    while left >= share and steps < 400:
        steps, left = steps + 1, left * factor
    return steps + shift


VANISHES_WITHIN = Question(
    name="vanishes_within",
    points=3,
    section="2 · What is true about when",
    reference=vanishes_within,
    inputs=vanishing_case,
    cases=12,
    misconceptions=(
        Misconception(
            "the spectral radius",
            variant(vanishes_within, stretch=spectral_radius),
            "You promise too much: some gradient may be longer than you say.",
            "W_hh = [[0, 5], [0, 0]], one step: a gradient can grow by 5. What does yours promise?",
            "You took the largest eigenvalue. How much a matrix can stretch a vector is its "
            "largest *singular* value.",
        ),
        Misconception(
            "the Frobenius norm",
            variant(vanishes_within, stretch=np.linalg.norm),
            "You promise too little, or nothing where a promise could be made.",
            "0.9 times the 4 × 4 identity shortens every vector. Your factor for it is 1.8.",
            "The root of all squared entries is the Frobenius norm. The largest singular value is "
            "never larger.",
        ),
        Misconception(
            "the largest entry",
            variant(vanishes_within, stretch=lambda W: abs(W).max()),
            "You promise too much: some gradient may be longer than you say.",
            "[[1, 1], [1, 1]] sends (1, 1) to (2, 2): twice as long.",
            "The largest entry does not bound the stretch: several entries act together.",
        ),
        Misconception(
            "slope 1 for every function",
            variant(vanishes_within, largest=dict.fromkeys(LARGEST, 1.0)),
            "Some of your cases are right. Which function do the others have?",
            "The logistic function is flatter than tanh, even where it is steepest.",
            "You use γ = 1 for all three. The logistic's largest slope is a quarter of it.",
        ),
        Misconception(
            "no promise where W_hh alone can lengthen",
            lambda W_hh, name, share: (
                -1 if spectral_norm(W_hh) >= 1 else vanishes_within(W_hh, name, share)
            ),
            "Your numbers of steps are right. Where do you return −1, and for which function?",
            "W_hh = 2 times the identity and the logistic function: the factor of a step is 0.5.",
            "You look at the norm of W_hh alone before you return −1. The factor of a step is "
            "that norm times the function's largest slope.",
        ),
        Misconception(
            "a quarter for every function",
            variant(vanishes_within, largest=dict.fromkeys(LARGEST, 0.25)),
            "Some of your cases are right. Which function do the others have?",
            "How steep is tanh at zero, where it is steepest? And relu above zero?",
            "You use γ = 1/4 for all three. That is the logistic's; tanh and relu have slope 1 at "
            "most.",
        ),
        Misconception(
            "one step short",
            variant(vanishes_within, shift=-1),
            "Try your answer: is the bound after so many steps below the share?",
            "A factor of 0.5 and a share of 0.2: after two steps 0.25 is left, after three 0.125.",
            "You return the last number of steps at which the bound is not yet below the share.",
        ),
        Misconception(
            "one step too many",
            variant(vanishes_within, shift=1),
            "Would one step less do?",
            "A factor of 0.5 and a share of 0.2: after two steps 0.25 is left, after three 0.125.",
            "You rounded up, and then added one more.",
        ),
        Misconception(
            "a promise that nobody makes",
            lambda W_hh, name, share: (
                found if (found := vanishes_within(W_hh, name, share)) > 0 else 0
            ),
            "Where the factor is below 1 you are right. And where it is above?",
            "A factor of 1.2: does any number of steps bring it below a tenth?",
            "A factor of 1 or more promises nothing, which the question wants to be told by −1.",
        ),
        Misconception(
            "the smallest singular value",
            variant(vanishes_within, stretch=lambda W: np.linalg.svd(W)[1][-1]),
            "You promise too much: some gradient may be longer than you say.",
            "W_hh = diag(0.9, 0.1): a gradient along the first unit keeps 90 % a step.",
            "You took the smallest singular value. What holds for every gradient is decided by "
            "the largest.",
        ),
        Misconception(
            "the logistic's largest slope taken for a half",
            variant(vanishes_within, largest=LARGEST | {"sigmoid": 0.5}),
            "Some of your cases are right. Which function do the others have?",
            "The logistic function is steepest at 0, where its value is 0.5: its slope there is "
            "0.5 · (1 − 0.5).",
            "0.5 is the logistic's value at its steepest place. Its slope there is 0.25.",
        ),
    ),
)

# --- clip_together -----------------------------------------------------------------------------


def total_norm(grads):
    return np.sqrt(sum((g**2).sum() for g in grads))


def clip_case(rng):
    """Long gradients; among twelve cases some short ones, which must stay, and some that are 0.

    Two to five arrays. The first may be all zeros, and the second much shorter than the others.
    """
    n = int(rng.integers(2, 6))
    grads = [rng.normal(0, 3, (int(rng.integers(2, 5)), int(rng.integers(2, 5)))) for _ in range(n)]
    grads[0] *= rng.choice([0, 1], p=[0.6, 0.4])
    grads[1] *= rng.choice([0.02, 1], p=[0.7, 0.3])
    share = 1.5 if rng.random() < 0.35 else rng.uniform(0.1, 0.3)
    most = float(total_norm(grads) * share)
    return [0 * g for g in grads] if rng.random() < 0.3 else grads, most


def clip_together(grads, max_norm, *, norm=total_norm, most=1.0):
    length = norm(grads)
    factor = min(most, max_norm / length) if length else 1.0
    return [factor * g for g in grads]


def divided_by_zero(grads, max_norm):
    length = total_norm(grads)
    return [g if 0 < length <= max_norm else g / length * max_norm for g in grads]


CLIP_TOGETHER = Question(
    name="clip_together",
    points=2,
    keeps=True,
    section="3 · A run that blows up, and what saves it",
    reference=clip_together,
    inputs=clip_case,
    cases=12,
    misconceptions=(
        Misconception(
            "divided by zero",
            divided_by_zero,
            "Nearly all cases are right. Look at the arrays of a wrong one with "
            "case('clip_together', …).",
            "A gradient that is zero everywhere has length 0. What is 0 / 0?",
            "You divide by the length before you have looked at it. A gradient of zeros is short: "
            "it stays as it is.",
        ),
        Misconception(
            "each array by itself",
            lambda grads, max_norm: [clip_together([g], max_norm)[0] for g in grads],
            "Are your results shorter than max_norm, all together?",
            "Two arrays, [3] and [4], max_norm 1: together they have length 5.",
            "You clip each array to max_norm by itself. Their proportions change, and so does the "
            "direction of the step.",
        ),
        Misconception(
            "every entry by itself",
            lambda grads, max_norm: [np.clip(g, -max_norm, max_norm) for g in grads],
            "Compare the ratio of two entries before and after.",
            "[[30, 1]] clipped to length 1 should still be 30 : 1.",
            "That is clipping by value. Clipping by norm multiplies everything by one number.",
        ),
        Misconception(
            "the norm without the root",
            variant(clip_together, norm=lambda grads: total_norm(grads) ** 2),
            "The direction is right, the length is not.",
            "[3, 4] has length 5. Which number did you divide by?",
            "You divide by the sum of squares. Its root is still to be taken.",
        ),
        Misconception(
            "the sum of the norms",
            variant(clip_together, norm=lambda grads: sum(map(np.linalg.norm, grads))),
            "The direction is right, the length too short.",
            "The lengths 3 and 4 of two arrays make 5, not 7.",
            "You add lengths. The length of one long vector is the root of the summed squares.",
        ),
        Misconception(
            "the largest norm decides",
            variant(clip_together, norm=lambda grads: max(map(np.linalg.norm, grads))),
            "The direction is right. Is the result short enough?",
            "Three arrays of length 1 each: together they are √3 long.",
            "You measured only the longest array. All of them together count.",
        ),
        Misconception(
            "always to the largest length allowed",
            variant(clip_together, most=np.inf),
            "Some cases are right: those with long gradients. And a short one?",
            "Call it with max_norm = 5 and a gradient of length 3: nothing should happen.",
            "You stretch short gradients to max_norm as well. The factor is never above 1.",
        ),
        Misconception(
            "always to length one",
            lambda grads, _: clip_together(grads, 1.0, most=np.inf),
            "The direction is right. Where does max_norm enter?",
            "Call it with max_norm = 5 and a gradient of length 3: nothing should happen.",
            "You normalise to length 1. Clipping shortens to max_norm what is longer, and leaves "
            "the rest alone.",
        ),
    ),
)

# --- orthogonal_start --------------------------------------------------------------------------


def gaussian_case(rng):
    H = int(rng.integers(3, 7))
    return (rng.standard_normal((H, H)),)


def orthogonal_start(gaussian, *, on_rows=False):
    q, r = np.linalg.qr(gaussian)
    signs = np.sign(np.diag(r))
    return q * (signs[:, None] if on_rows else signs)


def orthogonal_by_svd(gaussian):
    u, _, v_t = np.linalg.svd(gaussian)
    return u @ v_t


ORTHOGONAL_START = Question(
    name="orthogonal_start",
    points=2,
    section="4 · A better start",
    reference=orthogonal_start,
    inputs=gaussian_case,
    misconceptions=(
        Misconception(
            "columns of length one",
            lambda gaussian: gaussian / np.linalg.norm(gaussian, axis=0),
            "Your columns have length 1. What else must hold?",
            "Compute Q.T @ Q. It should be the identity, off the diagonal, too.",
            "You normalised the columns. They also have to be perpendicular to one another.",
        ),
        Misconception(
            "rows of length one",
            lambda gaussian: gaussian / np.linalg.norm(gaussian, axis=1, keepdims=True),
            "Your rows have length 1. What else must hold?",
            "Compute Q @ Q.T. It should be the identity, off the diagonal, too.",
            "You normalised the rows. They also have to be perpendicular to one another.",
        ),
        Misconception(
            "largest singular value one",
            lambda gaussian: gaussian / spectral_norm(gaussian),
            "Your matrix lengthens no vector. Does it shorten some?",
            "Print its singular values: the first is 1. And the last?",
            "You scaled the matrix. In an orthogonal one *all* singular values are 1.",
        ),
        Misconception(
            "spectral radius one",
            lambda gaussian: gaussian / spectral_radius(gaussian),
            "Apply your matrix to a vector. Has it kept its length?",
            "Print the singular values of your matrix. All should be 1.",
            "You scaled to spectral radius 1. That says nothing about single steps.",
        ),
        Misconception(
            "signs left as the library gives them",
            lambda gaussian: np.linalg.qr(gaussian)[0],
            "Orthogonal it is. It differs from the expected one by the signs of columns.",
            "A QR decomposition is unique only when R's diagonal is positive.",
            "You return Q as it comes. Turn the columns whose entry on R's diagonal is negative.",
        ),
        Misconception(
            "another orthogonal matrix",
            orthogonal_by_svd,
            "Orthogonal it is. Is it the Q of a QR decomposition?",
            "Its first column should be the first column of the Gaussian, shortened to length 1.",
            "You used the singular value decomposition. The question asks for Q of QR, with its "
            "signs mended.",
        ),
        Misconception(
            "signs on the rows",
            variant(orthogonal_start, on_rows=True),
            "Orthogonal it is. But does Q @ R still give back the matrix you started from?",
            "R's diagonal entry k belongs to column k of Q.",
            "You turned rows. It is the columns of Q that R's rows multiply.",
        ),
    ),
)

# --- bias_for ----------------------------------------------------------------------------------


def bias_for(steps, share):
    kept = share ** (1 / steps)
    return float(np.log(kept / (1 - kept)))


BIAS_FOR = Question(
    name="bias_for",
    points=2,
    section="4 · A better start",
    reference=bias_for,
    inputs=lambda rng: (int(rng.integers(5, 400)), float(rng.uniform(0.1, 0.9))),
    misconceptions=(
        Misconception(
            "the gate, not its bias",
            lambda steps, share: share ** (1 / steps),
            "A number between 0 and 1: is that a bias, or what comes out of the gate?",
            "A gate at 0.5 has the bias 0, one at 0.73 the bias 1.",
            "You return the forget gate. Its bias is what has to stand inside the logistic "
            "function.",
        ),
        Misconception(
            "the share in one step",
            lambda steps, share: float(np.log(share / (1 - share))),
            "For one step you would be right.",
            "After two steps a gate at 0.5 has a quarter left, not half.",
            "The steps do not enter. Each of them multiplies by the gate once more.",
        ),
        Misconception(
            "the share divided among the steps",
            lambda steps, share: float(np.log((1 - (1 - share) / steps) / ((1 - share) / steps))),
            "Close, when there are many steps and little is lost. And else?",
            "To keep a quarter over two steps the gate stands at 0.5. Yours stands higher.",
            "You take the same amount away at each step. The gate takes the same *share* of what "
            "is left.",
        ),
        Misconception(
            "what is erased",
            lambda steps, share: -bias_for(steps, share),
            "Look at the sign. Does a large bias open the gate or close it?",
            "σ(2) is 0.88: with a bias of 2 the gate keeps 88 %.",
            "You gave the bias of 1 − f. The forget gate says what is kept.",
        ),
        Misconception(
            "the logarithm of the steps",
            lambda steps, share: float(np.log(steps)),
            "A good rule of thumb. But does your answer depend on the share?",
            "For ten steps and half of it the gate has to stand at 0.933.",
            "ln T belongs to one share only, about e⁻¹. Solve f to the power of T = share for f.",
        ),
        Misconception(
            "one step short",
            lambda steps, share: bias_for(max(steps - 1, 2), share),
            "How many gates lie between c_t and c_{t−5}?",
            "One step, share 0.5: the gate stands at 0.5, the bias is 0.",
            "You count one factor too few: a step back is one gate.",
        ),
        Misconception(
            "the inverse of tanh",
            lambda steps, share: float(np.arctanh(share ** (1 / steps))),
            "Which function makes a gate of a bias, and which one undoes it?",
            "A gate at 0.73 has the bias 1. You get 0.93.",
            "You undo a tanh. A gate is the logistic function of its bias: undo that, with ln(f /"
            " (1 − f)).",
        ),
    ),
)

# --- error_with_memory: read the table ---------------------------------------------------------


def error_with_memory(T, m):
    """The squared error of the best guess that sees the last m of T steps, over chance."""
    return 1 - m / T


def by_halves(T, m):
    """Each number seen as a whole or not at all."""
    return 1.0 - 0.5 * (m >= T // 2) - 0.5 * (m == T)


def memory_case(rng):
    """Among sixteen cases some with no memory at all, and some with all of it."""
    T = 2 * int(rng.integers(5, 60))
    return T, int(rng.choice([0, T, rng.integers(1, T)], p=[0.15, 0.15, 0.7]))


def guessing_zero(T, m):
    """What the sum of the numbers that are seen costs, as a share of chance."""
    unseen_1, unseen_2 = 1 - max(2 * m / T - 1, 0), 1 - min(2 * m / T, 1)
    both = unseen_1 * unseen_2
    return 2 * (unseen_1 + unseen_2 - 2 * both) + 7 * both


ERROR_WITH_MEMORY = Question(
    name="error_with_memory",
    points=2,
    section="5 · How far does each cell really reach?",
    reference=error_with_memory,
    inputs=memory_case,
    cases=16,
    misconceptions=(
        Misconception(
            "all or nothing",
            lambda T, m: float(m < T),
            "Does it help to know one of the two numbers?",
            "With T = 10 and m = 5 the second number is always seen, the first never.",
            "You count only the whole sum. Who knows one number and guesses the other errs less.",
        ),
        Misconception(
            "half of it at a time",
            by_halves,
            "What if only a part of the second half is seen?",
            "T = 10, m = 2: in two cases of five the second mark is among the last two steps.",
            "A number is seen in some sequences and not in others. Average over where its mark "
            "stands.",
        ),
        Misconception(
            "both or none",
            lambda T, m: 1 - (m / T) ** 2,
            "Is one number without the other worth nothing?",
            "With T = 10 and m = 5 the second number is always seen: half of the error is gone.",
            "You ask for both marks at once. The errors of the two numbers add up, each with its "
            "own chance of being seen.",
        ),
        Misconception(
            "the share that is known",
            lambda T, m: m / T,
            "Is your number large when much is seen, or when little is?",
            "With m = T everything is seen: the error is 0.",
            "You return the share of the error that is gone. What is left is asked for.",
        ),
        Misconception(
            "the error itself",
            lambda T, m: (1 - m / T) / 6,
            "Does your number grow to 1 when nothing is seen?",
            "Nothing is seen: the error is 1/6, and as a share of chance it is …",
            "You return the squared error. The question asks for it as a share of chance, 1/6.",
        ),
        Misconception(
            "zero for what is not seen",
            guessing_zero,
            "Can a guess be worse than one that sees nothing?",
            "A number between 0 and 1 that is not seen: who says 0 errs by 1/3 in squares, who "
            "says its mean by 1/12.",
            "You leave a number that is not seen out of the sum, which is to guess 0. The best "
            "guess is ½.",
        ),
        Misconception(
            "the root of it",
            lambda T, m: float(np.sqrt(1 - m / T)),
            "Squared errors, or their root?",
            "T = 10, m = 5: one number is known. The error is half of chance, in squares.",
            "You took a root. The table's errors, and chance, are squared errors.",
        ),
        Misconception(
            "marks of one half only",
            lambda T, m: 1 - min(m, T // 2) / T,
            "Right for short memories. What happens when m passes T/2?",
            "T = 10, m = 8: of the first number's five places three are seen.",
            "You stop at the second half. A longer memory sees some of the first marks, too.",
        ),
        Misconception(
            "nothing left from half on",
            lambda T, m: max(0.0, 1 - 2 * m / T),
            "You say that half of the steps are enough. Where do the two marks stand?",
            "T = 10, m = 5: the second mark is seen, the first is not. Half of the error is left.",
            "One mark stands in the first half. Whoever sees the last half only knows one number "
            "of two.",
        ),
        Misconception(
            "both numbers or nothing",
            lambda T, m: 1 - min(1, 2 * m / T) * max(0, 2 * m / T - 1),
            "What is a single number worth that is seen, when the other is not?",
            "T = 10, m = 5: the second number is always seen, the first never. The error is ½ of "
            "chance, not all of it.",
            "You count only the sequences with both numbers seen. One of them already saves half "
            "of the error.",
        ),
    ),
)

# --- gradient_reach: transfer ------------------------------------------------------------------

NEAR_MISSES = (
    {"length": np.linalg.norm},
    {"on_rows": False},
    {"older_on_the_right": False},
    {"left_out": 1},
)


def reach_case(rng):
    """A network, and a share for which its answer is the one drawn: 2 to 15 or, one time in six, T.

    Where it is not T, "never", two of four near misses give another answer. So no constant earns
    much, and most networks, which would forgive the misses, are left out.
    """
    never, wanted = rng.random() < 1 / 6, rng.integers(2, 16)
    while True:
        network = any_network(rng)
        lengths = np.array(product_lengths(*network))
        if never:
            return *network, float(0.7 * lengths.min())
        before, there = lengths[: wanted - 1].min(), lengths[wanted - 1]
        case = *network, float(np.sqrt(before * there))
        if there < 0.95 * before:
            misses = [gradient_reach(*case, **mistake) != wanted for mistake in NEAR_MISSES]
            if sum(misses) >= 2:
                return case


def any_network(rng):
    H, T = int(rng.integers(3, 6)), int(rng.integers(24, 40))
    W_hh = rng.standard_normal((H, H))
    W_hh *= rng.uniform(0.7, 1.5) / spectral_norm(W_hh)
    hours = np.arange(T) + rng.integers(0, 24)
    x = np.sin(2 * np.pi * hours / 24) + 0.3 * rng.standard_normal(T)
    return x, rng.standard_normal(H), W_hh, rng.uniform(-1, 2.5, H)


def gate(b):
    return 1 / (1 + np.exp(-b))


def states_of(x, w_x, W_hh, z):
    """Each step's candidate n and state h, a mixture of the one before and n."""
    h, steps = np.zeros(len(w_x)), []
    for x_t in x:
        n = np.tanh(w_x * x_t + W_hh @ h)
        h = z * h + (1 - z) * n
        steps.append((n, h))
    return steps


def product_lengths(
    x, w_x, W_hh, b, *,
    gate=gate, from_the_end=True, on_rows=True, older_on_the_right=True, length=spectral_norm,
    belt=True, through=True, of_mixture=False, whole=False, left_out=0,
):  # fmt: skip
    """How long the product of the Jacobians is, 1 … T steps back, and the ways to get it wrong."""
    z, lengths = gate(b), []
    product, steps = np.eye(len(w_x)), states_of(x, w_x, W_hh, z)
    for n, h in (steps[::-1] if from_the_end else steps)[left_out:]:
        slope = (1 if whole else 1 - z) * (1 - (h if of_mixture else n) ** 2)
        factor = (slope[:, None] if on_rows else slope) * W_hh * through + np.diag(z) * belt
        product = product @ factor if older_on_the_right else factor @ product
        lengths.append(length(product))
    return lengths


def gradient_reach(x, w_x, W_hh, b, share, *, shift=0, never=None, **options):
    """Steps back until that is below the share for the first time."""
    for back, length in enumerate(product_lengths(x, w_x, W_hh, b, **options), start=1):
        if length < share:
            return back + shift
    return len(x) if never is None else never


def norms_multiplied(x, w_x, W_hh, b, share):
    total, z = 1.0, gate(b)
    for back, (n, _) in enumerate(reversed(states_of(x, w_x, W_hh, z)), start=1):
        total *= spectral_norm(((1 - z) * (1 - n**2))[:, None] * W_hh + np.diag(z))
        if total < share:
            return back
    return len(x)


GRADIENT_REACH = Question(
    name="gradient_reach",
    points=3,
    section="2 · What is true about when",
    reference=gradient_reach,
    inputs=reach_case,
    cases=14,
    misconceptions=(
        Misconception(
            "the belt alone",
            variant(gradient_reach, through=False),
            "Does your answer depend on x?",
            "With every z near 0 this is nearly the plain tanh network. What does yours say then?",
            "You follow the first term, z ⊙ h_{t−1}, alone. h_{t−1} also works through the tanh.",
        ),
        Misconception(
            "the belt forgotten",
            variant(gradient_reach, belt=False),
            "By how many paths does h_{t−1} reach h_t?",
            "With every z near 1 the state hardly changes, and the gradient neither.",
            "You went through the tanh only. z ⊙ h_{t−1} is a path of its own: diag(z) is added.",
        ),
        Misconception(
            "z and 1 − z exchanged",
            variant(gradient_reach, gate=lambda b: gate(-b)),
            "Which share of the old state is kept?",
            "b = 3: the gate stands at 0.95, and 95 % of the old state is kept.",
            "You exchanged z and 1 − z. Here z says what share of the old state stays.",
        ),
        Misconception(
            "slope of the mixture",
            variant(gradient_reach, of_mixture=True),
            "Which quantity comes out of the tanh: n or h_t? The slope is written in that one.",
            "h = 0.5 · 0.8 + 0.5 · 0: the tanh gave 0.8 or 0, and was as steep as it is there.",
            "You took 1 − h². The slope belongs to n, the output of the tanh.",
        ),
        Misconception(
            "the share of the candidate forgotten",
            variant(gradient_reach, whole=True),
            "How much of the candidate enters the state?",
            "With every z near 1 hardly any of n enters, so hardly any gradient goes through it.",
            "You left out the factor 1 − z in front of the path through the tanh.",
        ),
        Misconception(
            "walked from the start",
            variant(gradient_reach, from_the_end=False, older_on_the_right=False),
            "Which step's Jacobian do you take first?",
            "The loss is at the end, so one step back goes through h_T.",
            "You begin with h_1 and walk forward. Begin with h_T and walk back.",
        ),
        Misconception(
            "one too few",
            variant(gradient_reach, shift=-1),
            "Off by one. Try share = 2, where the first product is short enough.",
            "The product with one Jacobian in it is *one* step back.",
            "You count from 0, or return the last number of steps that was still long enough. "
            "Return the first that is not.",
        ),
        Misconception(
            "the Frobenius norm",
            variant(gradient_reach, length=np.linalg.norm),
            "Your answers are never too small, now and then too large.",
            "For the 4 × 4 identity, what does your norm say? Its singular values are all 1.",
            "np.linalg.norm of a matrix is the Frobenius norm. The largest singular value is "
            "np.linalg.norm(…, 2).",
        ),
        Misconception(
            "slopes on the columns",
            variant(gradient_reach, on_rows=False),
            "Check one Jacobian by itself, against small changes of h_{t−1}.",
            "W_hh * (1 − n²) scales columns. Whose slope belongs to row i?",
            "Broadcasting put the slopes on the columns of W_hh. They belong to its rows.",
        ),
        Misconception(
            "factors in the wrong order",
            variant(gradient_reach, older_on_the_right=False),
            "One Jacobian gives the right answer, two do not always. Why?",
            "∂h_3/∂h_1 = ∂h_3/∂h_2 · ∂h_2/∂h_1: on which side does the older factor join?",
            "You put each older Jacobian on the left. It joins on the right.",
        ),
        Misconception(
            "−1 for never",
            variant(gradient_reach, never=-1),
            "Right, wherever the product becomes short enough. And where it never does?",
            "In exercise 2 the answer −1 stood for no promise. What does this one ask for?",
            "Where no product is short enough the question wants T, the number of steps.",
        ),
        Misconception(
            "a fixed share",
            lambda x, w_x, W_hh, b, share: gradient_reach(x, w_x, W_hh, b, 0.3),
            "Some of your cases are right. Which number do you compare with?",
            "The same network, asked for a smaller share, reaches further.",
            "You compare with a number of your own. The share comes with each case.",
        ),
        Misconception(
            "norms multiplied",
            norms_multiplied,
            "Your answers are never too small, often too large.",
            "[[0, 1], [0, 0]] has norm 1, and its square is zero.",
            "You multiply the norms of the Jacobians. Multiply the Jacobians, then take the norm.",
        ),
        Misconception(
            "eigenvalues of the product",
            variant(gradient_reach, length=spectral_radius),
            "Your answers are never too large, often too small.",
            "[[0, 9], [0, 0]] has only zero eigenvalues and makes (0, 1) nine times longer.",
            "You look at eigenvalues. The longest gradient that can arrive is the largest "
            "singular value.",
        ),
    ),
)

# --- explain_reach -----------------------------------------------------------------------------

EXPLAIN_REACH = Question(
    name="explain_reach",
    points=2,
    rubric=(
        ("says what the entry shows, within which budget, and what a guess costs", 1),
        ("separates a gradient that vanishes at the start from what a cell can learn", 1),
    ),
)


QUESTIONS = [
    STEP_JACOBIAN,
    VANISHES_WITHIN,
    CLIP_TOGETHER,
    ORTHOGONAL_START,
    BIAS_FOR,
    GRADIENT_REACH,
    ERROR_WITH_MEMORY,
    EXPLAIN_REACH,
]
