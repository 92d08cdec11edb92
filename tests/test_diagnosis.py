"""A wrong answer is tried until something true can be said of it, and nothing else is said."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest

from rnncourse import bank, notebooks
from rnncourse.bank import Misconception, Question
from rnncourse.exercises import alternatives, case
from rnncourse.exercises.check import Printed, attempt, examine, limited, notes, where
from rnncourse.exercises.judge import Judge, draw_cases, trusted
from rnncourse.tracebacks import place


def sizes(rng):
    B, D, H = (int(n) for n in rng.permutation([2, 3, 4, 5, 6])[:3])
    x, W, b = rng.normal(size=(B, D)), rng.normal(size=(H, D)), rng.normal(size=H)
    return x, W, b, float(rng.uniform(0.5, 2))


def step(x, W, b, k):
    return np.tanh(x @ W.T + k * b)


def series(rng):
    T, H = (int(n) for n in rng.permutation([4, 5, 6, 7])[:2])
    return 0.5 * rng.normal(size=(T, H)), rng.uniform(0.2, 0.9, H)


def run(x, a):
    """h_t = a h_{t−1} + x_t, all states."""
    states, h = [], np.zeros_like(a)
    for x_t in x:
        h = a * h + x_t
        states.append(h)
    return np.stack(states)


def counting(rng):
    n = int(rng.integers(3, 9))
    return [int(i) for i in rng.integers(0, 50, n)], int(rng.integers(3, 20))


STEP = Question("step", 2, step, sizes)
RUN = Question("run", 2, run, series)
PAIR = Question("pair", 2, lambda x, W, b, k: (step(x, W, b, k), x @ W.T), sizes)
COUNT = Question("count", 2, lambda values, n: sum(values) * n, counting)


def told(question, answer) -> str:
    return examine(question, answer)[0].message


def changed(question, position, change):
    """The reference, with one argument taken for something else."""

    def answer(*args):
        args = list(args)
        args[position] = change(args[position])
        return question.reference(*args)

    return answer


FITS = {  # of each table, the ways that leave the question's function defined
    (STEP, 0): [
        *alternatives.FLOATS,
        *alternatives.ARRAYS,
        "is read backwards along its last axis",
    ],
    (STEP, 1): ["is 0 throughout", "has the other sign", "is read backwards along axis 0"],
    (STEP, 2): ["is doubled", "is 1 throughout", "is read backwards along axis 0"],
    (STEP, 3): [*alternatives.NUMBERS, *alternatives.FRACTIONS],
    (RUN, 0): ["is read backwards along axis 0", "lacks its first entry along axis 0"],
    (COUNT, 0): [way for way in alternatives.SEQUENCES if "backwards" not in way],
    (COUNT, 1): [
        way for way in alternatives.NUMBERS if way != "is 0"
    ],  # all is 0 then, and said so
}


@pytest.mark.parametrize(
    ("question", "position", "way"),
    [(q, p, way) for (q, p), ways in FITS.items() for way in ways],
    ids=lambda value: getattr(value, "name", str(value)),
)
def test_an_argument_taken_for_something_else_is_found(question, position, way):
    case = draw_cases(question)[0]
    change = dict(alternatives.ways(case[position]))[way]
    names = question.reference.__code__.co_varnames
    text = told(question, changed(question, position, change))
    lines = [line for line in text.splitlines() if "is what comes out when" in line]
    assert len(lines) == 1
    name, same = lines[0].split(" when ")[1].rstrip(".").split(" ", 1)
    other = changed(
        question, names.index(name), dict(alternatives.ways(case[names.index(name)]))[same]
    )
    mine = changed(question, position, change)
    for args in draw_cases(question, 5):  # another phrase for the same thing is as good
        one, two = mine(*args), other(*args)
        assert np.shape(one) == np.shape(two)
        assert np.allclose(one, two)


@pytest.mark.parametrize("name", alternatives.FUNCTIONS)
def test_a_function_of_the_right_result_is_found(name):
    function = alternatives.FUNCTIONS[name]
    positive = Question("p", 2, lambda x, W, b, k: 1.5 + 3 * abs(step(x, W, b, k)), sizes)
    question = STEP if name in ("max(·, 0)", "the absolute value") else positive
    text = told(question, lambda *args: function(question.reference(*args)))
    if np.allclose(function(question.reference(*draw_cases(question)[0])), 1):  # a cut at 1
        assert "is 1" in text or "one step too many" in text
    else:
        assert "one step too many" in text or "is the right one" in text


@pytest.mark.parametrize(
    ("spoil", "expected"),
    [
        (lambda h, *a: -h, "has the wrong sign"),
        (lambda h, *a: 2.5 * h, "is the right one times 2.5 in every case tried"),
        (lambda h, *a: h + 0.25, "is 0.25 too large in every case tried"),
        (lambda h, x, *a: h * len(x), "the right one times the length of x along axis 0"),
        (lambda h, x, *a: h / x.shape[1], "the right one divided by the length of x along axis 1"),
        (lambda h, x, W, b, k: h + b, "is the right one plus b, entry by entry"),
        (lambda h, x, W, b, k: h * (1 - b * b), "is the right one times 1 − b², entry by entry"),
        (lambda h, x, W, b, k: h / k, "is the right one divided by k"),
        (lambda h, *a: h[::-1], "runs the other way along axis 0"),
        (lambda h, *a: h[1:], "lacks the first entry along axis 0"),
        (lambda h, *a: np.concatenate([h, h[:1]]), "one entry too many along axis 0, the last"),
        (lambda h, *a: np.roll(h, 1, axis=0) * (np.arange(len(h)) > 0)[:, None], "place"),
        (lambda h, *a: 0 * h, "is all zeros in every case tried"),
        (lambda h, *a: np.sort(h, axis=None).reshape(h.shape), "sorted otherwise"),
        (lambda h, *a: np.where(h > 0, 0.5 * h, h), "exactly where the right one is positive"),
        (lambda h, *a: h + (np.arange(len(h)) == 0)[:, None], "first entry along axis 0 is wrong"),
        (lambda h, *a: h + (np.arange(len(h)) > 0)[:, None], "first entry along axis 0 is right"),
    ],
)  # fmt: skip
def test_a_relation_to_the_right_result_is_found(spoil, expected):
    assert expected in told(STEP, lambda *args: spoil(step(*args), *args))


def test_twice_the_result_is_said_before_twice_an_argument():
    """RUN is linear in x: both are true, and the first needs no thought about x."""
    text = told(RUN, lambda x, a: 2 * run(x, a))
    assert "is the right one times 2 in every case tried" in text
    assert "when x" not in text.partition("times 2")[0]


def test_a_wrong_sign_everywhere_is_not_one_of_some_entries():
    text = told(STEP, lambda *args: -step(*args))
    assert "has the wrong sign in every case tried" in text
    assert "some entries" not in text


def test_one_wrong_case_that_a_misconception_shares_is_no_name():
    """Among right ones on which the two part; who holds it everywhere is told so."""
    small = Misconception("small ones doubled", lambda n: n * (2 if n < 12 else 1), "a", "b", "c")
    question = Question("q", 2, lambda n: n, lambda rng: (int(rng.integers(1, 20)),), (small,))
    cases = [n for (n,) in draw_cases(question)]
    assert sum(n < 12 for n in set(cases)) > 1
    one = min(n for n in cases if cases.count(n) == 1)
    assert examine(question, lambda n: 2 * n if n == one else n)[0].misconception is None
    assert examine(question, small.compute)[0].misconception is small


def test_single_numbers_are_too_large_although_a_fresh_case_is_right():
    """Of numbers that are 0 a multiple is right: found where none is, not refuted where one is."""
    question = Question("q", 2, lambda n: n // 3, lambda rng: (int(rng.integers(0, 20)),))
    assert all(n // 3 for (n,) in draw_cases(question))
    fresh = Judge(question, draw_cases(question)).diagnosis.fresh.judge.cases
    assert not all(n // 3 for (n,) in fresh)
    assert "too large in every wrong case." in told(question, lambda n: (n // 3) * (n // 3 + 1))
    assert "too " not in told(question, lambda n: 3 * (n // 3) - 5)


def test_a_result_that_is_always_empty():
    text = told(STEP, lambda *args: np.zeros(0))
    assert "shape (0,) came back" in text
    assert "Your result is empty in every case tried." in text


def test_two_arguments_that_change_places():
    question = Question("q", 2, lambda u, v: u - 2 * v, lambda rng: tuple(rng.normal(size=(2, 4))))
    assert "u and v change places" in told(question, lambda u, v: v - 2 * u)


def test_an_argument_given_back():
    question = Question("q", 2, lambda u: u + np.sin(u), lambda rng: (rng.normal(size=4),))
    assert "is u itself, unchanged" in told(question, lambda u: u.copy())


@pytest.mark.parametrize(
    ("question", "answer", "expected"),
    [
        (STEP, lambda x, W, b, k: np.tanh(x @ W.T) ** 3 + 0.1, "b has no influence on your result"),
        (STEP, lambda x, W, b, k: step(x, W, b, k) + np.sin(3 * b) * k * b, "With b = 0"),
        (STEP, lambda x, W, b, k: step(x, W, b, k) * (1 + 0.1 * np.sin(x[0]).sum()),
         "When only the first entry of x along axis 0 changes"),
        (RUN, lambda x, a: run(x, a**1.5), "With x cut to length 1 along axis 0"),
        (RUN, lambda x, a: run(np.concatenate([0 * x[:1], x[1:] ** 2]), a),
         "The first entry of x along axis 0 has no influence"),
    ],
)  # fmt: skip
def test_a_trial_tells(question, answer, expected):
    assert expected in told(question, answer)


def layers(rng):
    D, H = (int(n) for n in rng.permutation([2, 3, 4, 5])[:2])
    return rng.normal(size=(6, D)), *([rng.normal(size=(H, D)), rng.normal(size=H)] for _ in "ab")


def apart(x, one, two):
    return np.tanh(x @ one[0].T + one[1]) - np.tanh(x @ two[0].T + two[1])


def test_a_list_of_weights_without_influence():
    def answer(x, one, two):
        return np.tanh(x @ one[0].T + one[1])

    text = told(Question("apart", 2, apart, layers), answer)
    assert "two has no influence on your result, and should have." in text


def test_of_whole_numbers_only_the_order_is_said_to_have_no_influence():
    """They are tried in another order, no more: the smallest of them may have an influence."""
    question = Question(
        "q", 2, lambda x, n: x * n, lambda rng: (rng.normal(size=5), rng.permutation(9)[:5])
    )
    assert "The order of n has no influence on your result" in told(
        question, lambda x, n: x**3 + n.min()
    )


def test_a_part_that_is_always_the_same_is_no_sign_of_a_mistake():
    """0 in every case may have any reason."""
    question = Question(
        "q",
        2,
        lambda x: [int(x.sum()), int(x.max())],
        lambda rng: (rng.integers(1, 9, 6),),
        (Misconception("largest left out", lambda x: [int(x.sum()), 0], "a", "b", "c"),),
    )
    assert "follows from this" not in told(question, lambda x: [int(x.sum()), 0])
    another = Misconception("sum left out", lambda x: [0, int(x.max())], "d", "e", "f")
    both = replace(question, misconceptions=(*question.misconceptions, another))
    verdict = examine(both, lambda x: [0, 0])[0]
    assert not verdict.misconception
    assert not verdict.also


def test_rows_of_different_lengths_that_are_wrong_in_few_cases():
    """Two mistakes at once are looked for in them, too, and there is no crash."""

    def rows(x, turned):
        return [list(x[:k])[:: -1 if turned and x[0] > 1 else 1] for k in (1, 2, 3)]

    question = Question(
        "q",
        2,
        lambda x: (rows(x, False), float(x.sum())),
        lambda rng: (rng.normal(size=4),),
        (
            Misconception("turned", lambda x: (rows(x, True), float(x.sum())), "a", "b", "c"),
            Misconception("mean", lambda x: (rows(x, False), float(x.mean())), "d", "e", "f"),
        ),
    )
    assert "right on 0 of 6" in told(question, lambda x: (rows(x, True), float(x.mean())))


def test_a_list_that_grows_from_call_to_call():
    kept = []

    def answer(values, n):
        kept.extend(v for v in values if v > n)
        return kept

    question = Question("q", 2, lambda values, n: [v for v in values if v > n], counting)
    assert "The same call twice gives two different results" in told(question, answer)


def test_a_state_kept_from_call_to_call():
    kept = []

    def answer(x, a):
        kept.append(1)
        return run(x, a) + 0.1 * len(kept)

    last = told(RUN, answer).splitlines()[-1]  # other calls tell nothing then
    assert "The same call twice gives two different results" in last


def test_a_wrong_part_that_is_one_number_where_an_argument_is_0_tells_nothing():
    """Losses of ln 2 are right where no step moves, however wrong the descent."""

    def train(x, y, k):
        return [np.log(2) + np.arange(4) * (x * x).mean(), k * y + x]

    question = Question(
        "train", 2, train, lambda rng: (*rng.normal(size=(2, 5)), float(rng.uniform(1, 2)))
    )

    def answer(x, y, k):
        losses, leads = train(x, y, k)
        return [losses + np.array([3, 1, 2, 7]) * (x**4).sum(), leads]

    text = told(question, answer)
    assert "Not right: [0]." in text
    assert "With x = 0" not in text


def test_a_changed_input_comes_first():
    def answer(x, a):
        x *= 2
        return run(x, a)

    assert "Your function changes its input x" in told(RUN, answer).splitlines()[1]


def counted(first, second):
    return Question(
        "counted", 1, lambda k: [1, 2, 3], lambda rng: (int(rng.integers(99)),), cases=4
    ), (lambda k, calls=[]: calls.append(k) or (first if len(calls) == 1 else second))


def test_another_order_is_said_where_it_is_that_in_every_case():
    """Three counts of which two are exchanged once, and wrong otherwise elsewhere."""
    question, answer = counted([1, 3, 2], [1, 3, 2])
    told_order = "come in another order: at [1] you have 3, 2 is expected"
    assert told_order in told(question, answer)
    question, answer = counted([1, 3, 2], [1, 3, 3])
    text = told(question, answer)
    assert "another order" not in text
    assert "at [1] you have 3, 2 is expected" in text


def test_another_order_of_a_value_does_not_tell_the_right_one():
    text = told(Question("values", 2, lambda: ["a", "b", "c", "d"]), ["a", "c", "b", "d"])
    assert "they come in another order." in text
    assert "'b'" not in text


def test_what_is_tried_in_another_order_is_said_to_be_that():
    """Lists and whole numbers are: an answer that sorts them is not told that they have no
    influence."""
    question = Question(
        "q", 1, lambda lengths, x: x * np.cumsum(lengths),
        lambda rng: (rng.permutation(9)[:4] + 1, rng.normal(size=4)),
    )  # fmt: skip
    text = told(question, lambda lengths, x: x * np.cumsum(np.sort(lengths)) ** 1.5)
    assert "The order of lengths has no influence on your result, and should have." in text


def test_a_term_that_is_one_number_is_no_term():
    """tanh of a large number is 1."""
    question = Question("q", 1, lambda n: 2 * n, lambda rng: (int(rng.integers(30, 90)),))
    text = told(question, lambda n: 2 * n - 1)
    assert "is 1 too small in every case tried" in text
    assert "tanh" not in text


@pytest.mark.parametrize("name", [name for name, one in bank.load().items() if one.inputs])
def test_a_reference_ends_with_whatever_number_is_tried(name):
    """A loop that never stops for H = 0 would hold up the learner's notebook for ever."""
    question = bank.get(name)
    args = draw_cases(question)[0]
    for position, value in enumerate(args):
        if isinstance(value, np.ndarray) and value.dtype.kind == "f":
            continue
        for _, change in alternatives.ways(value):
            try:
                other = (*args[:position], change(value), *args[position + 1 :])
            except (ArithmeticError, TypeError, ValueError):
                continue
            limited(5, trusted, question, question.reference, other)  # TimeUp: it does not


