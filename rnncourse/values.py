"""What a learner's value may be, and how it travels: for `check` and the class grader alike.

Portable form: None, bool, int, float, complex, str, lists, tuples, dictionaries with string keys,
NumPy arrays of numbers, `Tensor` for what came as a torch tensor, and `Opaque`, which only names
its type, for everything else. Subclasses count as what they are made of, whatever their methods
say. Size, number of parts and depth are bounded; a value beyond that is `TooLarge`.

Wire form: a tag, then the content; arrays as dtype, shape and bytes. Nothing is ever unpickled or
evaluated and every length is checked against what is left, so the worst a forged message can be
is a wrong answer. Messages travel as frames: a length of four bytes, then that many bytes.

This module needs only the standard library and NumPy: it is all that the grader and a student's
process share.
"""

from __future__ import annotations

import struct
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

MAX_BYTES = 4 << 20  # one value: half a million float64 numbers
MAX_DEPTH = 12
MAX_ITEMS = 100_000
MAX_BITS = 1023  # of an integer: a float can hold it
MAX_FRAME = MAX_BYTES + 16
DTYPES = (  # the position is the code on the wire
    "|b1", "|i1", "|u1", "<i2", "<u2", "<i4", "<u4", "<i8", "<u8",
    "<f2", "<f4", "<f8", "<c8", "<c16",
)  # fmt: skip
NARROWER = {"g": "<f8", "G": "<c16"}  # extended precision, which not every machine has


class TooLarge(ValueError):
    """A value of more bytes, parts, levels or bits than an answer may have."""


class WireError(ValueError):
    """A message that is not a value."""


@dataclass(frozen=True, eq=False)
class Tensor:
    """The values of a torch tensor."""

    array: np.ndarray


@dataclass(frozen=True)
class Opaque:
    """An object of a type that is no value, of which only the type's name is known."""

    type_name: str


