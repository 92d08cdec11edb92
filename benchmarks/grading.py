"""How fast a class is graded, and how that compares with stock nbgrader on the same notebooks.

    python benchmarks/grading.py [--sizes 10 100 1000] [--each 100] [--nbgrader 8] [--write]

Prints one table: submissions, seconds, milliseconds a submission, memory of the process that
collects, and what all processes together take of the processor for a submission, which depends
less on what else the machine does. The clock starts with warm workers and stops when every result
is written; the pages of the class are timed beside it. The first rows grade classes of the tests'
small bank, with right and wrong answers; then comes a row for each chapter of the course, all of
whose submissions are its solved notebook. nbgrader grades a few of the same notebooks, with its
own test cells, in the same run.
"""

from __future__ import annotations

import argparse
import functools
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BANK = ROOT / "tests" / "grading" / "bank"

ANSWERS = {
    90: {
        "scale": ["return k * x", "return x + k", "return k * x * x"],
        "rnn_cell": [
            "return np.tanh(x @ W_xh.T + h @ W_hh.T + b_h)",
            "return np.tanh(x @ W_xh.T + h @ W_hh.T)",
            "return np.tanh(x @ W_xh + h @ W_hh + b_h)",
        ],
        "rnn_last": [
            "h = np.zeros((xs.shape[1], len(b_h)))\n    for x in xs:\n"
            "        h = rnn_cell(x, h, W_xh, W_hh, b_h)\n    return h",
            "return rnn_cell(xs[-1], np.zeros((xs.shape[1], len(b_h))), W_xh, W_hh, b_h)",
        ],
        "running_mean": [
            "return [sum(values[:k]) / k for k in range(1, len(values) + 1)]",
            "return [sum(values[:k]) for k in range(1, len(values) + 1)]",
        ],
    },
    91: {
        "gate": [
            "return torch.sigmoid(x @ W.T + h @ U.T + b)",
            "return torch.sigmoid(x @ W.T + h @ U.T)",
        ],
        "blend": ["return z * h + (1 - z) * n", "return (1 - z) * h + z * n"],
        "keep": ["h = torch.zeros_like(xs[0])\n    for x in xs:\n        h = blend(z, h, x)\n"
                 "    return h"],
        "slope": ["return 1 - torch.tanh(x) ** 2", "return torch.tanh(x)"],
    },
}  # fmt: skip
SIGNATURES = {
    "scale": "x, k", "rnn_cell": "x, h, W_xh, W_hh, b_h", "rnn_last": "xs, W_xh, W_hh, b_h",
    "running_mean": "values", "gate": "x, h, W, U, b", "blend": "z, h, n", "keep": "xs, z",
    "slope": "x",
}  # fmt: skip
IMPORTS = "import numpy as np\nimport torch\nfrom rnncourse.exercises import check"


