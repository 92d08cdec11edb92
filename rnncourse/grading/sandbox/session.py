"""One submission in the sandbox, from the grader's side: questions go in, values come out."""

from __future__ import annotations

import contextlib
import json
import signal
import socket
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rnncourse import values

MAX_REPORT = 8 << 20
MAX_CALLS = 20_000  # of injected functions, for one question
MAX_AHEAD = 16 << 10  # bytes of cases that wait for their turn


class SandboxError(RuntimeError):
    """The sandbox itself failed: no student is to blame."""


@dataclass(frozen=True)
class Limits:
    """What one question may use, and how long all questions of a submission may take."""

    seconds: float = 10.0  # by the clock
    submission_seconds: float = 40.0  # by the clock, for all questions together
    cpu_seconds: int = 5
    memory_mb: int = 1024  # beyond what the warm process has
    tmp_mb: int = 32
    file_mb: int = 16
    processes: int = 24  # threads, really: new processes are refused


@dataclass
class Emitted:
    """What came back for one case: a value, or in which other way it ended.

    kind is "value", "error" (an exception: type, message, line, text), "timeout", "crash",
    "too_big", "garbled", or "spent": the time of the whole submission is used up.
    """

    kind: str
    value: object = None
    error: dict | None = None
    changed: tuple[int, ...] = ()  # positions of the arguments that the answer changed
    raw: bytes = b""  # the value as it came, for another process
    ran: tuple[str, ...] = ()  # what of the course's package the answer ran


class Session:
    """One submission inside the sandbox; report holds what was found in its code."""

    def __init__(self, sandbox, request: dict):
        self.limits = sandbox.limits
        self.used: dict[str, float] = {}  # seconds by question
        self.ended: dict = {}  # how the last question's process ended
        self._channel, theirs = socket.socketpair()
        try:
            with theirs:
                sandbox.hand_over(theirs)
            self._channel.settimeout(90)
            self._send(json.dumps(request).encode())
            self.report = json.loads(self._receive(MAX_REPORT))
        except SandboxError:
            self._channel.close()
            raise
        except (OSError, EOFError, OverflowError, ValueError) as error:
            self._channel.close()
            if sandbox.has_ended():
                raise SandboxError("the warm process has ended") from error
            self.report = {"questions": {}, "broken": {}, "fault": fault(error)}
        if "fault" in self.report and not request["cells"]:
            raise SandboxError(self.report["fault"])

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *_) -> None:
        self.close()

    def close(self) -> None:
        """The end of this submission's world: its first process sees the closed socket."""
        self._channel.close()

    def seconds_left(self) -> float:
        """What the next question may take, by the clock; nothing where the budget is spent."""
        return min(self.limits.seconds, self.limits.submission_seconds - sum(self.used.values()))

    @contextlib.contextmanager
    def _counted(self, name: str):
        started = time.monotonic()
        try:
            yield
        finally:
            self.used[name] = self.used.get(name, 0.0) + time.monotonic() - started

    def is_open(self) -> bool:
        return self._channel.fileno() >= 0

    def run(
        self,
        name: str,
        cases: Sequence[bytes],
        uses: Sequence[str] = (),
        call: Callable[[bytes], bytes] | None = None,
        framework: str = "numpy",
        function: bool = True,
        whole: bool = False,
    ) -> list[Emitted]:
        """The answer's values on encoded cases, one `Emitted` each.

        call answers a message that asks for one of the injected functions of uses. whole runs
        all of the notebook instead of what the answer needs.
        """
        if self.seconds_left() <= 0:
            return [Emitted("spent")] * len(cases)
        order = {"name": name, "uses": list(uses), "framework": framework,
                 "function": function, "whole": whole}  # fmt: skip
        with self._counted(name):
            mine, theirs = socket.socketpair()
            left = self.seconds_left()
            try:
                with theirs:
                    self._order(order, theirs)
                link = Link(mine, time.monotonic() + left)
                emitted = converse(link, cases, call)
            finally:
                mine.close()
                self._stop()
        if left < self.limits.seconds:
            emitted = [Emitted("spent") if e.kind == "timeout" else e for e in emitted]
        return [self._explain(e) for e in emitted]

    def _order(self, order: dict, descriptor: socket.socket) -> None:
        try:
            socket.send_fds(self._channel, [b"Q"], [descriptor.fileno()])
            self._send(json.dumps(order).encode())
        except OSError as error:
            self.ended = {"fault": str(error)}

    def _stop(self) -> None:
        """Have the question's process and all that it started killed."""
        try:
            self._channel.sendall(b"S")
            self.ended = json.loads(self._receive(1 << 16))
        except (OSError, EOFError, ValueError) as error:
            self.ended = {"fault": fault(error)}

    def _explain(self, emitted: Emitted) -> Emitted:
        if emitted.kind != "crash":
            return emitted
        number, spent = self.ended.get("signal", 0), self.ended.get("cpu", 0.0)
        if number == signal.SIGXCPU or spent > self.limits.cpu_seconds - 0.1:
            return Emitted("timeout")
        ours = number == signal.SIGKILL
        name = signal.strsignal(number) if number and not ours else ""
        return Emitted("crash", error={"signal": name, "exit": self.ended.get("exit", 0)})

    def _send(self, data: bytes) -> None:
        values.send_frame(self._channel.send, data)

    def _receive(self, most: int) -> bytes:
        return Link(self._channel, time.monotonic() + 90).receive(most)


