"""Chapter 0, warm-up: arrays, products, slopes, gradients of a layer, and a step in PyTorch."""

from __future__ import annotations

import numpy as np

from rnncourse.bank import Misconception, Question, variant

# --- standardise ---------------------------------------------------------------------------------


def standardise_inputs(rng):
    B, D = rng.integers(3, 9), rng.integers(2, 6)
    scale, shift = rng.uniform(0.5, 4, D), rng.uniform(-5, 5, D)
    return (rng.normal(size=(B, D)) * scale + shift,)


def standardise(x):
    return (x - x.mean(axis=0)) / x.std(axis=0)


STANDARDISE = Question(
    name="standardise",
    points=1,
    section="1 · Shapes and broadcasting",
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
            "The columns have mean 0. Print their standard deviations (np.std): they should be 1.",
            "A column 0, 10 becomes −5, 5 in your version. It should end with a spread of one.",
            "After the mean is gone, each column is still divided by its standard deviation.",
        ),
        Misconception(
            "the mean distance for the deviation",
            lambda x: (x - x.mean(axis=0)) / abs(x - x.mean(axis=0)).mean(axis=0),
            "Print the standard deviation of each column of your answer (np.std). It should be 1.",
            "A column 0, 0, 6 has mean 2 and the deviation √8 = 2.83. The mean distance is 2.67.",
            "You average the distances from the mean. The standard deviation averages their "
            "squares and takes the root.",
        ),
        Misconception(
            "scaled to the range from 0 to 1",
            lambda x: (x - x.min(axis=0)) / (x.max(axis=0) - x.min(axis=0)),
            "Print the mean of each column of your answer. It should be 0.",
            "A column 0, 10 should become −1, 1. Yours becomes 0, 1.",
            "You move the smallest to 0 and the largest to 1. Asked for are mean 0 and deviation "
            "1.",
        ),
        Misconception(
            "the mean left in the deviation",
            lambda x: (x - x.mean(axis=0)) / np.sqrt((x**2).mean(axis=0)),
            "The columns have mean 0. Print their standard deviations: they should be 1.",
            "A column 9, 11 has mean 10 and the deviation 1. The root of its mean square is 10.05.",
            "You square the numbers themselves. The deviation squares their distances from the "
            "mean.",
        ),
    ),
)

# --- read_weights --------------------------------------------------------------------------------


def probes(rng):
    """Inputs that touch one feature each, by an amount of its own, and one that touches none."""
    D, H = int(rng.integers(2, 5)), int(rng.integers(5, 8))
    amounts = rng.choice([-2.0, -0.5, 0.5, 2.0, 4.0], D)
    amounts[rng.integers(D)] = -4.0
    x = rng.permutation(np.concatenate([np.diag(amounts), np.zeros((1, D))]))
    W, b = rng.normal(size=(H, D)), 2 * rng.normal(size=H)
    return x, x @ W.T + b


def read_weights(x, z, *, bias=True, amounts=True):
    b = z[~x.any(axis=1)][0]
    columns = []
    for d in range(x.shape[1]):
        (row,) = np.flatnonzero(x[:, d])
        column = z[row] - bias * b
        columns.append(column / x[row, d] if amounts else column)
    return [np.stack(columns, axis=1), b]


def rows_as_they_stand(x, z):
    b = z[~x.any(axis=1)][0]
    rows = np.flatnonzero(x.any(axis=1))
    return [np.stack([(z[row] - b) / x[row].sum() for row in rows], axis=1), b]


def largest_entry_only(x, z):
    b = z[~x.any(axis=1)][0]
    W = np.zeros((z.shape[1], x.shape[1]))
    for row, answer in zip(x, z, strict=True):
        if row.max() > 0:
            W[:, row.argmax()] = (answer - b) / row.max()
    return [W, b]


