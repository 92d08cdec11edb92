"""Chapter 13, attention: scores, masks, who asks, tests of a heat map, self-attention."""

from __future__ import annotations

import math

import numpy as np

from rnncourse.bank import Misconception, Question, variant
from rnncourse.cells import rnn_step, sigmoid, softmax

# --- context_of --------------------------------------------------------------------------------


def context_case(rng):
    Q, M, A, S = (int(n) for n in rng.integers((2, 2, 2, 3), (5, 5, 6, 7)))
    shapes = [(Q,), (S, M), (A, Q), (A, M), (A,), (A,), (Q, M)]
    return tuple(rng.standard_normal(shape) for shape in shapes)


def context_of(
    q, memory, W_q, W_m, b, v, W, *, bend=np.tanh, bias=True, share=softmax, late=False,
    scaled=False,
):  # fmt: skip
    """Two contexts, by an additive and by a general score, and ways to get them wrong."""
    inner = memory @ W_m.T + W_q @ q + (b if bias else 0)
    additive = np.tanh(inner @ v) if late else bend(inner) @ v
    general = memory @ (W.T @ q) / (np.sqrt(len(q)) if scaled else 1)
    return [share(scores) @ memory for scores in (additive, general)]


CONTEXT_OF = Question(
    name="context_of",
    section="2 · Two ways to score",
    points=2,
    reference=context_of,
    inputs=context_case,
    misconceptions=(
        Misconception(
            "scores taken for weights",
            variant(context_of, share=lambda e: e),
            "What do your weights add up to?",
            "Scores 2 and 0: the weights are 0.88 and 0.12.",
            "You took the mean with the scores themselves. A softmax over the places makes weights "
            "of them.",
        ),
        Misconception(
            "powers that are not divided by their sum",
            variant(context_of, share=np.exp),
            "What do your weights add up to?",
            "Scores 2 and 0: e² and 1, over 8.39, are 0.88 and 0.12.",
            "You took the exponential, but did not divide by the sum over the places.",
        ),
        Misconception(
            "the best place alone",
            variant(context_of, share=lambda e: np.eye(len(e))[np.argmax(e)]),
            "Does the second best place have any part in your context?",
            "Scores 2 and 0: one part in eight is from the second place.",
            "You took the place with the largest score. All places count, each by its weight.",
        ),
        Misconception(
            "each place judged for itself",
            variant(context_of, share=sigmoid),
            "What do your weights add up to?",
            "Three scores of 0: each weight is a third.",
            "You squashed each score by itself. Weights share 1 among the places.",
        ),
        Misconception(
            "tanh around the whole score",
            variant(context_of, late=True),
            "The second context is right. How large can an additive score become?",
            "A units with v = 3 each: the score may reach 3A.",
            "Your tanh stands outside. It bends the A units, and v weighs what comes out.",
        ),
        Misconception(
            "no tanh",
            variant(context_of, bend=lambda z: z),
            "The second context is right. What makes the additive score a network of its own?",
            "Without a bend the question adds the same number to every place, and falls out.",
            "You left out the tanh.",
        ),
        Misconception(
            "a logistic function in place of the tanh",
            variant(context_of, bend=sigmoid),
            "The second context is right. Which squashing does the additive score have?",
            "A unit with a sum of 0 gives 0.",
            "You took the logistic function. It is a tanh.",
        ),
        Misconception(
            "the bias left out",
            variant(context_of, bias=False),
            "The second context is right. Which argument has no influence on the first?",
            "Each of the A units has a number of its own in its sum.",
            "b changes nothing in yours: it is not there, or added outside the tanh, where the "
            "softmax loses it. It is added before the tanh.",
        ),
        Misconception(
            "the general score divided by a root",
            variant(context_of, scaled=True),
            "The first context is right. Are the weights of the second too even?",
            "“general” is q · W m, and nothing else.",
            "You divided the second score by √Q. It is the plain product.",
        ),
    ),
)

# --- batch_contexts ----------------------------------------------------------------------------


def batch_case(rng):
    B, T, S, M = (int(n) for n in rng.integers((2, 2, 4, 2), (4, 4, 7, 4)))
    lengths = rng.integers(1, S - 1, B)
    lengths[rng.integers(B)] = S  # one is not padded, one is for sure
    return 1.5 * rng.standard_normal((B, T, S)), rng.standard_normal((B, S, M)), lengths


def batch_contexts(scores, memory, lengths, *, mask="before", off=0, hidden=None):
    """Contexts (B, T, M) of a padded batch, and ways to get them wrong."""
    S = memory.shape[1]
    real = (np.arange(S) < lengths[:, None] + off)[:, None]  # (B, 1, S)
    if hidden is not None:  # the real places are
        weights = softmax(np.where(real, hidden, scores))
    elif mask == "first":
        weights = softmax(np.where(np.arange(S) < lengths[0], scores, -np.inf))
    elif mask == "times":
        weights = softmax(scores + ~real * -np.inf)
    elif mask == "before":
        weights = softmax(np.where(real, scores, -np.inf))
    elif mask == "zero scores":
        weights = softmax(scores * real)
    elif mask == "after":
        weights = softmax(scores) * real
    elif mask == "even":
        weights = np.broadcast_to(real / real.sum(-1, keepdims=True), scores.shape)
    else:
        weights = softmax(scores)
    return weights @ memory


