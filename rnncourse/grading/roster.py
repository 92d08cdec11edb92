"""The class list: who is in it, and whom a file, a table or an option means."""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from rnncourse.grading import tables
from rnncourse.grading.inbox import Found
from rnncourse.grading.tables import TableError
from rnncourse.grading.texts import plain, readings, shown

IDS = ("student", "student_id", "id", "sis_user_id", "id_number", "sis_login_id", "login",
       "username", "email", "email_address")  # fmt: skip
NAMING = re.compile(r"id$|login|mail|name|stud|number$")  # columns that say who somebody is
MOST_STRANGERS = 300  # who are compared with everybody on the class list
NUMBERS = ("id", "canvas_id", "user_id", "participant", "identifier")  # of the platform


@dataclass(frozen=True)
class Person:
    """A row of the roster."""

    student: str
    name: str = ""
    fields: dict = field(default_factory=dict, hash=False)


def read_roster(path: Path) -> list[Person]:
    """The class list. One column must identify students; `name` or first and last are shown."""
    people, names = [], {}
    rows = tables.read(path)
    for row in rows:
        student = next((row[key] for key in IDS if row.get(key)), "")
        parts = [row.get(key, "") for key in ("first_name", "last_name", "surname")]
        name = row.get("name") or row.get("full_name") or " ".join(filter(None, parts))
        if plain(student) == "pointspossible":  # the second line of a Canvas gradebook
            continue
        if student or name:
            people.append(Person(student or name, name, row))
            first = names.setdefault(student or name, name) if name else ""
            if first and plain(first) != plain(name):  # one would get the other's grade
                raise TableError(
                    f"{path.name} has {shown(student)} twice, as {shown(first)} and as "
                    f"{shown(name)}. Each student needs an identifier of their own; is there a "
                    "cell too many in one of the rows?"
                )
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
        self._names = {person.student: person.name or person.student for person in people}
        self._by_name: dict[str, set[str]] = {}
        self._by_number: dict[str, set[str]] = {}  # of the platform
        for person in people:
            fields = person.fields
            keys = [k for k in fields if NAMING.search(k) and k not in NUMBERS]
            words = person.name.replace(",", " ").split()
            texts = {person.student, person.name, *(fields[k] for k in keys)}
            texts |= {"".join(words[1:] + words[:1]), "".join(reversed(words))}
            numbers = {fields[k] for k in NUMBERS if k in fields}
            numbers |= set() if person.name else {person.student}  # nothing contradicts it
            for texts_, table in ((texts, self._by_name), (numbers, self._by_number)):
                for text in texts_:
                    if len(plain(text)) > 1:
                        table.setdefault(plain(text), set()).add(person.student)
        self._shared: set[str] = set()  # names that several people have
        self._made: set[str] = set()  # what tells them apart; nobody may be called that
        self._entries: dict[str, set[str]] = {}  # files without a number, by plain name
        self._nearest: dict[str, str] = {}

    def unused_columns(self) -> list[str]:
        """Columns of the class list that nothing reads."""
        used = {"section", "due", "surname", *NUMBERS}
        columns = dict.fromkeys(key for person in self.people for key in person.fields)
        return [key for key in columns if key and key not in used and not NAMING.search(key)]

    def tell_apart(self, items: list[Found]) -> None:
        """Learn which names on the files belong to several numbers of the platform."""
        numbers: dict[str, set[str]] = {}
        for item in items:
            numbers.setdefault(shown(item.who), set()).add(item.id)
            if not item.id:
                self._entries.setdefault(plain(item.who), set()).add(item.entry)
        self._shared = {who for who, ids in numbers.items() if len(ids - {""}) > 1}
        self._made = {f"{who} ({number})" for who in self._shared for number in numbers[who]}
        self._shared |= self._made & numbers.keys()

    def match(self, found: Found) -> str:
        """The student of a file; if the roster does not know them, the name on the file."""
        who, by_name, by_number = self._ways(found)
        either = by_name & by_number or by_name or by_number
        if len(either) == 1 and (len(by_name) < 2 or by_name & by_number):
            return next(iter(either))
        if found.who in self._names and not found.id:
            return found.who  # nothing of it can be compared, as of `\\`, but it is the same
        if len(by_name) > 1 and len(self._entries.get(plain(found.who), ())) > 1 and not found.id:
            return f"{who} ({shown(found.entry)})"  # of one person, or of several
        if who in self._shared and (found.id or who in self._made):
            return f"{who} ({found.id or 'no number'})"
        return who

    def strongest(self, items: list[Found]) -> list[Found]:
        """Of the files that one person got, those that are most surely theirs: what bears
        somebody's name and another's number must not take the place of their own."""
        several = len(_numbers_on(items)) > 1
        sure = [self._sureness(item, several) for item in items if not item.problem]
        return [i for i in items if i.problem or self._sureness(i, several) == max(sure)]

    def _sureness(self, item: Found, several: bool) -> float:
        """several: files with different numbers came for this person, who has one; the very name
        on the class list then counts more than another form of it."""
        student = self.match(item)
        if several and item.who == self._names.get(student):
            return self._sureness(item, False) + 0.5
        _, by_name, by_number = self._ways(item)
        if student in by_name and student in by_number:
            return 3
        if student in by_name:
            return 0 if self._numbered(item) - {student} and item.who != student else 2
        return 1 if student in by_number else 2

    def _ways(self, found: Found) -> tuple[str, set[str], set[str]]:
        """The name on a file, and whom the roster knows by that name and by the number. A number
        that Moodle gives to participants is none that a class list has; where it has one in a
        column `identifier`, it is written `Participant 4711`."""
        who = shown(found.who)
        by_name: set[str] = set()
        if who not in self._shared:
            for text in readings(found.who):
                by_name |= self._by_name.get(plain(text), set())
        number = plain(found.id and f"{'Participant ' * found.by_participant}{found.id}")
        return who, by_name, self._by_number.get(number, set())

    def notices(self, found: dict[str, list[Found]]) -> dict[str, list[str]]:
        """What a human should look at before believing whose work is whose, by student."""
        said: dict[str, list[str]] = {}
        here = {person.student for person in self.people}
        missing = {s for s in here if all(item.problem for item in found.get(s, []))}
        for student, items in found.items():
            whole = any(not item.problem for item in items)
            numbers = _numbers_on(items)
            if student in here and len(numbers) > 1:
                text = f"files with different numbers ({', '.join(sorted(numbers)[:5])}) bear their"
                said.setdefault(student, []).append(f"{text} names: whose work is it?")
            kept = self.strongest(items)
            for item in items:
                texts = list(self._notices_on(item, student, here, missing)) if item.path else []
                if whole and item.problem:
                    texts.append((student, f"{_label(item)} was left aside: {item.problem}"))
                elif item not in kept:
                    texts.append((student, f"{_label(item)} was left aside: another file is more "
                                           "surely theirs"))  # fmt: skip
                for whom, text in texts:
                    if text not in said.setdefault(whom, []):
                        said[whom].append(text)
        return said

    def _notices_on(self, item: Found, student: str, here: set[str], missing: set[str]):
        """(student, what to look at) for one file, which went to a student."""
        who, by_name, by_number = self._ways(item)
        name, label, number = self._names.get, _label(item), item.id
        if student in here:
            others = self._numbered(item) - {student} if who != student else set()
            for other in sorted(others):
                text = f"the name on {label} is theirs, but its number {number} is that of "
                yield student, f"{text}{name(other)}: whose work is it?"
                text = f"the number {number} on {label} is theirs, but the name is that of "
                yield other, f"{text}{name(student)}, who got it: whose work is it?"
            if number and not by_name and by_number and who not in self._shared:
                yield student, f"found by the number {number} alone; the file says {who!r}"
        elif len(by_name) > 1:
            text = f"{len(by_name)} people of the roster are called that: name the file or folder "
            yield student, text + " or ".join(sorted(by_name))
            yield from self._asked_about(who, by_name & missing)
        elif who in self._shared:
            yield student, "several people are called that: give a roster with their numbers (id)"
            yield from self._asked_about(who, self._by_name.get(plain(who), set()) & missing)
        elif here:
            near = self._near(item)
            meant = f": did you mean {name(near)}?" if near else ""
            yield student, f"not on the roster{meant}"
            if near in missing:
                yield near, f"is the work of {who!r} theirs, who is not on the roster?"

    def _asked_about(self, who: str, people: set[str]):
        for person in sorted(people):
            yield person, f"several files are of somebody called {who!r}: is one theirs?"

    def _numbered(self, item: Found) -> set[str]:
        """Everybody who has the number on a file as a number of any kind."""
        number = plain(item.id)
        if not number:
            return set()
        return self._by_number.get(number, set()) | self._by_name.get(number, set())

    def _near(self, item: Found) -> str:
        """The person of the class whose name is most like the one on a file, if any is."""
        if item.who and item.who not in self._nearest:
            enough = len(self._nearest) >= MOST_STRANGERS  # the wrong class list
            self._nearest[item.who] = "" if enough else self._look_for(item)
        return self._nearest.get(item.who, "")

    def _look_for(self, item: Found) -> str:
        from rapidfuzz import fuzz, process, utils

        names = {p.student: p.name.replace(",", " ") or p.student for p in self.people}
        best = []
        for text in readings(item.who):
            for score in (fuzz.token_sort_ratio, _run_together):
                found = process.extractOne(
                    text, names, scorer=score, processor=utils.default_process, score_cutoff=82
                )
                best += [(found[1], found[2])] if found else []
        return max(best)[1] if best else ""


