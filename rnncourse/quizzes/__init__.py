"""Quizzes: a chapter's questions, three to warm up, and predictions.

A chapter's questions live in ``NN.json`` beside this module (CONTRIBUTING says how to write
them). Options keep their order, so that "A" to "D" can be answered in the exercises, too. A
question may say in "see" where it is answered: "PAGE#HEADING", a notebook's name and a heading.
"""

from __future__ import annotations

import json
import re
import unicodedata
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from rnncourse.quizzes.text import as_html, plain

if TYPE_CHECKING:
    from rnncourse.figures.quiz import Quiz

LETTERS = "ABCD"  # the names of the four options
WARM_UP_DISTANCES = (1, 3, 6)  # a little later, later, much later: spaced retrieval

__all__ = ["chapters", "load", "plain", "predict", "quiz", "warm_up"]


def quiz(chapter: int) -> Quiz:
    """The quiz of a chapter."""
    title = f"Quiz of chapter {chapter}"
    return _figure(load(chapter)["quiz"], title, keep=f"quiz-{chapter:02d}")


def warm_up(chapter: int) -> Quiz:
    """Three questions from earlier chapters: n-1, n-3 and n-6 as far as they exist."""
    questions = [question for _, question in warm_up_questions(chapter)]
    return _figure(questions, f"Warm-up of chapter {chapter}", keep=f"warm-up-{chapter:02d}")


def predict(chapter: int, slug: str) -> Quiz:
    """Ask for a prediction. The page hides the next cell's output (tag `predicted`) till then."""
    predictions = load(chapter)["predictions"]
    if slug not in predictions:
        raise KeyError(f"chapter {chapter} has no prediction {slug!r}, only {list(predictions)}")
    return _figure([predictions[slug]], "Predict before you run")


def _figure(questions: list[dict], title: str, keep: str = "") -> Quiz:
    from rnncourse.figures.quiz import Quiz  # the bank needs the questions, and no widgets

    return Quiz(title=title, questions=[_drawn(question) for question in questions], keep=keep)


def _drawn(question: dict) -> dict:
    """A question of a quiz file as its figure wants it."""
    answers = question["answers"]
    return {
        "text": as_html(question["question"]),
        "options": [as_html(option["answer"]) for option in answers],
        "feedback": [as_html(option["feedback"]) for option in answers],
        "right": [option["correct"] for option in answers].index(True),
        **({"code": question["code"]} if "code" in question else {}),
        **({"see": _seen(question["see"])} if "see" in question else {}),
    }


def _seen(place: str) -> dict:
    """Where a question is answered, "04_…#6 · Cutting it short", as its figure wants it."""
    page, _, section = place.partition("#")
    return {"page": page, "chapter": int(page[:2]), "section": section, "anchor": anchor(section)}


def anchor(heading: str) -> str:
    """What the book calls the place of a heading in an address.

    >>> anchor("6 · Cutting it short")
    'cutting-it-short'
    """
    text = unicodedata.normalize("NFKD", heading.lower()).encode("ascii", "ignore").decode()
    return re.sub(r"^[^a-z]+|-+$", "", re.sub(r"[^a-z0-9]+", "-", text))


def chapters() -> list[int]:
    """The numbers of the chapters that have a quiz."""
    names = (path.name for path in files(__name__).iterdir())
    return sorted(int(name[:2]) for name in names if re.fullmatch(r"\d\d\.json", name))


@cache
def load(chapter: int) -> dict:
    """The quiz file of a chapter: {"quiz": [...], "predictions": {slug: question}}."""
    path = files(__name__) / f"{chapter:02d}.json"
    if not path.is_file():
        raise FileNotFoundError(f"chapter {chapter} has no quiz, only {chapters()} have one")
    content = json.loads(path.read_text(encoding="utf-8"))
    return {"quiz": content["quiz"], "predictions": content.get("predictions", {})}


def warm_up_questions(chapter: int) -> list[tuple[int, dict]]:
    """Three (chapter, question) pairs of earlier chapters, always the same ones.

    Chapters n-1, n-3 and n-6 give one each; where one does not exist, the other earlier
    chapters fill in, latest first. With fewer than three chapters one gives several.
    """
    earlier = [number for number in chapters() if number < chapter]
    if not earlier:
        raise ValueError(f"no chapter before {chapter} has a quiz to warm up with")
    preferred = [chapter - distance for distance in WARM_UP_DISTANCES]
    order = [number for number in preferred if number in earlier]
    order += [number for number in reversed(earlier) if number not in order]
    chosen, used = [], {}
    for turn in range(3):
        number = order[turn % len(order)]
        pool = load(number)["quiz"]
        # a chapter is drawn from several times in the course: each time another question
        distance = chapter - number
        start = WARM_UP_DISTANCES.index(distance) if number in preferred else 3
        index = (start + used.get(number, 0)) % len(pool)
        used[number] = used.get(number, 0) + 1
        chosen.append((number, pool[index]))
    return chosen
