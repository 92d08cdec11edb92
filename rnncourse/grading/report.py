"""Write what a class did: gradebook, a feedback page a student, a report for the instructor.

Pages are plain HTML without scripts; everything that students wrote is escaped. The seed is in
none of them.
"""

from __future__ import annotations

import csv
import hashlib
import hmac
import statistics
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from pathlib import Path

from rnncourse import quizzes
from rnncourse.exercises.judge import count, format_points
from rnncourse.grading import marks as marking
from rnncourse.grading import similar
from rnncourse.grading.run import Run, read_json
from rnncourse.grading.submissions import cell, file_name

HARMLESS = ("defined ", "uses the course's package")
STATUS = {
    "right": ("✓", "right"),
    "wrong": ("✗", "not right yet"),
    "unanswered": ("–", "not answered"),
    "missing": ("–", "not found"),
    "manual": ("✎", "waits for a human"),
    "marked": ("✎", "marked"),
}


@dataclass
class Row:
    """A student's line in the gradebook."""

    student: str
    name: str
    alias: str
    result: dict
    points: float
    of: float
    days_late: int = 0
    lost: float = 0.0
    adjust: list = field(default_factory=list)
    person: dict = field(default_factory=dict)

    @property
    def percent(self) -> float:
        return 100 * self.points / self.of if self.of else 0.0

    @property
    def waiting(self) -> float:
        """Points that a human has still to give or to withhold."""
        answers = self.result["questions"].values()
        return sum(a["of"] - a["points"] for a in answers if a.get("pending"))

    @property
    def page(self) -> str:
        return f"feedback/{file_name(self.student)}.html"

    @property
    def status(self) -> str:
        if self.result["problem"]:
            return "needs a human"
        if any(a.get("pending") for a in self.result["questions"].values()):
            return "to be graded by hand"
        return "graded"


def rows_of(run: Run, marks: Path | None, comments: Path | None, due: str = "",
            per_day: float = 0.0, extensions: Path | None = None) -> list[Row]:  # fmt: skip
    """The class, by student, with the marks of humans merged and late days counted."""
    results = [read_json(path) for path in sorted(run.results.glob("*.json"))]
    results = [r for r in results if r and r["student"] not in run.left_out]
    known = {result["student"] for result in results}
    people = {person.student: person for person in run.roster.people}
    texts = marking.read_comments(comments)
    others = [(alias(run.assignment.seed, student), student) for student in known]
    others += [(person.name, person.student) for person in run.roster.people]
    names = marking.Names(known, others)
    table = marking.read_marks(marks, texts, names, items_of(results))
    deadline = marking.read_deadline(due, per_day, extensions, run.roster, known)
    rows = []
    for result in sorted(results, key=lambda r: r["student"].casefold()):
        student = result["student"]
        marking.apply(result, table.of(student))
        person = people.get(student)
        days, lost = deadline.late(student, result.get("submitted", 0.0))
        earned = sum(a["points"] for a in result["questions"].values())
        points = earned * (1 - lost) + sum(points for points, _ in result["adjust"])
        rows.append(
            Row(
                student=student,
                name=person.name if person and person.name else student,
                alias=alias(run.assignment.seed, student),
                result=result,
                points=max(0.0, round(points, 6)),
                of=sum(a["of"] for a in result["questions"].values()),
                days_late=days,
                lost=earned * lost,
                adjust=result["adjust"],
                person=dict(person.fields) if person else {},
            )
        )
    return rows


def items_of(results: list[dict]) -> dict[str, float]:
    """What may be marked, with the most points: questions, and lines of rubrics as NAME/1."""
    items: dict[str, float] = {}
    for result in results:
        for name, answer in result["questions"].items():
            items[name] = answer["of"]
            lines = enumerate(answer.get("rubric", ()), start=1)
            items |= {f"{name}/{number}": points for number, (_, points) in lines}
    return items


