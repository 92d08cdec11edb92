"""The text of a notebook reads well in every renderer, and the book dresses it."""

import importlib.util
import re

import pytest
from pybtex.database import parse_file

from rnncourse import notebooks

ROOT = notebooks.root()
SPEC = importlib.util.spec_from_file_location("plain", ROOT / "book/_site/rnncourse_plain.py")
plain = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(plain)

ENTRIES = parse_file(str(ROOT / "book" / "references.bib")).entries
WORKS = plain.works(ROOT / "book" / "references.bib")
NOTEBOOKS = sorted([*(ROOT / "notebooks").rglob("[0-9]*.ipynb"), *ROOT.glob("templates/*.ipynb")])
PAPERS = re.compile(r"https://(doi\.org|arxiv\.org|aclanthology\.org|proceedings\.mlr\.press)/")
MYST = re.compile(r"\{[\w:-]+\}`|^\s*(:{3,}|`{3,})\s*\{|^\([\w-]+\)=|^%", re.MULTILINE)


def texts(path):
    cells = notebooks.read(path).cells
    return [cell.source for cell in cells if cell.cell_type == "markdown"]


def is_about(key, text):
    """Does the text of a link name the work: Elman (1990), or Elman, 1990 in brackets?"""
    who, year = plain.authors(ENTRIES[key]), ENTRIES[key].fields["year"]
    return text in (f"{who} ({year})", f"{who}, {year}")


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_no_role_and_no_directive_and_citations_that_name_their_work(path):
    for text in texts(path):
        assert not MYST.search(text), f"MyST in a notebook: {MYST.search(text)[0]!r} in\n{text}"
        for found in plain.LINK.finditer(text):
            if found[2] in WORKS:
                assert is_about(WORKS[found[2]], found[1]), f"{found[0]}: {WORKS[found[2]]}"
            else:
                assert not PAPERS.match(found[2]), f"{found[0]}: not in references.bib"


def test_what_a_notebook_must_not_hold_is_found():
    for text in ("see {cite:t}`elman1990finding`", "a\n:::{note}\nb\n:::", "(label)=\n# A", "% c"):
        assert MYST.search(text)
    assert not MYST.search("$W_{xh}$, `{a} b` and\n```python\nx = {1}\n```")


def test_every_work_has_an_address_of_its_own():
    assert len(WORKS) == len(ENTRIES)


KEYS = {"https://doi.org/1": "elman1990finding"}


@pytest.mark.parametrize(
    ("text", "dressed"),
    [
        ("[Elman (1990)](https://doi.org/1) did", "{cite:t}`elman1990finding` did"),
        ("so ([Elman, 1990](https://doi.org/1)).", "so {cite:p}`elman1990finding`."),
        ("[a](b.md) [c](https://doi.org/2)", "[a](b.md) [c](https://doi.org/2)"),
        (
            "> **A box**\n>\n> | a |\n> | - |\n>\n> end\n\nafter",
            ":::{admonition} A box\n:class: note\n| a |\n| - |\n\nend\n:::\n\nafter",
        ),
        ("> only **quoted**\n> words", "> only **quoted**\n> words"),
        (
            "<details><summary>Three nudges</summary>\n\n1. a\n\n</details>\n\nafter",
            ":::{admonition} Three nudges\n:class: dropdown tip\n1. a\n:::\n\n\nafter",
        ),
        (
            "<details><summary>What was wrong</summary>\n\n$x$\n\n</details>",
            ":::{admonition} What was wrong\n:class: dropdown\n$x$\n:::\n",
        ),
    ],
)
def test_plain_text_is_dressed(text, dressed):
    assert plain.dress(text, KEYS) == dressed
