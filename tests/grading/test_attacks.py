"""Attacks that once worked, found by reading the code with the wish to break it."""

from __future__ import annotations

import base64
import re
import struct
import time
import zipfile
import zlib
from dataclasses import replace
from pathlib import Path

import pytest
from classroom import BANK, FULL, QUICK, grade, honest, notebook, points

from rnncourse import values
from rnncourse.grading import inbox, report, run, sandbox
from rnncourse.grading.assignment import Assignment
from rnncourse.grading.grader import Grader
from rnncourse.grading.inbox import Found, Submission
from rnncourse.grading.report.rows import concerns
from rnncourse.grading.roster import Person, Roster
from rnncourse.grading.run import Options, Run
from rnncourse.grading.sandbox.inside import slices
from rnncourse.grading.sandbox.session import _emitted

needs_sandbox = pytest.mark.skipif(bool(sandbox.obstacles()), reason="no sandbox on this machine")


@pytest.fixture(scope="module")
def grader():
    patient = replace(QUICK, seconds=60.0, submission_seconds=240.0)  # on a busy machine, too
    with Grader(Assignment(90, seed=1, bank=str(BANK), limits=patient)) as made:
        yield made


# --- what a human is told of the code -------------------------------------------------------------
def told(*cells: str, edition: tuple[str, ...] = ()) -> tuple[list[str], list[str]]:
    """(risky names, parts of the course) that are found in an answer `scale`."""
    book, handed = slices.Notebook(list(cells)), slices.Notebook(list(edition))
    need = book.need("scale", set(), handed)
    return slices.findings(slices.own(need, book, handed), book)


HIDDEN = {
    "names of another module": ["from site import *", "def scale(x, k):\n    return sys.modules"],
    "those of the sandbox": ["from main import *", "def scale(x, k):\n    return importlib"],
    "the sandbox's own modules": ["import watch", "def scale(x, k):\n    return watch.ran()"],
    "by the base of all": ["def scale(x, k):\n"
                           "    return object.__getattribute__(scale, '__glo' + 'bals__')"],
    "by a builtin's owner": ["def scale(x, k):\n    return print.__self__"],
    "what is wrapped": ["def scale(x, k):\n    return x.__wrapped__(k)"],
    "a closure": ["def scale(x, k):\n    return x.__closure__[0].cell_contents"],
    "a coroutine's frame": ["def scale(x, k):\n    return x.cr_frame"],
    "a file by its number": ["import io", "def scale(x, k):\n    return io.FileIO(3, 'w')"],
}  # fmt: skip


@pytest.mark.parametrize("how", HIDDEN)
def test_doors_to_everything_are_reported(how):
    risky, course = told(*HIDDEN[how])
    assert risky or course


def test_usual_code_is_not_reported():
    usual = [
        "from math import *\nfrom numpy import *\nimport numpy as np\nimport io",
        "class Cell:\n    def __init__(self, n):\n        super().__init__()\n        self.n = n\n"
        "    def __call__(self, x):\n        return self.__class__.__name__, np.__version__, x",
        "def scale(x, k):\n    return Cell(3)(x) and io.StringIO('') and tanh(x)",
    ]
    assert told(*usual) == ([], [])


@pytest.mark.parametrize("mark", ["\u2028", "\x0c", "\x1c", "\x85", "\v"])
@pytest.mark.parametrize("magic", ["", "%time\n"], ids=["plain", "magic"])
def test_no_line_passes_for_one_that_was_handed_out(mark, magic):
    """Python and str.splitlines count lines differently: what was compared with the handed-out
    code, shown to humans and searched for copies was another line than the one that ran."""
    handed = "import numpy as np\n"
    evil = f"{magic}# {mark}import numpy as np\nfrom rnncourse.cells import rnn_step as scale"
    assert told(evil, edition=(handed,))[1] == ["rnncourse.cells.rnn_step"]


