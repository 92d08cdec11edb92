"""Hand out as an nbgrader course: its folder, and the configuration that names this judge."""

from __future__ import annotations

import ast
import re
import secrets
import shutil
from pathlib import Path

from nbformat import NotebookNode

from rnncourse import notebooks

CONFIG = '''\
"""nbgrader with the judge of rnncourse: written by `rnncourse assign --nbgrader`."""

from rnncourse.grading import nbgrader_adapter

c = get_config()  # noqa: F821
nbgrader_adapter.configure(
    c,
    assignments={assignments},
    seed={seed},  # secret: keep this file to yourself, and for appeals
    private={bank!r},
)
'''


def _configured(config: Path) -> tuple[dict[str, int], int, str]:
    """(assignments, seed, bank) of a course that is there already, or of a new one."""
    text = config.read_text(encoding="utf-8") if config.exists() else ""
    found = re.search(r"assignments=({.*}),\n    seed=(\d+),.*\n    private=(.*),", text)
    if not found:
        return {}, secrets.randbits(62), ""
    return ast.literal_eval(found[1]), int(found[2]), ast.literal_eval(found[3])


def write(chapter: int, out: Path, private: str, name: str, edition: NotebookNode) -> list[str]:
    """Add an assignment to the course in the folder, or begin one; what to tell the instructor."""
    assignment = f"ch{chapter:02d}"
    folder = out / "source" / assignment
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(notebooks.to_text(edition), encoding="utf-8", newline="\n")
    config = out / "nbgrader_config.py"
    bank_path = str(Path(private).resolve()) if private else ""
    assignments, seed, old_bank = _configured(config)
    if assignments and old_bank != bank_path:
        raise ValueError(f"{config} is for {old_bank or 'the course'}'s bank: give another --out.")
    if config.exists():
        shutil.copy(config, config.with_suffix(".py.old"))
    config.write_text(
        CONFIG.format(assignments=assignments | {assignment: chapter}, seed=seed, bank=bank_path),
        encoding="utf-8",
    )
    return [
        f"{out} is an nbgrader course. In that folder:",
        f"  nbgrader generate_assignment {assignment}",
        f"  # collect into submitted/STUDENT/{assignment}/{name}",
        f"  nbgrader autograde {assignment}",
        f"  nbgrader generate_feedback {assignment}",
        "  nbgrader export",
    ]
