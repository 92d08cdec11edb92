"""The exercise bank keeps its promises; the judge and `check` say what was wrong."""

import ast
import contextlib
import importlib
import inspect
import re
import subprocess
import sys
import textwrap
import threading
import time
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from rnncourse import bank, notebooks
from rnncourse.bank import Misconception, Question
from rnncourse.exercises import build
from rnncourse.exercises.check import Printed, TimeUp, attempt, check, limited
from rnncourse.exercises.compare import compare
from rnncourse.exercises.judge import (
    Judge,
    Outcome,
    argument_names,
    draw_cases,
    judge,
    trusted,
)
from rnncourse.values import Opaque, Tensor, portable

CHECK = importlib.import_module("rnncourse.exercises.check")  # the name is the function's
ROOT = Path(__file__).parents[1]
SEEDS = range(4)
ALL = bank.load()
JUDGED = {name: question for name, question in ALL.items() if question.reference}
FUNCTIONS = {name: question for name, question in JUDGED.items() if question.inputs}
BY_HAND = {name: question for name, question in ALL.items() if not question.reference}
MISCONCEPTIONS = [
    pytest.param(question, mistake, id=f"{name}-{mistake.name}".replace(" ", "_"))
    for name, question in JUDGED.items()
    for mistake in question.misconceptions
]


@cache
def standing(question, seed):
    """The judge of a question's cases: what reference and misconceptions give is computed once."""
    return Judge(question, draw_cases(question, seed))


def outcomes(question, compute, seed):
    return [trusted(question, compute, args) for args in standing(question, seed).cases]


def judged(question, compute, seed=0):
    return standing(question, seed).verdict(outcomes(question, compute, seed))


def scaled(value, factor):
    """The value with every float in it multiplied."""
    if isinstance(value, float):
        return value * factor
    if isinstance(value, np.ndarray) and value.dtype.kind == "f":
        return value * factor
    if isinstance(value, Tensor):
        return Tensor(scaled(value.array, factor))
    if isinstance(value, (list, tuple)):
        return type(value)(scaled(item, factor) for item in value)
    return value


def leaves(value):
    if isinstance(value, (list, tuple)):
        return [leaf for item in value for leaf in leaves(item)]
    if isinstance(value, dict):
        return [leaf for item in value.values() for leaf in leaves(item)]
    return [value]


# --- the bank ------------------------------------------------------------------------------


def test_there_are_questions():
    assert len(FUNCTIONS) >= 20
    assert len(JUDGED) - len(FUNCTIONS) >= 20  # the quizzes, at least


def test_names_are_unique_in_the_course():
    names = [question.name for chapter in bank.chapters().values() for question in chapter]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("name", ALL)
def test_name_can_be_a_variable(name):
    assert name.isidentifier()
    assert ALL[name].points > 0


@pytest.mark.parametrize("name", JUDGED)
def test_reference_is_right(name):
    for seed in SEEDS:
        verdict = judged(JUDGED[name], JUDGED[name].reference, seed)
        assert verdict.status == "right", f"seed {seed}: {verdict.message}"
        assert verdict.points == JUDGED[name].points


@pytest.mark.parametrize(("question", "mistake"), MISCONCEPTIONS)
def test_misconception_fails_and_is_recognised(question, mistake):
    for seed in SEEDS:
        verdict = judged(question, mistake.compute, seed)
        assert verdict.status == "wrong", f"seed {seed}: {mistake.name} passes"
        found = verdict.misconception.name if verdict.misconception else None
        assert found == mistake.name, f"seed {seed}: taken for {found}"


SLIPS = ("KeyError", "NameError", "UnboundLocalError", "AttributeError", "AssertionError")


@pytest.mark.parametrize("name", FUNCTIONS)
def test_misconception_that_fails_does_so_by_its_idea(name):
    """Shapes that do not fit may be the mistake; an option that is not known is the bank's."""
    question = FUNCTIONS[name]
    for mistake in question.misconceptions:
        came = trusted(question, mistake.compute, standing(question, 0).cases[0])
        assert came.error not in SLIPS, f"{mistake.name}: {came.error}: {came.text}"


@pytest.mark.parametrize("name", FUNCTIONS)
def test_function_question_knows_at_least_four_misconceptions(name):
    names = [mistake.name for mistake in FUNCTIONS[name].misconceptions]
    assert len(set(names)) == len(names) >= 4


@pytest.mark.parametrize("name", JUDGED)
def test_answer_right_to_1e_6_passes(name):
    question = JUDGED[name]
    judge_ = Judge(question, draw_cases(question, 1))
    near = [Outcome("value", scaled(value, 1 + 1e-6)) for value in judge_.expected]
    assert judge_.verdict(near).status == "right"


@pytest.mark.parametrize("name", JUDGED)
def test_clearly_different_answer_fails(name):
    question = JUDGED[name]
    judge_ = Judge(question, draw_cases(question, 1))
    far = [Outcome("value", Opaque("function")) for _ in judge_.expected]
    assert judge_.verdict(far).status == "wrong"


