"""What several test files share."""

import importlib
import signal
from pathlib import Path

import pytest
from browsing import boards, book, browser, stage  # noqa: F401, for the tests of the site

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture
def root() -> Path:
    """The folder of the course."""
    return ROOT


@pytest.fixture(autouse=True)
def interruptible():
    """Ctrl-C as in a terminal: a shell in the background starts its children deaf to it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture
def fresh_hints(monkeypatch):
    """Begin with no hint shown."""
    module = importlib.import_module("rnncourse.exercises.check")  # the name is the function's
    monkeypatch.setattr(module, "_failures", {})
