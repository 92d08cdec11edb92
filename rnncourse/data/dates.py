"""Days as eight locales write them, and as ISO 8601 does."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from rnncourse.data.cldr import load_locale
from rnncourse.data.splits import split

LOCALES = ("en_US", "en_GB", "de", "fr", "es", "it", "pt", "nl")
PARENTS = {"en_US": ("en",), "en_GB": ("en", "en_001", "en_GB")}
FIRST, DAYS = datetime.date(1970, 1, 1), 21_915  # to 31 December 2029: "70" is 1970, "29" is 2029
PARTS = ("train", "validation", "test")


class DatePair(NamedTuple):
    """text: a day as written; iso: the same as "1987-04-03"; where it was written, and in which of
    the 12 forms, 0 to 11."""

    text: str
    iso: str
    locale: str
    form: int


class Dates:
    """The forms and names of eight locales.

    forms[locale]: 12 patterns in CLDR's letters, "EEEE, d MMMM y" for one. 0 to 3 are a long form
    with the weekday, 4 to 7 without one, 8 and 9 digits alone, 10 and 11 digits with the weekday.
    months[locale], weekdays[locale]: {"wide": names, "abbreviated": names}, from January,
    from Monday.
    """

    def __init__(self, forms: dict, months: dict, weekdays: dict):
        self.forms, self.months, self.weekdays = forms, months, weekdays

    def write(self, day: datetime.date, locale: str, form: int) -> str:
        """A day in one form. In digits the third of April looks like the fourth of March, so forms
        8 to 11 begin with their locale: "en_US: 4/3/1987"."""
        parts = {"d": f"{day.day}", "M": f"{day.month}", "y": f"{day.year}"}
        parts |= {"dd": f"{day.day:02}", "MM": f"{day.month:02}", "yy": f"{day.year % 100:02}"}
        for width, letters in (("abbreviated", 3), ("wide", 4)):
            parts["M" * letters] = self.months[locale][width][day.month - 1]
            parts["E" * letters] = self.weekdays[locale][width][day.weekday()]
        pattern = self.forms[locale][form]
        pieces = re.findall(r"'([^']*)'|([dMyE]+)|(.)", pattern)
        text = "".join(quoted + parts.get(field, "") + other for quoted, field, other in pieces)
        return f"{locale}: {text}" if form >= 8 else text

    def sample(
        self, days: Sequence[datetime.date], count: int, rng: np.random.Generator
    ) -> list[DatePair]:
        """`count` pairs: days, locales and forms drawn at random, each independently."""
        drawn = zip(
            rng.integers(len(days), size=count).tolist(),
            rng.integers(len(LOCALES), size=count).tolist(),
            rng.integers(12, size=count).tolist(),
            strict=True,
        )
        return [self._pair(days[n], LOCALES[where], form) for n, where, form in drawn]

    def every(self, days: Sequence[datetime.date]) -> Iterator[DatePair]:
        """All 96 ways to write each day."""
        for day in days:
            yield from (self._pair(day, where, form) for where in LOCALES for form in range(12))

    def _pair(self, day, locale, form):
        return DatePair(self.write(day, locale, form), day.isoformat(), locale, form)


def load_dates() -> Dates:
    """Twelve ways to write a day in each of eight locales, and the names of months and weekdays.

    >>> dates = load_dates()
    >>> dates.write(datetime.date(1987, 4, 3), "nl", 0)
    'vrijdag 3 april 1987'

    The locales are LOCALES: English of the United States and of Britain, German, French, Spanish,
    Italian, Portuguese of Brazil, Dutch. Forms are CLDR's own full, long and numeric pattern and
    variants of them with shorter names, two-digit days or years.

    Source: Unicode CLDR (Unicode licence), as shipped in the package Babel 2.18.0 (BSD licence).
    Its files are pickles; they are read without Babel's code, after a look at their SHA-256.

    Raises DataError if the package is missing or a file differs.
    """
    forms, months, weekdays = {}, {}, {}
    for locale in LOCALES:
        names = load_locale(*PARENTS.get(locale, (locale,)))
        patterns = {key: one.pattern for key, one in names["date_formats"].items()}
        numeric, dated = (names["datetime_skeletons"][key].pattern for key in ("yMd", "yMEd"))
        forms[locale] = _forms(
            patterns["full"], patterns["long"], numeric, dated.replace("EEE", "E")
        )
        months[locale], weekdays[locale] = (
            {width: [found[width][n] for n in numbers] for width in ("wide", "abbreviated")}
            for found, numbers in (
                (names["months"]["format"], range(1, 13)), (names["days"]["format"], range(7)),
            )
        )  # fmt: skip
    return Dates(forms, months, weekdays)


def split_days(seed: int = 0, shares: Sequence[float] = (0.8, 0.1, 0.1)) -> list[list]:
    """The 21,915 days from 1970 to 2029, as three lists: train, validation, test.

    A day and all 96 ways to write it are in one part.
    """
    days = [FIRST + datetime.timedelta(days=n) for n in range(DAYS)]
    return [[days[row] for row in rows] for rows in split(days, shares, seed)]


def _forms(full, long, numeric, dated):
    short_day = full.replace("EEEE", "EEE")
    short_month, two_digits = long.replace("MMMM", "MMM"), re.sub(r"\bd\b", "dd", long)
    return (
        full, short_day, full.replace("MMMM", "MMM"), short_day.replace("MMMM", "MMM"),
        long, two_digits, short_month, two_digits.replace("MMMM", "MMM"),
        numeric, re.sub("y+", "yy", numeric),
        dated.replace("E", "EEE"), dated.replace("E", "EEEE"),
    )  # fmt: skip
