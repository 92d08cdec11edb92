"""Chapter 11, signals: naive bars, what was known when, alarms, CTC, four voices."""

from __future__ import annotations

import functools
import itertools
import math
from collections import Counter

import numpy as np

from rnncourse.bank import Misconception, Question, variant
from rnncourse.cells import softmax
from rnncourse.data import load_chorales, load_electricity, load_sea_temperature, load_sp500
from rnncourse.data.chorales import NOTES, to_notes

load_of = functools.cache(load_electricity)
prices_of = functools.cache(load_sp500)
sea_of = functools.cache(load_sea_temperature)
PIECES = ("bwv101.7", "bwv104.6", "bwv11.6", "bwv111.6", "bwv112.5", "bwv114.7")


@functools.cache
def chorales_of():
    return list(load_chorales(names=PIECES).values())


# --- naive_bar ---------------------------------------------------------------------------------


def bar_case(rng):
    """Real load, every few hours, with some hours or days after the hour of asking."""
    step = int(rng.choice([2, 3, 4, 6]))
    season = 24 // step
    start = 2 * season + int(rng.integers(1, 2 * season))
    ahead = int(rng.integers(2, 4 * season))
    demand = load_of()[1] / 1000
    first = int(rng.integers(len(demand) - step * (start + ahead)))
    return demand[first : first + step * (start + ahead) : step], season, start


def naive_bar(series, season, start, *, say="last season", scale="past", score="absolute"):
    """The seasonal naive forecast of series[start:] and its MASE, and ways to get them wrong."""
    known, truth = series[:start], series[start:]
    steps = np.arange(len(truth))
    said = {
        "last season": known[start - season + steps % season],
        "a season ago": series[start - season : -season],
        "first season": known[steps % season],
        "last value": np.full(len(truth), known[-1]),
        "one early": known[start - season - 1 + steps % season],
        "mean": np.array([known[(start + k) % season :: season].mean() for k in steps]),
    }[say]
    apart = {
        "past": known[season:] - known[:-season],
        "one step": np.diff(known),
        "whole": series[season:] - series[:-season],
        "test": truth - said,
        "spread": known - known.mean(),
    }[scale]
    off = truth - said
    if score == "squares":
        return said, float(np.sqrt((off**2).mean() / (apart**2).mean()))
    if score == "signed":
        return said, float(off.mean() / np.abs(apart).mean())
    if score == "unscaled":
        return said, float(np.abs(off).mean())
    return said, float(np.abs(off).mean() / np.abs(apart).mean())


NAIVE_BAR = Question(
    name="naive_bar",
    points=3,
    section="1 · What a forecast must beat",
    reference=naive_bar,
    inputs=bar_case,
    misconceptions=(
        Misconception(
            "what stood a season before, known or not",
            variant(naive_bar, say="a season ago"),
            "Your first season is right. From where do you take what follows? Was it known when "
            "you were asked?",
            "Season 3, known up to 5 6 7: the forecast goes 5 6 7 5 6 7 5 …",
            "Beyond one season your forecast reads numbers that come after the hour of asking. "
            "Go on repeating the last season that was known.",
        ),
        Misconception(
            "the first season repeated",
            variant(naive_bar, say="first season"),
            "Which of the seasons that you know is the nearest to what is asked?",
            "Season 3, known 1 2 3 5 6 7: the forecast begins with 5.",
            "You repeat the first season of the series. Repeat the last one before `start`.",
        ),
        Misconception(
            "the last value repeated",
            variant(naive_bar, say="last value"),
            "Your forecast is flat. Which argument should give it its shape?",
            "Season 3, known up to 5 6 7: the forecast goes 5 6 7 5 …, not 7 7 7 7 …",
            "You say “as now”. The seasonal one says “as at this time, one season ago”.",
        ),
        Misconception(
            "one step early",
            variant(naive_bar, say="one early"),
            "Your shape is right, but it stands one step off. With which number does the forecast "
            "begin?",
            "Season 3, known up to 4 5 6 7: the forecast begins with 5.",
            "You begin season + 1 steps before `start`. Begin season steps before it.",
        ),
        Misconception(
            "the mean of all seasons",
            variant(naive_bar, say="mean"),
            "Your forecast is smoother than any season was. How many of them does it use?",
            "Season 2, known 1 2 3 6: the forecast begins with 3, not with 2.",
            "You averaged each time of day over all seasons: a fine rival, but the naive one "
            "repeats the last season.",
        ),
        Misconception(
            "scaled by single steps",
            variant(naive_bar, scale="one step"),
            "Look at your second number. Which naive guess's errors are the unit?",
            "Known 1 2 4 5 and season 2: the guesses miss by 3 and 3, so the unit is 3.",
            "Your unit is the mean step from one number to the next. It is the mean change over "
            "one *season*.",
        ),
        Misconception(
            "scaled within the whole series",
            variant(naive_bar, scale="whole"),
            "Look at your second number. May the unit depend on what comes after `start`?",
            "Known 1 2 4 5, then 9 9: with season 2 the unit is 3, the mean of 3 and 3.",
            "You took the unit from the whole series. Only what was known before `start` counts.",
        ),
        Misconception(
            "scaled by its own error",
            variant(naive_bar, scale="test"),
            "Look at your second number. Can it ever be anything but 1?",
            "The unit comes from the history: the same guess, made there at each step.",
            "You divided the error by itself. The unit is the error of the guess *within the "
            "history*.",
        ),
        Misconception(
            "scaled by the mean distance from the mean",
            variant(naive_bar, scale="spread"),
            "Look at your second number. Does your unit know the season?",
            "Known 1 2 4 5 and season 2: the guesses miss by 3 and 3, so the unit is 3.",
            "Your unit is how far the series strays from its mean. It is the error of the "
            "seasonal guess in the history.",
        ),
        Misconception(
            "roots of mean squares",
            variant(naive_bar, score="squares"),
            "Look at your second number. What does the A in MASE say about errors?",
            "Errors of 1 and −3 count as 2, their mean size.",
            "You squared the errors. Take their absolute values, above and below.",
        ),
        Misconception(
            "errors that cancel",
            variant(naive_bar, score="signed"),
            "Look at your second number. What do errors of +2 and −2 amount to?",
            "Errors of 1 and −3 count as 2, their mean size, not as −1.",
            "You averaged the errors with their signs, so they cancel.",
        ),
        Misconception(
            "not scaled",
            variant(naive_bar, score="unscaled"),
            "Look at your second number. In which unit is it?",
            "An error of 300 where the guess used to miss by 400: 0.75.",
            "You returned the mean absolute error itself. Divide it by that of the guess in the "
            "history.",
        ),
    ),
)

# --- lag_table ---------------------------------------------------------------------------------


def lags_case(rng):
    ahead = int(rng.integers(2, 6))
    early = rng.permutation(np.arange(1, ahead))[:2]
    late = ahead + rng.permutation(np.arange(1, 8))[: int(rng.integers(2, 4))]
    kept = []
    while kept == sorted(kept):
        lags = [int(n) for n in rng.permutation([*early, ahead, *late])]
        kept = [lag for lag in lags if lag >= ahead]
    demand = load_of()[1] / 1000
    N = max(lags) + int(rng.integers(6, 12))
    first = int(rng.integers(len(demand) - N))
    return demand[first : first + N], lags, ahead


def lag_table(series, lags, ahead, *, keep="known", rows="whole", off=0, sort=False, turn=False):
    """X (n, k) and y (n,) without what is not known yet, and ways to get them wrong."""
    kept = {
        "known": [lag for lag in lags if lag >= ahead],
        "all": lags,
        "older": [lag for lag in lags if lag > ahead],
        "newer": [lag for lag in lags if lag <= ahead],
        "window": list(range(ahead, max(lags) + 1)),
        "counted from asking": [lag + ahead for lag in lags],
    }[keep]
    kept = sorted(kept) if sort else kept
    first = {
        "whole": max(kept) + off,
        "one late": max(kept) + 1,
        "as many late": max(kept) + ahead,
        "wrapped": 0,
    }[rows]
    t = np.arange(first, len(series))
    X = np.stack([series[t - lag - off] for lag in kept], axis=1)
    return (X.T if turn else X), series[t]


