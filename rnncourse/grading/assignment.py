"""What is graded: the questions of a chapter, who gets which variant, what decides a grade."""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from rnncourse import __version__, bank, quizzes
from rnncourse.bank import Question
from rnncourse.grading import imports
from rnncourse.grading.sandbox import INSIDE, Limits
from rnncourse.grading.sandbox.inside import slices


@dataclass(frozen=True)
class Cluster:
    """Answers that were equally wrong, with a name and a hint. mark is what they gave on this
    assignment's cases; for other cases, sources are some of them, each with its cell's number."""

    question: str
    name: str
    hint: str
    mark: str
    sources: tuple[tuple[int, str], ...]


@dataclass(frozen=True)
class Assignment:
    """What is graded and how; it travels to other processes and machines."""

    chapter: int
    seed: int
    bank: str = ""  # the folder of a private bank
    only: tuple[str, ...] = ()  # grade these questions and no others
    edition: tuple[str, ...] = ()  # code cells that were handed out
    helpers: tuple[str, ...] = ()  # of the course's package, what solved answers use
    clusters: tuple[Cluster, ...] = ()  # with a name that the instructor gave
    limits: Limits = field(default_factory=Limits)
    unsafe: bool = False


def load_questions(assignment: Assignment) -> dict[str, list[Question]]:
    """The assignment's questions by name; of each one or, in a private bank, several variants.

    With a private bank the course's questions count only if the private notebook has them.
    """
    found = bank.chapter(assignment.chapter)
    if assignment.bank:
        folder = Path(assignment.bank)
        books = [p.read_text() for p in folder.glob(f"**/{assignment.chapter:02d}_*.ipynb")]
        mine = bank.read_folder(folder, assignment.chapter).get(assignment.chapter, [])
        names = {question.name for question in mine}
        found = [
            q
            for q in found
            if q.name not in names and (not books or any(q.name in book for book in books))
        ] + mine
    if not found:
        where = assignment.bank or "the course"
        raise ValueError(f"There are no questions for chapter {assignment.chapter} in {where}.")
    questions: dict[str, list[Question]] = {}
    for question in found:
        questions.setdefault(question.name, []).append(question)
    return questions


def variant_of(variants: Sequence[Question], student: str) -> int:
    """Which variant of a question a student gets: drawn by name, the same every time."""
    if len(variants) == 1:
        return 0
    digest = hashlib.sha256(f"{variants[0].name}\0{student}".encode()).digest()
    return int.from_bytes(digest[:8], "big") % len(variants)


def importable(edition: Sequence[str]) -> set[str]:
    """The modules of the course that students may import: the cells, with which all chapters
    teach, and what the handed-out notebook imports itself."""
    statements = slices.Notebook(list(edition)).statements
    return {"rnncourse.cells"}.union(*(imports.imported(s.node) for s in statements))


def bank_version(assignment: Assignment) -> str:
    """The package's version and a digest of everything that decides a grade: questions, quiz,
    references and all that they import, the engine, the grader and what runs in the sandbox, the
    handed-out notebook and what answers may import."""
    digest = hashlib.sha256(repr(assignment.edition).encode())
    for name, path in sorted(_files_that_decide(assignment).items()):
        digest.update(name.encode() + b"\0" + path.read_bytes())
    return f"{__version__}+{digest.hexdigest()[:12]}"


def _files_that_decide(assignment: Assignment) -> dict[str, Path]:
    """The files by a name that is the same on every machine."""
    mine = _bank_files(Path(assignment.bank), assignment.chapter) if assignment.bank else []
    asked = [q for variants in load_questions(assignment).values() for q in variants]
    used = {name for question in asked for name in question.uses} - {q.name for q in asked}
    course = Path(bank.__file__).parent
    numbers = {assignment.chapter, *map(bank.chapter_of, used)}
    modules = {"rnncourse.grading.grader", *importable(assignment.edition)}
    modules |= {f"rnncourse.bank.{p.stem}" for n in numbers for p in _bank_files(course, n)}
    for path in mine:
        modules |= imports.imported(ast.parse(path.read_text(encoding="utf-8")))
    needed = imports.closure(modules, without=["figures"])  # which show questions, and judge none
    files = {name: imports.path_of(name) for name in needed}
    files |= {path.name: path for path in (*mine, *INSIDE.glob("*.py"))}
    quiz = Path(quizzes.__file__).with_name(f"{assignment.chapter:02d}.json")
    return files | ({quiz.name: quiz} if quiz.exists() else {})


def _bank_files(folder: Path, chapter: int) -> list[Path]:
    return sorted(folder.glob(f"ch{chapter:02d}_*.py"))