READ_WEIGHTS = Question(
    name="read_weights",
    points=2,
    section="2 · The matrix product, read in two ways",
    reference=read_weights,
    inputs=probes,
    misconceptions=(
        Misconception(
            "the bias left in the weights",
            variant(read_weights, bias=False),
            "Your b is right. Which part of it has got into W?",
            "With W = [[3]] and b = [10] the probe [1] answers 13. The weight is 3.",
            "Every answer holds the bias as well. Take it away before you read off a column.",
        ),
        Misconception(
            "the amounts not divided out",
            variant(read_weights, amounts=False),
            "Each column of W is a multiple of the right one. By what factors?",
            "With W = [[3]] and b = [0] the probe [2] answers 6. The weight is 3.",
            "A probe of 2 picks twice the column. Divide by the amount that was put in.",
        ),
        Misconception(
            "columns in the order of the probes",
            rows_as_they_stand,
            "Look at which feature each probe touches.",
            "If the first probe is [0, 1], its answer tells the *second* column of W.",
            "The probes come in any order. A column's place is the feature that its probe touches.",
        ),
        Misconception(
            "W transposed",
            lambda x, z: [read_weights(x, z)[0].T, read_weights(x, z)[1]],
            "The numbers are right. Compare the shape of your W with (H, D).",
            "With 2 features and 5 units W has 5 rows, one for each unit.",
            "You stack what the probes answer as rows. Each answer is a *column* of W.",
        ),
        Misconception(
            "the mean answer taken for the bias",
            lambda x, z: [read_weights(x, z - z.mean(axis=0))[0], z.mean(axis=0)],
            "Which probe leaves nothing but the bias?",
            "With W = [[3]] and b = [10] the probes [0] and [1] answer 10 and 13. b is 10.",
            "The probe full of zeros answers b itself; the mean of all answers holds weights, too.",
        ),
        Misconception(
            "negative amounts overlooked",
            largest_entry_only,
            "Some columns of your W are zero. What does the probe of such a column look like?",
            "The row [0, −2] touches the second feature. Its largest entry is the 0 in front.",
            "You look for the largest entry of a row. An amount may be negative: look for the one"
            " that is not 0.",
        ),
    ),
)

# --- chain_slope ---------------------------------------------------------------------------------


def chain_inputs(rng):
    n = rng.integers(2, 6)
    weights = rng.uniform(0.4, 2, n) * rng.choice([-1, 1], n)
    return float(rng.uniform(0.3, 1) * rng.choice([-1, 1])), weights


def chain_slope(h_0, weights, *, slope=lambda h, z: 1 - h**2, weighted=True):
    h, product = h_0, 1.0
    for w in weights:
        z = w * h
        h = float(np.tanh(z))
        product *= slope(h, z) * (w if weighted else 1)
    return float(product)


def last_state(h_0, weights):
    h = h_0
    for w in weights:
        h = np.tanh(w * h)
    return float(h)


def links(h_0, weights):
    h, found = h_0, []
    for w in weights:
        h = np.tanh(w * h)
        found.append(w * (1 - h**2))
    return found


def states(h_0, weights):
    found = [h_0]
    for w in weights:
        found.append(np.tanh(w * found[-1]))
    return found[1:]


