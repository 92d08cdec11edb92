"""An exception in the terms of the code that raised it: which names, of which shapes and kinds.

"operands could not be broadcast together with shapes (4,6) (4,)" says nothing of W_hh. The frame
that raised knows its names, and Python knows which part of the line failed. `check` uses this in
the learner's process, the class grader inside the sandbox; it needs the standard library only.
"""

from __future__ import annotations

import ast
import contextlib
import difflib
import itertools
import re
import warnings
from collections.abc import Callable
from dataclasses import dataclass

MOST = 300  # characters of a meaning
MOST_NAMES = 5
TORCH = {  # what PyTorch says in its own words, and what it comes to
    "a leaf Variable that requires grad": "a parameter is changed where gradients are recorded: "
    "write the update under `with torch.no_grad():`.",
    "through the graph a second time": "what `backward()` needs was used up by the one before: "
    "compute the loss anew for each, and detach what goes on from one to the next.",
    "does not require grad and does not have a grad_fn": "nothing was computed from a parameter "
    "that asks for its gradient (`requires_grad_()`), or it was under `no_grad`.",
}
PURE = (
    ast.Name, ast.Load, ast.Attribute, ast.Subscript, ast.Slice, ast.Constant, ast.Tuple,
    ast.BinOp, ast.UnaryOp, ast.operator, ast.unaryop,
)  # fmt: skip
PLAIN = ("T", "mT", "shape", "ndim", "size", "grad")  # attributes that are looked up


@dataclass(frozen=True)
class Place:
    """Where a learner's code raised: the line, its text, and what the error means there."""

    line: int
    text: str
    meaning: str


def place(error: BaseException, own: Callable[[str], bool], lines: Callable[[str], list[str]]):
    """The `Place` of the last frame whose file is the learner's own, or None.

    lines gives the source of a file, line by line.
    """
    found, step = None, error.__traceback__
    while step:
        if own(step.tb_frame.f_code.co_filename):
            found = step
        step = step.tb_next
    if found is None:
        return None
    source = lines(found.tb_frame.f_code.co_filename)
    number = found.tb_lineno
    text = source[number - 1].strip() if 0 < number <= len(source) else ""
    try:
        meaning = _meaning(error, found.tb_frame, _failed(found, source))
        meaning = meaning or _kinds(
            _whole(text), {**found.tb_frame.f_globals, **found.tb_frame.f_locals}
        )
    except (Exception, SystemExit):  # a help must do no harm: their objects may raise anything
        meaning = ""
    return Place(number, text, " ".join(meaning.split())[:MOST])


