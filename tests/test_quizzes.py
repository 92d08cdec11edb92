"""Quizzes: fair questions, feedback for everyone, the same output every time."""

import json
import random
import re
from collections import Counter

import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output

from rnncourse import notebooks, quizzes
from rnncourse.quizzes import page

CHAPTERS = quizzes.chapters()
QUESTIONS = {
    f"{chapter:02d}-{number}": question
    for chapter in CHAPTERS
    for number, question in enumerate(quizzes.load(chapter)["quiz"], start=1)
}
PREDICTIONS = {
    f"{chapter:02d}-{slug}": question
    for chapter in CHAPTERS
    for slug, question in quizzes.load(chapter)["predictions"].items()
}
EVERY = {**QUESTIONS, **PREDICTIONS}
ALLOWED_TAGS = {"code", "em", "strong", "sub", "sup", "b", "i", "br"}


def texts(question):
    yield question["question"]
    for option in question["answers"]:
        yield option["answer"]
        yield option["feedback"]


# --- what a quiz file must hold --------------------------------------------------------------


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_chapter_has_at_least_five_questions(chapter):
    assert len(quizzes.load(chapter)["quiz"]) >= 5


@pytest.mark.parametrize("name", EVERY)
def test_question_has_the_right_form(name):
    question = EVERY[name]
    known = {"question", "type", "answers", "code", "objective"}
    assert set(question) <= known
    assert question["type"] == "multiple_choice"
    assert question["question"].strip()
    assert len(question["answers"]) == 4
    for option in question["answers"]:
        assert set(option) == {"answer", "correct", "feedback"}
        assert isinstance(option["correct"], bool)
    answers = [option["answer"].strip().lower() for option in question["answers"]]
    assert all(answers)
    assert len(set(answers)) == 4, "two options are the same"


@pytest.mark.parametrize("name", EVERY)
def test_exactly_one_option_is_right(name):
    assert sum(option["correct"] for option in EVERY[name]["answers"]) == 1


@pytest.mark.parametrize("name", EVERY)
def test_every_option_has_its_own_feedback(name):
    feedback = [option["feedback"].strip() for option in EVERY[name]["answers"]]
    assert all(len(text) >= 10 for text in feedback)
    assert len(set(feedback)) == 4


@pytest.mark.parametrize("name", EVERY)
def test_feedback_names_no_letters(name):
    """Options have letters only since they are shown with them; a text may be moved."""
    for text in texts(EVERY[name]):
        assert not re.search(r"\b(option|answer) [A-D]\b", text)


@pytest.mark.parametrize("name", EVERY)
def test_text_is_safe_as_html(name):
    for text in texts(EVERY[name]):
        plain = re.sub(r"`[^`]*`|\$[^$]*\$", "", text)
        tags = re.findall(r"</?([a-zA-Z][^\s>]*)", plain)
        assert set(tags) <= ALLOWED_TAGS, "write `a < b` or a&lt;b"
        assert text.count("`") % 2 == 0
        assert text.count("$") % 2 == 0
        assert not re.search(r"\[[^\]]*\]\([^)]*\)", text), "jupyterquiz would make this a link"


@pytest.mark.parametrize("name", QUESTIONS)
def test_question_names_its_objective(name):
    assert isinstance(QUESTIONS[name]["objective"], int)
    assert QUESTIONS[name]["objective"] >= 1


PAGES = sorted((notebooks.root() / "notebooks").glob("[0-9][0-9]_*.ipynb"))


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_quiz_covers_the_objectives_of_the_page(path):
    """Each row of the table of objectives names the questions that test it, and no others."""
    chapter = int(path.stem[:2])
    rows = objectives(path)
    assert rows, "the page has no table of objectives"
    told = {number: row["questions"] for number, row in rows.items()}
    asked: dict[int, list[int]] = {number: [] for number in rows}
    for number, question in enumerate(quizzes.load(chapter)["quiz"], start=1):
        asked.setdefault(question["objective"], []).append(number)
    assert told == asked


def objectives(path):
    """The rows of a chapter's table of objectives: number -> questions and exercises."""
    text = "\n\n".join(
        cell.source for cell in notebooks.read(path).cells if cell.cell_type == "markdown"
    )
    _, _, after = text.partition("What you will be able to do")
    rows = {}
    for number, _, questions, exercises in re.findall(
        r"^\| *(\d+) *\|(.*)\|([^|]*)\|([^|]*)\| *$", after.split("\n## ")[0], re.MULTILINE
    ):
        rows[int(number)] = {
            "questions": expand(questions),
            "exercises": re.findall(r"`(\w+)`", exercises),
        }
    return rows


