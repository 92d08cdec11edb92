"""What do wrong answers get told? Every solution with one token wrong, checked as a learner would.

    python benchmarks/feedback.py [--chapters 3 4] [--write] [--show crash] [--every 5]

Each solved function of the exercises is changed in one place: an operator, a constant, an index,
an axis, a name, a transpose, a term, a sign, a statement left out. A change that the question's
cases call right and that 40 further draws call right is the same function, and left out. Of the
others the table counts what the learner is told:

- named      a misconception of the bank
- clue       a statement found by trial (`rnncourse.exercises.diagnosis`); of single numbers also
             that they are too large, or too small, in every case
- told       what differs and, at most, that it is no matter of one argument
- crash      an error, in words about the learner's own line
- raw        an error in a library's words alone
- passed     wrong, and called right

Every clue is tried on six fresh cases; one that is not true of them is counted as false.
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import copy
import json
import linecache
import platform
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import nbformat
import numpy as np
from tqdm.auto import tqdm

from rnncourse import bank
from rnncourse.exercises.check import Printed, attempt, not_a_function
from rnncourse.exercises.diagnosis import VAGUE
from rnncourse.exercises.judge import Judge, draw_cases

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "rnncourse/grading/sandbox/inside"))
RESULT = ROOT / "benchmarks/results/feedback.md"
FRESH = 40  # draws that tell another function from the same one
OUTCOMES = ("named", "clue", "told", "crash", "raw", "passed")
SWAPS = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult,
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq, ast.FloorDiv: ast.Mod, ast.Mod: ast.FloorDiv,
}  # fmt: skip
CALLS = {"tanh": "sin", "sigmoid": "tanh", "sum": "mean", "mean": "sum", "max": "min", "min": "max",
         "argmax": "argmin", "argmin": "argmax", "exp": "expm1", "log": "log1p", "zeros": "ones",
         "zeros_like": "ones_like", "reversed": "list"}  # fmt: skip


@dataclass(frozen=True)
class Mutant:
    question: str
    change: str
    source: str


def mutations(function: ast.FunctionDef):
    """One-token changes: pairs of what was done and the changed copy."""
    places = list(ast.walk(function))
    names = list(dict.fromkeys(a.arg for a in function.args.args))
    for number, node in enumerate(places):
        for change, make in _changes(node, names):
            changed = copy.deepcopy(function)
            target = list(ast.walk(changed))[number]
            made = make(target)
            if made is not target:
                changed = _Put(target, made).visit(changed)
            yield change, ast.fix_missing_locations(changed)


class _Put(ast.NodeTransformer):
    def __init__(self, old, new):
        self.old, self.new = old, new

    def visit(self, node):
        return self.new if node is self.old else super().visit(node)


def _set(field, value):
    def make(node):
        setattr(node, field, value)
        return node

    return make


def _changes(node, names):
    if isinstance(node, ast.BinOp):
        if type(node.op) in SWAPS:
            yield _words(node.op), _set("op", SWAPS[type(node.op)]())
        if isinstance(node.op, (ast.Add, ast.Sub, ast.Mult)):
            yield "right operand left out", lambda n: n.left
            yield "left operand left out", lambda n: n.right
        if isinstance(node.op, ast.MatMult):
            yield "operands of @ exchanged", lambda n: ast.BinOp(n.right, n.op, n.left)
            yield "* for @", _set("op", ast.Mult())
        if isinstance(node.op, ast.Pow):
            yield "power left out", lambda n: n.left
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        yield "minus left out", lambda n: n.operand
    elif isinstance(node, ast.Compare) and type(node.ops[0]) in SWAPS:
        yield _words(node.ops[0]), _set("ops", [SWAPS[type(node.ops[0])]()])
    elif isinstance(node, ast.Constant) and type(node.value) in (int, float):
        yield f"{node.value + 1} for {node.value}", _set("value", node.value + 1)
        yield f"{node.value - 1} for {node.value}", _set("value", node.value - 1)
    elif isinstance(node, ast.Attribute) and node.attr == "T":
        yield ".T left out", lambda n: n.value
    elif isinstance(node, ast.Attribute) and node.attr in CALLS:
        yield f"{CALLS[node.attr]} for {node.attr}", _set("attr", CALLS[node.attr])
    elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
        if node.id in CALLS:
            yield f"{CALLS[node.id]} for {node.id}", _set("id", CALLS[node.id])
        if node.id in names:
            other = names[(names.index(node.id) + 1) % len(names)]
            if other != node.id:
                yield f"{other} for {node.id}", _set("id", other)
    elif isinstance(node, (ast.FunctionDef, ast.For, ast.If)) and len(node.body) > 1:
        for index, statement in enumerate(node.body):
            if not isinstance(statement, (ast.Return, ast.FunctionDef)):
                rest = node.body[:index] + node.body[index + 1 :]
                yield f"left out: {ast.unparse(statement)[:40]}", _set("body", rest)


def _words(operator) -> str:
    return f"{SWAPS[type(operator)].__name__} for {type(operator).__name__}"


def solved(chapter: int) -> tuple[object, list]:
    """The chapter's solution notebook, and its function questions."""
    import slices

    (path,) = (ROOT / "notebooks/solutions").glob(f"{chapter:02d}_*.ipynb")
    cells = [c.source for c in nbformat.read(path, 4).cells if c.cell_type == "code"]
    return slices.Notebook(cells), [q for q in bank.chapters()[chapter] if q.inputs]


