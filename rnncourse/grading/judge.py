"""Judge a submission: the course's judge, with what a class needs around it.

The cases come from the assignment's secret seed, the references stay in this process, and a
student's code only gets the arguments of one case after the other. `Grader` holds what all
submissions share: cases, references, the sandbox, the oracle that answers for the functions of
earlier questions.
"""

from __future__ import annotations

import hashlib
import itertools
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from rnncourse import __version__, bank
from rnncourse.bank import Misconception, Question
from rnncourse.exercises.compare import Opaque, Tensor, compare
from rnncourse.exercises.judge import Judge, Outcome, Verdict, draw_cases, trusted
from rnncourse.grading.inside import values
from rnncourse.grading.sandbox import Emitted, Limits, Sandbox, Session

KINDS = {"error": "error", "timeout": "timeout"}  # all others: the process died
TOO_BIG = "It returned or computed something far too large."
GARBLED = "What it returned could not be read as a value."


@dataclass(frozen=True)
class Assignment:
    """What is graded and how; it travels to other processes and machines."""

    chapter: int
    seed: int
    bank: str = ""  # the folder of a private bank
    only: tuple[str, ...] = ()  # grade these questions and no others
    edition: tuple[str, ...] = ()  # code cells that were handed out
    clusters: tuple[tuple[str, str, str, str], ...] = ()  # question, name, hint, source
    limits: Limits = field(default_factory=Limits)
    unsafe: bool = False


@dataclass(frozen=True)
class Submission:
    """One attempt of one student: the code cells of a notebook, and the texts of its answers."""

    student: str
    file: str
    digest: str  # of the file
    cells: tuple[str, ...] = ()
    texts: tuple[tuple[str, str, str, str], ...] = ()  # graded by hand: name, text, picture, kind
    problem: str = ""  # why there is nothing to grade
    notes: tuple[str, ...] = ()
    attempt: int = 1


def load_questions(assignment: Assignment) -> dict[str, list[Question]]:
    """The assignment's questions by name; of each one or, in a private bank, several variants.

    With a private bank the course's questions count only if the private notebook has them.
    """
    found = bank.chapter(assignment.chapter)
    if assignment.bank:
        folder = Path(assignment.bank)
        books = [p.read_text() for p in folder.glob(f"**/{assignment.chapter:02d}_*.ipynb")]
        mine = bank.read_folder(folder, assignment.chapter).get(assignment.chapter, [])
        names = {question.name for question in mine}
        found = [
            q
            for q in found
            if q.name not in names and (not books or any(q.name in book for book in books))
        ] + mine
    if not found:
        where = assignment.bank or "the course"
        raise ValueError(f"There are no questions for chapter {assignment.chapter} in {where}.")
    questions: dict[str, list[Question]] = {}
    for question in found:
        questions.setdefault(question.name, []).append(question)
    return questions


def variant_of(variants: Sequence[Question], student: str) -> int:
    """Which variant of a question a student gets: drawn by name, the same every time."""
    if len(variants) == 1:
        return 0
    digest = hashlib.sha256(f"{variants[0].name}\0{student}".encode()).digest()
    return int.from_bytes(digest[:8], "big") % len(variants)


def bank_version(assignment: Assignment) -> str:
    """The package's version and a digest of everything that decides a grade."""
    here = Path(__file__).parent
    course = here.parent / "exercises"
    number = f"{assignment.chapter:02d}"
    files = [course / "judge.py", course / "compare.py", here / "judge.py"]
    files += here.glob("inside/*.py")
    folder = Path(assignment.bank) if assignment.bank else here.parent / "bank"
    files += [*folder.glob(f"ch{number}_*.py"), here.parent / "quizzes" / f"{number}.json"]
    digest = hashlib.sha256()
    for path in sorted(files, key=lambda path: path.name):
        if path.exists():
            digest.update(path.name.encode() + path.read_bytes())
    return f"{__version__}+{digest.hexdigest()[:12]}"


