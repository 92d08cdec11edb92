"""Quizzes and widgets: on a page of their own, in a built page, without npm, in Jupyter."""

import importlib.util
import json
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from functools import cache

import pytest
from browsing import (
    DESK,
    PHONE,
    ROOT,
    TOO_WIDE,
    Opened,
    build,
    choose,
    missing,
    printed,
    says,
    shown,
    violations,
)  # fmt: skip

from rnncourse import figures, quizzes
from rnncourse.figures.base import style_sheet

FINAL = 15  # the chapter whose quiz is over all before it

# ---- quizzes ------------------------------------------------------------------------------


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


def answer(page, quiz, wrong=()):
    """Choose the right option of every question, or the next one where its number is in wrong."""
    for k, question in enumerate(quiz.questions):
        page.get_by_role("button", name=re.compile(rf"^Question {k + 1}(,|$)")).click()
        choose(page, (question["right"] + (k in wrong)) % 4)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_last_quiz_tells_by_chapter_what_to_read_again(stage, scheme):
    quiz = quizzes.quiz(FINAL)
    page = stage(quiz, viewport={"width": 320, "height": 700}, scheme=scheme)
    told = page.locator(".rnn-tally")
    assert not told.is_visible()
    choose(page, quiz.questions[0]["right"])
    assert shown(page).locator(".rnn-feedback").inner_text() == says(
        quiz.questions[0], quiz.questions[0]["right"]
    )
    assert told.is_visible()
    assert told.get_attribute("open") is None  # until all is answered
    answer(page, quiz, wrong=(3, 4, 20))
    assert told.get_attribute("open") is not None
    rows = [row.locator("th, td").all_inner_texts() for row in told.locator("tbody tr").all()]
    assert [row[0] for row in rows] == [str(chapter) for chapter in range(FINAL)]
    seen = [question["see"] for question in quiz.questions]
    for chapter, (_, score, again) in enumerate(rows):
        asked = [k for k, see in enumerate(seen) if see["chapter"] == chapter]
        missed = [k for k in asked if k in (3, 4, 20)]
        assert score == f"{len(asked) - len(missed)} of {len(asked)}"
        assert again == ("\n".join(seen[k]["section"] for k in missed) or "nothing")
    fits = "node => node.scrollWidth <= node.clientWidth && node.clientWidth <= 320"
    assert page.locator(".rnn-quiz").evaluate(fits)
    page.emulate_media(reduced_motion="reduce")
    assert violations(page, ["color-contrast", "list", "th-has-data-cells", "summary-name"]) == []
    page.reload()
    assert told.get_attribute("open") is not None


def test_a_quiz_that_says_nothing_of_chapters_has_no_score_by_chapter(stage):
    quiz = quizzes.quiz(2)
    page = stage(quiz)
    answer(page, quiz)
    assert not page.locator(".rnn-tally").is_visible()


def test_a_quiz_works_where_the_browser_keeps_nothing(stage):
    quiz = quizzes.warm_up(3)
    page = stage(quiz)
    refuse = "Object.defineProperty(window, 'localStorage', {get() { throw new Error('no'); }})"
    page.add_init_script(refuse)
    page.reload()
    choose(page, quiz.questions[0]["right"])
    assert page.locator(".rnn-score").inner_text() == "1 of 1 right"


def test_a_prediction_has_no_score_and_begins_anew(stage):
    page = stage(quizzes.predict(2, "growth"))
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
    seen = {"question": "And $c_t$?", "see": "04_to_come#6 · Cutting it short"}
    several = [{**question, "code": "h = np.tanh(x @ W)"}, {**question, **seen}]
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
    choose(quiz, 0)
    link, again = quiz.locator(".rnn-see a"), quiz.locator(".rnn-tally a")
    assert link.inner_text() == again.inner_text() == "6 · Cutting it short"
    for each in (link, again):
        to = each.evaluate("node => node.href")
        assert to == address.replace("quiz.html", "notebooks/04_to_come.html#cutting-it-short")
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
        if package.startswith("@fontsource") or package == "minisearch":
            continue  # the system's fonts do, and Sphinx's search
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
