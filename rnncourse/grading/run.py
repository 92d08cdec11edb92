"""Grade a folder: who submitted what, spread over workers, written down one by one.

The folder of results is the memory of a run: `run.json` says what was graded with which seed and
bank, `results/` has one file a student, written whole or not at all. A run that was interrupted
goes on where it stopped; a second run grades only what has changed.
"""

from __future__ import annotations

import concurrent.futures
import contextlib
import csv
import hashlib
import json
import multiprocessing
import os
import secrets
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field, replace
from pathlib import Path

from rnncourse.grading import marks, submissions
from rnncourse.grading.judge import Assignment, Grader, Submission, bank_version, load_questions
from rnncourse.grading.sandbox import Limits
from rnncourse.grading.submissions import Found, Roster

MAX_ATTEMPTS = 20  # of one student, where the best one counts
CHUNK = 8  # submissions a task
_graders: dict[str, Grader] = {}  # in a worker: the one that is warm


# --- in a worker --------------------------------------------------------------------------------
def grade_chunk(assignment: Assignment, chunk: list[Submission]) -> list[dict]:
    """Grade a few submissions in this process, with a grader that stays warm between calls."""
    grader = _warm_grader(assignment)
    return [grader.grade(submission) for submission in chunk]


def warm_worker(assignment: Assignment, seconds: float = 1.0) -> None:
    """Have a grader ready in this process; stay long enough that the next task goes elsewhere."""
    _warm_grader(assignment)
    time.sleep(seconds)


def _warm_grader(assignment: Assignment) -> Grader:
    key = repr(assignment)
    if key not in _graders:
        close_graders()
        _graders[key] = Grader(assignment)
        _graders[key].warm()
    return _graders[key]


def close_graders() -> None:
    while _graders:
        _graders.popitem()[1].close()


def _start_worker() -> None:
    import atexit
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the first process decides about Ctrl-C
    atexit.register(close_graders)


# --- the executors --------------------------------------------------------------------------------
@contextlib.contextmanager
def executor(workers: int = 0, scheduler: str = "") -> Iterator[Callable[[], object]]:
    """Something that makes executors: of this machine's cores, or of a Dask cluster."""
    if scheduler:
        from distributed import Client

        with Client(scheduler, timeout="30s", set_as_default=False) as client:
            yield lambda: client.get_executor(pure=False, retries=3)
        return
    count = workers or len(getattr(os, "sched_getaffinity", lambda _: ())(0)) or os.cpu_count()
    pools: list = []

    def pool():
        if pools and not getattr(pools[0], "_broken", False):
            return pools[0]
        pools[:] = [
            concurrent.futures.ProcessPoolExecutor(
                max_workers=count or 1,
                mp_context=multiprocessing.get_context("spawn"),
                initializer=_start_worker,
            )
        ]
        return pools[0]

    with _one_interrupt():
        try:
            yield pool
        except BaseException:  # nobody waits for what is under way
            for process in [p for old in pools for p in (old._processes or {}).values()]:
                process.kill()
            raise
        finally:
            for old in pools:
                old.shutdown(wait=True, cancel_futures=True)


@contextlib.contextmanager
def _one_interrupt() -> Iterator[None]:
    """Let Ctrl-C interrupt once: a second one, while workers are ended, would leave them waiting
    for each other for ever."""
    import signal
    import threading

    def interrupt(*_):
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        raise KeyboardInterrupt

    here = threading.current_thread() is threading.main_thread()
    ours = here and signal.getsignal(signal.SIGINT) is signal.default_int_handler
    if ours:
        signal.signal(signal.SIGINT, interrupt)
    try:
        yield
    finally:
        if ours:
            signal.signal(signal.SIGINT, signal.default_int_handler)


def grade_all(
    assignment: Assignment,
    stream: Iterable[Submission],
    make: Callable[[], object],
    window: int = 16,
) -> Iterator[dict]:
    """Results as they come. Only `window` tasks wait at a time, so memory stays flat.

    A worker that dies costs the others nothing: what it had in hand is done again, one by one,
    and a submission that kills its worker twice gets a row that says so.
    """
    pool = make()
    waiting: dict = {}
    for chunk in _chunks(stream):
        waiting[pool.submit(grade_chunk, assignment, chunk)] = chunk
        if len(waiting) >= window:
            pool = yield from _collect(assignment, waiting, pool, make)
    while waiting:
        pool = yield from _collect(assignment, waiting, pool, make)