def test_of_two_results_the_wrong_one_is_named():
    text = told(PAIR, lambda x, W, b, k: (step(x, W, b, k), 2 * x @ W.T))
    assert "Right in every case tried: what you return at [0]. Not right: [1]." in text
    assert "Your result at [1] is what comes out when" in text or "times 2" in text


@pytest.mark.parametrize("question", [STEP, RUN, PAIR, COUNT], ids=lambda q: q.name)
def test_of_a_right_answer_nothing_is_said(question):
    verdict = examine(question, question.reference)[0]
    assert verdict.status == "right"
    assert "\n" not in verdict.message


def test_a_statement_that_other_cases_refute_is_known_as_false():
    judge, other = Judge(STEP, draw_cases(STEP)), Judge(STEP, draw_cases(STEP, 1))

    def outcomes(judge, answer):
        return [attempt(STEP, answer, args, Printed()) for args in judge.cases]

    def clues(answer):
        cases = outcomes(judge, answer)
        return judge.investigate(
            judge.verdict(cases), cases, lambda args: attempt(STEP, answer, args, Printed())
        )

    doubled = changed(STEP, 2, lambda b: 2 * b)
    (clue, *_) = clues(doubled)
    tripled = changed(STEP, 2, lambda b: 3 * b)
    assert not other.diagnosis.contradicts(clue, outcomes(other, doubled), [])
    assert other.diagnosis.contradicts(clue, outcomes(other, tripled), [])


