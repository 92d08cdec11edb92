"""A cell tagged `near-5%` compares its numbers with a tolerance, its words exactly: in nbval."""

import os
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from decimal import Decimal
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

from rnncourse import notebooks
from rnncourse.numerals import numerals

ROOT = Path(__file__).resolve().parents[1]

CASES = {  # name: (tags, what is stored, what comes out, what the failure says or None)
    "within": (["near-5%"], "loss 0.8300", "loss 0.8499", None),
    "outside": (
        ["near-5%"], "loss 0.83", "loss 0.97",
        "stored 0.83, came out 0.97: 16.87% off, allowed are 5 %"),
    "the second number": (
        ["near-5%"], "a 100.0 b 2.00", "a 101.0 b 2.20", "10.00% off, allowed are 5 % (number 2"),
    "the very edge": (["near-10%"], "x 1.1", "x 1.21", None),
    "just over the edge": (["near-10%"], "x 1.1", "x 1.2101", "10.01% off"),
    "another word": (["near-5%"], "loss 0.83", "error 0.83", "other words beside"),
    "another unit": (["near-5%"], "83.0 %", "83.0", "other words beside"),
    "another line": (["near-5%"], "1.00\n2.00", "1.00 2.00", "other words beside"),
    "one number more": (["near-5%"], "0.83", "0.83 0.83", "1 numbers are stored, 2 came out"),
    "nothing comes out": (["near-5%"], "0.83", "", "Missing output fields"),
    "the sign counts": (["near-5%"], "-0.83", "0.83", "stored -0.83, came out 0.83"),
    "a hyphen is no sign": (["near-5%"], "3-10", "3-10", None),
    "zero needs zero": (["near-10%"], "0.000", "0.001", "stored 0.000, came out 0.001"),
    "zero stays zero": (["near-10%"], "0.0", "-0.0", None),
    "not a number stays one": (["near-5%"], "nan inf", "nan -inf", "other words beside"),
    "a number for nan": (["near-5%"], "nan", "1.0", "0 numbers are stored, 1 came out"),
    "exponents": (["near-5%"], "1.00e-07", "1.02e-07", None),
    "another exponent": (["near-5%"], "1.00e-07", "1.00e-06", "900.00% off"),
    "thousands": (["near-5%"], "1,500 steps", "1,540 steps", None),
    "a small share": (["near-5%"], "71.3 ± 2.40 %", "70.5 ± 2.50 %", None),
    "its interval": (["near-5%"], "71.3 ± 2.40 %", "71.3 ± 2.80 %", "16.67% off"),
    "numbers of names": (["near-10%"], "h_100 LSTM-64", "h_101 LSTM-64", "other words beside"),
    "labels": (["near-10%"], "a 64-unit LSTM-64", "a 64-unit LSTM-65", "other words beside"),
    "wider numbers": (["near-10%"], "x  9.9  1.0", "x 10.1  1.0", None),
    "an array": (["near-10%"], "[1.  2.05]", "[1.02 2.05]", None),
    "no tag": ([], "loss 0.8300", "loss 0.8301", "0.8301"),
    "eleven": (["near-11%"], "1", "1", "near-11%: a cell has one tolerance, from near-1% to"),
    "no number": (["near-x%"], "1", "1", "near-x%: a cell has one tolerance, from near-1% to"),
    "nought": (["near-0%"], "1", "1", "near-0%: a cell has one tolerance"),
    "two": (["near-1%", "near-2%"], "1", "1", "near-1%, near-2%: a cell has one tolerance"),
}  # fmt: skip


@pytest.fixture(scope="module")
def failures(tmp_path_factory):
    """What nbval says of each case: its failure, or None. All are cells of one notebook."""
    folder = tmp_path_factory.mktemp("near")
    shutil.copy(ROOT / "conftest.py", folder)
    cells = []
    for count, (tags, stored, printed, _) in enumerate(CASES.values(), start=1):
        output = new_output("stream", name="stdout", text=f"{stored}\n")
        source = f"print({printed!r})" if printed else "None"
        cells += [new_code_cell(source, metadata={"tags": tags}, outputs=[output],
                                execution_count=count)]  # fmt: skip
    nbformat.write(new_notebook(cells=cells), folder / "near.ipynb")
    command = [sys.executable, "-m", "pytest", "--nbval", "--nbval-kernel-name=python3"]
    result = subprocess.run(
        [*command, "--color=no", "--junitxml=report.xml", "near.ipynb"],
        cwd=folder, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True,
    )  # fmt: skip
    assert result.returncode == pytest.ExitCode.TESTS_FAILED, result.stdout + result.stderr
    tests = ElementTree.parse(folder / "report.xml").iter("testcase")
    told = [test.find("failure") for test in tests]
    texts = [None if failure is None else failure.text for failure in told]
    return dict(zip(CASES, texts, strict=True))


@pytest.mark.parametrize("case", CASES)
def test_numbers_near_the_stored_ones_pass(case, failures):
    expected = CASES[case][-1]
    if expected is None:
        assert failures[case] is None
    else:
        assert expected in (failures[case] or "")


def test_the_tolerance_stays_when_a_notebook_is_stored():
    cell = new_code_cell("print(0.83)", metadata={"tags": ["near-5%", "hide-input"]})
    stored = notebooks.normalise(new_notebook(cells=[cell]))
    assert stored.cells[0].metadata.tags == ["near-5%", "hide-input"]


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("about 0.83, or −2.5 %.", ["0.83", "-2.5"]),
        ("1,500 of 12,345.6", ["1500", "12345.6"]),
        ("3.0e-7 and 1E+3", ["3.0e-7", "1E+3"]),
        ("h_1, x2, 2D, LSTM-64, a 64-unit cell, 1.2.3, #123456", []),
        ("5-10 and 5 - 10 and (5, -10)", ["5", "10", "5", "10", "5", "-10"]),
        ("[1. 2.5]", ["1.", "2.5"]),
    ],
)
def test_numerals(text, values):
    assert [numeral.value for numeral in numerals(text)] == [Decimal(value) for value in values]
