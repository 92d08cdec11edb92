"""Grading a class again and again: nothing that was known is lost, nobody is mixed up."""

from __future__ import annotations

import csv
import shutil

import pytest
from classroom import BANK, FULL, grade, honest, notebook, points, stored

from rnncourse.cli import main
from rnncourse.grading import imports, sandbox
from rnncourse.grading.assignment import Assignment, bank_version
from rnncourse.grading.run import Options, Run

pytestmark = pytest.mark.skipif(bool(sandbox.obstacles()), reason="no sandbox on this machine")
COMMON = ["--chapter", "90", "--bank", str(BANK), "--quiet"]


def gradebook(out) -> dict[str, dict]:
    with open(out / "gradebook.csv", encoding="utf-8-sig", newline="") as file:
        return {row["ID"]: row for row in csv.DictReader(file)}


@pytest.fixture
def inbox(tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    for name in ("leeann_101_9001_work", "wuzoe_102_9002_work"):
        (folder / f"{name}.ipynb").write_text(notebook(honest(), "Because."))
    (tmp_path / "class.csv").write_text("student,name,id\ns-ann,Ann Lee,101\ns-zoe,Zoe Wu,102\n")
    (tmp_path / "marks.csv").write_text("student,item,points,comment\ns-ann,explain,3,\n")
    return folder


def test_roster_marks_and_due_date_are_remembered(inbox, capsys):
    base = inbox.parent
    command = ["grade", str(inbox), "--out", str(base / "out"), *COMMON]
    given = ["--roster", base / "class.csv", "--marks", base / "marks.csv", "--late-per-day", ".5",
             "--due", "2020-01-01T00:00", "--pseudonyms"]  # fmt: skip
    assert main([*command, *map(str, given)]) == 0
    first = gradebook(base / "out")
    assert sorted(first) == ["s-ann", "s-zoe"]
    assert first["s-ann"]["explain"] == "3"
    capsys.readouterr()
    assert main([*command, "--student", "Ann Lee"]) == 0
    assert "As before: --roster" in capsys.readouterr().out
    assert gradebook(base / "out") == first
    assert "Ann Lee" not in (base / "out" / "report.html").read_text()
    assert main([*command, "--forget"]) == 0
    assert "Left out: results of 2" in capsys.readouterr().out
    assert sorted(gradebook(base / "out")) == ["leeann", "wuzoe"]
    assert main(command) == 0
    assert "As before" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--student", "nobody"], "nobody here is called 'nobody'"),
        (["--question", "scael"], "no question 'scael'. There are: scale"),
        (["--late-per-day", "10"], "such as 0.1"),
        (["--due", "1 May"], "'1 May' is no date"),
        (["--roster", "gone.csv"], "gone.csv cannot be read"),
        (["--marks", "gone.csv"], "gone.csv cannot be read"),
    ],
)
def test_what_cannot_be_meant_is_refused(inbox, capsys, options, said):
    command = ["grade", str(inbox), "--out", str(inbox.parent / "out"), *COMMON]
    assert main([*command, *options]) == 1
    assert said in capsys.readouterr().err


def test_a_folder_of_results_keeps_to_its_chapter(inbox, capsys):
    out = inbox.parent / "out"
    grade(inbox, out)
    with pytest.raises(ValueError, match="holds results of chapter 90"):
        Run(Options(inbox, out, chapter=91, bank=str(BANK)))
    assert main(["grade", str(inbox), "--out", str(inbox), *COMMON]) == 1
    assert "a folder of their own" in capsys.readouterr().err
    assert len(grade(inbox, inbox.parent / "deeper" / "..")) == 2  # above the submissions
    assert len(grade(inbox, inbox / "graded")) == 2
    assert len(grade(inbox, inbox / "graded")) == 2


def test_one_question_is_not_taken_for_all(inbox):
    out = inbox.parent / "out"
    first = grade(inbox, out, questions=("scale",))
    assert {points(result) for result in first.values()} == {2}
    assert {points(result) for result in grade(inbox, out).values()} == {FULL}


def test_two_people_of_one_name_are_two(inbox):
    for number in (7, 8):
        name = f"wangli_20{number}_900{number}_work.ipynb"
        (inbox / name).write_text(notebook(honest()[: number - 6]))
    assert sorted(grade(inbox, inbox.parent / "out")) == [
        "leeann", "wangli (207)", "wangli (208)", "wuzoe",
    ]  # fmt: skip
    roster = inbox.parent / "twins.csv"
    roster.write_text("student,name,id\na,Li Wang,207\nb,Li Wang,208\nc,Li Wang,209\n")
    grade(inbox, inbox.parent / "with", roster=roster)
    assert {"a", "b", "c"} <= stored(inbox.parent / "with").keys()


def test_a_time_that_a_student_wrote_is_not_believed(tmp_path):
    from rnncourse.grading import inbox, texts

    for name in ("Ann Lee_12_assignsubmission_file_", "ann/ch90"):
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / "work.ipynb").write_text(notebook(["x = 1"]))
        (tmp_path / name / "timestamp.txt").write_text("2000-01-01 00:00:00 UTC")
    times = {found.who: found.submitted for found in inbox.find(tmp_path)}
    assert min(times.values()) > texts.parse_time("2020-01-01")


# --- what decides a grade -----------------------------------------------------------------------
EDITION = ("from rnncourse.batching import pad", "def helper(x):\n    return x")


@pytest.mark.parametrize(
    ("chapter", "file", "decides"),
    [
        (3, "cells/rnn.py", True),  # the references of chapter 3 call it
        (3, "exercises/judge.py", True),
        (3, "exercises/compare.py", True),
        (3, "values.py", True),
        (3, "bank/ch03_rnn_forward.py", True),
        (3, "bank/ch07_gru.py", False),
        (3, "figures/palette.py", False),
        (3, "batching.py", True),  # an answer may import what the handed-out notebook imports
        (3, "layers.py", False),
        (1, "cells/rnn.py", True),  # no reference of chapter 1 calls it, but any answer may
    ],
)
def test_grades_are_made_anew_where_something_changed_that_decides_them(
    tmp_path, monkeypatch, chapter, file, decides
):
    package = tmp_path / "rnncourse"
    shutil.copytree(imports.PACKAGE, package, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(imports, "PACKAGE", package)
    assignment = Assignment(chapter, 0, edition=EDITION)
    before = bank_version(assignment)
    with open(package / file, "a", encoding="utf-8") as changed:
        changed.write("\n# mended\n")
    assert (bank_version(assignment) != before) == decides


def test_the_notebook_that_was_handed_out_decides_grades():
    """What a student deleted is taken from it."""
    versions = {bank_version(Assignment(3, 0, edition=EDITION[:n])) for n in (1, 2)}
    assert len(versions) == 2
