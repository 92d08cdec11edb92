"""One student's data harms that student alone: names, dates, values, pages."""

from __future__ import annotations

import contextlib
import csv
import json
import random
import re
import zipfile
from concurrent.futures import ThreadPoolExecutor

import pytest
from classroom import BANK, FULL, honest, notebook, stored

from rnncourse.cli import main
from rnncourse.grading import (
    deadlines,
    grader,
    inbox,
    marks,
    results,
    roster,
    run,
    sandbox,
    tables,
    texts,
    workers,
)
from rnncourse.grading.report import gradebook, pages, rows, similar

needs_sandbox = pytest.mark.skipif(bool(sandbox.obstacles()), reason="no sandbox on this machine")
COMMON = ["--chapter", "90", "--bank", str(BANK), "--quiet"]


def gradebook_of(out) -> dict[str, dict]:
    with open(out / "gradebook.csv", encoding="utf-8-sig", newline="") as file:
        return {row["ID"]: row for row in csv.DictReader(file)}


@pytest.fixture
def folder(tmp_path):
    """Ann, Bob and Zoe, who have all answered all."""
    (tmp_path / "in").mkdir()
    for name in ("ann", "bob", "zoe"):
        (tmp_path / "in" / f"{name}.ipynb").write_text(notebook(honest(), "Because."))
    return tmp_path / "in"


def command(folder, *more) -> list[str]:
    return ["grade", str(folder), "--out", str(folder.parent / "out"), *COMMON, *map(str, more)]


# --- names --------------------------------------------------------------------------------------
def test_no_name_can_be_made_that_takes_the_file_of_another():
    """20,000 names with the same letters: with 24 bits of a hash, some twelve pairs are one."""
    rng = random.Random(0)
    names = {"bob" + "".join(rng.choices("\u0431\u0432\u0433\u0434", k=16)) for _ in range(20_000)}
    assert len({texts.file_name(name) for name in names}) == len(names)
    assert {texts.file_name(name).partition("-")[0] for name in names} == {"bob"}


@needs_sandbox
def test_a_result_under_the_name_of_another_is_not_used_and_both_are_told(folder, capsys):
    assert main(command(folder)) == 0
    place = folder.parent / "out" / "results"
    theirs = place / f"{texts.file_name('bob')}.json"
    forged = json.loads((place / f"{texts.file_name('zoe')}.json").read_text())
    forged["questions"]["scale"]["points"] = 0
    theirs.write_text(json.dumps(forged))
    capsys.readouterr()
    for _ in range(2):
        assert main(command(folder)) == 0
        table = gradebook_of(folder.parent / "out")
        assert {name: row["Points"] for name, row in table.items()} == dict.fromkeys(
            ("ann", "bob", "zoe"), str(FULL)
        )
        for name in ("bob", "zoe"):
            assert "a result of zoe under the name of bob" in table[name]["To look at"]
    assert "a result of zoe under the name of bob" in capsys.readouterr().out
    assert stored(folder.parent / "out")["bob"]["student"] == "bob"


@needs_sandbox
def test_two_students_of_one_file_are_both_named(folder, monkeypatch, capsys):
    """It needs a broken hash: nobody is overwritten, and nobody is without a row."""
    true = texts.file_name
    for module in (run, results):
        monkeypatch.setattr(module, "file_name", lambda s: true("bob" if s == "zoe" else s))
    assert main(command(folder)) == 0
    assert "bob holds the name" in capsys.readouterr().out
    table = gradebook_of(folder.parent / "out")
    assert [table[name]["Points"] for name in ("ann", "bob", "zoe")] == [str(FULL)] * 3
    assert "bob holds the name" in table["zoe"]["To look at"]


@needs_sandbox
def test_results_under_names_of_an_earlier_version_are_found_again(folder):
    assert main(command(folder)) == 0
    out = folder.parent / "out"
    before = gradebook_of(out)
    for path in [*(out / "results").iterdir(), *(out / "feedback").iterdir()]:
        path.rename(path.with_name(f"{path.stem[:-58]}{path.suffix}"))
    old = out / "results" / f"{texts.file_name('bob')[:-58]}.json"
    seen = old.stat().st_mtime_ns
    assert main(command(folder)) == 0
    assert gradebook_of(out) == before
    for place, end in (("results", "json"), ("feedback", "html")):
        names = {path.name for path in (out / place).iterdir()}
        assert names == {f"{texts.file_name(n)}.{end}" for n in ("ann", "bob", "zoe")}
    assert (out / "results" / f"{texts.file_name('bob')}.json").stat().st_mtime_ns == seen


@needs_sandbox
@pytest.mark.parametrize("damage", ["[]", '{"student": "bob"}', '{"student": ["bob"]}', "{"])
def test_a_damaged_result_is_made_anew(folder, damage):
    assert main(command(folder)) == 0
    out = folder.parent / "out"
    (out / "results" / f"{texts.file_name('bob')}.json").write_text(damage)
    assert main(command(folder)) == 0
    assert gradebook_of(out)["bob"]["Points"] == str(FULL)


