"""The built book in a real browser, from file:// addresses, with no network.

Needs Chromium and the npm parts (`npm ci`). Without them the tests skip and say so; where the
environment variable CI is "true", a skip would hide a gap, and they fail instead.
"""

import importlib.util
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from functools import cache
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import yaml
from axe_playwright_python.sync_playwright import Axe

from rnncourse import figures, quizzes
from rnncourse.cells import GRUCell, LSTMCell, RNNCell, gradient_lengths, unroll
from rnncourse.figures.activations import FUNCTIONS
from rnncourse.figures.base import number, source, style_sheet

ROOT = Path(__file__).parents[1]
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
PHONE, DESK = {"width": 375, "height": 740}, {"width": 1280, "height": 900}


def missing(reason):
    if os.environ.get("CI") == "true":
        pytest.fail(f"in CI nothing may be missing: {reason}")
    pytest.skip(reason)


def pages():
    """Every page that _toc.yml names."""
    content = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    yield content["root"]
    for chapter in (chapter for part in content["parts"] for chapter in part["chapters"]):
        yield chapter["file"]
        yield from (section["file"] for section in chapter.get("sections", []))


PAGES = list(pages())


# ---- fixtures -----------------------------------------------------------------------------


@pytest.fixture(scope="session")
def browser():
    names = ("chromium", "chromium-browser", "google-chrome", "chrome")
    path = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, names)), None)
    if path is None:
        missing("Chromium is not installed; set CHROMIUM to its path if it is elsewhere")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


def build(source, target, toc_file):
    command = [str(Path(sys.executable).with_name("jupyter-book")), "build", str(source)]
    command += ["--path-output", str(target), "--toc", str(toc_file), "--keep-going"]
    ran = subprocess.run(command, capture_output=True, text=True, encoding="utf-8")
    assert ran.returncode == 0, ran.stdout[-2000:] + ran.stderr[-4000:]
    return ran.stdout + ran.stderr


@pytest.fixture(scope="session")
def book(tmp_path_factory):
    """The whole book, built once with the npm parts: its folder, and what the build printed.

    RNNCOURSE_SITE names a folder in which it stands already, built with -W.
    """
    if site := os.environ.get("RNNCOURSE_SITE"):
        return Path(site), ""
    if not (ROOT / "node_modules/mathjax").is_dir():
        missing("the npm parts are not installed; run `npm ci` in the repository's root")
    target = tmp_path_factory.mktemp("book")
    log = build(ROOT, target, ROOT / "_toc.yml")
    return target / "_build/html", log


class Opened:
    """A page in the browser, and everything that went wrong while it was open."""

    def __init__(self, browser, address, viewport=DESK, scheme="light", **options):
        self.context = browser.new_context(
            viewport=viewport, color_scheme=scheme, offline=True, **options
        )
        self.page = self.context.new_page()
        self.errors, self.outside = [], []
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("request", self._ask)
        self.page.goto(address)
        if options.get("java_script_enabled", True):
            self.page.wait_for_function("window.MathJax?.startup?.promise ?? true")
            self.page.evaluate("window.MathJax?.startup?.promise")

    def _hear(self, message):
        if message.type == "error":
            self.errors.append(message.text)

    def _ask(self, request):
        if not request.url.startswith(("file:", "data:", "blob:")):
            self.outside.append(request.url)

    def close(self):
        self.context.close()


@pytest.fixture(scope="module", params=PAGES)
def opened(request, book, browser):
    """Each page of the book in turn, on a desk."""
    folder, _ = book
    opened = Opened(browser, (folder / f"{request.param}.html").as_uri())
    yield opened
    assert opened.errors == []
    opened.close()


# ---- every page ---------------------------------------------------------------------------


def test_the_build_warns_of_nothing(book):
    _, log = book
    assert [line for line in log.splitlines() if "WARNING" in line or "ERROR" in line] == []


def test_page_asks_nothing_of_the_network(opened):
    opened.page.wait_for_load_state("networkidle")
    assert opened.outside == []
    assert opened.errors == []


def test_page_has_one_heading_and_landmarks(opened):
    assert opened.page.locator("article h1").count() == 1
    assert opened.page.locator("main").count() == 1
    assert opened.page.locator("a[href='#main-content']").count() >= 1


def test_images_have_alternative_text(opened):
    for image in opened.page.locator("article img").all():
        alt = image.get_attribute("alt") or ""
        assert len(alt) > 15, image.get_attribute("src")
        assert not alt.endswith(".png"), alt


def test_formulas_are_set(opened):
    page = opened.page
    raw = page.locator("article .math").count()
    assert page.locator("article .math mjx-container").count() >= raw
    assert page.locator("mjx-merror").count() == 0


def looks(drawing):
    """What a reader sees of a figure: its words and its pictures."""
    return drawing.inner_text() + "".join(
        picture.inner_html() for picture in drawing.locator("svg").all()
    )


def moves(drawing):
    """Try the figure's controls in turn until one changes what the reader sees."""
    before = looks(drawing)
    for slider in drawing.locator("input[type=range]:enabled").all():
        for key in ("ArrowRight", "ArrowLeft"):
            slider.press(key)
            if looks(drawing) != before:
                return True
    for menu in drawing.locator("select").all():
        menu.select_option(index=1)
        if looks(drawing) != before:
            return True
    drawing.locator("button:enabled").first.click()
    return looks(drawing) != before


def test_quizzes_answer_back_and_predictions_are_shown_afterwards(opened):
    page = opened.page
    outputs = page.locator(".tag_predicted .cell_output")
    notes = page.locator(".rnn-held-back")
    assert (notes.count() > 0) == (outputs.count() > 0)
    assert all(not output.is_visible() for output in outputs.all())
    assert page.evaluate(SPOILERS) == []
    if outputs.count():  # one is shown on demand, the others by an answer
        notes.first.get_by_role("button").click()
        assert outputs.first.is_visible()
    assert page.evaluate(ANSWER_ALL) == []
    assert all(output.is_visible() for output in outputs.all())
    assert page.locator(".rnn-held").count() == 0
    assert opened.errors == []


# What can be read between a predicted output and the next heading or question?
SPOILERS = """() => [...document.querySelectorAll(".tag_predicted")].flatMap((cell) => {
  const seen = [];
  let next = cell.nextElementSibling;
  while (next && next.tagName !== "SECTION" && !next.querySelector("[data-figure=quiz]")) {
    if (next.offsetParent) seen.push(next.textContent.trim().slice(0, 60));
    next = next.nextElementSibling;
  }
  return seen;
})"""


def test_a_link_into_what_is_held_back_shows_it(book, browser):
    opened = Opened(browser, (book[0] / "notebooks/02_hidden_state.html").as_uri())
    held = opened.page.locator(".rnn-held")
    before = held.count()
    held.nth(1).evaluate("node => { node.id = 'here'; location.hash = 'here'; }")
    opened.page.locator("#here").wait_for(state="visible")
    assert 0 < held.count() < before
    opened.close()


def test_figures_are_mounted_and_move(opened):
    for figure in opened.page.locator(".rnncourse-figure").all():
        name = figure.get_attribute("data-figure")
        assert figure.get_attribute("data-mounted") == "true", name
        assert name == "quiz" or moves(figure.locator(".rnn-figure")), name
    assert opened.errors == []


# Choose every option of every question; what does not answer as the question's file says?
ANSWER_ALL = """() => {
  const text = (html) => new DOMParser().parseFromString(html, "text/html").body.textContent;
  const faults = [];
  for (const quiz of document.querySelectorAll("[data-figure=quiz]")) {
    const { questions } = JSON.parse(quiz.dataset.state);
    const asked = [...quiz.querySelectorAll(".rnn-question")];
    if (asked.length !== questions.length || !asked.length) faults.push(quiz.textContent);
    asked.forEach((node, k) => {
      const feedback = node.querySelector(".rnn-feedback");
      if (feedback.textContent) faults.push(`told too early: ${node.textContent}`);
      [...node.querySelectorAll("[role=radio]")].forEach((option, place) => {
        option.click();
        const verdict = place === questions[k].right ? "right" : "not right";
        const expected = `${"ABCD"[place]} is ${verdict}. ${text(questions[k].feedback[place])}`;
        if (feedback.textContent !== expected && !feedback.querySelector(".math")) {
          faults.push(`${expected}: ${feedback.textContent}`);
        }
      });
    });
  }
  return faults;
}"""


# Tables and formulas, which must not scroll sideways (code and printed columns may).
TOO_WIDE = """() => [...document.querySelectorAll(
    "article :is(.pst-scrollable-table-container, mjx-container)")]
  .filter((node) => node.scrollWidth > node.clientWidth + 2
    && getComputedStyle(node).overflowX !== "visible")
  .map((node) => `${node.scrollWidth} > ${node.clientWidth}: ${node.textContent.slice(0, 60)}`)"""


def test_no_table_or_formula_scrolls_sideways(opened):
    assert opened.page.evaluate(TOO_WIDE) == []


def test_no_line_begins_with_the_comma_after_a_formula(opened):
    script = """() => [...document.querySelectorAll("article span.math")].filter((math) =>
        !math.closest(".rnn-keep") && /^[,.;:!?)]/.test(math.nextSibling?.data ?? ""))
        .map((math) => math.parentElement.textContent.slice(0, 60))"""
    assert opened.page.evaluate(script) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", PAGES)
