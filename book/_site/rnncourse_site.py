"""What the course adds to Jupyter Book. Loaded by _config.yml as a local Sphinx extension.

- Figures: a page with figures gets the host (host.js) and those figures' scripts, made at build
  time from rnncourse/figures/js. They are classic scripts: a page opened from a file:// address
  may not load modules.
- Widgets: the widget manager weighs megabytes, so only pages with ipywidgets proper load it.
- Parts from elsewhere (MathJax, the widget manager) come from their CDN or, after `npm ci`, from
  node_modules: such a site asks nothing of the network.
"""

from __future__ import annotations

import codecs
import hashlib
import importlib.util
import json
import os
import re
import shutil
import struct
from pathlib import Path
from urllib.parse import urlsplit

import yaml
from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

from rnncourse import figures
from rnncourse.figures import base

logger = logging.getLogger(__name__)

HERE = Path(__file__).parent
OURS = "rnncourse"  # the folder in _static
REPAIRS = HERE / "widget_repairs.js"  # which stands in the pages themselves

FIGURE = re.compile(r'data-figure="(\w+)"')
WIDGET_VIEW = 'type="application/vnd.jupyter.widget-view+json"'
WIDGET_STATE = re.compile(
    r'<script type="application/vnd\.jupyter\.widget-state\+json">.*?</script>', re.DOTALL
)
EXPORT = "export default { render };"

CDN = "https://cdn.jsdelivr.net/npm"
MATHJAX = "mathjax/es5"
MATHJAX_PARTS = ["startup.js", "core.js", "input/tex.js", "output/chtml.js", "output/chtml/fonts",
                 "a11y/assistive-mml.js"]  # fmt: skip
FONTS = {  # package: what of it a page loads at once
    "@fontsource-variable/source-serif-4": "source-serif-4-latin-wght-normal.woff2",
    "@fontsource-variable/jetbrains-mono": "jetbrains-mono-latin-wght-normal.woff2",
}
SUBSETS = re.compile(r"-(latin|latin-ext|greek)-wght-(normal|italic)\.woff2$")
REQUIRE = "requirejs/require.js"
MANAGER = "@jupyter-widgets/html-manager/dist"


# ---- parts from elsewhere -----------------------------------------------------------------


def node_modules(app: Sphinx) -> Path | None:
    """The folder that `npm ci` fills, or None where it is missing or incomplete."""
    folder = Path(app.srcdir) / "node_modules"
    needed = (f"{MATHJAX}/startup.js", REQUIRE, f"{MANAGER}/embed-amd.js")
    return folder if all((folder / path).is_file() for path in needed) else None


def pinned(package: str) -> str:
    """`package@version`, with the version that package.json pins."""
    manifest = json.loads((HERE.parent.parent / "package.json").read_text(encoding="utf-8"))
    return f"{package}@{manifest['dependencies'][package]}"


def copy_part(app: Sphinx, source: Path, target: str) -> str:
    """Copy a file or folder into the site, once; returns its address below _static."""
    address = f"{OURS}/{target}"
    path = Path(app.outdir) / "_static" / address
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        (shutil.copytree if source.is_dir() else shutil.copy)(source, path)
    return address


def widget_scripts(app: Sphinx) -> list[tuple[str | None, dict]]:
    """The scripts of the widget manager, in the order in which they must load."""
    repairs = REPAIRS.read_text(encoding="utf-8")
    modules = node_modules(app)
    if modules is None:
        manager = f"{CDN}/{pinned('@jupyter-widgets/html-manager')}/dist/embed-amd.js"
        return [
            (None, {"body": repairs, "priority": 100}),
            (f"{CDN}/{pinned('requirejs')}/require.js", {}),
            (manager, {"data-jupyter-widgets-cdn": f"{CDN}/"}),
        ]
    anywidget = Path(importlib.util.find_spec("anywidget").origin).parent / "nbextension/index.js"
    require = copy_part(app, modules / REQUIRE, "require.js")
    copy_part(app, anywidget, "anywidget.js")
    for file in (modules / MANAGER).iterdir():  # the manager and the fonts it refers to
        if file.suffix in {".woff2", ".woff", ".ttf"} or file.name == "embed-amd.js":
            copy_part(app, file, f"widgets/{file.name}")
    return [
        (None, {"body": repairs, "priority": 100}),
        (require, {}),
        (f"{OURS}/widget_paths.js", {}),
        (f"{OURS}/widgets/embed-amd.js", {"data-jupyter-widgets-cdn": "none:"}),
    ]


