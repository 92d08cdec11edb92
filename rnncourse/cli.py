"""The command line: `rnncourse …` for learners, contributors and instructors.

A command is a function that takes the parsed arguments and returns the exit code; it imports
what it needs when it runs, so that `rnncourse --help` answers at once. Commands that live in
another part of the package are added by a module of EXTENSIONS: its `register(commands)` gets
the argparse sub-parsers and calls `commands.add_parser(...).set_defaults(command=function)`.
"""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import sys

from rnncourse import __version__

EXTENSIONS = ("rnncourse.grading.commands",)


def main(arguments: list[str] | None = None) -> int:
    """Run one command; returns the exit code (0 good, 1 something to mend, 2 wrong usage)."""
    options = parser().parse_args(arguments)
    from rnncourse.notebooks import NotebookError

    try:
        return options.command(options)
    except NotebookError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return 130


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(
        prog="rnncourse", description="An open course on recurrent neural networks."
    )
    top.add_argument("--version", action="version", version=f"rnncourse {__version__}")
    commands = top.add_subparsers(title="commands", metavar="COMMAND", required=True)

    notebook = commands.add_parser("notebook", help="run and store a chapter's notebook")
    actions = notebook.add_subparsers(title="actions", metavar="ACTION", required=True)
    run = actions.add_parser("run", help="execute from a clean kernel and store in place")
    run.add_argument("paths", nargs="+", metavar="NOTEBOOK")
    run.add_argument("--timeout", type=int, default=600, help="seconds a cell may take")
    run.set_defaults(command=run_notebooks)

    for name in EXTENSIONS:
        if importlib.util.find_spec(name):
            importlib.import_module(name).register(commands)
    return top


def run_notebooks(options: argparse.Namespace) -> int:
    from rnncourse import notebooks

    for path in options.paths:
        notebooks.run(path, options.timeout)
        print(f"{path}: done")
    return 0


if __name__ == "__main__":
    sys.exit(main())
