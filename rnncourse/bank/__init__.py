"""The exercise bank: what each question asks, and which wrong ideas it knows.

Each chapter's questions live in a module ``chNN_name.py`` beside this one (or, for a private
bank, in any folder of such files) that defines ``QUESTIONS``, a list of `Question`.
"""

from __future__ import annotations

import difflib
import functools
import importlib
import importlib.util
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

variant = functools.partial  # a reference with an option: variant(gru_step, mix="updates")


@dataclass(frozen=True)
class Misconception:
    """A misunderstanding, as the values it leads to and the hints that lead out of it.

    name is a phrase that people read. compute takes what the question's reference takes. The
    hints are a ladder of three; a learner who fails again sees the next.
    """

    name: str
    compute: Callable
    nudge: str
    example: str  # a smaller case, worked
    diagnosis: str  # the misconception in plain words

    @property
    def hints(self) -> tuple[str, str, str]:
        return self.nudge, self.example, self.diagnosis


@dataclass(frozen=True)
class Question:
    """One question. The learner's answer lives in a variable called `name`.

    A function question has `inputs`: from a numpy Generator it draws the arguments of one case
    (a tuple of arrays, numbers, strings, or lists of them), with random shapes, too. The
    learner's function and `reference` are called with them; their results are compared.
    A value question has no `inputs`: the answer is a value, and `reference` takes no argument.
    A question graded by hand has neither, but a `rubric`.

    uses names earlier questions whose functions the answer may call.
    framework "torch" hands arrays over as tensors and takes tensors back.
    section is the heading in the chapter that the question rests on; the last hint names it.
    typed: the right numbers in another container, or of another type, are wrong.
    keeps: the question forbids to change the arguments; else that costs a remark, not points.
    """

    name: str
    points: int
    reference: Callable | None = None
    inputs: Callable | None = None
    misconceptions: tuple[Misconception, ...] = ()
    rubric: tuple[tuple[str, int], ...] = ()  # (criterion, points), for grading by hand
    rtol: float = 1e-5
    atol: float = 1e-6
    cases: int = 6
    uses: tuple[str, ...] = ()
    framework: str = "numpy"
    section: str = ""
    typed: bool = False
    keeps: bool = False


def autograd_mistakes(train: Callable) -> tuple[Misconception, ...]:
    """Three that end in an error of PyTorch, where `train` makes them by its option `fails`."""
    return (
        Misconception(
            "no gradient asked for",
            variant(train, fails="unwatched"),
            "Which tensors should autograd follow? Nobody has told it.",
            "torch.ones(2).sum().backward() stops with the same error.",
            "The arrays come without requires_grad. Take copies that ask for a gradient: "
            "w.clone().requires_grad_().",
        ),
        Misconception(
            "weights changed under autograd's eyes",
            variant(train, fails="in place"),
            "Should the update itself have a gradient?",
            "w = torch.ones(2, requires_grad=True) and w -= 1 stops with the same error.",
            "You change a weight in place while autograd follows it. Put the update under with "
            "torch.no_grad().",
        ),
        Misconception(
            "a weight without .grad",
            variant(train, fails="lost"),
            "Of one of your weights .grad is None. Which tensors have one after backward()?",
            "After w = w - 0.5 * w.grad the new w is computed, and its .grad stays None.",
            "Only weights that asked for a gradient, and of which the loss was made, have a .grad. "
            "Change them in place under torch.no_grad(), or ask anew: "
            "w.detach().requires_grad_().",
        ),
    )


class UnknownQuestion(KeyError):
    """No question of this name; the message names those that come close."""

    def __str__(self) -> str:
        return self.args[0]


_private: dict[str, Question] = {}  # by name, from banks that are not the course's


def include(folder: Path) -> None:
    """Make a private bank's questions known by name, so that its notebooks can be built."""
    for questions in read_folder(folder).values():
        _private.update({question.name: question for question in questions})


def get(name: str) -> Question:
    """The question of the course with this name."""
    questions = load()
    if name in questions:
        return questions[name]
    near = difflib.get_close_matches(str(name), questions, n=3, cutoff=0.6)
    asked = f" Did you mean {' or '.join(repr(other) for other in near)}?" if near else ""
    raise UnknownQuestion(f"There is no question {str(name)[:60]!r}.{asked}")


def load() -> dict[str, Question]:
    """Every question of the course by name, in the order of the chapters."""
    found = {question.name: question for chapter in chapters().values() for question in chapter}
    return found | _private


@functools.cache
def chapters() -> dict[int, list[Question]]:
    """The questions of each chapter: those of its module, then those of its quiz."""
    from rnncourse import quizzes

    found = read_folder(Path(__file__).parent)
    for chapter in quizzes.chapters():
        found.setdefault(chapter, []).extend(quiz_questions(chapter))
    return dict(sorted(found.items()))


def chapter(number: int) -> list[Question]:
    """The questions of one chapter, those of its quiz among them."""
    return chapters().get(number, [])


def chapter_of(name: str) -> int:
    """The number of the chapter that asks the question."""
    get(name)
    return next(
        chapter
        for chapter, questions in chapters().items()
        if any(question.name == name for question in questions)
    )


def read_folder(folder: Path, only: int | None = None) -> dict[int, list[Question]]:
    """The questions of every chNN_name.py in a folder, which may be a private bank; or of one."""
    found: dict[int, list[Question]] = {}
    for path in _modules(folder):
        if only not in (None, int(path.stem[2:4])):
            continue
        found.setdefault(int(path.stem[2:4]), []).extend(_read(path))
    return found


def _modules(folder: Path) -> list[Path]:
    return sorted(folder.glob("ch[0-9][0-9]_*.py"))


def _read(path: Path) -> list[Question]:
    if path.parent == Path(__file__).parent:
        return importlib.import_module(f"{__package__}.{path.stem}").QUESTIONS
    spec = importlib.util.spec_from_file_location(f"private_bank_{path.stem}", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.QUESTIONS


def quiz_questions(chapter: int) -> list[Question]:
    """The quiz of a chapter as value questions quiz_NN_1, …; each wrong option a misconception."""
    from rnncourse import quizzes

    return [
        _choice(f"quiz_{chapter:02d}_{number}", question["answers"])
        for number, question in enumerate(quizzes.load(chapter)["quiz"], start=1)
    ]


def _choice(name: str, options: list[dict]) -> Question:
    from rnncourse.quizzes import LETTERS, plain

    lettered = list(zip(LETTERS, options, strict=False))
    right = [letter for letter, option in lettered if option["correct"]]
    return Question(
        name=name,
        points=1,
        reference=lambda: right[0],
        misconceptions=tuple(
            Misconception(
                f"option {letter}",
                lambda letter=letter: letter,
                *[plain(option["feedback"])] * 3,
            )
            for letter, option in lettered
            if not option["correct"]
        ),
    )
