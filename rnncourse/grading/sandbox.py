"""Run a student's code where it can do no harm, and get values back from it.

A `Sandbox` keeps one warm process inside bubblewrap: no network, a read-only system without the
exercise bank, the submissions or the home folder. `Sandbox.open` starts a submission: a fork of
the warm process in namespaces of its own. `Session.run` asks one question: a fork of that, with
limits on time, memory, files, processes and system calls, which emits values and nothing else.
The values are judged in the grader's process.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from rnncourse import values

INSIDE = Path(__file__).with_name("inside")
PACKAGE = Path(__file__).parents[1]
HIDDEN = {"bank", "exercises", "grading", "quizzes", "cli.py", "notebooks.py", "__pycache__"}
PARTS = ("bin", "sbin", "lib", "lib32", "lib64", "libx32", "libexec", "share", "pyvenv.cfg")
STRANGER = 61999  # the user id that the sandbox takes when the grader is root: nobody's
MAX_REPORT = 8 << 20
MAX_CALLS = 20_000  # of injected functions, for one question


class SandboxError(RuntimeError):
    """The sandbox itself failed: no student is to blame."""


@dataclass(frozen=True)
class Limits:
    """What one question may use."""

    seconds: float = 10.0  # by the clock
    cpu_seconds: int = 5
    memory_mb: int = 1024  # beyond what the warm process has
    tmp_mb: int = 32
    file_mb: int = 16
    processes: int = 24  # threads, really: new processes are refused


@dataclass
class Emitted:
    """What came back for one case: a value, or in which other way it ended.

    kind is "value", "error" (an exception: type, message, line, text), "timeout", "crash",
    "too_big" or "garbled".
    """

    kind: str
    value: object = None
    error: dict | None = None
    changed: tuple[int, ...] = ()  # positions of the arguments that the answer changed


def obstacles() -> list[str]:
    """What is missing for a sandbox on this machine, in words; empty if nothing is."""
    if not sys.platform.startswith("linux"):
        return [f"The sandbox needs Linux; this is {sys.platform}."]
    if not shutil.which("bwrap"):
        return ["The program bwrap is missing; install the package bubblewrap."]
    try:
        with Sandbox(modules=("numpy",)) as sandbox:
            sandbox.open([], {}).close()
    except (SandboxError, OSError) as error:
        return [f"bubblewrap cannot make a sandbox here: {error}"]
    return []


class Sandbox:
    """The warm process. Use it in a with statement, or close it."""

    unprivileged = True  # does the sandbox run as another user than root?

    def __init__(
        self,
        modules: Sequence[str] = ("numpy", "rnncourse.cells"),
        limits: Limits | None = None,
        unsafe: bool = False,
    ):
        self.modules, self.limits, self.unsafe = list(modules), limits or Limits(), unsafe
        self._process: subprocess.Popen | None = None
        self._control: socket.socket | None = None
        self._inner: int | None = None  # pidfd of the first process inside
        self._busy = False
        self._open: Session | None = None
        if not unsafe:
            self._start()

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(self, *_) -> None:
        self.close()

    def open(self, cells: list[str], questions: dict[str, Sequence[str]], edition=()) -> Session:
        """Start a submission. questions maps each name to the names injected for it."""
        request = {
            "cells": list(cells),
            "questions": {name: list(given) for name, given in questions.items()},
            "edition": list(edition),
        }
        if self.unsafe:
            return PlainSession(self, request)
        if self._open is not None and self._open.is_open():
            raise RuntimeError("the last session is still open, and there is one at a time")
        for attempt in (1, 2):
            try:
                self._open = Session(self, request)
                return self._open
            except SandboxError:
                self._restart()
                if attempt == 2:
                    raise
        raise AssertionError

    def close(self) -> None:
        """End the warm process and everything that came out of it."""
        if self._control:
            self._control.close()
        if self._inner is not None:
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._inner, signal.SIGKILL)
            os.close(self._inner)
        if self._process:
            try:
                self._process.wait(5)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._control = self._inner = self._process = None

    def has_ended(self) -> bool:
        """Is the warm process dead? Then a failure is nobody's fault but ours."""
        return self._inner is None or bool(select.select([self._inner], [], [], 0.1)[0])

    def _restart(self) -> None:
        self.close()
        self._start()

    def _start(self) -> None:
        as_root = os.geteuid() == 0
        for self.unprivileged in (True, False) if as_root else (True,):
            try:
                self._launch(STRANGER if as_root and self.unprivileged else 0)
                return
            except SandboxError as error:
                trouble = error
                self.close()
        raise trouble

    def _launch(self, user: int) -> None:
        mine, theirs = socket.socketpair()
        read_info, write_info = os.pipe()
        arguments = [
            *_bubblewrap(user), "--info-fd", str(write_info),
            os.path.abspath(sys.executable), "-s", "-B", "/sandbox/main.py",
            "warm", str(theirs.fileno()), str(user), json.dumps(self.modules),
            json.dumps({**asdict(self.limits), "scratch": _scratch()}),
        ]  # fmt: skip
        with tempfile.TemporaryFile() as log:
            try:
                self._process = subprocess.Popen(
                    arguments,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    pass_fds=(theirs.fileno(), write_info),
                    cwd="/",
                )
            except OSError as error:
                raise SandboxError(str(error)) from error
            finally:
                theirs.close()
                os.close(write_info)
            self._control, self._busy = mine, False
            with os.fdopen(read_info, "rb") as info:
                text = info.read()
            mine.settimeout(60)
            try:
                hello = mine.recv(1) if text else b""
            except OSError:
                hello = b""
            if not hello:
                log.seek(0)
                said = log.read(2000).decode(errors="replace").strip().splitlines()
                raise SandboxError(said[-1] if said else "it ended at once")
            self._inner = os.pidfd_open(json.loads(text)["child-pid"])

    def _hand_over(self, channel: socket.socket) -> None:
        """Give W the socket of a new submission, once the last one has ended."""
        if self._control is None:
            raise SandboxError("the sandbox is closed")
        try:
            self._control.settimeout(20)
            if self._busy and not self._control.recv(1):
                raise SandboxError("the warm process has ended")
            socket.send_fds(self._control, [b"S"], [channel.fileno()])
            self._busy = True
        except OSError as error:
            raise SandboxError(f"the warm process does not answer: {error}") from error


