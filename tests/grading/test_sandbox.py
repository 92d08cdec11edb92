"""The sandbox: answers are found and run in it, and values are all that comes out."""

from __future__ import annotations

import ast
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import venv
from pathlib import Path

import numpy as np
import pytest
from classroom import BANK, honest

from rnncourse import values
from rnncourse.grading import imports, sandbox
from rnncourse.grading.assignment import Assignment, importable
from rnncourse.grading.edition import code_of, handed_out
from rnncourse.grading.grader import Grader
from rnncourse.grading.inbox import Submission
from rnncourse.grading.oracle import Oracle
from rnncourse.grading.sandbox.inside import slices

ROOT = Path(__file__).parents[2]
needs_sandbox = pytest.mark.skipif(bool(sandbox.obstacles()), reason="no sandbox on this machine")


# --- finding answers ----------------------------------------------------------------------------
def names(statements) -> list[str]:
    return [slices.ast.unparse(s.node).splitlines()[0] for s in statements]


def test_an_answer_brings_what_it_needs_and_nothing_else():
    book = slices.Notebook([
        "import numpy as np\nimport matplotlib.pyplot as plt",
        "SCALE = 2\ndef helper(x):\n    return SCALE * np.tanh(x)",
        "def answer(x):\n    return helper(x)",
        "plt.plot([1])\nwhile True: pass",
        "!ls\n%matplotlib inline\nfiles = !ls",
        "np.seterr(all='ignore')",
        "def broken(:",
    ])  # fmt: skip
    assert names(book.need("answer", set())) == [
        "import numpy as np", "SCALE = 2", "def helper(x):", "def answer(x):",
        "np.seterr(all='ignore')",
    ]  # fmt: skip
    assert list(book.broken) == [6]
    assert book.magics == {4}


def test_a_training_run_that_sets_a_seed_is_no_need_of_an_answer():
    """A seed on a line of its own counts, a loop that changes what is not a module, and one that
    sets a module's attribute."""
    run = "for seed in range(9):\n    torch.manual_seed(seed)\n    losses = train(f)"
    fill = "for k in range(3):\n    table.append(k)"
    bend = "while torch.inf:\n    torch.inf = 0"
    book = slices.Notebook([
        "import torch", "torch.manual_seed(0)", "table = []", fill, run, bend,
        "def f(x):\n    return torch.tensor(x) + table[0]",
    ])  # fmt: skip
    assert names(book.need("f", set())) == [
        "import torch", "torch.manual_seed(0)", "table = []", "for k in range(3):",
        "while torch.inf:", "def f(x):",
    ]  # fmt: skip


def test_an_untouched_copy_does_not_hide_the_answer():
    stub = 'def f(x):\n    """Doc."""\n    raise NotImplementedError("your turn")'
    book = slices.Notebook(["def f(x):\n    return x", stub])
    assert len(book.definitions("f")) == 1
    assert not slices.is_stub(book.definitions("f")[0].node)
    assert slices.is_stub(slices.Notebook([stub]).definitions("f")[0].node)


def test_a_deleted_helper_comes_from_the_edition():
    book = slices.Notebook(["def f(x):\n    return given(x)"])
    edition = slices.Notebook(["def given(x):\n    return x", "def f(x):\n    pass"])
    assert names(book.need("f", set(), edition)) == ["def given(x):", "def f(x):"]


def test_code_has_the_same_shape_under_other_names():
    one = slices.Notebook(["def f(x):\n    # a\n    y = x + 1\n    return y"])
    other = slices.Notebook(['def f(value):\n    "b"\n    out = value + 1\n    return out'])
    assert slices.shape_of_code(one.statements) == slices.shape_of_code(other.statements)


# --- grading one notebook -----------------------------------------------------------------------
@pytest.fixture(scope="module")
def grader():
    with Grader(Assignment(90, seed=1, bank=str(BANK))) as made:
        yield made


