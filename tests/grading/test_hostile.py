"""Every hostile submission gains nothing, costs others nothing and is reported.

One class is graded once: the scripts of hostile/, honest students between them, and a folder
with links, pipes and zip tricks. Network attempts go to a listener on the loopback, fork bombs
and hogs are bounded in the scripts themselves.
"""

from __future__ import annotations

import json
import os
import re
import socket
import struct
import threading
import zipfile
from pathlib import Path

import pytest
from classroom import FULL, HERE, grade, honest, notebook, points, script_cells

from rnncourse.grading import sandbox

HOSTILE = sorted((HERE / "hostile").glob("*.py"))
CANARY = "CANARY-7d3f"
HONEST_STUDENTS = ["aaron", "fiona", "kim", "quinn", "zoe"]

pytestmark = pytest.mark.skipif(bool(sandbox.obstacles()), reason="no sandbox on this machine")


def header(path: Path, key: str, default: str = "") -> str:
    match = re.search(rf"^# {key}: (.*)$", path.read_text(), re.MULTILINE)
    return match[1] if match else default


class Listener(threading.Thread):
    """Counts who connects to the loopback."""

    def __init__(self):
        super().__init__(daemon=True)
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.visitors = 0

    def run(self):
        try:
            while True:
                self.socket.accept()[0].close()
                self.visitors += 1
        except OSError:
            return


def filled(cell: str, port: int) -> str:
    many = "\n".join(f"def scale(x, k):\n    return x + {n} * np.ones(1)" for n in range(900))
    for word, text in {
        "PORT": str(port),
        "DEEP_PARENTHESES": "(" * 3000 + ")" * 3000,
        "DEEP_MINUS": "-" * 50_000 + "1",
        "DEEP_SUM": "1" + "+1" * 20_000,
        "NULL_BYTE": "\0",
        "DEFINITIONS": many,
        "LONG_NAME": "a" * 300_000,
    }.items():
        cell = cell.replace(word, text)
    return cell