@needs_sandbox
def test_a_helper_that_calls_back_does_not_hide_what_is_called():
    """unroll may be used, and calls what it is given."""
    edition = ("from rnncourse.cells import unroll, sigmoid",)
    about = Assignment(90, 1, str(BANK), edition=edition, limits=QUICK,
                       helpers=("rnncourse.cells.unroll",))  # fmt: skip
    cells = [
        "import numpy as np\nfrom rnncourse.cells import unroll",
        "import sys\nclass C:\n    hidden_size = 2\n    def step(self, x, state):\n"
        "        q = sys.modules['rnncourse.cells']\n        q.sigmoid(x)\n        return x, x\n"
        "    def initial_state(self, n):\n        return np.zeros((n, 2))\n"
        "def scale(x, k):\n"
        "    try:\n        unroll(C(), np.ones((2, 1, 2)))\n    except Exception: pass\n"
        "    return k * x",
    ]
    with Grader(about) as made:
        answer = made.grade(Submission("mal", "", "", tuple(cells)))["questions"]["scale"]
    assert any("cells.sigmoid" in flag for flag in answer["flags"]), answer["flags"]


@needs_sandbox
def test_the_modules_of_the_sandbox_cannot_be_imported(grader):
    body = "def scale(x, k):\n    import {}\n    return k * x"
    for name in ("main", "watch", "slices", "confine"):
        result = grader.grade(Submission("m", "", "", tuple(honest(scale=body.format(name)))))
        assert result["questions"]["scale"]["points"] == 0, name


# --- feedback that says what the student wants ----------------------------------------------------
SPOOF = "X\n  right on all 6 cases.\r3 of 3 points\u2028All is well"


@pytest.mark.parametrize("part", ["type", "text"])
def test_no_error_begins_a_line_of_its_own(part):
    parts = {"type": "ValueError", "message": "m", "line": 3, "text": "t", part: SPOOF}
    found = _emitted(b"E" + values.encode(parts))
    assert len(found.error[part].splitlines()) == 1


def test_no_name_of_a_type_begins_a_line_of_its_own():
    came = values.decode(values.encode(values.Opaque(SPOOF)))
    assert len(came.type_name.splitlines()) == 1


# --- pictures -------------------------------------------------------------------------------------
def png(width: int, height: int) -> str:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0))
    body = chunk(b"IDAT", zlib.compress(bytes(100), 9)) + chunk(b"IEND", b"")
    return base64.b64encode(b"\x89PNG\r\n\x1a\n" + head + body).decode()


@pytest.mark.parametrize("size", [(640, 480), (30_000, 30_000), (1, 2**31 - 1), (0, 5)])
def test_no_picture_fills_the_memory_of_the_readers_browser(size):
    cell = {"outputs": [{"data": {"image/png": png(*size)}}]}
    assert bool(inbox.plain_cell(cell)["image"]) == (size == (640, 480))


# --- the folder -----------------------------------------------------------------------------------
def test_one_archive_does_not_decide_which_chapter_it_is(tmp_path):
    """Forty notebooks in the first file by name had all the votes."""
    for name in ("ann", "bob", "cem"):
        (tmp_path / f"{name}.ipynb").write_text(notebook(["def rnn_step(): pass", "rnn_forward"]))
    with zipfile.ZipFile(tmp_path / "aaa.zip", "w") as archive:
        for number in range(60):
            archive.writestr(f"{number}.ipynb", notebook(["def lstm_step(): pass"]))
    assert run.guess_chapter(tmp_path) == 3


def test_the_chapter_is_found_in_the_beginning_of_a_large_file(tmp_path, monkeypatch):
    asked = []
    read = inbox.read_bytes
    monkeypatch.setattr(inbox, "read_bytes", lambda found, *most: asked.append(most) or read(
        found, *most))  # fmt: skip
    (tmp_path / "ann.ipynb").write_text(notebook(["def rnn_step(): pass"]))
    run.guess_chapter(tmp_path)
    assert [most[0] <= 4 << 20 for most in asked] == [True]


