"""Does the class report tell the truth? A class of 300 whose misconceptions are known is graded.

    python benchmarks/simulated_class.py [--chapter 4] [--students 300] [--keep DIR] [--write]

Every student is made from the chapter's bank: right answers, some of them in unusual code; the
bank's misconceptions, alone and two at a time, in different questions and, where an answer has
several parts, within one; wrong answers that no misconception explains; crashes; blanks. Prints
for each misconception how many held it and how many the grader found, and the confusion table.
The exit code is 1 if one held by 5 % or more is missed, or precision or recall is below 0.95.
"""

from __future__ import annotations

import argparse
import ast
import inspect
import json
import random
import sys
import tempfile
import textwrap
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BLANK, OTHER, RIGHT = "no answer", "another mistake", "right"

STAND_IN = """
from collections.abc import Callable
from functools import partial as variant
class Misconception:
    def __init__(self, name, compute, *hints):
        self.name, self.compute = name, compute
class Question:
    def __init__(self, name, points, reference=None, inputs=None, misconceptions=(), **_):
        self.name, self.reference, self.misconceptions = name, reference, misconceptions
class Task:
    def __init__(self, asks, shape, *_):
        self.asks, self.shape = asks, shape
    def feedback(self, shape):
        return ""
"""
ABSENT = ("rnncourse.bank", "rnncourse.figures.matching_game")  # what no sandbox has
FIND = """
return {q.name: {"": q.reference, **{m.name: m.compute for m in q.misconceptions}}
            for q in QUESTIONS}
"""
# ways to write the same function: NAME is the question, CORE what it computes
USUAL = "def NAME(*args):\n    return CORE(*args)"
UNUSUAL = (
    "NAME = lambda *args: CORE(*args)",
    "class _NAME:\n    def __call__(self, *args):\n        return CORE(*args)\nNAME = _NAME()",
    "def _twice(f):\n    def g(*args):\n        f(*copy.deepcopy(args))\n        return f(*args)\n"
    "    return g\n@_twice\ndef NAME(*args):\n    return CORE(*args)",
    "def NAME(*args):\n    def fuzz(v):\n        if getattr(v, 'dtype', None) == float:\n"
    "            return np.array(v * (1 + 1e-9), order='F')\n"
    "        if isinstance(v, float):\n            return v * (1 - 1e-9)\n"
    "        if isinstance(v, (list, tuple)):\n            return type(v)(map(fuzz, v))\n"
    "        return v\n    return fuzz(CORE(*args))",
    "def NAME(*args):\n    for attempt in range(3):\n        try:\n"
    "            if attempt < 2:\n                raise KeyError(attempt)\n"
    "            return CORE(*args)\n        except KeyError:\n            continue",
    "def NAME(*args, **options):\n    print('working', len(args))\n    result = CORE(*args)\n"
    "    NAME.calls = getattr(NAME, 'calls', 0) + 1\n    return result",
)
MISTAKES = (  # that no bank foresees
    "def NAME(*args):\n    def spoil(v):\n        if isinstance(v, (list, tuple)):\n"
    "            return type(v)(map(spoil, v))\n"
    "        return 'x' if isinstance(v, str) else v * 1.0173 + 0.0291\n"
    "    return spoil(CORE(*args))",
    "def NAME(*args):\n    raise RuntimeError('I give up')",
    "def NAME(*args):\n    result = CORE(*args)",
)
BLANKS = "def NAME(*args):\n    raise NotImplementedError('your turn')"


def module_source(chapter: int) -> str:
    """The bank's module as a student's cell: the same functions inside one, without the bank."""
    from rnncourse import bank

    (path,) = (ROOT / "rnncourse" / "bank").glob(f"ch{chapter:02d}_*.py")
    source = path.read_text()
    tree = ast.parse(source)
    lines = source.splitlines()
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and node.module in ABSENT:
            lines[node.lineno - 1 : node.end_lineno] = [""] * (node.end_lineno - node.lineno + 1)
    body = "\n".join(line for line in lines if "from __future__" not in line)
    shared = inspect.getsource(bank.autograd_mistakes)
    code = textwrap.indent(STAND_IN + shared + body + FIND, "    ")
    return f"def _bank():\n{code}\n_answers = _bank()"