def over_questions(scores, memory, lengths):
    real = np.arange(memory.shape[1]) < lengths[:, None]
    return (softmax(scores, axis=1) * real[:, None]) @ memory


BATCH_CONTEXTS = Question(
    name="batch_contexts",
    section="3 · Masks",
    points=3,
    reference=batch_contexts,
    inputs=batch_case,
    misconceptions=(
        Misconception(
            "no mask",
            variant(batch_contexts, mask="none"),
            "Change what stands in the padding of the memory. Does your result change?",
            "A source of 2 places padded to 5: three weights are 0.",
            "Padding has weight in your means. Set its scores to −∞ before the softmax.",
        ),
        Misconception(
            "weights set to zero after the softmax",
            variant(batch_contexts, mask="after"),
            "What do the weights of a short source add up to?",
            "Scores 0, 0, 0 and a source of 2: the weights are ½ and ½, not ⅓ and ⅓.",
            "Padding falls out of your sum, but after the softmax, so the real places share less "
            "than 1. Set its scores to −∞ before.",
        ),
        Misconception(
            "scores of padding set to 0",
            variant(batch_contexts, mask="zero scores"),
            "What is e⁰?",
            "Scores −1, −1 and 0 for padding: the padding would have the largest weight.",
            "You set the scores of padding to 0, which is a score like any other. It is −∞.",
        ),
        Misconception(
            "all real places alike",
            variant(batch_contexts, mask="even"),
            "Which argument has no influence on your result?",
            "Scores 2 and 0: the first place counts for 0.88.",
            "You took the plain mean of the real places. Each has its weight.",
        ),
        Misconception(
            "padding kept and the real places hidden",
            variant(batch_contexts, hidden=-np.inf),
            "Which places have weight in a short source? And in one without padding?",
            "A source of 2 places padded to 5: the first two have all the weight.",
            "Your mask is turned round: it hides the real places.",
        ),
        Misconception(
            "padding kept and the real places set very low",
            variant(batch_contexts, hidden=-1e9),
            "Which places have weight in a short source?",
            "A source of 2 places padded to 5: the first two have all the weight.",
            "Your mask is turned round: it hides the real places.",
        ),
        Misconception(
            "a mask times infinity",
            variant(batch_contexts, mask="times"),
            "Your contexts are nan. What is 0 · ∞?",
            "0 · −∞ is nan, for every place that is real.",
            "nan comes of 0 · −∞, or of a source that is masked whole. Choose instead of "
            "multiplying: np.where(real, scores, -np.inf).",
        ),
        Misconception(
            "one length for all sources",
            variant(batch_contexts, mask="first"),
            "The contexts of the first source are right. What differs for the second?",
            "Lengths 2 and 5: row 0 of the mask is 11000, row 1 is 11111.",
            "You took the first source's length for all. Each source has its own.",
        ),
        Misconception(
            "one real place too few",
            variant(batch_contexts, off=-1),
            "What weights has a source of length 1?",
            "With length 2 the places 0 and 1 are real.",
            "Your mask hides the last real place. Real is s < length.",
        ),
        Misconception(
            "one place of padding too many",
            variant(batch_contexts, off=1),
            "Nearly. How many places have weight in a source of length 1?",
            "With length 2 the places 0 and 1 are real.",
            "Your mask lets in the first place of padding. Real is s < length.",
        ),
        Misconception(
            "a softmax over the questions",
            over_questions,
            "What do the weights of *one* question add up to?",
            "Scores (B, T, S): each row of S numbers becomes weights of sum 1.",
            "Your softmax runs over the questions. It runs over the places, the last axis.",
        ),
    ),
)

# --- luong_write -------------------------------------------------------------------------------


def write_case(rng):
    E, H, V, S = (int(n) for n in rng.integers((2, 3, 4, 3), (4, 6, 8, 7)))
    shapes = [(S, H), (H,), (V, E), (H, E), (H, H), (H,), (H, 2 * H), (H,), (V, H), (V,)]
    memory, d, embedding, *others = (rng.standard_normal(shape) for shape in shapes)
    return memory, np.tanh(d), 2 * embedding, *others, int(rng.integers(3, 6))


def luong_write(
    memory, d, embedding, W_xh, W_hh, b_h, W_c, b_c, W_hy, b_y, N, *, asks="after", order="d first",
    feed="said", carry="d", combined=True, bend=True, scaled=False,
    biases=(1, 1),
):  # fmt: skip
    """N tokens by greedy search and where each looked (N, S), and ways to get them wrong."""
    token, tokens, looked = 0, [], []
    for _ in range(N):
        new = rnn_step(embedding[token], d, W_xh, W_hh, b_h)
        scores = memory @ (new if asks == "after" else d)
        if scaled:
            scores = scores / np.sqrt(len(d))
        weights = softmax(scores)
        context = weights @ memory
        parts = [new, context] if order == "d first" else [context, new]
        both = W_c @ np.concatenate(parts) + biases[0] * b_c
        both = np.tanh(both) if bend else both
        said = int(np.argmax(W_hy @ (both if combined else new) + biases[1] * b_y))
        tokens.append(said)
        looked.append(weights)
        token = said if feed == "said" else 0
        d = {"d": new, "both": both, "start": d}[carry]
    return tokens, np.array(looked)


