"""How a quiz looks: jupyterquiz with stable output, readable colours and keyboard focus."""

from __future__ import annotations

import random
import re
from importlib.resources import files

from rnncourse.quizzes import LETTERS

# contrast of each pair is at least 4.5:1 (a test computes it)
COLOURS = {
    "--jq-multiple-choice-bg": "#1d4068",
    "--jq-text-color": "#ffffff",
    "--jq-link-color": "#cfe3ff",
    "--jq-mc-button-bg": "#ffffff",
    "--jq-mc-button-border": "#767676",
    "--jq-mc-button-inset-shadow": "#444444",
    "--jq-correct-color": "#14602f",
    "--jq-incorrect-color": "#9c1c1c",
}


def show(questions: list[dict], name: str, title: str) -> None:
    """Display the questions as one quiz whose element ids depend on name only."""
    from IPython import get_ipython
    from IPython.display import Javascript, display
    from IPython.utils.capture import capture_output
    from jupyterquiz import display_quiz

    count = f"{len(questions)} question" + "s" * (len(questions) != 1)
    if get_ipython() is None:
        print(f"{title}: {count}. Run this in a notebook to answer them.")
        return
    state = random.getstate()
    random.seed(name)  # jupyterquiz draws its element ids from `random`
    try:
        with capture_output() as captured:
            display_quiz(_lettered(questions), shuffle_answers=False, colors=COLOURS)
    finally:
        random.setstate(state)
    html, script = captured.outputs
    element = re.search(r'<div id="(\w+)"', html.data["text/html"])[1]
    page = files("rnncourse.quizzes")
    style = (page / "quiz.css").read_text(encoding="utf-8")
    after = (page / "quiz.js").read_text(encoding="utf-8").replace("ELEMENT", element)
    box = (
        f'<div class="rnncourse-quiz" data-quiz="{name}" role="group" aria-label="{title}">'
        f"{html.data['text/html']}</div></div>\n<style>\n{style}</style>"
    )
    display({"text/html": box, "text/plain": f"{title}: {count}"}, raw=True)
    display(Javascript(script.data["application/javascript"] + after))


def _lettered(questions: list[dict]) -> list[dict]:
    """The questions as jupyterquiz wants them: options named A to D, `code` marked up."""
    return [
        {
            "question": f"{number}. {_mark_up(question['question'])}"
            if len(questions) > 1
            else _mark_up(question["question"]),
            "type": question["type"],
            "answers": [
                {
                    "answer": f"<b>{letter}</b>&ensp;{_mark_up(option['answer'])}",
                    "correct": option["correct"],
                    "feedback": _mark_up(option["feedback"]),
                }
                for letter, option in zip(LETTERS, question["answers"], strict=False)
            ],
            **({"code": question["code"]} if "code" in question else {}),
        }
        for number, question in enumerate(questions, start=1)
    ]


def _mark_up(text: str) -> str:
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", text)