class Grader:
    """Grades submissions of one assignment, one after the other."""

    def __init__(self, assignment: Assignment):
        self.assignment = assignment
        self.questions = load_questions(assignment)
        self.version = bank_version(assignment)
        self._judges: dict[tuple[str, int], tuple[Judge, list[bytes]]] = {}
        self._signatures: dict[tuple[str, int], dict[str, Misconception]] = {}
        self._oracle = None
        torch = any(q.framework == "torch" for group in self.questions.values() for q in group)
        modules = ["numpy", "rnncourse", "rnncourse.cells"]
        modules += ["torch", "rnncourse.layers"] if torch else []
        self.sandbox = Sandbox(modules, assignment.limits, assignment.unsafe)

    def close(self) -> None:
        self.sandbox.close()
        if self._oracle:
            self._oracle.close()

    def __enter__(self) -> Grader:
        return self

    def __exit__(self, *_) -> None:
        self.close()

    def grade(self, submission: Submission) -> dict:
        """The result of one submission, ready to be written as JSON."""
        started = time.perf_counter()
        chosen = {
            name: variants[variant_of(variants, submission.student)]
            for name, variants in self.questions.items()
            if not self.assignment.only or name in self.assignment.only
        }
        result = {
            "student": submission.student,
            "file": submission.file,
            "digest": submission.digest,
            "attempt": submission.attempt,
            "bank": self.version,
            "seed": self.assignment.seed,
            "problem": submission.problem,
            "notes": list(submission.notes),
            "questions": {},
        }
        if submission.problem:
            answers = {name: self._nothing(question) for name, question in chosen.items()}
        else:
            answers = self._answers(submission, chosen, result)
        for name, question in chosen.items():
            variants = self.questions[name]
            answers[name]["variant"] = variant_of(variants, submission.student) + 1
            answers[name]["of"] = question.points
        result["questions"] = answers
        result["seconds"] = round(time.perf_counter() - started, 3)
        return result

    def _answers(self, submission: Submission, chosen: dict[str, Question], result: dict) -> dict:
        asked = {name: q.uses for name, q in chosen.items() if q.reference}
        texts = {name: rest for name, *rest in submission.texts}
        for name in {cluster[0] for cluster in self.assignment.clusters} & asked.keys():
            self._named(chosen[name], submission.student)  # runs code: before a session begins
        with self.sandbox.open(submission.cells, asked, self.assignment.edition) as session:
            if "fault" in session.report:
                result["problem"] = (
                    f"The notebook's code could not be read: {session.report['fault']}."
                )
                return {name: self._nothing(question) for name, question in chosen.items()}
            result["broken"] = session.report["broken"]
            return {
                name: self._answer(session, question, submission.student)
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

    def _answer(self, session: Session, question: Question, student: str) -> dict:
        about = session.report["questions"][question.name]
        if not about["found"]:
            text = f"There is no {question.name} in this notebook."
            if about.get("broken"):
                text = f"The cell of {question.name} is not valid Python: {about['broken']}."
            return _plain_answer("missing", text)
        if about["stub"]:
            return _plain_answer("unanswered", "Not answered.")
        judge, cases = self._prepared(question, student)
        emitted = self._emit(session, question, about, cases)
        outcomes = [outcome(e) for e in emitted]
        try:
            verdict = judge.verdict(outcomes)
        except Exception:  # values that nobody foresaw are nobody's right answer
            outcomes = [Outcome("died", text=GARBLED)] * len(outcomes)
            verdict = judge.verdict(outcomes)
        answer = self._describe(verdict, outcomes, question, student)
        answer["source"] = about["source"]
        answer["code"] = about["code"]
        answer["flags"] = _flags(about, emitted)
        return answer

    def _emit(self, session: Session, question: Question, about: dict, cases) -> list[Emitted]:
        if about["constant"]:
            if question.inputs is None:
                return [Emitted("value", about["constant"][0])]
            if about["constant"][0] is None:
                return [Emitted("unanswered")] * len(cases)
        arguments = {
            "uses": question.uses,
            "call": self._answer_for(question.uses) if question.uses else None,
            "framework": question.framework,
            "function": question.inputs is not None,
        }
        emitted = session.run(question.name, cases, **arguments)
        lost = [e for e in emitted if e.kind == "error" and e.error.get("type") == "NameError"]
        if len(lost) == len(emitted):  # something the analysis did not see: run the whole notebook
            again = session.run(question.name, cases, whole=True, **arguments)
            emitted = again if any(e.kind == "value" for e in again) else emitted
        return emitted

    def _prepared(self, question: Question, student: str) -> tuple[Judge, list[bytes]]:
        variant = variant_of(self.questions[question.name], student)
        return self._prepared_for(question, variant)

    def _prepared_for(self, question: Question, variant: int) -> tuple[Judge, list[bytes]]:
        key = (question.name, variant)
        if key not in self._judges:
            cases = draw_cases(question, self.assignment.seed)
            tensors = question.framework == "torch"
            encoded = [values.encode(list(arguments), tensors) for arguments in cases]
            self._judges[key] = (Judge(question, cases), encoded)
        return self._judges[key]

    def _answer_for(self, uses: tuple[str, ...]):
        if self._oracle is None:
            from rnncourse.grading.oracle import Oracle

            self._oracle = Oracle(self.assignment)
        return lambda message: self._oracle.answer(message, uses)

    def warm(self) -> None:
        """Compute beforehand what all submissions share."""
        for variants in self.questions.values():
            for question in variants:
                if question.reference:
                    judge, _ = self._prepared_for(question, variants.index(question))
                    judge.verdict([Outcome("value", None)] * len(judge.cases))
                if question.uses:
                    self._answer_for(question.uses)(b"")

    def _describe(self, verdict: Verdict, outcomes, question: Question, student: str) -> dict:
        misconception, also = verdict.misconception, None
        if verdict.status == "wrong" and not misconception:
            misconception, also = two_at_once(self._prepared(question, student)[0], outcomes)
        mark = signature(outcomes) if verdict.status == "wrong" and not misconception else ""
        if mark:
            misconception = self._named(question, student).get(mark)
        message = verdict.message.split(": ", 1)[-1]
        if misconception and "\n" not in message:
            lines = self._prepared(question, student)[0].show_case(verdict, outcomes)
            message = "\n  ".join([message, *lines])
        return {
            "status": verdict.status,
            "points": round(verdict.points, 6),
            "right": list(verdict.right),
            "message": message,
            "misconception": misconception.name if misconception else "",
            "also": also.name if also else "",
            "hints": list(dict.fromkeys(misconception.hints)) if misconception else [],
            "also_hints": list(dict.fromkeys(also.hints)) if also else [],
            "signature": mark,
            "flags": [],
        }

    def _named(self, question: Question, student: str) -> dict[str, Misconception]:
        """The clusters that the instructor has named, by what their answer gives on our cases."""
        key = (question.name, variant_of(self.questions[question.name], student))
        if key not in self._signatures:
            self._signatures[key] = {}
            for name, title, hint, source in self.assignment.clusters:
                if name == question.name:
                    mark = self._signature_of(question, student, source)
                    self._signatures[key][mark] = Misconception(title, None, *[hint] * 3)
        return self._signatures[key]

    def _signature_of(self, question: Question, student: str, source: str) -> str:
        _, cases = self._prepared(question, student)
        with self.sandbox.open([source], {question.name: question.uses}) as session:
            about = session.report.get("questions", {}).get(question.name, {})
            if not about.get("found"):
                return ""
            return signature([outcome(e) for e in self._emit(session, question, about, cases)])


def outcome(emitted: Emitted) -> Outcome:
    """What the sandbox brought back, as the course's judge takes it."""
    error = emitted.error or {}
    if emitted.kind == "value":
        return Outcome("value", _portable(emitted.value), mutated=emitted.changed)
    if emitted.kind == "error":
        kind, text = str(error.get("type", "")), str(error.get("message") or "")
        if kind == "NotImplementedError" and text == "your turn":
            return Outcome("unanswered")
        line = (error["line"], error.get("text") or "") if error.get("line") else None
        return Outcome("error", error=kind, text=text, line=line)
    if emitted.kind in ("timeout", "unanswered"):
        return Outcome(emitted.kind)
    texts = {"too_big": TOO_BIG, "garbled": GARBLED}
    return Outcome("died", text=texts.get(emitted.kind, _how_it_ended(error)))


def _portable(value):
    if isinstance(value, values.Opaque):
        return Opaque(value.type_name)
    if isinstance(value, (list, tuple)):
        return type(value)(_portable(item) for item in value)
    if isinstance(value, dict):
        return {key: _portable(item) for key, item in value.items()}
    if isinstance(value, int) and abs(value) >= 2**63:
        return Opaque("very large integer")
    return value


def _how_it_ended(error: dict) -> str:
    if error.get("signal"):
        return f"({error['signal']})"
    return "" if not error.get("exit") else f"(exit code {error['exit']})"


def two_at_once(judge: Judge, outcomes: Sequence[Outcome]):
    """Two misconceptions that together explain a result of several parts, or (None, None).

    Of dW_xh and dW_hh, one may be wrong by one idea and the other by another: each wrong part
    must be, in every case, what one of the two gives for it. Of several pairs, the one whose
    ideas would spoil the fewest parts that are not spoilt so.
    """
    question = judge.question
    if any(o.kind != "value" or o.mutated for o in outcomes):
        return None, None
    truth, given = [_parts(v) for v in judge.expected], [_parts(o.value) for o in outcomes]
    keys = set(truth[0])
    if len(keys) < 2 or any(set(parts) != keys for parts in truth + given):
        return None, None

    def agree(values: list[dict], key) -> bool:
        return all(
            compare(one[key], other[key], question.rtol, question.atol) is None
            for one, other in zip(values, given, strict=True)
        )

    def differs(values: list[dict], key) -> bool:
        return any(
            compare(right[key], one[key], question.rtol, question.atol)
            for right, one in zip(truth, values, strict=True)
        )

    wrong = {key for key in keys if not agree(truth, key)}
    explains, beside = {}, {}
    for misconception in question.misconceptions:
        results = [trusted(question, misconception.compute, case) for case in judge.cases]
        parts = [_parts(result.value) for result in results]
        if all(set(part) == keys for part in parts):
            explains[misconception] = {key for key in wrong if agree(parts, key)}
            beside[misconception] = sum(
                not agree(parts, key) and differs(parts, key) for key in keys
            )
    pairs = []
    for one, other in itertools.combinations(explains, 2):
        both = (explains[one], explains[other])
        if both[0] | both[1] == wrong and both[0] - both[1] and both[1] - both[0]:
            pairs.append((one, other))
    return min(pairs, key=lambda pair: beside[pair[0]] + beside[pair[1]], default=(None, None))


def _parts(value) -> dict:
    if isinstance(value, dict):
        return value
    return dict(enumerate(value)) if isinstance(value, (list, tuple)) else {}


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
    }


