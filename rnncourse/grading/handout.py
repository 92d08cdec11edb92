"""Hand out a chapter's exercises: for students, for each student, or as an nbgrader course."""

from __future__ import annotations

from pathlib import Path

from nbformat import NotebookNode

from rnncourse import notebooks
from rnncourse.grading import nbgrader_course
from rnncourse.grading.assignment import Assignment, load_questions
from rnncourse.grading.edition import for_student, notebook_name, notebooks_of, title_of
from rnncourse.grading.roster import read_roster
from rnncourse.grading.sandbox import Limits
from rnncourse.grading.texts import file_name

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
        return nbgrader_course.write(chapter, out, private, name, edition)
    if not roster:
        _write(out, name, edition)
        return [f"{out / name} is ready to hand out, with a README for students."]
    people = read_roster(roster)
    for person in people:
        mine = for_student(edition, questions, person.student)
        _write(out / file_name(person.student), name, mine)
    return [f"{out} has a folder for each of {len(people)} students."]


def _write(folder: Path, name: str, edition: NotebookNode) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(notebooks.to_text(edition), encoding="utf-8", newline="\n")
    limits = Limits()
    text = README.format(title=title_of(edition), notebook=name, seconds=limits.seconds,
                         memory=limits.memory_mb)  # fmt: skip
    (folder / "README.md").write_text(text, encoding="utf-8", newline="\n")
