"""What each part of an LSTM is for: take it away, train again, on two tasks.

keep   The adding problem (Hochreiter and Schmidhuber, 1997) over 50 steps: to be solved, two
       numbers must be kept. 1,500 updates.
reset  The sum of the inputs (±1) since the last mark, at each of 50 steps: what came before a mark
       must be forgotten. 600 updates, for each has 50 targets a sequence.

"i shut": the input gates start nearly shut, with a bias of -3 (0.05), as in the cell of 1997, which
had no forget gate either.

The figure is the mean squared error over the last 50 updates, each of 64 fresh sequences; rates are
chosen by the same figure of another seed. 32 units, Adam, gradients clipped to norm 1.
"""

import itertools
import statistics

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from rnncourse.data import synthetic
from rnncourse.training import Trainer

B, T, H = 64, 50, 32
RATES = (0.001, 0.003, 0.01, 0.03)
# name: (how a batch is made, updates)
TASKS = {"keep": (synthetic.adding, 1500), "reset": (synthetic.resetting, 600)}
# name: (forget bias, what is different, input bias if not as drawn)
VARIANTS = {
    "forget bias 1": (1.0, ""),
    "forget bias 0": (0.0, ""),
    "no forget gate": (0.0, "f"),
    "no forget gate, i shut": (0.0, "f", -3.0),
    "no input gate": (1.0, "i"),
    "no output gate": (1.0, "o"),
    "coupled gates": (1.0, "coupled"),
    "peepholes": (1.0, "peepholes"),
}


class Variant(nn.Module):
    """An LSTM without one of its parts, or with peepholes: x (B, T, 2) → outputs (B, T)."""

    def __init__(self, forget_bias, without, input_bias=None):
        super().__init__()
        self.input, self.state = nn.Linear(2, 4 * H), nn.Linear(H, 4 * H, bias=False)
        self.peep, self.out = nn.Parameter(torch.empty(3, H)), nn.Linear(H, 1)
        self.without = without
        for p in self.parameters():
            nn.init.uniform_(p, -(H**-0.5), H**-0.5)
        nn.init.constant_(self.input.bias[H : 2 * H], forget_bias)
        if input_bias is not None:
            nn.init.constant_(self.input.bias[:H], input_bias)

    def forward(self, x):
        h = c = x.new_zeros(len(x), H)
        states, without = [], self.without
        for a_x in self.input(x).unbind(1):
            i, f, g, o = (a_x + self.state(h)).chunk(4, -1)  # (B, H) each
            if without == "peepholes":
                i, f = i + self.peep[0] * c, f + self.peep[1] * c
            f = torch.ones_like(f) if without == "f" else f.sigmoid()
            i = torch.ones_like(i) if without == "i" else i.sigmoid()
            c = f * c + (1 - f if without == "coupled" else i) * g.tanh()
            if without == "peepholes":
                o = o + self.peep[2] * c
            h = c.tanh() if without == "o" else o.sigmoid() * c.tanh()
            states.append(h)
        return self.out(torch.stack(states, 1))[..., 0]


def error(outputs, y):
    """Mean squared error; where the answer is due after the last step only, there: y (B,)."""
    return F.mse_loss(outputs if y.dim() == 2 else outputs[:, -1], y)


def train(name, rate, seed):
    task, variant = name.split(": ")
    make, updates = TASKS[task]
    torch.manual_seed(seed)
    net = Variant(*VARIANTS[variant])
    trainer = Trainer(net, error, torch.optim.Adam(net.parameters(), lr=rate), clip_norm=1.0)
    history = trainer.fit(synthetic.fresh(make, seed, B, T), updates)
    return statistics.fmean(row["loss"] for row in history[-50:])


def guess(task, seed):
    """The error of always answering the mean."""
    _, y = TASKS[task][0](np.random.default_rng(seed), 3200, T)
    return float(y.var())


ROWS = {f"{task}: {variant}": RATES for task, variant in itertools.product(TASKS, VARIANTS)}
ROWS |= {f"{task}: always the mean": None for task in TASKS}


def validation(name, rate):
    return train(name, rate, seed=100)


def run(name, rate, seed):
    task, variant = name.split(": ")
    return round(train(name, rate, seed) if variant in VARIANTS else guess(task, seed), 5)
