"""nbgrader as front end, this judge as engine.

`configure`, called from nbgrader_config.py, replaces two steps of `nbgrader autograde`: the
sanitising takes the handed-out notebook and only the answers from the student, and instead of
executing anything in the student's kernel the judged results are written as outputs of the test
cells, where nbgrader's own SaveAutoGrades reads them. Formgrader, feedback and export stay.
"""

from __future__ import annotations

import atexit
import re
from pathlib import Path

from nbformat import NotebookNode
from nbformat.v4 import new_output
from nbgrader import preprocessors as stock
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import NbGraderPreprocessor
from nbgrader.utils import is_grade, is_solution
from traitlets import Bool, Dict, Int, Unicode

from rnncourse import bank, notebooks
from rnncourse.exercises import build
from rnncourse.exercises.judge import format_points
from rnncourse.grading import inbox
from rnncourse.grading.assignment import Assignment
from rnncourse.grading.edition import helpers_of
from rnncourse.grading.grader import Grader
from rnncourse.grading.inbox import Found
from rnncourse.grading.texts import visible

_graders: dict[Assignment, Grader] = {}


def configure(config, assignments: dict[str, int], seed: int, private: str = "") -> None:
    """Set nbgrader up. assignments maps its assignments to the course's chapters."""
    if private:
        bank.include(Path(private))
    config.Autograde.sanitize_preprocessors = [
        TakeAnswers,
        stock.OverwriteKernelspec,
        stock.OverwriteCells,
        stock.CheckCellMetadata,
    ]
    config.Autograde.autograde_preprocessors = [
        WriteJudgement,
        stock.SaveAutoGrades,
        stock.AssignLatePenalties,
        stock.CheckCellMetadata,
    ]
    # the student edition has no solutions left to clear
    config.GenerateAssignment.preprocessors = [
        stock.LockCells,
        stock.ClearOutput,
        stock.CheckCellMetadata,
        stock.ComputeChecksums,
        stock.SaveCells,
        stock.CheckCellMetadata,
    ]
    config.WriteJudgement.assignments = assignments
    config.WriteJudgement.seed = seed
    config.WriteJudgement.bank = private


class _Step(NbGraderPreprocessor):
    """A step of `nbgrader autograde` that knows where the course's files are."""

    def course(self) -> CourseDirectory:
        return CourseDirectory(config=self.config)

    def released(self, resources) -> NotebookNode:
        """The notebook that was handed out."""
        where, course = resources["nbgrader"], self.course()
        for step in (course.release_directory, course.source_directory):
            folder = Path(course.format_path(step, ".", where["assignment"]))
            path = folder / f"{where['notebook']}.ipynb"
            if path.exists():
                return notebooks.read(path)
        raise FileNotFoundError(f"{where['notebook']}.ipynb is neither in release nor in source")

    def submitted(self, resources) -> Path:
        where, course = resources["nbgrader"], self.course()
        folder = course.format_path(
            course.submitted_directory, where["student"], where["assignment"]
        )
        return Path(folder) / f"{where['notebook']}.ipynb"


class TakeAnswers(_Step):
    """The handed-out notebook, with the answers of the student and nothing else."""

    def preprocess(self, nb: NotebookNode, resources):
        cells = [inbox.plain_cell(cell) for cell in nb.cells]
        released = self.released(resources)
        plain = [inbox.plain_cell(cell) for cell in released.cells]
        for cell in released.cells:
            if is_solution(cell):
                source, picture = _answer(cell, cells, plain)
                cell.source = cell.source if source is None else harmless(source, cell.cell_type)
            if cell.cell_type == "code":
                cell.outputs, cell.execution_count = [], None
                if is_solution(cell) and build.manual(cell) and picture:  # nothing draws it again
                    cell.outputs = [new_output("display_data", data={"image/png": picture})]
        released.metadata.setdefault("kernelspec", {"name": "python3", "display_name": "Python 3"})
        return released, resources


