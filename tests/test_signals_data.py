"""Signals, real and made up, keep the laws that their docstrings state."""

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings

from rnncourse import data
from rnncourse.data import chorales as music
from rnncourse.data import electricity, spoken_strings, traffic


@pytest.fixture(scope="module")
def strings():
    return data.load_spoken_strings(200, seed=3)


@pytest.fixture(scope="module")
def office():
    return data.load_traffic(0)


@pytest.fixture(scope="module")
def chorales():
    return data.load_chorales()


# Spoken strings


def test_strings_are_seeded():
    one, again, other = (data.load_spoken_strings(3, seed) for seed in (1, 1, (1, 2)))
    assert [string.digits for string in one] == [string.digits for string in again]
    assert all((a.wave == b.wave).all() for a, b in zip(one, again, strict=True))
    assert [string.digits for string in one] != [string.digits for string in other]


def test_strings_have_the_lengths_speeds_and_gaps_that_are_promised(strings):
    clips, _ = data.load_spoken_digits()
    lengths = {len(string.digits) for string in strings}
    assert lengths == {3, 4, 5, 6, 7}
    assert {digit for string in strings for digit in string.digits} == set(range(10))
    speeds, gaps = [], []
    for string in strings:
        assert string.wave.dtype == np.float32
        assert -5 <= string.noise <= 15
        starts, ends = string.spans.T
        assert string.spans.shape == (len(string.digits), 2)
        speeds += [len(clips[d]) / (e - s) for d, (s, e) in zip(string.digits, string.spans)]  # noqa: B905
        gaps += [starts[0], len(string.wave) - ends[-1], *(starts[1:] - ends[:-1])]
    assert 0.745 < min(speeds) < 0.77
    assert 1.30 < max(speeds) < 1.34
    assert 0 <= min(gaps) < 20
    assert 780 < max(gaps) <= 800


@pytest.mark.parametrize("decibels", [-5, 0, 15])
def test_noise_is_as_loud_as_asked(decibels):
    found = []
    for string in data.load_spoken_strings(30, seed=5, noise=(decibels, decibels)):
        clean = np.ones(len(string.wave), bool)
        for start, end in string.spans:
            clean[start:end] = False
        noise = np.mean(string.wave[clean] ** 2)  # where nobody speaks
        loud = np.mean(string.wave[~clean] ** 2)
        found.append(10 * np.log10(loud / noise - 1))
    assert np.median(found) == pytest.approx(decibels, abs=0.5)


def test_without_noise_a_string_is_its_clips():
    (string,) = data.load_spoken_strings(1, seed=2, noise=(200, 200))
    for digit, (start, end) in zip(string.digits, string.spans, strict=True):
        speed = len(data.load_spoken_digits()[0][digit]) / (end - start)
        clip = spoken_strings.at_speed(digit, speed)
        assert np.corrcoef(string.wave[start : end - 1], clip[: end - start - 1])[0, 1] > 0.999
        gain = np.abs(string.wave[start:end]).max() / np.abs(clip).max()
        assert 10 ** (-6.1 / 20) < gain < 10 ** (6.1 / 20)


def test_a_string_needs_a_digit():
    with pytest.raises(ValueError, match=r"lengths is \(0, 3\)"):
        data.load_spoken_strings(1, lengths=(0, 3))


def test_log_mel_frames_are_where_they_say():
    wave = np.zeros(8000)
    wave[4000] = 1.0  # a click at half a second
    frames = spoken_strings.log_mel(wave)
    assert frames.shape == (100, 32)
    assert frames.dtype == np.float32
    assert frames.mean(1).argmax() == 50
    assert np.abs(frames.mean(0)).max() < 1e-4


@pytest.mark.parametrize("samples", [7999, 8000, 8001])
def test_log_mel_starts_from_the_spectrogram_of_scipy(samples):
    from scipy.signal import ShortTimeFFT
    from scipy.signal.windows import hann

    wave = np.random.default_rng(samples).standard_normal(samples)
    transform = ShortTimeFFT(hann(200, sym=False), 80, 8000, mfft=256)
    power = transform.spectrogram(wave, p0=0, p1=-(-samples // 80))
    loudness = np.log(power.T @ spoken_strings._triangles() + 1e-4)
    expected = loudness - loudness.mean(0)
    np.testing.assert_allclose(spoken_strings.log_mel(wave), expected, atol=1e-5)


@pytest.mark.parametrize("hertz", [300, 1000, 3000])
def test_log_mel_bands_are_where_mel_says(hertz):
    wave = np.sin(2 * np.pi * hertz * np.arange(8000) / 8000)
    wave[:4000] = 0
    frames = spoken_strings.log_mel(wave)
    mel = 2595 * np.log10(1 + hertz / 700)
    band = mel / (2595 * np.log10(1 + 4000 / 700)) * 33 - 1
    assert abs(frames[75].argmax() - band) <= 1


def test_log_mel_does_not_hear_how_loud_a_string_is(strings):
    wave = strings[0].wave
    np.testing.assert_allclose(
        spoken_strings.log_mel(wave), spoken_strings.log_mel(2 * wave), atol=0.05
    )


# Traffic


def test_traffic_is_seeded_and_clean_before_its_test_weeks(office):
    assert (office.x == data.load_traffic(0).x).all()
    assert (office.x != data.load_traffic(1).x).any()
    assert office.x.shape == (11 * 2016, 6)
    assert not office.labels[: traffic.PARTS["validation"].stop].any()
    assert [attack for attack, *_ in office.events].count("scan") == traffic.EVENTS
    assert len(office.events) == 4 * traffic.EVENTS


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 1000))
def test_attacks_do_not_overlap_and_are_as_long_as_promised(seed):
    office = data.load_traffic(seed)
    longest = {"scan": (2, 6), "flood": (2, 6), "exfiltration": (72, 144), "beacon": (144, 144)}
    before = 0
    for attack, first, end in office.events:
        assert first >= traffic.PARTS["test"].start + traffic.BINS_A_DAY
        assert end <= traffic.PARTS["test"].stop
        assert longest[attack][0] <= end - first <= longest[attack][1]
        assert first - before >= 12 or before == 0
        kinds = set(office.labels[first:end])
        here = 1 + traffic.ATTACKS.index(attack)
        assert kinds == ({0, here} if attack == "beacon" else {here})
        before = end
    attacked = np.zeros(len(office.labels), bool)
    for _, first, end in office.events:
        attacked[first:end] = True
    assert not office.labels[~attacked].any()


