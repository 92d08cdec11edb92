"""Questions to answer: one at a time, a reason for every option, a score that the browser keeps."""

from __future__ import annotations

import html

import traitlets

from rnncourse.figures.base import Figure


class Quiz(Figure):
    """State: the questions, and under which name the browser keeps the answers (or nowhere).

    A question is a dict: "text", "options" and "feedback" (HTML, one for each option), "right"
    (the number of the right option, from 0) and, where it has them, "code" (plain text) and "see",
    where it is answered: "page", "chapter", "section" and "anchor". With "see" the score is told by
    chapter, too.
    """

    name = "quiz"
    title = traitlets.Unicode().tag(sync=True)
    questions = traitlets.List().tag(sync=True)
    keep = traitlets.Unicode().tag(sync=True)  # empty: nothing is kept and there is no score

    def describe(self) -> str:
        count = len(self.questions)
        return (
            f"{self.title}: {count} question{'s' * (count != 1)} with four options each. Run this "
            "cell in Jupyter to answer, and to read why an option is right or wrong."
        )

    def fallback(self) -> str:
        texts = [_as_text(question) for question in self.questions]
        return texts[0] if len(texts) == 1 else f"<ol><li>{'</li><li>'.join(texts)}</li></ol>"


def _as_text(question: dict) -> str:
    """A question and its options for readers without JavaScript; what is right is not told."""
    code = f"<pre>{html.escape(question['code'])}</pre>" if "code" in question else ""
    options = (
        f"<li><b>{letter}</b> {option}</li>"
        for letter, option in zip("ABCD", question["options"], strict=True)
    )
    return f"<p>{question['text']}</p>{code}<ul>{''.join(options)}</ul>"