CHAIN_SLOPE = Question(
    name="chain_slope",
    points=3,
    section="3 · The chain rule, with matrices in the chain",
    reference=chain_slope,
    inputs=chain_inputs,
    misconceptions=(
        Misconception(
            "the weights left out",
            variant(chain_slope, weighted=False),
            "Two functions stand in each link. Do both have a say?",
            "For tanh(3x) at 0 the slope is 3, not 1: the inner function adds its factor.",
            "You multiply the slopes of the tanh only. Each link also multiplies by its weight.",
        ),
        Misconception(
            "slopes at the wrong place",
            variant(chain_slope, slope=lambda h, z: 1 - z**2),
            "Call your function with h_0 = 1 and weights [2]. tanh(2h) rises with h. Does yours?",
            "tanh at z = 2 has the slope 0.07. Your formula has −3 there.",
            "1 − h² is written in the output h = tanh z. You put the input z into it.",
        ),
        Misconception(
            "the links added up",
            lambda h_0, weights: float(np.sum(links(h_0, weights))),
            "Two links with the slope 0.5 each: how much of a change comes through?",
            "A change of 1 becomes 0.5, and that becomes 0.25.",
            "Along a chain slopes multiply. You add them.",
        ),
        Misconception(
            "only the last link",
            lambda h_0, weights: float(links(h_0, weights)[-1]),
            "Call your function with the weights [0, 1]. How much of h_0 gets through the first?",
            "With the weights 0, 1 nothing of the start gets through: the slope is 0. Yours is 1.",
            "You have the slope with respect to the state before the last. Go on to the start.",
        ),
        Misconception(
            "every slope at the starting value",
            lambda h_0, weights: float(np.prod([w * (1 - np.tanh(w * h_0) ** 2) for w in weights])),
            "What does the second link get to see: the start, or what the first made of it?",
            "With two weights of 1 and h_0 = 1 the first tanh is at 1, the second at 0.76.",
            "Each slope belongs to the place where its tanh stands: walk forward first.",
        ),
        Misconception(
            "the state instead of its slope",
            last_state,
            "What would your number be if h_0 were 0? Is the chain flat there?",
            "tanh(3x) at 0 has the value 0 and the slope 3. The slope is asked for.",
            "You return the last h itself. The question is how fast it changes with h_0.",
        ),
        Misconception(
            "the slope at the state before",
            lambda h_0, weights: float(
                np.prod(
                    [
                        w * (1 - h**2)
                        for w, h in zip(weights, [h_0, *states(h_0, weights)], strict=False)
                    ]
                )
            ),
            "Does your first slope use the state before the link, or the one behind it?",
            "One link, weight 1, h_0 = 1: tanh(1) = 0.76, and the slope there is 1 − 0.76² = "
            "0.42, not 1 − 1² = 0.",
            "1 − h² is the slope of the tanh whose *output* is h. You put the state before the "
            "link into it: take the step first.",
        ),
        Misconception(
            "the tanh taken once more",
            variant(chain_slope, slope=lambda h, z: 1 - np.tanh(h) ** 2),
            "Your h is already the output of the tanh. Which slope belongs to an output of 0.8?",
            "At an output of 0.8 tanh has the slope 1 − 0.8² = 0.36. tanh(0.8) = 0.66 would give "
            "0.56.",
            "You put h through the tanh again before you square it. The slope in terms of the "
            "output is 1 − h².",
        ),
        Misconception(
            "the quotient of the values",
            lambda h_0, weights: last_state(h_0, weights) / h_0,
            "A slope is how much the end moves when the start moves. What is yours for a straight"
            " line that misses zero?",
            "For tanh(3h) at h = 1 the quotient is 0.995, but the curve is nearly flat there: its"
            " slope is 0.03.",
            "You divide the last value by the first. The slope is the product of the slopes of "
            "all links.",
        ),
    ),
)

# --- shared_backward -----------------------------------------------------------------------------


def shared_inputs(rng):
    B, H = rng.integers(2, 6), rng.integers(3, 6)
    return rng.normal(size=(B, H)), rng.normal(size=(B, H)), rng.normal(size=(H, H))


def shared_backward(dz, x, W, *, inner=True, outer=True):
    h, dh = x @ W.T, dz @ W
    return [dh @ W, outer * (dz.T @ h) + inner * (dh.T @ x)]