@pytest.mark.parametrize("name", FUNCTIONS)
def test_answer_right_on_one_case_only_fails(name):
    question = FUNCTIONS[name]
    judge_ = Judge(question, draw_cases(question))
    mixed = [Outcome("value", judge_.expected[0])]
    mixed += [Outcome("value", None) for _ in judge_.expected[1:]]
    verdict = judge_.verdict(mixed)
    assert verdict.status == "wrong"
    assert verdict.fraction == pytest.approx(1 / question.cases)
    assert "right only" in verdict.message


@pytest.mark.parametrize("name", FUNCTIONS)
def test_rounding_of_the_inputs_decides_nothing(name):
    question = FUNCTIONS[name]
    for seed in SEEDS:
        for case in standing(question, seed).cases:
            there = [scaled(argument, 1 + 1e-13) for argument in case]
            back = [scaled(argument, 1 / (1 + 1e-13)) for argument in there]  # but for rounding
            found, expected = (trusted(question, question.reference, c) for c in (back, case))
            assert not compare(expected.value, found.value, question.rtol, question.atol)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_an_argument_given_back_earns_nothing(name):
    question = FUNCTIONS[name]
    for place, argument in enumerate(argument_names(question)):
        verdict = judged(question, lambda *args, place=place: args[place])
        assert verdict.points == 0, (argument, verdict.message)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_cases_follow_from_the_seed_and_differ(name):
    question = FUNCTIONS[name]
    one, again, other = (repr(draw_cases(question, seed)) for seed in (0, 0, 1))
    assert one == again
    assert one != other
    cases = [repr(case) for case in draw_cases(question)]
    assert len(set(cases)) == len(cases), "two cases are the same"


@pytest.mark.parametrize("name", FUNCTIONS)
def test_shapes_or_numbers_vary(name):
    """An answer that is right on one shape only can be told from a right one."""
    shapes = {
        str([leaf.shape if isinstance(leaf, np.ndarray) else leaf for leaf in leaves(args)])
        for seed in SEEDS
        for args in standing(FUNCTIONS[name], seed).cases
    }
    assert len(shapes) > 1


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_argument_varies(name):
    """No argument is the same in every case, so none can be written in as a number."""
    cases = standing(FUNCTIONS[name], 0).cases
    for position, argument in enumerate(argument_names(FUNCTIONS[name])):
        values = {repr(args[position]) for args in cases if position < len(args)}
        assert len(values) > 1, f"{argument} is {values.pop()} in every case"


@pytest.mark.parametrize("name", FUNCTIONS)
def test_learners_are_told_of_no_argument_that_no_case_has(name):
    """A reference may have options for its mistakes: they are nobody else's business."""
    names = argument_names(FUNCTIONS[name])
    assert all(len(names) <= len(args) for args in standing(FUNCTIONS[name], 0).cases)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_learners_are_told_the_name_of_every_argument(name):
    """And not of an “argument 10”, which a reference of x, *given has."""
    names = argument_names(FUNCTIONS[name])
    assert max(len(args) for args in standing(FUNCTIONS[name], 0).cases) == len(names)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_inputs_and_results_are_values(name):
    question = FUNCTIONS[name]
    judge_ = Judge(question, draw_cases(question))
    for value in [*judge_.cases, *judge_.expected]:
        kinds = [type(leaf) for leaf in leaves(portable(value))]
        assert Opaque not in kinds


@pytest.mark.parametrize("name", FUNCTIONS)
def test_reference_leaves_its_inputs_alone(name):
    question = FUNCTIONS[name]
    for args in standing(question, 0).cases:
        outcome = attempt(question, question.reference, args, Printed())
        assert outcome.kind == "value"
        assert outcome.mutated == ()


@pytest.mark.parametrize("name", JUDGED)
def test_hints_are_a_ladder_that_does_not_give_the_answer(name):
    question = JUDGED[name]
    given_away = reference_expressions(question)
    for mistake in question.misconceptions:
        assert len(mistake.hints) == 3
        assert all(hint.strip() and len(hint) <= 300 for hint in mistake.hints)
        if name not in FUNCTIONS and name.startswith("quiz_"):
            continue  # the feedback of the option, each time
        assert len(set(mistake.hints)) == 3, mistake.name
        for hint in mistake.hints:
            squeezed = "".join(hint.split())
            assert not any(code in squeezed for code in given_away), f"{mistake.name}: {hint}"


def reference_expressions(question) -> set[str]:
    """What the reference returns, as code without blanks; short expressions say nothing."""
    try:
        function = getattr(question.reference, "func", question.reference)  # of a variant
        source = textwrap.dedent(inspect.getsource(function))
        tree = ast.parse(source)
    except (OSError, SyntaxError):  # a lambda in the middle of a call
        return set()
    found = [
        ast.unparse(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Return) and node.value
    ]
    return {"".join(code.split()) for code in found if len(code) > 12}


@pytest.mark.parametrize("name", JUDGED)
def test_names_of_misconceptions_are_phrases(name):
    """People read them: words and the course's symbols, no identifiers, no sentences."""
    names = [mistake.name for mistake in JUDGED[name].misconceptions]
    assert len(set(names)) == len(names)
    for phrase in names:
        assert "_" not in re.sub(r"\b[Wb]_[a-z]{2}\b", "", phrase)
        assert not re.match(r"[A-Z][a-z]+\b", phrase)


