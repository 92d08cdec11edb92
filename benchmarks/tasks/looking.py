"""What do the weights of attention tell? The translators of `sequences`, tampered with.

The networks learn the made-up grammar as in the task `sequences`, with additive attention and with
a dot product: 128 units, 1,000 steps, a rate of 0.006.

right               % of 1,000 test sentences translated quite right
top, other, …       at one step of a sentence that is otherwise written as it was, the weights are
                    changed, and it is counted in how many of 100 steps another word comes out (the
                    end mark is not counted): "top": the most looked at place is covered, the others
                    scaled up to a sum of 1; "other": a place drawn from the others is covered
                    instead; "even": all real places alike; "shuffled": the weights of the real
                    places in an order drawn at random; "only": the most looked at place alone.
noun                "the NOUN will sleep" and four more such sentences, with each living noun that
                    is not elided: the weight, in %, that the French article puts on the noun's
                    place, mean over the sentences
article             % of (feminine, masculine) pairs of these nouns where the article changes with
                    the noun; "same": with another noun of the same gender
swapped …           the same pairs; the sentence with the feminine noun is read, then one thing is
                    replaced by what the other sentence has there: "the": the memory's place of the
                    English article; "noun": that of the noun; "start": the decoder's first state.
                    % of pairs in which the article that comes out is the other's.

Nothing is chosen, so nothing is validated.
"""

import itertools
from functools import cache

import numpy as np
import torch
from torch.nn import functional as F

from rnncourse import experiments
from rnncourse.attention import attend
from rnncourse.batching import NO_TARGET, Vocabulary, pad, teacher_forced
from rnncourse.data import translation
from rnncourse.metrics import exact_match

STEPS, RATE, TEST = 1000, 0.006, 2
FRAMES = ("the {} will sleep", "the {} is sitting", "the {} does not run", "my {} was dirty",
          "this {} will be green")  # fmt: skip
NOUNS = {feminine: [noun.english[0] for noun in translation.LIVING
                    if noun.feminine == feminine and not noun.silent]
         for feminine in (True, False)}  # fmt: skip


@cache
def translator(attention, seed):
    """The network, and its English and French vocabulary."""
    sequences = experiments.load_task("sequences")
    torch.manual_seed(seed)
    pairs = sequences.word_parts("grammar", seed)[0]
    codes = [Vocabulary((word for pair in pairs for word in pair[n]), specials=sequences.MARKS)
             for n in (0, 1)]  # fmt: skip
    x, y = ([code.encode(pair[n]) for pair in pairs] for n, code in enumerate(codes))
    net = sequences.network(attention, *codes)
    net, _ = sequences.fit(net, sequences.bucketed(x, y, 64, seed), STEPS, RATE)
    return net.double().eval(), codes


def read(attention, seed, sentences):
    """The decoder's first State for a list of English sentences, and what was read."""
    net, (english, _) = translator(attention, seed)
    x, lengths = map(torch.tensor, pad([english.encode(one.split()) for one in sentences]))
    with torch.no_grad():
        return net.start(x, lengths), (x, lengths)


def stepped(net, token, state, alter=lambda weights, real: weights):
    """One step with altered weights: token (B,), State → logits (B, V), State, weights (B, S)."""
    x = net.target_embedding(token)
    if net.additive:
        _, weights = attend(net.score(state.h[0], state.keys), state.memory, state.real)
        context = (alter(weights, state.real)[:, None] @ state.memory)[:, 0]
        out, h = net.decoder(torch.cat([x, context], dim=1)[:, None], state.h)
    else:
        out, h = net.decoder(x[:, None], state.h)
        _, weights = attend(net.score(out[:, 0], state.keys), state.memory, state.real)
        context = (alter(weights, state.real)[:, None] @ state.memory)[:, 0]
    both = torch.tanh(net.combine(torch.cat([out[:, 0], context], dim=1)))
    return net.read_out(both), state._replace(h=h), weights


# Tampering with weights (B, S), real (B, S)


def scaled(weights):
    return weights / weights.sum(dim=1, keepdim=True)


def cover(weights, places):
    return scaled(weights.scatter(1, places[:, None], 0.0))


