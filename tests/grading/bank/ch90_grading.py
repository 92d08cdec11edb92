"""A small private bank that the grader's own tests grade with."""

import numpy as np

from rnncourse.bank import Misconception, Question


def scale(x, k):
    return k * x


def rnn_cell(x, h, W_xh, W_hh, b_h):
    return np.tanh(x @ W_xh.T + h @ W_hh.T + b_h)


def rnn_last(xs, W_xh, W_hh, b_h):
    h = np.zeros((xs.shape[1], len(b_h)))
    for x in xs:
        h = rnn_cell(x, h, W_xh, W_hh, b_h)
    return h


def running_mean(values):
    return [sum(values[: k + 1]) / (k + 1) for k in range(len(values))]


def _weights(rng):
    D, H = rng.integers(2, 5, size=2)
    return rng.normal(size=(H, D)), rng.normal(size=(H, H)), rng.normal(size=H)


def cell_inputs(rng):
    W_xh, W_hh, b_h = _weights(rng)
    B = rng.integers(1, 4)
    x, h = rng.normal(size=(B, W_xh.shape[1])), rng.normal(size=(B, len(b_h)))
    return x, h, W_xh, W_hh, b_h


def last_inputs(rng):
    W_xh, W_hh, b_h = _weights(rng)
    T, B = rng.integers(2, 6, size=2)
    return rng.normal(size=(T, B, W_xh.shape[1])), W_xh, W_hh, b_h


def _mistake(name, compute):
    return Misconception(name, compute, (f"Look at {name}.", "Try one unit.", f"It is {name}."))


QUESTIONS = [
    Question(
        "scale",
        2,
        scale,
        lambda rng: (rng.normal(size=rng.integers(2, 6)), float(rng.normal())),
        (
            _mistake("added", lambda x, k: x + k),
            _mistake("divided", lambda x, k: x / k),
            _mistake("absolute", lambda x, k: np.abs(k) * x),
            _mistake("squared", lambda x, k: k * x * x),
        ),
    ),
    Question(
        "rnn_cell",
        3,
        rnn_cell,
        cell_inputs,
        (
            _mistake("no bias", lambda x, h, U, W, b: np.tanh(x @ U.T + h @ W.T)),
            _mistake("no tanh", lambda x, h, U, W, b: x @ U.T + h @ W.T + b),
            _mistake("not transposed", lambda x, h, U, W, b: np.tanh(x @ U.T + h @ W + b)),
            _mistake("forgets", lambda x, h, U, W, b: np.tanh(x @ U.T + b)),
        ),
    ),
    Question(
        "rnn_last",
        3,
        rnn_last,
        last_inputs,
        (
            _mistake("one step", lambda xs, U, W, b: np.tanh(xs[-1] @ U.T + b)),
            _mistake("backwards", lambda xs, U, W, b: rnn_last(xs[::-1], U, W, b)),
            _mistake("starts at one", lambda xs, U, W, b: _ones_start(xs, U, W, b)),
            _mistake("skips the first", lambda xs, U, W, b: rnn_last(xs[1:], U, W, b)),
        ),
        uses=("rnn_cell",),
    ),
    Question(
        "running_mean",
        2,
        running_mean,
        lambda rng: ([float(v) for v in rng.normal(size=rng.integers(3, 8))],),
        (
            _mistake("running sum", lambda v: [sum(v[: k + 1]) for k in range(len(v))]),
            _mistake("over all", lambda v: [sum(v[: k + 1]) / len(v) for k in range(len(v))]),
            _mistake("one behind", lambda v: [sum(v[:k]) / max(k, 1) for k in range(len(v))]),
            _mistake("only the last", lambda v: sum(v) / len(v)),
        ),
    ),
    Question(
        "gate_letter",
        1,
        lambda: "C",
        misconceptions=tuple(_mistake(f"option {c}", lambda c=c: c) for c in "ABD"),
    ),
    Question("explain", 4, rubric=(("Names the product of Jacobians", 2), ("Says why", 2))),
]


def _ones_start(xs, W_xh, W_hh, b_h):
    h = np.ones((xs.shape[1], len(b_h)))
    for x in xs:
        h = rnn_cell(x, h, W_xh, W_hh, b_h)
    return h
