"""What comes next, and how sure: a normal distribution of the next step's numbers."""

import math

import torch
from torch import nn

from rnncourse.layers import GRU


class NextStep(nn.Module):
    """Features of the steps so far → mean and log-variance of the next step's numbers.

    input_size: features of a step, the numbers first; numbers: how many of them are foretold. What
    the network answers is added to the step before, so that knowing nothing it says "as now".
    """

    def __init__(self, input_size, numbers, hidden_size=48, cell=GRU):
        super().__init__()
        self.numbers = numbers
        self.rnn = cell(input_size, hidden_size, batch_first=True)
        self.read_out = nn.Linear(hidden_size, 2 * numbers)

    def forward(self, x, state=None):
        """x (B, T, input_size) → mean and log-variance of step t + 1, two (B, T, numbers)."""
        h, _ = self.rnn(x, state)
        change, log_variance = self.read_out(h).chunk(2, dim=2)
        return x[:, :, : self.numbers] + change, log_variance


def gaussian_loss(output, target):
    """Mean of −log p, in nats a number: output (mean, log-variance), target, all (B, T, n)."""
    mean, log_variance = output
    z = (target - mean) ** 2 * torch.exp(-log_variance)
    return 0.5 * (z + log_variance + math.log(2 * math.pi)).mean()
