"""Forecasting, anomalies, speech and music: recurrent models beside honest baselines.

load      Victoria's load a day ahead: mean absolute scaled error, the scale is saying "as 24 hours
          ago" within all hours before the block. Four blocks of 14 days; all days before a block
          are learned from. "midnight" forecasts a whole day from its midnight, "any hour" the next
          24 hours from every hour; the models are the same. "line, absolute error": a linear layer
          that knows the hour of the week, trained as the network is. Settings: by two earlier
          blocks.
prices    S&P 500, the next day: mean absolute error over that of the random walk ("as today").
          Five blocks of 500 days, all days before a block are learned from. "the future in the
          scale" takes minimum and maximum for scaling from the whole series; "a scale twice as
          wide" from the past, and twice their distance. Settings: by the 500 days before the first
          block.
price R²  the same forecasts: 1 − squared error / variance of the level within the block.
scan …    synthetic network traffic, another for each seed, detectors fitted to five clean weeks:
          average precision, in %, for bins of one kind of attack among bins without any. The hour
          after an attack is not judged: who foretells is surprised by its end, too. Chance is the
          share of those bins. Settings: by the likelihood of two clean weeks.
hits …    share of attacks, in %, with a bin above a threshold that clean weeks pass once a day.
          Chance: the hits of a detector that throws dice once a day.
delay …   minutes from the beginning of an attack to the end of its first bin above the threshold,
          over those that were hit.
quick …   average precision as in "scan …" where the wandering returns within minutes (memory 0.5).
speech    digits in strings from one voice and one clip a digit, noise −5 to 15 dB: digit error rate
          in %, 400 strings. "true boundaries" is an oracle: it is told where each digit is.
at … dB   the same models on 100 strings of one noise.
chorales  nats a frame, four voices added up, on pieces never seen; another split for each seed.
          "tunes apart": no tune is in two parts of the split. "chained": each voice is told what
          the voices above it sing in the same chord.

Rates (for ridge its penalty, for templates what a new word costs) are chosen on validation data.
Networks: AdamW, the rate rises for a tenth of the steps and then falls to nothing (one cycle),
gradients clipped to norm 1, a fixed number of steps, rates tried in all of them: in a third of the
steps CTC still says blanks only, and larger rates look better than they are.
"""

import math
from functools import cache

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from rnncourse import data
from rnncourse.batching import NO_TARGET, pad
from rnncourse.ctc import ctc_loss, decode
from rnncourse.data.chorales import NOTES, split_chorales, to_notes
from rnncourse.data.electricity import load_blocks
from rnncourse.data.spoken_strings import BANDS, HOP, RATE, at_speed, log_mel
from rnncourse.data.traffic import ATTACKS, BINS_A_DAY, PARTS, clock, hour_of_week
from rnncourse.layers import GRU, LSTM
from rnncourse.metrics import error_rate, mase
from rnncourse.models import (
    Classifier,
    Forecaster,
    FourVoices,
    Listener,
    NextStep,
    chord_loss,
    gaussian_loss,
)
from rnncourse.training import one_cycle

VALIDATION, TEST = 1, 2


def fit(net, loss, batches, steps, rate, decay=0.01):
    """Train in a fixed number of steps; the network, in eval mode."""
    return one_cycle(net, loss, batches, steps, rate, weight_decay=decay).model


def drawn(seed, count, batch_size, make):
    """Batches for ever: `make(rows)` of rows drawn at random, without any twice in a batch."""

    def batches(epoch):
        rng = np.random.default_rng([epoch, seed, 1])
        order = rng.permutation(count)
        for start in range(0, count - batch_size + 1, batch_size):
            yield make(order[start : start + batch_size])

    return batches


def asked(net, *inputs):
    """What a trained network answers, without gradients."""
    with torch.no_grad():
        return net(*inputs)


# Load

WEEK = 168


@cache
def load():
    """The series (3600,), and sine and cosine of the time of day and of the week (3600, 6)."""
    times, demand = data.load_electricity()
    monday = np.datetime64("2012-01-02T00")
    return demand, clock((times - monday).astype(int) * 60 % 10080)


@cache
def load_scaled(start):
    """The series in units of what was before hour `start`: mean 0, deviation 1."""
    demand, _ = load()
    return (demand - demand[:start].mean()) / demand[:start].std()


def week_and_day(origins, series):
    """The week before each origin (N, 168) and the day after it (N, 24)."""
    return [series[origins[:, None] + np.arange(*hours)] for hours in ((-WEEK, 0), (0, 24))]


