"""Find the answers in a notebook's code: which statements does each question need?

A question is found by the name of its function or variable, not by cell metadata, so it
survives Colab, renamed, moved and duplicated cells. From its definition the statements that it
needs are collected, name by name; plots, training runs and the other answers stay out.
"""

from __future__ import annotations

import ast
import builtins
import re
from dataclasses import dataclass, field

MAX_STATEMENTS = 1000  # of a cell, so that a long one does not cost the others
MAX_IN_ALL = 20_000
MAX_TEXT = 10_000  # characters of an answer that is a text
RISKY_MODULES = frozenset(
    (
        "os", "sys", "subprocess", "ctypes", "socket", "shutil", "signal", "multiprocessing",
        "threading", "asyncio", "gc", "inspect", "importlib", "pickle", "marshal", "pty",
        "resource", "mmap", "fcntl", "tempfile", "pathlib", "builtins", "code", "codeop", "types",
        "traceback", "urllib", "http", "requests", "cffi", "faulthandler", "atexit", "concurrent",
        "sqlite3", "nbgrader", "main", "watch", "slices", "confine",
    )
)  # fmt: skip
RISKY_NAMES = frozenset(
    (
        "eval", "exec", "compile", "open", "__import__", "globals", "vars", "breakpoint", "input",
        "__builtins__", "get_ipython",
    )
)  # fmt: skip
RISKY_ATTRIBUTES = frozenset(
    (
        "__subclasses__", "__globals__", "__code__", "__bases__", "__mro__", "__builtins__",
        "__dict__", "__loader__", "__reduce__", "__reduce_ex__", "__array_finalize__",
        "__array_function__", "__array_ufunc__", "__eq__", "f_back", "f_globals", "f_locals",
        "gi_frame", "tb_frame", "_getframe", "cr_frame", "ag_frame", "cell_contents",
    )
)  # fmt: skip
USUAL = frozenset(  # attributes between underscores that lead nowhere
    (
        "__init__", "__name__", "__class__", "__doc__", "__version__", "__len__", "__call__",
        "__repr__", "__str__", "__iter__", "__next__", "__getitem__", "__setitem__", "__contains__",
        "__add__", "__mul__", "__sub__", "__neg__", "__matmul__", "__enter__", "__exit__",
        "__setattr__", "__post_init__", "__path__", "__file__",
    )
)  # fmt: skip
OPEN_STARS = frozenset(
    ("numpy", "math", "torch", "rnncourse")
)  # `import *` of these is seen through
RISKY_TEXTS = frozenset(name for name in RISKY_MODULES if len(name) > 4)
BUILTINS = frozenset(dir(builtins))
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
COURSE_PARTS = frozenset(
    ("cells", "layers", "batching", "attention", "models", "decoding", "exercises", "rnncourse")
)
TEACHING = frozenset(  # what does nothing here
    f"rnncourse.{name}" for name in (
        "exercises", "exercises.check", "exercises.quiz", "exercises.warm_up", "exercises.predict",
        "quizzes", "quizzes.quiz", "quizzes.warm_up", "quizzes.predict",
    )
)  # fmt: skip
DOORS = frozenset(  # attributes of modules that lead to other modules
    (
        "os", "sys", "subprocess", "ctypes", "ctypeslib", "socket", "shutil", "multiprocessing",
        "threading", "gc", "inspect", "importlib", "pickle", "builtins", "f2py", "modules",
        "_C", "_private", "__dict__", "attrgetter", "methodcaller", "open", "FileIO",
    )
)  # fmt: skip


@dataclass
class Statement:
    """A top-level statement and the names it makes, changes (`a[0] = 1`), calls methods of
    (`a.sort()`) and reads."""

    node: ast.stmt
    cell: int
    makes: set[str] = field(default_factory=set)
    changes: set[str] = field(default_factory=set)
    calls: set[str] = field(default_factory=set)
    reads: set[str] = field(default_factory=set)
    found: tuple[set[str], set[str]] | None = None  # what a human should know of