LUONG_WRITE = Question(
    name="luong_write",
    section="4 · Who asks, and when",
    points=4,
    reference=luong_write,
    inputs=write_case,
    cases=10,
    misconceptions=(
        Misconception(
            "asked before the step",
            variant(luong_write, asks="before"),
            "Look at the first row of weights. Which state has asked?",
            "Luong: d₁ = step(y₀, d₀), then the scores are m · d₁.",
            "You asked with the state before the step, as Bahdanau does. Luong asks with the new "
            "one.",
        ),
        Misconception(
            "context and state exchanged",
            variant(luong_write, order="context first"),
            "The weights begin well. In which order do state and context stand before W_c?",
            "[d, m̄]: the first H columns of W_c belong to the state.",
            "You put the context first. The state stands first.",
        ),
        Misconception(
            "always fed the start mark",
            variant(luong_write, feed="start"),
            "The first step is right. What does the decoder read at the second?",
            "It says 3: at the next step it reads the embedding of 3.",
            "You feed the start mark at every step. Feed what was just said.",
        ),
        Misconception(
            "what stands before the read-out carried on as the state",
            variant(luong_write, carry="both"),
            "The first step is right. Which vector is the state at the second?",
            "The next step starts from d₁, not from tanh(W_c [d₁, m̄₁] + b_c).",
            "You carried on the combined vector. The state is d.",
        ),
        Misconception(
            "every step begun from the first state",
            variant(luong_write, carry="start"),
            "The first step is right. Which state does the second start from?",
            "d₂ = step(y₁, d₁).",
            "Your state does not move on. Each step starts from the one before.",
        ),
        Misconception(
            "the context unused",
            variant(luong_write, combined=False),
            "The first row of weights is right. What does the read-out hear of the source?",
            "Logits are W_hy tanh(W_c [d, m̄] + b_c) + b_y.",
            "You read out the state alone, so the weights have no effect.",
        ),
        Misconception(
            "no tanh before the read-out",
            variant(luong_write, bend=False),
            "The first row of weights is right. What stands between W_c and W_hy?",
            "Without a bend two matrices in a row are one.",
            "You left out the tanh around W_c [d, m̄] + b_c.",
        ),
        Misconception(
            "scores divided by the root of the width",
            variant(luong_write, scaled=True),
            "Your weights are more even than they should be. Which score was asked for?",
            "“dot” is m · d and nothing else.",
            "You divided by √H, as the scaled product does. Here it is the plain one.",
        ),
        Misconception(
            "no bias before the tanh",
            variant(luong_write, biases=(0, 1)),
            "The first row of weights is right. Which argument has no influence on your tokens?",
            "Logits are W_hy tanh(W_c [d, m̄] + b_c) + b_y.",
            "You left out b_c.",
        ),
        Misconception(
            "no bias in the logits",
            variant(luong_write, biases=(1, 0)),
            "The first row of weights is right. Which argument has no influence on your tokens?",
            "Logits are W_hy tanh(W_c [d, m̄] + b_c) + b_y.",
            "You left out b_y.",
        ),
    ),
)

# --- covered_matters ---------------------------------------------------------------------------


def covered_case(rng):
    """One in which scaling up what is left decides about a place at least."""
    while True:
        S, M, V = int(rng.integers(5, 9)), int(rng.integers(2, 4)), int(rng.integers(4, 7))
        scores, memory = 1.2 * rng.standard_normal(S), 2 * rng.standard_normal((S, M))
        case = scores, memory, rng.standard_normal((V, M)), rng.standard_normal(V)
        if covered_matters(*case) != covered_matters(*case, how="plain"):
            return case


def covered_matters(
    scores, memory, W, b, *, how="scaled", which="changes", bias=1, first=0, restore=True,
):  # fmt: skip
    """The places without which another token comes out, and ways to get them wrong."""
    S = len(scores)

    def said(weights):
        return int(np.argmax(W @ (weights @ memory) + bias * b))

    whole, found = softmax(scores), []
    for s in range(S):
        covered = np.arange(S) == s if restore else np.arange(S) <= s
        left = np.where(covered, 0, whole)
        if how == "scaled":
            left = left / left.sum()
        elif how == "score 0":
            left = softmax(np.where(np.arange(S) == s, 0, scores))
        elif how == "only":
            left = np.eye(S)[s]
        elif how == "even":
            left = np.where(np.arange(S) == s, 0, 1) / (S - 1)
        if (said(left) != said(whole)) == (which == "changes"):
            found.append(s + first)
    return found


def every_place(scores, memory, W, b):
    return list(range(len(scores)))


def as_truth_values(scores, memory, W, b):
    """One truth value for each place."""
    found = covered_matters(scores, memory, W, b)
    return [s in found for s in range(len(scores))]


def as_it_comes(scores, memory, W, b):
    """What np.where gives: a tuple of one array."""
    return np.where(as_truth_values(scores, memory, W, b))


def most_looked_at(scores, memory, W, b):
    return [int(np.argmax(scores))]


def above_even(scores, memory, W, b):
    return np.flatnonzero(softmax(scores) > 1 / len(scores)).tolist()


