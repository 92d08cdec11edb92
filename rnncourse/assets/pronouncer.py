"""Train the network of chapter 12's tree: `python -m rnncourse.assets.pronouncer`.

`models.EncoderDecoder` with GRUs of 96 units reads a word letter by letter and says it sound by
sound, as Americans do. Start and end mark are one token, the first. It learned in some minutes from
nine tenths of the dictionary's words of at most 12 letters; a twentieth is the test. Each weight is
stored as a signed byte. Beside the weights stands how many of 2,000 test words are wrong, the
rounded weights asked, by width of the beam and length penalty, and in how many words the beam found
a likelier sequence than greedy search did, or a less likely one.
"""

from __future__ import annotations

import numpy as np
import torch

from rnncourse import assets
from rnncourse.batching import by_length, pad, teacher_forced
from rnncourse.data import load_pronunciations
from rnncourse.data.pronunciations import phones
from rnncourse.data.splits import split
from rnncourse.decoding import beam
from rnncourse.metrics import exact_match
from rnncourse.models import EncoderDecoder, sequence_loss
from rnncourse.training import one_cycle

HIDDEN, EMBEDDING, BATCH, STEPS, RATE, SEED = 96, 24, 64, 9000, 0.004, 0
LETTERS, END, LIMIT = "'abcdefghijklmnopqrstuvwxyz", "⊣", 16
WIDTHS, PENALTIES, TESTED = (1, 2, 3, 5), (0.0, 1.0), 2000
# test words chosen because search matters: by width, in the wrong direction, by length penalty
EXAMPLES = ("athens", "japan", "permeates", "interfaith", "viewpoints", "refractory")


def words() -> list[list[tuple[str, list[str]]]]:
    """[train, validation, test]: (word, its sounds)."""
    every = load_pronunciations()
    every = [(one.word, phones(one.sounds)) for one in every if len(one.word) <= 12]
    parts = split([word for word, _ in every], (0.9, 0.05, 0.05), SEED)
    return [[every[row] for row in rows] for rows in parts]


def numbers_of(tokens: list[str]) -> dict[str, int]:
    return {token: number for number, token in enumerate(tokens)}


def fit(net, pairs, steps, rate, seed=SEED):
    """Train an encoder–decoder on pairs of token numbers, start and end mark 0; in eval mode."""
    rng = np.random.default_rng(seed)
    sizes = [len(source) for source, _ in pairs]

    def epoch(_):
        for rows in by_length(sizes, BATCH, rng):
            source, lengths = pad([pairs[row][0] for row in rows])
            yield source, lengths, *teacher_forced([pairs[row][1] for row in rows], 0, 0)

    return one_cycle(net, sequence_loss, epoch, steps, rate, progress=True).model


def rounded(net) -> dict[str, dict]:
    """The weights as `assets.pack` stores them; the network has the rounded ones afterwards."""
    state = {name: p.double().numpy() for name, p in net.state_dict().items()}
    stored = {name: assets.pack(p) for name, p in state.items()}
    net.load_state_dict({k: torch.tensor(assets.unpack(p)).float() for k, p in stored.items()})
    return stored


def searched(net, sources, width, penalty, limit):
    """Beam search for N sources → the best of each: [(tokens, log p in nats)]."""
    found = []
    for rows in by_length([len(source) for source in sources], 200):
        x, lengths = map(torch.tensor, pad([sources[row] for row in rows]))
        with torch.no_grad():
            state = net.start(x, lengths)
        said = beam(net.step, state, len(x), start=0, end=0, limit=limit, width=width,
                    pick=net.pick, penalty=penalty)  # fmt: skip
        for row, tokens, worth, done in zip(rows, said.tokens, said.scores, said.finished,
                                            strict=True):  # fmt: skip
            length = len(tokens[0]) + done[0]
            found.append((row, tokens[0], worth[0] * length**penalty))
    return [(tokens, log_p) for _, tokens, log_p in sorted(found)]


def measured(net, test, letters, sounds) -> list[dict]:
    """For each width and penalty: % wrong, and % likelier or less likely than what greedy says."""
    sources = [[letters[c] for c in word] for word, _ in test]
    truth = [[sounds[one] for one in said] for _, said in test]
    greedy = [log_p for _, log_p in searched(net, sources, 1, 0.0, LIMIT)]
    rows = []
    for width in WIDTHS:
        for penalty in PENALTIES:
            said = searched(net, sources, width, penalty, LIMIT)
            more = np.array([log_p for _, log_p in said]) - greedy
            wrong = 1 - exact_match([tokens for tokens, _ in said], truth)
            rows.append({
                "width": width, "penalty": penalty, "wrong, %": round(100 * wrong, 2),
                "likelier, %": round(100 * float((more > 1e-4).mean()), 2),
                "less likely, %": round(100 * float((more < -1e-4).mean()), 2),
            })  # fmt: skip
    return rows


def main() -> None:
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    train, _, test = words()
    spoken = dict(test)
    test = [test[n] for n in np.random.default_rng(SEED).permutation(len(test))[:TESTED]]
    sounds = [END, *sorted({one for _, said in train for one in said})]
    number, letter = numbers_of(sounds), numbers_of(list(LETTERS))
    pairs = [([letter[c] for c in word], [number[one] for one in said]) for word, said in train]
    torch.manual_seed(SEED)
    net = fit(EncoderDecoder(len(letter), len(sounds), HIDDEN, EMBEDDING), pairs, STEPS, RATE)
    content = {
        "made by": "python -m rnncourse.assets.pronouncer",
        "letters": LETTERS,
        "sounds": sounds,
        "words": [[word, " ".join(spoken[word])] for word in EXAMPLES],
        "weights": rounded(net),
        "measured": measured(net, test, letter, number),
    }
    assets.save("pronouncer", content)
    for row in content["measured"]:
        print(row)


if __name__ == "__main__":
    main()
