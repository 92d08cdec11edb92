"""A fair experiment: rates chosen on validation data, several seeds, mean ± standard error.

    rate, tried = choose(lambda rate: validation_error(rate), (0.001, 0.003, 0.01), extend=2)
    values = over_seeds(lambda seed: test_error(rate, seed))
    print(summary(values))                                            # 0.83 ± 0.02

What takes longer than a chapter may is a task in benchmarks/tasks/: `python benchmarks/quality.py
TASK` measures all its rows and stores the table, a chapter shows it (`load`, `table`) and reruns
one row of it (`one_row`). A task is a module with

    ROWS                         a dict: name of a row → grid of rates (None: nothing to choose)
    validation(name, rate)       a number to make small, found without the test data
    run(name, rate, seed)        the figure of one seed
    SEEDS                        if there: row → number of seeds, where it is not five
    OVERLAP                      as in `summary`, where the seeds split the same data: a number, or
                                 a dict, first word of a row's name → a number
"""

import datetime
import functools
import importlib.util
import json
import math
import os
import platform
import statistics
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch

from rnncourse.training import Diverged, on_ctrl_c, progress_bar

BENCHMARKS = Path(__file__).resolve().parents[1] / "benchmarks"
TRIED, SEEDS = "rates tried", "seeds"


class EdgeOfGrid(ValueError):
    """The best of a grid lies on its edge: `best`; `tried` has the score of every value."""

    def __init__(self, best, tried):
        self.best, self.tried = best, tried
        which = "smallest" if best == min(tried) else "largest"
        super().__init__(
            f"{best:g} is the best of {', '.join(f'{value:g}' for value in sorted(tried))} and the "
            f"{which}: a better one may lie beyond. Widen the grid, or let choose do so (extend=2)"
        )


def choose(score, grid, extend=0, path=None, name=""):
    """The value of the grid with the smallest score, and all scores: (best, {value: score}).

    score: value → a number to make small, found on validation data; a run that ends in `Diverged`
        or in NaN scores infinity.
    grid: three or more positive numbers, a constant factor apart or nearly so.
    extend: where the best lies on an edge, try up to so many more values beyond it.
    path, name: as in `over_seeds`.

    Raises EdgeOfGrid if the best still lies on an edge, and ValueError if the grid is too small or
    nothing in it has a finite score.
    """
    if len(set(grid)) < 3 or min(grid) <= 0:
        raise ValueError(f"a grid needs three positive numbers or more, but this one is {grid}")

    def finite(value):
        try:
            found = float(score(value))
        except Diverged:
            return math.inf
        return math.inf if math.isnan(found) else found

    tried, new = {}, sorted(set(grid))
    while True:
        tried |= zip(new, _each(finite, new, path, f"{name} {TRIED}"), strict=True)
        lowest, *inner, _ = sorted(tried)
        best = min(tried, key=lambda value: (tried[value], value not in inner))
        if tried[best] == math.inf:
            raise ValueError(f"nothing in the grid {grid} has a finite score")
        if best in inner:
            return best, tried
        if extend == 0:
            raise EdgeOfGrid(best, tried)
        neighbour = inner[0] if best == lowest else inner[-1]
        new, extend = [float(f"{best * best / neighbour:.2g}")], extend - 1


def over_seeds(run, seeds=range(5), path=None, name=""):
    """[run(seed) for seed in seeds], with a progress bar; results are what JSON can hold.

    path: a JSON file in which results are kept under `name` as they come. What it holds is not run
        again, so that after Ctrl-C, which ends a run at once, the next call goes on; delete the
        file when `run` has changed.
    """
    return _each(run, seeds, path, f"{name} {SEEDS}")


def _each(run, keys, path, name):
    """[run(key) for key in keys], but for what the file has under name."""
    file = Path(path) if path else None
    kept = json.loads(file.read_text()) if file and file.exists() else {}
    done = kept.setdefault(name.strip(), {})
    with on_ctrl_c(_end), progress_bar(len(keys) > 1, total=len(keys), desc=name.strip()) as bar:
        for key in keys:
            if str(key) not in done:
                done[str(key)] = json.loads(json.dumps(run(key)))
                if file:
                    _write(file, json.dumps(kept, indent=1))
            bar.update()
    return [done[str(key)] for key in keys]


def _end(*signal_and_frame):
    """So that the Trainer does not hand back a half-trained network as if it were a result."""
    raise KeyboardInterrupt


class Summary(NamedTuple):
    """Mean and standard error of n values; prints as "0.83 ± 0.02", or in a format of its own."""

    mean: float
    error: float
    n: int

    def __str__(self):
        if not 0 < self.error < math.inf:
            return format(self, ".4g")
        first_digits, exponent = f"{self.error:.1e}".split("e")
        digits = (first_digits < "2") - int(exponent)  # one digit of the error, two from 1 to 2
        return format(self, f".{max(0, digits)}f")

    def __format__(self, spec):
        if not spec:
            return str(self)
        if self.n == 1:
            return f"{self.mean:{spec}} (one value)"
        return f"{self.mean:{spec}} ± {self.error:{spec}}"


