"""Many-to-many, aligned: a class at each step of a sequence."""

from torch import nn

from rnncourse.layers import GRU


class Tagger(nn.Module):
    """A sequence → a class at each step.

    input_size: features of a step, or, with `tokens`, numbers in a token's embedding.
    tokens: how many different tokens there are, if steps are token numbers; None for features.
    bidirectional: without it the class at a step depends on this step and those before it, so that
        it can be said at once; with it also on those after it.
    cell, num_layers: the recurrent layers; `between` is the dropout between them.
    dropout: of inputs and of what is read out, in training only.
    """

    def __init__(
        self,
        input_size,
        hidden_size,
        classes,
        *,
        tokens=None,
        cell=GRU,
        num_layers=1,
        bidirectional=True,
        between=0.0,
        dropout=0.0,
    ):
        super().__init__()
        self.embedding = nn.Embedding(tokens, input_size) if tokens else nn.Identity()
        self.rnn = cell(
            input_size,
            hidden_size,
            num_layers,
            batch_first=True,
            dropout=between,
            bidirectional=bidirectional,
        )
        self.dropout = nn.Dropout(dropout)
        self.read_out = nn.Linear(hidden_size * self.rnn.num_directions, classes)

    def forward(self, x, lengths):
        """x (B, T, input_size), or (B, T) token numbers; lengths (B,) → logits (B, T, classes).

        What stands beyond a sequence's length is the same everywhere and means nothing: its
        targets are NO_TARGET for `sequence_loss`.
        """
        h, _ = self.rnn(self.dropout(self.embedding(x)), lengths=lengths)
        return self.read_out(self.dropout(h))
