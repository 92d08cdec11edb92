"""Looking back: a weight for each place of a memory, and the mean of what stands there.

A query (B, …, Q) asks a memory (B, S, M) of S places, of which `real` (B, S) are no padding.
`Additive` and `Multiplicative` score how well each place answers; `attend` turns scores into
weights, zero over padding and of sum one, and into the weighted mean, which is called the context.
"""

import math

import torch
from torch import nn


def attend(scores, memory, real):
    """scores (B, …, S), memory (B, S, M), real (B, S) bool → context (B, …, M), weights (B, …, S).

    weights: the softmax over the real places; exactly 0 elsewhere. context: the memory's mean by
    these weights.

    Raises ValueError if the shapes do not fit, or a sequence has no real place to look at.
    """
    if scores.shape[0] != memory.shape[0] or scores.shape[-1] != memory.shape[1]:
        raise ValueError(
            f"scores {tuple(scores.shape)} must begin with the memory's B and end with its S, but "
            f"the memory is {tuple(memory.shape)}"
        )
    if real.shape != memory.shape[:2] or real.dtype != torch.bool:
        raise ValueError(
            f"real must be bool of shape {tuple(memory.shape[:2])}, "
            f"but it is {real.dtype} of shape {tuple(real.shape)}"
        )
    if not real.any(dim=1).all():
        row = int(real.any(dim=1).logical_not().nonzero()[0])
        raise ValueError(f"sequence {row} of the batch has no real place to look at")
    between = [1] * (scores.dim() - 2)
    here = real.view(len(real), *between, -1)  # (B, 1, …, S)
    weights = scores.masked_fill(~here, -math.inf).softmax(dim=-1)
    flat = weights.flatten(1, -2) if between else weights[:, None]  # (B, …, S) as (B, N, S)
    context = flat @ memory  # (B, N, M)
    return context.view(*weights.shape[:-1], memory.shape[-1]), weights


class Additive(nn.Module):
    """Score by a small network (Bahdanau, Cho and Bengio, 2015): v · tanh(W_q q + W_m m).

    query_size, memory_size: features of a query and of a place; hidden_size: units of the network.
    """

    def __init__(self, query_size, memory_size, hidden_size):
        super().__init__()
        self.of_query = nn.Linear(query_size, hidden_size, bias=False)
        self.of_memory = nn.Linear(memory_size, hidden_size)
        self.v = nn.Linear(hidden_size, 1, bias=False)

    def keys(self, memory):
        """What of the scores depends on the memory alone: (B, S, M) → (B, S, hidden_size)."""
        return self.of_memory(memory)

    def forward(self, query, keys):
        """query (B, Q) or (B, T, Q), keys (B, S, hidden_size) → scores (B, S) or (B, T, S)."""
        q = self.of_query(query)[..., None, :]  # (B, …, 1, hidden_size)
        k = keys if query.dim() == 2 else keys[:, None]
        return self.v(torch.tanh(q + k))[..., 0]


class Multiplicative(nn.Module):
    """Score by a product (Luong, Pham and Manning, 2015): q · m ("dot") or q · W m ("general").

    general: whether there is a matrix W (query_size, memory_size); "dot" has no weights and needs
    query and memory of one size.
    """

    def __init__(self, query_size, memory_size, general=True):
        super().__init__()
        if not general and query_size != memory_size:
            raise ValueError(
                f"a dot product needs one size, but a query has {query_size} features and a place "
                f"{memory_size}; take general=True"
            )
        self.W = nn.Linear(memory_size, query_size, bias=False) if general else nn.Identity()

    def keys(self, memory):
        """What of the scores depends on the memory alone: (B, S, M) → (B, S, Q)."""
        return self.W(memory)

    def forward(self, query, keys):
        """query (B, Q) or (B, T, Q), keys (B, S, Q) → scores (B, S) or (B, T, S)."""
        if query.dim() == 2:
            return (keys @ query[:, :, None])[..., 0]
        return query @ keys.mT
