"""A prediction that is a curve: the reader draws it, then the measured one is laid over it."""

from __future__ import annotations

from collections.abc import Sequence

import traitlets

from rnncourse.figures.base import Figure, table


class DrawCurve(Figure):
    """State: what was measured and its axes; what the reader drew, and whether it was compared."""

    name = "draw_curve"
    x = traitlets.List(traitlets.Float()).tag(sync=True)
    y = traitlets.List(traitlets.Float()).tag(sync=True)  # as measured
    labels = traitlets.List(traitlets.Unicode()).tag(sync=True)  # of the two axes
    ends = traitlets.List(traitlets.Float()).tag(sync=True)  # of the axis of y
    log = traitlets.Bool(False).tag(sync=True)
    drawn = traitlets.List().tag(sync=True)  # a number or None for each x
    compared = traitlets.Bool(False).tag(sync=True)

    def describe(self) -> str:
        across, up = self.labels
        return (
            f"An empty plot: {across} from {self.x[0]:g} to {self.x[-1]:g} to the right, {up} from "
            f"{self.ends[0]:g} to {self.ends[1]:g} upwards. Draw the curve that you expect; then a "
            "button lays the measured one over it."
        )

    def fallback(self) -> str:
        rows = [[f"{x:g}", f"{y:g}"] for x, y in zip(self.x, self.y, strict=True)]
        return table(self.labels, rows, "What was measured")


def draw_curve(
    x: Sequence[float],
    y: Sequence[float],
    *,
    labels: tuple[str, str],
    ends: tuple[float, float],
    log: bool = False,
) -> DrawCurve:
    """An empty plot in which the reader draws a curve before the measured one is shown.

    x, y: (n,) each, what was measured; y is kept with three digits. labels: of the two axes.
    ends: where the axis of y begins and ends. log: whether it is logarithmic.
    Raises ValueError where x and y differ in length, or y does not fit between the ends.
    """
    y = [float(f"{value:.3g}") for value in y]
    if len(x) != len(y) or len(x) < 2:
        raise ValueError(f"x has {len(x)} values, y {len(y)}: as many are needed, two at least")
    if log and ends[0] <= 0:
        raise ValueError(f"a logarithmic axis cannot begin at {ends[0]:g}")
    if min(y) < ends[0] or max(y) > ends[1]:
        raise ValueError(f"y runs from {min(y):g} to {max(y):g}, beyond the ends {tuple(ends)}")
    nothing = [None] * len(x)
    return DrawCurve(
        x=list(map(float, x)), y=y, labels=list(labels), ends=list(map(float, ends)), log=log,
        drawn=nothing,
    )  # fmt: skip