def expand(text):
    """ "1, 4–6" -> [1, 4, 5, 6]"""
    found = []
    for first, last in re.findall(r"(\d+)(?:\s*[–-]\s*(\d+))?", text):
        found += range(int(first), int(last or first) + 1)
    return found


# --- neither place nor length gives an answer away -------------------------------------------


def right_position(question):
    return [option["correct"] for option in question["answers"]].index(True)


def test_each_position_is_right_about_as_often():
    places = Counter(map(right_position, QUESTIONS.values()))
    for place in range(4):
        share = places[place] / len(QUESTIONS)
        assert 0.15 <= share <= 0.35, f"{'ABCD'[place]} is right in {share:.0%} of the questions"


def length(option):
    return len(quizzes.plain(option["answer"]))


def test_the_right_option_is_not_the_longest():
    longest = 0
    for question in QUESTIONS.values():
        lengths = [length(option) for option in question["answers"]]
        longest += lengths[right_position(question)] == max(lengths)
    share = longest / len(QUESTIONS)
    assert share <= 0.4, f"the right option is the longest in {share:.0%} of the questions"


# --- warming up ------------------------------------------------------------------------------


@pytest.mark.parametrize("chapter", range(1, 16))
def test_warm_up_asks_three_different_questions_from_before(chapter):
    drawn = quizzes.warm_up_questions(chapter)
    assert len(drawn) == 3
    assert all(number < chapter for number, _ in drawn)
    assert len({question["question"] for _, question in drawn}) == 3
    assert drawn == quizzes.warm_up_questions(chapter)


def test_warm_up_draws_from_one_three_and_six_chapters_before(monkeypatch):
    monkeypatch.setattr(quizzes, "chapters", lambda: list(range(16)))
    monkeypatch.setattr(quizzes, "load", lambda n: {"quiz": [f"{n}-{k}" for k in range(5)]})
    assert [n for n, _ in quizzes.warm_up_questions(9)] == [8, 6, 3]
    assert [n for n, _ in quizzes.warm_up_questions(4)] == [3, 1, 2]
    assert [n for n, _ in quizzes.warm_up_questions(1)] == [0, 0, 0]
    drawn = [q for chapter in range(3, 16) for _, q in quizzes.warm_up_questions(chapter)]
    assert max(Counter(drawn).values()) == 1, "a question comes back in a later chapter"


def test_nothing_to_warm_up_with():
    with pytest.raises(ValueError, match="no chapter before 0"):
        quizzes.warm_up_questions(0)


# --- what is shown ---------------------------------------------------------------------------


@pytest.fixture
def shell(monkeypatch):
    """A notebook's shell, as far as displaying goes."""
    shell = InteractiveShell.instance()
    yield shell
    InteractiveShell.clear_instance()


def shown(function, *args):
    with capture_output() as captured:
        function(*args)
    html, script = captured.outputs
    return html.data, script.data["application/javascript"]


def test_output_is_stable_and_leaves_random_alone(shell):
    random.seed(1)
    before = random.getstate()
    one = shown(quizzes.quiz, CHAPTERS[0])
    assert random.getstate() == before
    random.seed(2)
    assert shown(quizzes.quiz, CHAPTERS[0]) == one


def element_id(data):
    return re.search(r'<div id="(\w+)"', data["text/html"])[1]


def test_ids_are_unique_in_the_course(shell):
    ids = []
    for chapter in CHAPTERS:
        calls = [(quizzes.quiz, chapter)]
        calls += [(quizzes.warm_up, chapter)] if chapter else []
        calls += [(quizzes.predict, chapter, s) for s in quizzes.load(chapter)["predictions"]]
        ids += [element_id(shown(*call)[0]) for call in calls]
    assert len(ids) == len(set(ids))


CALL = re.compile(r'^(quiz|warm_up|predict)\((\d+)(?:, "(\w+)")?\)$', re.MULTILINE)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_stored_quizzes_are_the_present_ones(path, shell):
    """A change of a quiz shows in its page, and in the warm-up of a later one."""
    stale = []
    for cell in notebooks.read(path).cells:
        call = CALL.search(cell.source) if cell.cell_type == "code" else None
        if call:
            name, chapter, slug = call.groups()
            now, script = shown(getattr(quizzes, name), int(chapter), *filter(None, [slug]))
            stored = [output.get("data", {}) for output in cell.outputs]
            htmls = [data.get("text/html") for data in stored]
            scripts = [data.get("application/javascript") for data in stored]
            if now["text/html"] not in htmls or script not in scripts:
                stale.append(call[0])
    assert stale == [], f"run: rnncourse notebook run notebooks/{path.name}"