COVERED_MATTERS = Question(
    name="covered_matters",
    section="7 · Is a heat map an explanation?",
    points=3,
    reference=covered_matters,
    inputs=covered_case,
    cases=10,
    misconceptions=(
        Misconception(
            "the weights that are left not scaled up",
            variant(covered_matters, how="plain"),
            "What do the weights add up to when a place is covered?",
            "Weights 0.5, 0.3, 0.2 with the first covered: 0, 0.6, 0.4.",
            "You set a weight to 0 and left the others. They are scaled to a sum of 1.",
        ),
        Misconception(
            "the score set to 0",
            variant(covered_matters, how="score 0"),
            "What weight does a place with a score of 0 have?",
            "Covered means a weight of exactly 0, a score of −∞.",
            "You set the score to 0, so the place keeps a weight.",
        ),
        Misconception(
            "the most looked at place named without a trial",
            most_looked_at,
            "Did you look at what is said?",
            "The best place may be covered and the same token come out.",
            "You named the largest weight. Cover each place and see whether the token changes.",
        ),
        Misconception(
            "all weights above the even share named",
            above_even,
            "Did you look at what is said?",
            "A place of large weight may hold what all the others hold.",
            "You judged by the weights. Cover each place and see whether the token changes.",
        ),
        Misconception(
            "each place alone kept",
            variant(covered_matters, how="only"),
            "How many places are covered at once in your trial?",
            "One place is covered, all others stay.",
            "You kept one place and covered the rest. It is the other way round.",
        ),
        Misconception(
            "the places that do not matter",
            variant(covered_matters, which="stays"),
            "What is asked: places whose covering changes the token, or leaves it?",
            "If covering place 2 brings out another token, 2 is in the list.",
            "Your list holds the places that change nothing.",
        ),
        Misconception(
            "the places that are left looked at alike",
            variant(covered_matters, how="even"),
            "How do you share the weight among the places that are left?",
            "Weights 0.5, 0.3, 0.2 with the first covered: 0, 0.6, 0.4.",
            "You gave all others the same weight. They keep their proportions.",
        ),
        Misconception(
            "places that were covered stay covered",
            variant(covered_matters, restore=False),
            "How many places are covered when you come to the last one?",
            "After left = a the line left[s] = 0 changes a, too: one array, two names. Copy it.",
            "Your earlier places are still covered. Begin each trial with all the weights.",
        ),
        Misconception(
            "no bias in the logits",
            variant(covered_matters, bias=0),
            "Which argument has no influence on your result?",
            "Logits 1 and 2, b of 3 and 0: the first token is said.",
            "You left out b.",
        ),
        Misconception(
            "every place that has any effect",
            every_place,
            "What must change: the logits, or the token that is said?",
            "Logits 1, 5, 2 become 1, 4, 3: the second token is said all the same.",
            "You named all places. Covered, each changes the logits; few change which is largest.",
        ),
        Misconception(
            "places counted from 1",
            variant(covered_matters, first=1),
            "What is the smallest number that a place can have?",
            "If covering the very first place changes the token, 0 is in the list.",
            "You counted the places from 1. They are counted from 0.",
        ),
        Misconception(
            "a truth value for each place",
            as_truth_values,
            "How long is your list, and how long should it be?",
            "True, False, True, False becomes [0, 2].",
            "You returned a truth value for each place. The numbers of the places are asked for: "
            "np.flatnonzero gives them.",
        ),
        Misconception(
            "what np.where gives, as it comes",
            as_it_comes,
            "What type does your result have, and what is in it?",
            "np.where(mask) is a tuple of one array for each axis.",
            "You returned the tuple that np.where gives. Its first entry has the places.",
        ),
    ),
)

# --- dearer_from -------------------------------------------------------------------------------


def dearer_case(rng):
    H = int(rng.integers(8, 300))
    if rng.random() < 0.3:  # dearer from the first step on
        return int(rng.integers(3 * H + 2, 5 * H)), H
    return int(rng.integers(1, 2 * H)), H


def dearer_from(
    D, H, *, project=4, pairs=2, gates=3, equal=False, recurrent=True, inputs=None, least=1,
    whole=True,
):  # fmt: skip
    """The shortest length at which self-attention is the dearer one, and ways to get it wrong."""
    if H <= 0:
        raise ValueError(f"H = {H}: without units neither costs anything, at any length")
    # T · H falls out: project D + pairs T > gates (D + H)
    reads, D = (D if inputs is None else H), (H if inputs == "all" else D)
    spare = (gates * (reads + (H if recurrent else 0)) - project * D) / pairs
    if not whole:
        return spare
    return max(least, math.ceil(spare) if equal else math.floor(spare) + 1)


