"""Chapter 8, topologies: which shape a task has, and what each shape makes you do."""

from __future__ import annotations

import itertools
import math
from functools import cache

import numpy as np

from rnncourse.bank import Misconception, Question, autograd_mistakes, variant
from rnncourse.cells import log_softmax, rnn_step
from rnncourse.data import load_basic_motions
from rnncourse.figures.matching_game import SHAPES, Task

# --- match_topologies --------------------------------------------------------------------------

TASKS = (
    Task(
        "A photograph of a mole: harmless or not?", "one to one",
        "One picture comes in, all at once.",
        "One answer goes out.",
    ),
    Task(
        "A singer's voice, cut into frames of 10 ms: the pitch of each", "aligned",
        "The voice comes in frame by frame: a sequence.",
        "A pitch goes out for every frame: a sequence.",
        "As many pitches as frames, each belonging to its own frame.",
    ),
    Task(
        "The picture of a formula: the text that typesets it", "one to many",
        "One picture comes in, all at once.",
        "A text goes out sign by sign: a sequence, as long as it needs to be.",
    ),
    Task(
        "The readings of a gas meter, one an hour for a week: how many people live here?",
        "many to one",
        "168 readings come in, one after the other: a sequence.",
        "One number goes out for the whole week.",
    ),
    Task(
        "A question in plain words: the query that finds the answer in a database", "seq2seq",
        "A question comes in word by word: a sequence.",
        "A query goes out word by word: a sequence.",
        "The query has a length and an order of its own: no word of it belongs to one of the "
        "question.",
    ),
    Task(
        "A melody: a chord below every note", "aligned",
        "A melody comes in note by note: a sequence.",
        "A chord goes out for every note: a sequence.",
        "As many chords as notes, each belonging to its own note.",
    ),
    Task(
        "Age, weight and blood pressure on one day: does the patient need the drug?", "one to one",
        "The same three numbers come in for everybody, and their order means nothing: one vector.",
        "One answer goes out.",
    ),
    Task(
        "The moves of a game of chess: which of the two players was the master?", "many to one",
        "The game comes in move by move: a sequence.",
        "One answer goes out for the whole game.",
    ),
    Task(
        "A function in Python: the same in C", "seq2seq",
        "A function comes in sign by sign: a sequence.",
        "A function goes out sign by sign: a sequence.",
        "The one in C is longer, and declares things that Python does not: no sign of it belongs "
        "to one place of the other.",
    ),
    Task(
        "A genre, chosen from a list of twelve: the first page of a novel", "one to many",
        "One choice out of twelve comes in, all at once.",
        "A page goes out word by word: a sequence.",
    ),
)  # fmt: skip
ANSWERS = tuple(task.shape for task in TASKS)


def mistaken(place, shape):
    """The answers with one of them wrong."""
    return [*ANSWERS[:place], shape, *ANSWERS[place + 1 :]]


MATCH_TOPOLOGIES = Question(
    name="match_topologies",
    points=2,
    section="1 · Five shapes",
    reference=lambda: list(ANSWERS),
    misconceptions=(
        *(
            Misconception(
                f"task {place + 1} taken for {shape}",
                variant(mistaken, place, shape),
                f"Look at task {place + 1} again: what comes in, and what goes out?",
                f"“{task.asks}” Is what comes in a sequence? Is what goes out one? If both are, "
                "does each step out belong to one step in?",
                f"Task {place + 1} is not {shape}. {task.feedback(shape)}",
            )
            for place, task in enumerate(TASKS)
            for shape in SHAPES
            if shape != task.shape
        ),
        Misconception(
            "many to many, without saying which",
            lambda: [
                {"aligned": "many to many", "seq2seq": "many to many"}.get(shape, shape)
                for shape in ANSWERS
            ],
            "The question has five names to choose from. Is “many to many” one of them?",
            "Letters and their sounds go step by step, a sentence and its translation do not: two "
            "shapes, two names.",
            "“Many to many” is the old name of two shapes. Say of each task whether it is aligned "
            "or seq2seq.",
        ),
    ),
)

# --- masked_loss -------------------------------------------------------------------------------


def padded_case(rng):
    B, T, V = (int(n) for n in rng.integers((3, 4, 3), (6, 8, 6)))
    lengths = rng.integers(1, T + 1, B)
    lengths[:2] = 1, T - 1
    targets = rng.integers(0, V, (B, T))
    targets[:, 0] = 0  # class 0 is a real class
    real = np.arange(T) < lengths[:, None]
    return 2 * rng.standard_normal((B, T, V)), np.where(real, targets, 0), lengths


def masked_loss(
    logits, targets, lengths, *, count="real", mean="steps", axis=-1, off=0, scores=log_softmax
):
    """Mean cross-entropy over the real steps, and ways to get it wrong."""
    V = logits.shape[-1]
    nats = -(np.eye(V)[targets] * scores(logits, axis=axis)).sum(-1)  # (B, T)
    real = np.arange(targets.shape[1]) < lengths[:, None] + off
    real = {"real": real, "all": real | True, "nonzero": real & (targets != 0)}[count]
    if mean == "sequences":
        return ((nats * real).sum(1) / real.sum(1)).mean()
    if mean == "box":
        return (nats * real).mean()
    if mean == "batch":
        return (nats * real).sum() / len(targets)
    return (nats * real).sum() / real.sum()


def time_for_classes(logits, targets, lengths):
    """What PyTorch's loss says to scores (B, T, V): it wants (B, V, T)."""
    import torch
    import torch.nn.functional as F

    each = F.cross_entropy(*map(torch.tensor, (logits, targets)), reduction="none").numpy()
    return each[np.arange(targets.shape[1]) < lengths[:, None]].mean()


