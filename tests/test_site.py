"""The built book in a real browser, from file:// addresses, with no network: what its pages do."""

import re

import pytest
from browsing import DESK, PAGES, PHONE, SETTLED, TOO_WIDE, Opened, missing, violations, weight


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
    raw = page.locator("article .math")
    raw = [formula for formula in raw.all() if not formula.evaluate(WITHOUT_SCRIPT)]
    assert all(formula.locator("mjx-container").count() for formula in raw)
    assert page.locator("mjx-merror").count() == 0


# Does it stand in for a figure where no JavaScript runs?
WITHOUT_SCRIPT = "node => !!node.closest('.rnncourse-figure') && !node.closest('.rnn-figure')"


def test_page_weighs_little(opened):
    """All that a reader fetches who goes through the whole page."""
    opened.page.wait_for_load_state("networkidle")
    assert weight(opened.asked) < 900_000
    assert not any("/fa-" in address for address in opened.asked), "a font of icons, 156 kB"


@pytest.fixture
def joined(book):
    """The one style sheet that the book was built with."""
    sheet = book[0] / "_static/rnncourse/book.css"
    if not sheet.exists():
        missing("purgecss, which joins the style sheets, is not installed; run `npm ci`")
    return sheet


def test_a_page_fetches_one_sheet_and_what_is_far_when_the_reader_moves(book, joined, browser):
    page = browser.new_context(viewport=DESK, offline=True).new_page()
    page.goto((book[0] / "notebooks/02_hidden_state.html").as_uri())
    page.wait_for_load_state("networkidle")
    assert page.locator("link[rel=stylesheet]").count() == 1
    assert page.evaluate("[typeof MathJax, typeof bootstrap]") == ["undefined", "undefined"]
    figures = page.locator(".rnncourse-figure")
    assert page.locator(".rnncourse-figure[data-mounted]").count() < figures.count()
    page.get_by_role("button", name="Download this page").click()
    page.locator(".dropdown-menu").wait_for(state="visible")
    page.wait_for_function(SETTLED)  # since the pointer has come
    assert page.locator(".rnncourse-figure[data-mounted]").count() == figures.count()
    page.context.close()


def test_the_one_style_sheet_keeps_all_of_ours(joined):
    kept = joined.read_text(encoding="utf-8")
    for name in ("site.css", "figures.css", "icons.css", "fonts.css"):
        text = joined.with_name(name).read_text(encoding="utf-8")
        text = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
        lost = [line for line in text.splitlines() if "url(" not in line and line not in kept]
        assert lost == [], name


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
    for handle in drawing.locator("[role=slider]").all():
        handle.press("ArrowUp")
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
  const [seen, asks] = [[], "[data-figure=quiz], [data-figure=draw_curve]"];
  let next = cell.nextElementSibling;
  while (next && next.tagName !== "SECTION" && !next.querySelector(asks)) {
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


@pytest.mark.parametrize("width", [375, 1280])
def test_a_link_into_a_chapter_leads_to_its_place(book, browser, width):
    address = (book[0] / "notebooks/02_hidden_state.html").as_uri() + "#how-much-fits-in"
    opened = Opened(browser, address, {"width": width, "height": 800})
    opened.page.wait_for_timeout(500)
    top = "document.getElementById('how-much-fits-in').getBoundingClientRect().top"
    assert 60 < opened.page.evaluate(top) < 120
    opened.close()


def test_figures_are_mounted_and_move(opened):
    for figure in opened.page.locator(".rnncourse-figure").all():
        name = figure.get_attribute("data-figure")
        assert figure.get_attribute("data-mounted") == "true", name
        assert name == "quiz" or moves(figure.locator(".rnn-figure")), name
    assert opened.errors == []


# Draw every curve, choose every option of every question; what does not answer as it should?
ANSWER_ALL = """() => {
  const text = (html) => new DOMParser().parseFromString(html, "text/html").body.textContent;
  const faults = [];
  for (const plot of document.querySelectorAll("[data-figure=draw_curve]")) {
    const area = plot.querySelector("[role=slider]");
    for (const key of ["ArrowUp", "ArrowRight"]) {
      area.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
    }
    plot.querySelector(".rnn-main").click();
    const measured = plot.querySelector(".rnn-measured");
    if (!measured.getAttribute("points")) faults.push("nothing measured");
  }
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
        const { see } = questions[k];
        const where = see ? `Chapter ${see.chapter}, section ${text(see.section)}` : "";
        if (feedback.textContent !== expected + where && !feedback.querySelector(".math")) {
          faults.push(`${expected}: ${feedback.textContent}`);
        }
      });
    });
  }
  return faults;
}"""


def test_no_table_or_formula_scrolls_sideways(opened):
    assert opened.page.evaluate(TOO_WIDE) == []


def test_no_line_begins_with_the_comma_after_a_formula(opened):
    script = """() => [...document.querySelectorAll("article span.math")].filter((math) =>
        !math.closest(".rnn-keep") && /^[,.;:!?)]/.test(math.nextSibling?.data ?? ""))
        .map((math) => math.parentElement.textContent.slice(0, 60))"""
    assert opened.page.evaluate(script) == []


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
    opened.page.evaluate(
        "document.querySelectorAll('.rnn-held-back button').forEach((each) => each.click())"
    )
    link = opened.page.locator(".rnn-decides a").first
    target = link.get_attribute("href").partition("#")[2]
    link.click()
    opened.page.locator(f"#{target}.rnn-claim").wait_for(state="visible")
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


def test_without_javascript_the_words_and_numbers_stand_there(book, browser):
    name = PAGES[0]
    address = (book[0] / f"{name}.html").as_uri()
    opened = Opened(browser, address, java_script_enabled=False)
    for figure in opened.page.locator(".rnncourse-figure").all():
        assert figure.locator("p").first.is_visible()
        assert figure.locator("table").is_visible()
    opened.close()
