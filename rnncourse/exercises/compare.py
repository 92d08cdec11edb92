"""Compare two values in portable form and say in one sentence where they first differ."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rnncourse.values import Opaque, Tensor

SPELLING = "It is a matter of spelling."
KINDS = {"b": "booleans", "i": "integers", "u": "integers", "f": "floats", "c": "complex numbers"}


@dataclass(frozen=True)
class Difference:
    """The first place where two values differ.

    kind: "none", "type", "length", "order", "keys", "shape", "dtype", "nan", "inf", "value";
    the kind of the outcome where there is no value. where is the index as text, "" at the top.
    """

    kind: str
    text: str
    where: str = ""
    expected: object = None
    got: object = None
    otherwise: Difference | None = None  # of "order": the first entry that is wrong in its place


def compare(expected, got, rtol: float = 1e-5, atol: float = 1e-6, where: str = ""):
    """None if got is right, else the first `Difference`."""
    at = f"the entry at {where}" if where else "it"
    if got is None and expected is not None:
        text = f"{at} is None." if where else "None came back. Did you forget return?"
        return Difference("none", text, where)
    if isinstance(expected, (np.ndarray, Tensor)):
        return _compare_arrays(expected, got, rtol, atol, where)
    if isinstance(expected, (list, tuple)):
        return _compare_lists(expected, got, rtol, atol, where)
    if isinstance(expected, dict):
        return _compare_dicts(expected, got, rtol, atol, where)
    if isinstance(got, (np.ndarray, Tensor)) and not isinstance(expected, (str, type(None))):
        array = got.array if isinstance(got, Tensor) else got
        if array.ndim:
            return Difference("type", _instead(expected, got, where), where)
        got = array.item()
    if isinstance(expected, bool) or expected is None or isinstance(expected, str):
        if type(expected) is not type(got):
            return Difference("type", _instead(expected, got, where), where)
        if expected == got:
            return None
        text = f"{_you_have(got, where)}, {_short(expected)} is expected."
        if isinstance(expected, str) and "" != _letters(expected) == _letters(got):
            text += " " + SPELLING
        return Difference("value", text, where, expected, got)
    return _compare_numbers(expected, got, rtol, atol, where)


def adapted(expected, got):
    """got in the container and the number type of expected, where nothing is lost by that."""
    if isinstance(expected, np.ndarray):
        got = got.array if isinstance(got, Tensor) else got
        if isinstance(got, (list, tuple)) and (_regular(got) or _rows_of(expected, got)):
            got = np.array(got)
        elif isinstance(got, (list, tuple)) and expected.ndim > 1 and len(got) == len(expected):
            rows = [adapted(one, other) for one, other in zip(expected, got, strict=True)]
            if all(isinstance(row, np.ndarray) and row.shape == expected.shape[1:] for row in rows):
                got = np.array(rows)
        return _retyped(expected, got) if isinstance(got, np.ndarray) else got
    if isinstance(expected, Tensor) and isinstance(got, (np.ndarray, Tensor)):
        array = got.array if isinstance(got, Tensor) else got
        return Tensor(_retyped(expected.array, array))
    if isinstance(expected, (list, tuple)):
        array = got.array if isinstance(got, Tensor) else got
        if isinstance(array, np.ndarray) and array.ndim == 1 and all(map(_numeric, expected)):
            return array.tolist()
        if _array(array) and array.ndim > 1 and all(map(_array, expected)):
            got = list(array) if len(array) == len(expected) else got
        if isinstance(got, (list, tuple)) and len(got) == len(expected):
            return [adapted(one, other) for one, other in zip(expected, got, strict=True)]
    if isinstance(expected, dict) and isinstance(got, dict):
        return {k: adapted(expected[k], v) if k in expected else v for k, v in got.items()}
    return got


def _array(value) -> bool:
    return isinstance(value, (np.ndarray, Tensor))


def _regular(value) -> bool:
    """Numbers, or rows of one length, all the way down."""
    if not isinstance(value, (list, tuple)):
        return _numeric(value)
    rows = [len(one) if isinstance(one, (list, tuple)) else None for one in value]
    return len(set(rows)) < 2 and all(map(_regular, value))


def _rows_of(expected: np.ndarray, got) -> bool:
    """Whether got holds, as arrays of numbers, as many rows as an array, of the same shape."""
    return 0 < len(got) == len(expected) and all(
        isinstance(row, np.ndarray)
        and row.ndim
        and row.shape == expected.shape[1:]
        and row.dtype.kind in "iuf"
        for row in got
    )


def _retyped(expected: np.ndarray, got: np.ndarray) -> np.ndarray:
    kinds = expected.dtype.kind, got.dtype.kind
    if kinds[0] in "iu" and kinds[1] == "b":
        same = expected.shape == got.shape and np.array_equal(expected, got)
        return got.astype(expected.dtype) if same else got
    if kinds[0] == "f" and kinds[1] in "iu":
        whole = expected.shape == got.shape and np.allclose(expected, got)
        return got.astype(expected.dtype) if whole else got
    if kinds[0] in "iu" and kinds[1] == "f" and (abs(got) < 2**53).all():
        return got.astype(expected.dtype) if (got == got.round()).all() else got
    return got


def _compare_numbers(expected, got, rtol, atol, where):
    if isinstance(got, bool) or not isinstance(got, (int, float, complex)):
        return Difference("type", _instead(expected, got, where), where)
    one, other = _as_array(expected), _as_array(got)
    if close(one, other, rtol, atol).all():
        return None
    kind = "value"
    if np.isnan(other):
        kind = "nan"
    elif np.isinf(other) and not np.isinf(one):
        kind = "inf"
    digits = _digits(expected, got)
    text = f"{_you_have(got, where, digits)}, {format_number(expected, digits)} is expected."
    return Difference(kind, text, where, expected, got)


def _letters(text: str) -> str:
    """A short text without capitals, spaces and signs."""
    return "".join(c for c in text[:100].lower() if c.isalnum())


def _as_array(number) -> np.ndarray:
    """NumPy has no integers beyond 64 bits, but a float can hold every one that travels."""
    large = isinstance(number, int) and abs(number) >= 2**63
    return np.asarray(float(number) if large else number)


def _compare_lists(expected, got, rtol, atol, where):
    if not isinstance(got, (list, tuple)):
        return Difference("type", _instead(expected, got, where), where)
    if len(expected) != len(got):
        have = f"{len(got)} value{'s' * (len(got) != 1)}"
        at = f" at {where}" if where else ""
        text = f"{have} came back{at}, {len(expected)} are expected."
        return Difference("length", text, where, len(expected), len(got))
    if {*map(type, expected), *map(type, got)} <= {int, float} and list(expected) == list(got):
        return None  # however long
    for index, (one, other) in enumerate(zip(expected, got, strict=True)):
        found = compare(one, other, rtol, atol, f"{where}[{index}]")
        if found and _in_another_order(expected, got, rtol, atol):
            of = f" at {where}" if where else ""
            text = f"the values{of} are right, but they come in another order."
            return Difference("order", text, where, otherwise=found)
        if found:
            return found
    return None


def _in_another_order(expected, got, rtol, atol) -> bool:
    """Whether a short tuple or list holds what it should, each once, in the wrong places."""
    left = list(got) if len(got) <= 8 else []
    for one in expected:
        same = [i for i, other in enumerate(left) if compare(one, other, rtol, atol) is None]
        if not same:
            return False
        del left[same[0]]
    return True


def _compare_dicts(expected, got, rtol, atol, where):
    if not isinstance(got, dict):
        return Difference("type", _instead(expected, got, where), where)
    missing = [key for key in expected if key not in got]
    extra = [key for key in got if key not in expected]
    if missing or extra:
        text = (
            f"the key {missing[0]!r} is missing."
            if missing
            else (f"the key {extra[0]!r:.40} is not expected.")
        )
        return Difference("keys", text, where)
    for key in expected:
        found = compare(expected[key], got[key], rtol, atol, f"{where}[{key!r}]")
        if found:
            return found
    return None


def _compare_arrays(expected, got, rtol, atol, where):
    if type(expected) is not type(got):
        number = isinstance(got, (int, float, complex)) and not isinstance(got, bool)
        plain = expected.array if isinstance(expected, Tensor) else expected
        if number and plain.ndim == 0:
            return _compare_numbers(plain.item(), got, rtol, atol, where)
        return Difference("type", _instead(expected, got, where), where)
    if isinstance(expected, Tensor):
        expected, got = expected.array, got.array
    at = f" at {where}" if where else ""
    if expected.shape != got.shape:
        text = f"shape {got.shape} came back{at}, {expected.shape} is expected."
        if expected.size == got.size and close(expected.ravel(), got.ravel(), rtol, atol).all():
            text += " The numbers themselves are right."
        elif got.ndim > 1 and got.T.shape == expected.shape:
            text += " Its transpose would have that shape."
        else:
            text += _missing_sum(expected, got, rtol, atol)
        return Difference("shape", text, where, expected.shape, got.shape)
    good = close(expected, got, rtol, atol)
    family = {"u": "i"}
    kinds = [family.get(array.dtype.kind, array.dtype.kind) for array in (expected, got)]
    if kinds[0] != kinds[1]:
        text = (
            f"{KINDS[kinds[1]]} ({got.dtype}) came back{at}, "
            f"{KINDS[kinds[0]]} ({expected.dtype}) are expected."
        )
        if good.all():
            text += " The numbers themselves are right."
        return Difference("dtype", text, where, expected.dtype.name, got.dtype.name)
    if good.all():
        return None
    return _first_entry(expected, got, good, where)


def _missing_sum(expected, got, rtol, atol) -> str:
    """Whether summing one axis of got would make it right, as a sentence."""
    for axis in range(got.ndim if got.dtype.kind in "iufc" else 0):
        left = got.shape[:axis] + got.shape[axis + 1 :]  # zeros (2**28, 0) would give 2 GB of sums
        if left == expected.shape and close(expected, got.sum(axis=axis), rtol, atol).all():
            return f" Is a sum over axis {axis} missing?"
    return ""


def _first_entry(expected, got, good, where):
    index = tuple(int(i) for i in np.argwhere(~good)[0])
    one, other = expected[index].item(), got[index].item()
    place = where + str(list(index)) if index else where
    kind = "value"
    about = f"{int((~good).sum())} of {good.size} entries differ"
    if np.isnan(other):
        kind, about = "nan", f"{int(np.isnan(got).sum())} of {got.size} entries are nan"
    elif np.isinf(other) and not np.isinf(one):
        kind, about = "inf", f"{int(np.isinf(got).sum())} of {got.size} entries are infinite"
    digits = _digits(one, other)
    text = (
        f"{_you_have(other, place, digits)}, {format_number(one, digits)} is expected "
        f"({about}; shape {got.shape}, {got.dtype})."
    )
    return Difference(kind, text, place, one, other)


def close(expected: np.ndarray, got: np.ndarray, rtol: float, atol: float) -> np.ndarray:
    """Where two arrays of one shape agree; infinities and nan agree with their like only."""
    with np.errstate(all="ignore"):
        if expected.dtype.kind == "b" or got.dtype.kind == "b":
            return np.asarray(expected == got)
        return np.isclose(got, expected, rtol=rtol, atol=atol, equal_nan=True)


def _instead(expected, got, where: str) -> str:
    at = f" at {where}" if where else ""
    text = f"{describe(got)} came back{at}, {describe(expected)} is expected."
    if isinstance(expected, np.ndarray) and isinstance(got, (list, tuple)):
        rows = [row for row in got if isinstance(row, (list, tuple)) or _shape(row)]
        lengths = sorted({len(row) for row in rows})
        if len(lengths) > 1:
            return text + f" (Its rows have different lengths: {lengths[0]} to {lengths[-1]}.)"
        if isinstance(got, tuple) and any(_shape(one) == expected.shape for one in got):
            return text + " Return one array alone."
        return text + " np.array or np.stack makes one."
    if isinstance(expected, np.ndarray) and isinstance(got, Tensor):
        return text + " Compute with NumPy, or end with .numpy()."
    if isinstance(got, Opaque) and got.type_name in ("function", "method", "builtin_function"):
        return text + " Is a pair of parentheses missing?"
    return text


def _shape(value) -> tuple[int, ...] | None:
    """Of an array; that of anything else would have to be computed, at any cost."""
    return value.shape if isinstance(value, np.ndarray) else None


def describe(value) -> str:
    """What kind of value this is, in a few words."""
    if isinstance(value, Tensor):
        return f"a torch tensor of shape {value.array.shape}"
    if isinstance(value, np.ndarray):
        return f"an array of shape {value.shape}"
    if value is None:
        return "None"
    if isinstance(value, bool):
        return f"the truth value {value}"
    if isinstance(value, (int, float, complex)):
        return "a number"
    if isinstance(value, str):
        return "a text"
    if isinstance(value, (list, tuple)):
        name = type(value).__name__
        return f"a {name} of {len(value)}" if len(value) else f"an empty {name}"
    if isinstance(value, dict):
        return f"a dict of {len(value)}"
    name = value.type_name[:60]
    return f"{'an' if name[:1].lower() in 'aeiou' else 'a'} {name}"


def _you_have(value, where: str, digits: int = 4) -> str:
    text = format_number(value, digits) if _numeric(value) else _short(value)
    return f"at {where} you have {text}" if where else f"you have {text}"


def _numeric(value) -> bool:
    return isinstance(value, (int, float, complex)) and not isinstance(value, bool)


def _short(value) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:59] + "…"


def _digits(one, other) -> int:
    """Enough digits to tell two numbers apart."""
    return next((d for d in (4, 6, 9, 12) if format_number(one, d) != format_number(other, d)), 17)


def format_number(value, digits: int = 4) -> str:
    """The number with so many significant digits."""
    if isinstance(value, complex):
        return f"{value:.{digits}g}"
    if isinstance(value, (int, np.integer)) and abs(value) < 10**12:
        return str(int(value))
    return f"{float(value):.{digits}g}"
