"""The RNN, the LSTM or the GRU cell as a diagram: each part with its term and its line of code."""

from __future__ import annotations

import inspect
import textwrap

import numpy as np
import traitlets

from rnncourse.cells import GRUCell, LSTMCell, rnn_step
from rnncourse.figures.base import Figure, number, table

# part: (name, formula, what stands for it in the code, what it does)
PARTS = {
    "rnn": {
        "x": ("input x_t", "W_xh x_t", "x_t @ W_xh.T",
              "What comes in at this step, times the input weights."),
        "h_prev": ("state before, h_{t−1}", "W_hh h_{t−1}", "h_prev @ W_hh.T",
                   "The cell’s own last state, times the recurrent weights: its memory."),
        "b": ("bias", "b_h", "+ ⟨b_h⟩", "A number of its own; no input, no state changes it."),
        "sum": ("sum", "W_xh x_t + W_hh h_{t−1} + b_h", "x_t @ W_xh.T + h_prev @ W_hh.T + b_h",
                "New and old are added up, one number for each unit."),
        "h": ("new state h_t", "tanh(…)", "activation(x_t @ W_xh.T + h_prev @ W_hh.T + b_h)",
              "The tanh bends the sum to between −1 and 1: the new state, for the next step and "
              "for whoever reads."),
    },
    "lstm": {
        "c_prev": ("conveyor belt, c_{t−1}", "c_{t−1}", "f * ⟨c_prev⟩",
                   "What the cell has kept so far. It rides along the top: no matrix, no tanh."),
        "h_prev": ("state before, h_{t−1}", "h_{t−1}", "h_prev @ W_hh.T",
                   "What the cell showed last. All three gates and the candidate listen to it."),
        "x": ("input x_t", "x_t", "x_t @ W_xh.T",
              "What comes in at this step. All three gates and the candidate listen to it, too."),
        "f": ("forget gate f", "σ(W_xf x_t + W_hf h_{t−1} + b_f)", "sigmoid(a_f)",
              "How much of the belt’s load stays: 1 keeps all, 0 nothing."),
        "keep": ("what is kept", "f ⊙ c_{t−1}", "f * c_prev",
                 "The old load of the belt, times the forget gate."),
        "i": ("input gate i", "σ(W_xi x_t + W_hi h_{t−1} + b_i)", "sigmoid(a_i)",
              "How much of the candidate is let onto the belt."),
        "g": ("candidate g", "tanh(W_xg x_t + W_hg h_{t−1} + b_g)", "np.tanh(a_g)",
              "What could be put on the belt: new content, between −1 and 1."),
        "write": ("what is added", "i ⊙ g", "i * g",
                  "The candidate, times the input gate."),
        "c": ("new load of the belt, c_t", "f ⊙ c_{t−1} + i ⊙ g", "c_t = f * c_prev + i * g",
              "What is kept plus what is added: the belt carries it on to the next step."),
        "tanh_c": ("tanh of the belt", "tanh(c_t)", "np.tanh(c_t)",
                   "A copy of the load, bent to between −1 and 1. The belt itself stays as it is."),
        "o": ("output gate o", "σ(W_xo x_t + W_ho h_{t−1} + b_o)", "sigmoid(a_o)",
              "How much of the belt’s load is shown."),
        "h": ("new state h_t", "o ⊙ tanh(c_t)", "o * tanh_c",
              "What the cell shows: to its own next step, and to whoever reads."),
    },
    "gru": {
        "h_prev": ("state before, h_{t−1}", "h_{t−1}", "h_prev @ W_hrz.T",
                   "The only state. It is carried along the top, and both gates listen to it."),
        "x": ("input x_t", "x_t", 'x_t @ self.params["W_xh"].T',
              "What comes in at this step. Both gates and the candidate listen to it."),
        "r": ("reset gate r", "σ(W_xr x_t + W_hr h_{t−1} + b_r)", "sigmoid(x_r + h_r)",
              "How much of the past the candidate hears."),
        "m": ("past for the candidate, m", "W_hn h_{t−1} + b_hn", "h_prev @ W_hn.T",
              "The state before, times the candidate’s own recurrent weights."),
        "rm": ("what is heard of it", "r ⊙ m", "r * m", "That past, times the reset gate."),
        "n": ("candidate n", "tanh(W_xn x_t + b_n + r ⊙ m)", "np.tanh(x_n + r * m)",
              "What the new state could be: made of the input and of what is heard of the past."),
        "z": ("update gate z", "σ(W_xz x_t + W_hz h_{t−1} + b_z)", "sigmoid(x_z + h_z)",
              "How much of the state before stays: 1 keeps all, 0 nothing."),
        "keep": ("what is kept", "z ⊙ h_{t−1}", "z * h_prev",
                 "The state before, times the update gate."),
        "rest": ("what is left for the new", "1 − z", "(1 - z)",
                 "Where more is kept, less is new: one gate does the work of two."),
        "write": ("what is added", "(1 − z) ⊙ n", "(1 - z) * n",
                  "The candidate, times what the update gate leaves for it."),
        "h": ("new state h_t", "z ⊙ h_{t−1} + (1 − z) ⊙ n", "z * h_prev + (1 - z) * n",
              "A mixture of old state and candidate; the update gate is the old one’s share."),
    },
}  # fmt: skip
# where the other convention differs: z near 1 updates
SWAPPED = {
    "z": ("update gate z", "σ(W_xz x_t + W_hz h_{t−1} + b_z)",
          "How much of the new state is new: 1 replaces all, 0 keeps all."),
    "keep": ("what is kept", "(1 − z) ⊙ h_{t−1}", "The state before, times what the gate leaves."),
    "rest": ("what is left for the old", "1 − z",
             "Where more is new, less is kept: one gate does the work of two."),
    "write": ("what is added", "z ⊙ n", "The candidate, times the update gate."),
    "h": ("new state h_t", "(1 − z) ⊙ h_{t−1} + z ⊙ n",
          "A mixture of the old state and the candidate; the update gate is the new one’s share."),
}  # fmt: skip
STEPS = {"rnn": rnn_step, "lstm": LSTMCell.step, "gru": GRUCell.step}
FIRST = {"rnn": "h_prev", "lstm": "c", "gru": "h"}
# gate: weight of x_t, weight of h_{t-1}, bias (the GRU's r · m has its weight and bias in m)
WEIGHTS = {
    "rnn": {"h": [1.2, 0.8, -0.1]},
    "lstm": {"i": [1.2, -0.5, -0.5], "f": [-0.6, 0.6, 1.9], "g": [1.6, 0.5, -0.2],
             "o": [0.9, 0.4, -0.1]},
    "gru": {"r": [0.8, 0.5, 0.2], "z": [-1.0, 0.6, 1.2], "n": [1.6, 0.0, -0.1],
            "m": [0.0, 1.1, 0.2]},
}  # fmt: skip


