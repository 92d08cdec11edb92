"""Many-to-many, unaligned: read a sequence to its end, then write another.

Sutskever, Vinyals and Le (2014); Cho et al. (2014). All that the decoder ever hears of the source
is one vector of fixed size, its first state.
"""

import torch
from torch import nn

from rnncourse.layers import GRU


class EncoderDecoder(nn.Module):
    """A sequence of tokens → a sequence of other tokens, of any length; no attention.

    source_tokens, target_tokens: sizes of the two vocabularies; tokens are embedded in `embedding`
    numbers. The encoder reads in both directions; its two last states become the decoder's first.
    """

    def __init__(self, source_tokens, target_tokens, hidden_size=128, embedding=32, dropout=0.0):
        super().__init__()
        self.source_embedding = nn.Embedding(source_tokens, embedding)
        self.target_embedding = nn.Embedding(target_tokens, embedding)
        self.encoder = GRU(embedding, hidden_size, batch_first=True, bidirectional=True)
        self.bridge = nn.Linear(2 * hidden_size, hidden_size)
        self.decoder = GRU(embedding, hidden_size, batch_first=True)
        self.dropout = nn.Dropout(dropout)
        self.read_out = nn.Linear(hidden_size, target_tokens)

    def start(self, source, lengths):
        """source (B, S) token numbers, lengths (B,) → the decoder's first state (1, B, H)."""
        _, h = self.encoder(self.dropout(self.source_embedding(source)), lengths=lengths)
        return torch.tanh(self.bridge(torch.cat([h[0], h[1]], dim=1)))[None]

    def forward(self, source, lengths, target):
        """Teacher forcing: target (B, T), the start mark first → logits (B, T, target_tokens).

        logits[:, t] are those for the token after target[:, t], whatever the model would have
        said before: in training it is shown the truth.
        """
        return self._continue(target, self.start(source, lengths))[0]

    def step(self, token, state):
        """One token on: token (B,), state (1, B, H) → logits (B, target_tokens), state."""
        logits, state = self._continue(token[:, None], state)
        return logits[:, 0], state

    @staticmethod
    def pick(state, rows):
        """The state of these rows of the batch, in this order and as often as they are named."""
        return state[:, rows]

    def _continue(self, target, state):
        h, state = self.decoder(self.dropout(self.target_embedding(target)), state)
        return self.read_out(self.dropout(h)), state
