"""Before any student sees an assignment: the solutions score 100 %, the student edition 0 %."""

from __future__ import annotations

import secrets

from nbformat import NotebookNode

from rnncourse.exercises.judge import count, format_points
from rnncourse.grading.assignment import Assignment
from rnncourse.grading.edition import for_student, helpers_of, notebooks_of, student_with_variant
from rnncourse.grading.grader import Grader
from rnncourse.grading.inbox import Submission


def check(chapter: int, private: str = "", unsafe: bool = False) -> tuple[bool, list[str]]:
    """(is all well, lines to print): every question, with fresh secret cases."""
    solved, edition = notebooks_of(chapter, private)
    assignment = Assignment(
        chapter, secrets.randbits(62), private, edition=_code(edition), unsafe=unsafe,
        helpers=helpers_of(chapter, private),
    )  # fmt: skip
    lines, good = [], True
    with Grader(assignment) as grader:
        most = max(map(len, grader.questions.values()))
        for variant in range(most):
            student = student_with_variant(grader.questions, variant)
            full = _grade(grader, for_student(solved, grader.questions, student), student)
            none = _grade(grader, for_student(edition, grader.questions, student), student)
            for name, answer in full["questions"].items():
                if "rubric" in answer:
                    lines.append(f"· {name}: {count(answer['of'], 'point')}, graded by hand")
                    continue
                empty = none["questions"][name]
                bad = answer["points"] < answer["of"] or empty["points"] > 0
                good = good and not bad
                scores = f"{format_points(answer['points'])} of {answer['of']}"
                label = f"{name} (variant {answer['variant']})" if most > 1 else name
                lines.append(
                    f"{'✗' if bad else '✓'} {label}: solution {scores}, "
                    f"student edition {format_points(empty['points']) or 0}"
                )
                if bad:
                    lines.append(f"    {answer['message']}")
    last = "All is well: solutions score 100 %, the student edition 0 %."
    return good, [*lines, last if good else "Do not hand this out yet."]


def _grade(grader: Grader, notebook, student: str) -> dict:
    return grader.grade(Submission(student, "", "", _code(notebook)))


def _code(notebook: NotebookNode) -> tuple[str, ...]:
    return tuple(cell.source for cell in notebook.cells if cell.cell_type == "code")
