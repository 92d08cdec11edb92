"""Run a learner's exercise notebook and say how far it is: score and hints by question."""

from __future__ import annotations

import contextlib
import json
import os
import re
import sys
import threading
from collections import Counter
from pathlib import Path

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell

from rnncourse import bank, notebooks
from rnncourse.exercises import build
from rnncourse.exercises.check import LADDER, REPORT
from rnncourse.exercises.judge import count, format_points

CELL_SECONDS = 120
PATIENT = 10  # seconds of silence before it is said which cell runs


def score(path: Path) -> str:
    """The report on a notebook, ready to print. NotebookError if it is no notebook of ours."""
    notebook = notebooks.read(path)
    chapter = _chapter(notebook, path)
    questions = bank.chapters()[chapter]
    results = _run(notebook, path, chapter, [question.name for question in questions])
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


def _run(notebook: NotebookNode, path: Path, chapter: int, names: list[str]) -> dict[str, dict]:
    """Run the notebook, over every cell that fails, and then every check, once."""
    for cell in notebook.cells:
        if cell.cell_type == "code" and build.checks(cell):
            cell.source = build.without_checks(cell.source)
    notebook.cells.append(
        new_code_cell(
            "from rnncourse.exercises.check import report as _report\n"
            f"_report({names!r}, globals(), {_shown(path, chapter)!r})"
        )
    )
    with _Patience(len(notebook.cells) - 1) as patience:
        notebooks.execute(notebook, path, CELL_SECONDS, allow_errors=True, begun=patience.begun)
    for output in notebook.cells.pop().outputs:
        if REPORT in output.get("data", {}):
            _keep(path, chapter, output.data[LADDER])
            return {result["name"]: result for result in output.data[REPORT]}
    raise notebooks.NotebookError(f"{path}: the notebook ended Python before it could be checked")


# --- the ladder of hints, from one run to the next -----------------------------------------------
def _memory() -> Path:
    """Where it is kept which hints were shown: never in a notebook."""
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(home) / "rnncourse" / "hints.json"


def _known() -> dict:
    try:
        known = json.loads(_memory().read_text(encoding="utf-8"))
        return known if isinstance(known, dict) else {}
    except (OSError, ValueError):
        return {}


def _shown(path: Path, chapter: int) -> list:
    return _known().get(f"{path.resolve()} {chapter}", [])


def _keep(path: Path, chapter: int, reached: list) -> None:
    with contextlib.suppress(OSError):  # without a memory every run begins with the first hint
        _memory().parent.mkdir(parents=True, exist_ok=True)
        known = _known() | {f"{path.resolve()} {chapter}": reached}
        _memory().write_text(json.dumps(known), encoding="utf-8")


class _Patience:
    """Says which cell runs, when it takes long."""

    def __init__(self, last: int):
        self.last, self.timer = last, None

    def __enter__(self):
        return self

    def __exit__(self, *_) -> None:
        if self.timer:
            self.timer.cancel()

    def begun(self, index: int) -> None:
        self.__exit__()
        what = f"cell {index + 1}" if index < self.last else "the check of your answers"
        text = f"{what} is running; it is stopped after {CELL_SECONDS} seconds …"
        self.timer = threading.Timer(PATIENT, print, (text,), {"file": sys.stderr, "flush": True})
        self.timer.daemon = True
        self.timer.start()


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
