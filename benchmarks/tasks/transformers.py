"""GRU, Transformer and minimal GRU of equal size: little data, more time, what was given up.

learned from N   the next character of two new plays (bits a character), learned from the first N
                 characters of the 34 training plays, joined in an order drawn by the seed; "all" is
                 4.3 million. Networks of about 66,000 weights each: a GRU of 120 units, two layers
                 of minimal GRU of 150, a Transformer of two blocks, width 48, 4 heads, windows of
                 64. All read 800 batches of 1,024 characters: GRUs 16 streams in pieces of 64,
                 their states carried on; the Transformer 16 windows drawn anywhere, asked with 32
                 characters or more before it, as in the task `language`. Tested are the weights
                 that were best, of eight times, on 40,000 characters of the plays to choose by:
                 early stopping. No dropout. The n-gram is that of `language`, its "rate" its order.
windows of 256   the Transformer with as many characters a batch, in 4 windows; two seeds, at the
                 rate of its row "all".
four times       the same two with 3,200 batches; two seeds, at the rates of their rows "all".
parity           is the number of ones so far odd? Learned at each of 20 steps; % right. 32 units,
                 1,500 batches of 64 fresh sequences; tested on the last step of 2,000, at lengths
                 20 and 60. As a control, a minimal GRU whose gate may be negative.

Rates are chosen on the plays to choose by (parity: on other sequences), with seed 100, in as many
batches as are trained with. AdamW, one cycle, gradients clipped to norm 1.
"""

from functools import cache, partial

import numpy as np
import torch

from rnncourse import experiments
from rnncourse.batching import streams
from rnncourse.data import synthetic
from rnncourse.layers import GRU
from rnncourse.linear import MinGRU, scan
from rnncourse.metrics import accuracy, bits_per_character
from rnncourse.models import LanguageModel, Transformer, sequence_loss
from rnncourse.ngram import NGram
from rnncourse.training import one_cycle

VALIDATION, TEST = 1, 2
BATCH, STEPS, LOOKS = 1024, 800, 8  # characters a batch; batches; times it is validated
SIZES = {"20,000": 20_000, "200,000": 200_000, "all": None}
NEVER = 10**9  # patience: never stop, only return to the best weights


@cache
def language():
    return experiments.load_task("language")


def tokens_of(seed, size):
    """The characters that are learned from, (N,)."""
    return language().characters().encode(language().joined(0, seed)[:size])


@cache
def asked(part):
    """The plays to choose by or those of the test, (N,); of the first 40,000 characters."""
    text = language().joined(part)
    return language().characters().encode(text[:40_000] if part == VALIDATION else text)


def fresh(model, context=64):
    V = len(language().characters())
    if model == "Transformer":
        return Transformer(V, 48, 2, 4, context)
    if model == "minimal GRU":
        return LanguageModel(V, 150, 32, cell=MinGRU, num_layers=2)
    return LanguageModel(V, 120, 32, cell=GRU)


def bits(net, part):
    """Bits a character of plays that were not learned from."""
    if isinstance(net, Transformer):
        nats = language().nats_of_transformer(net, asked(part), len(net.place.weight))
    else:
        nats = language().nats_of(net, asked(part))
    return round(bits_per_character(float(nats.mean())), 4)


