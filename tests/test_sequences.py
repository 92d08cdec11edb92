"""The benchmark of sequences: what is tested was not learned, what is cut off is wrong."""

import datetime
import math

import pytest
import torch

from rnncourse import experiments
from rnncourse.data.dates import DatePair
from rnncourse.data.translation import held_out_combinations, sentence_pairs

FEW = [[4, 5, 6], [7], [6, 5, 4, 8, 9], [5, 5], [9, 8, 7]]


@pytest.fixture(scope="module")
def task():
    return experiments.load_task("sequences")


@pytest.fixture(params=[None, "dot", "additive"])
def net(task, request):
    torch.manual_seed(4)
    code = task.LETTERS
    found = task.network(request.param, code, code, 12).eval()
    for p in found.parameters():
        p.data *= 4  # less even than a new network
    return found


def test_what_is_cut_off_bears_a_mark_that_no_truth_has(task, net):
    said = task.written(net, FEW, task.LETTERS, limit=5)
    with torch.no_grad():
        net.read_out.bias[task.END] = -1e9
    endless = task.written(net, FEW, task.LETTERS, limit=5)
    assert all(len(one) == 6 and one[-1] == task.CUT for one in endless)
    assert all(one[:5] != [task.CUT] * 5 for one in said)
    assert task.CUT not in task.LETTERS
    with torch.no_grad():
        net.read_out.bias[task.END] = 1e9
    assert task.written(net, FEW, task.LETTERS, limit=5) == [[]] * 5


@pytest.mark.parametrize("width", [None, 3])
def test_each_gets_its_own_words_whatever_stands_beside_it(task, net, width):
    together = task.written(net, FEW, task.LETTERS, 6, width)
    alone = [task.written(net, [one], task.LETTERS, 6, width)[0] for one in FEW]
    assert together == alone
    assert len({tuple(one) for one in together}) > 1


def test_nats_are_those_of_the_true_tokens_and_their_end(task, net):
    """Each given the true ones before it: by single sequences, without a batch's padding."""
    truth = [[4, 5], [6], [7, 8, 9, 4], [5, 5, 5], [9]]
    total = 0.0
    for x, y in zip(FEW, truth, strict=True):
        logits = net(torch.tensor([x]), torch.tensor([len(x)]), torch.tensor([[task.START, *y]]))
        log_p = logits[0].log_softmax(1)
        total -= sum(log_p[place, token].item() for place, token in enumerate([*y, task.END]))
    expected = total / sum(len(y) + 1 for y in truth)
    assert task.nats(net, FEW, truth) == pytest.approx(expected, rel=1e-5)


def test_batches_have_all_pairs_once_and_their_targets_one_step_on(task):
    x, y = FEW, [[4, 4], [5], [6, 6, 6], [7], [8, 9]]
    seen = []
    for source, lengths, inputs, targets in task.bucketed(x, y, 2, seed=0)(3):
        for row, length in enumerate(lengths):
            read = inputs[row].tolist()
            said = [token for token in targets[row].tolist() if token != -1]
            assert read[0] == task.START
            assert read[1 : len(said)] == said[:-1]
            assert said[-1] == task.END
            seen.append((source[row, :length].tolist(), said[:-1]))
    assert sorted(seen) == sorted(zip(x, y, strict=True))


@pytest.mark.parametrize("seed", [0, 3])
@pytest.mark.parametrize("name", ["grammar", "phrases", "emoji"])
def test_no_english_of_the_test_was_learned(task, name, seed):
    learn, validation, test = (
        {" ".join(english) for english, _ in part} for part in task.word_parts(name, seed)
    )
    assert not learn & test
    assert not learn & validation
    assert not validation & test


def test_every_test_sentence_has_a_combination_that_was_held_out(task):
    validation, test = held_out_combinations(2)
    every = sentence_pairs(1_000, 2, test, only=True)
    assert [task.translation.words(one.french) for one in every] == [
        french for _, french in task.word_parts("grammar", 2)[2]
    ]
    learned = sentence_pairs(10_000, 2, validation | test)
    assert not any(set(one.combinations) & test for one in learned)


@pytest.mark.parametrize(
    ("said", "truth", "gender", "number"),
    [
        ("la grande maison", "la grande maison", 0, 0),
        ("la grand maison", "la grande maison", 1, 0),
        ("les grande maisons", "les grandes maisons", 0, 1),
        ("le grand maison", "la grande maison", 2, 0),
        ("les grands maisons", "la grande maison", 1, 3),
        ("la grande vache", "la grande maison", 0, 0),  # another word is another mistake
        ("une maison verts", "une maison verte", 1, 1),
        ("une maison", "une maison verte", 0, 0),
        ("un rouge chat", "un chat rouge", 0, 0),
    ],
)
def test_what_is_right_but_for_gender_or_number(task, said, truth, gender, number):
    sides = [task.translation.words(one) for one in (said, truth)]
    found = [task.nearly_right([sides[0]] * 2, [sides[1]] * 2, what) for what in (1, 2)]
    assert found == [100 * gender, 100 * number]


def test_mar_is_told_by_its_place(task):
    days = {
        "mar. 3 mars 1987": "1987-03-03",
        "mar, 3 de mar de 1987": "1987-03-03",
        "it: mar 10/03/1992": "1992-03-10",
        "3 mar 1992": "1992-03-03",
        "Mar 3, 1992": "1992-03-03",
        "mar 7 apr 1992": "1992-04-07",
        "martes, 7 de abril de 1992": "1992-04-07",
    }
    pairs = [DatePair(text, iso, "", 0) for text, iso in days.items()]
    assert task.by_rules(pairs, True) == list(days.values())
    assert task.by_rules([DatePair("10 mar 1992", "1992-03-10", "it", 6)], False) != ["1992-03-10"]


def test_all_dates_can_be_read_by_rules(task):
    assert task.run('dates: rules, "mar" by place', None, 7) == 100.0


def test_a_network_never_learns_the_days_that_are_asked_for(task):
    learned = {day.isoformat() for day in task.split_days(0)[0]}
    for part in (task.VALIDATION, task.TEST):
        assert not learned & {pair.iso for pair in task.date_pairs(0, part)}
    assert datetime.date.fromisoformat(task.date_pairs(0, 2)[0].iso).year >= 1970


def test_letters_are_asked_with_sequences_of_their_own(task):
    """The draws of a test are not those of the training."""
    import numpy as np

    for seed in range(3):
        first = np.random.default_rng([0, seed, 1]).integers(0, 26, 50)
        assert (np.random.default_rng([seed, task.TEST]).integers(0, 26, 50) != first).any()


def test_perplexity_of_even_logits_is_the_size_of_the_vocabulary(task, net):
    for p in net.read_out.parameters():
        p.data.zero_()
    assert math.exp(task.nats(net, FEW, FEW)) == pytest.approx(len(task.LETTERS), rel=1e-5)


def test_rows_of_a_model_have_one_rate(task):
    """What is measured of one network is measured of the same one."""
    chosen = {}
    for name, (grid, figure, *model) in task.MODELS.items():
        if figure is task.words_row and grid:
            chosen.setdefault(tuple(model[:2]), set()).add(grid)
        assert name in task.ROWS
    assert all(len(grids) == 1 for grids in chosen.values())
    assert set(task.SEEDS) <= set(task.ROWS)