def looking_ahead(series, lags, ahead):
    kept = [lag for lag in lags if lag >= ahead]
    t = np.arange(len(series) - max(kept))
    return np.stack([series[t + lag] for lag in kept], axis=1), series[t]


LAG_TABLE = Question(
    name="lag_table",
    points=2,
    section="2 · Load, a day ahead",
    reference=lag_table,
    inputs=lags_case,
    misconceptions=(
        Misconception(
            "lags that are not known yet",
            variant(lag_table, keep="all"),
            "How many columns have you? Were all of these numbers there when the question was "
            "asked?",
            "Asked 3 hours before: what stood 1 hour before is still 2 hours away then.",
            "You kept lags below `ahead`. What they read comes after the question, and such a "
            "model cannot be used.",
        ),
        Misconception(
            "the newest number left out",
            variant(lag_table, keep="older"),
            "One column is missing. What is the newest number known at the moment of asking?",
            "Asked 3 hours before: what stands exactly 3 hours before is known.",
            "You dropped the lag that equals `ahead`. It is known just then.",
        ),
        Misconception(
            "the known ones thrown away",
            variant(lag_table, keep="newer"),
            "Which of the lags are known when the question is asked: the small or the large ones?",
            "Asked 3 hours before: lag 5 is known, lag 1 is not.",
            "You kept the lags up to `ahead`. Keep those that go back at least as far.",
        ),
        Misconception(
            "every lag in between as well",
            variant(lag_table, keep="window"),
            "How many columns have you, and how many of the lags are known?",
            "Lags 3, 8, 5 asked 3 hours before: three columns, not the six from 3 to 8.",
            "You took a whole window. Take the lags that were given, and of those the known ones.",
        ),
        Misconception(
            "lags counted from the hour of asking",
            variant(lag_table, keep="counted from asking"),
            "From which hour are the lags counted? Look for y[0] in the series and go back.",
            "Lag 3 of the number at hour 10 is what stood at hour 7, whenever it was asked.",
            "You counted the lags back from the hour of asking. They are counted back from the "
            "hour that is forecast.",
        ),
        Misconception(
            "the end of the series before its beginning",
            variant(lag_table, rows="wrapped"),
            "You have as many rows as the series has numbers. What stands in the first row?",
            "1 2 3 4 5 and lag 2: the first target is 3, for 1 and 2 have nothing that far back.",
            "Your first rows take what lies before the beginning from the end of the series. "
            "Leave them out.",
        ),
        Misconception(
            "a row lost",
            variant(lag_table, rows="one late"),
            "Nearly. Which number is the first that has all its lags?",
            "1 2 3 4 5 and lag 2: the first target is 3.",
            "You start one row late: the number at index max(lags) has them all.",
        ),
        Misconception(
            "the first targets given away",
            variant(lag_table, rows="as many late"),
            "Rows are missing. Which number is the first that has all its lags?",
            "1 2 3 4 5, lag 2, asked 2 before: the first target is 3, and what it takes is known.",
            "You start `ahead` rows late. A lag is counted back from its target, so the number at "
            "index max(lags) has them all, and what it reads is known when it is asked for.",
        ),
        Misconception(
            "one step further back",
            variant(lag_table, off=1),
            "Take a row, find its target in the series, and count the steps back.",
            "1 2 3 4 5 and lag 2: beside the target 3 stands 1, and beside 4 stands 2.",
            "Your columns are one step further back than their lag says.",
        ),
        Misconception(
            "lags read forwards",
            looking_ahead,
            "Your targets begin with the first number. What could be known before it?",
            "1 2 3 4 5 and lag 2: beside the target 3 stands 1, not 5.",
            "You read the future: a lag goes *back* from its target.",
        ),
        Misconception(
            "columns sorted",
            variant(lag_table, sort=True),
            "All numbers are there. In which order do the columns stand?",
            "Lags 8, 3, 5: the first column is that of 8.",
            "You sorted the lags. The columns follow the order in which they were given.",
        ),
        Misconception(
            "rows and columns exchanged",
            variant(lag_table, turn=True),
            "Look at the shape of X. What is a row?",
            "Four targets and three lags: X has the shape (4, 3).",
            "Each of your rows belongs to a lag. A row belongs to a target.",
        ),
    ),
)

# --- scaled_as_known ---------------------------------------------------------------------------


def days_case(rng):
    """Prices some days apart, with a new high and a new low after the first few, and days after
    either."""
    close = prices_of()[1]
    while True:
        apart, N, first = (int(n) for n in rng.integers((5, 12, 3), (40, 20, 6)))
        at = int(rng.integers(len(close) - apart * N))
        prices = close[at : at + apart * N : apart]
        lows = [prices[t] < prices[:t].min() for t in range(first, N)]
        highs = [prices[t] > prices[:t].max() for t in range(first, N)]
        if any(lows[:-1]) and any(highs[:-1]) and sum(lows) + sum(highs) < len(lows):
            return prices, first


def scaled_as_known(prices, first, *, past="before", by="range"):
    """Each day from `first` on by the extremes of the days before it, and ways to get it wrong."""
    scaled = []
    for t in range(first, len(prices)):
        known = {
            "with today": prices[: t + 1],
            "whole": prices,
            "first": prices[:first],
            "last": prices[t - first : t],
        }.get(past, prices[:t])
        low = (prices[:first] if past == "first low" else known).min()
        high = (prices[:first] if past == "first high" else known).max()
        scaled.append(
            {
                "range": (prices[t] - low) / (high - low),
                "high": prices[t] / high,
                "no low": prices[t] / (high - low),
                "over high": (prices[t] - low) / high,
                "over low": (prices[t] - low) / low,
                "from the top": (high - prices[t]) / (high - low),
                "deviation": (prices[t] - known.mean()) / known.std(),
            }[by]
        )
    return np.array(scaled)


