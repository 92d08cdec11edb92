"""Every page of the built book on a phone and by the rules of accessibility, light and dark."""

import pytest
from browsing import DESK, PAGES, PHONE, TOO_WIDE, Opened, violations


@pytest.mark.parametrize("name", PAGES)
def test_page_on_a_phone(name, book, browser):
    """Light at first, and dark once the system turns dark while the page is open."""
    opened = Opened(browser, (book[0] / f"{name}.html").as_uri(), PHONE, "light")
    page = opened.page
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        page.wait_for_selector(f"html[data-theme={scheme}]", state="attached", timeout=5000)
        for width in (375, 360, 320):
            opened.resize(width, 740)
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            assert page.evaluate(TOO_WIDE) == []
    assert opened.errors == []
    opened.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing(name, scheme, book, browser):
    """Contrast, names, roles, landmarks, keyboard: whatever axe knows; in the dark, contrast."""
    opened = Opened(browser, (book[0] / f"{name}.html").as_uri(), DESK, scheme)
    assert opened.page.locator("html").get_attribute("data-theme") == scheme
    assert violations(opened.page, ["color-contrast"] if scheme == "dark" else []) == []
    opened.close()
