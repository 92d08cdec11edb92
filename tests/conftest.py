"""What several test files share."""

import importlib
import os
import signal
from pathlib import Path

# Workers share the cores, and the kernels they start: were all cores taken by each, a training
# would wait for threads that another one's hold. Said before anything brings in numpy or torch.
if workers := os.environ.get("PYTEST_XDIST_WORKER_COUNT"):
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(name, str(max(1, os.cpu_count() // int(workers))))

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
