"""Find and read the submissions in a folder, whatever a platform or a student made of it.

Nothing here runs or unpacks anything: files are opened without following links, read up to a
limit, and what cannot be read becomes a row that says why.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
import os
import re
import stat
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from rnncourse.grading.texts import plain, shown

MAX_NOTEBOOK = 50 << 20  # bytes
MAX_CODE = 2 << 20  # characters
MAX_CELLS = 2000
MAX_IMAGE = 1 << 20
MAX_PIXELS = 25_000_000  # a page shows a picture for each student
MAX_EARLIER = 5  # attempts that are looked at where the last one cannot be read
MAX_TEXT = 20_000
MAX_VALUES = 2_000_000  # numbers, texts, lists … in a notebook's JSON
MAX_FILES = 500  # in one student's folder
MAX_NAME = 1000  # characters of a path in a zip file
MAX_DIRECTORY = 4 << 20  # bytes of a zip file's table of contents
CANVAS = re.compile(
    r"^(?P<who>[^_]+)_(?:(?P<late>LATE)_)?(?P<id>\d{2,})_\d{2,}_(?P<file>.+)$", re.DOTALL
)
MOODLE = re.compile(
    r"^(?P<who>.+)_(?P<id>\d+)_assignsubmission_(?:file|onlinetext)(?:_(?P<file>.*))?$",
    re.DOTALL,
)
MACHINES = {".ipynb_checkpoints", ".git", ".cache", ".Trash", ".vscode", ".idea"}  # no person's
ATTEMPT = re.compile(r"(?:[-_ ]attempt[-_ ]?|-)(\d{1,3})$", re.IGNORECASE)


@dataclass(frozen=True)
class Found:
    """A file that may be a submission, and whose it is."""

    who: str  # as the folder or file says
    path: str
    id: str = ""  # the platform's number for the student
    attempt: int = 0
    submitted: float = 0.0
    member: str = ""  # in a zip file
    problem: str = ""
    late: bool = False
    entry: str = field(default="", compare=False)  # where it is in the folder of submissions

    @property
    def by_participant(self) -> bool:
        """Is the number Moodle's, which counts participants and is on no class list?"""
        return "_assignsubmission_" in self.path


@dataclass(frozen=True)
class Submission:
    """One attempt of one student: the code cells of a notebook, and the texts of its answers."""

    student: str
    file: str
    digest: str  # of the file
    cells: tuple[str, ...] = ()
    texts: tuple[tuple[str, str, str, str], ...] = ()  # graded by hand: name, text, picture, kind
    problem: str = ""  # why there is nothing to grade
    notes: tuple[str, ...] = ()
    attempt: int = 1


# --- names ------------------------------------------------------------------------------------
def parse_name(name: str) -> dict:
    """Who submitted, from the name of a folder or file: Canvas, Moodle, or just a name."""
    match = MOODLE.match(name) or CANVAS.match(name)  # people choose what Moodle calls them
    if match:
        parts = match.groupdict()
        stem = Path(parts.get("file") or "").stem
        attempt = ATTEMPT.search(stem)
        return {
            "who": parts["who"],
            "id": parts["id"],
            "late": bool(parts.get("late")),
            "attempt": int(attempt[1]) if attempt else 0,
        }
    stem = name
    while re.search(r"\.(ipynb|zip|txt|json|py|html?|pdf|docx?)$", stem, re.IGNORECASE):
        stem = stem.rpartition(".")[0]
    stem = stem or name
    attempt = ATTEMPT.search(stem) if "attempt" in stem.lower() else None
    who = stem[: attempt.start()] if attempt else stem
    return {"who": who, "id": "", "late": False, "attempt": int(attempt[1]) if attempt else 0}


# --- the folder -------------------------------------------------------------------------------
def find(folder: Path, wanted: str = "") -> Iterator[Found]:
    """Everything in the folder that is, or should have been, a submission.

    wanted is the stem of the assignment's notebook: where a student's folder holds several
    notebooks, those that carry it are taken.
    """
    with os.scandir(folder) as entries:
        for entry in sorted(entries, key=lambda entry: entry.name):
            try:
                found = list(_of_entry(entry, wanted))
            except Exception as error:  # one name must not end the run of a class
                problem = f"It cannot be read ({type(error).__name__})."
                found = [Found(entry.name, entry.path, problem=problem)]
            yield from (replace(one, entry=entry.name) for one in found)