def test_only_a_few_earlier_attempts_are_looked_at(tmp_path, monkeypatch):
    tried = []
    monkeypatch.setattr(inbox, "read_bytes", lambda found: b"")

    def fails(data):
        tried.append(1)
        raise inbox.Unreadable("no")

    monkeypatch.setattr(inbox, "read_cells", fails)
    earlier = [Found("mal", f"mal_attempt_{n}.ipynb", attempt=n) for n in range(500)]
    inbox.with_earlier(Submission("mal", "", "", problem="No."), earlier)
    assert len(tried) <= 10


def test_marks_without_end_in_the_names_of_an_archive_cost_no_time(tmp_path):
    """To put combining marks in order takes the square of their number."""
    name = "a" + "\u0327\u0301" * 16_000
    with zipfile.ZipFile(tmp_path / "mal.zip", "w") as archive:
        for number in range(20):
            archive.writestr(f"{name}{number}.ipynb", notebook(honest()))
    started = time.process_time()
    assert list(inbox.find(tmp_path, "wanted"))
    assert time.process_time() - started < 2


# --- whose work it is -----------------------------------------------------------------------------
def moodle(who: str, number: str, submitted: float = 1.0) -> Found:
    path = f"in/{who}_{number}_assignsubmission_file_/work.ipynb"
    return Found(who, path, number, submitted=submitted)


def test_a_name_that_is_made_to_tell_two_apart_is_nobodys_to_take():
    class_ = Roster([])
    items = [moodle("Mei Chen", "1"), moodle("Mei Chen", "2"), moodle("Mei Chen (1)", "77", 9.0)]
    class_.tell_apart(items)
    assert len({class_.match(item) for item in items}) == 3


def test_two_numbers_under_ones_name_are_a_matter_for_humans():
    """Whoever calls himself like the victim's login or the other way round, and comes later."""
    person = Person("s-ann", "Ann Lee", {"student": "s-ann", "name": "Ann Lee"})
    class_ = Roster([person, Person("s-bob", "Bob Ray", {"student": "s-bob", "name": "Bob Ray"})])
    for taken in ("s-ann", "Lee Ann", "annlee"):
        mine, other = moodle("Ann Lee", "5"), moodle(taken, "77", 9.0)
        class_.tell_apart([mine, other])
        found = {"s-ann": [mine, other]}
        assert class_.match(other) == "s-ann"
        assert class_.strongest(found["s-ann"]) == [mine]
        assert any("whose work is it?" in text for text in class_.notices(found)["s-ann"])


@pytest.mark.parametrize("late", ["", "LATE_"])
@pytest.mark.parametrize("file", ["", "w.ipynb"])
def test_a_name_at_moodle_in_the_form_of_canvas_is_nobody_else(late, file):
    name = f"annlee_{late}101_9001_x_77_assignsubmission_file_{file}"
    assert inbox.parse_name(name)["id"] == "77"


@needs_sandbox
def test_same_named_files_of_two_people_without_a_number_are_both_flagged(tmp_path):
    class_ = "student,name\nm1,Mei Chen\nm2,Mei Chen\nbob,Bob Ray\n"
    (tmp_path / "class.csv").write_text(class_)
    inbox_ = tmp_path / "in"
    (inbox_ / "Mei Chen").mkdir(parents=True)
    (inbox_ / "Mei Chen" / "work.ipynb").write_text(notebook(honest()))
    (inbox_ / "Mei Chen.ipynb").write_text(notebook(honest(scale="scale = 1")))
    (inbox_ / "Bob Ray.ipynb").write_text(notebook(honest()))
    results = grade(inbox_, tmp_path / "out", roster=tmp_path / "class.csv")
    mine = [r for r in results.values() if r["student"].startswith("Mei Chen")]
    assert sorted(sum(a["points"] for a in r["questions"].values()) for r in mine) == [9, 11]
    assert all("m1 or m2" in " ".join(r["look"]) for r in mine)
    for name in ("m1", "m2"):
        assert any("is one theirs?" in text for text in results[name]["look"])


