"""Many-to-many, aligned, without a recurrence: at each step look back at all tokens so far."""

import math

import torch
import torch.nn.functional as F
from torch import nn


class Transformer(nn.Module):
    """Tokens so far → the logits of the next one, at each step, by causal self-attention.

    The decoder of Vaswani et al. (2017) alone, with its norms before each part and its weights
    drawn as in GPT-2; called as `LanguageModel` is.

    tokens: size of the vocabulary. width: numbers of a token; depth: blocks; heads: of attention,
        width / heads numbers each.
    context: the longest text that it can read; each place in it has a learned vector of its own.
    explicit: compute the (T, T) matrix of weights, as the formula is written. Otherwise torch's
        fused attention computes the same without ever holding the whole matrix.

    The state is what it keeps of the text: keys and values (B, heads, T, width / heads) of each
    block, growing by a column a token; None at the beginning.
    """

    def __init__(self, tokens, width=128, depth=4, heads=4, context=64, explicit=False):
        super().__init__()
        if width % heads:
            raise ValueError(f"width {width} cannot be shared by {heads} heads")
        self.embedding, self.place = nn.Embedding(tokens, width), nn.Embedding(context, width)
        self.blocks = nn.ModuleList(Block(width, heads, explicit) for _ in range(depth))
        self.norm = nn.LayerNorm(width)
        self.read_out = nn.Linear(width, tokens)
        for module in self.modules():
            if isinstance(module, nn.Embedding | nn.Linear):
                nn.init.normal_(module.weight, std=0.02)
            if isinstance(module, nn.Linear):
                nn.init.zeros_(module.bias)

    def forward(self, text, state=None):
        """text (B, T) int64 and the state before it → logits (B, T, tokens), the state after it.

        Raises ValueError if the text has become longer than the context.
        """
        before, context = (state[0][0].shape[2] if state else 0), len(self.place.weight)
        end = before + text.shape[1]
        if end > context:
            raise ValueError(
                f"the text has {end} tokens, but this Transformer has places for {context}: keep "
                "the last ones only and start anew, or make it with a larger context"
            )
        x = self.embedding(text) + self.place.weight[before:end]
        kept = []
        for number, block in enumerate(self.blocks):
            x, cache = block(x, state[number] if state else None)
            kept.append(cache)
        return self.read_out(self.norm(x)), tuple(kept)

    def step(self, token, state=None):
        """One token on: token (B,) and state → logits (B, tokens) for the next, state."""
        logits, state = self.forward(token[:, None], state)
        return logits[:, 0], state


class Block(nn.Module):
    """Attention, then a network of two layers at each place; each adds to what it reads."""

    def __init__(self, width, heads, explicit):
        super().__init__()
        self.heads, self.attend = heads, explicit_attention if explicit else fused_attention
        self.before_attention, self.before_network = nn.LayerNorm(width), nn.LayerNorm(width)
        self.qkv, self.merge = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.network = nn.Sequential(
            nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width)
        )

    def forward(self, x, cache=None):
        """x (B, T, width), cache (keys, values) of the places before → x, (keys, values)."""
        B, T, width = x.shape
        qkv = self.qkv(self.before_attention(x)).view(B, T, 3, self.heads, -1)
        q, k, v = qkv.permute(2, 0, 3, 1, 4)  # (B, heads, T, width / heads) each
        if cache is not None:
            k, v = (torch.cat(pair, 2) for pair in zip(cache, (k, v), strict=True))
        seen = self.attend(q, k, v).transpose(1, 2).reshape(B, T, width)
        x = x + self.merge(seen)
        return x + self.network(self.before_network(x)), (k, v)


def past(T, S):
    """(T, S) bool: which of S places the last T of them may look at."""
    return torch.ones(T, S, dtype=torch.bool).tril(S - T)


def explicit_attention(q, k, v):
    """softmax(q kᵀ / √d) v, as it is written: q (B, heads, T, d), k, v (B, heads, S, d) → as q.

    The queries are those of the last T places, and look at no later one.
    """
    scores = q @ k.mT / math.sqrt(q.shape[-1])  # (B, heads, T, S)
    scores = scores.masked_fill(~past(*scores.shape[2:]).to(q.device), -math.inf)
    return scores.softmax(-1) @ v


def fused_attention(q, k, v):
    """The same, by torch's kernel, which works through the matrix in blocks."""
    T, S = q.shape[2], k.shape[2]
    if T == S:
        return F.scaled_dot_product_attention(q, k, v, is_causal=True)
    mask = None if T == 1 else past(T, S).to(q.device)
    return F.scaled_dot_product_attention(q, k, v, mask)
