"""Make the student edition of the exercises from the solved notebooks.

In notebooks/solutions/ an answer cell defines what a question of the bank is called, with the
solution between ``### BEGIN SOLUTION`` and ``### END SOLUTION``; a check cell calls ``check``; an
answer that is graded by hand carries the tag ``manual:NAME``; what only the solutions should
show carries the tag ``solution-only``. Grading metadata follows from these cells and the bank.
"""

from __future__ import annotations

import ast
import copy
import os
import re
from pathlib import Path

from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell

from rnncourse import bank, notebooks, quizzes
from rnncourse.exercises.judge import count
from rnncourse.quizzes.text import as_markdown

BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"
SOLUTION_ONLY = "solution-only"
YOUR_TURN = 'raise NotImplementedError("your turn")'
YOUR_CODE = "# your code here"
YOUR_WORDS = "*Your answer here.*"


def run(path: str | os.PathLike, timeout: int = 600) -> None:
    """Execute a notebook and store it in place; a solved one with what graders need to know."""
    if Path(path).resolve().parent.name != "solutions":
        notebooks.run(path, timeout)
        return
    solved = notebooks.execute(split_checks(notebooks.read(path)), Path(path), timeout)
    notebooks.write(annotate(notebooks.normalise(solved)), path)


def build(root: Path, check: bool = False) -> list[Path]:
    """Write the student edition of every solved notebook; returns the files that differed.

    With check=True nothing is written.
    """
    source, target = root / "notebooks" / "solutions", root / "notebooks" / "exercises"
    wanted = {
        target / path.name: notebooks.to_text(student_edition(notebooks.read(path)))
        for path in sorted(source.glob("*.ipynb"))
    }
    stale = [path for path in sorted(target.glob("*.ipynb")) if path not in wanted]
    changed = [path for path, text in wanted.items() if _stored(path) != text]
    if not check:
        target.mkdir(exist_ok=True)
        for path in changed:
            path.write_text(wanted[path], encoding="utf-8", newline="\n")
        for path in stale:
            path.unlink()
    return changed + stale


def _stored(path: Path) -> str | None:
    return path.read_bytes().decode("utf-8") if path.exists() else None


def student_edition(solved: NotebookNode) -> NotebookNode:
    """The notebook without solutions and outputs, ready to be filled in."""
    notebook = copy.deepcopy(solved)
    cells = []
    for cell in notebook.cells:
        tags = cell.metadata.get("tags", [])
        if SOLUTION_ONLY in tags:
            continue
        if cell.cell_type == "code":
            cell.outputs = []
            cells += [_question_text(name) for name in answers(cell) if name.startswith("quiz_")]
            cell.source = _without_solution(cell)
        elif manual(cell):
            cell.source = YOUR_WORDS
        cell.metadata.pop("mystnb", None)  # the text of the solution's picture tells too much
        cells.append(cell)
    notebook.cells = cells
    notebooks.normalise(notebook)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.execution_count = None
    return annotate(notebook)


def _question_text(name: str) -> NotebookNode:
    """A question of the quiz as a cell, from the chapter's quiz file."""
    _, chapter, number = name.split("_")
    question = quizzes.load(int(chapter))["quiz"][int(number) - 1]
    options = zip(quizzes.LETTERS, question["answers"], strict=False)
    code = f"\n\n```python\n{question['code']}\n```" if "code" in question else ""
    lines = [f"- **{letter}** {as_markdown(option['answer'])}" for letter, option in options]
    head = f"**Question {number}.** {as_markdown(question['question'])}{code}"
    return new_markdown_cell(head + "\n\n" + "\n".join(lines))


def _without_solution(cell: NotebookNode) -> str:
    lines, kept, region = cell.source.splitlines(), [], None
    for line in lines:
        if line.strip() == BEGIN:
            region, indent = [], line[: len(line) - len(line.lstrip())]
        elif line.strip() == END:
            kept += [indent + stub for stub in _stub(region, indent, kept)]
            region = None
        elif region is not None:
            region.append(line)
        else:
            kept.append(line)
    if region is not None:
        raise notebooks.NotebookError(f"{BEGIN} without {END} in a cell:\n{cell.source}")
    source = "\n".join(kept)
    if manual(cell) and BEGIN not in cell.source:
        source = YOUR_CODE
    return _without_values(source)


def _stub(region: list[str], indent: str, before: list[str]) -> list[str]:
    """What stands in the place of a solution."""
    if indent:
        return [YOUR_TURN]
    given = _assigned("\n".join(before))
    values = [name for name in _assigned("\n".join(region)) if _is_value(name)]
    if values:
        return [f"{name} = None" for name in values if name not in given]
    return [YOUR_CODE]


def _without_values(source: str) -> str:
    """Every value that is assigned to a question becomes None, inside a solution region or not."""
    lines = source.splitlines()
    for node in reversed(_parse(source).body):
        names = [name for name in _targets(node) if _is_value(name)]
        if names:
            lines[node.lineno - 1 : node.end_lineno] = [f"{name} = None" for name in names]
    return "\n".join(lines)


