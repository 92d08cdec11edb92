"""LSTM against GRU on three tasks, and the time of an update.

memory    the adding problem over 50 steps: updates until the error on 500 held-out sequences is
          below a tenth of chance (3,000 at most). Rates: by the same with a seed of their own.
speaker   nine speakers from Japanese vowels: share of the 370 test series named right after 400
          updates of 30 series. Rates: by the cross-entropy on every fifth training series, which
          is held out.
language  characters of Hamlet: bits a character on the last tenth after 600 updates of 32 × 40
          characters. Rates: by the tenth before that, held out.
time      an update of the language task as a ratio to the LSTM's, updates taken in turn: the
          median of 60 rounds.

"GRU, same size" has 64 units as the LSTM has, "GRU, same weight" enough units to have as many
parameters. The LSTM starts with forget bias 1. Adam, gradients clipped to norm 1. Beside them, on
"speaker", logistic regression on 48 numbers: each coefficient's mean, deviation, first and last
value. In place of a rate it has scikit-learn's C, how freely it may fit; nothing in it is random.
"""

import itertools
import math
import statistics
import time

import numpy as np
import torch
import torch.nn.functional as F
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from torch import nn

from rnncourse import layers
from rnncourse.batching import pad
from rnncourse.data import load_japanese_vowels, load_shakespeare, synthetic
from rnncourse.training import Trainer

HIDDEN = 64
RATES = (0.001, 0.003, 0.01, 0.03, 0.1)
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
    """One recurrent layer and a linear read-out of every step: x (B, T, D) → (B, T, outputs)."""

    def __init__(self, kind, D, outputs):
        super().__init__()
        make, size = KINDS[kind]
        self.rnn = make(D, size(D), batch_first=True)
        self.out = nn.Linear(size(D), outputs)
        if kind == "LSTM":
            nn.init.ones_(self.rnn.bias_ih_l0[HIDDEN : 2 * HIDDEN])
            nn.init.zeros_(self.rnn.bias_hh_l0[HIDDEN : 2 * HIDDEN])

    def forward(self, x, state=None):
        h, state = self.rnn(x, state)
        return self.out(h), state


class Adder(Net):
    def forward(self, x):
        return super().forward(x)[0][:, -1, 0]  # (B,)


class Namer(Net):
    def forward(self, x, lengths):
        return super().forward(x)[0][torch.arange(len(x)), lengths - 1]  # (B, 9), last true step


class Writer(Net):
    def forward(self, codes, state=None):
        logits, state = super().forward(F.one_hot(codes, self.out.out_features).float(), state)
        return logits.flatten(0, 1), state  # (B·T, V)


def trainer_of(net, loss, rate, **options):
    optimizer = torch.optim.Adam(net.parameters(), lr=rate)
    return Trainer(net, loss, optimizer, clip_norm=1.0, **options)


# Each task: the figure of a kind, a rate and a seed, on test data or on validation data


def memory(kind, rate, seed, validation):
    torch.manual_seed(seed)
    trainer = trainer_of(Adder(kind, 2, 1), F.mse_loss, rate)
    x, y = map(torch.tensor, synthetic.adding(np.random.default_rng(10_000 + seed), 500, 50))
    batches = synthetic.fresh(synthetic.adding, seed, 32, 50)
    trainer.fit(batches, 3000, lambda net: F.mse_loss(net(x), y), validate_every=50, until=1 / 60)
    if validation:  # of those that do not solve it, the one that comes nearest
        return trainer.step + trainer.best
    return trainer.step if trainer.best < 1 / 60 else 3000


def vowels(part):
    """x (N, T, 12), lengths (N,), speakers (N,)."""
    series, speakers = load_japanese_vowels(part)
    x, lengths = pad(series)
    return torch.tensor(x).float(), torch.tensor(lengths), torch.tensor(speakers)


