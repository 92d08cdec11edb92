"""The text of a question as it is shown: in HTML, in Markdown, in a terminal.

A question is written as HTML in which `code` stands between backticks, a formula between dollars,
what is stressed between asterisks, and a symbol with an index may stand bare: h_{t-1}.
"""

from __future__ import annotations

import re
from html import escape, unescape

SYMBOL = re.compile(r"(?<![\w`$\\{])(d?[A-Za-zα-ω])_(\{[^{}]+\}|[A-Za-z0-9]+)")
STRESSED = re.compile(r"(?<![\w*)])\*([^\W\d][^*<>]*)\*(?![\w*(])")
CODE_OR_MATH = re.compile(r"(`[^`]+`|\$[^$]+\$|<code>.*?</code>)")


def as_html(text: str) -> str:
    """`code` marked up, formulas for MathJax, and h_{t-1} as an h with its index without it."""
    parts = CODE_OR_MATH.split(text)
    prose = (STRESSED.sub(r"<em>\1</em>", part) for part in parts[::2])
    parts[::2] = [SYMBOL.sub(_with_index, part) for part in prose]
    parts[1::2] = [_marked_up(part) for part in parts[1::2]]
    return "".join(parts)


def _with_index(match: re.Match) -> str:
    return f"<i>{match[1]}</i><sub>{match[2].strip('{}')}</sub>"


def _marked_up(part: str) -> str:
    if part.startswith("`"):
        return f"<code>{escape(unescape(part[1:-1]), quote=False)}</code>"
    if part.startswith("$"):
        formula = escape(unescape(part[1:-1]), quote=False)
        return rf'<span class="math">\({formula}\)</span>'
    return part


def as_markdown(text: str) -> str:
    """h_{t-1} as a formula, for a cell of a notebook."""
    parts = CODE_OR_MATH.split(text)
    parts[::2] = [SYMBOL.sub(_as_formula, part) for part in parts[::2]]
    return "".join(parts)


def _as_formula(match: re.Match) -> str:
    index = match[2].strip("{}")
    return f"${match[1]}_{{{index}}}$"


def plain(text: str) -> str:
    """The text without HTML, for a terminal: <code>x</code> becomes x, and *x* as well."""
    text = STRESSED.sub(r"\1", text)
    return unescape(re.sub(r"</?[a-z]+[^>]*>", "", text)).replace("`", "")
