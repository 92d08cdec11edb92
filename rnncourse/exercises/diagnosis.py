"""Find out what is wrong with an answer that no misconception explains, as a tutor does: by trying.

Two kinds of evidence. What came is compared with what the reference gives when one argument is
taken for something else ("when b_h is 0 throughout") and with simple relations to what is right
("the right one times 2", "only the first step is right"). And the answer is called again with one
thing changed (`trials`): has each argument an influence, is it right when one of them is 0 or one
of its axes short, does a second call give the same? A clue holds in every case, right ones
included, and is said only where fresh cases, on which it was not found, do not refute it.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from rnncourse.exercises.alternatives import (
    ARITHMETIC,
    FACTORS,
    FUNCTIONS,
    PLACES,
    SHAPES,
    SIZES,
    Trial,
    changes,
    only_reordered,
    others_changed,
    ways,
)
from rnncourse.exercises.compare import close, compare, format_number
from rnncourse.values import Tensor

TRUE_OF_ALL = ("always", "factor", "offset")  # said of every case, right ones included
TRIED_ONLY = ("no influence", "right when", "leak", "influence right", "influence")
MOST = 2  # clues that are said
CANDIDATES = 6  # statements that are put to the test on fresh cases
PARTS = 4  # numbers of a list that are looked at one by one
FRESH, CONFIRM = 20_230, 16  # the seed of those, and how many
TRIED = 6  # cases that are called again, half of them in every way
VAGUE = ("influence right", "first wrong")  # true, and of little help
ALIKE = {"function missing": "function of it", "first wrong": "place", "sign of it": "place",
         "signs": "factor"}  # fmt: skip


@dataclass(frozen=True)
class Clue:
    """What is said, and the key of the statement behind it."""

    text: str
    key: tuple


class Diagnosis:
    """One question's cases, with what the reference gives when something is different."""

    def __init__(self, judge):
        self.judge = judge
        self._taken: dict[tuple, object] = {}

    # --- evidence ---------------------------------------------------------------------------
    def trials(self, wrong: Sequence[int], outcomes: Sequence) -> list[Trial]:
        """The calls to make on the smallest of the wrong cases; their expected values exist. Where
        the outcomes alone tell enough, one second call with the same arguments."""
        cases = self.judge.cases
        chosen = sorted(wrong, key=lambda n: sum(map(_size, cases[n])))
        if len(self._found(outcomes, (), MOST)) == MOST:
            return self._trials_of(chosen[0])[:1]
        return [
            trial
            for place, number in enumerate(chosen[:TRIED])
            for trial in self._trials_of(number)
            if place < TRIED // 2 or trial.kind in ("changed", "zero", "short")
        ]

    @cached_property
    def fresh(self) -> Diagnosis:
        """The same question with cases of its own."""
        return Diagnosis(self.judge.another(FRESH, CONFIRM))

    def confirming(self, outcomes: Sequence, tried: Sequence[tuple[Trial, object]]) -> list[Trial]:
        """The calls that put what was found to the test, on fresh cases."""
        if any(trial.fresh for trial, _ in tried):
            return []
        found = self._found(outcomes, tried, CANDIDATES)
        if not found:
            return []
        wanted = {(key[1], key[2]) for key in found if key[0] in TRIED_ONLY}
        if ("carried",) in found:
            wanted.add(("again", ()))
        cases = self.fresh.judge.cases
        made = [Trial(number, "plain", (), args) for number, args in enumerate(cases)]
        for number in range(len(cases)) if wanted else ():
            made += [
                trial
                for trial in self.fresh._trials_of(number)
                if (trial.kind, trial.about) in wanted
            ]
        return [replace(trial, fresh=True) for trial in made]

    def _confirmed(self, keys: list[tuple], tried: Sequence[tuple[Trial, object]]) -> list[tuple]:
        """Those of the statements that fresh cases do not refute; all where none were tried."""
        fresh = [(trial, outcome) for trial, outcome in tried if trial.fresh]
        plain = [outcome for trial, outcome in fresh if trial.kind == "plain"]
        if not plain:
            return keys
        rest = [(trial, outcome) for trial, outcome in fresh if trial.kind != "plain"]
        evidence = Evidence(self.fresh, plain, rest, least=1)
        return [key for key in keys if evidence.usable and not evidence.contradicts(key)]

    def _trials_of(self, number: int) -> list[Trial]:
        if ("trials", number) not in self._taken:
            made = [Trial(number, "again", (), self.judge.cases[number])]
            for trial in changes(number, self.judge.cases[number]):
                if self._expected(trial) is not None:
                    made.append(trial)
            self._taken["trials", number] = made
        return self._taken["trials", number]

    def _expected(self, trial: Trial):
        key = (trial.number, trial.kind, trial.about)
        if key not in self._taken:
            self._taken[key] = self._reference(trial.args)
        return self._taken[key]

    def _reference(self, args: tuple):
        """What the reference gives, None where it does not work or is no number."""
        value = self.judge.reference_on(args)
        return None if value is None or not _finite(value) else value

    def telling(self, trial: Trial, parts: Sequence = (None,)) -> bool:
        """Whether a trial with an argument at 0, or an axis cut, says anything of these parts: not
        where what is right is the same for all other inputs, nor where one of the parts is an
        argument unchanged or one number throughout."""
        key = ("telling", trial.number, trial.kind, trial.about, *parts)
        if key not in self._taken:
            value = self._expected(trial)
            position = trial.about[0] if trial.kind == "zero" else None
            other = self._reference(others_changed(trial.args, position))
            same = other is not None and compare(value, other) is None
            unchanged = trial.args if trial.kind == "zero" else ()
            dull = any(_dull(_part(value, part), unchanged) for part in parts)
            self._taken[key] = not same and not dull
        return self._taken[key]

    def _otherwise(self, number: int, key: tuple):
        """The reference's value when an argument is taken for something else."""
        if (number, key) not in self._taken:
            args = list(self.judge.cases[number])
            try:
                with np.errstate(all="ignore"):
                    if key[0] == "exchanged":
                        one, other = key[1:]
                        args[one], args[other] = args[other], args[one]
                    else:
                        args[key[1]] = dict(ways(args[key[1]]))[key[2]](args[key[1]])
                value = self._reference(tuple(args))
            except (KeyError, IndexError, TypeError, ValueError, ArithmeticError):
                value = None
            self._taken[number, key] = value
        return self._taken[number, key]

    # --- what is found -----------------------------------------------------------------------
    def clues(self, outcomes: Sequence, tried: Sequence[tuple[Trial, object]]) -> list[Clue]:
        """The most specific statements that hold for these outcomes, two at most.

        tried are the trials with the outcome of each.
        """
        plain = [(trial, outcome) for trial, outcome in tried if not trial.fresh]
        keys = self._confirmed(self._found(outcomes, plain, CANDIDATES), tried)[:MOST]
        evidence = Evidence(self, outcomes, plain)
        return [Clue(evidence.say(key), key) for key in keys]

    def _found(self, outcomes: Sequence, tried: Sequence, most: int) -> list[tuple]:
        """The first statements that hold, one of a kind."""
        evidence = Evidence(self, outcomes, tried)
        found, kinds = [], set()
        for key in evidence.candidates() if evidence.usable else ():
            kind = ALIKE.get(key[0], key[0])
            known = kind in kinds or (key[0] == "within" and ALIKE.get(key[1], key[1]) in kinds)
            if known or not evidence.holds(key):
                continue
            kinds.add(kind)
            found.append(key)
            if len(found) == most or key[0] in ("always", "carried"):  # that says all
                break
        return found

    def contradicts(self, clue: Clue, outcomes: Sequence, tried: Sequence) -> bool:
        """Whether these outcomes, of other cases, show that the statement is false."""
        evidence = Evidence(self, outcomes, tried, least=1)
        return evidence.usable and evidence.contradicts(clue.key)

    @cached_property
    def names(self) -> list[str]:
        return self.judge.argument_names


