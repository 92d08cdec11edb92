"""A network that writes, character by character; the activity of one unit colours its text."""

from __future__ import annotations

import numpy as np
import traitlets

from rnncourse import assets
from rnncourse.cells import GRUCell, softmax
from rnncourse.figures.base import Figure, number, table

LENGTH = 280  # characters that it writes after the reader's
MOST = 60  # that the reader may begin with
KEEPS = {"all": "all characters", "5": "the 5 likeliest", "0.9": "a nucleus of 0.9"}
FOLLOWS = {
    "capitals": "capital letters",
    "vowels": "vowels",
    "line": "how far into the line",
    "word": "how far into the word",
    "coin": "coin tosses (a control)",
}


def dice(seed: int):
    """Numbers from 0 to 1, the same in Python and JavaScript: a linear congruence modulo 2³²."""
    state = seed * 2654435761 % 2**32
    while True:
        state = (1664525 * state + 1013904223) % 2**32
        yield state / 2**32


def drawn_from(logits: np.ndarray, temperature: float, keep: str) -> np.ndarray:
    """The distribution (V,) that the next character is drawn from."""
    p = softmax(logits / temperature)
    if keep == "all":
        return p
    order = np.argsort(-p, kind="stable")
    before = np.cumsum(p[order]) - p[order]  # what the likelier ones have
    kept = order[:5] if keep == "5" else order[before < float(keep)]
    p[np.setdiff1d(order, kept)] = 0
    return p / p.sum()


def feature(name: str, text: str) -> np.ndarray:
    """What a unit is compared with: a number for each character of the text (T,)."""
    if name == "capitals":
        return np.array([float("A" <= c <= "Z") for c in text])
    if name == "vowels":
        return np.array([float(c in "aeiouAEIOU") for c in text])
    if name == "coin":
        toss = dice(7)
        return np.array([float(next(toss) < 0.5) for _ in text])
    ends, far, found = {"line": "\n", "word": " \n"}[name], 0, []
    for c in text:
        far = 0 if c in ends else far + 1
        found.append(float(far))
    return np.array(found)


def correlations(states: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Of every unit of states (T, H) with values (T,): (H,), 0 where something never changes."""
    h, v = states - states.mean(0), values - values.mean()
    length = np.sqrt((h**2).sum(0) * (v**2).sum())
    return np.divide(v @ h, length, out=np.zeros_like(length), where=length > 1e-12)


class Writer(Figure):
    """State: the network, what it begins with, how it draws, which unit and place are shown."""

    name = "writer"
    characters = traitlets.Unicode().tag(sync=True)
    weights = traitlets.Dict().tag(sync=True)  # name → shape, scales, signed bytes
    bits = traitlets.Float().tag(sync=True)  # a character, on plays that were held out
    begin = traitlets.Unicode().tag(sync=True)  # a slash is a new line
    temperature = traitlets.Float().tag(sync=True)
    keep = traitlets.Enum(list(KEEPS), "all").tag(sync=True)
    draw = traitlets.Int(1).tag(sync=True)  # the seed of the dice
    follow = traitlets.Enum(["", *FOLLOWS], "").tag(sync=True)  # "": the unit that was chosen
    unit = traitlets.Int(0).tag(sync=True)
    place = traitlets.Int(-1).tag(sync=True)  # of the character looked at; -1: the last typed

    def network(self) -> dict[str, np.ndarray]:
        return {name: assets.unpack(packed) for name, packed in self.weights.items()}

    def typed(self) -> str:
        """What the reader typed, as far as the network knows it."""
        known = (c for c in self.begin.replace("/", "\n") if c in self.characters)
        return "".join(known)[:MOST] or "\n"

    def write(self) -> tuple[str, np.ndarray, np.ndarray]:
        """The text, typed and written (T,); the states after each of its characters (T, H); and
        the logits for the next one (T, V)."""
        params = self.network()
        W_hy, b_y = params.pop("W_hy"), params.pop("b_y")
        cell = GRUCell(len(self.characters), W_hy.shape[1])
        cell.params.update(params)
        text, h, states, logits = list(self.typed()), cell.initial_state(), [], []
        rows, toss = np.eye(len(self.characters)), dice(self.draw)
        whole = len(text) + LENGTH
        while len(states) < whole:
            if len(states) == len(text):
                p = np.cumsum(drawn_from(logits[-1], self.temperature, self.keep))
                text.append(self.characters[int((p <= next(toss) * p[-1]).sum())])
            h, _ = cell.step(rows[self.characters.index(text[len(states)])], h)
            states.append(h)
            logits.append(W_hy @ h + b_y)
        return "".join(text), np.array(states), np.array(logits)

    def followed(self) -> tuple[int, float]:
        """The unit shown, and its correlation with what it should follow (0 if nothing)."""
        if not self.follow:
            return self.unit, 0.0
        text, states, _ = self.write()
        found = correlations(states, feature(self.follow, text))
        unit = int(np.argmax(np.abs(found)))
        return unit, float(found[unit])

    def describe(self) -> str:
        text = self.write()[0].replace("\n", " / ")
        return (
            f"A trained recurrent network of {self.weights['W_hy']['shape'][1]} units writes, "
            f"character by character, after “{self.begin}”, at temperature "
            f"{number(self.temperature, 1)}, drawing from {KEEPS[self.keep]}: “{text}”. Below and "
            "above each character a bar shows the state of one unit, orange where it is positive, "
            "blue where it is negative; bars name the likeliest next characters."
        )

    def fallback(self) -> str:
        rows = []
        for temperature in (0.3, 0.7, 1.2):
            other = Writer(**{**self.state(), "temperature": temperature})
            rows.append([number(temperature, 1), other.write()[0].replace("\n", " / ")])
        return table(["temperature", "text"], rows, f"What it writes after “{self.begin}”")


def writer(
    begin: str = "JULIET:/O Romeo,",
    temperature: float = 0.7,
    keep: str = "all",
    draw: int = 1,
    unit: int = 0,
    follow: str = "line",
) -> Writer:
    """A character network that writes in the page: type a beginning, move the temperature.

    begin: at most 60 characters; a slash is a new line. keep: "all", "5" or "0.9". draw: the seed.
    follow: "" or what the unit shown should follow, one of "capitals", "vowels", "line", "word",
    "coin"; unit: which one is shown if follow is "". `rnncourse.assets.writer` trained the network.
    """
    stored = assets.load("writer")
    hidden_size = stored["weights"]["W_hy"]["shape"][1]
    if not 0.1 <= temperature <= 2:
        raise ValueError(f"temperature is {temperature}, but the slider goes from 0.1 to 2")
    if unit not in range(hidden_size):
        raise ValueError(f"there is no unit {unit}: they are 0 to {hidden_size - 1}")
    return Writer(
        characters=stored["characters"],
        weights=stored["weights"],
        bits=stored["bits"],
        begin=begin,
        temperature=temperature,
        keep=keep,
        draw=draw,
        unit=unit,
        follow=follow,
    )