def grade(grader, *cells: str) -> dict:
    return grader.grade(Submission("ann", "ann.ipynb", "", tuple(cells)))["questions"]


@needs_sandbox
def test_right_answers_in_unusual_clothes(grader):
    answers = grade(
        grader,
        "import numpy as np",
        "scale = lambda x, k: np.array([k * v for v in x])",
        "class Cell:\n    def __call__(self, x, h, U, W, b):\n"
        "        return np.tanh(np.einsum('bd,hd->bh', x, U) + h.dot(W.T) + b)\nrnn_cell = Cell()",
        "from functools import reduce\n"
        "def rnn_last(xs, *p):\n"
        "    start = np.zeros((xs.shape[1], len(p[2])))\n"
        "    return reduce(lambda h, x: rnn_cell(x, h, *p), xs, start)",
        "def running_mean(values, total=0.0):\n    out = []\n"
        "    for k, v in enumerate(values, 1):\n        total += v\n        out.append(total / k)\n"
        "    return tuple(out)",
        "gate_letter = ' c '",
    )
    assert [a["status"] for a in answers.values()][:5] == ["right"] * 5, answers


@needs_sandbox
def test_one_mistake_costs_once(grader):
    answers = grade(grader, *honest(rnn_cell="def rnn_cell(x, h, U, W, b):\n"
                                             "    return np.tanh(x @ U.T + h @ W.T)"))  # fmt: skip
    assert answers["rnn_cell"]["misconception"] == "no bias"
    assert answers["rnn_last"]["status"] == "right"


@needs_sandbox
def test_nobody_pays_for_the_start_of_the_process_that_answers_for_earlier_questions(monkeypatch):
    start = Oracle._start
    monkeypatch.setattr(Oracle, "_start", lambda self: (time.sleep(3), start(self)))
    limits = sandbox.Limits(seconds=2)
    with Grader(Assignment(90, seed=1, bank=str(BANK), limits=limits)) as one:
        assert grade(one, *honest())["rnn_last"]["status"] == "right"


@needs_sandbox
def test_partial_credit_and_a_changed_argument(grader):
    answers = grade(
        grader,
        "import numpy as np",
        "def scale(x, k):\n    x *= k\n    return x",
        "def running_mean(v):\n    return [sum(v[:k]) / k for k in range(1, len(v) + 1)][:5]",
    )
    assert "changes its input" in answers["scale"]["message"]
    assert 0 < answers["running_mean"]["points"] < 2


@needs_sandbox
def test_errors_name_the_students_line(grader):
    answer = grade(grader, "import numpy as np\n\ndef scale(x, k):\n    return x @ np.eye(99)")
    assert "in your line 4: return x @ np.eye(99)" in answer["scale"]["message"]


@needs_sandbox
def test_the_same_seed_gives_the_same_result_to_the_last_digit():
    results = []
    for _ in range(2):
        with Grader(Assignment(90, seed=77, bank=str(BANK))) as one:
            cells = honest(scale="def scale(x, k):\n    return x * np.random.rand() * hash('a')")
            results.append(grade(one, *cells))
    assert results[0] == results[1]


@needs_sandbox
def test_tensors_go_in_and_out():
    pytest.importorskip("torch")
    with Grader(Assignment(91, seed=1, bank=str(BANK))) as one:
        answers = grade(
            one,
            "import torch",
            "def gate(x, h, W, U, b):\n    return torch.sigmoid(x @ W.T + h @ U.T + b)",
            "def blend(z, h, n):\n    return (1 - z) * h + z * n",
            "def keep(xs, z):\n    h = torch.zeros(xs.shape[1], dtype=xs.dtype)\n"
            "    for x in xs:\n        h = blend(z, h, x)\n    return h",
            "def slope(x):\n    x.requires_grad_()\n    torch.tanh(x).sum().backward()\n"
            "    return x.grad.numpy()",
        )
    found = {name: (a["status"], a["misconception"]) for name, a in answers.items()}
    assert found["gate"] == ("right", "")
    assert found["blend"] == ("wrong", "other convention")
    assert found["keep"] == ("right", "")
    assert "tensor" in answers["slope"]["message"]


