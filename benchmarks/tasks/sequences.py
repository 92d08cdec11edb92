"""A sequence into another: encoders and decoders, without and with attention, beside rivals.

reverse     letters, drawn anew each time, → the same from the last to the first. Learned at lengths
            1 to 40, asked at each of some lengths, 60 being longer than any that was learned;
            500 sequences of each. "reverse n": % of sequences quite right; "letters n": % of
            letters right, place by place. "copy n", "sort n": the same letters as they were read,
            or in the order of the alphabet, % of sequences quite right.
dates       a day as one of eight locales writes it → ISO 8601, % quite right, 2,000 days never
            seen. The rules are dateutil's with Babel's names. "mar" is March in five locales and
            Tuesday in three: the rules take it for Tuesday, or "by place", for Tuesday if it stands
            first and a month follows in letters or digits. "steps to 99 %": after how many steps,
            looked at every 100, 99 % of 500 validation dates or more are right for the first time,
            or all 1,000 steps where they never are.
sounds      the spelling of an English word → its phones, without an alignment. "phones": % wrong by
            edit distance (phone error rate), "words": % not quite right (word error rate), on
            2,000 words never seen. Beam search with widths 2, 5 and 10: the plain probability, and
            the mean of a phone ("mean"); "end" is the share of words, in %, that have their end
            mark within 30 phones. "longer": three times the steps, at the rate of "attention".
grammar     made-up English sentences → French, 10,000 to learn from. 1,000 test sentences each have
            a combination of adjective and noun that was held out: BLEU (13a), % quite right, and
            "gender" and "number": words, in 100 sentences, that are right but for that.
            "perplexity" is of the truth, word by word, each after the true words before it.
phrases     English → French as locale data word them, 20,000 to learn from, combinations held out:
            % of 2,000 quite right, of all and of each kind; BLEU (13a).
emoji       English names of emoji → French, 1,330 to 1,340 to learn from, groups held out: % quite
            right, chrF; "unknown": % of test names with an English word that no training name has.

Without attention the decoder hears of the source by its first state only; with it, it asks with a
dot product (Luong), or where the row says so with a small network ("additive", Bahdanau). Words are
translated one by one by IBM model 1. What has no end mark at the limit gets a mark that no truth
has, so that it is wrong.

Rates are chosen on validation data and in all steps. Networks: AdamW, the rate rises for a tenth of
the steps and then falls to nothing (one cycle), gradients clipped to norm 1, as many steps with
attention as without. Each seed splits and draws anew; five seeds, three of "longer".
"""

import datetime
import re
from functools import cache

import numpy as np
import torch
from rapidfuzz.distance import Levenshtein

from rnncourse import data, experiments
from rnncourse.batching import NO_TARGET, Vocabulary, by_length, pad, teacher_forced
from rnncourse.data import emoji_names, locale_phrases, translation
from rnncourse.data.dates import split_days
from rnncourse.data.pronunciations import phones
from rnncourse.data.synthetic import rearranged
from rnncourse.decoding import beam, greedy
from rnncourse.metrics import bleu, chrf, error_rate, exact_match, perplexity
from rnncourse.models import AttentiveEncoderDecoder, EncoderDecoder, sequence_loss
from rnncourse.training import one_cycle
from rnncourse.word_table import WordTable

VALIDATION, TEST = 1, 2
MARKS = ("<pad>", "<start>", "<end>", "<unk>")
PAD, START, END, UNKNOWN = range(4)
CUT = "…"  # what stands where a sequence was cut off


def network(attention, sources, targets, size=128, dropout=0.0):
    """An encoder–decoder of two vocabularies, attention None, "dot", "general" or "additive"."""
    sizes = len(sources), len(targets), size
    if attention is None:
        return EncoderDecoder(*sizes, dropout=dropout)
    return AttentiveEncoderDecoder(*sizes, attention=attention, dropout=dropout)


def fit(net, batches, steps, rate, validate=None):
    """Train in a fixed number of steps; (the network in eval mode, its history)."""
    return net, one_cycle(net, sequence_loss, batches, steps, rate, validate=validate).history


def bucketed(x, y, batch_size, seed):
    """Batches of similar length for ever, of N sequences of token numbers and their targets."""

    def batches(epoch):
        rng = np.random.default_rng([seed, epoch])
        for rows in by_length([len(one) for one in x], batch_size, rng):
            yield *pad([x[row] for row in rows]), *teacher_forced([y[row] for row in rows], 1, 2)

    return batches


