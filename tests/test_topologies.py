"""The benchmark of shapes: what is tested was not learned, and rows say what they are."""

import datetime

import pytest
import torch

from rnncourse import experiments
from rnncourse.data.dates import split_days


@pytest.fixture(scope="module")
def task():
    return experiments.load_task("topologies")


def test_no_word_is_in_two_parts(task):
    parts = [{one.word for one in part} for part in task.word_parts(0)]
    assert not parts[0] & parts[1]
    assert not parts[0] & parts[2]
    assert not parts[1] & parts[2]
    assert sum(map(len, parts)) == 124_733


def test_the_days_that_are_asked_for_were_not_learned(task):
    learned = {day.isoformat() for day in split_days(0)[0]}
    for part in (task.VALIDATION, task.TEST):
        assert not learned & {pair.iso for pair in task.date_pairs(0, part)}


def test_rates_are_chosen_without_the_test_speakers(task):
    learn, held_out = task.vowel_parts(task.VALIDATION)
    assert [len(learn[0]), len(held_out[0])] == [216, 54]
    everything, test = task.vowel_parts(task.TEST)
    assert [len(everything[0]), len(test[0])] == [270, 370]


def test_pictures_of_digits_are_in_one_part_each(task):
    assert [len(labels) for _, labels in task.digits(0)] == [1078, 360, 359]


def test_rules_know_the_names_of_eight_locales(task):
    from dateutil.parser import parse

    for text in ("terça-feira, 29 de agosto de 1995", "mardi 29 août 1995", "Di., 29. Aug. 1995"):
        assert parse(text, task.rules(True), dayfirst=True).date() == datetime.date(1995, 8, 29)
    assert parse("29/8/70", task.rules(True), dayfirst=True).year == 1970
    with pytest.raises(ValueError, match="août"):
        parse("29 août 1995", task.rules(False))


def test_a_film_tagger_without_memory_sees_one_frame_at_a_time(task):
    torch.manual_seed(0)
    frames = torch.randn(2, 5, 12, 12)
    changed = frames.clone()
    changed[:, 2] += 1
    for memory, others_change in (("none", False), ("past", True), ("both", True)):
        net = task.FilmTagger(memory).eval()
        with torch.no_grad():
            apart = (net(frames) - net(changed)).abs().amax((0, 2))  # (T,)
        assert apart[2] > 1e-4
        assert (apart[3] > 1e-6) == others_change
        assert (apart[1] > 1e-6) == (memory == "both")


def test_rows_of_a_task_stand_together(task):
    tasks = [name.split(":")[0] for name in task.ROWS]
    assert list(dict.fromkeys(tasks)) == sorted(set(tasks), key=tasks.index)
    assert len(set(tasks)) == 7  # sounds and words are one task, counted in two ways
    assert set(task.SEEDS) <= set(task.ROWS)
