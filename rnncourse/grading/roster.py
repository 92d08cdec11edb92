"""The class list: who is in it, and whom a file, a table or an option means."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from rnncourse.grading import tables
from rnncourse.grading.inbox import Found
from rnncourse.grading.tables import TableError
from rnncourse.grading.texts import plain, shown

IDS = ("student", "student_id", "id", "sis_user_id", "id_number", "sis_login_id", "login",
       "username", "email", "email_address")  # fmt: skip


@dataclass(frozen=True)
class Person:
    """A row of the roster."""

    student: str
    name: str = ""
    fields: dict = field(default_factory=dict, hash=False)


def read_roster(path: Path) -> list[Person]:
    """The class list. One column must identify students; `name` or first and last are shown."""
    people = []
    rows = tables.read(path)
    for row in rows:
        student = next((row[key] for key in IDS if row.get(key)), "")
        parts = [row.get(key, "") for key in ("first_name", "last_name", "surname")]
        name = row.get("name") or row.get("full_name") or " ".join(filter(None, parts))
        if plain(student) == "pointspossible":  # the second line of a Canvas gradebook
            continue
        if student or name:
            people.append(Person(student or name, name, row))
    if not people:
        columns = ", ".join(filter(None, rows[0])) if rows else "none"
        raise TableError(
            f"{path.name} names no students. It needs a column student, id, login, email or name; "
            f"its columns: {columns}."
        )
    return people


class Roster:
    """Who is in the class: finds a person by any of the names a platform uses."""

    def __init__(self, people: list[Person]):
        self.people = people
        self._by_key: dict[str, set[str]] = {}
        for person in people:
            keys = [k for k in person.fields if re.search(r"id$|login|mail|name|stud", k)]
            named = [person.fields[k] for k in keys]
            texts = {person.student, person.name, *named}
            words = person.name.replace(",", " ").split()
            texts |= {"".join(words[1:] + words[:1]), "".join(reversed(words))}
            for text in texts:
                if len(plain(text)) > 1:
                    self._by_key.setdefault(plain(text), set()).add(person.student)
        self._shared: set[str] = set()  # names that several people have

    def tell_apart(self, items: list[Found]) -> None:
        """Learn which names on the files belong to several numbers of the platform."""
        numbers: dict[str, set[str]] = {}
        for item in items:
            numbers.setdefault(shown(item.who), set()).add(item.id)
        self._shared = {who for who, ids in numbers.items() if len(ids - {""}) > 1}

    def match(self, found: Found) -> str:
        """The student of a file; if the roster does not know them, the name on the file."""
        who = shown(found.who)
        for text in filter(None, (found.id, "" if who in self._shared else found.who)):
            students = self._by_key.get(plain(text), set())
            if len(students) == 1:
                return next(iter(students))
        return f"{who} ({found.id})" if who in self._shared and found.id else who


class Names:
    """Finds students as people write them: exactly, or else without case, accents and blanks."""

    def __init__(self, known: Iterable[str], others: Iterable[tuple[str, str]] = ()):
        """others holds pairs of what somebody may be called, too, and who it is."""
        self._exact = {name: name for name in known}
        self._plain: dict[str, set[str]] = {}
        for text, name in [*self._exact.items(), *others]:
            if plain(text) and name in self._exact:
                self._plain.setdefault(plain(text), set()).add(name)

    def find(self, text: str, where: str) -> str:
        found = {self._exact[text]} if text in self._exact else self._plain.get(plain(text), set())
        if len(found) == 1:
            return next(iter(found))
        if found:
            either = " or ".join(map(repr, sorted(found)))
            raise TableError(f"{where}: {text!r} may be {either}. Write it exactly.")
        near = difflib.get_close_matches(text, self._exact, n=2)
        hint = f" Is it {' or '.join(map(repr, near))}?" if near else ""
        raise TableError(f"{where}: nobody here is called {text!r}.{hint}")
