"""The ledger of claims says what the stored outputs say, and no other thing."""

import os
import re
import subprocess
import sys

import nbformat
import pytest
import yaml
from nbformat.v4 import new_code_cell, new_notebook, new_output

from rnncourse import claims, notebooks

ROOT = notebooks.root()
LEDGER = claims.ledger(ROOT)
ROWS = [claim for rows in LEDGER.values() for claim in rows]
KINDS = re.compile(r"essay|long tutorial|interactive lesson|guide|all of them|textbook|common")
# What the source lessons claim, in words that our row must hold.
WORDS = [
    "cat sat the", "telescope", "le chat assis", "10 to 20 steps", "hundreds of steps",
    "20 words earlier", "Eigenvalues", "0.25", "neither vanish nor explode", "is erased",
    "forget and input gate", "$z$ near 1", "GRUs train faster", "dropout between layers",
    "both directions helps", "quadratic", "constant memory", "less data", "three gates",
    "DeepSpeech", "Sharing parameters",
]  # fmt: skip


# ---- the ledger of the course -----------------------------------------------------------------


def over(rows):
    return pytest.mark.parametrize("claim", rows, ids=[claim.id for claim in rows])


@over(ROWS)
def test_what_a_row_says_is_in_its_source(claim):
    """Its output is there, its figures are in it, and its condition holds."""
    told = claims.result_of(claim, ROOT)
    assert "{" not in re.sub(claims.AS_IT_IS, "", told)


@over(ROWS)
def test_every_row_is_well_formed(claim):
    verdict = claims.VERDICT.match(claim.result)
    assert verdict, "the result begins with a verdict in bold type"
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", claim.id)
    assert KINDS.search(claim.told), "say by which kind of source"
    if verdict[1].startswith("Open, "):
        assert verdict[1] == f"Open, chapter {claim.chapter}"
        assert not claim.source, "an open claim has no source yet"
        assert claims.notebook_of(claim, ROOT) is None, "open, but its chapter is here"
    elif claim.source == claims.READING:
        assert claim.chapter is None
        assert claim.experiment.startswith("reading")
    else:
        assert claim.chapter is not None
        assert claim.source, "an experiment has a source: cell, or a file of results"


@over([claim for claim in ROWS if claim.source not in (None, claims.READING)])
def test_every_experiment_has_a_condition_and_uses_its_figures(claim):
    assert claim.condition, "say when the verdict is right"
    quoted = [found[1] for found in claims.QUOTED.finditer(claim.result)]
    used = " ".join([claim.condition, *quoted])
    assert [name for name in claim.figures if not re.search(rf"\b{name}\b", used)] == []
    assert claim.figures or "output" in claim.condition


def test_rows_and_cells_belong_together():
    """Every tag of a notebook is that of a row, in the chapter of that row."""
    tags = {
        (tag, int(path.name[:2]))
        for path in sorted((ROOT / "notebooks").glob("[0-9][0-9]_*.ipynb"))
        for cell in notebooks.read(path).cells
        for tag in cell.metadata.get("tags", [])
        if tag.startswith("claim")
    }
    assert tags == {(claim.tag, claim.chapter) for claim in ROWS if claim.source == "cell"}


def test_every_part_is_on_the_page_once():
    page = (ROOT / "book" / "claims.md").read_text(encoding="utf-8")
    assert re.findall(r"^:::\{claims\} (\w+)$", page, re.MULTILINE) == list(LEDGER)


@pytest.mark.parametrize("words", WORDS)
def test_every_claim_of_the_source_lessons_is_in_the_ledger(words):
    found = [claim for claim in ROWS if words in claim.claim]
    assert len(found) == 1, f"{len(found)} rows of {claims.LEDGER} claim something on {words!r}"


# ---- what fails -------------------------------------------------------------------------------

ROW = {
    "id": "order",
    "chapter": 1,
    "claim": "Order matters.",
    "told": "an essay",
    "experiment": "a bag and a GRU",
    "source": "cell",
    "figures": {"gru": "GRU > 1", "bag": "bag of words > 2", "faint": "gradient"},
    "condition": "gru > bag + 20",
    "result": "**Holds.** {gru} %, {gru - bag:.1f} more than $W_{hh}$ {cite:p}`b`; {faint:power}.",
}
PRINTED = """\
bag of words   1: 50.0 %
GRU            88.25 ± 0.31 %
the gradient has length 3.1e-21
"""


@pytest.fixture
def write(tmp_path):
    """A function that writes a course with one claim, with the changes it is given."""
    (tmp_path / "book").mkdir()
    (tmp_path / "notebooks").mkdir()
    (tmp_path / claims.RESULTS).mkdir(parents=True)
    (tmp_path / claims.RESULTS / "reach.txt").write_text(PRINTED, encoding="utf-8")

    def written(printed=PRINTED, tags=("claim-order", "hide-input"), **changes):
        output = new_output("stream", name="stdout", text=printed)
        cell = new_code_cell("1", metadata={"tags": list(tags)}, outputs=[output])
        path = tmp_path / "notebooks" / "01_sequential_data.ipynb"
        nbformat.write(new_notebook(cells=[cell]), path)
        text = yaml.safe_dump({"part": [{**ROW, **changes}]})
        (tmp_path / claims.LEDGER).write_text(text, encoding="utf-8")

    return written


@pytest.fixture
def course(write, tmp_path):
    """A function that writes such a course and tells the claim's result."""

    def told(**changes):
        write(**changes)
        return claims.result_of(claims.ledger(tmp_path)["part"][0], tmp_path)

    return told