def fonts(app: Sphinx, modules: Path) -> str:
    """Copy the fonts; the style sheet that declares them, for a file beside their folder."""
    sheets = []
    for package in FONTS:
        for file in sorted((modules / package / "files").iterdir()):
            if SUBSETS.search(file.name):
                copy_part(app, file, f"fonts/{file.name}")
        for name in ("wght.css", "wght-italic.css"):
            rules = (modules / package / name).read_text(encoding="utf-8").split("@font-face")
            kept = [rule for rule in rules if SUBSETS.search(rule.partition(")")[0])]
            sheets += ["@font-face" + rule.replace("./files/", "fonts/") for rule in kept]
    return "\n".join(sheets)


# ---- our own scripts and styles -----------------------------------------------------------


def classic(name: str) -> str:
    """A figure's module as a classic script, which hands its render function to the host."""
    module = base.source(name)
    if module.count(EXPORT) != 1:
        raise ValueError(f"figures/js/{name}.js must hold the line `{EXPORT}` exactly once")
    body = module.replace(EXPORT, f"figures.{name} = render;")
    return f"((figures) => {{\n{body}\n}})((window.rnncourseFigures ??= {{}}));\n"


def own_files() -> dict[str, str]:
    """Every script and style sheet of ours, by its address below _static/rnncourse."""
    own = (path for path in HERE.iterdir() if path.suffix in (".css", ".js"))
    files = {path.name: path.read_text(encoding="utf-8") for path in own if path != REPAIRS}
    files["figures.css"] = base.style_sheet()
    for path in sorted(base.JS_FOLDER.glob("*.js")):
        if path.stem != "common":
            files[f"figure-{path.stem}.js"] = classic(path.stem)
    return files


def write_own_files(app: Sphinx) -> None:
    folder = Path(app.outdir) / "_static" / OURS
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in own_files().items():
        (folder / name).write_text(text, encoding="utf-8")


class LiveFigure(SphinxDirective):
    """A figure in a page that is no notebook.

    ```{live-figure} unrolled_network
    words: the cat sat
    ```
    """

    required_arguments = 1
    has_content = True

    def run(self) -> list[nodes.Node]:
        make = getattr(figures, self.arguments[0])
        figure = make(**(yaml.safe_load("\n".join(self.content)) or {}))
        return [nodes.raw("", figure.static_html(), format="html")]


# ---- Sphinx events ------------------------------------------------------------------------


def free_codecs() -> None:
    """Undo what a dependency of the plays' package does to every Python it is installed in.

    future-typing registers itself at start as the codec of every name Python does not know, so
    the bibliography's "ulatex" would be decoded as Python source, and fail.
    """
    if importlib.util.find_spec("future_typing") is None:
        return
    from future_typing.codec import search_function

    for _ in range(4):  # it may be registered more than once
        codecs.unregister(search_function)


def tell_the_world(config) -> None:
    """What search engines and previews are told. RNNCOURSE_URL is where the site will stand."""
    address = os.environ.get("RNNCOURSE_URL", "").rstrip("/") + "/"
    config.notfound_urls_prefix = urlsplit(address).path
    config.ogp_site_name = config.html_title
    config.ogp_social_cards = {"enable": False}
    config.ogp_image = f"_static/{OURS}/figures.png"
    config.ogp_image_alt = "Two figures of the book: a network reads, and a gradient walks back."
    config.sitemap_url_scheme = "{link}"
    if address != "/":
        config.html_baseurl = config.ogp_site_url = address