def forwards(function: ast.FunctionDef) -> bool:
    """Does it only call another function, with its own arguments and perhaps an option?"""
    body = [node for node in function.body if not isinstance(node, ast.Expr)]
    if len(body) > 1 or not isinstance(body[0], ast.Return):
        return False
    call, own = body[0].value, function.args
    given = [ast.unparse(argument) for argument in call.args] if isinstance(call, ast.Call) else []
    stars = [f"*{own.vararg.arg}"] if own.vararg else []
    return bool(given) and given == [one.arg for one in own.posonlyargs + own.args] + stars


def test_no_function_of_the_bank_only_calls_another():
    for forward in ("def z(*case):\n  return step(*case, mix=1)", "def z(x, h):\n  return f(x, h)"):
        assert forwards(ast.parse(forward).body[0])
    paths = [*(ROOT / "rnncourse" / "bank").glob("ch*.py"), ROOT / "templates" / "bank.py"]
    functions = [
        node
        for path in paths
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef)
    ]
    assert len(functions) > 100
    assert not [function.name for function in functions if forwards(function)]


@pytest.mark.parametrize("name", BY_HAND)
def test_rubric_adds_up(name):
    question = BY_HAND[name]
    assert question.rubric
    assert sum(points for _, points in question.rubric) == question.points


def test_bank_does_not_load_torch():
    code = "import sys, rnncourse.bank as b; b.load(); print('torch' in sys.modules)"
    printed = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout
    assert printed.strip() == "False"


@pytest.mark.parametrize("name", [name for name in FUNCTIONS if FUNCTIONS[name].uses])
def test_questions_that_are_used_exist(name):
    assert set(FUNCTIONS[name].uses) <= set(FUNCTIONS)


# --- the judge, on a question made for it ---------------------------------------------------


def step_inputs(rng):
    B, D, H = rng.integers(2, 6, 3)
    return rng.normal(size=(B, D)), rng.normal(size=(H, D)), rng.normal(size=H)


def step(x, W, b):
    return np.tanh(x @ W.T + b)


def hints(text):
    return (f"{text} 1", f"{text} 2", f"{text} 3")


STEP = Question(
    "step",
    3,
    step,
    step_inputs,
    (
        Misconception("no bias", lambda x, W, b: np.tanh(x @ W.T), *hints("bias")),
        Misconception("no tanh", lambda x, W, b: x @ W.T + b, *hints("tanh")),
        Misconception("not transposed", lambda x, W, b: np.tanh(x @ W + b), *hints("turn")),
    ),
)


@pytest.fixture
def toy(monkeypatch, fresh_hints):
    """A bank that holds the toy questions only."""
    questions = {
        "step": STEP,
        "total": Question(
            "total",
            2,
            lambda: 12.5,
            misconceptions=(Misconception("half", lambda: 6.25, *hints("half")),),
        ),
        "gates": Question("gates", 1, lambda: np.array([0.1, 0.2, 0.3])),
        "choice": Question(
            "choice",
            1,
            lambda: "B",
            misconceptions=(Misconception("option A", lambda: "A", *["Not A."] * 3),),
        ),
        "essay": Question("essay", 2, rubric=(("says why", 1), ("says how", 1))),
    }

    def get(name):
        if name not in questions:
            return real(name)
        return questions[name]

    real = bank.get
    monkeypatch.setattr(bank, "get", get)
    return questions


@pytest.fixture
def said(toy, capsys):
    """What check prints, as lines."""

    def run(name, answer):
        check(name, answer)
        return capsys.readouterr().out.splitlines()

    return run


def test_right(said):
    assert said("step", step) == ["step: right on all 6 cases. 3 of 3 points."]


def test_hint_ladder_climbs_and_stays_on_top(said):
    wrong = STEP.misconceptions[0].compute
    last = [said("step", wrong)[-1] for _ in range(4)]
    assert last == [
        "  Hint 1 of 3: bias 1",
        "  Hint 2 of 3: bias 2",
        *["  Hint 3 of 3: bias 3"] * 2,
    ]
    assert said("step", STEP.misconceptions[1].compute)[-1] == "  Hint 1 of 3: tanh 1"


def test_misconception_that_raises_is_recognised(said):
    lines = said("step", lambda x, W, b: np.tanh(x @ W + b))
    assert lines[-1] == "  Hint 1 of 3: turn 1"
    assert "stops with ValueError: matmul" in lines[1]
    assert "in your line" in lines[2]


def test_a_misconception_is_recognised_in_whole_numbers_too(said):
    question = Question(
        "logs",
        1,
        lambda n: np.log(n),
        lambda rng: (rng.integers(2, 90, 4),),
        (Misconception("no logarithm", lambda n: n.astype(float), *hints("log")),),
    )
    cases = draw_cases(question)
    for answer in (lambda n: n, lambda n: [int(i) for i in n]):
        came = [attempt(question, answer, args, Printed()) for args in cases]
        assert judge(question, cases, came).misconception.name == "no logarithm"


def test_mistake_that_explains_only_some_cases_is_not_claimed(toy):
    cases = draw_cases(STEP)
    mixed = outcomes(STEP, STEP.misconceptions[0].compute, 0)
    mixed[3] = trusted(STEP, lambda x, W, b: x * 7, cases[3])
    assert judge(STEP, cases, mixed).misconception is None


