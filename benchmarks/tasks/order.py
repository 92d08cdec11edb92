"""Does order matter? Film reviews, two questions about the same sentences, readers of nine kinds.

praise    praise or blame?
shuffled  every sentence twice, as it was written and with its words in random order: which is real?
mixed     praise or blame, learned from sentences in order, asked of shuffled ones (the GRU only)

The figure is the per cent of test sentences that are answered rightly. 1,000 of the sentences serve
for choosing only: rates (for what counts words: scikit-learn's C, how freely logistic regression
may fit), and when to stop, are those with the fewest errors there. Of the others each seed draws
1,500 to test, shuffles anew, and learns from the rest. These draws share sentences, so the plain
standard error is too small; OVERLAP corrects it (Nadeau and Bengio, 2003).

Networks: words that occur twice or more in the sentences to learn from have a number, others are
unknown; 32 numbers a word, 64 units, dropout 0.3, Adam, gradients clipped to norm 1, batches of
64, stopped when three epochs in a row bring nothing, and after 40 at the latest (none got there).
"shared" and "unshared" look at three neighbouring words at a time and differ in one thing: one set
of weights for all places, or one for each place.
"""

import itertools
import math
from functools import cache

import numpy as np
import torch
import torch.nn.functional as F
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from torch import nn

from rnncourse.batching import Vocabulary, batches, tokenize_words
from rnncourse.data import load_movie_reviews
from rnncourse.training import Trainer

TASKS = ("praise", "shuffled")
T, D, H = 30, 32, 64
EPOCHS, PATIENCE = 40, 3
CHOOSE, TEST = 1000, 1500
OVERLAP = 1500 / 5039  # sentences to test / sentences to learn from


@cache
def sentences():
    """Reviews of 4 to 30 words, without punctuation, none twice, and whether each is praise."""
    texts, praise = load_movie_reviews()
    words = [tuple(w for w in tokenize_words(text) if w[0].isalnum()) for text in texts]
    once = {s: y for s, y in zip(words, praise, strict=True) if 4 <= len(s) <= T}
    order = np.random.default_rng(0).permutation(len(once))
    found = list(once.items())
    return [found[n] for n in order]


def shuffled(sentence, rng):
    """Its words in another order."""
    while (other := tuple(rng.permutation(sentence).tolist())) == sentence:
        pass
    return other


def questions(task, pairs, rng):
    """The sentences that a task asks about, and the right answers (N,)."""
    if task != "shuffled":
        return [s for s, _ in pairs], np.array([y for _, y in pairs])
    twins = [twin for s, _ in pairs for twin in (s, shuffled(s, rng))]
    return twins, np.tile([1, 0], len(pairs))


def drawn(task, seed):
    """The vocabulary; then (learn, choose, test), each (sentences, answers)."""
    choose, rest = sentences()[:CHOOSE], sentences()[CHOOSE:]
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(rest))
    test, learn = ([rest[n] for n in part] for part in (order[:TEST], order[TEST:]))
    vocabulary = Vocabulary((w for s, _ in learn for w in s), min_count=2)
    parts = [questions(task, part, rng) for part in (learn, choose, test)]
    if task == "mixed":
        parts[2] = [shuffled(s, rng) for s in parts[2][0]], parts[2][1]
    return vocabulary, parts


# What only counts


def pairs_of(sentence):
    return [f"{a} {b}" for a, b in itertools.pairwise(sentence)]


COUNTED = {
    "first word": lambda sentence: sentence[:1],
    "bag of words": list,
    "bag of pairs": pairs_of,
    "words and pairs": lambda sentence: [*sentence, *pairs_of(sentence)],
}


def count(what, C, learn, test):
    tfidf = TfidfVectorizer(analyzer=COUNTED[what])
    line = LogisticRegression(C=C, max_iter=2000).fit(tfidf.fit_transform(learn[0]), learn[1])
    return 100 * line.score(tfidf.transform(test[0]), test[1])


# Networks: x (B, T') word numbers, lengths (B,) → (B,), positive for praise or for a real sentence


class Reader(nn.Module):
    def __init__(self, V, hidden):
        super().__init__()
        self.embedding = nn.Embedding(V, D, padding_idx=0)
        self.drop, self.hidden, self.read_out = nn.Dropout(0.3), hidden, nn.Linear(H, 1)

    def embed(self, x):
        return self.drop(self.embedding(x))  # (B, T', D)

    def decide(self, h):
        return self.read_out(self.drop(h))[:, 0]