class Evidence:
    """What one answer gave. A statement rests on `least` wrong cases at least."""

    def __init__(self, diagnosis: Diagnosis, outcomes: Sequence, tried: Sequence, least: int = 3):
        self.diagnosis, judge, self.least = diagnosis, diagnosis.judge, least
        self.within = False  # whether a statement is about the wrong cases alone
        self.question, self.cases, self.names = judge.question, judge.cases, diagnosis.names
        self.outcomes, self.tried = outcomes, list(tried)
        self.usable = all(o.kind == "value" for o in outcomes)
        if not self.usable:
            return
        self.expected = judge.expected
        self.got = [o.value for o in outcomes]
        self.parts = _keys(self.expected)
        if any(_keys([got]) != self.parts for got in self.got):
            self.parts = [None]
        self.wrong_parts = [
            part
            for part in self.parts
            if not all(
                self._same(_part(e, part), _part(g, part))
                for e, g in zip(self.expected, self.got, strict=True)
            )
        ]
        part = self.wrong_parts[0] if self.wrong_parts else None
        self.pairs = [
            (_plain(_part(e, part)), _plain(_part(g, part)))
            for e, g in zip(self.expected, self.got, strict=True)
        ]
        self.arrays = all(
            isinstance(e, np.ndarray) and isinstance(g, np.ndarray) for e, g in self.pairs
        )
        self.alike = self.arrays and all(e.shape == g.shape for e, g in self.pairs)
        self.right = [self._same(e, g) for e, g in zip(self.expected, self.got, strict=True)]

    def _same(self, expected, got) -> bool:
        return compare(expected, got, self.question.rtol, self.question.atol) is None

    def _close(self, one, other) -> bool:
        if np.shape(one) != np.shape(other):
            return False
        with np.errstate(all="ignore"):
            return bool(
                close(np.asarray(one), np.asarray(other), self.question.rtol * 10,
                      self.question.atol * 10).all()
            )  # fmt: skip

    # --- statements, the most specific first ------------------------------------------------
    def candidates(self) -> Iterator[tuple]:
        if any(key == ("carried",) for key in self._trial_keys()):
            yield ("carried",)
        if len(self.wrong_parts) < len(self.parts):
            yield ("parts", tuple(self.wrong_parts))
        yield from (("mistaken in part", number) for number in
                    range(len(self.question.misconceptions)) if len(self.parts) > 1)  # fmt: skip
        yield ("always",)
        yield from self._splits()
        if self.alike:  # plainer than "what comes out when x is doubled"
            yield ("factor", self._factor())
        yield from self._otherwise_keys()
        yield ("rows alike",)
        yield from (("an argument", n) for n in range(len(self.cases[0])))
        yield from self._relations()
        if any(self.right):
            yield from (("within", *key) for key in self._otherwise_keys())
            yield from (("within", *key) for key in self._relations())
        yield from self._places()
        yield from self._trial_keys()
        yield from self._influences()
        if not any(self.right):
            yield from (("direction", sign) for sign in (1, -1))
        yield from self._vague()

    def _splits(self):
        """What the right cases may have in common: a name or number, a side of a threshold."""
        columns = list(zip(*self.cases, strict=False))
        numbers, named = {}, []
        for position, values in enumerate(columns):
            if all(isinstance(v, (str, bool, int, np.integer)) for v in values):
                named += self._values(position, values)
            if all(isinstance(v, (int, float, np.number)) for v in values):
                numbers[position] = np.array(values, dtype=float)
        if not any(isinstance(e, (list, tuple, dict)) or np.ndim(e) for e, _ in self.pairs):
            wanted = [e.item() if isinstance(e, np.ndarray) else e for e, _ in self.pairs]
            named += self._values(None, wanted)
        yield from named
        if any(right and self._here(*about) == self.right for _, *about, right in named):
            return  # a threshold that splits them so, too, is a coincidence
        for position, values in numbers.items():
            yield from self._thresholds(values, position, None)
        for one, other in itertools.permutations(numbers, 2):
            if (numbers[other] > 0).all():
                yield from self._thresholds(numbers[one] / numbers[other], one, other)

    def _values(self, position, values):
        """Each value that several cases have: is what is wrong there, or what is right?"""
        for value in list(dict.fromkeys(values))[:8]:
            yield from (("split", position, value, right) for right in (False, True))

    def _thresholds(self, values, one, other):
        right = np.array(self.right)
        if right.any() and not right.all():
            for low in (True, False):  # the right cases are the low ones
                below, above = values[right == low].max(), values[right != low].min()
                if below < above:
                    yield ("threshold", one, other, low, float(below), float(above))

    def _influences(self):
        for kind, about in dict.fromkeys((t.kind, t.about) for t, _ in self.tried):
            if kind == "changed":
                yield ("influence", kind, about, self._influence(kind, about))

    def _otherwise_keys(self):
        first = self.cases[0]
        for position, value in enumerate(first):
            yield from (("otherwise", position, way) for way, _ in ways(value))
        for one, other in itertools.combinations(range(len(first)), 2):
            if type(first[one]) is type(first[other]):
                yield ("exchanged", one, other)

    def _relations(self):
        if not self.arrays:
            return
        yield from (("shape", name) for name in SHAPES)
        if not self.alike:
            return
        yield ("factor", self._factor())
        yield ("offset", self._offset())
        yield from (("size", sign, size, *about) for size in SIZES
                    for sign in ("times", "divided by") for about in self._sizes())  # fmt: skip
        yield ("signs",)
        yield from (("function of it", name) for name in FUNCTIONS)
        yield from (("function missing", name) for name in FUNCTIONS)
        for position, value in enumerate(self.cases[0]):
            if isinstance(value, (np.ndarray, float, int)) and not isinstance(value, bool):
                yield from (
                    ("term", sign, factor, position) for factor in FACTORS for sign in ARITHMETIC
                )

    def _sizes(self):
        for position, value in enumerate(self.cases[0]):
            if isinstance(value, np.ndarray):
                yield from ((position, axis) for axis in range(value.ndim))
            elif isinstance(value, (int, np.integer, list, str)) and not isinstance(value, bool):
                yield (position, None)

    def _places(self):
        if self.alike:
            for axis in range(self.pairs[0][0].ndim):
                yield from (("place", text, axis) for text in PLACES)
            yield ("diagonal", True)
            yield ("diagonal", False)
            yield from (("sign of it", sign) for sign in ("positive", "negative"))

    def _trial_keys(self):
        kinds = dict.fromkeys((trial.kind, trial.about) for trial, _ in self.tried)
        order = ["again", "changed", "first", "last", "short", "zero"]
        for kind, about in sorted(kinds, key=lambda one: order.index(one[0])):
            if kind == "again":
                yield ("carried",)
            elif kind in ("changed", "first", "last"):
                yield ("no influence", kind, about)
            else:
                yield ("right when", kind, about)
        yield from (("leak", *one) for one in kinds if one[0] in ("first", "last"))

    def _vague(self):
        for axis in range(self.pairs[0][0].ndim if self.alike else 0):
            yield ("first wrong", axis, self._first_wrong(axis))
        for kind, about in dict.fromkeys((t.kind, t.about) for t, _ in self.tried):
            if kind == "changed":
                yield ("influence right", kind, about)

    def _factor(self):
        return self._common(lambda e, g: g.flat[abs(e).argmax()] / e.flat[abs(e).argmax()])

    def _offset(self):
        return self._common(lambda e, g: (g - e).flat[0])

    def _common(self, number):
        """A number found in the first case that has one, to be tried on all."""
        for (e, g), right in zip(self.pairs, self.right, strict=True):
            if not right and e.size and e.dtype.kind in "iuf" and g.dtype.kind in "iuf":
                with np.errstate(all="ignore"):
                    return float(number(e.astype(float), g.astype(float)))
        return np.nan

    # --- is it so? ----------------------------------------------------------------------------
    def holds(self, key: tuple) -> bool:
        """Whether a statement is true of all cases, or of all trials that it speaks of."""
        check = getattr(self, "_holds_" + key[0].replace(" ", "_"))
        with np.errstate(all="ignore"):
            try:
                return bool(check(*key[1:]))
            except (IndexError, TypeError, ValueError, AttributeError, ArithmeticError):
                return False

    def contradicts(self, key: tuple) -> bool:
        """Whether a statement is not only untried here, but false."""
        if key[0] == "no influence":
            return any(not self._same(m[2], m[3]) for m in self._moves(*key[1:]))
        if key[0] == "carried":
            return not self.holds(key)
        if key[0] == "parts":
            return any(part not in key[1] for part in self.wrong_parts)
        if key[0] == "right when":
            return not all(self._right_again(t, o) for t, o in self._of(*key[1:]))
        if key[0] in ("split", "threshold"):
            return not self.agrees(*key)
        if key[0] == "leak":
            moves = self._moves(*key[1:])
            return bool(moves) and not any(self._leaks(*move) for move in moves)
        if key[0] in ("influence right", "influence"):
            return bool(self._moves(*key[1:3])) and not self.holds(key)
        return not all(self.right) and not self.holds(key)

    def _everywhere(self, true) -> bool:
        """In every case, and in three that are wrong at least."""
        if self.right.count(False) < self.least or self._uniform:
            return False
        return all(
            true(number, e, g)
            for number, (e, g) in enumerate(self.pairs)
            if not (self.within and self.right[number])
        )

    @property
    def _uniform(self) -> bool:
        """Whether a single number is right in all cases: any other would be in proportion to it."""
        return self.arrays and all(
            e.size == 1 and np.array_equal(e, self.pairs[0][0]) for e, _ in self.pairs
        )

    def _holds_parts(self, wrong):
        return (
            self.wrong_parts and tuple(self.wrong_parts) == wrong and len(self.parts) > len(wrong)
        )

    def _holds_within(self, *key):
        self.within = True
        try:
            return self.holds(key)
        finally:
            self.within = False

    def _holds_split(self, position, value, right):
        """Nothing is wrong but in cases with the value; or those are right, and no others."""
        here = self._here(position, value)
        if min(here.count(True), here.count(False)) < 2:
            return False
        if right:
            return here == self.right
        return self.right.count(False) >= self.least and all(
            good or there for good, there in zip(self.right, here, strict=True)
        )

    def _holds_threshold(self, *about):
        return (
            self.right.count(True) > 2
            and self.right.count(False) >= self.least
            and self.agrees("threshold", *about)
        )

    def agrees(self, kind, *about) -> bool:
        """Whether no case speaks against a split or a threshold."""
        if kind == "split":
            position, value, there_right = about
            return all(
                good if there_right and here else good or there_right or here
                for here, good in zip(self._here(position, value), self.right, strict=True)
            )
        one, other, low, below, above = about
        for args, good in zip(self.cases, self.right, strict=True):
            value = args[one] if other is None else args[one] / args[other]
            if (value <= below and good != low) or (value >= above and good == low):
                return False
        return True

    def _here(self, position, value) -> list[bool]:
        """Of each case, whether an argument, or the right result, is this."""
        if position is not None:
            return [args[position] == value for args in self.cases]
        return [(e.item() if isinstance(e, np.ndarray) else e) == value for e, _ in self.pairs]

    def _holds_direction(self, sign):
        """Every number too large, or too small, where a result is a single one."""
        off = [(e, g) for e, g in self.pairs if not self._same(e, g)]
        return (
            self.alike
            and len(off) >= self.least
            and all(e.size == 1 and e.dtype.kind in "if" for e, _ in off)
            and all(sign * (g - e).item() > 0 for e, g in off)
        )

    def _holds_mistaken_in_part(self, index):
        judge = self.diagnosis.judge
        given = [judge.mistaken(index, number) for number in range(len(self.cases))]
        if any(value is None or _keys([value]) != self.parts for value in given):
            return False
        part = self.wrong_parts[0]
        got = [_part(g, part) for g in self.got]
        if all(self._same(got[0], one) for one in got):
            return False  # of the same everywhere there may be many reasons
        return all(self._same(_part(v, part), g) for v, g in zip(given, got, strict=True))

    def _holds_otherwise(self, position, way):
        return self._as_though(("otherwise", position, way))

    def _holds_exchanged(self, one, other):
        return self._as_though(("exchanged", one, other))

    def _as_though(self, key):
        part = self.wrong_parts[0] if self.wrong_parts else None
        for number, got in enumerate(self.got):
            if self.within and self.right[number]:
                continue
            value = self.diagnosis._otherwise(number, key)
            if value is None or (part is not None and _keys([value]) != self.parts):
                return False
            if not self._same(_part(value, part), _part(got, part)):
                return False
        return self.right.count(False) >= self.least

    def _holds_always(self):
        first = self.pairs[0][1]
        return (
            len(self.pairs) > 1
            and np.size(first) <= 1
            and self._everywhere(lambda n, e, g: type(g) is type(first) and _equal(g, first))
        ) or (self.arrays and self._everywhere(lambda n, e, g: self._all_zero(g)))

    def _all_zero(self, value) -> bool:
        return value.ndim > 0 and value.size > 0 and bool((abs(value) < 1e-12).all())

    def _holds_rows_alike(self):
        return self.alike and self._everywhere(
            lambda n, e, g: (
                g.ndim > 1 and len(g) > 1 and (g == g[0]).all() and not (e == e[0]).all()
            )
        )

    def _holds_an_argument(self, position):
        return self._everywhere(
            lambda n, e, g: np.size(g) > 1 and self._close(_plain(self.cases[n][position]), g)
        )

    def _holds_shape(self, name):
        return self._everywhere(lambda n, e, g: self._same(e, SHAPES[name](e, g)))

    def _holds_signs(self):
        return self._everywhere(lambda n, e, g: e.dtype.kind in "if" and self._same(abs(e), abs(g)))

    def _holds_factor(self, factor):
        return (
            1e-3 < abs(factor) < 1e3
            and abs(factor - 1) > 2e-3
            and self._everywhere(lambda n, e, g: self._close(e * factor, g))
        )

    def _holds_offset(self, offset):
        return 1e-3 < abs(offset) < 1e3 and self._everywhere(
            lambda n, e, g: e.dtype.kind in "iuf" and self._close(e + offset, g)
        )

    def _holds_size(self, sign, size, position, axis):
        lengths = {self._length(n, position, axis) for n in range(len(self.cases))}
        if len(lengths) < 2:
            return False  # a factor, and said as one
        return self._everywhere(
            lambda n, e, g: self._close(
                ARITHMETIC[sign](e, SIZES[size](self._length(n, position, axis))), g
            )
        )

    def _length(self, number, position, axis):
        value = self.cases[number][position]
        if isinstance(value, np.ndarray):
            return value.shape[axis]
        return value if isinstance(value, (int, np.integer)) else len(value)

    def _holds_function_of_it(self, name):
        return self._everywhere(
            lambda n, e, g: (
                e.size > ("axis" in name)
                and e.dtype.kind == "f"
                and self._close(FUNCTIONS[name](e), g)
            )
        )

    def _holds_function_missing(self, name):
        return self._everywhere(
            lambda n, e, g: (
                g.size > ("axis" in name)
                and g.dtype.kind == "f"
                and self._close(FUNCTIONS[name](g), e)
            )
        )

    def _holds_term(self, sign, factor, position):
        terms = [FACTORS[factor](np.asarray(case[position], dtype=float)) for case in self.cases]
        if all(self._close(np.full_like(term, terms[0].flat[0]), term) for term in terms):
            return False  # tanh of what is large is 1: an offset or a factor, and said as one

        def true(n, e, g):
            return self._close(ARITHMETIC[sign](e, np.broadcast_to(terms[n], e.shape)), g)

        return self._everywhere(true)

    def _wrong(self, e, g):
        return ~close(e, g, self.question.rtol, self.question.atol)

    def _wrong_along(self, axis, e, g):
        wrong = self._wrong(e, g)
        return wrong.any(axis=tuple(a for a in range(wrong.ndim) if a != axis))

    def _in_wrong_cases(self, true, large: bool = True) -> bool:
        """In every wrong case, of which there are three at least, one of them not tiny."""
        told = [
            true(e, g) for (e, g), right in zip(self.pairs, self.right, strict=True) if not right
        ]
        if not self.alike or len(told) < self.least or not all(told):
            return False
        return not large or max(max(e.shape) for e, _ in self.pairs) > 2

    def _holds_place(self, text, axis):
        def true(e, g):
            wrong = self._wrong_along(axis, e, g)
            return len(wrong) > 1 and PLACES[text](wrong)

        return self._in_wrong_cases(true)

    def _holds_diagonal(self, right):
        def true(e, g):
            wrong, on = self._wrong(e, g), np.eye(len(e), dtype=bool)
            place = wrong[~on] if right else wrong[on]
            return e.ndim == 2 and e.shape == e.T.shape and len(e) > 1 and not (
                wrong[on] if right else wrong[~on]).any() and place.any()  # fmt: skip

        return self._in_wrong_cases(true)

    def _holds_sign_of_it(self, sign):
        def true(e, g):
            wrong = self._wrong(e, g)
            here = e > 0 if sign == "positive" else e < 0
            return here.any() and (~here).any() and not wrong[~here].any() and wrong[here].all()

        return self._in_wrong_cases(true)

    def _first_wrong(self, axis):
        for (e, g), right in zip(self.pairs, self.right, strict=True):
            if not right:
                return int(self._wrong_along(axis, e, g).argmax())
        return 0

    def _holds_first_wrong(self, axis, index):
        def true(e, g):
            wrong = self._wrong_along(axis, e, g)
            return index > 0 and int(wrong.argmax()) == index

        return self._in_wrong_cases(true)

    # --- trials ---
    def _of(self, kind, about):
        """The trials of one kind, on wrong cases: it is these that a statement is about."""
        return [
            (t, o)
            for t, o in self.tried
            if (t.kind, t.about) == (kind, about) and not self.right[t.number]
        ]

    @property
    def _enough(self) -> int:
        """Trials that a statement rests on: single numbers and texts often agree by chance."""
        many = self.arrays and all(e.dtype.kind == "f" and e.size > 1 for e, _ in self.pairs)
        return min(self.least, 3) if many else self.least + 2

    def _holds_carried(self):
        tries = self._of("again", ())
        return bool(tries) and any(
            o.kind == "value" and not self._same(self.got[t.number], o.value) for t, o in tries
        )

    def _moves(self, kind, about):
        """Of each trial: what was and is right, what came and comes."""
        return [
            (self.expected[t.number], self.diagnosis._expected(t), self.got[t.number], o.value)
            for t, o in self._of(kind, about)
            if o.kind == "value"
        ]

    def _holds_no_influence(self, kind, about):
        moves = self._moves(kind, about)
        telling = [m for m in moves if not self._same(m[0], m[1])]
        if self.holds(("always",)):
            return False  # so nothing has
        # to the last bit: what is saturated hardly moves either, and yet there is an influence
        still = all(compare(m[2], m[3], 0.0, 0.0) is None for m in moves)
        return len(telling) >= self._enough and still

    def _holds_right_when(self, kind, about):
        tries = self._of(kind, about)
        telling = sum(self.diagnosis.telling(trial, self.wrong_parts) for trial, _ in tries)
        return telling >= self._enough and all(self._right_again(t, o) for t, o in tries)

    def _right_again(self, trial, outcome):
        return outcome.kind == "value" and self._same(
            self.diagnosis._expected(trial), outcome.value
        )

    def _holds_leak(self, kind, about):
        if self.cases[0][about[0]].dtype.kind != "f":
            return False  # other whole numbers may be against the rules
        moves = self._moves(kind, about)
        return len(moves) > 1 and all(self._leaks(*move) for move in moves)

    def _leaks(self, e, moved_e, g, moved_g):
        """Whether an entry changes that must not. e, g before; moved_e, moved_g after."""
        part = self.wrong_parts[0] if self.wrong_parts else None
        e, moved_e, g, moved_g = (_plain(_part(v, part)) for v in (e, moved_e, g, moved_g))
        if not all(isinstance(v, np.ndarray) and v.shape == e.shape for v in (moved_e, g, moved_g)):
            return False
        if e.dtype.kind != "f" or not e.ndim:
            return False
        still = close(e, moved_e, 1e-9, 1e-12)
        return still.any() and not close(g, moved_g, 1e-6, 1e-9)[still].all()

    def _influence(self, kind, about) -> float:
        """By how much the learner's result moves when the right one moves by one."""
        for move in map(self._parts_of_move, self._moves(kind, about)):
            if not all(isinstance(v, np.ndarray) and v.shape == move[0].shape for v in move):
                continue
            e, moved_e, g, moved_g = (np.ravel(value) for value in move)
            if e.size and all(value.dtype.kind in "if" for value in (e, moved_e, g, moved_g)):
                step = moved_e.astype(float) - e
                most = abs(step).argmax()
                if step[most]:
                    return float((float(moved_g[most]) - g[most]) / step[most])
        return np.nan

    def _parts_of_move(self, move):
        part = self.wrong_parts[0] if self.wrong_parts else None
        return [_plain(_part(value, part)) for value in move]

    def _holds_influence(self, kind, about, factor):
        """In the same proportion to the right one, which is neither 0 nor 1, in every trial."""
        moves = [self._parts_of_move(move) for move in self._moves(kind, about)]
        if not (1e-3 < abs(factor) < 1e3) or len(moves) < self._enough:
            return False
        if format_number(factor, 3) == "1":  # as it would be read
            return False
        return all(
            e.dtype.kind in "if"
            and not self._same(e, moved_e)  # more than rounding
            and e.shape == moved_e.shape == g.shape == moved_g.shape
            and self._close(factor * (moved_e.astype(float) - e), moved_g.astype(float) - g)
            for e, moved_e, g, moved_g in moves
        )

    def _holds_influence_right(self, kind, about):
        """What the change of one argument changes is right, so the fault lies elsewhere."""
        moves = self._moves(kind, about)
        part = self.wrong_parts[0] if self.wrong_parts else None

        def right(e, moved_e, g, moved_g):
            """A move of the right size, of numbers that are not whole."""
            e, moved_e, g, moved_g = (_plain(_part(v, part)) for v in (e, moved_e, g, moved_g))
            moved = not self._close(e, moved_e) and e.dtype.kind == "f"
            return moved and self._close(moved_e - e, moved_g - g)

        return len(moves) > 1 and all(right(*move) for move in moves)

    # --- in words -------------------------------------------------------------------------------
    def say(self, key: tuple) -> str:
        text = self._say(key)
        if key[0] in TRUE_OF_ALL:
            return f"{text} in every case tried."
        if key[0] in TRIED_ONLY and any(self.right):  # trials are made on wrong cases
            words = text.split(" ", 1)
            first = words[0].lower() if words[0] in ("The", "With", "When", "A") else words[0]
            return f"In the wrong cases {first} {words[1]}"
        return text

    def _say(self, key: tuple) -> str:
        return getattr(self, "_say_" + key[0].replace(" ", "_"))(*key[1:])

    @property
    def _it(self) -> str:
        if len(self.parts) < 2:
            return "Your result"
        return f"Your result at [{self.wrong_parts[0]!r}]"

    def _say_parts(self, wrong):
        right = [f"[{key!r}]" for key in self.parts if key not in wrong]
        off = [f"[{key!r}]" for key in wrong]
        return (
            f"Right in every case tried: what you return at {_and(right)}. Not right: {_and(off)}."
        )

    def _say_mistaken_in_part(self, index):
        return f"{self._it} follows from this: {self.question.misconceptions[index].name}."

    def _say_within(self, *key):
        text = self._say(key).removesuffix(".")
        return f"In the wrong cases {text[0].lower()}{text[1:]}."

    def _say_split(self, position, value, right):
        thing = "the right result" if position is None else self.names[position]
        if right:
            return f"{self._it} is right wherever {thing} is {value!r}: look at the other cases."
        return f"{self._it} is wrong only where {thing} is {value!r}."

    def _say_threshold(self, one, other, low, below, above):
        name = self.names[one] if other is None else f"{self.names[one]} / {self.names[other]}"
        below, above = (format_number(int(v) if v == int(v) else v, 3) for v in (below, above))
        words = ("right", "wrong") if low else ("wrong", "right")
        return (
            f"{self._it} is {words[0]} where {name} is {below} or less, and {words[1]} where it is "
            f"{above} or more."
        )

    def _say_direction(self, sign):
        return f"{self._it} is too {'large' if sign > 0 else 'small'} in every wrong case."

    def _say_influence(self, kind, about, factor):
        name = self.names[about[0]]
        if factor < 0:
            much = (
                "" if abs(factor + 1) < 1e-3 else f", and {format_number(-factor, 3)} times as far"
            )
            return f"When {name} changes, your result moves the wrong way{much}."
        return (
            f"When {name} changes, your result moves {format_number(factor, 3)} times as far as "
            "it should."
        )

    def _say_otherwise(self, position, way):
        return f"{self._it} is what comes out when {self.names[position]} {way}."

    def _say_exchanged(self, one, other):
        names = self.names
        return f"{self._it} is what comes out when {names[one]} and {names[other]} change places."

    def _say_always(self):
        first = self.pairs[0][1]
        if isinstance(first, np.ndarray) and not first.size:
            return f"{self._it} is empty"
        if self.arrays and self._all_zero(first):
            return f"{self._it} is all zeros"
        value = first.item() if isinstance(first, np.ndarray) else first
        shown = format_number(value) if isinstance(value, (int, float)) else repr(value)[:40]
        return f"{self._it} is {shown}"

    def _say_rows_alike(self):
        return f"All entries of {self._it[0].lower()}{self._it[1:]} along axis 0 are the same."

    def _say_an_argument(self, position):
        return f"{self._it} is {self.names[position]} itself, unchanged."

    def _say_shape(self, name):
        return f"{self._it} {name}."

    def _say_factor(self, factor):
        if format_number(factor) == "-1":
            return f"{self._it} has the wrong sign"
        digits = 4 if format_number(factor, 3) in ("1", "-1") else 3
        return f"{self._it} is the right one times {format_number(factor, digits)}"

    def _say_offset(self, offset):
        than = "too large" if offset > 0 else "too small"
        return f"{self._it} is {format_number(abs(offset), 3)} {than}"

    def _say_signs(self):
        return f"{self._it} is right but for the sign of some entries."

    def _say_size(self, sign, size, position, axis):
        name = self.names[position]
        if isinstance(self.cases[0][position], np.ndarray):
            name = f"the length of {name} along axis {axis}"
        elif isinstance(self.cases[0][position], (list, str)):
            name = f"the length of {name}"
        if size == "{}":
            return f"{self._it} is the right one {sign} {name}."
        term = size.replace("{}", "n")
        return f"{self._it} is the right one {sign} {term}, where n is {name}."

    def _say_function_of_it(self, name):
        return f"{self._it} is the right one after one step too many: {name}."

    def _say_function_missing(self, name):
        return f"{self._it} would be right after one more step: {name}."

    def _say_term(self, sign, factor, position):
        term = factor.replace("{}", self.names[position])
        return f"{self._it} is the right one {sign} {term}, entry by entry."

    def _say_place(self, text, axis):
        return f"{self._it}: {text[0].lower()}{text[1:].format(axis)}, in every wrong case."

    def _say_diagonal(self, right):
        if right:
            return f"{self._it} is right on the diagonal; what is wrong lies beside it."
        return f"{self._it} is wrong on the diagonal only."

    def _say_sign_of_it(self, sign):
        return f"{self._it} is wrong exactly where the right one is {sign}."

    def _say_first_wrong(self, axis, index):
        return (
            f"{self._it} is right up to entry {index - 1} along axis {axis}; "
            f"entry {index} is the first that is not."
        )

    def _say_carried(self):
        return (
            "The same call twice gives two different results: does your function keep something "
            "from one call to the next, or draw at random?"
        )

    def _about(self, kind, about):
        name = self.names[about[0]]
        if kind in ("first", "last"):
            return f"the {kind} entry of {name} along axis {about[1]}"
        return name

    def _say_no_influence(self, kind, about):
        thing = self._about(kind, about)
        value = self.cases[0][about[0]]
        if kind == "changed" and only_reordered(value):
            thing = f"The order of {thing}"
        elif kind != "changed":
            thing = thing[0].upper() + thing[1:]
        return f"{thing} has no influence on your result, and should have."

    def _say_right_when(self, kind, about):
        name = self.names[about[0]]
        if kind == "zero":
            return f"With {name} = 0 your result is right: look at how {name} enters."
        return f"With {name} cut to length 1 along axis {about[1]} your result is right."

    def _say_leak(self, kind, about):
        thing = self._about(kind, about)
        return f"When only {thing} changes, entries of your result can change that must not."

    def _say_influence_right(self, kind, about):
        name = self.names[about[0]]
        changed, on = f"A change of {name}", f"the values of {name}"
        if only_reordered(self.cases[0][about[0]]):
            changed, on = f"Another order of {name}", "that order"
        return (
            f"{changed} changes your result by the right amount: what is wrong does not "
            f"depend on {on}."
        )


