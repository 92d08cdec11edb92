"""Chorales in four voices to hear: a piano roll that moves, and a network's surprise below it."""

from __future__ import annotations

import numpy as np
import traitlets

from rnncourse import assets
from rnncourse.figures.base import Figure, number, table

VOICES = ("soprano", "alto", "tenor", "bass")
NAMES = ("C", "C♯", "D", "E♭", "E", "F", "F♯", "G", "A♭", "A", "B♭", "B")
TEMPO = (40, 140)  # quarter notes a minute


class ChoralePlayer(Figure):
    """State: the pieces, which is chosen, the frame, the tempo, who sings, and what was told."""

    name = "chorale_player"
    pieces = traitlets.List().tag(sync=True)  # {"title", "from", "pitches", "nats"}
    piece = traitlets.Int(0).tag(sync=True)
    frame = traitlets.Int(0).tag(sync=True)
    tempo = traitlets.Int(84).tag(sync=True)
    sung = traitlets.List().tag(sync=True)  # four of true and false
    told = traitlets.Bool(False).tag(sync=True)  # who wrote the pieces

    def mean_nats(self) -> list[float]:
        """The network's mean surprise at each piece, nats a frame, over what it has not been given.

        Frames that were taken from another piece at the start do not count, nor does the first.
        """
        return [
            float(np.mean(piece["nats"][max(piece["from"], 1) :], dtype=float))
            for piece in self.pieces
        ]

    def describe(self) -> str:
        means = ", ".join(number(mean) for mean in self.mean_nats())
        shown, frames = self.piece + 1, len(self.pieces[self.piece]["pitches"])
        chord = self.pieces[self.piece]["pitches"][self.frame]
        titles = "; ".join(f"{n} is {piece['title']}" for n, piece in enumerate(self.pieces, 1))
        return (
            f"{len(self.pieces)} pieces in four voices, drawn as piano rolls that move when they "
            f"play. Shown is piece {shown}, {frames} quarter notes; chord "
            f"{self.frame + 1} is {', '.join(map(note, chord))}. Bars below say how much each "
            f"chord surprises a network that read all before it; in the mean of each piece, "
            f"{means} nats." + (f" {titles}." if self.told else "")
        )

    def fallback(self) -> str:
        head = ["piece", *([] if not self.told else ["by"]), "first chords", "nats a frame"]
        rows = []
        for n, (piece, mean) in enumerate(zip(self.pieces, self.mean_nats(), strict=True), 1):
            chords = "; ".join(" ".join(map(note, chord)) for chord in piece["pitches"][:3])
            by = [piece["title"]] if self.told else []
            rows.append([str(n), *by, chords, number(mean)])
        return table(head, rows, "Pieces in four voices, and a network's mean surprise at them")


def note(pitch: int) -> str:
    """A MIDI number as its name, 60 → "C4", 0 → "rest"."""
    return f"{NAMES[pitch % 12]}{pitch // 12 - 1}" if pitch else "rest"


def chorale_player(
    piece: int = 1, frame: int = 0, tempo: int = 84, told: bool = False
) -> ChoralePlayer:
    """Pieces of Bach, of a network and of a chain of chords, to hear and to tell apart.

    piece: which is shown first, from 1 on; frame: where it stands, from 0 on; tempo: quarter notes
    a minute, 40 to 140; told: whether the figure says at once who wrote what.
    `rnncourse.assets.chorale` made the pieces.
    """
    stored = assets.load("chorale")["pieces"]
    if not 1 <= piece <= len(stored):
        raise ValueError(f"there is no piece {piece}: they are numbered 1 to {len(stored)}")
    if not TEMPO[0] <= tempo <= TEMPO[1]:
        raise ValueError(f"tempo is {tempo}, but it goes from {TEMPO[0]} to {TEMPO[1]}")
    pieces = [
        {"title": one["title"], "from": one["from"], "pitches": one["pitches"],
         "nats": [None if nats is None else round(nats, 2) for nats in one["nats"]]}
        for one in stored
    ]  # fmt: skip
    return ChoralePlayer(
        pieces=pieces, piece=piece - 1, frame=frame, tempo=tempo, sung=[True] * 4, told=told
    )
