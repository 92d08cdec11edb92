"""Six tasks, one for each shape: models of `rnncourse.models` beside baselines.

digits    the digit of a picture of 8 by 8 pixels, % of pictures named wrongly. The GRU reads
          the picture as a sequence of eight rows. Each seed splits the pictures anew.
captions  the Unicode name of a letter in a picture of 32 by 32 pixels, % of names not quite
          right. Pairs of letter and mark are held out in all fonts and both cases, others for each
          seed. "composed" adds to the training pictures those of `compose_glyphs`.
speakers  which of nine men said it, % of the 370 test series wrong. Rates: by the
          cross-entropy on every fifth training series, held out. "five GRUs together": the mean of
          their probabilities.
films     the digit in each frame, % of frames wrong. "frame by frame" has no memory.
sounds    the phones of English words, % wrong, by edit distance (phone error rate) on words
          never seen; "words" rows: % of words not exactly right. Each seed splits anew. "longer"
          is three times the steps.
dates     a day as one of eight locales writes it → ISO 8601, % not exactly right, on days never
          seen. The rules are dateutil's, "names" with Babel's names of months and weekdays;
          they take "mar", March in five locales and Tuesday in three, for Tuesday.

Rates (for logistic regression scikit-learn's C) are chosen on validation data: other pictures,
other pairs, other words, other days than those of training and test. Networks: AdamW, the rate
rises for a tenth of the steps and then falls to nothing (one cycle), gradients clipped to norm 1,
the same number of steps for all networks of a task, but for "longer". Rates are tried in a third of
the steps, those of the dates, where nothing is learned by then, in all of them.
"""

import datetime
import itertools
from collections import Counter
from functools import cache

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from rnncourse import data
from rnncourse.batching import NO_TARGET, Vocabulary, by_length, pad, teacher_forced
from rnncourse.data.dates import split_days
from rnncourse.data.glyphs import compose_glyphs, split_glyphs
from rnncourse.data.pronunciations import phones
from rnncourse.data.splits import split
from rnncourse.decoding import greedy
from rnncourse.metrics import accuracy, error_rate, exact_match
from rnncourse.models import (
    Captioner,
    Classifier,
    EncoderDecoder,
    PictureEncoder,
    Tagger,
    sequence_loss,
)
from rnncourse.training import one_cycle

VALIDATION, TEST = 1, 2
SHORTER = [1]  # by how much training is cut while rates are tried