def test_one_wrong_case_is_no_ground_for_a_rule():
    """Right but for one case: the factor there may be chance."""
    first = draw_cases(STEP)[0][3]

    def answer(x, W, b, k):
        return step(x, W, b, k) * (2 if k == first else 1)

    assert "times" not in told(STEP, answer)


# --- cases to work with, and earlier answers ----------------------------------------------------
def test_a_case_is_handed_out_to_work_with():
    question = bank.get("rnn_step")
    examine(question, lambda *args: 2 * question.reference(*args))
    again = case("rnn_step", 2)
    assert np.allclose(again.expected, question.reference(*again.inputs))
    assert np.allclose(again.got, 2 * again.expected)
    again.inputs[0][:] = 0  # what is handed out is a copy
    assert case("rnn_step", 2).inputs[0].any()
    for number in (0, 7, "1"):
        with pytest.raises(ValueError, match="has the cases 1 to 6"):
            case("rnn_step", number)
    with pytest.raises(ValueError, match="has not been checked here"):
        case("rnn_forward")


def test_a_later_answer_is_judged_with_a_right_earlier_one():
    question, space = bank.get("rnn_forward"), {"np": np}
    source = """
def rnn_step(x_t, h_prev, W_xh, W_hh, b_h):
    return np.tanh(x_t @ W_xh.T + h_prev @ W_hh.T)

def rnn_forward(x, h_0, W_xh, W_hh, b_h, W_hy, b_y):
    h, ys = h_0, []
    for x_t in x:
        h = rnn_step(x_t, h, W_xh, W_hh, b_h)
        z = h @ W_hy.T + b_y
        e = np.exp(z - z.max(axis=-1, keepdims=True))
        ys.append(e / e.sum(axis=-1, keepdims=True))
    return np.stack(ys)
"""
    exec(source, space)
    own = space["rnn_step"]
    verdict = examine(question, space["rnn_forward"])[0]
    assert verdict.status == "right"
    assert "Your rnn_step is not right yet: this was judged with a right one." in verdict.message
    assert space["rnn_step"] is own
    space["rnn_step"] = bank.get("rnn_step").reference
    assert "\n" not in examine(question, space["rnn_forward"])[0].message
    del space["rnn_step"]
    assert "not right yet" in examine(question, space["rnn_forward"])[0].message
    assert "rnn_step" not in space


