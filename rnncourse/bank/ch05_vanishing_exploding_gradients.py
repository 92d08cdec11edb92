"""Chapter 5, vanishing gradients: Jacobians, their bound, clipping, good starts, adding."""

from __future__ import annotations

import numpy as np

from rnncourse.bank import Misconception, Question, variant

# --- step_jacobian -----------------------------------------------------------------------------


def jacobian_case(rng):
    H = int(rng.integers(2, 6))
    return np.tanh(rng.standard_normal(H)), rng.standard_normal((H, H))


def step_jacobian(h_t, W_hh, *, slope=lambda h: 1 - h**2):
    return slope(h_t)[:, None] * W_hh


STEP_JACOBIAN = Question(
    name="step_jacobian",
    points=2,
    reference=step_jacobian,
    inputs=jacobian_case,
    misconceptions=(
        Misconception(
            "the slope on the columns",
            lambda h_t, W_hh: W_hh * (1 - h_t**2),
            "Each slope stands in the right matrix, but beside the wrong entries.",
            "Two units, unit 1 saturated: which *row or column* of the Jacobian is zero? Nothing "
            "changes h_t,1 any more, whatever happens to h_{t-1}.",
            "Broadcasting put the slopes on the columns. Entry (i, j) is ∂h_t,i/∂h_{t-1},j, so "
            "its slope is that of unit i: the row.",
        ),
        Misconception(
            "no slope",
            lambda h_t, W_hh: W_hh,
            "Does your Jacobian depend on h_t?",
            "If h_t is near 1 everywhere, the tanh is flat and the Jacobian near zero.",
            "You return W_hh, the Jacobian of the linear network. The tanh's slope is missing.",
        ),
        Misconception(
            "transposed",
            lambda *case: step_jacobian(*case).T,
            "The right numbers, in the wrong places.",
            "Entry (1, 2) says how h_t,1 answers to h_{t-1},2: it belongs to W_hh[0, 1].",
            "You give the transpose. That is what multiplies a gradient (a column) on its way "
            "back; the Jacobian itself is not transposed.",
        ),
        Misconception(
            "the logistic's slope",
            variant(step_jacobian, slope=lambda h: h * (1 - h)),
            "Which function has this slope?",
            "At h = 0 the tanh is steepest: slope 1. What is yours there?",
            "h (1 − h) is the slope of the logistic function. This cell has a tanh.",
        ),
        Misconception(
            "no square",
            variant(step_jacobian, slope=lambda h: 1 - h),
            "Test your slope at h = −1, where tanh is flat.",
            "At h = 0.5 the slope of tanh is 0.75.",
            "You took 1 − h. The slope of tanh, written in its own output, is 1 − h².",
        ),
        Misconception(
            "tanh taken once more",
            variant(step_jacobian, slope=lambda h: 1 - np.tanh(h) ** 2),
            "Close. What is h_t: before or after the tanh?",
            "h_t = 0.9 means a slope of 0.19. Yours is larger.",
            "h_t is already tanh(a_t); you applied the tanh once more.",
        ),
    ),
)

# --- jacobian_bound ----------------------------------------------------------------------------

SLOPE = {"tanh": 1.0, "relu": 1.0, "sigmoid": 0.25}


def bound_case(rng):
    H = int(rng.integers(2, 6))
    W_hh = rng.standard_normal((H, H)) + 0.5 * np.eye(H)
    return W_hh, str(rng.choice(["sigmoid", "tanh", "sigmoid", "relu"])), int(rng.integers(2, 6))


def spectral_norm(matrix):
    return np.linalg.norm(matrix, 2)


def spectral_radius(matrix):
    return abs(np.linalg.eigvals(matrix)).max()


def jacobian_bound(W_hh, nonlinearity, steps, *, stretch=spectral_norm):
    return float((SLOPE[nonlinearity] * stretch(W_hh)) ** steps)


