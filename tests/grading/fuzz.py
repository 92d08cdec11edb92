"""Damage a class at random and grade it: nothing crashes, no row is lost, no point is gained.

    python tests/grading/fuzz.py --minutes 60 --seed 1

Each round copies a small class, damages one student's file (its bytes, its JSON, its code, the
values its code returns, its name, an archive of it) or one of the instructor's tables, grades the
class into results that are there already, or anew, and looks at the gradebook. A round is repeated
with `--rounds 1 --seed` and the number that a failure names.
"""

from __future__ import annotations

import argparse
import concurrent.futures
import contextlib
import csv
import io
import json
import os
import shutil
import sys
import tempfile
import time
import traceback
import zipfile
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))

from classroom import BANK, HONEST, honest, notebook

from rnncourse.grading import commands, report
from rnncourse.grading.run import Options, Run
from rnncourse.grading.sandbox import Limits
from rnncourse.grading.tables import TableError
from rnncourse.grading.texts import shown
from rnncourse.grading.workers import close_graders

STUBS = {
    name: code.split("\n")[0] + '\n    raise NotImplementedError("your turn")'
    for name, code in HONEST.items()
    if code.startswith("def ")
} | {"gate_letter": "gate_letter = None"}
CLASS = {
    "s-ann": ("Ann Lee", "annlee_101_9001_work.ipynb", honest(), "The product shrinks."),
    "s-bob": ("Bob Ray", "Bob Ray_102_assignsubmission_file_/work.ipynb", honest(), ""),
    "s-cem": ("Cem Oz", "cem oz.ipynb", honest(**STUBS), ""),
    "s-dee": ("Dee Fox", "s-dee.ipynb", honest(scale=STUBS["scale"]), "It grows."),
}
LIMITS = Limits(seconds=60.0, cpu_seconds=2, memory_mb=300, submission_seconds=240.0)  # the
# clock is wide: on a busy machine it would cost others points, and nothing here sleeps
KEPT = ("Student", "ID", "Points", "Of", "Status", "scale", "rnn_cell", "gate_letter", "explain")


class Inline(concurrent.futures.Executor):
    """An executor that does the work at once, in this process."""

    def submit(self, work, *arguments):
        future = concurrent.futures.Future()
        try:
            future.set_result(work(*arguments))
        except Exception as error:
            future.set_exception(error)
        return future


# --- damage ---------------------------------------------------------------------------------------
ODD = [None, True, -1, 1e308, float("nan"), 2**70, "", "\ud800", "x" * 5000, "\x00\u202e", [], {},
       [[[[[]]]]], {"cells": 1}, [None, 3], "=1+1", "<script>alert(1)</script>"]  # fmt: skip
VALUES = [
    "np.full(x.shape, np.nan)", "[x, [x, [x]]]", "x.astype(object)", "np.zeros((2**40, 0))",
    "{1: 2}", "iter(())", "lambda: 0", "np.array('a')", "np.ma.masked_array(x)", "x[::-1].T",
    "np.datetime64('NaT')", "float('inf') * x", "(k for k in x)", "b'x' * 9999", "type(x)",
    "np.zeros(3, dtype=[('a', 'f8')])", "memoryview(x)", "10**5000", "1j * x", "None", "...",
    "[x] * 200000", "'\\ud800'", "np.float16(1) * x", "scale", "x - k if k > 0 else 1 / 0",
    "(yield x)", "np.broadcast_to(x[:1], (10**6,))", "np.matrix(x)", "exit()",
    "[float(v) for v in x]",
]  # fmt: skip
NAMES = ["=1+1", "Ann Lee", "annlee_102_9_w", "a\nb", "\u202egnp", "..", "CON", "x" * 200, "  ",
         "s-ann", "Bob Rae_101_assignsubmission_file_w", "<b>x", "Ann Leigh", "é" * 60, "-rf",
         "m\udcfcller", "\\", "ann_attempt_2", "'; DROP", "%s{0}", "s-cen.ipynb", ".hidden",
         "annlee_LATE_101_9_w", "99999999999999999999_1_2_3", "ſ-ann", "Ａnn Lee"]  # fmt: skip


def of_bytes(rng, data: bytes) -> bytes:
    start, end = sorted(rng.integers(0, len(data) + 1, size=2).tolist())
    noise = rng.bytes(int(rng.integers(1, 40)))
    return [
        lambda: data[:start],
        lambda: data[end:],
        lambda: data[:start] + data[end:],
        lambda: data[:end] + data[start:],
        lambda: data[:start] + noise + data[start:],
        lambda: bytes(b ^ (rng.random() < 0.01) * int(rng.integers(256)) for b in data),
        lambda: data.decode("utf-8", "replace").encode("utf-16"),
        lambda: b"\xef\xbb\xbf" + data.replace(b"\n", b"\r\n"),
        lambda: data.replace(b'"', b"'", int(rng.integers(1, 9))),
        lambda: b"",
    ][rng.integers(10)]()


