"""The real nbgrader, with this judge: assign, autograde, feedback, export."""

from __future__ import annotations

import csv
import json
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ET

import pytest
from classroom import BANK, HONEST

from rnncourse import bank
from rnncourse.cli import main
from rnncourse.grading import sandbox

pytest.importorskip("nbgrader")
pytestmark = pytest.mark.skipif(bool(sandbox.obstacles()), reason="no sandbox on this machine")

QUESTIONS = ("scale", "rnn_cell", "rnn_last", "running_mean")


def solved_notebook() -> str:
    """A solved notebook for the tests' bank, as contributors write them."""
    made = [("code", HONEST["imports"], [])]
    for name in QUESTIONS:
        head, body = HONEST[name].split("\n", 1)
        region = f"{head}\n    ### BEGIN SOLUTION\n{body}\n    ### END SOLUTION"
        made += [("code", region, []), ("code", f'check("{name}", {name})', [])]
    made += [("code", HONEST["gate_letter"], []),
             ("code", 'check("gate_letter", gate_letter)', []),
             ("markdown", "Why do gradients vanish?", []),
             ("markdown", "The product of Jacobians shrinks.", ["manual:explain"])]  # fmt: skip
    cells = [
        {"cell_type": kind, "id": f"c{n}", "source": source, "metadata": {"tags": tags},
         **({"outputs": [], "execution_count": None} if kind == "code" else {})}
        for n, (kind, source, tags) in enumerate(made)
    ]  # fmt: skip
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A course folder in which nbgrader has done its whole work."""
    base = tmp_path_factory.mktemp("nbgrader")
    private = base / "bank"
    (private / "solutions").mkdir(parents=True)
    (private / "ch90_grading.py").write_text((BANK / "ch90_grading.py").read_text())
    (private / "solutions" / "90_grading.ipynb").write_text(solved_notebook())
    known = dict(bank._private)
    try:
        assert main(["assign", "90", "--bank", str(private), "--out", str(base), "--nbgrader"]) == 0
    finally:
        bank._private.clear()
        bank._private.update(known)
    nbgrader(base, "generate_assignment", "ch90")
    released = base / "release" / "ch90" / "90_grading.ipynb"
    submit(base, "idle", released.read_text())
    notebook = json.loads(released.read_text())
    for cell in notebook["cells"]:
        source = "".join(cell["source"])
        for name in (*QUESTIONS, "gate_letter"):
            if source.startswith((f"def {name}(", f"{name} =")):
                cell["source"] = HONEST[name]
        if "Your answer here" in source:
            cell["source"] = "It is the product of Jacobians."
    submit(base, "good", json.dumps(notebook))
    for cell in notebook["cells"]:
        cell["metadata"] = {}  # as Colab leaves it
        if "".join(cell["source"]).startswith("def rnn_cell"):
            cell["source"] = HONEST["rnn_cell"].replace(" + b_h", "")
    submit(base, "colab", json.dumps(notebook))
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            cell["source"] = "import nbgrader.utils\nscale = 1\nassert True\nprint('100 points')"
            cell["outputs"] = [{"output_type": "execute_result", "data": {"text/plain": "100"},
                                "metadata": {}, "execution_count": 1}]  # fmt: skip
            cell["metadata"] = {"nbgrader": {"grade": True, "grade_id": "check_scale", "points": 99,
                                "locked": False, "solution": True, "schema_version": 3,
                                "task": False}}  # fmt: skip
    submit(base, "hostile", json.dumps(notebook))
    nbgrader(base, "autograde", "ch90")
    nbgrader(base, "generate_feedback", "ch90")
    nbgrader(base, "export")
    return base


def nbgrader(base, *arguments) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "nbgrader", *arguments], cwd=base, capture_output=True, text=True,
        env={**os.environ, "OMP_NUM_THREADS": "1",
             "PATH": os.path.dirname(sys.executable) + os.pathsep + os.environ["PATH"]},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stderr


def submit(base, student: str, text: str) -> None:
    folder = base / "submitted" / student / "ch90"
    folder.mkdir(parents=True)
    (folder / "90_grading.ipynb").write_text(text)


def test_exported_grades_are_the_judges(course):
    with open(course / "grades.csv", newline="") as file:
        scores = {row["student_id"]: float(row["score"]) for row in csv.DictReader(file)}
    assert scores == {"good": 11.0, "colab": 8.0, "idle": 0.0, "hostile": 0.0}


def test_written_answers_wait_for_a_human(course):
    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{course}/gradebook.db") as book:
        waiting = {
            student: book.find_submission("ch90", student).needs_manual_grade
            for student in ("good", "colab", "idle")
        }
    assert waiting == {"good": True, "colab": True, "idle": False}


def test_feedback_carries_the_hint(course):
    page = (course / "feedback" / "colab" / "ch90" / "90_grading.html").read_text()
    assert "Look at no bias." in page
    assert "right on 0 of 6 cases" in page


def test_the_autograded_notebook_is_ours_but_for_the_answers(course):
    text = (course / "autograded" / "hostile" / "ch90" / "90_grading.ipynb").read_text()
    assert "100 points" not in text.replace("print('100 points')", "")
    cells = json.loads(text)["cells"]
    checks = [c for c in cells if "".join(c["source"]).startswith("check(")]
    assert len(checks) == 5
    assert all(c["metadata"]["nbgrader"]["points"] < 9 for c in checks)


def test_a_second_assignment_joins_the_course(tmp_path, capsys):
    for chapter in ("0", "1"):
        assert main(["assign", chapter, "--out", str(tmp_path), "--nbgrader"]) == 0
    first, second = [(tmp_path / f"nbgrader_config.py{end}").read_text() for end in (".old", "")]
    assert "assignments={'ch00': 0, 'ch01': 1}" in second
    assert first.split("seed=")[1] == second.split("seed=")[1]
    (tmp_path / "nbgrader_config.py").write_text(second.replace("private=''", "private='/other'"))
    assert main(["assign", "2", "--out", str(tmp_path), "--nbgrader"]) == 1
    assert "/other's bank: give another --out" in capsys.readouterr().err


def test_pictures_of_answers_that_people_grade_are_kept():
    from nbformat.v4 import new_code_cell, new_notebook, new_output

    from rnncourse.grading.nbgrader_adapter import TakeAnswers

    def plot(source, *pictures):
        outputs = [new_output("display_data", data={"image/png": p}) for p in pictures]
        meta = {"tags": ["manual:explain"], "nbgrader": {"grade_id": "explain", "solution": True}}
        return new_notebook(cells=[new_code_cell(source, outputs=outputs, metadata=meta)])

    class Take(TakeAnswers):
        def released(self, resources):
            return plot("# draw")

    made, _ = Take().preprocess(plot("plot()", DOT), {})
    assert made.cells[0].outputs[0].data == {"image/png": DOT}
    made, _ = Take().preprocess(plot("plot()", "<script>"), {})
    assert (made.cells[0].source, made.cells[0].outputs) == ("plot()", [])


DOT = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNiAAAABgADNjd8qAAAAABJRU5ErkJggg=="
LIVE = [
    "<script>alert(1)</script>", "<SCRIPT SRC=x></SCRIPT>", "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>", "[x](javascript:alert(1))", "[x](JaVaScRiPt :alert(1))",
    "<javascript:alert(1)>", "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "[x][1]\n\n[1]: javascript:a()",
    "$<script>alert(1)</script>$", "```\n</code><script>alert(1)</script>\n```",
    "<!-- --><script>alert(1)</script>", "<scr<script>ipt>alert(1)</script>",
    "[x](java&#115;cript:alert(1))", "[x](&#x6A;avascript&colon;alert(1))",
    "[x](java&amp;#115;cript:alert(1))", "[x](java&amp#115;cript:alert(1))",
    "[x](d&#97;ta:text/html;base64,AA)", "[x]: java&#x73;cript:a\n\n[x]",
    "| a |\n| - |\n| <iframe src=x> |", "\\(\\href{javascript:alert(1)}{x}\\)",
]  # fmt: skip


def taken(source: str, kind: str = "markdown"):
    """The handed-out notebook with what TakeAnswers takes from a student's."""
    from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

    from rnncourse.grading.nbgrader_adapter import TakeAnswers

    def book(text, meta):
        make = new_code_cell if kind == "code" else new_markdown_cell
        return new_notebook(cells=[make(text, metadata=meta)])

    handed = "def rnn_step(x, k):\n    pass" if kind == "code" else "*Your answer here.*"
    meta = {"tags": [] if kind == "code" else ["manual:explain"],
            "nbgrader": {"grade_id": "explain", "solution": True}}  # fmt: skip

    class Take(TakeAnswers):
        def released(self, resources):
            return book(handed, meta)

    return Take().preprocess(book(source, {} if kind == "code" else meta), {})[0]


