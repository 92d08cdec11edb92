"""Make README's picture from the built book: `jupyter-book build . && python book/images/make.py`.

It photographs figures of the pages, as a reader sees them, and sets them side by side. Needs what
tests/requirements.txt installs, and a Chromium or Chrome.
"""

from __future__ import annotations

import io
import os
import shutil
import sys
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

HERE = Path(__file__).resolve().parent
BOOK = HERE.parents[1] / "_build" / "html"
FIGURES = (  # page, figure, the button to press, how often
    ("book/welcome.html", "news", "Swap", 2),
    ("notebooks/05_vanishing_exploding_gradients.html", "gradient_flow", "Start over", 1),
)
WIDTH, GAP, HEIGHT = 700, 24, 900
PAPER = (253, 252, 250)


def photograph(page: Page, address: str, figure: str, button: str, times: int) -> Image.Image:
    """The top of a figure, HEIGHT pixels at most."""
    page.goto((BOOK / address).as_uri())
    mounted = page.locator(f'[data-figure="{figure}"][data-mounted]').first
    mounted.scroll_into_view_if_needed()
    for _ in range(times):
        mounted.get_by_role("button", name=button).click()
    page.wait_for_timeout(500)
    picture = Image.open(io.BytesIO(mounted.screenshot())).convert("RGB")
    return picture.crop((0, 0, picture.width, min(picture.height, HEIGHT)))


def side_by_side(pictures: list[Image.Image]) -> Image.Image:
    pictures = [p.resize((WIDTH, round(p.height * WIDTH / p.width))) for p in pictures]
    width = len(pictures) * (WIDTH + GAP) + GAP
    whole = Image.new("RGB", (width, max(p.height for p in pictures) + 2 * GAP), PAPER)
    for number, picture in enumerate(pictures):
        whole.paste(picture, (GAP + number * (WIDTH + GAP), GAP))
    return whole


def main() -> int:
    names = ("chromium", "chromium-browser", "google-chrome", "chrome")
    browser = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, names)), None)
    if not (BOOK / "index.html").is_file():
        print("there is no built book yet: jupyter-book build .", file=sys.stderr)
        return 1
    with sync_playwright() as play:
        chromium = play.chromium.launch(executable_path=browser, args=["--no-sandbox"])
        page = chromium.new_page(viewport={"width": 1100, "height": 1000}, color_scheme="light")
        pictures = [photograph(page, *figure) for figure in FIGURES]
        chromium.close()
    target = HERE / "figures.png"
    fewer_colors = side_by_side(pictures).quantize(256, Image.Quantize.FASTOCTREE)
    fewer_colors.save(target, optimize=True)
    print(f"{target}: {target.stat().st_size / 1024:.0f} kB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
