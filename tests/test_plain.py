"""The text of a notebook is plain Markdown, and the site makes citations and boxes of it."""

import importlib
import json
import re
import sys
from functools import cache
from pathlib import Path

import pytest
from pybtex.database import parse_file

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "book" / "_site"))
importlib.import_module("rnncourse_site").free_codecs()
plain = importlib.import_module("rnncourse_plain")
sys.path.pop(0)

REFERENCES = ROOT / "book" / "references.bib"
NOTEBOOKS = sorted([*ROOT.glob("notebooks/**/[!.]*.ipynb"), *ROOT.glob("templates/*.ipynb")])
MYST = re.compile(
    r"""
    (?P<role>\{[a-zA-Z][\w:-]*\}`)
    | ^[\s>]*(?P<directive>:::+|`{3,}\{|~{3,}\{)
    | ^[\s>]*(?P<target>\([\w-]+\)=\s*$)
    | ^(?P<break>\+\+\+|%\ )
    """,
    re.VERBOSE | re.MULTILINE,
)
LINK = re.compile(r"(\()?\[([^][]+)\]\((https?://[^()\s]+)\)")
FOLDED = re.compile(r"^<details><summary>.+</summary>\n\n(?:.|\n)+?\n\n</details>$", re.MULTILINE)
LIKE_A_CITATION = re.compile(r"[A-Z][^\d\n]*[ ,(]+\d{4}\)?")


@cache
def entries():
    return parse_file(str(REFERENCES)).entries


@cache
def keys():
    return plain.works(REFERENCES)


def without_code(text):
    return re.sub(r"^(`{3,}|~{3,})(?!\{).*?^\1", "", text, flags=re.DOTALL | re.MULTILINE)


def texts(path):
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown"]


def faults(text):
    """What keeps a text from reading well wherever notebooks are shown, or from being dressed."""
    text = without_code(text)
    found = [f"MyST's {match.lastgroup}: {match[0].strip()}" for match in MYST.finditer(text)]
    for _, words, address in LINK.findall(text):
        key = keys().get(address)
        if key is None:
            if LIKE_A_CITATION.fullmatch(words):
                found.append(f"{words}: {address} is the address of no work in references.bib")
            continue
        entry = entries()[key]
        forms = (f"{plain.names(entry)} ({entry.fields['year']})",
                 f"{plain.names(entry)}, {entry.fields['year']}")  # fmt: skip
        if words not in forms:
            found.append(f"{words}: {key} is written {' or '.join(forms)}")
        elif f"[{words}]({address})" in plain.cite(text, keys()):
            found.append(f"{words}: a year after a comma stands in brackets with its link")
    if text.count("<details>") != len(FOLDED.findall(text)):
        found.append(
            "<details><summary>…</summary>, an empty line, text, an empty line, </details>"
        )
    for quote in re.findall(r"(?:^>.*\n?)+", text, re.MULTILINE):
        lines = quote.splitlines()
        if plain.BOX.match(lines[0]) and len(lines) > 1 and lines[1] != ">":
            found.append(f"{lines[0]}: the title of a box stands alone, then an empty line")
        if any(line.startswith("> |") for line in lines):
            found.append(
                f"{lines[0]}: not everyone shows a table in a quote; put it after the quote"
            )
        if any(line.count("$") % 2 for line in lines):
            found.append(f"{lines[0]}: a formula is broken across lines of a quote")
    return found


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_text_of_a_notebook_is_plain(path):
    problems = [fault for text in texts(path) for fault in faults(text)]
    assert not problems, "\n".join(problems)