def load_by_ridge(penalty, start, origins, calendar):
    from sklearn.linear_model import Ridge

    series, learn = load_scaled(start), np.arange(WEEK, start - 23)

    def features(at):  # the hour of the week in which the forecast begins, one-hot
        hour = 10 * np.eye(WEEK)[at % WEEK] if calendar else np.empty((len(at), 0))
        return np.concatenate([week_and_day(at, series)[0], hour], axis=1)

    line = Ridge(penalty).fit(features(learn), week_and_day(learn, series)[1])
    return line.predict(features(origins))


def clocks(origins):
    """(N, 7, 6): the time of day and of the week in which each of the last seven days began."""
    return torch.tensor(load()[1][origins[:, None] - 24 * np.arange(7, 0, -1)])


@cache
def forecaster(rate, start, calendar, seed=0, steps=600):
    """A Forecaster that has learned from all hours before `start`."""
    torch.manual_seed(seed)
    learn = np.arange(WEEK, start - 23)
    past, y = (torch.tensor(one).float() for one in week_and_day(learn, load_scaled(start)))
    known = clocks(learn)
    make = lambda rows: (past[rows], *([known[rows]] if calendar else []), y[rows])  # noqa: E731
    net = Forecaster(32, extra=6 if calendar else 0, dropout=0.3)
    return fit(net, F.l1_loss, drawn(seed, len(past), 64, make), steps, rate, decay=0.1)


def load_by_lstm(rate, start, origins, calendar):
    net = forecaster(rate, start, calendar)
    past = torch.tensor(week_and_day(origins, load_scaled(start))[0]).float()
    return asked(net, past, *([clocks(origins)] if calendar else [])).numpy()


class DayLine(nn.Module):
    """From a week and the hour of the week 24 numbers, by one linear layer; added to yesterday."""

    def __init__(self):
        super().__init__()
        self.read = nn.Linear(2 * WEEK, 24)
        nn.init.zeros_(self.read.weight)
        nn.init.zeros_(self.read.bias)

    def forward(self, past, hour):
        """past (B, 168) and hour, one-hot (B, 168) → (B, 24)."""
        return past[:, -24:] + self.read(torch.cat([past, hour], 1))


def load_by_line(rate, start, origins, seed=0, steps=600):
    """What `forecaster` would say if it had no hidden units: trained as it is."""
    torch.manual_seed(seed)
    learn = np.arange(WEEK, start - 23)
    past, y = (torch.tensor(one).float() for one in week_and_day(learn, load_scaled(start)))
    hours = torch.eye(WEEK)
    make = lambda rows: (past[rows], hours[learn[rows] % WEEK], y[rows])  # noqa: E731
    batches = drawn(seed, len(past), 64, make)
    net = fit(DayLine(), F.l1_loss, batches, steps, rate, decay=0.1)
    past = torch.tensor(week_and_day(origins, load_scaled(start))[0]).float()
    return asked(net, past, hours[origins % WEEK]).numpy()


def load_forecasts(model, rate, start, origins):
    """(N, 24) in the units of the data; model: "naive 24", "ridge", "LSTM, hour of week", …"""
    demand, _ = load()
    if model.startswith("naive"):
        return demand[origins[:, None] + np.arange(24) - int(model.split()[1])]
    if model == "mean of both":
        penalty = best_penalty()
        both = ("ridge, hour of week", penalty), ("LSTM, hour of week", rate)
        return np.mean([load_forecasts(*one, start, origins) for one in both], axis=0)
    calendar = model.endswith("hour of week")
    if model.startswith("line"):
        found = load_by_line(rate, start, origins)
    else:
        by = load_by_ridge if model.startswith("ridge") else load_by_lstm
        found = by(rate, start, origins, calendar)
    return found * demand[:start].std() + demand[:start].mean()


def load_error(model, rate, start, when):
    """MASE of the block that begins at hour `start`."""
    demand, _ = load()
    origins = np.arange(start, start + 14 * 24 - 23, 24 if when == "midnight" else 1)
    truth = demand[origins[:, None] + np.arange(24)]
    said = load_forecasts(model, rate, start, origins)
    return mase(said, truth, demand[:start], season=24)