SCALED_AS_KNOWN = Question(
    name="scaled_as_known",
    points=2,
    section="3 · Prices",
    reference=scaled_as_known,
    inputs=days_case,
    misconceptions=(
        Misconception(
            "the future in the scale",
            variant(scaled_as_known, past="whole"),
            "Are all your numbers between 0 and 1? Who could have promised that in advance?",
            "100, 105, 103, 110: on the third day 105 is the highest price known, and 110 "
            "nobody knows.",
            "You took lowest and highest from the whole series, days to come included.",
        ),
        Misconception(
            "nothing beyond 0 and 1",
            variant(scaled_as_known, past="with today"),
            "None of your numbers lies outside 0 to 1. What of a price above all before it?",
            "100, 105, then 110: the last becomes 2, twice as far up as 105.",
            "You counted the day itself among the known ones, or cut at 0 and 1, which is the "
            "same. Only the days *before* set the scale, and a new high lies above 1.",
        ),
        Misconception(
            "the scale of the first days for ever",
            variant(scaled_as_known, past="first"),
            "Your first number is right. Does the scale learn from the days that pass?",
            "100, 105, 98, 110 and first = 2: 98 is scaled by 100 and 105, but 110 by 98 and 105.",
            "You kept the scale of the first days. Each day has its own: by all days before it.",
        ),
        Misconception(
            "the lowest of the first days for ever",
            variant(scaled_as_known, past="first low"),
            "Right until a price falls below all before it. What becomes of the days after that?",
            "100, 105, 98, 101 and first = 2: 101 is scaled by 98 and 105, and becomes 3 / 7.",
            "You renewed the highest price, but not the lowest. Both are those of all days before.",
        ),
        Misconception(
            "the highest of the first days for ever",
            variant(scaled_as_known, past="first high"),
            "Right until a price rises above all before it. What becomes of the days after that?",
            "100, 105, 110, 104 and first = 2: 104 is scaled by 100 and 110, and becomes 0.4.",
            "You renewed the lowest price, but not the highest. Both are those of all days before.",
        ),
        Misconception(
            "only the last days remembered",
            variant(scaled_as_known, past="last"),
            "Your first number is right. How many days set the scale of the others?",
            "90, 100, 105, 103 and first = 2: 103 is scaled by 90 and 105, the extremes of all "
            "three.",
            "You scale by the last few days. All days before count, however long ago.",
        ),
        Misconception(
            "divided by the highest",
            variant(scaled_as_known, by="high"),
            "What becomes of a day at the lowest price known?",
            "Known 100 and 105: 103 becomes 0.6, and 100 would be 0.",
            "You divided by the highest price. The lowest becomes 0, the highest 1.",
        ),
        Misconception(
            "the lowest not taken off",
            variant(scaled_as_known, by="no low"),
            "Your numbers are large. What becomes of a day at the lowest price known?",
            "Known 100 and 105: 103 becomes 3 / 5, not 103 / 5.",
            "You divided by the range, but did not subtract the lowest price first.",
        ),
        Misconception(
            "a share of the highest",
            variant(scaled_as_known, by="over high"),
            "What becomes of a day at the highest price known?",
            "Known 100 and 105: 103 becomes 3 / 5, not 3 / 105.",
            "You took the lowest off and divided by the highest price. Divide by how far the "
            "highest lies above the lowest.",
        ),
        Misconception(
            "a rise over the lowest",
            variant(scaled_as_known, by="over low"),
            "What becomes of a day at the highest price known?",
            "Known 100 and 105: 103 becomes 3 / 5, not 3 / 100.",
            "You returned by what share the price lies above the lowest. Divide by how far the "
            "highest lies above the lowest.",
        ),
        Misconception(
            "measured from the top",
            variant(scaled_as_known, by="from the top"),
            "Prices rise. Do your numbers?",
            "Known 100 and 105: 103 becomes 0.6, not 0.4.",
            "You measure down from the highest price. Measure up from the lowest.",
        ),
        Misconception(
            "mean and deviation",
            variant(scaled_as_known, by="deviation"),
            "What becomes of a day at the lowest price known?",
            "Known 100 and 105: 103 becomes 0.6, for it lies three fifths of the way up.",
            "You standardised, with mean and deviation. Here the lowest becomes 0, the highest 1.",
        ),
    ),
)

# --- alarm_report ------------------------------------------------------------------------------


def traffic_case(rng):
    """Clean bins and bins with events in them; some events are found, late, and some are not, but
    the bin after one of these is strange."""
    while True:
        d, N, M, K = (int(n) for n in rng.integers((2, 50, 50, 3), (5, 80, 70, 5)))
        mix = 0.3 * np.eye(d) + np.outer(np.ones(d), rng.uniform(0.5, 1.5, d))
        centre = rng.uniform(1, 5, d)
        clean, x = (centre + rng.standard_normal((n, d)) @ mix for n in (N, M))
        events, at = [], 3
        for kind in range(K):
            length = int(rng.integers(3, 7))
            push = np.linspace(0, 1, length)[:, None] * rng.standard_normal(d)
            x[at : at + length] += (0, 1.5, 3, 1)[kind] * push
            x[at + length] += (3, 0, 0, 0)[kind] * rng.standard_normal(d)  # just after it
            events.append([at, at + length])
            at += length + int(rng.integers(3, 6))
        passes = int(rng.integers(1, 5))
        found, more = (alarm_report(clean, x, passes, events, reach=n) for n in (0, 1))
        if 0 < found[1] < 1 and found[2] % 5 > 0 and more[1] > found[1]:
            return clean, x, passes, events


def alarm_report(
    clean, x, passes, events, *, shape="full", centre="clean", root=False, limit="above",
    share="events", delay="end", late="found", reach=0,
):  # fmt: skip
    """[threshold, share of events found, mean delay in minutes], and ways to get them wrong."""
    of = {"clean": clean, "x": x}.get(centre, clean)
    cov = np.cov((x if shape == "of x" else clean).T)
    cov = {"diagonal": np.diag(np.diag(cov)), "none": np.eye(len(cov))}.get(shape, cov)
    middle = 0 * clean[0] if centre == "none" else of.mean(0)
    inverse = cov if shape == "not inverted" else np.linalg.inv(cov)

    def strange(rows):
        square = np.einsum("ni,ij,nj->n", rows - middle, inverse, rows - middle)
        return np.sqrt(square) if root else square

    ranked = np.sort(strange(x if limit == "of x" else clean))[::-1]
    threshold = {
        "above": ranked[passes],
        "of x": ranked[passes],
        "reached": ranked[passes - 1],
        "quantile": np.quantile(ranked, 1 - passes / len(ranked)),
        "lowest": ranked[::-1][passes],
        "highest": ranked[0],
    }[limit]
    scores = strange(x)
    rows = [np.flatnonzero(scores[first : end + reach] > threshold) for first, end in events]
    found = [bins for bins in rows if len(bins)]
    minutes = {
        "end": [5 * (bins[0] + 1) for bins in found],
        "median": [5 * (bins[0] + 1) for bins in found],
        "begin": [5 * bins[0] for bins in found],
        "bins": [bins[0] + 1 for bins in found],
        "last": [5 * (bins[-1] + 1) for bins in found],
    }[delay]
    for (first, end), bins in zip(events, rows, strict=True):
        if not len(bins) and late != "found":  # missed: as late as it is long, or at once
            minutes.append({"all": 5 * (end - first), "zero": 0}[late])
    if share == "bins":
        part = sum(map(len, rows)) / sum(end - first for first, end in events)
    elif share == "first":
        part = float(np.mean([scores[first] > threshold for first, _ in events]))
    elif share == "count":
        part = len(found)
    else:
        part = len(found) / len(events)
    average = np.median if delay == "median" else np.mean
    return [float(threshold), float(part), float(average(minutes))]