def of_json(rng, data: bytes) -> bytes:
    """One to four nodes replaced, deleted, doubled or moved."""
    book = json.loads(data)
    for _ in range(rng.integers(1, 5)):
        node, path = book, None
        while isinstance(node, (dict, list)) and node and (path is None or rng.random() < 0.75):
            keys = list(node) if isinstance(node, dict) else range(len(node))
            path = (node, keys[rng.integers(len(keys))])
            node = node[path[1]]
        if path is None:
            break
        parent, key = path
        choice = rng.integers(4)
        if choice == 0:
            parent[key] = ODD[rng.integers(len(ODD))]
        elif choice == 1:
            del parent[key]
        elif isinstance(parent, list):
            parent.insert(int(rng.integers(len(parent) + 1)), parent[key])
        else:
            parent[f"{key}2"] = parent[key]
    return json.dumps(book).encode("utf-8", "surrogatepass")


def of_code(rng, data: bytes) -> bytes:
    """Characters and lines of one cell lost, doubled or replaced."""
    book = json.loads(data)
    cell = book["cells"][rng.integers(len(book["cells"]))]
    lines = cell["source"].split("\n")
    line = int(rng.integers(len(lines)))
    text = lines[line]
    place = int(rng.integers(len(text) + 1))
    junk = ["\t", "(", '"""', "#", "\\", "\x00", "é", "!ls ", "%%time\n", "await ", "del np\n",
            "import os\n", "global x\n", "raise\n", ";", "return\n", "ſcale"]  # fmt: skip
    lines[line : line + 1] = [
        [text[:place] + junk[rng.integers(len(junk))] + text[place:]],
        [text[:place] + text[place + 1 :]],
        [],
        [text, text],
        [text.lstrip()],
    ][rng.integers(5)]
    cell["source"] = "\n".join(lines)
    return json.dumps(book).encode()


def of_values(rng, data: bytes) -> bytes:
    book = json.loads(data)
    value = VALUES[rng.integers(len(VALUES))]
    late = bool(rng.integers(2))  # an odd value in some cases only
    body = f"    if len(x) > 3:\n        return {value}\n" if late else f"    return {value}\n"
    book["cells"][1]["source"] = f"import numpy as np\ndef scale(x, k):\n{body}    return 0\n"
    return json.dumps(book).encode()


