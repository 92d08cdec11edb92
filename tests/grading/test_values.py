"""What a value may be, how it travels, and that `check` and the class grader agree on it."""

from __future__ import annotations

import contextlib
import struct

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from rnncourse import values
from rnncourse.bank import Question
from rnncourse.exercises.check import Printed, attempt, examine
from rnncourse.exercises.judge import Judge, Outcome, Verdict, draw_cases, encode_case
from rnncourse.grading import sandbox
from rnncourse.grading.grader import outcome
from rnncourse.grading.oracle import read_outcome

needs_sandbox = pytest.mark.skipif(bool(sandbox.obstacles()), reason="no sandbox on this machine")

integers = st.integers(-(2**values.MAX_BITS) + 1, 2**values.MAX_BITS - 1)
scalars = st.none() | st.booleans() | integers | st.floats() | st.text() | st.complex_numbers()
arrays = hnp.arrays(
    st.sampled_from(["f4", "f8", "i8", "u1", "bool", "c16"]), hnp.array_shapes(min_dims=0)
)
anything = st.recursive(
    scalars | arrays,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.tuples(inner, inner)
        | st.dictionaries(st.text(), inner, max_size=3)
    ),
    max_leaves=12,
)


def same(one, other) -> bool:
    if isinstance(one, np.ndarray):
        about = (one.dtype, one.shape, one.tobytes())
        return about == (other.dtype, other.shape, other.tobytes())
    if isinstance(one, values.Tensor):
        return isinstance(other, values.Tensor) and same(one.array, other.array)
    if isinstance(one, (list, tuple)):
        return type(one) is type(other) and len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, dict):
        return list(one) == list(other) and all(map(same, one.values(), other.values()))
    return type(one) is type(other) and (one == other or one != one)


@given(anything)
@settings(max_examples=150, deadline=None)
def test_values_survive_the_wire(value):
    assert same(value, values.decode(values.encode(value)))


@given(st.binary(max_size=300))
@settings(max_examples=400, deadline=None)
def test_noise_never_does_more_than_fail(data):
    with contextlib.suppress(ValueError):
        values.decode(data, values.Tensor)


