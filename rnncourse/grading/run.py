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
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from tqdm import tqdm

from rnncourse import bank, chapters
from rnncourse.grading import inbox
from rnncourse.grading import results as files
from rnncourse.grading.alone import each_alone
from rnncourse.grading.assignment import Assignment, Cluster, bank_version, load_questions
from rnncourse.grading.edition import ROOT, chapter_slug, code_of, handed_out, helpers_of
from rnncourse.grading.inbox import Found, Submission
from rnncourse.grading.results import differences, read_json, read_result, write_json
from rnncourse.grading.roster import Names, Roster, read_roster
from rnncourse.grading.sandbox import Limits
from rnncourse.grading.texts import file_name, plain, shown
from rnncourse.grading.workers import executor, grade_all, warm_worker

MAX_ATTEMPTS = 20  # of one student, where the best one counts
MAX_GUESS = 4 << 20  # bytes of a notebook from which the chapter is guessed
MAX_SOURCES = 7  # answers that stand for a cluster; the majority of them decides


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
        self.troubles: list[str] = []  # what went wrong with one student, by name
        self.refused: list[str] = []  # rows of tables that could not be used
        self.unexpanded: list[str] = []  # keys of comments that no table explains
        self.look: dict[str, list[str]] = {}  # what a human should look at, by student
        self.earlier: dict[str, list[Found]] = {}  # attempts before the last one, by student
        self.unstored: list[dict] = []  # results that no file could take

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
        return f"Exercises {self.settings['chapter']}: {self._name_of_chapter}".rstrip(": ")

    @property
    def _name_of_chapter(self) -> str:
        """As the book has it, or as the notebook's name says where the book has no such chapter."""
        with contextlib.suppress(OSError, KeyError, ValueError):
            for part in chapters.parts(ROOT):
                for chapter in part.chapters:
                    if chapter.number == self.settings["chapter"] and not self.settings["bank"]:
                        return chapter.title
        return " ".join(chapter_slug(self.settings["chapter"]).split("_")[1:])

    def _named_clusters(self) -> list[dict]:
        """Those of earlier runs, and what was asked now, with some answers of each as its code:
        drawn by the seed, for whoever could choose might answer otherwise where nobody looks."""
        named = read_json(self.out / "clusters.json") or []
        for where, name, hint in self.options.clusters:
            question, _, mark = where.partition(":")
            named.append(self._cluster(question, mark, name, hint))
        if self.options.clusters:
            write_json(self.out / "clusters.json", named)
        return named

    def _cluster(self, question: str, mark: str, name: str, hint: str) -> dict:
        seed, found = self.settings["seed"], []
        for result in files.read_all(self.results):
            answer = result["questions"].get(question)
            if mark and answer and answer["signature"] == mark:
                lot = hashlib.sha256(f"{seed}\0{result['student']}".encode()).hexdigest()
                found.append((lot, answer.get("cell", 0), answer["source"], result["bank"]))
        if not found:
            raise ValueError(f"No answer in {self.results} has the key {question}:{mark}.")
        sources = [[cell, source] for _, cell, source, _ in sorted(found)[:MAX_SOURCES]]
        return {"question": question, "name": name, "hint": hint, "mark": mark, "seed": seed,
                "bank": found[0][3], "sources": sources}  # fmt: skip

    def _assignment(self) -> Assignment:
        named = self._named_clusters()
        self.edition = handed_out(self.settings["chapter"], self.settings["bank"])
        plain = Assignment(
            chapter=self.settings["chapter"],
            seed=self.settings["seed"],
            bank=self.settings["bank"],
            edition=code_of(self.edition),
            helpers=helpers_of(self.settings["chapter"], self.settings["bank"]),
            limits=self.options.limits,
            unsafe=self.options.unsafe,
        )
        here = (plain.seed, bank_version(plain))
        clusters = [
            Cluster(c["question"], c["name"], c["hint"],
                    c["mark"] if (c.get("seed"), c.get("bank")) == here else "",
                    tuple(map(tuple, c.get("sources") or [[0, c.get("source", "")]])))
            for c in named
        ]  # fmt: skip
        return replace(plain, clusters=tuple(clusters))

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
        self._look_at_names(chosen)
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
                self._store_alone(pending.pop(student), todo[student])
        return total

    def _progress(self, results: Iterator[dict], total: int) -> Iterator[dict]:
        """The results, with a bar on a terminal and now and then a line in a log."""
        pause = 0.1 if sys.stderr.isatty() else 10.0
        return tqdm(results, total=total, unit=" submissions", mininterval=pause, miniters=1,
                    leave=False, disable=self.options.quiet)  # fmt: skip

    def _chosen(self) -> dict[str, list[Found]]:
        """The attempt of each student that counts, or all of them where the best one does."""
        wanted = plain(chapter_slug(self.settings["chapter"]))
        found: dict[str, list[Found]] = {}
        folder, out = self.options.submissions, self.out.resolve()
        items = list(inbox.find(folder, wanted))
        if out.is_relative_to(folder.resolve()):  # our own results are no submissions
            items = [i for i in items if not Path(i.path).resolve().is_relative_to(out)]
        _, items = each_alone(self.roster.tell_apart, items, self._unreadable)
        for item in items:
            found.setdefault(self._match(item), []).append(item)
        for student, texts in self._notices(found).items():
            self.look.setdefault(student, []).extend(texts)
        for person in self.roster.people:
            nothing = Found(person.student, str(folder), problem="Nothing was submitted.")
            found.setdefault(person.student, [nothing])
        for student, items in found.items():
            attempts = self._attempts(student, self._surest(items))
            self.earlier[student] = attempts[:-1]
            count = MAX_ATTEMPTS if self.options.attempt == "best" else 1
            found[student] = attempts[-count:]
        return dict(sorted(found.items()))

    def _attempts(self, student: str, items: list[Found]) -> list[Found]:
        """One file for each attempt, the latest last. An attempt is a file or folder with a number
        of its own in the folder of submissions. What stands in one archive or folder is one
        attempt, and so is all that a platform has exported for one person, whose numbers are part
        of names that students choose: or twenty notebooks would be twenty guesses."""
        readable = [item for item in items if not item.problem] or items
        readable.sort(key=lambda item: (item.attempt, item.submitted, -_depth(item), item.path,
                                        item.member))  # fmt: skip
        groups: dict[int, list[Found]] = {}
        for item in readable:
            groups.setdefault(self._number(item), []).append(item)
        for group in groups.values():
            last = group[-1]
            others = [item for item in group[:-1] if item.attempt == last.attempt]
            if others and not last.problem:
                names = ", ".join(map(_name, others[:3])) + " …" * (len(others) > 3)
                text = f"{len(others) + 1} notebooks in one attempt; {_name(last)} was graded, not "
                self.look.setdefault(student, []).append(text + names)
        last = [group[-1] for group in groups.values()]
        return [replace(item, attempt=item.attempt or n) for n, item in enumerate(last, start=1)]

    def _number(self, item: Found) -> int:
        """The attempt that a file belongs to: as its place in the folder of submissions says."""
        if item.id:
            return 0
        try:
            place = Path(item.path).relative_to(self.options.submissions).parts[0]
            return inbox.parse_name(place)["attempt"]
        except Exception:  # the name of one must not end the run of a class
            return 0

    def _others(self, chosen: dict) -> list[str]:
        """Whom there are results of, but who are not in the class now."""
        return sorted({r["student"] for r in files.read_all(self.results)} - chosen.keys())

    def _look_at_names(self, chosen: dict) -> None:
        """Say where a result of one student stands under the name of another. It is not used."""
        holders = {self._path(student): student for student in chosen}
        for path, student in files.misplaced(self.results):
            holder = holders.get(path)
            of = f"the name of {holder}" if holder else "a name that is not theirs"
            text = f"{path.name}: a result of {student} under {of}; it is not used"
            self.troubles.append(text)
            for one in filter(None, (student, holder)):
                self.look.setdefault(one, []).append(text)

    def _asked(self, chosen: dict) -> set[str]:
        """The students to grade; refuses names that would grade nothing."""
        names = Names(chosen, ((p.name, p.student) for p in self.roster.people))
        for name in self.options.questions:
            if name not in self.questions:
                there = ", ".join(self.questions)
                raise ValueError(f"There is no question {name!r}. There are: {there}.")
        return {names.find(text, "--student") for text in self.options.students} or set(chosen)

    def _is_current(self, student: str, found: list[Found]) -> bool:
        """Is there a result for these very files, this bank and this seed? In doubt, no."""
        try:
            return self._has_result(student, found)
        except Exception:
            return False

    def _has_result(self, student: str, found: list[Found]) -> bool:
        if self.options.regrade or self.options.questions or self.options.students:
            return False
        stored = read_result(self._path(student))
        if stored and stored["questions"].keys() != self.questions.keys():
            return False
        wanted = (self.version, self.assignment.seed, stamp(found, self.assignment))
        if not stored or stored["student"] != student:
            return False
        if set(self.look.get(student, [])) - set(stored.get("look", [])):  # something new to say
            return False
        return (stored["bank"], stored["seed"], stored.get("stamp")) == wanted

    def _load(self, found: list[Found]) -> Iterator[Submission]:
        by_hand = [n for n, qs in self.questions.items() if not qs[0].reference]
        for item in found:
            student = self._match(item)
            try:
                loaded = inbox.load(item, student, by_hand, self.edition)
                yield inbox.with_earlier(loaded, self.earlier.get(student, []))
            except Exception as error:
                problem = f"The file cannot be read ({short(error)})."
                yield Submission(student, "", "", problem=problem, attempt=item.attempt)

    def _path(self, student: str) -> Path:
        return self.results / f"{file_name(student)}.json"

    def _match(self, item: Found) -> str:
        """Whose file it is; that of a name that cannot be compared is the name's own."""
        try:
            return self.roster.match(item)
        except Exception:
            return shown(item.who)

    def _surest(self, items: list[Found]) -> list[Found]:
        try:
            return self.roster.strongest(items)
        except Exception:  # a name that cannot be compared is said elsewhere
            return items

    def _notices(self, found: dict[str, list[Found]]) -> dict[str, list[str]]:
        """What is doubtful about whose work is whose; no name ends the run."""
        try:
            return self.roster.notices(found)
        except Exception as error:
            self.troubles.append(
                f"the names on the files: they cannot be compared ({short(error)})"
            )
            return {}

    def _unreadable(self, item: Found, error: Exception) -> Found:
        self.troubles.append(f"{shown(item.who)}: its name cannot be read ({short(error)})")
        return replace(item, who=ascii(item.who), id="", problem="Its name cannot be read.")

    def _store_alone(self, results: list[dict], found: list[Found]) -> None:
        """Write a student's result down; if that fails, the others' are written all the same."""
        try:
            self._store(results, found)
        except Exception as error:
            student = results[0]["student"]
            self.troubles.append(f"{student}: the result could not be stored ({short(error)})")
            problem = f"The result could not be stored ({short(error)})."
            bare = without_details(results[0], problem)
            try:
                self._store([bare], found)
            except Exception:
                self.unstored.append(bare)

    def _store(self, results: list[dict], found: list[Found]) -> None:
        """Keep the best of a student's attempts, or the only one; note what has changed."""
        result = max(results, key=lambda r: sum(a["points"] for a in r["questions"].values()))
        if len(results) > 1:
            result["notes"].append(f"the best of {len(results)} attempts")
        item = next((f for f in found if f.attempt == result["attempt"]), found[-1])
        result["stamp"] = stamp(found, self.assignment)
        result["submitted"], result["marked_late"] = item.submitted, item.late
        result["look"] = self.look.get(result["student"], [])
        path = self._path(result["student"])
        old = read_result(path)
        if old and old["student"] != result["student"]:
            raise ValueError(f"{old['student']} holds the name {path.name}")
        if old and self.options.questions:
            result["questions"] = {**old["questions"], **result["questions"]}
        self.changes += differences(old, result)
        write_json(path, result)