def fault(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "reading the code took too long"
    ended = isinstance(error, (EOFError, OSError, OverflowError))
    return "reading the code failed or took too long" if ended else str(error)


class Link:
    """A socket to a student's process, with one deadline for all that is said on it."""

    def __init__(self, channel: socket.socket, deadline: float):
        self.channel, self.deadline = channel, deadline

    def _in_time(self) -> socket.socket:
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self.channel.settimeout(left)
        return self.channel

    def receive(self, most: int = values.MAX_FRAME) -> bytes:
        return values.receive_frame(lambda count: self._in_time().recv(count), most)

    def send(self, data: bytes) -> None:
        values.send_frame(lambda part: self._in_time().send(part), data)


def converse(link, cases: Sequence[bytes], call: Callable[[bytes], bytes] | None) -> list[Emitted]:
    """Put the cases to a student's process; read exactly one answer to each.

    call answers for the functions that this question may use, and no others. Where there are
    none, a few small cases lie ready before the process asks: two processes that wait for each
    other at every case cost most of the time. What else the process sends is never read, or is
    read as its answer to the next case: there is nothing to forge but one's own answer. The first
    failure to answer ends the conversation.
    """
    emitted: list[Emitted] = []
    sent = 0
    try:
        first = link.receive()
        if first[:1] != b"R":
            return [_emitted(first)] * len(cases)
        while len(emitted) < len(cases):
            while sent < len(cases) and _may_send(cases[len(emitted) : sent + 1], call):
                link.send(cases[sent])
                sent += 1
            message, count = link.receive(), 0
            while message[:1] == b"C" and call:
                count += 1
                if count > MAX_CALLS:
                    raise OverflowError
                link.send(call(message[1:]))
                message = link.receive()
            emitted.append(_emitted(message))
        return emitted
    except TimeoutError:
        end = Emitted("timeout")
    except OverflowError:
        end = Emitted("too_big")
    except (EOFError, OSError):
        end = Emitted("crash")
    return emitted + [end] * (len(cases) - len(emitted))


def _may_send(unanswered: Sequence[bytes], call) -> bool:
    """Whether the last of these may be sent before the others are answered: all must fit in the
    socket, or both sides might wait for the other to read."""
    return len(unanswered) == 1 or (not call and sum(map(len, unanswered)) <= MAX_AHEAD)


def _emitted(message: bytes) -> Emitted:
    try:
        value = values.decode(message[1:], values.Tensor)
    except (ValueError, OverflowError, MemoryError, RecursionError):
        return Emitted("garbled")
    if message[:1] == b"V" and isinstance(value, list) and len(value) in (2, 3):
        positions = value[1] if isinstance(value[1], list) else []
        changed = [n for n in positions if isinstance(n, int) and 0 <= n < 100]
        third = value[2] if len(value) == 3 and isinstance(value[2], list) else []
        ran = tuple(name[:80] for name in third[:20] if isinstance(name, str))
        return Emitted("value", value[0], None, tuple(changed[:100]), message[1:], ran)
    if message[:1] == b"E" and isinstance(value, dict):
        found = {k: value.get(k) for k in ("type", "message", "text", "meaning")}
        texts = {k: v[:400] if isinstance(v, str) else "" for k, v in found.items()}
        single = ("type", "text", "meaning")  # no lines of their own
        texts |= {k: " ".join(texts[k].split()) for k in single}
        line = value.get("line")
        texts["line"] = line if type(line) is int and 0 < line < 10**6 else None
        return Emitted("error", error=texts)
    return Emitted("garbled")
