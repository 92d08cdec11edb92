"""Train a bag, a window and a recurrent network: `python -m rnncourse.assets.readers`.

A toy, on the sentences of the welcome page (`rnncourse.assets.news`): is it news? Each may have
*today* before it or after it. All three networks have four tanh units and one answer; they differ
in what they are given: counts of words, the words side by side at four places, or one word after
another. Trained on all sentences without *today* and with *today* at the end; where it comes
first, every other word stands one place later, and half of these sentences are kept for the test.
"""

from __future__ import annotations

import numpy as np

from rnncourse import assets
from rnncourse.assets.news import NOUNS, VERBS, is_news, sentences
from rnncourse.cells import Adam, RNNCell, rnn_step, sigmoid, unroll, unroll_backward

EXTRA = "today"
VOCABULARY = (*NOUNS, *VERBS, EXTRA)
KINDS = ("bag", "window", "recurrent")
PLACES, HIDDEN, STEPS, RATE, DECAY = 4, 4, 3000, 0.02, 1e-3
SEED, SEEDS = 0, 10  # the one that is kept, of so many


def said(words, extra: str) -> tuple[str, ...]:
    """The sentence with the extra word: extra is "", "first" or "last"."""
    return {"": words, "first": (EXTRA, *words), "last": (*words, EXTRA)}[extra]


def corpus() -> tuple[list, list]:
    """(sentence, news) for training and for the test."""
    rng = np.random.default_rng(SEED)
    every = [tuple(words) for words in sentences()]
    kept = set(rng.choice(len(every), len(every) // 2, replace=False).tolist())
    train = [(said(w, extra), is_news(*w)) for w in every for extra in ("", "last")]
    first = [(said(w, "first"), is_news(*w)) for w in every]
    train += [item for k, item in enumerate(first) if k not in kept]
    return train, [first[k] for k in sorted(kept)]


def one_hot(words) -> np.ndarray:
    """(PLACES, V), rows of zeros after the last word."""
    rows = np.zeros((PLACES, len(VOCABULARY)))
    for t, word in enumerate(words):
        rows[t, VOCABULARY.index(word)] = 1
    return rows


def given(kind: str, words) -> np.ndarray:
    """What a reader of this kind is given, step by step: (T, D), T = 1 but for the recurrent."""
    rows = one_hot(words)
    if kind == "bag":
        return rows.sum(0, keepdims=True)
    return rows.reshape(1, -1) if kind == "window" else rows[: len(words)]


def train(kind: str, seed: int = SEED) -> dict[str, np.ndarray]:
    """W_xh (H, D), W_hh (H, H), b_h (H,), W_hy (1, H), b_y (1,), of two decimals.

    A reader that is given all at once takes one step from a state of zeros; its W_hh has no use.
    """
    data, _ = corpus()
    steps = max(len(given(kind, words)) for words, _ in data)
    x = np.zeros((steps, len(data), given(kind, data[0][0]).shape[1]))  # (T, B, D)
    last, target = np.zeros((2, steps, len(data), 1))  # what counts is the answer after the end
    for b, (words, news) in enumerate(data):
        rows = given(kind, words)
        x[: len(rows), b] = rows
        last[len(rows) - 1, b], target[len(rows) - 1, b] = 1, news
    rng = np.random.default_rng(seed)
    cell = RNNCell(x.shape[-1], HIDDEN, rng)
    params = {**cell.params, "W_hy": rng.normal(0, 0.5, (1, HIDDEN)), "b_y": np.zeros(1)}
    adam = Adam(params, RATE)
    for step in range(STEPS):
        h, _, caches = unroll(cell, x)  # (T, B, H)
        y = sigmoid(h @ params["W_hy"].T + params["b_y"])  # (T, B, 1)
        dz = (y - target) * last / len(data)
        _, _, grads = unroll_backward(cell, dz @ params["W_hy"], caches)
        grads |= {"W_hy": np.einsum("tbo,tbh->oh", dz, h), "b_y": dz.sum((0, 1))}
        adam.lr = RATE * (1 - step / STEPS)
        adam.step({n: g + DECAY * params[n] * n.startswith("W") for n, g in grads.items()})
    return {name: p.round(2) + 0.0 for name, p in params.items()}


def answer(kind: str, params: dict, words) -> tuple[np.ndarray, float]:
    """The last state (H,) and how surely it says news."""
    W_xh, W_hh, b_h, W_hy = (np.array(params[n]) for n in ("W_xh", "W_hh", "b_h", "W_hy"))
    h = np.zeros(len(b_h))
    for x_t in given(kind, words):
        h = rnn_step(x_t, h, W_xh, W_hh, b_h)
    return h, sigmoid(W_hy[0] @ h + params["b_y"][0]).item()


def right(kind: str, params: dict, data) -> int:
    """How many sentences are answered rightly."""
    return sum((answer(kind, params, words)[1] > 0.5) == news for words, news in data)


def main() -> None:
    learned, unseen = corpus()
    readers, scores = {}, {}
    for kind in KINDS:
        trained = [train(kind, seed) for seed in range(SEEDS)]
        readers[kind] = {name: p.tolist() for name, p in trained[SEED].items()}
        scores[kind] = {
            "train": [right(kind, params, learned) for params in trained],
            "test": [right(kind, params, unseen) for params in trained],
        }
    content = {
        "made by": "python -m rnncourse.assets.readers", "nouns": NOUNS, "verbs": VERBS,
        "extra": EXTRA, "unseen": [" ".join(words) for words, _ in unseen],
        "sentences": {"train": len(learned), "test": len(unseen)}, "right": scores,
    }  # fmt: skip
    assets.save("readers", {**content, **readers})


if __name__ == "__main__":
    main()
