"""`rnncourse new` makes a chapter that runs, builds, checks and teaches, or nothing at all."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from test_docs import FOLDERS

from rnncourse import bank, chapters, skeleton
from rnncourse.exercises import judge
from rnncourse.notebooks import NotebookError

ROOT = Path(__file__).resolve().parent.parent
TEMPLATES = ROOT / "templates"


@pytest.fixture(scope="module")
def course(tmp_path_factory) -> Path:
    """A copy of the course, with two chapters begun in it and what tools leave behind."""
    folder = tmp_path_factory.mktemp("course")
    for path in ROOT.iterdir():
        if path.is_file():
            shutil.copy(path, folder)
    for name in FOLDERS:
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    facts = folder / chapters.FACTS
    listed = skeleton.enter(facts.read_text(encoding="utf-8"), PLANNED, "listed")
    before, entry = listed.split(f"- number: {PLANNED}\n")
    entry = entry.replace("status: ready", "status: planned", 1)
    facts.write_text(f"{before}- number: {PLANNED}\n{entry}", encoding="utf-8")
    for number in NEW:
        said = run(folder, "rnncourse", "new", str(number), "trial")
        assert said.count(": written") == 5
    return folder


PLANNED = 16  # a number that the course will not use; its copy lists it
NEW = {PLANNED: "16_trial", 77: "77_trial"}  # listed as planned, and new to the course


def run(folder: Path, *command: str) -> str:
    """What a command of this environment prints, run in folder with the package there."""
    program = shutil.which(command[0], path=Path(sys.executable).parent)
    result = subprocess.run(
        [program, *command[1:]],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder), "PYTHONUTF8": "1"},
        capture_output=True,
        encoding="utf-8",
    )
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


def test_a_new_chapter_passes_every_house_test(course):
    """Those of the notebooks, the pages, the quizzes and the bank, and nbval."""
    tests = [f"tests/test_{name}.py" for name in ("notebooks", "docs", "quizzes")]
    stored = ["notebooks/16_trial.ipynb", "notebooks/solutions/16_trial.ipynb"]
    others = " or ".join(chapter.stem for chapter in chapters.chapters(ROOT) if chapter.ready)
    assert "passed" in run(course, "pytest", *tests, *stored, "-q", "-n0", "-k", f"not ({others})")
    own = " or ".join(f"{name}_{number}" for name in QUESTIONS for number in NEW)
    own += " or quiz_16 or quiz_77 or names_are_unique"
    assert "passed" in run(course, "pytest", "tests/test_exercises.py", "-q", "-n0", "-k", own)
    run(course, "ruff", "check", "--no-cache")


QUESTIONS = skeleton.question_names(TEMPLATES)


def test_the_exercises_of_a_new_chapter_are_scored(course):
    solved = run(course, "rnncourse", "check", "notebooks/solutions/77_trial.ipynb")
    assert "Score: 8 of 8 points" in solved
    empty = run(course, "rnncourse", "check", "notebooks/exercises/77_trial.ipynb")
    assert "Score: 0 of 8 points" in empty


LEFT_BEHIND = (
    ".pytest_cache/README.md",
    ".ruff_cache/README.md",
    ".venv-x/lib/python3.11/site-packages/package/README.md",
    "my-env/lib/python3.11/site-packages/package/README.md",
    "venv/share/doc/README.md",
    "env/README.md",
    "book/.pytest_cache/README.md",
    "notebooks/.ipynb_checkpoints/16_trial-checkpoint.ipynb",
)


def test_the_book_builds_with_a_new_chapter_and_without_what_tools_leave_behind(course):
    for name in LEFT_BEHIND:
        (course / name).parent.mkdir(parents=True, exist_ok=True)
        if name.endswith(".md"):
            (course / name).write_text("# No page of the book\n", encoding="utf-8")
        else:
            shutil.copy(course / "notebooks/16_trial.ipynb", course / name)
    run(course, "jupyter-book", "build", ".", "-W", "--keep-going")
    site = course / "_build/html"
    pages = {path.relative_to(site).with_suffix("").as_posix() for path in site.rglob("*.html")}
    assert {f"notebooks/{stem}" for stem in NEW.values()} <= pages
    assert pages.isdisjoint(str(Path(name).with_suffix("")) for name in LEFT_BEHIND)
    syllabus = (site / "book/syllabus.html").read_text(encoding="utf-8")
    assert all(f"notebooks/{stem}.html" in syllabus for stem in NEW.values())


# --- what `rnncourse new` refuses ------------------------------------------------------------


@pytest.fixture
def begin(tmp_path, monkeypatch):
    """`skeleton.new` in a small copy of the course, which it takes for the installed one."""
    for name in ("rnncourse/bank", "rnncourse/quizzes", "notebooks/solutions", "book"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "notebooks/exercises").mkdir()
    shutil.copytree(TEMPLATES, tmp_path / "templates")
    for name in ("book/chapters.yml", "_toc.yml"):
        shutil.copy(ROOT / name, tmp_path / name)
    monkeypatch.setattr(skeleton, "__file__", str(tmp_path / "rnncourse/skeleton.py"))
    return lambda number, slug: skeleton.new(tmp_path, number, slug)


def contents(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize(
    ("number", "slug", "message"),
    [
        (100, "trial", "100 is no chapter: numbers go from 0 to 99"),
        (-1, "trial", "-1 is no chapter"),
        (16, "Trial", "'Trial' is no name of files: use small letters"),
        (16, "a-b", "is no name of files"),
        (16, "a__b", "is no name of files"),
        (16, "../x", "is no name of files"),
        (16, "16_x", "is no name of files"),
        (16, "", "is no name of files"),
    ],
)
def test_bad_names_are_refused(begin, tmp_path, number, slug, message):
    before = contents(tmp_path)
    with pytest.raises(NotebookError, match=re.escape(message)):
        begin(number, slug)
    assert contents(tmp_path) == before


@pytest.mark.parametrize(
    "there",
    [
        "notebooks/16_other.ipynb",
        "notebooks/solutions/16_other.ipynb",
        "notebooks/exercises/16_other.ipynb",
        "rnncourse/bank/ch16_other.py",
        "rnncourse/quizzes/16.json",
    ],
)
def test_nothing_is_overwritten(begin, tmp_path, there):
    (tmp_path / there).write_text("mine", encoding="utf-8")
    before = contents(tmp_path)
    with pytest.raises(NotebookError, match=re.escape(f"chapter 16 is begun: {there} exists")):
        begin(16, "trial")
    assert contents(tmp_path) == before


def test_another_copy_of_the_course_is_refused(begin, tmp_path, monkeypatch):
    monkeypatch.setattr(skeleton, "__file__", "/elsewhere/rnncourse/skeleton.py")
    with pytest.raises(NotebookError, match="Install this copy first"):
        begin(16, "trial")


def test_a_chapter_that_does_not_run_leaves_nothing_behind(begin, tmp_path, monkeypatch):
    def fail(path, timeout):
        assert path.is_file()
        raise NotebookError("cell 3 failed")

    monkeypatch.setattr(skeleton.notebooks, "run", fail)
    before = contents(tmp_path)
    with pytest.raises(NotebookError, match="cell 3 failed"):
        begin(16, "trial")
    assert contents(tmp_path) == before


# --- the facts -------------------------------------------------------------------------------


def test_a_planned_chapter_becomes_ready_and_nothing_else_changes():
    head, found, tail = (ROOT / chapters.FACTS).read_text(encoding="utf-8").rpartition("ready\n")
    assert found
    before = f"{head}planned\n{tail}".splitlines()  # the last chapter, as if it were to come
    after = skeleton.enter("\n".join(before) + "\n", 15, "finale").splitlines()
    assert len(after) == len(before)
    changed = [line.strip() for old, line in zip(before, after, strict=True) if old != line]
    assert changed == ["slug: finale", "status: ready"]


@pytest.mark.parametrize(("number", "place"), [(77, 16), (16, 16)])
def test_a_chapter_that_is_not_planned_comes_after_the_earlier_ones(tmp_path, number, place):
    facts = (ROOT / chapters.FACTS).read_text(encoding="utf-8")
    (tmp_path / "book").mkdir()
    (tmp_path / chapters.FACTS).write_text(skeleton.enter(facts, number, "a_b"), encoding="utf-8")
    every = chapters.chapters(tmp_path)
    assert every[:place] + every[place + 1 :] == chapters.chapters(ROOT)
    assert (every[place].number, every[place].title, every[place].ready) == (number, "A b", True)


# --- the templates ---------------------------------------------------------------------------


def test_the_template_bank_knows_its_misconceptions(tmp_path):
    shutil.copy(TEMPLATES / "bank.py", tmp_path / "ch77_x.py")
    for question in bank.read_folder(tmp_path)[77]:
        if not question.inputs:
            continue
        cases = judge.draw_cases(question)
        assert len(question.misconceptions) >= 4
        for wrong in question.misconceptions:
            outcomes = [judge.trusted(question, wrong.compute, args) for args in cases]
            verdict = judge.judge(question, cases, outcomes)
            assert verdict.misconception.name == wrong.name
