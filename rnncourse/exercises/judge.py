"""Judge the values that an answer gave: right or wrong, how far, and by which misconception.

Everything here is pure: values in, verdict out. `check` calls it in the learner's notebook, the
class grader calls it in a process of its own with values that came from another one.
"""

from __future__ import annotations

import contextlib
import inspect
import warnings
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from rnncourse.bank import Misconception, Question
from rnncourse.exercises.alternatives import Trial
from rnncourse.exercises.compare import SPELLING, Difference, adapted, compare, format_number
from rnncourse.exercises.diagnosis import Clue, Diagnosis
from rnncourse.exercises.pairs import two_at_once
from rnncourse.values import Opaque, decode, encode, portable

BLANK = ("", Opaque("ellipsis"))  # beside None: answers that nobody has given yet
MAX_TEXT = 200  # characters of a learner's error message that are shown


@dataclass(frozen=True)
class Outcome:
    """What came of calling an answer with the arguments of one case.

    kind is "value", "error", "timeout", "died" or "unanswered". value is in portable form.
    line is the learner's own line that raised the error, with its number in the cell, and meaning
    the error in the names of that line.
    mutated holds the positions of the arguments that the call changed.
    """

    kind: str
    value: object = None
    error: str = ""  # the type of the exception
    text: str = ""  # and its message
    line: tuple[int, str] | None = None
    meaning: str = ""
    mutated: tuple[int, ...] = ()


@dataclass(frozen=True)
class Verdict:
    """A judged answer. message is for the learner, without the hints of the misconception."""

    name: str
    status: str  # "right", "wrong", "unanswered" or "manual"
    fraction: float  # of the cases that are right
    points: float
    of: int
    right: tuple[bool, ...]  # case by case
    misconception: Misconception | None
    first_difference: Difference | None
    first_case: int | None  # the case that first_difference is of, counted from 0
    message: str
    also: Misconception | None = None  # a second one, in another part of the result


def draw_cases(question: Question, seed: int = 0) -> list[tuple]:
    """The arguments of each case; the same seed gives the same cases, whatever was drawn before.

    A value question has one case without arguments, one graded by hand has none.
    """
    if question.reference is None:
        return []
    if question.inputs is None:
        return [()]
    key = zlib.crc32(question.name.encode())
    return [
        tuple(question.inputs(np.random.default_rng([seed, key, number])))
        for number in range(question.cases)
    ]


def judge(question: Question, cases: list[tuple], outcomes: list[Outcome]) -> Verdict:
    """Judge one answer. For many answers to the same cases, keep a `Judge`: it computes once."""
    return Judge(question, cases).verdict(outcomes)


def trusted(question: Question, compute, args: tuple) -> Outcome:
    """Call the bank's own function with copies of args."""
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            value = portable(compute(*hand_over(question, encode_case(question, args))))
    except Exception as error:
        return Outcome("error", error=type(error).__name__, text=str(error))
    return Outcome("value", value)


def encode_case(question: Question, args: Sequence) -> bytes:
    """The arguments of a case on the wire, arrays marked as tensors where they are for torch."""
    return encode(list(args), tensors=question.framework == "torch")


def hand_over(question: Question, case: bytes) -> list:
    """A fresh copy of a case's arguments, as the question's functions take them."""
    if question.framework != "torch":
        return decode(case)
    import torch

    return decode(case, torch.from_numpy)


