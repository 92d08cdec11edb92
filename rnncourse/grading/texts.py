"""Names and times as people and platforms write them."""

from __future__ import annotations

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
    """A name that can be printed: control characters and half characters replaced."""
    text = "".join("�" if "\ud800" <= c <= "\udfff" else c for c in text)
    return "".join(c if c.isprintable() else "�" for c in text)


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
