"""The pages: feedback for each student, a report for the instructor, the answers to mark.

Pages are plain HTML without scripts; everything that students wrote is escaped. The seed is in
none of them.
"""

from __future__ import annotations

import re
import statistics
from collections.abc import Callable
from functools import cache
from pathlib import Path

from rnncourse import quizzes
from rnncourse.exercises.judge import count, format_points
from rnncourse.grading import marks as marking
from rnncourse.grading import tables
from rnncourse.grading.report.rows import Row, concerns, public_concerns
from rnncourse.grading.report.understanding import (
    by_question,
    clusters,
    histogram,
    misconceptions,
    near_identical,
)
from rnncourse.grading.run import Run
from rnncourse.grading.texts import show_time, visible

STATUS = {
    "right": ("✓", "right"),
    "wrong": ("✗", "not right yet"),
    "unanswered": ("–", "not answered"),
    "missing": ("–", "not found"),
    "manual": ("✎", "waits for a human"),
    "marked": ("✎", "marked"),
}


@cache
def environment():
    import jinja2
    from markupsafe import Markup

    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).with_name("templates")),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
        finalize=lambda value: visible(value) if type(value) is str else value,
    )
    made.filters["points"] = lambda value: format_points(value) or "0"
    made.filters["percent"] = lambda value: "–" if value is None else f"{100 * value:.0f} %"
    made.filters["when"] = show_time
    made.filters["sentence"] = lambda text: text[:1].upper() + text[1:]
    made.filters["breaks"] = lambda name: Markup("_<wbr>").join(name.split("_"))
    made.globals["STATUS"] = STATUS
    return made


def quiz_texts(chapter: int) -> dict[str, tuple[str, dict[str, str]]]:
    """What each question of the chapter's quiz asks, and what its options say."""
    if chapter not in quizzes.chapters():
        return {}
    return {
        f"quiz_{chapter:02d}_{number}": (
            quizzes.plain(question["question"]),
            {
                f"option {letter}": quizzes.plain(option["answer"])
                for letter, option in zip(quizzes.LETTERS, question["answers"], strict=False)
            },
        )
        for number, question in enumerate(quizzes.load(chapter)["quiz"], start=1)
    }


def write_feedback(run: Run, rows: list[Row], title: str) -> None:
    """One page a student."""
    folder = run.out / "feedback"
    folder.mkdir(exist_ok=True)
    template = environment().get_template("feedback.html")
    quiz = quiz_texts(run.settings["chapter"])
    for row in rows:
        text = template.render(row=row, title=title, answers=row.result["questions"], quiz=quiz)
        path = run.out / row.page
        path.write_text(text, encoding="utf-8")
    pages = {Path(row.page).name for row in rows}
    for path in folder.glob("*.html"):
        if path.name not in pages and re.fullmatch(r".*-[0-9a-f]{6,}", path.stem):
            path.unlink()  # of somebody who is no longer here


def write_report(run: Run, rows: list[Row], title: str, pseudonyms: bool) -> None:
    """report.html, and by_hand.html where something waits for a human."""
    if pseudonyms:  # in the order of names they would tell who is who
        rows = sorted(rows, key=lambda row: row.alias)
    graded = [row for row in rows if not row.result["problem"]]
    shares = [row.percent for row in graded]
    page = (
        environment()
        .get_template("report.html")
        .render(
            title=title,
            rows=rows,
            graded=graded,
            mean=statistics.fmean(shares) if shares else None,
            median=statistics.median(shares) if shares else None,
            spread=statistics.stdev(shares) if len(shares) > 1 else None,
            bins=histogram(graded),
            questions=by_question(rows),
            misconceptions=misconceptions(rows),
            clusters=clusters(rows),
            similar=near_identical(graded),
            concerns=noticed(rows, public_concerns if pseudonyms else concerns),
            noticed=sum(bool(concerns(row)) for row in rows),
            pending=[row for row in rows if row.waiting],
            who=(lambda row: row.alias) if pseudonyms else (lambda row: row.name),
            pseudonyms=pseudonyms,
            version=run.version,
            out=run.out.name,
        )
    )
    (run.out / "report.html").write_text(page, encoding="utf-8")
    write_by_hand(run, rows, title, pseudonyms)
    names = [[row.alias, row.student, row.name] for row in rows]
    if pseudonyms:
        tables.write(run.out / "pseudonyms.csv", ["Pseudonym", "ID", "Student"], names)


def noticed(
    rows: list[Row], notes: Callable[[Row], list[str]] = concerns
) -> list[tuple[str, list[Row]]]:
    """What to look at, with everybody whom it concerns; what few share comes first."""
    found: dict[str, list[Row]] = {}
    for row in rows:
        for note in dict.fromkeys(notes(row)):
            found.setdefault(note, []).append(row)
    return sorted(found.items(), key=lambda item: len(item[1]))


def write_by_hand(run: Run, rows: list[Row], title: str, pseudonyms: bool) -> None:
    """Written answers and plots side by side with their rubrics, and the table to fill in."""
    questions: dict[str, dict] = {}
    todo = []
    for row in rows:
        for name, answer in row.result["questions"].items():
            if "rubric" not in answer or answer["status"] == "unanswered":
                continue
            entry = questions.setdefault(name, {"of": answer["of"], "rubric": answer["rubric"],
                                                "answers": []})  # fmt: skip
            entry["answers"].append((row, answer))
            if answer["pending"]:
                lines = answer["rubric"] or [["", answer["of"]]]
                for number, (criterion, points) in enumerate(lines, start=1):
                    item = f"{name}/{number}" if answer["rubric"] else name
                    if item in answer["marked_lines"]:
                        continue
                    student = row.alias if pseudonyms else row.student
                    todo.append((student, item, "", "", points, criterion))
    marking.write_todo(run.out / "marks_todo.csv", todo)
    page = (
        environment()
        .get_template("by_hand.html")
        .render(
            title=title,
            questions=questions,
            who=(lambda row: row.alias) if pseudonyms else (lambda row: row.name),
        )
    )
    (run.out / "by_hand.html").write_text(page, encoding="utf-8")


def summary(run: Run, rows: list[Row]) -> str:
    """A few lines for the terminal."""
    graded = [row for row in rows if not row.result["problem"]]
    lines = [f"{len(rows):,} students, {len(graded):,} graded."]
    if graded:
        shares = [row.percent for row in graded]
        mean, median = statistics.fmean(shares), statistics.median(shares)
        lines[0] += f" Mean {mean:.0f} %, median {median:.0f} %."
    for entry in [m for m in misconceptions(rows) if not m["quiz"]][:3]:
        lines.append(f"  {entry['count']:>4} hold: {entry['question']}, {entry['name']}")
    look = sum(bool(concerns(row)) for row in rows)
    by_hand = sum(row.status == "to be graded by hand" for row in rows)
    lines += [f"{count(look, 'submission')} to look at."] if look else []
    if by_hand:
        lines.append(
            f"{count(by_hand, 'submission')} with answers to be graded by hand, which count as 0 "
            "until then: by_hand.html."
        )
    lines.append(f"Read {run.out / 'report.html'}; grades are in {run.out / 'gradebook.csv'}.")
    return "\n".join(lines)
