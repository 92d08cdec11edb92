"""Chorales in four voices by Johann Sebastian Bach."""

from __future__ import annotations

import io
import xml.etree.ElementTree as ElementTree
import zipfile
from collections.abc import Iterable
from pathlib import PurePosixPath

import numpy as np

from rnncourse.data.files import file_names, read_file
from rnncourse.data.splits import split

LOWEST, HIGHEST = 31, 86  # five semitones beyond what is sung
NOTES = HIGHEST - LOWEST + 2  # and the rest
_SEMITONES = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}


def load_chorales(frame: float = 1.0, names: Iterable[str] | None = None) -> dict[str, np.ndarray]:
    """364 chorales in four voices: {"bwv10.7": pitches, …} in alphabetical order.

    pitches is (T, 4) int64: what soprano, alto, tenor and bass (in the order of the score)
    sing at the start of each frame, as MIDI numbers (60 is middle C), 0 for a rest. frame is
    the length of a frame in quarter notes; names picks some pieces, None takes all. Repeats
    are sung once; where a voice divides, the upper note counts. Two pieces are there twice
    under two names: `split_chorales` sees to it that
    no pair ends up on both sides of a split.

    Source: the pieces with exactly four parts in `corpus/bach` of the package music21 10.5.1
    (BSD licence; the corpus is distributed with the permission of its encoders, some of it for
    non-commercial use: see corpus/license.txt there). The music is in the public domain.

    Raises DataError if the package is missing or a file differs, ValueError for a frame that
    does not last and for a name that is not among them.
    """
    if frame <= 0:
        raise ValueError(f"frame is {frame}, but a frame must last longer than 0 quarter notes")
    chorales = {}
    for name in file_names("music21"):
        piece = PurePosixPath(name).stem
        if names is not None and piece not in names:
            continue
        score = _score(read_file("music21", name))
        if score.count(b"<score-part ") != 4:  # with instruments, or a part missing
            continue
        parts = ElementTree.fromstring(score).findall("part")
        voices = [_sample(_notes(part), frame) for part in parts]
        longest = max(map(len, voices))
        chorales[piece] = np.stack(
            [np.pad(voice, (0, longest - len(voice))) for voice in voices], axis=1
        )
    unknown = sorted(set(names or ()) - set(chorales))
    if unknown:
        raise ValueError(f"there is no chorale in four voices called {unknown[0]!r}")
    return chorales


def split_chorales(
    chorales: dict[str, np.ndarray],
    seed: int = 0,
    together: str = "duplicates",
    shares: tuple[float, ...] = (0.6, 0.2, 0.2),
) -> list[list[str]]:
    """Names of pieces in three parts: train, validation, test.

    together: "duplicates" keeps pieces with the very same pitches in one part; "tunes" also those
        whose sopranos open alike (see `opening`), in whatever key: Bach set many tunes more than
        once, and a model that knows a tune from training is not tested on anything new.

    Raises ValueError for another word.
    """
    group = {"duplicates": np.ndarray.tobytes, "tunes": opening}.get(together)
    if group is None:
        raise ValueError(f'together is {together!r}, but there are only "duplicates" and "tunes"')
    names = list(chorales)
    parts = split([group(chorales[name]) for name in names], shares, seed)
    return [[names[row] for row in rows] for rows in parts]


def opening(pitches: np.ndarray, notes: int = 7) -> tuple[int, ...]:
    """How a tune opens: the intervals between the soprano's first seven notes, in semitones.

    A note held or said again counts once, and rests do not count.
    """
    soprano = pitches[:, 0][pitches[:, 0] > 0]
    steps = np.diff(soprano)
    return tuple(steps[steps != 0][: notes - 1].tolist())


def to_notes(pitches: np.ndarray, by: int = 0) -> np.ndarray:
    """MIDI numbers → note numbers below NOTES: 0 for a rest, then semitones from LOWEST on.

    by: semitones to move everything that sounds; up to 5 either way no chorale falls off the ends.

    Raises ValueError for a note outside LOWEST to HIGHEST.
    """
    pitches = np.asarray(pitches)
    sounds = pitches > 0
    moved = pitches[sounds] + by
    if moved.size and not LOWEST <= moved.min() <= moved.max() <= HIGHEST:
        raise ValueError(
            f"notes go from {moved.min()} to {moved.max()}, but numbers only from {LOWEST} to "
            f"{HIGHEST}"
        )
    notes = np.zeros(pitches.shape, np.int64)
    notes[sounds] = moved - LOWEST + 1
    return notes


def to_pitches(notes: np.ndarray) -> np.ndarray:
    """Undo `to_notes`: note numbers → MIDI numbers, 0 for a rest."""
    notes = np.asarray(notes)
    return np.where(notes > 0, notes + LOWEST - 1, 0)


def _score(content: bytes) -> bytes:
    """The score in a compressed MusicXML file."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        names = [name for name in archive.namelist() if "META-INF" not in name]
        name = next(name for name in names if name.endswith((".xml", ".musicxml")))
        return archive.read(name)


def _notes(part: ElementTree.Element) -> list[tuple[float, float, int]]:
    """The notes of one voice as (start, end, MIDI number), times in quarter notes."""
    notes, start_of_measure, divisions = [], 0.0, 1
    for measure in part.findall("measure"):
        now = end = onset = 0.0
        for item in measure:
            if item.tag == "attributes":
                divisions = int(item.findtext("divisions", divisions))
            length = float(item.findtext("duration", 0)) / divisions
            if item.tag == "backup":
                now -= length
            elif item.tag in ("forward", "note"):
                if item.find("chord") is None:  # a chord starts as one
                    onset, now = now, now + length
                if item.find("pitch") is not None and length:
                    start = start_of_measure + onset
                    notes.append((start, start + length, _midi(item.find("pitch"))))
            end = max(end, now)
        start_of_measure += end
    return [*notes, (start_of_measure, start_of_measure, 0)]  # where the voice ends


def _midi(pitch: ElementTree.Element) -> int:
    octave, alter = int(pitch.findtext("octave")), int(float(pitch.findtext("alter", "0")))
    return 12 * (octave + 1) + _SEMITONES[pitch.findtext("step")] + alter


def _sample(notes: list[tuple[float, float, int]], frame: float) -> np.ndarray:
    """(T,) the highest note that sounds at the start of each frame, 0 where none does."""
    starts = np.arange(0.0, notes[-1][0], frame)
    pitches = np.zeros(len(starts), dtype=np.int64)
    spans = np.searchsorted(starts, np.array(notes)[:, :2] - 1e-9)
    for (first, last), (_, _, pitch) in zip(spans.tolist(), notes, strict=True):
        np.maximum(pitches[first:last], pitch, out=pitches[first:last])
    return pitches
