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
UNUSED = ("numeric.js", "string.js")  # kinds of question that the course does not ask
MENDS = {  # jupyterquiz takes it that MathJax is there, and fetches it from the net if not
    "version[0]": '(version || "")[0]',
    "MathJax.hasOwnProperty('typeset')": "true",
    "MathJax.typeset(": "MathJax.typeset?.(",
}
SYMBOL = re.compile(r"(?<![\w`$\\{])(d?[A-Za-zα-ω])_(\{[^{}]+\}|[A-Za-z0-9]+)")
CODE_OR_MATH = re.compile(r"(`[^`]+`|\$[^$]+\$|<code>.*?</code>)")


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
        f'<div class="rnncourse-quiz tex2jax_process mathjax_process" data-quiz="{name}" '
        f'role="group" aria-label="{title}">'
        f"{html.data['text/html']}</div></div>\n<style>\n{style}</style>"
    )
    display({"text/html": box, "text/plain": f"{title}: {count}"}, raw=True)
    display(Javascript(_mended(script.data["application/javascript"]) + after))


def _mended(script: str) -> str:
    """jupyterquiz's script without what the course never uses, a third of its size."""
    for name in UNUSED:
        unused = (files("jupyterquiz") / "js" / name).read_bytes().decode("utf-8")
        script = script.replace(unused, "")
    for fault, mend in MENDS.items():
        script = script.replace(fault, mend)
    noise = re.compile(r"//.*|console\.log\(.*\);|")
    lines = [line.strip() for line in script.splitlines()]
    return "\n".join(line for line in lines if not noise.fullmatch(line))


def _lettered(questions: list[dict]) -> list[dict]:
    """The questions as jupyterquiz wants them: options named A to D, `code` marked up."""
    return [
        {
            "question": f"{number}. " * (len(questions) > 1) + as_html(question["question"]),
            "type": question["type"],
            "answers": [
                {
                    "answer": f"<b>{letter}</b>&ensp;<span>{as_html(option['answer'])}</span>",
                    "correct": option["correct"],
                    "feedback": as_html(option["feedback"]),
                }
                for letter, option in zip(LETTERS, question["answers"], strict=False)
            ],
            **({"code": question["code"]} if "code" in question else {}),
        }
        for number, question in enumerate(questions, start=1)
    ]


def as_html(text: str) -> str:
    """`code` marked up, and h_{t-1} as an h with its index, on pages without MathJax, too."""
    parts = CODE_OR_MATH.split(text)
    parts[::2] = [SYMBOL.sub(_with_index, part) for part in parts[::2]]
    return "".join(re.sub(r"^`([^`]+)`$", r"<code>\1</code>", part) for part in parts)


def _with_index(match: re.Match) -> str:
    return f"<i>{match[1]}</i><sub>{match[2].strip('{}')}</sub>"


def as_markdown(text: str) -> str:
    """h_{t-1} as a formula, for a cell of a notebook."""
    parts = CODE_OR_MATH.split(text)
    parts[::2] = [SYMBOL.sub(_as_formula, part) for part in parts[::2]]
    return "".join(parts)


def _as_formula(match: re.Match) -> str:
    index = match[2].strip("{}")
    return f"${match[1]}_{{{index}}}$"
