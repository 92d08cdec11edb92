"""Tables as CSV files: read as any spreadsheet saves them, written so that none is fooled."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

NUMBER = re.compile(r"[-+]?\d+(\.\d+)?")
FORMULA = re.compile(r"(^|[;\t\r\n]\s*\"?)(\s*[=+\-@\t\r\uff1d\uff0b\uff0d\uff20])")


class TableError(ValueError):
    """A file, a row or a name that cannot be used, in a sentence for the instructor."""


def read(path: Path) -> list[dict[str, str]]:
    """The rows of a CSV file by lower-case column names, as spreadsheets of any country save it:
    comma, semicolon or tab between the cells; UTF-8, UTF-16 or Windows-1252."""
    text = _text_of(path).lstrip("\r\n")
    if text[:4].lower() == "sep=":  # Excel's own first line
        text = text.partition("\n")[2]
    header = re.sub(r'"[^"]*"', "", (text.splitlines() or [""])[0])
    rows = csv.DictReader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=header.count))
    try:
        return [
            {(key or "").strip().lower().replace(" ", "_"): (value or "").strip()
             for key, value in row.items() if not isinstance(value, list)}
            for row in rows
        ]  # fmt: skip
    except csv.Error as error:
        raise TableError(f"{path.name}, row {rows.line_num + 1}: {error}.") from error


def cell(value: object) -> object:
    """A CSV cell that no spreadsheet takes for a formula, not even one that takes semicolons or
    tabs inside a cell for the beginning of the next."""
    if not isinstance(value, str) or NUMBER.fullmatch(value):
        return value
    return FORMULA.sub(r"\1'\2", value)


def _text_of(path: Path) -> str:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise TableError(f"{path} cannot be read: {error.strerror}.") from error
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", "replace")
    if data[:4] == b"PK\3\4" or b"\0" in data:
        raise TableError(f"{path.name} is not a CSV file. Save the table as CSV (UTF-8).")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def write(path: Path, header: Sequence[str], rows: Iterable[Sequence]) -> None:
    """The table, as spreadsheets open it."""
    with path.open("w", newline="", encoding="utf-8-sig") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows([[cell(value) for value in row] for row in rows])