DEARER_FROM = Question(
    name="dearer_from",
    section="9 · What it costs",
    points=2,
    reference=dearer_from,
    inputs=dearer_case,
    cases=12,
    misconceptions=(
        Misconception(
            "projections left aside",
            variant(dearer_from, project=0),
            "What does it cost to make queries, keys and values?",
            "T vectors of D numbers by a matrix (H, D): T · D · H products.",
            "You left out the projections: three for queries, keys, values, one for the output.",
        ),
        Misconception(
            "three projections in place of four",
            variant(dearer_from, project=3),
            "How many matrices does the attention have?",
            "Queries, keys, values, and one after the mean.",
            "You counted three projections. The output has one, too.",
        ),
        Misconception(
            "scores without the means",
            variant(dearer_from, pairs=1),
            "What is done with the weights, and what does that cost?",
            "T² scores of H products each, and T² weights times H numbers.",
            "You counted the scores and not the means: T² H twice.",
        ),
        Misconception(
            "one matrix in place of three in the GRU",
            variant(dearer_from, gates=1),
            "How many rows do the matrices of a GRU have?",
            "W_xh is (3H, D), W_hh is (3H, H).",
            "You counted one gate. A GRU has two and a candidate.",
        ),
        Misconception(
            "four matrices in the GRU",
            variant(dearer_from, gates=4),
            "How many rows do the matrices of a GRU have?",
            "W_xh is (3H, D), W_hh is (3H, H).",
            "You counted four, as in an LSTM. A GRU has three.",
        ),
        Misconception(
            "the input alone in the GRU",
            variant(dearer_from, recurrent=False),
            "What does a step of the GRU multiply besides its input?",
            "W_hh is (3H, H): another 3 · H · H products a step.",
            "You left out the recurrent matrix.",
        ),
        Misconception(
            "where both cost the same",
            variant(dearer_from, equal=True),
            "Nearly. What is asked: not cheaper, or dearer?",
            "If both cost the same at 10, the answer is 11.",
            "You gave the length at which they are level. It is asked where attention costs more.",
        ),
        Misconception(
            "a length that is no whole number",
            variant(dearer_from, whole=False),
            "How many steps has a sequence of your length?",
            "If they are level at 10.5, the answer is 11; if at 10, it is 11, too.",
            "You gave the point at which they are level. The next whole number above it is asked "
            "for, and 1 at least.",
        ),
        Misconception(
            "a length of 0 or less",
            variant(dearer_from, least=-math.inf),
            "What do you give for D = 400, H = 100? Is there such a length?",
            "Where attention costs more at any length, the smallest is 1.",
            "Some of your lengths are below 1. Where D is large, attention is the dearer one from "
            "the first step on.",
        ),
        Misconception(
            "one width for all",
            variant(dearer_from, inputs="all"),
            "Which argument has no influence on your result?",
            "Queries of H numbers from vectors of D: D · H products each.",
            "You took one width for all, as section 9 does. Vectors have D numbers, units are H.",
        ),
        Misconception(
            "the inputs of the GRU as wide as its state",
            variant(dearer_from, inputs="GRU"),
            "How many columns has the GRU's W_xh?",
            "W_xh is (3H, D), W_hh is (3H, H).",
            "You counted 6 H² a step for the GRU, as section 9 does. Its inputs have D numbers.",
        ),
    ),
)

# --- many_heads --------------------------------------------------------------------------------


def heads_case(rng):
    n, width, T = int(rng.integers(2, 4)), int(rng.integers(2, 5)), int(rng.integers(3, 6))
    D = n * width
    return (
        rng.standard_normal((T, D)),
        *(2.4 * rng.standard_normal((4, D, D)) / np.sqrt(D)),
        n,
    )


def many_heads(
    x, W_q, W_k, W_v, W_o, n, *, scale="head", cut="beside", join="beside", causal=True, out=True,
    share="places", turned=(True, True),
):  # fmt: skip
    """Causal self-attention with n heads, (T, D), and ways to get it wrong."""
    T, D = x.shape
    d = D // n

    def heads(z):
        if cut == "beside":
            return z.reshape(T, n, d).swapaxes(0, 1)  # (n, T, d)
        if cut == "woven":
            return np.stack([z[:, k::n] for k in range(n)])  # z.reshape(T, d, n)
        return z.reshape(n, T, d)

    q, k, v = (heads(x @ (W.T if turned[0] else W)) for W in (W_q, W_k, W_v))
    scores = q @ k.swapaxes(1, 2)  # (n, T, T)
    scores = scores / {"head": np.sqrt(d), "whole": np.sqrt(D), "none": 1.0, "width": d}[scale]
    if causal and causal != "after":
        seen = np.tri(T, k={"next": 1, "before": -1}.get(causal, 0), dtype=bool)
        scores = np.where(seen.T if causal == "later" else seen, scores, -np.inf)
    if share == "heads":
        weights = np.exp(scores) / np.exp(scores).sum((0, 2), keepdims=True)
    else:
        weights = softmax(scores, axis=1 if share == "questions" else 2)
    if causal == "after":
        weights = weights * np.tri(T)
    z = weights @ v  # (n, T, d)
    if join == "beside":
        z = z.swapaxes(0, 1).reshape(T, D)
    elif join == "woven":
        z = z.transpose(1, 2, 0).reshape(T, D)
    elif join == "raw":
        z = z.reshape(T, D)
    return z @ (W_o.T if turned[1] else W_o) if out else z


