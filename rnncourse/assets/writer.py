"""Train the network that writes in chapter 10's figure: `python -m rnncourse.assets.writer`.

A character GRU of 128 units that has read 34 plays of Shakespeare about twice, which takes
some minutes. *Hamlet*, *The Tempest*, *Macbeth* and *Twelfth Night* were kept from it, and so were
speeches with a word of the course's list of slurs; characters seen fewer than 20 times are left
out. Each weight is stored as a signed byte, each row (a vector as a whole) with its own scale.
What that costs on *Hamlet* and *The Tempest* stands beside it: bits a character of the rounded
weights, and of the weights before rounding.
"""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as F

from rnncourse import assets
from rnncourse.batching import Vocabulary, streams
from rnncourse.data import load_shakespeare
from rnncourse.data.shakespeare import TEST, VALIDATION, split_plays
from rnncourse.metrics import bits_per_character
from rnncourse.models import LanguageModel, sequence_loss
from rnncourse.training import one_cycle

HIDDEN, STREAMS, WINDOW, STEPS, RATE, SEED = 128, 16, 64, 8000, 0.004, 0
CASES = ("JULIET:\nO Romeo,", "KING HENRY:\nWhat ", "To be, or not to b", "q")


def plays() -> tuple[str, str, str]:
    """Training text, test text, and the characters that are kept of both."""
    train, _, test = ("\n\n".join(part.values()) for part in split_plays(load_shakespeare()))
    characters = Vocabulary(train, min_count=20, specials=()).tokens
    keep = set(characters)
    train, test = ("".join(c for c in text if c in keep) for text in (train, test))
    return train, test, "".join(sorted(characters))


def fresh(V: int) -> LanguageModel:
    """A network that reads one-hot characters: its embedding is the identity, and stays it."""
    net = LanguageModel(V, HIDDEN, embedding=V)
    torch.nn.init.eye_(net.embedding.weight)
    net.embedding.weight.requires_grad_(False)
    return net


def train(text: str, characters: str, steps: int = STEPS) -> LanguageModel:
    torch.manual_seed(SEED)
    net = fresh(len(characters))
    batch = streams(numbers(characters).encode(text), STREAMS)
    options = {"truncate": WINDOW, "progress": True}
    return one_cycle(net, sequence_loss, [batch], steps, RATE, **options).model


def numbers(characters: str) -> Vocabulary:
    """The vocabulary whose numbers are the places in `characters`."""
    return Vocabulary((), specials=tuple(characters))


def weights_of(net: LanguageModel) -> dict[str, np.ndarray]:
    """As `rnncourse.cells.GRUCell` names and adds them up, and the read-out."""
    p = {name: value.detach().numpy().astype(float) for name, value in net.named_parameters()}
    b_hh = p["rnn.bias_hh_l0"]
    inner = np.concatenate([b_hh[: 2 * HIDDEN], np.zeros(HIDDEN)])
    return {
        "W_xh": p["rnn.weight_ih_l0"], "W_hh": p["rnn.weight_hh_l0"],
        "b_h": p["rnn.bias_ih_l0"] + inner, "b_hn": b_hh[2 * HIDDEN :],
        "W_hy": p["read_out.weight"], "b_y": p["read_out.bias"],
    }  # fmt: skip


def with_weights(weights: dict[str, np.ndarray]) -> LanguageModel:
    """The network of such weights."""
    net = fresh(len(weights["b_y"]))
    inner = np.concatenate([np.zeros(2 * HIDDEN), weights["b_hn"]])
    state = {
        "embedding.weight": np.eye(len(weights["b_y"])),
        "rnn.weight_ih_l0": weights["W_xh"], "rnn.weight_hh_l0": weights["W_hh"],
        "rnn.bias_ih_l0": weights["b_h"], "rnn.bias_hh_l0": inner,
        "read_out.weight": weights["W_hy"], "read_out.bias": weights["b_y"],
    }  # fmt: skip
    net.load_state_dict({name: torch.tensor(value).float() for name, value in state.items()})
    return net.eval()


def bits(net: LanguageModel, text: str, characters: str) -> float:
    """Bits a character of a text that is read in 64 streams."""
    x, y = map(torch.tensor, streams(numbers(characters).encode(text), 64))
    total, state = 0.0, None
    with torch.no_grad():
        for piece, after in zip(x.split(500, 1), y.split(500, 1), strict=True):
            logits, state = net(piece, state)
            total += F.cross_entropy(logits.flatten(0, 1), after.flatten(), reduction="sum").item()
    return round(bits_per_character(total / y.numel()), 4)


def likeliest(net: LanguageModel, text: str, characters: str, most: int = 5) -> list:
    """[[character, probability], …] of the next one after a text, the likeliest first."""
    with torch.no_grad():
        p = net(torch.tensor(numbers(characters).encode(text))[None])[0][0, -1].softmax(0)
    best = p.argsort(descending=True)[:most].tolist()
    return [[characters[n], round(p[n].item(), 4)] for n in best]


def main() -> None:
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    text, test, characters = plays()
    net = train(text, characters)
    weights = {name: assets.pack(values) for name, values in weights_of(net).items()}
    stored = with_weights({name: assets.unpack(one) for name, one in weights.items()})
    content = {
        "made by": "python -m rnncourse.assets.writer",
        "cell": "gru",
        "characters": characters,
        "held_out": [*VALIDATION, *TEST],
        "bits": bits(stored, test, characters),
        "bits before rounding": bits(net, test, characters),
        "cases": {case: likeliest(stored, case, characters) for case in CASES},
    }
    assets.save("writer", content | {"weights": weights})


if __name__ == "__main__":
    main()
