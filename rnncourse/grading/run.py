"""Grade a folder: who submitted what, spread over workers, written down one by one.

The folder of results is the memory of a run: `run.json` says what was graded with which seed and
bank, `results/` has one file a student, written whole or not at all. A run that was interrupted
goes on where it stopped; a second run grades only what has changed.
"""

from __future__ import annotations

import concurrent.futures
import contextlib
import hashlib
import os
import secrets
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from tqdm import tqdm

from rnncourse import bank
from rnncourse.grading import inbox
from rnncourse.grading.assignment import Assignment, bank_version, load_questions
from rnncourse.grading.edition import chapter_slug, code_of, handed_out
from rnncourse.grading.inbox import Found, Submission
from rnncourse.grading.results import differences, read_json, write_json
from rnncourse.grading.roster import Names, Roster, read_roster
from rnncourse.grading.sandbox import Limits
from rnncourse.grading.texts import file_name, plain
from rnncourse.grading.workers import executor, grade_all, warm_worker

MAX_ATTEMPTS = 20  # of one student, where the best one counts


@dataclass
class Options:
    """What `rnncourse grade` was asked."""

    submissions: Path
    out: Path
    chapter: int | None = None
    bank: str = ""
    roster: Path | None = None
    students: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()
    seed: int | None = None
    attempt: str = "latest"
    workers: int = 0
    scheduler: str = ""
    unsafe: bool = False
    limits: Limits = field(default_factory=Limits)
    regrade: bool = False
    clusters: tuple[tuple[str, str, str], ...] = ()  # QUESTION:KEY, name, hint
    quiet: bool = False