JACOBIAN_BOUND = Question(
    name="jacobian_bound",
    points=2,
    reference=jacobian_bound,
    inputs=bound_case,
    cases=10,
    misconceptions=(
        Misconception(
            "the spectral radius",
            variant(jacobian_bound, stretch=spectral_radius),
            "Your number is smaller than the right one, so it may be too small for a bound.",
            "Try W_hh = [[0, 5], [0, 0]] and one step: a gradient can grow by 5. Your bound?",
            "You took the largest eigenvalue. How much a matrix can stretch a vector is its "
            "largest *singular* value.",
        ),
        Misconception(
            "the Frobenius norm",
            variant(jacobian_bound, stretch=np.linalg.norm),
            "A valid bound, but not the smallest that holds for every vector.",
            "The 4 × 4 identity stretches nothing. Your bound for it is 2 a step.",
            "The root of all squared entries is the Frobenius norm. The largest singular value is "
            "never larger.",
        ),
        Misconception(
            "the largest entry",
            variant(jacobian_bound, stretch=lambda W: abs(W).max()),
            "Is your number ever smaller than it should be?",
            "[[1, 1], [1, 1]] sends (1, 1) to (2, 2): twice as long.",
            "The largest entry does not bound the stretch: several entries act together.",
        ),
        Misconception(
            "slope 1 for every function",
            lambda W_hh, _, steps: jacobian_bound(W_hh, "tanh", steps),
            "Some of your cases are right. Which function do the others have?",
            "The logistic function is flatter than tanh, even where it is steepest.",
            "You use γ = 1 for all three. The logistic's largest slope is a quarter of it.",
        ),
        Misconception(
            "a quarter for every function",
            lambda W_hh, _, steps: jacobian_bound(W_hh, "sigmoid", steps),
            "Some of your cases are right. Which function do the others have?",
            "How steep is tanh at zero, where it is steepest? And relu above zero?",
            "You use γ = 1/4 for all three. That is the logistic's; tanh and relu have slope 1 at "
            "most.",
        ),
        Misconception(
            "the slope once, not once a step",
            lambda W_hh, name, steps: SLOPE[name] * jacobian_bound(W_hh, "tanh", steps),
            "For one step you would be right.",
            "In two steps a gradient goes through two nonlinearities and two matrices.",
            "The matrix is taken to the power of the steps, but γ only once.",
        ),
        Misconception(
            "one factor short",
            lambda W_hh, name, steps: jacobian_bound(W_hh, name, steps - 1),
            "How many Jacobians lie between h_t and h_{t-1}?",
            "Call it with steps=1: γ times the right number of W_hh, not 1.",
            "Your power is steps − 1. Each step back brings one factor, the first one, too.",
        ),
        Misconception(
            "the singular value without its root",
            variant(jacobian_bound, stretch=lambda W: spectral_norm(W) ** 2),
            "A stretch of 3 counts as 9 in yours.",
            "W_hh = [[3]] makes a number three times as large. Your bound for one step?",
            "The eigenvalues of WᵀW are the *squares* of the singular values. Take the root.",
        ),
        Misconception(
            "added up",
            lambda W_hh, name, steps: steps * jacobian_bound(W_hh, name, 1),
            "For one step you would be right.",
            "Two steps that make three times as much each make 9 times as much, not 6.",
            "You multiply by the number of steps. Factors that follow one another multiply.",
        ),
    ),
)

# --- clip_together -----------------------------------------------------------------------------


def total_norm(grads):
    return np.sqrt(sum((g**2).sum() for g in grads))


def clip_case(rng):
    """Long gradients and, among ten cases, nearly always a short one that must stay as it is."""
    grads = [rng.normal(0, 3, (int(rng.integers(2, 5)), int(rng.integers(2, 5)))) for _ in range(3)]
    share = 1.5 if rng.random() < 0.4 else rng.uniform(0.1, 0.3)
    return grads, float(total_norm(grads) * share)


def clip_together(grads, max_norm, *, norm=total_norm, most=1.0):
    factor = min(most, max_norm / norm(grads))
    return [factor * g for g in grads]