def _answer(cell: NotebookNode, cells: list[dict], released: list[dict]):
    """The student's text and stored picture for a solution cell: by its grade_id, or else by
    what it defines."""
    grade_id = cell.metadata.nbgrader["grade_id"]
    kind = "code" if cell.cell_type == "code" else "text"
    same = [c for c in cells if c["grade_id"] == grade_id and c["kind"] == kind]
    if not same:
        names = build.answers(cell)
        same = [c for c in cells if c["kind"] == "code" and _defines(c["source"], names)]
    if not same and build.manual(cell):
        written = inbox.hand_written(cells, [build.manual(cell)], released)
        return written[0][1:3] if written else (None, "")
    return (same[-1]["source"], same[-1]["image"]) if same else (None, "")


def _defines(source: str, names: list[str]) -> bool:
    """Does the code define one of the names? It is not parsed: that is for a process with bounds,
    and nbgrader has one process for a whole class."""
    return any(
        (line.startswith(f"def {name}") and not line[4 + len(name) :][:1].isidentifier())
        or (line.startswith(name) and re.match(r" {0,20}(:[^=]{0,200})?=(?!=)", line[len(name) :]))
        for line in source.splitlines()
        for name in names
    )


def harmless(source: str, kind: str = "markdown") -> str:
    """What a student wrote, as nbgrader's pages can show it: text is rendered there with all the
    HTML that is in it. Characters that turn the order of others become visible."""
    source = visible(source)
    if kind == "code":  # is coloured, never run
        return source
    source = re.sub(r"&(?=[#a-z])", "& ", source, flags=re.IGNORECASE)  # java&#115;cript:, however
    source = re.sub(r"!(?=\[)", "! ", source)  # a picture from elsewhere tells who reads
    source = re.sub(r"<(?=[a-z/!?])", "&lt;", source, flags=re.IGNORECASE)
    return re.sub(r"script\s*(?=:)|data(?=:\S)", r"\g<0> ", source, flags=re.IGNORECASE)


class WriteJudgement(_Step):
    """What the judge says, as outputs of the test cells."""

    assignments = Dict(help="nbgrader's assignments and the course's chapters").tag(config=True)
    seed = Int(help="the secret seed").tag(config=True)
    bank = Unicode("", help="the folder of a private bank").tag(config=True)
    unsafe = Bool(False, help="grade without a sandbox").tag(config=True)

    def preprocess(self, nb: NotebookNode, resources):
        result = self._judge(resources)
        for cell in nb.cells:
            if cell.cell_type == "code" and is_grade(cell) and not is_solution(cell):
                names = [name for name in build.checks(cell) if name in result["questions"]]
                cell.outputs = _outputs(result, names)
                cell.execution_count = 1
        return nb, resources

    def _judge(self, resources) -> dict:
        where = resources["nbgrader"]
        released = self.released(resources)
        assignment = Assignment(
            chapter=self.assignments[where["assignment"]],
            seed=self.seed,
            bank=self.bank,
            edition=tuple(c.source for c in released.cells if c.cell_type == "code"),
            helpers=helpers_of(self.assignments[where["assignment"]], self.bank),
            unsafe=self.unsafe,
        )
        grader = _grader(assignment)
        found = Found(where["student"], str(self.submitted(resources)))
        result = grader.grade(inbox.load(found, where["student"], [], []))
        for name, answer in result["questions"].items():
            for flag in answer["flags"]:
                self.log.warning("%s, %s: %s", where["student"], name, flag)
        if result["problem"]:
            self.log.warning("%s: %s", where["student"], result["problem"])
        return result


def _grader(assignment: Assignment) -> Grader:
    if assignment not in _graders:
        _graders[assignment] = Grader(assignment)
        atexit.register(_graders[assignment].close)
    return _graders[assignment]


def _outputs(result: dict, names: list[str]) -> list[NotebookNode]:
    """The verdicts as text, and the points as the number that nbgrader takes for a grade."""
    lines = [result["problem"]] if result["problem"] else []
    for name in names:
        answer = result["questions"][name]
        lines.append(f"{name}: {answer['message']}")
        lines += [f"  Hint: {answer['hints'][0]}"] if answer["hints"] else []
    points = sum(result["questions"][name]["points"] for name in names)
    text = format_points(points) or "0"
    return [
        new_output("stream", name="stdout", text=visible("\n".join(lines)) + "\n"),
        new_output("execute_result", data={"text/plain": text}, execution_count=1),
    ]
