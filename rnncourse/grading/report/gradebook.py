"""The gradebook, and the tables that platforms import."""

from __future__ import annotations

from rnncourse.exercises.judge import format_points
from rnncourse.grading import tables
from rnncourse.grading.report.rows import Row, concerns
from rnncourse.grading.run import Run
from rnncourse.grading.texts import show_time


def write_tables(run: Run, rows: list[Row], title: str) -> None:
    """gradebook.csv with everything; canvas.csv and moodle.csv with what those import."""
    names = list(dict.fromkeys(n for row in rows for n in row.result["questions"]))
    header = ["Student", "ID", "Email", "Points", "Of", "Percent", "Submitted",
              "Days late", "Status", *names, "To look at", "Attempt", "File", "Bank version",
              "Seed"]  # fmt: skip
    lines = []
    for row in rows:
        answers = row.result["questions"]
        points = [_number(answers[n]["points"]) if n in answers else "" for n in names]
        email = row.person.get("email") or row.person.get("email_address", "")
        lines.append([
            row.name, row.student, email, _number(row.points), _number(row.of),
            f"{row.percent:.1f}", _when(row), row.days_late, row.status, *points,
            "; ".join(concerns(row)), row.result["attempt"], row.result["file"],
            row.result["bank"], row.result["seed"],
        ])  # fmt: skip
    tables.write(run.out / "gradebook.csv", header, lines)
    tables.write(
        run.out / "canvas.csv",
        ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", title],
        [[row.name, row.person.get("id", ""), row.person.get("sis_user_id", row.student),
          row.person.get("sis_login_id", row.person.get("login", "")),
          row.person.get("section", ""), _number(row.points)] for row in rows],
    )  # fmt: skip
    tables.write(
        run.out / "moodle.csv",
        ["Identifier", "ID number", "Email address", title, "Feedback"],
        [[row.name, row.student, row.person.get("email", row.person.get("email_address", "")),
          _number(row.points), f"{_number(row.points)} of {_number(row.of)}"] for row in rows],
    )  # fmt: skip


def _when(row: Row) -> str:
    return f"{show_time(row.when)} ({row.clock})" if row.when else ""


def _number(value: float):
    return format_points(value) or "0"
