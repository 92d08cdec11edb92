"""LSTM against GRU on three tasks, with the spread over seeds.

    python benchmarks/lstm_gru.py [--seeds 5]

memory    the adding problem over 50 steps: updates until the error on 500 held-out sequences is
          below a tenth of chance (3,000 at most)
speaker   nine speakers from Japanese vowels: share of the 370 test series named right after 400
          updates of 30 series
language  characters of Hamlet: bits a character on the held-out last tenth after 600 updates
          of 32 × 40 characters

"GRU, same size" has 64 units as the LSTM has, "GRU, same weight" enough units to have as many
parameters. The LSTM starts with forget bias 1. Adam, gradients clipped to norm 1; each cell has on
each task the learning rate of 0.003, 0.01 and 0.02 that did best with a seed of its own (100).
Time (of rnncourse.layers) is that of an update of the language task as a ratio to the LSTM's,
updates taken in turn: the middle half of 60 rounds.
Writes results/lstm_gru.json; `--time` measures only the time anew.
"""

import argparse
import json
import math
import time
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import nn

from rnncourse import layers
from rnncourse.batching import pad
from rnncourse.data import load_japanese_vowels, load_shakespeare

RESULTS = Path(__file__).parent / "results" / "lstm_gru.json"
HIDDEN = 64
RATES = (0.003, 0.01, 0.02)
KINDS = {
    "vanilla RNN": (layers.RNN, lambda D: HIDDEN),
    "LSTM": (layers.LSTM, lambda D: HIDDEN),
    "GRU, same size": (layers.GRU, lambda D: HIDDEN),
    "GRU, same weight": (layers.GRU, lambda D: same_weight(D)),
}


def same_weight(D):
    """The GRU size with about as many parameters as an LSTM of HIDDEN units."""
    lstm = 4 * (HIDDEN * D + HIDDEN**2 + 2 * HIDDEN)
    return min(range(HIDDEN, 2 * HIDDEN), key=lambda H: abs(3 * (H * D + H**2 + 2 * H) - lstm))


class Net(nn.Module):
    """One recurrent layer and a linear read-out of every step."""

    def __init__(self, kind, D, outputs):
        super().__init__()
        make, size = KINDS[kind]
        self.rnn, self.out = make(D, size(D)), nn.Linear(size(D), outputs)
        if kind == "LSTM":
            with torch.no_grad():
                self.rnn.bias_ih_l0[HIDDEN : 2 * HIDDEN] = 1
                self.rnn.bias_hh_l0[HIDDEN : 2 * HIDDEN] = 0

    def forward(self, x, state=None):
        h, state = self.rnn(x, state)
        return self.out(h), state


def update(net, optimizer, loss):
    optimizer.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(net.parameters(), 1.0)
    optimizer.step()


