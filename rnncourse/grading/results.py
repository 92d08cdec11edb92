"""The folder of results: one file a student, written whole or not at all, and what changed."""

from __future__ import annotations

import csv
import json
import os
import time
from pathlib import Path

from rnncourse.grading import tables
from rnncourse.grading.texts import file_name

KINDS = {"student": str, "file": str, "digest": str, "bank": str, "seed": int, "problem": str,
         "notes": list, "questions": dict, "attempt": int}  # fmt: skip


def read_json(path: Path):
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def write_json(path: Path, value) -> None:
    """All of it or nothing: a reader, or the next run, never finds half a file."""
    part = path.with_suffix(f".{os.getpid()}.part")
    part.write_text(json.dumps(value, ensure_ascii=True), encoding="utf-8")
    part.replace(path)


def read_result(path: Path) -> dict | None:
    """The result in a file, if it is one and the file bears the name of its student: nobody's
    result is taken from a name that another student holds."""
    result = read_json(path)
    return result if _is_result(result) and path.stem == file_name(result["student"]) else None


def _is_result(value) -> bool:
    return isinstance(value, dict) and all(isinstance(value.get(k), t) for k, t in KINDS.items())


def read_all(folder: Path) -> list[dict]:
    """The results in a folder, one a student."""
    return [result for path in sorted(folder.glob("*.json")) if (result := read_result(path))]


def misplaced(folder: Path) -> list[tuple[Path, str]]:
    """Files that do not bear the name of the student whom they are about, with who that is.

    They are put aside. Those of earlier versions of the grader, whose names had six digits of the
    hash, get the name that they should have and are not among them.
    """
    found = []
    for path in sorted(folder.glob("*.json")):
        result = read_json(path)
        if not _is_result(result) or path.stem == (name := file_name(result["student"])):
            continue
        if path.stem == name[:-58]:
            _rename(path, name)
        else:
            path.replace(path.with_suffix(".json.not-used"))
            found.append((path, result["student"]))
    return found


def _rename(path: Path, name: str) -> None:
    """Give a result the name that it should have; its old page will not be written again."""
    if path.with_stem(name).exists():
        path.unlink()
    else:
        path.rename(path.with_stem(name))
    (path.parents[1] / "feedback" / f"{path.stem}.html").unlink(missing_ok=True)


def differences(old: dict | None, new: dict) -> list[dict]:
    """What a regrade changed, question by question, and why."""
    if not old:
        return []
    reasons = []
    if old["digest"] != new["digest"]:
        reasons.append("another file was submitted")
    if old["bank"] != new["bank"]:
        reasons.append("the question bank or the grader changed")
    if old["seed"] != new["seed"]:
        reasons.append("another seed")
    changes = []
    for name, answer in new["questions"].items():
        before = old["questions"].get(name)
        if not before or (before["points"], before["misconception"]) == (
            answer["points"],
            answer["misconception"],
        ):
            continue
        recognised = f"now recognised as: {answer['misconception'] or 'nothing known'}"
        renamed = before["misconception"] != answer["misconception"] and answer["status"] == "wrong"
        why = "; ".join([*reasons, recognised] if renamed else reasons)
        changes.append({
            "student": new["student"], "question": name,
            "before": before["points"], "after": answer["points"],
            "why": why or "the answer does not give the same values every time",
        })  # fmt: skip
    return changes


def write_changes(out: Path, changes: list[dict]) -> None:
    """Add to changes.csv, which keeps what every regrade did."""
    if not changes:
        return
    path = out / "changes.csv"
    new = not path.exists()
    with path.open("a", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        if new:
            writer.writerow(["when", "student", "question", "before", "after", "why"])
        now = time.strftime("%Y-%m-%dT%H:%M:%S%z")
        for change in changes:
            keys = ("student", "question", "before", "after", "why")
            writer.writerow([now, *(tables.cell(change[key]) for key in keys)])