MASKED_LOSS = Question(
    name="masked_loss",
    points=3,
    section="5 · Aligned: an answer at each step",
    reference=masked_loss,
    inputs=padded_case,
    misconceptions=(
        Misconception(
            "padding counted",
            variant(masked_loss, count="all"),
            "Which steps does your mean run over?",
            "A sequence of 2 steps in a batch of 5 has 2 answers to give, not 5.",
            "You counted the padding. Where it says class 0, no class is asked for at all.",
        ),
        Misconception(
            "class 0 taken for padding",
            variant(masked_loss, count="nonzero"),
            "How do you tell padding from an answer?",
            "Targets 0, 2 with length 2: both are real, the first is class 0.",
            "You left out every step of class 0. Only lengths say what is padding.",
        ),
        Misconception(
            "a mean of means",
            variant(masked_loss, mean="sequences"),
            "The right steps are counted. How much does each of them weigh?",
            "Sequences of 1 and 9 steps: the mean has ten terms of a tenth each.",
            "You took the mean of each sequence, then the mean of those: a step of a short "
            "sequence weighs too much.",
        ),
        Misconception(
            "divided by the whole box",
            variant(masked_loss, mean="box"),
            "Your loss is too small. By what do you divide?",
            "Three real steps in a box of 2 × 4: divide by 3, not by 8.",
            "You set the padding's loss to zero and still divided by B · T.",
        ),
        Misconception(
            "divided by the batch",
            variant(masked_loss, mean="batch"),
            "By what do you divide: sequences or steps?",
            "Two sequences with 3 real steps together: divide by 3.",
            "You divided by the number of sequences. The mean is over real steps.",
        ),
        Misconception(
            "softmax over time",
            variant(masked_loss, axis=1),
            "The probabilities of which things add up to 1?",
            "At each step, the V classes share a probability of 1.",
            "Your softmax runs along the time axis. It belongs to the last one, the classes.",
        ),
        Misconception(
            "one step too many",
            variant(masked_loss, off=1),
            "Look at a sequence of one step. How many do you count?",
            "A length of 2 makes the indices 0 and 1 real.",
            "Your mask lets in one step of padding: real are the t below the length.",
        ),
        Misconception(
            "one step too few",
            variant(masked_loss, off=-1),
            "How many steps of a sequence of length 1 do you count?",
            "With length 2 the steps with index 0 and 1 are real.",
            "You leave out each sequence's last real step. Index t is real as long as t < length.",
        ),
        Misconception(
            "bits",
            lambda *case: masked_loss(*case) / np.log(2),
            "Your number is a constant multiple of the right one.",
            "Two classes with equal logits cost ln 2 = 0.69 nats. Yours cost 1.",
            "You take the logarithm to base 2, which gives bits. Asked for are nats.",
        ),
        Misconception(
            "the logits themselves",
            variant(masked_loss, scores=lambda logits, axis: logits),
            "Add 10 to all the logits of a step. No probability changes. Does your number?",
            "Logits [0, 0] give each of two classes the probability ½: 0.69 nats. Yours are 0.",
            "You take the mean of logits. They become log-probabilities by log_softmax.",
        ),
        Misconception(
            "time taken for the classes",
            time_for_classes,
            "Which axis does PyTorch's cross_entropy take for the classes?",
            "Of scores (B, V, T) and targets (B, T), or of scores (N, V) and targets (N,), axis 1 "
            "is the classes.",
            "cross_entropy takes axis 1 for the classes; in your scores it is time. Flatten batch "
            "and time to one axis, or exchange the last two axes.",
        ),
    ),
)

# --- sequence_nats -----------------------------------------------------------------------------


def spoken_case(rng):
    T, V = (int(n) for n in rng.integers((3, 4), (7, 8)))
    end, *others = (int(n) for n in rng.permutation(V))
    words = rng.choice(others, T)
    words[:2] = others[:2]
    return rng.standard_normal((T + 1, V)), words, end


def sequence_nats(
    logits, words, end, *, close="last", mean=False, axis=-1, probability=False, base=1.0
):
    """−log P(words, end), and ways to get it wrong."""
    asked = {"last": [*words, end], "first": [end, *words], "no": list(words)}[close]
    logp = log_softmax(logits, axis=axis)[np.arange(len(asked)), asked]
    if probability:
        return float(-np.exp(logp).sum())
    return float(-(logp.mean() if mean else logp.sum()) / base)


def late(logits, words, end):
    return float(-log_softmax(logits)[np.arange(1, len(words) + 1), words].sum())