CLIP_TOGETHER = Question(
    name="clip_together",
    points=2,
    reference=clip_together,
    inputs=clip_case,
    cases=10,
    misconceptions=(
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

# --- adding_batch ------------------------------------------------------------------------------


def adding_case(rng):
    T, B = int(rng.integers(6, 12)), int(rng.integers(2, 5))
    first = rng.integers(0, T // 2 - 1, B)
    return rng.uniform(size=(T, B)), first, rng.integers(T // 2, T - 1, B)


def adding_batch(
    values, first, second, *,
    shift=0, arrange=lambda x: x, target=lambda values, marks: (values * marks).sum(axis=0),
):  # fmt: skip
    marks, sequence = np.zeros_like(values), np.arange(values.shape[1])
    marks[first + shift, sequence] = 1
    marks[second + shift, sequence] = 1
    x = np.stack([values, marks], axis=2)  # (T, B, 2)
    return arrange(x), target(values, marks)


def places_marked_everywhere(values, first, second):
    """marks[first] = 1 marks the row in every sequence of the batch."""
    marks = np.zeros_like(values)
    marks[first] = 1
    marks[second] = 1
    return np.stack([values, marks], axis=2), (values * marks).sum(axis=0)


ADDING_BATCH = Question(
    name="adding_batch",
    points=2,
    reference=adding_batch,
    inputs=adding_case,
    misconceptions=(
        Misconception(
            "marked one step late",
            variant(adding_batch, shift=1),
            "There are two marks in each sequence. At which steps?",
            "first = [0] marks the very first step, x[0, 0, 1] = 1.",
            "You count steps from 1; the arrays count from 0.",
        ),
        Misconception(
            "channels exchanged",
            variant(adding_batch, arrange=lambda x: x[:, :, ::-1]),
            "The targets are right. Look at x[0, 0].",
            "x[:, :, 0] should be the values you were given.",
            "Marks and values have changed places: values come first.",
        ),
        Misconception(
            "everything added",
            variant(adding_batch, target=lambda values, marks: values.sum(axis=0)),
            "x is right. How large can a target be at most?",
            "Two numbers below 1 are added: no target is above 2.",
            "You add all the values, not only the two marked ones.",
        ),
        Misconception(
            "half the sum",
            variant(adding_batch, target=lambda values, marks: (values * marks).sum(axis=0) / 2),
            "x is right; the targets are off by a factor.",
            "Marked values 0.5 and 0.9: the answer is 1.4.",
            "You take the mean of the two marked values. The problem asks for their sum.",
        ),
        Misconception(
            "multiplied",
            variant(adding_batch, target=lambda values, marks: (values**marks).prod(axis=0)),
            "x is right. What is the problem called?",
            "Marked values 0.5 and 0.9: the answer is 1.4.",
            "You multiply the two marked values.",
        ),
        Misconception(
            "sequence before time",
            variant(adding_batch, arrange=lambda x: x.transpose(1, 0, 2)),
            "Look at the shape of x.",
            "values is (T, B), and x[:, :, 0] should equal it.",
            "Your x is (B, T, 2). Code that loops over time wants time first.",
        ),
        Misconception(
            "marks in every sequence",
            places_marked_everywhere,
            "Count the marks in one sequence.",
            "With B = 2, first = [0, 1]: sequence 0 is marked at step 0 only.",
            "marks[first] = 1 marks these steps in *all* sequences. Index step and sequence "
            "together.",
        ),
    ),
)

# --- gradient_reach: transfer ------------------------------------------------------------------

NEAR_MISSES = ({"length": np.linalg.norm}, {"on_rows": False}, {"older_on_the_right": False})
KEPT = {2: 0.35, 3: 0.14, 4: 0.17, 5: 0.25, 6: 0.35, 7: 0.4, 8: 0.6}  # of the cases of a reach


def reach_case(rng):
    """A case that two of three near misses get wrong: most networks would forgive them. The usual
    reaches are drawn less often, so that no number is right again and again."""
    while True:
        case = any_reach_case(rng)
        right = gradient_reach(*case)
        if rng.random() > KEPT.get(right, 1.0):
            continue
        if sum(gradient_reach(*case, **mistake) != right for mistake in NEAR_MISSES) >= 2:
            return case


def any_reach_case(rng):
    H, T = int(rng.integers(3, 7)), int(rng.integers(24, 40))
    W_hh = rng.standard_normal((H, H))
    W_hh *= rng.uniform(0.8, 1.5) / np.linalg.norm(W_hh, 2)
    hours = np.arange(T) + rng.integers(0, 24)
    x = np.sin(2 * np.pi * hours / 24) + 0.3 * rng.standard_normal(T)
    return x, 0.8 * rng.standard_normal(H), W_hh, 0.3


def states_of(x, w_x, W_hh):
    h, states = np.zeros(len(w_x)), []
    for x_t in x:
        h = np.tanh(w_x * x_t + W_hh @ h)
        states.append(h)
    return states


def gradient_reach(
    x, w_x, W_hh, share, *,
    from_the_end=True, on_rows=True, older_on_the_right=True, length=spectral_norm,
):  # fmt: skip
    """Steps back until the product of Jacobians is short, and the ways to get it wrong."""
    product, states = np.eye(len(w_x)), states_of(x, w_x, W_hh)
    for back, h in enumerate(reversed(states) if from_the_end else states, start=1):
        slope = 1 - h**2
        factor = (slope[:, None] if on_rows else slope) * W_hh
        product = product @ factor if older_on_the_right else factor @ product
        if length(product) < share:
            return back
    return len(x)


def by_the_bound(x, w_x, W_hh, share):
    bounds = (back for back in range(1, len(x)) if spectral_norm(W_hh) ** back < share)
    return next(bounds, len(x))


def norms_multiplied(x, w_x, W_hh, share):
    total = 1.0
    for back, h in enumerate(reversed(states_of(x, w_x, W_hh)), start=1):
        total *= spectral_norm(step_jacobian(h, W_hh))
        if total < share:
            return back
    return len(x)


GRADIENT_REACH = Question(
    name="gradient_reach",
    points=3,
    reference=gradient_reach,
    inputs=reach_case,
    cases=10,
    misconceptions=(
        Misconception(
            "only the bound",
            by_the_bound,
            "Does your answer depend on x?",
            "A loud input saturates the units; the slopes fall, and the reach with them.",
            "You used σ_max to the power of the steps. The slopes 1 − h² are missing.",
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
            lambda *case: gradient_reach(*case) - 1,
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
            "Check one Jacobian by itself, with step_jacobian of exercise 1.",
            "W_hh * (1 − h²) scales columns. Whose slope belongs to row i?",
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
        ("says what the stored table shows and within which budget, with chance as the bar", 1),
        ("separates a gradient that vanishes at the start from what a cell can learn", 1),
    ),
)


QUESTIONS = [
    STEP_JACOBIAN,
    JACOBIAN_BOUND,
    CLIP_TOGETHER,
    ORTHOGONAL_START,
    ADDING_BATCH,
    GRADIENT_REACH,
    EXPLAIN_REACH,
]
