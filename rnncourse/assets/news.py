"""Train the four units of the welcome page: `python -m rnncourse.assets.news` writes news.json.

A toy: 36 made-up sentences of three words, all of them seen in training. It is news when a man
bites, when an animal bites a larger animal, and when an animal feeds anybody. After one or two
words there is no news yet, and the network learns to wait, too.
"""

from __future__ import annotations

import itertools

import numpy as np

from rnncourse import assets
from rnncourse.cells import Adam, RNNCell, sigmoid, unroll, unroll_backward

NOUNS, VERBS = ("man", "dog", "cat", "mouse"), ("bites", "feeds", "sees")  # large to small
VOCABULARY = (*NOUNS, *VERBS)
HIDDEN, STEPS, RATE, DECAY, SEED = 4, 2000, 0.02, 1e-3, 0
WEIGHTS = np.array([[0.2], [0.2], [1.0]])  # what the answer after each word counts


def is_news(who: str, does: str, whom: str) -> bool:
    """The rule that labels the sentences."""
    if does == "bites":
        larger = NOUNS.index(whom) < NOUNS.index(who)
        return who == "man" or (larger and whom != "man")
    return does == "feeds" and who != "man"


def sentences() -> list[tuple[str, str, str]]:
    """Everything that can be said with two different nouns and a verb."""
    pairs = list(itertools.permutations(NOUNS, 2))
    return [(who, does, whom) for does in VERBS for who, whom in pairs]


def train() -> dict[str, np.ndarray]:
    """W_xh (H, V), W_hh (H, H), b_h (H,), W_hy (1, H), b_y (1,), of two decimals."""
    words = np.array([[VOCABULARY.index(word) for word in said] for said in sentences()])
    x = np.eye(len(VOCABULARY))[words.T]  # (T, B, V)
    target = np.zeros((len(x), len(words), 1))
    target[-1, :, 0] = [is_news(*said) for said in sentences()]
    rng = np.random.default_rng(SEED)
    cell = RNNCell(len(VOCABULARY), HIDDEN, rng)
    params = {**cell.params, "W_hy": rng.normal(0, 0.5, (1, HIDDEN)), "b_y": np.zeros(1)}
    adam = Adam(params, RATE)
    for step in range(STEPS):
        h, _, caches = unroll(cell, x)  # (T, B, H)
        y = sigmoid(h @ params["W_hy"].T + params["b_y"])  # (T, B, 1)
        dz = (y - target) * WEIGHTS[:, :, None] / len(words)
        _, _, grads = unroll_backward(cell, dz @ params["W_hy"], caches)
        grads |= {"W_hy": np.einsum("tbo,tbh->oh", dz, h), "b_y": dz.sum((0, 1))}
        adam.lr = RATE * (1 - step / STEPS)
        adam.step({n: g + DECAY * params[n] * n.startswith("W") for n, g in grads.items()})
    return {name: p.round(2) + 0.0 for name, p in params.items()}


def main() -> None:
    said = {" ".join(words): is_news(*words) for words in sentences()}
    network = {name: p.tolist() for name, p in train().items()}
    content = {"made by": "python -m rnncourse.assets.news", "nouns": NOUNS, "verbs": VERBS}
    assets.save("news", {**content, "news": said, **network})


if __name__ == "__main__":
    main()
