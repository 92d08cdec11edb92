"""Chapter 0, warm-up: arrays, products, slopes and the gradients of one layer."""

from __future__ import annotations

import numpy as np

from rnncourse.bank import Misconception, Question, variant

# --- standardise -------------------------------------------------------------------------------


def standardise_inputs(rng):
    B, D = rng.integers(3, 9), rng.integers(2, 6)
    scale, shift = rng.uniform(0.5, 4, D), rng.uniform(-5, 5, D)
    return (rng.normal(size=(B, D)) * scale + shift,)


def standardise(x):
    return (x - x.mean(axis=0)) / x.std(axis=0)


STANDARDISE = Question(
    name="standardise",
    points=1,
    reference=standardise,
    inputs=standardise_inputs,
    misconceptions=(
        Misconception(
            "one mean for the whole array",
            lambda x: (x - x.mean()) / x.std(),
            "Print the mean of each column of your answer: is every one of them zero?",
            "Take x = [[1, 100], [3, 300]]. The two columns live on different scales, so each "
            "needs a mean of its own: 2 and 200.",
            "x.mean() without an axis is one number for all features. Give it the axis that should "
            "disappear.",
        ),
        Misconception(
            "averaged over the features, not over the examples",
            lambda x: (x - x.mean(axis=1, keepdims=True)) / x.std(axis=1, keepdims=True),
            "Which axis counts the examples, and which the features?",
            "Take x = [[1, 100], [3, 300]]. The first feature has the values 1 and 3. Their mean "
            "is 2: which axis did you run along to get it?",
            "The axis that you name is the one that disappears: axis=1 leaves one mean per "
            "example. Here each feature should keep one.",
        ),
        Misconception(
            "divided by the variance",
            lambda x: (x - x.mean(axis=0)) / x.var(axis=0),
            "Print the standard deviation of each column of your answer. What should it be?",
            "A column 0, 10 has mean 5 and should become −1, 1. What did you divide by?",
            "x.var is in squared units. Its square root brings it back to those of x.",
        ),
        Misconception(
            "the sample's standard deviation, with B − 1",
            lambda x: (x - x.mean(axis=0)) / x.std(axis=0, ddof=1),
            "Nearly: your numbers are all a little too small, by the same factor.",
            "A column 0, 10 should become −1, 1. Yours becomes −0.71, 0.71.",
            "The statement asks for the mean square over all B examples; yours divides by B − 1.",
        ),
        Misconception(
            "only the mean was taken away",
            lambda x: x - x.mean(axis=0),
            "Half of the work is done. Read the statement once more.",
            "A column 0, 10 becomes −5, 5 in your version. It should end with a spread of one.",
            "After the mean is gone, each column is still divided by its standard deviation.",
        ),
    ),
)

# --- affine ------------------------------------------------------------------------------------


def affine_inputs(rng):
    B, D, H = rng.integers(2, 6), rng.integers(2, 5), rng.integers(5, 8)
    return rng.normal(size=(B, D)), rng.normal(size=(H, D)), rng.normal(size=H)