# --- errors in the learner's own names --------------------------------------------------------
def meaning(source: str, **given) -> str:
    lines = [f"{line}\n" for line in source.splitlines()]
    try:
        exec(compile(source, "<mine>", "exec"), given)
    except Exception as error:
        return place(error, lambda file: file == "<mine>", lambda file: lines).meaning
    raise AssertionError("it did not fail")


X, W = np.zeros((4, 2)), np.zeros((6, 2))


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("y = 1 + x @ W", "x is an array of shape (4, 2), W is an array of shape (6, 2): "
         "2 columns against 6 rows, and @ wants them equal."),
        ("y = x + W.T", "W.T is an array of shape (2, 6): their last axes have lengths 2 and 6."),
        ("x += W", "their axes 2 from the end have lengths 4 and 6."),
        ("y = x[7]", "x is an array of shape (4, 2): along axis 0 it has the places 0 to 3."),
        ("n, a = 9, [1, 2]\ny = a[n]", "and n is 9: it has the places 0 to 1."),
        ("d = {'a': 1}\ny = d['b']", "d has no key 'b'; it has 'a'."),
        ("e, f = np.array([2, 9]), np.int64(1)\ny = x[e, f]",
         "x is an array of shape (4, 2), and (e, f) is (array([2, 9]), 1)."),
        ("import types\nu, rate = types.SimpleNamespace(grad=None), 0.5\ny = rate * u.grad",
         "rate is 0.5, u.grad is None: backward() gives a gradient to what requires one and "
         "the loss depends on, not to what was computed from it."),
        ("h_t = x\ny = h_T + 1", "nothing in this function or outside of it is called h_T. "
         "Did you mean h_t?"),
        ("def f():\n    n += 1\nf()", "n is used before this function has given it a value."),
        ("y = np.einsum('bd,bh->h', x, W)", "'b' is 4 long in x and 6 in W."),
        ("y = np.einsum('bd,h->bh', x, W)", "W has the shape (6, 2), and 'h' is for 1 axes."),
        ("y = np.einsum('bd,hd->bh', x)", "the letters are for 2 arrays, and 1 are given."),
        ("n = 3\nfor i in n:\n    pass", "n is 3."),
        ("a, b, c = x.shape", "x is an array of shape (4, 2)."),
        ("y = None\nz = y + x", "y is None, x is an array of shape (4, 2)."),
        ("y = float(x)", "x is an array of shape (4, 2)."),
        ("a, b = [1, 2], np.ones(9, bool)\ny = a[b]", "a is a list of length 2, and b is an array "
         "of shape (9,)."),
        ("y = x.sum(\n    axis=3)", "x is an array of shape (4, 2)."),
    ],
)  # fmt: skip
def test_an_error_in_the_names_of_its_line(source, expected):
    assert meaning(source, x=X.copy(), W=W, np=np).endswith(expected)