ALARM_REPORT = Question(
    name="alarm_report",
    points=4,
    section="4 · What is strange in network traffic",
    reference=alarm_report,
    inputs=traffic_case,
    cases=8,
    misconceptions=(
        Misconception(
            "each number judged for itself",
            variant(alarm_report, shape="diagonal"),
            "Already the threshold is off. Packets rise while flows fall: how does your score know "
            "that this is rare?",
            "Two numbers with deviation 1 that move together: (2, 2) is ordinary, (2, −2) is not.",
            "You used the variances alone. The covariances say which numbers move together.",
        ),
        Misconception(
            "the plain distance from the mean",
            variant(alarm_report, shape="none"),
            "Already the threshold is off. Does a number that always varies widely count as much "
            "as a steady one?",
            "Deviations 1 and 10: being 10 off is ordinary for the second number only.",
            "You took the plain squared distance. It is measured with the inverse covariance.",
        ),
        Misconception(
            "the covariance not inverted",
            variant(alarm_report, shape="not inverted"),
            "Already the threshold is off. Do numbers that vary widely make your score large or "
            "small?",
            "One number of variance 4, 6 off: 6² / 4 = 9.",
            "You multiplied by the covariance. Its inverse belongs there.",
        ),
        Misconception(
            "the covariance of what is judged",
            variant(alarm_report, shape="of x"),
            "Already the threshold is off. From which bins do you learn what is ordinary?",
            "If the attacks help to say what is ordinary, they look more ordinary than they are.",
            "You took the covariance of `x`, attacks included. Take that of `clean`.",
        ),
        Misconception(
            "the mean of what is judged",
            variant(alarm_report, centre="x"),
            "Already the threshold is off. From which bins do you learn what is ordinary?",
            "If the attacks help to say what is ordinary, they look more ordinary than they are.",
            "You took the mean of `x`, attacks included. Take that of `clean`.",
        ),
        Misconception(
            "mean and covariance of what is judged",
            variant(alarm_report, shape="of x", centre="x"),
            "Already the threshold is off. From which bins do you learn what is ordinary?",
            "If the attacks help to say what is ordinary, they look more ordinary than they are.",
            "You took mean and covariance of `x`, attacks included. Take those of `clean`.",
        ),
        Misconception(
            "no mean taken off",
            variant(alarm_report, centre="none"),
            "Already the threshold is off. What is the score of a bin that is the mean itself?",
            "Mean 5, variance 4: a bin of 11 is 6 off, so its score is 9.",
            "You measured from 0. Take the mean of the clean bins off first.",
        ),
        Misconception(
            "the length, not its square",
            variant(alarm_report, root=True),
            "Look at the threshold. In which unit is it?",
            "One number of variance 4, 6 off: the score is 9, not 3.",
            "You took the root. The score is the squared distance.",
        ),
        Misconception(
            "a threshold that too few pass",
            variant(alarm_report, limit="reached"),
            "How many clean bins lie above your threshold? Count.",
            "Clean scores 9, 7, 4, 1 and passes = 2: the threshold is 4, for 9 and 7 lie above.",
            "Your threshold is itself one of the scores that should pass. Take the next one down.",
        ),
        Misconception(
            "a threshold between two scores",
            variant(alarm_report, limit="quantile"),
            "The right number of clean bins lies above your threshold. Is it the score of a clean "
            "bin?",
            "Clean scores 9, 7, 4, 1 and passes = 2: the threshold is 4, not a number between 4 "
            "and 7.",
            "A quantile may lie between two scores. The threshold asked for is the score of a "
            "clean bin.",
        ),
        Misconception(
            "the highest clean score",
            variant(alarm_report, limit="highest"),
            "Which argument has no influence on your threshold?",
            "Clean scores 9, 7, 4, 1 and passes = 2: the threshold is 4, for 9 and 7 lie above.",
            "No clean bin passes your threshold. `passes` of them should.",
        ),
        Misconception(
            "counted from the lowest score",
            variant(alarm_report, limit="lowest"),
            "How many clean bins lie above your threshold? Count.",
            "Clean scores 9, 7, 4, 1 and passes = 2: the threshold is 4, for 9 and 7 lie above.",
            "You counted from the lowest score. Count from the highest.",
        ),
        Misconception(
            "the threshold from what is judged",
            variant(alarm_report, limit="of x"),
            "The scores may be right, the threshold is not. Of which bins may `passes` lie above "
            "it?",
            "Then a week of attacks would raise the threshold until hardly any of them is seen.",
            "You took the threshold from `x`. It is the clean bins that pass it so many times.",
        ),
        Misconception(
            "bins counted instead of events",
            variant(alarm_report, share="bins"),
            "Look at the share. What is found: an event or a bin?",
            "Two events of 4 bins, one with a single bin above: a half, not an eighth.",
            "You returned the share of bins above. An event is found if one of its bins is.",
        ),
        Misconception(
            "only the first bin looked at",
            variant(alarm_report, share="first"),
            "Look at the share. May an event be found late?",
            "Scores 1, 1, 8 and a threshold of 4: found, in its third bin.",
            "You asked whether the first bin of an event is above. Any of them will do.",
        ),
        Misconception(
            "a number of events, not a share",
            variant(alarm_report, share="count"),
            "Look at the share. Is it between 0 and 1?",
            "3 of 4 events found: 0.75.",
            "You returned how many events were found. Divide by how many there are.",
        ),
        Misconception(
            "the bin after the event counted",
            variant(alarm_report, reach=1),
            "Look at the share: it is too large. Which is the last bin of an event?",
            "Events [[3, 5]]: its bins are 3 and 4. An alarm in bin 5 comes after it.",
            "You looked one bin beyond each event. Its second number is the bin *after* its last.",
        ),
        Misconception(
            "the bin not waited for",
            variant(alarm_report, delay="begin"),
            "Look at the delay. When is a bin's count complete?",
            "Above in its first bin: 5 minutes, not 0, for the bin must have ended.",
            "You measured to the beginning of the bin. Its numbers are known at its end.",
        ),
        Misconception(
            "bins instead of minutes",
            variant(alarm_report, delay="bins"),
            "Look at the delay. In which unit?",
            "Above in its third bin: 15 minutes.",
            "You counted bins. Each takes five minutes.",
        ),
        Misconception(
            "the last bin above",
            variant(alarm_report, delay="last"),
            "Look at the delay. When does the alarm ring first?",
            "Scores 1, 8, 9 and a threshold of 4: 10 minutes.",
            "You took the last bin above the threshold. The first one rings.",
        ),
        Misconception(
            "the median of the delays",
            variant(alarm_report, delay="median"),
            "Look at the delay. Which middle is asked for?",
            "Found after 5, 5 and 20 minutes: 10 on average.",
            "You took the median. The delay is the mean over the events that were found.",
        ),
        Misconception(
            "events that were missed counted as late",
            variant(alarm_report, late="all"),
            "Look at the delay. Over which events is it a mean?",
            "One found after 10 minutes, one never: the delay is 10, and the share a half.",
            "You counted missed events with their whole length. The share says they were missed; "
            "the delay is of those that were found.",
        ),
        Misconception(
            "events that were missed counted as found at once",
            variant(alarm_report, late="zero"),
            "Look at the delay: it is too small. Over which events is it a mean?",
            "One found after 10 minutes, one never: the delay is 10, and the share a half.",
            "You divided by all events, or counted missed ones as 0. The delay is of those found.",
        ),
    ),
)

# --- target_nats -------------------------------------------------------------------------------


def frames_case(rng):
    """Probabilities of each frame; a target with or without a double, with hardly room or much."""
    V, L = (int(n) for n in rng.integers((3, 2), (6, 5)))
    blank = int(rng.integers(0, V))
    labels = [label for label in range(V) if label != blank]
    target = [int(rng.choice(labels)) for _ in range(L)]
    double = rng.random() < 0.6
    target[1] = target[0] if double else next(n for n in labels if n != target[0])
    doubles = sum(a == b for a, b in itertools.pairwise(target))
    tight = rng.random() < 0.5
    T = L + doubles + int(rng.integers(1, 3)) if tight else int(rng.integers(18, 30))
    return softmax(1.2 * rng.standard_normal((T, V))), target, blank


def target_nats(
    probs, target, blank, *, skip="different", start="both", end="both", join=sum, hold="all",
    frames="later", base=math.e, log=True, ring=False,
):  # fmt: skip
    """−log p of the target by CTC's sum, and ways to get it wrong."""
    places = [blank]
    for label in target:
        places += [label, blank]
    ways = [probs[0][blank], probs[0][target[0]]] + [0.0] * (len(places) - 2)
    if start == "blank":
        ways[1] = 0.0
    elif start == "label":
        ways[0] = 0.0
    for p in probs if frames == "all" else probs[1:]:
        new = []
        for k, label in enumerate(places):
            other = label != places[k - 2]
            passes = {
                "different": other,
                "always": label != blank,
                "never": False,
                "equal": label != blank and not other,
                "labels": other or label == blank,
                "any": True,
            }[skip]
            into = [ways[k]] if hold == "all" or label == blank else [0.0]
            into += [ways[k - 1]] if k or ring else []
            into += [ways[k - 2]] if (k > 1 or (ring and k == 1)) and passes else []
            new.append(join(into) * p[label])
        ways = new
    ends = {"both": ways[-2:], "label": ways[-2:-1], "blank": ways[-1:], "anywhere": ways}[end]
    total = join(ends)
    return -math.log(total) / math.log(base) if log else float(total)


def no_blanks(probs, target, blank):
    """Labels held and nothing between them."""
    ways = [probs[0][target[0]]] + [0.0] * (len(target) - 1)
    for p in probs[1:]:
        ways = [
            (ways[k] + (ways[k - 1] if k else 0.0)) * p[label] for k, label in enumerate(target)
        ]
    return -math.log(ways[-1])