def test_a_mistake_that_most_cases_speak_against_is_not_claimed(toy):
    """What it gives in the one case that is wrong may be due to something else."""
    cases = draw_cases(STEP)
    mixed = outcomes(STEP, STEP.reference, 0)
    mixed[3] = trusted(STEP, STEP.misconceptions[0].compute, cases[3])
    assert judge(STEP, cases, mixed).misconception is None


def test_best_match_is_preferred(toy):
    """Two misconceptions explain all that is wrong; the one that fits everywhere is named."""
    question = Question(
        "sign",
        1,
        lambda n: n,
        lambda rng: (int(rng.integers(-3, 4)),),
        (
            Misconception(
                "absolute value, plus one on top", lambda n: -n if n < 0 else n + 1, *hints("a")
            ),
            Misconception("absolute value", abs, *hints("b")),
        ),
        cases=12,
    )
    assert judged(question, abs).misconception.name == "absolute value"


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (lambda x, W, b: None, "None came back. Did you forget return?"),
        (lambda x, W, b: step(x, W, b).T, "Its transpose would have that shape"),
        (lambda x, W, b: step(x, W, b)[:, :, None], "The numbers themselves are right"),
        (lambda x, W, b: step(x, W, b) * np.nan, "entries are nan"),
        (lambda x, W, b: step(x, W, b) + np.inf, "entries are infinite"),
        (lambda x, W, b: step(x, W, b).astype(int), "integers (int64) came back, floats (float64)"),
        (lambda x, W, b: step(x, W, b) + 0j, "complex numbers (complex128) came back"),
        (lambda x, W, b: [[1.0], [2.0, 3.0]], "rows have different lengths: 1 to 2"),
        (lambda x, W, b: (step(x, W, b), 1), "a tuple of 2 came back, an array"),
        (lambda x, W, b: 0.5, "a number came back, an array"),
        (lambda x, W, b: step, "Is a pair of parentheses missing?"),
        (lambda x, W, b: (v for v in x), "a generator came back"),
        (lambda x, W, b: step(x, W, b).astype(object), "dtype object came back"),
        (lambda x, W, b: "0.5", "a text came back"),
        (lambda x, W, b: step(x, W, b) + 0.01, "at [0, 0] you have"),
        (lambda x, W, b: step(x, W, b)[:0], "shape (0,"),
        (lambda x, W, b: np.array([step(x, W, b)[-1]] * len(x)), "along axis 0 are the same"),
        (lambda x, W, b: (step(x, W, b), x), "Return one array alone."),
        (lambda x, W, b: -step(x, W, b), "Your result has the wrong sign in every case tried."),
        (lambda x, W, b: step(x, W, b) / 4, "the right one times 0.25 in every case tried."),
        (lambda x, W, b: step(x, W, b)[::-1], "runs the other way along axis 0"),
    ],
)
def test_what_came_back_is_described(said, answer, expected):
    lines = said("step", answer)
    assert lines[0] == "step: right on 0 of 6 cases. 0 of 3 points."
    assert expected in "\n".join(lines[1:])
    assert re.match(r"  Case \d \(x \(", lines[1])


def test_torch_tensor_is_named(said):
    torch = pytest.importorskip("torch")
    lines = said("step", lambda x, W, b: torch.tensor(step(x, W, b)))
    assert "a torch tensor of shape" in lines[1]
    assert "NumPy" in lines[1]


def test_right_on_one_kind_of_shape_says_which(said):
    def answer(x, W, b):
        return step(x, W, b) if W.shape[0] == W.shape[1] else np.zeros((len(x), len(W)))

    cases = draw_cases(STEP, 0)
    square = [W.shape[0] == W.shape[1] for _, W, _ in cases]
    assert 0 < sum(square) < len(cases), "the toy question should draw both"
    lines = said("step", answer)
    assert (
        lines[0] == f"step: right on {sum(square)} of 6 cases. {3 * sum(square) / 6:g} of 3 points."
    )
    assert lines[2].startswith("  It is right only where W is square")
    assert lines[-1] == "  In the wrong cases x has no influence on your result, and should have."


def test_first_difference_has_index_and_dtype():
    expected, got = np.zeros((2, 3)), np.zeros((2, 3))
    got[1, 2] = 0.5
    question = Question("q", 1, lambda: expected, lambda rng: (), cases=1)
    verdict = judge(question, [()], [Outcome("value", got)])
    difference = verdict.first_difference
    assert (difference.kind, difference.where) == ("value", "[1, 2]")
    assert (difference.expected, difference.got) == (0.0, 0.5)
    assert (
        "at [1, 2] you have 0.5, 0 is expected (1 of 6 entries differ; shape (2, 3), float64)"
        in (verdict.message)
    )