@pytest.mark.parametrize("source", LIVE)
def test_nothing_that_a_student_wrote_is_live_in_nbgraders_pages(source):
    from nbconvert import HTMLExporter

    page = HTMLExporter(template_name="basic").from_notebook_node(taken(source))[0]
    made = ET.fromstring(f"<x>{re.sub('<(br|hr|img)[^>]*>', '', page)}</x>")
    for element in made.iter():
        assert element.tag not in ("script", "iframe", "svg", "img"), page
        for key, value in element.attrib.items():
            assert not key.startswith("on"), page
            assert not re.match(r"\s*(javascript|data)\s*:", value, re.IGNORECASE), page
    assert "<script" not in page.lower()
    assert "href{javascript:" not in page


@pytest.mark.parametrize("source", ["![x](https://evil.example/a.png)", "![x][1]\n\n[1]: //a/b"])
def test_no_page_calls_elsewhere_when_it_is_read(source):
    from nbconvert import HTMLExporter

    assert "<img" not in HTMLExporter(template_name="basic").from_notebook_node(taken(source))[0]


def test_mathematics_and_code_of_an_honest_answer_stay_as_they_are():
    honest = "Where $|a| < 1$ and `a < b`, **it** vanishes; see [it](https://example.org).\n\n> so"
    assert taken(honest).cells[0].source == honest