def code_of(cell: str) -> tuple[list[str], dict[str, list[int]]]:
    """The lines of the package's step that the diagram draws, and where in them each part stands.

    Returns the lines, and {part: [line, first character, character after the last]}.
    """
    lines = inspect.getsource(STEPS[cell]).splitlines()
    found = {}
    for part, (_, _, text, _) in PARTS[cell].items():
        # ⟨…⟩ says which part of the text is meant, where that alone stands in several lines
        plain = text.replace("⟨", "").replace("⟩", "")
        places = [k for k, line in enumerate(lines) if plain in line]
        if len(places) != 1:
            raise LookupError(
                f"{plain!r} stands in {len(places)} lines of the {cell} step, not in one; mend "
                "PARTS in rnncourse/figures/cell_diagram.py"
            )
        start = lines[places[0]].index(plain) + max(text.find("⟨"), 0)
        meant = text.partition("⟨")[2].partition("⟩")[0] or text
        found[part] = (places[0], start, start + len(meant))
    first, last = min(found.values())[0], max(found.values())[0]
    shown = textwrap.dedent("\n".join(lines[first : last + 1])).splitlines()
    indent = len(lines[first]) - len(shown[0])
    return shown, {n: [k - first, a - indent, b - indent] for n, (k, a, b) in found.items()}


