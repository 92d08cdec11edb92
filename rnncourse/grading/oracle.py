"""The bank's side in a process of its own: answers for earlier questions, and verdicts.

When an answer calls rnn_step, it gets the reference's value: the arguments travel to the grader,
which asks this process, and the value travels back. What an answer gave is compared here, too.
The reference never enters the sandbox; values made to exhaust memory or time only end this
process, which starts anew.
"""

from __future__ import annotations

import contextlib
import hashlib
import itertools
import json
import os
import socket
import subprocess
import sys
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import asdict

from rnncourse import bank, values
from rnncourse.exercises.judge import Judge, Outcome, draw_cases, encode_case, hand_over
from rnncourse.grading.assignment import Assignment, load_questions
from rnncourse.grading.mistakes import signature
from rnncourse.grading.sandbox import Link

SECONDS = 5.0  # for one call
JUDGING = 10.0  # for all cases of one answer
STARTING = 120.0  # for what depends on the bank alone
MOST_TRIED = 8 << 20  # characters of all trials of an answer
MEMORY = 768 << 20
MEMORY_OF_REPLIES = 32 << 20
EXHAUSTED = (TimeoutError, OSError, EOFError, OverflowError)


class Exhausted(RuntimeError):
    """What an answer gave cannot be compared within the bounds."""


class Oracle:
    """Calls the bank's functions in a process of their own; remembers what references gave."""

    def __init__(self, assignment: Assignment):
        self.assignment = assignment
        self._process: subprocess.Popen | None = None
        self._channel: socket.socket | None = None
        self._known: OrderedDict[bytes, bytes] = OrderedDict()
        self._bytes = 0

    def answer(self, message: bytes, uses: tuple[str, ...]) -> bytes:
        """The reply to a student's process that asks for one of the functions in uses.

        Most students ask for the same values on the same cases, so replies are kept.
        """
        key = (json.dumps(uses).encode(), message)
        return self._once(key, lambda: self._ask(message, uses))

    def _once(self, key: Sequence[bytes], make: Callable[[], bytes]) -> bytes:
        """What make gives, or what it gave for the same key before, as far as memory goes."""
        short = b"".join(hashlib.sha256(part).digest() for part in key)
        if short in self._known:
            self._known.move_to_end(short)
            return self._known[short]
        reply = self._known[short] = make()
        self._bytes += len(reply) + 200
        while self._bytes > MEMORY_OF_REPLIES:
            self._bytes -= len(self._known.popitem(last=False)[1]) + 200
        return reply

    def judge(
        self,
        name: str,
        variant: int,
        outcomes: Sequence[dict],
        raw: Sequence[bytes],
        tried: Sequence[dict] = (),
    ) -> dict:
        """The verdict on an answer. outcomes are those of `Outcome` without the values, which are
        the encoded ones of raw, in order. Where it is wrong and nobody knows why, "trials" are
        the encoded cases that would tell; with their outcomes in tried (and their values in raw),
        "clues" are what they told. Raises `Exhausted` where it is all too much.

        Answers that gave the same values get the same verdict, which is kept.
        """
        order = {"judge": name, "variant": variant, "outcomes": list(outcomes)}
        order["tried"] = list(tried)
        return json.loads(
            self._once([json.dumps(order).encode(), *raw], lambda: self._judge(order, raw))
        )

    def _judge(self, order: dict, raw: Sequence[bytes]) -> bytes:
        self._prepare(order)
        try:
            link = Link(self._channel, time.monotonic() + JUDGING)
            for value in raw:
                link.send(value)
            reply = link.receive()
        except EXHAUSTED as error:
            self.close()
            raise Exhausted(type(error).__name__) from error
        failed = json.loads(reply).get("failed")
        if failed:
            raise Exhausted(failed)
        return reply

    def _prepare(self, order: dict) -> None:
        """Have the process ready to judge; one that has ended meanwhile is nobody's fault."""
        for attempt in (1, 2):
            self.be_ready()
            try:
                link = Link(self._channel, time.monotonic() + STARTING)
                link.send(json.dumps(order).encode())
                link.receive()
                return
            except EXHAUSTED:
                self.close()
                if attempt == 2:
                    raise

    def be_ready(self) -> None:
        """Have the process running, before any student's clock does."""
        if self._process is None:
            self._start()

    def _ask(self, message: bytes, uses: tuple[str, ...]) -> bytes:
        self.be_ready()
        link = Link(self._channel, time.monotonic() + SECONDS)
        try:
            link.send(json.dumps({"uses": uses}).encode())
            link.send(message)
            return link.receive()
        except EXHAUSTED:
            self.close()
            return b"Ethe arguments are too much for this function"

    def close(self) -> None:
        if self._process:
            self._channel.close()
            self._process.kill()
            self._process.wait()
            self._process = None

    def _start(self) -> None:
        self._channel, theirs = socket.socketpair()
        plain = json.dumps(asdict(self.assignment) | {"clusters": [], "edition": []})
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "rnncourse.grading.oracle", str(theirs.fileno())],
                pass_fds=(theirs.fileno(),),
                stdin=subprocess.PIPE,
                env={**os.environ, "OMP_NUM_THREADS": "1"},
            )
        self._process.stdin.write(plain.encode())
        self._process.stdin.close()
        Link(self._channel, time.monotonic() + 60).receive()


