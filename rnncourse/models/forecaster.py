"""The next day from the last ones: a step is a day, and the answer is a change of yesterday."""

import torch
from torch import nn

from rnncourse.layers import LSTM


class Forecaster(nn.Module):
    """The last `days` · `hours` values → the next `hours` values.

    extra: how many more features come with each day, say what is known of the day that is asked
        for. The network reads day after day; what it answers is added to the last day, so that
        knowing nothing it says that tomorrow is as today.
    """

    def __init__(self, hidden_size=32, hours=24, extra=0, cell=LSTM, dropout=0.0):
        super().__init__()
        self.hours = hours
        self.rnn = cell(hours + extra, hidden_size, batch_first=True)
        self.dropout = nn.Dropout(dropout)
        self.read_out = nn.Linear(hidden_size, hours)

    def forward(self, past, extra=None):
        """past (B, days · hours), extra (B, days, E) → (B, hours)."""
        x = past.unflatten(1, (-1, self.hours))  # (B, days, hours)
        yesterday = x[:, -1]
        if extra is not None:
            x = torch.cat([x, extra], dim=2)
        h, _ = self.rnn(x)
        return yesterday + self.read_out(self.dropout(h[:, -1]))
