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
    """A safe and unique file name for a student's page."""
    text = unicodedata.normalize("NFKD", student).encode("ascii", "ignore").decode()
    slug = re.sub(r"[^A-Za-z0-9]+", "-", text).strip("-")[:40] or "student"
    return f"{slug}-{hashlib.sha256(student.encode('utf-8', 'surrogateescape')).hexdigest()[:6]}"


def shown(text: str) -> str:
    """A name that can be printed: control characters and half characters replaced."""
    text = "".join("�" if "\ud800" <= c <= "\udfff" else c for c in text)
    return "".join(c if c.isprintable() else "�" for c in text)


def parse_time(text: str) -> float:
    """Seconds since 1970 of an ISO date and time, taken as local where no zone is given."""
    text = text.strip().replace(" UTC", "+00:00").replace("Z", "+00:00")
    return datetime.fromisoformat(text).timestamp()
