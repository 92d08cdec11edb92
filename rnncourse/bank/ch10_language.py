"""Chapter 10, language: what a language model learns from, how it is scored, how it writes."""

from __future__ import annotations

import functools
import itertools
import math
from collections import Counter

import numpy as np

from rnncourse.bank import Misconception, Question, variant
from rnncourse.cells import rnn_step, sigmoid, softmax
from rnncourse.data import load_pronunciations, load_shakespeare

plays_of = functools.cache(load_shakespeare)
words_of = functools.cache(load_pronunciations)  # takes a second

# --- stream_windows ----------------------------------------------------------------------------


def stream_case(rng):
    """A text of which nothing is left over, the last target alone, or more."""
    B, T, n = (int(k) for k in rng.integers((2, 2, 3), (5, 6, 5)))
    spare = int(rng.choice([0, 1, rng.integers(2, B * T)]))
    return rng.permutation(B * T * n + spare), B, T


def stream_windows(code, B, T, *, shift=1, order="streams", drop=True, ends=True, full=False):
    """Windows (n, B, T) of inputs and targets, and ways to get them wrong."""
    if not ends or not drop:
        if not ends:  # streams are cut first, so that each loses its own last target
            long = len(code) // B
            x = code[: B * long].reshape(B, long)
            n, y = (long - 1) // T, x[:, 1:]
        else:  # shifted first, but what fills no window is left over in each stream
            long = (len(code) - 1) // B
            x, y = (code[at : at + B * long].reshape(B, long) for at in (0, 1))
            n = long // T
        return tuple(part[:, : n * T].reshape(B, n, T).swapaxes(0, 1) for part in (x, y))
    n = (len(code) - (0 if full else 1)) // (B * T)
    x = code[: n * B * T]
    y = {
        1: code[1 : n * B * T + 1],
        0: x,
        -1: np.concatenate([code[:1], x[:-1]]),
        "within": None,
    }[shift]
    if y is None:
        y = np.roll(x.reshape(-1, T), -1, axis=1).ravel()
    if order == "streams":
        return tuple(part.reshape(B, n, T).swapaxes(0, 1) for part in (x, y))
    if order == "beside":
        return tuple(part.reshape(n, B, T) for part in (x, y))
    return tuple(part.reshape(n, T, B).swapaxes(1, 2) for part in (x, y))  # "steps"


STREAM_WINDOWS = Question(
    name="stream_windows",
    section="2 · A network that reads on",
    points=3,
    reference=stream_windows,
    inputs=stream_case,
    misconceptions=(
        Misconception(
            "the windows of a batch follow one another",
            variant(stream_windows, order="beside"),
            "Row 0 of the second batch: does it go on where row 0 of the first one ended?",
            "a b c d e f g h i, B = 2, T = 2: the first batch holds a b and e f, the second c d "
            "and g h.",
            "You put neighbouring windows into one batch. Carried states then go from one place of "
            "the text to another. Cut the text into B long pieces first.",
        ),
        Misconception(
            "time and batch exchanged",
            variant(stream_windows, order="steps"),
            "Read along the last axis. Is it a piece of the text?",
            "a b c d e f g h i, B = 2, T = 2: the first batch holds a b and e f.",
            "Neighbouring characters stand in different rows. Time runs along the last axis.",
        ),
        Misconception(
            "targets not shifted",
            variant(stream_windows, shift=0),
            "The inputs are right. What must the model say after it has read the first one?",
            "Reading a b, the model must say b c.",
            "Your targets are your inputs: a model learns to copy, with a loss near 0.",
        ),
        Misconception(
            "shifted the other way",
            variant(stream_windows, shift=-1),
            "The inputs are right. Is the target the next character, or the one before?",
            "Reading a b, the model must say b c.",
            "Your targets come before their inputs: what the model must say, it has read already.",
        ),
        Misconception(
            "the last target taken from the start of its window",
            variant(stream_windows, shift="within"),
            "Nearly. Look at the last target of each window.",
            "a b c d e, B = 1, T = 2: the targets are b c and d e.",
            "Your targets were turned round within a window. The last one is the next window's "
            "first input.",
        ),
        Misconception(
            "a target lost in each stream",
            variant(stream_windows, ends=False),
            "With some texts one window is missing, or the streams begin elsewhere. How many "
            "targets does the whole text lack?",
            "a b c d e, B = 2, T = 2: one window a stream, a b and c d, for only e has no target.",
            "You cut into streams before you shifted, so each stream gave up its last target. "
            "Shift the whole text first.",
        ),
        Misconception(
            "something left over in each stream",
            variant(stream_windows, drop=False),
            "Where does row 1 begin? It should be just where row 0 stops.",
            "a b c d e f g, B = 2, T = 2: the streams are a b and c d, not a b (c) and d e (f).",
            "Your streams are longer than their windows, so that something is lost at the end of "
            "each. First count the windows, then make the streams just as long.",
        ),
        Misconception(
            "a window without its last target",
            variant(stream_windows, full=True),
            "Try a text that B windows of T fill to its last token. What follows that token?",
            "a b c d, B = 1, T = 2: one window, for after d comes nothing.",
            "You count windows by inputs. The last token of the text can only be a target.",
        ),
    ),
)

# --- pooled_scores -----------------------------------------------------------------------------


def scores_case(rng):
    n = int(rng.integers(2, 6))
    tokens = rng.integers(20, 400, n)
    tokens[0], tokens[1] = 400, 12  # unequal, always
    losses = rng.uniform(3.0, 7.0, n)
    losses[1] = losses[0] + 1.5
    characters = int(tokens.sum() * rng.uniform(4.5, 6.5))
    return losses, tokens, characters


def pooled_scores(losses, tokens, characters, *, pool="tokens", base=math.e, per="characters"):
    """[perplexity of a token, bits a character], and ways to get them wrong."""
    if pool == "tokens":
        nats = float((losses * tokens).sum() / tokens.sum())
    else:
        nats = float(losses.mean())
    perplexity = base**nats
    if pool == "perplexities":
        perplexity = float(np.exp(losses).mean())
        nats = math.log(perplexity)
    if pool == "a character":
        nats = float((losses * tokens).sum() / tokens.sum())
        perplexity = math.exp(nats * tokens.sum() / characters)
    if pool == "weighted perplexities":
        nats = float((losses * tokens).sum() / tokens.sum())
        perplexity = float((np.exp(losses) * tokens).sum() / tokens.sum())
    bits = nats / math.log(2)
    share = {
        "characters": tokens.sum() / characters,
        "tokens": 1.0,
        "batches": len(losses) / characters,
        "inverse": characters / tokens.sum(),
        "one token": 1 / characters,
    }[per]
    return [perplexity, float(bits * share)]


def in_nats(losses, tokens, characters):
    perplexity, bits = pooled_scores(losses, tokens, characters)
    return [perplexity, bits * math.log(2)]


