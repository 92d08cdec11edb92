"""How far back does each cell really reach? Adding problem and copy task, length against cell.

    python benchmarks/memory.py                     # everything not yet in results/memory.csv
    python benchmarks/memory.py adding              # one task only; both may run side by side
    python benchmarks/memory.py --table             # only print the tables of what is stored
    python benchmarks/memory.py --only adding lstm_forget_1 100 0       # one stored entry again

Every run: 64 hidden units, one layer, a linear read-out, Adam, gradients clipped to norm 1, a fresh
batch of 32 sequences an update, until the error on 500 held-out sequences is below a tenth of
chance ("solved") or 3,000 updates are spent, the same for every length. So the table says how far
a cell reaches *within this budget*; more patience, more units or a schedule reach further. A length
is tried, with all five seeds, if at least one seed solved the length before (the copy task at 1,000
is not); "-" stands for those that were not.

The learning rate is chosen for each task, cell and length with a run of its own (seed 100: other
start, other training and held-out sequences): the one that needs the fewest updates, or gets
furthest, of 0.001, 0.003 and 0.01, and of two more where the best lies on the edge. Beyond length
100 the rate of length 100 is kept.

The adding problem and the copy task are those of rnncourse/data/synthetic.py; the copy task's loss
counts only the steps at which symbols are due.
"""

import argparse
import csv
import itertools
import math
from functools import partial
from pathlib import Path
from statistics import median

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from rnncourse import layers
from rnncourse.data import synthetic
from rnncourse.experiments import EdgeOfGrid, choose, over_seeds
from rnncourse.training import Diverged, Trainer

RESULTS = Path(__file__).parent / "results" / "memory.csv"
LENGTHS = [10, 30, 100, 300, 1000]
LONGEST = {"adding": 1000, "copy": 300}
UPDATES = 3000
RATES, TUNED_TO = (0.001, 0.003, 0.01), 100  # the longest length for which a rate is chosen
SEEDS, TUNING_SEED = range(5), 100
HIDDEN, BATCH, HELD_OUT, CHECK_EVERY = 64, 32, 500, 50
SYMBOLS, SHOWN = 8, 5


class Reader(nn.Module):
    """A layer and a linear read-out of the last steps: x (B, T, D) → (B, SHOWN, outputs)."""

    def __init__(self, layer, outputs):
        super().__init__()
        self.layer, self.out = layer, nn.Linear(HIDDEN, outputs)

    def forward(self, x):
        return self.out(self.layer(x.transpose(0, 1))[0][-SHOWN:]).transpose(0, 1)


def adding_error(output, target):
    return F.mse_loss(output[:, -1, 0], target)


def copying_error(output, target):
    return F.cross_entropy(output.flatten(0, 1), target.flatten())


# name: (make a batch, error, inputs, outputs, error of a guess)
TASKS = {
    "adding": (synthetic.adding, adding_error, 2, 1, 1 / 6),
    "copy": (synthetic.copying, copying_error, SYMBOLS + 2, SYMBOLS, math.log(SYMBOLS)),
}


def tanh(inputs):
    return layers.RNN(inputs, HIDDEN)


def tanh_orthogonal(inputs):
    layer = layers.RNN(inputs, HIDDEN)
    nn.init.orthogonal_(layer.weight_hh_l0)
    return layer


def irnn(inputs):
    """ReLU, started at the identity (Le, Jaitly and Hinton 2015)."""
    layer = layers.RNN(inputs, HIDDEN, nonlinearity="relu")
    nn.init.eye_(layer.weight_hh_l0)
    nn.init.normal_(layer.weight_ih_l0, std=0.001)
    nn.init.zeros_(layer.bias_ih_l0)
    nn.init.zeros_(layer.bias_hh_l0)
    return layer


def lstm(inputs, forget_bias):
    """torch.nn's LSTM: the same numbers as the course's layer, by a fused kernel, in less time."""
    layer = nn.LSTM(inputs, HIDDEN)
    for bias, value in [(layer.bias_ih_l0, forget_bias), (layer.bias_hh_l0, 0.0)]:
        nn.init.constant_(bias[HIDDEN : 2 * HIDDEN], value)
    return layer


CELLS = {
    "tanh": tanh,
    "tanh_orthogonal": tanh_orthogonal,
    "irnn": irnn,
    "lstm_forget_0": lambda inputs: lstm(inputs, 0.0),
    "lstm_forget_1": lambda inputs: lstm(inputs, 1.0),
    "gru": lambda inputs: layers.GRU(inputs, HIDDEN),
}