def written(net, x, targets, limit, width=None, penalty=1.0):
    """What a network writes: N lists of tokens; greedy, or by a beam of `width`."""
    said = [None] * len(x)
    for rows in by_length([len(one) for one in x], 250):
        source, lengths = (torch.tensor(one) for one in pad([x[row] for row in rows]))
        with torch.no_grad():
            state = net.start(source, lengths)
        options = {"start": START, "end": END, "limit": limit}
        if width is None:
            tokens, finished = greedy(net.step, state, len(rows), **options)
        else:
            found = beam(net.step, state, len(rows), width=width, pick=net.pick, penalty=penalty,
                         **options)  # fmt: skip
            tokens, finished = ([one[0] for one in side] for side in (found[0], found[2]))
        for row, numbers, ended in zip(rows, tokens, finished, strict=True):
            said[row] = targets.decode(numbers) + [CUT] * (not ended)
    return said


def nats(net, x, y):
    """Mean cross-entropy of a token, the end mark included, each after the true ones before it."""
    total = count = 0
    for rows in by_length([len(one) for one in x], 250):
        inputs, targets = teacher_forced([y[row] for row in rows], START, END)
        source, lengths = pad([x[row] for row in rows])
        with torch.no_grad():
            logits = net(*map(torch.tensor, (source, lengths, inputs)))
        real = int((targets != NO_TARGET).sum())
        total += sequence_loss(logits, torch.tensor(targets)).item() * real
        count += real
    return total / count


def percent(share):
    return round(100 * float(share), 3)


# Letters in another order

LETTERS = Vocabulary("abcdefghijklmnopqrstuvwxyz", specials=MARKS)
LENGTHS, LONGEST = (5, 10, 15, 20, 30, 40, 60), 40


@cache
def rearranger(attention, rate, seed, how):
    """A network that has learned to say 1 to 40 letters again, `how` as `rearranged` has it."""
    torch.manual_seed(seed)

    def batches(epoch):
        rng = np.random.default_rng([epoch, seed, 1])
        for _ in range(100):
            T = int(rng.integers(1, LONGEST + 1))
            x, y = (one + len(MARKS) for one in rearranged(rng, 64, T, how))
            yield x, np.full(64, T), *teacher_forced(y, START, END)

    return fit(network(attention, LETTERS, LETTERS), batches, STEPS["reverse"], rate)[0]


def letters_row(rate, seed, part, attention, length, measure="exact", how="reversed"):
    """% of sequences, or letter by letter, right."""
    rng = np.random.default_rng([seed, part])
    if part == VALIDATION:  # one choice for all lengths
        net = rearranger(attention, rate, seed, how)
        drawn = [rearranged(rng, 50, T, how) for T in LENGTHS[:-1]]
        x, y = ([row + len(MARKS) for pair in drawn for row in pair[n]] for n in (0, 1))
        return round(nats(net, x, y), 5)
    y = rearranged(rng, 500, length, how)[1] + len(MARKS)
    said = written_letters(attention, rate, seed, length, how)
    truth = [LETTERS.decode(row) for row in y]
    if measure == "exact":
        return percent(exact_match(said, truth))
    places = [[a == b for a, b in zip(one, other)] for one, other in zip(said, truth)]  # noqa: B905
    return percent(sum(map(sum, places)) / sum(map(len, truth)))


@cache
def written_letters(attention, rate, seed, length, how):
    rng = np.random.default_rng([seed, TEST])
    x, _ = rearranged(rng, 500, length, how)
    net = rearranger(attention, rate, seed, how)
    return written(net, list(x + len(MARKS)), LETTERS, length + 5)


# Dates


@cache
def shapes():
    """The task of chapter 8, which has dates and sounds, too."""
    return experiments.load_task("topologies")


@cache
def date_vocabularies():
    signs = Vocabulary(shapes().date_signs().tokens[1:], specials=MARKS)
    return signs, Vocabulary("0123456789-", specials=MARKS)


