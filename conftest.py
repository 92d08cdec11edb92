"""Three rules for every test, notebooks included.

nbval runs the notebooks as `rnncourse notebook run` stores them: without progress bars. In a cell
tagged `near-5%` (1 to 10) each number of an output may differ from the stored one by that much.
And where the environment variable CI is "true", a skipped test fails the run: it would hide a
gap. Only the grader's sandbox may be missing, on systems other than Linux.
"""

import os
import re
import sys

import pytest

from rnncourse.numerals import between, numerals

os.environ.setdefault("TQDM_DISABLE", "1")

# ---- numbers near the stored ones -----------------------------------------------------------


class Near(str):
    """The text of an output, equal to one with the same words and nearly the same numbers.

    Of two that are compared the left one is the stored one: numbers may differ from its numbers
    by `percent` of these, so that a stored 0 needs a 0; nan and inf are words. Blanks beside a
    number are the alignment of a table and follow from its width.
    """

    percent: int

    def __eq__(self, new):
        return not differences(self, new)

    def __ne__(self, new):
        return bool(differences(self, new))

    __hash__ = str.__hash__


def differences(stored, new):
    """One line for each number of new that is too far from its stored one, or on other words."""
    olds, news = numerals(stored), numerals(new)
    if len(olds) != len(news):
        return [f"{len(olds)} numbers are stored, {len(news)} came out", f"  {stored}", f"  {new}"]
    words = [aligned(between(*each)) for each in ((stored, olds), (new, news))]
    for before, after in zip(*words, strict=True):
        if before != after:
            return [f"other words beside the numbers: stored {before!r}, came out {after!r}"]
    return [
        f"stored {stored[old.start : old.end]}, came out {new[now.start : now.end]}: "
        + (f"{abs(now.value / old.value - 1):.2%} off, " if old.value else "")
        + f"allowed are {stored.percent} % (number {place} of the output)"
        for place, (old, now) in enumerate(zip(olds, news, strict=True), start=1)
        if abs(now.value - old.value) * 100 > stored.percent * abs(old.value)
    ]


def aligned(pieces):
    """The pieces of text around numbers, without the blanks that touch a number."""
    pieces = [pieces[0], *(piece.lstrip(" ") for piece in pieces[1:])]
    return [*(piece.rstrip(" ") for piece in pieces[:-1]), pieces[-1]]


def pytest_itemcollected(item):
    """Give a notebook's cell with a tag like `near-5%` outputs that compare with tolerance."""
    tags = item.cell.metadata.get("tags", []) if hasattr(item, "cell") else []
    near = [tag for tag in tags if tag.startswith("near")]
    if not near:
        return
    found = re.fullmatch(r"near-([1-9]|10)%", near[0])
    if not found or len(near) > 1:
        wrong = f"{', '.join(near)}: a cell has one tolerance, from near-1% to near-10%"
        item.runtest = lambda: item.raise_cell_error(wrong)
        return
    sanitize = item.sanitize

    def near_text(text):
        text = sanitize(text)
        if isinstance(text, str):
            text = Near(text)
            text.percent = int(found[1])
        return text

    item.sanitize = near_text


def pytest_assertrepr_compare(left, right):
    if isinstance(left, Near):
        return [f"each number within {left.percent} %:", *differences(left, right)]


# ---- skipped tests --------------------------------------------------------------------------


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session):
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is None or os.environ.get("CI") != "true":
        return
    reasons = [report.longrepr[-1] for report in reporter.stats.get("skipped", [])]
    if not sys.platform.startswith("linux"):
        reasons = [reason for reason in reasons if "no sandbox on this machine" not in reason]
    if reasons and session.exitstatus == 0:
        reporter.write_line("\nIn CI a skipped test is a failure.", red=True)
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