def mutants_of(book, question) -> list[tuple[str, object]]:
    """What was changed, and the changed function."""
    statements = book.need(question.name, set())
    place = book.definitions(question.name)[-1]
    if not isinstance(place.node, ast.FunctionDef):
        return []
    made = []
    for number, (change, function) in enumerate(mutations(place.node)):
        nodes = [function if s is place else s.node for s in statements]
        source = "\n".join(ast.unparse(node) for node in nodes)
        name = f"<{question.name} {number}>"
        linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
        with contextlib.suppress(SyntaxError, ValueError):
            made.append((change, compile(source, name, "exec")))
    return made


def answer_of(question, code):
    """The function in a namespace of its own."""
    space = {"__name__": "__main__"}
    exec(code, space)
    return space[question.name]


class Bench:
    """One question, its own cases and fresh ones."""

    def __init__(self, question):
        self.question = question
        self.judge = Judge(question, draw_cases(question, 0))
        self.fresh = Judge(question, draw_cases(question, 1))
        self.many = [
            Judge(question, draw_cases(question, seed))
            for seed in range(2, 2 + -(-FRESH // question.cases))
        ]

    def outcomes(self, answer, judge):
        return [self.call(answer, args) for args in judge.cases]

    def call(self, answer, args):
        return attempt(self.question, answer, args, Printed(), seconds=3)

    def differs(self, answer) -> bool:
        return any(
            judge.verdict(self.outcomes(answer, judge)).status != "right" for judge in self.many
        )

    def judged(self, answer) -> tuple[str, list[str], list[str]]:
        """What the learner is told: the kind, the lines, and the clues that are false."""
        problem = not_a_function(self.question, answer, self.judge.cases)
        if problem:
            return "told", [problem], []
        outcomes = self.outcomes(answer, self.judge)
        verdict = self.judge.verdict(outcomes)
        if verdict.status == "right":
            return ("passed" if self.differs(answer) else "equal"), [], []
        if verdict.misconception:
            return "named", [verdict.misconception.name], []
        kinds = {o.kind for o in outcomes}
        lines = verdict.message.splitlines()
        if verdict.first_difference.kind == "error":
            return ("crash" if in_words(lines) else "raw"), lines, []
        clues = self.judge.investigate(verdict, outcomes, lambda args: self.call(answer, args))
        false = self.false(answer, clues) if clues else []
        lines += [clue.text for clue in clues]
        sure = any(clue.key[0] not in VAGUE for clue in clues)
        telling = sure or kinds - {"value"} or says_more(verdict)
        return ("clue" if telling else "told"), lines, false

    def false(self, answer, clues) -> list[str]:
        outcomes = self.outcomes(answer, self.fresh)
        diagnosis = self.fresh.diagnosis
        right = self.fresh.verdict(outcomes).right
        wrong = [number for number, good in enumerate(right) if not good]
        about = {clue.key[1:3] for clue in clues}
        trials = [t for n in wrong[:6] for t in diagnosis._trials_of(n)]
        tried = [
            (t, self.call(answer, t.args))
            for t in trials
            if t.kind == "again" or (t.kind, t.about) in about
        ]
        return [c.text for c in clues if diagnosis.contradicts(c, outcomes, tried)]


def says_more(verdict) -> bool:
    """Whether the first difference is more than a bare number: kind, shape, relation, pattern."""
    return verdict.first_difference.kind not in ("value",) or any(
        text in verdict.message for text in ("It is right only where", "Yours is", "Yours runs")
    )


def in_words(lines: list[str]) -> bool:
    """Whether an error is put in the learner's terms, not a library's alone."""
    return any(line.lstrip().startswith("There ") for line in lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--chapters", type=int, nargs="*", default=sorted(bank.chapters()))
    parser.add_argument("--only", help="one question")
    parser.add_argument("--every", type=int, default=1, help="only each so many-th mutant")
    parser.add_argument("--write", action="store_true", help=f"store them in {RESULT.name}")
    parser.add_argument("--show", default="", help="print the cases of these kinds")
    options = parser.parse_args()
    table, false = {}, []
    for chapter in options.chapters:
        book, questions = solved(chapter)
        counts = table[chapter] = Counter()
        for question in tqdm(questions, desc=f"chapter {chapter}", disable=None):
            if options.only and question.name != options.only:
                continue
            bench = Bench(question)
            for change, code in mutants_of(book, question)[:: options.every]:
                try:
                    answer = answer_of(question, code)
                except Exception:
                    continue
                kind, lines, wrong = bench.judged(answer)
                counts[kind] += 1
                false += [(question.name, change, text) for text in wrong]
                if kind in options.show.split(",") or (wrong and "false" in options.show):
                    print(f"--- {kind}: {question.name}, {change}", *lines, sep="\n    ")
                    print("".join(f"    FALSE {text}\n" for text in wrong), end="")
    for chapter, counts in table.items():
        counts["false"] = sum(bank.chapter_of(name) == chapter for name, *_ in false)
    print(report(table))
    if options.write:
        store(table)


def store(table: dict[int, Counter]) -> None:
    """Keep these chapters' counts beside those of others, and write the table of all."""
    kept = RESULT.with_suffix(".json")
    known = json.loads(kept.read_text()) if kept.exists() else {}
    known |= {str(chapter): dict(counts) for chapter, counts in table.items()}
    known = dict(sorted(known.items(), key=lambda row: int(row[0])))
    kept.write_text(json.dumps(known, indent=1) + "\n")
    RESULT.write_text(report({int(n): Counter(row) for n, row in known.items()}) + "\n")


def report(table: dict[int, Counter]) -> str:
    head = f"| chapter | wrong | {' | '.join(OUTCOMES)} |"
    lines = [head, "|" + " ---: |" * (len(OUTCOMES) + 2)]
    total = sum(table.values(), Counter())
    for name, counts in [*table.items(), ("all", total)]:
        wrong = sum(counts[kind] for kind in OUTCOMES)
        lines.append(f"| {name} | {wrong} | {' | '.join(str(counts[k]) for k in OUTCOMES)} |")
    wrong = sum(total[kind] for kind in OUTCOMES) or 1
    helped = total["named"] + total["clue"] + total["crash"]
    lines += [
        "",
        f"{helped / wrong:.1%} are named, get a clue, or an error in the learner's own terms; "
        f"{total['raw'] / wrong:.1%} a raw error, {total['passed']} pass.",
        f"False clues: {total['false']}. {total['equal']} changes left the function the same.",
        f"\n`python benchmarks/feedback.py --write`, Python {platform.python_version()}, "
        f"NumPy {np.__version__}.",
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
