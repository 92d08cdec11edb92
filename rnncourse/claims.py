"""The ledger of claims, book/claims.yml: what lessons say, and what a stored output says to it.

A claim's figures are taken from the output of the cells tagged `claim-ID` in its chapter's
notebook, or from a file of benchmarks/results, each by the words in front of it:

    GRU > 2                  the second number after `GRU`, on its line
    adding > gru             the first after `gru`, which stands after `adding`
    GRU > all                a list of all numbers after `GRU`, on its line

The result quotes them: `{name}` as it was printed, `{name:.0f}` rounded, `{a / b:.1f}` computed
and `{name:power}` as a power of ten; the condition, an expression over them and `output`, says
when the verdict is right.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from rnncourse import notebooks
from rnncourse.numerals import NUMERAL, value

LEDGER = "book/claims.yml"
RESULTS = "benchmarks/results"
READING = "reading"  # the source of a claim that a text decides, not an experiment
VERDICT = re.compile(r"\*\*(Holds|In part|Does not hold|Open(?:, chapter \d+)?)\b[^*]*\*\*")
QUOTED = re.compile(r"\{([^{}:]+)(?::([^{}]*))?\}")
AS_IT_IS = re.compile(r"(\$[^$]*\$|\{[\w:]+\}`[^`]*`)")  # formulas and roles have braces, too
FUNCTIONS = {"abs": abs, "len": len, "max": max, "min": min, "sum": sum}
SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


class ClaimError(Exception):
    """A claim that its source does not bear out; the message says which and why."""


@dataclass
class Claim:
    """A row of the ledger."""

    id: str
    claim: str
    told: str
    result: str
    experiment: str
    chapter: int | None = None
    source: str | None = None  # cell, a file of benchmarks/results, reading; None: not measured
    figures: dict[str, str] = field(default_factory=dict)
    condition: str | None = None

    @property
    def tag(self) -> str:
        return f"claim-{self.id}"

    def fail(self, reason: str) -> ClaimError:
        return ClaimError(f"{LEDGER}: {self.id}: {reason}")


def ledger(root: Path) -> dict[str, list[Claim]]:
    """The rows of the ledger, by part."""
    content = yaml.safe_load((root / LEDGER).read_text("utf-8"))
    try:
        parts = {part: [Claim(**row) for row in rows] for part, rows in content.items()}
    except TypeError as error:
        fields = ", ".join(Claim.__dataclass_fields__)
        raise ClaimError(f"{LEDGER}: a row has other fields than {fields}: {error}") from None
    ids = [claim.id for rows in parts.values() for claim in rows]
    doubled = sorted({name for name in ids if ids.count(name) > 1})
    if doubled:
        raise ClaimError(f"{LEDGER}: an id is there twice: {', '.join(doubled)}")
    return parts


def notebook_of(claim: Claim, root: Path) -> Path | None:
    """The notebook of the claim's chapter, or None if it is not written yet."""
    found = sorted((root / "notebooks").glob(f"{claim.chapter or 0:02d}_*.ipynb"))
    return found[0] if claim.chapter is not None and found else None


def source_of(claim: Claim, root: Path) -> Path | None:
    """The file whose text decides the claim, or None where no experiment does."""
    if claim.source == "cell":
        path = notebook_of(claim, root)
        if path is None:
            raise claim.fail(f"there is no notebook of chapter {claim.chapter}")
        return path
    if claim.source in (None, READING):
        return None
    path = root / RESULTS / claim.source
    if not path.is_file():
        raise claim.fail(f"there is no {RESULTS}/{claim.source}")
    return path


def output_of(claim: Claim, root: Path) -> str:
    """The text that decides the claim."""
    path = source_of(claim, root)
    if path is None:
        return ""
    if path.suffix != ".ipynb":
        return path.read_text("utf-8")
    cells = [cell for cell in notebooks.read(path).cells
             if claim.tag in cell.metadata.get("tags", [])]  # fmt: skip
    texts = [output.get("text", "") or output.get("data", {}).get("text/plain", "")
             for cell in cells for output in cell.get("outputs", [])]  # fmt: skip
    if not any(texts):
        raise claim.fail(f"no cell of {path.name} with the tag {claim.tag} prints anything")
    return "\n".join(texts)


class Figure(float):
    """A number and the way it was printed."""

    printed: str

    def __new__(cls, printed: str):
        figure = super().__new__(cls, value(printed))
        figure.printed = printed
        return figure

    def __format__(self, spec: str) -> str:
        return written(self, spec) if spec else self.printed.replace("-", "−")


def take(text: str, path: str) -> Figure | list[Figure]:
    """The figure that a path like `GRU > 2` leads to in a text. Raises LookupError."""
    text = re.sub(r"[ \t]+", " ", text)
    *labels, last = (step.strip() for step in path.split(" > "))
    if not (last.isdigit() or last == "all"):
        labels, last = [*labels, last], "1"
    place = 0
    for label in labels:
        found = text.find(label, place)
        if found < 0:
            raise LookupError(f"{path!r}: no {label!r}")
        place = found + len(label)
    end = text.find("\n", place)
    line = NUMERAL.finditer(text, place, len(text) if end < 0 else end)
    figures = [Figure(found[0]) for found in line]
    if len(figures) < (1 if last == "all" else int(last)):
        raise LookupError(f"{path!r}: {len(figures)} numbers there")
    return figures if last == "all" else figures[int(last) - 1]


def written(number: float, spec: str) -> str:
    """A number in text: by a format specification, or `power` for the nearest power of ten."""
    if spec == "power":
        return "10" + str(round(math.log10(number))).translate(SUPERSCRIPTS)
    return format(float(number), spec).replace("-", "−")


def measured(claim: Claim, root: Path) -> dict:
    """The names that the claim's result and condition may use."""
    output = output_of(claim, root)
    names = {**FUNCTIONS, "output": output}
    for name, path in claim.figures.items():
        try:
            names[name] = take(output, path)
        except LookupError as error:
            raise claim.fail(f"the figure {name} is not in its output: {error}") from None
    return names


def result_of(claim: Claim, root: Path) -> str:
    """The result with its figures. Raises ClaimError where the condition does not hold."""
    names = measured(claim, root)
    if claim.condition and not compute(claim, claim.condition, names):
        figures = ", ".join(f"{name} = {names[name]}" for name in claim.figures)
        raise claim.fail(f"the verdict no longer holds: {claim.condition}, where {figures}")

    def quote(found: re.Match) -> str:
        number = compute(claim, found[1], names)
        return written(number, found[2]) if found[2] else format(number, "")

    pieces = AS_IT_IS.split(claim.result)
    return "".join(piece if place % 2 else QUOTED.sub(quote, piece)
                   for place, piece in enumerate(pieces))  # fmt: skip


def compute(claim: Claim, expression: str, names: dict):
    try:
        return eval(expression, {"__builtins__": {}}, names)
    except (NameError, SyntaxError, TypeError, ZeroDivisionError) as error:
        raise claim.fail(f"cannot compute {expression!r}: {error}") from None
