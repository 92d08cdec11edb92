"""Honest students and busy instructors: nothing goes to the wrong person, nothing gets lost, and
what is doubtful is said."""

from __future__ import annotations

import csv
import functools
import io
import os

import pytest
from classroom import BANK, FULL, grade, honest, notebook, points, stored

from rnncourse.cli import main
from rnncourse.grading import inbox, marks, roster, run, sandbox, texts
from rnncourse.grading.inbox import Found
from rnncourse.grading.roster import Person, Roster

needs_sandbox = pytest.mark.skipif(bool(sandbox.obstacles()), reason="no sandbox on this machine")
COMMON = ["--chapter", "90", "--bank", str(BANK), "--quiet"]


def people(*rows: str, columns="student,name,id") -> Roster:
    keys = columns.split(",")
    made = [dict(zip(keys, row.split(","), strict=True)) for row in rows]
    return Roster([Person(row["student"], row["name"], row) for row in made])


def matched(class_: Roster, *items: Found):
    class_.tell_apart(list(items))
    found: dict[str, list[Found]] = {}
    for item in items:
        found.setdefault(class_.match(item), []).append(item)
    return found, class_.notices(found)


def moodle(who: str, number: str) -> Found:
    return Found(who, f"in/{who}_{number}_assignsubmission_file_/work.ipynb", number)


# --- whose work it is -----------------------------------------------------------------------------
@pytest.mark.parametrize("column", ["id", "student"])
def test_a_number_of_another_kind_gives_work_to_nobody_else(column):
    class_ = people("ann,Ann Lee,101", "zoe,Zoë Ünal,102")
    if column == "student":
        class_ = people("101,Ann Lee", "102,Zoë Ünal", columns="student,name")
    ann, zoe = (person.student for person in class_.people)
    found, said = matched(class_, moodle("Zoë Ünal", "101"), moodle("Nobody Known", "102"))
    assert set(found) == {zoe, "Nobody Known"}
    assert "that of Ann Lee: whose work is it?" in said[zoe][0]
    assert "the name is that of Zoë Ünal, who got it: whose work is it?" in said[ann][0]
    assert said["Nobody Known"][0].startswith("not on the roster")


def test_the_platforms_own_number_finds_who_has_another_name_there():
    class_ = people("ann,Ann Lee,101", "zoe,Zoë Ünal,102")
    found, said = matched(class_, Found("anniel", "in/anniel_101_9_w.ipynb", "101"))
    assert set(found) == {"ann"}
    assert said["ann"] == ["found by the number 101 alone; the file says 'anniel'"]
    named = people("ann,Ann Lee,Participant 4711", columns="student,name,identifier")
    assert set(matched(named, moodle("Annie L.", "4711"))[0]) == {"ann"}


def test_a_file_with_ones_name_and_anothers_number_takes_nobodys_place():
    class_ = people("ann,Ann Lee,101", "bob,Bob Ray,102")
    mine = Found("annlee", "in/annlee_101_9_w.ipynb", "101", submitted=1.0)
    late = Found("annlee", "in/annlee_101_9_w-1.ipynb", "101", attempt=1, submitted=2.0)
    other = Found("Ann Lee", "in/Ann Lee_102_8_w.ipynb", "102", attempt=7, submitted=9.0)
    found, said = matched(class_, mine, late, other)
    assert class_.strongest(found["ann"]) == [mine, late]
    assert any("102_8_w.ipynb was left aside: another file" in text for text in said["ann"])
    assert class_.strongest([other]) == [other]


def test_a_student_whose_name_has_no_letters_is_found_again():
    class_ = people("\\,Ann Lee,1", "a\tb,Bob,2")
    assert [class_.match(Found(p.student, "in")) for p in class_.people] == ["\\", "a\tb"]


def test_numbers_are_believed_where_the_roster_has_no_names():
    class_ = people("101,", "102,", columns="student,name")
    assert set(matched(class_, Found("leeann", "in/leeann_101_9_w.ipynb", "101"))[0]) == {"101"}


@pytest.mark.parametrize("name", ["Mai Chen", "chenmei2", "Mei-Chenn", "Chen, Mai"])
def test_a_name_that_is_nearly_on_the_roster_is_asked_about(name):
    class_ = people("s1,Mei Chen,1", "s2,Ann Lee,2")
    found, said = matched(class_, Found(name, f"in/{name}.ipynb"))
    assert set(found) == {name}
    assert said[name] == ["not on the roster: did you mean Mei Chen?"]
    assert said["s1"] == [f"is the work of {name!r} theirs, who is not on the roster?"]
    assert "s2" not in said


def test_a_stranger_is_flagged_and_taken_for_nobody():
    _, said = matched(people("s1,Mei Chen,1"), Found("Olga Brandt", "in/Olga Brandt.ipynb"))
    assert said == {"Olga Brandt": ["not on the roster"]}
    assert matched(people(), Found("Olga Brandt", "in/x.ipynb"))[1] == {}


