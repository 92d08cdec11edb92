"""Four questions on tensors, with which the grader's tests and its benchmark are run."""

from rnncourse.bank import Misconception, Question


def mistake(name, compute):
    return Misconception(name, compute, f"Look at {name}.", "Try one unit.", f"It is {name}.")


def gate_inputs(rng):
    D, H, B = rng.integers(2, 5, size=3)
    shapes = ((B, D), (B, H), (H, D), (H, H), (H,))
    return tuple(rng.normal(size=shape) for shape in shapes)


def gate(x, h, W, U, b):
    return (x @ W.T + h @ U.T + b).sigmoid()


GATE = Question(
    name="gate",
    points=2,
    reference=gate,
    inputs=gate_inputs,
    framework="torch",
    misconceptions=(
        mistake("no bias", lambda x, h, W, U, b: gate(x, h, W, U, 0)),
        mistake("tanh", lambda x, h, W, U, b: (x @ W.T + h @ U.T + b).tanh()),
    ),
)


def blend_inputs(rng):
    shape = tuple(rng.integers(2, 5, size=2))
    return rng.uniform(size=shape), rng.normal(size=shape), rng.normal(size=shape)


def blend(z, h, n):
    return z * h + (1 - z) * n


BLEND = Question(
    name="blend",
    points=2,
    reference=blend,
    inputs=blend_inputs,
    framework="torch",
    misconceptions=(
        mistake("other convention", lambda z, h, n: (1 - z) * h + z * n),
        mistake("no complement", lambda z, h, n: z * h + n),
    ),
)


def keep_inputs(rng):
    T, H = rng.integers(2, 6, size=2)
    return rng.normal(size=(T, H)), rng.uniform(size=H)


def keep(xs, z):
    h = 0 * xs[0]
    for x in xs:
        h = blend(z, h, x)
    return h


KEEP = Question(
    name="keep",
    points=3,
    reference=keep,
    inputs=keep_inputs,
    uses=("blend",),
    framework="torch",
    misconceptions=(mistake("last input", lambda xs, z: xs[-1] * 1.0),),
)


def slope(x):
    x = x.clone().requires_grad_()
    x.tanh().sum().backward()
    return x.grad


SLOPE = Question(
    name="slope",
    points=3,
    reference=slope,
    inputs=lambda rng: (rng.normal(size=rng.integers(2, 9)),),
    framework="torch",
    misconceptions=(
        mistake("value", lambda x: x.tanh()),
        mistake("not squared", lambda x: 1 - x.tanh()),
    ),
)

QUESTIONS = [GATE, BLEND, KEEP, SLOPE]
