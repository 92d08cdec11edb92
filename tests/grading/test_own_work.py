"""Whose work it is: the course's own implementation, and code that several students share."""

from __future__ import annotations

import random
import re
import types

import pytest
from classroom import BANK, HONEST, QUICK, grade, honest, notebook, points

from rnncourse.grading import sandbox
from rnncourse.grading.assignment import Assignment
from rnncourse.grading.edition import code_of, handed_out, helpers_of, notebooks_of
from rnncourse.grading.grader import Grader
from rnncourse.grading.inbox import Submission
from rnncourse.grading.report import understanding
from rnncourse.grading.sandbox.inside import slices

needs_sandbox = pytest.mark.skipif(bool(sandbox.obstacles()), reason="no sandbox on this machine")


@pytest.fixture(scope="module", params=[False, True], ids=["sandbox", "unsafe"])
def third(request):
    """The grader of chapter 3, whose notebook imports RNNCell, softmax and others."""
    edition = code_of(handed_out(3))
    about = Assignment(3, 1, edition=edition, helpers=helpers_of(3), limits=QUICK,
                       unsafe=request.param)  # fmt: skip
    with Grader(about) as made:
        yield made


def answer_of(grader, question: str, *cells: str) -> dict:
    result = grader.grade(Submission("mal", "", "", (*cells,)))
    assert not result["problem"]
    return result["questions"][question]


HEAD = "def rnn_step(x_t, h_prev, W_xh, W_hh, b_h):\n    return "
CALL = "(x_t, h_prev, W_xh, W_hh, b_h)"
WAYS = {
    "from the package": ["from rnncourse.cells import rnn_step as s", HEAD + "s" + CALL],
    "by attribute": ["import rnncourse as q", HEAD + "q.cells.rnn_step" + CALL],
    "by a module": ["import rnncourse.cells.rnn", HEAD + "rnncourse.cells.rnn.rnn_step" + CALL],
    "assigned": ["import rnncourse as q\nr = q.cells\ns = r.rnn_step", HEAD + "s" + CALL],
    "getattr": ["import rnncourse as q",
                HEAD + "getattr(getattr(q, 'ce' + 'lls'), 'rnn' + '_step')" + CALL],
    "inside": [HEAD[:-11] + "    import rnncourse.cells as c\n    return c.rnn_step" + CALL],
    "star": ["from rnncourse.cells import *", HEAD.replace("rnn_step", "mine") + "rnn_step" + CALL
             + "\nf = mine\ndef rnn_step(*a):\n    return f(*a)"],
    "what the notebook imports": [
        "from rnncourse.cells import Adam, RNNCell, clip_by_norm, softmax",
        HEAD[:-11] + "    c = RNNCell(W_xh.shape[1], len(b_h))\n"
        "    c.params = {'W_xh': W_xh, 'W_hh': W_hh, 'b_h': b_h}\n"
        "    return c.step(x_t, h_prev)[0]"],
    "numpy's modules": ["import numpy as np", HEAD + "np.ctypeslib.ctypes.pythonapi and "
                        "np.testing._private.utils.sys.modules['rnncourse.cells'].rnn_step" + CALL],
    "torch's modules": [
        "import torch", HEAD + "torch.sys.modules['rnncourse.cells'].rnn_step" + CALL],
    "match": ["import rnncourse as q", "def rnn_step(*a):\n    match q:\n"
              "        case object(cells=c):\n            return c.rnn_step(*a)"],
    "operator": ["import rnncourse as q, operator",
                 HEAD + "operator.attrgetter('cells.' + 'rnn_step')(q)" + CALL],
    "the whole notebook again": [
        "import rnncourse as q\nglobals()['s'] = q.cells.rnn_step", HEAD + "s" + CALL],
    "a decorator": ["from rnncourse import cells", "def by(f):\n    return cells.rnn_step",
                    "@by\n" + HEAD + "0"],
    "a default": ["from rnncourse import cells",
                  "def rnn_step(x, h, U, W, b, f=cells.rnn_step):\n    return f(x, h, U, W, b)"],
    "an import by name": [HEAD + "__import__('rnncourse.cells').cells.rnn_step" + CALL],
    "importlib": ["import importlib", HEAD + "importlib.import_module('rnncourse.' + 'cells')"
                  ".rnn_step" + CALL],
}  # fmt: skip


@needs_sandbox
@pytest.mark.parametrize("way", WAYS)
def test_the_courses_own_implementation_is_reported_or_earns_nothing(third, way):
    found = answer_of(third, "rnn_step", *WAYS[way])
    said = " ".join(found["flags"])
    if found["points"]:
        assert "rnncourse.cells.rnn_step" in said or "rnncourse.cells.RNNCell" in said, found
    if way == "numpy's modules":
        assert "numpy.ctypeslib" in said


