"""Run a student's code where it can do no harm, and get values back from it.

A `Sandbox` keeps one warm process inside bubblewrap: no network, a read-only system without the
exercise bank, the submissions or the home folder, and of the course's package only what is
allowed. `Sandbox.open` starts a submission: a fork of the warm process in namespaces of its own.
`Session.run` asks one question: a fork of that, with limits on time, memory, files, processes and
system calls, which emits values and nothing else. The values are judged in the grader's process.
"""

from rnncourse.grading.sandbox.session import Emitted, Limits, Link, SandboxError, Session
from rnncourse.grading.sandbox.walls import INSIDE, STRANGER
from rnncourse.grading.sandbox.warm import Sandbox, obstacles

__all__ = [
    "INSIDE",
    "STRANGER",
    "Emitted",
    "Limits",
    "Link",
    "Sandbox",
    "SandboxError",
    "Session",
    "obstacles",
]