POOLED_SCORES = Question(
    name="pooled_scores",
    section="1 · A price for every character",
    points=3,
    reference=pooled_scores,
    inputs=scores_case,
    misconceptions=(
        Misconception(
            "the mean of the batches",
            variant(pooled_scores, pool="batches"),
            "How much does a token of the small batch count in your mean?",
            "400 tokens at 4 nats and 100 at 6: the mean is 4.4, not 5.",
            "You averaged over batches. Each token counts the same, so weight by tokens.",
        ),
        Misconception(
            "the mean of the batches' perplexities",
            variant(pooled_scores, pool="perplexities"),
            "In which order do you take the mean and the exponential?",
            "Two batches of equal size at 2 and 4 nats: e³ = 20.1, not (e² + e⁴) / 2 = 31.0.",
            "You took the mean of perplexities. Take the mean of nats over all tokens, then the "
            "exponential once.",
        ),
        Misconception(
            "perplexities weighted by tokens",
            variant(pooled_scores, pool="weighted perplexities"),
            "Look at your first number. In which order do you take mean and exponential?",
            "Two batches of equal size at 2 and 4 nats: e³ = 20.1, not (e² + e⁴) / 2 = 31.0.",
            "You weighted right, but averaged perplexities. The exponential comes last.",
        ),
        Misconception(
            "bits a token",
            variant(pooled_scores, per="tokens"),
            "Look at your second number: bits for each what?",
            "1,000 tokens of 8 bits in 5,000 characters: 1.6 bits a character.",
            "You gave bits a token. All the text's bits are shared among its characters.",
        ),
        Misconception(
            "one token's bits for all characters",
            variant(pooled_scores, per="one token"),
            "Look at your second number. Whose bits do you share among the characters?",
            "1,000 tokens of 8 bits in 5,000 characters: 8,000 bits for 5,000 characters.",
            "You divided the bits of *one* token by all characters. First add up the bits of all "
            "tokens.",
        ),
        Misconception(
            "the perplexity of a character",
            variant(pooled_scores, pool="a character"),
            "Look at your first number. Among how many of what is the choice?",
            "Tokens of 5 characters and 4 nats: a token has a perplexity of e⁴ = 54.6.",
            "You shared the nats among the characters before the exponential. The perplexity that "
            "is asked for is of a token.",
        ),
        Misconception(
            "nats a character",
            in_nats,
            "Look at your second number. Which logarithm has a bit?",
            "A probability of one half is 1 bit, and 0.69 nats.",
            "You gave nats a character. Divide by ln 2.",
        ),
        Misconception(
            "two to the power of nats",
            variant(pooled_scores, base=2.0),
            "Look at your first number. What to the power of the nats is the perplexity?",
            "A uniform choice of 100 has ln 100 = 4.6 nats, and a perplexity of 100.",
            "You took 2 to the power of nats. 2 belongs to bits, e to nats.",
        ),
        Misconception(
            "multiplied by the characters of a token",
            variant(pooled_scores, per="inverse"),
            "Your bits a character are many. Has a character more of them than a token?",
            "A token of 8 bits and 5 characters: 1.6 bits a character.",
            "You multiplied by characters over tokens. Divide by it.",
        ),
    ),
)

# --- witten_bell -------------------------------------------------------------------------------


def counts_case(rng):
    """A line of a play, a context of it, a character, and how many characters there are."""
    titles = sorted(plays_of())
    text = plays_of()[titles[int(rng.integers(len(titles)))]]
    at = int(rng.integers(len(text) - 300))
    line = "".join(c for c in text[at : at + 250].lower() if c in "abcdefghijklmnopqrstuvwxyz ")
    n = int(rng.integers(1, 4))
    places = [k for k in range(len(line) - n) if line.count(line[k : k + n]) > 2]
    k = places[int(rng.integers(len(places)))] if places else 0
    context, kind = line[k : k + n], int(rng.integers(5))
    if kind == 0:  # nothing follows it
        context = "qzxj"[int(rng.integers(4))] + context[-1]
    elif kind == 1:  # nothing follows it at one of its places
        line = line[: k + n]
    elif kind == 2:  # its places overlap
        line, context = line[:k] + "hahahaha" + line[k:], "aha"
    n = len(context)
    seen = [line[k + n] for k in range(len(line) - n) if line[k : k + n] == context]
    character = seen[0] if seen and rng.random() < 0.6 else "qzxj"[int(rng.integers(4))]
    return line, context, character, int(rng.integers(27, 40))


def witten_bell(
    text, context, character, V, *, types="kinds", mix=True, floor=True, shorten="front",
    places="all", unseen="shorter",
):  # fmt: skip
    """P(character | context) with Witten–Bell's mixing, and ways to get it wrong."""

    def after(context):
        n = len(context)
        found = Counter(text[k + n] for k in range(len(text) - n) if text[k : k + n] == context)
        total = found.total()
        if places == "with the end" and context and text.endswith(context):
            total += 1
        if places == "apart":
            total = text.count(context) if context else len(text)
            found = Counter({c: text.count(context + c) for c in found})
        return found, total

    def p(context):
        found, total = after(context)
        kinds = {"kinds": len(found), "tokens": total, "one": 1, "all": len(set(text))}[types]
        if context:
            below = p(context[1:] if shorten == "front" else context[:-1])
        else:
            below = 1 / V if floor else found[character] / total
        if not total:
            return below if unseen == "shorter" else 1 / V
        if mix == "discounted" and found[character]:
            return found[character] / (total + kinds)
        if mix is False:
            return found[character] / total
        if mix == "unseen":
            return found[character] / total if found[character] else below
        return (found[character] + kinds * below) / (total + kinds)

    return p(context)


def laplace(text, context, character, V):
    n = len(context)
    found = Counter(text[k + n] for k in range(len(text) - n) if text[k : k + n] == context)
    return (found[character] + 1) / (sum(found.values()) + V)