AFFINE = Question(
    name="affine",
    points=1,
    reference=lambda x, W, b: x @ W.T + b,
    inputs=affine_inputs,
    misconceptions=(
        Misconception(
            "W not transposed",
            lambda x, W, b: x @ W + b,
            "Write the shapes of the two factors side by side. The inner two must agree.",
            "With D = 3 and H = 5: x is (2, 3) and W is (5, 3). Which of its two sizes does W have "
            "to turn towards x?",
            "Each *row* of W belongs to one unit. x has to meet rows; x @ W makes it meet columns.",
        ),
        Misconception(
            "no bias",
            lambda x, W, b: x @ W.T,
            "One of the three arguments has no influence on your result.",
            "With x full of zeros the answer is not zero. What is left?",
            "The product is right. The bias b is missing.",
        ),
        Misconception(
            "columns for examples: (H, B) instead of (B, H)",
            lambda x, W, b: W @ x.T + b[:, None],
            "The numbers are right. Look at the shape.",
            "With 2 examples and 5 units the answer has shape (2, 5): one row an example.",
            "W @ x.T puts every example into a column. In this course examples are rows.",
        ),
        Misconception(
            "only the first example",
            lambda x, W, b: W @ x[0] + b,
            "How many examples does x hold, and how many does your answer hold?",
            "x of shape (2, 3) has two examples; your answer has room for only one.",
            "W @ x[0] treats the first row alone. A single product can do all rows at once.",
        ),
        Misconception(
            "summed over the batch",
            lambda x, W, b: (x @ W.T + b).sum(axis=0),
            "Do two examples ever meet in this layer?",
            "With 2 examples and 5 units the answer has shape (2, 5), yours (5,).",
            "You summed over the batch. Forward, examples do not mix; they only share W and b.",
        ),
        Misconception(
            "multiplied by the bias",
            lambda x, W, b: x @ W.T * b,
            "Try x full of zeros. What should come out?",
            "With x = 0 every row of the answer is b itself. Yours is zero.",
            "The bias is added to the product, not multiplied with it.",
        ),
    ),
)

# --- activation_slopes -------------------------------------------------------------------------


def logistic(a):
    return 1 / (1 + np.exp(-a))


def slopes_inputs(rng):
    a = rng.normal(size=rng.integers(3, 8)) * 2
    return (a,)


def activation_slopes(a, *, tanh=lambda h: 1 - h**2, relu=lambda a: (a > 0).astype(float)):
    s, h = logistic(a), np.tanh(a)
    return [s * (1 - s), tanh(h), relu(a)]


ACTIVATION_SLOPES = Question(
    name="activation_slopes",
    points=2,
    reference=activation_slopes,
    inputs=slopes_inputs,
    misconceptions=(
        Misconception(
            "values instead of slopes",
            lambda a: [logistic(a), np.tanh(a), np.maximum(a, 0)],
            "You return three curves. Are they the slopes or the functions themselves?",
            "At a = 0 the logistic function has the value 0.5. Its slope there is another number.",
            "These are the activations. Their derivatives are asked for.",
        ),
        Misconception(
            "the formulas applied to a instead of the output",
            lambda a: [a * (1 - a), 1 - a**2, (a > 0).astype(float)],
            "Put a = 3 into your slope of tanh. Can that curve really fall so steeply?",
            "The slope of tanh at a = 3 is 1 − h², with h = tanh(3) = 0.995: about 0.01.",
            "s(1 − s) and 1 − h² are written in the *outputs* s and h, not in the input a.",
        ),
        Misconception(
            "tanh's slope without the square",
            variant(activation_slopes, tanh=lambda h: 1 - h),
            "Two of three are right. Compare the slope of tanh at a = 1 and at a = −1.",
            "tanh is as steep at −1 as at 1. In your version: 1 − 0.76 and 1 + 0.76.",
            "The slope is 1 − h², and the square makes both sides alike.",
        ),
        Misconception(
            "tanh with the logistic's formula",
            variant(activation_slopes, tanh=lambda h: h * (1 - h)),
            "Two of three are right. How steep is tanh at a = 0?",
            "At a = 0 tanh is at its steepest: its slope is 1. Yours is 0.",
            "h(1 − h) belongs to the logistic function. For tanh it is 1 − h².",
        ),
        Misconception(
            "ReLU's slope as its value",
            variant(activation_slopes, relu=lambda a: np.maximum(a, 0)),
            "Two of three are right. Does ReLU get steeper to the right?",
            "Between a = 2 and a = 3 ReLU rises from 2 to 3. What is its slope there?",
            "max(a, 0) is ReLU itself. Its slope is 0 on the left and 1 on the right.",
        ),
    ),
)

# --- affine_backward ---------------------------------------------------------------------------


def affine_backward_inputs(rng):
    B, D, H = rng.integers(2, 6), rng.integers(2, 5), rng.integers(5, 8)
    return rng.normal(size=(B, H)), rng.normal(size=(B, D)), rng.normal(size=(H, D))


def affine_backward(dz, x, W):
    return [dz @ W, dz.T @ x, dz.sum(axis=0)]