def no_more_blanks_than_needed(probs, target, blank):
    """Labels held, and a blank between two that are equal."""
    places = target[:1]
    for one, label in itertools.pairwise(target):
        places = places + ([blank] if one == label else []) + [label]
    ways = [probs[0][places[0]]] + [0.0] * (len(places) - 1)
    for p in probs[1:]:
        ways = [(ways[k] + (ways[k - 1] if k else 0.0)) * p[at] for k, at in enumerate(places)]
    return -math.log(ways[-1])


def written_over(probs, target, blank):
    places = [blank]
    for label in target:
        places += [label, blank]
    ways = [probs[0][blank], probs[0][target[0]]] + [0.0] * (len(places) - 2)
    for p in probs[1:]:
        for k, label in enumerate(places):
            leap = k > 1 and label != blank and label != places[k - 2]
            ways[k] += (ways[k - 1] if k else 0.0) + (ways[k - 2] if leap else 0.0)
            ways[k] *= p[label]
    return -math.log(ways[-1] + ways[-2])


TARGET_NATS = Question(
    name="target_nats",
    points=4,
    section="5 · From frames to digits: CTC",
    reference=target_nats,
    inputs=frames_case,
    cases=8,
    misconceptions=(
        Misconception(
            "only the likeliest path",
            variant(target_nats, join=max),
            "Your result is too large. How many paths mean the target?",
            "Target 1 in two frames: the probabilities of 1 1, 1 – and – 1 are added up.",
            "You kept the best way at each place. Ways are added: all their paths mean the target.",
        ),
        Misconception(
            "a leap between equal labels",
            variant(target_nats, skip="always"),
            "Right where no label comes twice in a row. What must stand between two that are "
            "the same?",
            "Target 1 1: the path 1 1 means 1; only 1 – 1 means 1 1.",
            "You go from a label straight to the same label. That would be one label, held.",
        ),
        Misconception(
            "a blank between any two labels",
            variant(target_nats, skip="never"),
            "May a label follow another label directly?",
            "Target 1 2 in two frames: the path 1 2 means it.",
            "You force a blank between all labels. It is needed between equal ones only.",
        ),
        Misconception(
            "a leap between equal labels only",
            variant(target_nats, skip="equal"),
            "Between which labels may the blank be left out?",
            "Target 1 2 in two frames: the path 1 2 means it. For 1 1 three frames are needed.",
            "You leave the blank out where the labels are the same. It is the other way round.",
        ),
        Misconception(
            "a label left out",
            variant(target_nats, skip="labels"),
            "Your result is too small. What may a way leave out: a blank, or a label as well?",
            "Target 1 2: the path – – 2 means 2, which is not the target.",
            "Your ways go from blank to blank, over a label. Only blanks may be left out.",
        ),
        Misconception(
            "anything left out",
            variant(target_nats, skip="any"),
            "Your result is too small. Over what may a way go in one frame?",
            "Target 1 2: – – 2 leaves out the 1. Target 1 1: the path 1 1 means 1.",
            "Your ways leave out any place. Only a blank may be left out, and only if the labels "
            "on both sides of it differ.",
        ),
        Misconception(
            "a blank at the beginning",
            variant(target_nats, start="blank"),
            "Where may a path begin?",
            "Target 1 in two frames: 1 1, 1 – and – 1 mean it. Two of them begin with 1.",
            "Your paths all begin with the blank. The first label may come at once.",
        ),
        Misconception(
            "no blank at the beginning",
            variant(target_nats, start="label"),
            "Where may a path begin?",
            "Target 1 in two frames: 1 1, 1 – and – 1 mean it. One of them begins with a blank.",
            "Your paths all begin with the first label. A blank may come before it.",
        ),
        Misconception(
            "a blank at the end",
            variant(target_nats, end="blank"),
            "Where may a path end?",
            "Target 1 in two frames: 1 1, 1 – and – 1 mean it. Two of them end in 1.",
            "You count the paths that end in a blank. Those that end in the last label count, too.",
        ),
        Misconception(
            "no blank at the end",
            variant(target_nats, end="label"),
            "Where may a path end?",
            "Target 1 in two frames: 1 1, 1 – and – 1 mean it. One of them ends in a blank.",
            "You count the paths that end in the last label. Those that end in a blank count, too.",
        ),
        Misconception(
            "unfinished targets counted",
            variant(target_nats, end="anywhere"),
            "Your result is too small. Where must a path have arrived after the last frame?",
            "Target 1 2: the path 1 – means 1, which is not the target.",
            "You added up all places. Only the last two have said the whole target.",
        ),
        Misconception(
            "a label for one frame only",
            variant(target_nats, hold="blanks"),
            "May a label sound for several frames?",
            "Target 1 in two frames: 1 1 is one of the three paths that mean it.",
            "Your ways stay on a blank, but never on a label. Both may be held.",
        ),
        Misconception(
            "no blanks at all",
            no_blanks,
            "Which symbols do your paths consist of?",
            "Target 1 in two frames: 1 1, 1 – and – 1 mean it.",
            "Your paths have no blank. One may stand before, between and after the labels.",
        ),
        Misconception(
            "blanks only where they are needed",
            no_more_blanks_than_needed,
            "Your result is too large. Where may a path say a blank?",
            "Target 1 in two frames: 1 1, 1 – and – 1 mean it.",
            "You have a blank between equal labels only. One may stand before, between and after "
            "any of them.",
        ),
        Misconception(
            "ways that go round",
            variant(target_nats, ring=True),
            "Your result is too small where there are frames to spare. From where can a way come "
            "to the very first place?",
            "In Python `ways[0 - 1]` is the last entry of `ways`, not an error.",
            "At the first places your index becomes negative, which counts from the end: ways that "
            "were finished begin again. The first place is only reached from itself, the second "
            "from the first and itself.",
        ),
        Misconception(
            "the first frame used twice",
            variant(target_nats, frames="all"),
            "How many factors does the probability of a path have?",
            "Two frames, the path 1 –: its probability is that of 1 in the first times that of – "
            "in the second.",
            "You begin with the first frame and then go through all frames, the first included.",
        ),
        Misconception(
            "two steps in one frame",
            written_over,
            "Work two frames by hand. Is what you add from the place before still that of the "
            "frame before?",
            "After the first frame only the first two places can be reached.",
            "You write over the old values while you still need them: a path then goes several "
            "places in one frame. Fill a new list.",
        ),
        Misconception(
            "a probability, no logarithm",
            variant(target_nats, log=False),
            "Your numbers lie between 0 and 1. What was asked?",
            "A probability of 0.5 costs 0.69 nats.",
            "You returned the probability. The loss is minus its natural logarithm.",
        ),
        Misconception(
            "bits",
            variant(target_nats, base=2.0),
            "Everything is right but the unit. Which logarithm has a nat?",
            "A probability of 0.5 costs 1 bit, and 0.69 nats.",
            "You took the logarithm to base 2. Nats have the natural one.",
        ),
    ),
)

# --- voices_nats -------------------------------------------------------------------------------


def chorale_case(rng):
    """Beginnings of real chorales, with a voice that rests, and how one of them goes on."""
    pieces = chorales_of()
    order = rng.permutation(len(pieces))[: int(rng.integers(2, 4))]
    cut = int(rng.integers(14, 22))
    learned = [to_notes(pieces[k][: cut + int(rng.integers(0, 4))]) for k in order]
    first = learned[0]
    piece = to_notes(pieces[order[0]])[len(first) - 1 :][: int(rng.integers(8, 14))]
    voice, at = int(rng.integers(4)), int(rng.integers(2, 8))
    for one in (*learned, piece):
        one[at % 4 + 1 : at % 4 + 4, voice] = 0
    moves = [int(n) for n in rng.permutation(np.arange(-3, 4))[: rng.integers(2, 5)]]
    return learned, piece, moves, NOTES + int(rng.integers(0, 4)), float(rng.uniform(0.05, 0.6))