ELMAN = "https://doi.org/10.1207/s15516709cog1402_1"
PASCANU = "https://arxiv.org/abs/1211.5063"


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("As {cite:t}`elman1990finding` says", "MyST's role"),
        ("a {term}`state`", "MyST's role"),
        (":::{admonition} Nudges\ntext\n:::", "MyST's directive"),
        ("```{figure} a.png\n```", "MyST's directive"),
        ("> ```{note}\n> ```", "MyST's directive"),
        ("(here)=\n# A heading", "MyST's target"),
        (f"[Elman (1991)]({ELMAN})", "elman1990finding is written"),
        (f"[Ellman (1990)]({ELMAN})", "elman1990finding is written"),
        (f"[the paper]({ELMAN})", "elman1990finding is written"),
        (f"[Pascanu and Mikolov (2013)]({PASCANU})", "pascanu2013difficulty is written"),
        (f"as in [Elman, 1990]({ELMAN})", "stands in brackets"),
        ("[Elman (1990)](https://example.org/elman)", "no work in references.bib"),
        ("<details>\n<summary>Nudges</summary>\n\ntext\n\n</details>", "<details><summary>"),
        ("<details><summary>Nudges</summary>\ntext\n</details>", "<details><summary>"),
        ("<details><summary>Nudges</summary>\n\ntext", "<details><summary>"),
        ("> **A box**\n> text", "the title of a box stands alone"),
        ("> **A box**\n>\n> | a |\n> | --- |", "a table in a quote"),
        ("> so $a\n> = b$", "a formula is broken"),
    ],
)
def test_what_is_not_plain_is_found(text, complaint):
    assert any(complaint in fault for fault in faults(text)), faults(text)


def test_names_are_the_authors_of_the_work():
    def written(key):
        return plain.names(entries()[key])

    assert written("elman1990finding") == "Elman"
    assert written("williams1990efficient") == "Williams and Peng"
    assert written("pascanu2013difficulty") == "Pascanu et al."
    assert written("harris2020array") == "Harris et al."
    assert written("hochreiter1997long") == "Hochreiter and Schmidhuber"


def test_every_address_is_that_of_one_work():
    places = [plain.address(entry) for entry in entries().values() if plain.address(entry)]
    assert len(places) == len(set(places))


DRESSED = {
    f"See [Elman (1990)]({ELMAN}).": "See {cite:t}`elman1990finding`.",
    f"small ([Elman, 1990]({ELMAN})).": "small {cite:p}`elman1990finding`.",
    f"([Elman, 1990]({ELMAN}); [Pascanu et al., 2013]({PASCANU}))": (
        "{cite:p}`elman1990finding,pascanu2013difficulty`"
    ),
    "[GitHub (2020)](https://example.org)": "[GitHub (2020)](https://example.org)",
    f"```\n[Elman (1990)]({ELMAN})\n```": f"```\n[Elman (1990)]({ELMAN})\n```",
    "> **What we saw**\n>\n> Text,\n> more.\n\nAfter": (
        ":::{admonition} What we saw\n:class: note\nText,\nmore.\n:::\nAfter"
    ),
    "> **What we saw**\n\n| a |\n| --- |\n| 1 |\n\nAfter": (
        ":::{admonition} What we saw\n:class: note\n| a |\n| --- |\n| 1 |\n:::\nAfter"
    ),
    "> **What we saw**\n>\n> First.\n\n| a |\n| --- |": (
        ":::{admonition} What we saw\n:class: note\nFirst.\n\n| a |\n| --- |\n:::"
    ),
    "> **Nudges**\n>\n> - text": ":::{admonition} Nudges\n:class: tip\n- text\n:::",
    "> a quote\n> **with** bold": "> a quote\n> **with** bold",
    "<details><summary>Nudges</summary>\n\n1. text\n\n</details>\n\nAfter": (
        ":::{admonition} Nudges\n:class: dropdown tip\n1. text\n\n:::\n\nAfter"
    ),
    "<details><summary>The fix</summary>\n\n```python\n> **x**\n```\n\n</details>": (
        ":::{admonition} The fix\n:class: dropdown\n```python\n> **x**\n```\n\n:::"
    ),
}


@pytest.mark.parametrize("text", DRESSED)
def test_the_site_makes_citations_and_boxes(text):
    assert plain.dress(text, keys()) == DRESSED[text]


@pytest.mark.parametrize("text", DRESSED)
def test_lines_keep_their_numbers(text):
    """Warnings of the build name the line of the cell."""
    dressed = plain.dress(text, keys()).split("\n")
    lines = text.split("\n")
    assert len(dressed) - len(lines) in (0, 1), "one more for a box at the end"
    for number, line in enumerate(lines):
        word = re.search(r"Text|more|After|text", line)
        assert not word or word[0] in dressed[number]


def test_every_citation_of_a_chapter_becomes_one():
    for path in NOTEBOOKS:
        for text in texts(path):
            cited = sum(address in keys() for _, _, address in LINK.findall(without_code(text)))
            roles = re.findall(r"\{cite:[pt]\}`([^`]+)`", plain.dress(text, keys()))
            assert sum(role.count(",") + 1 for role in roles) == cited
