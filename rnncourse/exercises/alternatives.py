"""What may be otherwise: in an argument, in a result, in one more call of a learner's function.

Tables of a phrase and a change, which `rnncourse.exercises.diagnosis` tries one after the other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

# what an argument may be taken for: what is said of it, and the change
NUMBERS = {
    "is 0": lambda v: type(v)(0),
    "is 1": lambda v: type(v)(1),
    "is one less": lambda v: v - 1,
    "is one more": lambda v: v + 1,
    "is doubled": lambda v: 2 * v,
    "has the other sign": lambda v: -v,
}
FRACTIONS = {
    "is halved": lambda v: v / 2,
    "is squared": lambda v: v * v,
    "is replaced by its root": lambda v: v**0.5,
    "is replaced by its reciprocal": lambda v: 1 / v,
    "is replaced by 1 minus itself": lambda v: 1 - v,
}
SEQUENCES = {
    "lacks its first entry": lambda v: v[1:],
    "lacks its last entry": lambda v: v[:-1],
    "is read backwards": lambda v: v[::-1],
    "consists of its first entry": lambda v: v[:1],
    "consists of its last entry": lambda v: v[-1:],
    "begins with its first entry twice": lambda v: v[:1] + v,
    "ends with its last entry twice": lambda v: v + v[-1:],
}
ARRAYS = {
    "lacks its first entry along axis 0": lambda v: v[1:],
    "lacks its last entry along axis 0": lambda v: v[:-1],
    "is read backwards along axis 0": lambda v: v[::-1],
    "moves one place down its axis 0": lambda v: np.roll(v, 1, axis=0),
    "moves one place up its axis 0": lambda v: np.roll(v, -1, axis=0),
    "starts with zeros and moves one place down its axis 0": lambda v: np.concatenate(
        [0 * v[:1], v[:-1]]
    ),
    "repeats its first entry along axis 0": lambda v: np.repeat(v[:1], len(v), axis=0),
    "repeats its last entry along axis 0": lambda v: np.repeat(v[-1:], len(v), axis=0),
    "is 0 throughout": lambda v: 0 * v,
    "is 0 in its first entry along axis 0": lambda v: _zero(v, 0),
    "is 0 in its last entry along axis 0": lambda v: _zero(v, -1),
}
TABLES = {
    "is transposed": lambda v: np.swapaxes(v, -1, -2),
    "is read backwards along its last axis": lambda v: v[..., ::-1],
    "lacks its first entry along its last axis": lambda v: v[..., 1:],
    "lacks its last entry along its last axis": lambda v: v[..., :-1],
    "keeps its diagonal only": lambda v: v * np.eye(*v.shape[-2:]),
    "moves one place along its last axis": lambda v: np.roll(v, 1, axis=-1),
    "moves one place back along its last axis": lambda v: np.roll(v, -1, axis=-1),
}
WHOLE = {
    "is one less, in every entry": lambda v: v - 1,
    "is one more, in every entry": lambda v: v + 1,
}
FLOATS = {
    "is 1 throughout": np.ones_like,
    "has the other sign": lambda v: -v,
    "is doubled": lambda v: 2 * v,
    "is halved": lambda v: v / 2,
    "is squared": lambda v: v * v,
    "is replaced by 1 minus itself": lambda v: 1 - v,
    "goes through a tanh first": np.tanh,
    "goes through a sigmoid first": lambda v: sigmoid(v),
    "loses its signs": np.abs,
    "is replaced by its mean": lambda v: np.full_like(v, v.mean()),
}

# functions of the right result, or of an argument, that may have crept in or be missing
FUNCTIONS = {
    "tanh": np.tanh,
    "sigmoid": lambda a: sigmoid(a),
    "exp": np.exp,
    "log": np.log,
    "softmax over the last axis": lambda a: softmax(a),
    "max(·, 0)": lambda a: np.maximum(a, 0),
    "the absolute value": np.abs,
    "the square": np.square,
    "the root": np.sqrt,
    "the reciprocal": lambda a: 1 / a,
    "1 minus": lambda a: 1 - a,
    "the running sum along axis 0": lambda a: np.cumsum(a, axis=0),
    "the running sum along the last axis": lambda a: np.cumsum(a, axis=-1),
    "a cut at −1 and 1": lambda a: np.clip(a, -1, 1),
    "a cut at 0 and 1": lambda a: np.clip(a, 0, 1),
}
FACTORS = {
    "{}": lambda a: a,
    "1 − {}": lambda a: 1 - a,
    "1 − {}²": lambda a: 1 - a * a,
    "{}·(1 − {})": lambda a: a * (1 - a),
    "{}²": lambda a: a * a,
    "tanh({})": np.tanh,
    "1 − tanh²({})": lambda a: 1 - np.tanh(a) ** 2,
    "sigmoid({})": lambda a: sigmoid(a),
}
ARITHMETIC = {
    "plus": lambda e, a: e + a,
    "minus": lambda e, a: e - a,
    "times": lambda e, a: e * a,
    "divided by": lambda e, a: e / a,
}
SHAPES = {
    "has one entry too many along axis 0, the first": lambda e, g: g[1:],
    "has one entry too many along axis 0, the last": lambda e, g: g[:-1],
    "lacks the first entry along axis 0": lambda e, g: np.concatenate([e[:1], g]),
    "lacks the last entry along axis 0": lambda e, g: np.concatenate([g, e[-1:]]),
    "is the transpose of the right one": lambda e, g: np.swapaxes(g, -1, -2),
    "runs the other way along axis 0": lambda e, g: g[::-1],
    "runs the other way along its last axis": lambda e, g: g[..., ::-1],
    "stands one place too far down axis 0": lambda e, g: np.concatenate([g[1:], e[-1:]]),
    "stands one place too far up axis 0": lambda e, g: np.concatenate([e[:1], g[:-1]]),
    "is right but for the sum over axis 0": lambda e, g: g.sum(axis=0),
    "is right but for the sum over its last axis": lambda e, g: g.sum(axis=-1),
    "has the right numbers, sorted otherwise": lambda e, g: _like(e, g),
}
SIZES = {  # of a length n: what a result may be multiplied or divided by
    "{}": lambda n: n,
    "({} − 1)": lambda n: n - 1,
    "({} + 1)": lambda n: n + 1,
    "{} / ({} − 1)": lambda n: n / (n - 1),
    "{} / ({} + 1)": lambda n: n / (n + 1),
    "{}²": lambda n: n * n,
    "√{}": lambda n: n**0.5,
}
PLACES = {
    "Only its first entry along axis {} is right": lambda wrong: not wrong[0] and wrong[1:].all(),
    "Only its last entry along axis {} is right": lambda wrong: not wrong[-1] and wrong[:-1].all(),
    "Only its first entry along axis {} is wrong": lambda wrong: wrong[0] and not wrong[1:].any(),
    "Only its last entry along axis {} is wrong": lambda wrong: wrong[-1] and not wrong[:-1].any(),
}


def sigmoid(a):
    return 0.5 * (1 + np.tanh(0.5 * a))


def softmax(a):
    e = np.exp(a - a.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def _zero(value, index: int):
    value = value.copy()
    value[index] = 0
    return value


def _like(e, g):
    """The numbers of g in the order of e's."""
    ordered = np.empty_like(g).ravel()
    ordered[np.argsort(e, axis=None, kind="stable")] = np.sort(g, axis=None)
    return ordered.reshape(g.shape)


