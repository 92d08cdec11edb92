"""Chapter 1, sequential data: bags, one-hot rows, padding, masks, packing, and a fair test."""

from __future__ import annotations

import numpy as np

from rnncourse.bank import Misconception, Question, variant

# --- bag_of_words ------------------------------------------------------------------------------


def sentence_inputs(rng):
    V = int(rng.integers(3, 8))
    words = rng.integers(0, V, rng.integers(4, 11))
    words[rng.integers(1, len(words))] = words[0]  # some word comes twice
    return words, V


def bag_of_words(words, V):
    return np.bincount(words, minlength=V)


def bag_by_place(words, V):
    bag = np.zeros(V)
    for t, word in enumerate(words):
        bag[word] += t + 1
    return bag


BAG_OF_WORDS = Question(
    name="bag_of_words",
    points=2,
    reference=bag_of_words,
    inputs=sentence_inputs,
    misconceptions=(
        Misconception(
            "presence instead of counts",
            lambda words, V: (bag_of_words(words, V) > 0).astype(int),
            "Try a sentence in which a word comes twice.",
            "For the words 1, 1, 0 and V = 3 the bag is [1, 2, 0]. What do you get?",
            "You note whether a word is there. A bag counts how often it is there.",
        ),
        Misconception(
            "shares instead of counts",
            lambda words, V: bag_of_words(words, V) / len(words),
            "What do your numbers add up to?",
            "For the words 1, 1, 0 the numbers of a bag add up to 3, the number of words.",
            "You divide by the length of the sentence. That is useful, but here counts are asked.",
        ),
        Misconception(
            "only as long as the largest word",
            lambda words, V: np.bincount(words)[: max(words.max(), 1)],
            "How long is your vector, and how long should it be for *every* sentence?",
            "For the words 0, 1 and V = 4 the bag is [1, 1, 0, 0].",
            "A bag has one entry for every word of the vocabulary, also for the last ones.",
        ),
        Misconception(
            "later words weigh more",
            bag_by_place,
            "Compare your bags of the words 0, 1 and of the words 1, 0.",
            "Swap two words of a sentence: not one entry of its bag may change.",
            "Your count grows with the place t of a word. A bag adds one, wherever a word stands.",
        ),
        Misconception(
            "one row for every word",
            lambda words, V: np.eye(V)[words],
            "What is the shape of your result, and which axis should be gone?",
            "A bag has V numbers, whether the sentence has three words or thirty.",
            "These are the one-hot rows, order and all. Add them up over time: that is the bag.",
        ),
    ),
)

# --- one_hot_rows ------------------------------------------------------------------------------


def one_hot_inputs(rng):
    V = int(rng.integers(3, 8))
    words = rng.integers(1, V - 1, rng.integers(2, 7))
    words[0] = V - 1  # so that not every number would fit into a smaller table
    return words, V


def one_hot_rows(words, V):
    return np.eye(V)[words]


ONE_HOT_ROWS = Question(
    name="one_hot_rows",
    points=2,
    reference=one_hot_rows,
    inputs=one_hot_inputs,
    misconceptions=(
        Misconception(
            "time and vocabulary swapped",
            lambda words, V: np.eye(V)[words].T,
            "Compare your shape with (T, V).",
            "Three words of a vocabulary of five are three rows of five numbers.",
            "You put the words into columns. Here time comes first: row t belongs to word t.",
        ),
        Misconception(
            "counting from one",
            lambda words, V: np.eye(V)[np.asarray(words) - 1],
            "Which column of your first row holds the one?",
            "Word 0 of three words is [1, 0, 0]; word 2 is [0, 0, 1].",
            "Your ones stand a column too far to the left: the vocabulary counts from 0.",
        ),
        Misconception(
            "the word's number instead of a one",
            lambda words, V: np.eye(V)[words] * np.asarray(words)[:, None],
            "Which numbers appear in your result?",
            "Word 2 of three words is [0, 0, 1], not [0, 0, 2].",
            "You write the number of the word into its column. Then word 4 would be twice word 2.",
        ),
        Misconception(
            "rows added up",
            lambda words, V: np.eye(V)[words].sum(axis=0),
            "Where has time gone in your result?",
            "T words make T rows. Yours make one.",
            "You added the rows up: this is the bag of words, and the order is lost.",
        ),
        Misconception(
            "everything in one row",
            lambda words, V: np.eye(V)[words].reshape(-1),
            "Your numbers are right. Look at the shape.",
            "For two words and V = 3 the result is [[…, …, …], […, …, …]], not six in a row.",
            "You flattened the rows into one, as a network on a fixed window wants it.",
        ),
    ),
)

# --- pad_batch ---------------------------------------------------------------------------------


def ragged_inputs(rng):
    lengths = rng.permutation(np.arange(1, 7))[: rng.integers(2, 6)]
    return [rng.integers(1, 20, length) for length in lengths], int(rng.integers(-5, 0))


def pad_batch(sequences, value, *, columns=max, front=False):
    T = columns([len(sequence) for sequence in sequences])
    batch = np.full((len(sequences), T), value)
    for row, sequence in zip(batch, sequences, strict=True):
        kept = np.asarray(sequence)[:T]
        row[T - len(kept) if front else 0 :][: len(kept)] = kept
    return batch


