"""The class grader finds out about a wrong answer what `check` finds out about it."""

from __future__ import annotations

import linecache
import re

import pytest
from classroom import QUICK

from rnncourse import bank
from rnncourse.exercises.check import examine
from rnncourse.grading import sandbox
from rnncourse.grading.assignment import Assignment
from rnncourse.grading.edition import code_of, handed_out, helpers_of
from rnncourse.grading.grader import Grader
from rnncourse.grading.inbox import Submission

pytestmark = pytest.mark.skipif(bool(sandbox.obstacles()), reason="no sandbox on this machine")
HEAD = "import numpy as np\ndef rnn_step(x_t, h_prev, W_xh, W_hh, b_h):\n"
WRONG = {
    "an argument taken twice": "    return np.tanh(x_t @ W_xh.T + h_prev @ W_hh.T + 2 * b_h)\n",
    "another axis": "    return np.tanh(x_t @ W_xh.T + h_prev[::-1] @ W_hh.T + b_h)\n",
    "only found by calling": "    a = x_t @ W_xh.T + h_prev @ W_hh.T + b_h\n"
                             "    return np.tanh(a - h_prev.mean())\n",
    "an error": "    return np.tanh(x_t @ W_xh + h_prev @ W_hh.T + b_h)\n",
    "an input changed": "    h_prev *= 2\n"
                        "    return np.tanh(x_t @ W_xh.T + h_prev @ W_hh.T + b_h)\n",
}  # fmt: skip


@pytest.fixture(scope="module")
def grader():
    about = Assignment(3, 1, edition=code_of(handed_out(3)), helpers=helpers_of(3), limits=QUICK)
    with Grader(about) as made:
        yield made


def sentences(message: str) -> list[str]:
    """What is said beside the numbers of a case, which differ by the seed."""
    lines = [line.strip() for line in message.splitlines()[1:]]
    kept = [line for line in lines if not line.startswith("Case")]
    return [re.sub(r"\d+", "n", line) for line in kept]


@pytest.mark.parametrize("name", WRONG)
def test_check_and_grade_say_the_same(grader, name):
    source = HEAD + WRONG[name]
    space = {}
    linecache.cache["<mine>"] = (len(source), None, source.splitlines(True), "<mine>")
    exec(compile(source, "<mine>", "exec"), space)
    mine = examine(bank.get("rnn_step"), space["rnn_step"])[0].message
    answer = grader.grade(Submission("mal", "", "", (source,)))["questions"]["rnn_step"]
    theirs = sentences(answer["message"])
    told = [line for line in sentences(mine) if not line.startswith("in your line")]
    assert told
    assert [line for line in theirs if not line.startswith("in your line")] == told


def test_a_clue_is_found_once_for_all_who_give_the_same(grader, monkeypatch):
    runs = []
    real = sandbox.Session.run

    def run(self, name, cases, **options):
        runs.append((name, len(cases)))
        return real(self, name, cases, **options)

    monkeypatch.setattr(sandbox.Session, "run", run)
    source = HEAD + "    return np.tanh(x_t @ W_xh.T + h_prev @ W_hh.T + b_h / 2)\n"
    texts = []
    for student in ("mal", "kim"):
        result = grader.grade(Submission(student, "", "", (source,)))
        texts.append(result["questions"]["rnn_step"]["message"])
    assert texts[0] == texts[1]
    assert "b_h is halved" in texts[0]
    first, *more, last = [count for name, count in runs if name == "rnn_step"]
    assert first == last == bank.get("rnn_step").cases
    assert len(more) == 2  # what tells more, and what puts it to the test