def ways(value) -> Iterator[tuple[str, Callable]]:
    """What an argument may be taken for."""
    if isinstance(value, np.ndarray) and value.ndim:
        yield from ARRAYS.items()
        yield from (TABLES if value.ndim > 1 else {}).items()
        yield from {"f": FLOATS, "i": WHOLE}.get(value.dtype.kind, {}).items()
    elif isinstance(value, bool):
        yield "is turned round", lambda v: not v
    elif isinstance(value, (int, np.integer, float, np.floating)):
        yield from NUMBERS.items()
        yield from ({} if isinstance(value, (int, np.integer)) else FRACTIONS).items()
    elif isinstance(value, (str, list, tuple)):
        yield from SEQUENCES.items()


@dataclass(frozen=True)
class Trial:
    """One more call: a case's arguments with one thing changed.

    kind is "changed", "zero", "first", "last", "short" or "again"; about is the position of the
    argument and, for an entry or a length, its axis. fresh: of a case that is only there to
    confirm what the others told.
    """

    number: int
    kind: str
    about: tuple
    args: tuple
    fresh: bool = False


def changes(number: int, args: tuple) -> Iterator[Trial]:
    """One thing changed, in every way that is known."""
    rng = np.random.default_rng([number, len(args)])

    def with_(position, value):
        return (*args[:position], value, *args[position + 1 :])

    for position, value in enumerate(args):
        if isinstance(value, np.ndarray) and value.ndim and value.size:
            noisy = _noisy(value, rng)
            yield Trial(number, "changed", (position,), with_(position, noisy))
            if value.dtype.kind == "f":
                yield Trial(number, "zero", (position,), with_(position, 0 * value))
            for axis in range(value.ndim):
                if value.shape[axis] > 1:
                    for kind, index in (("first", 0), ("last", -1)):
                        changed = value.copy()
                        place = (slice(None),) * axis + (index,)
                        changed[place] = noisy[place]
                        yield Trial(number, kind, (position, axis), with_(position, changed))
                    yield Trial(number, "short", (position, axis), _short(args, value.shape[axis]))
        elif isinstance(value, (float, np.floating)):
            yield Trial(number, "changed", (position,), with_(position, 1.25 * value))
            yield Trial(number, "zero", (position,), with_(position, 0.0))
        elif isinstance(value, (int, np.integer)) and not isinstance(value, bool) and value > 1:
            yield Trial(number, "changed", (position,), with_(position, value - 1))
        elif _arrays(value):
            noisy = [_noisy(one, rng) for one in value]
            yield Trial(number, "changed", (position,), with_(position, noisy))
        elif isinstance(value, (list, str)) and len(value) > 1:
            yield Trial(number, "changed", (position,), with_(position, value[::-1]))


