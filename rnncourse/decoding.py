"""From a model that scores the next token to a sequence: pure functions of its `step`.

`step(token, state) → logits, state`: token (B,) int64, logits (B, V), state whatever the model
carries from step to step. Captioner and EncoderDecoder have one, with `start` for the first state;
LanguageModel has one whose first state is None.
"""

import math
from typing import NamedTuple

import torch


class Decoded(NamedTuple):
    """tokens: B lists of token numbers, without start and end mark. finished: B bools, False where
    the end mark had not come when the limit was reached, so that the sequence is cut off."""

    tokens: list[list[int]]
    finished: list[bool]


@torch.no_grad()
def greedy(step, state, batch_size, *, start, end, limit):
    """Take the likeliest token at each step, B = batch_size sequences side by side → Decoded.

    start, end: numbers of the two marks; limit: the most tokens a sequence may have, the end mark
    not counted. A sequence ends with its own end mark; what the model says to it afterwards, while
    others go on, is not heard. Of equally likely tokens the first in the vocabulary is taken.

    Raises ValueError if limit is below 1.

    >>> greedy(model.step, model.start(pictures), len(pictures), start=1, end=2, limit=9)
    """
    if limit < 1:
        raise ValueError(f"limit is {limit}, but a sequence must be allowed one token at least")
    tokens = [[] for _ in range(batch_size)]
    finished = [False] * batch_size
    token = torch.full((batch_size,), start)
    for place in range(limit + 1):  # one more, for the end mark of the longest
        logits, state = step(token, state)
        token = logits.argmax(dim=1)
        for row, number in enumerate(token.tolist()):
            if not finished[row] and number == end:
                finished[row] = True
            elif not finished[row] and place < limit:
                tokens[row].append(number)
        if all(finished):
            break
    return Decoded(tokens, finished)


class Beams(NamedTuple):
    """For each of B sequences its hypotheses, finished ones first, the best of them in front.

    tokens without start and end mark; scores, log p over length to the power of `penalty`, the end
    mark counted where there is one; finished: False where the limit cut the hypothesis off.
    """

    tokens: list[list[list[int]]]
    scores: list[list[float]]
    finished: list[list[bool]]


@torch.no_grad()
def beam(step, state, batch_size, *, start, end, limit, width, pick, penalty=1.0):
    """Keep the `width` best beginnings at each step, B = batch_size sequences → Beams.

    pick(state, rows): the state of these rows of the batch; a model of the course has one.
    penalty: a hypothesis is worth its log probability, in nats, divided by its length (the end mark
        counted) to this power: 0 is the plain probability, which is the smaller the longer a
        hypothesis is; 1 the mean of a token. Ranked by it at each step, finished ones too, which
        keep their place in the beam until something better pushes them out.
    start, end, limit: as in `greedy`, which is a beam of width 1: at the limit a hypothesis is
        finished if the end mark is the likeliest token. A beam that nothing falls out of is an
        exhaustive search. Fewer than `width` come back where there are not so many.

    Raises ValueError if limit or width is below 1.

    >>> beam(net.step, net.start(x, lengths), len(x), start=1, end=2, limit=9, width=4,
    ...      pick=net.pick)
    """
    if min(limit, width) < 1:
        raise ValueError(f"limit is {limit} and width is {width}, but both must be 1 at least")
    B, W = batch_size, width
    rows = torch.arange(B).repeat_interleave(W)  # of the first state
    state, token = pick(state, rows), torch.full((B * W,), start)
    tokens = torch.empty(B, W, 0, dtype=torch.long)
    log_p = torch.full((B, W), -math.inf).index_fill(1, torch.tensor(0), 0.0)  # one beginning
    length, done = torch.zeros(B, W), torch.zeros(B, W, dtype=torch.bool)
    for place in range(limit + 1):  # one more, for the end mark of the longest
        logits, state = step(token, state)
        more = logits.log_softmax(dim=1).view(B, W, -1)  # (B, W, V)
        if place == limit:  # only the end mark can still come
            best = more.argmax(dim=2)
            ends = ~done & (best == end)
            log_p = log_p + torch.where(ends, more.amax(dim=2), 0)
            length, done = length + ends, done | ends
            break
        V = more.shape[2]
        stays = torch.full((V,), -math.inf, dtype=more.dtype).index_fill(0, torch.tensor(end), 0.0)
        more = torch.where(done[..., None], stays, more)  # a finished one goes on as it is
        total = log_p[..., None] + more
        size = (length + ~done)[..., None]
        worth = total / size.clamp(min=1) ** penalty
        chosen = worth.flatten(1).sort(dim=1, descending=True, stable=True).indices[:, :W]
        before, token = chosen // V, chosen % V
        log_p = total.flatten(1).gather(1, chosen)
        length = (length + ~done).gather(1, before)
        done = done.gather(1, before)
        tokens = tokens.gather(1, before[..., None].expand(-1, -1, place))
        tokens = torch.cat([tokens, token[..., None]], dim=2)
        done = done | (token == end)
        if done[log_p > -math.inf].all():
            break
        token = token.flatten()
        state = pick(state, (before + W * torch.arange(B)[:, None]).flatten())
    return _ranked(tokens, log_p, length, done, end, penalty)