def load_row(rate, seed, part, model, when):
    if part == VALIDATION:  # one choice for both ways to ask
        when = "any hour"
    starts = [block.test.start for block in load_blocks({1: "validation", 2: "test"}[part])]
    starts = starts if part == VALIDATION else starts[seed : seed + 1]
    return round(float(np.mean([load_error(model, rate, start, when) for start in starts])), 4)


@cache
def best_penalty():
    """The penalty of the ridge with the hour of the week, by the two validation blocks."""
    row = lambda one: load_row(one, 0, VALIDATION, "ridge, hour of week", "any hour")  # noqa: E731
    return min(PENALTIES, key=row)


# Prices

BLOCK, FIRST, LOOK = 500, 2531, 20  # days in a block, day of the first block, days that are seen


@cache
def prices():
    return data.load_sp500()[1]


def unit(kind, start):
    """(series, back): what a model sees of the prices, and from its number for day t + 1 and the
    price of day t to a price. kind: "levels", "levels, the future in the scale",
    "levels, a scale twice as wide" or "returns"."""
    close = prices()
    if kind == "returns":
        series = np.diff(np.log(close), prepend=np.log(close[0]))
        centre, width = series[:start].mean(), series[:start].std()
        return (series - centre) / width, lambda y, today: today * np.exp(y * width + centre)
    known = close if "future" in kind else close[:start]
    low, high = known.min(), known.max()
    high = low + 2 * (high - low) if "twice" in kind else high
    return (close - low) / (high - low), lambda y, today: y * (high - low) + low


def windows(series, days):
    """(N, 20): of each day t the numbers of t − 19 … t."""
    return series[days[:, None] + np.arange(1 - LOOK, 1)]


def price_forecasts(model, rate, start, seed=0):
    """The price that a model says for each of 500 days from `start` on, a day before."""
    close, days = prices(), np.arange(start - 1, start + BLOCK - 1)
    if model == "random walk":
        return close[days]
    name, kind = model.split(" on ")
    series, back = unit(kind, start)
    learn = np.arange(LOOK, start - 1)
    if name == "ridge":
        from sklearn.linear_model import Ridge

        line = Ridge(rate).fit(windows(series, learn), series[learn + 1])
        return back(line.predict(windows(series, days)), close[days])
    net = price_net(rate, start, kind, seed)
    with torch.no_grad():
        said = net(torch.tensor(windows(series, days))[..., None].float(), whole(days))
    return back(said[:, 0].numpy(), close[days])


def whole(days):
    return torch.full((len(days),), LOOK)


@cache
def price_net(rate, start, kind, seed, steps=300):
    """An LSTM that reads 20 days and says the number of the next; learned from all before start."""
    torch.manual_seed(seed)
    series, _ = unit(kind, start)
    learn = np.arange(LOOK, start - 1)
    x = torch.tensor(windows(series, learn))[..., None].float()
    y = torch.tensor(series[learn + 1])[:, None].float()
    net = Classifier(1, 32, 1, read="last", cell=LSTM, bidirectional=False)
    make = lambda rows: (x[rows], whole(rows), y[rows])  # noqa: E731
    return fit(net, F.mse_loss, drawn(seed, len(x), 64, make), steps, rate)


def price_row(rate, seed, part, model, score="error"):
    """Absolute error over the random walk's, or R²."""
    start = FIRST - BLOCK if part == VALIDATION else FIRST + BLOCK * seed
    truth = prices()[start : start + BLOCK]
    said = price_forecasts(model, rate, start, seed)
    if score == "R²" and part == TEST:
        return round(
            1 - float(((truth - said) ** 2).sum() / ((truth - truth.mean()) ** 2).sum()), 4
        )
    walk = price_forecasts("random walk", None, start)
    return round(float(np.abs(truth - said).mean() / np.abs(truth - walk).mean()), 4)


# Traffic


@cache
def office(seed, memory):
    """A network's traffic; x standardised by the training weeks."""
    traffic = data.load_traffic(seed, memory)
    learn = traffic.x[PARTS["train"]]
    return traffic._replace(x=(traffic.x - learn.mean(0)) / learn.std(0))


def distance(residuals):
    """(N,) squared Mahalanobis length; mean and covariance are those of the clean validation."""
    clean = residuals[PARTS["validation"]]
    apart = residuals - clean.mean(0)
    return np.einsum("ni,ij,nj->n", apart, np.linalg.inv(np.cov(clean.T)), apart)


def likelihood(residuals):
    """−log p of a bin, on clean weeks, with one covariance for all: a number to make small."""
    clean = residuals[PARTS["validation"]]
    return float(np.linalg.slogdet(np.cov(clean.T))[1]) / 2


