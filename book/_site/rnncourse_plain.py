"""What stands in a notebook as plain Markdown, dressed for the book.

A notebook must read well wherever it is opened, so its text holds no role and no directive:

    [Elman (1990)](https://doi.org/…)      a link to a cited work → its entry in the references
    ([Elman, 1990](https://doi.org/…))     the same, in brackets
    > **A title alone**                    a quotation with a title → a box
    <details><summary>A title</summary>    → a box that opens

A work is recognised by its address in references.bib: its doi, its url, or its number at arXiv.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

from pybtex.database import Entry, parse_file
from sphinx.application import Sphinx

NO_ADDRESS = "../book/references.md"  # where links to works lead that have none
LINK = re.compile(r"\[([^\]\[]+)\]\(([^()\s]+)\)")
BRACKETS = re.compile(rf"\({LINK.pattern}\)")
BOX = re.compile(r"^> \*\*([^\n]+)\*\*\n((?:>[^\n]*(?:\n|\Z))*)", re.MULTILINE)
FOLDED = re.compile(
    r"^<details><summary>([^\n]+)</summary>\n(.*?)^</details>$", re.MULTILINE | re.DOTALL
)


def address(key: str, entry: Entry) -> str:
    """Where a link to a cited work leads."""
    fields = entry.fields
    if "doi" in fields:
        return f"https://doi.org/{fields['doi']}"
    if "url" in fields:
        return fields["url"]
    if "eprint" in fields:
        return f"https://arxiv.org/abs/{fields['eprint']}"
    return f"{NO_ADDRESS}#{key}"


def authors(entry: Entry) -> str:
    """The authors as a text names them: Elman; Hochreiter and Schmidhuber; Gers et al."""
    names = [" ".join([*p.prelast_names, *p.last_names]) for p in entry.persons["author"]]
    names = [re.sub(r"[{}]", "", name) for name in names]
    return f"{names[0]} et al." if len(names) > 2 else " and ".join(names)


def works(references: Path) -> dict[str, str]:
    """The key of each work in references.bib by its address."""
    entries = parse_file(str(references)).entries
    return {address(key, entry): key for key, entry in entries.items()}


def dress(markdown: str, keys: dict[str, str]) -> str:
    """The text of a cell with its citations and boxes as MyST knows them."""

    def cite(role):
        def role_for(found):
            key = keys.get(found[2])
            return f"{{cite:{role}}}`{key}`" if key else found[0]

        return role_for

    def box(found):
        inside = re.sub(r"^> ?", "", found[2], flags=re.MULTILINE).strip()
        return directive(found[1], "note", inside)

    def folded(found):
        kind = "dropdown tip" if "nudge" in found[1].lower() else "dropdown"
        return directive(found[1], kind, found[2].strip())

    markdown = LINK.sub(cite("t"), BRACKETS.sub(cite("p"), markdown))
    return FOLDED.sub(folded, BOX.sub(box, markdown))


def directive(title: str, kind: str, inside: str) -> str:
    return f":::{{admonition}} {title}\n:class: {kind}\n{inside}\n:::\n"


def dress_notebook(app: Sphinx, docname: str, source: list[str]) -> None:
    if Path(app.env.doc2path(docname)).suffix != ".ipynb":
        return
    notebook = json.loads(source[0])
    for cell in notebook["cells"]:
        if cell["cell_type"] == "markdown":
            cell["source"] = dress("".join(cell["source"]), app.rnncourse_works)
    source[0] = json.dumps(notebook)


def read_works(app: Sphinx) -> None:
    app.rnncourse_works = works(Path(app.srcdir) / "book" / "references.bib")


def setup(app: Sphinx) -> dict:
    app.connect("builder-inited", read_works)
    app.connect("source-read", dress_notebook)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