@cache
def date_net(attention, rate, seed):
    """A network that reads dates, and how many of 500 validation dates were right: [(step, %)]."""
    torch.manual_seed(seed)
    signs, digits = date_vocabularies()
    days, dates = split_days(seed)[0], shapes().DATES

    def batches(epoch):
        rng = np.random.default_rng([seed, epoch])
        pairs = dates.sample(days, 64 * 100, rng)
        x, y = ([code.encode(text) for text in side] for code, side in
                ((signs, [p.text for p in pairs]), (digits, [p.iso for p in pairs])))  # fmt: skip
        return bucketed(x, y, 64, epoch)(0)

    looked = date_pairs(seed, VALIDATION)[:500]
    right = lambda net: exact_match(read_dates(net, looked), [p.iso for p in looked])  # noqa: E731
    net, history = fit(
        network(attention, signs, digits), batches, STEPS["dates"], rate,
        validate=lambda net: {"wrong": 1 - right(net)},
    )  # fmt: skip
    curve = [(n + 1, percent(1 - row["wrong"])) for n, row in enumerate(history) if "wrong" in row]
    return net, curve


def date_pairs(seed, part):
    return shapes().date_pairs(seed, part)


def read_dates(net, pairs):
    """What a network makes of texts, as strings."""
    signs, digits = date_vocabularies()
    said = written(net, [signs.encode(pair.text) for pair in pairs], digits, limit=12)
    return ["".join(tokens) for tokens in said]


def without_mar(text):
    """Without a "mar" at its beginning if a month in letters or digits follows: it is Tuesday."""
    months = {name.rstrip(".").lower() for names in shapes().DATES.months.values()
              for width in names.values() for name in width}  # fmt: skip
    rest = re.sub(r"^mar\b[.,]*", "", text)
    named = set(re.findall(r"[^\W\d]+", rest.lower())) & months
    return rest if named or len(re.findall(r"\d+", rest)) == 3 else text


def by_rules(pairs, place):
    """What dateutil reads with Babel's names; with `place`, "mar" is Tuesday if it stands first and
    a month follows, else March."""
    from dateutil.parser import parse

    info = shapes().rules(True)
    if place:
        weekdays = [tuple(name for name in day if name != "mar") for day in info.WEEKDAYS]
        info = type("Place", (type(info),), {"WEEKDAYS": weekdays})()
    said, unsaid = [], datetime.datetime(1970, 1, 1)
    for pair in pairs:
        where, _, text = pair.text.rpartition(": ")
        try:
            day = parse(without_mar(text) if place else text, info, dayfirst=where != "en_US",
                        default=unsaid)  # fmt: skip
            said.append(day.date().isoformat())
        except (ValueError, OverflowError):
            said.append("")
    return said


def dates_row(rate, seed, part, model, measure="exact"):
    pairs = date_pairs(seed, part)
    if measure == "steps":
        if part == VALIDATION:
            return dates_row(rate, seed, part, model)
        _, curve = date_net(model, rate, seed)
        return next((step for step, right in curve if right >= 99), STEPS["dates"])
    if isinstance(model, bool):
        said = by_rules(pairs, model)
    else:
        said = read_dates(date_net(model, rate, seed)[0], pairs)
    right = percent(exact_match(said, [pair.iso for pair in pairs]))
    return right if part == TEST else 100 - right


# Sounds


@cache
def sound_pairs(seed):
    """[(words, phones)] of three parts, test and validation with 2,000 words."""
    some = []
    for n, part in enumerate(shapes().word_parts(seed)):
        rng = np.random.default_rng([seed, n])
        rows = range(len(part)) if n == 0 else rng.permutation(len(part))[:2000]
        some.append(
            ([part[row].word for row in rows], [phones(part[row].sounds) for row in rows])
        )
    return some


@cache
def sound_vocabularies(seed):
    """Of letters and of phones."""
    every = (one for word in sound_pairs(seed)[0][1] for one in word)
    return [Vocabulary(one, specials=MARKS) for one in ("abcdefghijklmnopqrstuvwxyz'", every)]


@cache
def sound_net(attention, rate, seed, steps):
    torch.manual_seed(seed)
    words, sounds = sound_pairs(seed)[0]
    letters, names = sound_vocabularies(seed)
    x, y = [letters.encode(one) for one in words], [names.encode(one) for one in sounds]
    net = network(attention, letters, names, 192)
    return fit(net, bucketed(x, y, 128, seed), steps, rate)[0]


