"""Quizzes: fair questions, feedback for everyone, the same output every time."""

import json
import random
import re
from collections import Counter
from html import escape, unescape
from html.parser import HTMLParser

import pytest

from rnncourse import chapters, notebooks, quizzes
from rnncourse.figures import base, palette
from rnncourse.quizzes import text as question_text

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
    known = {"question", "type", "answers", "code", "objective", "see"}
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
        assert not re.search(r"\[[^\]]*\]\([^)]*\)", text), "a link of Markdown is none in HTML"


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


# --- where a question is answered --------------------------------------------------------------

SEEN = {name: question["see"] for name, question in EVERY.items() if "see" in question}
FINAL = 15  # the chapter whose quiz is over all before it


def headings(path):
    """The headings of a notebook's sections."""
    cells = (cell.source for cell in notebooks.read(path).cells if cell.cell_type == "markdown")
    return re.findall(r"^##+ (.+)$", "\n".join(cells), re.MULTILINE)


@pytest.mark.parametrize("name", SEEN)
def test_what_answers_a_question_is_a_section_of_its_page(name):
    page, _, section = SEEN[name].partition("#")
    planned = {chapter.stem: chapter for chapter in chapters.chapters(notebooks.root())}
    assert page in planned
    if planned[page].ready:  # the sections of a chapter to come are not known
        assert section in headings(notebooks.root() / f"notebooks/{page}.ipynb")


def test_the_last_quiz_asks_about_every_chapter_and_leads_back():
    asked = quizzes.load(FINAL)["quiz"]
    assert len(asked) >= 30
    of = [int(question["see"][:2]) for question in asked]
    assert set(of) == set(range(FINAL))
    parts = [question["objective"] for question in asked]
    assert parts == sorted(parts)
    in_order = [chapter for chapter, part in zip(of, parts, strict=True) if part < max(parts)]
    assert in_order == sorted(in_order)
    elsewhere = {question["question"] for name, question in EVERY.items() if name[:2] != str(FINAL)}
    assert not elsewhere & {question["question"] for question in asked}


@pytest.mark.parametrize("place", SEEN.values(), ids=SEEN)
def test_a_section_has_the_address_that_the_book_gives_it(place):
    from docutils.nodes import make_id

    section = place.partition("#")[2]
    assert quizzes.anchor(section) == make_id(section)
    assert quizzes.anchor("1 · Where 0.000015 comes from") == "where-0-000015-comes-from"


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


def every_quiz():
    """The quiz, the warm-up and the predictions of every chapter."""
    for chapter in CHAPTERS:
        yield quizzes.quiz(chapter)
        if chapter:
            yield quizzes.warm_up(chapter)
        yield from (quizzes.predict(chapter, slug) for slug in quizzes.load(chapter)["predictions"])


def test_output_is_stable_and_leaves_random_alone():
    random.seed(1)
    before = random.getstate()
    one = quizzes.quiz(CHAPTERS[0]).static_html()
    assert random.getstate() == before
    random.seed(2)
    assert quizzes.quiz(CHAPTERS[0]).static_html() == one


def test_scores_are_kept_under_names_of_their_own_and_predictions_nowhere():
    names = [quiz.keep for quiz in every_quiz() if quiz.title != "Predict before you run"]
    assert all(names)
    assert len(names) == len(set(names))
    assert {quiz.keep for quiz in every_quiz()} - set(names) == {""}


def test_questions_of_one_quiz_differ():
    """The browser keeps the answers by the text of the question."""
    for quiz in every_quiz():
        asked = [question["text"] for question in quiz.questions]
        assert len(set(asked)) == len(asked), quiz.title


CALL = re.compile(r'^(quiz|warm_up|predict)\((\d+)(?:, "(\w+)")?\)$', re.MULTILINE)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_stored_quizzes_are_the_present_ones(path):
    """A change of a quiz shows in its page, and in the warm-up of a later one."""
    stale = []
    for cell in notebooks.read(path).cells:
        call = CALL.search(cell.source) if cell.cell_type == "code" else None
        if call:
            name, chapter, slug = call.groups()
            figure = getattr(quizzes, name)(int(chapter), *filter(None, [slug]))
            now = {"text/html": figure.static_html(), "text/plain": figure.describe()}
            if [output.get("data", {}) for output in cell.outputs] != [now]:
                stale.append(call[0])
    assert stale == [], f"run: rnncourse notebook run notebooks/{path.name}"