def by_hour(traffic, x=None):
    """Each bin (or row of x) as deviations from the mean of its hour of the week in the training
    weeks, and the mean logarithm of these deviations on clean weeks."""
    x = traffic.x if x is None else x
    hours, learn = hour_of_week(traffic.minutes), PARTS["train"]
    rows = [x[learn][hours[learn] == hour] for hour in range(168)]
    means, deviations = (np.array([f(one, axis=0) for one in rows]) for f in (np.mean, np.std))
    wide = np.log(deviations[hours[PARTS["validation"]]]).sum(1).mean()
    return (x - means[hours]) / deviations[hours], wide


def by_ridge(traffic, penalty, lags=12, read=None, happened=None):
    """The same of what a linear forecast from the last hour and the hour of the week leaves; with
    `read` and `happened`, of what it would leave if it had read the one and the other had come."""
    from sklearn.linear_model import Ridge

    hours = np.eye(168)[hour_of_week(traffic.minutes)]
    learn = slice(lags, PARTS["train"].stop)

    def features(x):
        return np.concatenate([*(np.roll(x, lag, axis=0) for lag in range(1, lags + 1)), hours], 1)

    line = Ridge(penalty).fit(features(traffic.x)[learn], traffic.x[learn])
    read, happened = (traffic.x if x is None else x for x in (read, happened))
    return by_hour(traffic, happened - line.predict(features(read)))


def inputs_of(traffic):
    """(N − 1, 12): each bin's numbers and the clock of the bin after it."""
    return torch.tensor(np.concatenate([traffic.x[:-1], clock(traffic.minutes)[1:]], axis=1))


def traffic_net(traffic, rate, seed, steps=600):
    """A GRU that foretells the next bin, learned from windows of a day of the training weeks."""
    torch.manual_seed(seed)
    x, y = inputs_of(traffic), torch.tensor(traffic.x[1:])

    def batches(epoch):
        rng = np.random.default_rng([epoch, seed, 1])
        for _ in range(100):
            first = rng.integers(PARTS["train"].stop - BINS_A_DAY - 1, size=16)
            rows = torch.tensor(first[:, None] + np.arange(BINS_A_DAY))
            yield x[rows], y[rows]

    return fit(NextStep(12, 6), gaussian_loss, batches, steps, rate)


def by_gru(traffic, rate, seed):
    """Residuals over the deviations that the network gave."""
    net = traffic_net(traffic, rate, seed)
    mean, log_variance = (one[0].numpy() for one in asked(net, inputs_of(traffic)[None]))
    residuals = (traffic.x[1:] - mean) * np.exp(-log_variance / 2)
    deviations = log_variance[PARTS["validation"]].sum(1).mean() / 2
    return np.concatenate([np.zeros((1, 6)), residuals]), deviations


@cache
def suspicion(detector, rate, seed, memory):
    """(N,) how strange each bin is, in units of what clean bins pass once a day; and −log p."""
    traffic = office(seed, memory)
    if detector == "both":
        two = [suspicion(one, rate, seed, memory)[0] for one in ("z-score", "GRU")]
        return np.maximum(*two), None
    if detector == "z-score":
        residuals, deviations = by_hour(traffic)
    elif detector == "ridge":
        residuals, deviations = by_ridge(traffic, rate)
    else:
        residuals, deviations = by_gru(traffic, rate, seed)
    scores = distance(residuals)
    once_a_day = np.quantile(scores[PARTS["validation"]], 1 - 1 / BINS_A_DAY)
    return scores / once_a_day, likelihood(residuals) + deviations