def alias(seed: int, student: str) -> str:
    """A pseudonym that cannot be turned back without the seed."""
    digest = hmac.new(str(seed).encode(), student.encode("utf-8", "replace"), hashlib.sha256)
    number = int.from_bytes(digest.digest()[:6], "big")
    adjectives = "amber brisk calm dusky early fern gentle hazel ivory jolly keen linen mossy "
    adjectives += "noble olive plum quiet russet silver tidy umber velvet warm young"
    birds = "avocet bunting crane dunlin egret finch grebe heron ibis jay kite lark martin "
    birds += "nuthatch owl plover quail rail siskin tern vireo wren"
    first, second = adjectives.split(), birds.split()
    tail = number // (len(first) * len(second)) % 10_000
    return f"{first[number % len(first)]} {second[number // len(first) % len(second)]} {tail:04d}"


# --- tables -------------------------------------------------------------------------------------
def _write(path: Path, header: list, lines: list[list]) -> None:
    with path.open("w", newline="", encoding="utf-8-sig") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows([[cell(value) for value in line] for line in lines])


def write_tables(run: Run, rows: list[Row], title: str) -> None:
    """gradebook.csv with everything; canvas.csv and moodle.csv with what those import."""
    names = list(dict.fromkeys(n for row in rows for n in row.result["questions"]))
    header = ["Student", "ID", "Email", "Points", "Of", "Percent", "Days late", "Status", *names,
              "To look at", "Attempt", "File", "Bank version", "Seed"]  # fmt: skip
    lines = []
    for row in rows:
        answers = row.result["questions"]
        points = [_number(answers[n]["points"]) if n in answers else "" for n in names]
        email = row.person.get("email") or row.person.get("email_address", "")
        lines.append([
            row.name, row.student, email, _number(row.points), _number(row.of),
            f"{row.percent:.1f}", row.days_late, row.status, *points, "; ".join(concerns(row)),
            row.result["attempt"], row.result["file"], row.result["bank"], row.result["seed"],
        ])  # fmt: skip
    _write(run.out / "gradebook.csv", header, lines)
    _write(
        run.out / "canvas.csv",
        ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", title],
        [[row.name, row.person.get("id", ""), row.person.get("sis_user_id", row.student),
          row.person.get("sis_login_id", row.person.get("login", "")),
          row.person.get("section", ""), _number(row.points)] for row in rows],
    )  # fmt: skip
    _write(
        run.out / "moodle.csv",
        ["Identifier", "ID number", "Email address", title, "Feedback"],
        [[row.name, row.student, row.person.get("email", row.person.get("email_address", "")),
          _number(row.points), f"{_number(row.points)} of {_number(row.of)}"] for row in rows],
    )  # fmt: skip


def _number(value: float):
    return format_points(value) or "0"


def concerns(row: Row) -> list[str]:
    """Why a human should look at this submission."""
    found = [row.result["problem"]] if row.result["problem"] else []
    for name, answer in row.result["questions"].items():
        found += [f"{name}: {flag}" for flag in answer["flags"] if not flag.startswith(HARMLESS)]
        found += [f"{name}: {flag}" for flag in answer["flags"] if flag.startswith("uses the")]
    return found + (["marked late by the platform"] if row.result.get("marked_late") else [])


# --- what the class understood --------------------------------------------------------------------
def by_question(rows: list[Row]) -> list[dict]:
    """Difficulty (mean share of the points) and discrimination (correlation with the rest)."""
    names = list(dict.fromkeys(n for row in rows for n in row.result["questions"]))
    table = []
    for name in names:
        scores, rests = [], []
        counts: dict[str, int] = defaultdict(int)
        for row in rows:
            answer = row.result["questions"].get(name)
            if not answer or row.result["problem"]:
                continue
            counts[answer["status"]] += 1
            if answer.get("pending"):
                continue
            scores.append(answer["points"] / answer["of"] if answer["of"] else 0.0)
            rests.append(sum(a["points"] for a in row.result["questions"].values())
                         - answer["points"])  # fmt: skip
        table.append({
            "name": name,
            "of": next(r.result["questions"][name]["of"] for r in rows
                       if name in r.result["questions"]),
            "mean": statistics.fmean(scores) if scores and not counts["manual"] else None,
            "discrimination": correlation(scores, rests),
            "counts": dict(counts),
            "waiting": counts["manual"],
        })  # fmt: skip
    return table