def solution_lines(solved: NotebookNode) -> set[str]:
    """The lines that give something away: those of solutions that stand nowhere else."""
    secret, public = set(), set()
    for cell in solved.cells:
        inside = bool(manual(cell)) and BEGIN not in cell.source
        inside = inside or SOLUTION_ONLY in cell.metadata.get("tags", [])
        for line in cell.source.splitlines():
            line = line.strip()
            if line in (BEGIN, END):
                inside = line == BEGIN
                continue
            value = any(re.match(rf"{name}\b.*=", line) for name in answers(cell))
            hidden = inside or (value and not re.search(r"=\s*None$|^def ", line))
            (secret if hidden else public).add(line)
    trivial = re.compile(r"\W*|return|else:|try:|pass|import \w+( as \w+)?")
    return {line for line in secret - public if not trivial.fullmatch(line)}


# --- what a cell is ------------------------------------------------------------------------


def manual(cell: NotebookNode) -> str | None:
    """The question that is graded by hand in this cell."""
    tags = cell.metadata.get("tags", [])
    return next((tag.split(":", 1)[1] for tag in tags if tag.startswith("manual:")), None)


def answers(cell: NotebookNode) -> list[str]:
    """The questions that this code cell answers, by function or variable."""
    if cell.cell_type != "code" or manual(cell):
        return []
    known = bank.load()
    return [name for name in _assigned(cell.source) if name in known and known[name].reference]


def without_checks(source: str) -> str:
    """The code without its calls of `check`."""
    lines = source.splitlines()
    for node in reversed(_parse(source).body):
        if _checked(node):
            del lines[node.lineno - 1 : node.end_lineno]
    return "\n".join(lines)


def checks(cell: NotebookNode) -> list[str]:
    """The questions that this code cell checks."""
    if cell.cell_type != "code":
        return []
    return [name for name in map(_checked, _parse(cell.source).body) if name]


def _checked(node: ast.stmt) -> str | None:
    match node:
        case ast.Expr(
            ast.Call(func=ast.Name(id="check"), args=[ast.Constant(value=str(name)), *_])
        ):
            return name
    return None


def _parse(source: str) -> ast.Module:
    try:
        return ast.parse(source)
    except SyntaxError:  # a magic, or a region that was cut open: nothing to find
        return ast.Module(body=[], type_ignores=[])


def _assigned(source: str) -> list[str]:
    names = [name for node in _parse(source).body for name in _targets(node)]
    return list(dict.fromkeys(names))


def _targets(node: ast.stmt) -> list[str]:
    if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
        return [node.name]
    if isinstance(node, ast.Assign):
        return [
            name.id
            for target in node.targets
            for name in ast.walk(target)
            if isinstance(name, ast.Name) and isinstance(name.ctx, ast.Store)
        ]
    if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
        return [node.target.id]
    return []


def _is_value(name: str) -> bool:
    question = bank.load().get(name)
    return bool(question and question.reference and not question.inputs)


# --- grading metadata ----------------------------------------------------------------------


def split_checks(notebook: NotebookNode) -> NotebookNode:
    """Move checks that stand under an answer into a cell of their own, as graders need it."""
    cells = []
    for cell in notebook.cells:
        body = _parse(cell.source).body if cell.cell_type == "code" else []
        tail = len(body)
        while tail and _checked(body[tail - 1]):
            tail -= 1
        if tail == len(body) or not any(map(_targets, body[:tail])):
            cells.append(cell)
            continue
        lines = cell.source.splitlines()
        cut = body[tail].lineno - 1
        check = copy.deepcopy(cell)
        check.metadata = NotebookNode()
        cell.source = "\n".join(lines[:cut]).rstrip()
        check.source = "\n".join(lines[cut:]).strip()
        cells += [cell, check]
    notebook.cells = cells
    return notebook


def annotate(notebook: NotebookNode) -> NotebookNode:
    """Write nbgrader's metadata, derived from the cells and the bank; in place."""
    for cell in notebook.cells:
        cell.metadata.pop("nbgrader", None)
        meta = _grading(cell)
        if meta:
            plain = {"grade": False, "solution": False, "locked": False, "task": False}
            cell.metadata["nbgrader"] = {**plain, "schema_version": 3, **meta}
    return notebook


def _grading(cell: NotebookNode) -> dict | None:
    by_hand = manual(cell)
    if by_hand:
        points = bank.get(by_hand).points
        return {"grade": True, "solution": True, "grade_id": by_hand, "points": points}
    found = answers(cell)
    if found:
        return {"solution": True, "grade_id": found[0]}
    if cell.cell_type == "code" and BEGIN in cell.source:
        return {"solution": True, "grade_id": f"code-{cell.id}"}
    checked = checks(cell)
    if checked:
        points = sum(bank.get(name).points for name in checked)
        grade_id = f"check_{checked[0]}"
        return {"grade": True, "locked": True, "grade_id": grade_id, "points": points}
    return None


def describe(name: str) -> str:
    """The points of a question, as its statement should give them."""
    return count(bank.get(name).points, "point")