PAD_BATCH = Question(
    name="pad_batch",
    points=2,
    reference=pad_batch,
    inputs=ragged_inputs,
    misconceptions=(
        Misconception(
            "padding in front",
            variant(pad_batch, front=True),
            "Where does your padding stand, and where should it?",
            "[[7], [8, 9]] padded with 0 is [[7, 0], [8, 9]].",
            "You fill up in front. Some do, for good reasons; here the padding goes behind.",
        ),
        Misconception(
            "zero whatever the value",
            lambda sequences, value: pad_batch(sequences, 0),
            "The real steps are right. Look at the others.",
            "[[7], [8, 9]] padded with −1 is [[7, −1], [8, 9]].",
            "You fill with 0 and do not use the argument value.",
        ),
        Misconception(
            "cut to the shortest",
            variant(pad_batch, columns=min),
            "How many steps has your batch, and how many has the longest sequence?",
            "[[7], [8, 9]] has two columns: no real step may be lost.",
            "You cut every sequence to the length of the shortest. Padding lengthens the short.",
        ),
        Misconception(
            "one column too many",
            variant(pad_batch, columns=lambda lengths: max(lengths) + 1),
            "Look at your last column.",
            "A batch of one sequence needs no padding at all.",
            "You make the batch one step longer than the longest sequence.",
        ),
        Misconception(
            "time first",
            lambda *case: pad_batch(*case).T,
            "Compare your shape with (B, T).",
            "Two sequences make two rows.",
            "Your sequences are columns: (T, B). The loops of this course want that; this task "
            "does not.",
        ),
    ),
)

# --- masked_mean -------------------------------------------------------------------------------


def states_inputs(rng):
    B, T, H = rng.integers(2, 6), rng.integers(4, 8), rng.integers(1, 5)
    lengths = rng.permutation(np.arange(1, T))[:B]  # all below T, all different
    return rng.normal(size=(len(lengths), T, H)), lengths


def masked_mean(h, lengths, *, count=None, extra=0):
    """Sum of the first lengths + extra steps over count (default: the lengths)."""
    real = np.arange(h.shape[1]) < np.asarray(lengths)[:, None] + extra
    count = lengths if count is None else count
    return (h * real[..., None]).sum(axis=1) / np.reshape(count, (-1, 1))


MASKED_MEAN = Question(
    name="masked_mean",
    points=3,
    reference=masked_mean,
    inputs=states_inputs,
    misconceptions=(
        Misconception(
            "padding counted in",
            lambda h, lengths: h.mean(axis=1),
            "Change a number in a padded step of h. Does your mean change?",
            "h = [[1], [3], [100]] with length 2 has the mean 2.",
            "You average over all T steps. Those after the end of a sequence are not its own.",
        ),
        Misconception(
            "divided by T",
            lambda h, lengths: masked_mean(h, lengths, count=h.shape[1]),
            "Your means are too close to zero, the more so the shorter the sequence.",
            "h = [[1], [3], [100]] with length 2: the sum 4 is right. Divide it by …",
            "You leave the padding out of the sum, but still count it when you divide.",
        ),
        Misconception(
            "one step too many",
            lambda h, lengths: masked_mean(h, lengths, count=lengths + 1, extra=1),
            "Try a sequence of length 1: its mean is its first step.",
            "With length 2 the steps with index 0 and 1 count. Which ones do you take?",
            "Your mask lets the step with index `length` in. Indices start at 0: use <, not <=.",
        ),
        Misconception(
            "the last step instead of the mean",
            lambda h, lengths: h[np.arange(len(h)), lengths - 1],
            "Change the first step of a long sequence. Your result does not move.",
            "h = [[1], [3], [100]] with length 2 has the mean 2, not 3.",
            "You pick the last real step, neatly. The task asks for the mean of all real ones.",
        ),
        Misconception(
            "one mean for the whole batch",
            lambda h, lengths: masked_mean(h, lengths, count=np.full(len(h), lengths.mean())),
            "Do you divide every row by the same number?",
            "Rows of length 1 and 3: divide the first by 1, the second by 3.",
            "You divide by the mean length. Each sequence needs its own: lengths[:, None].",
        ),
    ),
)

# --- batch_sizes -------------------------------------------------------------------------------


def lengths_inputs(rng):
    lengths = rng.integers(1, 9, rng.integers(3, 8))
    lengths[:2] = lengths.max() + 1, max(lengths.max() - 2, 1)  # one outlasts all others
    return (rng.permutation(lengths),)


def batch_sizes(lengths, *, until=0):
    lengths = np.asarray(lengths)
    return (lengths[:, None] > np.arange(lengths.max()) + until).sum(axis=0)