# --- dates --------------------------------------------------------------------------------------
STAMPS = ["0001-01-01T00:00:00+14:00", "0001-01-01", "9999-12-31T23:59:59-14:00", "2000-01-01 UTC"]


@needs_sandbox
@pytest.mark.parametrize("stamp", STAMPS)
def test_no_time_that_a_student_writes_ends_a_run_or_saves_late_days(folder, stamp):
    """A timestamp.txt beside one's notebook, and the dates inside a zip file."""
    mine = folder / "mallory" / "ch90"
    mine.mkdir(parents=True)
    (mine / "work.ipynb").write_text(notebook(honest()))
    (mine / "timestamp.txt").write_text(stamp)
    with zipfile.ZipFile(folder / "trudy.zip", "w") as archive:
        about = zipfile.ZipInfo("work.ipynb", (1980, 1, 1, 0, 0, 0))
        archive.writestr(about, notebook(honest()))
        archive.writestr("timestamp.txt", stamp)
    assert main(command(folder, "--due", "2020-01-01T00:00", "--late-per-day", "0.0001")) == 0
    table = gradebook_of(folder.parent / "out")
    assert set(table) == {"ann", "bob", "mallory", "trudy", "zoe"}
    assert {row["Days late"] for row in table.values()} == {table["ann"]["Days late"]}
    assert int(table["ann"]["Days late"]) > 365
    assert all("(the date of the file)" in row["Submitted"] for row in table.values())
    page = folder.parent / "out" / "feedback" / f"{texts.file_name('mallory')}.html"
    assert "(the date of the file)" in page.read_text()


@needs_sandbox
def test_the_roster_may_say_when_something_was_submitted(folder):
    people = folder.parent / "class.csv"
    people.write_text("student,submitted\nann,2020-01-01T12:00\nbob,\nzoe,2019-12-31T12:00\n")
    late = ("--due", "2020-01-01T00:00", "--late-per-day", "0.1", "--roster", people)
    assert main(command(folder, *late)) == 0
    table = gradebook_of(folder.parent / "out")
    assert [table[name]["Days late"] for name in ("ann", "zoe")] == ["1", "0"]
    assert table["ann"]["Submitted"] == "01 January 2020, 12:00 (as the roster says)"
    assert "date of the file" in table["bob"]["Submitted"]


def test_a_time_that_no_calendar_has_is_shown_as_such():
    for seconds in (-62135647200.0, 1e15, 1e300, float("inf"), float("nan")):
        assert "no calendar" in texts.show_time(seconds)
    with pytest.raises(tables.TableError, match="is no date"):
        deadlines.time_of("0001-01-01", "--due")


# --- every stage of a run -----------------------------------------------------------------------
# where: an object, the name of its function; both may be met by Bob's data
STAGES = [
    (inbox, "parse_name"), (inbox, "is_hidden"), (inbox, "read_cells"), (roster.Roster, "match"),
    (roster.Roster, "tell_apart"), (run.Run, "_has_result"), (run, "stamp"), (inbox, "load"),
    (run, "differences"), (run, "write_json"), (grader.Grader, "grade"),
    (marks, "apply"), (deadlines.Deadline, "late"), (deadlines.Deadline, "submitted"),
    (rows, "alias"), (gradebook, "concerns"), (gradebook, "_when"), (tables, "cell"),
    (pages, "concerns"), (pages, "clusters"), (pages, "histogram"), (pages, "by_question"),
    (pages, "misconceptions"), (similar, "code_of"), (pages, "near_identical"),
    (pages, "visible"),
]  # fmt: skip