WITTEN_BELL = Question(
    name="witten_bell",
    section="1 · A price for every character",
    points=3,
    reference=witten_bell,
    inputs=counts_case,
    cases=12,
    misconceptions=(
        Misconception(
            "shares of what was counted",
            variant(witten_bell, mix=False),
            "What does your model say of a character that never followed this context?",
            "A probability of 0 costs infinitely many bits, the first time it happens.",
            "You took plain shares. Mix in what the shorter context says.",
        ),
        Misconception(
            "one added to every count",
            laplace,
            "Where do your probabilities come from when the context is rare?",
            "After “q” was seen once, followed by u: the other characters get what “” says of "
            "them, not all the same.",
            "You added one to each count. Mix with the shorter context instead.",
        ),
        Misconception(
            "the shorter context asked only where nothing was seen",
            variant(witten_bell, mix="unseen"),
            "Add up your probabilities of all characters after one context. What do you get?",
            "Seen: a, a, b. The shares 2/3 and 1/3 have used up everything before the others "
            "were asked.",
            "You back off without discounting. The shorter context has its weight in every "
            "probability.",
        ),
        Misconception(
            "all followers counted, not the kinds of them",
            variant(witten_bell, types="tokens"),
            "How much weight does the shorter context get? Ask with a context seen a thousand "
            "times.",
            "Followers u, u, u, i: four of them, of two kinds. The weight is 2.",
            "You took how often the context was followed, so that the shorter one counts as much "
            "as the counts, one half. The weight is the number of *different* followers.",
        ),
        Misconception(
            "all characters of the text counted, not the followers",
            variant(witten_bell, types="all"),
            "How much weight does the shorter context get? Does it depend on the context?",
            "Followers u, u, u, i: of two kinds. The weight is 2, however many letters there are.",
            "You counted the different characters of the whole text. The weight is the number of "
            "different ones that *followed this context*.",
        ),
        Misconception(
            "the shorter context left out where something was seen",
            variant(witten_bell, mix="discounted"),
            "Add up your probabilities of all characters after one context. What do you get?",
            "Seen: a, a, b. a has (2 + 2 · p) / 5, with p what the shorter context says of it.",
            "A character that was seen gets its own count only. The shorter context has its "
            "weight in every probability.",
        ),
        Misconception(
            "an even chance after what was never seen",
            variant(witten_bell, unseen="even"),
            "What does your model say after a context that nothing follows?",
            "“qu” never occurred, “u” often: after “qu” the model says what it says after “u”.",
            "You took 1/V for a context without followers. Ask the shorter context.",
        ),
        Misconception(
            "places that overlap counted once",
            variant(witten_bell, places="apart"),
            "How often does your count find a context whose places overlap, and one at the very "
            "end?",
            "In “aaab” the context “aa” has two places, and is followed by a and by b.",
            "`count` of a text finds places that do not overlap, and one at the very end as well, "
            "which nothing follows. Go through all places that something follows.",
        ),
        Misconception(
            "a context at the end counted as followed",
            variant(witten_bell, places="with the end"),
            "What follows a context that stands at the very end of the text?",
            "In “abcab” the context “ab” stands twice, and is followed once: N is 1.",
            "You counted how often the context stands in the text. N is how often something "
            "followed it.",
        ),
        Misconception(
            "always a weight of one",
            variant(witten_bell, types="one"),
            "How much weight does the shorter context get? Does it depend on the followers?",
            "Followers u, u, u, i: of two kinds. The weight is 2.",
            "Your weight is 1 always. It is the number of different followers.",
        ),
        Misconception(
            "no even chance at the bottom",
            variant(witten_bell, floor=False),
            "What does your model say of a character that is nowhere in the text?",
            "“” is a context as well: followers are counted, and mixed with an even chance, 1/V.",
            "Your empty context gives plain shares. Mix them with 1/V.",
        ),
        Misconception(
            "shortened at the wrong end",
            variant(witten_bell, shorten="back"),
            "Which characters of “the” stand nearest to what comes next?",
            "The next shorter context of “the” is “he”.",
            "You dropped the last character of the context. Drop the first, the farthest away.",
        ),
    ),
)

# --- nucleus_of --------------------------------------------------------------------------------


def nucleus_case(rng):
    """Hot or cold; a large share, or one that the likeliest token may have by itself."""
    V = int(rng.integers(6, 13))
    logits = 1.7 * rng.standard_normal(V)
    hot, small = rng.random(2) < (0.5, 0.3)
    temperature = rng.uniform(1.5, 2.5) if hot else rng.uniform(0.4, 0.7)
    return logits, float(temperature), float(rng.uniform(*((0.2, 0.4) if small else (0.6, 0.95))))


def nucleus_of(
    logits, temperature, share, *, reach="with", scale=True, heat="divide", when="before",
    order="likeliest",
):  # fmt: skip
    """The distribution left of a nucleus, and ways to get it wrong."""
    z = {"divide": logits / temperature, "times": logits * temperature, "none": logits}[heat]
    p = softmax(logits if when == "after" else z)
    ranked = {
        "likeliest": np.argsort(-p),
        "index": np.arange(len(p)),
        "rarest": np.argsort(p),
    }[order]
    total = np.cumsum(p[ranked])
    if reach == "with":
        kept = ranked[total - p[ranked] < share]
    elif reach == "one more":
        kept = ranked[: 1 + (total - p[ranked] < share).sum()]
    elif reach == "number":
        kept = ranked[: math.ceil(share * len(p))]
    elif reach.startswith("below"):
        alone = reach == "below" and total[0] > share
        kept = ranked[:1] if alone else ranked[total <= share]
    else:  # whatever is at least that likely itself
        kept = ranked[p[ranked] >= (1 - share if reach == "each" else share)]
    if scale == "softmax":
        return softmax(np.where(np.isin(np.arange(len(p)), kept), z, 0))
    left = np.zeros_like(p)
    left[kept] = softmax(z)[kept] if when == "after" else p[kept]
    return left / left.sum() if scale else left


NUCLEUS_OF = Question(
    name="nucleus_of",
    section="3 · Let it write",
    points=3,
    reference=nucleus_of,
    inputs=nucleus_case,
    cases=12,
    misconceptions=(
        Misconception(
            "stopped before the share is reached",
            variant(nucleus_of, reach="below"),
            "Add up the probabilities you kept, before you divide. Do they reach the share?",
            "0.5, 0.3, 0.2 and a share of 0.7: the first two are kept, 0.8 together.",
            "You left out the token that makes the sum reach the share. It is in the nucleus.",
        ),
        Misconception(
            "one token too many",
            variant(nucleus_of, reach="one more"),
            "Leave out the least likely of those you kept. Do the others still reach the share?",
            "0.5, 0.3, 0.2 and a share of 0.7: the first two are kept, 0.8 together. The third is "
            "not needed.",
            "You kept one token more than the share needs. The one that makes the sum reach the "
            "share is the last.",
        ),
        Misconception(
            "stopped before the share is reached, with nothing kept",
            variant(nucleus_of, reach="below, or none"),
            "What do you keep where the likeliest token alone has more than the share? And "
            "elsewhere, do those kept reach it?",
            "0.5, 0.3, 0.2 and a share of 0.4: the first is kept. A share of 0.7: the first two.",
            "You left out the token that makes the sum reach the share. If that is the first, "
            "nothing is left, and 0 / 0 is nan.",
        ),
        Misconception(
            "a softmax of what is kept and of zeros",
            variant(nucleus_of, scale="softmax"),
            "Which of your tokens have a probability of 0?",
            "Kept logits 2 and 1, and a 0 for a third: a softmax gives it e⁰ = 1, not nothing.",
            "You set the logits of the others to 0 and took a softmax again. A logit of 0 is no "
            "probability of 0.",
        ),
        Misconception(
            "not divided by what is left",
            variant(nucleus_of, scale=False),
            "Do your probabilities add up to 1?",
            "0.5 and 0.3 are kept: they become 0.625 and 0.375.",
            "You set the others to 0 and left the rest as they were. Divide by their sum.",
        ),
        Misconception(
            "each judged by its own probability",
            variant(nucleus_of, reach="each"),
            "How many tokens would you keep of a hundred equally likely ones?",
            "Ten tokens of 0.1 each and a share of 0.9: nine are kept.",
            "You compare single probabilities with a bound. The nucleus is about their sum, from "
            "the likeliest on.",
        ),
        Misconception(
            "only tokens as likely as the share",
            variant(nucleus_of, reach="share"),
            "How many tokens would you keep of ten equally likely ones, and a share of 0.9?",
            "0.5, 0.3, 0.2 and a share of 0.7: the first two are kept, 0.8 together.",
            "You compare single probabilities with the share. The nucleus is about their sum, from "
            "the likeliest on.",
        ),
        Misconception(
            "a share of the number of tokens",
            variant(nucleus_of, reach="number"),
            "A share of what? Try logits of which one is far above the others.",
            "0.98, 0.01, 0.01 and a share of 0.9: only the first is kept.",
            "You kept a share of how many tokens there are. The share is of the probability.",
        ),
        Misconception(
            "in the order of the vocabulary",
            variant(nucleus_of, order="index"),
            "Which token do you take first?",
            "0.1, 0.7, 0.2 and a share of 0.6: only the second is kept.",
            "You added up in the order of the vocabulary. Begin with the likeliest.",
        ),
        Misconception(
            "the rarest first",
            variant(nucleus_of, order="rarest"),
            "Which token do you take first?",
            "0.1, 0.7, 0.2 and a share of 0.6: only the second is kept.",
            "You began with the least likely token. Begin with the likeliest.",
        ),
        Misconception(
            "multiplied by the temperature",
            variant(nucleus_of, heat="times"),
            "At a temperature of 2, do your probabilities come nearer to each other?",
            "Logits 0 and 2 at temperature 2 count as 0 and 1.",
            "You multiplied by the temperature. Divide: heat evens out.",
        ),
        Misconception(
            "no temperature",
            variant(nucleus_of, heat="none"),
            "Which argument has no influence on your result?",
            "Logits 0 and 2 at temperature 2 count as 0 and 1.",
            "You left out the temperature. Logits are divided by it before the softmax.",
        ),
        Misconception(
            "the nucleus chosen before the temperature",
            variant(nucleus_of, when="after"),
            "Which probabilities do you add up to choose the nucleus: those at the temperature?",
            "At temperature 2 the distribution is flatter, so more tokens are needed for the "
            "same share.",
            "You chose the nucleus at temperature 1. The temperature comes first.",
        ),
    ),
)

