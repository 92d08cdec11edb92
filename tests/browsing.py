"""What the tests of the built book share: a browser, the book, pages that tell what went wrong.

The browser is Chromium, the book is built with the npm parts (`npm ci`). Without them the tests
skip and say so; where the environment variable CI is "true", a skip would hide a gap, and they
fail instead.
"""

import gzip
import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

import pytest
import yaml
from filelock import FileLock

from rnncourse import quizzes
from rnncourse.figures.base import number

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


# ---- the built book ------------------------------------------------------------------------


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
    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:  # one for all workers
        folder = folder.parent
    target, printed = folder / "book", folder / "book.log"
    with FileLock(folder / "book.lock"):
        if not printed.exists():
            printed.write_text(build(ROOT, target, ROOT / "_toc.yml"), encoding="utf-8")
    return target / "_build/html", printed.read_text(encoding="utf-8")


class Opened:
    """A page in the browser, and everything that went wrong while it was open."""

    def __init__(self, browser, address, viewport=DESK, scheme="light", **options):
        self.context = browser.new_context(
            viewport=viewport, color_scheme=scheme, offline=True, **options
        )
        self.page = self.context.new_page()
        self.errors, self.asked = [], []
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("request", self._ask)
        self.scripted = options.get("java_script_enabled", True)
        self.page.add_init_script(READER)
        self.goto(address)

    def goto(self, address):
        self.page.goto(address)
        if self.scripted:
            self.settle()

    def settle(self):
        """Wait until all figures are mounted, all formulas set and all of it is fitted."""
        self.page.wait_for_function(SETTLED)

    def resize(self, width, height):
        """As by turning a phone: at once, and only then what has to be fitted is fitted."""
        self.page.set_viewport_size({"width": width, "height": height})
        self.page.evaluate("new Promise((done) => requestAnimationFrame(() => setTimeout(done)))")
        self.settle()

    def _hear(self, message):
        if message.type == "error":
            self.errors.append(message.text)

    def _ask(self, request):
        if not request.url.startswith(("data:", "blob:")):
            self.asked.append(request.url)

    @property
    def outside(self):
        """What was asked of the network."""
        return [url for url in self.asked if not url.startswith("file:")]

    def close(self):
        self.context.close()


# A page waits for its reader before it prepares what is far from the screen.
READER = "addEventListener('load', () => dispatchEvent(new Event('scroll')))"

SETTLED = """() => document.fonts.status === "loaded" && (document.documentElement.dataset.settled
  || !document.querySelector("script[src*='host.js']"))"""


def weight(urls):
    """Bytes of these files as a server sends them: compressed, pictures and fonts as they are."""
    paths = {Path(url2pathname(urlsplit(url).path)) for url in urls}
    return sum(len(gzip.compress(path.read_bytes())) for path in paths)


# Tables and formulas, which must not scroll sideways (code and printed columns may).
TOO_WIDE = """() => [...document.querySelectorAll(
    "article :is(.pst-scrollable-table-container, mjx-container)")]
  .filter((node) => node.scrollWidth > node.clientWidth + 2
    && getComputedStyle(node).overflowX !== "visible")
  .map((node) => `${node.scrollWidth} > ${node.clientWidth}: ${node.textContent.slice(0, 60)}`)"""


def violations(page, rules=()):
    """What axe finds on a page, by all its rules or by these."""
    from axe_playwright_python.sync_playwright import Axe

    page.wait_for_function(SETTLED)
    options = {"resultTypes": ["violations"]}  # what passes is tried, and not described one by one
    found = Axe().run(page, options=options | ({"runOnly": list(rules)} if rules else {}))
    return [(rule["id"], rule["nodes"][0]["html"][:200]) for rule in found.response["violations"]]


# ---- a figure on a page of its own ---------------------------------------------------------


def extension():
    spec = importlib.util.spec_from_file_location("site", ROOT / "book/_site/rnncourse_site.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def boards(tmp_path_factory):
    """The folder with what the page of a figure loads."""
    folder = tmp_path_factory.mktemp("stage")
    for name, text in extension().own_files().items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def stage(boards, browser):
    """stage(figure) opens a page that holds this figure alone."""
    stages = []

    def open_figure(figure, **options):
        page = boards / f"{len(stages)}.html"
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


# ---- quizzes -------------------------------------------------------------------------------


def says(question, place):
    """What the quiz must say when the option at this place is chosen."""
    verdict = "right" if place == question["right"] else "not right"
    said = f"{'ABCD'[place]} is {verdict}. {quizzes.plain(question['feedback'][place])}"
    seen = question.get("see")
    return f"{said}\nChapter {seen['chapter']}, section {seen['section']}" if seen else said


def shown(page):
    """The question that is to be seen."""
    return page.locator(".rnn-question:not([hidden])")


def choose(page, place):
    shown(page).get_by_role("radio").nth(place).click()
