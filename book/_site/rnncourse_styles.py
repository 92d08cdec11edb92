"""One style sheet for all pages. A dozen come from the theme and the extensions, 600 kB, of which
pages use a tenth, and nothing is painted before the last is there.

It is made when the pages are written, since only they tell what is used, by purgecss, one of the
npm parts. Without these the pages load the sheets one by one.
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from sphinx.application import Sphinx

HERE = Path(__file__).parent
OURS = "_static/rnncourse"
SHEET = f"{OURS}/book.css"
THEME = ["_static/basic.css", "_static/styles/theme.css", "_static/styles/pydata-sphinx-theme.css"]


def can_join(app: Sphinx) -> bool:
    return shutil.which("node") and (Path(app.srcdir) / "node_modules/purgecss").is_dir()


def link_one(app: Sphinx, pagename, templatename, context, doctree) -> None:
    """Tell the page's template where the one sheet will stand."""
    if can_join(app):
        context["rnncourse_sheet"] = f"{SHEET}?v={app.config.rnncourse_site_digest[:8]}"


def join(app: Sphinx, error: Exception | None) -> None:
    if error or app.builder.format != "html" or not can_join(app):
        return
    names = [str(sheet.filename).partition("?")[0] for sheet in app.builder._css_files]
    names = [name if name.startswith("_static") else f"_static/{name}" for name in names]
    command = ["node", str(HERE / "purge.cjs"), str(app.outdir), SHEET, *THEME, *names]
    ran = subprocess.run(command, capture_output=True, text=True, encoding="utf-8")
    if ran.returncode:
        raise RuntimeError(f"the style sheets were not joined:\n{ran.stderr[-2000:]}")


def setup(app: Sphinx) -> dict:
    app.connect("html-page-context", link_one)
    app.connect("build-finished", join, priority=950)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
