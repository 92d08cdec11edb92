"""When the work was due, for whom later, and what a late day costs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from rnncourse.grading import tables
from rnncourse.grading.roster import IDS, Names, Roster
from rnncourse.grading.tables import TableError
from rnncourse.grading.texts import parse_time


@dataclass
class Deadline:
    """The due date of the class, later ones of some, and the share of the points a day costs."""

    due: float | None = None
    per_day: float = 0.0  # share of the points
    extensions: dict[str, float] = field(default_factory=dict)
    times: dict[str, float] = field(default_factory=dict)  # of submission, from the roster
    refused: list[str] = field(default_factory=list)  # rows of extensions that nobody can mean

    def submitted(self, student: str, written: float) -> tuple[float, str]:
        """(when the work came, 0 if nobody knows; how that is known)."""
        if student in self.times:
            return self.times[student], "as the roster says"
        return written, "the date of the file" if written else ""

    def late(self, student: str, submitted: float) -> tuple[int, float]:
        """(days late, share of the points that is lost)."""
        due = self.extensions.get(student, self.due)
        if due is None or not submitted or submitted <= due:
            return 0, 0.0
        days = math.ceil((submitted - due) / 86400)
        return days, min(1.0, days * self.per_day)


def read_deadline(
    due: str,
    per_day: float,
    extensions: Path | None,
    roster: Roster,
    known: set[str],
    gone: Sequence[str] = (),
) -> Deadline:
    """due as ISO date and time; extensions from a CSV (student, due) or the roster's column due.
    When something was submitted is the date of its file, or what the roster's column submitted
    says: a platform's table is better evidence than a file that students could date. An extension
    that nobody can get is refused, and the others count; gone are those of earlier runs."""
    deadline = Deadline(time_of(due, "--due") if due else None, per_day)
    for number, person in enumerate(roster.people, start=2):
        columns = (("due", deadline.extensions), ("submitted", deadline.times))
        for column, table in columns:
            when = person.fields.get(column, "")
            if when and person.student in known:
                table[person.student] = time_of(when, f"The roster, row {number}")
    names = Names(known, ((p.name, p.student) for p in roster.people), gone)
    for number, row in enumerate(tables.read(extensions) if extensions else [], start=2):
        where = f"{extensions.name}, row {number}"
        if not row.get("due"):
            continue
        try:
            student = names.find(next((row[key] for key in IDS if row.get(key)), ""), where)
            deadline.extensions[student] = time_of(row["due"], where)
        except TableError as error:
            deadline.refused.append(str(error))
    return deadline


def time_of(text: str, where: str) -> float:
    try:
        return parse_time(text)
    except (ValueError, OverflowError) as error:
        raise TableError(f"{where}: {text!r} is no date such as 2026-05-01T23:59.") from error