def voices_nats(
    learned, piece, moves, V, a, *, over="frames", tables="own", pieces="apart", rests="stay",
    key="learned", spread="V", given="before", base=math.e,
):  # fmt: skip
    """Nats a frame of a Markov chain for each voice, and ways to get them wrong."""

    def moved(one, by):
        return one + by if rests == "move" else np.where(one > 0, one + by, 0)

    rows = [[moved(one, by) for one in learned] for by in (moves if key != "fixed" else [0])]
    if pieces == "joined":
        rows = [[np.concatenate(some)] for some in rows]
    pairs = [Counter() for _ in range(4)]
    for one in itertools.chain(*rows):
        for voice, line in enumerate(one.T.tolist()):
            pairs[0 if tables == "shared" else voice].update(itertools.pairwise(line))
    seen = [Counter() for _ in range(4)]
    if given == "sung":
        for one in itertools.chain(*rows):
            for voice, line in enumerate(one.T.tolist()):
                seen[voice].update(line[-1:])
    for found, of in zip(pairs, seen, strict=True):
        for (before, after), n in found.items():
            of[after if given == "after" else before] += n

    def cost(piece):
        total = 0.0
        for voice, line in enumerate(piece.T.tolist()):
            k = 0 if tables == "shared" else voice
            for before, after in itertools.pairwise(line):
                n = pairs[k][before, after]
                of = seen[k][after if given == "after" else before]
                if given == "nothing":
                    n = sum(c for (_, late), c in pairs[k].items() if late == after)
                    of = pairs[k].total()
                extra = {"V": a * V, "seen": a * len(seen[k]), "one": a}[spread]
                total -= math.log((n + a) / (of + extra), base)
        return total

    total = cost(piece) if key != "both" else np.mean([cost(moved(piece, by)) for by in moves])
    T = len(piece)
    by = {"frames": T - 1, "all frames": T, "notes": 4 * (T - 1), "sum": 1}[over]
    return float(total / by)


VOICES_NATS = Question(
    name="voices_nats",
    points=3,
    section="6 · Chorales",
    reference=voices_nats,
    inputs=chorale_case,
    cases=8,
    misconceptions=(
        Misconception(
            "the mean of the voices",
            variant(voices_nats, over="notes"),
            "Off by the same factor everywhere. What does a frame of four voices cost?",
            "Four voices at 2 nats each: 8 nats a frame.",
            "You averaged over the voices as well. Their costs in a frame are added up.",
        ),
        Misconception(
            "the first frame counted",
            variant(voices_nats, over="all frames"),
            "A little too small. How many frames does the chain foretell?",
            "Three frames: the second and the third are foretold, so divide by 2.",
            "You divided by all frames. Nothing stands before the first, so it is not scored.",
        ),
        Misconception(
            "the sum over the piece",
            variant(voices_nats, over="sum"),
            "Does your number grow with the length of the piece?",
            "Three frames that cost 8 and 6 nats after the first: 7 nats a frame.",
            "You returned the sum over all frames. Divide by how many were foretold.",
        ),
        Misconception(
            "one table for all voices",
            variant(voices_nats, tables="shared"),
            "Does a bass move as a soprano does?",
            "G after C in the bass says nothing about the soprano.",
            "You counted all voices together. Each voice has counts of its own.",
        ),
        Misconception(
            "pieces run into each other",
            variant(voices_nats, pieces="joined"),
            "Off by little. Which pairs have you counted that nobody sings?",
            "Pieces 1 2 and 5 6: the pairs are (1, 2) and (5, 6), not (2, 5).",
            "You joined the pieces before counting, so the end of one precedes the next.",
        ),
        Misconception(
            "rests moved, too",
            variant(voices_nats, rests="move"),
            "What is a rest, two semitones higher?",
            "5 0 7, moved by 2: 7 0 9.",
            "You moved the number 0. It is a rest and stays one in every key.",
        ),
        Misconception(
            "never moved",
            variant(voices_nats, key="fixed"),
            "Which argument has no influence on your result?",
            "5 7 moved by 0 and by 2: the pairs are (5, 7) and (7, 9).",
            "You learned each piece in its own key only. Count it once for each number in `moves`.",
        ),
        Misconception(
            "the piece moved as well",
            variant(voices_nats, key="both"),
            "What is moved: what is learned from, or what is scored?",
            "The piece is scored once, as it is written.",
            "You scored the piece in several keys. Only what is learned from is moved.",
        ),
        Misconception(
            "smoothed without all notes",
            variant(voices_nats, spread="one"),
            "Add up your probabilities of all V notes after one note. Do they make 1?",
            "Seen twice, a = 0.5, V = 4: divide by 2 + 4 · 0.5.",
            "You added `a` once below. It was added above for each of the V notes.",
        ),
        Misconception(
            "smoothed with the notes that were seen",
            variant(voices_nats, spread="seen"),
            "Add up your probabilities of all V notes after one note. Do they make 1?",
            "V = 57 notes may come, whether they have been seen or not.",
            "You counted the notes that occur. `a` was added above for each of the V notes.",
        ),
        Misconception(
            "how frequent each note is",
            variant(voices_nats, given="nothing"),
            "Does it matter in your chain which note sounds now?",
            "After a C another C is likely, after a D less so.",
            "You took the share of each note by itself. A chain takes it among what followed the "
            "note before.",
        ),
        Misconception(
            "divided by what was reached",
            variant(voices_nats, given="after"),
            "Add up your probabilities of all notes after one note. Do they make 1?",
            "(5, 7) once, (5, 5) three times: P(7 | 5) is 1 of 4, before smoothing.",
            "You divided by how often the *later* note occurs. Divide by how often the one before "
            "was followed by anything.",
        ),
        Misconception(
            "the last note of a piece counted as followed",
            variant(voices_nats, given="sung"),
            "A little too large. How often was a note followed by anything, if it ends a piece?",
            "The piece 5 7 5: the 5 is sung twice, and followed once.",
            "You divided by how often the note was sung. N is how often anything followed it, and "
            "nothing follows the last note of a piece.",
        ),
        Misconception(
            "bits",
            variant(voices_nats, base=2.0),
            "Off by the same factor everywhere. Which logarithm has a nat?",
            "A probability of 0.5 costs 1 bit, and 0.69 nats.",
            "You took the logarithm to base 2. Nats have the natural one.",
        ),
    ),
)

# --- transcribe --------------------------------------------------------------------------------


def batch_case(rng):
    """Paths with doubled labels; a line ends with what the next begins with; noise beyond ends."""
    V, B = (int(n) for n in rng.integers((4, 2), (7, 5)))
    blank, paths = V - 1, []
    link = int(rng.integers(blank))
    for row in range(B):
        said = [link, *(int(n) for n in rng.integers(0, blank, int(rng.integers(1, 3))))]
        link = int(rng.integers(blank))
        said += [link] if row % 2 else [link, link]  # a double in every other line
        path = []
        for k, label in enumerate(said):
            again = k > 0 and label == said[k - 1]
            path += [blank] * (int(again) + int(rng.integers(0, 2)) if k else 0)
            path += [label] * int(rng.integers(1, 3))
        paths.append(path)
    lengths = np.array([len(path) for path in paths])
    T = int(lengths.max()) + int(rng.integers(0, 2))
    logits = rng.standard_normal((B, T, V))
    for row, path in enumerate(paths):
        spare = T - len(path)
        junk = [int(n) for n in rng.integers(0, V, spare)]
        if spare > 1:
            junk[0], junk[-1] = (path[-1] + 1) % blank, path[-1]
        logits[row, np.arange(T), path + junk] += 6
    return logits - np.log(np.exp(logits).sum(2, keepdims=True)), lengths


def transcribe(
    log_probs, lengths, *, cut=True, parts=True, fresh=True, merge=True, drop=True, blank=-1,
    pick=np.argmax, once=False,
):  # fmt: skip
    """B lists of labels by greedy CTC. parts: a blank parts what is equal; and more mistakes."""
    blank %= log_probs.shape[2]
    before, said = None, []
    for rows, n in zip(log_probs, lengths, strict=True):
        labels = []
        before = None if fresh else before
        for label in pick(rows, axis=1)[: int(n) if cut else None].tolist():
            if (label != blank or not drop) and (label != before or not merge):
                labels.append(label)
                before = label
            if parts:
                before = label
        said.append(list(dict.fromkeys(labels)) if once else labels)
    return said