def test_two_of_one_name_get_advice():
    class_ = people("s1,Li Wang,", "s2,Li Wang,")
    _, said = matched(class_, Found("Li Wang", "in/Li Wang.ipynb"))
    assert "name the file or folder s1 or s2" in said["Li Wang"][0]
    two = [Found("wangli", f"in/wangli_{n}_9_w.ipynb", n) for n in ("7", "8")]
    _, said = matched(people(), *two)
    assert "give a roster with their numbers" in said["wangli (7)"][0]


def test_names_that_no_system_can_decode_stay_apart(tmp_path):
    names = [b"M\xfcller", b"M\xf6ller", b"M\xff\xfeller", "Müller".encode(), b"M\\xfcller"]
    for name in names:
        with open(os.fsencode(tmp_path) + b"/" + name + b".ipynb", "w") as file:
            file.write(notebook(["x = 1"]))
    items = list(inbox.find(tmp_path))
    assert len(matched(people(), *items)[0]) == len(names)
    mine = [item for item in items if item.who.encode("utf-8", "surrogateescape") in names[:2]]
    found, _ = matched(people("s1,Anna Müller,", "s2,Müller,", "s3,Möller,"), *mine)
    assert set(found) == {"s2", "s3"}  # as Windows writes them
    assert texts.shown("a\nb\u202e") == "a\\nb\\u202e"


# --- files that are no notebooks ------------------------------------------------------------------
@pytest.mark.parametrize(
    ("name", "who", "said"),
    [
        ("gito.ipynb.txt", "gito", "Inside is a notebook: rename it gito.ipynb"),
        ("hkhan.py", "hkhan", "Ask for the notebook itself"),
        ("qfred.json", "qfred", "Inside is a notebook: rename it qfred.ipynb"),
        (".sam.ipynb.txt", ".sam", "Inside is a notebook: rename it .sam.ipynb"),
        (".rosa/work.ipynb", "rosa", "rename the folder"),
        ("tim/.private/work.ipynb", "tim", "only a hidden folder, .private: look into it"),
        ("uma/work.ipynb.txt", "uma", "work.ipynb.txt: It is a .txt file"),
        ("leeann_101_9001_work.html", "leeann", "Ask for the notebook (.ipynb)"),
    ],
)
def test_what_came_under_another_name_is_somebodys_and_says_what_to_do(tmp_path, name, who, said):
    path = tmp_path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(notebook(["x = 1"]))
    (tmp_path / "roster.json").write_text('{"a": 1}')
    (tmp_path / "notes.txt").write_text('about "cells"')
    (tmp_path / ".ipynb_checkpoints").mkdir()
    (tmp_path / ".ipynb_checkpoints" / "me.ipynb").write_text(notebook(["x = 1"]))
    (found,) = inbox.find(tmp_path)
    assert found.who == who
    assert said in found.problem