SEQUENCE_NATS = Question(
    name="sequence_nats",
    points=2,
    section="4 · One to many: what is in the picture?",
    reference=sequence_nats,
    inputs=spoken_case,
    misconceptions=(
        Misconception(
            "the end not said",
            variant(sequence_nats, close="no"),
            "There is one row of logits more than words. What is it for?",
            "“a” and “a b” are two captions. What tells the first from the start of the second?",
            "You left out the end mark: to stop is a choice, too, and has its probability.",
        ),
        Misconception(
            "a mean",
            variant(sequence_nats, mean=True),
            "Is it the whole sequence that you measure, or a typical word of it?",
            "Two words of probability ½ each: together ¼, so 2 · ln 2 nats.",
            "You took the mean. Probabilities of a sequence multiply, so nats add up.",
        ),
        Misconception(
            "probabilities added",
            variant(sequence_nats, probability=True),
            "Your number is negative. Can −log P be that?",
            "Two words of probability ½ each have ¼ together: a product, not a sum.",
            "You added probabilities. Add their logarithms.",
        ),
        Misconception(
            "one row late",
            late,
            "Which row of logits answers for the first word?",
            "Row 0 is what the decoder says after the start mark: the first word.",
            "You read the logits one row late. Row t speaks of word t, the last of the end.",
        ),
        Misconception(
            "softmax over time",
            variant(sequence_nats, axis=0),
            "The probabilities of which things add up to 1?",
            "At each step, the V words of the vocabulary share a probability of 1.",
            "Your softmax runs along the steps. It belongs to the vocabulary.",
        ),
        Misconception(
            "bits",
            variant(sequence_nats, base=np.log(2)),
            "All your numbers are too large, by one factor.",
            "A probability of ½ is 1 bit, and ln 2 = 0.69 nats.",
            "You took the logarithm to base 2. Nats take the natural one.",
        ),
        Misconception(
            "the logits themselves",
            lambda logits, words, end: float(
                -sum(logits[t, word] for t, word in enumerate([*words, end]))
            ),
            "Add 10 to a whole row of logits. No probability changes. Does your number?",
            "Logits [0, 0] give each of two words the probability ½: 0.69 nats. Yours are 0.",
            "You add up logits. They become log-probabilities by log_softmax.",
        ),
        Misconception(
            "the logarithm of added probabilities",
            lambda logits, words, end: float(
                -np.log(
                    sum(
                        np.exp(log_softmax(logits))[t, word] for t, word in enumerate([*words, end])
                    )
                )
            ),
            "Two certain words: what do you return for them? Their −log P is 0.",
            "Two words of probability ½ each: together ¼, not 1.",
            "You add the probabilities of the words. The probability of a sequence is their "
            "product.",
        ),
        Misconception(
            "the probability itself",
            lambda *case: float(np.exp(-sequence_nats(*case))),
            "Is your number a weight in nats? A less likely caption weighs more.",
            "Two words of probability ½ each: P = ¼, and 1.39 nats.",
            "You return P. −log P is asked for, which is a sum.",
        ),
        Misconception(
            "the end asked first",
            variant(sequence_nats, close="first"),
            "What is due in row 0: the first word, or the mark?",
            "For “a b” the three rows are asked for a, b and end.",
            "You put the end mark before the words. It comes after the last one.",
        ),
        Misconception(
            "the minus left out",
            lambda *case: -sequence_nats(*case),
            "Which sign has the logarithm of a probability?",
            "A caption of probability ¼ weighs 1.39 nats, not −1.39.",
            "You return log P. −log P is asked for.",
        ),
    ),
)  # fmt: skip

# --- teacher_inputs ----------------------------------------------------------------------------


def sentences_case(rng):
    B, V = (int(n) for n in rng.integers((2, 4), (5, 9)))
    lengths = rng.integers(1, 6, B)
    lengths[:2] = 1, 4
    start, end, padding = (int(n) for n in rng.permutation(3))  # words begin at 3
    return [rng.integers(3, 3 + V, n) for n in lengths], start, end, padding


def filled(rows, value, left=False):
    box = np.full((len(rows), max(map(len, rows))), value)
    for line, row in zip(box, rows, strict=True):
        line[slice(-len(row), None) if left else slice(len(row))] = row
    return box


def teacher_inputs(sequences, start, end, padding, *, fed="before", asked="end", tail=None):
    """What the decoder reads and what it should say, and ways to get it wrong."""
    fed_rows = {
        "before": lambda y: [start, *y],
        "itself": lambda y: [*y, end],
        "first end": lambda y: [end, *y],
        "start and end": lambda y: [start, *y, end],
    }[fed]
    asked_rows = {
        "end": lambda y: [*y, end],
        "start": lambda y: [start, *y],
        "no end": lambda y: [*y],
        "start and end": lambda y: [start, *y, end],
    }[asked]
    inputs, targets = ([make(list(y)) for y in sequences] for make in (fed_rows, asked_rows))
    if tail == "cut":
        inputs = [row[:-1] for row in inputs]
    if tail == "end":
        longest = max(map(len, targets))
        targets = [row[:-1] + [padding] * (longest - len(row)) + row[-1:] for row in targets]
    if tail == "read":
        whole = filled([[*row, end] for row in inputs], padding)
        return whole[:, :-1], whole[:, 1:]
    if tail == "0":
        padding = 0
    return filled(inputs, padding, tail == "left"), filled(targets, padding, tail == "left")


TEACHER_INPUTS = Question(
    name="teacher_inputs",
    points=2,
    section="4 · One to many: what is in the picture?",
    reference=teacher_inputs,
    inputs=sentences_case,
    misconceptions=(
        Misconception(
            "fed what it should say",
            variant(teacher_inputs, fed="itself"),
            "At the first step, what does your decoder read, and what must it say?",
            "For “a b”: it reads start, a, b and says a, b, end.",
            "Inputs and targets are the same: the decoder would learn to copy. Shift the inputs by "
            "one step.",
        ),
        Misconception(
            "shifted the other way",
            variant(teacher_inputs, fed="itself", asked="start"),
            "Does your decoder say the word after the one it reads, or the word before?",
            "For “a b”: it reads start, a, b and says a, b, end. What it reads is returned first.",
            "In your answer it reads a word and says the one before. Either you shifted the wrong "
            "way round, or you returned the right two in the wrong order.",
        ),
        Misconception(
            "no end to say",
            variant(teacher_inputs, asked="no end", tail="cut"),
            "How would your decoder ever learn to stop?",
            "For “a b” it says three things: a, b, end.",
            "Your targets lack the end mark.",
        ),
        Misconception(
            "both marks in both",
            variant(teacher_inputs, fed="start and end", asked="start and end"),
            "How many steps do you need for a sequence of two words?",
            "Three: read start, a, b; say a, b, end. No one has to say the start, or to read the "
            "end.",
            "You put start and end into both, which makes them equal and one step too long.",
        ),
        Misconception(
            "the end after the padding",
            variant(teacher_inputs, tail="end"),
            "Look at the shortest sequence: when does it end?",
            "For “a” in a batch with “a b c”: the targets are a, end, and padding after that.",
            "You padded first and put the end mark behind. It follows the last word.",
        ),
        Misconception(
            "the end mark as a start",
            variant(teacher_inputs, fed="first end"),
            "Every row begins with the same mark. Is it the right one?",
            "The first thing a decoder reads is the start mark.",
            "Your inputs begin with the end mark. Here start has a number of its own.",
        ),
        Misconception(
            "the end of the shorter ones read",
            variant(teacher_inputs, tail="read"),
            "The targets are right. What does a short sequence read behind its last word?",
            "“a” in a batch with “a b c”: it reads start, a, padding, padding.",
            "You cut the last column off, and with it the end mark of the longest only. The "
            "shorter ones still read theirs; in their inputs padding follows the last word.",
        ),
        Misconception(
            "marks added to the numbers",
            lambda sequences, start, end, padding: (
                filled([start + y for y in sequences], padding),
                filled([y + end for y in sequences], padding),
            ),
            "A sequence of 4 words takes 5 steps. How many do yours take?",
            "[1] + [5, 6] is [1, 5, 6]. [1] + np.array([5, 6]) is array([6, 7]).",
            "The sequences are arrays, and + adds the mark to each of their numbers. Make a list "
            "first: [start, *sequence].",
        ),
        Misconception(
            "filled up on the left",
            variant(teacher_inputs, tail="left"),
            "In which column does each of your rows begin?",
            "“a” in a batch with “a b c”: start, a, padding, padding.",
            "Your padding stands before the sequences. Fill up behind them.",
        ),
        Misconception(
            "filled up with zeros",
            variant(teacher_inputs, tail="0"),
            "Which number fills your rows up? Print the arguments of case('teacher_inputs', 1).",
            "With padding = 2 a short row ends with 2, 2.",
            "You fill up with 0. The filling is the argument `padding`.",
        ),
    ),
)