def _chunks(stream: Iterable[Submission]) -> Iterator[list[Submission]]:
    chunk, size = [], 0
    for submission in stream:
        chunk.append(submission)
        size += sum(map(len, submission.cells))
        if len(chunk) >= CHUNK or size > 1 << 20:
            yield chunk
            chunk, size = [], 0
    if chunk:
        yield chunk


def _collect(assignment: Assignment, waiting: dict, pool, make):
    first = concurrent.futures.FIRST_COMPLETED
    for future in concurrent.futures.wait(waiting, return_when=first).done:
        chunk = waiting.pop(future)
        try:
            results = future.result()
        except BrokenProcessPool:
            lost = [*chunk, *(s for other in waiting.values() for s in other)]
            waiting.clear()
            pool = make()
            yield from _one_by_one(assignment, lost, pool, make)
            return make()
        except Exception as error:  # the grader's own fault: say so, grade the others
            if len(chunk) > 1:
                for submission in chunk:
                    waiting[pool.submit(grade_chunk, assignment, [submission])] = [submission]
                continue
            results = [_failed(assignment, chunk[0], f"{type(error).__name__}: {error}")]
        yield from results
    return pool


def _one_by_one(assignment: Assignment, lost: list[Submission], pool, make) -> Iterator[dict]:
    for submission in lost:
        for attempt in (1, 2):
            try:
                yield from pool.submit(grade_chunk, assignment, [submission]).result()
                break
            except BrokenProcessPool:
                pool = make()
                if attempt == 2:
                    yield _failed(assignment, submission, "it ended the grader's worker twice")


def _failed(assignment: Assignment, submission: Submission, why: str) -> dict:
    problem = f"The grader failed on this submission ({why[:200]}). Please grade it by hand."
    failed = replace(submission, problem=problem, cells=(), texts=())
    grader = Grader.__new__(Grader)
    grader.assignment, grader.questions = assignment, load_questions(assignment)
    grader.version = bank_version(assignment)
    return grader.grade(failed)


# --- a run --------------------------------------------------------------------------------------
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
    root: Path = field(default_factory=lambda: Path(__file__).parents[2])


