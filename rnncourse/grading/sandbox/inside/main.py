"""The student's side of the grader: a warm process, one fork a submission, one fork a question.

    python main.py warm FD USER MODULES LIMITS     inside bubblewrap: waits for submissions
    python main.py plain MODULES LIMITS            without a sandbox: one question, stdin to stdout

The warm process W reads the notebook that was handed out, never a submission: it receives a
socket for each one and forks. The fork S enters namespaces of its own, reads the submission from
that socket, finds the answers and forks Q for each question. Only Q runs the student's code. Q has
one open file, its own socket to the grader, on which it gets the arguments of a case and sends one
value back, case after case.
"""

from __future__ import annotations

import ast
import contextlib
import gc
import importlib
import json
import os
import random
import signal
import socket
import sys
import time
import types
from functools import partial

import numpy as np
import slices
import watch

from rnncourse import tracebacks, values

try:
    import confine
except (ImportError, OSError, AttributeError):  # not Linux
    confine = None

CHANNEL = 3  # the number of Q's only open file beside /dev/null
READING = 10  # seconds of the processor for finding the answers in a notebook
MAX_REQUEST = 64 << 20  # a submission's code, or the edition's


def receive(fd: int, most: int = values.MAX_FRAME) -> bytes:
    return values.receive_frame(partial(os.read, fd), most)


def send(fd: int, data: bytes) -> None:
    values.send_frame(partial(os.write, fd), data)


# --- W: the warm process ----------------------------------------------------------------------
def warm_up(modules: list[str]) -> None:
    """Load what answers import, with the course's checks turned into nothing."""
    os.environ.pop("PYTHONPATH", None)  # it has done its work
    here = os.path.dirname(os.path.abspath(__file__))
    os.environ["TORCHINDUCTOR_CACHE_DIR"] = here  # or torch looks for one where it may write
    for name in modules:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    del os.environ["TORCHINDUCTOR_CACHE_DIR"]  # answers see nothing of this
    values.decode(values.encode([np.tanh(np.ones((2, 2))) @ np.ones(2)]))
    if "torch" in sys.modules:
        torch = sys.modules["torch"]
        torch.set_num_threads(1)
        torch.ones(1).half()  # looks up the processor, which its forks cannot do
        torch.manual_seed(0)  # here, so that no question pays for it, and each begins with the same
        torch.tanh(torch.nn.functional.linear(torch.ones(1, 2), torch.ones(2, 2)))
    for name in ("exercises", "quizzes"):
        stand_in = types.ModuleType(f"rnncourse.{name}")
        for function in ("case", "check", "quiz", "warm_up", "predict"):
            setattr(stand_in, function, nothing)
        sys.modules[stand_in.__name__] = stand_in
        if "rnncourse" in sys.modules:
            setattr(sys.modules["rnncourse"], name, stand_in)
    watch.begin()
    for name in ("slices", "watch", "confine"):  # they are no answer's business
        sys.modules.pop(name, None)
    sys.path[:] = [p for p in sys.path if os.path.abspath(p) != here]
    random.seed(0)
    np.random.seed(0)
    sys.dont_write_bytecode = True
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGCHLD):
        signal.signal(number, signal.SIG_DFL)


def nothing(*_args, **_kwargs) -> None:
    """What check(), quiz() and display() do here."""


def warm(control_fd: int, limits: dict) -> None:
    control = socket.socket(fileno=control_fd)
    confine.prepare_filter()
    edition = slices.Notebook(json.loads(receive(control_fd, MAX_REQUEST)))  # all are handed it
    edition.texts()
    gc.disable()
    gc.collect()
    gc.freeze()  # so that collections in the forks do not copy the pages they share
    confine.collapse()
    with open("/proc/self/statm") as file:
        limits["address_space"] = int(file.read().split()[0]) * 4096 + (limits["memory_mb"] << 20)
    uid, gid = os.getuid(), os.getgid()
    control.sendall(b"R")
    while True:
        message, files, _, _ = socket.recv_fds(control, 1, 1)
        if not message:
            os._exit(0)
        pid = confine.fork_into_namespaces()
        if not pid:
            control.close()
            start_supervisor(files[0], edition, limits, uid, gid)
        os.close(files[0])
        os.waitpid(pid, 0)
        control.sendall(b"D")


