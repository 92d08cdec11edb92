"""A class whose misconceptions are known: the grader finds them, and no others."""

from __future__ import annotations

import importlib.util
from collections import Counter

import pytest

from rnncourse.grading import sandbox
from rnncourse.grading.results import read_json
from rnncourse.grading.run import Options, Run

pytestmark = pytest.mark.skipif(bool(sandbox.obstacles()), reason="no sandbox on this machine")


@pytest.fixture(scope="module")
def simulation():
    from pathlib import Path

    path = Path(__file__).parents[2] / "benchmarks" / "simulated_class.py"
    spec = importlib.util.spec_from_file_location("simulated_class", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("chapter", [2, 4])
def test_what_the_class_misunderstood_is_found(simulation, chapter, tmp_path):
    students = simulation.make_class(chapter, 50, seed=7)
    inbox = tmp_path / "in"
    inbox.mkdir()
    for name, student in students.items():
        (inbox / f"{name}.ipynb").write_text(student.notebook())
    Run(Options(inbox, tmp_path / "out", chapter=chapter, quiet=True)).grade()
    results = {r["student"]: r for r in map(read_json, (tmp_path / "out/results").glob("*.json"))}
    kinds = Counter(label for s in students.values() for label in s.truth.values())
    assert len(kinds) > 20
    lines, good = simulation.compare_class(students, results)
    assert good, "\n".join(lines)
