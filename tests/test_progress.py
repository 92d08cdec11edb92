"""The page "Where I was wrong": what is kept, what is told, and that nothing leaves the browser."""

import json

import pytest
from browsing import DESK, PHONE, Opened, choose, shown, violations

CHAPTER, LIST = "notebooks/02_hidden_state.html", "book/progress.html"
PREDICTION = ".rnn-quiz:has-text('Predict before you run')"


@pytest.fixture
def opened(book, browser):
    opened = Opened(browser, (book[0] / LIST).as_uri())
    opened.visit = lambda name: opened.goto((book[0] / name).as_uri())
    yield opened
    assert opened.errors == []
    assert opened.outside == []
    opened.close()


def right_of(quiz):
    state = quiz.locator("xpath=ancestor-or-self::*[@data-state]").get_attribute("data-state")
    return json.loads(state)["questions"][0]


def test_at_first_the_page_invites(opened):
    assert "Nothing yet" in opened.page.get_by_role("status").inner_text()
    assert opened.page.get_by_text("Nothing is sent anywhere").is_visible()
    assert opened.page.get_by_role("button", name="Forget").count() == 0


def test_a_wrong_prediction_is_listed_leads_back_and_is_right_later(opened):
    opened.visit(CHAPTER)
    quiz = opened.page.locator(PREDICTION).first
    question = right_of(quiz)
    wrong = (question["right"] + 1) % 4
    said = shown(quiz).get_by_role("radio").nth(wrong).locator("> span").nth(2).inner_text()
    choose(quiz, wrong)
    opened.visit(LIST)
    page = opened.page
    assert page.get_by_role("status").inner_text() == (
        "1 answered, 1 wrong at first, 0 of these right later."
    )
    item = page.locator(".rnn-wrongs li")
    assert said in item.inner_text()
    assert "not right yet" in item.inner_text()
    assert page.get_by_role("heading", name="2 · The hidden state").is_visible()
    page.get_by_role("link", name="Back to the question").click()
    assert page.url.partition("#")[0].endswith(CHAPTER)
    target = page.locator(f"[id='{page.url.partition('#')[2]}']")
    target.locator(PREDICTION).first.wait_for()
    choose(page.locator(PREDICTION).first, question["right"])
    opened.visit(LIST)
    assert "1 of these right later" in page.get_by_role("status").inner_text()
    assert "right later" in item.inner_text()
    assert violations(page) == []
    opened.errors.clear()  # axe asks for the style sheets, in vain


def test_what_was_right_at_once_is_counted_and_not_listed(opened):
    opened.visit(CHAPTER)
    quiz = opened.page.locator(PREDICTION).first
    choose(quiz, right_of(quiz)["right"])
    opened.visit(LIST)
    assert opened.page.get_by_role("status").inner_text().startswith("1 answered, 0 wrong")
    assert opened.page.locator(".rnn-wrongs li").count() == 0


def test_a_button_forgets_everything_but_the_settings(opened):
    opened.visit(CHAPTER)
    choose(opened.page.locator(".rnn-quiz").first, 0)
    opened.page.evaluate("localStorage.setItem('reading', 'code')")
    opened.visit(LIST)
    opened.page.once("dialog", lambda dialog: dialog.accept())
    opened.page.get_by_role("button", name="Forget all my answers").click()
    assert "Nothing yet" in opened.page.get_by_role("status").inner_text()
    kept = opened.page.evaluate("Object.keys(localStorage)")
    assert "reading" in kept
    assert [key for key in kept if key.startswith("rnncourse")] == []


def test_where_the_browser_keeps_nothing_the_page_says_so(opened):
    refuse = "Object.defineProperty(window, 'localStorage', {get() { throw new Error('no'); }})"
    opened.page.add_init_script(refuse)
    opened.visit(LIST)
    assert "keeps nothing" in opened.page.get_by_role("status").inner_text()
    opened.visit(CHAPTER)
    choose(opened.page.locator(".rnn-quiz").first, 0)
    theirs = {"no", "Got invalid theme mode: undefined. Resetting to auto."}  # the theme's script
    assert set(opened.errors) <= theirs
    opened.errors.clear()


def test_what_the_storage_holds_is_no_markup(opened):
    hostile = "<img src=x onerror=alert(1)><code>a < b</code>"
    answer = {"page": "book/faq", "place": "", "chapter": "x", "title": "t", "question": hostile}
    stored = json.dumps({"a": {**answer, "said": [{"answer": hostile, "right": False}]}})
    opened.page.evaluate("text => localStorage.setItem('rnncourse answers', text)", stored)
    opened.page.reload()
    assert opened.page.locator(".rnn-wrongs code").count() == 2
    assert opened.page.locator(".rnn-answers img").count() == 0


@pytest.mark.parametrize("viewport", [PHONE, DESK], ids=["phone", "desk"])
def test_a_long_list_fits(book, browser, viewport):
    opened = Opened(browser, (book[0] / "notebooks/05_vanishing_exploding_gradients.html").as_uri(),
                    viewport, "dark")  # fmt: skip
    opened.page.evaluate("""() => { for (const quiz of document.querySelectorAll(".rnn-quiz"))
        for (const option of quiz.querySelectorAll("[role=radio]")) option.click(); }""")
    opened.goto((book[0] / LIST).as_uri())
    assert opened.page.locator(".rnn-wrongs li").count() > 5
    assert "\\(" not in opened.page.locator(".rnn-answers").inner_text()
    assert opened.page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]
    assert violations(opened.page, ["color-contrast"]) == []
    opened.close()
