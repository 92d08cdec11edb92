"""Every page of the built book on a phone and by the rules of accessibility, light and dark."""

import pytest
from browsing import DESK, PAGES, PHONE, TOO_WIDE, Opened, violations


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", PAGES)
def test_page_on_a_phone(name, scheme, book, browser):
    opened = Opened(browser, (book[0] / f"{name}.html").as_uri(), PHONE, scheme)
    page = opened.page
    assert page.locator("html").get_attribute("data-theme") == scheme
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
    assert violations(opened.page, ["color-contrast"] if scheme == "dark" else []) == []
    opened.close()
