"""The language model without a network: counts of what followed what, smoothed.

An n-gram predicts a token from the n − 1 before it. Witten and Bell (1991) mix the counts after
the whole context with what the context shortened by its oldest token says, and so on down to no
context at all and then to all tokens alike: after a context seen N(c) times with U(c) different
tokens,

    p(w | c) = (N(c w) + U(c) · p(w | shorter c)) / (N(c) + U(c))

so that a context that has been followed by ever new tokens trusts its own counts less.
"""

from __future__ import annotations

import numpy as np
import torch


class NGram:
    """Witten–Bell n-gram of tokens 0 … V − 1, with at most order − 1 tokens of context.

    texts: sequences of token numbers, (T_b,) each; no context reaches from one into another.

    Raises ValueError if order is below 1, there is no token, one is not below V, or V is so large
    that a context cannot be numbered.
    """

    def __init__(self, texts, V, order=6):
        texts = [np.asarray(text, dtype=np.int64) for text in texts]
        if order < 1:
            raise ValueError(f"order is {order}, but an n-gram has one token at least")
        if not sum(map(len, texts)):
            raise ValueError("there is no token to count")
        if (
            min(text.min() for text in texts if len(text)) < 0
            or max(text.max() for text in texts if len(text)) >= V
        ):
            raise ValueError(f"tokens must be from 0 to {V - 1}: V is {V}")
        if V**order >= 2**63:
            raise ValueError(f"{V} tokens to the power of {order} are more than 63 bits can number")
        self.V, self.order = V, order
        self.counts = []  # for each length of context: (its numbers, N, U), (with token, N)
        for length in range(order):
            grams = np.concatenate([self._numbers(text, length + 1) for text in texts])
            with_token, times = np.unique(grams, return_counts=True)
            contexts, first = np.unique(with_token // V, return_index=True)
            seen = np.add.reduceat(times, first) if len(times) else times
            different = np.diff(np.append(first, len(with_token)))
            self.counts.append(((contexts, seen, different), (with_token, times)))

    def _numbers(self, text, length):
        """(T − length + 1,): each run of `length` tokens as one number, the oldest leading."""
        if len(text) < length:
            return np.empty(0, np.int64)
        number = np.zeros(len(text) - length + 1, np.int64)
        for place in range(length):
            number = number * self.V + text[place : place + len(number)]
        return number

    def _mix(self, p, length, contexts, grams):
        """One token more of context: p of the shorter ones → p, for these numbers of both."""
        (known, seen, different), (with_token, times) = self.counts[length]
        N, U = _look_up(known, contexts, seen, different)
        (n,) = _look_up(with_token, grams, times)
        return np.where(N > 0, (n + U * p) / np.maximum(N + U, 1), p)

    def probabilities(self, context=()):
        """(V,) that sum to 1: each token's, after the last order − 1 tokens of context."""
        context = np.asarray(context, dtype=np.int64)
        p, tokens = np.full(self.V, 1 / self.V), np.arange(self.V)
        for length in range(min(self.order - 1, len(context)) + 1):
            number = self._numbers(context[len(context) - length :], length)[:1]
            number = number if length else np.zeros(1, np.int64)
            p = self._mix(p, length, np.repeat(number, self.V), number * self.V + tokens)
        return p

    def nats(self, text):
        """(T,): minus the log of the probability of each token of a text, after those before it."""
        text = np.asarray(text, dtype=np.int64)
        p = np.full(len(text), 1 / self.V)
        for length in range(min(self.order, len(text))):
            grams = self._numbers(text, length + 1)  # ends at token `length` and later
            p[length:] = self._mix(p[length:], length, grams // self.V, grams)
        return -np.log(p)

    def step(self, token, state=None):
        """As a network's, for `decoding`: token (B,) → logits (B, V); state: tokens so far."""
        token = torch.as_tensor(token)[:, None]
        state = token if state is None else torch.cat([state, token], dim=1)
        state = state[:, max(0, state.shape[1] - self.order + 1) :]
        rows = [self.probabilities(row) for row in state.numpy()]
        return torch.tensor(np.log(rows)), state


def _look_up(known, asked, *values):
    """The values of what is asked, found in `known`, which ascends; 0 for what is not there."""
    place = np.minimum(np.searchsorted(known, asked), len(known) - 1) if len(known) else None
    if place is None:
        return [np.zeros(len(asked), np.int64) for _ in values]
    there = known[place] == asked
    return [np.where(there, value[place], 0) for value in values]