SHARED_BACKWARD = Question(
    name="shared_backward",
    points=3,
    section="3 · The chain rule, with matrices in the chain",
    reference=shared_backward,
    inputs=shared_inputs,
    misconceptions=(
        Misconception(
            "only the outer use",
            variant(shared_backward, inner=False),
            "dx is right. How often does W stand in the formula for z?",
            "With numbers, z = w·(w·x): at w = 1.5 and x = 2 the gradient is 6. You have one half.",
            "W has worked twice, and each use has its share. Yours is the share of the outer one.",
        ),
        Misconception(
            "only the inner use",
            variant(shared_backward, outer=False),
            "dx is right. How often does W stand in the formula for z?",
            "With numbers, z = w·(w·x): at w = 1.5 and x = 2 the gradient is 6. You have one half.",
            "W has worked twice, and each use has its share. Yours is the share of the inner one.",
        ),
        Misconception(
            "the mean of the two uses",
            lambda dz, x, W: [dz @ W @ W, shared_backward(dz, x, W)[1] / 2],
            "dx is right, dW too small. By what factor?",
            "A change of W is felt at both places. Does the second make the first weaker?",
            "What was used twice gets the *sum* of two gradients, not their mean.",
        ),
        Misconception(
            "dW transposed",
            lambda dz, x, W: [dz @ W @ W, shared_backward(dz, x, W)[1].T],
            "W is square, so a wrong product fits as well. Try a finite difference on W[0, 1].",
            "With one example dW[i, j] pairs number i of dz with number j of the input.",
            "Your dW is the right one mirrored: inputs stand in its columns, units in its rows.",
        ),
        Misconception(
            "the inner use without the way through W",
            lambda dz, x, W: [dz @ W @ W, dz.T @ (x @ W.T) + dz.T @ x],
            "dx is right, and so is the outer share of dW. What reaches the inner layer?",
            "With w = 3 a change inside is tripled on its way out. Is it in your second share?",
            "The inner layer gets dh, which is dz after the way back through the outer W.",
        ),
        Misconception(
            "dx through one layer only",
            lambda dz, x, W: [dz @ W, shared_backward(dz, x, W)[1]],
            "dW is right. How many layers lie between x and z?",
            "With z = w·(w·x) the slope for x is w². Yours is w.",
            "You have the gradient of the state between the two layers. x lies one further back.",
        ),
        Misconception(
            "W transposed on the way back",
            lambda dz, x, W: [dz @ W.T @ W.T, dz.T @ (x @ W.T) + (dz @ W.T).T @ x],
            "W is square, so both products fit. Check dx by a finite difference on one entry of x.",
            "Forward each row is multiplied by W.T. With B = 1 and W = [[1, 1], [0, 1]], z[0] is "
            "x[0] + 2 x[1]: for dz = [1, 0] dx is [1, 2]. Yours is [1, 0].",
            "The way forward is x @ W.T, so the way back is dz @ W, without the transpose.",
        ),
        Misconception(
            "the two layers taken for one",
            lambda dz, x, W: [dz @ W @ W, dz.T @ x],
            "dx is right. Whose gradient is your dW: that of W, or that of W @ W?",
            "With numbers, z = w²·x: the gradient for w is 2·w·x·dz. Yours has no w in it.",
            "You have the gradient for the product W @ W. W itself is used twice: add the shares "
            "of the two uses.",
        ),
        Misconception(
            "the two inputs exchanged",
            lambda dz, x, W: [dz @ W @ W, dz.T @ x + (dz @ W).T @ (x @ W.T)],
            "dx is right. What went into the outer layer, and what into the inner one?",
            "A layer's share of dW pairs the gradient behind it with the input before it.",
            "The outer layer's input is h, the inner one's is x. You paired them the other way "
            "round.",
        ),
    ),
)

# --- numerical_gradient --------------------------------------------------------------------------