@cache
def said_sounds(attention, rate, seed, part, width=None, penalty=1.0, steps=None):
    letters, names = sound_vocabularies(seed)
    x = [letters.encode(one) for one in sound_pairs(seed)[part][0]]
    net = sound_net(attention, rate, seed, steps or STEPS["sounds"])
    return written(net, x, names, 30, width, penalty)


def sounds_row(rate, seed, part, attention, measure, width=None, penalty=1.0, steps=None):
    if part == VALIDATION:  # one choice for all that is measured
        measure, width = "phones", None
    truth = sound_pairs(seed)[part][1]
    said = said_sounds(attention, rate or LONGER_RATE, seed, part, width, penalty, steps)
    if measure == "end":
        return percent(np.mean([one[-1:] != [CUT] for one in said]))
    if measure == "phones":
        return percent(error_rate(said, truth))
    return percent(1 - exact_match(said, truth))


# Words: a grammar, phrases, names of emoji


@cache
def word_parts(task, seed):
    """Three lists of (English words, French words)."""
    if task == "grammar":
        some, held = translation.held_out_combinations(seed)
        validation = translation.sentence_pairs(1_000, seed, some, only=True)
        parts = [translation.sentence_pairs(10_000, seed, some | held),
                 [one for one in validation if not held & set(one.combinations)],
                 translation.sentence_pairs(1_000, seed, held, only=True)]  # fmt: skip
        words = translation.words
    elif task == "phrases":
        parts, words = data.load_locale_phrases(seed=seed), locale_phrases.words
    else:
        parts = emoji_names.split_emoji_names(data.load_emoji_names(), seed)
        words = locale_phrases.words
    return [[(words(one.english), words(one.french)) for one in part] for part in parts]


def put_together(task, words):
    return (translation if task == "grammar" else locale_phrases).joined(words)


@cache
def word_net(task, attention, rate, seed):
    """A translator, and its two vocabularies."""
    torch.manual_seed(seed)
    pairs = word_parts(task, seed)[0]
    codes = [Vocabulary((w for pair in pairs for w in pair[n]), specials=MARKS) for n in (0, 1)]
    x, y = ([code.encode(pair[n]) for pair in pairs] for n, code in enumerate(codes))
    net = network(attention, *codes, dropout=0.3 if task == "emoji" else 0.0)
    return fit(net, bucketed(x, y, 64, seed), STEPS[task], rate)[0], codes


@cache
def word_table(task, seed):
    return WordTable(word_parts(task, seed)[0])


@cache
def translated(task, model, rate, seed, part):
    """What a model makes of the English words of a part: N lists of French words."""
    pairs = word_parts(task, seed)[part]
    if model == "table":
        return [word_table(task, seed).translate(english) for english, _ in pairs]
    if model == "copy":
        return [english for english, _ in pairs]
    net, (english, french) = word_net(task, model, rate, seed)
    return written(net, [english.encode(one) for one, _ in pairs], french, limit=40)


def nearly_right(said, truth, what):
    """Words that stand where another form of the same word should, of the wrong gender (what = 1)
    or number (2), in 100 sentences."""
    wrong = 0
    for one, other in zip(said, truth, strict=True):
        for edit in Levenshtein.editops(one, other):
            if edit.tag != "replace":
                continue
            a, b = (translation.forms(word) for word in
                    (one[edit.src_pos], other[edit.dest_pos]))  # fmt: skip
            common = {form[0] for form in a} & {form[0] for form in b}
            sides = [{form[what] for form in side if form[0] in common} for side in (a, b)]
            wrong += bool(common) and not sides[0] & sides[1]
    return round(100 * wrong / len(said), 3)


MAIN = {"grammar": "BLEU", "phrases": "exact", "emoji": "chrF"}  # what rates are chosen by


def words_row(rate, seed, part, task, model, measure):
    if part == VALIDATION:  # one choice for all that is measured
        return round(100 - score(rate, seed, part, task, model, MAIN[task]), 4)
    return score(rate, seed, part, task, model, measure)