@needs_sandbox
def test_a_dead_sandbox_is_made_anew(grader):
    signal.pidfd_send_signal(grader.sandbox._inner, signal.SIGKILL)
    assert grade(grader, *honest())["scale"]["status"] == "right"


# --- what is shown of the file system -----------------------------------------------------------
@needs_sandbox
def test_python_may_be_called_by_a_path_that_leads_through_other_folders(tmp_path):
    around = os.path.relpath(sys.executable, tmp_path)
    script = "from rnncourse.grading import sandbox; print(sandbox.obstacles())"
    done = subprocess.run(
        [around, "-c", script], cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True, text=True,
    )  # fmt: skip
    assert done.stdout.strip() == "[]", done.stdout + done.stderr


@needs_sandbox
@pytest.mark.parametrize("place", [".", "lib/course"])
def test_a_course_beside_the_interpreter_stays_out_of_sight(tmp_path, monkeypatch, place):
    """`python -m venv .` in the course's folder, or a course in a folder of libraries."""
    course = tmp_path / place
    for name in ("notebooks", "submissions", "rnncourse/exercises"):
        (course / name).mkdir(parents=True)
    venv.create(tmp_path, symlinks=True)
    (packages,) = tmp_path.glob("lib/*/site-packages")
    (packages / "others.pth").write_text(str(Path(np.__file__).parents[1]))
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    monkeypatch.setattr(sys, "executable", str(tmp_path / "bin" / "python"))
    if place != ".":
        for name in ("__init__.py", "tracebacks.py", "values.py"):
            shutil.copy(imports.PACKAGE / name, course / "rnncourse" / name)
        monkeypatch.setattr(imports, "PACKAGE", course / "rnncourse")
    look = f"import os\ndef look():\n    return [n for _, f, g in os.walk({str(tmp_path)!r}) " \
        "for n in f + g]"  # fmt: skip
    with (
        sandbox.Sandbox(modules=("numpy",)) as one,
        one.open([look], {"look": ()}) as session,
    ):
        (emitted,) = session.run("look", [values.encode([])])
    assert "others.pth" in emitted.value
    assert not {"notebooks", "submissions", "exercises"} & set(emitted.value)


@needs_sandbox
def test_only_what_is_allowed_can_be_imported(tmp_path, monkeypatch):
    """Tomorrow's attention.py is no answer to import; what the handed-out notebook imports is."""
    package = tmp_path / "rnncourse"
    shutil.copytree(imports.PACKAGE, package, ignore=shutil.ignore_patterns("__pycache__"))
    (package / "attention.py").write_text("def answer():\n    return 42\n")
    monkeypatch.setattr(imports, "PACKAGE", package)
    look = "import importlib\ndef look(name):\n    return importlib.import_module(name).__name__"
    asked = ["rnncourse.attention", "rnncourse.batching", "rnncourse.bank", "rnncourse.cells.rnn"]
    cases = [values.encode([name]) for name in asked]
    for allowed, found in (
        ({"rnncourse.batching"}, [None, "rnncourse.batching", None, "rnncourse.cells.rnn"]),
        ({"rnncourse.attention"}, ["rnncourse.attention", None, None, "rnncourse.cells.rnn"]),
    ):
        with (
            sandbox.Sandbox(allowed=allowed) as one,
            one.open([look], {"look": ()}) as session,
        ):
            emitted = session.run("look", cases)
        assert [one.value for one in emitted] == found
        refused = {one.error["type"] for one in emitted if one.kind == "error"}
        assert refused == {"ModuleNotFoundError"}


BUILT = sorted((ROOT / "notebooks" / "exercises").glob("[0-9][0-9]_*.ipynb"))


