"""The data of the language chapter: parts that share nothing, and no cheap way to the answer."""

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings

from rnncourse import data
from rnncourse.data import agreement as sentences
from rnncourse.data import entities, shakespeare
from rnncourse.data.agreement import agreement, say
from rnncourse.data.entities import TAGS, load_entities, load_names
from rnncourse.data.slurs import has_slur

# Shakespeare


def test_plays_are_split_whole_and_without_slurs():
    plays = data.load_shakespeare()
    parts = shakespeare.split_plays(plays)
    assert [len(part) for part in parts] == [34, 2, 2]
    assert {name for part in parts for name in part} == set(plays)
    assert tuple(parts[1]) == shakespeare.VALIDATION
    assert tuple(parts[2]) == shakespeare.TEST
    before = sum(len(text.split("\n\n")) for text in plays.values())
    after = sum(len(text.split("\n\n")) for part in parts for text in part.values())
    assert (before, before - after) == (32_666, 66)
    assert not any(has_slur(text) for part in parts for text in part.values())


def test_a_slur_is_found_in_any_case_and_beside_any_sign():
    assert has_slur("Is he a Polack, sir?")
    assert not has_slur("The cat sat on the mat.")


# Named entities


def words_of(names):
    """The made-up words of names, without "port", "works" and the like."""
    fixed = {word for forms in entities._FIXED.values() for form in forms for word in form.split()}
    return {word for kind in names.values() for name in kind for word in name.split()} - fixed


@pytest.mark.parametrize("seed", [0, 3])
def test_names_are_held_out_word_by_word(seed):
    parts = [words_of(load_names(part, seed)) for part in entities.PARTS]
    assert not parts[0] & parts[1]
    assert not parts[0] & parts[2]
    assert not parts[1] & parts[2]
    said = {word for one in load_entities("train", 3000, seed) for word in one.words}
    assert not said & parts[1]
    assert not said & parts[2]
    assert len(said & parts[0]) > 500


def test_every_name_has_one_type():
    names = load_names()
    every = [name for kind in names.values() for name in kind]
    assert len(every) == len(set(every)) == 600


@given(st.integers(0, 1000), st.sampled_from(entities.PARTS))
@settings(max_examples=20, deadline=None)
def test_tags_are_iob2_and_name_what_they_should(seed, part):
    names = load_names(part, seed)
    for words, tags in load_entities(part, 40, seed):
        assert len(words) == len(tags)
        assert set(tags) <= set(TAGS)
        for before, tag in zip(["O", *tags], tags, strict=False):
            assert tag[0] != "I" or before[1:] == tag[1:]
        marked = " ".join(
            ("| " if tag[0] != "I" else "") + (f"{tag[2:]} " if tag[0] == "B" else "") + word
            for word, tag in zip(words, tags, strict=True)
        )
        for chunk in marked.split("|"):
            kind, _, name = chunk.strip().partition(" ")
            if kind in names:
                assert name in names[kind]


def test_entities_are_seeded_and_the_same_sentence_ends_otherwise():
    assert load_entities("test", 50, 1) == load_entities("test", 50, 1)
    assert load_entities("test", 50, 1) != load_entities("test", 50, 2)
    seen = load_entities("test", 500, names="train")
    known = words_of(load_names("train"))
    assert {w for words, tags in seen for w, t in zip(words, tags, strict=True) if t != "O"} & known
    with pytest.raises(ValueError, match="part is 'dev', but there are only train"):
        load_entities("dev")


def test_an_unknown_word_need_not_be_a_name():
    known = {word for one in load_entities("train", 5000) for word in one.words}
    unknown = [tag for words, tags in load_entities("test", 1000)
               for word, tag in zip(words, tags, strict=True) if word not in known]  # fmt: skip
    assert 0.2 < np.mean([tag == "O" for tag in unknown]) < 0.8


# Subject and verb


def numbers_of(row):
    """(place, 0 or 1) of each noun of a sentence: 1 for a plural."""
    count = len(sentences.WORDS)
    plural = [word in sentences._PLURAL for word in sentences.WORDS]
    singular = [word in sentences._SINGULAR for word in sentences.WORDS]
    assert len(set(sentences.WORDS)) == count
    return [(place, plural[n]) for place, n in enumerate(row) if plural[n] or singular[n]]


@given(st.integers(0, 2**32), st.integers(5, 60))
@settings(max_examples=50, deadline=None)
def test_the_subject_decides_and_stands_at_its_distance(seed, distance):
    x, y = agreement(np.random.default_rng(seed), 8, distance)
    again, _ = agreement(np.random.default_rng(seed), 8, distance)
    np.testing.assert_array_equal(x, again)
    assert x.shape == (8, 6 + distance)
    for row, number in zip(x, y, strict=True):
        nouns = numbers_of(row)
        assert nouns[1] == (5, bool(number))
        assert nouns[0][0] == 2
        assert nouns[-1][0] == len(row) - 1
        assert len(nouns) >= 4


@pytest.mark.parametrize("distance", [5, 10, 50])
def test_cheap_ways_are_at_chance(distance):
    x, y = agreement(np.random.default_rng(0), 8000, distance)
    nouns = [numbers_of(row) for row in x]
    nearest = np.array([one[-1][1] for one in nouns])
    share = np.array([np.mean([number for _, number in one]) for one in nouns])
    spread = 4 * 0.5 / np.sqrt(8000)
    assert abs(y.mean() - 0.5) < spread
    assert abs((nearest == y).mean() - 0.5) < spread
    assert abs(np.corrcoef(share, y)[0, 1]) < 2 * spread
    turned = np.mean([one[0][1] != number for one, number in zip(nouns, y, strict=True)])
    expected = np.mean([(1 + 1 / (len(one) - 2)) / 2 for one in nouns])
    assert abs(turned - expected) < spread


def test_a_bag_of_words_learns_nothing():
    from sklearn.linear_model import LogisticRegression

    (x, y), (test, truth) = (agreement(np.random.default_rng(n), 6000, 10) for n in (1, 2))
    bags = [np.stack([np.bincount(row, minlength=len(sentences.WORDS)) for row in part])
            for part in (x, test)]  # fmt: skip
    right = LogisticRegression(max_iter=2000).fit(bags[0], y).score(bags[1], truth)
    assert abs(right - 0.5) < 4 * 0.5 / np.sqrt(6000)


def test_a_sentence_can_be_said():
    x, y = agreement(np.random.default_rng(0), 1, 5)
    said = say(x[0])
    assert said.count(",") == 1
    assert len(said.split()) == 10
    assert sentences.VERBS[y[0]] in ("is", "are")


def test_too_short_a_distance_is_refused():
    with pytest.raises(ValueError, match="distance is 4, but two phrases need 5"):
        agreement(np.random.default_rng(0), 1, 4)