def test_a_product_of_two_types_in_the_names_of_its_line():
    torch = pytest.importorskip("torch")
    a, b = torch.zeros(3, 2), torch.zeros(2, 4, dtype=torch.float64)
    assert meaning("y = a @ b", a=a, b=b).endswith(
        "the first holds torch.float32, the second torch.float64, and @ wants one type."
    )


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("w -= 0.1", "write the update under `with torch.no_grad():`."),
        ("loss = (w * w).sum()\nloss.backward()\nloss.backward()", "detach what goes on from one "
         "to the next."),
        ("(w.detach() * 2).sum().backward()", "or it was under `no_grad`."),
    ],
)  # fmt: skip
def test_what_torch_says_of_gradients_in_plain_words(source, expected):
    torch = pytest.importorskip("torch")
    assert meaning(source, w=torch.ones(2, requires_grad=True)).endswith(expected)


def test_an_error_is_explained_by_the_learners_own_frame():
    text = meaning("def f(a):\n    return np.linalg.inv(a)\nf(x)", x=X, np=np)
    assert text == "a is an array of shape (4, 2)."


class Hostile:
    """Does harm to whoever looks at it."""

    def __getattribute__(self, name):
        raise SystemExit if name == "shape" else RuntimeError(name)

    def __repr__(self):
        raise MemoryError