@pytest.mark.parametrize(
    ("expected", "got", "kind"),
    [
        ([1.0, 2.0], (1.0, 2.0), None),
        ([1.0, 2.0], [1.0], "length"),
        ([1.0, [2.0]], [1.0, [2.5]], "value"),
        ({"a": 1}, {"a": 1}, None),
        ({"a": 1}, {"b": 1}, "keys"),
        ("abc", "abd", "value"),
        (True, 1, "type"),
        (3, 3.0, None),
        (3, True, "type"),
        (2.0, np.array(2.0), None),
        (2.0, np.array([2.0]), "type"),
        (np.array(2.0), 2.0, None),
        (np.array([1, 2]), np.array([1.0, 2.0]), "dtype"),
        (np.array([1, 2]), np.array([1, 2], np.uint8), None),
        (np.array([1.0]), np.array([1.0], np.float32), None),
        (np.array([True]), np.array([1]), "dtype"),
        (np.array([np.nan, np.inf]), np.array([np.nan, np.inf]), None),
        (np.array([np.inf]), np.array([-np.inf]), "value"),
        (np.array([0.0]), np.array([np.nan]), "nan"),
        (None, None, None),
        (None, 1, "type"),
        (1.0, None, "none"),
        (np.zeros(2), Tensor(np.zeros(2)), "type"),
        (Tensor(np.zeros(2)), np.zeros(2), "type"),
        (Tensor(np.zeros(2)), Tensor(np.zeros(2)), None),
        (1e-9, 2e-9, None),
        ((np.ones(2), np.zeros(2)), (np.zeros(2), np.ones(2)), "order"),
        (["a", "b", "b"], ["b", "a", "a"], "value"),
    ],
)
def test_compare(expected, got, kind):
    question = Question("q", 1, lambda: expected, lambda rng: (), cases=1, typed=True)
    verdict = judge(question, [()], [Outcome("value", portable(got))])
    found = verdict.first_difference and verdict.first_difference.kind
    assert found == kind, verdict.message


def test_same_verdict_when_values_have_travelled():
    """Scalars lose their NumPy type on the way to the grader; that must not change a verdict."""
    question = Question("q", 1, lambda: [np.float64(1), np.array(["a"])], lambda rng: (), cases=1)
    assert judge(question, [()], [Outcome("value", [1.0, ["a"]])]).status == "right"


# --- check: what a learner can do wrong -----------------------------------------------------


def test_untouched_student_edition_is_unanswered(said):
    def answer(x, W, b):
        raise NotImplementedError("your turn")

    assert said("step", answer) == ["step: not answered yet."]
    assert said("total", None) == ["total: not answered yet."]
    assert said("choice", ...) == ["choice: not answered yet."]


def test_exception_names_the_learners_own_line(said):
    def answer(x, W, b):
        def inner(rows):
            return rows @ W[:, :1]  # this line

        return inner(x)

    lines = said("step", answer)
    assert re.match(r"  Case \d \(x \(", lines[1])
    assert "stops with ValueError: matmul" in lines[1]
    assert lines[2].startswith("  in your line ")
    assert lines[2].endswith("return rows @ W[:, :1]  # this line")
    assert "Traceback" not in "".join(lines)


def test_error_inside_numpy_still_points_at_the_learner(said):
    def answer(x, W, b):
        return np.concatenate([x, W.T])  # my line

    assert said("step", answer)[2].endswith("return np.concatenate([x, W.T])  # my line")


@pytest.mark.parametrize(
    "error", [SystemExit(3), RecursionError("x"), AssertionError(), MemoryError()]
)
def test_every_exception_is_caught(said, error):
    def answer(x, W, b):
        raise error

    assert f"stops with {type(error).__name__}" in said("step", answer)[1]


def test_endless_recursion(said):
    def answer(x, W, b):
        return answer(x, W, b)

    assert "calls itself without end" in said("step", answer)[1]


def test_mutated_input_is_named(said):
    def answer(x, W, b):
        W *= 2
        return step(x, W / 2, b)

    first, remark = said("step", answer)
    assert first == "step: right on all 6 cases. 3 of 3 points."
    assert "Accepted, though your function changes its input W" in remark


def test_a_changed_input_costs_points_where_the_question_forbids_it():
    def answer(x, W, b):
        b += 1
        return step(x, W, b - 1)

    for keeps, status in ((False, "right"), (True, "wrong")):
        question = replace(STEP, keeps=keeps)
        cases = draw_cases(question)
        came = [attempt(question, answer, args, Printed()) for args in cases]
        verdict = judge(question, cases, came)
        assert verdict.status == status
        assert "changes its input b" in verdict.message


def test_rounding_dust_is_no_change(said):
    """Whoever nudges a weight and takes the nudge back has changed nothing worth a word."""

    def answer(x, W, b):
        for index in np.ndindex(W.shape):
            W[index] += 0.1
            W[index] -= 0.1
        return step(x, W, b)

    cases = draw_cases(STEP)
    assert any((args[1] + 0.1 - 0.1 != args[1]).any() for args in cases), "there is no dust"
    assert said("step", answer) == ["step: right on all 6 cases. 3 of 3 points."]

    def spoils(x, W, b):
        W[0, 0] += 1e-9
        return step(x, W, b)

    assert "changes its input W" in said("step", spoils)[1]


def test_inputs_are_copies(toy):
    """A call that spoils its arguments does not spoil the next one's."""

    def spoil(x, W, b):
        x[:] = 0
        return step(x, W, b)

    check("step", spoil)
    assert CHECK.examine(STEP, step)[0].status == "right"


