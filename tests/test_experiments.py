"""Experiments: rates from within a grid, no seed run twice, tables that say what made them."""

import importlib.util
import json
import math
import os
import re
import signal
import subprocess
import sys

import numpy as np
import pytest
import torch
from torch import nn

from rnncourse import experiments
from rnncourse.experiments import EdgeOfGrid, choose, over_seeds, summary
from rnncourse.training import Diverged, Trainer

GRID = (0.001, 0.01, 0.1)


def nearest(best):
    """A score that is smallest at best, and a list of what was asked."""
    asked = []

    def score(rate):
        asked.append(rate)
        return abs(math.log(rate / best))

    return score, asked


# Choosing


def test_choose_takes_the_best_and_shows_every_score():
    score, asked = nearest(0.02)
    rate, tried = choose(score, GRID)
    assert rate == 0.01
    assert asked == list(tried) == list(GRID)
    assert tried[0.01] == abs(math.log(0.01 / 0.02))


@pytest.mark.parametrize(("best", "which"), [(1e-9, "smallest"), (1e9, "largest")])
def test_a_choice_on_the_edge_is_refused(best, which):
    edge = GRID[0] if which == "smallest" else GRID[-1]
    with pytest.raises(EdgeOfGrid, match=f"{edge:g} is the best of .* and the {which}: ") as caught:
        choose(nearest(best)[0], GRID)
    assert caught.value.best == edge
    assert sorted(caught.value.tried) == list(GRID)


def test_the_grid_is_extended_if_asked():
    score, asked = nearest(1.1)
    assert choose(score, GRID, extend=2)[0] == 1
    assert asked == [*GRID, 1, 10]
    score, asked = nearest(1e-5)
    with pytest.raises(EdgeOfGrid, match=r"1e-05 is the best of 1e-05, 0.0001, 0.001, 0.01, 0.1 "):
        choose(score, GRID, extend=2)
    assert len(asked) == 5


def test_among_equals_the_inner_one_is_taken():
    assert choose(lambda rate: 1.0, GRID)[0] == 0.01


def test_what_diverges_is_not_chosen():
    def score(rate):
        if rate == 0.01:
            raise Diverged
        return math.nan if rate == 0.001 else 7.0

    with pytest.raises(EdgeOfGrid) as caught:
        choose(score, GRID)
    assert caught.value.tried == {0.001: math.inf, 0.01: math.inf, 0.1: 7.0}
    with pytest.raises(ValueError, match=r"nothing in the grid .* has a finite score"):
        choose(lambda rate: math.nan, GRID, extend=3)


@pytest.mark.parametrize("grid", [(0.1, 0.01), (0.1, 0.1, 0.2), (0, 1, 2)])
def test_a_grid_without_an_inside_is_refused(grid):
    with pytest.raises(ValueError, match="three positive numbers or more"):
        choose(lambda rate: rate, grid)


# Seeds


def test_every_seed_is_run_once_and_in_order():
    assert over_seeds(lambda seed: seed**2) == [0, 1, 4, 9, 16]
    assert over_seeds(lambda seed: {"error": seed}, [3, 1]) == [{"error": 3}, {"error": 1}]


def test_what_is_kept_is_not_run_again(tmp_path):
    path, ran = tmp_path / "part.json", []

    def run(seed):
        if len(ran) == 2:
            raise KeyboardInterrupt
        ran.append(seed)
        return (seed, seed / 3)

    with pytest.raises(KeyboardInterrupt):
        over_seeds(run, path=path, name="LSTM")
    assert ran == [0, 1]
    ran = [None] * 3
    whole = over_seeds(run, path=path, name="LSTM")
    assert ran[3:] == [2, 3, 4]
    assert whole == [[seed, seed / 3] for seed in range(5)]
    assert over_seeds(run, [4, 0], path=path, name="LSTM") == [whole[4], whole[0]]
    assert len(ran) == 6
    over_seeds(run, [4], path=path, name="GRU")  # another name, another result
    assert len(ran) == 7


def test_choosing_goes_on_where_it_stopped(tmp_path):
    path = tmp_path / "part.json"
    (score, asked), (again, asked_again) = nearest(1.1), nearest(1.1)
    first = choose(score, GRID, extend=2, path=path, name="LSTM")
    assert choose(again, GRID, extend=2, path=path, name="LSTM") == first
    assert len(asked) == 5
    assert asked_again == []
    over_seeds(lambda seed: seed, [1], path=path, name="LSTM")  # seed 1 is not rate 1
    assert over_seeds(lambda seed: None, [1], path=path, name="LSTM") == [1]