def cells(chapter: int, number: int) -> list[tuple[str, str]]:
    """(question, code) of the answers of student `number`."""
    made = []
    for place, (name, bodies) in enumerate(ANSWERS[chapter].items()):
        body = bodies[(number // (place + 1)) % len(bodies)]
        made.append((name, f"def {name}({SIGNATURES[name]}):\n    {body}"))
    return made


def notebook(chapter: int, number: int) -> str:
    imports = IMPORTS if chapter == 91 else IMPORTS.replace("import torch\n", "")
    sources = [imports, *(code for _, code in cells(chapter, number))]
    sources += [f'check("{name}", {name})' for name in ANSWERS[chapter]]
    made = [
        {"cell_type": "code", "id": f"c{n}", "metadata": {}, "outputs": [],
         "execution_count": None, "source": source}
        for n, source in enumerate(sources)
    ]  # fmt: skip
    return json.dumps({"cells": made, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


@functools.cache
def solved(chapter: int) -> str:
    """The chapter's solved notebook, outputs and all."""
    (path,) = (ROOT / "notebooks" / "solutions").glob(f"{chapter:02d}_*.ipynb")
    return path.read_text(encoding="utf-8")


def label(chapter: int) -> str:
    """Chapter 3: 6 functions (1 PyTorch), 8 values."""
    from rnncourse import bank

    asked = [q for q in bank.chapter(chapter) if q.reference]
    functions = [q for q in asked if q.inputs]
    torch = sum(q.framework == "torch" for q in functions)
    text = f"chapter {chapter}: {len(functions)} functions" + f" ({torch} PyTorch)" * bool(torch)
    return f"{text}, {len(asked) - len(functions)} values"


def ours(chapter: int, size: int, folder: Path) -> dict:
    """Grade `size` submissions of a chapter, of the course or of the tests, with warm workers."""
    from rnncourse.grading import report
    from rnncourse.grading.run import Options, Run

    inbox, out = folder / f"in{chapter}_{size}", folder / f"out{chapter}_{size}"
    inbox.mkdir()
    for number in range(size):
        text = notebook(chapter, number) if chapter in ANSWERS else solved(chapter)
        (inbox / f"student{number:05d}.ipynb").write_text(text)
    private = str(BANK) if chapter in ANSWERS else ""
    run = Run(Options(inbox, out, chapter=chapter, bank=private, quiet=True, workers=2))
    with run.workers() as make:
        run.warm(make)
        started, spent = time.perf_counter(), processor()
        assert run.grade(make) == size
        grading, spent = time.perf_counter() - started, processor() - spent
    started = time.perf_counter()
    rows = report.rows_of(run, None, None)
    report.write_tables(run, rows, run.title)
    report.write_feedback(run, rows, run.title)
    report.write_report(run, rows, run.title, pseudonyms=False)
    pages = time.perf_counter() - started
    most = sum(qs[0].points for qs in run.questions.values() if qs[0].reference)
    assert max(row.points for row in rows) == (10 if chapter in ANSWERS else most)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    shutil.rmtree(inbox), shutil.rmtree(out)
    return {"size": size, "seconds": grading, "pages": pages, "memory": memory, "spent": spent}


def processor() -> float:
    """Seconds that this process, all below it and all that these have seen end have taken."""
    found, total = [os.getpid()], 0
    for pid in found:  # which grows
        place = Path(f"/proc/{pid}")
        fields = (place / "stat").read_text().rpartition(")")[2].split()
        total += sum(map(int, fields[11:15]))
        found += [
            int(n) for path in place.glob("task/*/children") for n in path.read_text().split()
        ]
    return total / os.sysconf("SC_CLK_TCK")


def real_chapters() -> list[int]:
    return sorted(int(p.name[:2]) for p in (ROOT / "notebooks" / "solutions").glob("??_*.ipynb"))


def nbgrader(size: int, folder: Path) -> dict:
    """Stock nbgrader on notebooks with the same answers and test cells for each question."""
    course = folder / "nbgrader"
    source = course / "source" / "a1"
    source.mkdir(parents=True)
    (source / "work.ipynb").write_text(_with_tests(0, solved=False))
    (course / "nbgrader_config.py").write_text("c = get_config()\n")
    command = [sys.executable, "-m", "nbgrader"]
    quiet = {"cwd": course, "capture_output": True, "check": True}
    subprocess.run([*command, "generate_assignment", "a1"], **quiet)
    for number in range(size + 1):
        place = course / "submitted" / f"student{number}" / "a1"
        place.mkdir(parents=True)
        (place / "work.ipynb").write_text(_with_tests(number, solved=True))
    times = []
    for students in (["student0"], [f"student{n}" for n in range(1, size + 1)]):
        started = time.perf_counter()
        for student in students if len(students) == 1 else ["*"]:
            subprocess.run([*command, "autograde", "a1", "--student", student], **quiet)
        times.append(time.perf_counter() - started)
    return {"size": size, "seconds": max(times[1] - _startup(command, quiet), 1e-9)}


def _startup(command: list[str], quiet: dict) -> float:
    started = time.perf_counter()
    subprocess.run([*command, "autograde", "--version"], **quiet)
    return time.perf_counter() - started


def _with_tests(number: int, solved: bool) -> str:
    """The same answers with nbgrader's own kind of tests: assertions in the student's kernel."""
    made = [_cell("imports", "import numpy as np", {})]
    for name, code in cells(90, number):
        head = code.splitlines()[0]
        stub = f"{head}\n    ### BEGIN SOLUTION\n    pass\n    ### END SOLUTION"
        meta = {"grade": False, "solution": True, "locked": False}
        made.append(_cell(name, code if solved else stub, meta))
        test = f"rng = np.random.default_rng(0)\nfor _ in range(6):\n    {TESTS[name]}"
        made.append(_cell(f"test_{name}", test, {"grade": True, "solution": False,
                                                 "locked": True, "points": 2}))  # fmt: skip
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    return json.dumps({"cells": made, "metadata": kernel, "nbformat": 4, "nbformat_minor": 5})


TESTS = {
    "scale": "x = rng.normal(size=4); assert np.allclose(scale(x, 2.0), 2 * x)",
    "rnn_cell": "x, W = rng.normal(size=(2, 3)), rng.normal(size=(3, 3)); "
    "assert np.allclose(rnn_cell(x, x, W, W, x[0]), np.tanh(x @ W.T + x @ W.T + x[0]))",
    "rnn_last": "x, W = rng.normal(size=(1, 2, 3)), rng.normal(size=(3, 3)); "
    "assert rnn_last(x, W, W, x[0, 0]).shape == (2, 3)",
    "running_mean": "x = list(rng.normal(size=4)); "
    "assert np.allclose(running_mean(x)[-1], np.mean(x))",
}


def _cell(name: str, source: str, meta: dict) -> dict:
    full = {"grade_id": name, "schema_version": 3, "task": False, **meta}
    return {"cell_type": "code", "id": name, "metadata": {"nbgrader": full} if meta else {},
            "outputs": [], "execution_count": None, "source": source}  # fmt: skip


def main() -> None:
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=[10, 100, 1000])
    parser.add_argument("--torch", type=int, default=1000, help="submissions with PyTorch")
    parser.add_argument("--each", type=int, default=100, help="submissions of each real chapter")
    parser.add_argument("--nbgrader", type=int, default=8, help="submissions for nbgrader")
    parser.add_argument("--write", action="store_true", help="store the table in results/")
    options = parser.parse_args()
    lines = ["| what | submissions | seconds | ms each | pages, s | grader's memory, MB "
             "| processor, ms each |",
             "| --- | ---: | ---: | ---: | ---: | ---: | ---: |"]  # fmt: skip
    print("\n".join(lines))
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        plan = [(90, "NumPy, 4 questions", n) for n in options.sizes]
        plan += [(91, "PyTorch, 4 questions", options.torch)] if options.torch else []
        plan += [(c, label(c), options.each) for c in real_chapters() if options.each]
        for chapter, what, size in plan:
            r = ours(chapter, size, folder)
            each = 1000 * r["seconds"] / size
            best = each if chapter == 90 else best  # noqa: F821  the last NumPy row
            lines.append(f"| {what} | {size:,} | {r['seconds']:.2f} | {each:.1f} | "
                         f"{r['pages']:.2f} | {r['memory']:.0f} | "
                         f"{1000 * r['spent'] / size:.1f} |")  # fmt: skip
            print(lines[-1], flush=True)
        if options.nbgrader:
            r = nbgrader(options.nbgrader, folder)
            each = 1000 * r["seconds"] / r["size"]
            lines.append(f"| stock nbgrader, NumPy, 4 questions | {r['size']} | "
                         f"{r['seconds']:.2f} | {each:.0f} | | | |")  # fmt: skip
            lines += ["", f"nbgrader takes {each / best:.0f} times as long for a submission."]
            print("\n".join(lines[-3:]))
    if options.write:
        target = ROOT / "benchmarks" / "results" / "grading.md"
        target.parent.mkdir(exist_ok=True)
        target.write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
