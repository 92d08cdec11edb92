"""The command line, used as learners and contributors would."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from rnncourse import __version__, bank, cli, doctor, notebooks

ROOT = notebooks.root()


@pytest.fixture(autouse=True)
def hints_of_this_test_alone(tmp_path, monkeypatch):
    monkeypatch.setattr("rnncourse.exercises.score._memory", lambda: tmp_path / "hints.json")


def notebook(path, *cells):
    """Store a notebook of code cells ("md:…" is a text)."""
    from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

    made = [
        new_markdown_cell(cell[3:]) if cell.startswith("md:") else new_code_cell(cell)
        for cell in cells
    ]
    notebooks.write(new_notebook(cells=made), path)
    return path


def run(*arguments):
    return cli.main([str(argument) for argument in arguments])


# --- the command itself ----------------------------------------------------------------------


def test_help_names_every_command(capsys):
    with pytest.raises(SystemExit) as end:
        run("--help")
    assert end.value.code == 0
    text = capsys.readouterr().out
    commands = ("notebook", "check", "exercises", "book", "new", "doctor", "assign", "grade")
    for command in commands:
        assert f"  {command}" in text


def test_version(capsys):
    with pytest.raises(SystemExit):
        run("--version")
    assert capsys.readouterr().out.strip() == f"rnncourse {__version__}"


@pytest.mark.parametrize("arguments", [(), ("nonsense",), ("notebook",), ("check",)])
def test_wrong_usage_is_exit_code_2(arguments, capsys):
    with pytest.raises(SystemExit) as end:
        run(*arguments)
    assert end.value.code == 2
    assert "usage: rnncourse" in capsys.readouterr().err


def test_help_loads_nothing_heavy():
    code = (
        "import sys; from rnncourse import cli; cli.parser()\n"
        "heavy = {'numpy', 'torch', 'matplotlib', 'nbformat', 'IPython'} & set(sys.modules)\n"
        "print(sorted(heavy))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_module_can_be_run():
    done = subprocess.run(
        [sys.executable, "-m", "rnncourse.cli", "--version"], capture_output=True, text=True
    )
    assert done.returncode == 0


# --- notebook run ----------------------------------------------------------------------------


def test_run_stores_the_same_file_twice(tmp_path, capsys):
    path = notebook(
        tmp_path / "a.ipynb",
        "md:# A",
        "from tqdm.auto import tqdm\nfor i in tqdm(range(3)):\n    print(i)",
        "{'b': 1}",
        "{'b': 1}",
    )
    assert run("notebook", "run", path) == 0
    first = path.read_bytes()
    assert run("notebook", "run", path) == 0
    assert path.read_bytes() == first
    stored = notebooks.read(path)
    assert [cell.get("execution_count") for cell in stored.cells] == [None, 1, 2, 3]
    assert stored.cells[1].outputs[0].text == "0\n1\n2\n"
    assert len(stored.cells[1].outputs) == 1, "the progress bar is stored"
    assert b"version" not in first.replace(b"nbformat", b"")
    ids = [cell["id"] for cell in json.loads(first)["cells"]]
    assert len(set(ids)) == 4


def test_notebook_runs_in_its_own_folder(tmp_path):
    (tmp_path / "data.txt").write_text("here", encoding="utf-8")
    path = notebook(tmp_path / "a b ü.ipynb", "print(open('data.txt').read())")
    assert run("notebook", "run", path) == 0
    assert notebooks.read(path).cells[0].outputs[0].text == "here\n"


def test_failing_cell_is_named_and_nothing_is_stored(tmp_path, capsys):
    path = notebook(tmp_path / "a.ipynb", "a = 1", "b = 2\nc = a / 0", "d = 4")
    before = path.read_bytes()
    assert run("notebook", "run", path) == 1
    said = capsys.readouterr().err
    assert "a.ipynb: cell 1 of 3 failed" in said
    assert "----> 2 c = a / 0" in said
    assert "ZeroDivisionError: division by zero" in said
    assert path.read_bytes() == before


def test_cell_that_should_raise_may(tmp_path):
    path = notebook(tmp_path / "a.ipynb", "1 / 0")
    made = notebooks.read(path)
    made.cells[0].metadata["tags"] = ["raises-exception"]
    notebooks.write(made, path)
    assert run("notebook", "run", path) == 0
    assert "\\u001b" not in path.read_text(encoding="utf-8")


# --- check -----------------------------------------------------------------------------------

QUESTION = next(q for chapter in bank.chapters().values() for q in chapter if q.inputs)
CHAPTER = bank.chapter_of(QUESTION.name)
TOTAL = sum(q.points for q in bank.chapters()[CHAPTER] if q.reference)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (None, "there is no such notebook"),
        ("", "the file is empty"),
        ("not json", "this file is not a notebook (it is not JSON)"),
        (b"\xff\xfe\x00", "this file is not a notebook"),
        ("[]", "not a notebook of format 4"),
        ('{"cells": [], "nbformat": 3}', "not a notebook of format 4"),
        ('{"cells": [], "nbformat": 4, "metadata": {}, "nbformat_minor": 5}', "has no cells"),
        ('{"cells": [{}], "nbformat": 4, "metadata": {}, "nbformat_minor": 5}', "not a valid"),
        ('{"cells": [3], "nbformat": 4, "metadata": {}, "nbformat_minor": 5}', "not a valid"),
        ('{"cells": 3, "nbformat": 4, "metadata": {}, "nbformat_minor": 5}', "not a valid"),
    ],
)
@pytest.mark.parametrize("command", [("check",), ("notebook", "run")])
def test_what_is_no_notebook_is_explained(tmp_path, capsys, command, content, expected):
    path = tmp_path / "a.ipynb"
    if content is not None:
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    assert run(*command, path) == 1
    said = capsys.readouterr().err
    assert "a.ipynb: " in said
    assert expected in said
    assert said.count("\n") == 1


def test_notebook_without_exercises(tmp_path, capsys):
    path = notebook(tmp_path / "a.ipynb", "a = 1")
    assert run("check", path) == 1
    assert "no exercise of the course is in this notebook" in capsys.readouterr().err


def test_score_of_a_notebook_with_crashes_and_an_endless_loop(tmp_path, capsys):
    """Cells that crash, or never end, cost their own points and nobody else's."""
    names = [q.name for q in bank.chapters()[CHAPTER] if q.inputs]
    loops, right = names[0], names[1]
    path = notebook(
        tmp_path / "a.ipynb",
        "import numpy as np\nfrom rnncourse.exercises import check",
        "1 / 0",
        f"def {loops}(*args):\n    while True:\n        pass",
        f"check('{loops}', {loops})",
        "this is no Python",
        f"from rnncourse import bank\n{right} = bank.get('{right}').reference",
        f"quiz_{CHAPTER:02d}_1 = 'Z'",
    )
    assert run("check", path) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == f"a.ipynb, exercises to chapter {CHAPTER}"
    text = "\n".join(lines)
    assert f"{loops}: right on 0 of 6 cases. 0 of" in text
    assert "does not come to an end in time" in text
    points = bank.get(right).points
    assert f"{right}: right on all 6 cases. {points} of {points}" in text
    assert "Answer with one of the letters" in text
    assert "Cell 2 stops with ZeroDivisionError: division by zero" in lines
    assert any(line.startswith("Cell 5 stops with SyntaxError") for line in lines)
    assert f"{names[2]}: there is no answer of this name in the notebook." in lines
    assert f"Score: {points} of {TOTAL} points." in lines[-1]