def trained(model, rate, seed, size, steps=STEPS, context=64):
    """A network with the weights that were best on the plays to choose by, and how good: bits."""
    torch.manual_seed(seed)
    net, tokens = fresh(model, context), tokens_of(seed, size)

    def windows(epoch):
        rng = np.random.default_rng([seed, epoch])
        while True:
            starts = rng.integers(0, len(tokens) - context, BATCH // context)
            at = starts[:, None] + np.arange(context)
            yield tokens[at], tokens[at + 1]

    batches = windows if model == "Transformer" else [streams(tokens, BATCH // 64)]
    options = {"validate": partial(bits, part=VALIDATION), "validate_every": steps // LOOKS,
               "truncate": context, "patience": NEVER}  # fmt: skip
    return net, one_cycle(net, sequence_loss, batches, steps, rate, **options).best


def next_character(rate, seed, part, model, size, **options):
    net, best = trained(model, rate, seed, size, **options)
    return best if part == VALIDATION else bits(net, TEST)


def by_counting(order, seed, part, size):
    model = NGram([tokens_of(seed, size)], len(language().characters()), int(order))
    return round(bits_per_character(float(model.nats(asked(part))[1:].mean())), 4)


# Parity


class Turning(MinGRU):
    """One layer of minimal GRU whose gate reaches from −1 to 1: h_t = a h_{t-1} + (1 − |a|) n_t."""

    def forward(self, x, state=None):
        layer = self.layers[0]
        a = torch.tanh(layer.z(x))
        h = scan(a, (1 - a.abs()) * layer.n(x), None if state is None else state[0])
        return h, h[:, -1][None]


PARITY_CELLS = {
    "GRU": (GRU, 1),
    "minimal GRU": (MinGRU, 1),
    "minimal GRU, 3 layers": (MinGRU, 3),
    "minimal GRU, gate from −1 to 1": (Turning, 1),
}


@cache
def counter(rate, seed, cell):
    """A network trained to say, after each bit, whether the number of ones is odd."""
    torch.manual_seed(seed)
    kind, layers = PARITY_CELLS[cell]
    net = LanguageModel(2, 32, 8, cell=kind, num_layers=layers)

    def batches(epoch):
        rng = np.random.default_rng([seed, epoch])
        while True:
            x, y = synthetic.parity(rng, 64, 20)
            yield x[..., 0].astype(int), y

    return one_cycle(net, sequence_loss, batches, 1500, rate, truncate=20).model


def parity(rate, seed, part, cell, length):
    length = 20 if part == VALIDATION else length  # one network for both lengths
    x, y = synthetic.parity(np.random.default_rng([part, seed]), 2000, length)
    net = counter(rate, seed, cell)
    with torch.no_grad():
        said = net(torch.tensor(x[..., 0]).long())[0].argmax(-1)
    return round(100 * float(accuracy(said[:, -1], y[:, -1])), 3)


RATES = {"GRU": (0.004, 0.008, 0.016), "minimal GRU": (0.004, 0.008, 0.016),
         "Transformer": (0.004, 0.008, 0.016)}  # fmt: skip
# Each row: its grid, and the figure of a rate, a seed and a part
MODELS = {}
for _label, _size in SIZES.items():
    MODELS[f"{_label}: n-gram"] = ((2, 3, 4, 5, 6, 7), partial(by_counting, size=_size))
    for _model in ("GRU", "Transformer"):
        MODELS[f"{_label}: {_model}"] = (
            RATES[_model],
            partial(next_character, model=_model, size=_size),
        )
for _cell in PARITY_CELLS:
    for _length in (20, 60):
        MODELS[f"parity at {_length}: {_cell}"] = (
            (0.004, 0.008, 0.016),
            partial(parity, cell=_cell, length=_length),
        )
MODELS["all: minimal GRU"] = (
    RATES["minimal GRU"],
    partial(next_character, model="minimal GRU", size=None),
)
# at the rates that the rows "all" chose
CHOSEN = {"GRU": 0.016, "Transformer": 0.008}


def again(rate, seed, part, model, **options):
    return next_character(CHOSEN[model], seed, part, model, None, **options)


MODELS["all: Transformer, windows of 256"] = (
    None,
    partial(again, model="Transformer", context=256),
)
for _model in CHOSEN:
    MODELS[f"four times: {_model}"] = (None, partial(again, model=_model, steps=4 * STEPS))
ROWS = {name: grid for name, (grid, _) in MODELS.items()}
FEW = ("four times", "all: Transformer, windows")
SEEDS = {"all: n-gram": 1} | {name: 2 for name in ROWS if name.startswith(FEW)}


def validation(name, rate):
    found = MODELS[name][1](rate, 100, VALIDATION)
    return round(100 - found, 3) if name.startswith("parity") else found


def run(name, rate, seed):
    return MODELS[name][1](rate, seed, TEST)
