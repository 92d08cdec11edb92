"""Train the network that opens chapter 3: `python -m rnncourse.assets.hamlet` writes hamlet.json.

A vanilla RNN of 128 units that has read eight plays of Shakespeare and half of a ninth once, 1,000
updates in a few seconds. *Hamlet* was kept from it. Each weight is stored as `assets.pack` rounds
it; beside them stands what the rounded weights pay on the beginning of *Hamlet*, nats a character.
"""

from __future__ import annotations

import numpy as np

from rnncourse import assets
from rnncourse.batching import Vocabulary
from rnncourse.cells import (
    Adam,
    RNNCell,
    clip_by_norm,
    cross_entropy,
    cross_entropy_backward,
    one_hot,
    unroll,
    unroll_backward,
)
from rnncourse.data import load_shakespeare

PLAYS, CHARACTERS, HIDDEN, STEPS, RATE, SEED = 9, 1_100_000, 128, 1000, 3e-3, 0
B, T = 32, 32  # places in the text that are read at once, characters in a window


def texts() -> dict[str, str]:
    """What it "read", in alphabetical order; the "tenth" play; and "hamlet"."""
    found = load_shakespeare()
    hamlet, others = found.pop("hamlet"), list(found.values())
    read = "".join(others[:PLAYS])[:CHARACTERS]
    return {"read": read, "tenth": others[PLAYS], "hamlet": hamlet}


def fresh(V: int) -> tuple[RNNCell, dict[str, np.ndarray]]:
    """The untrained cell, and its parameters with those of the read-out."""
    rng = np.random.default_rng(SEED)
    cell = RNNCell(V, HIDDEN, rng, init="orthogonal", dtype=np.float32)
    read_out = (0.05 * rng.normal(size=(V, HIDDEN))).astype(np.float32)
    return cell, {**cell.params, "W_hy": read_out, "b_y": np.zeros(V, np.float32)}


def train(text: str, vocabulary: Vocabulary, steps: int = STEPS) -> dict[str, np.ndarray]:
    """Read on through the text at B places at once, T characters an update."""
    cell, params = fresh(len(vocabulary))
    codes = vocabulary.encode(text)
    codes = codes[: len(codes) // B * B].reshape(B, -1).T  # time first
    adam, state = Adam(params), None
    for n in range(steps):
        adam.lr = RATE * (1 - n / steps)
        window = codes[n * T : (n + 1) * T + 1]
        x = one_hot(window[:-1], len(vocabulary), np.float32)  # (T, B, V)
        h, state, caches = unroll(cell, x, state)  # (T, B, H)
        dz = cross_entropy_backward(h @ params["W_hy"].T + params["b_y"], window[1:])
        _, _, grads = unroll_backward(cell, dz @ params["W_hy"], caches)
        grads["W_hy"] = dz.reshape(-1, len(vocabulary)).T @ h.reshape(-1, HIDDEN)
        grads["b_y"] = dz.sum((0, 1))
        clip_by_norm(grads, 1.0)
        adam.step(grads)
    return params


def nats(weights: dict[str, np.ndarray], code: np.ndarray) -> float:
    """Mean surprise at each next character; code (N,), read from a state of zeros."""
    V, H = weights["W_hy"].shape
    cell = RNNCell(V, H)
    cell.params = {name: weights[name] for name in ("W_xh", "W_hh", "b_h")}
    h, _, _ = unroll(cell, one_hot(code, V))  # (N, H)
    return float(cross_entropy((h @ weights["W_hy"].T + weights["b_y"])[:-1], code[1:]))


def main() -> None:
    text = texts()["read"]
    vocabulary = Vocabulary(text, specials=())
    weights = {name: assets.pack(p) for name, p in train(text, vocabulary).items()}
    rounded = {name: assets.unpack(one) for name, one in weights.items()}
    assets.save("hamlet", {
        "made by": "python -m rnncourse.assets.hamlet",
        "characters": "".join(vocabulary.tokens), "weights": weights,
        "nats": round(nats(rounded, vocabulary.encode(texts()["hamlet"][:20_000])), 6),
    })  # fmt: skip


if __name__ == "__main__":
    main()
