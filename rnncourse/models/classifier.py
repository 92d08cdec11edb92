"""Many-to-one: read a sequence to its end, then say what it is."""

import torch
from torch import nn

from rnncourse.layers import GRU


class Classifier(nn.Module):
    """A sequence → one class.

    input_size: features of a step, or, with `tokens`, numbers in a token's embedding.
    tokens: how many different tokens there are, if steps are token numbers; None for features.
    read: what of the states is shown to the read-out: "last" (the state after the last real step
        of each direction), "mean" (of all real steps) or "both".
    cell, num_layers, bidirectional: the recurrent layers; `between` is the dropout between them.
    dropout: of what is read out; input_dropout: of the inputs, both in training only.
    """

    def __init__(
        self,
        input_size,
        hidden_size,
        classes,
        *,
        tokens=None,
        read="both",
        cell=GRU,
        num_layers=1,
        bidirectional=True,
        between=0.0,
        dropout=0.0,
        input_dropout=0.0,
    ):
        super().__init__()
        if read not in ("last", "mean", "both"):
            raise ValueError(f'read is {read!r}, but there are only "last", "mean" and "both"')
        self.embedding = nn.Embedding(tokens, input_size) if tokens else nn.Identity()
        self.input_dropout = nn.Dropout(input_dropout)
        self.rnn = cell(
            input_size,
            hidden_size,
            num_layers,
            batch_first=True,
            dropout=between,
            bidirectional=bidirectional,
        )
        width = hidden_size * self.rnn.num_directions
        self.read = read
        self.dropout = nn.Dropout(dropout)
        self.read_out = nn.Linear(2 * width if read == "both" else width, classes)

    def forward(self, x, lengths):
        """x (B, T, input_size), or (B, T) token numbers; lengths (B,) → logits (B, classes)."""
        x = self.input_dropout(self.embedding(x))
        h, state = self.rnn(x, lengths=lengths)  # (B, T, directions · H), zero beyond lengths
        last = state[0] if isinstance(state, tuple) else state  # of an LSTM: h, not c
        last = torch.cat([*last[-self.rnn.num_directions :]], dim=1)  # (B, directions · H)
        mean = h.sum(1) / lengths[:, None]
        shown = {"last": [last], "mean": [mean], "both": [mean, last]}[self.read]
        return self.read_out(self.dropout(torch.cat(shown, dim=1)))
