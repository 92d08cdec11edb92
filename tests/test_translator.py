"""The stored translator of chapter 12 is what its script says it is."""

import pytest

from rnncourse import assets
from rnncourse.assets import translator
from rnncourse.batching import Vocabulary
from rnncourse.data.translation import held_out_combinations


@pytest.fixture(scope="module")
def stored():
    return assets.load("translator")


def test_its_words_are_those_of_the_sentences_to_learn_from(stored):
    learn, _, _ = translator.sentences()
    english, french = translator.vocabularies(learn)
    assert (stored["english"], stored["french"]) == (english.tokens, french.tokens)


def test_what_is_new_in_the_last_part_is_in_no_other():
    learn, known, new = translator.sentences()
    held = held_out_combinations()[1]
    assert not {pair.english for pair in learn} & {pair.english for pair in known}
    assert not any(held & set(pair.combinations) for pair in learn + known)
    assert all(held & set(pair.combinations) for pair in new)


def test_it_translates_as_many_sentences_as_is_written_beside_it(stored):
    _, known, new = translator.sentences()
    words = (Vocabulary((), specials=tuple(stored[side])) for side in ("english", "french"))
    english, french = words
    net = translator.stored(stored)
    found = [translator.right(net, part, english, french) for part in (known, new)]
    assert found == stored["right"]