def correlation(one: list[float], other: list[float]) -> float | None:
    """Pearson's; None where one side does not vary or there are fewer than ten."""
    if len(one) < 10 or min(one) == max(one) or min(other) == max(other):
        return None
    return statistics.correlation(one, other)


def misconceptions(rows: list[Row]) -> list[dict]:
    """Each misconception with those who hold it, the most widely shared first."""
    held: dict[tuple[str, str], dict] = {}
    answered: dict[str, int] = defaultdict(int)
    for row in rows:
        for name, answer in row.result["questions"].items():
            answered[name] += answer["status"] in ("right", "wrong")
            both = ((answer["misconception"], "hints"), (answer["also"], "also_hints"))
            for title, hints in both:
                if title:
                    entry = held.setdefault((name, title), {
                        "question": name, "name": title, "rows": [], "hint": answer[hints][-1],
                    })  # fmt: skip
                    entry["rows"].append(row)
    for entry in held.values():
        entry["count"] = len(entry["rows"])
        entry["share"] = entry["count"] / max(1, answered[entry["question"]])
        entry["quiz"] = entry["name"].startswith("option ")
    return sorted(held.values(), key=lambda e: (-e["count"], e["question"], e["name"]))


def clusters(rows: list[Row]) -> list[dict]:
    """Wrong answers that no misconception explains, grouped by equal values."""
    found: dict[tuple[str, str], dict] = {}
    for row in rows:
        for name, answer in row.result["questions"].items():
            if answer["signature"] and not answer["misconception"]:
                entry = found.setdefault(
                    (name, answer["signature"]),
                    {"question": name, "signature": answer["signature"], "rows": [],
                     "message": answer["message"], "source": answer["source"]},
                )  # fmt: skip
                entry["rows"].append(row)
    groups = [entry for entry in found.values() if len(entry["rows"]) > 1]
    return sorted(groups, key=lambda e: (-len(e["rows"]), e["question"], e["signature"]))


def near_identical(rows: list[Row]) -> list[dict]:
    by_student = {row.student: row for row in rows}
    codes = {row.student: similar.code_of(row.result) for row in rows}
    found = similar.groups({s: code for s, code in codes.items() if len(code) > 200})
    return [{"rows": [by_student[s] for s in members], "ratio": ratio} for members, ratio in found]


def histogram(rows: list[Row], bins: int = 10) -> list[dict]:
    counts = [0] * bins
    for row in rows:
        counts[min(bins - 1, int(row.percent / 100 * bins))] += 1
    top = max(counts) or 1
    return [
        {"from": 100 * k // bins, "to": 100 * (k + 1) // bins, "count": c, "height": c / top}
        for k, c in enumerate(counts)
    ]


# --- pages ----------------------------------------------------------------------------------------
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
    )
    made.filters["points"] = lambda value: format_points(value) or "0"
    made.filters["percent"] = lambda value: "–" if value is None else f"{100 * value:.0f} %"
    made.filters["when"] = lambda t: datetime.fromtimestamp(t).strftime("%d %B %Y, %H:%M")
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


def write_report(run: Run, rows: list[Row], title: str, pseudonyms: bool) -> None:
    """report.html, and by_hand.html where something waits for a human."""
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
            concerns=[(row, concerns(row)) for row in rows if concerns(row)],
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
        _write(run.out / "pseudonyms.csv", ["Pseudonym", "ID", "Student"], names)


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
                    todo.append({"student": student, "item": item, "points": "",
                                 "comment": "", "of": points, "criterion": criterion})  # fmt: skip
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
