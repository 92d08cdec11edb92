"""Grade a submission: the course's judge, with what a class needs around it.

The cases come from the assignment's secret seed, and a student's code only gets the arguments of
one case after the other. `Grader` holds what all submissions share: cases, the sandbox, and the
oracle, a process with bounds of its own that judges values and answers for the functions of
earlier questions.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from functools import cached_property

from rnncourse import values
from rnncourse.bank import Misconception, Question
from rnncourse.exercises.judge import draw_cases, encode_case
from rnncourse.grading.assignment import (
    Assignment,
    Cluster,
    bank_version,
    importable,
    load_questions,
    variant_of,
)
from rnncourse.grading.inbox import MAX_CELLS, Submission
from rnncourse.grading.oracle import Exhausted, Oracle
from rnncourse.grading.sandbox import Emitted, Sandbox, SandboxError, Session

MOST = 16 << 20  # bytes of all values that are compared for one answer
TOO_MUCH = "What it returned is too much to be compared."
TOO_BIG = "It returned or computed something far too large."
GARBLED = "What it returned could not be read as a value."


class Grader:
    """Grades submissions of one assignment, one after the other."""

    def __init__(self, assignment: Assignment):
        self.assignment = assignment
        self.questions = load_questions(assignment)
        self.version = bank_version(assignment)
        self._cases: dict[tuple[str, int], list[bytes]] = {}
        self._signatures: dict[tuple[str, int], dict[str, Misconception]] = {}
        self._told: dict[tuple, list[str]] = {}  # clues by question, variant and what was given
        self._oracle = Oracle(assignment)

    @cached_property
    def sandbox(self) -> Sandbox:
        """The warm process, once there is something to run."""
        allowed = importable(self.assignment.edition)
        torch = any(q.framework == "torch" for group in self.questions.values() for q in group)
        loaded = ["numpy", *(["torch"] if torch else []), "rnncourse.cells"]
        if torch and any("torch.optim" in cell for cell in self.assignment.edition):
            loaded.append("torch._dynamo")  # the first optimiser imports it, for most of a second
        plain = {f"rnncourse.{name}" for name in ("layers", "data", "figures", "exercises")}
        loaded += sorted(allowed - plain | (allowed & {"rnncourse.layers"} if torch else set()))
        about = self.assignment
        return Sandbox(loaded, about.limits, about.unsafe, allowed, about.edition)

    def close(self) -> None:
        if "sandbox" in self.__dict__:
            self.sandbox.close()
        self._oracle.close()

    def __enter__(self) -> Grader:
        return self

    def __exit__(self, *_) -> None:
        self.close()

    def grade(self, submission: Submission) -> dict:
        """The result of one submission, ready to be written as JSON."""
        started = time.perf_counter()
        if submission.problem:
            return self.ungraded(submission)
        chosen, result = self._chosen(submission), self._blank(submission)
        answers = self._answers(submission, chosen, result)
        self._enter(result, submission, answers)
        result["seconds"] = round(time.perf_counter() - started, 3)
        return result

    def ungraded(self, submission: Submission) -> dict:
        """The result of a submission with a problem, without a look at anything else in it."""
        result = self._blank(submission)
        chosen = self._chosen(submission)
        self._enter(result, submission, {name: self._nothing(q) for name, q in chosen.items()})
        return result

    def _chosen(self, submission: Submission) -> dict[str, Question]:
        return {
            name: variants[variant_of(variants, submission.student)]
            for name, variants in self.questions.items()
            if not self.assignment.only or name in self.assignment.only
        }

    def _blank(self, submission: Submission) -> dict:
        return {
            "student": submission.student,
            "file": submission.file,
            "digest": submission.digest,
            "attempt": submission.attempt,
            "bank": self.version,
            "seed": self.assignment.seed,
            "problem": submission.problem,
            "notes": list(submission.notes),
            "questions": {},
            "seconds": 0.0,
        }

    def _enter(self, result: dict, submission: Submission, answers: dict[str, dict]) -> None:
        for name, answer in answers.items():
            variants = self.questions[name]
            number = variant_of(variants, submission.student)
            answer["variant"], answer["of"] = number + 1, variants[number].points
        result["questions"] = answers

    def _answers(self, submission: Submission, chosen: dict[str, Question], result: dict) -> dict:
        asked = {name: q.uses for name, q in chosen.items() if q.reference}
        texts = {name: rest for name, *rest in submission.texts}
        for name in {cluster.question for cluster in self.assignment.clusters} & asked.keys():
            self._named(chosen[name], submission.student)  # runs code: before a session begins
        with self.sandbox.open(submission.cells, asked) as session:
            if "fault" in session.report:
                result["problem"] = (
                    f"The notebook's code could not be read: {session.report['fault']}."
                )
                return {name: self._nothing(question) for name, question in chosen.items()}
            result["broken"] = session.report["broken"]
            return {
                name: self._answer_alone(session, question, submission.student)
                if question.reference
                else self._by_hand(question, texts.get(name))
                for name, question in chosen.items()
            }

    def _nothing(self, question: Question) -> dict:
        if question.reference is None:
            return self._by_hand(question, None)
        return _plain_answer("missing", "There is no answer to this question.")

    def _by_hand(self, question: Question, written: list[str] | None) -> dict:
        answer = _plain_answer("manual" if written else "unanswered", "Graded by hand.")
        answer["text"], answer["picture"], answer["kind"] = written or ("", "", "text")
        answer["rubric"] = [list(row) for row in question.rubric]
        return answer

    def _answer_alone(self, session: Session, question: Question, student: str) -> dict:
        """As `_answer`; what fails on one answer costs that one alone, and a human is told."""
        try:
            return self._answer(session, question, student)
        except SandboxError:
            raise
        except Exception as error:
            what = type(error).__name__
            answer = _plain_answer("wrong", f"The grader failed on this answer ({what}).")
            answer["flags"] = [f"the grader failed on it ({what}): grade it by hand"]
            return answer

    def _answer(self, session: Session, question: Question, student: str) -> dict:
        about = session.report["questions"][question.name]
        if not about["found"]:
            text = f"There is no {question.name} in this notebook."
            if about.get("broken"):
                text = f"The cell of {question.name} is not valid Python: {about['broken']}."
            return _plain_answer("missing", text)
        if about["stub"]:
            return _plain_answer("unanswered", "Not answered.")
        emitted = self._emit(session, question, about, self._prepared(question, student))
        if all(e.kind == "spent" for e in emitted):
            return _out_of_time(session, question.name, about)
        answer = self._judged(emitted, question, student)
        answer["message"] += self._clues(session, question, student, emitted, answer)
        answer["source"] = about["source"]
        answer["code"] = about["code"]
        answer["cell"] = about["cell"]
        answer["flags"] = _flags(about, emitted, self.assignment.helpers)
        return answer

    def _arguments(self, question: Question) -> dict:
        return {
            "uses": question.uses,
            "call": self._answer_for(question.uses) if question.uses else None,
            "framework": question.framework,
            "function": question.inputs is not None,
        }

    def _emit(self, session: Session, question: Question, about: dict, cases) -> list[Emitted]:
        if about["constant"]:
            if question.inputs is None:
                return [_arrived(about["constant"][0])]
            if about["constant"][0] is None:
                return [Emitted("unanswered")] * len(cases)
        arguments = self._arguments(question)
        emitted = session.run(question.name, cases, **arguments)
        lost = [e for e in emitted if e.kind == "error" and e.error.get("type") == "NameError"]
        if len(lost) == len(emitted):  # something the analysis did not see: run the whole notebook
            again = session.run(question.name, cases, whole=True, **arguments)
            if any(e.kind == "value" for e in again):
                for key, names in session.report["whole"].items():  # all of it has run
                    about[key] = list(dict.fromkeys([*about[key], *names]))
                emitted = again
        return emitted

    def _clues(self, session, question, student, emitted, answer) -> str:
        """What is found out about a wrong answer by calling it again, once for all that give the
        same values; without that where little time is left."""
        trials, clues = [bytes.fromhex(c) for c in answer.pop("trials")], answer.pop("clues")
        number = variant_of(self.questions[question.name], student)
        key, more = (question.name, number, answer["signature"]), []
        if trials and key in self._told:
            clues, trials = self._told[key], []
        while trials and session.seconds_left() > self.assignment.limits.seconds / 2:
            more += session.run(question.name, trials, **self._arguments(question))
            told = self._verdict(emitted, question, student, more)
            trials, clues = [bytes.fromhex(c) for c in told["trials"]], told["clues"]
            self._told[key] = clues
        return "".join(f"\n  {clue}" for clue in clues)

    def _prepared(self, question: Question, student: str) -> list[bytes]:
        """The question's cases, encoded."""
        variant = variant_of(self.questions[question.name], student)
        return self._prepared_for(question, variant)

    def _prepared_for(self, question: Question, variant: int) -> list[bytes]:
        key = (question.name, variant)
        if key not in self._cases:
            cases = draw_cases(question, self.assignment.seed)
            self._cases[key] = [encode_case(question, arguments) for arguments in cases]
        return self._cases[key]

    def _answer_for(self, uses: tuple[str, ...]):
        self._oracle.be_ready()
        return lambda message: self._oracle.answer(message, uses)

    def warm(self) -> None:
        """Start and compute beforehand what all submissions share."""
        self.sandbox  # noqa: B018
        for variants in self.questions.values():
            for question in variants:
                if question.reference:
                    variant = variants.index(question)
                    unanswered = [outcome(Emitted("unanswered"))]
                    cases = self._prepared_for(question, variant)
                    self._oracle.judge(question.name, variant, unanswered * len(cases), [])

    def _judged(self, emitted: Sequence[Emitted], question: Question, student: str) -> dict:
        """The verdict, with the hint of a cluster that the instructor has named."""
        judged = self._verdict(emitted, question, student)
        lines, mark = judged.pop("lines"), judged["signature"]
        named = self._named(question, student).get(mark) if mark else None
        if named:
            judged["misconception"], judged["hints"] = named.name, list(dict.fromkeys(named.hints))
            judged["message"] = "\n  ".join([judged["message"], *lines])
            judged["trials"] = judged["clues"] = []
        return {**judged, "flags": []}

    def _verdict(
        self, emitted: Sequence[Emitted], question: Question, student: str, more=()
    ) -> dict:
        """The oracle's; more came of the trials that it asked for."""
        variant = variant_of(self.questions[question.name], student)
        about, tried = [outcome(e) for e in emitted], [outcome(e) for e in more]
        raw = [e.raw for e in [*emitted, *more] if e.kind == "value"]
        if sum(map(len, raw)) <= MOST:
            try:
                return self._oracle.judge(question.name, variant, about, raw, tried)
            except Exhausted:
                pass
        about = [outcome(Emitted("too_much"))] * len(emitted)
        return self._oracle.judge(question.name, variant, about, [])

    def _named(self, question: Question, student: str) -> dict[str, Misconception]:
        """The clusters that the instructor has named, by what their answer gives on our cases."""
        key = (question.name, variant_of(self.questions[question.name], student))
        if key not in self._signatures:
            self._signatures[key] = {}
            for cluster in self.assignment.clusters:
                if cluster.question == question.name:
                    mark = cluster.mark or self._mark_of(cluster, question, student)
                    named = Misconception(cluster.name, None, *[cluster.hint] * 3)
                    self._signatures[key][mark] = named
        return self._signatures[key]

    def _mark_of(self, cluster: Cluster, question: Question, student: str) -> str:
        """What most of the cluster's answers give on our cases; "" if they do not agree."""
        marks = Counter(self._signature_of(question, student, *one) for one in cluster.sources)
        mark, count = marks.most_common(1)[0]
        return mark if 2 * count > len(cluster.sources) else ""

    def _signature_of(self, question: Question, student: str, cell: int, source: str) -> str:
        """What one answer gives on our cases, run in a cell of the number that it had."""
        cases = self._prepared(question, student)
        cells = [""] * min(cell, MAX_CELLS) + [source]
        with self.sandbox.open(cells, {question.name: question.uses}) as session:
            about = session.report.get("questions", {}).get(question.name, {})
            if not about.get("found"):
                return ""
            emitted = self._emit(session, question, about, cases)
            return self._verdict(emitted, question, student)["signature"]


