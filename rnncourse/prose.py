"""A reading aid: the figures in a chapter's prose that nothing stored shows.

A figure is a number in a markdown cell. It has a source if an output of the notebook, a stored
result that the notebook names, or a number in its code rounds to it.
"""

from __future__ import annotations

import re
from decimal import ROUND_CEILING, Decimal
from pathlib import Path

from rnncourse import notebooks
from rnncourse.numerals import Numeral, numerals

NO_PROSE = re.compile(
    r"""
    ^(`{3,}|~{3,}).*?^\1              # code, and what a directive with backticks holds
    | (\$\$?)(?!\s).+?\2              # formulas
    | \{[\w:-]+\}`[^`]*`              # roles: citations, terms
    | `[^`]*`                         # code in the line
    | \]\([^)]*\)                     # where a link leads
    | <[^>]+>                         # HTML
    | ^\s*(?:\d+\.|\#+\ [\d.]*)\s     # the numbers of lists and headings
    | \([\d, ×x]+\) | \b\d+\ ?[×x]\ ?\d+\b                # shapes
    """,
    re.VERBOSE | re.DOTALL | re.MULTILINE,
)
NAMED = re.compile(  # chapters 2, 4 and 5
    r"\b(chapter|section|question|exercise|figure|table|step|part|objective|cell|layer|seed)s?\s+"
    r"\d+((,|,? and|,? or| to|–)\s*\d+)*",
    re.IGNORECASE,
)
TIME = re.compile(r"\s*(seconds|minutes|hours|min|h)\b")  # that reading or running takes
POWER = re.compile(r"\b10([⁻]?[⁰¹²³⁴⁵⁶⁷⁸⁹]+)")
DIGITS = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")


def unsupported(path: str | Path) -> list[tuple[int, str, str]]:
    """(number of the cell, figure, what stands around it) for each figure without a source."""
    notebook = notebooks.read(path)
    stored = [*shown(notebook), *results(notebook)]
    shares = {found.value for text in stored for found in numerals(text)}
    percent = {found.value / 100 for text in stored for found in numerals(text)
               if text[found.end : found.end + 2].strip().startswith("%")}  # fmt: skip
    code = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    literals = {found.value for text in code for found in numerals(text)}
    known = sorted(map(abs, shares | percent | literals))
    return [
        (number, figure, around)
        for number, cell in enumerate(notebook.cells)
        if cell.cell_type == "markdown"
        for figure, around in figures(cell.source, known)
    ]


def figures(markdown: str, known: list[Decimal]) -> list[tuple[str, str]]:
    """The figures of one cell that no known number rounds to, and what stands around each."""
    text = markdown
    for pattern in (NO_PROSE, NAMED):
        text = pattern.sub(lambda found: re.sub(r"[^\n]", " ", found[0]), text)
    missing = []
    for power in POWER.finditer(text):
        exponent = int(power[1].translate(DIGITS))
        if not any(value and round(value.log10()) == exponent for value in known):
            missing.append(power.span())
    for found in numerals(text):
        percent = text[found.end : found.end + 2].strip().startswith("%")
        written = text[found.start : found.end].lstrip("-−+").rstrip(".")
        if is_noise(found, percent) or TIME.match(text, found.end):
            continue
        scales = (1, 100) if percent else (1,)
        near = unit(written) / 2
        if not any(abs(value * scale - abs(found.value)) <= near
                   for value in known for scale in scales):  # fmt: skip
            missing.append((found.start, found.end))
    return [
        (markdown[start:end].rstrip("."), " ".join(markdown[max(start - 40, 0) : end + 30].split()))
        for start, end in sorted(missing)
    ]


def is_noise(found: Numeral, percent: bool) -> bool:
    """Counts up to ten and years, which prose holds without measuring them."""
    whole = found.value == found.value.to_integral_value(ROUND_CEILING) and not percent
    return whole and (abs(found.value) <= 10 or 1900 <= found.value < 2100)


def unit(written: str) -> Decimal:
    """What one more in the last digit that counts is worth: 0.83 → 0.01, 1,200 → 100."""
    digits = written.replace(",", "")
    if "." in digits or "e" in digits.lower():
        return Decimal(1).scaleb(Decimal(digits).as_tuple().exponent)
    zeros = len(digits) - len(digits.rstrip("0"))
    return Decimal(1).scaleb(max(0, min(zeros, len(digits) - 2)))


def shown(notebook) -> list[str]:
    """What the outputs of a notebook say, as text."""
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    texts = [output.get("text", "") for output in outputs]
    for output in outputs:
        data = output.get("data", {})
        texts += [data.get("text/plain", ""), re.sub(r"<[^>]+>", " ", data.get("text/html", ""))]
    return texts


def results(notebook) -> list[str]:
    """The stored results that a notebook names."""
    source = "\n".join(cell.source for cell in notebook.cells)
    folder = notebooks.root() / "benchmarks" / "results"
    return [path.read_text("utf-8") for path in sorted(folder.iterdir()) if path.name in source]


def chapter(number: int) -> Path:
    """The notebook of a chapter."""
    found = sorted((notebooks.root() / "notebooks").glob(f"{number:02d}_*.ipynb"))
    if not found:
        raise notebooks.NotebookError(f"notebooks/ holds no chapter {number}")
    return found[0]