# --- write_on ----------------------------------------------------------------------------------


def writing_case(rng):
    V, H, N = (int(n) for n in rng.integers((4, 3, 6), (8, 6, 11)))
    weights = (
        rng.standard_normal((H, V)), 0.8 * rng.standard_normal((H, H)), rng.standard_normal(H),
        1.5 * rng.standard_normal((V, H)), rng.standard_normal(V),
    )  # fmt: skip
    text = rng.integers(0, V, int(rng.integers(2, 5)))
    return text, rng.random(N), *weights, float(rng.choice([0.6, 1.7]))


def write_on(
    text, u, W_xh, W_hh, b_h, W_hy, b_y, temperature, *,
    read="all", state="carried", heat="divide", pick="dice", feed="said", upto="passed",
    head=False,
):  # fmt: skip
    """The tokens drawn with the dice u, and ways to get them wrong."""
    rows, h = np.eye(len(b_y)), np.zeros(len(b_h))
    first = list({"last": text[-1:], "twice": [*text, text[-1]]}.get(read, text))
    for token in first:
        h = rnn_step(rows[token], h, W_xh, W_hh, b_h)
    written, kept = [], h
    for place, dice in enumerate(u):
        z = W_hy @ h + b_y
        if heat == "probabilities":
            p = softmax(z) / temperature
            p = p / p.sum()
        elif heat == "twice":
            p = softmax(softmax(z) / temperature)
        else:
            p = softmax(
                {
                    "divide": z / temperature,
                    "times": z * temperature,
                    "but the bias": W_hy @ h / temperature + b_y,
                }[heat]
            )
        ranked = np.argsort(-p) if pick == "ranked" else np.arange(len(p))
        total = np.cumsum(p[ranked])
        if pick == "likeliest":
            token = int(np.argmax(p))
        elif pick == "first":
            token = int((total <= u[0]).sum())
        elif upto == "before":
            token = max(int((total <= dice).sum()) - 1, 0)
        else:
            token = int((total <= dice).sum())
        token = int(ranked[min(token, len(p) - 1)])
        written.append(token)
        if place + 1 < len(u):
            start = kept if state == "fixed" else np.zeros_like(h) if state == "none" else h
            fed = token if feed == "said" else text[-1]
            h = rnn_step(rows[fed], start, W_xh, W_hh, b_h)
    return [*text.tolist(), *written] if head else written


WRITE_ON = Question(
    name="write_on",
    section="3 · Let it write",
    points=3,
    reference=write_on,
    inputs=writing_case,
    cases=10,
    misconceptions=(
        Misconception(
            "only the last token read",
            variant(write_on, read="last"),
            "Already your first token may be wrong. What has the network read by then?",
            "The text 3, 1, 4: three steps, and the state after the 4 speaks first.",
            "You read the last token of the text alone. Read all of it, from a state of zeros.",
        ),
        Misconception(
            "the last token read twice",
            variant(write_on, read="twice"),
            "Already your first token may be wrong. How many steps has the network made by then?",
            "The text 3, 1, 4: three steps, and the state after the 4 speaks first.",
            "You read the last token of the text once more before you draw. Draw first, then read "
            "what was drawn.",
        ),
        Misconception(
            "the likeliest token first on the dice",
            variant(write_on, pick="ranked"),
            "In which order do you add up the probabilities?",
            "p = 0.2, 0.5, 0.3 and u = 0.6: the sums are 0.2, 0.7 and 1, so the second token.",
            "You sorted the tokens before you drew. The sum goes from token 0 upwards.",
        ),
        Misconception(
            "the text returned as well",
            variant(write_on, head=True),
            "How many numbers have you, and how many has u?",
            "The text 3, 1, 4 and two numbers in u: two tokens come back.",
            "You returned the text with what was written. Return what was written alone.",
        ),
        Misconception(
            "the bias not divided by the temperature",
            variant(write_on, heat="but the bias"),
            "What does the temperature divide: a part of the logits, or all of them?",
            "Logits of 3 + 1 at temperature 2: 2, not 2.5.",
            "You divided before you added b_y. The logits are complete first, then divided.",
        ),
        Misconception(
            "the likeliest taken",
            variant(write_on, pick="likeliest"),
            "Which argument has no influence on what you write?",
            "p = 0.5, 0.3, 0.2 and u = 0.6: the second token.",
            "You took the likeliest token. Draw with u: go up until the sum passes it.",
        ),
        Misconception(
            "one toss for everything",
            variant(write_on, pick="first"),
            "The first token is right. Which u belongs to the second?",
            "Three numbers in u: three tokens, each with a toss of its own.",
            "You used u[0] for every token.",
        ),
        Misconception(
            "one token early",
            variant(write_on, upto="before"),
            "Draw with p = 0.5, 0.3, 0.2. Which u give the third token?",
            "p = 0.5, 0.3, 0.2 and u = 0.6: the second token, for 0.5 is passed and 0.8 is not.",
            "You stopped at the last sum that u passes. The token is the next one.",
        ),
        Misconception(
            "the text's last token fed again and again",
            variant(write_on, feed="text"),
            "The first token is right. What does the network read before the second?",
            "Read 4, draw 2; read 2, draw 7; read 7 …",
            "You feed the last token of the text at each step. Feed what was drawn.",
        ),
        Misconception(
            "each step from the state after the text",
            variant(write_on, state="fixed"),
            "The first two tokens are right. From which state does the third come?",
            "h₁ comes from h₀ and h₂ from h₁: the state goes on with every token.",
            "You go back to the state after the text at each step. Carry it on.",
        ),
        Misconception(
            "each step from zeros",
            variant(write_on, state="none"),
            "The first token is right. From which state does the second step start?",
            "The state after the text is all that the network knows of it.",
            "You start each step from zeros, so only the last token counts. Carry the state.",
        ),
        Misconception(
            "multiplied by the temperature",
            variant(write_on, heat="times"),
            "At a temperature of 2, are unlikely tokens drawn more often, as they should be?",
            "Logits 0 and 2 at temperature 2 count as 0 and 1.",
            "You multiplied by the temperature. Divide the logits by it.",
        ),
        Misconception(
            "probabilities divided by the temperature",
            variant(write_on, heat="probabilities"),
            "What becomes of p / temperature once it is made to add up to 1?",
            "0.8 and 0.2, both halved and scaled up again, are 0.8 and 0.2.",
            "You divided probabilities, which changes nothing. Divide the logits.",
        ),
        Misconception(
            "softmax twice",
            variant(write_on, heat="twice"),
            "Your distribution is very flat. What goes into the softmax?",
            "A softmax of probabilities, which lie between 0 and 1: no token gets more than e "
            "times another.",
            "You applied the softmax twice. It takes logits.",
        ),
    ),
)

