"""Many-to-many, unaligned, looking back: the decoder sees all of the source at each step."""

from typing import NamedTuple

import torch
from torch import nn

from rnncourse.attention import Additive, Multiplicative, attend
from rnncourse.layers import GRU


class State(NamedTuple):
    """What the decoder carries. h (1, B, H): its own state; memory (B, S, H), keys (B, S, …) and
    real (B, S): the source, which stays as it is."""

    h: torch.Tensor
    memory: torch.Tensor
    keys: torch.Tensor
    real: torch.Tensor


class AttentiveEncoderDecoder(nn.Module):
    """A sequence of tokens → a sequence of other tokens, of any length, with attention.

    source_tokens, target_tokens, hidden_size, embedding, dropout: as in EncoderDecoder.
    attention: "additive" asks with the state *before* the step and puts the context beside the
        step's input (Bahdanau, Cho and Bengio, 2015). "dot" and "general" ask with the state
        *after* the step and put the context before the read-out (Luong, Pham and Manning, 2015),
        so that, with the truth at hand, all steps can be asked at once.
    """

    def __init__(
        self,
        source_tokens,
        target_tokens,
        hidden_size=128,
        embedding=32,
        attention="additive",
        dropout=0.0,
    ):
        super().__init__()
        if attention not in ("additive", "dot", "general"):
            raise ValueError(
                f'attention is {attention!r}, but there are only "additive", "dot" and "general"'
            )
        H = hidden_size
        self.additive = attention == "additive"
        self.source_embedding = nn.Embedding(source_tokens, embedding)
        self.target_embedding = nn.Embedding(target_tokens, embedding)
        self.encoder = GRU(embedding, H, batch_first=True, bidirectional=True)
        self.bridge = nn.Linear(2 * H, H)
        self.memory = nn.Linear(2 * H, H)  # a place as wide as the decoder's state
        self.score = (
            Additive(H, H, H) if self.additive else Multiplicative(H, H, attention != "dot")
        )
        self.decoder = GRU(embedding + H if self.additive else embedding, H, batch_first=True)
        self.combine = nn.Linear(2 * H, H)
        self.dropout = nn.Dropout(dropout)
        self.read_out = nn.Linear(H, target_tokens)

    def start(self, source, lengths):
        """source (B, S) token numbers, lengths (B,) → the decoder's first State."""
        out, h = self.encoder(self.dropout(self.source_embedding(source)), lengths=lengths)
        first = torch.tanh(self.bridge(torch.cat([h[0], h[1]], dim=1)))  # (B, H)
        memory = self.memory(out)  # (B, S, H)
        real = torch.arange(source.shape[1], device=source.device) < lengths[:, None]
        return State(first[None], memory, self.score.keys(memory), real)

    def forward(self, source, lengths, target):
        """Teacher forcing: target (B, T), the start mark first → logits (B, T, target_tokens).

        logits[:, t] are those for the token after target[:, t].
        """
        return self._continue(target, self.start(source, lengths))[0]

    def step(self, token, state):
        """One token on: token (B,), State → logits (B, target_tokens), State."""
        logits, state, _ = self._continue(token[:, None], state)
        return logits[:, 0], state

    def weights(self, source, lengths, target):
        """Where it looks: as forward, but → weights (B, T, S). weights[:, t] were used for
        logits[:, t]: rows sum to 1, padding has exactly 0."""
        return self._continue(target, self.start(source, lengths))[2]

    @staticmethod
    def pick(state, rows):
        """The State of these rows of the batch, in this order and as often as they are named."""
        h, *others = state
        return State(h[:, rows], *(part[rows] for part in others))

    def _continue(self, target, state):
        x = self.dropout(self.target_embedding(target))  # (B, T, embedding)
        if self.additive:
            return self._ask_before(x, state)
        out, h = self.decoder(x, state.h)  # (B, T, H)
        context, weights = attend(self.score(out, state.keys), state.memory, state.real)
        return self._say(out, context), state._replace(h=h), weights

    def _ask_before(self, x, state):
        outs, contexts, looked = [], [], []
        for x_t in x.unbind(dim=1):  # each question needs the answer to the one before
            scores = self.score(state.h[0], state.keys)
            context, weights = attend(scores, state.memory, state.real)
            out, h = self.decoder(torch.cat([x_t, context], dim=1)[:, None], state.h)
            state = state._replace(h=h)
            outs.append(out[:, 0]), contexts.append(context), looked.append(weights)
        out, context, weights = (torch.stack(part, dim=1) for part in (outs, contexts, looked))
        return self._say(out, context), state, weights

    def _say(self, out, context):
        both = torch.tanh(self.combine(torch.cat([out, context], dim=-1)))  # (B, T, H)
        return self.read_out(self.dropout(both))