class Notebook:
    """The statements of a notebook's code cells, with the cells that are not Python."""

    def __init__(self, cells: list[str]):
        self.statements: list[Statement] = []
        self.broken: dict[int, str] = {}  # cell -> what is wrong with its syntax
        self.magics: set[int] = set()
        self.cells = cells
        self._index: dict[str, list[Statement]] | None = None
        self._origins: dict[str, str] | None = None
        self._texts: set[str] | None = None
        self._lines: dict[int, list[str]] = {}
        for number, source in enumerate(cells):
            self._read(number, source)

    def _read(self, number: int, source: str) -> None:
        plain = without_magics(source)
        if plain != source:
            self.magics.add(number)
        try:
            tree = ast.parse(plain, f"<cell {number}>")
            room = min(MAX_STATEMENTS, MAX_IN_ALL - len(self.statements))
            self.statements += [describe(node, number) for node in tree.body[:room]]
        except SyntaxError as error:
            self.broken[number] = f"{type(error).__name__}: {error.msg[:200]}, line {error.lineno}"
        except (ValueError, RecursionError, MemoryError) as error:
            self.broken[number] = f"not readable as Python ({type(error).__name__})"

    def text(self, statement: Statement) -> str:
        """The lines of a statement, as they were written."""
        if statement.cell not in self._lines:
            self._lines[statement.cell] = lines_of(self.cells[statement.cell])
        node = statement.node
        first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", []))])
        return "\n".join(self._lines[statement.cell][first - 1 : node.end_lineno])

    def texts(self) -> set[str]:
        """What its statements say."""
        if self._texts is None:
            self._texts = {self.text(s) for s in self.statements}
        return self._texts

    def origins(self) -> dict[str, str]:
        """What names stand for that imports make, and assignments of these to other names."""
        if self._origins is None:
            self._origins, assigned = {}, []
            for statement in self.statements:
                for part in ast.walk(statement.node):
                    if isinstance(part, (ast.Import, ast.ImportFrom)):
                        self._origins |= imported(part)
                    elif (
                        isinstance(part, ast.Assign)
                        and isinstance(part.targets[0], ast.Name)
                        and isinstance(part.value, (ast.Name, ast.Attribute))
                    ):
                        assigned.append((part.targets[0].id, part.value))
            for name, value in assigned:
                if origin := origin_of(value, self._origins):
                    self._origins.setdefault(name, origin)
        return self._origins

    def definitions(self, name: str) -> list[Statement]:
        """The statements that define a name, untouched stubs left out if others are there."""
        found = [s for s in self.statements if name in s.makes]
        solved = [s for s in found if not is_stub(s.node)]
        return solved or found[-1:]

    def need(self, name: str, given: set[str], edition: Notebook | None = None) -> list[Statement]:
        """The statements that a question's answer needs, in order.

        given holds names that are injected; their definitions are left out. What the student
        deleted is taken from the edition that was handed out.
        """
        answers = self.definitions(name)
        if not answers:
            return []
        skip = {name, *given}
        own, wanted = self._closure([answers[-1]], set(), skip)
        missing = wanted - {n for s in own for n in s.makes} - given - BUILTINS - {name}
        extra = edition._closure([], missing, skip)[0] if edition and missing else []
        return extra + own

    def _closure(self, start: list[Statement], names: set[str], skip: set[str]):
        """start and all statements that make or change a name they need; and those names."""
        chosen = {id(s) for s in start}
        wanted: set[str] = set()
        waiting = [*names, "*", *(n for s in start for n in s.reads | s.changes)]
        while waiting:
            name = waiting.pop()
            if name in wanted:
                continue
            wanted.add(name)
            for s in self._makers(name):
                if id(s) not in chosen and not s.makes & skip:
                    chosen.add(id(s))
                    waiting += s.reads
        return [s for s in self.statements if id(s) in chosen], wanted - {"*"}

    def _makers(self, name: str) -> list[Statement]:
        if self._index is None:
            self._index = {}
            imports = (s.node for s in self.statements if isinstance(s.node, ast.Import))
            modules = {made for node in imports for made in imported(node)}
            for s in self.statements:
                # a seed set within a training run is no reason to train
                calls = s.calls - modules if hasattr(s.node, "body") else s.calls
                for made in s.makes | s.changes | calls:
                    self._index.setdefault(made, []).append(s)
        return self._index.get(name, [])

    def everything(self, name: str, given: set[str]) -> list[Statement]:
        """All statements but the injected definitions: the notebook run from top to bottom."""
        last = self.definitions(name)[-1:]
        others = [
            s for s in self.statements if not s.makes & given and (name not in s.makes or s in last)
        ]
        return others