class Run:
    """One assignment's folder of results."""

    def __init__(self, options: Options):
        self.options, self.out = options, options.out
        self.results = self.out / "results"
        self.settings = self._settings()
        self.assignment = self._assignment()
        self.version = bank_version(self.assignment)
        self.questions = load_questions(self.assignment)
        self.roster = Roster(read_roster(options.roster) if options.roster else [])
        self.changes: list[dict] = []
        self.left_out: list[str] = []  # results of earlier runs that are of nobody here

    def _settings(self) -> dict:
        """What was decided when the run began: chapter, bank and seed. The seed is fresh."""
        stored = read_json(self.out / "run.json") or {}
        options = self.options
        if options.chapter is not None:
            if stored.get("chapter", options.chapter) != options.chapter:
                raise ValueError(
                    f"{self.out} holds results of chapter {stored['chapter']}. "
                    f"Give chapter {options.chapter} another --out."
                )
            stored["chapter"] = options.chapter
        if "chapter" not in stored:
            stored["chapter"] = guess_chapter(options.submissions, options.bank)
        if options.bank or "bank" not in stored:
            stored["bank"] = str(Path(options.bank).resolve()) if options.bank else ""
        if options.seed is not None or "seed" not in stored:
            fresh = secrets.randbits(62)
            stored["seed"] = fresh if options.seed is None else options.seed
        stored.setdefault("started", time.strftime("%Y-%m-%dT%H:%M:%S%z"))
        return stored

    @property
    def title(self) -> str:
        words = chapter_slug(self.settings["chapter"]).split("_")
        return f"Exercises {int(words[0])}: {' '.join(words[1:])}".rstrip(": ")

    def _named_clusters(self) -> list[dict]:
        """Those of earlier runs, and what was asked now, with one answer of each as its code."""
        named = read_json(self.out / "clusters.json") or []
        for where, name, hint in self.options.clusters:
            question, _, mark = where.partition(":")
            source = next(
                (
                    answer["source"]
                    for path in sorted(self.results.glob("*.json"))
                    if (answer := (read_json(path) or {}).get("questions", {}).get(question))
                    and answer["signature"] == mark
                ),
                None,
            )
            if source is None:
                raise ValueError(f"No answer in {self.results} has the key {where}.")
            named.append({"question": question, "name": name, "hint": hint, "source": source})
        if self.options.clusters:
            write_json(self.out / "clusters.json", named)
        return named

    def _assignment(self) -> Assignment:
        named = self._named_clusters()
        self.edition = handed_out(self.settings["chapter"], self.settings["bank"])
        return Assignment(
            chapter=self.settings["chapter"],
            seed=self.settings["seed"],
            bank=self.settings["bank"],
            edition=code_of(self.edition),
            clusters=tuple((c["question"], c["name"], c["hint"], c["source"]) for c in named),
            limits=self.options.limits,
            unsafe=self.options.unsafe,
        )

    def workers(self):
        """A context that gives a maker of executors; see `executor`."""
        return executor(self.options.workers, self.options.scheduler)

    def warm(self, make: Callable[[], object]) -> None:
        """Let every worker load what it needs before work comes."""
        pool = make()
        count = getattr(pool, "_max_workers", 1)
        concurrent.futures.wait([pool.submit(warm_worker, self.assignment) for _ in range(count)])

    def grade(self, make: Callable[[], object] | None = None) -> int:
        """Grade what needs it, with executors that `make` makes; how many were graded."""
        if make is None:
            with self.workers() as make:
                return self.grade(make)
        chosen = self._chosen()
        asked = self._asked(chosen)
        self.results.mkdir(parents=True, exist_ok=True)
        self.settings["version"] = self.version
        write_json(self.out / "run.json", self.settings)
        self.left_out = self._others(chosen)
        todo = {student: found for student, found in chosen.items()
                if student in asked and not self._is_current(student, found)}  # fmt: skip
        stream = self._load([item for found in todo.values() for item in found])
        total = sum(map(len, todo.values()))
        assignment = replace(self.assignment, only=self.options.questions)
        pending: dict[str, list[dict]] = {}
        for result in self._progress(grade_all(assignment, stream, make), total):
            student = result["student"]
            mine = pending.setdefault(student, [])
            mine.append(result)
            if len(mine) == len(todo[student]):
                self._store(pending.pop(student), todo[student])
        return total

    def _progress(self, results: Iterator[dict], total: int) -> Iterator[dict]:
        """The results, with a bar on a terminal and now and then a line in a log."""
        pause = 0.1 if sys.stderr.isatty() else 10.0
        return tqdm(results, total=total, unit=" submissions", mininterval=pause,
                    leave=False, disable=self.options.quiet)  # fmt: skip

    def _chosen(self) -> dict[str, list[Found]]:
        """The attempt of each student that counts, or all of them where the best one does."""
        wanted = plain(chapter_slug(self.settings["chapter"]))
        found: dict[str, list[Found]] = {}
        folder, out = self.options.submissions, self.out.resolve()
        items = list(inbox.find(folder, wanted))
        if out.is_relative_to(folder.resolve()):  # our own results are no submissions
            items = [i for i in items if not Path(i.path).resolve().is_relative_to(out)]
        self.roster.tell_apart(items)
        for item in items:
            found.setdefault(self.roster.match(item), []).append(item)
        for person in self.roster.people:
            nothing = Found(person.student, str(folder), problem="Nothing was submitted.")
            found.setdefault(person.student, [nothing])
        for student, items in found.items():
            readable = [item for item in items if not item.problem] or items
            readable.sort(key=lambda item: (item.attempt, item.submitted, item.path))
            numbered = [replace(item, attempt=item.attempt or n)
                        for n, item in enumerate(readable, start=1)]  # fmt: skip
            count = MAX_ATTEMPTS if self.options.attempt == "best" else 1
            found[student] = numbered[-count:]
        return dict(sorted(found.items()))

    def _others(self, chosen: dict) -> list[str]:
        """Whom there are results of, but who are not in the class now."""
        mine = {self._path(student) for student in chosen}
        found = [read_json(path) for path in self.results.glob("*.json") if path not in mine]
        return sorted(result["student"] for result in found if result)

    def _asked(self, chosen: dict) -> set[str]:
        """The students to grade; refuses names that would grade nothing."""
        names = Names(chosen, ((p.name, p.student) for p in self.roster.people))
        for name in self.options.questions:
            if name not in self.questions:
                there = ", ".join(self.questions)
                raise ValueError(f"There is no question {name!r}. There are: {there}.")
        return {names.find(text, "--student") for text in self.options.students} or set(chosen)

    def _is_current(self, student: str, found: list[Found]) -> bool:
        """Is there a result for these very files, this bank and this seed?"""
        if self.options.regrade or self.options.questions or self.options.students:
            return False
        stored = read_json(self._path(student))
        if stored and stored["questions"].keys() != self.questions.keys():
            return False
        wanted = (self.version, self.assignment.seed, stamp(found, self.assignment))
        return bool(stored) and (stored["bank"], stored["seed"], stored["stamp"]) == wanted

    def _load(self, found: list[Found]) -> Iterator[Submission]:
        by_hand = [n for n, qs in self.questions.items() if not qs[0].reference]
        for item in found:
            yield inbox.load(item, self.roster.match(item), by_hand, self.edition)

    def _path(self, student: str) -> Path:
        return self.results / f"{file_name(student)}.json"

    def _store(self, results: list[dict], found: list[Found]) -> None:
        """Keep the best of a student's attempts, or the only one; note what has changed."""
        result = max(results, key=lambda r: sum(a["points"] for a in r["questions"].values()))
        if len(results) > 1:
            result["notes"].append(f"the best of {len(results)} attempts")
        item = next((f for f in found if f.attempt == result["attempt"]), found[-1])
        result["stamp"] = stamp(found, self.assignment)
        result["submitted"], result["marked_late"] = item.submitted, item.late
        path = self._path(result["student"])
        old = read_json(path)
        if old and self.options.questions:
            result["questions"] = {**old["questions"], **result["questions"]}
        self.changes += differences(old, result)
        write_json(path, result)


def stamp(found: list[Found], assignment: Assignment) -> str:
    """Changes when a student's files do, or the clusters with a name; cheaper than reading."""
    parts = [repr(assignment.clusters)]
    for item in found:
        with contextlib.suppress(OSError):
            about = os.lstat(item.path)
            parts.append(f"{item.path}|{item.member}|{about.st_size}|{about.st_mtime_ns}")
        parts.append(item.problem)
    return hashlib.sha256("\n".join(parts).encode("utf-8", "replace")).hexdigest()[:16]


def guess_chapter(folder: Path, private: str = "") -> int:
    """The chapter whose questions the submissions answer."""
    chapters = bank.read_folder(Path(private)) if private else bank.chapters()
    votes: dict[int, int] = {}
    for found in list(inbox.find(folder))[:40]:
        with contextlib.suppress(inbox.Unreadable):
            text = inbox.read_bytes(found).decode("utf-8", "replace")
            for chapter, questions in chapters.items():
                names = sum(f"{q.name}" in text for q in questions)
                votes[chapter] = votes.get(chapter, 0) + names
    if not any(votes.values()):
        raise ValueError("No question of the course is in these submissions; say --chapter NN.")
    return max(votes, key=votes.get)