@needs_sandbox
def test_a_damaged_later_attempt_names_the_whole_one_before_it(tmp_path):
    (tmp_path / "in").mkdir()
    whole = notebook(honest())
    (tmp_path / "in" / "ann_attempt_1.ipynb").write_text(whole)
    (tmp_path / "in" / "ann_attempt_2.ipynb").write_text(whole[: len(whole) // 2])
    (tmp_path / "in" / "bob.ipynb").write_text(whole)
    (tmp_path / "in" / "bob.py").write_text("x = 1")
    results = grade(tmp_path / "in", tmp_path / "out")
    assert (
        "not valid JSON. An earlier attempt can be read: ann_attempt_1.ipynb (attempt 1)"
        in (results["ann"]["problem"])
    )
    assert points(results["bob"]) == FULL
    assert "bob.py was left aside: It is a .py file" in results["bob"]["look"][0]


# --- marking and grading again --------------------------------------------------------------------
def gradebook(out) -> dict[str, dict]:
    with open(out / "gradebook.csv", encoding="utf-8-sig", newline="") as file:
        return {row["ID"]: row for row in csv.DictReader(file)}


@needs_sandbox
def test_a_file_renamed_after_marking_leaves_nothing_stale(tmp_path, capsys):
    folder, out = tmp_path / "in", tmp_path / "out"
    folder.mkdir()
    for name in ("ann", "bob"):
        (folder / f"{name}.ipynb").write_text(notebook(honest(), "Because."))
    (tmp_path / "marks.csv").write_text(
        "student,item,points,comment\nann,explain,3,Good @axes\nbob,explain,2,\n"
    )
    command = ["grade", str(folder), "--out", str(out), "--marks", str(tmp_path / "marks.csv")]
    assert main([*command, *COMMON]) == 0
    assert "Comments with @axes stay as they are: give --comments." in capsys.readouterr().out
    (folder / "bob.ipynb").rename(folder / "robert.ipynb")
    assert main([*command, *COMMON]) == 1
    said = capsys.readouterr().err
    assert "marks.csv, row 3: 'bob' was here in an earlier run and is no more" in said
    rows = gradebook(out)
    assert sorted(rows) == ["ann", "robert"]
    assert rows["ann"]["explain"] == "3"
    assert rows["robert"]["Status"] == "to be graded by hand"
    pages = {path.name for path in (out / "feedback").iterdir()}
    assert pages == {f"{texts.file_name(name)}.html" for name in ("ann", "robert")}
    assert ">bob<" not in (out / "report.html").read_text()


@needs_sandbox
def test_an_extension_of_somebody_gone_is_said_and_the_others_count(tmp_path, capsys):
    folder, out = tmp_path / "in", tmp_path / "out"
    folder.mkdir()
    for name in ("ann", "bob"):
        (folder / f"{name}.ipynb").write_text(notebook(honest()))
        os.utime(folder / f"{name}.ipynb", (1_700_000_000, 1_700_000_000))
    (tmp_path / "ext.csv").write_text("student,due\nbob,2023-12-01\nann,2023-12-01\n")
    command = ["grade", str(folder), "--out", str(out), "--extensions", str(tmp_path / "ext.csv"),
               "--due", "2023-11-01", "--late-per-day", "0.01", *COMMON]  # fmt: skip
    assert main(command) == 0
    (folder / "bob.ipynb").unlink()
    (folder / "cem.ipynb").write_text(notebook(honest()))
    assert main(command) == 1
    said = capsys.readouterr().err
    assert "not used: ext.csv, row 2: 'bob' was here in an earlier run and is no more" in said
    rows = gradebook(out)
    assert (rows["ann"]["Days late"], rows["ann"]["Points"]) == ("0", str(FULL))
    assert int(rows["cem"]["Days late"]) > 300


def test_the_progress_line_counts_what_is_done(tmp_path, monkeypatch):
    said = io.StringIO()
    shown = functools.partial(run.tqdm, file=said)

    def at_once(results, **options):
        return shown(results, **{**options, "mininterval": 0, "ascii": True})

    monkeypatch.setattr(run, "tqdm", at_once)
    (tmp_path / "in").mkdir()
    job = run.Run(run.Options(tmp_path / "in", tmp_path / "out", chapter=90, bank=str(BANK)))
    done = iter(job._progress(iter("abc"), 3))
    assert (next(done), next(done)) == ("a", "b")
    assert "1/3" in said.getvalue()
    assert "2/3" not in said.getvalue()  # it is still in hand


@needs_sandbox
def test_what_changed_is_said_once_a_student_and_options_can_be_taken_back(tmp_path, capsys):
    folder, out = tmp_path / "in", tmp_path / "out"
    folder.mkdir()
    (folder / "ann.ipynb").write_text(notebook(honest()))
    (tmp_path / "class.csv").write_text("student,name,Tutor,section\ns1,Ann,Kim,2\n")
    command = ["grade", str(folder), "--out", str(out), *COMMON]
    assert main([*command, "--pseudonyms", "--roster", str(tmp_path / "class.csv")]) == 0
    assert "Columns of the roster that nothing reads: tutor." in capsys.readouterr().out
    wrong = {"scale": "def scale(x, k):\n    return x", "gate_letter": 'gate_letter = "A"'}
    (folder / "ann.ipynb").write_text(notebook(honest(**wrong)))
    assert main(command) == 0
    said = capsys.readouterr().out
    assert "As before: --roster" in said
    assert "--pseudonyms" in said
    assert said.count("another file was submitted") == 1
    assert "changed: s1 (another file was submitted): scale: 2 → 0 points; gate_letter" in said
    assert ">Ann<" not in (out / "report.html").read_text()
    assert main([*command, "--no-pseudonyms"]) == 0
    assert "As before: --roster" in capsys.readouterr().out
    assert ">Ann<" in (out / "report.html").read_text()


def test_of_two_marks_for_one_thing_neither_counts(tmp_path):
    path = tmp_path / "marks.csv"
    path.write_text("student,item,points\nann,words,2\nann,words,3\nbob,words,1\nbob,wrods,1\n")
    read = marks.read_marks(path, {}, roster.Names(["ann", "bob"]), {"words": 4})
    assert read.of("ann") == {}
    assert read.of("bob") == {"words": (1.0, "")}
    assert [text[:18] for text in read.refused] == ["marks.csv, row 3: ", "marks.csv, row 5: "]


@needs_sandbox
def test_whose_work_is_doubtful_stands_in_both_rows_of_the_gradebook(tmp_path):
    name = "Zoë Ünal_101_assignsubmission_file_"
    (tmp_path / "in" / name).mkdir(parents=True)
    (tmp_path / "in" / name / "work.ipynb").write_text(notebook(honest()))
    (tmp_path / "class.csv").write_text("student,name\n101,Ann Lee\n102,Zoë Ünal\n")
    grade(tmp_path / "in", tmp_path / "out", roster=tmp_path / "class.csv")
    results = stored(tmp_path / "out")
    assert points(results["102"]) == FULL
    assert points(results["101"]) == 0
    assert all("whose work is it?" in results[s]["look"][0] for s in ("101", "102"))