def tamperings(dice):
    """Ways to change weights; dice: a torch.Generator."""

    def other(weights, real):
        rest = real.double().scatter(1, weights.argmax(1, keepdim=True), 0.0)
        return cover(weights, torch.multinomial(rest, 1, generator=dice)[:, 0])

    def shuffled(weights, real):
        order = torch.rand(weights.shape, generator=dice).masked_fill(~real, 2.0).argsort(dim=1)
        return weights.gather(1, order)  # real places come first, as they stand in a row

    return {
        "top": lambda weights, real: cover(weights, weights.argmax(1)),
        "other": other,
        "even": lambda weights, real: scaled(real.double()),
        "shuffled": shuffled,
        "only": lambda weights, real: F.one_hot(weights.argmax(1), weights.shape[1]).double(),
    }


@cache
def test_sentences(attention, seed):
    """(English, French as the network says it, % quite right): lists of N."""
    sequences, (net, codes) = experiments.load_task("sequences"), translator(attention, seed)
    pairs = sequences.word_parts("grammar", seed)[TEST]
    x = [codes[0].encode(english) for english, _ in pairs]
    said = sequences.written(net, x, codes[1], limit=40)
    right = 100 * exact_match(said, [french for _, french in pairs])
    return [" ".join(english) for english, _ in pairs], said, right


def changed(attention, seed, how):
    """% of steps at which tampering brings out another word."""
    net, (_, french) = translator(attention, seed)
    sentences, said, _ = test_sentences(attention, seed)
    alter = tamperings(torch.Generator().manual_seed(seed))[how]
    state, _ = read(attention, seed, sentences)
    tokens = [french.encode(one) for one in said]
    inputs, targets = map(torch.tensor, teacher_forced(tokens, 1, 2))
    other = 0
    with torch.no_grad():
        for token, target in zip(inputs.unbind(1), targets.unbind(1), strict=True):
            logits, _, _ = stepped(net, token, state, alter)
            words = (target != NO_TARGET) & (target != 2)
            other += int((logits.argmax(1) != target)[words].sum())
            _, state, _ = stepped(net, token, state)
    return 100 * other / sum(map(len, tokens))


# Articles


def article(net, state, first=1):
    """(the first token for each of B sentences, the weights (B, S) that it had); first: the mark
    that begins them."""
    start = torch.full((len(state.real),), first)
    with torch.no_grad():
        logits, _, weights = stepped(net, start, state)
    return logits.argmax(1), weights


def articles(attention, seed, what):
    net, _ = translator(attention, seed)
    found = []
    for frame in FRAMES:
        pairs = list(itertools.product(NOUNS[True], NOUNS[what == "same"]))
        pairs = [(one, two) for one, two in pairs if one != two]
        states = [read(attention, seed, [frame.format(pair[n]) for pair in pairs])[0]
                  for n in (0, 1)]  # fmt: skip
        place = frame.split().index("{}")
        (one, weights), (two, _) = (article(net, state) for state in states)
        if what == "noun":
            found.append(weights[:, place].mean().item())
        elif what in ("article", "same"):
            found.append((one != two).double().mean().item())
        else:
            state = swapped(*states, what.removeprefix("swapped "), place)
            found.append((article(net, state)[0] == two).double().mean().item())
    return 100 * float(np.mean(found))


def swapped(mine, other, what, place):
    """My State with one thing of the other's."""
    if what == "start":
        return mine._replace(h=other.h)
    memory, keys = mine.memory.clone(), mine.keys.clone()
    at = {"the": 0, "noun": place}[what]
    memory[:, at], keys[:, at] = other.memory[:, at], other.keys[:, at]
    return mine._replace(memory=memory, keys=keys)


TAMPERED = ("top", "other", "even", "shuffled", "only")
NAMED = ("noun", "article", "same", "swapped the", "swapped noun", "swapped start")
MODELS = ("additive", "dot")
ROWS = {f"{what}: {model}": None for what in ("right", *TAMPERED, *NAMED) for model in MODELS}


def run(name, rate, seed):
    what, model = name.split(": ")
    if what == "right":
        return round(test_sentences(model, seed)[2], 3)
    return round((changed if what in TAMPERED else articles)(model, seed, what), 3)