def _failed(step, source: list[str]) -> ast.expr | None:
    """The expression that raised, by the position that the byte code remembers."""
    positions = step.tb_frame.f_code.co_positions()
    first, last, begin, end = next(itertools.islice(positions, step.tb_lasti // 2, None))
    if None in (first, last, begin, end):
        return None
    rows = [row.rstrip("\r\n").encode() for row in source[first - 1 : last]]
    rows[-1] = rows[-1][:end]
    rows[0] = rows[0][begin:]
    text = b"\n".join(rows).decode()
    try:
        return ast.parse(f"({text}\n)", mode="eval").body
    except SyntaxError:
        pass
    try:  # an assignment in place, or a loop's head: its expressions tell as much
        statement = ast.parse(text.strip()).body[0]
    except (SyntaxError, IndexError):
        return None
    if isinstance(statement, ast.AugAssign):
        target = ast.parse(ast.unparse(statement.target), mode="eval").body
        return ast.BinOp(target, statement.op, statement.value)
    return getattr(statement, "value", None)


def _whole(line: str) -> ast.AST:
    """What is computed in a line: of a loop what it runs over, of an assignment its right side."""
    with contextlib.suppress(SyntaxError):
        statement = ast.parse(line + " pass" if line.endswith(":") else line).body[0]
        for field in ("iter", "test", "value"):
            if getattr(statement, field, None) is not None:
                return getattr(statement, field)
    return ast.Pass()


def _meaning(error: BaseException, frame, node: ast.expr | None) -> str:
    if isinstance(error, NameError):
        return _missing_name(error, frame)
    for words, meaning in TORCH.items() if isinstance(error, RuntimeError) else ():
        if words in str(error):
            return meaning
    if node is None:
        return ""
    names = {**frame.f_globals, **frame.f_locals}
    if isinstance(node, ast.BinOp):
        return _operands(node, names)
    if isinstance(node, ast.Subscript):
        return _index(error, node, names)
    return _einsum(node, names) or _kinds(node, names)


def _missing_name(error: NameError, frame) -> str:
    name = getattr(error, "name", None) or next(iter(re.findall(r"'(\w+)'", str(error))), "")
    if isinstance(error, UnboundLocalError):
        return f"{name or 'the name'} is used before this function has given it a value."
    known = [*frame.f_locals, *(n for n in frame.f_globals if not n.startswith("_"))]
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.6)
    rest = ", ".join(list(frame.f_locals)[:8])
    told = f" Did you mean {near[0]}?" if near else (f" It knows {rest}." if rest else "")
    return f"nothing in this function or outside of it is called {name}.{told}"


def _operands(node: ast.BinOp, names: dict) -> str:
    """Both sides of an operator, with what stands there."""
    sides = [(ast.unparse(side), _value(side, names)) for side in (node.left, node.right)]
    if any(value is UNKNOWN for _, value in sides):
        return _kinds(node, names)
    (left, one), (right, other) = sides
    text = f"{_short(left)} is {kind(one)}, {_short(right)} is {kind(other)}"
    for part, (_, value) in zip((node.left, node.right), sides, strict=True):
        if isinstance(part, ast.Attribute) and part.attr == "grad" and value is None:
            return (f"{text}: backward() gives a gradient to what requires one and the loss "
                    "depends on, not to what was computed from it.")  # fmt: skip
    shapes = [_shape(one), _shape(other)]
    types = [str(getattr(value, "dtype", "")) for value in (one, other)]
    if None in shapes or not all(shapes):
        return text + "."
    if isinstance(node.op, ast.MatMult) and all(types) and _fit(*shapes) and types[0] != types[1]:
        return f"{text}: the first holds {types[0]}, the second {types[1]}, and @ wants one type."
    if isinstance(node.op, ast.MatMult):
        inner = shapes[0][-1], shapes[1][-2 if len(shapes[1]) > 1 else 0]
        if inner[0] != inner[1]:
            return f"{text}: {inner[0]} columns against {inner[1]} rows, and @ wants them equal."
        return text + "."
    for back, (m, n) in enumerate(zip(shapes[0][::-1], shapes[1][::-1], strict=False), start=1):
        if m != n and 1 not in (m, n):
            which = "last axes" if back == 1 else f"axes {back} from the end"
            return f"{text}: their {which} have lengths {m} and {n}."
    return text + "."


def _fit(one: tuple, other: tuple) -> bool:
    """Whether a matrix product of these shapes has rows to meet columns."""
    return one[-1] == other[-2 if len(other) > 1 else 0]


def _einsum(node: ast.expr, names: dict) -> str:
    """Which letter of an einsum has two lengths, or which array has more axes than letters."""
    if not (isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant)):
        return ""
    called = getattr(node.func, "attr", getattr(node.func, "id", ""))
    if called != "einsum" or not isinstance(node.args[0].value, str):
        return ""
    terms = node.args[0].value.replace(" ", "").split("->")[0].split(",")
    given = [(ast.unparse(one), _shape(_value(one, names))) for one in node.args[1:]]
    if len(terms) != len(given):
        return f"the letters are for {len(terms)} arrays, and {len(given)} are given."
    lengths: dict[str, tuple[int, str]] = {}
    for letters, (text, shape) in zip(terms, given, strict=True):
        if shape is None or "." in letters:
            return ""
        if len(letters) != len(shape):
            return (
                f"{_short(text)} has the shape {shape}, and {letters!r} is for {len(letters)} axes."
            )
        for letter, length in zip(letters, shape, strict=True):
            before = lengths.setdefault(letter, (length, text))
            if 1 not in (length, before[0]) and length != before[0]:
                return (
                    f"{letter!r} is {before[0]} long in {_short(before[1])} and {length} in "
                    f"{_short(text)}."
                )
    return ""


