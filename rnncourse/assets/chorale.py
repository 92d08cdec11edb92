"""Make the pieces of chapter 11's figure: `python -m rnncourse.assets.chorale`.

A `FourVoices` network learns from three in five chorales, in eleven keys each; no tune of theirs is
in the others. It goes on from one chord, and from eight chords of a chorale that it does not know.
A chain draws each voice's next note by its last one alone. Of every piece, Bach's own included, the
network says how improbable it finds each chord: its surprise in nats.
"""

from __future__ import annotations

import numpy as np
import torch
from torch.nn import functional as F

from rnncourse import assets
from rnncourse.batching import NO_TARGET, pad
from rnncourse.data import load_chorales
from rnncourse.data.chorales import NOTES, split_chorales, to_notes, to_pitches
from rnncourse.models import FourVoices, chord_loss

STEPS, BATCH, RATE, KEYS, SEED, FRAMES = 1500, 24, 0.006, 5, 0, 48
PIECE = 0  # which of the chorales that are long enough


def boxed(pieces):
    """Chords (B, T, 4), with NO_TARGET where a piece has ended."""
    return torch.tensor(pad(pieces, NO_TARGET)[0])


def train(pieces):
    torch.manual_seed(SEED)
    rng = np.random.default_rng(SEED)
    net = FourVoices(NOTES, chained=True)
    optimizer = torch.optim.AdamW(net.parameters(), RATE, weight_decay=0.1)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE, STEPS, pct_start=0.1)
    for _ in range(STEPS):
        rows, keys = rng.integers(len(pieces), size=BATCH), rng.integers(-KEYS, KEYS + 1, BATCH)
        chords = boxed([to_notes(pieces[row], int(by)) for row, by in zip(rows, keys, strict=True)])
        loss = chord_loss(net(chords), chords)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimizer.step()
        schedule.step()
    return net.eval()


def surprise(net, notes):
    """Nats of each chord, rounded; None for the first."""
    chords = torch.tensor(notes)[None]
    with torch.no_grad():
        logits = net(chords)  # (1, T - 1, 4, notes)
    nats = F.cross_entropy(logits[0].flatten(0, 1), chords[0, 1:].flatten(), reduction="none")
    return [None, *(round(float(n), 2) for n in nats.view(-1, 4).sum(1))]


def chain(pieces, first, rng):
    """Chords, each voice stepping by itself: where its last note went in the pieces."""
    chords = [first]
    while len(chords) < FRAMES:
        chord = []
        for voice, note in enumerate(chords[-1]):
            went = [p[1:, voice][p[:-1, voice] == note] for p in pieces]
            chord.append(int(rng.choice(np.concatenate(went))))
        chords.append(chord)
    return np.array(chords)


def main() -> None:
    torch.set_num_threads(1)
    chorales = load_chorales()
    learned, _, unseen = split_chorales(chorales, SEED, together="tunes")
    pieces = [chorales[name] for name in learned]
    net = train(pieces)
    long = [name for name in unseen if len(chorales[name]) >= FRAMES and chorales[name].all()]
    bach, other = long[PIECE], long[PIECE + 1]
    known = [torch.tensor(to_notes(chorales[name][:FRAMES])) for name in (bach, other)]
    draw = torch.Generator().manual_seed(SEED)
    made = [
        ("a network, going on from one chord", 1,
         net.continue_(known[0][:1], FRAMES - 1, draw).numpy()),
        (f"Bach, {bach.upper().replace('BWV', 'BWV ')}", 0, known[0].numpy()),
        ("a chain, in which each voice goes its own way", 1,
         to_notes(chain(pieces, chorales[bach][0].tolist(), np.random.default_rng(SEED)))),
        ("a network, going on from eight chords of Bach, at temperature 0.8", 8,
         net.continue_(known[1][:8], FRAMES - 8, draw, temperature=0.8).numpy()),
    ]  # fmt: skip
    content = {
        "made by": "python -m rnncourse.assets.chorale",
        "learned from": len(learned),
        "nats": held_out(net, [chorales[name] for name in unseen]),
        "pieces": [
            {"title": title, "from": given, "pitches": to_pitches(notes).tolist(),
             "nats": surprise(net, notes)}
            for title, given, notes in made
        ],
    }  # fmt: skip
    assets.save("chorale", content)
    print(content["nats"], [float(np.mean(one["nats"][8:])) for one in content["pieces"]])


def held_out(net, pieces):
    """Nats a frame on chorales that were not learned."""
    chords = boxed([to_notes(piece) for piece in pieces])
    with torch.no_grad():
        return round(float(chord_loss(net(chords), chords)), 2)


if __name__ == "__main__":
    main()
