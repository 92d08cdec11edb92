"""The facts of every chapter, as book/chapters.yml has them, and what follows from them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import yaml

from rnncourse.notebooks import NotebookError

FACTS = "book/chapters.yml"


@dataclass(frozen=True)
class Chapter:
    """One chapter; book/chapters.yml says what each fact means."""

    number: int
    slug: str
    title: str
    read: int
    do: int
    needs: list[int]
    can: str
    promise: str
    status: str

    @property
    def stem(self) -> str:
        """What the chapter's files are called: 08_topologies."""
        return f"{self.number:02d}_{self.slug}"

    @property
    def ready(self) -> bool:
        return self.status == "ready"


@dataclass(frozen=True)
class Part:
    """A part of the course: pages first, then chapters."""

    caption: str
    pages: list[str]
    chapters: list[Chapter]


def parts(root: Path) -> list[Part]:
    """The parts of the course, planned chapters included.

    Raises NotebookError where the file is no YAML, or a chapter lacks a fact or has one too many.
    """
    try:
        content = yaml.safe_load((root / FACTS).read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        raise NotebookError(f"{FACTS} is no YAML: {error}") from None
    return [
        Part(part["caption"], part.get("pages", []), list(map(_chapter, part.get("chapters", []))))
        for part in content["parts"]
    ]


def _chapter(facts: dict) -> Chapter:
    try:
        return Chapter(**facts)
    except TypeError as error:  # a fact too many, or one that is missing
        said = str(error).partition(") ")[2]
        raise NotebookError(f"{FACTS}, chapter {facts.get('number')}: {said}") from None


def chapters(root: Path) -> list[Chapter]:
    """Every chapter, planned ones included, in the order of the course."""
    return [chapter for part in parts(root) for chapter in part.chapters]


def toc(root: Path) -> str:
    """The text of _toc.yml: the pages, and each chapter that is ready with its exercises."""
    lines = ["format: jb-book", "root: book/welcome", "parts:"]
    for part in parts(root):
        ready = [chapter for chapter in part.chapters if chapter.ready]
        if not part.pages and not ready:
            continue
        lines += [f"  - caption: {part.caption}", "    chapters:"]
        lines += [f"      - file: {page}" for page in part.pages]
        for chapter in ready:
            lines += [
                f"      - file: notebooks/{chapter.stem}",
                "        sections:",
                f"          - file: notebooks/exercises/{chapter.stem}",
                f"            title: Exercises {chapter.number}",
            ]
    return "\n".join(lines) + "\n"


def write_toc(root: Path) -> None:
    (root / "_toc.yml").write_text(toc(root), encoding="utf-8", newline="\n")


def hours(minutes: int) -> str:
    """In halves, as a sentence gives them: 390 minutes are "6½"."""
    whole, half = divmod(round(minutes / 30), 2)
    return f"{whole or ''}{'½' * half}" or "0"
