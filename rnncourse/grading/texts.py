"""Names and times as people and platforms write them."""

from __future__ import annotations

import contextlib
import hashlib
import re
import unicodedata
from datetime import datetime


def plain(text: str) -> str:
    """Letters and digits only, without accents and case: how names are compared."""
    text = unicodedata.normalize("NFKD", text).casefold()
    return "".join(c for c in text if c.isalnum())


def file_name(student: str) -> str:
    """A safe file name for a student, and nobody else's: it ends with a whole hash of the name, so
    that no other name with the same letters can be searched for."""
    text = unicodedata.normalize("NFKD", student).encode("ascii", "ignore").decode()
    slug = re.sub(r"[^A-Za-z0-9]+", "-", text).strip("-")[:40] or "student"
    return f"{slug}-{hashlib.sha256(student.encode('utf-8', 'surrogateescape')).hexdigest()}"


def shown(text: str) -> str:
    """A name that can be printed. What cannot is escaped, `M\\xfcller`, and never merely replaced:
    names that differ stay different."""
    return "".join(c if c.isprintable() and c != "\\" else _escaped(c) for c in text)


def _escaped(character: str) -> str:
    if "\udc80" <= character <= "\udcff":  # a byte of a file's name that is not UTF-8
        return f"\\x{ord(character) - 0xDC00:02x}"
    return character.encode("unicode_escape").decode()


def readings(name: str) -> list[str]:
    """A file's name, and what it is if it was written by a system that knows no UTF-8."""
    with contextlib.suppress(UnicodeError):
        name.encode()
        return [name]
    data = name.encode("utf-8", "surrogateescape" if _is_escaped(name) else "replace")
    return [data.decode("cp1252", "replace"), data.decode("cp437", "replace")]


def _is_escaped(name: str) -> bool:
    return all("\udc80" <= c <= "\udcff" for c in name if "\ud800" <= c <= "\udfff")


_DIRECTIONS = (0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A))
_CONTROLS = [n for n in (*range(32), *range(0x7F, 0xA0)) if chr(n) not in "\t\n\r"]
_VISIBLE = {n: f"⟨U+{n:04X}⟩" for n in (*_DIRECTIONS, *_CONTROLS)}


def visible(text: str) -> str:
    """What a student wrote, where characters that turn the text around them into another order,
    and other controls, are shown as what they are and do nothing."""
    return text.translate(_VISIBLE)


def show_time(seconds: float) -> str:
    """A time as people write it, whatever the number is."""
    try:
        return datetime.fromtimestamp(seconds).strftime("%d %B %Y, %H:%M")
    except (ValueError, OverflowError, OSError):
        return "at a time that no calendar has"


def parse_time(text: str) -> float:
    """Seconds since 1970 of an ISO date and time, taken as local where no zone is given."""
    text = text.strip().replace(" UTC", "+00:00").replace("Z", "+00:00")
    return datetime.fromisoformat(text).timestamp()
