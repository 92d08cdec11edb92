"""A class from folder to gradebook, as an instructor meets it."""

from __future__ import annotations

import contextlib
import csv
import html
import json
import os
import re
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest
from classroom import BANK, FULL, grade, honest, notebook, points, stored

from rnncourse.cli import main
from rnncourse.grading import inbox, marks, preflight, report, roster, sandbox, tables, texts
from rnncourse.grading.inbox import Found, Unreadable, parse_name
from rnncourse.grading.report import similar
from rnncourse.grading.results import read_json
from rnncourse.grading.roster import Person, Roster

needs_sandbox = pytest.mark.skipif(bool(sandbox.obstacles()), reason="no sandbox on this machine")
SLOW = "import time\ndef scale(x, k):\n    time.sleep(0.02)\n    return k * x"
NO_BIAS = "def rnn_cell(x, h, U, W, b):\n    return np.tanh(x @ U.T + h @ W.T)"
COMMON = ["--chapter", "90", "--bank", str(BANK), "--quiet"]


def table(path) -> list[dict]:
    with open(path, encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


# --- names and files --------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("name", "who", "number", "late", "attempt"),
    [
        ("leeann_12345_678901_02_hidden_state.ipynb", "leeann", "12345", False, 0),
        ("leeann_LATE_12345_678901_02_hidden_state-2.ipynb", "leeann", "12345", True, 2),
        ("Zoë Ünal_4711_assignsubmission_file_", "Zoë Ünal", "4711", False, 0),
        ("O'Brien, Pat_4711_assignsubmission_file_work.ipynb", "O'Brien, Pat", "4711", False, 0),
        ("Ann Lee.ipynb", "Ann Lee", "", False, 0),
        ("ann_attempt_3.ipynb", "ann", "", False, 3),
        ("02_hidden_state.ipynb", "02_hidden_state", "", False, 0),
        ("../../etc/passwd", "../../etc/passwd", "", False, 0),
    ],
)
def test_names_of_platforms(name, who, number, late, attempt):
    assert parse_name(name) == {"who": who, "id": number, "late": late, "attempt": attempt}


def test_the_roster_knows_people_by_any_of_their_names():
    people = [
        Person(
            "s1", "Ann Lee", {"student": "s1", "name": "Ann Lee", "id": "12345", "section": "1"}
        ),
        Person("s2", "Zoë Ünal", {"email": "zoe@example.org", "name": "Zoë Ünal"}),
    ]
    roster = Roster(people)
    for who, number in (("leeann", ""), ("nobody", "12345"), ("ANN LEE", ""), ("Lee Ann", "")):
        assert roster.match(Found(who, "", number)) == "s1"
    assert roster.match(Found("zoe-unal", "")) == "s2"
    assert roster.match(Found("zoe@example.org", "")) == "s2"
    assert roster.match(Found("stranger", "", "99")) == "stranger"


def test_file_names_are_safe_and_differ():
    hostile = ["../../x", "a/b", "a\\b", "", ".", "é" * 300, "con\n", "\udce9", "A", "a", "a-b"]
    made = [texts.file_name(name) for name in hostile]
    assert len(set(made)) == len(hostile)
    assert all(set(n) <= set("-0123456789" + "abcdefghijklmnopqrstuvwxyz" * 1
                             + "ABCDEFGHIJKLMNOPQRSTUVWXYZ") for n in made)  # fmt: skip


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "empty"),
        (b"   \n", "empty"),
        (b"print(1)", "not valid JSON"),
        (b"\xff\xfe\x00", "not UTF-8"),
        (b"[1, 2]", "not a notebook"),
        (b'{"nbformat": 4}', "no cells"),
        (b'{"cells": [], "nbformat": 4}', "no cells"),
        (b'{"cells": 7, "nbformat": "x"}', "no cells"),
        (b"[" * 200_000, "not valid JSON"),
        (json.dumps({"cells": [{"cell_type": "code", "source": "x" * 3_000_000}]}).encode(),
         "more than"),
    ],
)  # fmt: skip
def test_what_is_no_notebook_is_said_in_a_sentence(data, said):
    with pytest.raises(Unreadable, match=said):
        inbox.read_cells(data)


