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
from dataclasses import replace

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
PRINT_LIMIT = 2_000  # characters kept of what an answer prints
PRINT_LINES = 3  # lines shown of it

_failures: dict[tuple[str, str], int] = {}  # (question, misconception) -> hints already shown


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


def report(names: list[str], answers: dict) -> None:
    """Display the verdicts on all of these questions as data, for `rnncourse check`."""
    from IPython.display import display

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
    display({REPORT: results, "text/plain": "checked"}, raw=True)


def notes(verdict: Verdict, printed: Printed) -> list[str]:
    """The hint that is next on the ladder, and what the answer printed."""
    lines = []
    mistake = verdict.misconception
    if mistake:
        key = (verdict.name, mistake.name)
        step = min(_failures.get(key, 0), 2)
        _failures[key] = step + 1
        ladder = len(set(mistake.hints)) > 1
        lines.append(f"Hint {step + 1} of 3: {mistake.hints[step]}" if ladder else mistake.hints[0])
    if printed.lines and verdict.status == "wrong":
        lines += printed.summary()
    return lines


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
    outcomes = []
    for args in cases:
        if outcomes and outcomes[-1].kind == "timeout":
            outcomes.append(outcomes[-1])  # one wait is enough
        else:
            outcomes.append(attempt(question, answer, args, printed))
    verdict = judge.verdict(outcomes)
    tried = [
        (trial, attempt(question, answer, trial.args, Printed())) for trial in judge.trials(verdict)
    ]
    lines = [f"\n  {clue.text}" for clue in judge.clues(verdict, outcomes, tried)]
    return replace(verdict, message=verdict.message + "".join(lines)), printed


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