def summary(values, overlap=0.0):
    """The mean of n values and its standard error, sd · √(1/n + overlap), n − 1 in the variance.

    overlap: 0 for independent values; size of the test part / size of the learned part where each
        value comes from a random split of the same data (Nadeau and Bengio, 2003).
    """
    values = [float(value) for value in values]
    if not values:
        raise ValueError("there are no values to summarise")
    n = len(values)
    error = statistics.stdev(values) * math.sqrt(1 / n + overlap) if n > 1 else math.nan
    return Summary(statistics.fmean(values), error, n)


# Stored tables


def store(path, rows, command):
    """Write rows, a list of dicts, and what made them: command, date, versions, machine."""
    head = {
        "command": command,
        "date": datetime.date.today().isoformat(),
        "versions": {
            "python": platform.python_version(),
            "numpy": np.__version__,
            "torch": torch.__version__,
        },
        "machine": {
            "processor": _processor(),
            "cpus": os.cpu_count(),
            "threads": torch.get_num_threads(),
        },
    }
    lines = [f"{json.dumps(key)}: {json.dumps(value)}," for key, value in head.items()]
    body = ",\n".join(f" {json.dumps(row, ensure_ascii=False)}" for row in rows)
    _write(Path(path), "\n".join(["{", *lines, f'"rows": [\n{body}\n]', "}\n"]))


def load(path):
    """A stored table: {"command", "date", "versions", "machine", "rows"}.

    Raises ValueError if the file is none.
    """
    stored = json.loads(Path(path).read_text(encoding="utf-8"))
    if not {"command", "rows"} <= set(stored):
        raise ValueError(f"{path} is not a stored table: it does not say its command and rows")
    return stored


def table(rows, overlap=0.0):
    """Rows with "name", "rate", "tried" and "values" as lines of text: mean ± standard error.

    overlap: as in `summary`, or a dict, first word of a row's name → overlap.
    """
    wide = max(len(row["name"]) for row in rows)
    lines = [f"{'':{wide}}  {'rate':>7}  mean ± standard error (lowest to highest)"]
    for row in rows:
        rate = "" if row["rate"] is None else f"{row['rate']:g}"
        if row["tried"] and row["rate"] in (row["tried"][0][0], row["tried"][-1][0]):
            rate += "*"
        first = row["name"].split()[0].strip(":,")
        shared = overlap.get(first, 0.0) if isinstance(overlap, dict) else overlap
        mean, low, high = summary(row["values"], shared), min(row["values"]), max(row["values"])
        lines.append(f"{row['name']:{wide}}  {rate:>7}  {mean} ({low:.4g} to {high:.4g})")
    if any("*" in line for line in lines):
        lines.append("* on the edge of what was tried: a better rate may lie beyond")
    return "\n".join(lines)


def _processor():
    """What the machine calls its processor."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        return next(line.split(": ")[1] for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):  # not Linux, or a processor without a name
        return platform.processor() or platform.machine()


def _write(path, text):
    unfinished = path.with_suffix(".unfinished")
    unfinished.write_text(text, encoding="utf-8")
    os.replace(unfinished, path)  # Ctrl-C leaves the old file or the new one, never half


# Tasks


def results(task):
    """Where the table of a task is stored."""
    return BENCHMARKS / "results" / f"{task}.json"


def load_task(task):
    """The module benchmarks/tasks/TASK.py. Raises ValueError, which lists the tasks, if none is."""
    path = BENCHMARKS / "tasks" / f"{task}.py"
    if not path.exists():
        there = ", ".join(sorted(other.stem for other in path.parent.glob("*.py")))
        raise ValueError(f"there is no task {task!r} in {path.parent}, only: {there or 'none'}")
    return _loaded(path, path.stat().st_mtime_ns)


@functools.cache
def _loaded(path, changed):
    """The module at path, once for as long as the file is the same: it may keep what it trained."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def measure(task, name, seeds=None, path=None):
    """A row from nothing: its rate chosen on validation data, then a value a seed.

    seeds: five, or as many as the task's SEEDS has for that row.

    Returns {"name", "rate", "tried": [[rate, score], …], "values": one a seed}. Where the best rate
    lies on the edge of a grid that was widened three times, it is taken, and `table` marks it.
    """
    module = load_task(task)
    rate, tried, grid = None, {}, _of_task(module.ROWS, task, name)
    if grid:
        try:
            rate, tried = choose(lambda rate: module.validation(name, rate), grid, 3, path, name)
        except EdgeOfGrid as edge:
            rate, tried = edge.best, edge.tried
    seeds = range(getattr(module, "SEEDS", {}).get(name, 5)) if seeds is None else seeds
    values = over_seeds(lambda seed: module.run(name, rate, seed), seeds, path, name)
    return {"name": name, "rate": rate, "tried": sorted(tried.items()), "values": values}


def one_row(task, name, seeds=(0,)):
    """A row of a stored table run again, live, at its stored rate: a dict as `measure` makes it."""
    rows = {row["name"]: row for row in load(results(task))["rows"]}
    row, module = _of_task(rows, task, name), load_task(task)
    return row | {"values": over_seeds(lambda seed: module.run(name, row["rate"], seed), seeds)}


def _of_task(rows, task, name):
    if name not in rows:
        raise ValueError(f"task {task} has no row {name!r}, only: {', '.join(rows)}")
    return rows[name]
