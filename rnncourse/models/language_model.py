"""Many-to-many, aligned, and its own input: read a text token by token, say what comes next."""

from torch import nn

from rnncourse.layers import GRU


class LanguageModel(nn.Module):
    """Tokens so far → the logits of the next one, at each step.

    tokens: size of the vocabulary (characters or words), embedded in `embedding` numbers.
    cell, num_layers: the recurrent layers; `between` is the dropout between them.
    dropout: of the embedded tokens and of what is read out, in training only.

    The state is the layers' own: h (layers, B, H), for an LSTM the pair (h, c), None at the
    beginning of a text. Whoever carries it on may read a text in pieces of any length.
    """

    def __init__(
        self,
        tokens,
        hidden_size=256,
        embedding=32,
        *,
        cell=GRU,
        num_layers=1,
        between=0.0,
        dropout=0.0,
    ):
        super().__init__()
        self.embedding = nn.Embedding(tokens, embedding)
        self.rnn = cell(embedding, hidden_size, num_layers, batch_first=True, dropout=between)
        self.dropout = nn.Dropout(dropout)
        self.read_out = nn.Linear(hidden_size, tokens)

    def forward(self, text, state=None):
        """text (B, T) int64 and the state before it → logits (B, T, tokens), the state after it.

        logits[:, t] are those for the token after text[:, t].
        """
        h, state = self.rnn(self.dropout(self.embedding(text)), state)
        return self.read_out(self.dropout(h)), state

    def step(self, token, state=None):
        """One token on: token (B,) and state → logits (B, tokens) for the next, state."""
        logits, state = self.forward(token[:, None], state)
        return logits[:, 0], state