class Run:
    """One assignment's folder of results."""

    def __init__(self, options: Options):
        self.options, self.out = options, options.out
        self.results = self.out / "results"
        self.settings = self._settings()
        self.assignment = self._assignment()
        self.version = bank_version(self.assignment)
        self.questions = load_questions(self.assignment)
        self.roster = Roster(submissions.read_roster(options.roster) if options.roster else [])
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
        words = chapter_slug(self.options.root, self.settings["chapter"]).split("_")
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
        edition = read_edition(self.options.root, self.settings["chapter"], self.settings["bank"])
        return Assignment(
            chapter=self.settings["chapter"],
            seed=self.settings["seed"],
            bank=self.settings["bank"],
            edition=tuple(c["source"] for c in edition if c["kind"] == "code"),
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
        bar = Progress(sum(map(len, todo.values())), self.options.quiet)
        assignment = replace(self.assignment, only=self.options.questions)
        pending: dict[str, list[dict]] = {}
        for result in grade_all(assignment, stream, make):
            student = result["student"]
            mine = pending.setdefault(student, [])
            mine.append(result)
            bar.step()
            if len(mine) == len(todo[student]):
                self._store(pending.pop(student), todo[student])
        bar.close()
        return bar.done

    def _chosen(self) -> dict[str, list[Found]]:
        """The attempt of each student that counts, or all of them where the best one does."""
        wanted = submissions.plain(chapter_slug(self.options.root, self.settings["chapter"]))
        found: dict[str, list[Found]] = {}
        folder, out = self.options.submissions, self.out.resolve()
        items = list(submissions.find(folder, wanted))
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
        names = marks.Names(chosen, ((p.name, p.student) for p in self.roster.people))
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
        edition = read_edition(self.options.root, self.settings["chapter"], self.settings["bank"])
        by_hand = [n for n, qs in self.questions.items() if not qs[0].reference]
        for item in found:
            yield submissions.load(item, self.roster.match(item), by_hand, edition)

    def _path(self, student: str) -> Path:
        return self.results / f"{submissions.file_name(student)}.json"

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


def differences(old: dict | None, new: dict) -> list[dict]:
    """What a regrade changed, question by question, and why."""
    if not old:
        return []
    reasons = []
    if old["digest"] != new["digest"]:
        reasons.append("another file was submitted")
    if old["bank"] != new["bank"]:
        reasons.append("the question bank or the grader changed")
    if old["seed"] != new["seed"]:
        reasons.append("another seed")
    changes = []
    for name, answer in new["questions"].items():
        before = old["questions"].get(name)
        if not before or (before["points"], before["misconception"]) == (
            answer["points"],
            answer["misconception"],
        ):
            continue
        recognised = f"now recognised as: {answer['misconception'] or 'nothing known'}"
        renamed = before["misconception"] != answer["misconception"] and answer["status"] == "wrong"
        why = "; ".join([*reasons, recognised] if renamed else reasons)
        changes.append({
            "student": new["student"], "question": name,
            "before": before["points"], "after": answer["points"],
            "why": why or "the answer does not give the same values every time",
        })  # fmt: skip
    return changes


def write_changes(out: Path, changes: list[dict]) -> None:
    """Add to changes.csv, which keeps what every regrade did."""
    if not changes:
        return
    path = out / "changes.csv"
    new = not path.exists()
    with path.open("a", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        if new:
            writer.writerow(["when", "student", "question", "before", "after", "why"])
        now = time.strftime("%Y-%m-%dT%H:%M:%S%z")
        for change in changes:
            keys = ("student", "question", "before", "after", "why")
            writer.writerow([now, *(submissions.cell(change[key]) for key in keys)])


# --- helpers --------------------------------------------------------------------------------------
def read_json(path: Path):
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def write_json(path: Path, value) -> None:
    """All of it or nothing: a reader, or the next run, never finds half a file."""
    part = path.with_suffix(f".{os.getpid()}.part")
    part.write_text(json.dumps(value, ensure_ascii=True), encoding="utf-8")
    part.replace(path)


def chapter_slug(root: Path, chapter: int) -> str:
    for folder in ("exercises", "solutions"):
        for path in sorted((root / "notebooks" / folder).glob(f"{chapter:02d}_*.ipynb")):
            return path.stem
    return f"{chapter:02d}_"


def read_edition(root: Path, chapter: int, private: str = "") -> list[dict]:
    """The cells that were handed out: of the private bank, or of the course."""
    places = [Path(private)] if private else [root / "notebooks" / "exercises"]
    for place in places:
        for path in sorted(place.glob(f"{chapter:02d}_*.ipynb")):
            with contextlib.suppress(submissions.Unreadable, OSError):
                return submissions.read_cells(path.read_bytes())
    return []


def guess_chapter(folder: Path, private: str = "") -> int:
    """The chapter whose questions the submissions answer."""
    from rnncourse import bank

    chapters = bank.read_folder(Path(private)) if private else bank.chapters()
    votes: dict[int, int] = {}
    for found in list(submissions.find(folder))[:40]:
        with contextlib.suppress(submissions.Unreadable):
            text = submissions.read_bytes(found).decode("utf-8", "replace")
            for chapter, questions in chapters.items():
                names = sum(f"{q.name}" in text for q in questions)
                votes[chapter] = votes.get(chapter, 0) + names
    if not any(votes.values()):
        raise ValueError("No question of the course is in these submissions; say --chapter NN.")
    return max(votes, key=votes.get)


class Progress:
    """A line that says how far it is, on a terminal or, sparsely, in a log."""

    def __init__(self, total: int, quiet: bool):
        self.total, self.quiet, self.done = total, quiet, 0
        self.started = self.shown = time.monotonic()

    def step(self) -> None:
        self.done += 1
        now = time.monotonic()
        pause = 0.1 if sys.stderr.isatty() else 10.0
        if not self.quiet and now - self.shown > pause:
            self.shown = now
            self._print()

    def _print(self) -> None:
        rate = self.done / max(1e-9, time.monotonic() - self.started)
        left = (self.total - self.done) / max(rate, 1e-9)
        filled = int(24 * self.done / max(1, self.total))
        bar = "█" * filled + "░" * (24 - filled)
        text = f"{bar} {self.done:,} of {self.total:,} · {rate:.0f} a second · {left:.0f} s left"
        end = "\r" if sys.stderr.isatty() else "\n"
        print(text, end=end, file=sys.stderr, flush=True)

    def close(self) -> None:
        if not self.quiet and sys.stderr.isatty():
            print(" " * 78, end="\r", file=sys.stderr, flush=True)