def _index(error: BaseException, node: ast.Subscript, names: dict) -> str:
    base, index = _value(node.value, names), _value(node.slice, names)
    text = _short(ast.unparse(node.value))
    if base is UNKNOWN:
        return _kinds(node, names)
    if isinstance(error, KeyError) and isinstance(base, dict):
        keys = ", ".join(repr(key)[:20] for key in list(base)[:6])
        return f"{text} has no key {_shown(index)}; it has {keys}."
    said = f"{text} is {kind(base)}"
    if index is not UNKNOWN and not isinstance(node.slice, (ast.Slice, ast.Constant)):
        said += f", and {_short(ast.unparse(node.slice))} is {_shown(index)}"
    if isinstance(error, IndexError) and isinstance(base, (list, tuple, str)):
        return f"{said}: it has the places 0 to {len(base) - 1}." if base else f"{said}: empty."
    shape = _shape(base)
    if isinstance(error, IndexError) and shape and isinstance(index, int):
        return f"{said}: along axis 0 it has the places 0 to {shape[0] - 1}."
    return said + "."


def _kinds(node: ast.AST, names: dict) -> str:
    """What the names in an expression stand for."""
    told = []
    for part in ast.walk(node):
        if isinstance(part, ast.Name) and part.id in names and part.id not in dict(told):
            value = names[part.id]
            if not callable(value) and type(value).__name__ != "module":
                told.append((part.id, kind(value)))
    return ", ".join(f"{name} is {what}" for name, what in told[:MOST_NAMES]) + "." * bool(told)


UNKNOWN = object()


def _value(node: ast.expr, names: dict):
    """The value of an expression that calls nothing; UNKNOWN of any other."""
    if not all(isinstance(part, PURE) for part in ast.walk(node)):
        return UNKNOWN
    if any(isinstance(p, ast.Attribute) and p.attr not in PLAIN for p in ast.walk(node)):
        return UNKNOWN
    if any(isinstance(p, (ast.Pow, ast.LShift)) for p in ast.walk(node)):
        return UNKNOWN  # of integers they may take for ever
    code = compile(ast.fix_missing_locations(ast.Expression(node)), "<part>", "eval")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of the gradient of what was computed
            return eval(code, {"__builtins__": {}}, names)
    except Exception:
        return UNKNOWN


def _shape(value) -> tuple[int, ...] | None:
    shape = getattr(value, "shape", None)
    return tuple(shape) if isinstance(shape, tuple) else None


def kind(value) -> str:
    """What kind of value this is, in a few words."""
    shape = _shape(value)
    if shape is not None:
        return f"an array of shape {shape}" if shape else "a single number"
    if value is None:
        return "None"
    if isinstance(value, (bool, int, float, complex)):
        return _shown(value)
    if isinstance(value, str):
        return f"the text {value[:20]!r}"
    name = type(value).__name__[:40]
    article = "an" if name[:1].lower() in "aeiou" else "a"
    if isinstance(value, (list, tuple, dict, set)):
        return f"{article} {name} of length {len(value)}"
    return f"{article} {name}"


def _shown(value) -> str:
    if isinstance(value, tuple) and value:
        return f"({', '.join(map(_shown, value[:4]))}{', …' * (len(value) > 4)})"
    if _shape(value) == () and hasattr(value, "item"):  # a number of NumPy
        value = value.item()
    if isinstance(value, bool) or not isinstance(value, (int, float, complex)):
        text = " ".join(repr(value).split())
        return text if len(text) <= 30 else kind(value)
    text = f"{value:.4g}" if isinstance(value, float) else repr(value)
    return text[:30]


def _short(text: str) -> str:
    return text if len(text) <= 40 else text[:39] + "…"
