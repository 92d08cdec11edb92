"""Links that nobody types: terms of the glossary, "chapter 5", and what an exercise page needs.

In a chapter's page the first mention of each term of the glossary is linked and carries its
definition, as a citation carries its reference: asides.js shows them on hover, focus or tap.
"chapter N" is a link wherever it stands.
An exercise page says how to run it, and the graded copies of quiz questions are folded there.
"""

from __future__ import annotations

import html
import re
from pathlib import Path

from docutils import nodes
from pybtex.backends.html import Backend
from sphinx import addnodes
from sphinx.application import Sphinx

from rnncourse.chapters import chapters

GLOSSARY = "book/glossary"
CHAPTER = re.compile(r"\b([Cc]hapter)[ \u00a0](\d+)\b")
PAGE = re.compile(r"notebooks/(exercises/)?(\d\d)_\w+$")
QUIETER = {"cell", "state", "step", "batch", "loss"}  # words that mean more than the term
NOT_PROSE = (
    nodes.title, nodes.reference, addnodes.pending_xref, nodes.literal, nodes.literal_block,
    nodes.math, nodes.math_block, nodes.table, nodes.raw, nodes.caption, nodes.image, nodes.rubric,
    addnodes.download_reference,
)  # fmt: skip


def definitions(app: Sphinx) -> dict[str, tuple[str, str]]:
    """Each term of the glossary: (the id of its entry, the text of its definition)."""
    found = {}
    for item in app.env.get_doctree(GLOSSARY).findall(nodes.definition_list_item):
        text = " ".join(item[-1].astext().split())
        for term in item.findall(nodes.term):
            name = term.astext().strip()
            if term["ids"] and not text.startswith("See ") and name.lower() not in QUIETER:
                found[name] = (term["ids"][0], text)
    return found


def prose(doctree: nodes.document) -> list[nodes.Text]:
    """The text of paragraphs, in order, without headings, links, code, formulas and tables."""

    def inside(node: nodes.Node) -> bool:
        while node is not None:
            if isinstance(node, NOT_PROSE) or "cell" in node.get("classes", []):
                return True
            node = node.parent
        return False

    texts = (text for part in doctree.findall(nodes.paragraph) for text in part.findall(nodes.Text))
    return [text for text in texts if not inside(text.parent)]


def replace(text: nodes.Text, found: re.Match, link: nodes.Node) -> nodes.Text:
    """Put a link in the place of a match; returns the text after it."""
    rest = nodes.Text(text[found.end() :])
    before = nodes.Text(text[: found.start()])
    parent = text.parent
    place = parent.index(text)
    parent[place : place + 1] = [before, link, rest]
    return rest


def link_chapters(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    ready = {chapter.number: chapter for chapter in chapters(Path(app.srcdir)) if chapter.ready}
    own = int(page[2]) if (page := PAGE.match(docname)) else -1
    for text in prose(doctree):
        start = 0
        while found := CHAPTER.search(text, start):
            chapter = ready.get(int(found[2]))
            if chapter is None or chapter.number == own:
                start = found.end()
                continue
            address = app.builder.get_relative_uri(docname, f"notebooks/{chapter.stem}")
            name = found[0].replace(" ", "\u00a0")
            link = nodes.reference("", name, refuri=address, internal=True)
            text = replace(text, found, link)
            start = 0


def link_terms(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    terms = definitions(app)
    glossary = app.builder.get_relative_uri(docname, GLOSSARY)
    for name, (entry, definition) in sorted(terms.items(), key=lambda item: -len(item[0])):
        word = re.compile(rf"(?<![\w-]){re.escape(name)}s?(?![\w-])", 0 if name.isupper() else re.I)
        for text in prose(doctree):
            if found := word.search(text):
                to = f"{glossary}#{entry}"
                link = with_aside("rnn-term", to, html.escape(found[0]), html.escape(definition))
                replace(text, found, link)
                break


def link_citations(app: Sphinx, doctree: nodes.document) -> None:
    """Let each citation carry its reference, as the list of references has it."""
    citations = app.env.get_domain("cite").citations
    references = {
        cited.citation_id: " ".join(cited.formatted_entry.text.render(Backend()).split())
        for cited in citations
    }
    for citation in doctree.findall(nodes.inline):
        if "bibtex-citation" not in citation["classes"]:
            continue
        for link in list(citation.findall(nodes.reference)):
            reference = references[link["refuri"].partition("#")[2]]
            names = "".join(
                f"<em>{html.escape(part.astext())}</em>"
                if isinstance(part, nodes.emphasis)
                else html.escape(part.astext())
                for part in link
            )
            link.replace_self(with_aside("rnn-cited", link["refuri"], names, reference))


def with_aside(kind: str, to: str, shown: str, aside: str) -> nodes.raw:
    """A link with what asides.js shows beside it; both texts are HTML."""
    link = f'<a class="{kind}" href="{html.escape(to)}" data-aside="{html.escape(aside)}">'
    return nodes.raw("", f"{link}{shown}</a>", format="html")


HOW = (
    "To do these exercises, open `{path}` in JupyterLab, or download this page's notebook with the "
    "button above. Every `check(…)` says what is right and, for many mistakes, which idea went "
    "wrong. In a terminal, `rnncourse check {path}` gives your points so far."
)


def explain_exercises(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """How to run it, under the title; and the copies of quiz questions, folded."""
    title = next(doctree.findall(nodes.title))
    pieces = re.split(r"`([^`]+)`", HOW.format(path=f"{docname}.ipynb"))
    line = nodes.paragraph(classes=["rnn-how"])
    for place, piece in enumerate(pieces):
        line += nodes.literal("", piece) if place % 2 else nodes.Text(piece)
    title.parent.insert(title.parent.index(title) + 1, line)
    for section in doctree.findall(nodes.section):
        heading = section[0].astext()
        if re.search(r"\bquiz\b", heading, re.I) and section.parent is not doctree:
            summary = "The quiz of the chapter once more, to be graded"
            opened = f'<details class="rnn-copies"><summary>{summary}</summary>'
            section.insert(1, nodes.raw("", opened, format="html"))
            section.append(nodes.raw("", "</details>", format="html"))


def add_links(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    if app.builder.format != "html" or GLOSSARY not in app.env.found_docs:
        return
    page = PAGE.match(docname)
    link_citations(app, doctree)
    if page and page[1]:
        explain_exercises(app, doctree, docname)
    elif page:
        link_terms(app, doctree, docname)
    if page or docname.startswith("book/"):
        link_chapters(app, doctree, docname)


def setup(app: Sphinx) -> dict:
    app.connect("doctree-resolved", add_links, priority=700)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