@needs_sandbox
@pytest.mark.parametrize("chapter", [int(path.stem[:2]) for path in BUILT])
def test_what_the_handed_out_notebook_imports_is_there_and_no_answer(chapter):
    """Its loaders find their data, too; of the bank and the quizzes there is not a file."""
    cells = code_of(handed_out(chapter))
    froms = [n for n in ast.walk(ast.parse("\n".join(cells))) if isinstance(n, ast.ImportFrom)]
    lines = [node for node in froms if node.module.startswith("rnncourse")]
    names = sorted({alias.name for node in lines for alias in node.names})
    loads = [f"len({name}()) > 0" for name in names if name.startswith("load_")]
    there = "os.listdir('/course/rnncourse')"
    look = f"return len([{', '.join(names)}]), [{', '.join(loads)}], {there}"
    source = "\n".join(["import os", *map(ast.unparse, lines), f"def look():\n    {look}"])
    patient = sandbox.Limits(seconds=120, submission_seconds=120, cpu_seconds=60)  # to read it all
    with (
        sandbox.Sandbox(limits=patient, allowed=importable(cells)) as one,
        one.open([source], {"look": ()}) as session,
    ):
        (emitted,) = session.run("look", [values.encode([])])
    assert emitted.kind == "value", emitted.error
    count, loaded, seen = emitted.value
    assert (count, loaded) == (len(names), [True] * len(loads))
    assert not {"bank", "exercises", "grading", "quizzes"} & set(seen)


# --- where there is no sandbox --------------------------------------------------------------------
def test_without_a_sandbox_answers_are_still_judged_outside():
    with Grader(Assignment(90, seed=1, bank=str(BANK), unsafe=True)) as one:
        answers = grade(one, *honest(scale="def scale(x, k):\n    return x + k"))
    assert answers["scale"]["misconception"] == "added"
    assert answers["rnn_last"]["status"] == "right"


def test_it_says_what_is_missing_and_refuses(tmp_path):
    environment = {**os.environ, "PATH": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-m", "rnncourse.cli", "grade", str(tmp_path), "--out", str(tmp_path)],
        env=environment, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 1
    assert "bwrap is missing" in done.stderr
    assert "--unsafe" in done.stderr


# --- time ---------------------------------------------------------------------------------------
@needs_sandbox
def test_a_submission_that_uses_up_its_time_is_told_by_question():
    loop = "    while True:\n        pass"
    slow = honest(
        scale=f"def scale(x, k):\n{loop}",
        rnn_cell=f"def rnn_cell(x, h, W_xh, W_hh, b_h):\n{loop}",
        rnn_last=f"def rnn_last(xs, W_xh, W_hh, b_h):\n{loop}",
    )
    limits = sandbox.Limits(seconds=1.5, submission_seconds=2.5)
    started = time.monotonic()
    with Grader(Assignment(90, 1, str(BANK), limits=limits)) as grader:
        grader.warm()
        started = time.monotonic()
        answers = grader.grade(Submission("s", "", "", tuple(slow)))["questions"]
        spent = time.monotonic() - started
        again = grader.grade(Submission("t", "", "", tuple(honest())))
    assert "does not come to an end" in answers["scale"]["message"]
    assert answers["rnn_cell"]["message"].startswith("Cut short: all answers")
    assert "cut short: the submission's time was used up" in answers["rnn_cell"]["flags"]
    for name in ("rnn_last", "running_mean"):
        assert re.fullmatch(
            r"Not run: all answers .* 2\.5 seconds, .* \(scale 2 s, rnn_cell 1 s\)\.",
            answers[name]["message"],
        ), answers[name]["message"]
        assert answers[name]["points"] == 0
        assert answers[name]["source"]
    assert answers["gate_letter"]["points"] > 0  # needs no time
    assert spent < 10
    assert sum(a["points"] for a in again["questions"].values()) == 11  # the next one has its own