BATCH_SIZES = Question(
    name="batch_sizes",
    points=3,
    reference=batch_sizes,
    inputs=lengths_inputs,
    misconceptions=(
        Misconception(
            "the sorted lengths",
            lambda lengths: np.sort(lengths)[::-1],
            "How many numbers do you return? There should be one for every *step*.",
            "Lengths 3 and 1: two sequences run at step 1, one at steps 2 and 3: [2, 1, 1].",
            "You sort the lengths; that gives one number for each sequence. Now turn the picture "
            "by 90 degrees: count per step.",
        ),
        Misconception(
            "only those that end here",
            lambda lengths: np.bincount(lengths)[1:],
            "Your first number should be the size of the batch: all sequences have a step 1.",
            "Lengths 3 and 1 give [2, 1, 1]. You get [1, 0, 1].",
            "You count the sequences that end at a step. Count those that are still running.",
        ),
        Misconception(
            "padding counted instead",
            lambda lengths: len(lengths) - batch_sizes(lengths),
            "Your numbers grow with time. Do more sequences run as time goes on?",
            "Lengths 3 and 1 give [2, 1, 1]. You get [0, 1, 1].",
            "You count the padded cells of each step. The real ones are asked.",
        ),
        Misconception(
            "gone a step too early",
            variant(batch_sizes, until=1),
            "Your first number should be the size of the batch, your last at least 1.",
            "A sequence of length 1 runs at step 1. Do you count it there?",
            "You drop each sequence at its last step. With index t counted from 0 it runs as long "
            "as t < length.",
        ),
        Misconception(
            "running totals",
            lambda lengths: np.cumsum(batch_sizes(lengths)),
            "Your numbers grow. What does the last of them count?",
            "Lengths 3 and 1 give [2, 1, 1]. You get [2, 3, 4].",
            "You add up as you go: these are the places in the packed data where steps end. The "
            "steps' own sizes are asked.",
        ),
    ),
)

# --- order_portrait ----------------------------------------------------------------------------

ORDER_PORTRAIT = Question(
    name="order_portrait",
    points=4,
    rubric=(
        ("Two plots of the same values, in order and out of order, with axes named", 1),
        ("One quantity that the shuffling cannot change, computed for both", 1),
        ("One quantity that it does change, computed for both", 1),
        ("Two or three sentences: which of the two a bag sees, and what that costs here", 1),
    ),
)

# --- series_features: the transfer task --------------------------------------------------------


def series_inputs(rng):
    B, T, D = rng.integers(2, 5), rng.integers(6, 9), rng.integers(1, 4)
    lengths = rng.integers(3, T, B)
    x = rng.normal(size=(B, T, D))
    x[np.arange(T) >= lengths[:, None]] = 0  # padded with zeros, as rnncourse.batching.pad does
    return x, lengths


def series_features(x, lengths, *, parts=("mean", "spread", "first", "last")):
    rows = []
    for series, length in zip(x, lengths, strict=True):
        real = series[:length]
        known = {
            "mean": real.mean(axis=0),
            "spread": real.std(axis=0),
            "first": real[0],
            "last": real[-1],
            "padded mean": series.mean(axis=0),
            "padded spread": series.std(axis=0),
            "padded last": series[-1],
            "sample spread": real.std(axis=0, ddof=1),
        }
        rows.append(np.concatenate([known[part] for part in parts]))
    return np.array(rows)


SERIES_FEATURES = Question(
    name="series_features",
    points=4,
    reference=series_features,
    inputs=series_inputs,
    misconceptions=(
        Misconception(
            "padding in mean and spread",
            variant(series_features, parts=("padded mean", "padded spread", "first", "last")),
            "The second half of your features is right, the first half is not.",
            "Cut a series to its length before you average.",
            "The zeros of the padding take part in your mean and your spread.",
        ),
        Misconception(
            "last step of the batch",
            variant(series_features, parts=("mean", "spread", "first", "padded last")),
            "Look at your last D features. Are they all zero for short series?",
            "A series of length 3 in a batch of 6 steps ends at index 2.",
            "x[:, -1] is the last step of the *batch*. The last step of series b has the index "
            "lengths[b] - 1.",
        ),
        Misconception(
            "padding everywhere",
            variant(
                series_features, parts=("padded mean", "padded spread", "first", "padded last")
            ),
            "Do you use lengths at all?",
            "Take a series of length 3 in a batch of 6 steps: only three rows are real.",
            "Mean, spread and last step all include the padding. Cut each series to its length "
            "first.",
        ),
        Misconception(
            "spread divided by T − 1",
            variant(series_features, parts=("mean", "sample spread", "first", "last")),
            "Three of your four parts are right. Which one is a little too large?",
            "The spread of 1 and 3 is 1 here: the root of the *mean* squared distance.",
            "You divide by length − 1 (ddof=1). Here it is numpy's usual std, divided by length.",
        ),
        Misconception(
            "first and last swapped",
            variant(series_features, parts=("mean", "spread", "last", "first")),
            "All numbers are right, but some stand in the wrong place.",
            "In which order does the task name the four parts?",
            "Your last two parts are swapped: first comes first.",
        ),
    ),
)


QUESTIONS = [
    BAG_OF_WORDS,
    ONE_HOT_ROWS,
    PAD_BATCH,
    MASKED_MEAN,
    BATCH_SIZES,
    ORDER_PORTRAIT,
    SERIES_FEATURES,
]