TRANSCRIBE = Question(
    name="transcribe",
    points=3,
    section="8 · A bug hunt",
    reference=transcribe,
    inputs=batch_case,
    cases=8,
    misconceptions=(
        Misconception(
            "the program as it was",
            variant(transcribe, cut=False, parts=False, fresh=False),
            "This is what the program said before. Try it on one line, on two, and on a line that "
            "is shorter than its batch.",
            "Lines 3 – 3 and 3 5, with T = 4: what does the program say, and what should it?",
            "Three things are to be mended: which frames are read, what a blank does to `before`, "
            "and what a line knows of the line above.",
        ),
        Misconception(
            "frames beyond the end read",
            variant(transcribe, cut=False),
            "Two faults are gone. Which argument has no influence yet?",
            "A length of 3: the fourth frame of that line belongs to nobody.",
            "You still read what lies beyond a line's length. Stop there.",
        ),
        Misconception(
            "doubled labels melted into one",
            variant(transcribe, parts=False),
            "Two faults are gone. Try a line with the same label twice, a blank between.",
            "3 – 3 means 3 3.",
            "A blank must count as what stood before, or 3 – 3 looks like 3 held.",
        ),
        Misconception(
            "a line that remembers the one above",
            variant(transcribe, fresh=False),
            "Two faults are gone. Give the batch in another order: does each line still say the "
            "same?",
            "One line ends with 3, the next begins with 3: it is said in both.",
            "`before` goes on from line to line. Each line must begin without one.",
        ),
        Misconception(
            "only the frames beyond the end mended",
            variant(transcribe, parts=False, fresh=False),
            "One fault is gone, two are left. Try a line with the same label twice, a blank "
            "between; then a batch in another order.",
            "3 – 3 means 3 3, also if the line above ended with 3.",
            "`before` is set in the wrong place, and it lives too long: look at both ends of the "
            "inner loop.",
        ),
        Misconception(
            "only the doubled labels mended",
            variant(transcribe, cut=False, fresh=False),
            "One fault is gone, two are left. Is every line independent of its neighbours and of "
            "what fills up the batch?",
            "A length of 3: the fourth frame belongs to nobody, and the next line begins afresh.",
            "Lengths have no influence yet, and `before` goes on from line to line.",
        ),
        Misconception(
            "only the memory of the line above mended",
            variant(transcribe, cut=False, parts=False),
            "One fault is gone, two are left. Try a line with the same label twice, and one that "
            "is shorter than its batch.",
            "3 – 3 means 3 3, and with a length of 3 the fourth frame belongs to nobody.",
            "Lengths have no influence yet, and `before` must also be set where a blank is.",
        ),
        Misconception(
            "the blank taken for 0",
            variant(transcribe, blank=0),
            "That was right in the program. Which class is the blank?",
            "Five classes: 0 to 3 are labels, and 4 is the blank.",
            "You drop every 0. The blank is the last class.",
        ),
        Misconception(
            "each label once a line",
            variant(transcribe, once=True),
            "Which labels do you leave out? Try a line that says the same label twice.",
            "3 5 3 means 3 5 3, and 3 – 3 means 3 3.",
            "You leave out every label that the line has said before. Only one that *goes on* "
            "without a break counts once.",
        ),
        Misconception(
            "repeats left",
            variant(transcribe, merge=False),
            "That was right in the program. What does a label mean that lasts three frames?",
            "3 3 3 – means 3, once.",
            "You no longer merge what repeats.",
        ),
        Misconception(
            "blanks left",
            variant(transcribe, drop=False),
            "That was right in the program. Is there a class in your lines that means nothing?",
            "3 – 5 means 3 5.",
            "You no longer drop the blanks.",
        ),
    ),
)

# --- train_sea ---------------------------------------------------------------------------------


def sea_case(rng):
    """Some years off Peru, from a January on, and weights of a vanilla cell."""
    years, H, T, ahead = (int(n) for n in rng.integers((6, 3, 3, 1), (9, 5, 6, 4)))
    first = 12 * int(rng.integers(0, 61 - years))
    degrees = sea_of()[1][first : first + 12 * years - int(rng.integers(0, 6))]
    start = 12 * (years - 2) - int(rng.integers(0, 9))
    shapes = [(H, 1), (H, H), (H,), (H,), (1,)]
    weights = [rng.standard_normal(shape) / 2 for shape in shapes]
    rate, updates = float(rng.choice([0.06, 0.1])), int(rng.integers(2, 5))
    return degrees, start, ahead, T, *weights, rate, updates


def train_sea(
    degrees, start, ahead, T, W_xh, W_hh, b_h, w, c, rate, updates, *, usual="past", width="past",
    window=0, learn="known", sign=-1, trained=5, carry=True, order="rising",
    now="off", unit="degrees", score="absolute", test="after", loss="mean",
):  # fmt: skip
    """Losses of gradient descent, and three mean errors on the test; ways to get them wrong."""
    import torch

    weights = [one.clone().requires_grad_() for one in (W_xh, W_hh, b_h, w, c)]
    known = degrees if usual == "whole" else degrees[:start]
    mean = torch.stack([known[month::12].mean() for month in range(12)])
    mean = mean if usual != "one" else known.mean().expand(12)
    off = degrees - mean[torch.arange(len(degrees)) % 12] * (-1 if usual == "added" else 1)
    square = (off if width == "whole" else off[:start]).square()
    scale = (square.sum() if width == "sum" else square.mean()).sqrt()
    scale = torch.ones_like(scale) if width == "none" else scale
    scale = off[:start].std() if width == "deviation" else scale
    x = off / scale
    asked = torch.arange(T - 1, len(x) - ahead)
    known = {"known": asked + ahead < start, "asked": asked < start, "all": asked >= 0}[learn]
    rows, new = asked[known], asked[asked + (0 if test == "asked" else ahead) >= start]

    def say(t):
        W_xh, W_hh, b_h, w, c = weights
        h = x.new_zeros(len(t), len(b_h))
        steps = {
            "rising": range(T - 1, -1, -1),
            "falling": range(T),
            "short": range(T - 2, -1, -1),
        }[order]
        for back in steps:
            row = x[t - back + (ahead if window == "target" else window)][:, None]
            h = torch.tanh(row @ W_xh.T + (h if carry else 0 * h) @ W_hh.T + b_h)
        return h @ w + c

    def error(t):
        said = say(t)[:, None] if loss == "crossed" else say(t)
        square = (said - x[t + ahead]).square()
        return {"sum": square.sum(), "half": square.mean() / 2}.get(loss, square.mean())

    with torch.no_grad():
        before = say(new)
    losses = []
    for update in range(updates + 1):
        value = error(rows)
        losses.append(value.item())
        if update < updates:
            grads = torch.autograd.grad(value, weights, allow_unused=True)
            with torch.no_grad():
                for one, grad in list(zip(weights, grads, strict=True))[5 - trained :]:
                    if grad is not None:
                        one += sign * rate * grad
    with torch.no_grad():
        said = scale * (before if test == "before" else say(new))
    truth = off[new + ahead]
    still = {"off": off[new], "degrees": truth + degrees[new] - degrees[new + ahead]}[now]
    apart = [one - truth for one in (said, 0 * truth, still)]
    if loss == "crossed":
        apart[0] = said[:, None] - truth
    apart = [one / scale if unit == "deviations" else one for one in apart]
    if score == "roots":
        return losses, [one.square().mean().sqrt().item() for one in apart]
    if score == "squares":
        return losses, [one.square().mean().item() for one in apart]
    return losses, [one.abs().mean().item() for one in apart]


