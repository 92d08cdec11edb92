"""Begin a chapter: `rnncourse new 16 my_topic` writes one that runs and passes every test.

Its four files come from templates/, with the chapter's own number, title and minutes in them;
what they say is about a leaky sum, and waits to be replaced.
"""

from __future__ import annotations

import importlib
import re
from pathlib import Path

from rnncourse import chapters, notebooks
from rnncourse.chapters import FACTS, Chapter
from rnncourse.exercises import build
from rnncourse.notebooks import NotebookError

ENTRY = """\
      - number: {number}
        slug: {slug}
        title: {title}
        read: 40
        do: 30
        needs: [{needs}]
        can: "write a leaky sum; say how fast it forgets"
        promise: "What this chapter holds, in one line."
        status: ready
"""


def new(root: Path, number: int, slug: str) -> list[Path]:
    """Write a chapter's files, enter it, run it and store it; returns the files made.

    Raises NotebookError, and leaves everything as it was, where a name is bad, a file of this
    chapter exists already, or a notebook does not run.
    """
    refuse_what_cannot_be(root, number, slug)
    entered = [root / FACTS, root / "_toc.yml"]
    before = {path: path.read_bytes() for path in entered}
    made: list[Path] = []
    try:
        facts = enter(before[root / FACTS].decode("utf-8"), number, slug)
        (root / FACTS).write_text(facts, encoding="utf-8", newline="\n")
        every = chapters.chapters(root)
        chapter = next(chapter for chapter in every if chapter.number == number)
        for template, path in places(root, chapter).items():
            made.append(path)
            text = fill(root / "templates" / template, chapter, every)
            path.write_text(text, encoding="utf-8", newline="\n")
        chapters.write_toc(root)
        importlib.invalidate_caches()  # the new bank is a module
        for path in made[:2]:
            build.run(path)
        return made + build.build(root)
    except BaseException:
        for path in made:
            path.unlink(missing_ok=True)
        for path, content in before.items():
            path.write_bytes(content)
        raise


def places(root: Path, chapter: Chapter) -> dict[str, Path]:
    """Where each template goes; the notebooks first."""
    return {
        "chapter.ipynb": root / f"notebooks/{chapter.stem}.ipynb",
        "solution.ipynb": root / f"notebooks/solutions/{chapter.stem}.ipynb",
        "bank.py": root / f"rnncourse/bank/ch{chapter.stem}.py",
        "quiz.json": root / f"rnncourse/quizzes/{chapter.number:02d}.json",
    }


def refuse_what_cannot_be(root: Path, number: int, slug: str) -> None:
    if not 0 <= number <= 99:
        raise NotebookError(f"{number} is no chapter: numbers go from 0 to 99")
    if not re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", slug):
        raise NotebookError(
            f"{slug!r} is no name of files: use small letters, digits and single underscores, "
            "as in deep_and_bidirectional"
        )
    patterns = ("notebooks/**/{}_*.ipynb", "rnncourse/bank/ch{}_*.py", "rnncourse/quizzes/{}.json")
    for pattern in patterns:
        for path in sorted(root.glob(pattern.format(f"{number:02d}"))):
            there = path.relative_to(root).as_posix()
            raise NotebookError(f"chapter {number} is begun: {there} exists. Nothing was written.")
    package = Path(__file__).resolve().parents[1]
    if root.resolve() != package:
        raise NotebookError(
            f"Python takes rnncourse from {package}, so a chapter in {root} would not run. "
            "Install this copy first: python -m pip install -e ."
        )


# --- the facts -----------------------------------------------------------------------------


def enter(facts: str, number: int, slug: str) -> str:
    """The text of book/chapters.yml with this chapter in it, as ready; comments stay."""
    blocks = list(re.finditer(r"^ {6}- number: (\d+)\n(?: {8}.*\n)*", facts, re.MULTILINE))
    for block in blocks:
        if int(block[1]) == number:
            entry = re.sub(r"(?m)^( {8}slug:).*", rf"\1 {slug}", block[0])
            entry = re.sub(r"(?m)^( {8}status:).*", r"\1 ready", entry)
            return facts[: block.start()] + entry + facts[block.end() :]
    earlier = [block for block in blocks if int(block[1]) < number]
    ready = [block[1] for block in earlier if "status: ready" in block[0]]
    title = slug.replace("_", " ").capitalize()
    entry = ENTRY.format(number=number, slug=slug, title=title, needs=", ".join(ready[-1:]))
    end = earlier[-1].end()
    return facts[:end] + entry + facts[end:]


# --- the templates -------------------------------------------------------------------------


def fill(template: Path, chapter: Chapter, every: list[Chapter]) -> str:
    """The text of a template, made that of a chapter: its number, its facts, its questions."""
    needs = [other for other in every if other.number in chapter.needs]
    text = template.read_text(encoding="utf-8")
    for name in question_names(template.parent):
        text = re.sub(rf"\b{name}\b", f"{name}_{chapter.number}", text)
    for said, meant in {
        r"\b77_template\b": chapter.stem,
        r"\bquiz_77_": f"quiz_{chapter.number:02d}_",
        r"\b77\b": str(chapter.number),
        r"(?i)\btitle of the chapter\b": chapter.title,
        r"\[chapter 2\]\(02_hidden_state\.ipynb\)": ", ".join(map(mention, needs)) or "nothing",
        r"40 minutes, the exercises 30\b": f"{chapter.read} minutes, the exercises {chapter.do}",
        r"\bAbout 30 minutes\b": f"About {chapter.do} minutes",
    }.items():
        text = re.sub(said, meant, text)
    return text


def mention(chapter: Chapter) -> str:
    name = f"chapter {chapter.number}"
    return f"[{name}]({chapter.stem}.ipynb)" if chapter.ready else name


def question_names(templates: Path) -> list[str]:
    """The questions of the templates: each chapter needs names of its own for them."""
    cells = notebooks.read(templates / "solution.ipynb").cells
    checked = [name for cell in cells for name in build.checks(cell)]
    by_hand = [build.manual(cell) for cell in cells if build.manual(cell)]
    return [name for name in checked + by_hand if not name.startswith("quiz_")]