AFFINE_BACKWARD = Question(
    name="affine_backward",
    points=3,
    reference=affine_backward,
    inputs=affine_backward_inputs,
    misconceptions=(
        Misconception(
            "dW transposed",
            lambda dz, x, W: [dz @ W, x.T @ dz, dz.sum(axis=0)],
            "A gradient has the shape of the thing it belongs to. Compare the shapes.",
            "W is (H, D), for instance (5, 3). Your dW is (3, 5).",
            "x.T @ dz is the gradient of W.T: your layer holds W, with one row for each unit.",
        ),
        Misconception(
            "averaged over the batch",
            lambda dz, x, W: [dz @ W, dz.T @ x / len(x), dz.mean(axis=0)],
            "dx is right; dW and db are too small, by the same factor. By which?",
            "With B = 2, b is used twice: once for each example. What does the chain rule do with "
            "the two paths from b to the loss?",
            "Paths add up. If the loss is a mean, its 1/B is already inside dz.",
        ),
        Misconception(
            "db not summed over the batch",
            lambda dz, x, W: [dz @ W, dz.T @ x, dz],
            "A gradient has the shape of the thing it belongs to. Which shape has b?",
            "b is (H,), your db is (B, H). Each example has its say about the same b.",
            "b was broadcast to every row on the way forward; on the way back those rows are "
            "summed.",
        ),
        Misconception(
            "order of the three results",
            lambda dz, x, W: [dz.T @ x, dz @ W, dz.sum(axis=0)],
            "All three numbers may be right. Read again in which order they are returned.",
            "The first array should have the shape of x.",
            "Return dx first, then dW, then db.",
        ),
        Misconception(
            "dx through the absolute weights",
            lambda dz, x, W: [dz @ np.abs(W), dz.T @ x, dz.sum(axis=0)],
            "dW and db are right. Look at the signs in dx.",
            "With one unit, z = −2x: when x grows by 1, z falls by 2. So dx = −2 dz.",
            "A negative weight turns the sign of what flows back. Use W as it is.",
        ),
    ),
)

# --- numerical_gradient ------------------------------------------------------------------------


def numerical_inputs(rng):
    B, D = rng.integers(3, 7), rng.integers(2, 5)
    return rng.normal(size=D), rng.normal(size=(B, D)), rng.normal(size=B), 0.1


def quartic_loss(w, x, y):
    return 0.25 * ((x @ w - y) ** 4).sum()


def numerical_gradient(w, x, y, eps):
    steps = eps * np.eye(len(w))
    return np.array([quartic_loss(w + s, x, y) - quartic_loss(w - s, x, y) for s in steps]) / (
        2 * eps
    )


def forward_difference(w, x, y, eps):
    base = quartic_loss(w, x, y)
    return np.array([quartic_loss(w + s, x, y) - base for s in eps * np.eye(len(w))]) / eps


def all_at_once(w, x, y, eps):
    slope = (quartic_loss(w + eps, x, y) - quartic_loss(w - eps, x, y)) / (2 * eps)
    return np.full(len(w), slope)


def never_restored(w, x, y, eps):
    w, grad = w.copy(), np.empty(len(w))
    for i in range(len(w)):
        w[i] += eps
        up = quartic_loss(w, x, y)
        w[i] -= 2 * eps
        grad[i] = (up - quartic_loss(w, x, y)) / (2 * eps)
    return grad


