"""Check an answer inside the learner's notebook and say what to do about it.

The answer is called here, in the same process, with copies of the inputs; the verdict comes
from `judge`. What is printed is short and the same every time.
"""

from __future__ import annotations

import contextlib
import ctypes
import inspect
import io
import linecache
import re
import sys
import threading
import time
import warnings
from dataclasses import dataclass, replace

from rnncourse import bank, values
from rnncourse.bank import Question
from rnncourse.exercises.judge import (
    Judge,
    Outcome,
    Verdict,
    argument_names,
    draw_cases,
    encode_case,
    hand_over,
)
from rnncourse.tracebacks import place

NOTHING = object()  # no answer was given, not even None
UNANSWERED = "not answered yet."
SECONDS = 5.0  # of computing for one case
PATIENCE = 6  # times as long by the clock, on a machine that has other things to do
REPORT = "application/vnd.rnncourse.report+json"
LADDER = "application/vnd.rnncourse.ladder+json"
PRINT_LIMIT = 2_000  # characters kept of what an answer prints
PRINT_LINES = 3  # lines shown of it

_failures: dict[tuple[str, str], int] = {}  # (question, misconception) -> hints already shown
_checked: dict[str, tuple[Judge, list[Outcome]]] = {}  # the last check of each function


def check(name: str, answer=NOTHING) -> None:
    """Compare an answer with the reference of question `name` and print the verdict.

    answer is the function itself (no parentheses) or, for a value question, the value. Each
    further failed check with the same misconception shows the next hint.
    """
    if not isinstance(name, str) or answer is NOTHING:
        print('check wants the name of a question and your answer: check("affine", affine)')
        return
    try:
        question = bank.get(name)
    except bank.UnknownQuestion as error:
        print(error)
        return
    verdict, printed = examine(question, answer)
    print(verdict.message)
    for line in notes(verdict, printed):
        print("  " + line)


def report(names: list[str], answers: dict, shown: list) -> None:
    """Display the verdicts on all of these questions as data, for `rnncourse check`.

    shown holds the rungs of the ladder that were reached before: (question, misconception,
    hints shown).
    """
    from IPython.display import display

    _failures.clear()
    _failures.update({(name, mistake): count for name, mistake, count in shown})
    results = []
    for name in names:
        question = bank.get(name)
        if name not in answers and question.reference:
            results.append({"name": name, "status": "missing", "points": 0})
            continue
        verdict, printed = examine(question, answers.get(name))
        results.append(
            {
                "name": name,
                "status": verdict.status,
                "points": verdict.points,
                "message": verdict.message,
                "notes": notes(verdict, printed),
            }
        )
    reached = [[*key, count] for key, count in _failures.items()]
    display({REPORT: results, LADDER: reached, "text/plain": "checked"}, raw=True)


def notes(verdict: Verdict, printed: Printed) -> list[str]:
    """The hint that is next on the ladder, and what the answer printed."""
    lines = []
    mistakes = [m for m in (verdict.misconception, verdict.also) if m]
    if len(mistakes) > 1:
        lines.append("Two things are wrong, each in a part of its own.")
    for mistake in mistakes:
        key = (verdict.name, mistake.name)
        step = min(_failures.get(key, 0), 2)
        _failures[key] = step + 1
        hint = mistake.hints[step] + (where(verdict.name) if step == 2 else "")
        ladder = len(set(mistake.hints)) > 1
        lines.append(f"Hint {step + 1} of 3: {hint}" if ladder else mistake.hints[0])
    if printed.lines and verdict.status == "wrong":
        lines += printed.summary()
    return lines


def where(name: str) -> str:
    """The chapter's section that a question rests on, as a sentence."""
    section = bank.get(name).section
    stop = "" if section.endswith(("?", "!")) else "."
    return f" (Chapter {bank.chapter_of(name)}, section {section}{stop})" if section else ""


@dataclass(frozen=True)
class Case:
    """One case of the last check: the inputs, what your function gave, what was expected."""

    inputs: tuple
    got: object
    expected: object


