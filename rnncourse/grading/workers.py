"""Spread the grading over workers: processes of this machine, or of a Dask cluster."""

from __future__ import annotations

import concurrent.futures
import contextlib
import multiprocessing
import os
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace

from rnncourse.grading.assignment import Assignment
from rnncourse.grading.grader import Grader
from rnncourse.grading.inbox import Submission

CHUNK = 8  # submissions a task
_graders: dict[str, Grader] = {}  # in a worker: the one that is warm


def grade_chunk(assignment: Assignment, chunk: list[Submission]) -> list[dict]:
    """Grade a few submissions in this process, with a grader that stays warm between calls."""
    grader = _warm_grader(assignment)
    return [grader.grade(submission) for submission in chunk]


def warm_worker(assignment: Assignment, seconds: float = 1.0) -> None:
    """Have a grader ready in this process; stay long enough that the next task goes elsewhere."""
    _warm_grader(assignment)
    time.sleep(seconds)


def _warm_grader(assignment: Assignment) -> Grader:
    key = repr(assignment)
    if key not in _graders:
        close_graders()
        _graders[key] = Grader(assignment)
        _graders[key].warm()
    return _graders[key]


def close_graders() -> None:
    while _graders:
        _graders.popitem()[1].close()


def _start_worker() -> None:
    import atexit
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the first process decides about Ctrl-C
    atexit.register(close_graders)


# --- the executors --------------------------------------------------------------------------------
@contextlib.contextmanager
def executor(workers: int = 0, scheduler: str = "") -> Iterator[Callable[[], object]]:
    """Something that makes executors: of this machine's cores, or of a Dask cluster."""
    if scheduler:
        from distributed import Client

        with Client(scheduler, timeout="30s", set_as_default=False) as client:
            yield lambda: client.get_executor(pure=False, retries=3)
        return
    count = workers or len(getattr(os, "sched_getaffinity", lambda _: ())(0)) or os.cpu_count()
    pools: list = []

    def pool():
        if pools and not getattr(pools[0], "_broken", False):
            return pools[0]
        pools[:] = [
            concurrent.futures.ProcessPoolExecutor(
                max_workers=count or 1,
                mp_context=multiprocessing.get_context("spawn"),
                initializer=_start_worker,
            )
        ]
        return pools[0]

    with _one_interrupt():
        try:
            yield pool
        except BaseException:  # nobody waits for what is under way
            for process in [p for old in pools for p in (old._processes or {}).values()]:
                process.kill()
            raise
        finally:
            for old in pools:
                old.shutdown(wait=True, cancel_futures=True)


@contextlib.contextmanager
def _one_interrupt() -> Iterator[None]:
    """Let Ctrl-C interrupt once: a second one, while workers are ended, would leave them waiting
    for each other for ever."""
    import signal
    import threading

    def interrupt(*_):
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        raise KeyboardInterrupt

    here = threading.current_thread() is threading.main_thread()
    ours = here and signal.getsignal(signal.SIGINT) is signal.default_int_handler
    if ours:
        signal.signal(signal.SIGINT, interrupt)
    try:
        yield
    finally:
        if ours:
            signal.signal(signal.SIGINT, signal.default_int_handler)


def grade_all(
    assignment: Assignment,
    stream: Iterable[Submission],
    make: Callable[[], object],
    window: int = 16,
) -> Iterator[dict]:
    """Results as they come. Only `window` tasks wait at a time, so memory stays flat.

    A worker that dies costs the others nothing: what it had in hand is done again, one by one,
    and a submission that kills its worker twice gets a row that says so.
    """
    pool = make()
    waiting: dict = {}
    for chunk in _chunks(stream):
        waiting[pool.submit(grade_chunk, assignment, chunk)] = chunk
        if len(waiting) >= window:
            pool = yield from _collect(assignment, waiting, pool, make)
    while waiting:
        pool = yield from _collect(assignment, waiting, pool, make)


def _chunks(stream: Iterable[Submission]) -> Iterator[list[Submission]]:
    chunk, size = [], 0
    for submission in stream:
        chunk.append(submission)
        size += sum(map(len, submission.cells))
        if len(chunk) >= CHUNK or size > 1 << 20:
            yield chunk
            chunk, size = [], 0
    if chunk:
        yield chunk


def _collect(assignment: Assignment, waiting: dict, pool, make):
    first = concurrent.futures.FIRST_COMPLETED
    for future in concurrent.futures.wait(waiting, return_when=first).done:
        chunk = waiting.pop(future)
        try:
            results = future.result()
        except BrokenProcessPool:
            lost = [*chunk, *(s for other in waiting.values() for s in other)]
            waiting.clear()
            pool = make()
            yield from _one_by_one(assignment, lost, pool, make)
            return make()
        except Exception as error:  # the grader's own fault: say so, grade the others
            if len(chunk) > 1:
                for submission in chunk:
                    waiting[pool.submit(grade_chunk, assignment, [submission])] = [submission]
                continue
            results = [_failed(assignment, chunk[0], f"{type(error).__name__}: {error}")]
        yield from results
    return pool


def _one_by_one(assignment: Assignment, lost: list[Submission], pool, make) -> Iterator[dict]:
    for submission in lost:
        for attempt in (1, 2):
            try:
                yield from pool.submit(grade_chunk, assignment, [submission]).result()
                break
            except BrokenProcessPool:
                pool = make()
                if attempt == 2:
                    yield _failed(assignment, submission, "it ended the grader's worker twice")


def _failed(assignment: Assignment, submission: Submission, why: str) -> dict:
    problem = f"The grader failed on this submission ({why[:200]}). Please grade it by hand."
    with Grader(assignment) as grader:
        return grader.ungraded(replace(submission, problem=problem, cells=(), texts=()))
