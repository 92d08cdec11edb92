"""Run a learner's exercise notebook and say how far it is: score and hints by question."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell

from rnncourse import bank, notebooks
from rnncourse.exercises import build
from rnncourse.exercises.check import REPORT
from rnncourse.exercises.judge import count, format_points

CELL_SECONDS = 120


def score(path: Path) -> str:
    """The report on a notebook, ready to print. NotebookError if it is no notebook of ours."""
    notebook = notebooks.read(path)
    chapter = _chapter(notebook, path)
    questions = bank.chapters()[chapter]
    results = _run(notebook, path, [question.name for question in questions])
    crashed = _crashed(notebook)
    lines = [f"{path.name}, exercises to chapter {chapter}"]
    for question in questions:
        result = results[question.name]
        if result["status"] == "missing":
            lines.append(_missing(question.name, notebook))
        elif result["status"] in ("right", "wrong"):
            lines += [result["message"], *("  " + note for note in result["notes"])]
    for status, text in (("unanswered", "not answered yet"), ("manual", "graded by hand")):
        names = [name for name, result in results.items() if result["status"] == status]
        lines += [f"{text}: {', '.join(names)}"] if names else []
    lines += ["", *crashed] if crashed else []
    return "\n".join([*lines, "", _total(questions, results)])


def _total(questions: list, results: dict) -> str:
    judged = [question for question in questions if question.reference]
    by_hand = sum(question.points for question in questions if not question.reference)
    got = sum(results[question.name]["points"] for question in judged)
    of = count(sum(question.points for question in judged), "point")
    text = f"Score: {format_points(got)} of {of}."
    if by_hand:
        text += f" Graded by hand: {count(by_hand, 'more point')}."
    return text


def _chapter(notebook: NotebookNode, path: Path) -> int:
    """The chapter that most of the questions in the notebook belong to."""
    names = [
        name
        for cell in notebook.cells
        for name in [*build.answers(cell), *build.checks(cell), build.manual(cell)]
        if name in bank.load()
    ]
    if not names:
        raise notebooks.NotebookError(
            f"{path}: no exercise of the course is in this notebook. "
            "Is it one of notebooks/exercises/?"
        )
    return Counter(map(bank.chapter_of, names)).most_common(1)[0][0]


def _run(notebook: NotebookNode, path: Path, names: list[str]) -> dict[str, dict]:
    """Run the notebook, over every cell that fails, and then every check, once."""
    for cell in notebook.cells:
        if cell.cell_type == "code" and build.checks(cell):
            cell.source = build.without_checks(cell.source)
    notebook.cells.append(
        new_code_cell(
            "from rnncourse.exercises.check import report as _report\n"
            f"_report({names!r}, globals())"
        )
    )
    notebooks.execute(notebook, path, CELL_SECONDS, allow_errors=True)
    for output in notebook.cells.pop().outputs:
        if REPORT in output.get("data", {}):
            return {result["name"]: result for result in output.data[REPORT]}
    raise notebooks.NotebookError(f"{path}: the notebook ended Python before it could be checked")


def _crashed(notebook: NotebookNode) -> list[str]:
    lines = []
    for number, cell in enumerate(notebook.cells, start=1):
        for output in cell.get("outputs", []):
            if output.output_type == "error" and output.evalue != "your turn":
                text = " ".join(f"{output.ename}: {output.evalue}".split())[:200]
                lines.append(f"Cell {number} stops with {text}")
    return lines


def _missing(name: str, notebook: NotebookNode) -> str:
    """Why a question has no answer: its cell fails, or is not there."""
    definition = re.compile(rf"^(def {name}\b|{name}\s*=)", re.MULTILINE)
    for number, cell in enumerate(notebook.cells, start=1):
        if cell.cell_type == "code" and definition.search(cell.source):
            return f"{name}: its cell (cell {number}) does not run, see below."
    return f"{name}: there is no answer of this name in the notebook."