MANY_HEADS = Question(
    name="many_heads",
    section="8 · Without the recurrence: self-attention",
    points=4,
    reference=many_heads,
    inputs=heads_case,
    misconceptions=(
        Misconception(
            "scaled by the whole width",
            variant(many_heads, scale="whole"),
            "Over how many numbers does the product of one query and one key run?",
            "D = 8 and two heads: a product of 4 numbers, divided by 2.",
            "You divided by √D. Query and key of one head have D / n numbers.",
        ),
        Misconception(
            "not scaled",
            variant(many_heads, scale="none"),
            "Your weights are too sure. What are the products divided by?",
            "A head of 4 numbers: its products are divided by 2.",
            "You left out the division by the root of the head's width.",
        ),
        Misconception(
            "scaled by the width in place of its root",
            variant(many_heads, scale="width"),
            "Your weights are too even. What are the products divided by?",
            "A head of 4 numbers: its products are divided by 2.",
            "You divided by D / n. It is the root of that.",
        ),
        Misconception(
            "heads cut without regard to time",
            variant(many_heads, cut="reshaped"),
            "Which numbers does the first head get? Print them for x = arange.",
            "T = 2, D = 4, two heads: head 0 has columns 0 and 1 of *both* rows.",
            "A reshape to (n, T, d) mixes places and columns. Reshape to (T, n, d), then exchange "
            "axes.",
        ),
        Misconception(
            "every n-th column a head",
            variant(many_heads, cut="woven"),
            "Which columns belong to the first head?",
            "D = 4, two heads: columns 0 and 1, then 2 and 3.",
            "You gave the first head every n-th column. It has the first D / n.",
        ),
        Misconception(
            "every n-th column a head, and put back so",
            variant(many_heads, cut="woven", join="woven"),
            "Which columns belong to the first head?",
            "D = 4, two heads: columns 0 and 1, then 2 and 3. Print arange(4).reshape(2, 2)[:, 0].",
            "You gave the first head every n-th column, as a reshape to (T, d, n) does. Reshape to "
            "(T, n, d).",
        ),
        Misconception(
            "heads joined without regard to time",
            variant(many_heads, join="raw"),
            "The heads themselves are right. What does the first row of your result hold?",
            "Row t holds head 0 at t, then head 1 at t.",
            "You reshaped (n, T, d) to (T, D) at once. Exchange the first two axes before.",
        ),
        Misconception(
            "later places seen",
            variant(many_heads, causal=False),
            "Change the last row of x. Which rows of your result change?",
            "The first row's weights are 1, 0, 0, …",
            "You left out the causal mask.",
        ),
        Misconception(
            "the next place seen",
            variant(many_heads, causal="next"),
            "Change the second row of x. Does the first row of your result change?",
            "The first row's weights are 1, 0, 0, …",
            "Your mask lets each place see the next one.",
        ),
        Misconception(
            "a place does not see itself",
            variant(many_heads, causal="before"),
            "Your first row is nan. What may the first place look at?",
            "No place sees a *later* one: the first row's weights are 1, 0, 0, …",
            "Your mask hides each place from itself, so the first has nothing to look at.",
        ),
        Misconception(
            "the earlier places hidden",
            variant(many_heads, causal="later"),
            "Change the last row of x. Which rows of your result change?",
            "The first row's weights are 1, 0, 0, …",
            "Your mask is turned round: it hides what was earlier.",
        ),
        Misconception(
            "later weights set to 0 after the softmax",
            variant(many_heads, causal="after"),
            "What do the weights of the first place add up to?",
            "The first row's weights are 1, 0, 0, …",
            "You masked after the softmax, so what is left adds up to less than 1. Set the later "
            "scores to −∞ before.",
        ),
        Misconception(
            "a softmax over the questions",
            variant(many_heads, share="questions"),
            "What do the weights of *one* place add up to?",
            "The first row's weights are 1, 0, 0, …",
            "Your softmax runs over the places that ask. It runs over those that are looked at.",
        ),
        Misconception(
            "no matrix transposed",
            variant(many_heads, turned=(False, False)),
            "Which numbers make the first column of the queries: a row of W_q, or a column?",
            "The queries are x @ W_q.T: column 0 is x times row 0.",
            "You multiplied by the matrices as they are. All four are transposed.",
        ),
        Misconception(
            "queries, keys and values with matrices not transposed",
            variant(many_heads, turned=(False, True)),
            "Which numbers make the first column of the queries: a row of W_q, or a column?",
            "The queries are x @ W_q.T: column 0 is x times row 0.",
            "You multiplied by W_q, W_k and W_v as they are. They are transposed.",
        ),
        Misconception(
            "weights shared out over the heads",
            variant(many_heads, share="heads"),
            "What do the weights of one head at one place add up to?",
            "At the first place each head has a weight of 1 on that place.",
            "Your softmax runs over the heads as well. Each head has weights of its own.",
        ),
        Misconception(
            "no matrix after the heads",
            variant(many_heads, out=False),
            "Which argument has no influence on your result?",
            "What the heads say, side by side, is multiplied once more.",
            "You left out W_o.",
        ),
    ),
)

# --- window_mask -------------------------------------------------------------------------------


def window_case(rng):
    T = int(rng.integers(5, 10))
    return T, int(rng.integers(2, T - 1))


