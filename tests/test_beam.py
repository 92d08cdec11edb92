"""Beam search between its ends: width 1 is greedy, a beam that nothing falls out of is complete."""

import itertools
import math

import pytest
import torch

from rnncourse import models
from rnncourse.decoding import beam, greedy

START, END, V = 1, 2, 5


def table(seed, B=1, spread=2.0):
    """A made-up model: the logits depend on the last two tokens and the row; step and pick."""
    scores = torch.randn((B, V, V, V), generator=torch.Generator().manual_seed(seed)) * spread
    scores = scores.double()

    def step(token, state):
        rows, before = state
        return scores[rows, before, token], (rows, token)

    def pick(state, rows):
        return tuple(part[rows] for part in state)

    return step, (torch.arange(B), torch.zeros(B, dtype=torch.long)), pick


def searched(seed, B=1, **options):
    step, state, pick = table(seed, B)
    return beam(step, state, B, start=START, end=END, pick=pick, **options)


def log_p(seed, tokens, row=0, B=1):
    """(the log probability of these tokens, whether the end mark would be likeliest after them)."""
    step, state, pick = table(seed, B)
    state, total, token = pick(state, torch.tensor([row])), 0.0, torch.tensor([START])
    for following in tokens:
        logits, state = step(token, state)
        total += logits.log_softmax(1)[0, following].item()
        token = torch.tensor([following])
    logits, _ = step(token, state)
    return total, logits.argmax().item() == END


def everything(seed, limit, penalty):
    """All hypotheses of at most `limit` tokens, finished ones first, by brute force."""
    found = []
    words = [w for w in range(V) if w != END]
    for n in range(limit + 1):
        for tokens in itertools.product(words, repeat=n):
            total, ends = log_p(seed, tokens)
            if n < limit or ends:
                total, _ = log_p(seed, [*tokens, END])
                found.append((False, -total / (n + 1) ** penalty, list(tokens)))
            else:
                found.append((True, -total / n**penalty, list(tokens)))
    return sorted(found)


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("limit", [1, 4, 9])
def test_width_one_is_greedy(seed, limit):
    step, state, _ = table(seed, B=6)
    plain = greedy(step, state, 6, start=START, end=END, limit=limit)
    found = searched(seed, 6, limit=limit, width=1)
    assert [one for (one,) in found.tokens] == plain.tokens
    assert [one for (one,) in found.finished] == plain.finished


@pytest.mark.parametrize("penalty", [0.0, 0.7, 1.0])
@pytest.mark.parametrize("seed", range(6))
def test_a_beam_that_nothing_falls_out_of_is_an_exhaustive_search(seed, penalty):
    expected = everything(seed, 3, penalty)
    found = searched(seed, limit=3, width=4**3 + 4**2 + 4 + 1, penalty=penalty)
    assert found.tokens[0] == [tokens for _, _, tokens in expected]
    assert found.finished[0] == [not cut for cut, _, _ in expected]
    worth = torch.tensor([-score for _, score, _ in expected], dtype=torch.double)
    torch.testing.assert_close(torch.tensor(found.scores[0], dtype=torch.double), worth)


def by_hand(seed, limit, width, penalty):
    """Beam search on lists, a hypothesis at a time: (tokens, the end mark if it came)."""
    worth = lambda said: log_p(seed, said)[0] / max(len(said), 1) ** penalty  # noqa: E731
    kept = [[]]
    for _ in range(limit):
        over = [said for said in kept if said[-1:] == [END]]
        going = [said for said in kept if said[-1:] != [END]]
        kept = sorted(over + [[*said, w] for said in going for w in range(V)], key=worth)[-width:]
    return {tuple(said) for said in kept}


@pytest.mark.parametrize("width", [2, 3, 5])
@pytest.mark.parametrize("penalty", [0.0, 0.7, 1.0, 2.0])
@pytest.mark.parametrize("seed", range(4))
def test_what_is_kept_is_what_a_search_on_lists_keeps(seed, penalty, width):
    found = searched(seed, limit=4, width=width, penalty=penalty)
    ended = (len(said) < 4 for said in found.tokens[0])  # of four tokens it may have come fifth
    kept = {(*said, *[END] * e) for said, e in zip(found.tokens[0], ended, strict=True)}
    assert kept == by_hand(seed, 4, width, penalty)


@pytest.mark.parametrize("width", [2, 3, 7])
@pytest.mark.parametrize("penalty", [0.0, 1.0])
def test_scores_are_the_log_probability_of_what_is_said(width, penalty):
    found = searched(3, 2, limit=5, width=width, penalty=penalty)
    for row, (said, scores, ended) in enumerate(zip(*found, strict=True)):
        assert len(said) == width
        assert len({tuple(one) for one in said}) == width
        for tokens, score, whole in zip(said, scores, ended, strict=True):
            complete = tokens + [END] * whole
            total, _ = log_p(3, complete, row, B=2)
            assert score == pytest.approx(total / len(complete) ** penalty)