class CellDiagram(Figure):
    """State: the cell of one unit, its weights, what comes in, the part that is lit."""

    name = "cell_diagram"
    cell = traitlets.Enum(list(PARTS), "lstm").tag(sync=True)
    weights = traitlets.Dict().tag(sync=True)
    x = traitlets.Float(0.6).tag(sync=True)
    h = traitlets.Float(0.3).tag(sync=True)  # h_{t-1}
    c = traitlets.Float(0.5).tag(sync=True)  # c_{t-1}
    keeps = traitlets.Bool(True).tag(sync=True)  # GRU: z near 1 keeps (PyTorch, Cho et al.)
    part = traitlets.Unicode("c").tag(sync=True)
    parts = traitlets.Dict().tag(sync=True)  # {part: [name, what it does]}
    swapped = traitlets.Dict().tag(sync=True)  # the same, where z near 1 updates
    code = traitlets.List().tag(sync=True)  # lines of the package's step
    marks = traitlets.Dict().tag(sync=True)  # {part: [line, from, to]}

    def values(self) -> dict[str, float]:
        """The number on each wire, by part, computed by `rnncourse.cells`."""
        x, h = np.array([self.x]), np.array([self.h])
        W = {name: np.array(row) for name, row in self.weights.items()}
        if self.cell == "rnn":
            w_x, w_h, b = W["h"]
            h_t = rnn_step(x, h, np.array([[w_x]]), np.array([[w_h]]), np.array([b]))
            terms = {"x": w_x * self.x, "h_prev": w_h * self.h, "b": b}
            return {**terms, "sum": sum(terms.values()), "h": h_t.item()}
        cell = (LSTMCell if self.cell == "lstm" else GRUCell)(1, 1)
        order = "ifgo" if self.cell == "lstm" else "rzn"
        columns = np.array([W[name] for name in order]).T  # (3, gates)
        cell.params.update(W_xh=columns[0][:, None], W_hh=columns[1][:, None], b_h=columns[2])
        if self.cell == "lstm":
            (h_t, c_t), cache = cell.step(x, (h, np.array([self.c])))
            parts = {name: getattr(cache, name) for name in (*order, "tanh_c")}
            parts |= {"keep": cache.f * self.c, "write": cache.i * cache.g, "c": c_t, "h": h_t}
            parts |= {"c_prev": np.array([self.c])}
        else:
            cell.params["W_hh"][2], cell.params["b_hn"] = W["m"][1], W["m"][2:]
            h_t, cache = cell.step(x, h)
            old, new = cache.z, 1 - cache.z
            parts = {name: getattr(cache, name) for name in "rmn"}
            parts |= {"rm": cache.r * cache.m, "keep": old * h, "write": new * cache.n, "h": h_t}
            z, rest = (old, new) if self.keeps else (new, old)
            parts |= {"z": z, "rest": rest}
        numbers = {name: value.item() for name, value in parts.items()}
        return {**numbers, "x": self.x, "h_prev": self.h}

    def describe(self) -> str:
        v = self.values()
        inside = {
            "rnn": "the input and the state before are weighted, added with a bias, and bent by "
            "a tanh",
            "lstm": "the conveyor belt runs along the top from c_{t−1} to c_t, is multiplied by "
            "the forget gate and added to by the input gate times the candidate; the output gate "
            "times the tanh of the belt is the state",
            "gru": "the state runs along the top, is multiplied by the update gate and added to "
            "by the rest of it times the candidate; the reset gate stands before the candidate",
        }[self.cell]
        belt = f", belt {number(v['c'])}" if "c" in v else ""
        return (
            f"Diagram of the {self.cell.upper()} cell with one unit, from left to right: {inside}. "
            "Choosing a part lights up its term of the equations and its line of code, and says "
            f"what it does. From input {number(self.x)} and state {number(self.h)} it makes the "
            f"state {number(v['h'])}{belt}."
        )

    def fallback(self) -> str:
        values = self.values()
        rows = []
        for part, (name, formula, _, does) in PARTS[self.cell].items():
            value = values[part]
            if not self.keeps and part in SWAPPED:
                name, formula, does = SWAPPED[part]
                # the code's z keeps: it is what this convention calls 1 − z
                part = {"z": "rest", "rest": "z"}.get(part, part)
            code = self.code[self.marks[part][0]].strip()
            rows.append([name, formula, number(value), does, code])
        head = ["part", "term", "value", "what it does", "line of rnncourse.cells"]
        return table(head, rows, f"The {self.cell.upper()} cell, part by part")


def cell_diagram(
    cell: str = "lstm", x: float = 0.6, h: float = 0.3, c: float = 0.5, keeps: bool = True,
    part: str | None = None,
) -> CellDiagram:  # fmt: skip
    """A cell of one unit as a diagram; each part lights up its term and its line of code.

    cell: "rnn", "lstm" or "gru". x, h, c: what comes in, x_t, h_{t-1} and, for the LSTM, c_{t-1}.
    keeps: the GRU's convention, z near 1 keeps (PyTorch) or, if False, updates. part: lit first.
    """
    if cell not in PARTS:
        raise ValueError(f"there is no diagram of {cell!r}; choose one of {', '.join(PARTS)}")
    part = part or FIRST[cell]
    if part not in PARTS[cell]:
        raise ValueError(f"{cell!r} has no part {part!r}; choose one of {', '.join(PARTS[cell])}")
    code, marks = code_of(cell)
    parts = {name: [title, does] for name, (title, _, _, does) in PARTS[cell].items()}
    swapped = {name: [title, does] for name, (title, _, does) in SWAPPED.items()}
    return CellDiagram(
        cell=cell, weights=WEIGHTS[cell], x=x, h=h, c=c, keeps=keeps, part=part, parts=parts,
        swapped=swapped if cell == "gru" else {}, code=code, marks=marks,
    )  # fmt: skip