def _of_entry(entry: os.DirEntry, wanted: str) -> Iterator[Found]:
    name = entry.name
    who = parse_name(name)
    if is_hidden(name):
        if entry.is_dir(follow_symlinks=False) and name not in MACHINES:
            yield from _hidden_folder(entry.path, name)
    elif entry.is_symlink():
        yield Found(path=entry.path, problem="It is a link, and links are not followed.",
                    **who)  # fmt: skip
    elif entry.is_dir():
        yield from _in_folder(entry.path, who, wanted)
    elif name.lower().endswith((".ipynb", ".zip")):
        yield from _one_file(entry.path, who, wanted)
    elif who["id"] or not is_beside(name) or _holds_cells(entry.path):
        yield Found(path=entry.path, problem=_other_kind(entry.path), **who)


def _other_kind(path: str) -> str:
    """What to do about a file that is no notebook by its name."""
    name = os.path.basename(path)
    kind = shown(Path(name).suffix) or "no"
    problem = f"It is a {kind} file, not a notebook."
    if _holds_cells(path):
        better = re.sub(r"(\.ipynb)?\.\w+$", "", name) + ".ipynb"
        return f"{problem} Inside is a notebook: rename it {shown(better)} and grade again."
    if kind.lower() == ".py":
        return f"{problem} Ask for the notebook itself (.ipynb), saved and not exported."
    return f"{problem} Ask for the notebook (.ipynb)."


def _holds_cells(path: str) -> bool:
    """Is this a notebook under the name of something else, `me.json` or `me.ipynb.txt`?"""
    if not path.lower().endswith((".json", ".txt")):
        return False
    with contextlib.suppress(Unreadable, OSError), _open(path) as file:
        start = file.read(1 << 16)
        return start.lstrip()[:1] == b"{" and b'"cells"' in start
    return False


def _hidden_folder(path: str, name: str) -> Iterator[Found]:
    inside = [
        f for f in _in_folder(path, parse_name(name.lstrip(".") or name), "") if not f.problem
    ]
    if inside:
        problem = (
            "It is in a folder whose name begins with a dot, which is left alone: rename the "
            "folder and grade again."
        )
        yield replace(inside[0], path=path, member="", problem=problem)


def is_hidden(name: str) -> bool:
    """What systems leave behind; but a notebook may begin with a dot, as `../me.ipynb` may."""
    notebook = re.search(r"\.(ipynb|zip)(\.|$)", name.lower()) and not name.startswith("._")
    return name.startswith("__MACOSX") or (name.startswith(".") and not notebook)


def is_beside(name: str) -> bool:
    """A file that instructors keep with submissions: a roster, a note."""
    return Path(name).suffix.lower() in (".csv", ".md", ".txt", ".json") and "ipynb" not in name


def _in_folder(folder: str, who: dict, wanted: str) -> Iterator[Found]:
    paths, links, hidden, others = [], 0, [], []
    for parent, folders, files in os.walk(folder, followlinks=False):
        hidden += [f for f in folders if f.startswith(".")]
        folders[:] = sorted(f for f in folders if not f.startswith("."))
        if parent[len(folder) :].count(os.sep) >= 5 or len(paths) > MAX_FILES:
            folders[:] = []
        for name in sorted(files)[:MAX_FILES]:
            path = os.path.join(parent, name)
            if os.path.islink(path):
                links += 1
            elif name.lower().endswith((".ipynb", ".zip")) and not is_hidden(name):
                paths.append(path)
            elif not is_hidden(name):
                others.append(path)
    matching = [p for p in paths if wanted and wanted in plain(os.path.basename(p))]
    found = [f for path in matching or paths for f in _one_file(path, dict(who), wanted)]
    if not found:
        problem = "There is no notebook in this folder"
        problem += ", only links, which are not followed." if links else "."
        if hidden and not links:
            problem = f"{problem[:-1]}, only a hidden folder, {shown(hidden[0])}: look into it."
        elif others and not links:
            problem += f" {shown(os.path.basename(others[0]))}: {_other_kind(others[0])}"
        found = [Found(path=folder, problem=problem, **who)]
    yield from found


def _one_file(path: str, who: dict, wanted: str) -> Iterator[Found]:
    inner = parse_name(os.path.basename(path))
    who = {**who, "attempt": who["attempt"] or inner["attempt"]}
    submitted = _written(path)
    if not path.lower().endswith(".zip"):
        yield Found(path=path, submitted=submitted, **who)
        return
    try:
        with _open(path) as file, _archive(file) as archive:
            members = [
                i.filename
                for i in archive.infolist()
                if len(i.filename) <= MAX_NAME
                and i.filename.lower().endswith(".ipynb")
                and "__MACOSX" not in i.filename
            ][:MAX_FILES]
    except Unreadable as error:
        yield Found(path=path, problem=str(error), **who)
        return
    if not members:
        yield Found(path=path, problem="There is no notebook in the zip file.", **who)
    for member in [m for m in members if wanted and wanted in plain(m)] or members:
        yield Found(path=path, member=member, submitted=submitted, **who)


