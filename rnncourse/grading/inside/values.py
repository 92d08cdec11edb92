"""Values on the wire between the grader and a student's process.

A message is a length and that many bytes. Inside it a value is a tag followed by its content:
numbers, strings, lists, dictionaries with string keys, and arrays as dtype, shape and bytes.
Nothing is ever unpickled or evaluated, every length is checked against what is left, and depth
and size are bounded, so the worst a forged message can be is a wrong answer. This module needs
only the standard library and NumPy: the sandbox loads a copy of it.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

import numpy as np

MAX_BYTES = 4 << 20  # one value: half a million float64 numbers
MAX_DEPTH = 12
MAX_ITEMS = 100_000
DTYPES = (  # the position is the code on the wire
    "|b1", "|i1", "|u1", "<i2", "<u2", "<i4", "<u4", "<i8", "<u8",
    "<f2", "<f4", "<f8", "<c8", "<c16",
)  # fmt: skip


class WireError(ValueError):
    """A message that is not a value, or a value that may not travel."""


@dataclass(frozen=True)
class Opaque:
    """Stands for an object of a type that does not travel; only the name of its type does."""

    type_name: str


def encode(value, tensors: bool = False) -> bytes:
    """The bytes of a value. Unknown types become `Opaque`; raises WireError if it is too big.

    With tensors, arrays are marked to be handed over as torch tensors.
    """
    parts: list[bytes] = []
    _put(value, parts, 0, [MAX_ITEMS], b"x" if tensors else b"a")
    data = b"".join(parts)
    if len(data) > MAX_BYTES:
        raise WireError(f"the value takes {len(data):,} bytes, the limit is {MAX_BYTES:,}")
    return data


def _put(value, parts: list[bytes], depth: int, left: list[int], mark: bytes) -> None:
    left[0] -= 1
    if depth > MAX_DEPTH or left[0] < 0:
        raise WireError("the value is nested too deeply or has too many parts")
    if value is None:
        parts.append(b"N")
    elif isinstance(value, (bool, np.bool_)):
        parts.append(b"T" if value else b"F")
    elif isinstance(value, (int, np.integer)):
        _put_int(int(value), parts)
    elif isinstance(value, (float, np.floating)):
        parts.append(b"f" + struct.pack("<d", float(value)))
    elif isinstance(value, (complex, np.complexfloating)):
        value = complex(value)
        parts.append(b"c" + struct.pack("<dd", value.real, value.imag))
    elif isinstance(value, str):
        text = str(value).encode("utf-8", "replace")
        parts.append(b"s" + struct.pack("<I", len(text)) + text)
    elif isinstance(value, np.ndarray):
        _put_array(mark, value, parts)
    elif isinstance(value, (list, tuple)):
        parts.append((b"l" if isinstance(value, list) else b"t") + struct.pack("<I", len(value)))
        for item in value:
            _put(item, parts, depth + 1, left, mark)
    elif isinstance(value, dict):
        parts.append(b"d" + struct.pack("<I", len(value)))
        for key, item in value.items():
            _put(str(key), parts, depth + 1, left, mark)
            _put(item, parts, depth + 1, left, mark)
    elif hasattr(value, "detach") and hasattr(value, "numpy"):  # a torch tensor, torch not imported
        value = value.detach().cpu().resolve_conj().resolve_neg()
        _put_array(b"x", (value.float() if "bfloat" in str(value.dtype) else value).numpy(), parts)
    elif type(value).__name__ == "Tensor" and isinstance(getattr(value, "array", None), np.ndarray):
        _put_array(b"x", value.array, parts)
    else:
        name = value.type_name if isinstance(value, Opaque) else type(value).__name__
        text = str(name)[:80].encode("utf-8", "replace")
        parts.append(b"o" + struct.pack("<I", len(text)) + text)


def _put_int(value: int, parts: list[bytes]) -> None:
    if -(2**63) <= value < 2**63:
        parts.append(b"i" + struct.pack("<q", value))
    elif value.bit_length() <= 8 * 1024:
        raw = value.to_bytes(value.bit_length() // 8 + 1, "little", signed=True)
        parts.append(b"I" + struct.pack("<I", len(raw)) + raw)
    else:
        raise WireError("the number has more than 8,192 bits")


def _put_array(tag: bytes, value, parts: list[bytes]) -> None:
    array = np.asarray(value)
    kind = array.dtype.newbyteorder("<").str
    if kind not in DTYPES:
        if array.dtype.kind in "US":  # an array of strings travels as a list of them
            return _put(array.tolist(), parts, 1, [MAX_ITEMS], tag)
        text = f"array of {array.dtype}"[:80].encode("utf-8", "replace")
        parts.append(b"o" + struct.pack("<I", len(text)) + text)
        return None
    if array.nbytes > MAX_BYTES:
        raise WireError(f"an array of shape {array.shape} takes more than {MAX_BYTES:,} bytes")
    head = struct.pack(f"<BB{array.ndim}Q", DTYPES.index(kind), array.ndim, *array.shape)
    parts.append(tag + head + array.astype(kind, copy=False).tobytes())
    return None


def decode(data: bytes, tensor=None):
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
    left[0] -= 1
    if depth > MAX_DEPTH or left[0] < 0:
        raise WireError("the value is nested too deeply or has too many parts")
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
            return int.from_bytes(raw[:1032], "little", signed=True), at
        text = bytes(raw).decode("utf-8", "replace")
        return (Opaque(text) if tag == b"o" else text), at
    items = []
    for _ in range(count * 2 if tag == b"d" else count):
        item, at = _get(data, at, depth + 1, left, tensor)
        items.append(item)
    if tag == b"d":
        return dict(zip(map(str, items[::2]), items[1::2], strict=True)), at
    return (items if tag == b"l" else tuple(items)), at


_CONSTANTS = {b"N": None, b"T": True, b"F": False}
_FIXED = {b"i": ("<q", int), b"f": ("<d", float), b"c": ("<dd", complex)}


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
