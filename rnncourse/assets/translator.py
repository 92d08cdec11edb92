"""Train the translator that chapter 12 looks at: `python -m rnncourse.assets.translator`.

`models.EncoderDecoder` with GRUs of 96 units, English to French, word by word, 12,000 sentences
of the grammar in `data.translation`. It is trained as the chapter trains its own, in 3,000 updates,
about half a minute. Each weight is stored as a signed byte, each row with its own scale; how many
of 1,000 sentences are right, with known combinations and with new ones, stands beside them, of the
rounded weights and of the weights before.
"""

from __future__ import annotations

import numpy as np
import torch

from rnncourse import assets
from rnncourse.batching import Vocabulary, by_length, pad, teacher_forced
from rnncourse.data.translation import held_out_combinations, sentence_pairs, words
from rnncourse.decoding import greedy
from rnncourse.metrics import exact_match
from rnncourse.models import EncoderDecoder, sequence_loss
from rnncourse.training import one_cycle

HIDDEN, EMBEDDING, BATCH, STEPS, RATE, SEED = 96, 32, 32, 3000, 0.008, 0
START, END, LIMIT = 1, 2, 25


def sentences():
    """(12,000 to learn, 1,000 of the same combinations, 1,000 with a new one), as Pairs."""
    validation, test = held_out_combinations()
    pairs = sentence_pairs(13_000, 0, validation | test)
    return pairs[:12_000], pairs[12_000:], sentence_pairs(1000, 1, test, only=True)


def vocabularies(learn):
    """(English words, French words) of the sentences to learn from."""
    return (
        Vocabulary([w for p in learn for w in words(p.english)], specials=("<pad>",)),
        Vocabulary(
            [w for p in learn for w in words(p.french)], specials=("<pad>", "<start>", "<end>")
        ),
    )


def fresh(learn) -> EncoderDecoder:
    english, french = vocabularies(learn)
    return EncoderDecoder(len(english), len(french), HIDDEN, EMBEDDING)


def train(learn, steps: int = STEPS) -> EncoderDecoder:
    torch.manual_seed(SEED)
    net, rng = fresh(learn), np.random.default_rng(SEED)
    english, french = vocabularies(learn)
    x = [english.encode(words(pair.english)) for pair in learn]
    y = [french.encode(words(pair.french)) for pair in learn]

    def batches(epoch):
        for rows in by_length(list(map(len, y)), BATCH, rng):
            source, lengths = pad([x[row] for row in rows])
            yield source, lengths, *teacher_forced([y[row] for row in rows], START, END)

    return one_cycle(net, sequence_loss, batches, steps, RATE, weight_decay=0.0).model


def stored(content: dict) -> EncoderDecoder:
    """The network of such a file, in double precision."""
    net = EncoderDecoder(len(content["english"]), len(content["french"]), HIDDEN, EMBEDDING)
    weights = {name: torch.tensor(assets.unpack(one)) for name, one in content["weights"].items()}
    net.double().load_state_dict(weights)
    return net.eval()


def right(net: EncoderDecoder, pairs, english, french) -> float:
    """% of sentences that greedy search translates word for word."""
    source, lengths = map(torch.tensor, pad([english.encode(words(p.english)) for p in pairs]))
    with torch.no_grad():
        state = net.start(source, lengths)
    said = greedy(net.step, state, len(pairs), start=START, end=END, limit=LIMIT).tokens
    truth = [french.encode(words(p.french)).tolist() for p in pairs]
    return round(100 * exact_match(said, truth), 1)


def main() -> None:
    torch.set_num_threads(1)
    learn, known, new = sentences()
    english, french = vocabularies(learn)
    net = train(learn)
    packed = {name: assets.pack(value.numpy()) for name, value in net.state_dict().items()}
    content = {
        "made by": "python -m rnncourse.assets.translator",
        "english": english.tokens,
        "french": french.tokens,
        "weights": packed,
    }
    for name, one in (("right", stored(content)), ("right before rounding", net)):
        content[name] = [right(one, part, english, french) for part in (known, new)]
        print(name, content[name])
    assets.save("translator", content)


if __name__ == "__main__":
    main()
