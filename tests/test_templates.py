"""The template chapter works: copied as CONTRIBUTING says, it runs, builds, checks and teaches."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from rnncourse import bank
from rnncourse.exercises import judge

ROOT = Path(__file__).resolve().parent.parent
TEMPLATES = ROOT / "templates"


@pytest.fixture(scope="module")
def course(tmp_path_factory) -> Path:
    """A copy of the course that has the template as its chapter 77."""
    folder = tmp_path_factory.mktemp("course")
    shutil.copytree(
        ROOT / "rnncourse", folder / "rnncourse", ignore=shutil.ignore_patterns("__pycache__")
    )
    shutil.copy(ROOT / "_toc.yml", folder)
    (folder / "notebooks" / "solutions").mkdir(parents=True)
    commands = re.findall(r"^ +cp (\S+) +(\S+)$", read_contributing(), flags=re.MULTILINE)
    assert len(commands) == 4
    for source, target in commands:
        shutil.copy(ROOT / source, folder / target.replace("08", "77").replace("topologies", "x"))
    return folder


def read_contributing() -> str:
    return (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")


def rnncourse(folder: Path, *arguments: str) -> str:
    result = subprocess.run(
        [sys.executable, "-m", "rnncourse.cli", *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder), "PYTHONUTF8": "1"},
        capture_output=True,
        encoding="utf-8",
    )
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


def test_a_copied_template_runs_and_its_student_edition_builds(course):
    chapter, solution = "notebooks/77_x.ipynb", "notebooks/solutions/77_x.ipynb"
    assert "done" in rnncourse(course, "notebook", "run", chapter, solution)
    assert "exercises/77_x.ipynb: written" in rnncourse(course, "exercises", "build")
    assert "Score: 7 of 7 points" in rnncourse(course, "check", solution)
    empty = rnncourse(course, "check", "notebooks/exercises/77_x.ipynb")
    assert "Score: 0 of 7 points" in empty


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