def test_old_and_damaged_notebooks_are_read_as_far_as_they_go():
    old = {"nbformat": 3, "worksheets": [{"cells": [{"cell_type": "code", "input": ["x = 1"]}]}]}
    assert inbox.read_cells(json.dumps(old).encode())[0]["source"] == "x = 1"
    odd = {"cells": [None, 3, {"cell_type": "code", "source": ["a", 4, "b"], "metadata": [],
                               "outputs": "x"}, {"source": {"a": 1}}]}  # fmt: skip
    assert [c["source"] for c in inbox.read_cells(json.dumps(odd).encode())] == ["ab", ""]


def test_a_notebook_of_300_megabytes_is_not_even_read(tmp_path):
    path = tmp_path / "huge.ipynb"
    with path.open("wb") as file:
        file.truncate(300 << 20)
    started = time.perf_counter()
    found = inbox.load(Found("huge", str(path)), "huge", [], [])
    assert "315 MB" in found.problem
    assert time.perf_counter() - started < 1


def test_written_answers_are_found_without_metadata():
    edition = [
        {"kind": "text", "source": "## Explain\nWhy?", "tags": [], "grade_id": "", "image": ""},
        {"kind": "text", "source": "*Your answer here.*", "tags": ["manual:explain"],
         "grade_id": "", "image": ""},
    ]  # fmt: skip
    mine = [dict(edition[0]), {**edition[1], "tags": [], "source": "Because."}]
    assert inbox.hand_written(mine, ["explain"], edition) == [("explain", "Because.", "", "text")]
    untouched = [dict(edition[0]), {**edition[1], "tags": []}]
    assert inbox.hand_written(untouched, ["explain"], edition) == []


# --- a class, graded by the command -------------------------------------------------------------
@pytest.fixture(scope="module")
def school(tmp_path_factory):
    """A folder as platforms and people leave them, graded once with the command."""
    base = tmp_path_factory.mktemp("class")
    inbox = base / "in"
    inbox.mkdir()

    def put(name, cells, text=""):
        path = inbox / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(notebook(cells, text))
        return path

    put("leeann_101_9001_work.ipynb", honest(), "The product of Jacobians.")
    put("leeann_101_9001_work-1.ipynb", honest(scale="def scale(x, k):\n    return x"))
    put("Zoë Ünal_102_assignsubmission_file_/work.ipynb", honest(), "It shrinks.")
    put("bob/ch90/work.ipynb", honest(rnn_cell=NO_BIAS))
    for name in ("carla", "dan", "eli"):  # the same unexplained mistake, in different words
        put(
            f"{name}.ipynb", honest(scale=f"def scale({name[0]}, k):\n    return 3 * k * {name[0]}")
        )
    copied = "def running_mean(values):\n    result = []\n    total = 0.0\n    position = 0\n" \
        "    while position < len(values):\n        total = total + values[position]\n" \
        "        position = position + 1\n        result.append(total / position)\n" \
        "    return result"  # fmt: skip
    strange = "def scale(x, k):\n    return np.array([float(k) * float(x[i]) for i in " \
        "range(x.shape[0])], dtype=float).reshape(x.shape) + np.zeros_like(x) * 3"  # fmt: skip
    put("fred.ipynb", honest(running_mean=copied, scale=strange))
    put("gina.ipynb", honest(
        running_mean=copied.replace("total", "s").replace("position", "i").replace("result", "r"),
        scale=strange.replace("i in", "j in").replace("[i]", "[j]")))  # fmt: skip
    put("renamed cells.ipynb", ["# no metadata", *honest()[::-1]])
    put("twice.ipynb", [*honest(), "def scale(x, k):\n    return x + k"])
    (inbox / "not json.ipynb").write_text("{")
    (inbox / "empty.ipynb").write_text("")
    (inbox / "report.pdf").write_bytes(b"%PDF")
    (inbox / "nothing inside").mkdir()
    with zipfile.ZipFile(inbox / "hana.zip", "w") as archive:
        archive.writestr("deep/er/work.ipynb", notebook(honest()))
    roster = base / "class.csv"
    roster.write_text(
        "student;name;id;email;due\ns-ann;Ann Lee;101;ann@example.org;\n"
        "s-zoe;Zoë Ünal;102;zoe@example.org;\ns-gone;Gone Away;103;gone@example.org;\n"
    )
    arguments = ["grade", str(inbox), "--out", str(base / "out"), "--roster", str(roster), *COMMON]
    assert main(arguments) == 0
    return base, arguments


