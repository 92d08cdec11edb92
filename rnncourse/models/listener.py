"""Sound → a sequence of labels, without being told where each is said: convolutions, a recurrent
network in both directions, and CTC (Graves et al., 2006)."""

import torch
from torch import nn

from rnncourse.batching import mask
from rnncourse.layers import GRU


class Listener(nn.Module):
    """Frames of features → log-probabilities of labels and the blank, at a fourth of the frames.

    bands: features of a frame; labels: how many there are; the blank comes after them, the last of
    labels + 1 classes. Two convolutions over five frames each, and at every second place only, make
    four frames one. `channels` is their width, `hidden_size` that of each direction.
    """

    def __init__(self, bands, labels, channels=64, hidden_size=64, cell=GRU, dropout=0.0):
        super().__init__()
        self.first = nn.Conv1d(bands, channels, 5, stride=2, padding=2)
        self.second = nn.Conv1d(channels, channels, 5, stride=2, padding=2)
        self.rnn = cell(channels, hidden_size, batch_first=True, bidirectional=True)
        self.dropout = nn.Dropout(dropout)
        self.read_out = nn.Linear(2 * hidden_size, labels + 1)

    def forward(self, x, lengths):
        """x (B, T, bands), lengths (B,) → log-probabilities (B, ⌈T / 4⌉, labels + 1), lengths.

        What stands beyond a sequence's length changes nothing: it is set to 0, as a convolution
        takes what is beyond the end of all.
        """
        x = silenced(x.transpose(1, 2), lengths)  # (B, bands, T)
        for convolution in (self.first, self.second):
            lengths = (lengths + 1) // 2
            x = silenced(torch.relu(convolution(x)), lengths)  # (B, channels, T / 2 or T / 4)
        h, _ = self.rnn(self.dropout(x.transpose(1, 2)), lengths=lengths)
        return self.read_out(self.dropout(h)).log_softmax(2), lengths


def silenced(x, lengths):
    """x (B, C, T) with zeros beyond each sequence's length."""
    real = torch.as_tensor(mask(lengths.tolist(), x.shape[2]), device=x.device)  # (B, T)
    return x * real[:, None]
