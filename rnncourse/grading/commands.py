"""The instructor's commands: `rnncourse assign` and `rnncourse grade`."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from rnncourse.grading.alone import each_alone
from rnncourse.grading.texts import visible

EXAMPLES = """\
examples:
  rnncourse grade --preflight --chapter 3
  rnncourse grade submissions --out graded --chapter 3 --roster class.csv
  rnncourse grade submissions --out graded --marks marks.csv --comments comments.csv
  rnncourse grade submissions --out graded --student 12345 --question rnn_step
  rnncourse grade submissions --out graded --name-cluster rnn_step:1a2b3c4d5e6f "no bias" "A hint."
"""


def register(commands) -> None:
    """Add the two commands to the command line."""
    assign = commands.add_parser("assign", help="hand out a chapter's exercises")
    assign.add_argument("chapter", type=int, metavar="NN", help="the chapter's number")
    assign.add_argument("--out", type=Path, required=True, metavar="DIR")
    assign.add_argument("--bank", default="", metavar="DIR", help="a private question bank")
    assign.add_argument("--roster", type=Path, metavar="CSV", help="one folder a student, with"
                        " the student's own variants")  # fmt: skip
    assign.add_argument("--nbgrader", action="store_true", help="make DIR an nbgrader course")
    assign.set_defaults(command=run_assign)

    grade = commands.add_parser(
        "grade",
        help="grade a folder of submissions",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    grade.add_argument("submissions", type=Path, nargs="?", metavar="SUBMISSIONS",
                       help="a folder with one folder, notebook or zip file a student")  # fmt: skip
    grade.add_argument("--out", type=Path, metavar="DIR", help="where results go, and are resumed")
    grade.add_argument("--chapter", type=int, metavar="NN", help="default: found out")
    grade.add_argument("--preflight", action="store_true",
                       help="solutions must score 100 %%, the student edition 0 %%")  # fmt: skip
    who = grade.add_argument_group("who and what")
    who.add_argument("--roster", type=Path, metavar="CSV", help="student, name, email, due …")
    who.add_argument("--attempt", choices=("latest", "best"), help="default: latest")
    who.add_argument("--student", action="append", default=[], metavar="ID", help="only this one")
    who.add_argument("--question", action="append", default=[], metavar="NAME",
                     help="only this one")  # fmt: skip
    who.add_argument("--regrade", action="store_true", help="grade all again, say what changed")
    who.add_argument("--bank", default="", metavar="DIR", help="a private question bank")
    who.add_argument("--seed", type=int, help="the secret seed of an earlier run")
    people = grade.add_argument_group("what humans add")
    people.add_argument("--marks", type=Path, metavar="CSV", help="student, item, points, comment")
    people.add_argument("--comments", type=Path, metavar="CSV", help="key, text")
    people.add_argument("--due", default="", metavar="DATE", help="such as 2026-05-01T23:59")
    people.add_argument("--late-per-day", type=float, default=0.0, metavar="SHARE",
                        help="of the points, lost each late day: 0.1")  # fmt: skip
    people.add_argument("--extensions", type=Path, metavar="CSV", help="student, due")
    people.add_argument("--name-cluster", nargs=3, action="append", default=[],
                        metavar=("QUESTION:KEY", "NAME", "HINT"),
                        help="give equal unexplained answers a name and a hint")  # fmt: skip
    people.add_argument("--pseudonyms", action=argparse.BooleanOptionalAction,
                        help="no names in the report")  # fmt: skip
    people.add_argument("--title", default="", help="of the pages and the gradebook's column")
    how = grade.add_argument_group("how")
    how.add_argument("--workers", type=int, default=0, help="default: one a core")
    how.add_argument("--scheduler", default="", metavar="tcp://…", help="a Dask cluster")
    how.add_argument("--unsafe", action="store_true", help="without a sandbox: trust the class")
    how.add_argument("--forget", action="store_true",
                     help="do not take roster, marks, due date … from the last run")  # fmt: skip
    how.add_argument("--quiet", action="store_true", help="no progress bar")
    grade.set_defaults(command=run_grade)


def run_assign(options: argparse.Namespace) -> int:
    from rnncourse.grading import handout

    try:
        lines = handout.assign(
            options.chapter, options.out, options.bank, options.roster, options.nbgrader
        )
    except (ValueError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    print("\n".join(lines))
    return 0


def run_grade(options: argparse.Namespace) -> int:
    trouble = _sandbox_trouble(options.unsafe)
    if trouble:
        print(trouble, file=sys.stderr)
        return 1
    try:
        if options.preflight:
            return _preflight(options)
        return _grade(options)
    except (ValueError, OSError) as error:
        print(f"rnncourse grade: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(
            "\nInterrupted. What is graded is kept; the same command goes on from here.",
            file=sys.stderr,
        )
        return 130


def _sandbox_trouble(unsafe: bool) -> str:
    """Why this machine must not grade, or ""; says what --unsafe and root mean."""
    from rnncourse.grading import sandbox

    if unsafe:
        print(
            "--unsafe: students' code runs as you, with your files and your network. Answers are\n"
            "still judged in another process, but use it only for people you trust, or inside a\n"
            "container or virtual machine that you can throw away.",
            file=sys.stderr,
        )
        return ""
    found = sandbox.obstacles()
    if found:
        lines = ["There is no sandbox for students' code on this machine:"]
        lines += [f"  {line}" for line in found]
        lines += ["See the instructor guide for a container or virtual machine, or give --unsafe."]
        return "\n".join(lines)
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        print(
            f"You are root: students' code runs as user {sandbox.STRANGER} in the sandbox, and "
            "cannot start processes.",
            file=sys.stderr,
        )
    return ""


REMEMBERED = {"roster": Path, "marks": Path, "comments": Path, "extensions": Path, "due": str,
              "late_per_day": float, "attempt": str, "title": str, "pseudonyms": bool}  # fmt: skip


def _as_before(options: argparse.Namespace) -> dict:
    """Give options what an earlier run was told, unless it is told anew: a regrade without the
    roster or the marks would lose them. Returns what the next run is to know."""
    from rnncourse.grading.results import read_json

    old = {} if options.forget else (read_json(options.out / "run.json") or {}).get("options", {})
    kept, taken = {}, []
    for name, kind in REMEMBERED.items():
        value = getattr(options, name)
        if not value and value is not False and old.get(name):
            value = kind(old[name])
            setattr(options, name, value)
            shown = "" if value is True else f" {value}"
            taken.append(f"--{name.replace('_', '-')}{shown}")
        if value:
            kept[name] = str(value.resolve()) if isinstance(value, Path) else value
    for name in ("marks", "comments"):
        beside = options.out / f"{name}.csv"
        if not getattr(options, name) and beside.exists():
            setattr(options, name, beside)
            print(f"Taken from the folder of results: {beside}.")
    if taken:
        print(f"As before: {' '.join(taken)} (--forget to do without).")
    return kept


def _check(options: argparse.Namespace) -> None:
    """Say what is wrong with the options before anything is graded."""
    from rnncourse.grading import deadlines

    if not options.submissions or not options.out:
        raise ValueError("say which folder to grade and where results go: SUBMISSIONS --out DIR.")
    if not options.submissions.is_dir():
        raise ValueError(f"{options.submissions} is not a folder.")
    if options.out.resolve() == options.submissions.resolve():
        raise ValueError("results need a folder of their own: --out is that of the submissions.")
    if not 0 <= options.late_per_day <= 1:
        raise ValueError("--late-per-day is a share of the points, such as 0.1 for a tenth.")
    if options.due:
        deadlines.time_of(options.due, "--due")


def _grade(options: argparse.Namespace) -> int:
    from rnncourse.grading import report, results, run

    _check(options)
    kept = _as_before(options)
    job = run.Run(
        run.Options(
            submissions=options.submissions,
            out=options.out,
            chapter=options.chapter,
            bank=options.bank,
            roster=options.roster,
            students=tuple(options.student),
            questions=tuple(options.question),
            seed=options.seed,
            attempt=options.attempt or "latest",
            workers=options.workers,
            scheduler=options.scheduler,
            unsafe=options.unsafe,
            regrade=options.regrade,
            quiet=options.quiet,
            clusters=tuple(map(tuple, options.name_cluster)),
        )
    )
    if any(len(variants) > 1 for variants in job.questions.values()) and not options.roster:
        raise ValueError("this bank has variants, drawn by the roster's names: give --roster.")
    job.settings["options"] = kept
    done = job.grade()
    print(f"Graded {done:,} submission{'s' * (done != 1)}." if done else "Nothing new to grade.")
    if job.left_out:
        print(
            f"Left out: results of {len(job.left_out)} who are neither in {options.submissions} "
            f"nor in the roster ({', '.join(job.left_out[:5])}{' …' * (len(job.left_out) > 5)})."
        )
    _say_changes(job.changes)
    results.write_changes(options.out, job.changes)
    rows = report.rows_of(
        job, options.marks, options.comments, options.due, options.late_per_day, options.extensions
    )
    title = options.title or job.title
    print(_write_pages(job, rows, title, options.pseudonyms))
    for trouble in job.troubles:
        print(f"  look at {visible(trouble)}")
    _say_unused(job)
    for refused in job.refused:
        print(f"not used: {visible(refused)}", file=sys.stderr)
    return 1 if job.refused else 0


def _say_unused(job) -> None:
    """What was given and has no effect."""
    columns = job.roster.unused_columns()
    if columns:
        print(f"Columns of the roster that nothing reads: {visible(', '.join(columns))}.")
    if job.unexpanded:
        keys = ", ".join(job.unexpanded[:5]) + " …" * (len(job.unexpanded) > 5)
        print(f"Comments with {visible(keys)} stay as they are: give --comments.")


def _write_pages(job, rows: list, title: str, pseudonyms: bool) -> str:
    """Write tables and pages; the summary of the class. Whoever's page fails, fails alone."""
    from rnncourse.grading import report

    def bare(row, error: Exception):
        made = report.bare_row(row, error)
        job.troubles.append(f"{row.student}: {made.result['problem']}")
        return made

    steps = (
        lambda some: report.write_tables(job, some, title),
        lambda some: report.write_feedback(job, some, title),
        lambda some: report.write_report(job, some, title, pseudonyms),
        lambda some: report.summary(job, some),
    )
    before: list = []
    while before != rows:  # what was written before somebody was found is written again
        before = rows
        for step in steps:
            made, rows = each_alone(step, rows, bare)
    return made


def _say_changes(changes: list[dict], most: int = 20) -> None:
    """What changed, one line for each student and reason."""
    lines: dict[tuple[str, str], list[str]] = {}
    for change in changes:
        parts = change["why"].split("; ")
        own = [part for part in parts if part.startswith("now recognised")]
        why = "; ".join(part for part in parts if part not in own)
        points = f"{change['before']:g} → {change['after']:g} points"
        text = ", ".join([f"{change['question']}: {points}", *own])
        lines.setdefault((change["student"], why), []).append(text)
    for (student, why), questions in list(lines.items())[:most]:
        reason = f" ({why})" if why else ""
        print(visible(f"  changed: {student}{reason}: {'; '.join(questions)}"))
    if len(lines) > most:
        print(f"  and {len(lines) - most} more; all are in changes.csv")


def _preflight(options: argparse.Namespace) -> int:
    from rnncourse.grading import preflight

    if options.chapter is None:
        raise ValueError("say which chapter: --preflight --chapter NN.")
    good, lines = preflight.check(options.chapter, options.bank, options.unsafe)
    print("\n".join(lines))
    return 0 if good else 1
