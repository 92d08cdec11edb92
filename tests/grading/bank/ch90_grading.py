"""A small private bank that the grader's own tests grade with."""

import numpy as np

from rnncourse.bank import Misconception, Question, variant


def mistake(name, compute):
    return Misconception(name, compute, f"Look at {name}.", "Try one unit.", f"It is {name}.")


SCALE = Question(
    name="scale",
    points=2,
    reference=lambda x, k: k * x,
    inputs=lambda rng: (rng.normal(size=rng.integers(2, 6)), float(rng.normal())),
    misconceptions=(
        mistake("added", lambda x, k: x + k),
        mistake("divided", lambda x, k: x / k),
        mistake("absolute", lambda x, k: np.abs(k) * x),
        mistake("squared", lambda x, k: k * x * x),
    ),
)


def weights(rng):
    D, H = rng.integers(2, 5, size=2)
    return rng.normal(size=(H, D)), rng.normal(size=(H, H)), rng.normal(size=H)


def cell_inputs(rng):
    W_xh, W_hh, b_h = weights(rng)
    B = rng.integers(1, 4)
    x, h = rng.normal(size=(B, W_xh.shape[1])), rng.normal(size=(B, len(b_h)))
    return x, h, W_xh, W_hh, b_h


def rnn_cell(x, h, W_xh, W_hh, b_h):
    return np.tanh(x @ W_xh.T + h @ W_hh.T + b_h)


RNN_CELL = Question(
    name="rnn_cell",
    points=3,
    reference=rnn_cell,
    inputs=cell_inputs,
    misconceptions=(
        mistake("no bias", lambda x, h, U, W, b: np.tanh(x @ U.T + h @ W.T)),
        mistake("no tanh", lambda x, h, U, W, b: x @ U.T + h @ W.T + b),
        mistake("not transposed", lambda x, h, U, W, b: np.tanh(x @ U.T + h @ W + b)),
        mistake("forgets", lambda x, h, U, W, b: np.tanh(x @ U.T + b)),
    ),
)


def last_inputs(rng):
    W_xh, W_hh, b_h = weights(rng)
    T, B = rng.integers(2, 6, size=2)
    return rng.normal(size=(T, B, W_xh.shape[1])), W_xh, W_hh, b_h


def rnn_last(xs, W_xh, W_hh, b_h, *, start=0.0):
    h = np.full((xs.shape[1], len(b_h)), start)
    for x in xs:
        h = rnn_cell(x, h, W_xh, W_hh, b_h)
    return h


RNN_LAST = Question(
    name="rnn_last",
    points=3,
    reference=rnn_last,
    inputs=last_inputs,
    uses=("rnn_cell",),
    misconceptions=(
        mistake("one step", lambda xs, U, W, b: np.tanh(xs[-1] @ U.T + b)),
        mistake("backwards", lambda xs, *weights: rnn_last(xs[::-1], *weights)),
        mistake("starts at one", variant(rnn_last, start=1.0)),
        mistake("skips the first", lambda xs, *weights: rnn_last(xs[1:], *weights)),
    ),
)

RUNNING_MEAN = Question(
    name="running_mean",
    points=2,
    reference=lambda values: [sum(values[: k + 1]) / (k + 1) for k in range(len(values))],
    inputs=lambda rng: ([float(v) for v in rng.normal(size=rng.integers(3, 8))],),
    misconceptions=(
        mistake("running sum", lambda v: [sum(v[: k + 1]) for k in range(len(v))]),
        mistake("over all", lambda v: [sum(v[: k + 1]) / len(v) for k in range(len(v))]),
        mistake("one behind", lambda v: [sum(v[:k]) / max(k, 1) for k in range(len(v))]),
        mistake("only the last", lambda v: sum(v) / len(v)),
    ),
)

GATE_LETTER = Question(
    name="gate_letter",
    points=1,
    reference=lambda: "C",
    misconceptions=tuple(mistake(f"option {c}", lambda c=c: c) for c in "ABD"),
)

EXPLAIN = Question(
    name="explain",
    points=4,
    rubric=(("Names the product of Jacobians", 2), ("Says why", 2)),
)

QUESTIONS = [SCALE, RNN_CELL, RNN_LAST, RUNNING_MEAN, GATE_LETTER, EXPLAIN]