# --- greedy_words ------------------------------------------------------------------------------


def decoder_case(rng):
    """A decoder that stops by itself or, in half of the cases, at the limit."""
    V, D, H = (int(n) for n in rng.integers((5, 3, 3), (9, 6, 7)))
    limit, endless = int(rng.integers(5, 9)), rng.random() < 1 / 2
    while True:
        E, W_xh = 2 * rng.standard_normal((V, D)), rng.standard_normal((H, D))
        W_hh, b_h = 2 * rng.standard_normal((H, H)), rng.standard_normal(H)
        W_hy, b_y = 2 * rng.standard_normal((V, H)), 2 * rng.standard_normal(V)
        h = np.tanh(rng.standard_normal(H))
        start, end = (int(n) for n in rng.permutation(V)[:2])
        case = h, E, W_xh, W_hh, b_h, W_hy, b_y, start, end, limit
        words = greedy_words(*case)
        stopped = len(words) == limit if endless else 3 <= len(words) < limit - 1
        if stopped and len(set(words)) > 2 and start not in greedy_words(*case, stop=False):
            return case


def greedy_words(
    h, E, W_xh, W_hh, b_h, W_hy, b_y, start, end, limit, *,
    stop=True, keep_end=False, feed="said", state="new", pick=np.argmax, read="after",
    unread=False, offset=1,
):  # fmt: skip
    """The likeliest word at each step, fed back; and ways to get it wrong."""
    word, words, first, b_y = start, [], h, offset * b_y
    if unread:
        word = int(pick(W_hy @ h + b_y))
        if word == end:
            return words
        words.append(word)
    while len(words) < limit:
        before = h
        h = rnn_step(E[word], h, W_xh, W_hh, b_h)
        logits = W_hy @ (before if read == "before" else h) + b_y
        said = int(pick(logits))
        if said == end and stop:
            return [*words, end] if keep_end else words
        words.append(said)
        word = {"said": said, "start": start}[feed]
        if state == "first":
            h = first
    return words


def draws_end_only_once(*case):
    """Goes on to the limit and drops the end marks afterwards."""
    end = case[8]
    return [word for word in greedy_words(*case, stop=False) if word != end]


GREEDY_WORDS = Question(
    name="greedy_words",
    points=3,
    section="4 · One to many: what is in the picture?",
    reference=greedy_words,
    inputs=decoder_case,
    cases=8,
    misconceptions=(
        Misconception(
            "never stops",
            variant(greedy_words, stop=False),
            "Your list is too long. What should happen at the end mark?",
            "Said: 4, 7, end: the answer is [4, 7].",
            "You go on to the limit. Once the end mark is the likeliest, the sequence is over.",
        ),
        Misconception(
            "end marks dropped afterwards",
            draws_end_only_once,
            "What your decoder says after its end mark: is it part of the answer?",
            "Said: 4, end, 7: the answer is [4].",
            "You removed the end marks and kept what came after the first of them.",
        ),
        Misconception(
            "the end mark kept",
            variant(greedy_words, keep_end=True),
            "Nearly. Is your last word a word?",
            "Said: 4, 7, end: the answer is [4, 7].",
            "The end mark is in your list. It ends the answer and is no part of it.",
        ),
        Misconception(
            "the start fed again and again",
            variant(greedy_words, feed="start"),
            "The first word is right. What does the decoder read at its second step?",
            "Read start, say 4; read 4, say 7; read 7, say end.",
            "You feed the start mark at every step. From the second on it reads what it has said.",
        ),
        Misconception(
            "the state not carried on",
            variant(greedy_words, state="first"),
            "The first word is right. From which state does the second step go on?",
            "h_1 comes from h_0, h_2 from h_1: the state is all the decoder has of its own past.",
            "You start each step from the first state. Carry h from step to step.",
        ),
        Misconception(
            "the least likely word",
            variant(greedy_words, pick=np.argmin),
            "Already the first word is wrong. Which logit do you choose?",
            "Of logits 2, −1, 5 the third word is the likeliest.",
            "You took the smallest logit. Take the largest.",
        ),
        Misconception(
            "read out one state early",
            variant(greedy_words, read="before"),
            "Which state do you read the first word from?",
            "The start mark is read first; then h_1 says the first word.",
            "You read the logits from the state before the step. The new state answers.",
        ),
        Misconception(
            "a word before the start is read",
            variant(greedy_words, unread=True),
            "Has your decoder read anything when it says its first word?",
            "Read start, say 4; read 4, say 7. The first word comes from the state behind the "
            "start mark.",
            "You look at the state as it came. The decoder reads the start mark first.",
        ),
        Misconception(
            "the start mark kept",
            lambda *case: [case[7], *greedy_words(*case)],
            "What is the first word of your answer?",
            "Read start, said 4, 7, end: the answer is [4, 7].",
            "The start mark is in your list. It is what the decoder reads first, and no word of "
            "the answer.",
        ),
        Misconception(
            "one word short of the limit",
            lambda *case: greedy_words(*case[:-1], case[-1] - 1),
            "Right where the end mark comes early. And where it does not come at all?",
            "limit = 3: three words are said, if none of them is the end mark.",
            "You stop one word too early. Up to `limit` words are said.",
        ),
        Misconception(
            "logits without their bias",
            variant(greedy_words, offset=0),
            "Of what do you take the largest?",
            "W_hy h = [1, 2] and b_y = [3, 0]: the first word is the likeliest.",
            "You left out b_y. The logits are W_hy h + b_y.",
        ),
    ),
)