@needs_sandbox
def test_everybody_has_a_row(school):
    rows = {row["ID"]: row for row in table(school[0] / "out" / "gradebook.csv")}
    expected = {
        "s-ann": 9, "s-zoe": FULL, "bob": 8, "carla": 9, "dan": 9, "eli": 9, "fred": FULL,
        "gina": FULL, "renamed cells": FULL, "twice": 9, "hana": FULL, "s-gone": 0,
        "not json": 0, "empty": 0, "report": 0, "nothing inside": 0,
    }  # fmt: skip
    assert {name: float(row["Points"]) for name, row in rows.items()} == expected
    assert rows["s-zoe"]["Student"] == "Zoë Ünal"
    assert rows["s-zoe"]["Status"] == "to be graded by hand"
    assert "not valid JSON" in rows["not json"]["To look at"]
    assert "Nothing was submitted" in rows["s-gone"]["To look at"]
    assert "no notebook in this folder" in rows["nothing inside"]["To look at"].lower()
    assert len({row["Seed"] for row in rows.values()}) == 1
    assert all("+" in row["Bank version"] for row in rows.values())


@needs_sandbox
def test_platforms_get_their_columns(school):
    canvas = {row["Student"]: row for row in table(school[0] / "out" / "canvas.csv")}
    assert canvas["Ann Lee"]["ID"] == "101"
    assert list(canvas["Ann Lee"])[:5] == [
        "Student",
        "ID",
        "SIS User ID",
        "SIS Login ID",
        "Section",
    ]
    moodle = {row["Identifier"]: row for row in table(school[0] / "out" / "moodle.csv")}
    assert moodle["Zoë Ünal"]["Email address"] == "zoe@example.org"


@needs_sandbox
def test_feedback_says_what_went_wrong(school):
    out = school[0] / "out"
    page = (out / "feedback" / f"{texts.file_name('bob')}.html").read_text()
    assert "Look at no bias." in page
    assert re.search(r"Case 1 \(x .*: at \[0, 0\] you have .* is expected", page)
    assert "8</strong> of 15" in page
    assert str(read_json(out / "run.json")["seed"]) not in page
    assert '<html lang="en">' in page
    assert page.count("<h1") == 1


@needs_sandbox
def test_feedback_on_what_is_no_notebook_says_that_alone(school):
    page = (school[0] / "out" / "feedback" / f"{texts.file_name('empty')}.html").read_text()
    assert "The file is empty." in page
    assert "not found" not in page


def test_feedback_on_a_quiz_shows_the_question_and_the_choice(tmp_path):
    class Here:
        out, settings = tmp_path, {"chapter": 2}

    answer = {
        "status": "wrong",
        "points": 0.0,
        "of": 1,
        "message": "not right yet.",
        "right": [],
        "misconception": "option B",
        "hints": ["Because."],
        "also_hints": [],
        "comment": "",
    }
    result = {"questions": {"quiz_02_1": answer}, "problem": "", "notes": [], "bank": "1",
              "submitted": 0.0}  # fmt: skip
    row = report.Row("ann", "Ann", "", result, 0.0, 1.0)
    report.write_feedback(Here, [row], "Title")
    asked, options = report.quiz_texts(2)["quiz_02_1"]
    page = html.unescape((tmp_path / row.page).read_text())
    assert asked in page
    assert f"You chose <strong>B</strong>: {options['option B']}" in page
    assert "Because." in page
    assert "Two mistakes have met" not in page
    answer["also_hints"] = ["Moreover."]
    report.write_feedback(Here, [row], "Title")
    page = html.unescape((tmp_path / row.page).read_text())
    assert page.index("Two mistakes have met") < page.index("Because.") < page.index("Moreover.")


@needs_sandbox
def test_the_report_ranks_clusters_and_suspects(school):
    text = (school[0] / "out" / "report.html").read_text().replace("<wbr>", "")
    assert "no bias" in text
    results = stored(school[0] / "out")
    marks_ = {results[name]["questions"]["scale"]["signature"] for name in ("carla", "dan", "eli")}
    assert len(marks_) == 1
    assert f"scale:{marks_.pop()}" in text
    assert "Near-identical" in text
    assert text.index("fred") < text.index("</html>")