# --- sentence_flow -----------------------------------------------------------------------------


def flow_case(rng):
    T, D, H = (int(n) for n in rng.integers((3, 2, 3), (8, 5, 6)))
    shapes = [(T, D), (H, D), (H, H), (H,), (H,)]
    return *(rng.standard_normal(shape) for shape in shapes), float(rng.standard_normal())


def sentence_flow(x, W_xh, W_hh, b_h, v, c, *, read="mean", squash=True, first=False, move=False):
    """P(praise) after each word, and ways to get it wrong."""
    h, states = np.zeros(len(b_h)), []
    for x_t in x:
        h = rnn_step(x_t, h, W_xh, W_hh, b_h)
        states.append(h)
        h = np.mean(states, axis=0) if read == "fed back" else h
    states = np.array(states)
    if read == "probabilities":
        return sigmoid(states @ v + c).cumsum() / np.arange(1, len(x) + 1)
    so_far = np.arange(1, len(x) + 1)[:, None]
    if first:  # h_0 counted in the mean
        so_far = so_far + 1
    seen = {
        "mean": states.cumsum(0) / so_far,
        "fed back": states.cumsum(0) / so_far,
        "one": (states.cumsum(0) / so_far).mean(1, keepdims=True).repeat(len(v), axis=1),
        "sum": states.cumsum(0),
        "last": states,
        "whole": states.cumsum(0) / len(x),
        "fresh": rnn_step(x, np.zeros((len(x), len(b_h))), W_xh, W_hh, b_h).cumsum(0) / so_far,
    }[read]
    z = seen @ v + c
    p = sigmoid(z) if squash else z
    return np.diff(p, prepend=sigmoid(c)) if move else p


SENTENCE_FLOW = Question(
    name="sentence_flow",
    section="5 · Praise or blame?",
    points=2,
    reference=sentence_flow,
    inputs=flow_case,
    misconceptions=(
        Misconception(
            "the last state read",
            variant(sentence_flow, read="last"),
            "Your first number is right, the second is not. What does the read-out see then?",
            "States (1), (3): after two words it sees 2, their mean.",
            "You read the latest state. The read-out sees the mean of the states so far.",
        ),
        Misconception(
            "states summed",
            variant(sentence_flow, read="sum"),
            "Your first number is right. Do the states count less as they become more?",
            "States (1), (3): after two words it sees 2, not 4.",
            "You summed the states. Divide by how many there are so far.",
        ),
        Misconception(
            "divided by the whole length",
            variant(sentence_flow, read="whole"),
            "Your last number is right, the first is not. How many states are there after one "
            "word?",
            "After the first of five words the mean is the first state, not a fifth of it.",
            "You divide by the length of the whole sentence. A reader does not know it yet.",
        ),
        Misconception(
            "scores for probabilities",
            variant(sentence_flow, squash=False),
            "Are your numbers between 0 and 1?",
            "A score of 0 is a probability of one half.",
            "You returned scores. The logistic function makes probabilities of them.",
        ),
        Misconception(
            "each word read alone",
            variant(sentence_flow, read="fresh"),
            "Your first number is right. From which state is the second word read?",
            "“good” after “not” is another state than “good” alone.",
            "You read each word from zeros. The state is carried along the sentence.",
        ),
        Misconception(
            "the state of zeros counted",
            variant(sentence_flow, first=True),
            "Already your first number is off. How many states are in your mean?",
            "After one word the mean is h₁ itself.",
            "You counted h₀ among the states. The mean begins with h₁.",
        ),
        Misconception(
            "one mean over all units",
            variant(sentence_flow, read="one"),
            "Already your first number is off. What is the shape of your m?",
            "States (1, 5), (3, 7): the mean is (2, 6), not 4.",
            "Your mean is a single number, over units and words. Take it over the words: axis 0.",
        ),
        Misconception(
            "the mean of the probabilities",
            variant(sentence_flow, read="probabilities"),
            "Your first number is right. What is it that you take the mean of after two words?",
            "Scores 0 and 4: the logistic function of 2 is 0.88, the mean of 0.5 and 0.98 is 0.74.",
            "You averaged probabilities. Average the states, and take the logistic function of "
            "that.",
        ),
        Misconception(
            "the mean carried on as the state",
            variant(sentence_flow, read="fed back"),
            "Your first two numbers are right. From which state is the third word read?",
            "h₃ comes from h₂. The mean of h₁ and h₂ is for the read-out alone.",
            "You carry the mean along the sentence. Carry the state, and keep the mean apart.",
        ),
        Misconception(
            "steps instead of levels",
            variant(sentence_flow, move=True),
            "Your numbers are small, some are negative. Are they probabilities?",
            "0.6, then 0.8: return 0.6 and 0.8, not what each word added.",
            "You returned the change at each word. Return the probability itself.",
        ),
    ),
)

# --- span_f1 -----------------------------------------------------------------------------------

KINDS = ("PER", "LOC", "ORG")


def tags_case(rng):
    """Tags of a few sentences, said and true, with all that can go wrong in them. The first ends in
    an entity, and the second is said to begin with an I that would go on with it."""
    said, truth = [], []
    carried = KINDS[int(rng.integers(3))]
    for row in range(int(rng.integers(3, 6))):
        there, found = (["O"], [f"I-{carried}"]) if row == 1 else ([], [])
        for piece in range(int(rng.integers(2, 5))):
            gap = ["O"] * int(rng.integers(1, 4))
            kind, n = KINDS[int(rng.integers(3))], int(rng.integers(1, 4))
            other = KINDS[(KINDS.index(kind) + 1) % 3]
            real = [f"B-{kind}"] + [f"I-{kind}"] * (n - 1)
            fault = int(rng.integers(7)) if (row, piece) > (0, 2) else (0, 1, 2)[piece % 3]
            guess = {
                0: real,
                1: [tag[:2] + other for tag in real],  # another kind
                2: [*real[:-1], "O"] if n > 1 else ["O"],  # too short
                3: ["O"] * n,
                4: real,
                5: [f"I-{kind}"] * n,  # no beginning
                6: real[:1] + [f"I-{other}"] * (n - 1),  # goes on as another kind
            }[fault]
            there += gap + real
            found += gap + guess
        if row == 1:  # invented where nothing is
            there += ["O", "O"]
            found += ["B-PER", "O"]
        last = ["O"] * int(rng.integers(2)) if row else ["O", f"B-{carried}"]
        said.append(found + last)
        truth.append(there + last)
    if rng.random() < 0.15:  # a tagger that finds nothing
        said = [["O"] * len(one) for one in said]
    return said, truth