def test_page_on_a_phone(name, scheme, book, browser):
    opened = Opened(browser, (book[0] / f"{name}.html").as_uri(), PHONE, scheme)
    page = opened.page
    assert page.locator("html").get_attribute("data-theme") == scheme
    for width in (375, 360):
        page.set_viewport_size({"width": width, "height": 740})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        page.wait_for_timeout(100)  # formulas are fitted in the next frame
        assert page.evaluate(TOO_WIDE) == []
    assert opened.errors == []
    opened.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing(name, scheme, book, browser):
    """Contrast, names, roles, landmarks, keyboard: whatever axe knows; in the dark, contrast."""
    opened = Opened(browser, (book[0] / f"{name}.html").as_uri(), DESK, scheme)
    assert violations(opened.page, ["color-contrast"] if scheme == "dark" else []) == []
    opened.close()


def violations(page, rules=()):
    """What axe finds on a page, by all its rules or by these."""
    found = Axe().run(page, options={"runOnly": list(rules)} if rules else None)
    return [(rule["id"], rule["nodes"][0]["html"][:200]) for rule in found.response["violations"]]


def test_on_a_phone_a_plot_can_be_seen_large(book, browser):
    address = (book[0] / "notebooks/06_lstm.html").as_uri()
    opened = Opened(browser, address, PHONE, "dark")
    page = opened.page
    page.locator(".rnn-enlarge").first.press("Enter")
    small, large = page.locator(".rnn-enlarge img").first, page.locator("dialog.rnn-large img")
    assert large.get_attribute("alt") == small.get_attribute("alt")
    area = {}
    for name, picture in {"small": small, "large": large}.items():
        box = picture.bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= PHONE["width"]
        area[name] = box["width"] * box["height"]
    assert area["large"] > 2.5 * area["small"]
    page.keyboard.press("Escape")
    assert page.locator("dialog.rnn-large").count() == 0
    assert opened.errors == []
    opened.close()


def test_the_ledger_can_be_sorted_through(book, browser):
    opened = Opened(browser, (book[0] / "book/claims.html").as_uri())
    page = opened.page
    cards = page.locator(".rnn-claim")
    everything = cards.count()
    tallies = page.locator(".rnn-filter button").all_inner_texts()
    assert sum(int(text.split()[0]) for text in tallies) == everything > 40
    button = page.get_by_role("button", name="does not hold")
    button.press("Enter")
    visible = [card for card in cards.all() if card.is_visible()]
    assert len(visible) == int(button.inner_text().split()[0])
    assert all("Does not hold" in card.inner_text() for card in visible)
    page.get_by_label("Chapter").select_option("5")
    assert 0 < sum(card.is_visible() for card in cards.all()) < len(visible)
    assert all(part.is_visible() == (part.locator(".rnn-claim:visible").count() > 0)
               for part in page.locator("article section section").all())  # fmt: skip
    page.evaluate("location.hash = 'claim-gates-needed'")
    page.locator("#claim-gates-needed").wait_for(state="visible")
    assert opened.errors == []
    opened.close()


def test_a_cell_that_decides_a_claim_leads_to_it(book, browser):
    opened = Opened(browser, (book[0] / "notebooks/06_lstm.html").as_uri())
    link = opened.page.locator(".rnn-decides a").first
    target = link.get_attribute("href").partition("#")[2]
    link.click()
    assert opened.page.locator(f"#{target}.rnn-claim").is_visible()
    opened.close()


def test_a_term_says_what_it_means_where_it_is_first_mentioned(book, browser):
    opened = Opened(browser, (book[0] / "notebooks/05_vanishing_exploding_gradients.html").as_uri())
    page = opened.page
    terms = page.locator(".rnn-term")
    entries = [term.get_attribute("href") for term in terms.all()]
    assert len(entries) == len(set(entries)) > 5, "each term once"
    terms.first.focus()
    tip = page.get_by_role("tooltip")
    assert tip.inner_text() == terms.first.get_attribute("data-aside")
    assert terms.first.get_attribute("aria-describedby") == tip.get_attribute("id")
    page.keyboard.press("Escape")
    assert tip.count() == 0
    terms.first.click()
    page.wait_for_url("**/glossary.html#*")
    assert page.locator(f"dt[id='{page.url.partition('#')[2]}']").is_visible()
    opened.close()


def test_the_first_tap_on_a_term_defines_it_and_the_second_follows(book, browser):
    address = (book[0] / "notebooks/06_lstm.html").as_uri()
    opened = Opened(browser, address, PHONE, has_touch=True)
    term = opened.page.locator(".rnn-term").first
    term.tap()
    box = opened.page.get_by_role("tooltip").bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= PHONE["width"]
    assert opened.page.url == address
    term.tap()
    opened.page.wait_for_url("**/glossary.html#*")
    opened.close()


def test_a_citation_shows_its_reference_in_place(book, browser):
    opened = Opened(browser, (book[0] / "notebooks/02_hidden_state.html").as_uri())
    page = opened.page
    cited, card = page.locator(".rnn-cited:visible").first, page.locator("#rnn-aside")
    cited.focus()
    for part in ("Herbert Jaeger", "Short term memory", "GMD Report 152", "2001"):
        assert part.lower() in card.inner_text().lower()
    assert cited.get_attribute("aria-describedby") == card.get_attribute("id")
    assert violations(page) == []
    page.keyboard.press("Tab")
    link = card.locator("a")
    assert link.evaluate("link => link === document.activeElement")
    assert link.get_attribute("href").endswith("/STMEchoStatesTechRep.pdf")
    page.keyboard.press("Escape")
    assert card.count() == 0
    assert cited.evaluate("link => link === document.activeElement")
    page.keyboard.press("Tab")
    assert card.count() == 0
    cited.hover()
    link.hover()  # on the way there, and over it, the card stays
    page.wait_for_timeout(400)
    assert card.is_visible()
    page.mouse.move(2, 2)
    card.wait_for(state="detached")
    cited.click()
    page.wait_for_url("**/references.html#*")
    assert page.locator(f"[id='{page.url.partition('#')[2]}']").get_by_text("Jaeger").is_visible()
    opened.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_citation_is_shown_by_a_tap_on_a_small_phone(scheme, book, browser):
    address = (book[0] / "notebooks/07_gru.html").as_uri()
    small = {"width": 320, "height": 640}
    opened = Opened(browser, address, small, scheme, has_touch=True)
    page = opened.page
    assert page.locator("table .rnn-cited").count(), "a table cuts off what goes beyond it"
    for cited in page.locator(".rnn-cited:visible").all():
        cited.tap()
        card = page.locator("#rnn-aside")
        box = card.bounding_box()
        assert 0 <= box["x"] < box["x"] + box["width"] <= small["width"]
        assert page.url == address
        middle = [box["x"] + box["width"] / 2, box["y"] + box["height"] / 2]
        seen = "([x, y]) => !!document.elementFromPoint(x, y)?.closest('#rnn-aside')"
        assert page.evaluate(seen, middle), "something lies over the card"
        assert page.evaluate("document.documentElement.scrollWidth") <= small["width"]
    assert violations(page, ["color-contrast"]) == []
    page.locator(".bd-article h1").tap()
    assert page.locator("#rnn-aside").count() == 0
    opened.close()


def test_without_javascript_a_citation_leads_to_the_references(book, browser):
    address = (book[0] / "notebooks/02_hidden_state.html").as_uri()
    opened = Opened(browser, address, java_script_enabled=False)
    opened.page.locator(".rnn-cited").first.click()
    opened.page.wait_for_url("**/references.html#*")
    opened.close()


def test_chapters_are_links_wherever_they_are_named(book, browser):
    opened = Opened(browser, (book[0] / "notebooks/07_gru.html").as_uri())
    found = opened.page.evaluate("""() => [...document.querySelectorAll("article p")]
        .filter((p) => !p.closest(".cell, table"))
        .flatMap((p) => [...p.childNodes]).filter((node) => node.nodeType === 3)
        .flatMap((node) => node.data.match(/chapter [0-6]\\b/gi) ?? [])""")
    assert found == []
    assert opened.page.locator("article p > a", has_text="chapter 6").count() > 1
    opened.close()


def test_an_exercise_page_says_how_and_folds_the_copies_of_the_quiz(book, browser):
    name = "notebooks/exercises/04_backpropagation_through_time.html"
    opened = Opened(browser, (book[0] / name).as_uri())
    page = opened.page
    assert "rnncourse check notebooks/exercises/04" in page.locator(".rnn-how").inner_text()
    copy = page.locator("details.rnn-copies").get_by_text("Question 1.", exact=False).first
    assert not copy.is_visible()
    page.locator("details.rnn-copies > summary").press("Enter")
    assert copy.is_visible()
    opened.close()


def test_a_dark_page_prints_light(book, browser):
    opened = Opened(browser, (book[0] / "book/welcome.html").as_uri(), scheme="dark")
    themes = []
    for event in ("beforeprint", "afterprint"):
        opened.page.evaluate(f"window.dispatchEvent(new Event('{event}'))")
        themes.append(opened.page.locator("html").get_attribute("data-theme"))
    assert themes == ["light", "dark"]
    opened.close()


# ---- single things ------------------------------------------------------------------------