def lines_of(source: str) -> list[str]:
    """The lines as Python counts them. str.splitlines finds more, at form feeds and U+2028: what
    is shown and compared would be other lines than those that run."""
    return re.split(r"\r\n|\r|\n", source)


def without_magics(source: str) -> str:
    """The cell as plain Python: IPython's magics and shell escapes become `pass`."""
    if "%" not in source and "!" not in source and "?" not in source:
        return source
    try:
        ast.parse(source)
        return source
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        pass
    lines = lines_of(source)
    first = next((line for line in lines if line.strip()), "")
    if first.startswith("%%"):
        if not re.match(r"%%(time|timeit|capture|prun)\b", first):
            return "pass"
        lines[lines.index(first)] = ""
    return "\n".join(map(_plain_line, lines))


def _plain_line(line: str) -> str:
    indent = line[: len(line) - len(line.lstrip())]
    text = line.strip()
    if re.match(r"[%!?]", text) or (text.endswith("?") and "#" not in text):
        return indent + "pass"
    names, _, rest = text.partition("=")  # `files = !ls`; a pattern would take ages over blanks
    escape = rest.lstrip()[:2]
    if escape[:1] in ("!", "%") and escape[1:] != "=" and re.fullmatch(r"[\w, ]+", names):
        return f"{indent}{names.rstrip()} = None"
    return line


def children(node: ast.AST) -> list[ast.AST]:
    """The parts of a node that can hold a name: as `ast.iter_child_nodes`, three times as fast,
    without operators and whether a name is read or written."""
    kind = type(node)
    if kind not in _parts:
        _parts[kind] = [name for name in kind._fields if name not in ("ctx", "op", "ops")]
    found = []
    for name in _parts[kind]:
        part = getattr(node, name, None)
        if isinstance(part, ast.AST):
            found.append(part)
        elif isinstance(part, list):
            found += [p for p in part if isinstance(p, ast.AST)]
    return found


_parts: dict[type, list[str]] = {}


def all_parts(node: ast.AST) -> list[ast.AST]:
    """The node and all that is in it, as `children` sees it."""
    found = [node]
    for part in found:  # which grows
        found += children(part)
    return found