def outcome(emitted: Emitted) -> dict:
    """What the sandbox brought back, as `Oracle.judge` takes it: without its value."""
    error = emitted.error or {}
    made = {"kind": emitted.kind, "error": "", "text": "", "line": None, "meaning": "",
            "mutated": list(emitted.changed)}  # fmt: skip
    if emitted.kind == "error":
        kind, text = str(error.get("type", "")), str(error.get("message") or "")
        if kind == "NotImplementedError" and text == "your turn":
            return {**made, "kind": "unanswered"}
        line = [error["line"], error.get("text") or ""] if error.get("line") else None
        meaning = str(error.get("meaning") or "")
        return {**made, "error": kind, "text": text, "line": line, "meaning": meaning}
    if emitted.kind == "spent":
        return {**made, "kind": "timeout"}
    if emitted.kind in ("value", "timeout", "unanswered"):
        return made
    texts = {"too_big": TOO_BIG, "garbled": GARBLED, "too_much": TOO_MUCH}
    text = texts.get(emitted.kind) or _how_it_ended(error)
    return {**made, "kind": "died", "text": text}


def _arrived(constant) -> Emitted:
    """A constant of the student's code as it would come out of their process."""
    try:
        return Emitted("value", constant, raw=values.encode_answer(constant))
    except values.TooLarge as error:
        return Emitted("error", error={"type": type(error).__name__, "message": str(error)})