def test_ctrl_c_leaves_no_half_trained_result(tmp_path):
    """The Trainer alone would stop and hand back what it has: a result that is none."""
    path = tmp_path / "part.json"

    def run(seed):
        def batches(epoch):
            while True:
                yield torch.ones(2, 1), torch.ones(2, 1)
                if seed == 1:
                    os.kill(os.getpid(), signal.SIGINT)

        model = nn.Linear(1, 1)
        trainer = Trainer(model, nn.functional.mse_loss, torch.optim.SGD(model.parameters(), 0.1))
        return len(trainer.fit(batches, steps=3))

    with pytest.raises(KeyboardInterrupt):
        over_seeds(run, path=path)
    assert json.loads(path.read_text()) == {"seeds": {"0": 3}}
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_progress_says_what_is_running(capsys, monkeypatch):
    over_seeds(lambda seed: seed, name="LSTM")
    assert capsys.readouterr().err == ""
    monkeypatch.delenv("TQDM_DISABLE")  # the tests set it
    over_seeds(lambda seed: seed, name="LSTM")
    assert re.search(r"LSTM seeds.*/5", capsys.readouterr().err)


def test_a_result_that_json_cannot_hold_is_an_error():
    with pytest.raises(TypeError, match="not JSON serializable"):
        over_seeds(lambda seed: np.ones(2))


# Summaries


def test_the_standard_error_is_that_of_the_mean():
    values = np.random.default_rng(0).normal(size=12)
    mean, error, n = summary(values)
    assert n == 12
    assert mean == pytest.approx(values.mean(), rel=1e-12)
    assert error == pytest.approx(values.std(ddof=1) / math.sqrt(12), rel=1e-12)


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ([0.81, 0.85], "0.83 ± 0.02"),
        ([0.8295, 0.8323], "0.8309 ± 0.0014"),  # two digits of an error that begins with 1
        ([1000, 3000], "2000 ± 1000"),
        ([3000, 3000], "3000 ± 0"),
        ([0.25], "0.25 (one value)"),
    ],
)
def test_a_summary_prints_its_error_and_no_digit_more(values, text):
    assert str(summary(values)) == f"{summary(values)}" == text


def test_a_summary_takes_a_format():
    assert f"{summary([0.8, 0.9]):.1%}" == "85.0% ± 5.0%"
    assert f"{summary([0.8]):.3f}" == "0.800 (one value)"
    with pytest.raises(ValueError, match="no values"):
        summary([])


def test_splits_of_the_same_data_have_a_larger_error():
    """Nadeau and Bengio (2003): a fifth of the data tested leaves 1/5 + 1/4 for five splits."""
    plain, split = summary([1, 2, 3, 4, 5]), summary([1, 2, 3, 4, 5], overlap=1 / 4)
    assert split.mean == plain.mean
    assert split.error / plain.error == pytest.approx(1.5)


# Stored tables

ROWS = [
    {"name": "LSTM", "rate": 0.01, "tried": [[0.003, 2.0], [0.01, 1.0], [0.03, 3.0]],
     "values": [0.81, 0.85]},
    {"name": "a guess", "rate": None, "tried": [], "values": [0.5, 0.5]},
    {"name": "GRU", "rate": 0.03, "tried": [[0.003, 2.0], [0.01, 1.5], [0.03, 1.0]],
     "values": [0.91, 0.91]},
]  # fmt: skip


def test_a_stored_table_says_what_made_it(tmp_path):
    path = tmp_path / "table.json"
    experiments.store(path, ROWS, "python benchmarks/quality.py trial")
    stored = experiments.load(path)
    assert stored["rows"] == ROWS
    assert stored["command"] == "python benchmarks/quality.py trial"
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", stored["date"])
    assert stored["versions"] == {
        "python": sys.version.split()[0], "numpy": np.__version__, "torch": torch.__version__
    }  # fmt: skip
    assert stored["machine"]["cpus"] == os.cpu_count()
    assert stored["machine"]["threads"] == torch.get_num_threads()
    assert stored["machine"]["processor"]
    assert len(path.read_text().splitlines()) == len(ROWS) + 8  # a row a line: changes show
    assert [file.name for file in tmp_path.iterdir()] == ["table.json"]


