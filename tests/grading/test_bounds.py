"""What an answer gives may be anything: it costs that answer alone, and little time and memory."""

from __future__ import annotations

import time
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from classroom import BANK, FULL, HONEST, QUICK, honest, points

from rnncourse import bank, values
from rnncourse.bank import Question
from rnncourse.exercises.compare import compare
from rnncourse.exercises.judge import Judge, Outcome, draw_cases, trusted
from rnncourse.grading import oracle, sandbox
from rnncourse.grading.assignment import Assignment
from rnncourse.grading.grader import Grader
from rnncourse.grading.inbox import Submission
from rnncourse.grading.sandbox.inside import slices
from rnncourse.grading.sandbox.session import _emitted

needs_sandbox = pytest.mark.skipif(bool(sandbox.obstacles()), reason="no sandbox on this machine")


@pytest.fixture(scope="module")
def grader():
    with Grader(Assignment(90, seed=1, bank=str(BANK), limits=QUICK)) as made:
        made.warm()
        yield made


def graded(grader, cells) -> dict:
    return grader.grade(Submission("mal", "mal.ipynb", "0", tuple(cells)))


def peak(pid: int) -> float:
    """Megabytes that a process has held at most."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


# --- values ---------------------------------------------------------------------------------------
TEXTS = "[chr(97 + i) * 100_000 for i in range(36)]"
MONSTERS = {
    "nothing, 2**28 long": "np.zeros((2**28, 0))",
    "nothing, on both sides": "np.zeros((2**20, 0, 2**20))",
    "lists of long texts": f"tuple([{TEXTS}[:1] + ['b'] * 3000 for _ in range(28)])",
    "one long text and many short": "tuple([['x' * 3_000_000] + ['a'] * 90_000] * 1)",
    "booleans": "np.ones((1 << 22) - 99, bool)",
    "small integers": "np.ones((1 << 22) - 99, np.int8)",
    "a hundred thousand numbers": "[0.5] * 99_990",
    "lists in lists": "[[[[[[[[[x]]]]]]]]] * 9_000",
    "keys": "{str(i) * 9: i for i in range(40_000)}",
    "one key": "{'k' * 4_000_000: 1}",
    "a number of 1023 bits": "(1 << 1023) - 1",
    "complex": "complex('nan+infj')",
}


@needs_sandbox
@pytest.mark.parametrize("question", ["scale", "rnn_cell", "running_mean", "gate_letter"])
@pytest.mark.parametrize("what", MONSTERS)
def test_no_value_costs_more_than_a_little_time_and_memory(grader, what, question):
    head = HONEST[question].split("\n")[0]
    returns = f"{head}\n    return " if head.startswith("def") else "x = 1\ngate_letter = "
    if question in ("running_mean", "gate_letter"):
        returns = "import numpy as np\n" + returns
    body = MONSTERS[what].replace("[x]", "[1.0]")
    started = time.perf_counter()
    result = graded(grader, honest(**{question: returns + body}))
    assert time.perf_counter() - started < 20
    lost = {"scale": 2, "rnn_cell": 3, "running_mean": 2, "gate_letter": 1}[question]
    assert points(result) == FULL - lost
    assert result["questions"][question]["message"]
    assert peak(grader._oracle._process.pid) < 700


def test_nothing_is_computed_on_a_value_of_the_wrong_shape():
    """Each of these took gigabytes."""
    expected = np.ones(3)
    for got in (np.zeros((1 << 28, 0)), np.zeros((0, 1 << 40)), np.zeros((1 << 20, 0, 1 << 20))):
        assert compare(expected, got).kind == "shape"
    long = tuple(["x" * 3_000_000, *["a"] * 90_000] for _ in range(3))
    assert compare(expected, long).kind == "type"
    question = Question("value", 1, reference=lambda: np.ones(3))
    found = Judge(question, [()]).verdict([Outcome("value", list(long[0]))])
    assert (found.status, found.first_difference.kind) == ("wrong", "type")
    assert Judge(question, [()]).verdict([Outcome("value", [1, 1.0, True])]).status == "right"


@needs_sandbox
def test_a_comparison_that_does_not_end_is_ended(grader, monkeypatch):
    """And the next answer, the next student, are judged as ever."""
    judge = oracle.Oracle.judge

    def hurried(self, name, variant, about, raw, tried=()):
        monkeypatch.setattr(oracle, "JUDGING", 0.0 if raw else 10.0)
        return judge(self, name, variant, about, raw, tried)

    monkeypatch.setattr(oracle.Oracle, "judge", hurried)
    grader._oracle._known.clear()  # or the verdict on the same values were there already
    result = graded(grader, honest())
    assert points(result) == 0
    assert "too much to be compared" in result["questions"]["scale"]["message"]
    monkeypatch.undo()
    assert points(graded(grader, honest())) == FULL


@needs_sandbox
def test_an_oracle_that_was_killed_costs_no_point(grader):
    grader._oracle.be_ready()
    grader._oracle._process.kill()
    grader._oracle._process.wait()
    assert points(graded(grader, honest())) == FULL


@needs_sandbox
def test_equal_values_are_judged_once(grader, monkeypatch):
    first = graded(grader, honest())
    monkeypatch.setattr(oracle.Oracle, "_judge", None)
    again = graded(grader, honest(scale="def scale(a, b):\n    return b * a  # the same values"))
    same = ("status", "points", "right", "message", "signature")
    for name, answer in first["questions"].items():
        assert [answer[key] for key in same] == [again["questions"][name][key] for key in same]


# --- messages -------------------------------------------------------------------------------------
ODD = [np.ones(3), np.ones(()), [1], {"a": 1}, 1 << 900, True, None, values.Opaque("x"), 1j]


@pytest.mark.parametrize("part", ["type", "message", "line", "text"])
@pytest.mark.parametrize("odd", ODD, ids=lambda odd: type(odd).__name__)
def test_a_forged_error_of_any_values_is_read(part, odd):
    parts = {"type": "ValueError", "message": "m", "line": 3, "text": "t", part: odd}
    found = _emitted(b"E" + values.encode(parts))
    assert found.kind == "error"
    assert all(isinstance(found.error[key], str) for key in ("type", "message", "text"))
    assert found.error["line"] is None or type(found.error["line"]) is int


FORGES = """
import os, struct
from rnncourse import bank, values
def scale(x, k):
    data = b"E" + values.encode({"type": np.ones(3), "message": np.ones(2), "line": np.ones(4)})
    os.write(3, struct.pack("<I", len(data)) + data)
    os._exit(0)