def test_search_finds_a_page(book, browser):
    opened = Opened(browser, (book[0] / "search.html").as_uri() + "?q=recurrent")
    opened.page.wait_for_selector("#search-results li a")
    assert opened.errors == []
    assert opened.outside == []
    opened.close()


def test_without_javascript_the_words_and_numbers_stand_there(book, browser):
    name = PAGES[0]
    address = (book[0] / f"{name}.html").as_uri()
    opened = Opened(browser, address, java_script_enabled=False)
    for figure in opened.page.locator(".rnncourse-figure").all():
        assert figure.locator("p").first.is_visible()
        assert figure.locator("table").is_visible()
    opened.close()


# ---- figures against the cells, on a page of their own ------------------------------------


def extension():
    spec = importlib.util.spec_from_file_location("site", ROOT / "book/_site/rnncourse_site.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def stage(tmp_path_factory, browser):
    """stage(figure) opens a page that holds this figure alone."""
    folder = tmp_path_factory.mktemp("stage")
    for name, text in extension().own_files().items():
        (folder / name).write_text(text, encoding="utf-8")
    stages = []

    def open_figure(figure, **options):
        page = folder / f"{len(stages)}.html"
        page.write_text(
            '<!doctype html><meta charset="utf-8"><link rel="stylesheet" href="figures.css">'
            f'<script defer src="figure-{figure.name}.js"></script>'
            f'<script defer src="host.js"></script>{figure.static_html()}',
            encoding="utf-8",
        )
        stages.append(Opened(browser, page.as_uri(), **options))
        return stages[-1].page

    yield open_figure
    for opened in stages:
        assert opened.errors == []
        opened.close()


def printed(values):
    return "(" + ", ".join(number(value) for value in values) + ")"


@pytest.mark.parametrize("words", ["the cat sat", "sat cat the", "the dog sat the cat"])
def test_unrolled_network_computes_what_the_cell_computes(stage, words):
    page = stage(figures.unrolled_network())
    page.get_by_label("words").fill(words)
    states = figures.unrolled_network(words).states()
    slider = page.get_by_label("step", exact=True)
    for t, state in enumerate(states):
        slider.fill(str(t))
        assert printed(state) in page.locator(".rnn-readout").inner_text()
        boxes = page.locator(f'[data-step="{t}"] .rnn-unit text').all_text_contents()
        assert boxes == [number(value) for value in state]
    seen = "dog" not in words
    assert (page.get_by_text("unseen", exact=True).count() == 0) == seen


def test_unrolled_network_by_keyboard_and_by_itself(stage):
    page = stage(figures.unrolled_network(step=0))
    forward = page.get_by_role("button", name="step forward")
    forward.focus()
    page.keyboard.press("Enter")
    assert "After “the”" in page.locator(".rnn-readout").inner_text()
    page.get_by_role("button", name="Play").click()
    page.get_by_text("After “the cat sat”").wait_for(timeout=6000)
    page.locator('[data-step="2"] .rnn-unit').nth(2).click()
    assert page.get_by_text("Unit 3: tanh(").is_visible()


@pytest.mark.parametrize("activation", ["tanh", "relu", "logistic", "linear"])
def test_forward_calculator_computes_what_the_cell_computes(stage, activation):
    page = stage(figures.forward_calculator())
    page.get_by_label("activation").select_option(activation)
    page.get_by_label("input").select_option("push and pull")
    page.get_by_role("button", name="W h h, row 2, column 1").click()
    page.locator("input[type=range]").nth(1).fill("-0.7")
    params = {"W_hh": [[0.8, 0.0], [-0.7, 0.3]]}
    passed = figures.forward_calculator(activation, "push and pull", params).forward()
    for t in range(6):
        page.get_by_label("step", exact=True).fill(str(t + 1))
        a, h, y = (printed(passed[key][t]) for key in "ahy")
        expected = f"t = {t + 1}: a = {a}, h = {h}, y = {y}"
        assert page.locator(".rnn-readout").inner_text() == expected


def test_forward_calculator_weight_can_be_dragged(stage):
    page = stage(figures.forward_calculator())
    weight = page.get_by_role("button", name="W x h, row 1, column 1")
    weight.scroll_into_view_if_needed()
    box = weight.bounding_box()
    page.mouse.move(box["x"] + 5, box["y"] + 5)
    page.mouse.down()
    page.mouse.move(box["x"] + 55, box["y"] + 5)
    page.mouse.up()
    assert weight.inner_text() == "1.90"
    page.get_by_role("button", name="Reset").click()
    assert weight.inner_text() == "0.90"


@pytest.mark.parametrize("z", ["-1.5", "3.5"])
@pytest.mark.parametrize("function", ["tanh", "relu", "logistic", "linear"])
def test_activations_print_value_and_slope(stage, function, z):
    page = stage(figures.activations())
    page.get_by_label("function", exact=True).select_option(function)
    page.get_by_label("z", exact=True).fill(z)
    value, slope = (f(float(z)) for f in FUNCTIONS[function])
    text = page.locator(".rnn-readout").inner_text()
    assert text.endswith(f"= {number(value, 3)}, slope {number(slope, 3)}")
    tangent = page.locator(".rnn-tangent")
    x1, x2, y1, y2 = (float(tangent.get_attribute(end)) for end in ("x1", "x2", "y1", "y2"))
    drawn = (y1 - y2) / (x2 - x1)  # up is down in a picture
    tall = 3.4 if function in ("tanh", "logistic") else 10.8  # from end to end of the axis
    assert drawn == pytest.approx(slope * (220 / tall) / (420 / 10.4), abs=1e-9)
    box, frame = (page.locator(f".rnn-figure svg{part}").bounding_box() for part in (" circle", ""))
    assert frame["y"] < box["y"] < frame["y"] + frame["height"] - box["height"]


def test_forward_calculator_keeps_its_axis_and_marks_what_lies_beyond(stage):
    page = stage(figures.forward_calculator("linear"))
    axis = page.locator(".rnn-figure svg text.rnn-muted")
    before = axis.all_text_contents()
    assert page.locator(".rnn-beyond").count() == 0
    page.locator("input[type=range]").nth(1).fill("3")
    assert axis.all_text_contents() == before
    passed = figures.forward_calculator("linear", params={"W_hh": [[3, 0], [0.5, 0.3]]}).forward()
    beyond = sum(int((abs(passed[key]) > 2).sum()) for key in ("a", "h"))
    assert page.locator(".rnn-beyond").count() == beyond > 0


@pytest.mark.parametrize(("scale", "leaves"), [("1", 0), ("3", 1), ("0.3", 1)])
def test_gradient_walk_ends_its_line_where_it_leaves_the_axis(stage, scale, leaves):
    page = stage(figures.gradient_walk(1.0, 20, "linear"), reduced_motion="reduce")
    page.get_by_label("scale of W_hh").fill(scale)
    page.get_by_role("button", name="Walk").click()
    assert page.locator(".rnn-beyond").count() == leaves
    lengths = np.array(figures.gradient_walk(float(scale), 20, "linear").norms()[::-1])
    inside = (lengths >= 1e-8) & (lengths <= 1e4)
    drawn = page.locator("polyline").get_attribute("points").split()
    assert len(drawn) == (20 if inside.all() else np.argmin(inside))


@pytest.mark.parametrize(("sentence", "order"), [
    ("up up down up", [3, 2, 0, 1]), ("the food was not bad but good", [0, 1, 2, 3, 6, 5, 4]),
])  # fmt: skip
def test_word_order_draws_the_table_that_python_writes(stage, sentence, order):
    figure = figures.word_order(sentence)
    figure.order = order
    page = stage(figure)
    now, rows = figure.now(), sorted(set(sentence.split()))
    labels = page.locator(".rnn-figure svg text:not(.rnn-muted)").all_text_contents()
    expected = [text for word in rows for text in (word, str(now.count(word)))]
    assert labels == ["bag", "sequence", *expected]
    marked = "node => node.getAttribute('fill') === 'var(--rnn-input)'"
    cells = page.locator(".rnn-figure svg rect[rx='3']").all()
    assert [cell.evaluate(marked) for cell in cells] == [here == w for w in rows for here in now]


@pytest.mark.parametrize("words", ["dog bites man", "cat feeds mouse", "man sees cat"])
def test_news_computes_what_the_cell_computes(stage, words):
    figure = figures.news(words, step=0)
    page = stage(figure)
    for t in range(4):
        says = []
        for place, said in enumerate((words.split(), words.split()[::-1])):
            states, news = figure.read(said)
            lane = page.locator(".rnn-lane").nth(place)
            for s in range(1, t + 1):
                boxes = lane.locator(f'[data-step="{s}"] .rnn-unit text').all_text_contents()
                assert boxes == [number(value) for value in states[s]]
            assert number(news[t]) in lane.locator(".rnn-gauge text").all_text_contents()
            turn = lane.locator('[data-key$="needle"]').get_attribute("style")
            angle = float(re.search(r"rotate\((.*?)deg\)", turn)[1])
            assert angle == pytest.approx((2 * news[t] - 1) * 75, abs=0.051)
            says.append(f"“{' '.join(said[:t])}”: {number(news[t])}")
        if t:
            assert page.locator(".rnn-readout").inner_text() == f"News? {', '.join(says)}."
        page.keyboard.press("Tab") if t == 0 else None
        page.keyboard.press("ArrowRight")


def test_two_orders_are_read_one_above_the_other(stage):
    known = ["dog", "bites", "man"]
    figure = figures.unrolled_network("dog bites man", known, other="man dog bites", step=3)
    page = stage(figure)
    pair = [figure.states(), figure.states(figure.other)]
    for place, states in enumerate(pair):
        for t, state in enumerate(states):
            boxes = page.locator(f'[data-lane="{place}"] [data-step="{t}"] .rnn-unit')
            assert boxes.locator("text").all_text_contents() == [number(v) for v in state]
            differ = abs(pair[0][t] - pair[1][t]) >= 0.005
            lit = [box.get_attribute("data-lit") is not None for box in boxes.all()]
            assert lit == differ.tolist()
    page.get_by_label("against").fill("dog bites man")
    assert page.locator("[data-lit]").count() == 0
    assert "0 of 4 numbers differ" in page.locator(".rnn-readout").inner_text()


def test_the_equation_keeps_in_one_piece_on_a_phone(stage):
    known = ["to", "be", "or", "not"]
    page = stage(figures.unrolled_network("to be or not to be", known), viewport=PHONE)
    groups = [group.bounding_box() for group in page.locator(".rnn-equation .rnn-group").all()]
    middles = sorted({round(box["y"] + box["height"] / 2) for box in groups})
    assert len(middles) == 2  # two lines, none of which scrolls
    fits = "node => node.scrollWidth <= node.clientWidth + 1"
    assert all(group.evaluate(fits) for group in page.locator(".rnn-equation .rnn-group").all())


def test_more_to_the_right_is_announced_until_it_is_seen(stage):
    known = ["to", "be", "or", "not"]
    page = stage(figures.unrolled_network("to be or not to be", known), viewport=PHONE)
    cue = page.get_by_text("more to the right")
    assert cue.is_visible()
    page.get_by_label("step", exact=True).fill("6")
    cue.wait_for(state="hidden")
    page.get_by_label("words").fill("to be")
    assert page.locator(".rnn-scroll.rnn-whole").count() == 1


@pytest.mark.parametrize("motion", ["no-preference", "reduce"])
def test_motion_is_eased_unless_the_reader_wants_none(stage, motion):
    page = stage(figures.news(), reduced_motion=motion)
    page.get_by_role("button", name="Swap dog and man").click()
    moving = page.evaluate("document.getAnimations().length")
    assert (moving > 0) == (motion == "no-preference")


@pytest.mark.parametrize("figure", [
    figures.news(step=1), figures.unrolled_network(step=1), figures.gradient_walk(),
    figures.folded_loop(step=2),
], ids=lambda figure: figure.name)  # fmt: skip
def test_arrow_keys_step_through_time(stage, figure):
    page = stage(figure)
    before = page.locator(".rnn-readout").inner_text()
    page.locator(".rnn-figure button:enabled").first.focus()
    page.keyboard.press("ArrowLeft")
    assert page.locator(".rnn-readout").inner_text() != before
    page.keyboard.press("ArrowRight")
    assert page.locator(".rnn-readout").inner_text() == before


@pytest.fixture(scope="module")
def script(browser):
    """script(figure, expression) is what the figure's script computes from its state S."""
    page = browser.new_page()

    def compute(figure, expression):
        functions = source(figure.name).replace("export default { render };", "")
        given = f"const S = {json.dumps(figure.state())}; const model = {{ get: (key) => S[key] }};"
        return page.evaluate(f"() => {{ {functions}\n{given} return {expression}; }}")

    yield compute
    page.close()


@pytest.mark.parametrize(
    ("scale", "steps", "size"), [(1, 50, 1), (1.5, 200, 3), (0.4, 30, 0), (3, 90, 9)]
)
def test_gradient_flow_computes_what_the_cells_compute(script, scale, steps, size):
    figure = figures.gradient_flow(scale=scale, steps=steps, size=size)
    for key in figure.weights:
        expected = figure.norms(key)  # walks through rnncourse.cells
        assert len(expected) == steps + 1
        found = np.array(script(figure, f"norms('{key}', S)"), dtype=float)
        np.testing.assert_allclose(found, expected, 1e-9, 1e-300)


@pytest.mark.parametrize(("nonlinearity", "name"), [
    ("tanh", "tanh"), ("relu", "relu"), ("logistic", "sigmoid"), ("linear", "identity"),
])  # fmt: skip
def test_gradient_walk_computes_what_the_cell_computes(script, nonlinearity, name):
    figure = figures.gradient_walk(1.3, 12, nonlinearity)
    cell = RNNCell(1, 4, nonlinearity=name)
    W_xh, W_hh = np.array(figure.W_xh)[:, None], 1.3 * np.array(figure.W_hh)
    cell.params.update(W_xh=W_xh, W_hh=W_hh, b_h=np.zeros(4))
    x = np.array(figure.x[:12])[:, None]
    expected = gradient_lengths(cell, x, np.eye(4)[0])[:12][::-1]
    np.testing.assert_allclose(figure.norms(), expected, 1e-9)
    np.testing.assert_allclose(script(figure, "walk(model).map(norm)"), expected, 1e-9)


@pytest.mark.parametrize(("kind", "held"), [("lstm", {"f": 1, "o": 0}), ("gru", {"z": 0, "r": 1})])
def test_gate_explorer_computes_the_same_with_gates_held(script, kind, held):
    figure = figures.gate_explorer(kind, "two pulses")
    figure.forced = {**figure.forced, **held}
    for ours, theirs in zip(figure.trace(), script(figure, "trace(model)"), strict=True):
        assert {name: theirs[name] for name in ours} == pytest.approx(ours, rel=1e-9)
        assert held.items() <= ours.items()


@pytest.mark.parametrize(("kind", "keeps"), [("lstm", True), ("gru", True), ("gru", False)])
def test_gate_explorer_computes_what_the_cell_computes(script, kind, keeps):
    figure = figures.gate_explorer(kind, "zigzag", keeps)
    order = "ifgo" if kind == "lstm" else "rzn"
    rows = np.array([figure.weights[name] for name in order], dtype=float)  # (gates, 3)
    cell = LSTMCell(1, 1) if kind == "lstm" else GRUCell(1, 1, reset_after=False)
    for name, column in zip(("W_xh", "W_hh", "b_h"), rows.T, strict=True):
        cell.params[name] = column.reshape(cell.params[name].shape)
    h, _, _ = unroll(cell, np.array(figure.x)[:, None])
    np.testing.assert_allclose([row["h"] for row in figure.trace()], h[:, 0], 1e-9)
    for ours, theirs in zip(figure.trace(), script(figure, "trace(model)"), strict=True):
        assert {name: theirs[name] for name in ours} == pytest.approx(ours, rel=1e-9)


def test_gradient_walk_shows_what_a_slider_does_before_the_first_step(stage):
    page = stage(figures.gradient_walk())
    page.get_by_role("button", name="Start over").click()
    page.get_by_label("scale of W_hh").fill("2")
    assert "After 7 steps" in page.locator(".rnn-readout").inner_text()


def test_gradient_walk_draws_every_column_to_one_scale(script):
    figure = figures.gradient_walk(2.5, 8, "linear")
    drawn = "walk(model).map((dh, t) => column(dh, t, 8, true).outerHTML)"
    columns = script(figure, drawn)
    reach = script(figure, "(RIGHT - LEFT) / 8 * 0.42 - 1")  # what a bar of 1 measures
    for gradient, picture in zip(script(figure, "walk(model)"), columns, strict=True):
        widths = [float(w) for w in re.findall(r'class="rnn-bar"[^>]* width="([\d.]+)"', picture)]
        expected = [max(min(abs(d), 1) * reach, 0.8) for d in gradient]
        assert widths == pytest.approx(expected)
        assert picture.count("<path") == sum(abs(d) > 1 for d in gradient)


def test_gradient_flow_ends_a_line_where_it_leaves_the_axis(script):
    figure = figures.gradient_flow(2.5, 100)
    courses = {key: script(figure, f"course(norms('{key}', S))") for key in figure.weights}
    for key, course in courses.items():
        lengths = np.array(figure.norms(key))
        inside = (lengths >= 1e-12) & (lengths <= 1e6)
        leaves = None if inside.all() else "up" if lengths[~inside][0] > 1 else "down"
        assert course["leaves"] == leaves
        assert len(course["points"]) == (101 if inside.all() else np.argmin(inside) + 1)
    assert {course["leaves"] for course in courses.values()} == {None, "up", "down"}


def test_gate_explorer_keeps_its_axis_and_shows_the_free_run(stage):
    page = stage(figures.gate_explorer("lstm"))
    axis = page.locator("svg text.rnn-muted").all_text_contents()
    assert page.locator(".rnn-ghost").count() == 0
    for menu in page.locator("select").all()[1:]:
        menu.select_option(label="held at 1")
    assert page.locator("svg text.rnn-muted").all_text_contents() == axis
    assert page.locator(".rnn-ghost").count() == 2
    assert page.locator(".rnn-readout").inner_text().startswith("c₄ = f·c₃ + i·g = ")


def test_gate_explorer_is_moved_by_a_finger_and_the_page_is_not(stage):
    page = stage(figures.gate_explorer("lstm"), viewport=PHONE, has_touch=True)
    handle = page.locator(".rnn-handle").nth(2)
    scrolled = "node => node.dispatchEvent(new TouchEvent('touchstart', {cancelable: true}))"
    assert handle.evaluate(scrolled) is False


@pytest.mark.parametrize("gate", ["free", "held at 1"])
def test_names_of_the_curves_stand_apart(stage, gate):
    page = stage(figures.gate_explorer("lstm"))
    for menu in page.locator("select").all()[1:]:
        menu.select_option(label=gate)
    tops = sorted(name.bounding_box()["y"] for name in page.locator("svg .rnn-var").all())
    assert len(tops) == 6
    assert min(b - a for a, b in pairwise(tops)) > 8


# ---- diagrams: the cells, part by part --------------------------------------------------------


@pytest.mark.parametrize("x", [0.6, -0.7])
@pytest.mark.parametrize(("cell", "keeps"), [
    ("rnn", True), ("lstm", True), ("gru", True), ("gru", False),
])  # fmt: skip
def test_a_cell_diagram_computes_what_the_cell_computes(script, stage, cell, keeps, x):
    figure = figures.cell_diagram(cell, x, h=-0.45, keeps=keeps)
    expected = figure.values()  # by rnncourse.cells
    assert script(figure, "values(S)") == pytest.approx(expected, rel=1e-12)
    page = stage(figures.cell_diagram(cell, h=-0.45))
    page.get_by_label("xt", exact=True).fill(str(x))
    if not keeps:
        page.get_by_label("z near 1").select_option("false")
    for name, value in expected.items():
        part = page.locator(f'[data-part="{name}"]')
        assert part.get_attribute("aria-label").endswith(f": {number(value)}")
        shown = number(x if (cell, name) == ("rnn", "x") else value)
        assert shown in part.locator("text").all_text_contents()


def lit(page, inside):
    return page.locator(f".rnn-figure {inside} .rnn-lit").all_text_contents()


@pytest.mark.parametrize(("cell", "keeps", "part", "terms", "code"), [
    ("rnn", True, "x", "Wxhxt", "x_t @ W_xh.T"),
    ("lstm", True, "keep", "f⊙ct−1", "f * c_prev"),
    ("lstm", True, "f", "f = σ(Wxfxt+Whfht−1+bf)f", "sigmoid(a_f)"),
    ("gru", True, "rest", "(1−z)", "(1 - z)"),
    ("gru", False, "rest", "(1−z)", "sigmoid(x_z + h_z)"),
])  # fmt: skip
def test_a_part_lights_up_its_term_and_its_code(stage, cell, keeps, part, terms, code):
    page = stage(figures.cell_diagram(cell, keeps=keeps, part="h"))
    page.locator(f'[data-part="{part}"]').dispatch_event("click")
    assert "".join(lit(page, ".rnn-terms")).replace(" ", "") == terms.replace(" ", "")
    assert "".join(lit(page, ".rnn-codeline")) == code
    assert page.locator('[aria-pressed="true"]').get_attribute("data-part") == part
    does = (figures.cell_diagram(cell).swapped if not keeps else {}).get(part)
    does = (does or figures.cell_diagram(cell).parts[part])[1]
    assert does in page.locator(".rnn-readout").inner_text()


def test_a_term_and_a_line_of_code_light_up_their_part(stage):
    page = stage(figures.cell_diagram("lstm"))
    pressed = page.locator('[aria-pressed="true"]')
    page.locator('.rnn-terms [data-parts="o"]').first.hover()
    assert pressed.get_attribute("data-part") == "o"
    page.locator(".rnn-source").get_by_text("np.tanh(c_t)").hover()
    assert pressed.get_attribute("data-part") == "tanh_c"


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
def test_the_arrow_keys_walk_round_a_cell(stage, cell):
    figure = figures.cell_diagram(cell)
    page, names = stage(figure), list(figure.parts)
    page.locator('[data-part][tabindex="0"]').focus()
    start = names.index(figure.part)
    for name in [*names[start + 1 :], *names[: start + 1]]:
        page.keyboard.press("ArrowRight")
        assert page.evaluate("document.activeElement.dataset.part") == name
        assert page.locator('[aria-pressed="true"]').get_attribute("data-part") == name
    assert page.locator('[data-part][tabindex="0"]').count() == 1


DIAGRAMS = [figures.cell_diagram(cell) for cell in ("rnn", "lstm", "gru")]
DIAGRAMS += [figures.bag_window_recurrent("mouse bites dog", "last")]
DIAGRAMS += [figures.gradient_roads(cut=["belt"]), figures.gradient_roads("rnn")]
DIAGRAMS += [figures.folded_loop(), figures.folded_loop("sat the cat sat", unrolled=1)]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("figure", DIAGRAMS, ids=lambda figure: figure.name)
def test_a_diagram_fits_a_small_phone_and_can_be_read(stage, figure, scheme):
    page = stage(figure, viewport={"width": 320, "height": 640}, scheme=scheme)
    page.evaluate(f"document.documentElement.dataset.theme = '{scheme}'")
    page.add_style_tag(content=".rnncourse-figure > table { display: none }")  # as in the book
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    rules = ["color-contrast", "nested-interactive", "aria-allowed-attr", "button-name"]
    assert violations(page, rules) == []
    small = "node => node.getBoundingClientRect().height < 9 && node.textContent.trim()"
    assert not [t for t in page.locator(".rnn-figure svg text:visible").all() if t.evaluate(small)]


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
def test_a_finger_chooses_a_part(stage, cell):
    page = stage(figures.cell_diagram(cell), viewport=PHONE, has_touch=True)
    page.locator('[data-part="x"] .rnn-unit').tap()
    assert page.locator('[aria-pressed="true"]').get_attribute("data-part") == "x"


@pytest.mark.parametrize("unrolled", [0, 1])
@pytest.mark.parametrize("words", ["the cat sat", "sat the cat sat"])
def test_the_loop_computes_what_the_cell_computes(stage, words, unrolled):
    figure = figures.folded_loop(words, unrolled=unrolled, step=0)
    page = stage(figure, reduced_motion="reduce")
    for t, state in enumerate(figure.states()):
        boxes = page.locator(f'[data-step="{t}"] .rnn-unit text')
        assert boxes.all_text_contents() == [number(value) for value in state]
        assert f"h{chr(0x2080 + t)} = {printed(state)}" in page.locator(".rnn-readout").inner_text()
        columns = page.locator("[data-step]").count()
        assert columns == (len(words.split()) + 1 if unrolled else 1)
        page.get_by_role("button", name="step forward").click(force=True)


@pytest.mark.parametrize("motion", ["no-preference", "reduce"])
def test_the_loop_unrolls_in_an_eased_motion_or_at_once(stage, motion):
    page = stage(figures.folded_loop(step=3), reduced_motion=motion)
    seen = page.evaluate("""async () => {
        const box = () => document.querySelector("[data-step='3'] rect");
        const place = () => Number(box().getAttribute("x"));
        const seen = [place()];
        document.querySelector(".rnn-main").click();
        const start = performance.now();
        while (performance.now() - start < 1600) {
            seen.push(place());
            await new Promise(requestAnimationFrame);
        }
        return seen;
    }""")
    assert seen == sorted(seen)
    first, last = seen[0], seen[-1]
    assert (first, last) == (pytest.approx(189), pytest.approx(372))
    between = {x for x in seen if first < x < last}
    assert (len(between) > 5) == (motion == "no-preference")


@pytest.mark.parametrize("unrolled", [0, 1])
def test_shared_weights_are_lit_wherever_they_stand(stage, unrolled):
    page = stage(figures.folded_loop(unrolled=unrolled), has_touch=True, viewport=PHONE)
    for name in ("Wxh", "Whh"):
        page.get_by_role("button", name=name, exact=True).tap()
        assert page.locator("[data-lit]").count() == (3 if unrolled else 1)


@pytest.mark.parametrize(("cell", "cut", "scale", "bias"), [
    ("rnn", [], 1.0, 1), ("rnn", [], 2.4, 1), ("rnn", ["h"], 1.0, 1), ("lstm", [], 1.0, 1.0),
    ("lstm", ["belt"], 2.0, 3.5), ("lstm", ["g", "o"], 1.3, 0.0), ("lstm", ["f", "i"], 0.7, -1.0),
])  # fmt: skip
def test_gradient_roads_walks_as_python_does(script, stage, cell, cut, scale, bias):
    figure = figures.gradient_roads(cell, cut, scale, bias)
    for ours, theirs in zip(figure.walk(), script(figure, "walk(S)"), strict=True):
        assert theirs["t"] == ours["t"]
        assert theirs["length"] == pytest.approx(ours["length"], rel=1e-9)
        assert theirs["by"] == pytest.approx(ours["by"], rel=1e-9)
        np.testing.assert_allclose(theirs["whole"], ours["whole"], 1e-9, 1e-15)
    page = stage(figures.gradient_roads(cell), viewport=PHONE, has_touch=True)
    page.get_by_label("scale of W_hh").fill(str(scale))
    if cell == "lstm":
        page.get_by_label("forget bias").fill(str(bias))
    for road in cut:
        page.locator(f'[data-road="{road}"]').first.tap()
    arrives = [figure.walk(open_)[-1]["length"] for open_ in ([], cut)]
    told = page.locator(".rnn-readout").inner_text()
    said = [number(a, 3) if a else "nothing" for a in (arrives if cut else arrives[:1])]
    assert re.findall(r"\d\.\d{3}|nothing", told) == said
    assert page.locator(".rnn-switch[aria-pressed=false]").count() == len(cut)
    assert page.locator(".rnn-closed").count() == 2 * len(cut)


def test_the_axis_of_the_roads_stands_still_and_says_what_lies_beyond(stage):
    page = stage(figures.gradient_roads("rnn"))
    marks = page.locator("svg text.rnn-muted")
    before = marks.all_text_contents()
    for scale, beyond in (("3", 0), ("0.5", 0)):
        page.get_by_label("scale of W_hh").fill(scale)
        assert marks.all_text_contents() == before
        assert page.locator(".rnn-beyond").count() == beyond
    page.get_by_role("button", name="recurrent matrix").press("Enter")
    assert page.locator(".rnn-beyond").count() == 1


@pytest.mark.parametrize(("words", "place"), [
    ("dog bites man", ""), ("cat bites dog", "first"), ("mouse feeds cat", "last"),
])  # fmt: skip
def test_the_readers_answer_as_python_does(stage, words, place):
    figure = figures.bag_window_recurrent(words, place)
    page = stage(figures.bag_window_recurrent())
    for label, word in zip(("who", "does", "whom"), words.split(), strict=True):
        page.get_by_label(label, exact=True).select_option(word)
    page.get_by_label("today").select_option(place)
    orders = figure.orders()
    for kind, both in figure.answers().items():
        for k, (h, says) in enumerate(both):
            order = page.locator(f'[data-kind="{kind}"] [data-order="{k}"]')
            numbers_ = order.locator(".rnn-unit text").all_text_contents()
            assert numbers_ == [number(value) for value in h]
            units = order.locator(".rnn-unit").all()
            lit = [unit.get_attribute("data-lit") is not None for unit in units]
            assert lit == (abs(h - both[1 - k][0]) >= 0.005).tolist()
            assert order.locator(".rnn-says").text_content() == number(says)
            news = figure.news[" ".join(w for w in orders[k] if w != "today")]
            assert order.locator(".rnn-mark").text_content() == "✗✓"[(says > 0.5) == news]
    assert page.locator('[data-kind="bag"] [data-lit]').count() == 0
    seen = page.locator(".rnn-readout").inner_text()
    assert ("Not among" in seen) == any(" ".join(said) in figure.unseen for said in orders)


# ---- each figure's experiment: do what its note says, see what it promises ------------------


def numbers(text):
    """The numbers in a figure's line, with true minus signs."""
    return [float(n.replace("\N{MINUS SIGN}", "-")) for n in re.findall(r"[\u2212]?\d+\.\d+", text)]


def swap_dog_and_man(page):
    answers = numbers(page.locator(".rnn-readout").inner_text())
    assert answers[0] < 0.1 < 0.9 < answers[1]
    page.get_by_role("button", name="Swap dog and man").click()
    assert numbers(page.locator(".rnn-readout").inner_text()) == answers[::-1]


def attributes(page, selector, name):
    given = page.locator(f".rnn-figure {selector}").all()
    return [node.get_attribute(name) for node in given]


def press_a_word(page):
    bars = attributes(page, "rect[rx='2']", "width")
    marks = attributes(page, "rect[rx='3']", "fill")
    page.get_by_role("button", name="dog, place 1").click()
    assert attributes(page, "rect[rx='2']", "width") == bars
    assert attributes(page, "rect[rx='3']", "fill") != marks
    assert "2 of 3 columns differ" in page.locator(".rnn-readout").inner_text()


def move_z(page):
    slopes = []
    for z in range(4):
        page.get_by_label("z", exact=True).fill(str(z))
        slopes.append(numbers(page.locator(".rnn-readout").inner_text())[-1])
    assert slopes[0] == 1
    assert slopes == sorted(slopes, reverse=True)
    assert slopes[-1] == 0.01


def type_another_order(page):
    page.get_by_label("step", exact=True).fill("3")
    last = page.locator('[data-step="3"] .rnn-unit text')
    before = last.all_text_contents()
    page.get_by_label("words").fill("sat cat the")
    assert all(a != b for a, b in zip(before, last.all_text_contents(), strict=True))


def forget_the_push(page):
    page.get_by_label("input").select_option("one push")
    page.get_by_role("button", name="W h h, row 1, column 1").click()

    def first_unit():
        states = []
        for t in range(1, 7):
            page.get_by_label("step", exact=True).fill(str(t))
            states.append(numbers(page.locator(".rnn-readout").inner_text())[2])
        return states

    assert min(first_unit()) > 0.1
    page.locator("input[type=range]").nth(1).fill("0")
    first, *others = first_unit()
    assert first > 0.7
    assert others == [0.0] * 5


def walk_linear(page):
    page.get_by_label("nonlinearity").select_option("linear")
    for _ in range(4):
        page.get_by_role("button", name="One step back").click()
    rises = []
    for scale in ("1", "3"):
        page.get_by_label("scale of W_hh").fill(scale)
        (points,) = attributes(page, "polyline", "points")
        first, *_, last = [float(point.split(",")[1]) for point in points.split()]
        rises.append(last - first)  # y grows downwards; the walk ends at the first step
    assert rises[0] < 0 < rises[1]


def turn_up_the_scale(page):
    page.get_by_label("scale of W_hh").fill("2")
    one = 262 - (0 + 12) * (262 - 12) / (6 + 12)  # where a gradient of length 1 stands

    def ends(role):
        lines = attributes(page, f"polyline[stroke='var(--rnn-{role})']", "points")
        return [float(points.split()[-1].split(",")[1]) for points in lines]

    assert max(ends("baseline")) < one
    assert len(ends("baseline")) == 2
    assert min([*ends("lstm"), *ends("gru")]) > one + 40


def hold_the_forget_gate(page):
    page.get_by_label("input", exact=True).select_option("prices")

    def kept():
        line = page.locator('polyline:not(.rnn-ghost)[stroke="var(--rnn-cell)"]')
        return [-float(p.split(",")[1]) for p in line.get_attribute("points").split()]

    assert min(np.diff(kept())) < 0
    page.get_by_label("forget gate f").select_option("1")
    assert min(np.diff(kept())) >= 0


def hold_the_update_gate(page):
    page.get_by_label("update gate z").select_option("1")
    line = page.locator('polyline:not(.rnn-ghost)[stroke="var(--rnn-state)"]')
    assert len({p.split(",")[1] for p in line.get_attribute("points").split()}) == 1
    assert page.locator(".rnn-readout").inner_text().endswith("= 0.00")


def touch_the_input(page):
    before = lit(page, ".rnn-terms")
    page.locator('[data-part="x"] .rnn-unit').click()
    assert before != lit(page, ".rnn-terms") == ["Wxhxt"]
    moved_by_x(page, {"sum", "h", "x"}, "h_prev")


def moved_by_x(page, moves, stands):
    def labels():
        nodes = page.locator("[data-part]").all()
        return {n.get_attribute("data-part"): n.get_attribute("aria-label") for n in nodes}

    before = labels()
    page.get_by_label("xt", exact=True).fill("-1")
    after = labels()
    assert all(before[part] != after[part] for part in moves)
    assert before[stands] == after[stands]


def touch_the_forget_gate(page):
    page.locator('[data-part="f"] .rnn-node').click()
    lines = page.locator(".rnn-term-line:has(.rnn-lit)")
    assert lines.count() == 2
    moved_by_x(page, {"c", "h"}, "c_prev")


def switch_the_convention(page):
    page.locator('[data-part="z"] .rnn-node').click()
    assert page.locator(".rnn-term-line:has(.rnn-lit)").count() == 2
    places = []
    for keeps in ("true", "false"):
        page.get_by_label("z near 1").select_option(keeps)
        state = page.locator('[data-part="h"]').get_attribute("aria-label")
        places.append((page.locator('[data-part="rest"] .rnn-node').get_attribute("x"), state))
    assert float(places[0][0]) > float(places[1][0]) + 20
    assert places[0][1] == places[1][1]


def unroll_the_loop(page):
    page.emulate_media(reduced_motion="reduce")
    boxes = page.locator("[data-step] .rnn-unit text")
    seen = []
    for _ in range(3):
        seen.append(boxes.all_text_contents())
        page.keyboard.press("Tab") if not seen[1:] else None
        page.keyboard.press("ArrowRight")
    assert len(set(map(tuple, seen))) == 3
    page.get_by_role("button", name="Unroll the loop").click()
    assert boxes.all_text_contents()[4:] == [text for texts in seen for text in texts]
    assert page.locator("[data-lit]").count() == 3


def cut_the_only_path(page):
    page.get_by_role("button", name="recurrent matrix").click()
    assert "nothing with recurrent matrix cut" in page.locator(".rnn-readout").inner_text()
    page.get_by_role("button", name="recurrent matrix").click()
    before = numbers(page.locator(".rnn-readout").inner_text())
    page.get_by_label("scale of W_hh").fill("2")
    assert numbers(page.locator(".rnn-readout").inner_text()) > before


def cut_the_belt(page):
    left = {}
    for name in ("conveyor belt", "forget gate", "input gate", "candidate", "output gate"):
        page.get_by_role("button", name=name).click()
        whole, left[name] = numbers(page.locator(".rnn-readout").inner_text())
        page.get_by_role("button", name=name).click()
    belt = left.pop("conveyor belt")
    assert belt < 0.1 * whole
    assert min(left.values()) > 0.7 * whole


def let_today_come_first(page):
    page.get_by_label("who", exact=True).select_option("cat")
    page.get_by_label("whom", exact=True).select_option("dog")
    marks = {}
    for place in ("", "first"):
        page.get_by_label("today").select_option(place)
        for kind in ("bag", "window", "recurrent"):
            found = page.locator(f'[data-kind="{kind}"] .rnn-mark').all_text_contents()
            marks[kind, place] = "".join(found)
        says = page.locator('[data-kind="bag"] .rnn-says').all_text_contents()
        assert says[0] == says[1]
    assert marks["window", ""] == marks["recurrent", ""] == marks["recurrent", "first"] == "✓✓"
    assert marks["window", "first"] == "✗✗"


EXPERIMENTS = {
    "activations": (figures.activations, move_z),
    "bag_window_recurrent": (figures.bag_window_recurrent, let_today_come_first),
    "cell_diagram": (lambda: figures.cell_diagram("lstm"), touch_the_forget_gate),
    "cell_diagram, RNN": (lambda: figures.cell_diagram("rnn"), touch_the_input),
    "cell_diagram, GRU": (lambda: figures.cell_diagram("gru"), switch_the_convention),
    "folded_loop": (figures.folded_loop, unroll_the_loop),
    "forward_calculator": (figures.forward_calculator, forget_the_push),
    "gate_explorer": (lambda: figures.gate_explorer("lstm", "zigzag"), hold_the_forget_gate),
    "gate_explorer, GRU": (lambda: figures.gate_explorer("gru"), hold_the_update_gate),
    "gradient_flow": (figures.gradient_flow, turn_up_the_scale),
    "gradient_roads": (figures.gradient_roads, cut_the_belt),
    "gradient_roads, RNN": (lambda: figures.gradient_roads("rnn"), cut_the_only_path),
    "gradient_walk": (lambda: figures.gradient_walk(1.0), walk_linear),
    "news": (figures.news, swap_dog_and_man),
    "unrolled_network": (figures.unrolled_network, type_another_order),
    "word_order": (figures.word_order, press_a_word),
}


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_a_figure_shows_what_its_note_promises(stage, name):
    make, do = EXPERIMENTS[name]
    page = stage(make())
    assert page.locator(".rnn-note", has_text="you should see").count() == 1
    do(page)


def test_every_figure_states_an_experiment():
    kinds = {kind.name for kind in figures.Figure.__subclasses__()} - {"quiz"}
    assert {name.partition(",")[0] for name in EXPERIMENTS} == kinds


# ---- quizzes ------------------------------------------------------------------------------


def says(question, place):
    """What the quiz must say when the option at this place is chosen."""
    verdict = "right" if place == question["right"] else "not right"
    return f"{'ABCD'[place]} is {verdict}. {quizzes.plain(question['feedback'][place])}"


def shown(page):
    """The question that is to be seen."""
    return page.locator(".rnn-question:not([hidden])")


def choose(page, place):
    shown(page).get_by_role("radio").nth(place).click()


def test_every_option_of_a_quiz_answers_a_click(stage):
    quiz = quizzes.quiz(5)
    page = stage(quiz)
    for k, question in enumerate(quiz.questions, start=1):
        page.get_by_role("button", name=f"Question {k}", exact=True).click()
        assert shown(page).locator(".rnn-asked").inner_text() == quizzes.plain(question["text"])
        assert shown(page).locator(".rnn-feedback").inner_text() == ""
        for place in (3, 1, 0, 2):
            choose(page, place)
            assert shown(page).locator(".rnn-feedback").inner_text() == says(question, place)


def test_every_option_of_a_quiz_answers_the_keyboard(stage):
    quiz = quizzes.quiz(4)
    page = stage(quiz)
    page.keyboard.press("Tab")  # to the first option
    for question in quiz.questions:
        name = quizzes.plain(question["text"])
        assert page.get_by_role("radiogroup", name=name, exact=True).is_visible()
        option = f"A: {quizzes.plain(question['options'][0])}"
        assert shown(page).get_by_role("radio", name=option, exact=True).is_visible()
        told = shown(page).locator(".rnn-feedback")
        assert told.get_attribute("aria-live") == "polite"
        before = ""
        for place in range(4):
            assert told.inner_text() == before  # an arrow goes on and answers nothing
            page.keyboard.press(["Space", "Enter"][place % 2])
            before = says(question, place)
            assert told.inner_text() == before
            checked = shown(page).get_by_role("radio", checked=True)
            assert checked.count() == 1
            outline = checked.evaluate(
                "node => node === document.activeElement && getComputedStyle(node).outlineStyle"
            )
            assert outline == "solid"
            page.keyboard.press(["ArrowDown", "ArrowRight"][place % 2])
        page.keyboard.press("ArrowUp")  # round the corner, back to D
        if page.get_by_role("button", name="Next").is_enabled():
            while page.evaluate("document.activeElement.textContent") != "Next":
                page.keyboard.press("Tab")
            page.keyboard.press("Enter")  # goes to the first option of the next question
    assert page.locator(".rnn-score").inner_text().endswith(f" of {len(quiz.questions)} right")


def test_the_first_answer_counts_and_the_browser_keeps_it(stage):
    quiz = quizzes.quiz(3)
    first, second = quiz.questions[:2]
    page = stage(quiz)
    score, again = page.locator(".rnn-score"), page.get_by_role("button", name="Start again")
    assert not score.is_visible()
    assert not again.is_visible()
    choose(page, first["right"])
    page.get_by_role("button", name="Next").click()
    choose(page, (second["right"] + 1) % 4)
    choose(page, second["right"])
    assert score.inner_text() == "1 of 2 right"
    page.reload()
    assert score.inner_text() == "1 of 2 right"
    assert page.get_by_text("Question 3", exact=True).is_visible()
    page.get_by_role("button", name="Question 2, not right at first").click()
    assert shown(page).locator(".rnn-feedback").inner_text() == says(second, second["right"])
    again.click()
    for _ in range(2):
        assert not score.is_visible()
        assert page.get_by_text("Question 1", exact=True).is_visible()
        assert page.get_by_role("radio", checked=True).count() == 0
        page.reload()


def test_a_quiz_works_where_the_browser_keeps_nothing(stage):
    quiz = quizzes.warm_up(3)
    page = stage(quiz)
    refuse = "Object.defineProperty(window, 'localStorage', {get() { throw new Error('no'); }})"
    page.add_init_script(refuse)
    page.reload()
    choose(page, quiz.questions[0]["right"])
    assert page.locator(".rnn-score").inner_text() == "1 of 1 right"


def test_a_prediction_has_no_score_and_begins_anew(stage):
    page = stage(quizzes.predict(1, "reversed"))
    assert page.get_by_text("Predict before you run", exact=True).is_visible()
    choose(page, 0)
    assert not page.locator(".rnn-score").is_visible()
    assert page.get_by_role("button", name="Next").count() == 0
    page.reload()
    assert page.get_by_role("radio", checked=True).count() == 0
    assert page.evaluate("localStorage.length") == 0


def test_a_printed_quiz_shows_all_its_questions(stage):
    quiz = quizzes.quiz(2)
    page = stage(quiz)
    assert page.locator(".rnn-question:visible").count() == 1
    page.emulate_media(media="print")
    assert page.locator(".rnn-question:visible").count() == len(quiz.questions)
    assert not page.get_by_role("button", name="Next").is_visible()


def test_a_quiz_is_the_same_module_in_a_notebook(browser):
    """Mounted as anywidget mounts it: an ES module's render, called with a model and an element."""
    quiz = quizzes.predict(2, "growth")
    page = browser.new_page()
    errors = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.set_content(f"<style>{style_sheet()}</style><div id=cell></div>")
    mount = """async ([module, state]) => {
        const address = URL.createObjectURL(new Blob([module], { type: "text/javascript" }));
        const { default: widget } = await import(address);
        const model = { get: (key) => state[key] };
        await widget.render({ model, el: document.getElementById("cell") });
    }"""
    page.evaluate(mount, [quiz._esm, quiz.state()])
    for place in range(4):
        choose(page, place)
        assert page.locator(".rnn-feedback").inner_text() == says(quiz.questions[0], place)
    assert errors == []
    page.close()


# ---- ipywidgets proper --------------------------------------------------------------------


def widget_notebook():
    """A notebook with linked widgets and the state a kernel would have stored."""
    import ipywidgets
    import nbformat
    from ipywidgets.embed import dependency_state

    slider = ipywidgets.IntSlider(max=2, description="pick")
    stack = ipywidgets.Stack([ipywidgets.Label(word) for word in ("one", "two", "three")])
    stack.selected_index = 0
    play = ipywidgets.Play(max=2)
    link = ipywidgets.jslink((slider, "value"), (stack, "selected_index"))
    box = ipywidgets.VBox([play, slider, stack])
    state = dependency_state([box, link], drop_defaults=False)
    view = {"model_id": box.model_id, "version_major": 2, "version_minor": 0}
    cell = nbformat.v4.new_code_cell("box")
    cell.outputs = [nbformat.v4.new_output("display_data", {figures.base.WIDGET_VIEW: view})]
    cells = [nbformat.v4.new_markdown_cell("# Widgets\n\n$x$"), cell]
    stored = {"state": state, "version_major": 2, "version_minor": 0}
    widgets = {"application/vnd.jupyter.widget-state+json": stored}
    language = {"name": "python", "pygments_lexer": "ipython3"}
    metadata = {"widgets": widgets, "language_info": language}
    return nbformat.v4.new_notebook(cells=cells, metadata=metadata)


def quiz_notebook():
    """A notebook with code and formulas in a quiz, and with a prediction; no other formula."""
    import nbformat

    options = [
        ("$x_t$", False, r"$\frac{1}{2}$ is lost."),
        ("`a < b`", True, "Yes: h_{t-1}."),
        ("c", False, "Not c."),
        ("d", False, "Not d."),
    ]
    answers = [dict(zip(("answer", "correct", "feedback"), row, strict=True)) for row in options]
    question = {"question": "What is $h_t$ of h_{t-1}?", "answers": answers}
    several = [{**question, "code": "h = np.tanh(x @ W)"}, {**question, "question": "And $c_t$?"}]
    cells = [nbformat.v4.new_markdown_cell("# A quiz")]
    for figure in (
        quizzes._figure(several, "A quiz", keep="quiz-99"),
        quizzes._figure([question], "Predict before you run"),
    ):
        cells.append(nbformat.v4.new_code_cell("quiz"))
        data = {"text/html": figure.static_html(), "text/plain": figure.describe()}
        cells[-1].outputs = [nbformat.v4.new_output("execute_result", data)]
    cells.append(nbformat.v4.new_code_cell("1", metadata={"tags": ["predicted"]}))
    cells[-1].outputs = [nbformat.v4.new_output("stream", name="stdout", text="the outcome")]
    language = {"name": "python", "pygments_lexer": "ipython3"}
    return nbformat.v4.new_notebook(cells=cells, metadata={"language_info": language})


@pytest.fixture(scope="session")
def small_book(tmp_path_factory):
    """small_book(with_parts) builds a book: a page with ipywidgets proper, and one with quizzes."""
    import nbformat

    @cache
    def make(with_parts):
        folder = tmp_path_factory.mktemp("small")
        for part in ("book/_site", "book/images"):
            shutil.copytree(ROOT / part, folder / part)
        for file in ("_config.yml", "package.json", "book/chapters.yml"):
            shutil.copy(ROOT / file, folder / file)
        (folder / "book/references.bib").write_text("", encoding="utf-8")
        toc = "format: jb-book\nroot: page\nchapters:\n- file: quiz\n"
        (folder / "_toc.yml").write_text(toc, encoding="utf-8")
        nbformat.write(widget_notebook(), folder / "page.ipynb")
        nbformat.write(quiz_notebook(), folder / "quiz.ipynb")
        if with_parts:
            if not (ROOT / "node_modules/mathjax").is_dir():
                missing("the npm parts are not installed; run `npm ci` in the repository's root")
            (folder / "node_modules").symlink_to(ROOT / "node_modules", target_is_directory=True)
        log = build(folder, folder, folder / "_toc.yml")
        assert "WARNING" not in log
        return folder / "_build/html/page.html"

    return make


def test_widgets_proper_live_without_kernel_and_network(small_book, browser):
    opened = Opened(browser, small_book(with_parts=True).as_uri())
    page = opened.page
    page.get_by_text("one", exact=True).wait_for()
    page.get_by_role("slider").press("ArrowRight")
    page.get_by_text("two", exact=True).wait_for()
    page.locator(".jupyter-widgets.widget-play button, .widget-play button").first.click()
    assert opened.errors == []
    assert opened.outside == []
    opened.close()


@pytest.mark.parametrize("viewport", [PHONE, DESK], ids=["phone", "desk"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_quiz_in_a_page_can_be_read(small_book, browser, scheme, viewport):
    address = small_book(with_parts=True).with_name("quiz.html").as_uri()
    opened = Opened(browser, address, viewport, scheme)
    page = opened.page
    page.locator(".rnn-asked mjx-container").nth(2).wait_for(state="attached")
    quiz, prediction = page.locator(".rnn-quiz").all()
    outcome = page.get_by_text("the outcome", exact=True)
    assert not outcome.is_visible()
    for place in (1, 0):  # first the right one, whose mark stays
        choose(quiz, place)
        choose(prediction, place)
        assert outcome.is_visible()
    page.locator(".rnn-feedback mjx-container").nth(1).wait_for(state="attached")
    assert page.locator(".rnn-quiz code").all_inner_texts()[:2] == ["h = np.tanh(x @ W)", "a < b"]
    assert "\\(" not in page.locator("article").inner_text()
    assert page.locator("mjx-merror").count() == 0
    assert page.locator(".rnn-option [tabindex='0']").count() == 0
    quiz.get_by_role("button", name="Next").click()
    assert shown(quiz).get_by_text("And").is_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]
    assert page.evaluate(TOO_WIDE) == []
    assert violations(page, ["color-contrast"]) == []
    ground = quiz.evaluate("node => getComputedStyle(node).backgroundColor")
    assert ground == {"light": "rgb(255, 255, 255)", "dark": "rgb(20, 24, 30)"}[scheme]
    assert opened.errors == []
    assert opened.outside == []
    opened.close()


def test_a_quiz_without_javascript_is_text(small_book, browser):
    address = small_book(with_parts=True).with_name("quiz.html").as_uri()
    opened = Opened(browser, address, java_script_enabled=False)
    text = opened.page.locator("article").inner_text()
    for words in ("What is", "And", "A quiz: 2 questions", "h = np.tanh(x @ W)", "B a < b", "D d"):
        assert words in text
    assert "Not d." not in text
    opened.close()


def test_without_npm_the_parts_come_from_their_cdn(small_book):
    page = small_book(with_parts=False).read_text(encoding="utf-8")
    pinned = json.loads((ROOT / "package.json").read_text(encoding="utf-8"))["dependencies"]
    for package, version in pinned.items():
        if package.startswith("@fontsource"):  # the system's fonts do
            continue
        assert f"https://cdn.jsdelivr.net/npm/{package}@{version}/" in page


# ---- the same figures with a kernel -------------------------------------------------------


@pytest.fixture(scope="session", params=["lab", "notebook"])
def jupyter(request, tmp_path_factory):
    """The address of a notebook with a figure, in JupyterLab and in Notebook 7."""
    import nbformat

    package = {"lab": "jupyterlab", "notebook": "notebook"}[request.param]
    if importlib.util.find_spec(package) is None:
        missing(f"{package} is not installed")
    folder = tmp_path_factory.mktemp(request.param)
    cells = [
        "from rnncourse.figures import unrolled_network\nfigure = unrolled_network(step=1)\nfigure",
        "print('Python sees', figure.step, figure.words)",
        "from rnncourse.quizzes import quiz\nquiz(2)",
    ]
    kernel = {"name": "python3", "display_name": "Python 3"}
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(cell) for cell in cells], metadata={"kernelspec": kernel}
    )
    nbformat.write(notebook, folder / "figure.ipynb")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "jupyter", request.param, "--no-browser", "--allow-root"]
    command += ["--ip=127.0.0.1", f"--port={port}", "--IdentityProvider.token=proof"]
    command += [f"--ServerApp.root_dir={folder}"]
    log = (folder / "server.log").open("w", encoding="utf-8")
    server = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, cwd=folder)
    address = f"http://127.0.0.1:{port}"
    for _ in range(150):
        try:
            urllib.request.urlopen(f"{address}/api", timeout=5).close()
            break
        except OSError:
            time.sleep(0.2)
    path = {"lab": "lab/tree", "notebook": "notebooks"}[request.param]
    yield f"{address}/{path}/figure.ipynb?token=proof"
    server.terminate()
    server.wait(20)
    log.close()