NUMERICAL_GRADIENT = Question(
    name="numerical_gradient",
    points=2,
    reference=numerical_gradient,
    inputs=numerical_inputs,
    misconceptions=(
        Misconception(
            "the formula instead of the witness",
            lambda w, x, y, eps: x.T @ (x @ w - y) ** 3,
            "Your numbers are a good gradient, but not the ones asked for. Is eps in them?",
            "For L = w⁴/4 at w = 1 with eps = 0.1 the central difference is 1.01, the formula says "
            "1.",
            "A witness must not use the formula that it is to check. Use the loss alone.",
        ),
        Misconception(
            "divided by eps instead of 2 eps",
            lambda *case: 2 * numerical_gradient(*case),
            "Every entry is off by the same factor.",
            "From w − eps to w + eps: how far apart are these two points?",
            "The two points lie 2·eps apart, so the difference is divided by 2·eps.",
        ),
        Misconception(
            "a step forward only",
            forward_difference,
            "Close, but off by more than rounding. Where do your two points lie?",
            "For L = w² at w = 3 with eps = 0.1: (3.1² − 3²) / 0.1 = 6.1, but (3.1² − 2.9²) / 0.2 "
            "= 6.0. Which one did you compute?",
            "You compare w + eps with w. The central difference compares w + eps with w − eps.",
        ),
        Misconception(
            "all weights moved at once",
            all_at_once,
            "Your entries are all alike. Should every weight have the same slope?",
            "For L = 5·w₀ + w₁ the gradient is [5, 1]. What do you get if both move together?",
            "Move one weight at a time and leave the others where they are.",
        ),
        Misconception(
            "the weight is not put back",
            never_restored,
            "Your first entry is right, the others drift.",
            "Print w after your loop. Is it still the w that you were given?",
            "After weight i was measured it must go back to its old value before the next.",
        ),
        Misconception(
            "the wrong sign",
            lambda *case: -numerical_gradient(*case),
            "The sizes are right. Look at the signs.",
            "For L = w² at w = 3 the loss grows to the right, so the slope is +6.",
            "Subtract the loss on the left from the loss on the right, not the other way.",
        ),
    ),
)

# --- cross_entropy_gradient --------------------------------------------------------------------


def gradient_inputs(rng):
    B, V = rng.integers(3, 7), rng.integers(3, 7)
    logits = 2 * rng.normal(size=(B, V))
    if rng.random() < 0.5:
        logits[0] += 1000  # exp(1000) is inf: the maximum has to go first
    return logits, rng.integers(0, V, B)


def softmax(z, axis=1):
    e = np.exp(z - z.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


def cross_entropy_gradient(logits, targets, *, softmax=softmax):
    return (softmax(logits) - np.eye(logits.shape[1])[targets]) / len(logits)


def overflowing_softmax(z):
    with np.errstate(over="ignore", invalid="ignore"):
        return np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)


CROSS_ENTROPY_GRADIENT = Question(
    name="cross_entropy_gradient",
    points=3,
    reference=cross_entropy_gradient,
    inputs=gradient_inputs,
    misconceptions=(
        Misconception(
            "the sum over the batch instead of the mean",
            lambda logits, targets: len(logits) * cross_entropy_gradient(logits, targets),
            "Every entry is too large, by the same factor. By which?",
            "With B = 4 examples your gradient is 4 times too large.",
            "The loss is the *mean* over the examples: its 1/B belongs into the gradient.",
        ),
        Misconception(
            "y − p instead of p − y",
            lambda *case: -cross_entropy_gradient(*case),
            "The sizes are right. Look at the signs.",
            "A larger logit for the right class lowers the loss. Which sign must its entry have?",
            "You have y − p: the direction downhill. The gradient points uphill: p − y.",
        ),
        Misconception(
            "the targets are forgotten",
            lambda logits, targets: softmax(logits) / len(logits),
            "Does your answer change if you change the targets?",
            "Each row of the gradient sums to zero. Yours sums to 1/B.",
            "You have p. Subtract the one-hot row of the right class.",
        ),
        Misconception(
            "the slope of the logistic put in once more",
            lambda logits, targets: (
                cross_entropy_gradient(logits, targets) * softmax(logits) * (1 - softmax(logits))
            ),
            "Your entries are too small, each by its own factor.",
            "p = [0.7, 0.2, 0.1] with class 1 right gives [0.7, −0.8, 0.1] for one example. Do you "
            "multiply by something more?",
            "p − y already holds the slope of the softmax: it cancels against the 1/p of the log.",
        ),
        Misconception(
            "softmax over the whole batch",
            variant(cross_entropy_gradient, softmax=variant(softmax, axis=None)),
            "Sum your probabilities along each row, before anything is subtracted.",
            "Two examples with logits [0, 0]: each has the probabilities ½, ½, not ¼, ¼.",
            "Every example has a distribution of its own: normalise along axis 1, with keepdims.",
        ),
        Misconception(
            "exp overflows",
            variant(cross_entropy_gradient, softmax=overflowing_softmax),
            "Some of your numbers are nan. Which logits made them?",
            "np.exp(1000) is inf, and inf / inf is nan. But softmax([1000, 999]) is the same as "
            "softmax([1, 0]).",
            "Subtract each row's largest logit before you take exp: the softmax stays the same.",
        ),
    ),
)