def _depth(item: Found) -> int:
    return len(Path(item.path).parts) + item.member.count("/")


def _name(item: Found) -> str:
    return shown(item.member or os.path.basename(item.path))[:80]


def without_details(result: dict, problem: str) -> dict:
    """The result with its points, and without all that a student has written or caused."""
    bare = {"message": problem, "misconception": "", "also": "", "hints": [], "also_hints": [],
            "signature": "", "flags": [], "source": "", "code": "", "comment": "",
            "text": "", "picture": "", "kind": "text"}  # fmt: skip
    questions = {
        name: {key: bare.get(key, value) for key, value in answer.items()}
        for name, answer in result["questions"].items()
    }
    return {**result, "problem": problem, "questions": questions, "file": "", "notes": [],
            "look": [], "submitted": 0.0}  # fmt: skip


def short(error: Exception) -> str:
    return shown(f"{type(error).__name__}: {error}")[:200]


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
    votes: Counter = Counter()  # one for each student, whatever they submitted
    first = {found.who: found for found in reversed(list(inbox.find(folder)))}
    for found in list(first.values())[-40:]:
        with contextlib.suppress(inbox.Unreadable):
            text = inbox.read_bytes(found, MAX_GUESS).decode("utf-8", "replace")
            names = {n: sum(q.name in text for q in qs) for n, qs in chapters.items()}
            chapter = max(names, key=names.get)
            votes[chapter] += names[chapter] > 0
    if not any(votes.values()):
        raise ValueError("No question of the course is in these submissions; say --chapter NN.")
    return max(votes, key=votes.get)