# --- collapse ----------------------------------------------------------------------------------


def path_case(rng):
    """A path with every kind of run in it; the blank may have any number. It begins with a blank,
    or begins and ends with the same symbol."""
    closed = rng.random() < 0.6
    V, blank = int(rng.integers(3, 6)), int(rng.integers(0, 3))
    label = [int(n) for n in rng.integers(1, V, 3)]
    label += [label[-1], int(label[0] % (V - 1)) + 1]  # a doubled one
    path = [] if closed else [0]
    for k, symbol in enumerate(label):
        if k and symbol == label[k - 1]:
            path.append(0)
        path += [symbol] * int(rng.integers(1, 4)) + [0] * int(rng.integers(0, 2))
    path += [label[-1] % (V - 1) + 1] * 2 + [label[0]] + [0] * (not closed)
    return [{0: blank, blank: 0}.get(symbol, symbol) for symbol in path], blank


def merged(path):
    return [symbol for symbol, _ in itertools.groupby(path)]


def collapse(path, blank):
    """CTC's rule: merge repeats, then drop blanks."""
    return [symbol for symbol in merged(path) if symbol != blank]


COLLAPSE = Question(
    name="collapse",
    points=2,
    section="9 · Optional: why CTC fits none of the five",
    reference=collapse,
    inputs=path_case,
    misconceptions=(
        Misconception(
            "blanks dropped first",
            lambda path, blank: merged([s for s in path if s != blank]),
            "A doubled symbol has become one. Which of the two rules comes first?",
            "1 0 1 is two symbols, 1 1 is one.",
            "You dropped the blanks before merging, and with them what parts doubled symbols.",
        ),
        Misconception(
            "repeats left",
            lambda path, blank: [s for s in path if s != blank],
            "Your label is too long. What do three equal frames in a row stand for?",
            "2 2 2 0 is one symbol that lasts three frames.",
            "You dropped the blanks and did not merge repeats.",
        ),
        Misconception(
            "blanks left",
            lambda path, blank: merged(path),
            "There is a symbol in your label that means nothing.",
            "2 2 0 becomes 2, not 2 0.",
            "You merged repeats and left the blanks.",
        ),
        Misconception(
            "each symbol once only",
            lambda path, blank: [s for s in dict.fromkeys(path) if s != blank],
            "May a symbol come twice in a label?",
            "1 0 2 0 1 becomes 1 2 1.",
            "You kept the first of each symbol. Merge only what stands side by side.",
        ),
        Misconception(
            "single frames dropped",
            lambda path, blank: [
                s for s, run in itertools.groupby(path) if s != blank and len(list(run)) > 1
            ],
            "Is a symbol that lasts one frame a symbol?",
            "0 3 0 becomes 3.",
            "You kept only symbols that repeat. One frame is enough.",
        ),
        Misconception(
            "0 taken for the blank",
            lambda path, blank: collapse(path, 0),
            "Which number is the blank? Print the arguments of case('collapse', 1).",
            "collapse([3, 3, 1, 0], blank=1) is [3, 0].",
            "You drop every 0. The blank is the number in the argument `blank`.",
        ),
        Misconception(
            "the first symbol lost",
            lambda path, blank: collapse(path, blank)[path[0] != blank :],
            "Look at a path that begins with a symbol. With what is the first frame compared?",
            "3 0 3 becomes 3 3.",
            "The first symbol of a path is lost. Nothing stands before it, so it counts; for i = 0 "
            "path[i - 1] is the last frame.",
        ),
    ),
)

# --- ctc_paths ---------------------------------------------------------------------------------


def label_case(rng):
    """A label, and now and then more frames than one could try all paths of."""
    L = int(rng.integers(2, 5))
    label = [int(n) for n in rng.integers(1, 3, L)]
    label[1] = label[0] if rng.random() < 0.5 else 3 - label[0]
    T = int(rng.integers(24, 39)) if rng.random() < 0.5 else 2 * L + int(rng.integers(0, 3))
    return label, T


def count(label, T, *, skip="different", end="both", wrap=False):
    """Paths of T symbols that collapse to the label, and ways to get it wrong."""
    places = [0]
    for symbol in label:
        places += [symbol, 0]
    ways = [1] + [0] * (len(places) - 1)  # before the first frame, on the first blank
    for _ in range(T):
        new = []
        for k, symbol in enumerate(places):
            passes = {"different": symbol != places[k - 2], "always": True, "never": False}[skip]
            from_two = ways[k - 2] if (k > 1 or wrap) and symbol and passes else 0
            new.append(ways[k] + (ways[k - 1] if k or wrap else 0) + from_two)
        ways = new
    if end == "anywhere":
        return sum(ways)
    return ways[-1] * (end != "symbol") + ways[-2] * (end != "blank")


def written_over(label, T):
    places = [0]
    for symbol in label:
        places += [symbol, 0]
    ways = [1, 1] + [0] * (len(places) - 2)  # after the first frame
    for _ in range(T - 1):
        for k, symbol in enumerate(places):
            from_two = ways[k - 2] if k > 1 and symbol and symbol != places[k - 2] else 0
            ways[k] += (ways[k - 1] if k else 0) + from_two
    return ways[-1] + ways[-2]