"""


# --- source ---------------------------------------------------------------------------------------
BLANKS = " " * 300_000
BAD = {
    "an array in a forged error": {"scale": FORGES},
    "a hex literal of 6,000 digits": {"scale": f"def scale(x, k):\n    return 0x{'f' * 6000}"},
    "as a default": {"scale": f"def scale(x, k, n=-0x{'1' * 6000}):\n    return k * x + n"},
    "as a value": {"gate_letter": f"gate_letter = 0x{'f' * 6000}"},
    "octal, in a helper": {"scale": f"N = 0o{'7' * 6000}\ndef scale(x, k):\n    return N"},
    "900,000 emoji": {"gate_letter": f"gate_letter = '{chr(0x1F600) * 900_000}'"},
    "1,900,000 letters": {"gate_letter": f"gate_letter = '{'C' * 1_900_000}'"},
    "half a character": {"gate_letter": "gate_letter = '\\ud800'"},
    "bytes": {"gate_letter": f"gate_letter = b'{'C' * 900_000}'"},
    "blanks before a bang": {"scale": f"a{BLANKS}!"},
    "blanks and commas": {"scale": f"{'a, ' * 100_000}!"},
    "blanks after an equals": {"scale": f"a ={BLANKS}!ls\na{BLANKS}=!ls"},
    "blanks in magics": {"scale": f"%{BLANKS}x\n{BLANKS}?\n{BLANKS}!{BLANKS}"},
    "many lines": {"scale": "def scale(x, k):\n    return x\n" + "\n!ls" * 100_000},
    "form feeds": {"scale": "!\n" + "\f" * 300_000 + "a = !ls"},
    "brackets": {"scale": "def scale(x, k):\n    return " + "[" * 100_000},
    "closed brackets": {"scale": "def scale(x, k):\n    return " + "[" * 90 + "]" * 90},
    "minus": {"scale": "def scale(x, k):\n    return " + "-" * 300_000 + "x"},
    "a sum": {"scale": "def scale(x, k):\n    return 0" + "+x" * 50_000},
    "attributes": {"scale": "def scale(x, k):\n    return x" + ".T" * 50_000},
    "statements in one cell": {"scale": "a = 1\n" * 90_000 + "def scale(x, k):\n    return a"},
    "f-strings": {"scale": "def scale(x, k):\n    return " + "f'{" * 200 + "x" + "}'" * 200},
    "calls in calls": {"scale": "def scale(x, k):\n    return " + "f(" * 90 + ")" * 90},
    "elif": {"scale": "def scale(x, k):\n    if k: pass\n" + "    elif k: pass\n" * 5_000},
}


@needs_sandbox
@pytest.mark.parametrize("what", BAD)
def test_one_bad_cell_costs_its_question_alone_and_little_time(grader, what):
    started = time.perf_counter()
    result = graded(grader, honest(**BAD[what]))
    assert time.perf_counter() - started < 20
    assert not result["problem"]
    lost = 1 if "gate_letter" in BAD[what] else 2
    assert points(result) == FULL - lost, result["broken"]


@pytest.mark.parametrize(
    "line",
    ["a" + BLANKS + "!", "a, " * 100_000 + "!", "a =" + BLANKS + "b", BLANKS, "=" * 300_000,
     "a" * 300_000, "a = !" + BLANKS, "%" + BLANKS, "a" + "\t =" * 100_000],
    ids=range(9),
)  # fmt: skip
def test_lines_with_magics_are_read_in_no_time(line):
    started = time.perf_counter()
    slices.without_magics(line + "\nfiles = !ls")
    assert time.perf_counter() - started < 5


def test_magics_and_shell_escapes_become_nothing():
    source = "files = !ls\na, b = %time 1\n  x = !pwd\n%matplotlib\n!ls\nhelp?\na = b != c\na != b"
    assert slices.without_magics(source).splitlines() == [
        "files = None", "a, b = None", "  x = None", "pass", "pass", "pass", "a = b != c", "a != b",
    ]  # fmt: skip


@needs_sandbox
def test_a_failure_of_the_grader_on_one_answer_costs_that_one_alone(grader, monkeypatch):
    emit = Grader._emit

    def fails(self, session, question, *rest):
        if question.name == "scale":
            raise RuntimeError("planted")
        return emit(self, session, question, *rest)

    monkeypatch.setattr(Grader, "_emit", fails)
    result = graded(grader, honest())
    assert points(result) == FULL - 2
    assert "grade it by hand" in result["questions"]["scale"]["flags"][0]


# --- honest mistakes ------------------------------------------------------------------------------
UNPADDED = {
    "as they came": lambda sequences, value: sequences,
    "as lists": lambda sequences, value: [[int(x) for x in s] for s in sequences],
    "as a tuple of lists": lambda sequences, value: tuple([int(x) for x in s] for s in sequences),
    "with their lengths": lambda sequences, value: (
        [[int(x) for x in s] for s in sequences], [len(s) for s in sequences]),
    "nested": lambda sequences, value: ([[[x], []] for x in s] for s in sequences),
}  # fmt: skip


@pytest.mark.parametrize("how", UNPADDED)
def test_lists_that_are_not_padded_are_said_to_be_lists(how):
    question = bank.get("pad_batch")
    cases = draw_cases(question, 1)
    outcomes = [trusted(question, UNPADDED[how], case) for case in cases]
    message = Judge(question, cases).verdict(outcomes).message
    assert "ended Python" not in message
    assert "came back, an array of shape" in message


@pytest.mark.parametrize("seed", range(12))
def test_a_constant_earns_little_where_a_number_is_asked(seed):
    """`return 2` earned 2.1 of 3 points."""
    question = bank.get("gradient_reach")
    judge = Judge(question, draw_cases(question, seed))
    assert max(Counter(judge.expected).values()) <= 4
    assert Counter(judge.expected)[2] <= 3
