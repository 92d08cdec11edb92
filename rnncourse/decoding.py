"""From a model that scores the next token to a sequence: pure functions of its `step`.

`step(token, state) → logits, state`: token (B,) int64, logits (B, V), state whatever the model
carries from step to step. Captioner and EncoderDecoder have one, with `start` for the first state.
"""

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
