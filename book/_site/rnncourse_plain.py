"""The plain Markdown of notebooks, which every renderer shows well, dressed up for the site.

A notebook's text holds no role and no directive. Line for line, before the page is read:

    [Elman (1990)](https://doi.org/…)        a citation in the sentence, by the address of
    ([Elman, 1990](https://doi.org/…))       the work in references.bib; or in brackets, where
                                             several stand with semicolons between them
    > **Title**                              a box; a table that belongs to it may follow the
    >                                        quote, since in a quote not everyone shows tables
    > text
    <details><summary>Title</summary>        a box that is folded
    …
    </details>
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

from pybtex.database import Entry, parse_file
from pybtex.richtext import Text
from sphinx.application import Sphinx

SENTENCE = re.compile(r"\[[^][]+ \(\d{4}\)\]\(([^()\s]+)\)")
BRACKETED = r"\[[^][]+, \d{4}\]\(([^()\s]+)\)"
BRACKETS = re.compile(rf"\({BRACKETED}(?:; {BRACKETED})*\)")
BOX = re.compile(r">\s*\*\*([^*]+)\*\*\s*$")
FOLDED = re.compile(r"<details><summary>(.+)</summary>\s*$")
FENCE = re.compile(r"\s*(`{3,}|~{3,})")


def address(entry: Entry) -> str | None:
    """Where a work is to be found: its DOI, its own address, or its preprint."""
    fields = entry.fields
    if "doi" in fields:
        doi = fields["doi"].replace("(", "%28").replace(")", "%29")  # which would end a link
        return f"https://doi.org/{doi}"
    if "url" in fields:
        return fields["url"]
    return f"https://arxiv.org/abs/{fields['eprint']}" if "eprint" in fields else None


def names(entry: Entry) -> str:
    """The authors as a citation names them: one, two, or the first and others."""
    authors = entry.persons["author"]
    last = [
        str(Text(" ").join(person.rich_prelast_names + person.rich_last_names))
        for person in authors[:2]
    ]
    return f"{last[0]} et al." if len(authors) > 2 else " and ".join(last)


def works(references: Path) -> dict[str, str]:
    """The key of each work that has an address, by that address."""
    entries = parse_file(str(references)).entries
    return {address(entry): key for key, entry in entries.items() if address(entry)}


def cite(line: str, keys: dict[str, str]) -> str:
    """A line with its links to works of the bibliography made citations."""

    def cited(link: re.Match) -> str:
        found = [keys.get(place) for place in re.findall(r"\]\(([^()\s]+)\)", link[0])]
        role = "cite:t" if link.re is SENTENCE else "cite:p"
        return f"{{{role}}}`{','.join(found)}`" if all(found) else link[0]

    return SENTENCE.sub(cited, BRACKETS.sub(cited, line))


def kind(title: str) -> str:
    """The class of the box with a title."""
    return "tip" if "nudge" in title.lower() else "note"


def dress(text: str, keys: dict[str, str]) -> str:
    """The text of a cell in MyST: as many lines, or one more for a box at the very end."""
    return "\n".join(boxes([*outside_code(text.split("\n"), keys), None]))


def outside_code(lines: list[str], keys: dict[str, str]) -> Iterator[str]:
    fence = None
    for line in lines:
        mark = FENCE.match(line.removeprefix(">"))
        if mark and (fence is None or mark[1].startswith(fence)):
            fence = None if fence else mark[1]
        yield line if fence or mark else cite(line, keys)


def boxes(lines: list[str | None]) -> Iterator[str]:
    """The lines with quotes that bear a title, and folded text, made admonitions."""
    place = 0
    while (line := lines[place]) is not None:
        place += 1
        if folded := FOLDED.match(line):
            yield f":::{{admonition}} {folded[1]}"
            classes = "dropdown tip" if kind(folded[1]) == "tip" else "dropdown"
            yield f":class: {classes}"
            place += lines[place] == ""
        elif line.strip() == "</details>":
            yield ":::"
        elif box := BOX.match(line):
            yield f":::{{admonition}} {box[1]}"
            yield f":class: {kind(box[1])}"
            within = 0
            while (line := lines[place]) is not None and line.startswith(">"):
                text = line[1:].removeprefix(" ")
                place += 1
                if within or text.strip():  # the empty line after the title gave way to the class
                    yield text
                within += 1
            after = lines[place + 1] if line == "" else None
            if after and after.startswith("|"):
                place += 1
                if within > 1:
                    yield ""
                while (line := lines[place]) is not None and line.startswith("|"):
                    yield line
                    place += 1
            yield ":::"
            place += lines[place] == ""
        else:
            yield line
            if fence := FENCE.match(line):
                while (line := lines[place]) is not None:
                    yield line
                    place += 1
                    if line.strip().startswith(fence[1]):
                        break


def dress_notebook(app: Sphinx, docname: str, source: list[str]) -> None:
    if not app.env.doc2path(docname).endswith(".ipynb"):
        return
    keys = app.env.rnncourse_works
    notebook = json.loads(source[0])
    for cell in notebook["cells"]:
        if cell["cell_type"] == "markdown":
            cell["source"] = dress("".join(cell["source"]), keys)
    source[0] = json.dumps(notebook, ensure_ascii=False)


def read_works(app: Sphinx, *_) -> None:
    app.env.rnncourse_works = works(Path(app.srcdir, "book/references.bib"))


def setup(app: Sphinx) -> dict:
    app.connect("env-before-read-docs", read_works)
    app.connect("source-read", dress_notebook)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