def no_blank(label, T):
    doubled = any(a == b for a, b in itertools.pairwise(label))
    return 0 if doubled else math.comb(T - 1, len(label) - 1)


def blanks_dropped_first(label, T):
    if any(a == b for a, b in itertools.pairwise(label)):
        return 0
    L = len(label)
    return sum(math.comb(T, m) * math.comb(m - 1, L - 1) for m in range(L, T + 1))


CTC_PATHS = Question(
    name="ctc_paths",
    points=2,
    section="9 · Optional: why CTC fits none of the five",
    reference=count,
    inputs=label_case,
    cases=8,
    misconceptions=(
        Misconception(
            "no blank among the symbols",
            no_blank,
            "Of which symbols may a path consist?",
            "Label 1 in two frames: 1 1, 1 0 and 0 1: three paths.",
            "Your paths have no blank. It is a symbol like the others, until it is dropped.",
        ),
        Misconception(
            "blanks dropped first",
            blanks_dropped_first,
            "Labels with a doubled symbol go wrong. In which order do you collapse?",
            "Label 1 1 needs three frames: 1 0 1.",
            "You drop the blanks before merging. Merge first.",
        ),
        Misconception(
            "no repeats allowed",
            lambda label, T: math.comb(T, len(label)),
            "May a symbol last for several frames?",
            "Label 1 in two frames: 1 1 is one of the three paths.",
            "You counted only the paths in which each symbol has one frame.",
        ),
        Misconception(
            "one blank more than asked",
            lambda label, T: count(label, T + 1),
            "How many frames have your paths?",
            "T = 2 means paths of two symbols, blanks among them.",
            "Your paths are one frame too long.",
        ),
        Misconception(
            "a blank between any two symbols",
            variant(count, skip="never"),
            "Your number is too small for labels of different symbols. Must a blank part them?",
            "Label 1 2 in two frames: 1 2 is the one path.",
            "You let no path go from a symbol straight to the next. It may, if the two differ.",
        ),
        Misconception(
            "equal symbols without a blank between",
            variant(count, skip="always"),
            "Labels with a doubled symbol go wrong. What must stand between the two?",
            "Label 1 1 needs three frames: 1 0 1.",
            "You let a path go from a symbol straight to its equal. Merged, the two are one.",
        ),
        Misconception(
            "a blank wanted at one end",
            variant(count, end="blank"),
            "In which places may a path begin, and in which may it end?",
            "Label 1 in one frame: 1 is the one path.",
            "Your paths all begin with a blank, or all end with one. The first symbol may be the "
            "first frame, and the last symbol the last.",
        ),
        Misconception(
            "no blank at one end",
            variant(count, end="symbol"),
            "In which places may a path begin, and in which may it end?",
            "Label 1 in two frames: 0 1, 1 0 and 1 1.",
            "Your paths all begin with a symbol, or all end with one. A blank may stand before the "
            "first and behind the last.",
        ),
        Misconception(
            "the last places before the first",
            variant(count, wrap=True),
            "Where there are many frames your number is far too large. From which places can a "
            "path come to the first one?",
            "With ways = [1, 5, 2], ways[0 - 1] is 2: Python counts from the end.",
            "At place 0 you add ways[-1], which is the last place, and at place 1 ways[-1] again. "
            "Nothing comes from before the first place.",
        ),
        Misconception(
            "every path counted",
            lambda label, T: (1 + len(set(label))) ** T,
            "Do all paths collapse to this label?",
            "Label 1 in two frames: 0 0 collapses to nothing. Three of the four are left.",
            "You counted all paths. Count those that collapse to the label.",
        ),
        Misconception(
            "paths may end anywhere",
            variant(count, end="anywhere"),
            "In which places may a path end, if all of the label is to be said?",
            "Label 1 2 in two frames: 1 2 is the one path. 1 1 and 0 1 say only half of it.",
            "You add up all places at the end. Only the last symbol and the blank behind it close"
            " the label.",
        ),
        Misconception(
            "places written over within a frame",
            written_over,
            "A frame moves a path by one place, or skips a blank. Can it go further in yours?",
            "Label 1 in one frame: 1 is the one path. Yours counts more.",
            "You change the list of ways while you read it, so a path walks on within one frame. "
            "Make a new list for each frame.",
        ),
    ),
)

# --- leak_share --------------------------------------------------------------------------------


def split_case(rng):
    N, G = int(rng.integers(20, 30)), int(rng.integers(6, 9))
    groups = rng.integers(0, G, N)
    test = rng.random(N) < 0.4
    test[groups == 0] = True  # one group is wholly in the test
    groups[:3], test[:3] = 0, True
    groups[3:8], test[3:8] = 1, (True, True, True, True, False)  # and one nearly so
    test[groups == 2] = False
    return [f"g{n}" for n in groups], test


def leak_share(groups, test, *, of="rows"):
    """Share of the test rows whose group is in training, too; and ways to get it wrong."""
    groups, test = np.array(groups), np.array(test, bool)
    learned, asked = set(groups[~test].tolist()), set(groups[test].tolist())
    both = learned & asked
    if of == "groups":
        return len(both) / len(asked)
    if of == "all groups":
        return len(both) / len(learned | asked)
    known = np.array([group in both for group in groups.tolist()])
    if of == "train":
        return float(known[~test].mean())
    if of == "all rows":
        return float((known & test).mean())
    if of == "clean":
        return float(1 - known[test].mean())
    return float(known[test].mean())


