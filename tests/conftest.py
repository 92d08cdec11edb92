"""What several test files share."""

import importlib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture
def root() -> Path:
    """The folder of the course."""
    return ROOT


@pytest.fixture
def fresh_hints(monkeypatch):
    """Begin with no hint shown."""
    module = importlib.import_module("rnncourse.exercises.check")  # the name is the function's
    monkeypatch.setattr(module, "_failures", {})