def spans(tags, *, strict=True, kinds=True, close=True, any_kind=False):
    """The entities of one sentence as (kind, first, last)."""
    found, start = [], None
    for k, tag in enumerate([*tags, "O"] if close else tags):
        goes_on = start is not None and tag == f"I-{tags[start][2:]}"
        goes_on = goes_on or (any_kind and start is not None and tag[0] == "I")
        if start is not None and not goes_on:
            found.append((tags[start][2:] if kinds else "", start, k - 1))
            start = None
        if tag[0] == "B" or (not strict and tag[0] == "I" and start is None):
            start = k
    return set(found)


def f1_of(right, said, there):
    return 2 * right / (said + there) if right else 0.0


def span_f1(said, truth, *, match="whole", mean="pooled", what="f1", **how):
    """F1 of entities, and other figures that are taken for it."""
    if mean == "one text":
        said, truth = ([[*itertools.chain(*one)]] for one in (said, truth))
    rows = [[spans(one, **how) for one in pair] for pair in zip(said, truth, strict=True)]
    if mean == "one heap":
        rows = [[set().union(*column) for column in zip(*rows, strict=True)]]
    if match == "overlap":
        hits = [
            sum(any(a[0] == b[0] and a[1] <= b[2] and b[1] <= a[2] for b in there) for a in found)
            for found, there in rows
        ]
    else:
        hits = [len(found & there) for found, there in rows]
    found, there = [len(pair[0]) for pair in rows], [len(pair[1]) for pair in rows]
    if mean == "sentences":
        return float(np.mean([f1_of(*counts) for counts in zip(hits, found, there, strict=True)]))
    right, said_, there_ = sum(hits), sum(found), sum(there)
    if what == "precision":
        return right / said_ if said_ else 0.0
    if what == "recall":
        return right / there_
    if what == "union":
        return right / (said_ + there_ - right)
    if what == "mean":
        return (right / said_ + right / there_) / 2 if said_ else 0.0
    return f1_of(right, said_, there_)


def tag_f1(said, truth):
    pairs = [*zip(itertools.chain(*said), itertools.chain(*truth), strict=True)]
    right = sum(a == b != "O" for a, b in pairs)
    return f1_of(right, sum(a != "O" for a, _ in pairs), sum(b != "O" for _, b in pairs))


def tag_accuracy(said, truth):
    tags = zip(itertools.chain(*said), itertools.chain(*truth), strict=True)
    return float(np.mean([a == b for a, b in tags]))


SPAN_F1 = Question(
    name="span_f1",
    section="7 · Optional: names",
    points=3,
    reference=span_f1,
    inputs=tags_case,
    cases=10,
    misconceptions=(
        Misconception(
            "the share of right tags",
            tag_accuracy,
            "What would a tagger score that says O at every word?",
            "Of 100 words 10 belong to names. O everywhere: 0.90 of the tags, and no name found.",
            "You took the accuracy of tags. Count entities: those said, those there, those right.",
        ),
        Misconception(
            "F1 of tags",
            tag_f1,
            "Half of a name found: how much is that worth to you?",
            "There: New York City. Said: New York. No entity is right.",
            "You counted tags. An entity is right as a whole or not at all.",
        ),
        Misconception(
            "the kind not asked",
            variant(span_f1, kinds=False),
            "Paris is there as a place and said to be a person. Is that right?",
            "Same words, another kind: one wrong entity said, one right one missed.",
            "You compare first and last word only. The kind must be the same.",
        ),
        Misconception(
            "any overlap is right",
            variant(span_f1, match="overlap"),
            "Half of a name found: is the entity right?",
            "There: New York City. Said: New York. No entity is right.",
            "You count an entity as right of which a part is right. First and last word must be "
            "the same.",
        ),
        Misconception(
            "an entity may begin with I",
            variant(span_f1, strict=False),
            "O I-LOC O: how many entities are these tags?",
            "Read strictly, an entity begins with B. I-LOC after O begins none.",
            "You let an I begin an entity. Only B does.",
        ),
        Misconception(
            "an entity at the end of a sentence lost",
            variant(span_f1, close=False),
            "O B-LOC: how many entities are these tags?",
            "B-PER I-PER O B-LOC: two, though no tag follows the second.",
            "You note an entity when the tag after it comes. At the end of a sentence none comes.",
        ),
        Misconception(
            "an I of another kind goes on",
            variant(span_f1, any_kind=True),
            "B-PER I-LOC: where does the person end?",
            "B-PER I-LOC I-LOC: a person of one word, and two tags that belong to nothing.",
            "Your entities go on over any I. Only an I of the same kind goes on with them.",
        ),
        Misconception(
            "sentences not kept apart",
            variant(span_f1, mean="one heap"),
            "Two sentences, each with a person in its first word. How many entities is that?",
            "B-PER O and B-PER O O: two entities, one of each sentence.",
            "You put the entities of all sentences into one set, where those of equal place and "
            "kind become one. Keep the sentence's number with them, or count sentence by sentence.",
        ),
        Misconception(
            "the sentences joined into one",
            variant(span_f1, mean="one text"),
            "May an entity go on from one sentence into the next?",
            "O B-PER and then I-PER O: a person of one word, and an I that goes on with nothing.",
            "You joined the tags of all sentences, so that an I at the beginning of one goes on "
            "with an entity at the end of the one before. Read each sentence by itself.",
        ),
        Misconception(
            "the share of right ones among all",
            variant(span_f1, what="union"),
            "One right, one missed, one invented. What is F1?",
            "Said 2, there 2, right 1: F1 is 2 · 1 / (2 + 2) = 0.5, not 1/3.",
            "You divided the right ones by all different ones. F1 is twice the right ones over "
            "those said plus those there.",
        ),
        Misconception(
            "the mean over sentences",
            variant(span_f1, mean="sentences"),
            "How much does a sentence with one entity weigh against one with four?",
            "Counts are added up over all sentences, then F1 is taken once.",
            "You took an F1 for each sentence and their mean. Add the counts up first.",
        ),
        Misconception(
            "precision alone",
            variant(span_f1, what="precision"),
            "One entity said, rightly, of ten that are there. What is your score?",
            "Said 1, right 1, there 10: precision 1, recall 0.1, F1 0.18.",
            "You took the share of right ones among those said. Those missed count, too.",
        ),
        Misconception(
            "recall alone",
            variant(span_f1, what="recall"),
            "Every word said to be a name: what is your score?",
            "Said 10, right 1, there 1: precision 0.1, recall 1, F1 0.18.",
            "You took the share found of those there. Those invented count, too.",
        ),
        Misconception(
            "the ordinary mean of precision and recall",
            variant(span_f1, what="mean"),
            "Precision 1, recall 0.1. Is your score above one half?",
            "Said 1, right 1, there 10: F1 is 2 · 1 · 0.1 / 1.1 = 0.18.",
            "You took the ordinary mean. F1 is the harmonic one, near the smaller of the two.",
        ),
    ),
)