def reach(task, cell, length, rate, seed=0):
    """Train one cell on one task at one length; the row of the table as a dict."""
    make_batch, error_of, inputs, outputs, chance = TASKS[task]
    torch.manual_seed(seed)
    model = Reader(CELLS[cell](inputs), outputs)
    optimizer = torch.optim.Adam(model.parameters(), lr=rate)
    trainer = Trainer(model, error_of, optimizer, clip_norm=1.0)
    held_out = make_batch(np.random.default_rng(10_000 + seed), HELD_OUT, length)
    x, target = map(torch.tensor, held_out)
    batches = synthetic.fresh(make_batch, seed, BATCH, length)
    try:
        history = trainer.fit(
            batches,
            UPDATES,
            lambda model: error_of(model(x), target),
            validate_every=CHECK_EVERY,
            until=chance / 10,
        )
        error = history[-1]["validation"]
    except Diverged:
        error = math.nan
    return {
        "task": task,
        "cell": cell,
        "length": length,
        "rate": rate,
        "seed": seed,
        "solved": int(error < chance / 10),
        "updates": trainer.step,
        "error": round(error, 4),
        "chance": round(chance, 4),
    }


def stored():
    """The rows of results/memory.csv as dicts of strings."""
    if not RESULTS.exists():
        return []
    with RESULTS.open(newline="") as file:
        return list(csv.DictReader(file))


def chosen_rate(task, cell, length):
    """The learning rate that the tuning run likes best; scores are kept in a part file."""

    def score(rate):
        row = reach(task, cell, length, rate, TUNING_SEED)
        return row["updates"] if row["solved"] else UPDATES * (1 + row["error"] / row["chance"])

    part = RESULTS.with_suffix(f".{task}.part.json")
    try:
        return choose(score, RATES, 2, part, f"{task} {cell} {length}")[0]
    except EdgeOfGrid as edge:
        return edge.best


def run_missing(tasks):
    """Run what is not stored yet, shortest first, each row written as soon as it is there."""
    for before, length in zip([None, *LENGTHS], LENGTHS, strict=False):
        for task, cell in itertools.product(tasks, CELLS):
            solved_before = before and any(ok for _, ok in seeds_tried(task, cell, before))
            if length > LONGEST[task] or (before and not solved_before):
                continue
            missing = sorted(set(SEEDS) - {s for s, _ in seeds_tried(task, cell, length)})
            if not missing:
                continue
            rate = chosen_rate(task, cell, min(length, TUNED_TO))
            for seed in missing:
                [row] = over_seeds(partial(reach, task, cell, length, rate), [seed])
                new = not RESULTS.exists()
                with RESULTS.open("a", newline="") as file:
                    writer = csv.DictWriter(file, row, lineterminator="\n")
                    if new:
                        writer.writeheader()
                    writer.writerow(row)
                print(*row.values(), flush=True)


def seeds_tried(task, cell, length):
    """Pairs (seed, solved or not) of the stored runs."""
    return [
        (int(r["seed"]), r["solved"] == "1")
        for r in stored()
        if (r["task"], r["cell"], int(r["length"])) == (task, cell, length)
    ]


def print_tables(rows):
    """A table a task: seeds that solved it and their median updates, else the median error."""
    for task in TASKS:
        chance = TASKS[task][-1]
        print(f"{task}: seeds solved (median updates), or the median error over chance")
        print(f"{'':16}" + "".join(f"{length:>14}" for length in LENGTHS))
        for cell in CELLS:
            line = f"{cell:16}"
            for length in LENGTHS:
                runs = [
                    r
                    for r in rows
                    if (r["task"], r["cell"], int(r["length"])) == (task, cell, length)
                ]
                solved = [int(r["updates"]) for r in runs if r["solved"] == "1"]
                if not runs:
                    entry = "-"
                elif solved:
                    entry = f"{len(solved)}/{len(runs)} ({median(solved):.0f})"
                else:
                    errors = (float(r["error"]) for r in runs)
                    middle = median(math.inf if math.isnan(e) else e for e in errors)
                    entry = f"{middle / chance:.2f}" if middle < math.inf else "diverged"
                line += f"{entry:>14}"
            print(line)
        print()


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("task", nargs="?", choices=TASKS)
    parser.add_argument("--table", action="store_true", help="only print what is stored")
    parser.add_argument("--only", nargs=4, metavar=("TASK", "CELL", "LENGTH", "SEED"))
    parser.add_argument("--rate", type=float, help="with --only, another than the stored one")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)  # vanished gradients are denormal numbers, ten times as slow
    if arguments.only:
        task, cell, length, seed = arguments.only
        [rate] = {
            arguments.rate or float(r["rate"])
            for r in stored()
            if (r["task"], r["cell"], r["length"]) == (task, cell, length)
        }
        print(reach(task, cell, int(length), rate, int(seed)))
        return
    if not arguments.table:
        run_missing([arguments.task] if arguments.task else TASKS)
    print_tables(stored())


if __name__ == "__main__":
    main()
