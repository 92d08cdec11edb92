"""The ledger's tables and measured figures, taken from stored outputs when the book is built.

The directive `claims` writes the rows of one part of book/claims.yml as cards; the role `measured`
one figure of benchmarks/results: {measured}`grading.md > PyTorch, 4 questions > 3` or, rounded,
`… > 3 as .0f`; the role `count` counts files.
"""

from __future__ import annotations

import re
from pathlib import Path

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective, SphinxRole

from rnncourse import claims

MARKS = re.compile(r"[*`]")  # of Markdown


def experiment(claim: claims.Claim, root: Path) -> str:
    """Where the claim was tested, with a link to the chapter if there is one."""
    if claim.chapter is None:
        return claim.experiment
    path = claims.notebook_of(claim, root)
    chapter = f"chapter {claim.chapter}"
    link = f"[{chapter}](/notebooks/{path.name})" if path else chapter
    return f"{link}: {claim.experiment}"


def verdict(claim: claims.Claim) -> str:
    """holds, in-part, does-not-hold or open."""
    said = claims.VERDICT.search(claim.result)[1].partition(",")[0]
    return said.lower().replace(" ", "-")


class Claims(SphinxDirective):
    """The rows of one part of the ledger, a card each, with the address claim-ID."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        root = Path(self.env.srcdir)
        self.env.note_dependency(str(root / claims.LEDGER))
        try:
            return [self.card(claim, root) for claim in claims.ledger(root)[self.arguments[0]]]
        except (claims.ClaimError, KeyError) as error:
            raise self.error(str(error)) from None

    def card(self, claim: claims.Claim, root: Path) -> nodes.Node:
        if source := claims.source_of(claim, root):
            self.env.note_dependency(str(source))
        texts = {
            "claimed": claim.claim,
            "told": f"*Usually told in* {claim.told}. *Tested:* {experiment(claim, root)}.",
            "result": claims.result_of(claim, root),
        }
        chapter = "" if claim.chapter is None else f"rnn-chapter-{claim.chapter}"
        card = nodes.container(classes=["rnn-claim", f"rnn-{verdict(claim)}", chapter])
        for name, text in texts.items():
            part = nodes.container(classes=[f"rnn-{name}"])
            self.state.nested_parse(StringList(text.splitlines(), claims.LEDGER), 0, part)
            card += part
        card["names"].append(claim.tag)
        self.state.document.note_explicit_target(card)
        return card


def link_to_the_ledger(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Under a cell that decides a claim, the claim, as a link to what the ledger makes of it."""
    cells = [(cell, name.removeprefix("tag_")) for cell in doctree.findall(nodes.container)
             for name in cell["classes"] if name.startswith("tag_claim-")]  # fmt: skip
    if not cells or app.builder.format != "html":
        return
    ledger = app.builder.get_relative_uri(docname, "book/claims")
    parts = claims.ledger(Path(app.srcdir)).values()
    told = {claim.tag: claim.claim for part in parts for claim in part}
    for cell, tag in cells:
        link = nodes.reference("", "Decides a claim: ", refuri=f"{ledger}#{tag}", internal=True)
        for place, piece in enumerate(MARKS.sub("", told.get(tag, tag)).rstrip(".").split("$")):
            link += nodes.math("", piece) if place % 2 else nodes.Text(piece)
        cell += nodes.paragraph("", "", link, classes=["rnn-decides"])


class Stored(SphinxRole):
    """Text that is taken from files."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        try:
            return [nodes.Text(self.take())], []
        except LookupError as error:
            return [], [self.inliner.reporter.error(f"{self.text}: {error}", line=self.lineno)]

    def files(self, pattern: str) -> list[Path]:
        found = sorted(Path(self.env.srcdir).glob(pattern))
        if not found:
            raise LookupError(f"there is no file {pattern}")
        for file in found:
            self.env.note_dependency(str(file))
        return found


class Measured(Stored):
    """One figure of a stored result, or its sum over several (simulated_class_*.md)."""

    def take(self) -> str:
        path, _, spec = self.text.partition(" as ")
        name, _, steps = path.partition(" > ")
        texts = [file.read_text("utf-8") for file in self.files(f"{claims.RESULTS}/{name}")]
        first, *others = [claims.take(text, steps) for text in texts]
        return f"{sum(others, first):{spec}}"


class Count(Stored):
    """How many files a pattern finds."""

    def take(self) -> str:
        return str(len(self.files(self.text)))


def setup(app: Sphinx) -> dict:
    app.add_directive("claims", Claims)
    app.connect("doctree-resolved", link_to_the_ledger)
    app.add_role("measured", Measured())
    app.add_role("count", Count())
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