def _written(path: str) -> float:
    """When the file was written. What stands in a student's folder says nothing about time, not
    even a timestamp.txt: students can write it. Nor do the dates inside a zip file."""
    try:
        return os.lstat(path).st_mtime
    except OSError:
        return 0.0


# --- one notebook -------------------------------------------------------------------------------
class Unreadable(ValueError):
    """Why a file is no notebook, in a sentence for its author."""


def _open(path: str):
    """A file for reading, without following links or waiting for a pipe."""
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    try:
        descriptor = os.open(path, flags | getattr(os, "O_BINARY", 0))
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "its name is not valid"
        raise Unreadable(f"The file cannot be opened: {why}.") from error
    file = os.fdopen(descriptor, "rb")
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        file.close()
        raise Unreadable("It is not an ordinary file.")
    return file


def read_bytes(found: Found, most: int = MAX_NOTEBOOK) -> bytes:
    """The file's bytes, up to a limit."""
    with _open(found.path) as file:
        if found.member:
            return _read_member(file, found.member, most)
        size = os.fstat(file.fileno()).st_size
        if size > most:
            raise Unreadable(_too_large(size, most))
        return file.read(most + 1)


@contextlib.contextmanager
def _archive(file):
    """The file as a zip archive whose table of contents is not too large to be read."""
    try:
        if _directory_size(file) > MAX_DIRECTORY:
            raise Unreadable("The zip file holds far too many files.")
        with zipfile.ZipFile(file) as archive:
            yield archive
    except Unreadable:
        raise
    except Exception as error:  # what the module and the decompressors raise has no end
        if isinstance(error, (OSError, ValueError, KeyError, RuntimeError, zipfile.BadZipFile)):
            raise Unreadable(f"The zip file cannot be read: {shown(str(error))[:100]}.") from error
        raise Unreadable("The zip file cannot be read.") from error


def _directory_size(file) -> int:
    """The largest size of a table of contents that a record at the end of a zip file names, in
    the old form or in that of archives beyond 4 GB."""
    file.seek(-min(file.seek(0, os.SEEK_END), 66_000), os.SEEK_END)
    end = file.read()
    sizes = [end[m.start() + 12 : m.start() + 16] for m in re.finditer(b"PK\5\6", end)]
    sizes += [end[m.start() + 40 : m.start() + 48] for m in re.finditer(b"PK\6\6", end)]
    return max((int.from_bytes(size, "little") for size in sizes), default=0)


def _read_member(file, member: str, most: int) -> bytes:
    with _archive(file) as archive, archive.open(member) as content:
        data = content.read(most + 1)
    if len(data) > most:
        raise Unreadable(_too_large(len(data), most))
    return data


def _too_large(size: int, most: int) -> str:
    return (
        f"The notebook has {size / 1e6:,.0f} MB, the limit is {most / 1e6:,.0f} MB. "
        "Clear its outputs and submit it again."
    )


def read_cells(data: bytes) -> list[dict]:
    """The cells of a notebook as {kind, source, tags, grade_id, image}."""
    if not data.strip():
        raise Unreadable("The file is empty.")
    if sum(map(data.count, (b",", b"[", b"{"))) > MAX_VALUES:  # bounds memory and time
        raise Unreadable("The notebook is too large. Clear its outputs and submit it again.")
    try:
        notebook = json.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise Unreadable("The file is not a notebook: its text is not UTF-8.") from error
    except (ValueError, RecursionError) as error:
        raise Unreadable("The file is not a notebook: it is not valid JSON.") from error
    if not isinstance(notebook, dict):
        raise Unreadable("The file is JSON, but not a notebook.")
    cells = notebook.get("cells")
    if cells is None and isinstance(notebook.get("worksheets"), list):  # format 3
        sheets = [s for s in notebook["worksheets"] if isinstance(s, dict)]
        cells = [c for s in sheets for c in _list(s.get("cells"))]
    if not isinstance(cells, list):
        version = shown(str(notebook.get("nbformat"))[:20])
        raise Unreadable(f"The file is no readable notebook (nbformat {version}, no cells).")
    if len(cells) > MAX_CELLS:
        raise Unreadable(f"The notebook has more than {MAX_CELLS:,} cells.")
    found = [plain_cell(cell) for cell in cells if isinstance(cell, dict)]
    if not found:
        raise Unreadable("The notebook has no cells.")
    if sum(len(cell["source"]) for cell in found) > MAX_CODE:
        raise Unreadable(f"The notebook has more than {MAX_CODE:,} characters of text and code.")
    return found