def start_supervisor(fd: int, edition, limits: dict, uid: int, gid: int) -> None:
    """The first steps of S; never returns."""
    status = 1
    try:
        confine.settle(uid, gid, limits["scratch"], limits["tmp_mb"])
        confine.guard()
        supervise(fd, edition, limits)
        status = 0
    except BaseException as error:
        with contextlib.suppress(BaseException):
            send(fd, json.dumps({"fault": f"{type(error).__name__}: {error}"}).encode())
    os._exit(status)


# --- S: process 1 of a submission's world -------------------------------------------------------
def supervise(fd: int, edition, limits: dict) -> None:
    os.setsid()
    cpu = max(READING, limits["cpu_seconds"] + 1)  # a question cannot have more
    confine.limit(cpu=cpu, **{"as": limits["address_space"]}, nofile=64, memlock=0, msgqueue=0)
    channel = socket.socket(fileno=fd)
    book, report = analyse(json.loads(receive(fd, MAX_REQUEST)), edition)
    send(fd, json.dumps(report).encode())
    gc.freeze()
    pid = 0
    while True:
        mark, files, _, _ = socket.recv_fds(channel, 1, 1)
        if not mark:
            return
        if files:  # a question, and the socket to answer it on
            order = json.loads(receive(fd))
            pid = confine.fork()
            if not pid:
                channel.detach()
                answer_confined(files[0], book, edition, order, limits)
            os.close(files[0])
        else:
            send(fd, json.dumps(stop(pid)).encode())
            confine.fresh(limits["scratch"], limits["tmp_mb"])


def stop(pid: int) -> dict:
    """Kill whatever the question left behind; say how its first process ended."""
    ended = {}
    with contextlib.suppress(ProcessLookupError):
        os.kill(-1, signal.SIGKILL)
    while True:
        try:
            child, status, usage = os.wait4(-1, 0)
        except ChildProcessError:
            return ended
        if child == pid:  # one that was on its way out keeps its own status
            ended = {"signal": status & 127, "exit": status >> 8, "memory_kb": usage.ru_maxrss}
            ended["cpu"] = usage.ru_utime + usage.ru_stime


def analyse(request: dict, edition: slices.Notebook):
    """Find each question's answer; report what the grader needs to know about the code."""
    book = slices.Notebook(request["cells"])
    questions = {}
    for name, given in request["questions"].items():
        found = book.definitions(name)
        solved = [s for s in found if not slices.is_stub(s.node)]
        if not found:
            questions[name] = {"found": False, "broken": broken_cell(book, name)}
            continue
        need = book.need(name, set(given), edition)
        own = slices.own(need, book, edition)
        risky, course = slices.findings(own, book)
        questions[name] = {
            "found": True,
            "times": len(solved),
            "stub": slices.is_stub(found[-1].node),
            "cell": found[-1].cell,
            "constant": slices.constant(found[-1].node),
            "source": source_of(book, need, edition)[:20000],
            "code": "" if slices.constant(found[-1].node) else slices.shape_of_code(own),
            "risky": [name[:80] for name in risky[:20]],
            "course": [name[:80] for name in course[:20]],
        }
    broken = {str(cell): text for cell, text in list(book.broken.items())[:20]}
    risky, course = slices.findings(slices.own(book.statements, book, edition), book)
    whole = {"risky": [name[:80] for name in risky[:20]],
             "course": [name[:80] for name in course[:20]]}  # fmt: skip
    return book, {"questions": questions, "broken": broken, "whole": whole}


def broken_cell(book: slices.Notebook, name: str) -> str | None:
    for cell, text in book.broken.items():
        if f"def {name}" in book.cells[cell] or f"{name} =" in book.cells[cell]:
            return text
    return None


def source_of(book: slices.Notebook, need: list, edition: slices.Notebook) -> str:
    own = {id(s) for s in book.statements}
    return "\n".join((book if id(s) in own else edition).text(s) for s in need)


