"""How well do networks learn? One task of benchmarks/tasks/, all its rows, one table.

    python benchmarks/quality.py --list            # what tasks there are
    python benchmarks/quality.py TASK              # measure every row, print and store the table
    python benchmarks/quality.py TASK --table      # only print what is stored
    python benchmarks/quality.py TASK --row NAME   # one row anew, printed, not stored

Every row: a rate chosen from a grid on validation data (a grid whose edge is the choice is widened
up to three times), then five seeds. What is measured stands in results/TASK.part.json, from where
the same command goes on after Ctrl-C; delete it when the task has changed. With all rows there the
table is stored in results/TASK.json, with this command, the date, versions and machine.
"""

import argparse

import torch

from rnncourse import experiments


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("task", nargs="?")
    parser.add_argument("--list", action="store_true", help="say what tasks there are")
    parser.add_argument("--table", action="store_true", help="only print what is stored")
    parser.add_argument("--row", metavar="NAME", help="measure one row, do not store it")
    options = parser.parse_args()
    if options.list or not options.task:
        for path in sorted((experiments.BENCHMARKS / "tasks").glob("*.py")):
            print(f"{path.stem:16}{experiments.load_task(path.stem).__doc__.splitlines()[0]}")
        return
    torch.set_num_threads(1)  # networks this small are faster on one
    torch.set_flush_denormal(True)  # vanished gradients are denormal numbers, ten times as slow
    task, path = options.task, experiments.results(options.task)
    overlap = getattr(experiments.load_task(task), "OVERLAP", 0.0)
    if options.row:
        print(experiments.table([experiments.measure(task, options.row)], overlap))
        return
    if not options.table:
        measure_all(task, path, overlap)
    print(experiments.table(experiments.load(path)["rows"], overlap))


def measure_all(task, path, overlap=0.0):
    """Measure and print every row of the task, then store them in path."""
    part = path.with_suffix(".part.json")
    rows = []
    for name in experiments.load_task(task).ROWS:
        rows.append(experiments.measure(task, name, path=part))
        print(experiments.table(rows[-1:], overlap).splitlines()[1], flush=True)
    experiments.store(path, rows, f"python benchmarks/quality.py {task}")
    part.unlink(missing_ok=True)


if __name__ == "__main__":
    main()