def test_html_is_balanced(shell):
    data, _ = shown(quizzes.quiz, CHAPTERS[0])
    assert data["text/html"].count("<div") == data["text/html"].count("</div>")


def test_text_for_readers_without_html(shell):
    data, _ = shown(quizzes.quiz, 0)
    assert data["text/plain"] == f"Quiz of chapter 0: {len(quizzes.load(0)['quiz'])} questions"


def test_questions_keep_their_order_and_have_letters(shell):
    _, script = shown(quizzes.quiz, 0)
    stored = json.loads(re.search(r"var questions\w+=(.*?);\n", script)[1])
    assert len(stored) == len(quizzes.load(0)["quiz"])
    letters = [re.match(r"<b>(\w)</b>", option["answer"])[1] for option in stored[0]["answers"]]
    assert letters == list("ABCD")
    data, _ = shown(quizzes.quiz, 0)
    assert 'data-shuffleanswers="False"' in data["text/html"]


def test_jupyterquiz_is_mended(shell):
    """What is replaced in its script is there to be replaced."""
    from jupyterquiz.dynamic.renderer import build_script

    stock = build_script("", True, "", "x", True)
    for fault in page.MENDS:
        assert fault in stock
    _, script = shown(quizzes.quiz, 0)
    assert "console.log" not in script
    assert "class NumericQuestion" not in script
    assert len(script) < len(stock)


def test_without_a_notebook_a_line_is_printed(capsys):
    quizzes.quiz(0)
    assert capsys.readouterr().out.startswith("Quiz of chapter 0: ")


def test_wrong_names_are_explained():
    with pytest.raises(KeyError, match="has no prediction 'nothing'"):
        quizzes.predict(CHAPTERS[0], "nothing")
    with pytest.raises(FileNotFoundError, match="chapter 99 has no quiz"):
        quizzes.quiz(99)


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("h_t", "<i>h</i><sub>t</sub>"),
        ("h_{t−1}", "<i>h</i><sub>t−1</sub>"),
        ("`W_xh` and W_xh", "<code>W_xh</code> and <i>W</i><sub>xh</sub>"),
        ("batch_first", "batch_first"),
        ("$h_t$", "$h_t$"),
        ("tanh(W_hh h_prev)", "tanh(<i>W</i><sub>hh</sub> <i>h</i><sub>prev</sub>)"),
    ],
)
def test_indices_are_drawn_without_mathjax(text, html):
    assert page.as_html(text) == html


def test_plain_text_of_a_hint():
    assert quizzes.plain("<code>a</code> &lt; `b`") == "a < b"


# --- colours ---------------------------------------------------------------------------------


def luminance(colour):
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return sum(w * c for w, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one, other):
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


C = page.COLOURS


@pytest.mark.parametrize(
    ("text", "ground", "least"),
    [
        (C["--jq-text-color"], C["--jq-multiple-choice-bg"], 4.5),
        (C["--jq-link-color"], C["--jq-multiple-choice-bg"], 4.5),
        ("#1a1a1a", C["--jq-mc-button-bg"], 4.5),
        ("#ffffff", C["--jq-correct-color"], 4.5),
        ("#ffffff", C["--jq-incorrect-color"], 4.5),
        ("#1a1a1a", "#f4f4f4", 4.5),  # feedback
        ("#f2f2f2", "#2a2f37", 4.5),  # options and feedback in the dark
        (C["--jq-mc-button-border"], "#ffffff", 3),
        ("#1f77d0", "#ffffff", 3),  # the ring round what has the keyboard
        ("#1f77d0", "#121212", 3),
    ],
)
def test_contrast(text, ground, least):
    assert contrast(text, ground) >= least


def test_colours_of_the_style_sheet_are_the_tested_ones(root):
    style = (root / "rnncourse" / "quizzes" / "quiz.css").read_text(encoding="utf-8")
    used = set(re.findall(r"#[0-9a-f]{6}\b", style))
    assert used <= {"#1a1a1a", "#ffffff", "#f4f4f4", "#f2f2f2", "#2a2f37", "#1f77d0", "#8fa3bd"}