@pytest.mark.parametrize("bomb", ["(" * 90_000, "-" * 300_000 + "1", "[" * 100 + "0" * 900_000])
def test_no_code_of_a_student_is_parsed_in_nbgraders_process(bomb, monkeypatch):
    """A parser can end its process; nbgrader has one for the class."""
    import ast

    true = ast.parse

    def parse(source, *args, **kwargs):
        assert bomb not in str(source)
        return true(source, *args, **kwargs)

    monkeypatch.setattr(ast, "parse", parse)
    source = f"x = {bomb}\ndef rnn_step(x, k):\n    return {bomb}"
    assert taken(source, "code").cells[0].source == source


@pytest.mark.parametrize(
    ("line", "defines"),
    [("def scale(x, k):", True), ("def scale (x, k):", True), ("def scale_it(x):", False),
     ("scale = 3", True), ("scale: int = 3", True), ("scale == 3", False), ("scales = 3", False),
     ("  def scale(x):", False), ("x = scale", False), ("scale" + " " * 300_000, False)],
)  # fmt: skip
def test_answers_without_metadata_are_found_by_what_they_define(line, defines):
    from rnncourse.grading.nbgrader_adapter import _defines

    assert _defines(f"# a comment\n{line}\n    pass", ["scale"]) == defines


def test_characters_that_turn_the_order_are_shown_in_nbgraders_pages():
    assert taken("\u202e001 fo 001\u202c").cells[0].source == "⟨U+202E⟩001 fo 001⟨U+202C⟩"
    source = "def rnn_step(x, k):\n    return '\u202e'"
    assert "⟨U+202E⟩" in taken(source, "code").cells[0].source


def test_the_seed_is_kept_for_appeals(course):
    assert "seed=" in (course / "nbgrader_config.py").read_text()
