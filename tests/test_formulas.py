"""Formulas that were set when the book was built: no MathJax in the page, MathML, TeX to copy."""

from browsing import Opened

NAME = "notebooks/04_backpropagation_through_time.html"


def test_a_page_brings_its_formulas_and_no_mathjax(book, browser):
    opened = Opened(browser, (book[0] / NAME).as_uri())
    page = opened.page
    assert page.evaluate("window.MathJax ?? null") is None
    assert page.locator("script[src*=mathjax]").count() == 0
    formulas = page.locator("article [data-tex]")
    assert formulas.count() > 50
    assert formulas.locator("mjx-assistive-mml math").count() == formulas.count()
    drawn = page.evaluate("""() => document.fonts.ready.then(() =>
        [...document.fonts].filter((font) => /MJX/.test(font.family)
            && font.status === "loaded").length)""")
    assert drawn > 0
    assert opened.errors == []
    opened.close()


def test_a_formula_is_copied_as_tex(book, browser):
    opened = Opened(browser, (book[0] / NAME).as_uri())
    copied = opened.page.evaluate("""() => {
        const paragraph = document.querySelector("article p:has(> [data-tex])");
        getSelection().selectAllChildren(paragraph);
        const event = new ClipboardEvent("copy",
            { clipboardData: new DataTransfer(), bubbles: true, cancelable: true });
        paragraph.dispatchEvent(event);
        const tex = paragraph.querySelector("[data-tex]").dataset.tex;
        return [event.clipboardData.getData("text/plain"), tex];
    }""")
    assert f"${copied[1]}$" in copied[0]
    opened.close()