@pytest.mark.parametrize("swallow", [False, True])
def test_endless_loop_is_stopped(said, monkeypatch, swallow):
    monkeypatch.setattr(CHECK, "SECONDS", 0.2)

    def answer(x, W, b):
        while True:
            try:
                x = x + 1
            except Exception:
                if not swallow:
                    raise

    start = time.monotonic()
    lines = said("step", answer)
    assert time.monotonic() - start < 3, "every case waited for its own limit"
    assert "does not come to an end in time" in lines[1]


def spin(seconds=10.0):
    stop = time.monotonic() + seconds
    while time.monotonic() < stop:
        pass
    return "to the end"


def test_time_limit_beats_a_bare_except():
    def stubborn():
        for _ in range(2):
            with contextlib.suppress(BaseException):
                spin()
        return spin()

    start = time.monotonic()
    with pytest.raises(TimeUp):
        limited(0.1, stubborn)
    assert time.monotonic() - start < 5


def test_time_limit_strikes_inside_the_answer_only():
    struck = 0
    for _ in range(300):  # the limit runs out while the answer comes back, or just after
        try:
            limited(0.002, spin, 0.002)
        except TimeUp:
            struck += 1
    for _ in range(100_000):  # a late TimeUp would strike here
        pass
    assert struck < 300


def test_time_limit_counts_computing_not_waiting():
    """A machine that has other things to do is not the learner's fault; patience has an end."""
    assert limited(0.1, time.sleep, 0.3) is None

    def wait():
        while True:
            time.sleep(0.01)

    start = time.monotonic()
    with pytest.raises(TimeUp):
        limited(0.1, wait)
    assert time.monotonic() - start > 0.1 * CHECK.PATIENCE


def test_time_limit_gives_results_and_errors_back():
    assert limited(5, divmod, 7, 2) == (3, 1)
    with pytest.raises(ZeroDivisionError):
        limited(5, divmod, 7, 0)


def test_time_limit_works_in_other_threads():
    found = []

    def body():
        try:
            limited(0.1, spin)
        except TimeUp:
            found.append("stopped")

    thread = threading.Thread(target=body)
    thread.start()
    thread.join(5)
    assert found == ["stopped"]


def test_huge_prints_are_bounded(said):
    def answer(x, W, b):
        for number in range(20_000):
            print("value", number)
        print("y" * 10_000_000)
        return x

    lines = said("step", answer)
    assert len(lines) < 10
    assert max(map(len, lines)) < 250
    assert "  Your function printed 120,006 lines:" in lines
    assert "    value 0" in lines
    assert "    … and 120,003 more" in lines


def test_prints_of_a_right_answer_are_left_out(said):
    def answer(x, W, b):
        print("debug")
        return step(x, W, b)

    assert said("step", answer) == ["step: right on all 6 cases. 3 of 3 points."]


def test_stdout_is_given_back(said, capsys):
    said("step", lambda x, W, b: print("inside"))
    print("after")
    assert capsys.readouterr().out == "after\n"


def test_called_instead_of_handed_over(said):
    x = np.zeros((2, 3))
    assert said("step", step(x, x, 0.0)) == [
        'step: check wants the function itself: check("step", step), without parentheses after it.'
    ]


def test_wrong_arguments(said):
    def answer(x, W):
        return x

    assert said("step", answer) == [
        "step: it must take the arguments (x, W, b). Yours takes (x, W)."
    ]


def test_reference_with_a_star_asks_for_numbers_only(toy, said):
    toy["star"] = Question("star", 1, lambda *a: sum(a), lambda rng: (1, 2, int(rng.integers(9))))
    assert said("star", lambda x: x) == ["star: it must take 3 arguments. Yours takes (x)."]
    assert said("star", lambda x, y, z: x + y + z) == ["star: right on all 6 cases. 1 of 1 point."]
    assert "argument 1=1" in said("star", lambda x, y, z: -99)[1]


def test_other_names_for_the_arguments_are_fine(said):
    assert "right on all" in said("step", lambda u, V, c=0: step(u, V, c))[0]
    assert "right on all" in said("step", lambda *args: step(*args))[0]


def test_unknown_name_suggests_close_ones(toy, capsys):
    near = next(iter(FUNCTIONS))
    check(near + "x", None)
    assert f"There is no question '{near}x'. Did you mean '{near}'" in capsys.readouterr().out
    check("zzzzzzzz", None)
    assert capsys.readouterr().out == "There is no question 'zzzzzzzz'.\n"


def test_check_called_with_one_argument_or_the_wrong_way_round(capsys):
    for arguments in ((step,), ("step",), (step, "step")):
        check(*arguments)
        assert capsys.readouterr().out.startswith("check wants the name of a question and your")


def test_value_questions(said):
    assert said("total", 12.5) == ["total: right. 2 of 2 points."]
    assert said("total", np.float32(12.5)) == ["total: right. 2 of 2 points."]
    assert said("total", 6.25) == ["total: not right yet. 0 of 2 points.", "  Hint 1 of 3: half 1"]
    assert said("total", 12.4)[-1] == "  It is close: are enough digits given?"
    assert said("total", 99) == ["total: not right yet. 0 of 2 points."]
    assert "a text came back, a number is expected" in said("total", "12.5")[-1]
    assert said("gates", [0.1, 0.2, 0.3]) == ["gates: right. 1 of 1 point."]
    assert said("gates", [0.1, 9, 0.3])[-1] == "  The entry at [1] is the first that is not right."
    assert "shape (2,) came back, (3,) is expected" in said("gates", np.array([0.1, 0.2]))[-1]