def parts_pairs(judge) -> list[tuple[str, str, dict]]:
    """Pairs of misconceptions that spoil different parts of one answer: (one, other, who)."""
    from rnncourse.exercises.compare import compare
    from rnncourse.exercises.judge import trusted
    from rnncourse.exercises.pairs import parts_of

    question = judge.question
    truth = [parts_of(value) for value in judge.expected]
    spoiled = {}
    for m in question.misconceptions:
        results = [parts_of(trusted(question, m.compute, case).value) for case in judge.cases]
        if len(truth[0]) < 2 or any(set(r) != set(t) for r, t in zip(results, truth, strict=True)):
            continue
        spoiled[m.name] = {
            key
            for key in truth[0]
            if any(
                key in t and compare(t[key], r[key], question.rtol, question.atol)
                for t, r in zip(truth, results, strict=True)
            )
        }
    return [
        (a, b, {key: b for key in spoiled[b]})
        for a in spoiled
        for b in spoiled
        if a < b and spoiled[a] and spoiled[b] and not spoiled[a] & spoiled[b]
    ]


class Student:
    """A notebook and the truth about it."""

    def __init__(self, chapter: int):
        self.truth: dict[str, tuple[str, ...]] = {}
        self.cells = [
            "import copy\nimport numpy as np\nfrom rnncourse.exercises import check",
            module_source(chapter),
        ]

    def answer(self, name: str, label: str, template: str, second=None) -> None:
        core = f"_answers[{name!r}][{label!r}]"
        if second:
            other, keys = second
            body = (
                "    result, spoiled = CORE(*args), OTHER(*args)\n"
                f"    keys = {sorted(keys)!r}\n"
                "    if isinstance(result, dict):\n"
                "        return {k: spoiled[k] if k in keys else v for k, v in result.items()}\n"
                "    return type(result)(spoiled[k] if k in keys else v "
                "for k, v in enumerate(result))"
            )
            template = f"def NAME(*args):\n{body}".replace(
                "OTHER", f"_answers[{name!r}][{other!r}]"
            )
        self.cells.append(template.replace("CORE", core).replace("NAME", name))

    def notebook(self) -> str:
        made = [
            {"cell_type": "code", "id": f"c{n}", "metadata": {}, "outputs": [],
             "execution_count": None, "source": source}
            for n, source in enumerate(self.cells)
        ]  # fmt: skip
        return json.dumps({"cells": made, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


def make_class(chapter: int, size: int, seed: int) -> dict[str, Student]:
    """Students by name. Functions are harder than the quiz, and in each question the first
    misconception is common, the others are rare."""
    from rnncourse.exercises.judge import Judge, draw_cases
    from rnncourse.grading.assignment import Assignment, load_questions

    draw = random.Random(seed)
    questions = [q[0] for q in load_questions(Assignment(chapter, 0)).values() if q[0].reference]
    pairs = {q.name: parts_pairs(Judge(q, draw_cases(q, 1))) if q.inputs else [] for q in questions}
    students = {}
    for number in range(size):
        student = students[f"student{number:03d}"] = Student(chapter)
        wrong = draw.choices((0, 1, 2), (30, 30, 40))[0]  # alone, and two at a time
        weights = [5 if question.inputs else 1 for question in questions]
        mistaken = set(draw.choices(range(len(questions)), weights, k=wrong))
        for place, question in enumerate(questions):
            one_answer(student, question, place in mistaken, pairs[question.name], draw)
    return students


def one_answer(student: Student, question, mistaken: bool, pairs: list, draw) -> None:
    name, labels = question.name, [m.name for m in question.misconceptions]
    if not question.inputs:
        value_answer(student, question, mistaken and bool(labels), draw)
        return
    usual = USUAL if draw.random() < 0.6 else draw.choice(UNUSUAL)
    if mistaken and labels:
        if pairs and draw.random() < 0.3:
            one, other, keys = draw.choice(pairs)
            student.truth[name] = tuple(sorted((one, other)))
            student.answer(name, one, "", (other, keys))
            return
        weights = [5.0] + [1.0] * (len(labels) - 1)
        label = draw.choices(labels, weights)[0]
        student.truth[name] = (label,)
        student.answer(name, label, usual)
        return
    kind = draw.choices((RIGHT, OTHER, BLANK), (88, 7, 5))[0]
    student.truth[name] = (kind,)
    template = {RIGHT: usual, OTHER: draw.choice(MISTAKES), BLANK: BLANKS}[kind]
    student.answer(name, "", template)


def value_answer(student: Student, question, mistaken: bool, draw) -> None:
    if mistaken:
        m = draw.choice(question.misconceptions)
        student.truth[question.name] = (m.name,)
        value = m.compute()
    else:
        student.truth[question.name] = (RIGHT,)
        value = question.reference()
    literal = f"np.array({value.tolist()!r})" if hasattr(value, "tolist") else repr(value)
    student.cells.append(f"{question.name} = {literal}")


def found_labels(answer: dict) -> tuple[str, ...]:
    """What the grader says about an answer, in the words of the truth."""
    if answer["misconception"]:
        return tuple(sorted(filter(None, (answer["misconception"], answer["also"]))))
    names = {"right": RIGHT, "wrong": OTHER, "unanswered": BLANK, "missing": BLANK}
    return (names[answer["status"]],)


def compare_class(students: dict[str, Student], results: dict[str, dict]) -> tuple[list[str], bool]:
    """(lines of the tables, are the bounds kept)."""
    held, found, both = Counter(), Counter(), Counter()
    table: Counter = Counter()
    for name, student in students.items():
        for question, truth in student.truth.items():
            said = found_labels(results[name]["questions"][question])
            table[_group(truth), _group(said, truth)] += 1
            for label in set(truth) - {RIGHT, OTHER, BLANK}:
                held[question, label] += 1
                both[question, label] += label in said
            for label in set(said) - {RIGHT, OTHER, BLANK}:
                found[question, label] += 1
    lines = ["| question | misconception | held by | found | precision | recall |",
             "| --- | --- | ---: | ---: | ---: | ---: |"]  # fmt: skip
    good = True
    for key in sorted(held.keys() | found.keys(), key=lambda key: (-held[key], key)):
        precision = both[key] / found[key] if found[key] else 1.0
        recall = both[key] / held[key] if held[key] else 1.0
        if held[key] >= 0.05 * len(students):
            good = good and min(precision, recall) >= 0.95
        lines.append(f"| {key[0]} | {key[1]} | {held[key]} | {found[key]} | "
                     f"{f'{precision:.3f}' if found[key] else '–'} | {recall:.3f} |")  # fmt: skip
    precision = sum(both.values()) / max(1, sum(found.values()))
    recall = sum(both.values()) / max(1, sum(held.values()))
    good = good and min(precision, recall) >= 0.95
    lines += ["", f"All misconceptions: {sum(held.values())} held, {sum(found.values())} found, "
              f"precision {precision:.4f}, recall {recall:.4f}."]  # fmt: skip
    for kind, well in ((RIGHT, "found right"), (OTHER, "left unexplained")):
        given = sum(count for (truth, _), count in table.items() if truth == kind)
        lines.append(f"Answers that are {kind}: {given}, {table[kind, kind]} of them {well}.")
    return [*lines, "", *confusion(table)], good


def _group(labels: tuple[str, ...], truth: tuple[str, ...] = ()) -> str:
    if labels[0] in (RIGHT, OTHER, BLANK):
        return labels[0]
    kind = "one misconception" if len(labels) == 1 else "two in one answer"
    return f"{kind}, another one" if truth and labels != truth else kind


def confusion(table: Counter) -> list[str]:
    order = [RIGHT, "one misconception", "one misconception, another one", "two in one answer",
             "two in one answer, another one", OTHER, BLANK]  # fmt: skip
    columns = [c for c in order if any(said == c for _, said in table)]
    rows = [r for r in order if any(truth == r for truth, _ in table)]
    lines = ["| truth ↓, found → | " + " | ".join(columns) + " |",
             "| --- |" + " ---: |" * len(columns)]  # fmt: skip
    return lines + [
        f"| {r} | " + " | ".join(str(table[r, c]) for c in columns) + " |" for r in rows
    ]


def main() -> int:
    from rnncourse.grading.results import read_json
    from rnncourse.grading.run import Options, Run

    parser = argparse.ArgumentParser(description=inspect.getdoc(sys.modules[__name__]))
    parser.add_argument("--chapter", type=int, default=4)
    parser.add_argument("--students", type=int, default=300)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--keep", type=Path, help="leave submissions and results in this folder")
    parser.add_argument("--write", action="store_true", help="store the tables in results/")
    options = parser.parse_args()
    students = make_class(options.chapter, options.students, options.seed)
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.keep or Path(temporary)
        (folder / "submissions").mkdir(parents=True)
        for name, student in students.items():
            (folder / "submissions" / f"{name}.ipynb").write_text(student.notebook())
        out = folder / "graded"
        Run(Options(folder / "submissions", out, chapter=options.chapter)).grade()
        results = {r["student"]: r for r in map(read_json, (out / "results").glob("*.json"))}
    lines, good = compare_class(students, results)
    title = f"A simulated class of {len(students)}, chapter {options.chapter}, seed {options.seed}"
    print("\n".join([title, "", *lines]))
    if options.write:
        target = ROOT / "benchmarks" / "results" / f"simulated_class_{options.chapter:02d}.md"
        target.write_text("\n".join([f"# {title}", "", *lines]) + "\n")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
