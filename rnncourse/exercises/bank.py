"""The exercise bank: what each question asks, and which wrong ideas it knows.

Each chapter's questions live in a module ``chNN_name.py`` beside this one (or, for a private
bank, in any folder of such files) that defines ``QUESTIONS``, a list of `Question`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Misconception:
    """A misunderstanding, as the values it leads to and the hints that lead out of it.

    compute has the signature of the question's reference. hints is a ladder of three: a nudge,
    a smaller worked case, the misconception by name. A learner who fails again sees the next.
    """

    name: str
    compute: Callable
    hints: tuple[str, str, str]


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