def traffic_row(rate, seed, part, detector, attack, what="precision", memory=0.985):
    from sklearn.metrics import average_precision_score

    if part == VALIDATION:  # one choice for both memories
        memory = 0.985
        of = "GRU" if detector == "both" else detector
        return round(suspicion(of, rate, seed, memory)[1], 5)
    traffic, kind = office(seed, memory), 1 + ATTACKS.index(attack)
    test = np.arange(len(traffic.x)) >= PARTS["test"].start
    attacked, after = np.zeros((2, len(traffic.x)), bool)
    for _, first, end in traffic.events:
        attacked[first:end], after[end : end + 12] = True, True
    judged = test & ((~attacked & ~after) | (traffic.labels == kind))
    found = judged & (traffic.labels == kind)
    events = [event[1:] for event in traffic.events if event[0] == attack]
    if detector == "chance":
        if what == "precision":
            return round(100 * float(found.sum() / judged.sum()), 3)
        missed = [(1 - 1 / BINS_A_DAY) ** (end - first) for first, end in events]
        return round(100 * (1 - float(np.mean(missed))), 3)
    scores = suspicion(detector, rate, seed, memory)[0]
    if what == "precision":
        return round(100 * float(average_precision_score(found[judged], scores[judged])), 3)
    late = [np.flatnonzero(scores[first:end] > 1) for first, end in events]
    delays = [5 * (1 + bins[0]) for bins in late if len(bins)]
    if what == "hits":
        return round(100 * len(delays) / len(events), 3)
    return round(float(np.mean(delays)), 3) if delays else math.nan


# Speech

SPEEDS, TEMPLATE_NOISE = (0.8, 1.0, 1.25), (-5.0, 2.0, 9.0, 16.0)


@cache
def strings(count, seed, noise=None):
    """(spectrograms, digits, spans in frames) of `count` strings; noise in dB, or −5 to 15."""
    noise = (-5, 15) if noise is None else (noise, noise)
    drawn = data.load_spoken_strings(count, seed, noise)
    spans = [np.round(one.spans / HOP).astype(int) for one in drawn]
    return [log_mel(one.wave) for one in drawn], [one.digits for one in drawn], spans


def asked_strings(seed, part, noise=None):
    return strings(400 if noise is None else 100, (seed, 10 + part), noise)


class Window(nn.Module):
    """In place of a recurrent layer: a convolution over seven frames, with 15 % more weights."""

    def __init__(self, channels, hidden_size, **_):
        super().__init__()
        self.convolution = nn.Conv1d(channels, 2 * hidden_size, 7, padding=3)

    def forward(self, x, lengths):
        return torch.relu(self.convolution(x.transpose(1, 2))).transpose(1, 2), None


def ahead(channels, hidden_size, **_):
    """A GRU that only reads forwards: as many states to read from, half as many weights again."""
    return GRU(channels, 2 * hidden_size, batch_first=True)


LISTENERS = {
    "CTC": GRU, "CTC, LSTM": LSTM, "CTC, one direction": ahead, "CTC, no recurrence": Window,
}  # fmt: skip


@cache
def listener(rate, seed, model="CTC", steps=600):
    """A trained Listener: 8,000 strings of its own, in batches of 32."""
    torch.manual_seed(seed)
    sounds, digits, _ = strings(8000, (seed, 3))

    def make(rows):
        x, lengths = pad([sounds[row] for row in rows])
        return x, lengths, pad([digits[row] for row in rows])

    net = Listener(BANDS, 10, cell=LISTENERS[model], dropout=0.1)
    return fit(net, ctc_loss, drawn(seed, len(sounds), 32, make), steps, rate)


def hear(net, sounds):
    """What a Listener makes of spectrograms: lists of digits, by the likeliest path."""
    x, lengths = pad(sounds)
    return decode(*asked(net, torch.tensor(x), torch.tensor(lengths)))


@cache
def templates():
    """Each digit in three speeds and four noises, and silence: (frames, 32), with a label each.

    All ten digits are said in one string, so that the mean that `log_mel` takes off is that of
    speech; a template is the mean of eight strings that differ in nothing but their noise.
    """
    found, rng = [], np.random.default_rng(77)
    quiet = np.zeros(int(0.05 * RATE))
    for speed in SPEEDS:
        said = [at_speed(digit, speed) for digit in range(10)]
        wave = np.concatenate([piece for one in said for piece in (quiet, one)] + [quiet])
        starts = np.cumsum([len(quiet) + len(one) for one in said]) - [len(one) for one in said]
        power = np.mean(np.concatenate(said) ** 2)
        for decibels in TEMPLATE_NOISE:
            noise = np.sqrt(power / 10 ** (decibels / 10)) * rng.standard_normal((8, len(wave)))
            sound = np.mean([log_mel(wave + one) for one in noise], axis=0)
            for digit, (start, one) in enumerate(zip(starts, said, strict=True)):
                rows = slice(round(start / HOP), round((start + len(one)) / HOP) + 1)
                found.append((sound[rows], digit))
            found.append((sound[:1], None))
    return found