def at_places(e):
    """(B, T', D) → (B, T, D): zeros up to the last place of the window."""
    return F.pad(e, (0, 0, 0, T - e.shape[1]))


class Window(Reader):
    """All words side by side, a weight for each number of each place."""

    def __init__(self, V):
        super().__init__(V, nn.Linear(T * D, H))

    def forward(self, x, lengths):
        return self.decide(torch.relu(self.hidden(at_places(self.embed(x)).flatten(1))))


class Neighbours(Reader):
    """Three words at a time; the largest of each unit's values over all places decides."""

    def __init__(self, V, shared):
        super().__init__(V, nn.Linear(3 * D, H))
        places = 1 if shared else T
        bound = (3 * D) ** -0.5
        self.hidden = nn.Parameter(torch.empty(places, H, 3 * D).uniform_(-bound, bound))
        self.bias = nn.Parameter(torch.empty(places, H).uniform_(-bound, bound))

    def forward(self, x, lengths):
        e = F.pad(at_places(self.embed(x)), (0, 0, 1, 1))
        three = torch.cat([e[:, :-2], e[:, 1:-1], e[:, 2:]], -1)  # (B, T, 3 D)
        weights = self.hidden.expand(T, -1, -1)
        h = torch.relu(torch.einsum("btd,thd->bth", three, weights) + self.bias)  # (B, T, H)
        real = torch.arange(T) < lengths[:, None]
        return self.decide((h * real[..., None]).amax(1))


class Recurrent(Reader):
    """Word by word; the state after the last one decides."""

    def __init__(self, V, cell):
        super().__init__(V, cell(D, H, batch_first=True))

    def forward(self, x, lengths):
        h, _ = self.hidden(self.embed(x))
        return self.decide(h[torch.arange(len(x)), lengths - 1])


NETWORKS = {
    "window": Window,
    "neighbours, unshared": lambda V: Neighbours(V, shared=False),
    "neighbours, shared": lambda V: Neighbours(V, shared=True),
    "RNN": lambda V: Recurrent(V, nn.RNN),
    "GRU": lambda V: Recurrent(V, nn.GRU),
}


def train(network, rate, seed, vocabulary, learn, choose):
    """The trained network, and its share of errors on `choose`."""
    x = [vocabulary.encode(s) for s in learn[0]]
    y, order = learn[1].astype(np.float32), np.random.default_rng(seed)
    torch.manual_seed(seed)
    net = NETWORKS[network](len(vocabulary))
    trainer = Trainer(
        net, F.binary_cross_entropy_with_logits, torch.optim.Adam(net.parameters(), lr=rate),
        clip_norm=1.0, patience=PATIENCE, device="cpu", progress=False,
    )  # fmt: skip
    epoch = math.ceil(len(x) / 64)
    trainer.fit(
        lambda epoch: batches(x, y, 64, order), EPOCHS * epoch,
        lambda net: 1 - right(net, vocabulary, choose) / 100, validate_every=epoch,
    )  # fmt: skip
    return net, trainer.best


@torch.no_grad()
def right(net, vocabulary, asked):
    """Per cent of the sentences on the right side of zero."""
    x = [vocabulary.encode(s) for s in asked[0]]
    hits = sum(
        ((net(torch.tensor(batch), torch.tensor(lengths)).numpy() > 0) == y).sum()
        for batch, lengths, y in batches(x, asked[1], 250)
    )
    return 100 * float(hits) / len(x)


RATES, FREEDOM = (0.001, 0.003, 0.01), (0.3, 1, 3, 10)
ROWS = {f"{task}: {model}": FREEDOM if model in COUNTED else RATES
        for task in TASKS for model in [*COUNTED, *NETWORKS]}  # fmt: skip
ROWS["mixed: GRU"] = RATES


def validation(name, rate):
    task, model = name.split(": ")
    vocabulary, (learn, choose, _) = drawn(task, 100)
    if model in COUNTED:
        return 1 - count(model, rate, learn, choose) / 100
    return train(model, rate, 100, vocabulary, learn, choose)[1]


def run(name, rate, seed):
    task, model = name.split(": ")
    vocabulary, (learn, choose, test) = drawn(task, seed)
    if model in COUNTED:
        return round(count(model, rate, learn, test), 2)
    net, _ = train(model, rate, seed, vocabulary, learn, choose)
    return round(right(net, vocabulary, test), 2)