class Judge:
    """One question and its cases, with the values of reference and misconceptions kept."""

    def __init__(self, question: Question, cases: list[tuple]):
        self.question = question
        self.cases = cases
        self._mistaken: dict[tuple[int, int], Outcome] = {}

    @cached_property
    def expected(self) -> list:
        """The reference's value for each case."""
        outcomes = [trusted(self.question, self.question.reference, args) for args in self.cases]
        for number, outcome in enumerate(outcomes):
            if outcome.kind != "value":
                raise ValueError(
                    f"the reference of {self.question.name} fails on case {number}: "
                    f"{outcome.error}: {outcome.text}"
                )
        return [outcome.value for outcome in outcomes]

    def reference_on(self, args: tuple):
        """The reference's value for other arguments, None where it fails."""
        outcome = trusted(self.question, self.question.reference, args)
        return outcome.value if outcome.kind == "value" else None

    def mistaken(self, index: int, number: int):
        """The value of a misconception on a case, None where it fails."""
        outcome = self._mistake(index, number)
        return outcome.value if outcome.kind == "value" else None

    @cached_property
    def diagnosis(self) -> Diagnosis:
        return Diagnosis(self)

    def another(self, seed: int, most: int) -> Judge:
        """A judge of the same question with so many other cases."""
        return Judge(self.question, draw_cases(replace(self.question, cases=most), seed))

    def trials(
        self, verdict: Verdict, outcomes: list[Outcome], tried: Sequence[tuple[Trial, Outcome]] = ()
    ) -> list[Trial]:
        """The calls that would tell more about wrong numbers that no misconception explains; with
        what came of them, the calls that put to the test what they told; then no more."""
        if not self._puzzling(verdict):
            return []
        wrong = [number for number, good in enumerate(verdict.right) if not good]
        if verdict.first_difference.kind == "length":  # may the same call give another one?
            return [] if tried else [Trial(wrong[0], "again", (), self.cases[wrong[0]])]
        if tried:
            return self.diagnosis.confirming(self._tidied(outcomes), tried)
        return self.diagnosis.trials(wrong, self._tidied(outcomes))

    def investigate(self, verdict: Verdict, outcomes: list[Outcome], call) -> list[Clue]:
        """The clues, with as many calls of the answer, call(args), as it takes."""
        tried: list[tuple[Trial, Outcome]] = []
        while trials := self.trials(verdict, outcomes, tried):
            tried += [(trial, call(trial.args)) for trial in trials]
        return self.clues(verdict, outcomes, tried)

    def _puzzling(self, verdict: Verdict) -> bool:
        """Whether numbers are wrong, and nobody knows why."""
        difference = verdict.first_difference
        return not self._is_value and not verdict.misconception and bool(difference) and (
            difference.kind in ("value", "length")
        )  # fmt: skip

    def clues(
        self, verdict: Verdict, outcomes: list[Outcome], tried: Sequence[tuple[Trial, Outcome]] = ()
    ) -> list[Clue]:
        """What is true of a wrong answer, in a sentence each; tried are the calls and what came."""
        if self._is_value or verdict.misconception or not verdict.first_difference:
            return []
        if verdict.first_difference.kind in ("mutated", "order", "dtype"):
            return []  # it is said already
        return self.diagnosis.clues(self._tidied(outcomes), tried)

    def _tidied(self, outcomes: list[Outcome]) -> list[Outcome]:
        return [self._tidy(outcome, number) for number, outcome in enumerate(outcomes)]

    def verdict(self, outcomes: list[Outcome]) -> Verdict:
        """The verdict on the outcomes, one for each case."""
        question = self.question
        if question.reference is None:
            return self._manual()
        if len(outcomes) != len(self.cases):
            raise ValueError(f"{len(self.cases)} cases, but {len(outcomes)} outcomes")
        came = outcomes
        outcomes = self._tidied(outcomes)
        if all(outcome.kind == "unanswered" for outcome in outcomes):
            return self.refusal("not answered yet.", "unanswered")
        differences = [self._difference(number, outcome) for number, outcome in enumerate(outcomes)]
        wrong = [difference for difference in differences if difference]
        if any(one.kind != "order" for one in wrong):  # then it is chance where it is the order
            differences = [(one and one.otherwise) or one for one in differences]
        right = tuple(difference is None for difference in differences)
        if all(right):
            return self._verdict("right", right, self._headline(right) + self._remark(came))
        first = _most_telling(differences)
        found = also = None
        if not any(outcome.mutated for outcome in outcomes):  # what comes may be due to that
            found = self._recognise(outcomes, right)
            if found is None and not self._is_value:
                found, also = two_at_once(self, outcomes)
        message = self._headline(right)
        given_back = self._given_back(outcomes) if any(right) else None
        if given_back:  # where nothing was to be done, that is right by chance
            right = (False,) * len(right)
            message = f"it gives its {given_back} back as it came. {self._score(right)}"
        if found is None:
            lines = self._explain(first, outcomes, differences)
            message += "".join(f"\n  {line}" for line in lines)
        return self._verdict("wrong", right, message, found, differences[first], first, also)

    def refusal(self, problem: str, status: str = "wrong") -> Verdict:
        """The verdict on an answer that cannot be called on the cases at all."""
        return self._verdict(status, (False,) * len(self.cases), problem)

    def _verdict(
        self, status, right, message, misconception=None, difference=None, first=None, also=None
    ):
        question = self.question
        fraction = sum(right) / len(right) if right else 0.0
        points = fraction * question.points
        return Verdict(
            name=question.name,
            status=status,
            fraction=fraction,
            points=points,
            of=question.points,
            right=right,
            misconception=misconception,
            first_difference=difference,
            first_case=first,
            message=f"{question.name}: {message}",
            also=also,
        )

    def _manual(self) -> Verdict:
        lines = [f"  {points} for: {criterion}" for criterion, points in self.question.rubric]
        text = f"graded by hand, {count(self.question.points, 'point')}."
        return self._verdict("manual", (), "\n".join([text, *lines]))

    @property
    def _is_value(self) -> bool:
        return self.question.inputs is None

    def _remark(self, came: list[Outcome]) -> str:
        """What would be better about a right answer."""
        if self._is_value:
            return ""
        if changed := {position for outcome in came for position in outcome.mutated}:
            return (f"\n  Accepted, though your function changes its input {self._names(changed)}: "
                    "who calls it with the same array twice will be surprised.")  # fmt: skip
        if self.question.typed:
            return ""
        for number, outcome in enumerate(came):
            found = compare(self.expected[number], outcome.value, np.inf, np.inf)
            if found and found.kind in ("type", "dtype"):
                return f"\n  Accepted as it is, though: {found.text}"
        return ""

    def _tidy(self, outcome: Outcome, number: int = 0) -> Outcome:
        """Forgive blanks and small letters in a text, and the right numbers in another container
        or of another type where the type is not what the question is about."""
        if outcome.kind != "value":
            return outcome
        if not self._is_value:
            if self.question.typed:
                return outcome
            return replace(outcome, value=adapted(self.expected[number], outcome.value))
        value = outcome.value
        if value is None or (isinstance(value, (str, Opaque)) and value in BLANK):
            return Outcome("unanswered")
        if isinstance(value, str) and isinstance(self.expected[0], str):
            value = value.strip()
            return Outcome("value", value.upper() if self._is_choice else value)
        if isinstance(self.expected[0], np.ndarray) and _holds_numbers(value):
            with contextlib.suppress(ValueError):  # rows of different lengths
                return Outcome("value", portable(np.array(value)))
        return outcome

    @property
    def _is_choice(self) -> bool:
        return isinstance(self.expected[0], str) and self.expected[0] in list("ABCD")

    def _difference(self, number: int, outcome: Outcome) -> Difference | None:
        """Why this case is wrong, or None where it is right."""
        if outcome.kind != "value":
            return Difference(outcome.kind, "")
        question = self.question
        found = compare(self.expected[number], outcome.value, question.rtol, question.atol)
        if found is None and outcome.mutated and question.keeps:
            return Difference("mutated", "")
        return found

    def _given_back(self, outcomes: list[Outcome]) -> str | None:
        """The name of the argument that is, in every case, what came out."""
        if self._is_value or any(outcome.kind != "value" for outcome in outcomes):
            return None
        for place, name in enumerate(self.argument_names):
            if all(
                len(case) > place and compare(portable(case[place]), outcome.value, 0, 0) is None
                for case, outcome in zip(self.cases, outcomes, strict=True)
            ):
                return name
        return None

    def _recognise(self, outcomes, right) -> Misconception | None:
        """The misconception that gives these outcomes in every case that is wrong, and in half of
        all cases at least; in all of them where a single one is wrong, for that may be chance. One
        that explains only a part of what is wrong is not claimed, but in a list of answers: there
        each entry is a mistake of its own."""
        best, best_score = None, (len(outcomes) - 1) // 2
        if right.count(False) == 1:
            best_score = len(outcomes) - 1
        for index, misconception in enumerate(self.question.misconceptions):
            agrees = []
            for number, outcome in enumerate(outcomes):
                agrees.append(self._agrees(index, number, outcome))
                if not right[number] and not agrees[-1]:
                    break
            else:
                if sum(agrees) > best_score:
                    best, best_score = misconception, sum(agrees)
        return best or self._mistaken_entry(outcomes[0])

    def _mistaken_entry(self, outcome: Outcome) -> Misconception | None:
        """Of a value that is a list: the misconception about one wrong entry, and no other."""
        expected, got = self.expected[0], outcome.value
        if not (self._is_value and _texts(expected) and _texts(got) and len(got) == len(expected)):
            return None
        for place, (right, given) in enumerate(zip(expected, got, strict=True)):
            for index, misconception in enumerate(self.question.misconceptions):
                one = [*expected[:place], given, *expected[place + 1 :]]
                if right != given and self.mistaken(index, 0) == one:
                    return misconception
        return None

    def _agrees(self, index: int, number: int, outcome: Outcome) -> bool:
        mistaken = self._mistake(index, number)
        if mistaken.kind == "error":
            return (outcome.kind, outcome.error, outcome.text) == (
                "error",
                mistaken.error,
                mistaken.text,
            )
        if outcome.kind != "value":
            return False
        question = self.question
        value = outcome.value if question.typed else adapted(mistaken.value, outcome.value)
        return compare(mistaken.value, value, question.rtol, question.atol) is None

    def _mistake(self, index: int, number: int) -> Outcome:
        key = (index, number)
        if key not in self._mistaken:
            compute = self.question.misconceptions[index].compute
            outcome = trusted(self.question, compute, self.cases[number])
            self._mistaken[key] = outcome if self._is_value else self._tidy(outcome, number)
        return self._mistaken[key]

    # --- what the learner reads ------------------------------------------------------------

    def _score(self, right: tuple[bool, ...]) -> str:
        of = self.question.points
        return f"{format_points(sum(right) / len(right) * of)} of {count(of, 'point')}."

    def _headline(self, right: tuple[bool, ...]) -> str:
        score = self._score(right)
        if self._is_value:
            return ("right. " if all(right) else "not right yet. ") + score
        cases = count(len(right), "case")
        if all(right):
            return f"right on {'the one case' if len(right) == 1 else f'all {cases}'}. {score}"
        return f"right on {sum(right)} of {cases}. {score}"

    def _explain(self, first: int, outcomes: list, differences: list) -> list[str]:
        """A few lines on one case that is wrong, and on what sets it apart from the right ones."""
        outcome = outcomes[first]
        if self._is_value:
            return self._explain_value(outcome, differences[first])
        case = f"Case {first + 1} ({self.describe_case(first)})"
        lines = self._explain_kind(case, outcome, differences[first])
        changed = {position for o in outcomes for position in o.mutated}
        if changed and differences[first].kind != "mutated":
            lines.insert(0, f"Your function changes its input {self._names(changed)}: mend this "
                            "first, for the numbers may be wrong because of it.")  # fmt: skip
        pattern = self._where_right([found is None for found in differences])
        return lines + ([pattern] if pattern else [])

    def show_case(self, verdict: Verdict, outcomes: list[Outcome]) -> list[str]:
        """What came of the first wrong case against what was expected, also where the
        misconception is known; nothing for a value, which it would give away."""
        if verdict.first_difference is None or self._is_value:
            return []
        first = verdict.first_case
        case = f"Case {first + 1} ({self.describe_case(first)})"
        return self._explain_kind(case, outcomes[first], verdict.first_difference)

    def _explain_kind(self, case: str, outcome: Outcome, difference: Difference) -> list[str]:
        if difference.kind == "error":
            text = " ".join(outcome.text.split())
            text = text if len(text) <= MAX_TEXT else text[: MAX_TEXT - 1] + "…"
            lines = [f"{case} stops with {outcome.error}" + (f": {text}" if text else "")]
            if outcome.line:
                lines.append(f"in your line {outcome.line[0]}: {outcome.line[1]}")
            if outcome.meaning:
                lines.append(f"There {outcome.meaning}")
            return lines
        if difference.kind == "timeout":
            question = "Is there a loop that never stops, or one with too many rounds?"
            return [f"{case} does not come to an end in time. {question}"]
        if difference.kind == "died":
            return [f"{case} ended Python itself. {outcome.text}".rstrip()]
        if difference.kind == "unanswered":
            return [f"{case}: not answered yet."]
        if difference.kind == "mutated":
            changed = self._names(outcome.mutated)
            return [
                f"{case}: the result is right, but your function changes its input {changed}.",
                "The question forbids that. Compute a new array (a + b, not a += b).",
            ]
        if difference.kind == "order":
            text = f"{difference.text.removesuffix('.')}: {difference.otherwise.text}"
            return [f"{case}: {text}"]
        return [f"{case}: {difference.text}"]

    def _names(self, positions) -> str:
        return " and ".join(self.argument_names[position] for position in sorted(positions))

    def _explain_value(self, outcome: Outcome, difference: Difference) -> list[str]:
        """What is wrong with a value, without giving the right one away."""
        if self._is_choice:
            if outcome.value in list("ABCD"):
                return []
            return ["Answer with one of the letters 'A', 'B', 'C' and 'D', in quotes."]
        if difference.kind in ("error", "died", "timeout"):
            return self._explain_kind("Your answer", outcome, difference)
        if difference.kind in ("nan", "inf"):  # its text would tell the right number
            where = f"the entry at {difference.where}" if difference.where else "it"
            return [f"Your answer: {where} is {difference.got}."]
        if difference.kind != "value":
            return [f"Your answer: {difference.text}"]
        lines = [f"The entry at {difference.where} is the first that is not right."]
        lines = lines if difference.where else []
        if difference.text.endswith(SPELLING):
            lines.append(SPELLING)
        if self._wrong_places(outcome.value):
            lines.append("The numbers are the right ones, in the wrong places.")
        expected, got = difference.expected, difference.got
        if _is_number(expected) and _is_number(got) and abs(got - expected) < 0.02 * abs(expected):
            lines.append("It is close: are enough digits given?")
        return lines

    def _wrong_places(self, value) -> bool:
        """Whether an array has the entries of the expected one, elsewhere."""
        one, other = self.expected[0], value
        if not (isinstance(one, np.ndarray) and isinstance(other, np.ndarray)):
            return False
        one, other = np.sort(one, axis=None), np.sort(other, axis=None)
        return compare(one, other, self.question.rtol, self.question.atol) is None

    def describe_case(self, number: int) -> str:
        """The arguments of a case in a few words: arrays by their shapes."""
        parts = []
        for name, value in zip(self.argument_names, self.cases[number], strict=False):
            if isinstance(value, np.ndarray):
                parts.append(f"{name} {value.shape}" if value.ndim else f"{name}={value}")
            elif isinstance(value, (list, tuple)):
                parts.append(f"{name} of length {len(value)}")
            elif isinstance(value, (float, np.floating)):
                parts.append(f"{name}={format_number(value)}")
            else:
                parts.append(f"{name}={value!r}"[:40])
        return ", ".join(parts)

    @cached_property
    def argument_names(self) -> list[str]:
        names = argument_names(self.question)
        most = max((len(args) for args in self.cases), default=0)
        return names + [f"argument {number + 1}" for number in range(len(names), most)]

    def _where_right(self, right: list[bool]) -> str:
        """What the right cases share and the wrong ones lack, if it is a matter of shapes."""
        if not any(right):
            return ""
        for text, holds in self._shape_patterns():
            if all(held == good for held, good in zip(holds, right, strict=True)):
                few = min(sum(right), len(right) - sum(right)) < 2
                if few and " as long as " in text:
                    continue
                accident = " as long as " in text or (few and text.endswith(" square"))
                chance = " (It may be chance.)" if accident else ""
                return f"It is right only where {text}.{chance}"
        if sum(right) == 1:
            number = right.index(True)
            return f"It is right only in case {number + 1} ({self.describe_case(number)})."
        return ""

    def _shape_patterns(self):
        """Pairs of a sentence and, for each case, whether it holds."""
        names = self.argument_names
        for position, name in enumerate(names):
            shapes = [
                np.shape(args[position]) if _is_array(args, position) else None
                for args in self.cases
            ]
            if any(shape is None for shape in shapes):
                continue
            ranks = sorted({len(shape) for shape in shapes})
            for rank in ranks if len(ranks) > 1 else ():
                yield f"{name} has {count(rank, 'axis')}", [len(s) == rank for s in shapes]
            for axis in range(ranks[0]):
                ones = [shape[axis] == 1 for shape in shapes]
                yield f"axis {axis} of {name} has length 1", ones
            if ranks[0] >= 2:
                yield f"{name} is square", [shape[-1] == shape[-2] for shape in shapes]
        yield from self._equal_lengths(names)

    def _equal_lengths(self, names):
        shapes = [
            [np.shape(a) if isinstance(a, np.ndarray) else () for a in args] for args in self.cases
        ]
        given = range(min(len(case) for case in shapes))  # others are left out in some cases
        axes = [(i, k) for i in given for k in range(min(len(case[i]) for case in shapes))]
        for one, (i, k) in enumerate(axes):
            for j, m in axes[one + 1 :]:
                yield (
                    f"axis {k} of {names[i]} is as long as axis {m} of {names[j]}",
                    [case[i][k] == case[j][m] for case in shapes],
                )


