"""The notebook of an assignment: solved, for students, and for one student's variants."""

from __future__ import annotations

import ast
import contextlib
import copy
from pathlib import Path

from nbformat import NotebookNode

from rnncourse import bank, notebooks
from rnncourse.bank import Question
from rnncourse.exercises import build
from rnncourse.grading import inbox
from rnncourse.grading.assignment import Assignment, load_questions, variant_of
from rnncourse.grading.sandbox.inside import slices

ROOT = Path(__file__).parents[2]


def notebooks_of(chapter: int, private: str = "") -> tuple[NotebookNode, NotebookNode]:
    """(solved notebook, student edition) of a chapter, of the course or of a private bank."""
    folder = Path(private) if private else ROOT / "notebooks"
    paths = sorted((folder / "solutions").glob(f"{chapter:02d}_*.ipynb"))
    if not paths and private:
        paths = sorted((ROOT / "notebooks" / "solutions").glob(f"{chapter:02d}_*.ipynb"))
    if not paths:
        raise ValueError(f"There is no solved notebook of chapter {chapter} in {folder}/solutions.")
    if private:
        bank.include(folder)
    solved = notebooks.read(paths[0])
    return solved, build.student_edition(solved)


def notebook_name(chapter: int, private: str = "") -> str:
    for folder in filter(None, (private, ROOT / "notebooks")):
        for path in sorted((Path(folder) / "solutions").glob(f"{chapter:02d}_*.ipynb")):
            return path.name
    raise ValueError(f"There is no notebook of chapter {chapter}.")


def chapter_slug(chapter: int) -> str:
    for folder in ("exercises", "solutions"):
        for path in sorted((ROOT / "notebooks" / folder).glob(f"{chapter:02d}_*.ipynb")):
            return path.stem
    return f"{chapter:02d}_"


def handed_out(chapter: int, private: str = "") -> list[dict]:
    """The cells that were handed out: of the private bank, or of the course."""
    place = Path(private) if private else ROOT / "notebooks" / "exercises"
    for path in sorted(place.glob(f"{chapter:02d}_*.ipynb")):
        with contextlib.suppress(inbox.Unreadable, OSError):
            return inbox.read_cells(path.read_bytes())
    if private and sorted(place.glob(f"solutions/{chapter:02d}_*.ipynb")):
        _, edition = notebooks_of(chapter, private)
        return [inbox.plain_cell(cell) for cell in edition.cells]
    return []


def helpers_of(chapter: int, private: str = "") -> tuple[str, ...]:
    """What the solved answers use of the course's package: answers may do so, too. Where there is
    no solved notebook, all that the one that was handed out imports."""
    try:
        solved, _ = notebooks_of(chapter, private)
        code = [cell.source for cell in solved.cells if cell.cell_type == "code"]
    except ValueError:
        code = []
    book = slices.Notebook(code or list(code_of(handed_out(chapter, private))))
    if not code:
        return tuple(sorted(n for n in book.origins().values() if n.startswith("rnncourse.")))
    names: set[str] = set()
    for variants in load_questions(Assignment(chapter, 0, private)).values():
        for statement in book.need(variants[0].name, set(variants[0].uses)):
            if not isinstance(statement.node, (ast.Import, ast.ImportFrom)):
                names |= set(slices.findings([statement], book)[1])
    return tuple(sorted(names))


def code_of(cells: list[dict]) -> tuple[str, ...]:
    """The code cells, as an `Assignment` wants them."""
    return tuple(cell["source"] for cell in cells if cell["kind"] == "code")


def for_student(
    notebook: NotebookNode, questions: dict[str, list[Question]], student: str
) -> NotebookNode:
    """The notebook with the student's variants: of cells tagged variant:NAME:K, theirs."""
    mine = copy.deepcopy(notebook)
    kept = []
    for cell in mine.cells:
        tags = [tag for tag in cell.metadata.get("tags", []) if tag.startswith("variant:")]
        wanted = [tag.split(":") for tag in tags]
        if all(variant_of(questions[n], student) + 1 == int(k) for _, n, k in wanted):
            cell.metadata["tags"] = [t for t in cell.metadata.get("tags", []) if t not in tags]
            if not cell.metadata["tags"]:
                del cell.metadata["tags"]
            kept.append(cell)
    mine.cells = kept
    return mine


def student_with_variant(questions: dict[str, list[Question]], number: int) -> str:
    """A made-up student who gets variant `number` of the question with the most variants."""
    most = max(questions.values(), key=len)
    for k in range(10_000):
        if variant_of(most, f"preflight {k}") == number:
            return f"preflight {k}"
    raise AssertionError


def title_of(notebook: NotebookNode) -> str:
    for cell in notebook.cells:
        for line in cell.source.splitlines():
            if cell.cell_type == "markdown" and line.startswith("# "):
                return line[2:].strip()
    return "Exercises"
