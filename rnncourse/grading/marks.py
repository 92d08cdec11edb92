"""Points that people give: answers graded by hand, and comments used again and again.

`marks.csv` has the columns student, item, points, comment. An item is a question (`state_words`),
one line of its rubric (`state_words/2`), or `adjust` for points added to or taken from the total.
A comment may hold keys of `comments.csv` (key, text), written as @key.
"""

from __future__ import annotations

import contextlib
import difflib
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from rnncourse.grading import tables
from rnncourse.grading.roster import Names
from rnncourse.grading.tables import TableError

KEY = re.compile(r"(?<!\w)@([\w-]+)")


@dataclass
class Marks:
    """What the tables say: student -> item -> (points or None, comment)."""

    rows: dict[str, dict[str, tuple[float | None, str]]] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)  # rows that could not be used, and why

    def of(self, student: str) -> dict[str, tuple[float | None, str]]:
        return self.rows.get(student, {})


def read_comments(path: Path | None) -> dict[str, str]:
    if not path:
        return {}
    return {row.get("key", "").lstrip("@"): row.get("text", "") for row in tables.read(path)}


def read_marks(
    path: Path | None,
    comments: dict[str, str],
    names: Names,
    items: Mapping[str, float] | None = None,
) -> Marks:
    """The marks. items holds the most points for each item, where that is known. A row that nobody
    can mean is refused, and the others count."""
    marks = Marks()
    seen: dict[tuple[str, str], int] = {}
    for number, row in enumerate(tables.read(path) if path else [], start=2):
        try:
            _read_row(
                marks, row, f"{path.name}, row {number}", number, comments, names, items, seen
            )
        except TableError as error:
            marks.refused.append(str(error))
    return marks


def _read_row(marks, row, where, number, comments, names, items, seen) -> None:
    student, item = row.get("student", ""), row.get("item", "")
    points = row.get("points", "").replace(",", ".")
    comment = expand(row.get("comment", ""), comments, where)
    if not points and not comment:
        return
    value = _points(points, where) if points else None
    name = names.find(student, where)
    if items is not None:
        _check_item(item, value, items, where)
    if seen.setdefault((name, item), number) != number:
        marks.rows.get(name, {}).pop(item, None)  # or chance would decide which one counts
        raise TableError(f"{where}: {name} has {item} in row {seen[name, item]} already.")
    marks.rows.setdefault(name, {})[item] = (value, comment)


def _points(text: str, where: str) -> float:
    with contextlib.suppress(ValueError):
        if math.isfinite(float(text)):
            return float(text)
    raise TableError(f"{where}: {text!r} is not a number of points.")


def _check_item(item: str, value: float | None, items: Mapping[str, float], where: str) -> None:
    if item == "adjust":
        return
    if item not in items:
        near = difflib.get_close_matches(item, [*items, "adjust"], n=1)
        hint = f" Is it {near[0]}?" if near else ""
        raise TableError(f"{where}: there is no item {item!r}.{hint}")
    if value is not None and not 0 <= value <= items[item]:
        raise TableError(
            f"{where}: {item} has {items[item]:g} points, so it cannot have {value:g}. "
            "The item adjust gives more, or takes away."
        )


def expand(comment: str, comments: dict[str, str], where: str) -> str:
    def text(match: re.Match) -> str:
        if match[1] not in comments:
            raise TableError(f"{where}: there is no comment called @{match[1]}.")
        return comments[match[1]]

    return KEY.sub(text, comment) if comments else comment


def unexpanded(marks: Marks) -> list[str]:
    """The keys of comments that stay as text."""
    said = [comment for row in marks.rows.values() for _, comment in row.values()]
    return sorted({f"@{key}" for comment in said for key in KEY.findall(comment)})


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
        answer["lines"] = {} if name in marks else {
            int(item.rpartition("/")[2]): points_ for item, (points_, _) in criteria.items()
            if points_ is not None and item in lines
        }  # fmt: skip


def write_todo(path: Path, rows: list[tuple]) -> None:
    """The table of what is still to be graded by hand, ready to be filled in as marks.csv."""
    tables.write(path, ("student", "item", "points", "comment", "of", "criterion"), rows)