def _how_it_ended(error: dict) -> str:
    if error.get("signal"):
        return f"({error['signal']})"
    return "" if not error.get("exit") else f"(exit code {error['exit']})"


def _public(name: str) -> str:
    """rnncourse.cells.rnn_step, by whatever way it was reached."""
    parts = name.split(".")
    return ".".join([*parts[:2], *parts[2:][-1:]])


def _plain_answer(status: str, message: str) -> dict:
    return {
        "status": status,
        "points": 0.0,
        "right": [],
        "message": message,
        "misconception": "",
        "also": "",
        "hints": [],
        "also_hints": [],
        "signature": "",
        "flags": [],
        "source": "",
        "code": "",
        "cell": 0,
    }


def _out_of_time(session: Session, name: str, about: dict) -> dict:
    """An answer without values, for the time of the whole submission is used up."""
    longest = sorted(session.used.items(), key=lambda item: -item[1])[:3]
    named = ", ".join(f"{key} {seconds:.0f} s" for key, seconds in longest if seconds >= 0.5)
    begun = "Cut short" if name in session.used else "Not run"
    text = (
        f"{begun}: all answers of a notebook together have {session.limits.submission_seconds:g} "
        f"seconds, and they are used up ({named})."
    )
    answer = _plain_answer("wrong", text)
    return answer | {"source": about["source"], "code": about["code"],
                     "flags": [f"{begun.lower()}: the submission's time was used up"]}  # fmt: skip