@needs_sandbox
@pytest.mark.parametrize(
    ("where", "name"), STAGES, ids=[f"{w.__name__.split('.')[-1]}.{n}" for w, n in STAGES]
)
def test_whatever_fails_on_one_student_fails_on_that_one_alone(
    folder, monkeypatch, capsys, where, name
):
    true, met = getattr(where, name), []
    poison = {
        "alias": "'bob'",
        "late": "'bob'",
        "submitted": "'bob'",
        "_has_result": "'bob'",
        "tell_apart": "who='bob'",
        "read_cells": "bob says",
        "visible": "bob says",
    }
    poison = poison.get(name, "bob.ipynb")
    (folder / "bob.ipynb").write_text(notebook(honest(), "So bob says."))

    def fails_on_bob(*args, **kwargs):
        if poison in repr(args):
            met.append(name)
            raise RuntimeError("planted")
        return true(*args, **kwargs)

    @contextlib.contextmanager
    def here(*_):
        with ThreadPoolExecutor(1) as pool:
            yield lambda: pool
            pool.submit(workers.close_graders).result()

    monkeypatch.setattr(run, "executor", here)
    if name in ("_has_result", "differences"):  # which only a second run calls
        assert main(command(folder)) == 0
    monkeypatch.setattr(where, name, fails_on_bob)
    extra = ["--regrade"] if name == "differences" else []
    assert main(command(folder, *extra)) == 0
    said = capsys.readouterr().out
    table = gradebook_of(folder.parent / "out")
    assert met, "the planted failure was never reached"
    assert [table[student]["Points"] for student in ("ann", "zoe")] == [str(FULL)] * 2
    for student in ("ann", "zoe"):
        page = folder.parent / "out" / "feedback" / f"{texts.file_name(student)}.html"
        assert f"<strong>{FULL}</strong>" in page.read_text()
        assert student in (folder.parent / "out" / "report.html").read_text()
    mine = next(row for student, row in table.items() if "bob" in student)
    assert mine["Points"] == str(FULL) or mine["To look at"], "Bob's row does not say why"
    assert mine["Points"] == str(FULL) or "bob" in said or mine["Status"] == "needs a human"


# --- attempts -----------------------------------------------------------------------------------
LETTERS = "ABCD"


@needs_sandbox
@pytest.mark.parametrize("how", ["zip", "folder", "canvas", "zips", "numbered in a zip"])
def test_many_notebooks_in_one_submission_are_one_attempt(folder, how):
    """Of guesses at a letter of the quiz, the best does not count: they came together."""
    guesses = {f"work-{n}.ipynb": notebook(honest(gate_letter=f'gate_letter = "{letter}"'))
               for n, letter in enumerate(LETTERS)}  # fmt: skip
    if how == "numbered in a zip":
        guesses = {f"w_attempt_{n}.ipynb": text for n, text in enumerate(guesses.values(), 1)}
    for name, text in guesses.items():
        if how in ("zip", "numbered in a zip"):
            with zipfile.ZipFile(folder / "mal.zip", "a") as archive:
                archive.writestr(f"deep/{name}", text)
        elif how == "folder":
            (folder / "mal" / "ch90").mkdir(parents=True, exist_ok=True)
            (folder / "mal" / "ch90" / name).write_text(text)
        elif how == "canvas":
            (folder / f"mal_17_9001_{name}").write_text(text)
        else:
            with zipfile.ZipFile(folder / f"mal_17_9001_{name[:-6]}.zip", "w") as archive:
                archive.writestr(name, text)
    for _ in range(2):
        assert main(command(folder, "--attempt", "best")) == 0
        row = gradebook_of(folder.parent / "out")["mal"]
        assert row["gate_letter"] == "0"
        if how in ("zip", "folder"):
            assert re.search("4 notebooks in one attempt; .*work-3.* was graded", row["To look at"])


@needs_sandbox
def test_of_several_notebooks_the_one_nearest_the_top_counts(folder):
    with zipfile.ZipFile(folder / "mal.zip", "w") as archive:
        for name in ("z/old.ipynb", "work.ipynb", "a/b/c.ipynb"):
            archive.writestr(name, notebook(honest() if name == "work.ipynb" else ["x = 1"]))
    assert main(command(folder)) == 0
    row = gradebook_of(folder.parent / "out")["mal"]
    assert (row["Points"], row["File"]) == (str(FULL), "work.ipynb")
    assert "3 notebooks in one attempt; work.ipynb was graded, not " in row["To look at"]


# --- pages ----------------------------------------------------------------------------------------
TURNS = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c\x1b\x08\x7f\x9b"


@needs_sandbox
def test_no_character_turns_the_order_of_others_on_a_page_or_in_a_terminal(folder, capsys):
    """In an error's message, its line, a written answer, a name, a value."""
    text = f"{TURNS}001 fo 001"
    (folder / f"eve{TURNS[4]}.ipynb").write_text(notebook(honest(
        scale=f"def scale(x, k):\n    raise ValueError({text!r})  # {text.translate(PRINTED)}",
        running_mean=f"def running_mean(values):\n    return {text!r}",
        gate_letter=f"gate_letter = {text!r}",
        rnn_cell="class E(Exception): pass\nE.__name__ = 'E\u202e'\n"
        "def rnn_cell(*a):\n    raise E('\u202e')",
    ), text))  # fmt: skip
    assert main(command(folder)) == 0
    out = folder.parent / "out"
    for path in [*(out / "feedback").iterdir(), out / "report.html", out / "by_hand.html"]:
        found = set(TURNS) & set(path.read_text())
        assert not found, (path, found)
    assert "⟨U+202E⟩" in (out / "by_hand.html").read_text()
    said = capsys.readouterr()
    assert not set(TURNS) & set(said.out + said.err)


PRINTED = {ord(c): None for c in "\x1b\x08\x7f\x9b"}
