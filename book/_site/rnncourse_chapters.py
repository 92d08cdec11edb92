"""What the pages say of the chapters, made from book/chapters.yml when the book is built.

Two directives, `chapter-table` (the syllabus) and `chapter-cards` (the welcome page), write
Markdown; the sums are substitutions: {{ chapters_ready }} of {{ chapters_all }}.
"""

from __future__ import annotations

from pathlib import Path

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.util.docutils import SphinxDirective

from rnncourse.chapters import FACTS, Chapter, chapters, hours, parts

BEFORE_ALL = "Python, NumPy"  # what the first chapter needs


def table(every: list[Chapter]) -> str:
    """The table of the syllabus. A planned chapter has no page to link to."""
    head = ("#", "Chapter", "Afterwards you can", "Needs", "Read", "Do")
    rows = [head, ("---",) * len(head)]
    for chapter in every:
        link = f"[{chapter.title}](/notebooks/{chapter.stem}.ipynb)"
        title = link if chapter.ready else f"{chapter.title}, *coming*"
        needs = ", ".join(map(str, chapter.needs)) or BEFORE_ALL
        minutes = [long(chapter.read), long(chapter.do)]
        rows.append((str(chapter.number), title, chapter.can, needs, *minutes))
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def long(minutes: int) -> str:
    return f"{minutes} min" if minutes < 180 else f"{hours(minutes)} h"


CARD = """\
::::{{grid-item-card}} {number} · {title}
{options}

{promise}
:::{{card-footer}}
{footer}
:::
::::
"""


def cards(every: list[Chapter]) -> str:
    """A card for each chapter, a link if the chapter is ready."""
    return "\n".join(map(card, every)).join([":::::{grid} 1 2 2 2\n:gutter: 3\n\n", ":::::"])


def card(chapter: Chapter) -> str:
    whole, rest = divmod(chapter.read + chapter.do, 60)
    footer, options = "coming", ":class-card: rnn-card rnn-coming"
    if chapter.ready:
        footer = f"{whole} h {rest:02d}" if rest else f"{whole} h"
        link = f":link: /notebooks/{chapter.stem}\n:link-type: doc\n"
        options = f"{link}:class-card: rnn-card"
    facts = {"number": chapter.number, "title": chapter.title, "promise": chapter.promise}
    return CARD.format(**facts, options=options, footer=footer)


def sums(root: Path) -> dict[str, str]:
    """The figures that a sentence of a page may give."""
    every = chapters(root)
    read = sum(chapter.read for chapter in every if chapter.ready)
    do = sum(chapter.do for chapter in every if chapter.ready)
    figures = {
        "chapters_all": len(every),
        "chapters_ready": sum(chapter.ready for chapter in every),
        "parts_all": sum(bool(part.chapters) for part in parts(root)),
        "hours_read": hours(read),
        "hours_do": hours(do),
        "hours_all": hours(read + do),
    }
    return {name: str(figure) for name, figure in figures.items()}


class FromFacts(SphinxDirective):
    """Markdown that is made from the facts, read as if it stood in the page."""

    def run(self) -> list[nodes.Node]:
        root = Path(self.env.srcdir)
        self.env.note_dependency(str(root / FACTS))
        text = {"chapter-table": table, "chapter-cards": cards}[self.name](chapters(root))
        container = nodes.Element()
        self.state.nested_parse(StringList(text.splitlines(), FACTS), 0, container)
        return container.children


def substitute(app: Sphinx, config: Config) -> None:
    config.myst_substitutions = {**config.myst_substitutions, **sums(Path(app.srcdir))}


def setup(app: Sphinx) -> dict:
    app.add_directive("chapter-table", FromFacts)
    app.add_directive("chapter-cards", FromFacts)
    app.connect("config-inited", substitute)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