def adding(T, B, generator):
    """x (T, B, 2) with two marked numbers, their sum (B,)."""
    numbers = torch.rand(T, B, generator=generator)
    marks = torch.zeros(T, B)
    marks.scatter_(0, torch.randint(0, T // 2, (1, B), generator=generator), 1.0)
    marks.scatter_(0, torch.randint(T // 2, T, (1, B), generator=generator), 1.0)
    return torch.stack([numbers, marks], -1), (numbers * marks).sum(0)


def memory(kind, rate, seed):
    generator = torch.Generator().manual_seed(seed)
    net = Net(kind, 2, 1)
    optimizer = torch.optim.Adam(net.parameters(), lr=rate)
    x_test, y_test = adding(50, 500, generator)
    for step in range(1, 3001):
        x, y = adding(50, 32, generator)
        update(net, optimizer, F.mse_loss(net(x)[0][-1, :, 0], y))
        if step % 50 == 0:
            with torch.no_grad():
                if F.mse_loss(net(x_test)[0][-1, :, 0], y_test) < 1 / 60:
                    return step
    return 3000


def vowels(part):
    series, speakers = load_japanese_vowels(part)
    x, lengths = pad(series)  # (N, T, 12)
    return torch.tensor(x).float().transpose(0, 1), torch.tensor(lengths), torch.tensor(speakers)


def speaker(kind, rate, seed):
    (x, lengths, y), (x_test, lengths_test, y_test) = vowels("train"), vowels("test")
    net = Net(kind, 12, 9)
    optimizer = torch.optim.Adam(net.parameters(), lr=rate)
    generator = torch.Generator().manual_seed(seed)

    def named(x, lengths):
        return net(x)[0][lengths - 1, torch.arange(len(lengths))]  # the last true step

    for _ in range(400):
        pick = torch.randint(len(y), (30,), generator=generator)
        update(net, optimizer, F.cross_entropy(named(x[:, pick], lengths[pick]), y[pick]))
    with torch.no_grad():
        return (named(x_test, lengths_test).argmax(1) == y_test).float().mean().item()


def language(kind, rate, seed):
    text = load_shakespeare()["hamlet"]
    chars = sorted(set(text))
    codes = torch.tensor([chars.index(c) for c in text])
    cut = len(codes) * 9 // 10
    streams = codes[: cut // 32 * 32].view(32, -1).T  # (N, B)
    net = Net(kind, len(chars), len(chars))
    optimizer = torch.optim.Adam(net.parameters(), lr=rate)
    one_hot, state = torch.eye(len(chars)), None
    for step in range(600):
        at = step * 40 % (len(streams) - 41)
        x, y = streams[at : at + 40], streams[at + 1 : at + 41]
        logits, state = net(one_hot[x], state)
        state = tuple(s.detach() for s in state) if isinstance(state, tuple) else state.detach()
        update(net, optimizer, F.cross_entropy(logits.flatten(0, 1), y.flatten()))
    with torch.no_grad():
        logits, _ = net(one_hot[codes[cut:-1]][:, None])
        return F.cross_entropy(logits[:, 0], codes[cut + 1 :]).item() / math.log(2)


def figure(task, kind, rate, seed):
    torch.manual_seed(seed)
    return round(task(kind, rate, seed), 4)


def best_rate(task, kind):
    """The learning rate that does best with a seed that is not used afterwards."""
    best = max if task is speaker else min
    return best(RATES, key=lambda rate: figure(task, kind, rate, 100))


def time_ratios(rounds=60):
    """Seconds of one update over the LSTM's in the same round: {kind: [ratio of each round]}."""
    V = 60
    nets = {kind: Net(kind, V, V) for kind in KINDS}
    optimizers = {kind: torch.optim.Adam(net.parameters()) for kind, net in nets.items()}
    codes = torch.randint(V, (41, 32), generator=torch.Generator().manual_seed(0))
    x, y = torch.eye(V)[codes[:-1]], codes[1:].flatten()
    ratios = {kind: [] for kind in KINDS}
    for _ in range(rounds):
        seconds = {}
        for kind, net in nets.items():
            start = time.perf_counter()
            update(net, optimizers[kind], F.cross_entropy(net(x)[0].flatten(0, 1), y))
            seconds[kind] = time.perf_counter() - start
        for kind in KINDS:
            ratios[kind].append(round(seconds[kind] / seconds["LSTM"], 2))
    return {kind: sorted(values)[rounds // 4 : -rounds // 4] for kind, values in ratios.items()}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--time", action="store_true", help="measure only the time anew")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    stored = json.loads(RESULTS.read_text()) if arguments.time else {"rates": {}}
    for task in () if arguments.time else (speaker, memory, language):
        rates = {kind: best_rate(task, kind) for kind in KINDS}
        stored["rates"][task.__name__] = rates
        stored[task.__name__] = {
            kind: [figure(task, kind, rates[kind], seed) for seed in range(arguments.seeds)]
            for kind in KINDS
        }
        print(task.__name__, rates, json.dumps(stored[task.__name__]), flush=True)
    stored["time against the LSTM"] = time_ratios()
    RESULTS.write_text(json.dumps(stored, indent=1) + "\n")


if __name__ == "__main__":
    main()
