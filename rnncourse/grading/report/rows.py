"""The class by student: results, with the marks of people merged and late days counted."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, field
from pathlib import Path

from rnncourse.grading import marks as marking
from rnncourse.grading.deadlines import read_deadline
from rnncourse.grading.results import read_json
from rnncourse.grading.roster import Names
from rnncourse.grading.run import Run
from rnncourse.grading.texts import file_name

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
    names = Names(known, others)
    table = marking.read_marks(marks, texts, names, items_of(results))
    deadline = read_deadline(due, per_day, extensions, run.roster, known)
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


def concerns(row: Row) -> list[str]:
    """Why a human should look at this submission."""
    found = [row.result["problem"]] if row.result["problem"] else []
    for name, answer in row.result["questions"].items():
        found += [f"{name}: {flag}" for flag in answer["flags"] if not flag.startswith(HARMLESS)]
        found += [f"{name}: {flag}" for flag in answer["flags"] if flag.startswith("uses the")]
    return found + (["marked late by the platform"] if row.result.get("marked_late") else [])
