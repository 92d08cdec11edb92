"""The reading aid finds the figures that nothing stored shows, and little else."""

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from rnncourse import cli, notebooks, prose

PRINTED = """\
right: 0.8291, bag: 71%
loss 3.187, parameters 12,345
smallest gradient 1.2e-12
difference -0.047
"""


@pytest.fixture
def course(tmp_path, monkeypatch):
    """A course of one chapter, whose prose the test gives."""
    (tmp_path / "_toc.yml").touch()
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "benchmarks" / "results").mkdir(parents=True)
    (tmp_path / "benchmarks" / "results" / "reach.csv").write_text("cell,steps\ngru,417\n")
    monkeypatch.chdir(tmp_path)

    def unsupported(markdown, source="T = 250"):
        output = new_output("stream", name="stdout", text=PRINTED)
        cells = [new_markdown_cell(markdown), new_code_cell(source, outputs=[output])]
        path = tmp_path / "notebooks" / "03_rnn_forward.ipynb"
        notebooks.write(notebooks.normalise(new_notebook(cells=cells)), path)
        return [figure for _, figure, _ in prose.unsupported(path)]

    return unsupported


@pytest.mark.parametrize(
    ("markdown", "missing"),
    [
        ("It is right in 0.829, 0.83 or 83 % of the cases, the bag in 71 %, or 0.71.", []),
        ("It is right in 0.82, 0.828, 84 % and 72 %.", ["0.82", "0.828", "84", "72"]),
        ("3.19 nats, 3.2 nats, 3.1 nats", ["3.1"]),
        ("12,345 or 12,300 or 12,000 weights, or 12,400", ["12,400"]),
        ("It falls by 0.047, to −0.05; not by 0.04.", ["0.04"]),
        ("10⁻¹² arrives, not 10⁻¹¹, and never 10³.", ["10⁻¹¹", "10³"]),
        ("over 250 steps, not 251", ["251"]),
        ("In 1997, three of 10 units, 5 seeds, but 6 % of them", ["6"]),
        ("Chapters 12, 14 and 15, section 11, question 13; 45 minutes, 2 h", []),
        ("# 13. A title\n\n11. a point with 0.6", ["0.6"]),
        ("`x = 0.61`, $0.62 x$, $$0.63$$, [0.64](page_65.md), {cite:p}`e1990f`", ["0.64"]),
        ("```python\ny = 0.61\n```\nshapes (12, 64), 64×12, a 64-unit LSTM-64", []),
    ],
)  # fmt: skip
def test_figures_without_a_source_are_found(markdown, missing, course):
    assert course(markdown) == missing


def test_a_stored_result_counts_where_the_notebook_names_it(course):
    assert course("It took 417 steps.") == ["417"]
    assert course("It took 417 steps.", source='open("../benchmarks/results/reach.csv")') == []


def test_the_command_says_where_they_stand(course, capsys):
    course("One sees that 0.61 is a figure.")
    assert cli.main(["notebook", "figures", "3"]) == 0
    told = capsys.readouterr().out
    assert "chapter 3: 1 figures without a source" in told
    assert "cell 0:" in told
    assert "One sees that 0.61 is a figure" in told
    assert cli.main(["notebook", "figures", "4"]) == 1
    assert "notebooks/ holds no chapter 4" in capsys.readouterr().err