def _arrays(value) -> bool:
    """Whether it is a list of arrays of floats, such as the weights of a layer."""
    return isinstance(value, list) and bool(value) and all(
        isinstance(one, np.ndarray) and one.dtype.kind == "f" and one.size for one in value
    )  # fmt: skip


def only_reordered(value) -> bool:
    """Whether "changed" gives the same entries in another order: whole numbers, lists, texts."""
    whole = isinstance(value, np.ndarray) and value.dtype.kind != "f"
    return whole or (isinstance(value, (list, str)) and not _arrays(value))


def others_changed(args: tuple, position: int | None) -> tuple:
    """Everything changed but one argument."""
    rng = np.random.default_rng(len(args))
    return tuple(
        _noisy(value, rng)
        if isinstance(value, np.ndarray) and value.size and number != position
        else 1.25 * value
        if isinstance(value, (float, np.floating)) and number != position
        else value
        for number, value in enumerate(args)
    )


def _noisy(value, rng):
    """Other numbers of the same kind and range."""
    if value.dtype.kind != "f":
        return np.roll(value, 1) if value.ndim == 1 else np.roll(value, 1, axis=0)
    moved = value + 0.5 * (value.std() or 1.0) * rng.standard_normal(value.shape)
    if value.min() >= 0 and value.max() <= 1:
        return moved.clip(0.02, 0.98)
    return moved.astype(value.dtype)


def _short(args: tuple, length: int) -> tuple:
    """Every axis of this length cut to its first entry."""
    return tuple(
        a[tuple(slice(1) if n == length else slice(None) for n in a.shape)]
        if isinstance(a, np.ndarray)
        else a
        for a in args
    )