def match(sound, cost):
    """The string of templates that lies closest to a spectrogram (T, 32): connected-word dynamic
    time warping in one pass (Ney, 1984). From frame to frame a path stays where it is in its
    template, goes on by one or leaves one out; from the end of a template it may begin any other,
    which costs `cost`, silence too."""
    from scipy.spatial.distance import cdist

    known = templates()
    lengths = np.array([len(one) for one, _ in known])
    ends = np.cumsum(lengths) - 1
    starts, inside = ends - lengths + 1, np.ones(ends[-1] + 1, bool)
    inside[starts] = False
    second = np.zeros_like(inside)  # the second frame of a template: two back is another's
    second[np.minimum(starts + 1, ends)[lengths > 1]] = True
    apart = cdist(sound, np.concatenate([one for one, _ in known]), "sqeuclidean") / BANDS
    total = np.full(len(inside), np.inf)
    total[starts] = apart[0][starts] + cost
    entered, history = np.zeros(len(inside), int), []
    rows = np.arange(len(inside))
    for t in range(len(sound)):
        if t > 0:
            best = total[ends].argmin()
            history.append((best, entered[ends[best]], total[ends[best]]))
            one = np.where(inside, np.roll(total, 1), np.inf)
            two = np.where(inside & ~second, np.roll(total, 2), np.inf)
            ways = np.stack([total, one, two])
            way = ways.argmin(0)
            entered, total = entered[rows - way], ways[way, rows]
            new = history[-1][2] + cost
            fresh = starts[new < total[starts]]
            total[fresh], entered[fresh] = new, t
            total = total + apart[t]
    best, now, said = total[ends].argmin(), None, []
    now = entered[ends[best]]
    while True:
        said.append(known[best][1])
        if now == 0:
            return [digit for digit in reversed(said) if digit is not None]
        best, now, _ = history[now - 1]


@cache
def said_by_templates(cost, seed, part, noise):
    """What templates make of the strings; of those for choosing a cost, of the first hundred."""
    count = 100 if part == VALIDATION else None
    return [match(sound, cost) for sound in asked_strings(seed, part, noise)[0][:count]]


def spans_as_rows(sounds, spans):
    """(N, 640): each true span as 20 frames, evenly spaced."""
    return np.array([
        sound[np.minimum(np.linspace(start, end, 20).round().astype(int), len(sound) - 1)].ravel()
        for sound, one in zip(sounds, spans, strict=True) for start, end in one
    ])  # fmt: skip


@cache
def oracle(C):
    from sklearn.linear_model import LogisticRegression

    sounds, digits, spans = strings(1000, (0, 3))
    rows = spans_as_rows(sounds, spans)
    return LogisticRegression(C=C, max_iter=300).fit(rows, np.concatenate(digits))


def speech_row(rate, seed, part, model, noise=None):
    if part == VALIDATION:
        noise = None  # one choice for all noises
    sounds, digits, spans = asked_strings(seed, part, noise)
    if model in LISTENERS:
        said = hear(listener(rate, seed, model), sounds)
    elif model == "templates":
        said = said_by_templates(rate, seed, part, noise)
        digits = digits[: len(said)]
    else:
        found = oracle(rate).predict(spans_as_rows(sounds, spans))
        said = np.split(found, np.cumsum([len(one) for one in digits])[:-1])
    return round(100 * error_rate([list(one) for one in said], digits), 3)


# Chorales


@cache
def every_chorale():
    return data.load_chorales()


@cache
def chorale_parts(seed, together):
    """(train, validation, test): lists of pieces, (T, 4) MIDI numbers each."""
    pieces = every_chorale()
    parts = split_chorales(pieces, seed, together)
    return [[pieces[name] for name in names] for names in parts]


def batch_of(pieces, keys):
    """(B, T, 4) note numbers, each piece moved by so many semitones, NO_TARGET beyond its end."""
    return pad([to_notes(one, int(by)) for one, by in zip(pieces, keys, strict=True)], NO_TARGET)[0]