@given(anything, st.data())
@settings(max_examples=150, deadline=None)
def test_damaged_messages_never_do_more_than_fail(value, data):
    message = bytearray(values.encode(value))
    for _ in range(data.draw(st.integers(1, 4))):
        message[data.draw(st.integers(0, len(message) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(ValueError):
        values.decode(bytes(message), values.Tensor)


def test_what_has_no_form_on_the_wire_is_only_named():
    assert values.decode(values.encode(object())) == values.Opaque("object")
    assert values.decode(values.encode(np.array([None]))) == values.Opaque("array of dtype object")
    assert values.decode(values.encode(np.array(["a", "b"]))) == ["a", "b"]


@pytest.mark.parametrize(
    "value",
    [np.zeros(10**7), "x" * 10**7, 10**9999, [[[[[[[[[[[[[[1]]]]]]]]]]]]]], [0] * 200_000],
    ids=["array", "text", "number", "depth", "items"],
)
def test_too_big_a_value_stays_at_home(value):
    with pytest.raises(values.TooLarge):
        values.encode(value)


def head(tag: bytes, count: int) -> bytes:
    return tag + struct.pack("<I", count)


FORGED = {
    "depth": (values.MAX_DEPTH, lambda n: head(b"l", 1) * n + b"N"),
    "parts": (values.MAX_ITEMS - 1, lambda n: head(b"l", n) + b"N" * n),
    "bits": (
        values.MAX_BITS,
        lambda n: head(b"I", n // 8 + 1) + (1 << n - 1).to_bytes(n // 8 + 1, "little"),
    ),
}


@pytest.mark.parametrize(("most", "message"), FORGED.values(), ids=FORGED)
def test_a_forged_message_is_held_to_the_limits_of_a_value(most, message):
    """Who writes bytes instead of returning a value gains nothing; the largest value passes."""
    assert values.encode(values.decode(message(most))) == message(most)
    with pytest.raises(values.WireError):
        values.decode(message(most + 1))


@pytest.mark.parametrize(
    ("base", "held", "methods"),
    [
        (int, 5, {"__int__": lambda self: 7, "__eq__": lambda *_: True}),
        (float, 0.5, {"__float__": lambda self: 7.0}),
        (complex, 0.5j, {"__complex__": lambda self: 7j}),
        (str, "text", {"__str__": lambda self: "other", "encode": lambda *_: b"other"}),
        (list, [0.5], {"__len__": lambda self: 9, "__iter__": lambda self: iter([7])}),
        (tuple, (0.5,), {"__len__": lambda self: 9, "__iter__": lambda self: iter([7])}),
        (dict, {"a": 0.5}, {"__len__": lambda self: 9, "items": lambda self: [("b", 7)]}),
    ],
)
def test_a_subclass_counts_as_what_it_holds(base, held, methods):
    assert same(values.portable(type("Sub", (base,), methods)(held)), held)


class Pipe:
    """What is written can be read again, a few bytes at a time, as from a slow socket."""

    def __init__(self, data: bytes = b""):
        self.data = data

    def write(self, part) -> int:
        self.data += bytes(part[:3])
        return min(len(part), 3)

    def read(self, most: int) -> bytes:
        part, self.data = self.data[: min(most, 2)], self.data[min(most, 2) :]
        return part


@given(st.lists(st.binary(max_size=40), max_size=4))
@settings(max_examples=50, deadline=None)
def test_frames_keep_messages_apart(messages):
    pipe = Pipe()
    for message in messages:
        values.send_frame(pipe.write, message)
    assert [values.receive_frame(pipe.read) for _ in messages] == messages
    assert pipe.data == b""


def test_a_frame_that_ends_early_or_is_too_long_is_refused():
    with pytest.raises(EOFError):
        values.receive_frame(Pipe(b"\5\0\0\0abcd").read)
    pipe = Pipe(b"\0\0\0\x7f" + b"x" * 100)
    with pytest.raises(OverflowError):
        values.receive_frame(pipe.read)
    assert pipe.data == b"x" * 100, "nothing of it is read"


# --- check and the class grader -----------------------------------------------------------------
DEEP = "value = 0.5\n    for _ in range({}):\n        value = {}"
ODD = {
    "integer of 71 bits": "2**70",
    "integer of 64 bits": "2**63",
    "integer of 1,023 bits": "2**1023 - 1",
    "integer of 1,024 bits": "-(2**1023)",
    "integer of a million bits": "10**300_000",
    "array of 5 MB": "np.zeros(655_360)",
    "array of 4 MB": "np.zeros((4 << 20) // 8)",
    "array just small enough": "np.zeros((4 << 20) // 8 - 16)",
    "array of a terabyte, by strides": "np.broadcast_to(1.0, (1 << 37,))",
    "text of 5 MB": "'x' * 5_000_000",
    "list of too many parts": "[0] * 100_000",
    "list of many parts": "[0] * 90_000",
    "float64 scalar": "np.float64(0.5)",
    "float16 scalar": "np.float16(0.5)",
    "extended scalar": "np.longdouble(0.5)",
    "int8 scalar": "np.int8(5)",
    "uint64 scalar": "np.uint64(2**64 - 1)",
    "bool scalar": "np.bool_(True)",
    "complex64 scalar": "np.complex64(0.5)",
    "text scalar": "np.str_('x')",
    "date": "np.datetime64('2026-05-01')",
    "array of no axes": "np.array(0.5)",
    "array of extended precision": "np.full(3, 0.5, np.longdouble)",
    "array of the other byte order": "np.full(3, 0.5, '>f4')",
    "array of texts": "np.array(['a', 'b'])",
    "array of bytes": "np.array([b'a'])",
    "array of objects": "np.array([None, 0.5], dtype=object)",
    "array of dates": "np.array(['2026-05-01'], dtype='M8[D]')",
    "structured array": "np.zeros(2, dtype=[('a', 'f8'), ('b', 'i4')])",
    "empty array": "np.zeros((0, 3))",
    "empty list": "[]",
    "empty dictionary": "{}",
    "matrix": "np.matrix([[0.5]])",
    "masked array": "np.ma.masked_less(np.full(3, 0.5), 1.0)",
    "subclass of int": "type('I', (int,), {'__int__': lambda s: 7, '__eq__': lambda *_: True})(5)",
    "subclass of float": "type('F', (float,), {'__float__': lambda s: 0.5})(3.0)",
    "subclass of str": "type('S', (str,), {'__str__': lambda s: 'other'})('text')",
    "subclass of list": "type('L', (list,), {'__len__': lambda s: 9, '__iter__': None})([0.5])",
    "subclass of tuple": "__import__('collections').namedtuple('P', 'a b')(0.5, 1.5)",
    "subclass of dict": "type('D', (dict,), {'items': lambda s: [('a', 1)] * 7})(b=0.5)",
    "subclass of ndarray": "np.full(3, 0.5).view(type('A', (np.ndarray,), {'shape': 7}))",
    "dictionary with keys of all kinds": "{1: 0.5, None: 1.5, (1, 2): 2.5}",
    "dictionary whose keys fall together": "{1: 0.5, '1': 1.5}",
    "nan": "float('nan')",
    "infinities": "[float('inf'), -np.inf]",
    "minus zero": "-0.0",
    "array with nan": "np.array([np.nan, np.inf, -np.inf])",
    "text with NUL": "'a\\0b'",
    "text with half a character": "'a\\ud800b'",
    "text in many scripts": "'Zoë 🜂 \\u202e'",
    "bytes": "b'abc'",
    "set": "{1, 2}",
    "generator": "(x for x in 'ab')",
    "function": "print",
    "class": "int",
    "dots": "...",
    "nothing": "None",
    "truth": "True",
    "list that holds itself": "(lambda loop: loop.append(loop) or loop)([])",
    "arrays in a dictionary in a tuple": "({'a': [np.full(2, 0.5), None]}, 1j)",
}
TENSORS = {
    **{f"tensor of {kind}": f"torch.ones(2, 3).to(torch.{kind})" for kind in (
        "float64", "float32", "float16", "bfloat16", "complex64", "int64", "int32", "int16", "int8",
        "uint8", "uint16", "bool", "float8_e4m3fn")},
    "tensor with a gradient": "torch.ones(2, requires_grad=True) * 2",
    "parameter": "torch.nn.Parameter(torch.ones(2))",
    "tensor of no axes": "torch.tensor(0.5)",
    "empty tensor": "torch.zeros(0, 3)",
    "conjugated tensor": "torch.ones(2, dtype=torch.complex64).conj()",
    "sparse tensor": "torch.eye(3).to_sparse()",
    "tensor without data": "torch.empty(3, device='meta')",
    "quantised tensor": "torch.quantize_per_tensor(torch.ones(2), 0.1, 0, torch.qint8)",
    "tensor of 5 MB": "torch.zeros(1_310_720)",
    "tensor of a terabyte, by strides": "torch.zeros(1).expand(1 << 37)",
    "subclass of Tensor": "torch.ones(2).as_subclass(type('T', (torch.Tensor,), {}))",
}  # fmt: skip
QUESTION = Question("odd", 2, lambda x: 0.5, lambda rng: (rng.normal(size=3),), cases=2)


def code(expression: str) -> str:
    return f"import numpy as np\ndef odd(x):\n    return {expression}"


def in_check(source: str) -> tuple[list[Outcome], Verdict]:
    space: dict = {}
    exec(source, space)
    cases = draw_cases(QUESTION)
    outcomes = [attempt(QUESTION, space["odd"], case, Printed()) for case in cases]
    return outcomes, examine(QUESTION, space["odd"])[0]


def in_the_grader(warm: sandbox.Sandbox, source: str) -> tuple[list[Outcome], Verdict]:
    cases = draw_cases(QUESTION)
    with warm.open([source], {"odd": ()}) as session:
        emitted = session.run("odd", [encode_case(QUESTION, case) for case in cases])
    outcomes = [read_outcome(outcome(one), iter([one.raw])) for one in emitted]
    return outcomes, Judge(QUESTION, cases).verdict(outcomes)


def agree(warm: sandbox.Sandbox, source: str) -> None:
    """Compares what came back and what is said of it, to the letter."""
    (mine, verdict), (theirs, other) = in_check(source), in_the_grader(warm, source)
    for here, there in zip(mine, theirs, strict=True):
        assert (here.kind, here.error, here.text) == (there.kind, there.error, there.text)
        assert same(here.value, there.value), (here.value, there.value)
        assert here.mutated == there.mutated
    assert said(verdict) == said(other)


def said(verdict: Verdict) -> tuple:
    """All but the line of code, which no notebook holds here."""
    return verdict.status, verdict.right, verdict.message.partition("\n  in your line")[0]


@pytest.fixture(scope="module")
def warm():
    with sandbox.Sandbox(["numpy"]) as made:
        yield made


@pytest.fixture(scope="module")
def warm_with_torch():
    pytest.importorskip("torch")
    with sandbox.Sandbox(["numpy", "torch"]) as made:
        yield made


@needs_sandbox
@pytest.mark.parametrize("expression", ODD.values(), ids=ODD)
def test_check_and_the_grader_agree_on_odd_values(warm, expression):
    agree(warm, code(expression))


@needs_sandbox
@pytest.mark.parametrize("shell", ["[value]", "(value,)", "{'a': value}"])
@pytest.mark.parametrize("depth", [10, 11, 12, 5000])
def test_check_and_the_grader_agree_on_depth(warm, depth, shell):
    source = f"def odd(x):\n    {DEEP.format(depth, shell)}\n    return value"
    agree(warm, source)
    assert ("nested more than 11 deep" in in_check(source)[1].message) == (depth > 11)


@needs_sandbox
@pytest.mark.parametrize("expression", TENSORS.values(), ids=TENSORS)
def test_check_and_the_grader_agree_on_tensors(warm_with_torch, expression):
    agree(warm_with_torch, "import torch\n" + code(expression))


@needs_sandbox
@pytest.mark.parametrize(
    "change", ["x[0] = -x[0]", "x *= 1", "x[:] = np.nan", "x.sort()", "x.resize(2, refcheck=False)"]
)
def test_check_and_the_grader_agree_on_changed_arguments(warm, change):
    agree(warm, f"import numpy as np\ndef odd(x):\n    {change}\n    return 0.5")