@needs_sandbox
def test_a_second_run_grades_nothing_and_one_student_can_be_graded_again(school, capsys):
    _, arguments = school
    assert main(arguments) == 0
    assert "Nothing new to grade" in capsys.readouterr().out
    assert main([*arguments, "--student", "bob", "--question", "scale"]) == 0
    assert "Graded 1 submission." in capsys.readouterr().out
    assert points(stored(school[0] / "out")["bob"]) == 8


@needs_sandbox
def test_naming_a_cluster_adds_a_misconception_and_regrades(school, capsys):
    base, arguments = school
    mark = stored(base / "out")["dan"]["questions"]["scale"]["signature"]
    name = ["--name-cluster", f"scale:{mark}", "three times", "Where does the 3 come from?"]
    assert main([*arguments, *name]) == 0
    printed = capsys.readouterr().out
    assert "now recognised as: three times" in printed
    answers = [stored(base / "out")[s]["questions"]["scale"] for s in ("carla", "dan", "eli")]
    assert [a["misconception"] for a in answers] == ["three times"] * 3
    assert [points(stored(base / "out")[s]) for s in ("carla", "dan", "eli")] == [9] * 3
    elsewhere = base / "elsewhere"  # recognised on other cases, too
    elsewhere.mkdir()
    (elsewhere / "clusters.json").write_text((base / "out" / "clusters.json").read_text())
    other = ["grade", arguments[1], "--out", str(elsewhere), "--seed", "5", "--student", "eli"]
    assert main([*other, *COMMON]) == 0
    assert stored(elsewhere)["eli"]["questions"]["scale"]["misconception"] == "three times"
    assert "when,student" in (base / "out" / "changes.csv").read_text()


@needs_sandbox
def test_marks_comments_late_days_and_pseudonyms(school, tmp_path):
    base, arguments = school
    (tmp_path / "comments.csv").write_text("key,text\njac,Name the Jacobians.\n")
    (tmp_path / "marks.csv").write_text(
        "student,item,points,comment\nS-ZOE,explain/1,1.5,@jac\ns-zoe,explain/2,2,\n"
        "s-ann,explain,4,Well put.\nbob,adjust,-1,agreed by mail\n"
    )
    (tmp_path / "ext.csv").write_text("student,due\nhana,2099-01-01T00:00\n")
    extra = ["--marks", str(tmp_path / "marks.csv"), "--comments", str(tmp_path / "comments.csv"),
             "--due", "2020-01-01T00:00", "--late-per-day", "0.0001", "--pseudonyms",
             "--extensions", str(tmp_path / "ext.csv")]  # fmt: skip
    assert main([*arguments, *extra]) == 0
    rows = {row["ID"]: row for row in table(base / "out" / "gradebook.csv")}
    assert float(rows["s-zoe"]["explain"]) == 3.5
    assert int(rows["s-zoe"]["Days late"]) > 365
    assert 5 < float(rows["s-zoe"]["Points"]) < FULL + 3.5
    assert float(rows["hana"]["Points"]) == FULL
    page = (base / "out" / "feedback" / f"{texts.file_name('s-zoe')}.html").read_text()
    assert "Name the Jacobians." in page
    text = (base / "out" / "report.html").read_text() + (base / "out" / "by_hand.html").read_text()
    assert not [n for n in ("Zoë", "Ann Lee", "fred", "s-zoe") if n in text]
    assert main(arguments) == 0


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("ann,explain,many,", "row 2: 'many'"),
        ("nobody,explain,1,", "nobody here is called 'nobody'"),
        ("ann,explain,1,@x", "no comment called @x"),
    ],
)
def test_a_wrong_row_in_the_marks_is_named(tmp_path, row, said):
    path = tmp_path / "marks.csv"
    path.write_text(f"student,item,points,comment\n{row}\n")
    (refused,) = marks.read_marks(path, {"y": ""}, roster.Names(["ann"])).refused
    assert said in refused