def configure(app: Sphinx, config) -> None:
    tell_the_world(config)
    # HTML beats the widget view: our figures have both, ipywidgets proper only the view.
    config.nb_mime_priority_overrides = [("html", "text/html", 5)]
    config.nb_ipywidgets_js = {}  # page_context decides, page by page
    config.templates_path.append(str(HERE / "templates"))
    # formulas.js stands in the same folder
    local = "mathjax/startup.js"
    remote = f"{CDN}/{pinned('mathjax')}/es5/startup.js"
    config.rnncourse_mathjax = local if node_modules(app) else remote
    # Sphinx writes all pages anew when this changes.
    own = own_files() | {path.name: path.read_text("utf-8") for path in HERE.glob("*.*")}
    contents = json.dumps(own, sort_keys=True).encode()
    config.rnncourse_site_digest = hashlib.sha256(contents).hexdigest()


def prepare(app: Sphinx) -> None:
    if app.builder.format != "html":
        return
    write_own_files(app)
    copy_part(app, HERE.parent / "images/figures.png", "figures.png")
    app.add_css_file(f"{OURS}/figures.css")
    app.add_css_file(f"{OURS}/icons.css", priority=900)
    app.add_css_file(f"{OURS}/site.css", priority=900)  # after the theme
    modules = node_modules(app)
    if modules:
        for part in MATHJAX_PARTS:
            copy_part(app, modules / MATHJAX / part, f"mathjax/{part}")
        sheet = Path(app.outdir) / "_static" / OURS / "fonts.css"
        sheet.write_text(fonts(app, modules), encoding="utf-8")
        app.add_css_file(f"{OURS}/fonts.css", priority=100)


def offer_notebooks(app: Sphinx, doctree: nodes.document) -> None:
    """Make a link to a notebook that is no page of the book (an exercise) a download."""
    for link in list(doctree.findall(addnodes.pending_xref)):
        target = link.get("reftarget", "")
        notebook = Path(app.srcdir, f"{target}.ipynb")
        if target not in app.env.found_docs and notebook.is_file():
            address = f"/{target}.ipynb"
            download = addnodes.download_reference("", "", *link.children, reftarget=address)
            link.replace_self(download)


CLOSING = re.compile(r"[^\s\w(\[“‘]+")  # what may not begin a line
OPENING = re.compile(r"[(\[“‘]+$")  # nor end one
TIED = re.compile(  # blanks that no line may break at
    r"(?<=\d) (?=[%±])|(?<=±) (?=\d)| (?=· )|(?<=[Cc]hapter) (?=\d)"
    r"|(?<=\d) (?=(?:points?|dB|k?Hz|ms|kB|[KMG]iB)\b)"
)
PROSE = (nodes.paragraph, nodes.strong, nodes.emphasis, nodes.title, nodes.inline, nodes.reference)


def keep_punctuation(app: Sphinx, doctree: nodes.document) -> None:
    """Keep a formula, and code in a table, on one line with the comma after it or the bracket
    before it, a short assignment in a table in one piece, a number with its % or unit, and a "·"
    with what stands before it.

    MathJax sets a formula as a block of its own, and a browser may break a line beside it.
    """
    for text in list(doctree.findall(nodes.Text)):
        if TIED.search(text) and isinstance(text.parent, PROSE):
            text.parent.replace(text, nodes.Text(TIED.sub("\u00a0", text)))
    tabled = [code for one in doctree.findall(nodes.entry) for code in one.findall(nodes.literal)]
    for code in tabled:
        short = len(code.astext()) < 28  # narrower than a phone's card
        code["classes"] += ["rnn-keep"] * (short and "= " in code.astext())
    for math in [*doctree.findall(nodes.math), *tabled]:
        parent, place = math.parent, math.parent.index(math)
        kept = [math]
        after = parent[place + 1] if place + 1 < len(parent) else None
        before = parent[place - 1] if place else None
        if isinstance(after, nodes.Text) and (found := CLOSING.match(after)):
            parent.replace(after, nodes.Text(after[found.end() :]))
            kept.append(nodes.Text(found[0]))
        if isinstance(before, nodes.Text) and (found := OPENING.search(before)):
            parent.replace(before, nodes.Text(before[: found.start()]))
            kept.insert(0, nodes.Text(found[0]))
        if len(kept) > 1:
            parent.replace(math, nodes.inline("", "", *kept, classes=["rnn-keep"]))


