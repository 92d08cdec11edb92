"""Hand out a chapter's exercises: for students, for each student, or as an nbgrader course."""

from __future__ import annotations

import ast
import copy
import re
import secrets
import shutil
from pathlib import Path

from nbformat import NotebookNode

from rnncourse import bank, notebooks
from rnncourse.bank import Question
from rnncourse.exercises import build
from rnncourse.grading.judge import Assignment, load_questions, variant_of
from rnncourse.grading.submissions import file_name, read_roster

ROOT = Path(__file__).parents[2]

README = """\
# {title}

1. Install the course: `pip install -r requirements.txt` in its folder, or use it where your
   instructor has set it up.
2. Open `{notebook}` in JupyterLab. Fill in the answers; keep the names of functions and
   variables as they are, because your work is found by them.
3. Run the `check(...)` cells as often as you like. They tell you what is right, and for many
   mistakes which idea went wrong. They cost nothing.
4. Before you submit: *Kernel → Restart Kernel and Run All Cells*, then save.
5. Submit the notebook, nothing else. Clear its outputs if it is larger than a few megabytes.

Your functions will be called with other inputs than those that `check` uses, and only what
they return is judged. They have {seconds:.0f} seconds for each question, {memory} MB of memory,
no network and no files. A function that calls one of an earlier question gets a correct one, so
one mistake does not cost twice.
"""


def notebooks_of(chapter: int, private: str = "") -> tuple[NotebookNode, NotebookNode]:
    """(solved notebook, student edition) of a chapter, of the course or of a private bank."""
    folder = Path(private) if private else ROOT / "notebooks"
    if private:
        bank.include(folder)
    paths = sorted((folder / "solutions").glob(f"{chapter:02d}_*.ipynb"))
    if not paths and private:
        paths = sorted((ROOT / "notebooks" / "solutions").glob(f"{chapter:02d}_*.ipynb"))
    if not paths:
        raise ValueError(f"There is no solved notebook of chapter {chapter} in {folder}/solutions.")
    solved = notebooks.read(paths[0])
    return solved, build.student_edition(solved)


def notebook_name(chapter: int, private: str = "") -> str:
    for folder in filter(None, (private, ROOT / "notebooks")):
        for path in sorted((Path(folder) / "solutions").glob(f"{chapter:02d}_*.ipynb")):
            return path.name
    raise ValueError(f"There is no notebook of chapter {chapter}.")


def for_student(
    notebook: NotebookNode, questions: dict[str, list[Question]], student: str
) -> NotebookNode:
    """The notebook with the student's variants: of cells tagged variant:NAME:K, theirs."""
    mine = copy.deepcopy(notebook)
    kept = []
    for cell in mine.cells:
        tags = [tag for tag in cell.metadata.get("tags", []) if tag.startswith("variant:")]
        wanted = [tag.split(":") for tag in tags]
        if all(variant_of(questions[n], student) + 1 == int(k) for _, n, k in wanted):
            cell.metadata["tags"] = [t for t in cell.metadata.get("tags", []) if t not in tags]
            if not cell.metadata["tags"]:
                del cell.metadata["tags"]
            kept.append(cell)
    mine.cells = kept
    return mine


def student_with_variant(questions: dict[str, list[Question]], number: int) -> str:
    """A made-up student who gets variant `number` of the question with the most variants."""
    most = max(questions.values(), key=len)
    for k in range(10_000):
        if variant_of(most, f"preflight {k}") == number:
            return f"preflight {k}"
    raise AssertionError


def assign(
    chapter: int,
    out: Path,
    private: str = "",
    roster: Path | None = None,
    nbgrader: bool = False,
) -> list[str]:
    """Write the assignment; returns what to tell the instructor."""
    _, edition = notebooks_of(chapter, private)
    name = notebook_name(chapter, private)
    questions = load_questions(Assignment(chapter, 0, private))
    varied = any(len(variants) > 1 for variants in questions.values())
    if varied and not roster:
        raise ValueError("This bank has variants: give --roster, and each student gets their own.")
    if nbgrader:
        return _nbgrader(chapter, out, private, name, edition)
    if not roster:
        _write(out, name, edition)
        return [f"{out / name} is ready to hand out, with a README for students."]
    people = read_roster(roster)
    for person in people:
        mine = for_student(edition, questions, person.student)
        _write(out / file_name(person.student), name, mine)
    return [f"{out} has a folder for each of {len(people)} students."]


def _write(folder: Path, name: str, edition: NotebookNode) -> None:
    from rnncourse.grading.sandbox import Limits

    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(notebooks.to_text(edition), encoding="utf-8", newline="\n")
    limits = Limits()
    text = README.format(title=title_of(edition), notebook=name, seconds=limits.seconds,
                         memory=limits.memory_mb)  # fmt: skip
    (folder / "README.md").write_text(text, encoding="utf-8", newline="\n")


def title_of(notebook: NotebookNode) -> str:
    for cell in notebook.cells:
        for line in cell.source.splitlines():
            if cell.cell_type == "markdown" and line.startswith("# "):
                return line[2:].strip()
    return "Exercises"


# --- nbgrader -------------------------------------------------------------------------------------
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


def _nbgrader(chapter: int, out: Path, private: str, name: str, edition: NotebookNode) -> list[str]:
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