# --- by_distance -------------------------------------------------------------------------------


def distance_case(rng):
    """Answers of a model that gets worse with distance; the truth leans to one side, or other."""
    far = rng.permutation(np.arange(2, 60))[: int(rng.integers(3, 6))]
    distances, said, truth = [], [], []
    for place, d in enumerate(far):
        n = int(rng.integers(8, 15))
        ones = round(n * (0.25, 0.8, 0.55)[place % 3])
        there = rng.permutation([1] * ones + [0] * (n - ones))
        wrong = rng.random(n) < d / 120
        wrong[0] = True
        distances += [int(d)] * n
        truth += there.tolist()
        said += np.where(wrong, 1 - there, there).tolist()
    if 2 * sum(truth) == len(truth):  # no single answer would be the better one over all
        return distance_case(rng)
    order = rng.permutation(len(said))
    return tuple(np.array(part)[order] for part in (distances, said, truth))


def by_distance(
    distances, said, truth, *, order="rising", best="own", up_to=False, wrong=False, of="here"
):
    """[[distance, share right, share of the best single answer], …]; and ways to get it wrong."""
    rows = []
    found = np.unique(distances) if order == "rising" else list(dict.fromkeys(distances.tolist()))
    for d in found:
        here = distances <= d if up_to else distances == d
        right = float((said == truth)[here].mean())
        share = {
            "own": truth[here].mean(),
            "all": truth.mean(),
            "half": 0.5,
            "said": said[here].mean(),
            "ones": truth[here].mean(),
        }[best]
        single = float(share if best == "ones" else max(share, 1 - share))
        if best == "all":  # the answer that is best over all, judged here
            single = float((truth[here] == (share >= 0.5)).mean())
        right = 1 - right if wrong else right
        by = {"here": 1, "all": here.mean(), "count": here.sum()}[of]
        rows.append([int(d), float(right * by), float(single * by)])
    return rows


BY_DISTANCE = Question(
    name="by_distance",
    section="6 · Optional: how far apart?",
    points=2,
    reference=by_distance,
    inputs=distance_case,
    misconceptions=(
        Misconception(
            "in the order of appearance",
            variant(by_distance, order="seen"),
            "All rows are there. In which order?",
            "Distances 7, 3, 7: the row of 3 comes first.",
            "Your rows stand as the distances first appeared. Sort them, the shortest first.",
        ),
        Misconception(
            "everything up to the distance",
            variant(by_distance, up_to=True),
            "The first row is right. Which sentences are in the second?",
            "The row of 7 words is about sentences of 7 words, not of 3 and 7.",
            "You counted all sentences up to the distance. Take those of that distance alone.",
        ),
        Misconception(
            "one half as the bar",
            variant(by_distance, best="half"),
            "Your third column is the same everywhere. Are the two answers equally frequent?",
            "Truths 1, 1, 1, 0: who always says 1 is right in 0.75.",
            "You took one half. Count which answer is the more frequent at this distance.",
        ),
        Misconception(
            "the bar of all distances together",
            variant(by_distance, best="all"),
            "The first two columns are right. May the best single answer differ by distance?",
            "At 3 words the truth is mostly 1, at 7 mostly 0: each has its own best answer.",
            "You chose one answer for all distances. At each distance take the better of the two.",
        ),
        Misconception(
            "the share of ones as the bar",
            variant(by_distance, best="ones"),
            "Look at the third column where it is below one half. Which answer would do better?",
            "Truths 0, 0, 0, 1: who always says 0 is right in 0.75.",
            "You took the share of ones. Where zeros are more frequent, saying 0 is the better "
            "single answer.",
        ),
        Misconception(
            "shares of all sentences",
            variant(by_distance, of="all"),
            "How large would your shares be if the model got everything right?",
            "At 3 words 3 right of 4, among 20 sentences: 0.75, not 0.15.",
            "You divided by the number of all sentences. Divide by those of this distance.",
        ),
        Misconception(
            "counts instead of shares",
            variant(by_distance, of="count"),
            "Are your second and third columns shares?",
            "3 right of 4: 0.75.",
            "You counted. Divide by the number of sentences at this distance.",
        ),
        Misconception(
            "the model's favourite answer",
            variant(by_distance, best="said"),
            "The first two columns are right. Whose answers do you count for the third?",
            "Truths 1, 1, 1, 0, said 1, 1, 0, 0: who always says 1 is right in 0.75.",
            "You counted what the model said most often. Count the truth.",
        ),
        Misconception(
            "the share wrong",
            variant(by_distance, wrong=True),
            "Does your second column rise or fall as the task gets harder?",
            "3 right of 4: 0.75.",
            "You returned the share of errors. The column is the share right.",
        ),
    ),
)

# --- train_sounds ------------------------------------------------------------------------------


def sounds_case(rng):
    """Words of the dictionary as numbers of their sounds, padded, weights of a vanilla cell."""
    words = words_of()
    B, N, H = (int(n) for n in rng.integers((3, 2, 3), (6, 4, 6)))
    rows = [words[int(k)] for k in rng.integers(0, len(words), B + N)]
    said = [[s for s in one.sounds if s] for one in rows]
    known = sorted({s for one in said for s in one})
    code = [[known.index(s) + 1 for s in one] for one in said]  # 0 is start and end
    T = max(map(len, code)) + 2  # one step of padding at least
    y = np.full((B + N, T), -1)
    for row, one in zip(y, code, strict=True):
        row[: len(one) + 1] = [*one, 0]
    V = len(known) + 1
    shapes = [(H, V), (H, H), (H,), (V, H), (V,)]
    weights = [rng.standard_normal(shape) / 2 for shape in shapes]
    rate, updates = float(rng.choice([0.3, 0.5])), int(rng.integers(2, 5))
    return y[:B], y[B:], *weights, rate, updates