def _list(value) -> list:
    return value if isinstance(value, list) else []


def plain_cell(cell: dict) -> dict:
    source = cell.get("source", cell.get("input", ""))
    if isinstance(source, list):
        source = "".join(part for part in source if isinstance(part, str))
    metadata = cell.get("metadata")
    metadata = metadata if isinstance(metadata, dict) else {}
    nbgrader = metadata.get("nbgrader")
    grade_id = nbgrader.get("grade_id") if isinstance(nbgrader, dict) else ""
    return {
        "kind": cell.get("cell_type") if cell.get("cell_type") == "code" else "text",
        "source": source.encode("utf-8", "replace").decode() if isinstance(source, str) else "",
        "tags": [tag for tag in _list(metadata.get("tags")) if isinstance(tag, str)],
        "grade_id": grade_id if isinstance(grade_id, str) else "",
        "image": _image(cell),
    }


def _image(cell: dict) -> str:
    """The first picture among the cell's outputs, as base64 text."""
    for output in _list(cell.get("outputs"))[:20]:
        data = output.get("data") if isinstance(output, dict) else None
        picture = data.get("image/png") if isinstance(data, dict) else None
        if isinstance(picture, list):
            picture = "".join(part for part in picture if isinstance(part, str))
        if isinstance(picture, str) and len(picture) <= MAX_IMAGE:
            picture = re.sub(r"\s", "", picture)
            if re.fullmatch(r"iVBOR[A-Za-z0-9+/=]+", picture) and 0 < _pixels(picture) < MAX_PIXELS:
                return picture
    return ""


def _pixels(picture: str) -> int:
    """How many pixels a PNG says it has: a few kilobytes may stand for gigabytes."""
    with contextlib.suppress(ValueError):
        head = base64.b64decode(picture[:32])
        return int.from_bytes(head[16:20], "big") * int.from_bytes(head[20:24], "big")
    return 0


def hand_written(cells: list[dict], names: list[str], edition: list[dict]) -> list[tuple]:
    """(question, text, picture, kind of cell) for answers that are graded by hand.

    They are found by tag or grade_id; where the metadata is lost, by the statement before them.
    """
    found = []
    for name in names:
        mine = [c for c in cells if f"manual:{name}" in c["tags"] or c["grade_id"] == name]
        if not mine:
            mine = _after_statement(cells, name, edition)
        original = next((c["source"] for c in edition if f"manual:{name}" in c["tags"]), "")
        mine = [c for c in mine if c["source"].strip() not in ("", original.strip())]
        if mine:
            text = mine[-1]["source"][:MAX_TEXT]
            found.append((name, text, mine[-1]["image"], mine[-1]["kind"]))
    return found


def _after_statement(cells: list[dict], name: str, edition: list[dict]) -> list[dict]:
    for index, cell in enumerate(edition):
        if f"manual:{name}" in cell["tags"] and index:
            statement = edition[index - 1]["source"].split()
            for place, other in enumerate(cells[:-1]):
                if statement and other["source"].split() == statement:
                    return [cells[place + 1]]
    return []


def load(found: Found, student: str, by_hand: list[str], edition: list[dict]) -> Submission:
    """The submission in a file; if it cannot be read, one that says why."""
    common = {"student": student, "file": shown(os.path.basename(found.member or found.path)),
              "attempt": found.attempt}  # fmt: skip
    try:
        if found.problem:
            raise Unreadable(found.problem)
        data = read_bytes(found)
        cells = read_cells(data)
        texts = hand_written(cells, by_hand, edition)
    except Exception as error:
        if not isinstance(error, Unreadable):  # one file must not end the run of a class
            error = Unreadable(f"The file cannot be read ({type(error).__name__}).")
        digest = hashlib.sha256(f"{found.path}{error}".encode("utf-8", "replace")).hexdigest()
        return Submission(digest=digest, problem=str(error), **common)
    return Submission(
        digest=hashlib.sha256(data).hexdigest(),
        cells=tuple(c["source"] for c in cells if c["kind"] == "code"),
        texts=tuple(texts),
        **common,
    )


def with_earlier(submission: Submission, earlier: list[Found]) -> Submission:
    """Where an attempt cannot be read, name the last one before it that can."""
    if not submission.problem:
        return submission
    for found in reversed(earlier[-MAX_EARLIER:]):
        with contextlib.suppress(Unreadable):
            read_cells(read_bytes(found))
            name = shown(os.path.basename(found.member or found.path))
            text = (
                f"{submission.problem} An earlier attempt can be read: {name} (attempt "
                f"{found.attempt}). To have it graded, take the later file away and grade again."
            )
            return replace(submission, problem=text)
    return submission