def test_a_result_quotes_its_figures(course):
    expected = "**Holds.** 88.25 %, 38.2 more than $W_{hh}$ {cite:p}`b`; 10⁻²¹."
    assert course() == expected
    assert course(source="reach.txt") == expected


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"tags": ["claim-other"]}, "no cell of 01_sequential_data.ipynb with the tag claim-order"),
        ({"printed": ""}, "no cell of 01_sequential_data.ipynb with the tag claim-order prints"),
        ({"chapter": 2}, "there is no notebook of chapter 2"),
        ({"source": "far.txt"}, "there is no benchmarks/results/far.txt"),
        ({"printed": PRINTED.replace("GRU", "RNN")}, "figure gru is not in its output: .*'GRU'"),
        ({"printed": PRINTED.replace("50.0", "none")}, "figure bag is not in .*: 1 numbers there"),
        ({"printed": PRINTED.replace("88.25", "69.9")}, "no longer holds: gru > bag .*gru = 69.9"),
        ({"result": "**Holds.** {lstm}"}, "cannot compute 'lstm'"),
        ({"condition": "gru >"}, "cannot compute 'gru >'"),
        ({"verdict": "Holds"}, "a row has other fields than id, "),
    ],
)
def test_a_row_that_its_source_does_not_bear_out_fails(change, reason, course):
    with pytest.raises(claims.ClaimError, match=reason):
        course(**change)


def test_an_id_that_is_there_twice_fails(tmp_path):
    (tmp_path / "book").mkdir()
    text = yaml.safe_dump({"one": [ROW], "two": [ROW]})
    (tmp_path / claims.LEDGER).write_text(text, encoding="utf-8")
    with pytest.raises(claims.ClaimError, match="an id is there twice: order"):
        claims.ledger(tmp_path)


@pytest.mark.parametrize(
    ("path", "taken"),
    [
        ("copy > gru > 2", "600"),
        ("gru", "150"),
        ("gru > 3", "3.5e-02"),
        ("inputs × 0.1: most", "-30.5"),
        ("adding > 10", None),
        ("lstm", None),
        ("gru > 4", None),
    ],
)
def test_a_figure_stands_after_words_on_their_line(path, taken):
    text = "adding   10\ngru   150  12 3.5e-02\ninputs ×  0.1: most -30.5\ncopy\ngru 650 600\n"
    if taken is None:
        with pytest.raises(LookupError, match=path):
            claims.take(text, path)
    else:
        assert claims.take(text, path).printed == taken


def test_all_figures_of_a_line_are_a_list():
    assert claims.take("GRU  1.50 2,000\nLSTM 3", "GRU > all") == [1.5, 2000]
    with pytest.raises(LookupError, match="0 numbers there"):
        claims.take("GRU none\nLSTM 3", "GRU > all")


# ---- on the page ------------------------------------------------------------------------------


CONF = f"""
import sys
sys.path.insert(0, {str(ROOT / "book" / "_site")!r})
extensions = ["myst_parser", "sphinx_design", "rnncourse_claims"]
myst_enable_extensions = ["colon_fence", "dollarmath"]
exclude_patterns = ["notebooks", "benchmarks"]
suppress_warnings = ["myst.xref_missing"]  # the notebooks are no pages here
"""
PAGE = """\
# Claims

:::{claims} part
:::

Held {measured}`class_*.md > held: as ,.0f`, {measured}`reach.txt > GRU > 2`, in
{count}`benchmarks/results/class_*.md` classes: [the order](#claim-order).
"""


@pytest.fixture
def page(write, tmp_path):
    """A function that builds the course's page and returns its text, or the error."""

    def build(text=PAGE, **changes):
        write(result="**Holds.** {gru} % and {bag}; {faint:power}.", **changes)
        for number in (1, 2):
            path = tmp_path / claims.RESULTS / f"class_{number}.md"
            path.write_text(f"held: {number},000\n", encoding="utf-8")
        (tmp_path / "conf.py").write_text(CONF, encoding="utf-8")
        (tmp_path / "index.md").write_text(text, encoding="utf-8")
        command = [sys.executable, "-m", "sphinx", "-q", "-W", ".", "built"]
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        ran = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)
        if ran.returncode:
            return ran.stderr
        return (tmp_path / "built" / "index.html").read_text(encoding="utf-8")

    return build


def test_a_page_takes_its_figures_when_it_is_built(page):
    html = page(claim="a|b")
    card = r'<div class="rnn-claim rnn-holds rnn-chapter-1[^>]*id="claim-order">'
    assert re.search(card + r'\s*<div class="rnn-claimed[^>]*>\s*<p>a\|b</p>', html)
    assert 'href="#claim-order"' in html
    assert "<strong>Holds.</strong> 88.25 % and 50.0; 10⁻²¹." in html
    assert "Held 3,000, 0.31, in\n2 classes" in html
    again = page(printed=PRINTED.replace("88.25", "89.99"))
    assert "89.99 %" in again, "an output has changed, and the page has not"


@pytest.mark.parametrize(
    ("text", "changes", "reason"),
    [
        (PAGE, {"printed": PRINTED.replace("88.25", "9.25")}, "order: the verdict no longer holds"),
        (PAGE.replace("{claims} part", "{claims} art"), {}, "'art'"),
        (PAGE.replace("held:", "lost:"), {}, "no 'lost:'"),
        (PAGE.replace("`class_", "`grade_"), {}, "there is no file benchmarks/results/grade_"),
    ],
)
def test_a_page_without_its_figures_is_not_built(text, changes, reason, page):
    assert reason in page(text, **changes)