@needs_sandbox
def test_the_best_attempt_can_count(tmp_path):
    (tmp_path / "in").mkdir()
    good, bad = honest(), honest(scale="def scale(x, k):\n    return x")
    (tmp_path / "in" / "ann_attempt1.ipynb").write_text(notebook(good))
    (tmp_path / "in" / "ann_attempt2.ipynb").write_text(notebook(bad))
    assert points(grade(tmp_path / "in", tmp_path / "latest")["ann"]) == 9
    best = grade(tmp_path / "in", tmp_path / "best", attempt="best")["ann"]
    assert (points(best), best["attempt"]) == (FULL, 1)


@needs_sandbox
def test_an_interrupted_run_goes_on(tmp_path):
    (tmp_path / "in").mkdir()
    for number in range(40):
        cells = honest(scale=SLOW)
        (tmp_path / "in" / f"s{number:02d}.ipynb").write_text(notebook(cells))
    command = [sys.executable, "-m", "rnncourse.cli", "grade", str(tmp_path / "in"),
               "--out", str(tmp_path / "out"), *COMMON]  # fmt: skip
    process = subprocess.Popen(
        command, stderr=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True,
        # a shell starts what runs in its background with the interrupt ignored
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )  # fmt: skip
    results = tmp_path / "out" / "results"
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and len(list(results.glob("*.json"))) < 8:
        time.sleep(0.02)
    for pause in (0, 0, 0.3):  # the impatient press Ctrl-C again; it reaches the whole group
        time.sleep(pause)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGINT)
    _, said = process.communicate(timeout=20)
    first = {path.name: path.stat().st_mtime_ns for path in results.glob("*.json")}
    assert b"goes on from here" in said
    assert 8 <= len(first) < 40
    assert not list(results.glob("*.part"))
    seed = read_json(tmp_path / "out" / "run.json")["seed"]
    everyone = grade(tmp_path / "in", tmp_path / "out", limits=sandbox.Limits())
    assert len(everyone) == 40
    assert {result["seed"] for result in everyone.values()} == {seed}
    assert all((results / name).stat().st_mtime_ns == when for name, when in first.items())


# --- a private bank ----------------------------------------------------------------------------
PRIVATE = """
from rnncourse.bank import Question, Misconception
import numpy as np

def q(factor):
    return Question("stretch", 2, lambda x: factor * x, lambda rng: (rng.normal(size=3),),
        (Misconception("identity", lambda x: x, "a", "b", "c"),))

QUESTIONS = [q(2), q(3)]
"""


@needs_sandbox
def test_a_private_bank_gives_each_student_a_variant(tmp_path, capsys, monkeypatch):
    from rnncourse import bank

    monkeypatch.setattr(bank, "_private", {})
    private = tmp_path / "bank"
    (private / "solutions").mkdir(parents=True)
    (private / "ch95_private.py").write_text(PRIVATE)
    cells = [("markdown", "# Private", []), ("markdown", "Twice.", ["variant:stretch:1"]),
             ("markdown", "Three times.", ["variant:stretch:2"])]  # fmt: skip
    for k in (1, 2):
        code = (
            f"def stretch(x):\n    ### BEGIN SOLUTION\n    return {k + 1} * x\n    ### END SOLUTION"
        )
        cells.append(("code", code, [f"variant:stretch:{k}"]))
    made = [
        {"cell_type": kind, "id": f"c{n}", "source": source, "metadata": {"tags": tags},
         **({"outputs": [], "execution_count": None} if kind == "code" else {})}
        for n, (kind, source, tags) in enumerate(cells)
    ]  # fmt: skip
    (private / "solutions" / "95_private.ipynb").write_text(
        json.dumps({"cells": made, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})
    )
    roster = tmp_path / "class.csv"
    roster.write_text("student,name\n" + "".join(f"s{n},Student {n}\n" for n in range(12)))
    hand_out = ["assign", "95", "--bank", str(private), "--out", str(tmp_path / "handed")]
    assert main(hand_out) == 1
    assert "roster" in capsys.readouterr().err
    assert main([*hand_out, "--roster", str(roster)]) == 0
    assert main(["grade", "--preflight", "--chapter", "95", "--bank", str(private)]) == 0
    assert "variant 2" in capsys.readouterr().out
    twice = 0
    for number in range(12):
        folder = tmp_path / "handed" / texts.file_name(f"s{number}")
        text = (folder / "95_private.ipynb").read_text()
        assert ("Twice." in text) != ("Three times." in text)
        assert "return 2" not in text
        assert "return 3" not in text
        twice += "Twice." in text
        mine = tmp_path / "in" / f"s{number}.ipynb"
        mine.parent.mkdir(exist_ok=True)
        factor = 2 if "Twice." in text else 3
        mine.write_text(notebook([f"def stretch(x):\n    return {factor} * x"]))
    assert 0 < twice < 12
    ask = ["grade", str(tmp_path / "in"), "--out", str(tmp_path / "out"), "--chapter", "95"]
    assert main([*ask, "--bank", str(private)]) == 1  # or each would be taken for another
    assert "give --roster" in capsys.readouterr().err
    results = grade(tmp_path / "in", tmp_path / "out", chapter=95, bank=str(private))
    assert [points(result) for result in results.values()] == [2.0] * 12