def describe(node: ast.stmt, cell: int) -> Statement:
    """The names a statement makes, changes, calls methods of and reads."""
    statement = Statement(node, cell, reads=free_names(node))
    stack: list[ast.AST] = [node]
    while stack:
        part = stack.pop()
        if isinstance(part, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            statement.makes.add(part.name)
            continue
        if isinstance(part, ast.Lambda):
            continue
        _effects(part, statement)
        stack += children(part)
    return statement


def free_names(node: ast.AST) -> set[str]:
    """The names a statement reads from outside: a function's own variables are not among them."""
    if isinstance(node, ast.Name):
        return {node.id} if isinstance(node.ctx, ast.Load) else set()
    is_function = isinstance(node, FUNCTIONS)
    reads, bound, outer, stack = set(), set(), set(), children(node)
    if is_function:
        bound = {a.arg for a in ast.walk(node.args) if isinstance(a, ast.arg)}
        stack = list(node.body) if isinstance(node.body, list) else [node.body]
    while stack:
        part = stack.pop()
        if isinstance(part, FUNCTIONS):
            reads |= free_names(part)
            bound.add(getattr(part, "name", ""))
            continue
        if isinstance(part, ast.Name):
            (reads if isinstance(part.ctx, ast.Load) else bound).add(part.id)
        elif isinstance(part, (ast.Global, ast.Nonlocal)):
            outer |= set(part.names)
        elif isinstance(part, ast.alias):
            bound.add((part.asname or part.name).split(".")[0])
        stack += children(part)
    if isinstance(node, ast.AugAssign):
        reads |= _root(node.target)
    return (reads - (bound - outer)) | outer | _outside_of_body(node) if is_function else reads


def _outside_of_body(node) -> set[str]:
    """What a function reads when it is defined: decorators, defaults, annotations."""
    parts = [*node.args.defaults, *filter(None, node.args.kw_defaults)]
    parts += getattr(node, "decorator_list", [])
    parts += [a.annotation for a in ast.walk(node.args) if isinstance(a, ast.arg) and a.annotation]
    parts += [node.returns] if getattr(node, "returns", None) else []
    return set().union(*map(free_names, parts))


def _effects(part: ast.AST, statement: Statement) -> None:
    if isinstance(part, ast.Name) and not isinstance(part.ctx, ast.Load):
        statement.makes.add(part.id)
    elif isinstance(part, ast.alias):
        statement.makes.add((part.asname or part.name).split(".")[0])
    elif isinstance(part, (ast.Attribute, ast.Subscript)) and not isinstance(part.ctx, ast.Load):
        statement.changes |= _root(part)
    elif isinstance(part, ast.Expr) and isinstance(part.value, ast.Call):
        method = isinstance(part.value.func, ast.Attribute)
        statement.calls |= _root(part.value.func) if method else set()


def _root(node: ast.AST) -> set[str]:
    while isinstance(node, (ast.Attribute, ast.Subscript, ast.Call)):
        node = node.func if isinstance(node, ast.Call) else node.value
    return {node.id} if isinstance(node, ast.Name) else set()


def is_stub(node: ast.stmt) -> bool:
    """Is this an untouched answer: only a docstring and `raise NotImplementedError` or `pass`,
    or a name set to None?"""
    if isinstance(node, ast.Assign):
        return isinstance(node.value, ast.Constant) and node.value.value in (None, ...)
    if not isinstance(node, (ast.FunctionDef, ast.ClassDef)):
        return False
    body = [s for s in node.body if not is_docstring(s)]
    return all(isinstance(s, ast.Pass) or _raises_not_implemented(s) for s in body)


def _raises_not_implemented(node: ast.stmt) -> bool:
    if not isinstance(node, ast.Raise) or node.exc is None:
        return False
    raised = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
    return isinstance(raised, ast.Name) and raised.id == "NotImplementedError"


def constant(node: ast.stmt):
    """The value of `name = literal` as a one-item list, or None: such answers need no process."""
    if not isinstance(node, ast.Assign) or len(node.targets) != 1:
        return None
    if not isinstance(node.targets[0], ast.Name):
        return None
    try:
        value = ast.literal_eval(node.value)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return None
    simple = (
        value is None
        or isinstance(value, bool)
        or (isinstance(value, str) and len(value) <= MAX_TEXT)
        or (isinstance(value, int) and value.bit_length() < 64)
        or (isinstance(value, float) and value - value == 0)
    )
    return [value] if simple else None


def own(need: list[Statement], book: Notebook, edition: Notebook) -> list[Statement]:
    """Those of the statements that the student wrote: not handed out, nor taken from there."""
    mine = {id(s) for s in book.statements}
    return [s for s in need if id(s) in mine and book.text(s) not in edition.texts()]


def findings(statements: list[Statement], book: Notebook) -> tuple[list[str], list[str]]:
    """(risky names used, parts of the course's package used), for a human to look at."""
    risky, course = set(), set()
    for statement in statements:
        if statement.found is None:
            statement.found = _findings(statement.node, book.origins())
        risky |= statement.found[0]
        course |= statement.found[1]
    long = {name for name in course if not any(other.startswith(f"{name}.") for other in course)}
    return sorted(risky), sorted(long)


def _findings(node: ast.stmt, origins: dict[str, str]) -> tuple[set[str], set[str]]:
    risky: set[str] = set()
    course: set[str] = set()
    for part in all_parts(node):
        if isinstance(part, (ast.Import, ast.ImportFrom)):
            whole = [a.name for a in part.names] if isinstance(part, ast.Import) else []
            _note([*imported(part).values(), *whole], risky, course)
            risky |= _hidden_names(part)
        elif isinstance(part, ast.Name):
            if part.id in RISKY_NAMES:
                risky.add(part.id)
            _note([origins.get(part.id, "")], risky, course)
        elif isinstance(part, ast.Attribute):
            if part.attr in RISKY_ATTRIBUTES or _leads_inside(part.attr):
                risky.add(part.attr[:80])
            _note([origin_of(part, origins)], risky, course)
        elif isinstance(part, ast.FunctionDef) and part.name in RISKY_ATTRIBUTES:
            risky.add(part.name)
        elif isinstance(part, ast.Constant) and part.value in RISKY_TEXTS:
            risky.add(part.value)
        elif isinstance(part, ast.MatchClass):
            risky |= {f"case {name}=" for name in part.kwd_attrs if name in DOORS | COURSE_PARTS}
    plain = {id(part.func) for part in all_parts(node) if _reads_plainly(part)}
    if any(isinstance(p, ast.Name) and p.id == "getattr" and id(p) not in plain
           for p in all_parts(node)):  # fmt: skip
        risky.add("getattr with a name that is computed")
    return risky, course


def _leads_inside(name: str) -> bool:
    """__globals__, __getattribute__, __self__ and their like."""
    return name[:2] == "__" == name[-2:] and name not in USUAL


def _hidden_names(part: ast.Import | ast.ImportFrom) -> set[str]:
    """`from … import *`, where the names that it makes are not to be seen."""
    star = isinstance(part, ast.ImportFrom) and part.names[0].name == "*"
    first = (getattr(part, "module", "") or "").split(".")[0]
    return {f"{first[:60]}.*"} if star and first not in OPEN_STARS else set()


def _reads_plainly(part: ast.AST) -> bool:
    """getattr(x, "shape"): what is read can be seen."""
    if not (isinstance(part, ast.Call) and isinstance(part.func, ast.Name) and len(part.args) > 1):
        return False
    name = part.args[1]
    written = isinstance(name, ast.Constant) and isinstance(name.value, str)
    return written and name.value not in DOORS | COURSE_PARTS and name.value[:1] != "_"


def _note(names, risky: set[str], course: set[str]) -> None:
    """Sort what code reaches, by its full name, into what a human should know of."""
    for name in filter(None, names):
        first, *rest = name.split(".")
        if first in RISKY_MODULES:
            risky.add(first)
        elif (
            first == "rnncourse"
            and name not in TEACHING
            and rest[:1] not in (["data"], ["figures"])
        ):
            course.add(name)
        elif any(part in DOORS or part[:1] == "_" != part[1:2] for part in rest):
            risky.add(name)


def imported(part: ast.Import | ast.ImportFrom) -> dict[str, str]:
    """The names that an import makes, and the full names of what they stand for."""
    if isinstance(part, ast.ImportFrom):
        return {a.asname or a.name: f"{part.module or ''}.{a.name}" for a in part.names}
    return {a.asname or a.name.split(".")[0]: a.name if a.asname else a.name.split(".")[0]
            for a in part.names}  # fmt: skip


def origin_of(node: ast.AST, origins: dict[str, str]) -> str:
    """The full name of what a chain of attributes reaches from an import, or ""."""
    names = []
    while isinstance(node, ast.Attribute):
        names.append(node.attr)
        node = node.value
    start = origins.get(node.id, "") if isinstance(node, ast.Name) else ""
    return ".".join([start, *reversed(names)]) if start and len(names) < 50 else ""


QUIET = (ast.Load, ast.Store, ast.Constant)


def is_docstring(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def literal(value) -> str:
    """A number as text, whatever its length: Python refuses to write thousands of digits."""
    return hex(value)[:60] if type(value) is int and value.bit_length() > 200 else repr(value)[:60]


def shape_of_code(statements: list[Statement]) -> str:
    """The code without comments, docstrings and the learner's choice of names."""
    names: dict[str, str] = {}
    words = []
    for statement in statements:
        if isinstance(statement.node, (ast.Import, ast.ImportFrom)):
            continue
        for part in ast.walk(statement.node):
            if isinstance(part, ast.Name):
                words.append(names.setdefault(part.id, f"v{len(names)}"))
            elif isinstance(part, ast.arg):
                words.append(names.setdefault(part.arg, f"v{len(names)}"))
            elif isinstance(part, ast.Attribute):
                words.append(part.attr)
            elif isinstance(part, ast.Constant) and not isinstance(part.value, str):
                words.append(literal(part.value))
            elif not (isinstance(part, QUIET) or is_docstring(part)):
                words.append(type(part).__name__)
    return " ".join(words)[:6000]
