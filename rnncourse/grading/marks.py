"""Points that people give: answers graded by hand, late days, and comments used again and again.

`marks.csv` has the columns student, item, points, comment. An item is a question (`state_words`),
one line of its rubric (`state_words/2`), or `adjust` for points added to or taken from the total.
A comment may hold keys of `comments.csv` (key, text), written as @key.
"""

from __future__ import annotations

import contextlib
import csv
import difflib
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from rnncourse.grading.submissions import IDS, Roster, cell, parse_time, plain, read_table


class MarksError(ValueError):
    """A row of a CSV file that cannot be used, with its number."""


class Names:
    """Finds students as people write them: exactly, or else without case, accents and blanks."""

    def __init__(self, known: Iterable[str], others: Iterable[tuple[str, str]] = ()):
        """others holds pairs of what somebody may be called, too, and who it is."""
        self._exact = {name: name for name in known}
        self._plain: dict[str, set[str]] = {}
        for text, name in [*self._exact.items(), *others]:
            if plain(text) and name in self._exact:
                self._plain.setdefault(plain(text), set()).add(name)

    def find(self, text: str, where: str) -> str:
        found = {self._exact[text]} if text in self._exact else self._plain.get(plain(text), set())
        if len(found) == 1:
            return next(iter(found))
        if found:
            either = " or ".join(map(repr, sorted(found)))
            raise MarksError(f"{where}: {text!r} may be {either}. Write it exactly.")
        near = difflib.get_close_matches(text, self._exact, n=2)
        hint = f" Is it {' or '.join(map(repr, near))}?" if near else ""
        raise MarksError(f"{where}: nobody here is called {text!r}.{hint}")


@dataclass
class Marks:
    """What the tables say: student -> item -> (points or None, comment)."""

    rows: dict[str, dict[str, tuple[float | None, str]]] = field(default_factory=dict)

    def of(self, student: str) -> dict[str, tuple[float | None, str]]:
        return self.rows.get(student, {})


def read_comments(path: Path | None) -> dict[str, str]:
    if not path:
        return {}
    return {row.get("key", "").lstrip("@"): row.get("text", "") for row in read_table(path)}


def read_marks(
    path: Path | None,
    comments: dict[str, str],
    names: Names,
    items: Mapping[str, float] | None = None,
) -> Marks:
    """The marks. items holds the most points for each item, where that is known."""
    marks = Marks()
    seen: dict[tuple[str, str], int] = {}
    for number, row in enumerate(read_table(path) if path else [], start=2):
        where = f"{path.name}, row {number}"
        student, item = row.get("student", ""), row.get("item", "")
        points = row.get("points", "").replace(",", ".")
        comment = expand(row.get("comment", ""), comments, where)
        if not points and not comment:
            continue
        value = _points(points, where) if points else None
        name = names.find(student, where)
        if items is not None:
            _check_item(item, value, items, where)
        if seen.setdefault((name, item), number) != number:
            raise MarksError(f"{where}: {name} has {item} in row {seen[name, item]} already.")
        marks.rows.setdefault(name, {})[item] = (value, comment)
    return marks


def _points(text: str, where: str) -> float:
    with contextlib.suppress(ValueError):
        if math.isfinite(float(text)):
            return float(text)
    raise MarksError(f"{where}: {text!r} is not a number of points.")


def _check_item(item: str, value: float | None, items: Mapping[str, float], where: str) -> None:
    if item == "adjust":
        return
    if item not in items:
        near = difflib.get_close_matches(item, [*items, "adjust"], n=1)
        hint = f" Is it {near[0]}?" if near else ""
        raise MarksError(f"{where}: there is no item {item!r}.{hint}")
    if value is not None and not 0 <= value <= items[item]:
        raise MarksError(
            f"{where}: {item} has {items[item]:g} points, so it cannot have {value:g}. "
            "The item adjust gives more, or takes away."
        )


def expand(comment: str, comments: dict[str, str], where: str) -> str:
    def text(match: re.Match) -> str:
        if match[1] not in comments:
            raise MarksError(f"{where}: there is no comment called @{match[1]}.")
        return comments[match[1]]

    return re.sub(r"(?<!\w)@([\w-]+)", text, comment) if comments else comment


def apply(result: dict, marks: dict[str, tuple[float | None, str]]) -> None:
    """Put the marks into a result: points and comments by question."""
    result["adjust"] = [
        (points or 0.0, comment) for item, (points, comment) in marks.items() if item == "adjust"
    ]
    for name, answer in result["questions"].items():
        answer["comment"] = ""
        criteria = {item: m for item, m in marks.items() if item.startswith(f"{name}/")}
        if name in marks:
            points, answer["comment"] = marks[name]
        elif any(points is not None for points, _ in criteria.values()):
            points = sum(points or 0.0 for points, _ in criteria.values())
        else:
            points = None
        lines = {f"{name}/{n}" for n in range(1, 1 + len(answer.get("rubric", ())))}
        given = {item for item, (points_, _) in criteria.items() if points_ is not None}
        partly = points is not None and name not in marks and lines - given
        notes = [f"{item.split('/')[1]}: {comment}" for item, (_, comment) in
                 sorted(criteria.items()) if comment]  # fmt: skip
        answer["comment"] = "\n".join(filter(None, [answer["comment"], *notes]))
        if points is not None:
            answer["automatic"] = answer["points"]
            answer["points"] = points
            answer["status"] = "manual" if partly else "marked"
        answer["pending"] = answer["status"] == "manual"
        answer["marked_lines"] = sorted(given)


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
    deadline = Deadline(time_of(due, "--due") if due else None, per_day)
    for number, person in enumerate(roster.people, start=2):
        until = person.fields.get("due", "")
        if until and person.student in known:
            deadline.extensions[person.student] = time_of(until, f"The roster, row {number}")
    names = Names(known, ((p.name, p.student) for p in roster.people))
    for number, row in enumerate(read_table(extensions) if extensions else [], start=2):
        where = f"{extensions.name}, row {number}"
        if row.get("due"):
            student = names.find(next((row[key] for key in IDS if row.get(key)), ""), where)
            deadline.extensions[student] = time_of(row["due"], where)
    return deadline


def time_of(text: str, where: str) -> float:
    try:
        return parse_time(text)
    except ValueError as error:
        raise MarksError(f"{where}: {text!r} is no date such as 2026-05-01T23:59.") from error


def write_todo(path: Path, rows: list[dict]) -> None:
    """The table of what is still to be graded by hand, ready to be filled in as marks.csv."""
    with path.open("w", newline="", encoding="utf-8-sig") as file:
        writer = csv.DictWriter(file, ["student", "item", "points", "comment", "of", "criterion"])
        writer.writeheader()
        writer.writerows([{key: cell(value) for key, value in row.items()} for row in rows])
