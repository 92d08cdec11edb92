"""Where a decoder looks: focus an output and its sources light up, or a source and its outputs."""

from __future__ import annotations

import re
from typing import NamedTuple

import numpy as np
import traitlets

from rnncourse import assets
from rnncourse.cells import softmax
from rnncourse.figures import coder
from rnncourse.figures.base import Figure, number, table

END = 0  # the number of the mark that ends what is said, and that begins it
TASKS = {
    "date": "a date → ISO 8601",
    "reverse": "a word, turned round",
    "French": "English → French",
}
MOST = {"date": 37, "reverse": 20, "French": 14}  # tokens that the reader may give
SIDES = ("output", "source")


class Looked(NamedTuple):
    """said: T tokens, the end mark last if it came; p: of each of them, (T,); weights: (T, S)."""

    said: list[int]
    p: np.ndarray
    weights: np.ndarray


def look(weights: coder.Weights, source: list[int], limit: int, covered: list[int]) -> Looked:
    """What `models.AttentiveEncoderDecoder` says, greedily, with additive attention.

    source: S token numbers; covered: places whose weights are held at 0, as over padding.
    """
    out, h = coder.encode(weights, source)
    memory = coder.linear(weights, "memory", out)  # (S, H)
    keys = coder.linear(weights, "score.of_memory", memory)
    real = ~np.isin(np.arange(len(source)), covered)
    cell, token, found = coder.gru(weights, "decoder"), END, []
    for place in range(limit + 1):  # one more, for the end mark of the longest
        query = coder.linear(weights, "score.of_query", h)
        scores = coder.linear(weights, "score.v", np.tanh(query + keys))[:, 0]
        a = softmax(np.where(real, scores, -np.inf))  # (S,)
        context = a @ memory
        x = np.concatenate([weights["target_embedding.weight"][token], context])
        h, _ = cell.step(x, h)
        both = np.tanh(coder.linear(weights, "combine", np.concatenate([h, context])))
        p = softmax(coder.linear(weights, "read_out", both))
        token = int(p.argmax())
        if place < limit or token == END:
            found.append((token, p[token], a))
        if token == END:
            break
    said, p, looked = zip(*found, strict=True)
    return Looked(list(said), np.array(p), np.array(looked))


def split(task: str, text: str) -> list[str]:
    """The tokens of what was typed: words of a sentence, else letters; all in small letters."""
    return re.findall(r"\w+'|\w+", text.lower()) if task == "French" else list(text.lower())


def joined(task: str, tokens: list[str]) -> str:
    return " ".join(tokens).replace("' ", "'") if task == "French" else "".join(tokens)


class AttentionExplorer(Figure):
    """State: three networks, the task, the text, what is focused, which sources are covered."""

    name = "attention_explorer"
    networks = traitlets.Dict().tag(sync=True)  # task → tokens, weights, limit, examples, wrong
    task = traitlets.Enum(list(TASKS), "French").tag(sync=True)
    text = traitlets.Unicode().tag(sync=True)
    side = traitlets.Enum(SIDES, "output").tag(sync=True)
    place = traitlets.Int(0).tag(sync=True)
    covered = traitlets.List().tag(sync=True)  # places of the source, never all of them

    def source(self) -> list[str]:
        """The tokens that the network knows of what was typed; those of an example if none."""
        network = self.networks[self.task]
        for text in (self.text, network["examples"][0][0]):
            known = [token for token in split(self.task, text) if token in network["source"]]
            if known:
                return known[: MOST[self.task]]
        return []

    def looked(self) -> Looked:
        network, read = self.networks[self.task], self.source()
        weights = {name: assets.unpack(one) for name, one in network["weights"].items()}
        numbers = [network["source"].index(token) for token in read]
        return look(weights, numbers, network["limit"], self.covered)

    def said(self) -> list[str]:
        """The tokens of the answer, the end mark among them."""
        return [self.networks[self.task]["target"][token] for token in self.looked().said]

    def describe(self) -> str:
        read, said, weights = self.source(), self.said(), self.looked().weights
        most = [
            f"{token} looks most at {read[int(row.argmax())]} ({number(row.max())})"
            for token, row in zip(said, weights, strict=True)
        ]
        text = joined(self.task, said).replace("⊣", "").strip()
        return (
            f"A trained network with attention turns “{joined(self.task, read)}” into “{text}” "
            f"({TASKS[self.task]}). Below, a heat map: a row for each output, a column for each "
            "source, a square the larger the more the output looks there: " + "; ".join(most) + "."
        )

    def fallback(self) -> str:
        read, said, weights = self.source(), self.said(), self.looked().weights
        rows = [
            [said[t], ", ".join(f"{read[s]} {number(row[s])}" for s in np.argsort(-row)[:3])]
            for t, row in enumerate(weights)
        ]
        return table(["output", "looks most at"], rows, "Where each output looks")


def attention_explorer(
    task: str = "French", text: str = "", side: str = "output", place: int = 1, covered=()
) -> AttentionExplorer:
    """See where a network looks: focus an output, a source; type a text; cover a source.

    task: "date", "reverse" or "French". text: what is read; the first example without one. side,
    place: which "output" or "source" is focused, from 0. covered: places of the source whose
    weights are held at 0. `rnncourse.assets.attention` trained the networks.

    Raises ValueError if all of the source is covered.
    """
    stored = assets.load("attention")
    figure = AttentionExplorer(
        networks={name: stored[name] for name in TASKS},
        task=task,
        text=text or stored[task]["examples"][0][0],
        side=side,
        place=place,
        covered=list(covered),
    )
    if len(set(covered)) >= len(figure.source()):
        raise ValueError("all of the source is covered: leave one place to look at")
    return figure
