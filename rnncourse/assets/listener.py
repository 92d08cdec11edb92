"""Train the network of chapter 11's figure: `python -m rnncourse.assets.listener`.

`models.Listener`, small enough for a page: 24 channels and 24 units in each direction. It learns
from strings of `data.load_spoken_strings`, with noise from -5 to 15 dB, and CTC. The ten clips are
stored with it, as whole numbers from -128 to 127, for the page says them.
"""

from __future__ import annotations

import numpy as np
import torch

from rnncourse import assets
from rnncourse.batching import pad
from rnncourse.ctc import ctc_loss, decode
from rnncourse.data import load_spoken_digits, load_spoken_strings
from rnncourse.data.spoken_strings import BANDS, log_mel
from rnncourse.metrics import error_rate
from rnncourse.models import Listener

STRINGS, STEPS, BATCH, RATE, SEED = 4000, 2400, 24, 0.006, 0


def batch(strings):
    """Features (B, T, bands) and lengths, digits (B, U) and lengths."""
    x, lengths = map(torch.tensor, pad([features for features, _ in strings]))
    digits, sizes = map(torch.tensor, pad([digits for _, digits in strings]))
    return x, lengths, digits, sizes


def heard(seed, count):
    strings = load_spoken_strings(count, seed)
    return [(log_mel(one.wave), np.array(one.digits)) for one in strings]


def train():
    """The network, its weights rounded to three decimals."""
    torch.manual_seed(SEED)
    rng = np.random.default_rng(SEED)
    strings, net = heard(SEED + 1, STRINGS), Listener(BANDS, 10, 24, 24)
    optimizer = torch.optim.AdamW(net.parameters(), RATE, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE, STEPS, pct_start=0.1)
    for _ in range(STEPS):
        x, lengths, *target = batch([strings[k] for k in rng.integers(STRINGS, size=BATCH)])
        loss = ctc_loss(net(x, lengths), target)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimizer.step()
        schedule.step()
    weights = {name: p.double().numpy().round(3) + 0.0 for name, p in net.state_dict().items()}
    net.load_state_dict({name: torch.tensor(p) for name, p in weights.items()})
    return net.eval(), weights


def wrong(net, strings):
    """Digit errors in per cent."""
    x, lengths, *_ = batch(strings)
    with torch.no_grad():
        said = decode(*net(x, lengths))
    return round(100 * error_rate(said, [digits.tolist() for _, digits in strings]), 2)


def main() -> None:
    torch.set_num_threads(1)
    net, weights = train()
    clips, _ = load_spoken_digits()
    content = {
        "made by": "python -m rnncourse.assets.listener",
        "wrong, %": wrong(net, heard(2, 400)),  # of 400 strings with noise from -5 to 15 dB
        "clips": [np.rint(128 * clip).astype(int).tolist() for clip in clips],
        "weights": {name: p.tolist() for name, p in weights.items()},
    }
    assets.save("listener", content)
    print(content["wrong, %"], "% of the digits wrong")


if __name__ == "__main__":
    main()
