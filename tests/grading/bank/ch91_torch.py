"""Four questions on tensors, with which the grader's tests and its benchmark are run."""

import torch

from rnncourse.bank import Misconception, Question


def gate(x, h, W, U, b):
    return torch.sigmoid(x @ W.T + h @ U.T + b)


def blend(z, h, n):
    return z * h + (1 - z) * n


def keep(xs, z):
    h = torch.zeros_like(xs[0])
    for x in xs:
        h = blend(z, h, x)
    return h


def slope(x):
    x = x.clone().requires_grad_()
    torch.tanh(x).sum().backward()
    return x.grad


def _gate_inputs(rng):
    D, H, B = rng.integers(2, 5, size=3)
    shapes = ((B, D), (B, H), (H, D), (H, H), (H,))
    return tuple(rng.normal(size=shape) for shape in shapes)


def _blend_inputs(rng):
    shape = tuple(rng.integers(2, 5, size=2))
    return rng.uniform(size=shape), rng.normal(size=shape), rng.normal(size=shape)


def _keep_inputs(rng):
    T, H = rng.integers(2, 6, size=2)
    return rng.normal(size=(T, H)), rng.uniform(size=H)


def _mistake(name, compute):
    return Misconception(name, compute, (f"Look at {name}.", "Try one unit.", f"It is {name}."))


QUESTIONS = [
    Question(
        "gate",
        2,
        gate,
        _gate_inputs,
        (
            _mistake("no bias", lambda x, h, W, U, b: torch.sigmoid(x @ W.T + h @ U.T)),
            _mistake("tanh", lambda x, h, W, U, b: torch.tanh(x @ W.T + h @ U.T + b)),
        ),
        framework="torch",
    ),
    Question(
        "blend",
        2,
        blend,
        _blend_inputs,
        (
            _mistake("other convention", lambda z, h, n: (1 - z) * h + z * n),
            _mistake("no complement", lambda z, h, n: z * h + n),
        ),
        framework="torch",
    ),
    Question(
        "keep",
        3,
        keep,
        _keep_inputs,
        (_mistake("last input", lambda xs, z: xs[-1] * 1.0),),
        uses=("blend",),
        framework="torch",
    ),
    Question(
        "slope",
        3,
        slope,
        lambda rng: (rng.normal(size=rng.integers(2, 9)),),
        (
            _mistake("value", torch.tanh),
            _mistake("not squared", lambda x: 1 - torch.tanh(x)),
        ),
        framework="torch",
    ),
]
