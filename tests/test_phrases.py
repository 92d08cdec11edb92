"""Phrases of two languages: what is held out stays out, and words can be put together again."""

import re

import pytest

from rnncourse import data
from rnncourse.data import emoji_names, locale_phrases


@pytest.fixture(scope="module")
def parts():
    return data.load_locale_phrases()


def combination(phrase):
    """What is held out, read off the English: the words of a list whatever their order."""
    if phrase.kind == "lists":
        return phrase.kind, frozenset(re.split(", | and | or ", phrase.english))
    return phrase.kind, phrase.english


def test_no_combination_is_in_two_parts(parts):
    sets = [set(map(combination, part)) for part in parts]
    assert [len(part) for part in parts] == [20_000, 1_000, 2_000]
    assert sum(map(len, sets)) == len(set().union(*sets)) == 23_000


def test_a_phrase_means_one_thing_in_french(parts):
    french = {}
    for part in parts:
        for phrase in part:
            assert french.setdefault(phrase.english, phrase.french) == phrase.french


def test_kinds_are_drawn_equally_often(parts):
    for part in parts:
        found = [sum(one.kind == kind for one in part) for kind in locale_phrases.KINDS]
        assert max(found) - min(found) <= 1
        assert sum(found) == len(part)


def test_all_words_of_held_out_phrases_are_known(parts):
    for side in ("english", "french"):
        known, *held = (
            {word for one in part for word in locale_phrases.words(getattr(one, side))}
            for part in parts
        )
        assert all(words <= known for words in held)


def test_words_and_joined_are_each_others_reverse(parts):
    for phrase in parts[0]:
        for text in phrase[:2]:
            assert locale_phrases.joined(locale_phrases.words(text)) == text


def test_words_by_hand():
    assert locale_phrases.words("d'Ukraine, 1,5 quatre-vingts") == [
        "d'", "Ukraine", ",", "1", ",", "5", "quatre", "-", "vingts"
    ]  # fmt: skip


def test_what_a_grammar_book_says_of_plurals(parts):
    """English has the singular for 1 only, French below 2."""
    amounts = {p.english: p.french for part in parts for p in part if p.kind == "units"}
    number = {e: float(e.split()[0]) for e in amounts}
    hours = {number[e]: (e, f) for e, f in amounts.items() if re.search(r"^[\d.]+ hours?$", e)}
    assert len(hours) > 10
    for n, (english, french) in hours.items():
        assert english == f"{n:g} hour" + "s" * (n != 1)
        assert french == f"{n:g} heure".replace(".", ",") + "s" * (n >= 2)


@pytest.mark.parametrize(
    ("english", "french"),
    [
        ("seventy-one", "soixante et onze"),
        ("six hundred and ninety-eight", "six cent quatre-vingt-dix-huit"),
        ("Friday, 3 April 1987", "vendredi 3 avril 1987"),
        ("1 hour, 20 minutes", "1 heure et 20 minutes"),
        ("1.5 square miles", "1,5 mille carré"),
        ("9 Swiss francs", "9 francs suisses"),
        ("3 weeks ago", "il y a 3 semaines"),
    ],
)  # fmt: skip
def test_what_the_docstring_shows_is_said(english, french):
    kind = next(
        kind
        for kind, sign in {
            "days": "April", "durations": "minutes", "units": "miles", "currencies": "francs",
            "moments": "ago", "numbers": "",
        }.items()
        if sign in english
    )  # fmt: skip
    assert (english, french) in everything(kind)


def everything(kind):
    worded = locale_phrases.Wording()
    return {worded.write(kind, one) for one in worded.combinations(kind, 0)}


def test_lists_and_amounts_agree_with_babel(parts):
    """Babel's own code is run here only."""
    from babel import Locale
    from babel.lists import format_list
    from babel.numbers import format_currency
    from babel.units import format_unit

    def amounts(number, locale):
        for unit in Locale.parse(locale).unit_display_names:
            yield format_unit(number, unit, locale=locale)
        for money in Locale.parse(locale).currencies:
            yield format_currency(number, money, "#,##0.#", locale, format_type="name",
                                  currency_digits=False)  # fmt: skip

    everything = {
        locale_phrases.plain(text)
        for locale in ("en_GB", "fr")
        for number in (0, 0.5, 1, 1.5, 2, 12)
        for text in amounts(number, locale)
    }
    compared = 0
    for phrase in parts[2]:
        for text, locale in zip(phrase[:2], ("en_GB", "fr"), strict=True):
            if phrase.kind == "lists":
                names = re.split(", | (?:and|or|et|ou) ", text)
                style = "or" if re.search(" or | ou ", text) else "standard"
                assert format_list(names, style, locale) == text
            elif re.match("(?:0|0[.,]5|1|1[.,]5|2|12) ", text) and phrase.kind in (
                "units",
                "currencies",
            ):
                compared += 1
                assert text in everything
    assert compared > 100


def test_phrases_follow_from_the_seed(parts):
    few = (700, 7, 7)
    one, again, other = (data.load_locale_phrases(few, seed) for seed in (0, 0, 1))
    assert one == again
    assert one != other
    assert not set(one[0]) <= set(other[0])


def test_more_than_there_are_is_refused():
    with pytest.raises(ValueError, match=r"part 0 has only \d+ phrases, not 200000"):
        data.load_locale_phrases((200_000, 7, 7))


# --- emoji ---------------------------------------------------------------------------------


def test_emoji_names_are_1661_in_1416_groups():
    names = data.load_emoji_names()
    assert len(names) == len({one.english for one in names}) == 1661
    assert len({one.group for one in names}) == 1416
    said = {one.english: one.french for one in names}
    assert said["hushed face"] == "visage ébahi"
    assert not [one for one in said if re.search(r"skin tone|flag: |^:|_", one)]


def test_a_man_and_a_woman_with_one_trade_are_in_one_part():
    names = {one.english: one for one in data.load_emoji_names()}
    for many in (
        ("man astronaut", "woman astronaut", "astronaut"),
        ("person running", "woman running", "man running facing right"),
        ("man in motorized wheelchair", "person in motorized wheelchair facing right"),
    ):
        assert len({names[one].group for one in many}) == 1
    assert names["man astronaut"].group != names["man cook"].group
    parts = emoji_names.split_emoji_names(list(names.values()), seed=3)
    groups = [{one.group for one in part} for part in parts]
    assert not groups[0] & groups[1] | groups[0] & groups[2] | groups[1] & groups[2]
    assert sum(map(len, parts)) == 1661