def test_a_batch_is_searched_as_its_members_are():
    together = searched(5, 4, limit=6, width=3)
    step, state, pick = table(5, B=4)
    for row in range(4):
        alone = beam(step, pick(state, torch.tensor([row])), 1, start=START, end=END, limit=6,
                     width=3, pick=pick)  # fmt: skip
        assert alone.tokens[0] == together.tokens[row]
        assert alone.finished[0] == together.finished[row]


def scripted(probabilities):
    """A model whose next-token probabilities are given by what was said: {(): {3: 0.6, …}, …}."""
    names = {}

    def step(token, state):
        state = [[*said, one] for said, one in zip(state, token.tolist(), strict=True)]
        p = torch.full((len(state), V), 1e-9, dtype=torch.double)
        for row, said in enumerate(state):
            names[row] = said
            for word, share in probabilities.get(tuple(said[1:]), {END: 1.0}).items():
                p[row, word] = share
        return p.log(), state

    return step, [[]], lambda state, rows: [state[row] for row in rows.tolist()]


GARDEN = {(): {3: 0.6, 4: 0.4}, (3,): {3: 0.35, 4: 0.35, END: 0.3}, (4,): {3: 0.9, END: 0.1}}


def test_two_beginnings_find_what_greed_misses():
    """3 is likelier than 4, but 4 3 (0.36) is likelier than anything that begins with 3."""
    step, state, pick = scripted(GARDEN)
    options = {"start": START, "end": END, "limit": 4}
    assert greedy(step, state, 1, **options).tokens == [[3, 3]]
    found = beam(step, state, 1, width=2, pick=pick, penalty=0.0, **options)
    assert found.tokens[0][0] == [4, 3]
    assert found.scores[0][0] == pytest.approx(math.log(0.36), abs=1e-6)


@pytest.mark.parametrize(("penalty", "best"), [(0.0, []), (1.0, [3, 3, 3, 3])])
def test_the_plain_probability_prefers_what_is_short(penalty, best):
    """Four tokens at 0.5, 0.9, 0.9, 0.9 against the end at once, at 0.5 less a little."""
    going = {(3,) * n: {3: 0.9, 4: 0.1} for n in range(1, 4)} | {(): {3: 0.49, END: 0.51}}
    step, state, pick = scripted(going)
    found = beam(step, state, 1, start=START, end=END, limit=6, width=3, pick=pick, penalty=penalty)
    assert found.tokens[0][0] == best


def test_a_finished_hypothesis_stays_as_it_is():
    step, state, pick = scripted({(): {END: 0.6, 3: 0.4}, (3,): {3: 1.0}, (3, 3): {3: 1.0}})
    found = beam(step, state, 1, start=START, end=END, limit=3, width=2, pick=pick, penalty=0.0)
    assert found.tokens[0] == [[], [3, 3, 3]]
    assert found.scores[0] == pytest.approx([math.log(0.6), math.log(0.4)], abs=1e-6)


def test_what_the_limit_cuts_off_says_so_and_comes_last():
    endless = {(3,) * n: {3: 0.99, END: 0.01} for n in range(9)}
    step, state, pick = scripted(endless)
    found = beam(step, state, 1, start=START, end=END, limit=4, width=3, pick=pick)
    assert found.finished[0] == [True, True, False]
    assert found.tokens[0][-1] == [3, 3, 3, 3]


@pytest.mark.parametrize("make", [models.EncoderDecoder, models.AttentiveEncoderDecoder])
def test_models_are_searched_with_their_own_states(make):
    """Width 1 is greedy for sources of different lengths; scores are those of teacher forcing."""
    torch.manual_seed(3)
    net = make(10, 8, hidden_size=12, embedding=5).double().eval()
    for p in net.parameters():
        p.data *= 3  # less even than a new network
    source, lengths = torch.randint(3, 10, (4, 5)), torch.tensor([5, 2, 4, 1])
    options = {"start": START, "end": END, "limit": 6}
    state = net.start(source, lengths)
    plain = greedy(net.step, state, 4, **options)
    one, five = (
        beam(net.step, state, 4, width=width, pick=net.pick, penalty=0.0, **options)
        for width in (1, 5)
    )
    assert [said for (said,) in one.tokens] == plain.tokens
    for row in range(4):
        target = torch.tensor([[START, *five.tokens[row][0]]])
        logits = net(source[row : row + 1, : lengths[row]], lengths[row : row + 1], target)[0]
        said = torch.tensor(five.tokens[row][0] + [END] * five.finished[row][0])
        total = logits[: len(said)].log_softmax(1).gather(1, said[:, None]).sum()
        assert five.scores[row][0] == pytest.approx(total.item(), abs=1e-9)


@pytest.mark.parametrize(("limit", "width"), [(0, 3), (3, 0)])
def test_nothing_to_search_is_refused(limit, width):
    with pytest.raises(ValueError, match=f"limit is {limit} and width is {width}"):
        searched(0, limit=limit, width=width)