def _bubblewrap(user: int) -> list[str]:
    """The walls: what of the file system is there, and nothing else.

    Root needs no user namespace to build them; the warm process then becomes `user` by itself,
    for whom, unlike for root, the limit on processes holds.
    """
    bwrap = shutil.which("bwrap")
    if bwrap is None:
        raise SandboxError("bwrap is missing")
    walls = [
        bwrap, "--unshare-pid", "--unshare-ipc", "--unshare-net",
        "--unshare-uts", "--unshare-cgroup-try", "--die-with-parent", "--new-session",
        "--hostname", "grader", "--clearenv",
    ]  # fmt: skip
    if user:
        walls += ["--cap-drop", "ALL", "--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]
    else:
        walls += ["--unshare-user", "--uid", str(STRANGER), "--gid", str(STRANGER)]
    environment = {
        "PATH": "/usr/bin:/bin", "HOME": _scratch(), "TMPDIR": _scratch(), "LANG": "C.UTF-8",
        "PYTHONPATH": "/course", "PYTHONHASHSEED": "0",
        "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1",
        "MPLBACKEND": "agg", "MPLCONFIGDIR": _scratch(),
    }  # fmt: skip
    for name, value in environment.items():
        walls += ["--setenv", name, value]
    shown = [*_parts_of("/usr"), *_parts_of("/usr/local"), *_python_folders()]
    for path in _parents(["/dev/null", "/etc/x", "/course/rnncourse/x", *shown]):
        walls += ["--perms", "0755", "--dir", path]  # or only root could walk through them
    for path in map(Path, ("/bin", "/sbin", "/lib", "/lib32", "/lib64")):
        if path.is_symlink():
            walls += ["--symlink", os.readlink(path), str(path)]
        elif path.exists():
            walls += ["--ro-bind", str(path), str(path)]
    walls += ["--ro-bind-try", "/etc/ld.so.cache", "/etc/ld.so.cache", "--proc", "/proc"]
    for device in ("null", "zero", "full", "random", "urandom"):
        walls += ["--dev-bind", f"/dev/{device}", f"/dev/{device}"]
    for path in shown:
        link = Path(path).is_symlink() and os.readlink(path)  # lib64 is often lib by another name
        walls += ["--symlink", link, path] if link in PARTS else ["--ro-bind", path, path]
    for place in sorted(_private_places(shown)):  # /course has what may be seen
        walls += ["--tmpfs", place, "--remount-ro", place]
    walls += ["--ro-bind", str(INSIDE), "/sandbox"]
    for entry in sorted(PACKAGE.iterdir()):
        if entry.name not in HIDDEN:
            walls += ["--ro-bind", str(entry), f"/course/rnncourse/{entry.name}"]
    return [*walls, "--dir", _scratch(), "--chdir", "/", "--remount-ro", "/"]


def _scratch() -> str:
    """Where the folder is that students may write to: an empty one must hide nothing."""
    hidden = any(Path(folder).is_relative_to("/tmp") for folder in _python_folders())
    return "/scratch" if hidden else "/tmp"


def _parents(paths: Sequence[str]) -> list[str]:
    found = {str(parent) for path in paths for parent in Path(path).parents}
    return sorted(found - {"/"})


def _parts_of(prefix: str) -> list[str]:
    """What of a folder that programs are installed in belongs to programs: where the course, or
    the submissions, are kept beside them, they stay out (`python -m venv .`, /usr/src/app)."""
    return [str(path) for name in PARTS if (path := Path(prefix) / name).exists()]


def _python_folders() -> list[str]:
    """The interpreter and its libraries, as far as they are not in /usr. No path has a `..`:
    what it leads through is not there inside."""
    import numpy

    folders: list[str] = []
    for prefix in map(os.path.abspath, (sys.base_prefix, sys.prefix)):
        if not Path(prefix).is_relative_to("/usr"):
            folders += [part for part in _parts_of(prefix) if part not in folders]
    site = os.path.abspath(Path(numpy.__file__).parents[1])  # of the interpreter, or elsewhere
    inside = any(Path(site).is_relative_to(f) for f in [*folders, *_parts_of("/usr")])
    return folders if inside else [*folders, site]


def _private_places(shown: Sequence[str]) -> set[str]:
    """The course, and copies of it, where they lie in folders that the sandbox shows."""
    import numpy

    course, site = PACKAGE.parent, Path(numpy.__file__).parents[1]
    copies = {PACKAGE, Path(os.path.abspath(site), "rnncourse")}
    if (course / "notebooks").is_dir() and not any(Path(f).is_relative_to(course) for f in shown):
        copies.add(course)
    found = {c for c in copies if c.is_dir() and any(c.is_relative_to(path) for path in shown)}
    return {str(c) for c in found if not found & set(c.parents)}


class Session:
    """One submission inside the sandbox; report holds what was found in its code."""

    def __init__(self, sandbox: Sandbox, request: dict):
        self.limits = sandbox.limits
        self.ended: dict = {}  # how the last question's process ended
        self._channel, theirs = socket.socketpair()
        try:
            with theirs:
                sandbox._hand_over(theirs)
            self._channel.settimeout(90)
            self._send(json.dumps(request).encode())
            self.report = json.loads(self._receive(MAX_REPORT))
        except SandboxError:
            self._channel.close()
            raise
        except (OSError, EOFError, ValueError) as error:
            self._channel.close()
            if sandbox.has_ended():
                raise SandboxError("the warm process has ended") from error
            self.report = {"questions": {}, "broken": {}, "fault": _fault(error)}
        if "fault" in self.report and not request["cells"]:
            raise SandboxError(self.report["fault"])

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *_) -> None:
        self.close()

    def close(self) -> None:
        """The end of this submission's world: its first process sees the closed socket."""
        self._channel.close()

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
        order = {"name": name, "uses": list(uses), "framework": framework,
                 "function": function, "whole": whole}  # fmt: skip
        mine, theirs = socket.socketpair()
        try:
            with theirs:
                self._order(order, theirs)
            link = Link(mine, time.monotonic() + self.limits.seconds)
            emitted = converse(link, cases, call)
        finally:
            mine.close()
            self._stop()
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
            self.ended = {"fault": _fault(error)}

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


