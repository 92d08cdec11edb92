"""Depth, direction and dropout on two tasks: share of what is named wrong, new and learned.

vowels    nine speakers from Japanese vowels, a GRU's last state: share of the 370 test series
          named wrong after 80 updates of 90 series. Rates: by the cross-entropy on every fifth
          training series, which is held out.
sounds    a sound for each letter of a word, 1,000 words to learn from, 300 updates of 32 words:
          share of the letters of 2,000 other words that get a wrong sound. Rates: by the same on
          2,000 words more.

Each row has a twin "…, learned": the same trained networks on what they learned from (vowels: all
of it, sounds: all 1,000 words). "Same width" has as many units in each layer as one layer has, 64,
"same weight" as many parameters in all. GRUs of two directions for sounds, of one for vowels,
unless the row says otherwise; "sees k ahead": each input holds the next k letters, too; "window"
is no recurrent network but one hidden layer over three letters on either side. In the rows of
dropout a share of DROPPED goes, at RATE, which two layers without dropout chose. Adam, gradients
clipped to norm 1 but in the row that says not.
"""

import functools

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from rnncourse import layers
from rnncourse.batching import NO_TARGET, by_length, pad
from rnncourse.data import load_japanese_vowels, load_pronunciations
from rnncourse.data.splits import split
from rnncourse.models import sequence_loss
from rnncourse.training import Trainer

WIDTH = 64
RATES = (0.003, 0.01, 0.03)
RATE = 0.01
DROPPED = 0.2
LETTERS = "'abcdefghijklmnopqrstuvwxyz"


def weights_of(D, H, depth, directions, outputs):
    """Parameters of GRU layers of H units and a linear read-out of the last."""
    columns = [D] + [H * directions] * (depth - 1)
    each = sum(3 * H * (column + H + 2) for column in columns)
    return directions * each + (H * directions + 1) * outputs


def same_weight(D, depth, directions, outputs, like):
    """The size H with about as many parameters as one layer of WIDTH units in `like` directions."""
    goal = weights_of(D, WIDTH, 1, like, outputs)
    sizes = range(8, 4 * WIDTH)
    return min(sizes, key=lambda H: abs(weights_of(D, H, depth, directions, outputs) - goal))


def flip(x, lengths):
    """x (B, T, …), each sequence's own steps in reverse, the padding where it was."""
    t = torch.arange(x.shape[1])
    order = torch.where(t < lengths[:, None], lengths[:, None] - 1 - t, t)  # (B, T)
    return x[torch.arange(len(x))[:, None], order]


def ahead(x, steps):
    """x (B, T, D) → (B, T, (steps + 1) D): with the `steps` after it or zeros."""
    padded = F.pad(x, (0, 0, 0, steps))
    return torch.cat([padded[:, k : k + x.shape[1]] for k in range(steps + 1)], dim=-1)


class DroppedGRU(nn.Module):
    """GRU layers whose products hear a state with some units dropped, `within` each layer.

    within: "step" draws a fresh mask at each step, "sequence" one mask for all steps, as Gal and
    Ghahramani (2016) do. The state that is carried over stays whole. Same parameters as `gru`.
    """

    def __init__(self, gru, within, share):
        super().__init__()
        self.gru, self.within, self.share = gru, within, share

    def mask(self, h):
        kept = 1 - self.share
        return torch.bernoulli(torch.full_like(h, kept)) / kept if self.training else 1.0

    def one_way(self, x, suffix):
        """x (B, T, D) → states (B, T, H), of one layer in one direction."""
        W_xh, W_hh, b_x, b_h = (
            getattr(self.gru, f"{name}_{suffix}")
            for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
        )
        h, states = x.new_zeros(len(x), self.gru.hidden_size), []
        mask = self.mask(h)
        for x_t in F.linear(x, W_xh, b_x).unbind(1):
            if self.within == "step":
                mask = self.mask(h)
            x_r, x_z, x_n = x_t.chunk(3, -1)
            h_r, h_z, h_n = F.linear(h * mask, W_hh, b_h).chunk(3, -1)
            r, z = torch.sigmoid(x_r + h_r), torch.sigmoid(x_z + h_z)
            h = z * h + (1 - z) * torch.tanh(x_n + r * h_n)
            states.append(h)
        return torch.stack(states, 1)

    def forward(self, x, lengths):
        for layer in range(self.gru.num_layers):
            there = self.one_way(x, f"l{layer}")
            back = self.one_way(flip(x, lengths), f"l{layer}_reverse")
            x = torch.cat([there, flip(back, lengths)], dim=-1)
        return x, None