class Nesting(HTMLParser):
    """Which elements are open, what text stands in list items, which tags there are."""

    def __init__(self):
        super().__init__()
        self.open, self.items, self.tags = [], [], set()

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.open.append(tag)
        if tag == "li":
            self.items.append("")

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if "li" in self.open:
            self.items[-1] += data


def test_output_is_questions_and_their_text_and_no_script():
    for quiz in every_quiz():
        html = quiz.static_html()
        parsed = Nesting()
        parsed.feed(html)
        assert parsed.open == []
        assert not {"script", "style", "link"} & parsed.tags
        assert not re.search(r"\bid=", html)
        state = json.loads(unescape(re.search(r'data-state="([^"]*)"', html)[1]))
        assert set(state) == {"keep", "questions", "title"}


def test_text_for_readers_without_html():
    text = quizzes.quiz(0).describe()
    assert text.startswith(f"Quiz of chapter 0: {len(quizzes.load(0)['quiz'])} questions")
    text = quizzes.predict(0, "shifted").describe()
    assert text.startswith("Predict before you run: 1 question ")


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_without_javascript_questions_keep_their_order_and_have_letters(chapter):
    asked = quizzes.load(chapter)["quiz"]
    quiz = quizzes.quiz(chapter)
    parsed = Nesting()
    parsed.feed(quiz.fallback())
    drawn = Nesting()
    for question in asked:
        texts = [question["question"], *(option["answer"] for option in question["answers"])]
        said = [question_text.as_html(text) for text in texts]
        said[0] += escape(question.get("code", ""))
        drawn.feed("".join(f"<li>{text}</li>" for text in said))
    marks = ["", "A ", "B ", "C ", "D "] * len(asked)
    assert parsed.items == [mark + item for mark, item in zip(marks, drawn.items, strict=True)]
    for question, told in zip(asked, quiz.questions, strict=True):
        assert question["answers"][told["right"]]["correct"]
        for reason in told["feedback"]:
            assert reason not in quiz.fallback()


def test_a_question_may_show_code():
    code = "if a < b:\n    print('`a`')"
    question = {**quizzes.load(0)["quiz"][0], "code": code}
    quiz = quizzes._figure([question], "Code")
    assert quiz.questions[0]["code"] == code
    assert f"<pre>{code}</pre>" in unescape(quiz.fallback())


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
        ("$h_t < 1$", r'<span class="math">\(h_t &lt; 1\)</span>'),
        ("`a<b` a&lt;b", "<code>a&lt;b</code> a&lt;b"),
        ("tanh(W_hh h_prev)", "tanh(<i>W</i><sub>hh</sub> <i>h</i><sub>prev</sub>)"),
    ],
)
def test_indices_are_drawn_without_mathjax(text, html):
    assert question_text.as_html(text) == html


def test_plain_text_of_a_hint():
    assert quizzes.plain("of *new* and 2 * H*D*H") == "of new and 2 * H*D*H"
    assert quizzes.plain("<code>a</code> &lt; `b`") == "a < b"


# --- colours ---------------------------------------------------------------------------------


def luminance(colour):
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return sum(w * c for w, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one, other):
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def themes():
    """The palette's variables on light and on dark pages."""
    blocks = re.findall(r"\{([^}]*)\}", palette.css())[:2]
    return [dict(re.findall(r"--rnn-([\w-]+): (#\w{6})", block)) for block in blocks]


@pytest.mark.parametrize("colours", themes(), ids=["light", "dark"])
@pytest.mark.parametrize(
    ("text", "ground", "least"),
    [
        ("ink", "paper", 4.5),
        ("ink", "panel", 4.5),  # the chosen option, code
        ("muted", "paper", 4.5),
        ("right", "paper", 4.5),  # the verdict
        ("wrong", "paper", 4.5),
        ("wrong", "panel", 4.5),  # the mark on a chosen option
        ("paper", "right", 4.5),  # the mark on the right option
        ("muted", "panel", 3),  # the ring round a letter
        ("input", "paper", 3),  # the ring round what has the keyboard
        ("input", "panel", 3),
    ],
)
def test_contrast(colours, text, ground, least):
    assert contrast(colours[text], colours[ground]) >= least


def test_the_style_sheet_has_no_colours_but_the_palette_s():
    style = (base.JS_FOLDER / "quiz.css").read_text(encoding="utf-8")
    assert not re.findall(r"#[0-9a-fA-F]{3,8}\b|rgba?\(|hsla?\(", style)
