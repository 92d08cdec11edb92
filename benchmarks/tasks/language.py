"""Four tasks of language, each beside cheap rivals.

characters  the plays of Shakespeare, next character: bits a character on Hamlet and The Tempest,
            no line of which was learned from. GRU and LSTM have 256 units and read, at each of
            their 2,200 and 1,650 steps, 64 characters in each of 16 streams through the 34 training
            plays, joined in an order drawn by the seed; they carry their states on. The Transformer
            (4 layers of 128, 4 heads, learned places) reads 12 windows of 64, as in a well-known
            recipe for small computers, at each of 970 steps, and is asked with 32 characters or
            more before it. All three have about the same time, a minute of one processor core. The
            n-gram is Witten and Bell's and reads all plays; its "rate" is its order.
            "four times the steps": the GRU, at its rate, with three seeds.
speeches    the same networks, but the lines that name who speaks are only read, not counted; the
            n-gram's order is chosen anew.
next word   the same plays in lower case, 5,000 words and <unk>: % of the next words (punctuation
            marks not counted) that are among three suggested, at every eighth place.
sentiment   8,529 sentences of film reviews: % right, in five folds. Rates: on 853 sentences that
            are in no test fold and are learned from later. The GRU reads in both directions; in
            training three in ten words are hidden from it. "both": the mean of its probability and
            the bag's. The folds share what they learn from, so that ± is somewhat too small.
names       people, places and firms in made-up sentences: F1 in %, on names whose words were never
            seen, and on names of the training sentences ("seen"). In training a fifth of the words
            are hidden, for the logistic regression (on the word, and two before and after) as well.
agreement   "is" or "are" after a subject 5 to 100 words away, % right. One network for all
            distances, trained on distances drawn between 5 and 100, each factor as likely as any
            other, new sentences at every step; its rate is chosen by the mean over the five, to a
            whole percent: what is less is a seed's luck. Of equal rates the smaller inner one.

Rates (scikit-learn's C, the n-gram's order) are chosen on validation data: two other plays, other
sentences, other names. Networks: AdamW, the rate rises for a tenth of the steps and then falls to
nothing (one cycle), gradients clipped to norm 1. Rates are tried in a third of the steps,
those for names, agreement and the Transformer in all: a third teaches the last two next to nothing.
"""

import itertools
import math
import re
from functools import cache, partial

import numpy as np
import torch
import torch.nn.functional as F

from rnncourse import data, layers
from rnncourse.batching import NO_TARGET, Vocabulary, by_length, pad, streams, tokenize_words
from rnncourse.data.agreement import WORDS, agreement
from rnncourse.data.entities import TAGS, load_entities, load_names
from rnncourse.data.shakespeare import split_plays
from rnncourse.data.slurs import has_slur
from rnncourse.metrics import accuracy, bits_per_character, entity_f1
from rnncourse.models import Classifier, LanguageModel, Tagger, Transformer, sequence_loss
from rnncourse.ngram import NGram
from rnncourse.training import one_cycle

VALIDATION, TEST = 1, 2
SHORTER = [1]  # by how much training is cut while rates are tried