def name_columns(table: nodes.table) -> None:
    """Give a column without a heading one that is heard and not seen."""
    for entry in next(table.findall(nodes.row)).findall(nodes.entry):
        if not entry.astext().strip():
            entry[:] = [nodes.paragraph("", "", nodes.inline("", "number", classes=["rnn-sr"]))]


def make_cards(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Prepare tables too wide for a phone, which shows each row as a card with labelled lines."""
    if app.builder.format != "html":
        return
    for table in doctree.findall(nodes.table):
        name_columns(table)
        head, *rows = [list(row.findall(nodes.entry)) for row in table.findall(nodes.row)]
        texts = [[entry.astext().strip() for entry in row] for row in (head, *rows)]
        longest = [max(map(len, column)) for column in zip(*texts[1:], strict=True)]
        words = [max(map(len, " ".join(column).split())) for column in zip(*texts, strict=True)]
        for entry in (entry for row in rows for entry in row):
            size = len(entry.astext().strip())
            entry["classes"] += ["rnn-short"] * (size < 12) + ["rnn-empty"] * (not size)
        wordy = sum(longest) > 60 and max(longest[1:], default=0) > 22
        if not wordy and sum(words) + 2 * len(words) <= 38:  # characters that a phone has room for
            continue
        numbered = len(longest) > 2 and longest[0] < 4
        table["classes"] += ["rnn-cards"] + ["rnn-numbered"] * numbered
        for row in rows:
            for name, entry in list(zip(head, row, strict=True))[1:]:
                if name.astext() and entry.astext():
                    copies = [part.deepcopy() for part in name[0].children]
                    label = nodes.inline("", "", *copies, classes=["rnn-label"])
                    entry[0].insert(0, [label, nodes.Text(" ")])


ROLES = {  # what other extensions tell screen readers, and what is so
    'role="doc-biblioentry"': 'role="listitem"',
    ' aria-label="Toggle hidden content"': "",  # over a text that says more
}
OPTION = re.compile(r'(?<=<span class="w"> </span>)--[\w-]+')  # of a command: kept whole on a phone
PICTURE = re.compile(r'<img (?=[^>]*src="[./]*_images/([\w.-]+\.png)")')


def with_sizes(body: str, sources: dict[str, Path]) -> str:
    """The page with room kept for each plot, which is fetched when it comes near."""

    def sized(match: re.Match) -> str:
        with open(sources[match[1]], "rb") as file:  # width and height stand in bytes 16 to 24
            width, height = struct.unpack(">16x2I", file.read(24))
        return f'<img width="{width}" height="{height}" loading="lazy" decoding="async" '

    return PICTURE.sub(sized, body)


NEEDED_BY = {  # a script of the theme or an extension: what must stand in a page that loads it
    "thebe": None,  # nothing here uses it, and its settings, declared twice, throw
    "mathjax": None,  # formulas.js fetches it when it is needed
    "toggle": 'class="dropdown',
    "design-tabs": "sd-tab-set",
    "copybutton": 'class="highlight',
    "clipboard": 'class="highlight',
}


def wanted(script, body: str) -> bool:
    text = str(vars(script)).lower()
    needs = [mark for name, mark in NEEDED_BY.items() if name in text]
    return all(mark is not None and mark in body for mark in needs)


def page_context(app: Sphinx, pagename, templatename, context, doctree) -> None:
    """Give each page the scripts that it needs, and no others."""
    if "script_files" not in context:
        return
    body = context.get("body", "")
    scripts = context["script_files"]
    scripts[:] = [script for script in scripts if wanted(script, body)]
    has_widgets = WIDGET_VIEW in body
    if not has_widgets and body:
        context["body"] = WIDGET_STATE.sub("", body)
    if has_widgets:
        for path, attributes in widget_scripts(app):
            app.add_js_file(path, **attributes)
    sphinx_search = pagename == "search" and not context["rnncourse_search"]
    if sphinx_search:  # a page from file:// may not fetch others to quote from them
        no_quotes = "DOCUMENTATION_OPTIONS.SHOW_SEARCH_SUMMARY &&= location.protocol !== 'file:';"
        app.add_js_file(None, body=no_quotes)
    for name in sorted(set(FIGURE.findall(body))):
        app.add_js_file(f"{OURS}/figure-{name}.js", loading_method="defer")
    if 'class="math' in body or "rnn-answers" in body:
        address = app.config.rnncourse_mathjax
        app.add_js_file(f"{OURS}/formulas.js", loading_method="defer", **{"data-mathjax": address})
    app.add_js_file(f"{OURS}/host.js", loading_method="defer")
    app.add_js_file(f"{OURS}/reading.js", loading_method="defer")
    if "tag_predicted" in body:
        app.add_js_file(f"{OURS}/predictions.js", loading_method="defer")
    if 'data-figure="quiz"' in body or "rnn-answers" in body:
        app.add_js_file(f"{OURS}/answers.js", loading_method="defer")
    if "data-aside=" in body:
        app.add_js_file(f"{OURS}/asides.js", loading_method="defer")
    if "rnn-claim " in body:
        app.add_js_file(f"{OURS}/ledger.js", loading_method="defer")
    for script in context["script_files"]:  # what runs at once holds up the page
        script.attributes.pop("defer", None)
        name = str(getattr(script, "filename", None) or "documentation_options.js")
        # lines in the page refer to the options, and Sphinx's search to all of its scripts
        if not sphinx_search and not name.endswith("documentation_options.js"):
            script.attributes["defer"] = "defer"
    served = [f"{OURS}/fonts/{name}" for name in FONTS.values()] if node_modules(app) else []
    context["rnncourse_fonts"] = served
    sources = {name: Path(app.srcdir, path) for path, name in app.builder.images.items()}
    if body:
        sized = with_sizes(context["body"], sources)
        for theirs, ours in ROLES.items():
            sized = sized.replace(theirs, ours)
        context["body"] = OPTION.sub(r'<span class="rnn-keep">\g<0></span>', sized)


MEASURED = '["pre",".nboutput > .output_area",'  # by a script of the theme, on every change


def spare_readers(app: Sphinx, error: Exception | None) -> None:
    """Empty the theme's 1.5 MB script of icons: icons.css draws those we use. And let its other
    script measure nothing: host.js lets the keyboard reach what scrolls, when it comes near."""
    scripts = Path(app.outdir) / "_static/scripts"
    if error or not scripts.is_dir():
        return
    icons, theme = scripts / "fontawesome.js", scripts / "pydata-sphinx-theme.js"
    icons.write_text("// The icons come from icons.css.\n", encoding="utf-8")
    text = theme.read_text(encoding="utf-8")
    start = text.find(MEASURED)
    if start >= 0:
        end = text.index('.join(", ")', start)
        theme.write_text(f'{text[:start]}["rnn-nothing"]{text[end:]}', encoding="utf-8")


def say_where(app: Sphinx, error: Exception | None) -> None:
    if error or app.builder.format != "html":
        return
    page = Path(app.outdir) / "index.html"
    parts = "needs no network" if node_modules(app) else "loads MathJax from its CDN"
    logger.info(f"\nThe book {parts}. Open this file in a browser:\n    {page}\n")


def setup(app: Sphinx) -> dict:
    free_codecs()
    for extension in ("sphinxext.opengraph", "notfound.extension"):
        app.setup_extension(extension)
    if os.environ.get("RNNCOURSE_URL"):
        app.setup_extension("sphinx_sitemap")
    app.set_html_assets_policy("always")  # page_context decides which page gets MathJax
    app.add_directive("live-figure", LiveFigure)
    app.add_config_value("rnncourse_site_digest", "", "html", [str])
    app.add_config_value("rnncourse_mathjax", "", "html", [str])
    app.connect("config-inited", configure, priority=100)
    app.connect("builder-inited", prepare)
    app.connect("doctree-read", offer_notebooks, priority=100)  # before downloads are collected
    app.connect("doctree-read", keep_punctuation)
    app.connect("doctree-resolved", make_cards)
    app.connect("html-page-context", page_context, priority=900)
    app.connect("build-finished", spare_readers, priority=900)
    app.connect("build-finished", say_where, priority=900)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