def window_mask(T, w, *, kind="window"):
    """(T, T) of 0 and 1: may t look at s? And ways to get it wrong."""
    t, s = np.arange(T)[:, None], np.arange(T)
    seen = {
        "window": (s <= t) & (s > t - w),
        "one more": (s <= t) & (s >= t - w),
        "both": abs(s - t) < w,
        "without itself": (s < t) & (s >= t - w),
        "turned": (s >= t) & (s < t + w),
        "all": s <= t,
        "blocks": (s <= t) & (s // w == t // w),
        "hidden": ~((s <= t) & (s > t - w)),
        "sliced": (s <= t) & (s > t - w) & (t >= w - 1),  # seen[t, t - w + 1 : t + 1]
    }.get(kind, (s <= t) & (s > t - w))
    return np.where(seen, 0, -np.inf) if kind == "scores" else seen.astype(int)


WINDOW_MASK = Question(
    name="window_mask",
    section="8 · Without the recurrence: self-attention",
    points=2,
    reference=window_mask,
    inputs=window_case,
    misconceptions=(
        Misconception(
            "one place too many",
            variant(window_mask, kind="one more"),
            "How many ones does your last row have?",
            "w = 2: itself and the one before.",
            "Your window holds w places before each one, and itself. It is w in all.",
        ),
        Misconception(
            "both sides seen",
            variant(window_mask, kind="both"),
            "Does your first row see the second place?",
            "w = 2, T = 3: rows 100, 110, 011.",
            "Your window reaches ahead as well. Later places are hidden.",
        ),
        Misconception(
            "itself hidden",
            variant(window_mask, kind="without itself"),
            "What may the first place look at?",
            "w = 2, T = 3: rows 100, 110, 011.",
            "Your places do not see themselves, so the first sees nothing at all.",
        ),
        Misconception(
            "rows and columns exchanged",
            variant(window_mask, kind="turned"),
            "Does your first row see the second place?",
            "Row t says what place t may look at.",
            "Your table is turned round: it looks ahead.",
        ),
        Misconception(
            "all earlier places seen",
            variant(window_mask, kind="all"),
            "Which argument has no influence on your result?",
            "w = 2, T = 3: the last row is 011.",
            "That is the whole causal mask. The window ends after w places.",
        ),
        Misconception(
            "windows that stand still",
            variant(window_mask, kind="blocks"),
            "Does each place, from the w-th on, see w places?",
            "w = 2, T = 4: the third place sees the second.",
            "You cut time into blocks. The window moves along with each place.",
        ),
        Misconception(
            "ones where it is hidden",
            variant(window_mask, kind="hidden"),
            "What does a 1 stand for?",
            "May place t look at itself? Then there is a 1.",
            "Your ones and zeros are exchanged.",
        ),
        Misconception(
            "slices that begin at a negative place",
            variant(window_mask, kind="sliced"),
            "Which rows of yours are empty?",
            "w = 3: row 0 from place −2 to 0. In Python −2 is the last but one.",
            "Your first rows begin at a negative place, which counts from the end. "
            "max(0, t − w + 1) does not.",
        ),
        Misconception(
            "something to add to scores",
            variant(window_mask, kind="scores"),
            "Which two numbers may stand in your table?",
            "w = 2, T = 3: rows 100, 110, 011.",
            "You returned what is added to scores, 0 and −∞. A table of 1 and 0 is asked for.",
        ),
    ),
)

# --- train_pooling -----------------------------------------------------------------------------


def pooling_case(rng):
    B, N, D, C = (int(n) for n in rng.integers((3, 2, 2, 2), (6, 4, 5, 4)))
    T = int(rng.integers(4, 7))
    lengths = rng.integers(1, T, B + N)
    lengths[0] = lengths[-1] = T
    x = rng.standard_normal((B + N, T, D))
    y = rng.integers(0, C, B)
    weights = [rng.standard_normal(shape) / 2 for shape in ((D,), (C, D), (C,))]
    rate, updates = round(rng.uniform(0.3, 0.8), 2), int(rng.integers(2, 6))
    return x[:B], lengths[:B], y, x[B:], lengths[B:], *weights, rate, updates


def train_pooling(
    x, lengths, y, x_new, lengths_new, u, W, b, rate, updates, *, mask="before", sign=-1,
    trained=(0, 1, 2), pool="weights", test="after", mean=True, what="shares", softmaxes=1,
    fresh=True,
):  # fmt: skip
    """Losses of plain gradient descent, and probabilities of new sequences."""
    import torch
    import torch.nn.functional as F

    weights = [w.clone().requires_grad_() for w in (u, W, b)]

    def logits(x, lengths, mask=mask):
        u, W, b = weights
        real = torch.arange(x.shape[1]) < lengths[:, None]
        scores = x @ u
        if pool == "even":
            a = real / real.sum(1, keepdim=True)
        elif pool == "best":
            best = scores.masked_fill(~real, -torch.inf).argmax(1)
            a = F.one_hot(best, x.shape[1]).to(x.dtype)
        elif mask == "before":
            a = scores.masked_fill(~real, -torch.inf).softmax(1)
        elif mask == "after":
            a = scores.softmax(1) * real
        elif mask == "zero scores":
            a = (scores * real).softmax(1)
        else:
            a = scores.softmax(1)
        pooled = (a[:, None].to(x.dtype) @ x)[:, 0]
        return pooled @ W.T + b

    def shares(x, lengths):
        found = logits(x, lengths, mask if test != "no mask" else "none")
        return found.softmax(1) if what == "shares" else found

    losses, first, before = [], None, [0, 0, 0]
    for update in range(updates + 1):
        z = logits(x, lengths)
        z = z.softmax(1) if softmaxes == 2 else z
        loss = F.cross_entropy(z, y, reduction="mean" if mean else "sum")
        losses.append(loss.item())
        if first is None:
            first = shares(x_new, lengths_new).detach()
        if update < updates:
            grads = torch.autograd.grad(loss, weights, allow_unused=True)
            if not fresh:
                grads = before = [g + b for g, b in zip(grads, before, strict=True)]
            with torch.no_grad():
                for k in trained:
                    if grads[k] is not None:
                        weights[k] += sign * rate * grads[k]
    return losses, first if test == "before" else shares(x_new, lengths_new).detach()


TRAIN_POOLING = Question(
    name="train_pooling",
    section="3 · Masks",
    points=5,
    reference=train_pooling,
    inputs=pooling_case,
    framework="torch",
    misconceptions=(
        Misconception(
            "no mask",
            variant(train_pooling, mask="none"),
            "Already the first loss is off. Which steps have weight in a short sequence?",
            "A sequence of 2 steps in a box of 5: three weights are 0.",
            "Padding has weight in your means. Hide it before the softmax.",
        ),
        Misconception(
            "weights set to zero after the softmax",
            variant(train_pooling, mask="after"),
            "Already the first loss is off. What do the weights of a short sequence add up to?",
            "Equal scores and 2 real steps of 3: the weights are ½ and ½.",
            "Padding falls out of your sum, but after the softmax, so the real steps share less "
            "than 1.",
        ),
        Misconception(
            "scores of padding set to 0",
            variant(train_pooling, mask="zero scores"),
            "Already the first loss is off. What is e⁰?",
            "Scores −1, −1 and 0 for padding: the padding would have the largest weight.",
            "You set the scores of padding to 0, which is a score like any other. It is −∞.",
        ),
        Misconception(
            "a softmax before the cross-entropy",
            variant(train_pooling, softmaxes=2),
            "Already the first loss is off. What does torch's cross_entropy take?",
            "It takes logits, and makes the log-softmax itself.",
            "You gave probabilities to the cross-entropy, which takes a softmax of them once more.",
        ),
        Misconception(
            "the new sequences not masked",
            variant(train_pooling, test="no mask"),
            "The losses are right. What stands behind the last step of a new sequence?",
            "A new sequence of 2 steps in a box of 5: three weights are 0.",
            "Padding has weight in the new sequences. They have lengths of their own.",
        ),
        Misconception(
            "gradients added up from update to update",
            variant(train_pooling, fresh=False),
            "Your first two losses are right. What does backward() do with an earlier gradient?",
            "Gradients 2, then 3: after the second backward() .grad is 5.",
            "Your gradients are added to those before. Set .grad to None before each backward().",
        ),
        Misconception(
            "all real steps alike",
            variant(train_pooling, pool="even"),
            "Already the first loss is off. Which parameter has no influence on it?",
            "Scores 2 and 0: the first step counts for 0.88.",
            "You took the plain mean. u asks, and each step has its weight.",
        ),
        Misconception(
            "the best step alone",
            variant(train_pooling, pool="best"),
            "Already the first loss is off. Does u have a gradient in your program?",
            "Scores 2 and 0: one part in eight is from the second step.",
            "You took the step with the largest score. Through that choice no gradient comes to u.",
        ),
        Misconception(
            "the sum over the batch",
            variant(train_pooling, mean=False),
            "Look at the first loss: is it a mean?",
            "With equal logits it is ln C, whatever the batch.",
            "You summed over the sequences. The loss is their mean.",
        ),
        Misconception(
            "the question not trained",
            variant(train_pooling, trained=(1, 2)),
            "Your first loss is right. Which parameters change in your loop?",
            "All three arrays have a gradient.",
            "You left u as it was. It is learned like the read-out.",
        ),
        Misconception(
            "the bias not trained",
            variant(train_pooling, trained=(0, 1)),
            "Your first loss is right. Which parameters change in your loop?",
            "All three arrays have a gradient.",
            "You left b as it was. It is learned, too.",
        ),
        Misconception(
            "uphill",
            variant(train_pooling, sign=1),
            "Your first loss is right. In which direction do the others go?",
            "A loss of 1.1 that becomes 1.2 after one update has gone the wrong way.",
            "You add the gradient. Descent subtracts it, times the rate.",
        ),
        Misconception(
            "the new sequences judged before training",
            variant(train_pooling, test="before"),
            "The losses are right. When do you look at the new sequences?",
            "They are judged with the weights after the last update.",
            "Your probabilities come from the first weights. Take them at the end.",
        ),
        Misconception(
            "logits in place of probabilities",
            variant(train_pooling, what="logits"),
            "The losses are right. What do the numbers for a new sequence add up to?",
            "Probabilities of a sequence add up to 1.",
            "You returned logits. A softmax makes probabilities of them.",
        ),
    ),
)

# --- explain_attention -------------------------------------------------------------------------

EXPLAIN_ATTENTION = Question(
    name="explain_attention",
    points=3,
    rubric=(
        ("says what the weights do show here, the place that is used, and how that is tested", 1),
        ("says why a place is not a word, with a figure of the chapter", 1),
        ("proposes a test of the colleague's sentence that changes the source, with a control", 1),
    ),
)

QUESTIONS = [
    CONTEXT_OF,
    BATCH_CONTEXTS,
    LUONG_WRITE,
    COVERED_MATTERS,
    DEARER_FROM,
    MANY_HEADS,
    WINDOW_MASK,
    TRAIN_POOLING,
    EXPLAIN_ATTENTION,
]
