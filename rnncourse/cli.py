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


class _Help(argparse.RawDescriptionHelpFormatter):
    def __init__(self, prog: str):
        super().__init__(prog, max_help_position=16)


EPILOG = """\
examples:
  rnncourse doctor
  rnncourse check notebooks/exercises/02_hidden_state.ipynb
  rnncourse notebook run notebooks/02_hidden_state.ipynb
  rnncourse exercises build --check
  rnncourse new 16 my_topic
"""


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
        prog="rnncourse",
        description="An open course on recurrent neural networks.",
        epilog=EPILOG,
        formatter_class=_Help,
    )
    top.add_argument("--version", action="version", version=f"rnncourse {__version__}")
    commands = top.add_subparsers(title="commands", metavar="COMMAND", required=True)

    notebook = commands.add_parser("notebook", help="run and store a chapter's notebook")
    actions = notebook.add_subparsers(title="actions", metavar="ACTION", required=True)
    run = actions.add_parser("run", help="execute from a clean kernel and store in place")
    run.add_argument("paths", nargs="+", metavar="NOTEBOOK")
    run.add_argument("--timeout", type=int, default=600, help="seconds a cell may take")
    run.set_defaults(command=run_notebooks)
    figures = actions.add_parser("figures", help="list the figures in prose that nothing shows")
    figures.add_argument("chapters", nargs="+", type=int, metavar="CHAPTER")
    figures.set_defaults(command=list_figures)

    check = commands.add_parser("check", help="score your exercises, with hints")
    check.add_argument("notebook", metavar="NOTEBOOK", help="a notebook of notebooks/exercises/")
    check.set_defaults(command=check_notebook)

    exercises = commands.add_parser("exercises", help="make the student edition")
    actions = exercises.add_subparsers(title="actions", metavar="ACTION", required=True)
    build = actions.add_parser("build", help="write notebooks/exercises/ from notebooks/solutions/")
    build.add_argument("--check", action="store_true", help="write nothing, fail if it differs")
    build.set_defaults(command=build_exercises)

    book = commands.add_parser("book", help="make what follows from book/chapters.yml")
    actions = book.add_subparsers(title="actions", metavar="ACTION", required=True)
    toc = actions.add_parser("toc", help="write _toc.yml")
    toc.set_defaults(command=write_toc)

    new = commands.add_parser("new", help="begin a chapter: one that runs and passes every test")
    new.add_argument("number", type=int, metavar="NUMBER", help="as in 8")
    new.add_argument("slug", metavar="NAME", help="the name in its files, as in topologies")
    new.set_defaults(command=begin_chapter)

    doctor = commands.add_parser("doctor", help="is all here that the course needs?")
    doctor.set_defaults(command=examine_installation)

    for name in EXTENSIONS:
        if importlib.util.find_spec(name):
            importlib.import_module(name).register(commands)
    return top


def run_notebooks(options: argparse.Namespace) -> int:
    from rnncourse.exercises import build

    for path in options.paths:
        build.run(path, options.timeout)
        print(f"{path}: done")
    return 0


def list_figures(options: argparse.Namespace) -> int:
    from rnncourse import prose

    for number in options.chapters:
        found = prose.unsupported(prose.chapter(number))
        print(f"chapter {number}: {len(found)} figures without a source")
        for cell, figure, around in found:
            print(f"  cell {cell}: {figure:>8}   … {around} …")
    return 0


def check_notebook(options: argparse.Namespace) -> int:
    from pathlib import Path

    from rnncourse.exercises.score import score

    print(score(Path(options.notebook)))
    return 0


def build_exercises(options: argparse.Namespace) -> int:
    from rnncourse import notebooks
    from rnncourse.exercises.build import build

    root = notebooks.root()
    differing = build(root, check=options.check)
    for path in differing:
        verb = "differs" if options.check else "written" if path.exists() else "removed"
        print(f"{path.relative_to(root).as_posix()}: {verb}")
    if not differing:
        print("the student edition is up to date")
    elif options.check:
        print("run: rnncourse exercises build", file=sys.stderr)
        return 1
    return 0


def write_toc(options: argparse.Namespace) -> int:
    from rnncourse import chapters, notebooks

    chapters.write_toc(notebooks.root())
    print("_toc.yml: written")
    return 0


def begin_chapter(options: argparse.Namespace) -> int:
    from rnncourse import notebooks, skeleton

    root = notebooks.root()
    for path in skeleton.new(root, options.number, options.slug):
        print(f"{path.relative_to(root).as_posix()}: written")
    print("Entered in book/chapters.yml and _toc.yml. CONTRIBUTING.md says what to write now.")
    return 0


def examine_installation(options: argparse.Namespace) -> int:
    from rnncourse.doctor import examine

    report, healthy = examine()
    print(report)
    return 0 if healthy else 1


if __name__ == "__main__":
    sys.exit(main())