def _numbers_on(items: list[Found]) -> set[str]:
    return {item.id for item in items if item.id and not item.problem}


def _run_together(one: str, other: str, **options) -> float:
    """How alike two names are without blanks, first or last name first."""
    from rapidfuzz import fuzz

    words = plain_words(other)
    forms = {"".join(words), "".join(words[1:] + words[:1])}
    return max(fuzz.ratio(plain(one), form) for form in forms)


def plain_words(text: str) -> list[str]:
    return [plain(word) for word in text.split()]


def _label(item: Found) -> str:
    return shown(os.path.basename(item.path))


class Names:
    """Finds students as people write them: exactly, or else without case, accents and blanks."""

    def __init__(
        self,
        known: Iterable[str],
        others: Iterable[tuple[str, str]] = (),
        gone: Iterable[str] = (),
    ):
        """others holds pairs of what somebody may be called, too, and who it is; gone, who was
        here in an earlier run."""
        self._gone = set(map(plain, gone))
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
        if plain(text) in self._gone:
            raise TableError(
                f"{where}: {text!r} was here in an earlier run and is no more: neither a file nor "
                "the roster has that name. Was the file renamed?"
            )
        near = difflib.get_close_matches(text, self._exact, n=2)
        hint = f" Is it {' or '.join(map(repr, near))}?" if near else ""
        raise TableError(f"{where}: nobody here is called {text!r}.{hint}")