# --- the process ----------------------------------------------------------------------------------
def serve(fd: int, plain: dict) -> None:
    """The loop of the oracle's process."""
    import resource

    channel = socket.socket(fileno=fd)
    questions = load_questions(Assignment(plain["chapter"], plain["seed"], plain["bank"]))
    if any(q.framework == "torch" for group in questions.values() for q in group):
        import torch

        torch.set_num_threads(1)
    with open("/proc/self/statm") as file:
        size = int(file.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    resource.setrlimit(resource.RLIMIT_AS, (size + MEMORY, size + MEMORY))
    judges: dict[tuple[str, int], Judge] = {}
    values.send_frame(channel.send, b"R")
    while True:
        try:
            order = json.loads(values.receive_frame(channel.recv))
            if "judge" in order:
                key = (order["judge"], order["variant"])
                if key not in judges:
                    judges[key] = _prepared(questions[key[0]][key[1]], plain["seed"])
                values.send_frame(channel.send, b"R")
                about = [order["outcomes"], order["tried"]]
                raw = [
                    values.receive_frame(channel.recv)
                    for one in itertools.chain(*about)
                    if one["kind"] == "value"
                ]
                reply = json.dumps(_judged(judges[key], *about, raw)).encode()
            else:
                reply = _called(values.receive_frame(channel.recv), order["uses"], questions)
        except EOFError:
            return
        values.send_frame(channel.send, reply)


def _called(message: bytes, uses: list[str], questions: dict) -> bytes:
    try:
        name, arguments = values.decode(message, values.Tensor)
        if name not in uses:
            raise ValueError(f"{name!r:.60} is not to be had here")
        question = questions[name][0] if name in questions else bank.get(name)
        arguments = [a.array if isinstance(a, values.Tensor) else a for a in arguments]
        given = hand_over(question, encode_case(question, arguments))
        return b"V" + values.encode(question.reference(*given))
    except Exception as error:
        return b"E" + f"{type(error).__name__}: {error}"[:300].encode("utf-8", "replace")


def _prepared(question: bank.Question, seed: int) -> Judge:
    """A judge who knows what the reference and the misconceptions give."""
    judge = Judge(question, draw_cases(question, seed))
    with contextlib.suppress(Exception):  # whatever is wrong with the bank is said in a verdict
        judge.verdict([Outcome("value", None)] * len(judge.cases))
    return judge


def _judged(judge: Judge, about: list[dict], more: list[dict], raw: list[bytes]) -> dict:
    try:
        arrived = iter(raw)
        outcomes = [read_outcome(one, arrived) for one in about]
        tried = [read_outcome(one, arrived) for one in more]
        verdict = judge.verdict(outcomes)
        mark, misconception, also = "", verdict.misconception, verdict.also
        if verdict.status == "wrong" and not misconception:
            mark = signature(outcomes)
        told, trials = [], judge.trials(verdict, outcomes)
        while trials and len(tried) - len(told) >= len(trials):
            told += zip(trials, tried[len(told) :], strict=False)
            trials = judge.trials(verdict, outcomes, told)
        clues = judge.clues(verdict, outcomes, told)
        message = verdict.message.split(": ", 1)[-1]
        lines = [] if "\n" in message else judge.show_case(verdict, outcomes)
        return {
            "status": verdict.status,
            "points": round(verdict.points, 6),
            "right": list(verdict.right),
            "message": "\n  ".join([message, *lines]) if misconception else message,
            "lines": lines,
            "misconception": misconception.name if misconception else "",
            "also": also.name if also else "",
            "hints": list(dict.fromkeys(misconception.hints)) if misconception else [],
            "also_hints": list(dict.fromkeys(also.hints)) if also else [],
            "signature": mark,
            "trials": _encoded(judge.question, trials),
            "clues": [clue.text for clue in clues],
        }
    except Exception as error:  # values that nobody foresaw are nobody's right answer
        return {"failed": type(error).__name__}


def _encoded(question: bank.Question, trials: list) -> list[str]:
    """The cases of these trials as text; none where they are large."""
    cases = [encode_case(question, trial.args).hex() for trial in trials]
    return cases if sum(map(len, cases)) < MOST_TRIED else []


def read_outcome(about: dict, raw) -> Outcome:
    if about["kind"] == "value":
        value = values.decode(next(raw), values.Tensor)[0]
        return Outcome("value", value, mutated=tuple(about["mutated"]))
    line = tuple(about["line"]) if about["line"] else None
    return Outcome(
        about["kind"],
        error=about["error"],
        text=about["text"],
        line=line,
        meaning=about["meaning"],
    )


if __name__ == "__main__":
    serve(int(sys.argv[1]), json.load(sys.stdin))