LEAK_SHARE = Question(
    name="leak_share",
    points=2,
    section="7 · A leak, on purpose",
    reference=leak_share,
    inputs=split_case,
    misconceptions=(
        Misconception(
            "groups counted",
            variant(leak_share, of="groups"),
            "Do you count groups or rows?",
            "Test rows a a a b, and only a was learned: three of four rows leak.",
            "You took the share of the test's groups. A group with many rows leaks many rows.",
        ),
        Misconception(
            "of all groups",
            variant(leak_share, of="all groups"),
            "By what do you divide? The question asks for a share of the test's rows.",
            "Test rows a a a b, and only a was learned: three of four rows leak.",
            "You divided by all groups there are. Count the rows of the test.",
        ),
        Misconception(
            "the training rows",
            variant(leak_share, of="train"),
            "On which side of the split do you count?",
            "Learned: a b c, asked: a a. All of the test leaks, a third of what was learned.",
            "You took the share of the training rows. It is the test whose figure cannot be "
            "trusted.",
        ),
        Misconception(
            "of all rows",
            variant(leak_share, of="all rows"),
            "By how many rows do you divide?",
            "Of 4 test rows among 100 rows 3 leak: that is 75 %, not 3 %.",
            "You divided by all rows. Divide by those of the test.",
        ),
        Misconception(
            "the clean share",
            variant(leak_share, of="clean"),
            "A split by group should give 0. What does yours give?",
            "Test rows a a a b, and only a was learned: 0.75.",
            "You returned the share that does not leak.",
        ),
        Misconception(
            "groups that come twice",
            lambda groups, test: float(
                np.mean(
                    [groups.count(g) > 1 for g, asked in zip(groups, test, strict=True) if asked]
                )
            ),
            "A group with two rows, both in the test: has anything leaked?",
            "Test rows a a, nothing of a learned: 0. You count both.",
            "You look for groups with several rows. What leaks is a group with rows on *both* "
            "sides.",
        ),
    ),
)

# --- train_motions -----------------------------------------------------------------------------


motions = cache(load_basic_motions)


def motions_case(rng):
    """A few recordings, every tenth reading, and weights of a vanilla cell with its read-out."""
    B, N, H = (int(n) for n in rng.integers((5, 4, 3), (8, 6, 6)))
    (series, y), (other, _) = motions("train"), motions("test")
    rows, asked = rng.permutation(40)[:B], rng.permutation(40)[:N]
    first = int(rng.integers(10))
    x, x_test = series[rows, first::10], other[asked, first::10]
    y = y[rows]
    y[0] = 0
    W_xh, W_hh = rng.standard_normal((H, 6)) / 2, rng.standard_normal((H, H)) / H**0.5
    V = rng.standard_normal((4, H))
    b_h, rate, updates = rng.standard_normal(H), float(rng.choice([0.3, 0.5])), rng.integers(2, 5)
    return x, y, x_test, W_xh, W_hh, b_h, V, rate, int(updates)


def train_motions(
    x, y, x_test, W_xh, W_hh, b_h, V, rate, updates, *,
    scale="train", read="mean", softmax=1, sign=-1, carry=False, reduction="mean", trained=4,
    added=False, biases=1, shares=-1, fails="",
):  # fmt: skip
    """The losses of plain gradient descent and the classes named; and ways to get them wrong."""
    import torch
    import torch.nn.functional as F

    def scaled(part):
        if scale == "none" or (scale == "learned" and part is not x):
            return part
        of = part if scale in ("own", "each") else x
        dims = {"all": (0, 1, 2), "each": (1,), "step": (0,)}.get(scale, (0, 1))
        deviation = of.std(dims, correction=int(scale == "sample"), keepdim=True)
        if scale == "centred":
            deviation = 1
        return (part - of.mean(dims, keepdim=True)) / deviation

    weights = [w.clone().requires_grad_(fails != "unwatched") for w in (W_xh, W_hh, b_h, V)]

    def scores(part):
        W_xh, W_hh, b_h, V = weights
        if carry:  # one recording after the other, the state carried over
            h, rows = part.new_zeros(1, W_hh.shape[1]), []
            for one in part:
                states = []
                for x_t in one:
                    h = torch.tanh(x_t @ W_xh.T + h @ W_hh.T + b_h)
                    states.append(h)
                rows.append(torch.cat(states).mean(0))
            return torch.stack(rows) @ V.T
        h, states = part.new_zeros(len(part), W_hh.shape[1]), []
        for x_t in part.unbind(1):
            h = torch.tanh(x_t @ W_xh.T + h @ W_hh.T + b_h)
            states.append(h)
        shown = {"mean": torch.stack(states).mean(0), "last": h, "sum": sum(states)}[read]
        return shown @ V.T

    losses, sums = [], [torch.zeros_like(w) for w in weights]
    for _ in range(updates + 1):
        out = scores(scaled(x))
        error = F.cross_entropy(out.softmax(-1) if softmax == 2 else out, y, reduction=reduction)
        losses.append(error.item())
        if len(losses) <= updates:
            grads = torch.autograd.grad(error, weights)
            if fails == "lost":
                weights[0] = weights[0] - rate * weights[0].grad
            if fails == "in place":
                weights[0] -= rate * grads[0]
            if added:
                sums = grads = [total + grad for total, grad in zip(sums, grads, strict=True)]
            factors = 1, 1, biases, 1
            with torch.no_grad():
                for w, grad, by in list(zip(weights, grads, factors, strict=True))[4 - trained :]:
                    w += sign * rate * by * grad
    with torch.no_grad():
        return losses, scores(scaled(x_test)).softmax(shares)