def test_explaining_does_no_harm():
    assert meaning("y = odd + 1", odd=Hostile()) in ("", "odd is a Hostile, 1 is 1.")
    long = meaning("y = x[0] @ " + " @ ".join(["W"] * 400), x=X, W=W)
    assert len(long) <= 300


def test_nothing_is_called_again():
    """An operand that calls something is described by its names, never computed once more."""
    calls = []

    def noisy(a):
        calls.append(1)
        return a

    text = meaning("y = noisy(x) @ W", x=X, W=W, noisy=noisy)
    assert calls == [1]
    assert text == "W is an array of shape (6, 2), x is an array of shape (4, 2)."


def test_tensors_are_tried_like_arrays():
    torch = pytest.importorskip("torch")
    question = Question("t", 2, lambda x, W: torch.tanh(x @ W.T),
                        lambda rng: (rng.normal(size=(3, 4)), rng.normal(size=(5, 4))),
                        framework="torch")  # fmt: skip
    assert "x is doubled" in told(question, lambda x, W: torch.tanh(2 * x @ W.T))


# --- what holds in some cases, and what is accepted --------------------------------------------
def named_case(rng):
    return rng.normal(size=4), str(rng.choice(["double", "same"])), float(rng.uniform(1, 9))


def by_name(x, name, k):
    return (2 * x if name == "double" else x) + k


NAMED = Question("named", 2, by_name, named_case, cases=10)


def test_what_sets_the_wrong_cases_apart_is_found():
    text = told(NAMED, lambda x, name, k: by_name(x, name, k) * (3 if name == "double" else 1))
    assert "is wrong only where name is 'double'" in text
    assert "In the wrong cases your result is the right one times 3." in text