def score(rate, seed, part, task, model, measure):
    pairs = word_parts(task, seed)[part]
    if measure == "perplexity":
        net, codes = word_net(task, model, rate, seed)
        x, y = ([code.encode(pair[n]) for pair in pairs] for n, code in enumerate(codes))
        return round(perplexity(nats(net, x, y)), 4)
    if measure == "unknown":
        known = {word for english, _ in word_parts(task, seed)[0] for word in english}
        return percent(np.mean([not known.issuperset(english) for english, _ in pairs]))
    said, truth = translated(task, model, rate, seed, part), [french for _, french in pairs]
    if measure in ("gender", "number"):
        return nearly_right(said, truth, {"gender": 1, "number": 2}[measure])
    if measure in locale_phrases.KINDS:
        kinds = [one.kind for one in data.load_locale_phrases(seed=seed)[part]]
        rows = [n for n, kind in enumerate(kinds) if kind == measure]
        said, truth = ([side[n] for n in rows] for side in (said, truth))
    if measure in ("BLEU", "chrF"):
        texts = ([put_together(task, one) for one in side] for side in (said, truth))
        return round({"BLEU": bleu, "chrF": chrf}[measure](*texts), 3)
    return percent(exact_match(said, truth))


# Rows

RATES = (0.003, 0.006, 0.012)
STEPS = {"reverse": 800, "dates": 1000, "sounds": 800, "grammar": 600, "phrases": 2000,
         "emoji": 500}  # fmt: skip
LONGER_RATE = 0.003
WITH = {"without attention": None, "attention": "dot"}


def letters_rows():
    for measure, name in (("exact", "reverse"), ("letters", "letters")):
        for length in LENGTHS:
            for model, attention in (WITH | {"additive attention": "additive"}).items():
                yield f"{name} {length}: {model}", RATES, (letters_row, attention, length, measure)
    for name, how in (("copy", "as it was"), ("sort", "sorted")):
        for length in LENGTHS:
            for model, attention in WITH.items():
                row = letters_row, attention, length, "exact", how
                yield f"{name} {length}: {model}", RATES, row


def dates_rows():
    yield "dates: rules and names", None, (dates_row, False)
    yield 'dates: rules, "mar" by place', None, (dates_row, True)
    for measure, name in (("exact", "dates"), ("steps", "steps to 99 %")):
        for model, attention in WITH.items():
            yield f"{name}: {model}", RATES, (dates_row, attention, measure)


def sounds_rows():
    for measure in ("phones", "words", "end"):
        for model, attention in WITH.items():
            yield f"{measure}: {model}", RATES, (sounds_row, attention, measure)
        for width in (2, 5, 10):
            for name, penalty in (("", 0.0), (", mean", 1.0)):
                row = sounds_row, "dot", measure, width, penalty
                yield f"{measure}: beam {width}{name}", RATES, row
        for name, width in (("", None), (", beam 5, mean", 5)):
            row = sounds_row, "dot", measure, width, 1.0, 3 * STEPS["sounds"]
            yield f"{measure}: longer{name}", None, row


def words_rows():
    measures = {
        "grammar": ("BLEU", "exact", "gender", "number", "perplexity"),
        "phrases": ("exact", "BLEU", *locale_phrases.KINDS, "perplexity"),
        "emoji": ("exact", "chrF"),
    }
    yield "emoji, unknown words", None, (words_row, "emoji", None, "unknown")
    for task, some in measures.items():
        models = ({"copy": "copy"} if task == "emoji" else {}) | {"IBM model 1": "table"} | WITH
        for measure in some:
            for model, what in models.items():
                if (measure, what) != ("perplexity", "table"):
                    grid = None if what in ("copy", "table") else RATES
                    yield f"{task} {measure}: {model}", grid, (words_row, task, what, measure)


KINDS = (letters_rows, dates_rows, sounds_rows, words_rows)
MODELS = {name: (grid, *row) for rows in KINDS for name, grid, row in rows()}
ROWS = {name: grid for name, (grid, *_) in MODELS.items()}
SEEDS = {name: 3 for name in ROWS if ": longer" in name}
# Size of the test / size of what is learned from, where each seed splits the same data
OVERLAP = {"dates": 0.125, "grammar": 0.125, "phrases": 0.1, "emoji": 0.125}
OVERLAP |= dict.fromkeys(("phones", "words", "end"), 0.02)


def validation(name, rate):
    _, figure, *model = MODELS[name]
    return figure(rate, 100, VALIDATION, *model)


def run(name, rate, seed):
    _, figure, *model = MODELS[name]
    return figure(rate, seed, TEST, *model)