def test_figure_lives_in_jupyter(jupyter, browser):
    page = browser.new_page(viewport=DESK)
    page.set_default_timeout(60_000)
    page.goto(jupyter)
    page.locator(".jp-Notebook .jp-Cell .cm-content").first.click()
    page.wait_for_selector(".jp-Notebook-ExecutionIndicator[data-status=idle]", state="attached")
    page.keyboard.press("Shift+Enter")
    figure = page.locator(".rnn-figure")
    figure.get_by_label("step", exact=True).press("ArrowRight")  # not the notebook's own key
    figure.get_by_text("After “the cat”").wait_for()
    figure.get_by_label("words").fill("sat sat")
    state = printed(figures.unrolled_network("sat sat").states()[2])
    figure.get_by_text(state).wait_for()
    page.locator(".jp-Notebook .cm-content").nth(1).click()
    page.keyboard.press("Shift+Enter")
    page.get_by_text("Python sees 2 sat sat").wait_for()
    page.locator(".jp-Notebook .cm-content").nth(2).click()
    page.keyboard.press("Shift+Enter")
    question = quizzes.quiz(2).questions[0]
    asked = shown(page).get_by_role("radio")
    asked.first.focus()
    page.keyboard.press("ArrowDown")  # to the second option, and not to the next cell
    page.keyboard.press("Enter")
    page.get_by_text(says(question, 1), exact=True).wait_for()
    page.close()