# --- similarity ---------------------------------------------------------------------------------
def test_what_the_whole_class_writes_makes_no_suspects():
    usual = " ".join(f"word{n % 17}" for n in range(80))
    odd = " ".join(f"odd{n}" for n in range(80))
    codes = {f"s{n}": usual for n in range(100)} | {"a": odd, "b": odd.replace("odd79", "x")}
    assert [members for members, _ in similar.groups(codes)] == [["a", "b"]]


def test_formulas_are_no_formulas_in_the_gradebook():
    assert tables.cell("=1+1") == "'=1+1"
    assert tables.cell("") == ""
    assert tables.cell(-3) == -3


# --- more than one machine ------------------------------------------------------------------------
@needs_sandbox
def test_a_dask_worker_that_is_killed_costs_no_grade(tmp_path):
    (tmp_path / "in").mkdir()
    for number in range(40):
        cells = honest(scale=SLOW)
        (tmp_path / "in" / f"s{number:02d}.ipynb").write_text(notebook(cells))
    environment = {**os.environ, "OMP_NUM_THREADS": "1",
                   "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "5"}  # fmt: skip
    start = [sys.executable, "-m", "distributed.cli.dask_scheduler"]
    log = tmp_path / "scheduler.json"
    processes = [subprocess.Popen(
        [*start, "--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--scheduler-file", log],
        env=environment, stderr=subprocess.DEVNULL)]  # fmt: skip
    try:
        address = _wait_for(lambda: (read_json(log) or {}).get("address"))
        worker = [sys.executable, "-m", "distributed.cli.dask_worker", address, "--nthreads", "1",
                  "--no-dashboard", "--no-nanny", "--local-directory", str(tmp_path)]  # fmt: skip
        workers = [subprocess.Popen(worker, env=environment, stderr=subprocess.DEVNULL)
                   for _ in range(2)]  # fmt: skip
        processes += workers
        command = [sys.executable, "-m", "rnncourse.cli", "grade", str(tmp_path / "in"), "--out",
                   str(tmp_path / "out"), "--scheduler", address, *COMMON]  # fmt: skip
        run = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        results = tmp_path / "out" / "results"
        _wait_for(lambda: len(list(results.glob("*.json"))) >= 8)
        workers[0].kill()
        said, trouble = run.communicate(timeout=120)
        assert run.returncode == 0, trouble
        assert "Graded 40 submissions" in said
        everyone = stored(tmp_path / "out")
        assert [points(result) for result in everyone.values()] == [FULL] * 40
    finally:
        for process in processes:
            process.kill()
            process.wait()


def _wait_for(found, seconds: float = 90):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        value = found()
        if value:
            return value
        time.sleep(0.05)
    raise AssertionError("it did not come in time")


# --- before a student sees it -------------------------------------------------------------------
SOLVED = sorted((Path(__file__).parents[2] / "notebooks" / "solutions").glob("[0-9][0-9]_*.ipynb"))


@needs_sandbox
@pytest.mark.parametrize("path", SOLVED, ids=lambda path: path.stem)
def test_solutions_score_all_and_the_student_edition_nothing(path):
    good, lines = preflight.check(int(path.stem[:2]))
    assert good, "\n".join(lines)


def test_an_assignment_has_a_notebook_and_a_readme(tmp_path):
    assert main(["assign", SOLVED[0].stem[:2], "--out", str(tmp_path / "out")]) == 0
    names = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert names == [SOLVED[0].name, "README.md"]
    assert "BEGIN SOLUTION" not in (tmp_path / "out" / SOLVED[0].name).read_text()