def folder_tricks(folder: Path, secret: Path) -> None:
    """What a student can do with files alone."""
    os.symlink(secret, folder / "trick_link.ipynb")
    os.symlink(secret.parent, folder / "trick_linkdir")
    (folder / "trick_inner").mkdir()
    os.symlink(secret, folder / "trick_inner" / "work.ipynb")
    os.mkfifo(folder / "trick_pipe.ipynb")
    with zipfile.ZipFile(folder / "trick_slip.zip", "w") as archive:
        archive.writestr("../../../trick_escaped.ipynb", notebook(["scale = 1"]))
        link = zipfile.ZipInfo("work.ipynb")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, str(secret))
    with zipfile.ZipFile(folder / "trick_bomb.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("work.ipynb", b" " * (80 << 20))
    (folder / "trick_json.ipynb").write_text('{"cells": ' + "[" * 100_000 + "]" * 100_000 + "}")
    (folder / "trick_numbers.ipynb").write_text('{"nbformat": ' + "9" * 10_000 + "}")
    (folder / "trick_..%2f..%2fetc.ipynb").write_text(notebook(["x = 1"]))
    (folder / "trick_<script>alert(1)<&.ipynb").write_text(notebook(["x = 1"]))
    (folder / "=trick_formula()|calc.ipynb").write_text(notebook(["x = 1"]))
    (folder / "trick_a;=cmd|' .ipynb").write_text(notebook(["x = 1"]))
    (folder / "..%2ftrick_up.ipynb").write_text(notebook(["x = 1"]))
    (folder / "trick-txt_12_34_work.ipynb.txt").write_text(notebook(["x = 1"]))
    (folder / f"trick_{'x' * 240}.ipynb").write_text(notebook(["x = 1"]))
    (folder / "trick_half.ipynb").write_bytes(b'{"nbformat": "\\ud800"}')
    (folder / "trick_lists.ipynb").write_bytes(b'{"cells": [' + b"[]," * 16_000_000 + b"1]}")
    (folder / "trick_cells.ipynb").write_text(notebook(["x = 1"] * 3000))
    (folder / "trick_utf16.ipynb").write_text(notebook(["x = 1"]), encoding="utf-16")
    (folder / "trick_kinds.ipynb").write_text(
        '{"cells": [{"cell_type": ["code"], "source": 5, "metadata": {"tags": {"a": 1}}}]}'
    )
    os.mkfifo(folder / "trick_pipezip.zip")
    with zipfile.ZipFile(folder / "trick_encrypted.zip", "w") as archive:
        archive.writestr("work.ipynb", notebook(["x = 1"]))
    data = bytearray((folder / "trick_encrypted.zip").read_bytes())
    for mark, place in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        data[data.index(mark) + place] |= 1  # the flag that says so
    (folder / "trick_encrypted.zip").write_bytes(data)
    with zipfile.ZipFile(folder / "trick_many.zip", "w") as archive:
        archive.writestr("work.ipynb", notebook(["x = 1"]))
        for number in range(60_000):
            archive.writestr(zipfile.ZipInfo(f"{number:030d}"), b"")
    with zipfile.ZipFile(folder / "trick_nested.zip", "w") as archive:
        archive.write(folder / "trick_slip.zip", "/work.zip")
    with socket.socket(socket.AF_UNIX) as listener:
        here = os.getcwd()
        os.chdir(folder)  # the path of a socket must be short
        listener.bind("trick_socket.ipynb")
        os.chdir(here)


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """(results by student, folder of results, listener, everything the run wrote as text)."""
    base = tmp_path_factory.mktemp("hostile")
    folder, out = base / "submissions", base / "out"
    folder.mkdir()
    listener = Listener()
    listener.start()
    secret = base / "secret" / "work.ipynb"
    secret.parent.mkdir()
    secret.write_text(notebook([*honest(), f"# {CANARY}"]))
    for path in HOSTILE:
        cells = [filled(cell, listener.port) for cell in script_cells(path)]
        (folder / f"h_{path.stem}.ipynb").write_text(notebook(cells))
    for name in HONEST_STUDENTS:
        (folder / f"{name}.ipynb").write_text(notebook([*honest(), f"# {CANARY}"], "Because."))
    folder_tricks(folder, secret)
    os.environ["RNNCOURSE_CANARY"] = CANARY
    try:
        results = grade(folder, out, seed=20260501, workers=2)
    finally:
        del os.environ["RNNCOURSE_CANARY"]
        listener.socket.close()
    return results, out, listener


@pytest.mark.parametrize("path", HOSTILE, ids=lambda path: path.stem)
def test_gains_nothing_and_is_reported(path, graded):
    result = graded[0][f"h_{path.stem}"]
    assert points(result) <= float(header(path, "earns", "0")), result["questions"]
    said = json.dumps([result["problem"], [
        [a["status"], a["message"], a["flags"]] for a in result["questions"].values()
    ]], ensure_ascii=False)  # fmt: skip
    assert re.search(header(path, "reported", "."), said), said
    assert CANARY not in json.dumps(result)
    assert len(said) < 20_000


def test_there_are_at_least_forty():
    assert len(HOSTILE) >= 40


@pytest.mark.parametrize("name", HONEST_STUDENTS)
def test_honest_students_lose_nothing(name, graded):
    result = graded[0][name]
    assert points(result) == FULL
    assert not any(answer["flags"] for answer in result["questions"].values())


def test_tricks_with_files_get_a_readable_row(graded):
    tricks = {name: r for name, r in graded[0].items() if "trick" in name}
    assert len(tricks) == 25
    for name, result in tricks.items():
        assert points(result) == 0, name
        answered = [a["status"] for a in result["questions"].values()]
        assert result["problem"] or set(answered) <= {"missing", "unanswered"}, (name, answered)
        assert CANARY not in json.dumps(result), name
    said = {name: result["problem"] for name, result in tricks.items()}
    assert "ordinary" in said["trick_pipezip"]
    assert "far too many" in said["trick_many"]
    assert "password" in said["trick_encrypted"]
    assert "no notebook" in said["trick_nested"]
    assert "more than 2,000 cells" in said["trick_cells"]
    assert "Clear its outputs" in said["trick_lists"]


def test_nobody_reached_the_network(graded):
    assert graded[2].visitors == 0


def test_nothing_was_planted(graded):
    base = graded[1].parent
    planted = {"planted.py", "stolen", "unpickled", "from_bash", "state", "trick_escaped.ipynb"}
    found = {path.name for path in base.rglob("*")} | set(os.listdir("/tmp"))
    assert not found & planted


def test_no_process_is_left(graded):
    """Nothing runs as the sandbox's user, and no sleeper of the daemons is alive."""
    for status in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = status.read_bytes()
        except OSError:
            continue
        assert b"/sandbox/main.py" not in line or b"warm" not in line or _is_new(status), line


def _is_new(status: Path) -> bool:
    """A warm process of another test or program, not a child of the run that has ended."""
    parent = (status.parent / "stat").read_text().rsplit(")", 1)[1].split()[1]
    return parent != "1"


def test_pages_of_hostile_students_are_escaped(graded):
    from rnncourse.grading import report
    from rnncourse.grading.run import Options, Run

    _, out, _ = graded
    run = Run(Options(out.parent / "submissions", out, chapter=90, bank=str(HERE / "bank")))
    rows = report.rows_of(run, None, None)
    report.write_tables(run, rows, "Hostile")
    report.write_feedback(run, rows, "Hostile")
    report.write_report(run, rows, "Hostile", pseudonyms=False)
    for page in [*(out / "feedback").iterdir(), out / "report.html", out / "by_hand.html"]:
        text = page.read_text()
        assert "<script" not in text, page
        assert "onerror=" not in re.sub(r"&lt;img[^<]*", "", text), page
        assert str(run.assignment.seed) not in text, page
        assert CANARY not in text or page.name == "report.html", page
    table = (out / "gradebook.csv").read_text(encoding="utf-8-sig")
    assert not re.search(r"(^|[,;\t])[\"']?=", table.replace("'=", ""), re.MULTILINE)


def test_a_message_is_never_longer_than_it_may_be():
    left, right = socket.socketpair()
    link = sandbox.Link(left, 10**12)
    right.sendall(struct.pack("<I", 2**31) + b"x" * 100)
    with pytest.raises(OverflowError):
        link.receive()
    left.close(), right.close()