class Reader(nn.Module):
    """Letters (B, T), as numbers, and lengths (B,) → a score of every sound (B, T, sounds)."""

    def __init__(self, sounds, depth=1, width=WIDTH, direction="both", cell=layers.GRU, window=0,
                 **options):  # fmt: skip
        super().__init__()
        self.direction, self.window = direction, window
        D, directions = len(LETTERS) * (window + 1), 1 + (direction == "both")
        width = width or same_weight(D, depth, directions, sounds, like=2)
        self.rnn = cell(D, width, depth, batch_first=True, bidirectional=directions == 2, **options)
        self.out = nn.Linear(width * directions, sounds)

    def forward(self, letters, lengths):
        x = F.one_hot(letters, len(LETTERS) + 1)[..., :-1].float()  # the last number is padding
        x = ahead(x, self.window)
        if self.direction == "backward":
            return self.out(flip(self.rnn(flip(x, lengths), lengths=lengths)[0], lengths))
        return self.out(self.rnn(x, lengths=lengths)[0])


class Window(nn.Module):
    """One hidden layer over seven letters, as Sejnowski and Rosenberg (1987) had it."""

    def __init__(self, sounds, width):
        super().__init__()
        self.hidden = nn.Linear(7 * len(LETTERS), width)
        self.out = nn.Linear(width, sounds)

    def forward(self, letters, lengths):
        x = F.one_hot(letters, len(LETTERS) + 1)[..., :-1].float()
        return self.out(torch.tanh(self.hidden(ahead(F.pad(x, (0, 0, 3, 0)), 6)[:, : x.shape[1]])))


class Transformer(nn.Module):
    """Two layers of PyTorch's Transformer encoder, with learned places."""

    def __init__(self, sounds, width=48, longest=40):
        super().__init__()
        self.letters = nn.Embedding(len(LETTERS) + 1, width)
        self.places = nn.Embedding(longest, width)
        layer = nn.TransformerEncoderLayer(width, 4, 2 * width, 0.0, batch_first=True)
        self.layers = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)
        self.out = nn.Linear(width, sounds)

    def forward(self, letters, lengths):
        t = torch.arange(letters.shape[1])
        x = self.letters(letters) + self.places(t)
        return self.out(self.layers(x, src_key_padding_mask=t >= lengths[:, None]))


class Namer(nn.Module):
    """Series (B, T, 12), lengths (B,) → scores of nine speakers (B, 9), from the last state."""

    def __init__(self, depth, width):
        super().__init__()
        width = width or same_weight(12, depth, 1, 9, like=1)
        self.rnn = layers.GRU(12, width, depth, batch_first=True)
        self.out = nn.Linear(width, 9)

    def forward(self, x, lengths):
        return self.out(self.rnn(x, lengths=lengths)[1][-1])


@functools.cache
def pronunciations():
    """(letters, lengths, sounds) for learning, validation and test, and how many sounds there are.

    letters (N, T) int64, len(LETTERS) in the padding; sounds (N, T), NO_TARGET there, and a number
    that no network says for a sound that is not in the words to learn from.
    """
    words = load_pronunciations()
    shares = (1000, 2000, 2000, len(words) - 5000)
    rows = split([one.word for one in words], [share / len(words) for share in shares])[:3]
    parts = [[words[row] for row in part] for part in rows]
    known = sorted({sound for one in parts[0] for sound in one.sounds})
    number = {sound: n for n, sound in enumerate(known)}

    def tensors(part):
        letters, lengths = pad([[LETTERS.index(c) for c in one.word] for one in part], len(LETTERS))
        sounds, _ = pad(
            [[number.get(s, len(number)) for s in one.sounds] for one in part], NO_TARGET
        )
        return torch.tensor(letters), torch.tensor(lengths), torch.tensor(sounds)

    return [tensors(part) for part in parts], len(known)


@functools.cache
def vowels():
    """All to learn from, four fifths of it, the rest, and test: x (N, T, 12), lengths, speakers."""
    both = []
    for part in ("train", "test"):
        series, speakers = load_japanese_vowels(part)
        x, lengths = pad(series)
        both.append((torch.tensor(x).float(), torch.tensor(lengths), torch.tensor(speakers)))
    held_out = torch.arange(len(both[0][0])) % 5 == 0
    return (
        both[0],
        [part[~held_out] for part in both[0]],
        [part[held_out] for part in both[0]],
        both[1],
    )