# --- small things -------------------------------------------------------------------------------
def _size(value) -> int:
    return value.size if isinstance(value, np.ndarray) else len(value) if _sequence(value) else 1


def _sequence(value) -> bool:
    return isinstance(value, (list, tuple, str))


def _keys(values: list) -> list:
    """The parts of a result that has several, by key or place; [None] of one that is whole."""
    one = values[0]
    if isinstance(one, dict):
        keys = list(one)
    elif isinstance(one, (list, tuple)) and (not _flat(one) or len(one) <= PARTS):
        keys = list(range(len(one)))
    else:
        return [None]
    same = all(
        (list(v) if isinstance(v, dict) else list(range(len(v)))) == keys
        for v in values
        if isinstance(v, type(one))
    )
    return keys if same and len(keys) > 1 else [None]


def _flat(value) -> bool:
    return all(isinstance(v, (int, float, str, type(None))) for v in value) and (
        len({type(v) for v in value}) < 2
    )


def _part(value, key):
    return value if key is None else value[key]


def _plain(value):
    """Numbers as an array where they are one or could be."""
    if isinstance(value, Tensor):
        return value.array
    if isinstance(value, (int, float, np.number)) and not isinstance(value, bool):
        return np.asarray(value)
    if (
        isinstance(value, (list, tuple))
        and value
        and all(isinstance(v, (int, float)) and not isinstance(v, bool) for v in value)
    ):
        return np.asarray(value)
    return value


def _equal(one, other) -> bool:
    return bool(np.array_equal(one, other))


def _finite(value) -> bool:
    """Whether every number in a value is one."""
    if isinstance(value, dict):
        return all(map(_finite, value.values()))
    if isinstance(value, (list, tuple)):
        return all(map(_finite, value))
    value = _plain(value)
    return not (isinstance(value, np.ndarray) and value.dtype.kind in "fc") or bool(
        np.isfinite(value).all()
    )


def _dull(value, args: tuple) -> bool:
    """Nothing but arguments unchanged and numbers that are all the same."""
    if isinstance(value, dict):
        return all(_dull(v, args) for v in value.values())
    if isinstance(value, (list, tuple)) and not (_flat(value) and len(value) > 1):
        return all(_dull(v, args) for v in value)
    value = _plain(value)
    if not isinstance(value, np.ndarray):
        return False
    if value.size < 2:
        return not value.any()
    if value.dtype.kind in "bif" and np.allclose(value, value.flat[0], 1e-9, 1e-12):
        return True
    return any(
        isinstance(a, np.ndarray) and a.shape == value.shape and np.array_equal(a, value)
        for a in args
    )


def _and(names: Sequence[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