def test_wrong_value_does_not_tell_the_right_one(said):
    for wrong in (99, 12.4, "x", [1], None, {}, np.nan, -np.inf):
        assert "12.5" not in "".join(said("total", wrong))
    assert said("gates", [0.1, np.nan, 0.3])[-1] == "  Your answer: the entry at [1] is nan."


def test_of_a_list_of_answers_one_that_is_wrong_has_its_hint(said):
    """Two wrong: the first that is known; a third, which is not, does no harm."""
    shapes = bank.get("match_topologies").reference()
    shapes[2], shapes[7], shapes[1] = "one to one", "aligned", "lined up"
    lines = said("match_topologies", shapes)
    assert "Look at task 3 again" in lines[1]
    assert said("match_topologies", [*shapes, "aligned"])[1:] == [
        "  Your answer: 11 values came back, 10 are expected."
    ]


def test_an_entry_that_is_only_spelled_otherwise(said):
    shapes = [shape.capitalize() for shape in bank.get("match_topologies").reference()]
    assert said("match_topologies", shapes)[-1] == "  It is a matter of spelling."


def test_a_list_of_rows_is_as_good_as_an_array(said):
    lines = said("step", lambda x, W, b: list(step(x, W, b)))
    assert lines[0] == "step: right on all 6 cases. 3 of 3 points."
    assert "np.array or np.stack makes one" in lines[1]
    assert "right on 0" in said("step", lambda x, W, b: list(step(x, W, b)[:, 1:]))[0]


def test_right_numbers_in_the_wrong_places_are_seen(said):
    assert said("gates", [0.2, 0.1, 0.3])[-1].endswith("right ones, in the wrong places.")


def test_a_changed_input_is_not_taken_for_a_misconception():
    """All values are right; a misconception that agrees with them is not to blame."""
    mistake = Misconception("only for n > 0", lambda n: max(n, 0), *hints("m"))
    question = Question("q", 1, abs, lambda rng: (), (mistake,), keeps=True)
    outcomes = [Outcome("value", 2, mutated=(0,)), Outcome("value", 3)]
    verdict = judge(question, [(2,), (-3,)], outcomes)
    assert verdict.misconception is None
    assert "changes its input" in verdict.message


def test_a_missing_sum_is_seen():
    right, wrong = np.ones(3), np.full((2, 3), 0.5)
    found = judge(Question("q", 1, lambda: right, lambda rng: ()), [()], [Outcome("value", wrong)])
    assert "Is a sum over axis 0 missing?" in found.message


def test_choices(said):
    assert said("choice", "B") == ["choice: right. 1 of 1 point."]
    assert said("choice", " b ") == ["choice: right. 1 of 1 point."]
    assert said("choice", "A") == ["choice: not right yet. 0 of 1 point.", "  Not A."]
    assert "one of the letters" in said("choice", "E")[-1]
    assert "one of the letters" in said("choice", 2)[-1]


def test_graded_by_hand_shows_the_rubric(said):
    assert said("essay", "anything") == [
        "essay: graded by hand, 2 points.",
        "  1 for: says why",
        "  1 for: says how",
    ]


def test_messages_are_the_same_every_time(said):
    wrong = [lambda x, W, b: x, lambda x, W, b: 1 / 0, lambda x, W, b: print("a"), None]
    assert [said("step", f) for f in wrong] == [said("step", f) for f in wrong]


def test_no_colours_no_long_lines(said):
    for answer in (lambda x, W, b: x, lambda x, W, b: 1 / 0, step, 3):
        text = "\n".join(said("step", answer))
        assert "\x1b" not in text
        assert max(map(len, text.splitlines())) < 330


def test_torch_questions_get_tensors_and_give_them_back():
    torch = pytest.importorskip("torch")
    question = Question(
        "double", 1, lambda x: 2 * x, lambda rng: (rng.normal(size=3),), framework="torch"
    )
    cases = draw_cases(question)
    right = [attempt(question, lambda x: torch.add(x, x), args, Printed()) for args in cases]
    assert judge(question, cases, right).status == "right"
    wrong = [attempt(question, lambda x: 2 * x.numpy(), args, Printed()) for args in cases]
    assert "a torch tensor of shape (3,) is expected" in judge(question, cases, wrong).message
    spoil = [attempt(question, lambda x: x.mul_(2), args, Printed()) for args in cases]
    assert "changes its input x" in judge(question, cases, spoil).message


def test_grader_outcomes():
    cases = draw_cases(STEP)
    dead = [Outcome("died", text="It asked for too much memory.")] * 6
    assert "ended Python itself. It asked for too much memory." in judge(STEP, cases, dead).message
    with pytest.raises(ValueError, match="6 cases, but 5 outcomes"):
        judge(STEP, cases, dead[:5])


# --- the student edition --------------------------------------------------------------------

