"""Train the three networks of chapter 13's figure: `python -m rnncourse.assets.attention`.

`models.AttentiveEncoderDecoder` with additive attention, small enough for a page: GRUs of 48 units
that turn a date into ISO 8601 and a word round, letter by letter, and of 64 units that translate a
sentence of the course's grammar, word by word. Start and end mark are one token, the first.
They learned for some minutes. Each weight is stored as a signed byte. Beside the weights stands
how many of 1,000 sequences each gets wrong that it has not seen, the rounded weights asked: days,
random strings of 3 to 12 letters, and sentences with an adjective and a noun that never stood
together.
"""

from __future__ import annotations

import string
from typing import NamedTuple

import numpy as np
import torch

from rnncourse import assets
from rnncourse.assets.pronouncer import fit, numbers_of, rounded, searched
from rnncourse.data import load_dates, translation
from rnncourse.data.dates import split_days
from rnncourse.metrics import exact_match
from rnncourse.models import AttentiveEncoderDecoder

END, RATE, SEED, TESTED = "⊣", 0.005, 0, 1000
SIZES = {"date": (48, 16), "reverse": (48, 16), "French": (64, 24)}  # units, embedding
SHORTEST, LONGEST = 3, 12  # letters of a word to turn round
# what is shown of each task, with what is right: days, words, sentences that were not learned from
EXAMPLES = {
    "date": [["jue, 30 de marzo de 1972", "1972-03-30"], ["zo 8 mrt 1970", "1970-03-08"],
             ["Dec 24, 1973", "1973-12-24"], ["fr: lun. 28/07/1980", "1980-07-28"],
             ["en_US: 3/2/2008", "2008-03-02"], ["en_GB: 02/03/2008", "2008-03-02"]],
    "reverse": [[word, word[::-1]] for word in ("attention", "desserts", "encyclopaedia")],
    "French": [["my Italian birds find a girl", "mes oiseaux italiens trouvent une fille"],
               ["my boy was singing behind this big grey bird",
                "mon garçon chantait derrière ce grand oiseau gris"],
               ["the beautiful cow is sitting with these apples",
                "la belle vache est assise avec ces pommes"]],
}  # fmt: skip


class Task(NamedTuple):
    """train and test: (source, target) pairs, lists of tokens; limit of what it may say; its
    training steps."""

    train: list
    test: list
    limit: int
    steps: int


class Stored(NamedTuple):
    """A stored network, and the tokens whose places are their numbers."""

    net: AttentiveEncoderDecoder
    source: list[str]
    target: list[str]


def dates() -> Task:
    locales, (train, _, test) = load_dates(), split_days(SEED)
    drawn = [locales.sample(days, count, np.random.default_rng(SEED)) for days, count in
             ((train, 60_000), (test, TESTED))]  # fmt: skip
    pairs = [[(list(pair.text.lower()), list(pair.iso)) for pair in part] for part in drawn]
    return Task(*pairs, 10, 5000)


def reverse() -> Task:
    rng = np.random.default_rng(SEED)

    def strings(count):
        lengths = rng.integers(SHORTEST, LONGEST + 1, size=count)
        words = [rng.choice(list(string.ascii_lowercase), length).tolist() for length in lengths]
        return [(word, word[::-1]) for word in words]

    return Task(strings(60_000), strings(TESTED), 20, 5000)


def french() -> Task:
    validation, test = translation.held_out_combinations(SEED)
    train = translation.sentence_pairs(30_000, SEED, validation | test)
    asked = translation.sentence_pairs(TESTED, SEED, test, only=True)
    split = translation.words
    pairs = [[(split(pair.english.lower()), split(pair.french)) for pair in part]
             for part in (train, asked)]  # fmt: skip
    return Task(*pairs, 20, 6000)


def made(name: str, task: Task) -> dict:
    """Tokens, weights, and how often the network is wrong."""
    source = sorted({token for one, _ in task.train for token in one})
    target = [END, *sorted({token for _, one in task.train for token in one})]
    reads, says = numbers_of(source), numbers_of(target)
    numbered = [[([reads[t] for t in one], [says[t] for t in other]) for one, other in part]
                for part in (task.train, task.test)]  # fmt: skip
    torch.manual_seed(SEED)
    net = AttentiveEncoderDecoder(len(source), len(target), *SIZES[name])
    fit(net, numbered[0], task.steps, RATE)
    weights = rounded(net)
    said = searched(net, [one for one, _ in numbered[1]], 1, 1.0, task.limit)
    wrong = 1 - exact_match([tokens for tokens, _ in said], [one for _, one in numbered[1]])
    return {"source": source, "target": target, "limit": task.limit,
            "wrong, %": round(100 * wrong, 2), "weights": weights}  # fmt: skip


def load(name: str) -> Stored:
    """The stored network of a task, "date", "reverse" or "French", in float64 and eval mode."""
    stored = assets.load("attention")[name]
    source, target = stored["source"], stored["target"]
    net = AttentiveEncoderDecoder(len(source), len(target), *SIZES[name]).double().eval()
    weights = {key: torch.tensor(assets.unpack(one)) for key, one in stored["weights"].items()}
    net.load_state_dict(weights)
    return Stored(net, source, target)


def main() -> None:
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    content = {"made by": "python -m rnncourse.assets.attention"}
    for name, make in {"date": dates, "reverse": reverse, "French": french}.items():
        content[name] = made(name, make()) | {"examples": EXAMPLES[name]}
        print(name, content[name]["wrong, %"], "% wrong", flush=True)
    assets.save("attention", content)


if __name__ == "__main__":
    main()