def fit(net, loss, batches, steps, rate, decay=0.01):
    """Train in a fixed number of steps; the network, in eval mode."""
    return one_cycle(net, loss, batches, steps // SHORTER[0], rate, weight_decay=decay).model


def drawn(seed, count, batch_size, make):
    """Batches for ever: `make(rows)` of rows drawn at random, without any twice in a batch."""

    def batches(epoch):
        rng = np.random.default_rng([seed, epoch])
        order = rng.permutation(count)
        for start in range(0, count - batch_size + 1, batch_size):
            yield make(order[start : start + batch_size])

    return batches


def asked(net, *inputs):
    """What a trained network answers, without gradients."""
    with torch.no_grad():
        return net(*inputs)


def wrong(share):
    return round(100 * (1 - float(share)), 3)


# Digits


@cache
def digits(seed):
    pictures, labels = data.load_digits()
    parts = split(range(len(labels)), (0.6, 0.2, 0.2), seed)
    return [(pictures[rows], labels[rows]) for rows in parts]


def digits_by_pixels(C, seed, part):
    from sklearn.linear_model import LogisticRegression

    learn, test = digits(seed)[0], digits(seed)[part]
    line = LogisticRegression(C=C, max_iter=5000).fit(learn[0].reshape(-1, 64), learn[1])
    return wrong(line.score(test[0].reshape(-1, 64), test[1]))


def digit_reader(rate, seed, steps=1000):
    """A trained classifier: a picture as eight rows, top to bottom, → the digit."""
    torch.manual_seed(seed)
    x, y = digits(seed)[0]
    net = Classifier(8, 64, 10, read="last", bidirectional=False, dropout=0.2)
    make = lambda rows: (x[rows], np.full(len(rows), 8), y[rows])  # noqa: E731
    return fit(net, F.cross_entropy, drawn(seed, len(x), 64, make), steps, rate)


def digits_by_rows(rate, seed, part):
    x, y = digits(seed)[part]
    logits = asked(digit_reader(rate, seed), torch.tensor(x), torch.full((len(x),), 8))
    return wrong(accuracy(logits.argmax(1), y))


# Captions

START, END = 1, 2


@cache
def name_words():
    """The vocabulary of names: LETTER, LATIN, WITH, … and the three marks of padding and ends."""
    words = [word for name in data.load_glyphs().names for word in name.split()]
    return Vocabulary(words, specials=("<pad>", "<start>", "<end>"))


@cache
def glyph_parts(seed, composed):
    """(train, validation, test) as Glyphs; with composed pictures in train or without."""
    glyphs = data.load_glyphs()
    parts = [glyphs.of(rows) for rows in split_glyphs(glyphs, seed)]
    if composed:
        held_out = {
            pair for part in parts[1:] for pair in zip(part.letters, part.marks, strict=True)
        }
        more = compose_glyphs(held_out, seed)
        one = [a + b for a, b in zip(parts[0][1:4], more[1:4], strict=True)]
        pictures, fonts = (np.concatenate([parts[0][n], more[n]]) for n in (0, 4))
        parts[0] = type(more)(pictures, *one, fonts)
    return parts


def captions_by_neighbour(rate, seed, part):
    parts = glyph_parts(seed, False)
    learn, test = parts[0], parts[part]
    flat = [one.pictures.reshape(-1, 1024) for one in (learn, test)]
    nearest = (flat[1] @ flat[0].T - (flat[0] ** 2).sum(1) / 2).argmax(1)
    return wrong(exact_match([learn.names[row] for row in nearest], test.names))


def captions_by_lines(C, seed, part, composed):
    from sklearn.linear_model import LogisticRegression

    parts = glyph_parts(seed, composed)
    learn, test = parts[0], parts[part]
    pictures = [one.pictures.reshape(-1, 1024) for one in (learn, test)]
    said = []
    for field in ("letters", "marks"):
        line = LogisticRegression(C=C, max_iter=80)
        said.append(line.fit(pictures[0], getattr(learn, field)).predict(pictures[1]).tolist())
    return wrong(exact_match(list(zip(*said)), list(zip(test.letters, test.marks))))  # noqa: B905


def captioner(rate, seed, composed=True, look="every step", steps=1000):
    """A trained captioner: a letter's picture → the words of its name."""
    torch.manual_seed(seed)
    learn = glyph_parts(seed, composed)[0]
    words, targets = teacher_forced(
        [name_words().encode(n.split()) for n in learn.names], START, END
    )
    encoder = PictureEncoder(32, 128, (16, 32, 64))
    net = Captioner(encoder, 128, len(name_words()), hidden_size=128, look=look, dropout=0.2)
    make = lambda rows: (learn.pictures[rows], words[rows], targets[rows])  # noqa: E731
    return fit(net, sequence_loss, drawn(seed, len(words), 64, make), steps, rate)


def name_pictures(net, pictures):
    """The names that a captioner gives to pictures (N, 32, 32)."""
    pictures = torch.as_tensor(pictures)
    with torch.no_grad():
        state = net.start(pictures)
    said = greedy(net.step, state, len(pictures), start=START, end=END, limit=12)
    return [" ".join(name_words().decode(tokens)) for tokens in said.tokens]


def captions_by_gru(rate, seed, part, composed):
    test = glyph_parts(seed, composed)[part]
    net = captioner(rate, seed, composed)
    return wrong(exact_match(name_pictures(net, test.pictures), test.names))


# Speakers


@cache
def vowels():
    """[(x, lengths, speakers)] of train and test, each channel standardised by train."""
    parts = [data.load_japanese_vowels(part) for part in ("train", "test")]
    frames = np.concatenate(parts[0][0])
    centre, width = frames.mean(0), frames.std(0)
    found = []
    for series, speakers in parts:
        x, lengths = pad([(one - centre) / width for one in series])
        found.append((torch.tensor(x).float(), torch.tensor(lengths), torch.tensor(speakers)))
    return found


def vowel_parts(part):
    learn, test = vowels()
    if part == TEST:
        return learn, test
    held_out = torch.arange(len(learn[0])) % 5 == 0
    return [[one[rows] for one in learn] for rows in (~held_out, held_out)]


def speaker_score(probabilities, y, part):
    """% wrong; for choosing a rate, where 54 series are too few to count, the cross-entropy."""
    if part == VALIDATION:
        return round(F.nll_loss(probabilities.log(), y).item(), 4)
    return wrong(accuracy(probabilities.argmax(1), y))


SUMMARIES = {
    "mean": lambda one: [one.mean(0)],
    "all": lambda one: [one.mean(0), one.std(0), one[0], one[-1]],
    "thirds": lambda one: [third.mean(0) for third in np.array_split(one, 3)],
}


def speakers_by_summary(C, seed, part, what):
    from sklearn.linear_model import LogisticRegression

    sides = []
    for x, lengths, y in vowel_parts(part):
        series = [one[:n].numpy() for one, n in zip(x, lengths, strict=True)]
        summary = [np.concatenate(SUMMARIES[what](one)) for one in series]
        sides.append((np.array(summary), y.numpy()))
    (x, y), (asked_x, truth) = sides
    line = LogisticRegression(C=C, max_iter=5000).fit(x, y)
    return speaker_score(torch.tensor(line.predict_proba(asked_x)), torch.tensor(truth), part)


def speaker_net(rate, seed, part=TEST, steps=540):
    """A trained classifier: a series of 12 coefficients → the speaker."""
    torch.manual_seed(seed)
    learn, _ = vowel_parts(part)
    net = Classifier(12, 64, 9, dropout=0.5, input_dropout=0.1)
    make = lambda rows: tuple(one[rows] for one in learn)  # noqa: E731
    return fit(net, F.cross_entropy, drawn(seed, len(learn[0]), 30, make), steps, rate, decay=0.1)


def speakers_by_gru(rate, seed, part, networks=1):
    *inputs, y = vowel_parts(part)[1]
    seeds = range(networks * seed, networks * (seed + 1))
    said = [asked(speaker_net(rate, one, part), *inputs).softmax(1) for one in seeds]
    return speaker_score(torch.stack(said).mean(0), y, part)


# Films


class FilmTagger(nn.Module):
    """Frames (B, T, 12, 12) → logits (B, T, 10): each frame through a small convolutional network,
    the features frame after frame through a tagger, or, without memory, to a linear layer."""

    def __init__(self, memory):
        super().__init__()
        self.encoder = PictureEncoder(12, 64, (16, 32))
        self.tagger = None
        if memory == "none":
            self.read_out = nn.Linear(64, 10)
        else:
            self.tagger = Tagger(64, 64, 10, bidirectional=memory == "both")

    def forward(self, frames):
        features = self.encoder(frames.flatten(0, 1)).unflatten(0, frames.shape[:2])  # (B, T, 64)
        if self.tagger is None:
            return self.read_out(features)
        return self.tagger(features, torch.full((len(frames),), frames.shape[1]))


def film_net(rate, seed, memory, steps=400):
    """A trained FilmTagger; memory is "none", "past" or "both"."""
    torch.manual_seed(seed)
    x, y = data.load_moving_digits("train", 2000, seed)
    make = lambda rows: (x[rows], y[rows])  # noqa: E731
    return fit(FilmTagger(memory), sequence_loss, drawn(seed, len(x), 32, make), steps, rate)


def films(rate, seed, part, memory):
    x, y = data.load_moving_digits({VALIDATION: "validation", TEST: "test"}[part], 500, seed)
    return wrong(accuracy(asked(film_net(rate, seed, memory), torch.tensor(x)).argmax(2), y))


# Sounds


@cache
def words():
    return data.load_pronunciations()


@cache
def word_parts(seed):
    parts = split([one.word for one in words()], (0.9, 0.02, 0.08), seed)
    return [[words()[row] for row in rows] for rows in parts]


LETTERS = Vocabulary("abcdefghijklmnopqrstuvwxyz'", specials=("<pad>",))


def sounds_of(learn):
    return Vocabulary([sound for one in learn for sound in one.sounds], specials=())


def spots(words, wide):
    """Each letter with `wide` others on either side; "·" beyond the ends of a word."""
    line = ("·" * wide).join(["", *(one.word for one in words), ""])
    return [line[n - wide : n + wide + 1] for n, sign in enumerate(line) if sign != "·"]


def sounds_by_table(seed, part, wide=0):
    """The sound that each letter has most often between the letters beside it, up to `wide` on
    either side: of what was seen in training, the widest."""
    learn, asked_for = word_parts(seed)[0], word_parts(seed)[part]
    heard = [sound for one in learn for sound in one.sounds]
    best = [""] * sum(len(one.word) for one in asked_for)
    for n in range(wide + 1):
        counts = Counter(zip(spots(learn, n), heard, strict=True))
        table = {spot: sound for (spot, sound), _ in reversed(counts.most_common())}
        best = [table.get(one, old) for one, old in zip(spots(asked_for, n), best, strict=True)]
    best = iter(best)
    return [phones(itertools.islice(best, len(one.word))) for one in asked_for]


def sound_net(rate, seed, bidirectional=True, steps=500):
    """A trained tagger, letters → sounds, and the vocabulary of sounds."""
    torch.manual_seed(seed)
    learn = word_parts(seed)[0]
    sounds = sounds_of(learn)
    x = [LETTERS.encode(one.word) for one in learn]
    y = [sounds.encode(one.sounds) for one in learn]
    lengths = [len(one) for one in x]

    def batches(epoch):
        for rows in by_length(lengths, 256, np.random.default_rng([seed, epoch])):
            padded, its_lengths = pad([x[row] for row in rows])
            yield padded, its_lengths, pad([y[row] for row in rows], NO_TARGET)[0]

    # about as many weights in one direction as in two
    net = Tagger(32, 128 if bidirectional else 216, len(sounds), tokens=len(LETTERS),
                 num_layers=2, bidirectional=bidirectional)  # fmt: skip
    return fit(net, sequence_loss, batches, steps, rate), sounds


def pronounce(net, sounds, spelled):
    """The phones of words, as lists."""
    said = [None] * len(spelled)
    for rows in by_length(list(map(len, spelled)), 500):
        x, lengths = pad([LETTERS.encode(spelled[row]) for row in rows])
        best = asked(net, torch.tensor(x), torch.tensor(lengths)).argmax(2)
        for row, tokens, length in zip(rows, best, lengths, strict=True):
            said[row] = phones(sounds.decode(tokens[:length]))
    return said


TABLES = {"table": 0, "table of three": 3}


@cache
def spoken(model, rate, seed, part):
    """What a model says to the words of a part."""
    if model in TABLES:
        return sounds_by_table(seed, part, TABLES[model])
    steps = 1500 if model.endswith("longer") else 500
    net, sounds = sound_net(rate, seed, model != "past", steps)
    return pronounce(net, sounds, [one.word for one in word_parts(seed)[part]])


def sounds(rate, seed, part, model):
    truth = [phones(one.sounds) for one in word_parts(seed)[part]]
    return round(100 * error_rate(spoken(model, rate, seed, part), truth), 3)


def whole_words(rate, seed, part, model):
    truth = [phones(one.sounds) for one in word_parts(seed)[part]]
    return wrong(exact_match(spoken(model, rate, seed, part), truth))


# Dates

DATES = data.load_dates()
ISO = Vocabulary("0123456789-", specials=("<pad>", "<start>", "<end>"))


@cache
def date_signs():
    """The characters of all ways to write a year's days, one after the other."""
    year = [datetime.date(1972, 1, 1) + datetime.timedelta(days=n) for n in range(366)]
    return Vocabulary("".join(pair.text for pair in DATES.every(year)), specials=("<pad>",))


def date_pairs(seed, part, count=2000):
    return DATES.sample(split_days(seed)[part], count, np.random.default_rng([seed, part]))


def names_of(parts, n):
    """What a month or weekday is called anywhere, as dateutil splits it: not "-feira"."""
    found = {width[n].lower() for one in parts.values() for width in one.values()}
    return tuple({form for name in found for form in (name, name.rstrip("."), name.split("-")[0])})


def rules(names):
    """dateutil's rules, or these with the names of eight locales and the years from 1970."""
    from dateutil.parser import parserinfo

    if not names:
        return parserinfo()
    info = parserinfo()
    tables = {
        "MONTHS": [names_of(DATES.months, n) for n in range(12)],
        "WEEKDAYS": [names_of(DATES.weekdays, n) for n in range(7)],
        "JUMP": [*info.JUMP, "de", "feira"],
        "convertyear": lambda self, year, century: year + (year < 100) * (1900 + 100 * (year < 70)),
    }
    return type("Names", (parserinfo,), tables)()


def dates_by_rules(seed, part, names):
    """What dateutil reads, day first except where the text says en_US."""
    from dateutil.parser import parse

    info, pairs, said = rules(names), date_pairs(seed, part), []
    unsaid = datetime.datetime(1970, 1, 1)
    for pair in pairs:
        where, _, text = pair.text.rpartition(": ")
        try:
            day = parse(text, info, dayfirst=where != "en_US", default=unsaid)
            said.append(day.date().isoformat())
        except (ValueError, OverflowError):
            said.append("")
    return wrong(exact_match(said, [pair.iso for pair in pairs]))


def date_net(rate, seed, steps=1700):
    """A trained encoder–decoder: a day as written → ISO 8601."""
    torch.manual_seed(seed)
    days, signs = split_days(seed)[0], date_signs()

    def batches(epoch):
        rng = np.random.default_rng([seed, epoch])
        pairs = DATES.sample(days, 64 * 100, rng)
        for rows in by_length([len(pair.text) for pair in pairs], 64, rng):
            source, lengths = pad([signs.encode(pairs[row].text) for row in rows])
            yield (
                source,
                lengths,
                *teacher_forced([ISO.encode(pairs[row].iso) for row in rows], 1, 2),
            )

    net = EncoderDecoder(len(signs), len(ISO), hidden_size=128)
    return fit(net, sequence_loss, batches, steps, rate)


def read_dates(net, texts):
    """What an encoder–decoder makes of texts: strings, "1987-04-03" if all went well."""
    source, lengths = pad([date_signs().encode(text) for text in texts])
    with torch.no_grad():
        state = net.start(torch.tensor(source), torch.tensor(lengths))
    said = greedy(net.step, state, len(texts), start=1, end=2, limit=12)
    return ["".join(ISO.decode(tokens)) for tokens in said.tokens]


def dates_by_gru(rate, seed, part):
    pairs = date_pairs(seed, part)
    said = read_dates(date_net(rate, seed), [pair.text for pair in pairs])
    return wrong(exact_match(said, [pair.iso for pair in pairs]))


RATES, FREEDOM = (0.003, 0.006, 0.012), (0.01, 0.1, 1.0, 10.0)
# Each row: its grid, and the figure of a rate, a seed and a part
MODELS = {
    "digits: logistic regression on pixels": (FREEDOM, digits_by_pixels),
    "digits: GRU by rows": (RATES, digits_by_rows),
    "captions: nearest neighbour": (None, captions_by_neighbour),
    "captions: two logistic regressions": (FREEDOM, lambda *a: captions_by_lines(*a, False)),
    "captions: two logistic regressions, composed": (
        FREEDOM,
        lambda *a: captions_by_lines(*a, True),
    ),
    "captions: GRU": (RATES, lambda *a: captions_by_gru(*a, False)),
    "captions: GRU, composed": (RATES, lambda *a: captions_by_gru(*a, True)),
    "speakers: logistic regression on means": (FREEDOM, lambda *a: speakers_by_summary(*a, "mean")),
    "speakers: ... on mean, deviation, first, last": (
        FREEDOM,
        lambda *a: speakers_by_summary(*a, "all"),
    ),
    "speakers: ... on the means of three thirds": (
        FREEDOM,
        lambda *a: speakers_by_summary(*a, "thirds"),
    ),
    "speakers: GRU": (RATES, speakers_by_gru),
    "speakers: five GRUs together": (RATES, lambda *a: speakers_by_gru(*a, networks=5)),
    "films: frame by frame": (RATES, lambda *a: films(*a, "none")),
    "films: GRU": (RATES, lambda *a: films(*a, "past")),
    "films: GRU, both directions": (RATES, lambda *a: films(*a, "both")),
    "sounds: most frequent for the letter": (None, lambda *a: sounds(*a, "table")),
    "sounds: ... and three on either side": (None, lambda *a: sounds(*a, "table of three")),
    "sounds: GRU": (RATES, lambda *a: sounds(*a, "past")),
    "sounds: GRU, both directions": (RATES, lambda *a: sounds(*a, "both directions")),
    "sounds: ... longer": (RATES, lambda *a: sounds(*a, "both directions, longer")),
    "words: most frequent for the letter": (None, lambda *a: whole_words(*a, "table")),
    "words: ... and three on either side": (None, lambda *a: whole_words(*a, "table of three")),
    "words: GRU": (RATES, lambda *a: whole_words(*a, "past")),
    "words: GRU, both directions": (RATES, lambda *a: whole_words(*a, "both directions")),
    "words: ... longer": (RATES, lambda *a: whole_words(*a, "both directions, longer")),
    "dates: rules": (None, lambda rate, *a: dates_by_rules(*a, False)),
    "dates: rules and names": (None, lambda rate, *a: dates_by_rules(*a, True)),
    "dates: GRU encoder and decoder": (RATES, dates_by_gru),
}
ROWS = {name: grid for name, (grid, _) in MODELS.items()}
SEEDS = {"speakers: GRU": 10}
# Size of the test / size of what is learned from, where each seed splits the same data
OVERLAP = {"digits": 0.33, "captions": 0.24, "sounds": 0.09, "words": 0.09, "dates": 0.125}


def validation(name, rate):
    SHORTER[0] = 1 if name.startswith("dates") else 3
    try:
        return MODELS[name][1](rate, 100, VALIDATION)
    finally:
        SHORTER[0] = 1


def run(name, rate, seed):
    return MODELS[name][1](rate, seed, TEST)