def fit(net, loss, batches, steps, rate, decay=0.01, truncate=None):
    """Train in a fixed number of steps; the network, in eval mode."""
    options = {"weight_decay": decay, "truncate": truncate}
    return one_cycle(net, loss, batches, steps // SHORTER[0], rate, **options).model


def percent(share):
    return round(100 * float(share), 3)


def hide(tokens, unknown, rng, share=0.2):
    """Tokens, a share of them replaced by the one for unknown words."""
    return np.where(rng.random(np.shape(tokens)) < share, unknown, tokens)


# Characters

STREAMS, WINDOW = 16, 64
CONTEXT = 64  # of the Transformer, and how much it reads at a time


@cache
def plays():
    """[train, validation, test]: dicts of whole plays."""
    return split_plays(data.load_shakespeare())


@cache
def characters():
    """The characters of the training plays; those seen fewer than 20 times are one, <unk>."""
    return Vocabulary("".join(plays()[0].values()), min_count=20, specials=("<unk>",))


def joined(part, seed=None):
    """The plays of a part as one text, in an order drawn by the seed."""
    texts = list(plays()[part].values())
    if seed is not None:
        texts = [texts[n] for n in np.random.default_rng(seed).permutation(len(texts))]
    return "\n\n".join(texts)


def nats_of(net, tokens):
    """(N,) the surprise at each token after the first of a language model that reads a text.

    It reads in 64 streams; of the end, less than 64 tokens are left over.
    """
    found, state, (x, y) = [], None, map(torch.tensor, streams(tokens, 64))
    with torch.no_grad():
        for piece, after in zip(x.split(500, 1), y.split(500, 1), strict=True):
            logits, state = net(piece, state)
            found.append(F.cross_entropy(logits.transpose(1, 2), after, reduction="none"))
    return torch.cat(found, 1).flatten().numpy()


WRITERS = {
    "LSTM": {"cell": layers.LSTM, "steps": 1650},
    "GRU": {"cell": layers.GRU, "steps": 2200},
    "GRU, four times the steps": {"cell": layers.GRU, "steps": 8800},
}
LONGER_RATE = 0.008


def writer(rate, seed, cell=layers.GRU, steps=2200):
    """A trained language model of characters."""
    torch.manual_seed(seed)
    net = LanguageModel(len(characters()), 256, 32, cell=cell)
    batch = streams(characters().encode(joined(0, seed)), STREAMS)
    return fit(net, sequence_loss, [batch], steps, rate, truncate=WINDOW)


@cache
def ngram(order):
    return NGram([characters().encode(text) for text in plays()[0].values()],
                 len(characters()), int(order))  # fmt: skip


def transformer(rate, seed, steps=970):
    """A trained Transformer: windows of characters, drawn anywhere, → the next of each."""
    torch.manual_seed(seed)
    tokens = characters().encode(joined(0, seed))

    def batches(epoch):
        rng = np.random.default_rng([seed, epoch])
        while True:
            windows = rng.integers(0, len(tokens) - CONTEXT, 12)[:, None] + np.arange(CONTEXT)
            yield tokens[windows], tokens[windows + 1]

    net = Transformer(len(characters()), 128, 4, 4, CONTEXT)
    return fit(net, sequence_loss, batches, steps, rate, truncate=CONTEXT)


def nats_of_transformer(net, tokens, context=CONTEXT):
    """The same, but that its first is at the token after context / 2 others."""
    half, found = context // 2, []
    starts = np.arange(0, len(tokens) - context, half)
    with torch.no_grad():
        for some in np.array_split(starts, len(starts) // 64 + 1):
            windows = torch.tensor(tokens[some[:, None] + np.arange(context + 1)])
            logits = net(windows[:, :-1])[0][:, half:]
            after = windows[:, half + 1 :]
            found.append(F.cross_entropy(logits.transpose(1, 2), after, reduction="none"))
    return torch.cat(found).flatten().numpy()


@cache
def surprises(model, rate, seed, part):
    """(N,) nats at each character of a part, and the place of the first of them in its text."""
    tokens = characters().encode(joined(part))
    if model == "n-gram":
        return ngram(rate).nats(tokens), 0
    if model == "Transformer":
        return nats_of_transformer(transformer(rate, seed), tokens), CONTEXT // 2 + 1
    return nats_of(writer(rate or LONGER_RATE, seed, **WRITERS[model]), tokens), 1


def bits(rate, seed, part, model, what="characters"):
    nats, first = surprises(model, rate, seed, part)
    text = joined(part)
    counted = np.ones(len(text), bool)
    if what == "speeches":
        for name in re.finditer(r"(?m)^[A-Z][^\n:]*:\n", text):
            counted[name.start() : name.end()] = False
    return round(bits_per_character(nats[counted[first : first + len(nats)]].mean()), 4)


# Next word


@cache
def play_words(part, seed=None):
    return tokenize_words(joined(part, seed))


@cache
def word_list():
    """5,000 words and marks, and a row that is False where nothing is suggested: (V,)."""
    every = Vocabulary(play_words(0), specials=("<unk>",)).tokens[1:5001]
    known = Vocabulary(every, specials=("<unk>",))
    return known, np.array([token[0].isalpha() for token in known.tokens])


def best_three(scores):
    """(N, V) scores of what comes next → (N, 3) the words that a keyboard would suggest."""
    _, words = word_list()
    return np.argpartition(np.where(words, -scores, np.inf), 3, axis=1)[:, :3]


def hits(best, part):
    """% of words that are among the three; best (N, 3): before every eighth token, from the ninth
    on. Where a punctuation mark comes next, nothing is counted."""
    known, _ = word_list()
    said = play_words(part)[8::8][: len(best)]
    right = (best == known.encode(said)[:, None]).any(1)
    return percent(right[[token[0].isalpha() for token in said]].mean())


@cache
def word_ngram(order):
    known, _ = word_list()
    texts = [known.encode(tokenize_words(text)) for text in plays()[0].values()]
    return NGram(texts, len(known), order)


def hits_of_ngram(order, seed, part):
    model, tokens = word_ngram(int(order)), word_list()[0].encode(play_words(part))
    best = [best_three(model.probabilities(tokens[n - 8 : n])[None])[0]
            for n in range(8, len(tokens), 8)]  # fmt: skip
    return hits(np.array(best), part)


def word_writer(rate, seed, steps=600):
    """A trained language model of words."""
    torch.manual_seed(seed)
    known, _ = word_list()
    net = LanguageModel(len(known), 128, 128, dropout=0.2)
    batch = streams(known.encode(play_words(0, seed)), STREAMS)
    return fit(net, sequence_loss, [batch], steps, rate, truncate=WINDOW)


def hits_of_gru(rate, seed, part):
    net, state, best = word_writer(rate, seed), None, []
    text = torch.tensor(word_list()[0].encode(play_words(part)))[None]  # (1, T)
    with torch.no_grad():
        for piece in text[:, : text.shape[1] // 8 * 8].split(512, 1):
            logits, state = net(piece, state)
            best.append(best_three(logits[0, 7::8].numpy()))
    return hits(np.concatenate(best), part)


# Sentiment


@cache
def reviews():
    """(texts as lists of words, labels): 853 for validation, then five folds of the others."""
    texts, labels = data.load_movie_reviews()
    kept = [n for n, text in enumerate(texts) if not has_slur(text)]
    order = np.random.default_rng(0).permutation(kept)
    parts = [order[:853], *np.array_split(order[853:], 5)]
    return [([texts[n].split() for n in rows], labels[rows]) for rows in parts]


def review_parts(seed, part):
    """(texts, labels) to learn from and to be asked: fold `seed`, or the validation sentences."""
    asked = 0 if part == VALIDATION else seed + 1
    learn = [fold for n, fold in enumerate(reviews()) if n not in (asked, seed + 1)]
    return ([text for texts, _ in learn for text in texts],
            np.concatenate([labels for _, labels in learn])), reviews()[asked]  # fmt: skip


@cache
def praise_by_bag(C, seed, part):
    """(N,) how surely a bag of words and pairs says praise."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    (texts, y), (asked, _) = review_parts(seed, part)
    bag = TfidfVectorizer(analyzer=pairs_and_words, sublinear_tf=True)
    line = make_pipeline(bag, LogisticRegression(C=C, max_iter=2000)).fit(texts, y)
    return line.predict_proba(asked)[:, 1]


def pairs_and_words(text):
    return [*text, *map(" ".join, itertools.pairwise(text))]


def critic(rate, seed, part=TEST, steps=800):
    """A trained classifier, words of a review → blame or praise, and its vocabulary.

    Words begin as vectors of a tenth of the usual length: beside the usual ones, which mean
    nothing yet, what is learned of a rare word is lost.
    """
    torch.manual_seed(seed)
    texts, y = review_parts(seed, part)[0]
    known = Vocabulary([word for text in texts for word in text], min_count=2)
    x = [known.encode(text) for text in texts]

    def batches(epoch):
        rng = np.random.default_rng([seed, epoch])
        for rows in by_length([len(one) for one in x], 64, rng):
            padded, lengths = pad([hide(x[row], known["<unk>"], rng, 0.3) for row in rows])
            yield padded, lengths, y[rows]

    net = Classifier(64, 64, 2, tokens=len(known), dropout=0.5, input_dropout=0.5)
    with torch.no_grad():
        net.embedding.weight.mul_(0.1)
    return fit(net, F.cross_entropy, batches, steps, rate, decay=0.1), known


def praise(net, known, texts):
    """(N,) how surely a classifier says praise of texts, lists of words."""
    found = np.empty(len(texts))
    for rows in by_length(list(map(len, texts)), 500):
        x, lengths = pad([known.encode(texts[row]) for row in rows])
        with torch.no_grad():
            found[rows] = net(torch.tensor(x), torch.tensor(lengths)).softmax(1)[:, 1]
    return found


@cache
def praise_by_gru(rate, seed, part):
    return praise(*critic(rate, seed, part), review_parts(seed, part)[1][0])


BAG_C, CRITIC_RATE = 10.0, 0.016  # what the two rows before chose, for the mean of both


def sentiment(rate, seed, part, model):
    seed = 0 if part == VALIDATION else seed
    said = {
        "bag": lambda: praise_by_bag(rate, seed, part),
        "GRU": lambda: praise_by_gru(rate, seed, part),
        "both": lambda: praise_by_bag(BAG_C, seed, part) + praise_by_gru(CRITIC_RATE, seed, part),
    }[model]()
    half = 1.0 if model == "both" else 0.5
    return percent(accuracy(said > half, review_parts(seed, part)[1][1] == 1))


# Names


@cache
def sentences(seed, part, names="new"):
    which = ("train", "validation", "test")[part]
    count = 3000 if part == 0 else 1000
    return load_entities(which, count, seed, names="train" if names == "seen" else None)


@cache
def lexicon(seed):
    return Vocabulary([word for one in sentences(seed, 0) for word in one.words])


def names_by_dictionary(rate, seed, part, names):
    """Each longest run of words that is a name of the training sentences, with its type."""
    listed = {tuple(name.split()): kind
              for kind, every in load_names("train", seed).items() for name in every}  # fmt: skip
    said = []
    for words, _ in sentences(seed, part, names):
        tags, n = ["O"] * len(words), 0
        while n < len(words):
            runs = [tuple(words[n : n + k]) for k in (3, 2, 1)]
            run = next((run for run in runs if run in listed), None)
            if run:
                kind = listed[run]
                tags[n : n + len(run)] = [f"B-{kind}", *[f"I-{kind}"] * (len(run) - 1)]
            n += len(run or "-")
        said.append(tags)
    return said


def names_by_window(C, seed, part, names):
    from sklearn.feature_extraction import DictVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    line = window_tagger(C, seed, DictVectorizer, LogisticRegression, make_pipeline)
    asked = [lexicon(seed).encode(one.words) for one in sentences(seed, part, names)]
    said = iter(line.predict([seen for tokens in asked for seen in windows(tokens)]))
    return [[next(said) for _ in tokens] for tokens in asked]


@cache
def window_tagger(C, seed, vectorizer, regression, pipeline):
    rng = np.random.default_rng(seed)
    known = lexicon(seed)
    seen = [window for one in sentences(seed, 0)
            for window in windows(hide(known.encode(one.words), known["<unk>"], rng))]  # fmt: skip
    tags = [tag for one in sentences(seed, 0) for tag in one.tags]
    return pipeline(vectorizer(), regression(C=C, max_iter=1000)).fit(seen, tags)


def windows(tokens):
    """For each token a dict of it and its neighbours, two on either side."""
    around = np.pad(tokens, 2, constant_values=-1).tolist()
    return [{f"{d}:{around[n + d]}": 1 for d in range(5)} for n in range(len(tokens))]


@cache
def name_finder(rate, seed, bidirectional, steps=800):
    """A trained tagger of words."""
    torch.manual_seed(seed)
    learn, known = sentences(seed, 0), lexicon(seed)
    x = [known.encode(one.words) for one in learn]
    y = [np.array([TAGS.index(tag) for tag in one.tags]) for one in learn]

    def batches(epoch):
        rng = np.random.default_rng([seed, epoch])
        for rows in by_length([len(one) for one in x], 32, rng):
            padded, lengths = pad([hide(x[row], known["<unk>"], rng) for row in rows])
            yield padded, lengths, pad([y[row] for row in rows], NO_TARGET)[0]

    # about as many weights in one direction as in two
    net = Tagger(32, 64 if bidirectional else 100, len(TAGS), tokens=len(known), dropout=0.2,
                 bidirectional=bidirectional)  # fmt: skip
    return fit(net, sequence_loss, batches, steps, rate)


def find_names(net, known, asked):
    """The tags that a tagger gives to sentences, lists of words: lists of TAGS."""
    x, lengths = pad([known.encode(words) for words in asked])
    with torch.no_grad():
        best = net(torch.tensor(x), torch.tensor(lengths)).argmax(2).tolist()
    return [[TAGS[n] for n in row[:T]] for row, T in zip(best, lengths, strict=True)]


def names_by_gru(rate, seed, part, names, bidirectional):
    asked = [one.words for one in sentences(seed, part, names)]
    return find_names(name_finder(rate, seed, bidirectional), lexicon(seed), asked)


def f1(rate, seed, part, names, tagger, **options):
    truth = [one.tags for one in sentences(seed, part, names)]
    return percent(entity_f1(tagger(rate, seed, part, names, **options), truth))


# Agreement

DISTANCES = (5, 10, 20, 50, 100)


@cache
def verbs(distance, seed, part, count=2000):
    return agreement(np.random.default_rng([part, seed, distance]), count, distance)


@cache
def verb_chooser(rate, seed, cell, steps=1000):
    """A trained classifier that reads from left to right: the words before a verb → is or are."""
    torch.manual_seed(seed)

    def batches(epoch):
        rng = np.random.default_rng([0, seed, epoch])
        while True:
            distance = round(math.exp(rng.uniform(math.log(5), math.log(100))))
            x, y = agreement(rng, 64, distance)
            yield x, np.full(64, x.shape[1]), y

    net = Classifier(32, 64, 2, tokens=len(WORDS), read="last", cell=cell, bidirectional=False)
    return fit(net, F.cross_entropy, batches, steps, rate)


def right_verbs(net, distance, seed, part):
    x, y = verbs(distance, seed, part)
    with torch.no_grad():
        logits = net(torch.tensor(x), torch.full((len(x),), x.shape[1]))
    return percent(accuracy(logits.argmax(1), y))


def agreement_by_network(rate, seed, part, distance, cell):
    net = verb_chooser(rate, seed, cell)
    if part == VALIDATION:
        return round(np.mean([right_verbs(net, one, seed, part) for one in DISTANCES]))
    return right_verbs(net, distance, seed, part)


def agreement_by_bag(C, seed, part, distance):
    from sklearn.linear_model import LogisticRegression

    (x, y), (asked, truth) = verbs(distance, seed, 0, 10_000), verbs(distance, seed, part)
    bags = [np.stack([np.bincount(row, minlength=len(WORDS)) for row in rows])
            for rows in (x, asked)]  # fmt: skip
    line = LogisticRegression(C=C, max_iter=2000).fit(bags[0], y)
    return percent(line.score(bags[1], truth))


def agreement_by_opening(rate, seed, part, distance):
    """The opposite of the opening's noun, the third word: plurals are the second 38 of WORDS."""
    x, y = verbs(distance, seed, part)
    return percent(accuracy(x[:, 2] < 38, y == 1))


RATES, FREEDOM = (0.004, 0.008, 0.016), (0.1, 1.0, 10.0)
# Each row: its grid, and the figure of a rate, a seed and a part
MODELS = {}
for _what in ("characters", "speeches"):
    MODELS |= {
        f"{_what}: n-gram": ((4, 5, 6, 7, 8), partial(bits, model="n-gram", what=_what)),
        f"{_what}: Transformer": (
            (0.001, 0.002, 0.004),
            partial(bits, model="Transformer", what=_what),
        ),
        f"{_what}: LSTM": (RATES, partial(bits, model="LSTM", what=_what)),
        f"{_what}: GRU": (RATES, partial(bits, model="GRU", what=_what)),
        f"{_what}: GRU, four times the steps": (
            None,
            partial(bits, model="GRU, four times the steps", what=_what),
        ),
    }
MODELS |= {
    "next word: the three most frequent": (None, lambda rate, *a: hits_of_ngram(1, *a)),
    "next word: n-gram": ((2, 3, 4), hits_of_ngram),
    "next word: GRU": (RATES, hits_of_gru),
    "sentiment: words and pairs, logistic regression": (FREEDOM, lambda *a: sentiment(*a, "bag")),
    "sentiment: GRU": (RATES, lambda *a: sentiment(*a, "GRU")),
    "sentiment: both": (None, lambda *a: sentiment(*a, "both")),
    "names: dictionary": (None, lambda *a: f1(*a, "new", names_by_dictionary)),
    "names: logistic regression on five words": (
        FREEDOM,
        lambda *a: f1(*a, "new", names_by_window),
    ),
    "names: GRU": (RATES, lambda *a: f1(*a, "new", names_by_gru, bidirectional=False)),
    "names: GRU, both directions": (
        RATES,
        lambda *a: f1(*a, "new", names_by_gru, bidirectional=True),
    ),
    "names seen: dictionary": (None, lambda *a: f1(*a, "seen", names_by_dictionary)),
    "names seen: GRU, both directions": (
        RATES,
        lambda *a: f1(*a, "seen", names_by_gru, bidirectional=True),
    ),
}
for _words in DISTANCES:
    _at = {
        "bag of words": (FREEDOM, agreement_by_bag),
        "not as the opening": (None, agreement_by_opening),
        "RNN": (RATES, partial(agreement_by_network, cell=layers.RNN)),
        "GRU": (RATES, partial(agreement_by_network, cell=layers.GRU)),
        "LSTM": (RATES, partial(agreement_by_network, cell=layers.LSTM)),
    }
    for _name, (_grid, _run) in _at.items():
        MODELS[f"agreement at {_words}: {_name}"] = (_grid, partial(_run, distance=_words))
ROWS = {name: grid for name, (grid, _) in MODELS.items()}
SEEDS = {name: 1 for name in ROWS if "n-gram" in name or "three most frequent" in name}
SEEDS |= {name: 3 for name in ROWS if "four times" in name}


def validation(name, rate):
    if "n-gram" not in name:
        name = name.replace("speeches", "characters")  # the same networks
    SHORTER[0] = 1 if name.startswith(("agreement", "names")) or "Transformer" in name else 3
    try:
        found = MODELS[name][1](rate, 100, VALIDATION)
    finally:
        SHORTER[0] = 1
    small = name.startswith(("characters", "speeches"))
    return found if small else round(100 - found, 3)


def run(name, rate, seed):
    return MODELS[name][1](rate, seed, TEST)