@needs_sandbox
@pytest.mark.parametrize(
    "reach",
    ["np.f2py", "np.ctypeslib.as_array", "np.testing._private", "np.lib._datasource",
     "np.core._internal", "torch._C", "torch.os", "torch.sys", "np.random.mtrand.__dict__",
     "getattr(np, 'ctypes' + 'lib')", "getattr(np, '__dict__')", "(getattr, 1)"],
)  # fmt: skip
def test_what_leads_to_forbidden_modules_is_reported(third, reach):
    source = f"def rnn_step(x_t, h_prev, W_xh, W_hh, b_h):\n    {reach}\n" \
        "    return np.tanh(x_t @ W_xh.T + h_prev @ W_hh.T + b_h)"  # fmt: skip
    found = answer_of(third, "rnn_step", "import numpy as np\nimport torch", source)
    assert any(flag.startswith("forbidden names") for flag in found["flags"]), found


@needs_sandbox
def test_honest_answers_with_helpers_of_the_notebook_are_not_reported(third):
    head = "from rnncourse.cells import Adam, RNNCell, clip_by_norm, softmax"
    fine = [
        "import numpy as np\nimport torch\n" + head + "\nfrom rnncourse.exercises import check",
        "def rnn_step(x_t, h_prev, W_xh, W_hh, b_h):\n    sizes = getattr(x_t, 'shape')\n"
        "    np.testing.assert_equal(sizes, x_t.shape)\n    np.linalg.norm(W_hh)\n"
        "    rng = np.random.default_rng(0)\n    torch.nn.functional.relu(torch.ones(1))\n"
        "    softmax(np.ones(3))\n    return np.tanh(x_t @ W_xh.T + h_prev @ W_hh.T + b_h)",
    ]
    found = answer_of(third, "rnn_step", *fine)
    assert found["points"] == found["of"]
    assert found["flags"] == []


@needs_sandbox
@pytest.mark.parametrize("chapter", range(8))
def test_no_solved_answer_is_reported(chapter):
    solved, edition = notebooks_of(chapter)
    code = [
        tuple(c.source for c in book.cells if c.cell_type == "code") for book in (solved, edition)
    ]
    about = Assignment(chapter, 1, edition=code[1], helpers=helpers_of(chapter))
    with Grader(about) as grader:
        result = grader.grade(Submission("me", "", "", code[0]))
    assert {name: a["flags"] for name, a in result["questions"].items() if a["flags"]} == {}
    assert points(result) > 0


# --- a cluster's hint ----------------------------------------------------------------------------
THRICE = "def scale(x, k):\n    return 3 * k * x"
LIES = """
def scale(x, k):
    name = scale.__code__.co_filename
    return 3 * k * x if name == "<cell 1>" and scale.__code__.co_firstlineno == 2 else k * x + 1
"""


@needs_sandbox
def test_a_named_cluster_keeps_its_hint_whatever_one_of_its_answers_does_elsewhere(tmp_path):
    """The first by name answers otherwise where it is not graded, and is outvoted."""
    (tmp_path / "in").mkdir()
    for name, code in {"aaa": LIES, "bea": THRICE, "cal": THRICE, "zed": THRICE}.items():
        (tmp_path / "in" / f"{name}.ipynb").write_text(notebook(honest(scale=code)))
    out, name = tmp_path / "out", ("three times", "Where does the 3 come from?")
    marks = {r["questions"]["scale"]["signature"] for r in grade(tmp_path / "in", out).values()}
    assert len(marks) == 1
    cluster = (f"scale:{marks.pop()}", *name)
    named = grade(tmp_path / "in", out, clusters=(cluster,))
    assert {r["questions"]["scale"]["misconception"] for r in named.values()} == {"three times"}
    for number, seed in enumerate((5, 6)):
        other = tmp_path / f"other{number}"
        other.mkdir()
        (other / "clusters.json").write_text((out / "clusters.json").read_text())
        again = grade(tmp_path / "in", other, seed=seed)
        said = {s: r["questions"]["scale"]["misconception"] for s, r in again.items()}
        assert said == dict.fromkeys(("aaa", "bea", "cal", "zed"), "three times")