def test_a_file_without_a_command_is_no_stored_table(tmp_path):
    path = tmp_path / "table.json"
    path.write_text('{"rows": []}')
    with pytest.raises(ValueError, match="does not say its command"):
        experiments.load(path)


def test_a_table_is_printed_with_means_errors_and_edges():
    lines = experiments.table(ROWS).splitlines()
    assert [" ".join(line.split()) for line in lines[1:4]] == [
        "LSTM 0.01 0.83 ± 0.02 (0.81 to 0.85)",
        "a guess 0.5 ± 0 (0.5 to 0.5)",
        "GRU 0.03* 0.91 ± 0 (0.91 to 0.91)",
    ]
    assert lines[4] == "* on the edge of what was tried: a better rate may lie beyond"
    assert "*" not in experiments.table(ROWS[:2])


def test_a_table_corrects_the_rows_whose_seeds_split_the_same_data():
    rows = [ROWS[0] | {"name": name} for name in ("words: GRU", "words, new: GRU", "films: GRU")]
    printed = experiments.table(rows, overlap={"words": 2, "pictures": 3}).splitlines()[1:]
    plain = experiments.table(rows).splitlines()[1:]
    wider = experiments.table(rows, overlap=2).splitlines()[1:]
    assert printed == [*wider[:2], plain[2]]
    assert wider[2] != plain[2]


# Tasks

TASK = '''"""A trial task."""

ROWS = {"even": (0.01, 0.1, 1), "odd": (0.01, 0.1, 1), "a guess": None}


def validation(name, rate):
    return abs(rate - (0.1 if name == "even" else 1e9))


def run(name, rate, seed):
    return 2 * seed + (name == "odd") + (rate or 0)
'''


@pytest.fixture
def trial(tmp_path, monkeypatch):
    """A benchmarks folder that holds one task, and a table of it."""
    (tmp_path / "tasks").mkdir()
    (tmp_path / "results").mkdir()
    (tmp_path / "tasks" / "trial.py").write_text(TASK)
    monkeypatch.setattr(experiments, "BENCHMARKS", tmp_path)
    rows = [experiments.measure("trial", name) for name in ("even", "odd", "a guess")]
    experiments.store(experiments.results("trial"), rows, "python benchmarks/quality.py trial")
    return rows


def test_measuring_a_row_chooses_its_rate_then_runs_five_seeds(trial):
    even, odd, guess = trial
    assert (even["rate"], even["values"]) == (0.1, [0.1, 2.1, 4.1, 6.1, 8.1])
    assert [rate for rate, _ in odd["tried"]] == [0.01, 0.1, 1, 10, 100, 1000]
    assert odd["rate"] == 1000  # on the edge, which the table says
    assert "1000*" in experiments.table(trial)
    assert (guess["rate"], guess["tried"], guess["values"]) == (None, [], [0, 2, 4, 6, 8])


def test_a_task_may_say_how_many_seeds_a_row_has(trial):
    with (experiments.BENCHMARKS / "tasks" / "trial.py").open("a") as file:
        file.write('SEEDS = {"odd": 3}')
    found = [len(experiments.measure("trial", name)["values"]) for name in ("even", "odd")]
    assert found == [5, 3]
    assert len(experiments.measure("trial", "odd", seeds=range(2))["values"]) == 2


def test_one_row_is_run_again_at_its_stored_rate(trial):
    again = experiments.one_row("trial", "even", seeds=[2, 4])
    assert again["rate"] == 0.1
    assert again["values"] == [trial[0]["values"][seed] for seed in (2, 4)]


def test_tasks_and_rows_that_are_not_there_are_named(trial):
    with pytest.raises(ValueError, match=r"no task 'trail' in .*, only: trial"):
        experiments.measure("trail", "even")
    with pytest.raises(ValueError, match="task trial has no row 'prime', only: even, odd, a guess"):
        experiments.one_row("trial", "prime")


QUALITY = experiments.BENCHMARKS / "quality.py"
TASKS = sorted(path.stem for path in (experiments.BENCHMARKS / "tasks").glob("*.py"))


@pytest.mark.parametrize("task", TASKS)
def test_every_task_has_rows_with_grids(task):
    module = experiments.load_task(task)
    assert module.__doc__
    assert len(module.ROWS) >= 2
    for grid in module.ROWS.values():
        assert grid is None or len(grid) >= 3