def case(name: str, number: int = 1) -> Case:
    """A case of the last `check` of a function, to work with: case("rnn_step", 2).

    number counts from 1, as the messages of `check` do. got is None where the call failed.
    ValueError where there is no such case, or the function has not been checked yet.
    """
    if name not in _checked:
        raise ValueError(f"{name!r} has not been checked here: run check({name!r}, …) first")
    judge, outcomes = _checked[name]
    if not isinstance(number, int) or not 1 <= number <= len(outcomes):
        raise ValueError(f"{name} has the cases 1 to {len(outcomes)}, not {number!r}")
    args = hand_over(judge.question, encode_case(judge.question, judge.cases[number - 1]))
    got, expected = outcomes[number - 1].value, judge.expected[number - 1]
    return Case(tuple(args), *(values.usable(v) for v in (got, expected)))


@contextlib.contextmanager
def lent(question: Question, answer):
    """Right functions in the place of earlier answers that are not right yet, as the class grader
    has them; yields the names of those."""
    space = getattr(inspect.unwrap(answer), "__globals__", {})
    wrong = {}
    for name in question.uses:
        own = space.get(name, NOTHING)
        if own is NOTHING or examine(bank.get(name), own)[0].status != "right":
            wrong[name] = own
            space[name] = bank.get(name).reference
    try:
        yield list(wrong)
    finally:
        for name, own in wrong.items():
            if own is NOTHING:
                del space[name]
            else:
                space[name] = own


def examine(question: Question, answer) -> tuple[Verdict, Printed]:
    """Call the answer on the question's cases and judge what comes out."""
    printed = Printed()
    cases = draw_cases(question)
    judge = Judge(question, cases)
    if question.reference is None:
        return judge.verdict([]), printed
    if question.inputs is None:
        return judge.verdict([_arrived(answer)]), printed
    problem = not_a_function(question, answer, cases)
    if problem:
        status = "unanswered" if problem == UNANSWERED else "wrong"
        return judge.refusal(problem, status), printed
    with lent(question, answer) as borrowed:
        verdict, outcomes = _tried(judge, answer, printed)
    _checked[question.name] = judge, outcomes
    lines = [
        f"\n  Your {name} is not right yet: this was judged with a right one." for name in borrowed
    ]
    return replace(verdict, message=verdict.message + "".join(lines)), printed


def _tried(judge: Judge, answer, printed: Printed) -> tuple[Verdict, list[Outcome]]:
    """The verdict on all cases, with what more calls tell."""
    outcomes = []
    for args in judge.cases:
        if outcomes and outcomes[-1].kind == "timeout":
            outcomes.append(outcomes[-1])  # one wait is enough
        else:
            outcomes.append(attempt(judge.question, answer, args, printed))
    verdict = judge.verdict(outcomes)
    clues = judge.investigate(
        verdict, outcomes, lambda args: attempt(judge.question, answer, args, Printed())
    )
    lines = [clue.text for clue in clues]
    if verdict.misconception and outcomes[verdict.first_case].kind == "error":
        lines += judge.show_case(verdict, outcomes)  # the hints speak of an error: here it is
    text = "".join(f"\n  {line}" for line in lines)
    return replace(verdict, message=verdict.message + text), outcomes


def not_a_function(question: Question, answer, cases: list[tuple]) -> str:
    """Why this cannot be called on the cases at all; "" if it can."""
    name = question.name
    if answer is None or answer is ...:
        return UNANSWERED
    if not callable(answer):
        return (
            f'check wants the function itself: check("{name}", {name}), without '
            "parentheses after it."
        )
    try:
        signature = inspect.signature(answer)
    except (TypeError, ValueError):  # built-in functions may have none
        return ""
    for args in cases:
        try:
            signature.bind(*args)
        except TypeError:
            names = argument_names(question)
            wanted = f"the arguments ({', '.join(names)})" if names else f"{len(args)} arguments"
            return f"it must take {wanted}. Yours takes ({', '.join(signature.parameters)})."
    return ""


def _arrived(answer) -> Outcome:
    """A value as it arrives at the class grader."""
    try:
        return Outcome("value", values.portable(answer))
    except Exception as error:
        return _failed(error, answer)


