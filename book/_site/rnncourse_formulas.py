"""Formulas are set when the book is built, by MathJax in one Node process for all pages.

A page then holds each formula as its glyphs and, for screen readers, as MathML; MathJax itself
is loaded only where a question that a script writes brings a formula (formulas.js). The TeX stays
in `data-tex`: for copying, and for the next build, which sets again what an earlier one has set,
since the style sheet holds the glyphs of all pages. Without Node the browser sets the formulas.
"""

from __future__ import annotations

import html
import json
import re
import shutil
import subprocess
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.errors import ExtensionError

HERE = Path(__file__).parent
OURS = "rnncourse"  # the folder in _static
MATHJAX = "mathjax/es5"
MAY_HAVE = re.compile(r'class=(\\?&quot;|")math|rnn-answers')
RAW = re.compile(
    r'<(?P<tag>span|div) class="(?P<kind>math[^"]*)"[^>]*>\s*'
    r"\\(?P<open>[(\[])(?P<tex>[^<]*?)\\[)\]]\s*</(?P=tag)>"
)
SET = re.compile(
    r'<(?P<tag>span|div) class="(?P<kind>math[^"]*)" data-tex="(?P<tex>[^"]*)">'
    r"<mjx-container.*?</mjx-container></(?P=tag)>",
    re.DOTALL,
)


def folder_of_mathjax(app: Sphinx) -> Path | None:
    """Where MathJax for Node stands, or None where it or Node is missing."""
    folder = Path(app.srcdir) / "node_modules" / MATHJAX
    return folder if shutil.which("node") and (folder / "node-main.js").is_file() else None


def tex_of(match: re.Match) -> tuple[str, bool]:
    """A formula of a page: its TeX, and whether it stands on lines of its own."""
    return html.unescape(match["tex"]).strip(), match["tag"] == "div"


def typeset(folder: Path, formulas: list[tuple[str, bool]]) -> tuple[dict, str]:
    """Each formula as HTML, and the style sheet of them all."""
    command = [shutil.which("node"), str(HERE / "typeset.cjs"), str(folder)]
    ran = subprocess.run(
        command, input=json.dumps(formulas), capture_output=True, text=True, encoding="utf-8"
    )
    if ran.returncode:
        raise ExtensionError(f"MathJax could not set the formulas: {ran.stderr}")
    made = json.loads(ran.stdout)
    found = dict(zip(formulas, made["formulas"], strict=True))
    for (tex, _), text in found.items():
        if "merror" in text:
            raise ExtensionError(f"MathJax does not understand this formula: {tex}")
    return found, made["sheet"]


def set_formulas(app: Sphinx, error: Exception | None) -> None:
    folder = folder_of_mathjax(app)
    if error or app.builder.format != "html" or not folder:
        return
    pages = {path: path.read_text(encoding="utf-8") for path in Path(app.outdir).rglob("*.html")}
    pages = {path: text for path, text in pages.items() if 'class="math' in text}
    formulas = {
        tex_of(match): None
        for text in pages.values()
        for pattern in (RAW, SET)
        for match in pattern.finditer(text)
    }
    made, sheet = typeset(folder, list(formulas))

    def as_set(match: re.Match) -> str:
        tag, tex = match["tag"], html.escape(tex_of(match)[0])
        return f'<{tag} class="{match["kind"]}" data-tex="{tex}">{made[tex_of(match)]}</{tag}>'

    for path, text in pages.items():
        path.write_text(SET.sub(as_set, RAW.sub(as_set, text)), encoding="utf-8")
    target = Path(app.outdir) / "_static" / OURS / "formulas.css"
    target.write_text(sheet, encoding="utf-8")


def add_formulas(app: Sphinx, pagename, templatename, context, doctree) -> None:
    """The style sheet where there are formulas, the script also where questions may bring some."""
    context["rnncourse_formulas"] = bool(folder_of_mathjax(app))
    if context["rnncourse_formulas"] and MAY_HAVE.search(context.get("body", "")):
        app.add_css_file(f"{OURS}/formulas.css", priority=100)
        app.add_js_file(f"{OURS}/formulas.js", loading_method="defer")


def setup(app: Sphinx) -> dict:
    app.connect("html-page-context", add_formulas)  # before the scripts of a page are settled
    app.connect("build-finished", set_formulas)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