def _flags(about: dict, emitted: Sequence[Emitted]) -> list[str]:
    """What a human should look at; none of it changes a grade."""
    flags = []
    if about["risky"]:
        flags.append("forbidden names: " + ", ".join(about["risky"]))
    if about["course"]:
        flags.append("uses the course's package: " + ", ".join(about["course"]))
    kinds = {e.kind for e in emitted}
    for kind, text in (
        ("timeout", "ran out of time"),
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


def signature(outcomes: Sequence[Outcome]) -> str:
    """The same short text for outcomes that are equal to four digits; "" if there is no value."""
    if not any(o.kind == "value" for o in outcomes):
        return ""
    digest = hashlib.sha256()
    for o in outcomes:
        digest.update(f"{o.kind}{o.error}{o.mutated}".encode())
        _add(o.value, digest)
    return digest.hexdigest()[:12]


def _add(value, digest) -> None:
    if isinstance(value, Tensor):
        value = value.array
    if isinstance(value, np.ndarray):
        digest.update(f"array{value.shape}".encode())
        if value.dtype.kind in "fc":
            with np.errstate(all="ignore"):
                digest.update(" ".join(f"{v:.3e}" for v in (value.ravel() + 0.0)[:20000]).encode())
        else:
            digest.update(value.astype(str).tobytes())
    elif isinstance(value, float):
        digest.update(f"{value + 0.0:.3e}".encode())
    elif isinstance(value, (list, tuple)):
        digest.update(f"list{len(value)}".encode())
        for item in value:
            _add(item, digest)
    elif isinstance(value, dict):
        for key, item in value.items():
            digest.update(key.encode())
            _add(item, digest)
    else:
        digest.update(repr(value).encode())
