"""Greedy decoding, by hand on models small enough to follow."""

import pytest
import torch

from rnncourse import models
from rnncourse.decoding import greedy

START, END = 1, 2
NEXT = torch.tensor([0, 3, 0, 4, 5, 2, 7, 6])  # 1 → 3 → 4 → 5 → end; 6 → 7 → 6 → … for ever


def chain(token, state):
    """The likeliest next token is NEXT[token]; the state counts the steps."""
    return torch.eye(8)[NEXT[token]], state + 1


def test_greedy_follows_the_likeliest_token_to_the_end_mark():
    said = greedy(chain, torch.zeros(2), 2, start=START, end=END, limit=9)
    assert said.tokens == [[3, 4, 5], [3, 4, 5]]
    assert said.finished == [True, True]


def test_what_is_cut_off_says_so():
    said = greedy(chain, torch.zeros(1), 1, start=6, end=END, limit=4)
    assert said.tokens == [[7, 6, 7, 6]]
    assert said.finished == [False]


@pytest.mark.parametrize(("limit", "finished"), [(2, False), (3, True)])
def test_the_end_mark_does_not_count_against_the_limit(limit, finished):
    said = greedy(chain, torch.zeros(1), 1, start=START, end=END, limit=limit)
    assert said.tokens == [[3, 4, 5][:limit]]
    assert said.finished == [finished]


def test_it_stops_when_all_have_ended():
    steps = []

    def counted(token, state):
        steps.append(token.tolist())
        return chain(token, state)

    greedy(counted, torch.zeros(1), 1, start=START, end=END, limit=100)
    assert steps == [[1], [3], [4], [5]]


def test_after_its_end_mark_a_sequence_is_not_heard():
    """Row 0 ends at once and would go on talking; row 1 takes three tokens."""
    script = torch.tensor([[2, 3], [4, 4], [2, 5], [7, 2]])  # step × row

    def scripted(token, place):
        return torch.eye(8)[script[place]], place + 1

    said = greedy(scripted, 0, 2, start=START, end=END, limit=9)
    assert said.tokens == [[], [3, 4, 5]]
    assert said.finished == [True, True]


def test_a_limit_of_nothing_is_refused():
    with pytest.raises(ValueError, match="limit is 0"):
        greedy(chain, torch.zeros(1), 1, start=START, end=END, limit=0)


def model():
    torch.manual_seed(3)
    return models.EncoderDecoder(10, 8, hidden_size=12, embedding=5).double().eval()


def by_hand(net, source, limit):
    """argmax over the logits for all that was said so far, from the start each time."""
    said = [START]
    while len(said) <= limit:
        logits = net(source[None], torch.tensor([len(source)]), torch.tensor([said]))
        best = logits[0, -1].argmax().item()
        if best == END:
            return said[1:], True
        said.append(best)
    logits = net(source[None], torch.tensor([len(source)]), torch.tensor([said]))
    return said[1:], logits[0, -1].argmax().item() == END


def test_greedy_is_argmax_by_hand_and_a_batch_its_members():
    net = model()
    sources = [torch.tensor(one) for one in ([3, 4, 5], [6], [7, 8, 9, 3, 4], [5, 5])]
    lengths = torch.tensor([len(one) for one in sources])
    padded = torch.nn.utils.rnn.pad_sequence(sources, batch_first=True)
    said = greedy(net.step, net.start(padded, lengths), 4, start=START, end=END, limit=6)
    expected = [by_hand(net, one, 6) for one in sources]
    assert said.tokens == [tokens for tokens, _ in expected]
    assert said.finished == [finished for _, finished in expected]


def test_no_gradient_is_recorded():
    net, seen = model(), []

    def step(token, state):
        logits, state = net.step(token, state)
        seen.append(logits.requires_grad)
        return logits, state

    state = net.start(torch.tensor([[3]]), torch.tensor([1]))
    greedy(step, state, 1, start=START, end=END, limit=2)
    assert not any(seen)