def short(batch):
    """The batch without the steps that none of its sequences has."""
    first, lengths, *rest = batch
    T = int(lengths.max())
    return first[:, :T], lengths, *(part[:, :T] if part.dim() > 1 else part for part in rest)


def wrong(model, data):
    """The share of targets that the model does not name."""
    *inputs, y = data
    model.eval()
    with torch.no_grad():
        said = model(*inputs).argmax(-1)
    return (said != y)[y != NO_TARGET].float().mean().item()


def fit(model, data, rate, seed, updates, size, loss, clip=1.0):
    """Adam on batches of sequences of about one length, in a new order each epoch."""

    def batches(epoch):
        rng = np.random.default_rng([seed, epoch])
        for rows in by_length(data[1], size, rng):
            yield short([part[rows] for part in data])

    optimizer = torch.optim.Adam(model.parameters(), lr=rate)
    Trainer(model, loss, optimizer, clip_norm=clip).fit(batches, updates)


@functools.cache
def name_speakers(name, rate, seed, validation):
    """(a figure to make small on new data, share wrong of what was learned)."""
    torch.manual_seed(seed)
    everything, most, held_out, test = vowels()
    model = Namer(*VOWELS[name])
    fit(model, most if validation else everything, rate, seed, 80, 90, F.cross_entropy)
    if not validation:
        return wrong(model, test), wrong(model, everything)
    with torch.no_grad():
        return F.cross_entropy(model(*held_out[:2]), held_out[2]).item(), None


@functools.cache
def say_letters(name, rate, seed, validation):
    """(share wrong of new words, share wrong of the words learned from)."""
    torch.manual_seed(seed)
    (learn, held_out, test), sounds = pronunciations()
    model = {**SOUNDS, **DROPOUT}[name](sounds)
    clip = None if name == "no clipping" else 1.0
    fit(model, learn, rate or RATE, seed, 300, 32, sequence_loss, clip)
    return wrong(model, held_out if validation else test), wrong(model, learn)


def dropped_within(within, sounds):
    model = Reader(sounds, 2)
    model.rnn = DroppedGRU(model.rnn, within, DROPPED)
    return model


of = functools.partial
VOWELS = {"1 layer": (1, WIDTH)}
VOWELS |= {f"{L} layers, same width": (L, WIDTH) for L in (2, 3, 4)}
VOWELS |= {f"{L} layers, same weight": (L, None) for L in (2, 3, 4)}
SOUNDS = {"1 layer": Reader}
SOUNDS |= {f"{L} layers, same width": of(Reader, depth=L) for L in (2, 3, 4)}
SOUNDS |= {f"{L} layers, same weight": of(Reader, depth=L, width=None) for L in (2, 3, 4)}
SOUNDS |= {
    "forward": of(Reader, direction="forward"),
    "backward": of(Reader, direction="backward"),
    "forward, same weight": of(Reader, direction="forward", width=None),
    "forward, sees 3 ahead": of(Reader, direction="forward", window=3),
    "window": of(Window, width=128),
    "LSTM": of(Reader, cell=layers.LSTM),
    "vanilla RNN": of(Reader, cell=layers.RNN),
    "no clipping": Reader,
    "Transformer": Transformer,
}
DROPOUT = {
    "dropout between": of(Reader, depth=2, dropout=DROPPED),
    "dropout within, every step": of(dropped_within, "step"),
    "dropout within, one mask": of(dropped_within, "sequence"),
}
LEARNED = ", learned"
ROWS = {}
for task, names in (("vowels", VOWELS), ("sounds", {**SOUNDS, **DROPOUT})):
    for name in names:
        grid = None if name in DROPOUT else RATES
        ROWS |= {f"{task}: {name}{twin}": grid for twin in ("", LEARNED)}


def measured(name, rate, seed, validation):
    """The figures of one training; a row and its twin share it."""
    task, name = name.removesuffix(LEARNED).split(": ")
    return {"vowels": name_speakers, "sounds": say_letters}[task](name, rate, seed, validation)


def validation(name, rate):
    return measured(name, rate, 100, True)[0]


def run(name, rate, seed):
    return round(measured(name, rate, seed, False)[name.endswith(LEARNED)], 4)
