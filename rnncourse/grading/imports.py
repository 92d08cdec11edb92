"""Which modules of the course a piece of code imports, read from its source without running it.

The sandbox shows what an assignment may import and what that imports in turn; a grade depends on
the modules that the bank and the judge import.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from functools import cache
from pathlib import Path

PACKAGE = Path(__file__).parents[1]
COURSE = PACKAGE.name


def path_of(module: str) -> Path | None:
    """The file of a module of the course; None if there is no such module."""
    parts = module.split(".")
    if parts[0] != COURSE:
        return None
    place = PACKAGE.joinpath(*parts[1:])
    for path in (place / "__init__.py", place.with_name(place.name + ".py")):
        if path.is_file():
            return path
    return None


def imported(tree: ast.AST, package: str = "") -> set[str]:
    """The modules of the course that this code imports, inside functions too.

    package is where a relative import begins.
    """
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = package.split(".")[: len(package.split(".")) - node.level + 1]
            start = ".".join([*(base if node.level else []), *filter(None, [node.module])])
            submodules = {f"{start}.{alias.name}" for alias in node.names}
            known = {name for name in submodules if path_of(name)}
            found |= known | ({start} if len(known) < len(submodules) else set())
    return {name for name in found if path_of(name)}


@cache
def imports_of(path: Path, module: str) -> frozenset[str]:
    """The modules of the course that a module of the course imports."""
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    return frozenset(imported(ast.parse(path.read_text(encoding="utf-8")), package))


def closure(modules: Iterable[str], without: Iterable[str] = ()) -> set[str]:
    """These modules of the course and all that has to be there for them to be imported; what is
    in the packages of `without` is left out."""
    withheld = {f"{COURSE}.{name}" for name in without}
    found: set[str] = set()
    waiting = list(modules)
    while waiting:
        module = waiting.pop()
        if module in found or ".".join(module.split(".")[:2]) in withheld or not path_of(module):
            continue
        found.add(module)
        waiting += imports_of(path_of(module), module)
        waiting += filter(None, [module.rpartition(".")[0]])
    return found