def argument_names(question: Question) -> list[str]:
    """What the question calls its arguments; nothing for a star and what stands behind it."""
    parameters = inspect.signature(question.reference).parameters.values()
    positional = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return [one.name for one in parameters if one.kind in positional]


def _most_telling(differences: list[Difference | None]) -> int:
    """The first wrong case, but one that is wrong in kind or shape before one in its numbers."""
    wrong = [number for number, found in enumerate(differences) if found is not None]
    return min(wrong, key=lambda number: differences[number].kind == "value")


def _is_array(args: tuple, position: int) -> bool:
    return position < len(args) and isinstance(args[position], np.ndarray)


def _holds_numbers(value) -> bool:
    """Is it a list, or lists in a list, of numbers alone? An array of texts takes as much room for
    each as for the longest."""
    return isinstance(value, (list, tuple)) and all(
        isinstance(one, (bool, int, float, complex)) or _holds_numbers(one) for one in value
    )


def _texts(value) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) for one in value)


def _is_number(value) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def format_points(points: float) -> str:
    """1.5 for 1.5, 2 for 2.0, 0.67 for two thirds."""
    return f"{points:.2f}".rstrip("0").rstrip(".")


def count(number: int, noun: str) -> str:
    plural = {"axis": "axes"}.get(noun, noun + "s")
    return f"{number} {noun if number == 1 else plural}"
