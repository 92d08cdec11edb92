"""The warm process: inside bubblewrap, with everything loaded that answers need."""

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
from collections.abc import Iterable, Sequence
from dataclasses import asdict

from rnncourse import values
from rnncourse.grading.sandbox.plain import PlainSession
from rnncourse.grading.sandbox.session import Limits, SandboxError, Session
from rnncourse.grading.sandbox.walls import STRANGER, bubblewrap, scratch


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
        allowed: Iterable[str] = (),
        edition: Iterable[str] = (),
    ):
        """modules are loaded; they, those of the course that are allowed, and what these import,
        are all that an answer can import of the course. edition is the code that was handed out:
        what a student deleted is taken from it."""
        self.allowed = {*modules, *allowed}
        self.modules, self.limits, self.unsafe = list(modules), limits or Limits(), unsafe
        self.edition = json.dumps(list(edition)).encode()
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

    def open(self, cells: Sequence[str], questions: dict[str, Sequence[str]]) -> Session:
        """Start a submission. questions maps each name to the names injected for it."""
        request = {
            "cells": list(cells),
            "questions": {name: list(given) for name, given in questions.items()},
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
            *bubblewrap(user, self.allowed), "--info-fd", str(write_info),
            os.path.abspath(sys.executable), "-s", "-B", "/sandbox/main.py",
            "warm", str(theirs.fileno()), str(user), json.dumps(self.modules),
            json.dumps({**asdict(self.limits), "scratch": scratch()}),
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
                values.send_frame(mine.send, self.edition)
                hello = mine.recv(1) if text else b""
            except OSError:
                hello = b""
            if not hello:
                log.seek(0)
                said = log.read(2000).decode(errors="replace").strip().splitlines()
                raise SandboxError(said[-1] if said else "it ended at once")
            self._inner = os.pidfd_open(json.loads(text)["child-pid"])

    def hand_over(self, channel: socket.socket) -> None:
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
