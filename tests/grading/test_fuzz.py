"""The fuzzer's first rounds; `python tests/grading/fuzz.py` goes on for as long as one likes."""

from __future__ import annotations

import pytest
from fuzz import Fuzz

from rnncourse.grading import sandbox
from rnncourse.grading.workers import close_graders

pytestmark = pytest.mark.skipif(bool(sandbox.obstacles()), reason="no sandbox on this machine")
SEEDS = range(60)


@pytest.fixture(scope="module")
def fuzz(tmp_path_factory):
    yield Fuzz(tmp_path_factory.mktemp("fuzz"))
    close_graders()


@pytest.mark.parametrize("first", SEEDS[::10])
def test_damage_costs_nobody_else_and_gains_nothing(fuzz, first):
    for seed in range(first, first + 10):
        fuzz.round(seed)
