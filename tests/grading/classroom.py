"""What the grader's tests share: notebooks made from cells, honest answers, a run."""

from __future__ import annotations

import json
import re
from pathlib import Path

from rnncourse.grading.results import read_json
from rnncourse.grading.run import Options, Run
from rnncourse.grading.sandbox import Limits

HERE = Path(__file__).parent
BANK = HERE / "bank"
QUICK = Limits(seconds=3.0, cpu_seconds=2, memory_mb=300)

HONEST = {
    "imports": "import numpy as np\nfrom rnncourse.exercises import check",
    "scale": "def scale(x, k):\n    return k * x",
    "rnn_cell": "def rnn_cell(x, h, W_xh, W_hh, b_h):\n"
    "    return np.tanh(x @ W_xh.T + h @ W_hh.T + b_h)",
    "rnn_last": "def rnn_last(xs, W_xh, W_hh, b_h):\n"
    "    h = np.zeros((xs.shape[1], len(b_h)))\n"
    "    for x in xs:\n        h = rnn_cell(x, h, W_xh, W_hh, b_h)\n    return h",
    "running_mean": "def running_mean(values):\n"
    "    return [float(np.mean(values[:k])) for k in range(1, len(values) + 1)]",
    "gate_letter": 'gate_letter = "C"',
}
FULL = 11  # points that are judged automatically


def notebook(cells: list[str], text: str = "") -> str:
    """An .ipynb with these code cells, and a written answer if there is one."""
    made = [
        {"cell_type": "code", "metadata": {}, "source": source, "outputs": [],
         "execution_count": None, "id": f"c{n}"}
        for n, source in enumerate(cells)
    ]  # fmt: skip
    if text:
        made.append({"cell_type": "markdown", "id": "m", "source": text,
                     "metadata": {"tags": ["manual:explain"]}})  # fmt: skip
    return json.dumps({"cells": made, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


def honest(**changes: str) -> list[str]:
    return list({**HONEST, **changes}.values())


def script_cells(path: Path) -> list[str]:
    """The cells of a script, separated by `# %%`; magics are written `#!`."""
    parts = re.split(r"^# %%.*\n", path.read_text(), flags=re.MULTILINE)[1:]
    return [re.sub(r"^#! ?", "", part, flags=re.MULTILINE) for part in parts]


def grade(folder: Path, out: Path, **options) -> dict[str, dict]:
    """Grade a folder with the tests' bank; the results by student."""
    options = {"chapter": 90, "bank": str(BANK), "limits": QUICK, "quiet": True, **options}
    run = Run(Options(submissions=folder, out=out, **options))
    run.grade()
    return stored(out)


def stored(out: Path) -> dict[str, dict]:
    found = [read_json(path) for path in sorted((out / "results").glob("*.json"))]
    return {result["student"]: result for result in found}


def points(result: dict) -> float:
    return sum(answer["points"] for answer in result["questions"].values())