def numerical_inputs(rng):
    """Weights and eps are sums of powers of two: moved and moved back, a weight is what it was."""
    B, D = rng.integers(3, 7), rng.integers(2, 5)
    w, eps = rng.integers(-128, 128, D) / 64, float(rng.choice([0.0625, 0.125, 0.25]))
    return w, rng.normal(size=(B, D)), rng.normal(size=B), eps


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
    keeps=True,
    section="3 · The chain rule, with matrices in the chain",
    reference=numerical_gradient,
    inputs=numerical_inputs,
    misconceptions=(
        Misconception(
            "the formula instead of the loss",
            lambda w, x, y, eps: x.T @ (x @ w - y) ** 3,
            "Your numbers are a good gradient, but not the ones asked for. Is eps in them?",
            "For L = w⁴/4 at w = 1 with eps = 0.1 the central difference is 1.01, the formula says "
            "1.",
            "A check must not use the formula that it is to check. Use the loss alone.",
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

# --- cross_entropy_gradient ----------------------------------------------------------------------


def gradient_inputs(rng):
    B, V = rng.integers(4, 8), rng.integers(3, 7)
    logits, targets = 2 * rng.normal(size=(B, V)), rng.integers(0, V, B)
    targets[rng.permutation(B)[: rng.integers(1, B - 1)]] = -1
    large = rng.choice(np.flatnonzero(targets >= 0)), rng.permutation(V)[:2]
    # exp is inf, less the row's mean as well
    logits[large] += rng.uniform(2500, 5000) * (rng.random() < 0.75)
    return logits, targets


def softmax(z, axis=1):
    e = np.exp(z - z.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


def cross_entropy_gradient(logits, targets, *, softmax=softmax, count=sum):
    real = targets >= 0
    gradient = softmax(logits) - np.eye(logits.shape[1])[targets]
    return np.where(real[:, None], gradient, 0) / count(real)


def overflowing_softmax(z):
    with np.errstate(over="ignore", invalid="ignore"):
        return np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)


def shifted_together(z):
    e = np.exp(z - z.max())
    return e / e.sum(axis=1, keepdims=True)


CROSS_ENTROPY_GRADIENT = Question(
    name="cross_entropy_gradient",
    points=3,
    section="5 · Softmax, cross-entropy and their gradient",
    reference=cross_entropy_gradient,
    inputs=gradient_inputs,
    misconceptions=(
        Misconception(
            "padding counted in the mean",
            variant(cross_entropy_gradient, count=len),
            "The rows of zeros are right. The others are too small, all by the same factor.",
            "Three examples, one of them marked −1: the loss is the sum of two, divided by two.",
            "The mean runs over the examples that count. Your divisor counts the marked ones, too.",
        ),
        Misconception(
            "−1 taken for the last class",
            lambda logits, targets: (
                (softmax(logits) - np.eye(logits.shape[1])[targets]) / (targets >= 0).sum()
            ),
            "Print the rows whose target is −1. What should be in them?",
            "NumPy takes the index −1 for the last row, without a word.",
            "Marked examples have taken part as if their class were the last. Their rows are zero.",
        ),
        Misconception(
            "the sum over the batch instead of the mean",
            variant(cross_entropy_gradient, count=lambda real: 1),
            "Every entry is too large, by the same factor. By which?",
            "With four examples that count your gradient is 4 times too large.",
            "The loss is a *mean* over examples, so the gradient is divided by their number.",
        ),
        Misconception(
            "y − p instead of p − y",
            lambda *case: -cross_entropy_gradient(*case),
            "The sizes are right. Look at the signs.",
            "A larger logit for the right class lowers the loss. Which sign must its entry have?",
            "You have y − p: the direction downhill. The gradient points uphill: p − y.",
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
        Misconception(
            "one largest logit for the whole batch",
            variant(cross_entropy_gradient, softmax=shifted_together),
            "Some of your numbers are nan. Which rows are they in?",
            "Logits of 1000 and 999 in one row, of 1 and 0 in another: after 1000 is subtracted, "
            "exp(−999) is 0, and 0 / 0 is nan.",
            "You subtract the largest logit of the batch. Each row needs its own largest: max "
            "along axis 1, with keepdims.",
        ),
        Misconception(
            "examples that do not count left out",
            lambda logits, targets: cross_entropy_gradient(logits, targets)[targets >= 0],
            "Compare your shape with (B, V).",
            "Three examples, one marked −1: the gradient has three rows, one of them full of "
            "zeros.",
            "You return only the rows that count. A gradient has the shape of the logits: the "
            "others are rows of zeros.",
        ),
    ),
)

# --- train_step ----------------------------------------------------------------------------------


def train_step_inputs(rng):
    B, D, V = rng.integers(3, 8), rng.integers(2, 5), rng.integers(5, 7)
    W, b = rng.normal(size=(V, D)), rng.normal(size=V)
    return W, b, rng.normal(size=(B, D)), rng.integers(0, V, B), float(rng.uniform(0.1, 1))


def train_step(W, b, x, targets, lr, *, forward_bias=True):
    dz = cross_entropy_gradient(x @ W.T + forward_bias * b, targets)
    return [W - lr * dz.T @ x, b - lr * dz.sum(axis=0)]


def bias_after_weights(W, b, *rest):
    W = train_step(W, b, *rest)[0]
    return [W, train_step(W, b, *rest)[1]]


TRAIN_STEP = Question(
    name="train_step",
    points=2,
    keeps=True,
    section="5 · Softmax, cross-entropy and their gradient",
    reference=train_step,
    inputs=train_step_inputs,
    uses=("cross_entropy_gradient",),
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
        Misconception(
            "the bias's gradient averaged once more",
            lambda W, b, *rest: [
                train_step(W, b, *rest)[0],
                b + (train_step(W, b, *rest)[1] - b) / len(rest[0]),
            ],
            "W is right; b has moved too little. By what factor?",
            "`cross_entropy_gradient` has divided by B already. What is left to do for b is a sum"
            " over the batch.",
            "You take the mean over the batch where the sum is due: the gradient of the mean loss"
            " holds 1/B already.",
        ),
        Misconception(
            "divided by the batch twice",
            lambda W, b, x, targets, lr: train_step(W, b, x, targets, lr / len(x)),
            "The direction is right, the step too short. By what factor?",
            "With one example in the batch your answer is right, with four the step is four times"
            " too short.",
            "`cross_entropy_gradient` is the gradient of the *mean* loss: it has been divided by "
            "B already.",
        ),
    ),
)

# --- speaker_count: the transfer task ------------------------------------------------------------

SPEAKER_COUNT = Question(
    name="speaker_count",
    points=3,
    section="1 · Shapes and broadcasting",
    reference=lambda: 357,
    rtol=0,
    atol=0.5,
    misconceptions=(
        Misconception(
            "the test set scaled by its own mean and deviation",
            lambda: 343,
            "With what numbers do you scale a recording that has only just come in?",
            "One new recording alone has no deviation, so it cannot be scaled in this way.",
            "Keep mean and deviation of the training set, and scale the new recordings by those.",
        ),
        Misconception(
            "the training set counted",
            lambda: 268,
            "How many recordings do you test? There should be 370.",
            "The training part has 270 recordings. What the network has seen is no test.",
            "You count on the recordings that it learned from. Load the part called test.",
        ),
        Misconception(
            "features not scaled",
            lambda: 341,
            "How large are your features? Compare the first with the last.",
            "Feature 0 spreads several times wider than feature 11, so it gets the larger steps.",
            "You train on the mean frames as they are. Standardise each of the 12 features first.",
        ),
        Misconception(
            "the last frame instead of the mean frame",
            lambda: 355,
            "Close, and from 12 features of another kind. Which ones are asked for?",
            "A recording of 20 frames becomes one row: the mean of each number over the 20.",
            "You take one frame of each recording. The mean over all its frames is asked for.",
        ),
        Misconception(
            "the share instead of the number",
            lambda: 357 / 370,
            "Can a number of recordings lie between 0 and 1?",
            "Half of 370 recordings are 185 recordings, not 0.5.",
            "You give the share of right answers. How many recordings is that?",
        ),
        Misconception(
            "new recordings not scaled",
            lambda: 50,
            "That is below the commonest speaker's share. Are both parts treated alike?",
            "The network learned from features around 0 with a deviation of 1. And the new ones?",
            "What was done to the training set must be done to the test set: scale it as well.",
        ),
    ),
)

# --- forgotten_zero ------------------------------------------------------------------------------

FORGOTTEN_ZERO = Question(
    name="forgotten_zero",
    points=2,
    section="6 · One page of PyTorch",
    reference=lambda: 0.449,
    rtol=0,
    atol=0.0005,
    misconceptions=(
        Misconception(
            "every gradient on its own",
            lambda: 0.729,
            "This is what the loop should have done. Which line is missing from it?",
            "After the first step w = 0.9. `backward` *adds* 0.9 to what stands in `w.grad`: 1.9.",
            "You set the gradient back to zero at each step. The loop does not.",
        ),
        Misconception(
            "every gradient at the starting point",
            lambda: 0.4,
            "You add up the gradients, as PyTorch does. Is each of them 1?",
            "At the second step w is 0.9, so the new gradient is 0.9, not 1.",
            "The gradients of 1, 2 and 3 would be right if w had stayed at 1. It moves.",
        ),
        Misconception(
            "three equal steps",
            lambda: 0.7,
            "You take three steps of 0.1. How large is the gradient at the second?",
            "Before the second step w.grad holds 1 from the first and 0.9 from the second.",
            "Neither do the gradients stay 1, nor is the old one forgotten. Write down w.grad.",
        ),
        Misconception(
            "the mean of the gradients so far",
            lambda: 1 - 0.1 - 0.095 - 0.1 * (1 + 0.9 + 0.805) / 3,
            "Does `backward` average what is in `w.grad`, or add to it?",
            "Before the second step w.grad is 1 + 0.9 = 1.9, and the step is 0.19.",
            "Gradients are summed, not averaged: each new one is added to the old ones.",
        ),
        Misconception(
            "one round too few",
            lambda: 0.71,
            "How many rounds have you made?",
            "After one round w is 0.9, after two 0.71. A third follows.",
            "You stop after two rounds; range(3) makes three.",
        ),
    ),
)

# --- step_in_pieces ------------------------------------------------------------------------------


def pieces_inputs(rng):
    D, V = int(rng.integers(2, 5)), int(rng.integers(2, 5))
    sizes = rng.permutation([1, 2, 4, 6])[: rng.integers(2, 4)]
    x = [rng.normal(size=(n, D)) for n in sizes]
    y = [rng.integers(0, V, n) for n in sizes]
    return rng.normal(size=(V, D)), rng.normal(size=V), x, y, float(rng.uniform(0.2, 1))


def step_in_pieces(
    W, b, pieces, targets, lr, *, weight=lambda n, sizes: n / sum(sizes), twice=False
):
    """Without torch's autograd: the gradients of a softmax layer, a piece at a time."""
    sizes, dW, db = [len(x) for x in pieces], 0, 0
    for x, y in zip(pieces, targets, strict=True):
        once = (x @ W.T + b).softmax(dim=1)
        p = once.softmax(dim=1) if twice else once.clone()
        p[list(range(len(x))), y] -= 1
        if twice:  # back through the softmax too many
            p = once * (p - (once * p).sum(dim=1, keepdim=True))
        share = weight(len(x), sizes) / len(x)
        dW, db = dW + share * p.T @ x, db + share * p.sum(dim=0)
    return [W - lr * dW, b - lr * db]


def step_after_each(W, b, pieces, targets, lr, *, whole=False):
    for x, y in zip(pieces, targets, strict=True):
        share = 1 if whole else len(x) / sum(map(len, pieces))
        W, b = step_in_pieces(W, b, [x], [y], lr * share)
    return [W, b]


def last_share_only(W, b, pieces, targets, lr):
    share = len(pieces[-1]) / sum(map(len, pieces))
    return step_in_pieces(W, b, pieces[-1:], targets[-1:], lr * share)


STEP_IN_PIECES = Question(
    name="step_in_pieces",
    points=3,
    keeps=True,
    section="6 · One page of PyTorch",
    reference=step_in_pieces,
    inputs=pieces_inputs,
    framework="torch",
    rtol=1e-4,
    atol=1e-5,
    misconceptions=(
        Misconception(
            "every piece counts the same",
            variant(step_in_pieces, weight=lambda n, sizes: 1 / len(sizes)),
            "Nearly. Is an example in a small piece worth as much as one in a large piece?",
            "Pieces of 1 and 3 examples: the first holds a quarter of the batch, not half.",
            "You average the pieces' means. Give each the share of the batch that it holds.",
        ),
        Misconception(
            "the means added up",
            variant(step_in_pieces, weight=lambda n, sizes: 1),
            "Your step is too long. Cut a batch into two equal halves: by what factor?",
            "With one piece only your answer is right. With two equal ones it is twice too long.",
            "`backward` adds, so three means make three times a mean. Scale each loss first.",
        ),
        Misconception(
            "the sum over all examples",
            variant(step_in_pieces, weight=lambda n, sizes: n),
            "Your step is too long, by a whole number. What is that number?",
            "With 6 examples in all it is 6 times too long.",
            "The loss is a mean over all examples of the batch. Yours is their sum.",
        ),
        Misconception(
            "only the last piece",
            lambda W, b, pieces, targets, lr: step_in_pieces(W, b, pieces[-1:], targets[-1:], lr),
            "Give the pieces in another order. Does your answer change? Should it?",
            "When are gradients to be set to zero: before each piece, or before the step?",
            "The gradients of the earlier pieces are gone by the time of the step.",
        ),
        Misconception(
            "a step after each piece",
            step_after_each,
            "Close. At which weights is the gradient of the second piece taken?",
            "One batch is one step: all gradients belong to the weights at its beginning.",
            "You move the weights after each piece. Collect all gradients, then move once.",
        ),
        Misconception(
            "a whole step for each piece",
            lambda W, b, pieces, targets, lr: step_after_each(
                W, b, pieces, targets, lr, whole=True
            ),
            "How many steps does your code take? With one piece only your answer is right.",
            "Three pieces, three calls of `optimizer.step()`: three steps of full length where "
            "one was asked for.",
            "You take a full step after each piece. Collect the gradients of all pieces, then "
            "take one step.",
        ),
        Misconception(
            "only the last piece, by its share",
            last_share_only,
            "Give the pieces in another order. Does your answer change? Should it?",
            "Pieces of 1 and 3 examples: after `zero_grad` in the loop only the share of the last"
            " piece is left.",
            "The gradients are set to zero before each piece. Set them to zero once, before the "
            "first.",
        ),
        Misconception(
            "softmax twice",
            variant(step_in_pieces, twice=True),
            "What does `cross_entropy` take: scores or probabilities?",
            "Scores of [100, 0] with class 1 right need a long step. Yours takes none.",
            "`cross_entropy` applies the softmax itself. Give it the scores x @ W.T + b.",
        ),
    ),
)

# --- slope_portrait ------------------------------------------------------------------------------

SLOPE_PORTRAIT = Question(
    name="slope_portrait",
    points=2,
    rubric=(
        ("Both activations and both slopes are drawn, over one axis that reaches ±6.", 1),
        ("Axes are named, and the lines can be told apart without colour.", 1),
    ),
)

# --- slope_words ---------------------------------------------------------------------------------

SLOPE_WORDS = Question(
    name="slope_words",
    points=2,
    rubric=(
        ("Names softsign's largest slope (1, at 0) and who passes back more at 0.5 and 3.", 1),
        ("Compares the tails (1/z² against exponential) and ties them to long chains.", 1),
    ),
)


QUESTIONS = [
    STANDARDISE,
    READ_WEIGHTS,
    CHAIN_SLOPE,
    SHARED_BACKWARD,
    NUMERICAL_GRADIENT,
    CROSS_ENTROPY_GRADIENT,
    TRAIN_STEP,
    SPEAKER_COUNT,
    FORGOTTEN_ZERO,
    STEP_IN_PIECES,
    SLOPE_PORTRAIT,
    SLOPE_WORDS,
]