TRAIN_SEA = Question(
    name="train_sea",
    points=5,
    section="1 · What a forecast must beat",
    reference=train_sea,
    inputs=sea_case,
    framework="torch",
    misconceptions=(
        Misconception(
            "the future in the usual temperatures",
            variant(train_sea, usual="whole"),
            "Everything is a little off. From which months do you take what is usual?",
            "In 1990 nobody knew what January would be like in 2010.",
            "You averaged each calendar month over the whole series. Take the months before "
            "`start` only.",
        ),
        Misconception(
            "the usual temperature added",
            variant(train_sea, usual="added"),
            "Your second error is about twice a temperature. How far off the usual is a month that "
            "is as usual?",
            "22 degrees in a month where 21 is usual: 1 off.",
            "You added the usual temperature. Subtract it.",
        ),
        Misconception(
            "one mean for all months",
            variant(train_sea, usual="one"),
            "Your second error is large. Is 25 degrees warm, in February and in September?",
            "Usual in February 26, in September 20: 23 degrees is 3 too cold, or 3 too warm.",
            "You took one mean for the whole year. Each calendar month has its own.",
        ),
        Misconception(
            "the future in the unit",
            variant(train_sea, width="whole"),
            "Look at the losses. From which months comes "
            "the unit?",
            "Months before `start` off by 1, −1, 1 and later ones by 4: the unit is 1.",
            "You took the root mean square of all months. Take that of the months before `start`.",
        ),
        Misconception(
            "the root of the sum",
            variant(train_sea, width="sum"),
            "Look at the losses: they are small. How does the unit grow "
            "with the number of months?",
            "Months off by 1, −1, 1 and −1: the unit is 1, not 2.",
            "You took the root of the sum of squares. The unit is the root of their mean.",
        ),
        Misconception(
            "the deviation for the unit",
            variant(train_sea, width="deviation"),
            "Look at the losses: nearly right. By how many do you divide the sum of the squares?",
            "Months off by 1, −1, 1 and −1: the unit is 1. `std()` of torch says 1.15.",
            "The `std` of torch divides by one less than the number of months. The unit is the "
            "root of the mean, over all of them.",
        ),
        Misconception(
            "not divided by the unit",
            variant(train_sea, width="none"),
            "Look at the losses. What does the network "
            "read?",
            "Off by 2 degrees, where 0.8 is usual: it reads 2.5.",
            "Your network reads degrees. Divide them by the unit first.",
        ),
        Misconception(
            "the answer among the inputs",
            variant(train_sea, window="target"),
            "Look at the first loss. What is the last month that the network reads?",
            "Asked in March about May: it reads up to March.",
            "Your window ends at the month that is to be foretold. It ends at the month of asking.",
        ),
        Misconception(
            "read backwards",
            variant(train_sea, order="falling"),
            "Look at the first loss. In which order does the network read the months?",
            "T = 3, asked in March: January, February and March, in this order.",
            "Your network reads the latest month first. Time runs forwards.",
        ),
        Misconception(
            "a month too few",
            variant(train_sea, order="short"),
            "Look at the first loss. How many months does the network read?",
            "T = 3, asked in March: January, February and March.",
            "Your network reads T − 1 months: the first of the window is missing.",
        ),
        Misconception(
            "a window that ends a month early",
            variant(train_sea, window=-1),
            "Look at the first loss. What is the last month that the network reads?",
            "Asked in March about May: it reads up to March.",
            "Your window ends a month before the month of asking.",
        ),
        Misconception(
            "trained on the test",
            variant(train_sea, learn="all"),
            "Look at the losses. From how many months does the network learn?",
            "A month whose answer lies at `start` or later is there for the test.",
            "You learned from all months. Only those whose answer lies before `start` count.",
        ),
        Misconception(
            "answers from after the start",
            variant(train_sea, learn="asked"),
            "Look at the losses. When is the answer of the last month known "
            "from which you learn?",
            "`start` is April, asked in March about May: May is not known in April.",
            "You learned from all months before `start`. Their answers must lie before it, too.",
        ),
        Misconception(
            "no state carried along the window",
            variant(train_sea, carry=False),
            "Look at the first loss. What does the network know at its last step?",
            "T = 3, asked in March: it has read January, February and March, in this order.",
            "Only the latest month counts: you read no other, or start each step from zeros. "
            "Within a window the state goes on.",
        ),
        Misconception(
            "uphill",
            variant(train_sea, sign=1),
            "Your first loss is right. In which direction do the others go?",
            "A loss of 1.1 that becomes 1.3 after one update has gone the wrong way.",
            "You add the gradient. Descent subtracts it, times the rate.",
        ),
        Misconception(
            "only the read-out trained",
            variant(train_sea, trained=2),
            "Your first loss is right. Which parameters change in your loop?",
            "All five arrays have a gradient.",
            "You trained the read-out alone. The cell's three arrays are trained with it.",
        ),
        Misconception(
            "the sum of the squares",
            variant(train_sea, loss="sum"),
            "Look at the first loss: is it a mean?",
            "Two answers off by 1 and 3: the loss is 5.",
            "You summed the squared errors. The loss is their mean.",
        ),
        Misconception(
            "each forecast against all answers",
            variant(train_sea, loss="crossed"),
            "Look at the first loss. What is the shape of what you take the mean of?",
            "Shapes (5, 1) and (5,): their difference is (5, 5), and torch does not complain.",
            "What the network says is a column, the answers are a row, and so each is subtracted "
            "from all. Give both the same shape, (n,).",
        ),
        Misconception(
            "half the mean of the squares",
            variant(train_sea, loss="half"),
            "Your first loss is the right one, times what?",
            "Two answers off by 1 and 3: the loss is 5.",
            "You halved the loss. It is the mean of the squares as it stands.",
        ),
        Misconception(
            "the test taken before training",
            variant(train_sea, test="before"),
            "Look at the first of your errors. When do you look at the test?",
            "The test is foretold with the weights after the last update.",
            "Your first error comes from the first weights. Take it at the end.",
        ),
        Misconception(
            "months asked before the start left out of the test",
            variant(train_sea, test="asked"),
            "Look at the errors. For which months do you take the test?",
            "`start` is April: asked in March about May, the answer is new, so it is tested.",
            "You test where the month of asking is `start` or later. It is the *answer* that must "
            "lie there.",
        ),
        Misconception(
            "as warm as now, in degrees",
            variant(train_sea, now="degrees"),
            "Look at the third error. What does “as far off as now” say in "
            "another season?",
            "Now 1 degree too warm for March: it says 1 degree too warm for June.",
            "You let the temperature itself stay. What stays is its distance from the usual.",
        ),
        Misconception(
            "errors in units",
            variant(train_sea, unit="deviations"),
            "Look at the errors. In which unit should the errors be?",
            "Off by 0.5 of a unit that is 0.8 degrees: 0.4 degrees.",
            "Your errors are in units of the scaled series. Multiply by the unit.",
        ),
        Misconception(
            "mean squares for errors",
            variant(train_sea, score="squares"),
            "Look at the errors. What are your three errors the mean of?",
            "Off by 1 and −3 degrees: the mean absolute error is 2.",
            "You averaged squares. For the test take absolute values.",
        ),
        Misconception(
            "roots of mean squares for errors",
            variant(train_sea, score="roots"),
            "Look at the errors. What are your three errors the mean of?",
            "Off by 1 and −3 degrees: the mean absolute error is 2.",
            "You took the root of the mean square. For the test take the mean of absolute values.",
        ),
    ),
)

# --- explain_signals ---------------------------------------------------------------------------

EXPLAIN_SIGNALS = Question(
    name="explain_signals",
    points=3,
    rubric=(
        ("says why a price near yesterday's gives a high R², and asks for the random walk's", 1),
        ("finds the future in the scale of the inputs, and says what to do instead", 1),
        ("asks for several periods or seeds, and names a figure of the chapter", 1),
    ),
)

QUESTIONS = [
    NAIVE_BAR,
    LAG_TABLE,
    SCALED_AS_KNOWN,
    ALARM_REPORT,
    TARGET_NATS,
    VOICES_NATS,
    TRANSCRIBE,
    TRAIN_SEA,
    EXPLAIN_SIGNALS,
]
