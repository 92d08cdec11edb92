"""tanh, ReLU or nothing in a vanilla RNN that reads Shakespeare, each trained from the start.

64 units, W_hh orthogonal, one-hot characters of the plays that chapter 3's network has read
(`rnncourse.assets.hamlet`), 400 updates of 32 × 32 characters, the state carried on, Adam with a
rate that falls to zero, gradients clipped to norm 1. The figure is the cross-entropy on the first
50,000 characters of Hamlet, read in pieces of 100, in nats a character; rates are chosen by its
mean on the tenth play over three other seeds. A run that overflows counts as infinite, and so does
every mean with it.
"""

import functools
import math
import statistics

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from rnncourse.batching import Vocabulary
from rnncourse.data import load_shakespeare

H, B, T, UPDATES = 64, 32, 32, 400
RATES = (0.003, 0.01, 0.03)
ACTIVATIONS = {"tanh": torch.tanh, "ReLU": torch.relu, "no activation": lambda a: a}
ROWS = dict.fromkeys(ACTIVATIONS, RATES)


class Reader(nn.Module):
    """codes (T, B), state (B, H) → logits (T, B, V), state (B, H)."""

    def __init__(self, V, activation):
        super().__init__()
        self.W_xh, self.W_hh = nn.Embedding(V, H), nn.Linear(H, H)
        nn.init.uniform_(self.W_xh.weight, -(H**-0.5), H**-0.5)
        nn.init.orthogonal_(self.W_hh.weight)
        self.read_out, self.activation = nn.Linear(H, V), activation

    def forward(self, codes, h):
        states = []
        for from_x in self.W_xh(codes):
            h = self.activation(from_x + self.W_hh(h))
            states.append(h)
        return self.read_out(torch.stack(states)), h


@functools.cache
def texts():
    """The plays to learn from, the tenth to choose by, Hamlet to test on, as codes."""
    plays = load_shakespeare()
    hamlet = plays.pop("hamlet")
    learn, choose = "".join(list(plays.values())[:9])[:1_100_000], list(plays.values())[9]
    vocabulary = Vocabulary(learn, specials=())
    return len(vocabulary), [vocabulary.encode(part) for part in (learn, choose, hamlet)]


def train(name, rate, seed):
    V, (learn, choose, test) = texts()
    torch.manual_seed(seed)
    net = Reader(V, ACTIVATIONS[name])
    streams = torch.tensor(learn[: len(learn) // B * B].reshape(B, -1).T.copy())  # time first
    adam = torch.optim.Adam(net.parameters(), lr=rate)
    start = torch.randint(len(streams) - UPDATES * T - 1, ()).item()
    h = torch.zeros(B, H)
    for n in range(UPDATES):
        adam.param_groups[0]["lr"] = rate * (1 - n / UPDATES)
        window = streams[start + n * T : start + (n + 1) * T + 1]
        z, h = net(window[:-1], h.detach())
        loss = F.cross_entropy(z.flatten(0, 1), window[1:].flatten())
        if not math.isfinite(loss.item()):
            return math.inf, math.inf
        adam.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        adam.step()
    return tuple(score(net, part[:50_000]) for part in (choose, test))


def score(net, codes):
    pieces = torch.tensor(np.ascontiguousarray(codes[: len(codes) // 100 * 100].reshape(-1, 100).T))
    with torch.no_grad():
        z, _ = net(pieces[:-1], torch.zeros(pieces.shape[1], H))
    loss = F.cross_entropy(z.flatten(0, 1), pieces[1:].flatten()).item()
    return loss if math.isfinite(loss) else math.inf


def validation(name, rate):
    return statistics.fmean(train(name, rate, seed)[0] for seed in range(100, 103))


def run(name, rate, seed):
    return round(train(name, rate, seed)[1], 4)
