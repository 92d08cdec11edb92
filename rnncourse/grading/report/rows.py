"""The class by student: results, with the marks of people merged and late days counted."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, field, replace
from pathlib import Path

from rnncourse.grading import marks as marking
from rnncourse.grading.deadlines import read_deadline
from rnncourse.grading.results import read_all
from rnncourse.grading.roster import Names
from rnncourse.grading.run import Run, short, without_details
from rnncourse.grading.texts import file_name, shown

MOST, LONG = 20, 400  # notes about one student's files, and letters of one
HARMLESS = ("defined ", "uses the course's package")


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
    when: float = 0.0  # submitted, and how that is known
    clock: str = ""

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
    stored = {result["student"]: result for result in [*read_all(run.results), *run.unstored]}
    results = [result for student, result in stored.items() if student not in run.left_out]
    known = {result["student"] for result in results}
    people = {person.student: person for person in run.roster.people}
    texts = marking.read_comments(comments)
    others = [(_alias(run, student), student) for student in known]
    others += [(person.name, person.student) for person in run.roster.people]
    names = Names(known, others, run.left_out)
    table = marking.read_marks(marks, texts, names, items_of(results))
    run.unexpanded = [] if comments else marking.unexpanded(table)
    deadline = read_deadline(due, per_day, extensions, run.roster, known, run.left_out)
    run.refused = [*table.refused, *deadline.refused]
    rows = []

    def row_of(result: dict) -> Row:
        student = result["student"]
        result = {**result, "questions": {n: dict(a) for n, a in result["questions"].items()}}
        marking.apply(result, table.of(student))
        person = people.get(student)
        when, clock = deadline.submitted(student, result.get("submitted", 0.0))
        days, lost = deadline.late(student, when)
        earned = sum(a["points"] for a in result["questions"].values())
        points = earned * (1 - lost) + sum(points for points, _ in result["adjust"])
        return Row(
            student=student,
            name=person.name if person and person.name else student,
            alias=_alias(run, student),
            result=result,
            points=max(0.0, round(points, 6)),
            of=sum(a["of"] for a in result["questions"].values()),
            days_late=days,
            lost=earned * lost,
            adjust=result["adjust"],
            person=dict(person.fields) if person else {},
            when=when,
            clock=clock,
        )

    for result in sorted(results, key=lambda result: result["student"].casefold()):
        try:
            rows.append(row_of(result))
        except Exception as error:  # of one student: the others have their rows
            rows.append(lone_row(result, error))
            run.troubles.append(f"{result['student']}: {rows[-1].result['problem']}")
    return rows


def _alias(run: Run, student: str) -> str:
    try:
        return alias(run.assignment.seed, student)
    except Exception:
        return "somebody"


def lone_row(result: dict, error: Exception) -> Row:
    """A student's row made of points alone, which says that there is no more, and why."""
    problem = f"The grader failed on this row ({short(error)}). Please look at it."
    result = without_details(result, problem)
    for answer in result["questions"].values():
        answer |= {"comment": "", "pending": False, "marked_lines": [], "lines": {}}
    points = sum(answer["points"] for answer in result["questions"].values())
    of = sum(answer["of"] for answer in result["questions"].values())
    student = result["student"]
    return Row(student, shown(student)[:200], "somebody", result, points, of)


def bare_row(row: Row, error: Exception) -> Row:
    """The row with its points and without all that might be the reason why a page failed."""
    return replace(lone_row(row.result, error), points=row.points, of=row.of, alias=row.alias,
                   days_late=row.days_late, lost=row.lost)  # fmt: skip


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


def concerns(row: Row) -> list[str]:
    """Why a human should look at this submission."""
    found = [row.result["problem"]] if row.result["problem"] else []
    for name, answer in row.result["questions"].items():
        found += [f"{name}: {flag}" for flag in answer["flags"] if not flag.startswith(HARMLESS)]
        found += [f"{name}: {flag}" for flag in answer["flags"] if flag.startswith("uses the")]
    found += row.result.get("look", [])[:MOST]
    late = ["marked late by the platform"] if row.result.get("marked_late") else []
    return [text if len(text) <= LONG else f"{text[:LONG]} …" for text in found + late]


def public_concerns(row: Row) -> list[str]:
    """The same without what may hold names: those of files and of other people."""
    bare = {**row.result, "look": []}
    problem = row.result["problem"] and "its file cannot be graded: the gradebook says why"
    whose = ["its file or its name needs a look: the gradebook says why"]
    whose *= bool(row.result.get("look"))
    return [*concerns(replace(row, result={**bare, "problem": problem})), *whose]