# --- Q: the only process that runs the student's code -------------------------------------------
def answer_confined(fd: int, book, edition, order: dict, limits: dict) -> None:
    """Give up everything but one socket, then answer. Never returns."""
    status = 1
    try:
        os.setsid()
        null = os.open("/dev/null", os.O_RDWR)
        safe = os.dup2(fd, 60)
        for number in (0, 1, 2):
            os.dup2(null, number)
        os.dup2(safe, CHANNEL)
        os.closerange(CHANNEL + 1, 1024)
        os.chdir(limits["scratch"])
        confine.limit(
            cpu=limits["cpu_seconds"],
            nproc=limits["processes"],
            fsize=limits["file_mb"] << 20,
        )
        confine.drop_capabilities()
        confine.restrict_system_calls()
        gc.enable()
        answer(CHANNEL, CHANNEL, book, edition, order)
        status = 0
    finally:
        os._exit(status)


def answer(read_fd: int, write_fd: int, book, edition, order: dict) -> None:
    """Define the answer, then one value for each case that comes."""
    name, tensor = order["name"], None
    if order["framework"] == "torch":
        import torch

        tensor = torch.from_numpy

    def injected(given: str):
        def call(*args):
            send(write_fd, b"C" + values.encode([given, list(args)]))
            reply = receive(read_fd)
            if reply[:1] != b"V":
                raise ValueError(reply[1:].decode("utf-8", "replace"))
            return values.decode(reply[1:], tensor)

        call.__name__ = given
        return call

    try:
        given = {key: injected(key) for key in order["uses"]}
        space = define(book, edition, name, given, order["whole"])
        found = space[name]
    except BaseException as error:
        return send(write_fd, b"E" + values.encode(describe(error, book)))
    send(write_fd, b"R")
    while True:
        try:
            case = receive(read_fd)
        except EOFError:
            return None
        try:
            arguments = values.decode(case, tensor)
            result = found(*arguments) if order["function"] else found
            changed = values.changed(case, arguments)
            message = b"V" + values.encode_answer(result, changed, watch.ran())
        except BaseException as error:
            message = b"E" + values.encode(describe(error, book))
        send(write_fd, message)


def define(book, edition, name: str, given: dict, whole: bool) -> dict:
    """Run the statements an answer needs, as the module __main__; give its names back."""
    module = types.ModuleType("__main__")
    sys.modules["__main__"] = module
    space = module.__dict__
    space.update(given, display=nothing, get_ipython=nothing)
    if whole:
        statements = book.everything(name, set(given))
    else:
        statements = book.need(name, set(given), edition)
    for statement in statements:
        code = compile(ast.Module([statement.node], []), f"<cell {statement.cell}>", "exec")
        try:
            exec(code, space)
        except Exception:
            if not whole:
                raise
    space.update(given)
    return space


def describe(error: BaseException, book) -> dict:
    """An exception as values: its type, its message, the student's line and what it means there."""
    try:
        message = str(error)[:400]
    except BaseException:
        message = ""
    found = tracebacks.place(
        error,
        lambda file: file.startswith("<cell "),
        lambda file: slices.lines_of(book.cells[int(file[6:-1])]),
    )
    line, text = (found.line, found.text[:120]) if found else (None, "")
    meaning = found.meaning if found else ""
    return {"type": type(error).__name__[:60], "message": message, "line": line, "text": text,
            "meaning": meaning}  # fmt: skip


def plain(limits: dict) -> None:
    """Without a sandbox: analyse and answer one question on stdin and stdout, in this process."""
    read_fd, write_fd = os.dup(0), os.dup(1)
    null = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(null, number)
    try:
        spent = int(time.process_time()) + 1  # on imports
        confine.limit(cpu=spent + limits["cpu_seconds"], fsize=limits["file_mb"] << 20)
    except (AttributeError, OSError, ValueError):
        pass  # not Linux: the time limit of the grader still holds
    edition = slices.Notebook(json.loads(receive(read_fd, MAX_REQUEST)))
    book, report = analyse(json.loads(receive(read_fd, MAX_REQUEST)), edition)
    send(write_fd, json.dumps(report).encode())
    order = json.loads(receive(read_fd))
    try:
        answer(read_fd, write_fd, book, edition, order)
    finally:
        os._exit(0)


if __name__ == "__main__":
    kind, *rest = sys.argv[1:]
    if kind == "warm" and rest[1] != "0":
        confine.become(int(rest[1]))
    warm_up(json.loads(rest[-2]))
    if kind == "warm":
        warm(int(rest[0]), json.loads(rest[-1]))
    else:
        plain(json.loads(rest[-1]))