@pytest.mark.parametrize(("memory", "left"), [(0.985, 0.985**12), (0.5, 0.5**12)])
def test_wandering_has_the_memory_and_the_width_it_says(memory, left):
    rng = np.random.default_rng(0)
    found = np.concatenate([traffic._wandering(rng, 20_000, memory, 0.25) for _ in range(5)])
    assert found.std() == pytest.approx(0.25, rel=0.1)
    assert np.corrcoef(found[:-12], found[12:])[0, 1] == pytest.approx(left, abs=0.04)


def test_traffic_has_a_daily_and_a_weekly_cycle(office):
    flows = office.x[traffic.PARTS["train"], 0].reshape(35, 288)
    weekdays, weekends = flows[[d for d in range(35) if d % 7 < 5]], flows[[5, 6, 12, 13, 19, 20]]
    assert weekdays[:, 120:132].mean() - weekdays[:, 12:24].mean() > 0.7
    assert weekdays[:, 120:132].mean() - weekends[:, 120:132].mean() > 0.5
    hours = traffic.hour_of_week(office.minutes)
    assert hours[0] == 0
    assert hours[2015] == 167
    assert hours[2016] == 0
    assert traffic.clock(office.minutes).shape == (len(hours), 6)


def test_a_memory_of_one_is_refused():
    with pytest.raises(ValueError, match="memory is 1"):
        data.load_traffic(0, memory=1)


# Chorales and load


@pytest.mark.parametrize("together", ["duplicates", "tunes"])
@pytest.mark.parametrize("seed", [0, 1])
def test_pieces_that_belong_together_stay_together(chorales, together, seed):
    parts = music.split_chorales(chorales, seed, together)
    assert sorted(name for part in parts for name in part) == sorted(chorales)
    assert min(map(len, parts)) > 50
    whole = [{chorales[name].tobytes() for name in part} for part in parts]
    tunes = [{music.opening(chorales[name]) for name in part} for part in parts]
    for groups in [whole, tunes][: 1 + (together == "tunes")]:
        assert not groups[0] & groups[1]
        assert not groups[0] & groups[2]
        assert not groups[1] & groups[2]


def test_two_pairs_are_the_same_and_many_tunes_come_back(chorales):
    assert len({one.tobytes() for one in chorales.values()}) == len(chorales) - 2
    assert len({music.opening(one) for one in chorales.values()}) == 212


def test_an_opening_is_the_same_in_every_key():
    tune = np.array([[60, 0, 0, 0], [60, 0, 0, 0], [0, 0, 0, 0], [62, 0, 0, 0], [59, 0, 0, 0]])
    assert music.opening(tune) == (2, -3)
    assert music.opening(np.where(tune > 0, tune + 4, 0)) == (2, -3)


def test_another_word_for_together_is_refused(chorales):
    with pytest.raises(ValueError, match="together is 'keys'"):
        music.split_chorales(chorales, 0, "keys")


def test_notes_and_pitches_are_one_another(chorales):
    for pitches in chorales.values():
        for by in (-5, 0, 5):
            notes = music.to_notes(pitches, by)
            assert 0 <= notes.min() <= notes.max() < music.NOTES
            back = music.to_pitches(notes)
            assert (np.where(back > 0, back - by, 0) == pitches).all()
    with pytest.raises(ValueError, match="notes go from 20 to 20"):
        music.to_notes([20])


def test_blocks_roll_over_the_last_weeks():
    validation, test = (electricity.load_blocks(part) for part in ("validation", "test"))
    assert (len(validation), len(test)) == (2, 4)
    blocks = validation + test
    for block in blocks:
        assert block.history == slice(0, block.test.start)
        assert block.test.stop - block.test.start == 14 * 24
    assert [block.test.start for block in blocks[1:]] == [block.test.stop for block in blocks[:-1]]
    assert blocks[-1].test.stop == 3600
    with pytest.raises(ValueError, match="part is 'train'"):
        electricity.load_blocks("train")