# --- the instructor's tables and pages ------------------------------------------------------------
@needs_sandbox
def test_no_cell_of_the_gradebook_is_longer_than_a_spreadsheet_takes(tmp_path):
    folder = tmp_path / "in" / "mal"
    folder.mkdir(parents=True)
    for number in range(300):
        (folder / f"{'x' * 190}{number:b}.zip").write_bytes(b"PK")
    (folder / "work.ipynb").write_text(notebook(honest()))
    options = Options(tmp_path / "in", tmp_path / "out", chapter=90, bank=str(BANK), limits=QUICK,
                      quiet=True)  # fmt: skip
    job = Run(options)
    job.grade()
    rows = report.rows_of(job, None, None)
    report.write_tables(job, rows, "t")
    text = (tmp_path / "out" / "gradebook.csv").read_text("utf-8-sig")
    assert max(map(len, re.split(r",(?=\S)", text))) < 32_000
    assert len("; ".join(concerns(rows[0]))) < 10_000


@needs_sandbox
def test_pseudonyms_keep_names_out_of_what_is_to_be_looked_at(tmp_path):
    folder = tmp_path / "in" / "Zoe Moss_101_assignsubmission_file_"
    folder.mkdir(parents=True)
    (tmp_path / "class.csv").write_text("student,name,id\ns-ann,Ann Lee,101\ns-zoe,Zoe Moss,102\n")
    (folder / "work.ipynb").write_text(notebook(honest()))
    (tmp_path / "in" / "annlee.zip").write_bytes(b"PK")
    job = Run(Options(tmp_path / "in", tmp_path / "out", chapter=90, bank=str(BANK), limits=QUICK,
                      quiet=True, roster=tmp_path / "class.csv"))  # fmt: skip
    job.grade()
    rows = report.rows_of(job, None, None)
    report.write_report(job, rows, "t", pseudonyms=True)
    for page in ("report.html", "by_hand.html"):
        text = (tmp_path / "out" / page).read_text().lower()
        for name in ("ann", "lee", "zoe", "moss", "mosszoe"):
            assert not re.search(rf"\b{name}\b|annlee|s-{name}", text), (page, name)
    report.write_report(job, rows, "t", pseudonyms=False)
    assert "whose work is it?" in (tmp_path / "out" / "report.html").read_text()


# --- what reading the code may cost ---------------------------------------------------------------
@needs_sandbox
def test_a_name_without_end_is_not_sent_back(grader):
    code = "import numpy as np\nnp._" + "\U00020000" * 1_850_000
    result = grader.grade(Submission("mal", "", "", (code, *honest())))
    assert not result["problem"]
    assert points(result) == FULL


def descendants(pid: int) -> list[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(one for child in children for one in descendants(int(child)))]


@needs_sandbox
def test_reading_the_code_takes_seconds_at_most(grader):
    """An identifier of 800,000 combining marks, which Python puts in order, took a minute."""
    with grader.sandbox.open(["x = 1"], {}):
        reader = descendants(grader.sandbox._process.pid)[-1]
        limits = Path(f"/proc/{reader}/limits").read_text()
    assert int(re.search(r"Max cpu time\s+(\d+)", limits)[1]) <= 10


@needs_sandbox
def test_code_that_takes_too_long_to_read_is_told_and_costs_no_one_else(grader):
    marks = "a" + "\u0327\u0301" * 400_000
    result = grader.grade(Submission("mal", "", "", (f"{marks} = 1", *honest())))
    assert "code could not be read" in result["problem"]
    assert points(grader.grade(Submission("ann", "", "", tuple(honest())))) == FULL