class LastChords(nn.Module):
    """No memory but the last `count` chords: a linear layer for each voice, softmax regression."""

    def __init__(self, count, chained=False):
        super().__init__()
        self.count, self.chained = count, chained
        self.heads = nn.ModuleList(
            nn.Linear(NOTES * (4 * count + voice * chained), NOTES) for voice in range(4)
        )

    def forward(self, chords):
        """chords (B, T + 1, 4) → logits (B, T, 4, NOTES), as `FourVoices`."""
        hot = F.one_hot(chords.clamp(min=0), NOTES).float() * (chords != NO_TARGET)[..., None]
        before = F.pad(hot.flatten(2), (0, 0, self.count - 1, 0))  # (B, count + T, 4 · NOTES)
        T = chords.shape[1] - 1
        x = torch.cat([before[:, n : n + T] for n in range(self.count)], dim=2)
        above = hot[:, 1:].flatten(2)
        seen = lambda voice: [x, above[..., : voice * NOTES]] if self.chained else [x]  # noqa: E731
        return torch.stack([h(torch.cat(seen(v), 2)) for v, h in enumerate(self.heads)], dim=2)


@cache
def choir(rate, seed, model="LSTM", keys=5, together="duplicates", steps=600):
    """A trained network: chorales in 2 · keys + 1 keys each."""
    torch.manual_seed(seed)
    learn = chorale_parts(seed, together)[0]
    chained = model.endswith("chained")
    if model.startswith("last"):
        net = LastChords(4 if "four" in model else 1, chained)
    else:
        net = FourVoices(NOTES, cell=GRU if "GRU" in model else LSTM, chained=chained)
    moved = np.random.default_rng([seed, 5])

    def make(rows):
        by = moved.integers(-keys, keys + 1, len(rows))
        return (chords := batch_of([learn[row] for row in rows], by)), chords

    return fit(net, chord_loss, drawn(seed, len(learn), 16, make), steps, rate, 0.1)


