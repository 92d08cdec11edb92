"""Chapter 1, sequential data: bags, embeddings, shared weights, padding, masks, a fair test."""

from __future__ import annotations

import numpy as np

from rnncourse.bank import Misconception, Question, variant

# --- bag_of_words --------------------------------------------------------------------------------


def sentence_inputs(rng):
    """In half of the cases words without the last of the vocabulary."""
    V = int(rng.integers(4, 9))
    words = rng.integers(0, V - 1, rng.integers(4, 11))
    if rng.random() < 0.5:
        words[0] = V - 1
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
    points=1,
    section="1 · The same parts, another order",
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
            "You divide by the length of the sentence. That is useful, but counts are asked for.",
        ),
        Misconception(
            "only as long as the largest word",
            lambda words, V: np.bincount(words),
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

# --- embedding_gradient --------------------------------------------------------------------------


def looked_up_inputs(rng):
    """A sentence with a word that comes twice, padded; half of them have the table's last word."""
    V, D = int(rng.integers(5, 9)), int(rng.integers(2, 5))
    words = rng.integers(1, V - 1, rng.integers(4, 8))
    if rng.random() < 0.5:
        words[0] = V - 1
    words[-1] = words[0]
    words = np.concatenate([words, np.zeros(rng.integers(1, 4), dtype=int)])
    return words, rng.normal(size=(len(words), D)), V


def embedding_gradient(words, de, V, *, padding=False, mean=False):
    x = np.eye(V)[words]  # (T, V)
    gradient = x.T @ de
    if mean:
        gradient = gradient / np.maximum(x.sum(axis=0), 1)[:, None]
    return gradient if padding else np.where(np.arange(V)[:, None] > 0, gradient, 0)


def last_one_wins(words, de, V):
    gradient = np.zeros((V, de.shape[1]))
    gradient[words] += de
    gradient[0] = 0
    return gradient


EMBEDDING_GRADIENT = Question(
    name="embedding_gradient",
    points=2,
    section="3 · From words to numbers",
    reference=embedding_gradient,
    inputs=looked_up_inputs,
    misconceptions=(
        Misconception(
            "the last occurrence wins",
            last_one_wins,
            "Most rows are right. Which words come more than once?",
            "Words 1, 1 and de = [[2], [3]] give row 1 the gradient 5. Yours has 3.",
            "gradient[words] += de writes each row once, with the last of its values. What was "
            "used twice gets the *sum*: np.add.at, or the one-hot rows and a product.",
        ),
        Misconception(
            "the padding learns",
            variant(embedding_gradient, padding=True),
            "All rows are right but one. Whose row is it?",
            "Words 1, 0 and de = [[2], [3]] give the rows 0 and 1 the gradients 0 and 2.",
            "Row 0 belongs to the padding, which is not learned: its gradient is zero.",
        ),
        Misconception(
            "the mean of the occurrences",
            variant(embedding_gradient, mean=True),
            "Words that come once are right. What do you do with the others?",
            "Words 1, 1 and de = [[2], [3]] give row 1 the gradient 5, not 2.5.",
            "You average over the uses of a row. Each use adds its share: they are summed.",
        ),
        Misconception(
            "one row for each step",
            lambda words, de, V: np.where(np.asarray(words)[:, None] > 0, de, 0),
            "Compare your shape with (V, D).",
            "A gradient has the shape of its parameter. The table has a row for each word.",
            "You return a row for each step. Add up the rows of equal words, each at its place.",
        ),
        Misconception(
            "only as long as the largest word",
            lambda words, de, V: embedding_gradient(words, de, max(words) + 1),
            "How many rows does the table have, and how many your gradient?",
            "Words 1, 2 of a table with V = 5: the gradient has five rows, three of them zero.",
            "You do not use V. A word that does not occur has a gradient, too: zero.",
        ),
        Misconception(
            "words in columns",
            lambda words, de, V: embedding_gradient(words, de, V).T,
            "Compare your shape with (V, D).",
            "A gradient has the shape of its parameter, and the table is (V, D).",
            "Your numbers are right and lie on their side: words are rows of the table.",
        ),
    ),
)

# --- sliding_weights -----------------------------------------------------------------------------


def sliding_inputs(rng):
    k = int(rng.integers(2, 5))
    return rng.normal(size=k), int(rng.integers(k + 2, k + 6))


def sliding_weights(pattern, T, *, places=None, start=lambda t: t):
    k = len(pattern)
    W = np.zeros((places or T - k + 1, T))
    for t, row in enumerate(W):
        row[(start(t) + np.arange(k)) % T] = pattern
    return W


SLIDING_WEIGHTS = Question(
    name="sliding_weights",
    points=3,
    section="2 · Three ways to read",
    reference=sliding_weights,
    inputs=sliding_inputs,
    misconceptions=(
        Misconception(
            "the pattern at one place only",
            lambda pattern, T: np.eye(T - len(pattern) + 1, 1) * sliding_weights(pattern, T)[0],
            "Move what your matrix looks for one step to the right. Does it still notice?",
            "A pattern of 2 in a series of 4 can stand at three places: three rows have work.",
            "A weight of the window sees one place. Every place needs the pattern in a row of its "
            "own.",
        ),
        Misconception(
            "the same place in every row",
            variant(sliding_weights, start=lambda t: 0),
            "All your rows are equal, so all units say the same. Where should each of them look?",
            "With the pattern 1, 2 and T = 3 the rows are 1, 2, 0 and 0, 1, 2.",
            "The pattern is in every row, but always at the start. Row t looks at step t onwards.",
        ),
        Misconception(
            "round the end",
            lambda pattern, T: sliding_weights(pattern, T, places=T),
            "How many rows does your matrix have? Can the pattern stand at so many places?",
            "A pattern of 2 in a series of 3 fits at 2 places: [[1, 2, 0], [0, 1, 2]].",
            "Your last rows begin at the end and go on at the start. Those places do not exist.",
        ),
        Misconception(
            "the pattern reversed",
            lambda pattern, T: sliding_weights(pattern[::-1], T),
            "Test it on a series that is the pattern itself. Which answer should be the largest?",
            "With the pattern 1, 2 and T = 3 the first row is 1, 2, 0.",
            "Your rows hold the pattern back to front. Its first number meets the earlier step.",
        ),
        Misconception(
            "jumps as long as the pattern",
            lambda pattern, T: sliding_weights(
                pattern, T, places=T // len(pattern), start=lambda t: t * len(pattern)
            ),
            "Which places do your rows leave out?",
            "A pattern of 2 in a series of 4 can begin at step 1, 2 or 3.",
            "You cut the series into pieces side by side. A pattern may lie across a cut.",
        ),
        Misconception(
            "rows and columns swapped",
            lambda pattern, T: sliding_weights(pattern, T).T,
            "Compare your shape with (T − k + 1, T).",
            "In W @ x every row of W meets the whole series: it has T numbers.",
            "Your patterns stand in the columns. One unit is one row.",
        ),
    ),
)

# --- pad_batch -----------------------------------------------------------------------------------


def ragged_inputs(rng):
    lengths = rng.permutation(np.arange(1, 7))[: rng.integers(2, 6)]
    sequences = [rng.integers(0, 20, length) for length in lengths]
    sequences[0][rng.integers(lengths[0])] = 0  # a real step, too
    return sequences, int(rng.integers(-5, 0))


def pad_batch(sequences, value, *, columns=max, front=False):
    T = columns([len(sequence) for sequence in sequences])
    batch = np.full((len(sequences), T), value)
    for row, sequence in zip(batch, sequences, strict=True):
        kept = np.asarray(sequence)[:T]
        row[T - len(kept) if front else 0 :][: len(kept)] = kept
    return batch


PAD_BATCH = Question(
    name="pad_batch",
    points=1,
    section="4 · Sentences have different lengths",
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
            "How many steps does your batch have, and how many the longest sequence?",
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

# --- masked_max ----------------------------------------------------------------------------------


def states_inputs(rng):
    B, T, H = rng.integers(2, 6), rng.integers(4, 8), rng.integers(2, 5)
    lengths = rng.permutation(np.arange(1, T))[:B]  # all below T, all different
    h = rng.normal(size=(len(lengths), T, H))
    h[0, : lengths[0]] -= 10.0 ** rng.integers(1, 4)  # all below zero, the padding is not
    return h, lengths


def masked_max(h, lengths, *, extra=0, fill=-np.inf):
    real = np.arange(h.shape[1]) < np.asarray(lengths)[:, None] + extra
    return np.where(real[..., None], h, fill).max(axis=1)


MASKED_MAX = Question(
    name="masked_max",
    points=3,
    section="4 · Sentences have different lengths",
    reference=masked_max,
    inputs=states_inputs,
    misconceptions=(
        Misconception(
            "padding counted in",
            lambda h, lengths: h.max(axis=1),
            "Put a huge number into a padded step of h. Does your answer change?",
            "h = [[1], [3], [100]] with length 2 has the largest value 3.",
            "You look at all T steps. Those after the end of a sequence are not its own.",
        ),
        Misconception(
            "padding set to zero",
            variant(masked_max, fill=0.0),
            "Right wherever the right number is above zero. And where it is not?",
            "h = [[−3], [−1], [7]] with length 2 has the largest value −1, not 0.",
            "A zero adds nothing to a sum, but it is larger than any negative number. Fill up "
            "with −inf, which is never the largest.",
        ),
        Misconception(
            "one step too many",
            variant(masked_max, extra=1),
            "Try a sequence of length 1: the answer is its first step.",
            "With length 2 the steps with index 0 and 1 count. Which ones do you take?",
            "Your mask lets the step with index `length` in. Indices start at 0: use <, not <=.",
        ),
        Misconception(
            "the last step instead of the largest",
            lambda h, lengths: h[np.arange(len(h)), lengths - 1],
            "Change the first step of a long sequence to a huge number. Your result stays.",
            "h = [[5], [3], [100]] with length 2 has the largest value 5, not 3.",
            "You pick the last real step, neatly. The task asks for the largest of all real ones.",
        ),
        Misconception(
            "the mean instead of the largest",
            lambda h, lengths: np.stack(
                [rows[:n].mean(axis=0) for rows, n in zip(h, lengths, strict=True)]
            ),
            "Your numbers all lie between the smallest and the largest. Which one is asked for?",
            "h = [[1], [3], [100]] with length 2: the answer is 3, yours is 2.",
            "You leave the padding out, rightly, and average. The largest is asked for.",
        ),
        Misconception(
            "one maximum for all units",
            lambda h, lengths: np.repeat(
                masked_max(h, lengths).max(axis=1, keepdims=True), h.shape[2], axis=1
            ),
            "Are all numbers in a row of yours the same?",
            "h = [[1, 9], [3, 2]] with length 2: the answer is [3, 9].",
            "You take the largest over units, too. Each unit has a largest value of its own.",
        ),
    ),
)

# --- batch_sizes ---------------------------------------------------------------------------------


def lengths_inputs(rng):
    lengths = rng.integers(1, 9, rng.integers(3, 8))
    lengths[:2] = lengths.max() + 1, max(lengths.max() - 2, 1)  # one outlasts all others
    return (rng.permutation(lengths),)


def batch_sizes(lengths, *, until=0):
    lengths = np.asarray(lengths)
    return (lengths[:, None] > np.arange(lengths.max()) + until).sum(axis=0)


BATCH_SIZES = Question(
    name="batch_sizes",
    points=2,
    section="4 · Sentences have different lengths",
    reference=batch_sizes,
    inputs=lengths_inputs,
    misconceptions=(
        Misconception(
            "the sorted lengths",
            lambda lengths: np.sort(lengths)[::-1],
            "How many numbers do you return? There should be one for every *step*.",
            "Lengths 3 and 1: two sequences run at step 1, one at steps 2 and 3: [2, 1, 1].",
            "You sort the lengths. Draw each sequence as a row of dots: the lengths count the dots "
            "of a row, batch_sizes those of a column.",
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
            "You count the padded cells of each step. The real ones are asked for.",
        ),
        Misconception(
            "gone a step too early",
            variant(batch_sizes, until=1),
            "Your last number is 0. Does no sequence have that step?",
            "A sequence of length 1 has step 1. With lengths 3 and 1 you get [1, 1, 0].",
            "You drop each sequence at its last step. With index t counted from 0 it runs as long "
            "as t < length.",
        ),
        Misconception(
            "running totals",
            lambda lengths: np.cumsum(batch_sizes(lengths)),
            "Your numbers grow. What does the last of them count?",
            "Lengths 3 and 1 give [2, 1, 1]. You get [2, 3, 4].",
            "You add up as you go: these are the places in the packed data where steps end. The "
            "steps' own sizes are asked for.",
        ),
    ),
)

# --- paired_difference ---------------------------------------------------------------------------


def scores_inputs(rng):
    """Two models on the same splits: some splits are harder than others, for both of them."""
    n = int(rng.integers(4, 9))
    hard = rng.normal(0, 4, n)
    a, b = (70 + hard + rng.normal(rng.uniform(-2, 2), 0.7, n) for _ in range(2))
    if (a > b).all() or (a < b).all():  # neither is ahead on every split
        a[0], b[0] = b[0], a[0]
    return a, b, float(rng.uniform(0.1, 0.6))


def paired_difference(a, b, overlap, *, ddof=1, factor=lambda n, overlap: np.sqrt(1 / n + overlap)):
    d = np.asarray(a) - b
    return [float(d.mean()), float(d.std(ddof=ddof) * factor(len(d), overlap))]


def apart(a, b, overlap):
    """As if the two had been measured on different splits."""
    spread = a.var(ddof=1) + b.var(ddof=1)
    return [float(a.mean() - b.mean()), float(np.sqrt(spread * (1 / len(a) + overlap)))]


PAIRED_DIFFERENCE = Question(
    name="paired_difference",
    points=3,
    section="5 · A fair comparison",
    reference=paired_difference,
    inputs=scores_inputs,
    misconceptions=(
        Misconception(
            "the two taken apart",
            apart,
            "The mean is right, the error is not. What do a[0] and b[0] have in common?",
            "a = 60, 80 and b = 59, 79: the splits differ by 20, the models by 1 each time.",
            "You take the spread of each model. Subtract split by split first: what a split does "
            "to both is gone.",
        ),
        Misconception(
            "splits taken for independent",
            variant(paired_difference, factor=lambda n, overlap: np.sqrt(1 / n)),
            "The mean is right, the error too small. Which argument has no influence on it?",
            "The differences 1, 3 have the deviation 1.41. With overlap 0.5 the error is 1.41, "
            "not 1.",
            "sd / √n holds for independent values. Splits of the same data are not independent: "
            "add the overlap under the root.",
        ),
        Misconception(
            "the deviation instead of the error of the mean",
            variant(paired_difference, factor=lambda n, overlap: 1.0),
            "Measure a hundred splits instead of five. Should your second number stay the same?",
            "The differences 1, 3 have the deviation 1.41; with overlap 0 their mean has the error "
            "1.",
            "That is how far one split is from the mean. A mean of n splits is surer than one.",
        ),
        Misconception(
            "the overlap outside the root",
            variant(paired_difference, factor=lambda n, overlap: np.sqrt(1 / n) + overlap),
            "The mean is right. In which order do you add and take the root?",
            "With n = 4 and overlap 0.75 the factor is the root of 0.25 + 0.75, which is 1.",
            "Add 1/n and the overlap first, then take the root of the sum.",
        ),
        Misconception(
            "the n of the deviation instead of n − 1",
            variant(paired_difference, ddof=0),
            "Nearly. Your error is a little too small, the more so the fewer the splits.",
            "The differences 1, 3 lie 1 from their mean; the variance is (1 + 1) / (2 − 1) = 2.",
            "The mean was computed from the same numbers, which costs one: divide by n − 1.",
        ),
        Misconception(
            "b minus a",
            lambda *case: [-paired_difference(*case)[0], paired_difference(*case)[1]],
            "Your second number is right. If a is the better one, which sign has the first?",
            "a = 60, 80 and b = 59, 79 give the mean +1.",
            "You subtract the other way round: the question asks by how much a is ahead.",
        ),
        Misconception(
            "the sizes of the differences",
            lambda a, b, overlap: paired_difference(abs(a - b), 0, overlap),
            "On some splits b is ahead. What sign has the difference there?",
            "a = 60, 80 and b = 61, 79: the differences are −1 and +1, and their mean is 0.",
            "You drop the signs. Where b is ahead the difference is negative, and counts as such.",
        ),
        Misconception(
            "the overlap added to n",
            variant(paired_difference, factor=lambda n, overlap: np.sqrt(1 / (n + overlap))),
            "The mean is right. Where exactly does the overlap stand under the root?",
            "With n = 4 and overlap 0.75 the factor is √(0.25 + 0.75) = 1. Yours is √(1 / 4.75) ="
            " 0.46.",
            "You add the overlap to n. It is added to 1/n.",
        ),
        Misconception(
            "divided by √n as well",
            variant(paired_difference, factor=lambda n, overlap: np.sqrt((1 / n + overlap) / n)),
            "The mean is right, the error too small. Which step did you take twice?",
            "The differences 1, 3 have the deviation 1.41; with overlap 0 the error is "
            "1.41·√(1/2) = 1.",
            "The corrected factor √(1/n + overlap) stands in the place of 1/√n. You used both.",
        ),
    ),
)

# --- order_portrait ------------------------------------------------------------------------------

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

# --- series_features: the transfer task ----------------------------------------------------------


def series_inputs(rng):
    B, T, D = rng.integers(2, 5), rng.integers(6, 9), rng.integers(2, 5)
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


def features_of_the_whole(x, lengths):
    features = series_features(x, lengths)
    D = x.shape[2]
    for row, series, length in zip(features, x, lengths, strict=True):
        row[:D], row[D : 2 * D] = series[:length].mean(), series[:length].std()
    return features


SERIES_FEATURES = Question(
    name="series_features",
    points=4,
    section="4 · Sentences have different lengths",
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
        Misconception(
            "mean and spread of all numbers together",
            features_of_the_whole,
            "In the first two parts, are all D numbers of a series the same?",
            "A series [[1, 10], [3, 30]] has the means 2 and 20, one for each number, not 11 "
            "twice.",
            "You average over the D numbers as well. Run along the steps alone: axis=0.",
        ),
        Misconception(
            "number by number instead of part by part",
            lambda x, lengths: (
                series_features(x, lengths)
                .reshape(len(x), 4, -1)
                .transpose(0, 2, 1)
                .reshape(len(x), -1)
            ),
            "All numbers are right. In which order do they stand?",
            "With D = 2 a row is mean, mean, spread, spread, first, first, last, last.",
            "You put the four features of one number side by side. Asked for are all means, then "
            "all deviations, and so on.",
        ),
    ),
)


QUESTIONS = [
    BAG_OF_WORDS,
    EMBEDDING_GRADIENT,
    SLIDING_WEIGHTS,
    PAD_BATCH,
    MASKED_MAX,
    BATCH_SIZES,
    PAIRED_DIFFERENCE,
    ORDER_PORTRAIT,
    SERIES_FEATURES,
]
