"""The index of the search: what every section says, written when the book is built.

Sphinx's own index knows pages, and quotes code and raw LaTeX. This one has an entry for each
section, term of the glossary and claim of the ledger: its address, its title, where it stands, a
weight, and its text without code, outputs and formulas that have no plain reading. search.js loads
it, with MiniSearch, when a reader opens the search. Without Node's parts the book has Sphinx's.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx

OURS = "rnncourse"  # the folder in _static
MINISEARCH = "minisearch/dist/umd/index.js"
NOT_READ = (
    nodes.section, addnodes.glossary, nodes.title, nodes.literal_block, nodes.math_block,
    nodes.raw, nodes.comment, nodes.image, nodes.rubric, nodes.system_message,
    addnodes.index, nodes.substitution_definition,
)  # fmt: skip
SKIPPED = {"cell", "rnn-claim", "sd-hide-link-text"}  # outputs; entries of their own; no text
# what a hit is worth: a chapter teaches, the others refer to it
WEIGHTS = {"notebooks/exercises/": 0.3, "notebooks/": 1.0, "book/claims": 0.2, "book/": 0.8}
WHOLE = 1.5  # a page, against a section of it
TERM = 0.4  # a term of the glossary
REPEATED = 0.5  # a heading such as "Summary", which many pages have

# ---- text ---------------------------------------------------------------------------------

SIGNS = {
    "cdot": "·", "odot": "⊙", "times": "×", "pm": "±", "partial": "∂", "approx": "≈", "le": "≤",
    "leq": "≤", "ge": "≥", "geq": "≥", "neq": "≠", "to": "→", "dots": "…", "ldots": "…",
    "sum": "Σ", "prod": "∏", "infty": "∞", "in": "∈", "top": "ᵀ", "quad": " ", "qquad": " ",
}  # fmt: skip
FUNCTIONS = {"tanh", "log", "ln", "exp", "max", "min"}
COMMAND = re.compile(r"\\([A-Za-z]+) ?|\\[,;:! ]")
CITED = re.compile(r"([a-z]+)(\d{4})\w*$")


def plain(formula: str) -> str:
    r"""A formula as one would type it, \sigma_{\max} as σ_max; "…" where that cannot be."""

    def spoken(command: re.Match) -> str:
        name = command[1]
        if name is None:  # a space
            return " "
        if name in FUNCTIONS:
            return f"{name} "
        if name in SIGNS:
            return SIGNS[name]
        case = "SMALL" if name.islower() else "CAPITAL"
        try:
            return unicodedata.lookup(f"GREEK {case} LETTER {name.upper()}")
        except KeyError:
            return command[0]

    formula = COMMAND.sub(spoken, re.sub(r"\\(text|mathrm|operatorname){(\w+)}", r"\2", formula))
    formula = re.sub(r"{(\w+) ?}", r"\1", formula)
    formula = re.sub(r"([_^]){([^{}]+)}", r"\1(\2)", formula)
    formula = re.sub(r"(\w) (?=[)_^])", r"\1", formula)
    return "…" if re.search(r"[\\{}&]", formula) else " ".join(formula.split())


def words(node: nodes.Node) -> Iterator[str]:
    """The text below a node, in pieces, without what is no prose and without its subsections."""
    for child in node.children:
        if isinstance(child, nodes.Text):
            yield child.astext()
        elif isinstance(child, NOT_READ) or SKIPPED & set(child["classes"]):
            continue
        elif isinstance(child, nodes.math):
            yield plain(child.astext())
        elif isinstance(child, addnodes.pending_xref) and child.get("refdomain") == "cite":
            found = CITED.match(child["reftarget"])
            yield f"{found[1].capitalize()} {found[2]}" if found else ""
        else:
            yield from words(child)
            if not isinstance(child, nodes.Inline):
                yield "\n"


def text_of(node: nodes.Node) -> str:
    return " ".join("".join(words(node)).split())


# ---- entries ------------------------------------------------------------------------------


def weight(docname: str) -> float:
    return next((w for start, w in WEIGHTS.items() if docname.startswith(start)), 1.0)


def entries(app: Sphinx, docname: str) -> Iterator[list]:
    """[address, title, where it stands, weight, text] of each section, term and claim of a page."""
    page = app.builder.get_target_uri(docname)
    doctree = app.env.get_doctree(docname)
    worth = weight(docname)
    for section in doctree.findall(nodes.section):
        above = []
        parent = section.parent
        while isinstance(parent, nodes.section):
            above.insert(0, text_of(parent[0]))
            parent = parent.parent
        address, share = (f"{page}#{section['ids'][0]}", 1) if above else (page, WHOLE)
        where = " › ".join(above)
        yield [address, text_of(section[0]), where, round(worth * share, 2), text_of(section)]
    for item in doctree.findall(nodes.definition_list_item):
        for term in item.findall(nodes.term):
            if term["ids"] and isinstance(item.parent.parent, addnodes.glossary):
                address = f"{page}#{term['ids'][0]}"
                yield [address, text_of(term), "Glossary", TERM, text_of(item[-1])]
    for claim in doctree.findall(nodes.container):
        if "rnn-claim" in claim["classes"]:
            said, *rest = (text_of(part) for part in claim.children)
            yield [f"{page}#{claim['names'][0]}", said, "Claims ledger", worth, " ".join(rest)]


def index(app: Sphinx) -> list[list]:
    """Every entry of the book that says something."""
    found = [entry for name in sorted(app.env.found_docs) for entry in entries(app, name)]
    titles = Counter(title for _, title, *_ in found)
    for entry in found:
        if titles[entry[1]] > 2:
            entry[3] *= REPEATED
    return [entry for entry in found if entry[4]]


# ---- Sphinx -------------------------------------------------------------------------------


def minisearch(app: Sphinx) -> Path | None:
    path = Path(app.srcdir) / "node_modules" / MINISEARCH
    return path if path.is_file() and app.builder.format == "html" else None


def add_search(app: Sphinx, pagename, templatename, context, doctree) -> None:
    context["rnncourse_search"] = bool(minisearch(app))
    if minisearch(app):
        app.add_js_file(f"{OURS}/search.js", loading_method="defer")


def write_index(app: Sphinx, error: Exception | None) -> None:
    script = minisearch(app)
    if error or not script:
        return
    folder = Path(app.outdir) / "_static" / OURS
    text = json.dumps(index(app), ensure_ascii=False, separators=(",", ":"))
    (folder / "sections.js").write_text(f"window.rnncourseSections={text};\n", encoding="utf-8")
    (folder / "minisearch.js").write_bytes(script.read_bytes())


def setup(app: Sphinx) -> dict:
    app.connect("html-page-context", add_search)  # before the scripts of a page are settled
    app.connect("build-finished", write_index)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