def piece_losses(net, pieces, by=0):
    """[(T − 1,) nats a frame] of each piece, moved by so many semitones."""
    found = []
    for rows in np.array_split(np.arange(len(pieces)), -(-len(pieces) // 40)):
        chords = torch.tensor(batch_of([pieces[row] for row in rows], [by] * len(rows)))
        logits = asked(net, chords).flatten(0, 2)
        losses = F.cross_entropy(logits, chords[:, 1:].flatten(), ignore_index=NO_TARGET,
                                 reduction="none").view(len(rows), -1, 4).sum(2)  # fmt: skip
        found += [loss[: len(pieces[row]) - 1] for row, loss in zip(rows, losses, strict=True)]
    return found


def seven_keys(net, pieces):
    """The same for the mean probability of what the network says in seven keys, −3 to 3."""
    keys = [piece_losses(net, pieces, by) for by in range(-3, 4)]
    return [math.log(7) - torch.logsumexp(-torch.stack(one), 0) for one in zip(*keys, strict=True)]


def counted(learn, keys, after):
    """(4, NOTES, NOTES) how often each voice goes from one note to another, each piece in all
    keys; with after=False (4, 1, NOTES) how often it sings a note at all."""
    counts = np.zeros((4, NOTES if after else 1, NOTES))
    for piece in learn:
        for by in range(-keys, keys + 1):
            notes = to_notes(piece, by)
            for voice in range(4):
                now = notes[:-1, voice] if after else 0
                np.add.at(counts[voice], (now, notes[1:, voice]), 1)
    return counts


def by_counts(model, rate, learn, test):
    """Mean nats a frame of "repeat", "unigram" or "Markov"; `rate` is the strength of smoothing,
    in counts, of what depends on the last note towards what does not."""
    rare = counted(learn, 0, False) + 0.1
    rare /= rare.sum(2, keepdims=True)  # (4, 1, NOTES)
    if model == "Markov":
        counts = counted(learn, 0, True)
        p = (counts + rate * rare) / (counts.sum(2, keepdims=True) + rate)
    elif model == "repeat":
        held = [np.concatenate([np.diff(one[:, v]) == 0 for one in learn]).mean() for v in range(4)]
        held = np.array(held)[:, None, None]
        p = held * np.eye(NOTES) + (1 - held) * rare
    else:
        p = np.broadcast_to(rare, (4, NOTES, NOTES))
    lost = 0.0
    for piece in test:
        notes = to_notes(piece)
        lost -= sum(np.log(p[v, notes[:-1, v], notes[1:, v]]).sum() for v in range(4))
    return lost / sum(len(piece) - 1 for piece in test)


def chorale_row(rate, seed, part, model, keys=5, together="duplicates"):
    if part == VALIDATION and "LSTM" in model:  # one choice for all that is done with it
        model, keys, together = "LSTM", 5, "duplicates"
    learn, test = (chorale_parts(seed, together)[n] for n in (0, part))
    if model in ("unigram", "repeat", "Markov"):
        return round(float(by_counts(model, rate, learn, test)), 4)
    net = choir(rate, seed, model.removesuffix(", seven keys"), keys, together)
    losses = (seven_keys if model.endswith("seven keys") else piece_losses)(net, test)
    return round(torch.cat(losses).mean().item(), 4)


RATES, PENALTIES = (0.003, 0.006, 0.012), (1.0, 10.0, 100.0, 1000.0)
CHORUS = (0.012, 0.024, 0.048, 0.096, 0.192)  # rates for chorales


def load_rows():
    for when in ("any hour", "midnight"):
        for model, grid in (
            ("naive 24", None), ("naive 168", None),
            ("ridge", PENALTIES), ("ridge, hour of week", PENALTIES),
            ("line, absolute error", (0.006, 0.012, 0.024)),
            ("LSTM", RATES), ("LSTM, hour of week", RATES), ("mean of both", RATES),
        ):  # fmt: skip
            yield f"load, {when}: {model}", grid, (load_row, model, when)


def price_rows():
    future = "LSTM on levels, the future in the scale"
    wide = "LSTM on levels, a scale twice as wide"
    models = {
        "random walk": None, "ridge on levels": PENALTIES, "ridge on returns": PENALTIES,
        "LSTM on levels": RATES, future: RATES, wide: RATES, "LSTM on returns": RATES,
    }  # fmt: skip
    for score, name in (("error", "prices"), ("R²", "price R²")):
        for model, grid in models.items():
            yield f"{name}: {model}", grid, (price_row, model, score)


def traffic_rows():
    rates = (0.004, 0.008, 0.016)
    detectors = {"chance": None, "z-score": None, "ridge": PENALTIES, "GRU": rates, "both": rates}
    for what, name, memory in (
        ("precision", "{}", 0.985), ("hits", "hits {}", 0.985), ("delay", "delay {}", 0.985),
        ("precision", "quick {}", 0.5),
    ):  # fmt: skip
        for attack in ATTACKS[:2] if what == "delay" else ATTACKS:
            for detector, grid in detectors.items():
                if detector != "chance" or what != "delay":
                    row = (traffic_row, detector, attack, what, memory)
                    yield f"{name.format(attack)}: {detector}", grid, row


def speech_rows():
    models = {"templates": (0.3, 1.0, 3.0), "true boundaries": (0.0003, 0.001, 0.003, 0.01),
              **dict.fromkeys(LISTENERS, (0.0015, 0.003, 0.006))}  # fmt: skip
    for noise in (None, -5, 0, 5, 10, 15):
        for model, grid in models.items():
            name = "speech" if noise is None else f"at {noise} dB"
            if noise is None or "CTC," not in model:
                yield f"{name}: {model}", grid, (speech_row, model, noise)


def chorale_rows():
    yield "chorales: unigram for each voice", None, (chorale_row, "unigram")
    yield "chorales: repeat the last chord", None, (chorale_row, "repeat")
    yield "chorales: Markov chain for each voice", PENALTIES, (chorale_row, "Markov")
    yield "chorales: last four chords", CHORUS, (chorale_row, "last four chords")
    yield "chorales: LSTM", CHORUS, (chorale_row, "LSTM")
    yield "chorales: LSTM, in seven keys", CHORUS, (chorale_row, "LSTM, seven keys")
    yield "chorales: LSTM, no transposition", CHORUS, (chorale_row, "LSTM", 0)
    yield "chorales: LSTM, tunes apart", CHORUS, (chorale_row, "LSTM", 5, "tunes")
    yield "chorales: GRU", CHORUS, (chorale_row, "GRU")
    yield "chorales: last four chords, chained", CHORUS, (chorale_row, "last four chords, chained")
    yield "chorales: LSTM, chained", CHORUS, (chorale_row, "LSTM, chained")


KINDS = (load_rows, price_rows, traffic_rows, speech_rows, chorale_rows)


MODELS = {name: (grid, *row) for rows in KINDS for name, grid, row in rows()}
ROWS = {name: grid for name, (grid, *_) in MODELS.items()}
SEEDS = {name: 4 for name in ROWS if name.startswith("load")}
OVERLAP = {"chorales": 73 / 217}  # pieces to test / to learn from, in each split


def validation(name, rate):
    _, figure, *model = MODELS[name]
    return figure(rate, 100, VALIDATION, *model)


def run(name, rate, seed):
    _, figure, *model = MODELS[name]
    return figure(rate, seed, TEST, *model)