def test_a_threshold_is_found():
    question = Question("q", 2, lambda m, k: m * k, lambda rng: (int(rng.integers(1, 40)), 1.5),
                        cases=12)  # fmt: skip
    text = told(question, lambda m, k: min(m, 20) * k)
    assert "is right where m is" in text
    assert "and wrong where it is" in text


def test_a_number_beside_a_name_that_splits_the_cases_alike_is_no_threshold():
    def inputs(rng):
        late = bool(rng.random() < 0.5)
        return rng.normal(size=3), late, float(late) / 2 + rng.uniform(0, 0.4)

    question = Question("q", 2, lambda x, late, p: x * p, inputs, cases=8)
    text = told(question, lambda x, late, p: x * (np.nan if late else p))
    assert "late is" in text
    assert "or less, and" not in text


def test_the_reach_of_an_argument_is_measured():
    text = told(STEP, lambda x, W, b, k: step(x, W, b, k) + 0 * x.sum() + 1 - (b * b).mean())
    assert "moves" not in text
    linear = Question(
        "l", 2, lambda x, b: x.sum() + b, lambda rng: (rng.normal(size=3), rng.normal())
    )
    assert "When b changes, your result moves 3 times as far" in told(
        linear, lambda x, b: x.sum() + 3 * b + 0.5 * (x**2).sum()
    )


def test_of_a_change_that_moves_nothing_no_proportion_is_told():
    """The order of whole numbers has no influence on a mean, but for rounding, made plain here."""
    question = Question(
        "q",
        2,
        lambda n, x: np.cos(n).mean() + x + 1e-12 * n[0],
        lambda rng: (rng.integers(1, 99, 30), float(rng.normal())),
    )
    text = told(question, lambda n, x: float(np.cos(n).mean() + x**3 - 0.5e-12 * n[0]))
    assert "When n changes" not in text


def test_no_result_is_said_to_be_once_the_right_one():
    assert "times 1.003 " in told(STEP, lambda x, W, b, k: 1.003 * step(x, W, b, k))
    assert "times -1.003 " in told(STEP, lambda x, W, b, k: -1.003 * step(x, W, b, k))
    assert "wrong sign" in told(STEP, lambda x, W, b, k: -step(x, W, b, k))
    assert "times 1.02 " in told(STEP, lambda x, W, b, k: 1.02 * step(x, W, b, k))


def test_zeros_are_said_of_arrays_and_only_of_zeros_but_for_rounding():
    assert "all zeros in every" in told(STEP, lambda x, W, b, k: 0 * step(x, W, b, k))
    assert "all zeros in every" in told(STEP, lambda x, W, b, k: 1e-16 * step(x, W, b, k))
    for small in (0.0, 1e-7):
        for question, answer in ((STEP, step), (COUNT, COUNT.reference)):
            said = told(question, lambda *args: small * answer(*args))  # noqa: B023
            assert ("all zeros" in said) == (small == 0 and question is STEP)


def test_of_whole_numbers_only_their_order_is_acquitted():
    def answer(words, de, V):
        gradient = np.zeros((V, de.shape[1]))
        gradient[words] = 1  # what is wrong are the rows of the words
        np.add.at(gradient, words, de)
        gradient[0] = 0
        return gradient

    said = told(bank.get("embedding_gradient"), answer)
    assert "Another order of words" in said
    assert "the values of words" not in said


def test_an_inner_list_in_another_order_acquits_no_other():
    question = Question("spans", 2, lambda n: [[n, n + 1], [n + 2, n + 5]], lambda rng: (
        int(rng.integers(2, 40)),))  # fmt: skip
    assert "in another order" in told(question, lambda n: [[n + 2, n + 5], [n, n + 1]])
    said = told(question, lambda n: [[n + 1, n], [0, 0]])
    assert "the values at [0] are right, but they come in another order" in said


def test_no_result_is_said_to_move_once_as_far():
    question = Question(
        "q", 2, lambda x, b: np.tanh(x) + b, lambda rng: tuple(rng.normal(size=(2, 4)))
    )
    for factor, times in ((1.003, None), (1.03, "1.03 times as far")):
        text = told(question, lambda x, b, f=factor: np.sin(3 * x) ** 3 + f * b)
        assert ("times as far" in text) == (times is not None)
        assert not times or times in text


