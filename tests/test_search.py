"""The search of the built book: what ten questions find first, and that anyone can use it."""

import json

import pytest
from browsing import DESK, PHONE, Opened, violations

FIRST = {  # what is typed: the page of the first section, and the term of the glossary shown above
    "forget bias": ("notebooks/06_lstm", "forget bias"),
    "vanishing": ("notebooks/05_vanishing_exploding_gradients", "vanishing gradient"),
    "vanishng": ("notebooks/05_vanishing_exploding_gradients", None),  # a slip of the finger
    "packing": ("notebooks/01_sequential_data", "packing"),
    "truncated": ("notebooks/04_backpropagation_through_time", "truncated BPTT"),
    "backpropagation": ("notebooks/04_backpropagation_through_time", None),
    "adding problem": ("notebooks/05_vanishing_exploding_gradients", "adding problem"),
    "Reset gate": ("notebooks/07_gru", "reset gate"),
    "hidden state": ("notebooks/02_hidden_state", "hidden state"),
    "conveyor": ("notebooks/06_lstm", None),
    "nbgrader": ("book/instructors", None),
    "perplexity": ("notebooks/12_sequence_to_sequence", "perplexity"),
    "teacher": ("notebooks/12_sequence_to_sequence", "teacher forcing"),
}


@pytest.fixture
def opened(book, browser):
    """A page with its search open."""
    opened = Opened(browser, (book[0] / "notebooks/02_hidden_state.html").as_uri())
    opened.page.keyboard.press("Control+k")
    yield opened
    assert opened.errors == []
    assert opened.outside == []
    opened.close()


def ask(page, query):
    page.locator("dialog input").fill(query)
    answered = "query => document.querySelector('dialog .rnn-hits').dataset.asked === query"
    page.wait_for_function(answered, arg=query)
    return page.locator("dialog .rnn-hits li a")


def test_the_first_section_is_the_one_that_was_meant(opened):
    found = {}
    for query in FIRST:
        address = ask(opened.page, query).first.get_attribute("href")
        term = opened.page.locator("dialog .rnn-meaning .rnn-hit-title")
        page = address.removeprefix("../").partition(".html")[0]
        found[query] = (page, term.inner_text() if term.count() else None)
    assert found == FIRST


def test_excerpts_mark_the_words_and_hold_neither_code_nor_latex(opened):
    hits = ask(opened.page, "forget bias")
    for hit in hits.all()[:5]:
        marks = {mark.lower() for mark in hit.locator("mark").all_inner_texts()}
        assert marks & {"forget", "forgets", "bias", "biases"}
    index = json.loads(opened.page.evaluate("JSON.stringify(window.rnncourseSections)"))
    assert len(index) > 200
    for address, title, where, weight, text in index:
        assert title
        assert 0 < weight <= 1.5
        for sign in ("\\", "$", "import numpy", "plt."):
            assert sign not in title + where + text, address


def test_every_entry_leads_to_a_place_of_the_book(book):
    text = (book[0] / "_static/rnncourse/sections.js").read_text(encoding="utf-8")
    entries = json.loads(text[text.index("[") : text.rindex("]") + 1])
    pages = {}
    for address, *_ in entries:
        page, _, place = address.partition("#")
        pages.setdefault(page, (book[0] / page).read_text(encoding="utf-8"))
        assert not place or f'id="{place}"' in pages[page], address


def test_nothing_is_loaded_before_the_search_is_opened(book, browser):
    opened = Opened(browser, (book[0] / "notebooks/06_lstm.html").as_uri())
    assert opened.page.evaluate("window.MiniSearch ?? window.rnncourseSections ?? null") is None
    assert opened.page.locator("script[src*=searchindex]").count() == 0
    opened.close()


def test_arrows_go_through_the_hits_enter_follows_and_escape_closes(opened):
    page = opened.page
    ask(page, "orthogonal")
    links = page.locator("dialog .rnn-hits a")
    focused = "node => node === document.activeElement"
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    assert links.nth(1).evaluate(focused)
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    assert page.locator("dialog input").evaluate(focused)
    page.keyboard.press("Escape")
    page.locator("#pst-search-dialog").wait_for(state="hidden")
    page.keyboard.press("Control+k")
    ask(page, "forget bias")
    page.keyboard.press("Enter")
    page.wait_for_url("**/notebooks/06_lstm.html#*")


def test_a_hit_on_the_same_page_closes_the_dialog(opened):
    ask(opened.page, "hidden state")
    opened.page.keyboard.press("Enter")
    opened.page.locator("#pst-search-dialog").wait_for(state="hidden")


def test_what_is_not_there_is_said(opened):
    opened.page.locator("dialog input").fill("qwertyuiop")
    opened.page.get_by_text("Nothing is found for “qwertyuiop”").wait_for()


def test_the_page_of_the_search_answers_its_address(book, browser):
    opened = Opened(browser, (book[0] / "search.html").as_uri() + "?q=forget+bias")
    first = opened.page.locator("#search-results li a").first
    first.wait_for()
    assert "notebooks/06_lstm.html#" in first.get_attribute("href")
    first.click()
    opened.page.go_back()
    opened.page.locator("#search-results li a").first.wait_for()
    assert opened.errors == []
    assert opened.outside == []
    assert violations(opened.page) == []  # axe asks for the style sheets, in vain
    opened.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [PHONE, DESK], ids=["phone", "desk"])
def test_the_open_search_can_be_read(book, browser, viewport, scheme):
    opened = Opened(browser, (book[0] / "book/faq.html").as_uri(), viewport, scheme)
    opened.page.locator(".search-button__button:visible").first.click()
    ask(opened.page, "gradient")
    box = opened.page.locator("#pst-search-dialog").bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= viewport["width"]
    assert box["y"] + box["height"] <= viewport["height"]
    assert violations(opened.page) == []
    opened.close()
