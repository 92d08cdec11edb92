"""Points that people give: answers graded by hand, late days, and comments used again and again.

`marks.csv` has the columns student, item, points, comment. An item is a question (`slope_words`),
one line of its rubric (`slope_words/2`), or `adjust` for points added to or taken from the total.
A comment may hold keys of `comments.csv` (key, text), written as @key.
"""

from __future__ import annotations

import csv
import math
import re
from dataclasses import dataclass, field
from pathlib import Path

from rnncourse.grading.submissions import Roster, parse_time, plain, read_table


class MarksError(ValueError):
    """A row of a CSV file that cannot be used, with its number."""


@dataclass
class Marks:
    """What the tables say: student -> item -> (points or None, comment)."""

    rows: dict[str, dict[str, tuple[float | None, str]]] = field(default_factory=dict)

    def of(self, student: str) -> dict[str, tuple[float | None, str]]:
        return self.rows.get(student, {})


def read_comments(path: Path | None) -> dict[str, str]:
    if not path or not path.exists():
        return {}
    return {row.get("key", "").lstrip("@"): row.get("text", "") for row in read_table(path)}


def read_marks(path: Path | None, comments: dict[str, str], known: set[str]) -> Marks:
    """The marks; students by their identifier, however it is written."""
    marks = Marks()
    if not path or not path.exists():
        return marks
    by_plain = {plain(student): student for student in known}
    for number, row in enumerate(read_table(path), start=2):
        student, item = row.get("student", ""), row.get("item", "")
        if not student and not item:
            continue
        points = row.get("points", "").replace(",", ".")
        comment = expand(row.get("comment", ""), comments, f"{path.name}, row {number}")
        if not points and not comment:
            continue
        try:
            value = float(points) if points else None
        except ValueError:
            value = math.nan
        if value is not None and not math.isfinite(value):
            raise MarksError(f"{path.name}, row {number}: {points!r} is not a number of points.")
        name = by_plain.get(plain(student))
        if name is None:
            raise MarksError(f"{path.name}, row {number}: nobody here is called {student!r}.")
        marks.rows.setdefault(name, {})[item] = (value, comment)
    return marks


def expand(comment: str, comments: dict[str, str], where: str) -> str:
    def text(match: re.Match) -> str:
        if match[1] not in comments:
            raise MarksError(f"{where}: there is no comment called @{match[1]}.")
        return comments[match[1]]

    return re.sub(r"(?<!\w)@([\w-]+)", text, comment) if comments else comment


def apply(result: dict, marks: dict[str, tuple[float | None, str]]) -> None:
    """Put the marks into a result: points and comments by question."""
    result["adjust"] = [(points or 0.0, comment) for item, (points, comment) in marks.items()
                        if item in ("adjust", "late")]  # fmt: skip
    for name, answer in result["questions"].items():
        answer["comment"] = ""
        criteria = {item: m for item, m in marks.items() if item.startswith(f"{name}/")}
        if name in marks:
            points, answer["comment"] = marks[name]
        elif any(points is not None for points, _ in criteria.values()):
            points = sum(points or 0.0 for points, _ in criteria.values())
        else:
            points = None
        notes = [f"{item.split('/')[1]}: {comment}" for item, (_, comment) in
                 sorted(criteria.items()) if comment]  # fmt: skip
        answer["comment"] = "\n".join(filter(None, [answer["comment"], *notes]))
        if points is not None:
            answer["automatic"] = answer["points"]
            answer["points"] = points
            answer["status"] = "marked"
        answer["pending"] = answer["status"] == "manual"


@dataclass
class Deadline:
    """When the work was due, for whom later, and what a late day costs."""

    due: float | None = None
    per_day: float = 0.0  # share of the points
    extensions: dict[str, float] = field(default_factory=dict)

    def late(self, student: str, submitted: float) -> tuple[int, float]:
        """(days late, share of the points that is lost)."""
        due = self.extensions.get(student, self.due)
        if due is None or not submitted or submitted <= due:
            return 0, 0.0
        days = math.ceil((submitted - due) / 86400)
        return days, min(1.0, days * self.per_day)


def read_deadline(
    due: str, per_day: float, extensions: Path | None, roster: Roster, known: set[str]
) -> Deadline:
    """due as ISO date and time; extensions from a CSV (student, due) or the roster's column due."""
    deadline = Deadline(parse_time(due) if due else None, per_day)
    by_plain = {plain(student): student for student in known}
    rows = [{"student": p.student, **p.fields} for p in roster.people]
    rows += read_table(extensions) if extensions else []
    for number, row in enumerate(rows, start=2):
        until, student = row.get("due", ""), by_plain.get(plain(row.get("student", "")))
        if until and student:
            try:
                deadline.extensions[student] = parse_time(until)
            except ValueError as error:
                text = f"Row {number}: {until!r} is no date such as 2026-05-01T23:59."
                raise MarksError(text) from error
    return deadline


def write_todo(path: Path, rows: list[dict]) -> None:
    """The table of what is still to be graded by hand, ready to be filled in as marks.csv."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, ["student", "item", "points", "comment", "of", "criterion"])
        writer.writeheader()
        writer.writerows(rows)