def _fault(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "reading the code took too long"
    return "reading the code failed" if isinstance(error, (EOFError, OSError)) else str(error)


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
    """Put the cases to a student's process one by one; read exactly one answer to each.

    call answers for the functions that this question may use, and no others. What else the
    process sends is never read, or is read as its answer to the next case: there is nothing to
    forge but one's own answer. The first failure to answer ends the conversation.
    """
    emitted: list[Emitted] = []
    try:
        first = link.receive()
        if first[:1] != b"R":
            return [_emitted(first)] * len(cases)
        for case in cases:
            link.send(case)
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


def _emitted(message: bytes) -> Emitted:
    try:
        value = values.decode(message[1:], values.Tensor)
    except (ValueError, OverflowError, MemoryError, RecursionError):
        return Emitted("garbled")
    if message[:1] == b"V" and isinstance(value, list) and len(value) == 2:
        positions = value[1] if isinstance(value[1], list) else []
        changed = [n for n in positions if isinstance(n, int) and 0 <= n < 100]
        return Emitted("value", value[0], changed=tuple(changed[:100]))
    if message[:1] == b"E" and isinstance(value, dict):
        texts = {k: str(value.get(k) or "")[:400] for k in ("type", "message", "text")}
        line = value.get("line")
        texts["line"] = line if isinstance(line, int) and 0 < line < 10**6 else None
        return Emitted("error", error=texts)
    return Emitted("garbled")


class PlainSession(Session):
    """Without a sandbox (--unsafe): an ordinary process a question, killed when time is up."""

    def __init__(self, sandbox: Sandbox, request: dict):
        self.limits, self.modules, self.request = sandbox.limits, sandbox.modules, request
        self.ended: dict = {}
        self._process = None
        try:
            with self._deadline(60):
                self.report = json.loads(self._begin().receive(MAX_REPORT))
        except (OSError, EOFError, OverflowError, ValueError) as error:
            self.report = {"questions": {}, "broken": {}, "fault": _fault(error)}

    def _begin(self) -> PlainSession:
        self.close()
        arguments = [sys.executable, "-s", str(INSIDE / "main.py"), "plain"]
        arguments += [json.dumps(self.modules), json.dumps(asdict(self.limits))]
        self._process = subprocess.Popen(
            arguments,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
            env={**os.environ, "OMP_NUM_THREADS": "1", "PYTHONHASHSEED": "0",
                 "PYTHONPATH": str(PACKAGE.parent)},
        )  # fmt: skip
        self.send(json.dumps(self.request).encode())
        return self

    @contextlib.contextmanager
    def _deadline(self, seconds: float):
        import threading

        self._late = False
        timer = threading.Timer(seconds, self._expire)
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    def _expire(self) -> None:
        self._late = True
        if self._process:
            self._process.kill()

    def close(self) -> None:
        if self._process:
            self._process.kill()
            self._process.wait()
            self._process.stdin.close()
            self._process.stdout.close()
            self._process = None

    def run(self, name, cases, uses=(), call=None, framework="numpy", function=True,
            whole=False):  # fmt: skip
        order = {"name": name, "uses": list(uses), "framework": framework,
                 "function": function, "whole": whole}  # fmt: skip
        with self._deadline(self.limits.seconds + 5):
            try:
                if self._process is None:
                    self._begin().receive(MAX_REPORT)
                self.send(json.dumps(order).encode())
                emitted = converse(self, cases, call)
            except (OSError, EOFError, OverflowError):
                emitted = [Emitted("crash")] * len(cases)
        self.close()
        return [Emitted("timeout") if self._late and e.kind == "crash" else e for e in emitted]

    def receive(self, most: int = values.MAX_FRAME) -> bytes:
        return values.receive_frame(self._process.stdout.read, most)

    def send(self, data: bytes) -> None:
        values.send_frame(self._process.stdin.write, data)