def test_quality_goes_on_after_ctrl_c_and_stores_the_whole_table(trial, monkeypatch, capsys):
    path = experiments.results("trial")
    path.unlink()
    spec = importlib.util.spec_from_file_location("quality", QUALITY)
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    task, ran = experiments.load_task("trial"), []
    monkeypatch.setattr(experiments, "load_task", lambda name: task)
    run = task.run

    def interrupted(name, rate, seed):
        ran.append((name, seed))
        if len(ran) == 7:
            raise KeyboardInterrupt
        return run(name, rate, seed)

    task.run = interrupted
    with pytest.raises(KeyboardInterrupt):
        script.measure_all("trial", path)
    assert not path.exists()
    script.measure_all("trial", path)
    stored = experiments.load(path)
    assert stored["command"] == "python benchmarks/quality.py trial"
    assert stored["rows"] == json.loads(json.dumps(trial))
    assert len(ran) == 16  # five seeds of three rows, and the one that was interrupted
    assert [file.name for file in path.parent.iterdir()] == ["trial.json"]
    assert capsys.readouterr().out.count("±") == 4


def quality(*arguments):
    return subprocess.run([sys.executable, QUALITY, *arguments], capture_output=True, text=True,
                          check=True).stdout  # fmt: skip


def test_quality_lists_its_tasks():
    lines = quality("--list").splitlines()
    assert [line.split()[0] for line in lines] == TASKS
    assert all(len(line.split()) > 3 for line in lines)


def test_quality_measures_a_row_that_has_nothing_to_choose():
    """Always the mean: the variance of a sum of two uniform numbers, 1/6."""
    line = quality("lstm_ablation", "--row", "keep: always the mean").splitlines()[1]
    assert float(re.search(r"([\d.]+) ±", line)[1]) == pytest.approx(1 / 6, rel=0.03)


@pytest.mark.parametrize("forget_bias", [0.0, 1.0])
def test_the_ablation_without_ablation_is_an_lstm(forget_bias):
    torch.manual_seed(0)
    variant = experiments.load_task("lstm_ablation").Variant(forget_bias, "")
    layer = nn.LSTM(2, 32, batch_first=True)
    with torch.no_grad():
        layer.weight_ih_l0.copy_(variant.input.weight)
        layer.weight_hh_l0.copy_(variant.state.weight)
        layer.bias_ih_l0.copy_(variant.input.bias)
        layer.bias_hh_l0.zero_()
        x = torch.randn(3, 20, 2)
        assert (layer.bias_ih_l0[32:64] == forget_bias).all()
        assert torch.allclose(variant(x), variant.out(layer(x)[0])[..., 0], rtol=0, atol=1e-6)


def test_a_task_trains():
    """A GRU names nine speakers far better than by a guess, on data it has not seen."""
    module = experiments.load_task("lstm_gru")
    assert module.run("speaker: GRU, same size", 0.01, 0) > 8 / 9


def test_the_two_networks_of_neighbours_differ_in_sharing_only():
    module = experiments.load_task("order")
    shared, unshared = (module.Neighbours(50, share).eval() for share in (True, False))
    target = unshared.state_dict()
    unshared.load_state_dict(
        {name: p.expand_as(target[name]) for name, p in shared.state_dict().items()}
    )
    lengths = torch.tensor([7, 4, 1])
    x = torch.randint(2, 50, (3, 7)) * (torch.arange(7) < lengths[:, None])
    with torch.no_grad():
        assert torch.allclose(shared(x, lengths), unshared(x, lengths), rtol=0, atol=1e-6)


def test_the_parts_of_a_split_share_nothing_and_twins_have_the_same_words():
    module = experiments.load_task("order")
    _, parts = module.drawn("shuffled", 1)
    real = [set(sentences[::2]) for sentences, _ in parts]
    assert [len(part) for part in real] == [5039, 1000, 1500]
    assert len(set.union(*real)) == 7539
    assert pytest.approx(len(real[2]) / len(real[0])) == module.OVERLAP
    for sentences, answers in parts:
        assert answers.tolist() == [1, 0] * (len(sentences) // 2)
        for one, other in zip(sentences[::2], sentences[1::2], strict=True):
            assert sorted(one) == sorted(other)
            assert one != other


def test_both_questions_about_a_sentence_share_a_vocabulary():
    module = experiments.load_task("order")
    (one, _), (other, _) = module.drawn("praise", 1), module.drawn("shuffled", 1)
    assert one.tokens == other.tokens
    assert "<unk>" in one.decode(one.encode(["zebrafish"]))