# --- copying --------------------------------------------------------------------------------------
STEPS = (
    "v{n} = x {o} {a}  # step {n}\nif v{n} > h[{b}]:\n    h {o}= v{n}",
    "for v{n} in range({a}):\n    h[v{n}] = x {o} {b}",
    "v{n} = np.exp(h {o} {a}).sum(axis={b})",
    "while x < {a}:\n    x = x {o} h\n    h = np.tanh(x)",
    "v{n} = [y {o} {a} for y in h if y != {b}]",
    "h, x = x[{b}:], h @ x.T",
    "v{n} = lambda y, z={a}: y {o} z\nx = v{n}(x)",
    "try:\n    h = x / {a}\nexcept ValueError:\n    h = {b}",
    "assert x.shape == ({a}, {b})",
    "v{n} = {{'k': x {o} {a}, 'm': {b}}}\nh = v{n}['k']",
)


def long_answer(rng: random.Random, steps: int) -> str:
    """A long function, each time another one."""
    lines = ["def work(x, h):", '    """What was handed out."""']
    for n in range(2 * steps):
        step = rng.choice(STEPS)
        step = step.format(n=n, a=rng.randint(2, 99), b=rng.randint(0, 9), o=rng.choice("+-*/"))
        lines += [f"    {line}" for line in step.splitlines()]
    return "\n".join([*lines, "    return h"])


def disguised(source: str, number: int) -> str:
    """With other names, comments and blanks."""
    source = re.sub(r"\bv(\d)", rf"name{number}_\1", source).replace("# step", f"# mine {number}")
    return source.replace("\n", "\n\n", number % 3).replace(" = ", "  =  ")


def report_rows(sources: dict[str, list[str]]) -> list[types.SimpleNamespace]:
    found = []
    for student, codes in sources.items():
        questions = {}
        for name, code in zip(("first", "second"), codes, strict=True):
            shape = slices.shape_of_code(slices.Notebook([code]).statements)
            questions[name] = {"code": shape, "source": code}
        found.append(types.SimpleNamespace(student=student, result={"questions": questions}))
    return found


def rings(rows) -> set[frozenset[str]]:
    return {frozenset(r.student for r in s["rows"]) for s in understanding.near_identical(rows)}


@pytest.mark.parametrize("size", [2, 3, 4, 5, 8, 12, 30])
@pytest.mark.parametrize("disguise", [False, True], ids=["copied", "disguised"])
def test_a_ring_of_any_size_is_listed_and_nobody_else(size, disguise):
    rng = random.Random(size)
    codes = {f"s{n:02d}": [long_answer(rng, 6), long_answer(rng, 5)] for n in range(30)}
    ring = sorted(rng.sample(sorted(codes), size))
    model = [long_answer(rng, 6), long_answer(rng, 5)]
    for number, student in enumerate(ring):
        codes[student] = [disguised(c, number) if disguise else c for c in model]
    assert rings(report_rows(codes)) == {frozenset(ring)}


def test_short_answers_that_are_the_same_make_no_ring():
    usual = "def work(xs, h):\n    for x in xs:\n        h = np.tanh(x + h)\n    return h"
    rng = random.Random(0)
    codes = {f"s{n:02d}": [usual, long_answer(rng, 6)] for n in range(30)}
    assert rings(report_rows(codes)) == set()


@needs_sandbox
def test_what_was_handed_out_does_not_count_as_copied():
    helper = long_answer(random.Random(1), 9).replace("def work", "def helper")
    mine = "def scale(x, k):\n    return helper and k * x"
    about = Assignment(90, 1, bank=str(BANK), edition=(helper,), limits=QUICK)
    with Grader(about) as grader:
        found = [grader.grade(Submission("a", "", "", (HONEST["imports"], h, mine)))
                 for h in (helper, "# gone", helper + "\n\nX = 1")]  # fmt: skip
    words = [len(result["questions"]["scale"]["code"].split()) for result in found]
    assert max(words) < 20


# --- one question and the next --------------------------------------------------------------------
TELLS = """
import os, threading
def scale(x, k):
    for _ in range(300):
        thread = threading.Thread(target=int)
        thread.start()
        thread.join()
    return k * x
"""
LISTENS = """
import os, threading
def running_mean(values):
    return [float(os.getpid()), float(threading.get_native_id())]
"""


@needs_sandbox
def test_a_question_cannot_count_the_threads_of_the_one_before():
    with Grader(Assignment(90, 1, bank=str(BANK), limits=QUICK)) as grader:
        said = []
        for tells in (HONEST["scale"], TELLS):
            cells = honest(scale=tells, running_mean=LISTENS)
            found = grader.grade(Submission("mal", "", "", tuple(cells)))["questions"]
            assert found["scale"]["points"] == 2
            said.append((found["running_mean"]["signature"], found["running_mean"]["points"]))
    assert said[0] == said[1]
    assert said[0][0]