def speaker(kind, rate, seed, validation):
    torch.manual_seed(seed)
    learn, test, rng = vowels("train"), vowels("test"), np.random.default_rng(seed)
    if validation:
        held_out = torch.arange(len(learn[0])) % 5 == 0
        learn, test = ([part[rows] for part in learn] for rows in (~held_out, held_out))
    picks = rng.integers(0, len(learn[0]), (400, 30))
    trainer = trainer_of(Namer(kind, 12, 9), F.cross_entropy, rate)
    trainer.fit(([part[pick] for part in learn] for pick in picks), 400)
    *inputs, y = test
    with torch.no_grad():
        logits = trainer.model(*inputs)
    if validation:
        return F.cross_entropy(logits, y).item()
    return (logits.argmax(1) == y).float().mean().item()


def summary_of(series):
    """(T, 12) → (48,): mean, deviation, first and last value of each coefficient."""
    return np.concatenate([series.mean(0), series.std(0), series[0], series[-1]])


def logistic(C, validation):
    """The figures of `speaker` for logistic regression on a summary of each series."""
    parts = [load_japanese_vowels(part) for part in ("train", "test")]
    (x, y), test = [(np.array([*map(summary_of, series)]), who) for series, who in parts]
    if validation:
        held_out = np.arange(len(y)) % 5 == 0
        (x, y), test = (x[~held_out], y[~held_out]), (x[held_out], y[held_out])
    line = make_pipeline(StandardScaler(), LogisticRegression(C=C, max_iter=10_000)).fit(x, y)
    return log_loss(test[1], line.predict_proba(test[0])) if validation else line.score(*test)


def language(kind, rate, seed, validation):
    torch.manual_seed(seed)
    text = load_shakespeare()["hamlet"]
    chars = sorted(set(text))
    codes = torch.tensor([chars.index(c) for c in text])
    ends = [len(codes) * tenths // 10 for tenths in ((8, 9) if validation else (9, 10))]
    learn, test = codes[: ends[0]], codes[ends[0] : ends[1]]
    streams = learn[: len(learn) // 32 * 32].view(32, -1)  # (B, N)
    trainer = trainer_of(
        Writer(kind, len(chars), len(chars)),
        lambda logits, y: F.cross_entropy(logits, y.flatten()), rate, truncate=40,
    )  # fmt: skip
    trainer.fit([(streams[:, :-1], streams[:, 1:])], 600)
    with torch.no_grad():
        logits, _ = trainer.model(test[None, :-1])
    return F.cross_entropy(logits, test[1:]).item() / math.log(2)


def time_ratio(kind, rounds=60, V=60):
    """Seconds of an update over the LSTM's in the same round: the median."""
    codes = torch.randint(V, (32, 41), generator=torch.Generator().manual_seed(0))
    nets = {name: Writer(name, V, V) for name in (kind, "LSTM")}
    optimizers = {name: torch.optim.Adam(net.parameters()) for name, net in nets.items()}
    ratios = []
    for _ in range(rounds):
        seconds = {}
        for name, net in nets.items():
            start = time.perf_counter()
            optimizers[name].zero_grad()
            F.cross_entropy(net(codes[:, :-1])[0], codes[:, 1:].flatten()).backward()
            optimizers[name].step()
            seconds[name] = time.perf_counter() - start
        ratios.append(seconds[kind] / seconds["LSTM"])
    return statistics.median(ratios)


TASKS = {"memory": memory, "speaker": speaker, "language": language}
ROWS = {f"{task}: {kind}": RATES for task, kind in itertools.product(TASKS, KINDS)}
ROWS["speaker: logistic regression"] = (0.01, 0.1, 1.0, 10.0)
ROWS |= {f"time: {kind}": None for kind in KINDS if kind != "LSTM"}


def validation(name, rate):
    task, kind = name.split(": ")
    if kind == "logistic regression":
        return logistic(rate, validation=True)
    return TASKS[task](kind, rate, 100, validation=True)


def run(name, rate, seed):
    task, kind = name.split(": ")
    if task == "time":
        return round(time_ratio(kind), 3)
    if kind == "logistic regression":
        return round(logistic(rate, validation=False), 4)
    return round(TASKS[task](kind, rate, seed, validation=False), 4)
