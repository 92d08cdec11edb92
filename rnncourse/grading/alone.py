"""One student's data stops nobody else: what fails on a row fails on that row alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

Row = TypeVar("Row")
Made = TypeVar("Made")


def each_alone(
    make: Callable[[list[Row]], Made],
    rows: Sequence[Row],
    without: Callable[[Row, Exception], Row],
) -> tuple[Made, list[Row]]:
    """(what make makes of rows, the rows of which it was made).

    Where make fails, the row on which it fails is found by halving, and `without` gives one in
    its place that is harmless and says what happened. A failure that no row causes, and one of a
    row that was replaced already, is raised.
    """
    rows, replaced = list(rows), set()
    while True:
        try:
            return make(rows), rows
        except Exception as error:
            culprit = _first_failing(make, rows)
            if culprit is None or culprit in replaced:
                raise
            replaced.add(culprit)
            rows[culprit] = without(rows[culprit], error)


def _first_failing(make: Callable[[list[Row]], object], rows: list[Row]) -> int | None:
    """The row with which the first rows begin to fail; None if nothing fails without any."""
    good, bad = 0, len(rows)
    if _fails(make, []):
        return None
    while bad - good > 1:
        middle = (good + bad) // 2
        good, bad = (good, middle) if _fails(make, rows[:middle]) else (middle, bad)
    return bad - 1


def _fails(make: Callable[[list[Row]], object], rows: list[Row]) -> bool:
    try:
        make(rows)
    except Exception:
        return True
    return False
