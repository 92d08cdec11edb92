"""What every figure that moves has in common.

A figure lives in two places with one implementation. In JupyterLab and Notebook it is an
anywidget. In the rendered book no kernel runs: its output also carries HTML with the figure's
name and state, and a small host (book/_site/host.js) mounts the same JavaScript there.
"""

from __future__ import annotations

import html
import json
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from pathlib import Path
from typing import ClassVar

import anywidget

from rnncourse.figures import palette

JS_FOLDER = Path(__file__).parent / "js"
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"


@cache
def source(name: str) -> str:
    """The JavaScript module of a figure: what all share, then its own file."""
    parts = (JS_FOLDER / "common.js", JS_FOLDER / f"{name}.js")
    return "\n".join(part.read_text(encoding="utf-8") for part in parts)


@cache
def style_sheet() -> str:
    """The CSS of all figures: the palette, what all share, then what single figures add."""
    parts = (JS_FOLDER / name for name in ("common.css", "diagrams.css", "quiz.css"))
    return "\n".join([palette.css(), *(part.read_text(encoding="utf-8") for part in parts)])


def number(value: float, digits: int = 2) -> str:
    """A number as the figures print it: fixed digits, a true minus sign, no negative zero.

    Halves are rounded away from zero, as JavaScript does it: 2.25 is 2.3.
    """
    if abs(value) < 1e20:  # neither infinite nor NaN
        value = Decimal(float(value)).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)
    text = f"{value:.{digits}f}"
    if float(text) == 0:
        text = text.removeprefix("-")
    return text.replace("-", "\N{MINUS SIGN}")


def without_negative_zero(value):
    """The value with every -0.0 made 0.0: which of the two comes out differs by platform."""
    if isinstance(value, float):
        return value + 0.0
    if isinstance(value, list):
        return [without_negative_zero(item) for item in value]
    if isinstance(value, dict):
        return {key: without_negative_zero(item) for key, item in value.items()}
    return value


def table(head: list[str], rows: list[list[str]], caption: str) -> str:
    """An HTML table, for the fallback of a figure."""

    def cells(row: list[str], tag: str) -> str:
        return "<tr>" + "".join(f"<{tag}>{html.escape(cell)}</{tag}>" for cell in row) + "</tr>"

    body = "".join(cells(row, "td") for row in rows)
    return (
        f"<table><caption>{html.escape(caption)}</caption>"
        f"<thead>{cells(head, 'th')}</thead><tbody>{body}</tbody></table>"
    )


class Figure(anywidget.AnyWidget):
    """A figure that moves, with or without a kernel.

    A subclass sets `name` (its JavaScript is js/NAME.js), declares its state as traits tagged
    ``sync=True`` (JSON values, rounded, so that they are the same on every machine), and says in
    `describe` what there is to see and in `fallback` what stands there without JavaScript.
    """

    name: ClassVar[str] = ""

    def __init_subclass__(cls, **kwargs) -> None:
        if "name" in cls.__dict__:  # not in the classes that traitlets derives for add_traits
            cls._esm = source(cls.name)
            cls._css = style_sheet()
        super().__init_subclass__(**kwargs)

    def describe(self) -> str:
        """The alternative text: what the figure shows, in a sentence or two."""
        raise NotImplementedError

    def fallback(self) -> str:
        """HTML that stands in for the figure where no JavaScript runs: usually a `table`."""
        return ""

    def state(self) -> dict[str, object]:
        """The traits that the figure's own class declares, by name."""
        inherited = Figure.class_traits(sync=True)
        own = (n for n in self.trait_names(sync=True) if n not in inherited and n[0] != "_")
        return without_negative_zero({name: getattr(self, name) for name in sorted(own)})

    def static_html(self) -> str:
        """The figure as the book's pages hold it."""
        state = html.escape(json.dumps(self.state(), ensure_ascii=False, separators=(",", ":")))
        return (
            f'<div class="rnncourse-figure" data-figure="{self.name}" data-state="{state}">'
            f'<p class="rnn-alt">{html.escape(self.describe())}</p>{self.fallback()}</div>'
        )

    def _repr_mimebundle_(self, **kwargs):
        bundle = super()._repr_mimebundle_(**kwargs)
        data, metadata = bundle if isinstance(bundle, tuple) else (bundle, {})
        extra = {"text/plain": self.describe(), "text/html": self.static_html()}
        return {**data, **extra}, metadata
