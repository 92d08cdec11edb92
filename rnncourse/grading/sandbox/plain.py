"""Without a sandbox (--unsafe): an ordinary process a question, killed when time is up."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import threading
from dataclasses import asdict

from rnncourse import values
from rnncourse.grading.imports import PACKAGE
from rnncourse.grading.sandbox.session import MAX_REPORT, Emitted, Session, converse, fault
from rnncourse.grading.sandbox.walls import INSIDE


class PlainSession(Session):
    """As `Session`, of a student whom one trusts."""

    def __init__(self, sandbox, request: dict):
        self.limits, self.modules = sandbox.limits, sandbox.modules
        self.edition, self.request = sandbox.edition, request
        self.used: dict[str, float] = {}
        self.ended: dict = {}
        self._process = None
        try:
            with self._deadline(60):
                self.report = json.loads(self._begin().receive(MAX_REPORT))
        except (OSError, EOFError, OverflowError, ValueError) as error:
            self.report = {"questions": {}, "broken": {}, "fault": fault(error)}

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
        self.send(self.edition)
        self.send(json.dumps(self.request).encode())
        return self

    @contextlib.contextmanager
    def _deadline(self, seconds: float):
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
        if self.seconds_left() <= 0:
            return [Emitted("spent")] * len(cases)
        order = {"name": name, "uses": list(uses), "framework": framework,
                 "function": function, "whole": whole}  # fmt: skip
        with self._counted(name), self._deadline(self.seconds_left() + 5):
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