SOLVED = '''\
# %% [markdown]
# ## 1 · Read (2 points)
# %%
def read_sentence(words, W_xh, W_hh, b_h):
    """words (T,) -> states (T, H)."""
    h = np.zeros(len(b_h))
    ### BEGIN SOLUTION
    secret_states = []
    return np.array(secret_states)
    ### END SOLUTION
# %%
check("read_sentence", read_sentence)
# %%
helper = 1
### BEGIN SOLUTION
secret_helper = 41 + 1
### END SOLUTION
# %%
### BEGIN SOLUTION
quiz_02_1 = "A"
### END SOLUTION
check("quiz_02_1", quiz_02_1)
# %%
quiz_02_2 = "C"
# %%
check("quiz_02_2", quiz_02_2)
# %% [markdown] tags=["manual:state_words"]
# The secret is that the states differ.
# %% tags=["manual:state_portrait"]
_ = plt.imshow(secret_picture)
# %% tags=["solution-only"]
print("only in the solutions")
'''


def cells_of(script):
    """A notebook from a script in the percent format."""
    from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

    cells = []
    for block in script.split("# %%")[1:]:
        head, _, source = block.partition("\n")
        tags = [
            part.strip('"') for part in head.partition("tags=[")[2].rstrip("]").split(",") if part
        ]
        if "[markdown]" in head:
            lines = [line.removeprefix("#").removeprefix(" ") for line in source.splitlines()]
            cells.append(new_markdown_cell("\n".join(lines), metadata={"tags": tags}))
        else:
            cells.append(new_code_cell(source.rstrip(), metadata={"tags": tags}))
    return new_notebook(cells=cells)


@pytest.fixture
def solved():
    return build.annotate(notebooks.normalise(build.split_checks(cells_of(SOLVED))))


def test_student_edition_holds_no_solution(solved):
    student = build.student_edition(solved)
    sources = [cell.source for cell in student.cells]
    assert 'h = np.zeros(len(b_h))\n    raise NotImplementedError("your turn")' in sources[1]
    assert "helper = 1\n# your code here" in sources
    assert sources.count("quiz_02_1 = None") == sources.count("quiz_02_2 = None") == 1
    assert build.YOUR_WORDS in sources
    assert build.YOUR_CODE in sources
    text = notebooks.to_text(student)
    assert "secret" not in text
    assert "only in the solutions" not in text
    assert "**Question 1.**" in text  # from the quiz file, with its options


def test_solution_lines_are_found(solved):
    assert build.solution_lines(solved) == {
        "secret_states = []",
        "return np.array(secret_states)",
        "secret_helper = 41 + 1",
        'quiz_02_1 = "A"',
        'quiz_02_2 = "C"',
        "The secret is that the states differ.",
        "_ = plt.imshow(secret_picture)",
        'print("only in the solutions")',
    }


def test_points_come_from_the_bank(solved):
    points = {
        cell.metadata.nbgrader.grade_id: cell.metadata.nbgrader.points
        for cell in solved.cells
        if cell.metadata.get("nbgrader", {}).get("grade")
    }
    assert points == {
        "check_read_sentence": ALL["read_sentence"].points,
        "check_quiz_02_1": 1,
        "check_quiz_02_2": 1,
        "state_words": ALL["state_words"].points,
        "state_portrait": ALL["state_portrait"].points,
    }


def test_open_region_is_an_error():
    broken = cells_of("# %%\ndef f():\n    ### BEGIN SOLUTION\n    return 1")
    with pytest.raises(notebooks.NotebookError, match="without ### END"):
        build.student_edition(broken)


def test_build_reports_drift_and_stale_files(tmp_path, solved):
    for name in ("solutions", "exercises"):
        (tmp_path / "notebooks" / name).mkdir(parents=True)
    target = tmp_path / "notebooks" / "exercises"
    notebooks.write(solved, tmp_path / "notebooks" / "solutions" / "02_x.ipynb")
    assert build.build(tmp_path, check=True) == [target / "02_x.ipynb"]
    assert not (target / "02_x.ipynb").exists()
    build.build(tmp_path)
    assert build.build(tmp_path, check=True) == []
    text = (target / "02_x.ipynb").read_text(encoding="utf-8")
    (target / "02_x.ipynb").write_text(text.replace("your turn", "your move"), encoding="utf-8")
    (target / "99_gone.ipynb").write_text("{}", encoding="utf-8")
    assert build.build(tmp_path, check=True) == [target / "02_x.ipynb", target / "99_gone.ipynb"]
    build.build(tmp_path)
    assert build.build(tmp_path, check=True) == []


def test_student_edition_is_up_to_date(root):
    differing = [path.name for path in build.build(root, check=True)]
    assert differing == [], "run: rnncourse exercises build"


SOLUTIONS = sorted((notebooks.root() / "notebooks" / "solutions").glob("*.ipynb"))


@pytest.mark.parametrize("path", SOLUTIONS, ids=lambda path: path.stem)
def test_no_solution_leaks(root, path):
    secret = build.solution_lines(notebooks.read(path))
    student = notebooks.read(root / "notebooks" / "exercises" / path.name)
    public = {line.strip() for cell in student.cells for line in cell.source.splitlines()}
    assert secret
    assert not secret & public
    assert not any(cell.get("outputs") for cell in student.cells)