def _ranked(tokens, log_p, length, done, end, penalty):
    """The hypotheses of `beam` as lists, in order."""
    beams = Beams([], [], [])
    worth = log_p / length.clamp(min=1) ** penalty
    for said, scores, ended in zip(tokens.tolist(), worth.tolist(), done.tolist(), strict=True):
        there = [k for k, score in enumerate(scores) if score > -math.inf]
        there.sort(key=lambda k: (not ended[k], -scores[k]))
        beams.tokens.append([said[k][: (said[k] + [end]).index(end)] for k in there])
        beams.scores.append([scores[k] for k in there])
        beams.finished.append([ended[k] for k in there])
    return beams


def next_distribution(logits, *, temperature=1.0, top_k=None, top_p=None):
    """The distribution that `sample` draws the next token from: logits (B, V) → (B, V), sums 1.

    temperature: logits are divided by it: below 1 the likely becomes likelier, above 1 all become
        more alike; at 0 the likeliest token has it all, of equals the first in the vocabulary.
    top_k: only the k likeliest tokens keep a probability (Fan, Lewis and Dauphin, 2018).
    top_p: only the nucleus does (Holtzman and others, 2020): of the likeliest tokens as few as
        have together a probability of top_p or more.
    In this order; what is kept is divided by its sum. Of equally likely tokens the first in the
    vocabulary goes before.

    Raises ValueError for a temperature below 0, a top_k below 1, a top_p outside (0, 1], or logits
    that have no largest one.
    """
    if not temperature >= 0:
        raise ValueError(f"temperature is {temperature}, but it must be 0 (greedy) or more")
    if top_k is not None and top_k < 1:
        raise ValueError(f"top_k is {top_k}, but one token at least must be left to draw from")
    if top_p is not None and not 0 < top_p <= 1:
        raise ValueError(f"top_p is {top_p}, but it is a probability above 0 and at most 1")
    if not torch.isfinite(logits.amax(dim=1)).all():
        raise ValueError("the largest logit is no finite number, so there is no distribution")
    ordered, tokens = logits.sort(dim=1, descending=True, stable=True)
    if temperature == 0:
        temperature, top_k = 1.0, 1
    p = ((ordered - ordered[:, :1]) / temperature).softmax(dim=1)  # likeliest first
    if top_k is not None:
        p[:, top_k:] = 0
        p /= p.sum(dim=1, keepdim=True)
    if top_p is not None:
        before = p.cumsum(dim=1) - p  # of all that are likelier
        p = p.masked_fill(before >= top_p, 0)
        p /= p.sum(dim=1, keepdim=True)
    return torch.empty_like(p).scatter_(1, tokens, p)


@torch.no_grad()
def sample(
    step,
    state,
    batch_size,
    *,
    start,
    limit,
    end=None,
    temperature=1.0,
    top_k=None,
    top_p=None,
    generator=None,
):
    """Draw each token from what the model says of it, B = batch_size sequences → Decoded.

    start: the token that is read first, or (B,) of them; to go on from a text, let the model read
        all but its last token and give `state` and that token.
    limit, end: as in `greedy`; without an end mark every sequence has `limit` tokens.
    temperature, top_k, top_p: as in `next_distribution`.
    generator: a torch.Generator: the same seed draws the same; without one, torch's own.

    Raises ValueError if limit is below 1, and as `next_distribution` does.

    >>> dice = torch.Generator().manual_seed(7)
    >>> sample(model.step, None, 4, start=newline, limit=200, temperature=0.8, generator=dice)
    """
    if limit < 1:
        raise ValueError(f"limit is {limit}, but a sequence must be allowed one token at least")
    tokens = [[] for _ in range(batch_size)]
    finished = [False] * batch_size
    token = torch.as_tensor(start).expand(batch_size)
    for place in range(limit + (end is not None)):  # one more, for the end mark of the longest
        logits, state = step(token, state)
        p = next_distribution(logits, temperature=temperature, top_k=top_k, top_p=top_p)
        token = torch.multinomial(p, 1, generator=generator)[:, 0]
        for row, number in enumerate(token.tolist()):
            if not finished[row] and number == end:
                finished[row] = True
            elif not finished[row] and place < limit:
                tokens[row].append(number)
        if all(finished):
            break
    return Decoded(tokens, finished)