def test_a_trivial_case_is_no_clue():
    """All is right where x is 0, as anything times 0 is: nothing is said of x."""
    question = Question("q", 2, lambda x, w: x @ w, lambda rng: tuple(rng.normal(size=(2, 4))))
    assert "With x = 0" not in told(question, lambda x, w: (x * np.sin(w)).sum())


def test_two_known_mistakes_are_both_told():
    question = bank.get("convert_gru")
    reference = question.reference

    def answer(kernel, recurrent, bias):
        one = reference(kernel, recurrent, bias, signs=(1, 1, 1))
        other = reference(kernel, recurrent, bias, order=(0, 1, 2), signs=(-1, 1, 1))
        return one[0], other[1], one[2]

    verdict, printed = examine(question, answer)
    assert verdict.misconception
    assert verdict.also
    lines = notes(verdict, printed)
    assert lines[0] == "Two things are wrong, each in a part of its own."
    assert len([line for line in lines if line.startswith("Hint 1 of 3")]) == 2


def in_pieces(value):
    """A list of lists of arrays for an array; one array for a list of arrays."""
    return [[*one] for one in value] if isinstance(value, np.ndarray) else np.stack(value)


@pytest.mark.parametrize("name", ["batch_contexts", "context_of"])
def test_arrays_in_lists_and_lists_in_arrays_are_accepted(name):
    question = bank.get(name)
    verdict, _ = examine(question, lambda *args: in_pieces(question.reference(*args)))
    assert verdict.status == "right"
    assert "Accepted as it is, though: " in verdict.message
    verdict, _ = examine(question, lambda *args: in_pieces(2 * np.array(question.reference(*args))))
    assert verdict.status == "wrong"


def test_truth_values_are_accepted_for_0_and_1_and_for_nothing_else():
    question = bank.get("window_mask")
    right = examine(question, lambda T, w: question.reference(T, w).astype(bool))[0]
    assert right.status == "right"
    assert "booleans (bool) came back" in right.message
    counts = Question("q", 1, lambda v: v, lambda rng: (rng.integers(2, 9, 5),))
    assert examine(counts, lambda v: v.astype(bool))[0].status == "wrong"


@pytest.mark.parametrize("change", [lambda a: a.astype(float), list, lambda a: a.tolist()])
def test_the_right_numbers_in_another_container_are_accepted(change):
    question = bank.get("bag_of_words")
    verdict, _ = examine(question, lambda *args: change(question.reference(*args)))
    assert verdict.status == "right"
    assert "Accepted as it is, though: " in verdict.message


def test_a_type_that_is_the_lesson_is_insisted_on():
    question = Question("q", 2, lambda v: v, lambda rng: (rng.integers(0, 9, 5),), typed=True)
    assert examine(question, lambda v: v.astype(float))[0].status == "wrong"


def test_a_clue_that_fresh_cases_refute_is_not_said():
    """The cases of the check are known by heart, and wrong by one factor there alone."""
    known = {args[3] for args in draw_cases(STEP)}

    def answer(x, W, b, k):
        return step(x, W, b, k) * (2 if k in known else 3 + k)

    assert "times 2" not in told(STEP, answer)


def test_results_that_are_lists_of_different_lengths():
    def lines(rng):
        B, T = (int(n) for n in rng.integers((2, 5), (4, 8)))
        return rng.integers(0, 9, (B, T)), rng.permutation(np.arange(1, T))[:B]

    def cut(x, lengths):
        return [row[:n].tolist() for row, n in zip(x, lengths, strict=True)]

    question = Question("cut", 2, cut, lines)
    text = told(question, changed(question, 0, lambda x: x + 1))
    assert "when x is one more, in every entry" in text


def test_the_last_hint_names_the_section():
    assert where("rnn_step") == " (Chapter 3, section 2 · Columns in formulas, rows in code.)"
    assert where("sequence_nats").endswith("· One to many: what is in the picture?)")
    assert where("quiz_03_1") == ""


SECTIONED = [c for c, questions in bank.chapters().items() if any(q.section for q in questions)]


@pytest.mark.parametrize("chapter", SECTIONED)
def test_sections_are_headings_of_the_chapter(chapter):
    named = {question.section for question in bank.chapter(chapter)} - {""}
    (path,) = (notebooks.root() / "notebooks").glob(f"{chapter:02d}_*.ipynb")
    text = "\n".join(c.source for c in notebooks.read(path).cells if c.cell_type == "markdown")
    assert named <= set(re.findall(r"^## (.+)$", text, re.M))
