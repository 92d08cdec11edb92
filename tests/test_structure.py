"""The house stands: in the package nothing imports upwards, nothing in a circle, nothing private.

Imports inside functions count like any others.
"""

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "rnncourse"
NAME = PACKAGE.name
# Ground floor first; what stands in one line does not know its neighbours.
FLOORS = (
    ("cells", "numerals"),
    ("data",),
    ("batching",),
    ("metrics", "ngram", "word_table"),
    ("layers", "attention", "linear"),
    ("models",),
    ("decoding", "ctc"),
    ("training",),
    ("experiments",),
    ("values", "tracebacks"),
    ("assets",),
    ("figures",),
    ("quizzes",),
    ("bank",),
    ("notebooks",),
    ("exercises",),
    ("prose", "claims", "chapters"),
    ("skeleton",),
    ("grading", "doctor"),
    ("cli",),
)
GRADING = (
    ("texts", "imports", "alone"),
    ("tables",),
    ("sandbox", "results"),
    ("assignment", "inbox", "mistakes"),
    ("roster",),
    ("edition", "marks", "deadlines", "oracle"),
    ("grader",),
    ("nbgrader_adapter", "workers"),
    ("nbgrader_course", "run"),
    ("handout", "report", "preflight"),
    ("commands",),
)
INSIDE = PACKAGE / "grading/sandbox/inside"  # scripts of another process: they import each other


def module_of(path):
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


SOURCES = {module_of(path): path for path in PACKAGE.rglob("*.py") if path.parent != INSIDE}
TREES = {module: ast.parse(path.read_text("utf-8")) for module, path in SOURCES.items()}


def imports(module):
    """(module of the course, name or None) for every import in a module."""
    package = module if SOURCES[module].name == "__init__.py" else module.rpartition(".")[0]
    for node in ast.walk(TREES[module]):
        if isinstance(node, ast.Import):
            yield from ((alias.name, None) for alias in node.names if alias.name in SOURCES)
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) - node.level + 1]
            start = ".".join([*(above if node.level else []), *filter(None, [node.module])])
            for alias in node.names:
                whole = f"{start}.{alias.name}"
                if whole in SOURCES:
                    yield whole, None
                elif start in SOURCES:
                    yield start, alias.name


GRAPH = {module: {target for target, _ in imports(module)} - {module} for module in SOURCES}


def floor_of(module, floors, depth):
    """The number of the floor of a module, or None for the package's own __init__."""
    parts = module.split(".")
    if len(parts) <= depth:
        return None
    return next((n for n, floor in enumerate(floors) if parts[depth] in floor), -1)


def test_every_module_has_a_floor():
    homeless = {m for m in SOURCES if floor_of(m, FLOORS, 1) == -1}
    grading = {m for m in SOURCES if m.startswith(f"{NAME}.grading.")}
    homeless |= {m for m in grading if floor_of(m, GRADING, 2) == -1}
    assert not homeless, "give them a floor in tests/test_structure.py"


@pytest.mark.parametrize(("floors", "depth"), [(FLOORS, 1), (GRADING, 2)], ids=["all", "grading"])
def test_nothing_imports_upwards(floors, depth):
    house = ".".join([NAME, "grading"][:depth]) + "."
    upwards = []
    for module, targets in GRAPH.items():
        for target in targets:
            if not (module.startswith(house) and target.startswith(house)):
                continue
            here, there = floor_of(module, floors, depth), floor_of(target, floors, depth)
            at_home = module.split(".")[depth] == target.split(".")[depth]
            if not at_home and there >= here:
                upwards.append(f"{module} imports {target}")
    assert not upwards, "\n".join(sorted(upwards))


def test_there_is_no_circle():
    done, path = set(), []

    def visit(module):
        if module in path:
            pytest.fail(" → ".join([*path[path.index(module) :], module]))
        if module in done:
            return
        path.append(module)
        for target in sorted(GRAPH[module]):
            visit(target)
        path.pop()
        done.add(module)

    for module in GRAPH:
        visit(module)


def private(name):
    return name.startswith("_") and not name.startswith("__")


def defined_in(module):
    """Every private name that a module gives to a function, a class, a variable, an attribute."""
    nodes = list(ast.walk(TREES[module]))
    names = {n.name for n in nodes if isinstance(n, ast.FunctionDef | ast.ClassDef)}
    stored = [n for n in nodes if isinstance(n, ast.Attribute | ast.Name)]
    stored = [n for n in stored if isinstance(n.ctx, ast.Store)]
    names |= {n.attr if isinstance(n, ast.Attribute) else n.id for n in stored}
    return set(filter(private, names))


OURS = set().union(*map(defined_in, SOURCES))  # what is private elsewhere is not our affair


def imported_names(module):
    """What a module's imports from the course are called in it, as or without `as`."""
    for node in ast.walk(TREES[module]):
        if isinstance(node, ast.Import | ast.ImportFrom):
            start = NAME if getattr(node, "level", 0) else getattr(node, "module", None)
            for alias in node.names:
                if (start or alias.name).split(".")[0] == NAME:
                    yield alias.asname or alias.name.split(".")[0]


@pytest.mark.parametrize("module", sorted(SOURCES))
def test_no_private_name_of_another_module(module):
    """A name with a line before it is used where it is defined, or on the object itself; of what
    is imported it is never used, even if this module has one of the same name."""
    strange, foreign = OURS - defined_in(module), set(imported_names(module))
    found = [f"from {target} import {name}" for target, name in imports(module)
             if name and private(name)]  # fmt: skip
    for node in ast.walk(TREES[module]):
        if not isinstance(node, ast.Attribute) or not private(node.attr):
            continue
        owner = ast.unparse(node.value)
        theirs = owner.split(".")[0] in foreign
        if theirs or (node.attr in strange and owner not in ("self", "cls")):
            found.append(f"line {node.lineno}: {ast.unparse(node)}")
    assert not found