# --- train_step: the transfer task -------------------------------------------------------------


def train_step_inputs(rng):
    B, D, V = rng.integers(3, 8), rng.integers(2, 5), rng.integers(5, 7)
    W, b = rng.normal(size=(V, D)), rng.normal(size=V)
    return W, b, rng.normal(size=(B, D)), rng.integers(0, V, B), float(rng.uniform(0.1, 1))


def train_step(W, b, x, targets, lr, *, forward_bias=True):
    dz = cross_entropy_gradient(x @ W.T + forward_bias * b, targets)
    _, dW, db = affine_backward(dz, x, W)
    return [W - lr * dW, b - lr * db]


def bias_after_weights(W, b, *rest):
    W = train_step(W, b, *rest)[0]
    return [W, train_step(W, b, *rest)[1]]


TRAIN_STEP = Question(
    name="train_step",
    points=3,
    reference=train_step,
    inputs=train_step_inputs,
    uses=("affine", "affine_backward", "cross_entropy_gradient"),
    misconceptions=(
        Misconception(
            "uphill",
            lambda *case: train_step(*case[:-1], -case[-1]),
            "Compute the loss before and after your step.",
            "For L = w² at w = 3 the gradient is +6. To come nearer to zero, w must get smaller.",
            "The gradient points uphill. Subtract it.",
        ),
        Misconception(
            "the bias stays",
            lambda W, b, *rest: [train_step(W, b, *rest)[0], b],
            "One of the two results is right.",
            "Compare the b that you return with the b that you were given.",
            "The bias is a parameter, too: it takes its own step with db.",
        ),
        Misconception(
            "the bias is missing on the way forward",
            variant(train_step, forward_bias=False),
            "Your step is a good one, for another network.",
            "With W = 0 the probabilities are softmax(b). Are they in your version?",
            "The logits are x @ W.T + b. Yours leave out b.",
        ),
        Misconception(
            "no learning rate",
            lambda *case: train_step(*case[:-1], 1.0),
            "Call your function with lr = 0. Does W stay where it is?",
            "One of the five arguments has no influence on your result.",
            "The gradient is multiplied by lr before it is subtracted.",
        ),
        Misconception(
            "the second gradient is taken after the first step",
            bias_after_weights,
            "W is right; b is off by a little.",
            "Both gradients belong to the same point: the old W and the old b.",
            "Compute dW and db first, then move both. You moved W before you computed db.",
        ),
    ),
)

# --- slope_portrait ----------------------------------------------------------------------------

SLOPE_PORTRAIT = Question(
    name="slope_portrait",
    points=2,
    rubric=(
        ("Both activations and both slopes are drawn, over one axis that reaches ±6.", 1),
        ("Axes are named, and the lines can be told apart without colour.", 1),
    ),
)

# --- slope_words -------------------------------------------------------------------------------

SLOPE_WORDS = Question(
    name="slope_words",
    points=2,
    rubric=(
        ("Names softsign's largest slope (1, at 0) and who passes back more at 0.5 and 3.", 1),
        ("Compares the tails (1/a² against exponential) and ties them to long chains.", 1),
    ),
)


QUESTIONS = [
    STANDARDISE,
    AFFINE,
    ACTIVATION_SLOPES,
    AFFINE_BACKWARD,
    NUMERICAL_GRADIENT,
    CROSS_ENTROPY_GRADIENT,
    TRAIN_STEP,
    SLOPE_PORTRAIT,
    SLOPE_WORDS,
]
