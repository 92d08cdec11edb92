"""Whose work it is: the course's own implementation, and code that several students share."""

from __future__ import annotations

import pytest
from classroom import QUICK, points

from rnncourse.grading import sandbox
from rnncourse.grading.assignment import Assignment
from rnncourse.grading.edition import code_of, handed_out, helpers_of, notebooks_of
from rnncourse.grading.grader import Grader
from rnncourse.grading.inbox import Submission

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