def usable(value):
    """A portable value to compute with: arrays for tensors, at every depth."""
    if isinstance(value, Tensor):
        return value.array
    if isinstance(value, dict):
        return {key: usable(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(map(usable, value))
    return value


def portable(value):
    """A copy of an answer's value in portable form: what is left of it after the journey."""
    return decode(encode_answer(value), Tensor)[0]


def encode_answer(value, changed: Sequence[int] = (), ran: Sequence[str] = ()) -> bytes:
    """What a call gave, the positions of the arguments that it changed, and what of the course's
    package it ran, if anything."""
    return encode([value, list(changed), list(ran)] if ran else [value, list(changed)])


def changed(case: bytes, arguments: Sequence) -> list[int]:
    """The positions of the arguments that are no longer what they are in the encoded case."""
    if encode(list(arguments)) == case:
        return []
    before = decode(case, Tensor)
    return [
        n
        for n, one in enumerate(arguments)
        if encode(one) != encode(before[n]) and not _dust(one, before[n])
    ]


def _dust(one, other) -> bool:
    """Whether two arrays of floats differ by rounding alone: w[i] += eps, then w[i] -= eps."""
    arrays = isinstance(one, np.ndarray) and isinstance(other, np.ndarray)
    if not arrays or (one.dtype, one.shape) != (other.dtype, other.shape) or one.dtype.kind != "f":
        return False
    most = 8 * np.finfo(one.dtype).eps
    return bool(np.allclose(one, other, rtol=most, atol=most, equal_nan=True))


# --- to bytes -------------------------------------------------------------------------------
def encode(value, tensors: bool = False) -> bytes:
    """The bytes of a value. Unknown types become `Opaque`; raises TooLarge.

    With tensors, arrays are marked to be handed over as torch tensors.
    """
    parts: list[bytes] = []
    _put(value, parts, 0, [MAX_ITEMS], b"x" if tensors else b"a")
    data = b"".join(parts)
    _check_size(len(data), "the value")
    return data


def _check_size(size: int, what: str) -> None:
    if size > MAX_BYTES:
        raise TooLarge(f"{what} takes {size:,} bytes, the limit is {MAX_BYTES:,}")


def _check_parts(depth: int, left: list[int]) -> str:
    """Count one part; say why it is one too many, or ""."""
    left[0] -= 1
    if depth > MAX_DEPTH:
        return f"the value is nested more than {MAX_DEPTH - 1} deep"  # it stands in a list itself
    return f"the value has more than {MAX_ITEMS:,} parts" if left[0] < 0 else ""


def _put(value, parts: list[bytes], depth: int, left: list[int], mark: bytes) -> None:
    if trouble := _check_parts(depth, left):
        raise TooLarge(trouble)
    if value is None:
        parts.append(b"N")
    elif isinstance(value, (bool, np.bool_)):
        parts.append(b"T" if value else b"F")
    elif isinstance(value, int):
        _put_int(int.__int__(value), parts)
    elif isinstance(value, np.integer):
        _put_int(int(value), parts)
    elif isinstance(value, float):
        parts.append(b"f" + struct.pack("<d", float.__float__(value)))
    elif isinstance(value, np.floating):
        parts.append(b"f" + struct.pack("<d", float(value)))
    elif isinstance(value, (complex, np.complexfloating)):
        value = complex.__complex__(value) if isinstance(value, complex) else complex(value)
        parts.append(b"c" + struct.pack("<dd", value.real, value.imag))
    elif isinstance(value, str):
        _put_text(b"s", str.__str__(value), parts)
    elif isinstance(value, np.ndarray):
        _put_array(np.asarray(value), parts, depth, left, mark)
    elif isinstance(value, list):
        _put_items(b"l", list.__getitem__(value, slice(None)), parts, depth, left, mark)
    elif isinstance(value, tuple):
        _put_items(b"t", tuple.__getitem__(value, slice(None)), parts, depth, left, mark)
    elif isinstance(value, dict):
        pairs = list(dict.items(value))
        parts.append(b"d" + struct.pack("<I", len(pairs)))
        for key, item in pairs:
            _put(str(key), parts, depth + 1, left, mark)
            _put(item, parts, depth + 1, left, mark)
    elif isinstance(value, Tensor):
        _put_array(value.array, parts, depth, left, b"x")
    elif "torch" in sys.modules and isinstance(value, sys.modules["torch"].Tensor):
        _put_tensor(value, parts, depth, left)
    else:
        name = value.type_name if isinstance(value, Opaque) else type(value).__name__
        _put_text(b"o", str(name)[:80], parts)


def _put_items(tag: bytes, items, parts: list[bytes], depth: int, left: list[int], mark) -> None:
    parts.append(tag + struct.pack("<I", len(items)))
    for item in items:
        _put(item, parts, depth + 1, left, mark)


def _put_text(tag: bytes, text: str, parts: list[bytes]) -> None:
    _check_size(len(text), "a text")
    raw = text.encode("utf-8", "replace")
    parts.append(tag + struct.pack("<I", len(raw)) + raw)


def _put_int(value: int, parts: list[bytes]) -> None:
    if -(2**63) <= value < 2**63:
        parts.append(b"i" + struct.pack("<q", value))
    elif value.bit_length() <= MAX_BITS:
        raw = value.to_bytes(value.bit_length() // 8 + 1, "little", signed=True)
        parts.append(b"I" + struct.pack("<I", len(raw)) + raw)
    else:
        raise TooLarge(f"an integer has {value.bit_length():,} bits, the limit is {MAX_BITS:,}")


def _put_array(array, parts: list[bytes], depth: int, left: list[int], mark: bytes) -> None:
    _check_size(array.nbytes, f"an array of shape {array.shape}")
    if array.dtype.kind == "U":  # travels as a list of its texts
        left[0] += 1  # counted already
        return _put(array.tolist(), parts, depth, left, mark)
    kind = NARROWER.get(array.dtype.char, array.dtype.newbyteorder("<").str)
    if kind not in DTYPES:
        return _put_text(b"o", f"array of dtype {array.dtype}"[:80], parts)
    head = struct.pack(f"<BB{array.ndim}Q", DTYPES.index(kind), array.ndim, *array.shape)
    parts.append(mark + head + array.astype(kind, copy=False).tobytes())
    return None


def _put_tensor(value, parts: list[bytes], depth: int, left: list[int]) -> None:
    name, value = f"tensor of dtype {value.dtype}", value.detach()
    _check_size(value.numel() * value.element_size(), f"a tensor of shape {tuple(value.shape)}")
    try:
        value = value.float() if name.endswith("bfloat16") else value
        array = value.cpu().resolve_conj().resolve_neg().numpy()
    except (TypeError, RuntimeError):  # sparse, quantised, eight bits, without data, …
        return _put_text(b"o", name, parts)
    return _put_array(array, parts, depth, left, b"x")


# --- from bytes -----------------------------------------------------------------------------
def decode(data: bytes, tensor: Callable | None = None):
    """The value in some bytes. tensor makes a tensor of an array that was marked as one."""
    value, end = _get(memoryview(data), 0, 0, [MAX_ITEMS], tensor)
    if end != len(data):
        raise WireError("bytes are left over after the value")
    return value


def _take(data: memoryview, at: int, count: int) -> tuple[memoryview, int]:
    if count > len(data) - at:
        raise WireError("the message ends early")
    return data[at : at + count], at + count


def _get(data: memoryview, at: int, depth: int, left: list[int], tensor):
    if trouble := _check_parts(depth, left):
        raise WireError(trouble)
    tag, at = _take(data, at, 1)
    tag = bytes(tag)
    if tag in _CONSTANTS:
        return _CONSTANTS[tag], at
    if tag in _FIXED:
        form, make = _FIXED[tag]
        raw, at = _take(data, at, struct.calcsize(form))
        return make(*struct.unpack(form, raw)), at
    if tag in b"ax":
        return _get_array(data, at, tensor if tag == b"x" else None)
    if tag not in b"sIoltd":
        raise WireError(f"unknown tag {tag!r}")
    raw, at = _take(data, at, 4)
    (count,) = struct.unpack("<I", raw)
    if tag in b"sIo":
        raw, at = _take(data, at, count)
        if tag == b"I":
            return _get_int(raw), at
        text = bytes(raw).decode("utf-8", "replace")
        return (Opaque(" ".join(text.split())) if tag == b"o" else text), at
    items = []
    for _ in range(count * 2 if tag == b"d" else count):
        item, at = _get(data, at, depth + 1, left, tensor)
        items.append(item)
    if tag == b"d":
        return dict(zip(map(str, items[::2]), items[1::2], strict=True)), at
    return (items if tag == b"l" else tuple(items)), at


_CONSTANTS = {b"N": None, b"T": True, b"F": False}
_FIXED = {b"i": ("<q", int), b"f": ("<d", float), b"c": ("<dd", complex)}


def _get_int(raw: memoryview) -> int:
    value = int.from_bytes(raw[: MAX_BITS // 8 + 2], "little", signed=True)
    if value.bit_length() > MAX_BITS:
        raise WireError("not an integer")
    return value


def _get_array(data: memoryview, at: int, tensor):
    raw, at = _take(data, at, 2)
    code, ndim = raw
    if code >= len(DTYPES) or ndim > 32:
        raise WireError("not an array")
    raw, at = _take(data, at, 8 * ndim)
    shape = struct.unpack(f"<{ndim}Q", raw)
    dtype = np.dtype(DTYPES[code])
    size = dtype.itemsize
    for n in shape:  # Python integers: no overflow
        size *= n
    raw, at = _take(data, at, size)
    if dtype.kind == "b" and np.frombuffer(raw, np.uint8).max(initial=0) > 1:
        raise WireError("not an array of booleans")
    if any(n > 2**40 for n in shape):
        raise WireError("not an array")
    array = np.frombuffer(raw, dtype).reshape(shape).copy()  # no stray base, writable
    return (tensor(array) if tensor else array), at


# --- frames ---------------------------------------------------------------------------------
def send_frame(write: Callable[[memoryview], int], data: bytes) -> None:
    """Send a message with its length before it. write sends some of what it gets: how much."""
    view = memoryview(struct.pack("<I", len(data)) + data)
    while view:
        view = view[write(view) :]


def receive_frame(read: Callable[[int], bytes], most: int = MAX_FRAME) -> bytes:
    """One message, and nothing of what comes after it. read gives at most so many bytes, b"" at
    the end: EOFError. A longer message than `most` raises OverflowError before it is read."""
    (length,) = struct.unpack("<I", _read_exactly(read, 4))
    if length > most:
        raise OverflowError
    return _read_exactly(read, length)


def _read_exactly(read: Callable[[int], bytes], count: int) -> bytes:
    parts = []
    while count:
        part = read(min(count, 1 << 16))
        if not part:
            raise EOFError
        parts.append(part)
        count -= len(part)
    return b"".join(parts)