def test_answer_whose_cell_crashes(tmp_path, capsys):
    path = notebook(tmp_path / "a.ipynb", f"1 / 0\n{QUESTION.name} = 3")
    assert run("check", path) == 0
    assert f"{QUESTION.name}: its cell (cell 1) does not run" in capsys.readouterr().out


def test_notebook_that_ends_python(tmp_path, capsys):
    path = notebook(tmp_path / "a.ipynb", f"{QUESTION.name} = 3", "import os\nos._exit(3)")
    assert run("check", path) == 1
    assert "the kernel died" in capsys.readouterr().err


def test_learners_file_is_left_alone(tmp_path):
    path = notebook(tmp_path / "a.ipynb", f"{QUESTION.name} = None")
    before = path.read_bytes()
    run("check", path)
    assert path.read_bytes() == before


def test_the_ladder_of_hints_moves_from_run_to_run(tmp_path, capsys):
    question = next(q for q in bank.chapters()[CHAPTER] if q.inputs)
    mistake = question.misconceptions[0]
    source = (
        f"from rnncourse import bank\n"
        f"{question.name} = bank.get({question.name!r}).misconceptions[0].compute"
    )
    path = notebook(tmp_path / "a.ipynb", source)
    for hint in (*mistake.hints, mistake.hints[2]):
        assert run("check", path) == 0
        assert hint in capsys.readouterr().out
    other = notebook(tmp_path / "b.ipynb", source)
    run("check", other)
    assert mistake.hints[0] in capsys.readouterr().out