def attempt(
    question: Question, answer, args: tuple, printed: Printed, seconds: float | None = None
) -> Outcome:
    """Call answer with copies of args, for so many seconds (else SECONDS) at most.

    Arguments and result take the form in which they travel to and from the class grader's
    sandbox, so that what is a value here is one there.
    """
    case = encode_case(question, args)
    given = hand_over(question, case)
    try:
        with printed.capture(), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            value = limited(seconds or SECONDS, answer, *given)
            message = values.encode_answer(value, values.changed(case, given))
    except TimeUp:
        return Outcome("timeout")
    except NotImplementedError as error:
        if str(error) == "your turn":
            return Outcome("unanswered")
        return _failed(error, answer)
    except (Exception, SystemExit) as error:
        return _failed(error, answer)
    value, changed = values.decode(message, values.Tensor)
    return Outcome("value", value, mutated=tuple(changed))


def _failed(error: BaseException, answer) -> Outcome:
    text = str(error)
    if isinstance(error, RecursionError):
        text = "your function calls itself without end"
    own = getattr(getattr(inspect.unwrap(answer), "__code__", None), "co_filename", "")
    found = place(
        error,
        lambda file: file == own or bool(re.search(r"ipykernel_\d+|<ipython-input", file)),
        linecache.getlines,
    )
    line = (found.line, found.text) if found else None
    meaning = found.meaning if found else ""
    return Outcome("error", error=type(error).__name__, text=text, line=line, meaning=meaning)


# --- printing ------------------------------------------------------------------------------


class Printed(io.TextIOBase):
    """Catches what an answer prints; keeps the beginning, counts the rest."""

    def __init__(self):
        self.kept = ""
        self.lines = 0

    def write(self, text: str) -> int:
        self.lines += text.count("\n")
        room = PRINT_LIMIT - len(self.kept)
        if room > 0:
            self.kept += text[:room]
        return len(text)

    @contextlib.contextmanager
    def capture(self):
        with contextlib.redirect_stdout(self), contextlib.redirect_stderr(self):
            yield

    def summary(self) -> list[str]:
        """The first lines, and how many there were."""
        shown = [line[:80] for line in self.kept.splitlines()[:PRINT_LINES]]
        more = self.lines - len(shown)
        head = f"Your function printed {self.lines:,} line{'s' * (self.lines != 1)}:"
        rest = [f"  … and {more:,} more"] if more > 0 else []
        return [head, *("  " + line for line in shown), *rest]


# --- time ----------------------------------------------------------------------------------


class TimeUp(BaseException):
    """Raised inside an answer that runs too long; `except Exception` does not stop it."""


def limited(seconds: float, function, *args):
    """The result of function(*args), or TimeUp after so many seconds of computing (or PATIENCE
    times as many by the clock: a busy machine is not the learner's fault).

    Works on every system and in the main thread of a kernel: a second thread asks the
    interpreter to raise, which it does between two steps of Python code, and again should the
    function swallow it.
    """
    watch = _Watch(seconds)
    try:
        try:
            return watch.call(function, args)
        finally:
            watch.stop()
    finally:  # one TimeUp may still strike after the call, even in the line above; no second one
        watch.stop()


class _Watch:
    """Raises TimeUp in the thread that made it, but only while that is inside `call`."""

    def __init__(self, seconds: float):
        self.seconds = seconds
        self.target = threading.get_ident()
        self.begun = time.process_time(), time.monotonic()
        self.lock, self.done = threading.Lock(), threading.Event()
        threading.Thread(target=self._run, daemon=True).start()

    def call(self, function, args):
        return function(*args)

    def stop(self) -> None:
        self.done.set()
        with self.lock:  # the watcher is not about to raise: clear what it has asked for
            self._raise(None)

    def _is_over(self) -> bool:
        computed, waited = time.process_time() - self.begun[0], time.monotonic() - self.begun[1]
        return computed >= self.seconds or waited >= PATIENCE * self.seconds

    def _run(self) -> None:
        wait = self.seconds
        while not self.done.wait(wait):
            wait = 0.2
            if not self._is_over():
                continue
            with self.lock:
                if self._inside() and not self.done.is_set():
                    self._raise(ctypes.py_object(TimeUp))

    def _inside(self) -> bool:
        frame = sys._current_frames().get(self.target)
        while frame is not None:
            if frame.f_code is _Watch.call.__code__ and frame.f_locals["self"] is self:
                return True
            frame = frame.f_back
        return False

    def _raise(self, what) -> None:
        ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(self.target), what)