def _flags(about: dict, emitted: Sequence[Emitted], helpers: Sequence[str]) -> list[str]:
    """What a human should look at; none of it changes a grade. Of the course's package, what the
    code names and what really ran, but for the helpers that solved answers use themselves."""
    flags = []
    if about["risky"]:
        flags.append("forbidden names: " + ", ".join(about["risky"]))
    fine = {name.rpartition(".")[2] for name in helpers}
    names = [*about["course"], *(name for e in emitted for name in e.ran)]
    shown = [
        name for name in dict.fromkeys(map(_public, names)) if name.rpartition(".")[2] not in fine
    ]
    if shown:
        flags.append("uses the course's package: " + ", ".join(shown[:20]))
    kinds = {e.kind for e in emitted}
    for kind, text in (
        ("timeout", "ran out of time"),
        ("spent", "cut short: the submission's time was used up"),
        ("crash", "ended its process"),
        ("too_big", "sent a message that is too large"),
        ("garbled", "sent a message that is no value"),
    ):
        if kind in kinds:
            flags.append(text)
    if any(e.kind == "error" and e.error.get("type") == "PermissionError" for e in emitted):
        flags.append("was refused something by the sandbox")
    if any(e.kind == "error" and e.error.get("type") == "MemoryError" for e in emitted):
        flags.append("ran out of memory")
    if about["times"] > 1:
        flags.append(f"defined {about['times']} times; the last one was graded")
    return flags