def test_a_long_wait_says_what_it_waits_for(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("rnncourse.exercises.score.PATIENT", 0.5)
    path = notebook(tmp_path / "a.ipynb", f"{QUESTION.name} = 3", "import time\ntime.sleep(2)")
    run("check", path)
    said = capsys.readouterr().err
    assert "cell 2 is running; it is stopped after 120 seconds" in said


EDITIONS = sorted((notebooks.root() / "notebooks" / "exercises").glob("*.ipynb"))


@pytest.mark.parametrize("path", EDITIONS[:1], ids=lambda path: path.stem)
def test_untouched_student_edition_scores_nothing(path, capsys):
    assert run("check", path) == 0
    text = capsys.readouterr().out
    assert "Score: 0 of " in text
    assert "not answered yet: " in text
    assert "there is no answer of this name" not in text


# --- exercises build -------------------------------------------------------------------------


def test_build_check_fails_on_drift(tmp_path, monkeypatch, capsys):
    (tmp_path / "_toc.yml").touch()
    for name in ("solutions", "exercises"):
        (tmp_path / "notebooks" / name).mkdir(parents=True)
    notebook(tmp_path / "notebooks" / "solutions" / "00_x.ipynb", f"{QUESTION.name} = 3")
    monkeypatch.chdir(tmp_path)
    assert run("exercises", "build", "--check") == 1
    said = capsys.readouterr()
    assert "notebooks/exercises/00_x.ipynb: differs" in said.out
    assert "run: rnncourse exercises build" in said.err
    assert run("exercises", "build") == 0
    assert "00_x.ipynb: written" in capsys.readouterr().out
    assert run("exercises", "build", "--check") == 0


# --- book toc, new ---------------------------------------------------------------------------


@pytest.fixture
def write_facts(tmp_path, monkeypatch):
    """Work in a folder that has the facts of the course, with one text put for another."""
    facts = (notebooks.root() / "book/chapters.yml").read_text(encoding="utf-8")
    for folder in ("book", "notebooks"):
        (tmp_path / folder).mkdir()
    (tmp_path / "_toc.yml").touch()
    monkeypatch.chdir(tmp_path)

    def write(old, new):
        assert old in facts
        Path("book/chapters.yml").write_text(facts.replace(old, new), encoding="utf-8")

    return write


def test_toc_is_written_from_the_facts(write_facts, capsys):
    write_facts("caption: Memory", "caption: Remembering")
    assert run("book", "toc") == 0
    assert capsys.readouterr().out == "_toc.yml: written\n"
    written = Path("_toc.yml").read_text(encoding="utf-8")
    present = (ROOT / "_toc.yml").read_text(encoding="utf-8")
    assert written == present.replace("caption: Memory", "caption: Remembering")


@pytest.mark.parametrize(
    ("new", "message"),
    [
        ("", ", chapter 7: missing 1 required"),
        ("        slug: gru\n        sulg: gru\n", ", chapter 7: got an unexpected"),
        ("        slug: [\n", " is no YAML: "),
    ],
)
def test_bad_facts_are_explained(write_facts, capsys, new, message):
    write_facts("        slug: gru\n", new)
    assert run("book", "toc") == 1
    assert f"book/chapters.yml{message}" in capsys.readouterr().err


def test_a_chapter_that_is_there_is_not_begun_again(capsys):
    assert run("new", "0", "again") == 1
    assert "chapter 0 is begun: notebooks/" in capsys.readouterr().err


# --- doctor ----------------------------------------------------------------------------------


def test_doctor_finds_this_installation_in_order(capsys):
    assert run("doctor") == 0, capsys.readouterr().out
    text = capsys.readouterr().out
    assert "BAD" not in text
    assert "Everything the course needs is here." in text


def test_doctor_says_what_to_install(monkeypatch, capsys):
    monkeypatch.setattr(doctor, "version", lambda name: "0.0.1")
    assert run("doctor") == 1
    text = capsys.readouterr().out
    assert "BAD  numpy 0.0.1 is installed, the course wants " in text
    assert 'python -m pip install "numpy==' in text


def test_doctor_misses_packages(monkeypatch, capsys):
    def missing(name):
        raise doctor.PackageNotFoundError(name)

    monkeypatch.setattr(doctor, "version", missing)
    assert run("doctor") == 1
    assert "BAD  torch is not installed, the course wants" in capsys.readouterr().out


def test_doctor_misses_data(monkeypatch, capsys):
    from rnncourse.data import files

    def fail(package):
        raise files.DataError(f"the data package {package!r} is not installed; run: pip install x")

    monkeypatch.setattr(files, "verify", fail)
    assert run("doctor") == 1
    text = capsys.readouterr().out
    assert "BAD  data: the data package" in text
    assert "  python -m pip install x" in text


def test_local_versions_count_as_their_own(monkeypatch, tmp_path):
    monkeypatch.setattr(doctor, "version", lambda name: wanted[name] + "+cpu")
    wanted = doctor.requirements(notebooks.root() / "requirements.txt")
    assert all(good for good, _, _ in doctor._packages())