def train_sounds(
    y, y_test, W_xh, W_hh, b_h, W_hy, b_y, rate, updates, *, fed="before", padding="out",
    mean="steps", sign=-1, trained=5, softmaxes=1, carry=True, base=2.0, test="after", piled=False,
):  # fmt: skip
    """The losses of plain gradient descent, and bits a sound on new words."""
    import torch
    import torch.nn.functional as F

    weights = [w.clone().requires_grad_() for w in (W_xh, W_hh, b_h, W_hy, b_y)]
    V = len(b_y)

    def nats(y):
        W_xh, W_hh, b_h, W_hy, b_y = weights
        before = {
            "before": torch.cat([torch.zeros_like(y[:, :1]), y[:, :-1]], 1),
            "nothing": torch.cat([torch.zeros_like(y[:, :1]), y[:, :-1]], 1),
            "itself": y,
            "no start": torch.cat([torch.full_like(y[:, :1], V - 1), y[:, :-1]], 1),
        }[fed].clamp(min=0)
        x = F.one_hot(before, V).to(W_xh.dtype)
        if fed == "nothing":
            x[:, 0] = 0
        h, rows = x.new_zeros(len(x), len(b_h)), []
        for x_t in x.unbind(1):
            h = torch.tanh(x_t @ W_xh.T + (h if carry else 0 * h) @ W_hh.T + b_h)
            rows.append(h @ W_hy.T + b_y)
        scores = torch.stack(rows, 1)
        scores = scores.softmax(-1) if softmaxes == 2 else scores
        each = F.cross_entropy(scores.transpose(1, 2), y.clamp(min=0), reduction="none")
        real = y >= 0
        if padding == "end":
            return each.mean()
        if padding == "box":
            return (each * real).sum() / each.numel()
        if padding == "no end":
            real = y > 0
        if mean == "each step":
            some = real.any(0)
            return ((each * real).sum(0)[some] / real.sum(0)[some]).mean()
        if mean == "words":
            return ((each * real).sum(1) / real.sum(1)).mean()
        return (each * real).sum() if mean == "sum" else each[real].mean()

    losses, first, heap = [], None, [0] * 5
    for update in range(updates + 1):
        error = nats(y)
        losses.append(error.item())
        if first is None:
            with torch.no_grad():
                first = nats(y_test).item()
        if update < updates:
            grads = torch.autograd.grad(error, weights, allow_unused=True)
            if piled:
                grads = heap = [old + grad for old, grad in zip(heap, grads, strict=True)]
            with torch.no_grad():
                for w, grad in list(zip(weights, grads, strict=True))[5 - trained :]:
                    if grad is not None:
                        w += sign * rate * grad
    with torch.no_grad():
        found = first if test == "before" else nats(y_test).item()
    return losses, found / math.log(base)


TRAIN_SOUNDS = Question(
    name="train_sounds",
    section="2 · A network that reads on",
    points=5,
    reference=train_sounds,
    inputs=sounds_case,
    framework="torch",
    misconceptions=(
        Misconception(
            "fed what it must say",
            variant(train_sounds, fed="itself"),
            "Already the first loss is off. At the first step, what does the network read, and "
            "what must it say?",
            "A word of sounds 3, 7: it reads 0, 3, 7 and must say 3, 7, 0.",
            "Your network reads the very sound it must say. It reads the one before, at first the "
            "mark 0.",
        ),
        Misconception(
            "begun with another token than the mark",
            variant(train_sounds, fed="no start"),
            "Already the first loss is off. What does the network read at its first step?",
            "The mark 0 stands before a word as well as behind it.",
            "You began with another token. Every word begins with the mark 0.",
        ),
        Misconception(
            "nothing read at the first step",
            variant(train_sounds, fed="nothing"),
            "Already the first loss is off. What does the network read at its first step?",
            "V = 4: the mark 0 is read as 1 0 0 0.",
            "Your network reads zeros at its first step. It reads the mark 0, and the one-hot "
            "vector of 0 is not a vector of zeros.",
        ),
        Misconception(
            "padding counted",
            variant(train_sounds, padding="end"),
            "Already the first loss is off. Over which steps do you take the mean?",
            "A word of 2 sounds in a box of 6 steps has 3 targets, its end mark among them.",
            "You counted the padding, where the target is −1, as if it were end marks.",
        ),
        Misconception(
            "divided by the whole box",
            variant(train_sounds, padding="box"),
            "Already the first loss is too small. By what do you divide?",
            "7 real targets in a box of 2 × 6: divide by 7.",
            "You set the padding's loss to 0 and still divided by B · T.",
        ),
        Misconception(
            "the end mark not counted",
            variant(train_sounds, padding="no end"),
            "Already the first loss is off. How does your network learn to stop?",
            "A word of 2 sounds has 3 targets: the end mark 0 is one of them.",
            "You left out targets that are 0. Only −1 is padding.",
        ),
        Misconception(
            "the mean of the words' means",
            variant(train_sounds, mean="words"),
            "Already the first loss is off, by little. Does each sound count the same?",
            "A word of 9 targets weighs three times as much as one of 3.",
            "You took the mean of each word, then of the words. The mean is over all targets.",
        ),
        Misconception(
            "the mean of the steps' means",
            variant(train_sounds, mean="each step"),
            "Already the first loss is off. Does a sound late in a long word count as much as one "
            "at the beginning?",
            "4 words have a first sound, one has a tenth: the mean is that of five, not of two.",
            "You took the mean of each step, then of the steps. The mean is over all targets.",
        ),
        Misconception(
            "the sum",
            variant(train_sounds, mean="sum"),
            "Look at the first loss: is it a mean?",
            "With equal scores it is ln V, whatever the batch.",
            "You summed over the targets. The loss is their mean.",
        ),
        Misconception(
            "no state carried along the word",
            variant(train_sounds, carry=False),
            "Already the first loss is off. What does the network know at its third step?",
            "It has read three tokens, and its state has met them all.",
            "You start each step from zeros. Within a word the state goes on.",
        ),
        Misconception(
            "softmax twice",
            variant(train_sounds, softmaxes=2),
            "Already the first loss is off, though near ln V. What does the loss expect: scores or "
            "shares?",
            "cross_entropy applies the softmax itself.",
            "You applied a softmax before a loss that has one inside.",
        ),
        Misconception(
            "uphill",
            variant(train_sounds, sign=1),
            "Your first loss is right. In which direction do the others go?",
            "A loss of 2.9 that becomes 3.1 after one update has gone the wrong way.",
            "You add the gradient. Descent subtracts it, times the rate.",
        ),
        Misconception(
            "gradients that pile up",
            variant(train_sounds, piled=True),
            "Your losses are right after the first update, and no longer after the second. What "
            "is in `grad` by then?",
            "Gradients of 0.2 and then 0.1: the second update uses 0.1, not 0.3.",
            "`backward` adds to what is in `grad`. Set it to zero, or to None, before each update.",
        ),
        Misconception(
            "only the read-out trained",
            variant(train_sounds, trained=2),
            "Your first loss is right. Which parameters change in your loop?",
            "All five arrays have a gradient.",
            "You trained the read-out alone. The cell's three arrays are trained with it.",
        ),
        Misconception(
            "the test taken before training",
            variant(train_sounds, test="before"),
            "The losses are right. When do you look at the test?",
            "New words are scored with the weights after the last update.",
            "Your test figure comes from the first weights. Take it at the end.",
        ),
        Misconception(
            "nats for the test",
            variant(train_sounds, base=math.e),
            "The losses are right. In which unit should the last number be?",
            "A probability of one half is 1 bit, and 0.69 nats.",
            "You returned nats. Divide by ln 2.",
        ),
    ),
)

# --- explain_language --------------------------------------------------------------------------

EXPLAIN_LANGUAGE = Question(
    name="explain_language",
    points=3,
    rubric=(
        ("says why the two perplexities cannot be compared, and what can be: bits a character", 1),
        ("asks for the split, by play or by line, and says what a careless one gives away", 1),
        ("asks for a cheap rival in the same table, and names a figure of the chapter for it", 1),
    ),
)

QUESTIONS = [
    STREAM_WINDOWS,
    POOLED_SCORES,
    WITTEN_BELL,
    NUCLEUS_OF,
    WRITE_ON,
    SENTENCE_FLOW,
    SPAN_F1,
    BY_DISTANCE,
    TRAIN_SOUNDS,
    EXPLAIN_LANGUAGE,
]