def archived(rng, data: bytes) -> bytes:
    """A zip file of the notebook, often damaged."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", [0, 8, 12, 14][rng.integers(4)]) as archive:
        for number in range(rng.integers(1, 4)):
            name = f"{NAMES[rng.integers(len(NAMES))]}/{number}.ipynb".replace("\udcfc", "ü")
            with contextlib.suppress(UnicodeError):
                archive.writestr(name, of_json(rng, data) if rng.random() < 0.3 else data)
    return of_bytes(rng, made.getvalue()) if rng.random() < 0.6 else made.getvalue()


def of_table(rng, text: str) -> bytes:
    rows = list(csv.reader(io.StringIO(text)))
    row = rows[rng.integers(len(rows))]
    choice = rng.integers(5)
    if choice == 0:
        return of_bytes(rng, text.encode())
    if choice == 1:
        row[rng.integers(len(row))] = str(ODD[rng.integers(len(ODD))])
    elif choice == 2:
        rows.insert(int(rng.integers(len(rows) + 1)), row)
    elif choice == 3:
        row.pop()
    else:
        row.insert(0, NAMES[rng.integers(len(NAMES))])
    made = io.StringIO()
    csv.writer(made, delimiter=",;\t"[rng.integers(3)]).writerows(rows)
    return made.getvalue().encode("utf-8", "replace")


def judged(answer: dict) -> float:
    """The points of an answer without those that people gave."""
    return answer.get("automatic", answer["points"])


# --- a round --------------------------------------------------------------------------------------
class Fuzz:
    """A class that is whole, what its gradebook says, and rounds of damage to copies of it."""

    def __init__(self, place: Path):
        self.place, self.whole = place, place / "whole"
        for name, (_, file, cells, text) in CLASS.items():
            path = self.whole / "in" / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(notebook(cells, text))
            os.utime(path, (1_700_000_000, 1_700_000_000))
            assert name
        roster = [f"{key},{entry[0]},{number}" for number, (key, entry) in
                  enumerate(CLASS.items(), start=101)]  # fmt: skip
        (self.whole / "class.csv").write_text("\n".join(["student,name,id", *roster, ""]))
        (self.whole / "marks.csv").write_text(
            "student,item,points,comment\ns-ann,explain,3,Good.\ns-dee,explain/1,1,\n"
        )
        self.work = place / "work"
        shutil.copytree(self.whole, self.work)
        self.before, self.sums = self.grade()
        shutil.copytree(self.work / "out", self.whole / "out")

    def grade(self) -> tuple[dict[str, dict], dict[str, float]]:
        """(the gradebook by student, points that were judged by student)."""
        work = self.work
        options = Options(work / "in", work / "out", chapter=90, bank=str(BANK), seed=5,
                          roster=work / "class.csv", limits=LIMITS, quiet=True)  # fmt: skip
        run = Run(options)
        run.grade(Inline)
        rows = report.rows_of(run, work / "marks.csv", None)
        commands._write_pages(run, rows, "Fuzz", False)
        sums = {row.student: sum(map(judged, row.result["questions"].values())) for row in rows}
        with open(work / "out" / "gradebook.csv", encoding="utf-8-sig", newline="") as file:
            book = {row["ID"]: row for row in csv.DictReader(file)}
        assert len(book) == len(rows), "a row of the gradebook is lost"
        for row in rows:
            assert (work / "out" / row.page).exists(), f"no feedback for {row.student!r}"
        return book, sums

    def round(self, seed: int) -> str:
        """Damage, grade, look; what was damaged. Raises AssertionError where a law is broken."""
        rng = np.random.default_rng(seed)
        shutil.rmtree(self.work)
        shutil.copytree(self.whole, self.work)
        if rng.random() < 0.2:
            shutil.rmtree(self.work / "out")  # all are graded anew
        victim = list(CLASS)[rng.integers(len(CLASS))]
        kind = rng.choice(["bytes", "json", "code", "values", "name", "archive", "table"])
        done = f"seed {seed}: {kind} of {victim}"
        if kind == "table":
            name = ["class.csv", "marks.csv"][rng.integers(2)]
            path = self.work / name
            path.write_bytes(of_table(rng, path.read_text()))
            return self._look_at_table(f"seed {seed}: {name}", name)
        path = self.work / "in" / CLASS[victim][1]
        data = path.read_bytes()
        if kind == "name":
            path = self._rename(rng, path)
        elif kind == "archive":
            path.with_suffix(".zip").write_bytes(archived(rng, data))
            path.unlink()
        else:
            change = {"bytes": of_bytes, "json": of_json, "code": of_code, "values": of_values}
            path.write_bytes(change[str(kind)](rng, data))
        book, sums = self.grade()
        for name in CLASS:
            assert name in book, f"{done}: the row of {name} is lost"
            if name != victim:
                same = {key: (self.before[name][key], book[name][key]) for key in KEPT}
                other = {key: pair for key, pair in same.items() if pair[0] != pair[1]}
                assert not other, f"{done}: {name} has changed: {other}"
        strangers = sum(points for name, points in sums.items() if name not in CLASS)
        gained = sums[victim] + strangers - self.sums[victim]
        assert gained <= 1e-9, f"{done}: {gained:g} points gained"
        if kind == "name" and not sums[victim]:
            said = [row["File"] + row["To look at"] for row in book.values()]
            found = any(shown(path.name) in text for text in said)
            assert found or len(book) > len(CLASS) or not self.sums[victim], f"{done}: lost"
        return done

    def _rename(self, rng, path: Path) -> Path:
        name = NAMES[rng.integers(len(NAMES))]
        inside = "/work.ipynb" if rng.random() < 0.3 else [".ipynb", ".ipynb.txt"][rng.integers(2)]
        target = self.work / "in" / f"{name}{inside}"
        with contextlib.suppress(OSError, ValueError):
            if not os.path.lexists(target) and not os.path.lexists(self.work / "in" / name):
                target.parent.mkdir(exist_ok=True)
                shutil.move(path, target)
                return target
        return path

    def _look_at_table(self, done: str, name: str) -> str:
        try:
            book, sums = self.grade()
        except TableError as error:
            if not str(error).startswith(name):
                raise AssertionError(f"{done}: {error}") from error
            return done
        if name == "marks.csv":
            assert set(book) == set(CLASS), f"{done}: {sorted(book)}"
            assert sums == self.sums, done
        assert len(book) >= len(CLASS), f"{done}: {sorted(book)}"
        total = sum(sums.values())
        assert abs(total - sum(self.sums.values())) < 1e-9, f"{done}: {total:g} points"
        return done


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--rounds", type=int, default=10**9)
    parser.add_argument("--seed", type=int, default=0, help="of the first round; the next has +1")
    options = parser.parse_args()
    deadline, failures, number = time.monotonic() + 60 * options.minutes, 0, 0
    with tempfile.TemporaryDirectory() as place:
        fuzz = Fuzz(Path(place))
        while number < options.rounds and time.monotonic() < deadline:
            seed = options.seed + number
            number += 1
            try:
                fuzz.round(seed)
            except Exception as error:
                failures += 1
                print(f"seed {seed}: {type(error).__name__}: {error}", flush=True)
                if not isinstance(error, AssertionError):
                    traceback.print_exc()
            if number % 500 == 0:
                print(f"{number:,} rounds, {failures} failures", flush=True)
    close_graders()
    print(f"{number:,} rounds, {failures} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