TRAIN_MOTIONS = Question(
    name="train_motions",
    points=5,
    section="3 · Many to one: who speaks?",
    reference=train_motions,
    inputs=motions_case,
    framework="torch",
    misconceptions=(
        Misconception(
            "channels not scaled",
            variant(train_motions, scale="none"),
            "Already the first loss is off. What comes before the cell?",
            "Accelerations of 10 and rotations of 1: after scaling both have mean 0 and deviation "
            "1.",
            "You did not standardise the channels.",
        ),
        Misconception(
            "all channels scaled as one",
            variant(train_motions, scale="all"),
            "Already the first loss is off. Over which axes do you take mean and deviation?",
            "Six channels have six means and six deviations.",
            "You took one mean and one deviation for everything. Each channel has its own.",
        ),
        Misconception(
            "the test scaled by itself",
            variant(train_motions, scale="own"),
            "The losses are right, the probabilities are not. What does the test know of itself?",
            "One new recording alone has no mean over recordings. The training data's will do.",
            "You scaled the test with its own mean and deviation. Take those of the training data.",
        ),
        Misconception(
            "the last state read",
            variant(train_motions, read="last"),
            "Already the first loss is off. Which states does the read-out see?",
            "States (1), (3): it sees 2, their mean.",
            "You read the last state. Here the mean over all steps is read.",
        ),
        Misconception(
            "states summed",
            variant(train_motions, read="sum"),
            "Already the first loss is off. Is what you read a mean?",
            "States (1), (3): it sees 2, not 4.",
            "You summed the states. Divide by the number of steps.",
        ),
        Misconception(
            "the state carried from one recording into the next",
            variant(train_motions, carry=True),
            "Already the first loss is off. What does the second recording start from?",
            "Two equal recordings must give equal scores, wherever they stand in the batch.",
            "Your state leaks: each recording starts where the one before ended. Start from zeros.",
        ),
        Misconception(
            "softmax twice",
            variant(train_motions, softmax=2),
            "Already the first loss is off. What does your loss expect: scores or shares?",
            "With four equal scores the loss is ln 4 = 1.386 either way; with others it is not.",
            "cross_entropy takes scores and applies the softmax itself. You applied it before.",
        ),
        Misconception(
            "the sum over the batch",
            variant(train_motions, reduction="sum"),
            "Look at the first loss: is it a mean?",
            "With four equal scores it is ln 4 = 1.386, whatever the batch.",
            "You summed over the batch. The loss is the mean over the recordings.",
        ),
        Misconception(
            "uphill",
            variant(train_motions, sign=1),
            "Your first loss is right. In which direction do the others go?",
            "A loss of 1.4 that becomes 1.6 after one update has gone the wrong way.",
            "You add the gradient. Descent subtracts it, times the rate.",
        ),
        Misconception(
            "only the read-out trained",
            variant(train_motions, trained=1),
            "Your first loss is right. Which parameters change in your loop?",
            "All four arrays have a gradient.",
            "You trained V alone. The cell's three arrays are trained with it.",
        ),
        Misconception(
            "the deviation with n − 1",
            variant(train_motions, scale="sample"),
            "Already the first loss is off, by very little. By which deviation do you divide?",
            "torch's std divides by n − 1 unless you say correction=0.",
            "You divide by the deviation of a sample. The question wants correction=0.",
        ),
        Misconception(
            "each recording scaled by itself",
            variant(train_motions, scale="each"),
            "Already the first loss is off. Over which axes do you take mean and deviation?",
            "Somebody stands, somebody runs: scaled each by itself, both move as much.",
            "You scale every recording with its own mean and deviation. There is one mean for "
            "each channel, over all recordings.",
        ),
        Misconception(
            "gradients added up",
            variant(train_motions, added=True),
            "Your first two losses are right. What is in the gradients at the second update?",
            "Gradients of 1 and 1: the second step goes 1 far, not 2.",
            "backward() adds to what .grad holds already. Set the gradients to zero, or to None, "
            "before each update.",
        ),
        Misconception(
            "two biases",
            variant(train_motions, biases=2),
            "Your first loss is right. How many biases has your cell?",
            "b_ih = b_hh = 1 make a bias of 2. A step of 1 on each of them moves it by 2.",
            "nn.RNN adds two biases, and both are trained, so b_h moves twice as far. The question "
            "has one.",
        ),
        Misconception(
            "the bias not trained",
            variant(train_motions, biases=0),
            "Your first loss is right. Which parameters change in your loop?",
            "All four arrays have a gradient.",
            "You left b_h as it was.",
        ),
        Misconception(
            "each reading scaled by itself",
            variant(train_motions, scale="step"),
            "Already the first loss is off. Over which axes do you take mean and deviation?",
            "x.mean(0) of x (40, 100, 6) has the shape (100, 6). Six numbers are asked for.",
            "You have a mean for each reading of each channel. A channel has one, over recordings "
            "and readings.",
        ),
        Misconception(
            "the test not scaled",
            variant(train_motions, scale="learned"),
            "The losses are right, the probabilities are not. What have you done to x, and not to "
            "x_test?",
            "A network that has learned numbers around 0 is shown numbers around 10.",
            "You did not standardise x_test. It is treated as x was, with the mean and deviation "
            "of x.",
        ),
        Misconception(
            "the mean taken off, no more",
            variant(train_motions, scale="centred"),
            "Already the first loss is off. Which deviation have the channels of your x?",
            "Readings 8 and 12 become −1 and 1, not −2 and 2.",
            "You subtract the mean, and do not divide by the deviation.",
        ),
        Misconception(
            "shares over the recordings",
            variant(train_motions, shares=0),
            "The losses are right, the probabilities are not. Which numbers add up to 1?",
            "Each recording has four probabilities, which add up to 1.",
            "Your softmax runs down the recordings. It belongs to the classes.",
        ),
        *autograd_mistakes(train_motions),
    ),
)

# --- explain_topology --------------------------------------------------------------------------

EXPLAIN_TOPOLOGY = Question(
    name="explain_topology",
    points=3,
    rubric=(
        ("names the shape by what comes in, what goes out and how their lengths go together", 1),
        ("a split by a group that fits, and what would leak without it", 1),
        ("a cheap baseline in the same table, and a figure of the chapter that says why", 1),
    ),
)

QUESTIONS = [
    MATCH_TOPOLOGIES,
    MASKED_LOSS,
    SEQUENCE_NATS,
    TEACHER_INPUTS,
    GREEDY_WORDS,
    COLLAPSE,
    CTC_PATHS,
    LEAK_SHARE,
    TRAIN_MOTIONS,
    EXPLAIN_TOPOLOGY,
]
