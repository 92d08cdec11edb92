"""Three steps of an RNN or an LSTM, and each road that a gradient takes back: cut one and see."""

from __future__ import annotations

import numpy as np
import traitlets

from rnncourse.cells import LSTMCell, RNNCell, unroll
from rnncourse.figures.base import Figure, number, table

HIDDEN, SEED = 4, 4
X = (0.8, -0.4, 0.6)  # three steps of one number
# road: (name, what carries the gradient from step t to step t − 1)
ROADS = {
    "rnn": {"h": ("recurrent matrix", "h_t → tanh → W_hh → h_{t−1}")},
    "lstm": {
        "belt": ("conveyor belt", "c_t → f → c_{t−1}"),
        "f": ("forget gate f", "c_t → f → W_hf → h_{t−1}"),
        "i": ("input gate i", "c_t → i → W_hi → h_{t−1}"),
        "g": ("candidate g", "c_t → g → W_hg → h_{t−1}"),
        "o": ("output gate o", "h_t → o → W_ho → h_{t−1}"),
    },
}
BLOCKS = "ifgo"  # of W_hh, in this order


class GradientRoads(Figure):
    """State: the cell, its weights, the scale of W_hh, the forget bias, the roads that are cut."""

    name = "gradient_roads"
    cell = traitlets.Enum(list(ROADS), "lstm").tag(sync=True)
    W_xh = traitlets.List().tag(sync=True)  # (H,) or (4H,): one input number a step
    W_hh = traitlets.List().tag(sync=True)  # (H, H) or (4H, H)
    b_h = traitlets.List().tag(sync=True)
    x = traitlets.List(list(X)).tag(sync=True)
    scale = traitlets.Float(1.0).tag(sync=True)  # multiplies W_hh
    bias = traitlets.Float(1.0).tag(sync=True)  # of the forget gate
    cut = traitlets.List().tag(sync=True)

    def _cell(self):
        cell = (LSTMCell if self.cell == "lstm" else RNNCell)(1, HIDDEN)
        W_hh = self.scale * np.array(self.W_hh)
        cell.params.update(W_xh=np.array(self.W_xh)[:, None], W_hh=W_hh, b_h=np.array(self.b_h))
        if self.cell == "lstm":
            cell.params["b_h"][HIDDEN : 2 * HIDDEN] = self.bias
        return cell

    def _back(self, cell, gradient, cache, roads) -> tuple[np.ndarray, ...]:
        """The gradient one step back by these roads only: (dh,) or (dh, dc)."""
        whole = cell.params["W_hh"]
        if self.cell == "rnn":
            _, dh, _ = cell.step_backward(gradient[0], cache)
            return (dh if "h" in roads else 0 * dh,)
        open_rows = np.repeat([gate in roads for gate in BLOCKS], HIDDEN)  # (4H,)
        cell.params["W_hh"] = whole * open_rows[:, None]
        _, (dh, dc), _ = cell.step_backward(gradient, cache)
        cell.params["W_hh"] = whole
        return dh, dc if "belt" in roads else 0 * dc

    def walk(self, cut=None) -> list[dict]:
        """Steps 3, 2, 1: the gradient there, its length, and how much came by each road.

        A gradient of length 1 begins at h_3, in all units alike. whole is (dh,) or (dh, dc), where
        dc has what h_t sends on to c_t within its step, but for step 1, where the walk ends;
        length is that of what came from the step after. cut: roads, the figure's if None.
        """
        cell = self._cell()
        cut = self.cut if cut is None else cut
        roads = [road for road in ROADS[self.cell] if road not in cut]
        _, _, caches = unroll(cell, np.array(self.x)[:, None])
        start = np.full(HIDDEN, HIDDEN**-0.5)
        gradient, by = (start, 0 * start) if self.cell == "lstm" else (start,), {}
        steps = []
        for t in range(len(self.x), 0, -1):
            length = float(np.linalg.norm(gradient))
            whole, cache = list(gradient), caches[t - 1]
            if self.cell == "lstm" and t > 1:
                whole[1] = whole[1] + whole[0] * cache.o * (1 - cache.tanh_c**2)
            steps.append({"t": t, "whole": [g.tolist() for g in whole], "length": length, "by": by})
            if t > 1:
                each = {road: self._back(cell, gradient, cache, [road]) for road in roads}
                by = {road: float(np.linalg.norm(part)) for road, part in each.items()}
                gradient = self._back(cell, gradient, cache, roads)
        return steps

    def describe(self) -> str:
        whole, left = (self.walk(cut)[-1]["length"] for cut in ([], self.cut))
        names = ", ".join(name for name, _ in ROADS[self.cell].values())
        closed = " and ".join(ROADS[self.cell][road][0] for road in self.cut) or "nothing"
        return (
            f"Three steps of the {self.cell.upper()} and the gradient’s paths from each step to "
            f"the one before: {names}. A switch cuts each. Of a gradient of length 1 at the last "
            f"state {number(whole, 3)} arrives at step 1 by all paths, {number(left, 3)} with "
            f"{closed} cut. A slider changes the scale of W_hh"
            + (", another the forget bias." if self.cell == "lstm" else ".")
        )

    def fallback(self) -> str:
        rows = [
            [name, way, number(self.walk([road])[-1]["length"], 3)]
            for road, (name, way) in ROADS[self.cell].items()
        ]
        rows.append(["none", "", number(self.walk([])[-1]["length"], 3)])
        head = ["path that is cut", "it runs", "length at step 1"]
        return table(head, rows, "What arrives of a gradient of length 1")


def gradient_roads(
    cell: str = "lstm", cut=(), scale: float = 1.0, bias: float = 1.0, seed: int = SEED
) -> GradientRoads:
    """Three steps of a fresh cell of four units: cut a road, see what still arrives at step 1.

    cell: "rnn" or "lstm". cut: roads that are closed at first, "h" in the RNN; "belt", "f", "i",
    "g", "o" in the LSTM. scale: multiplies W_hh, in [0.5, 3]. bias: forget bias, in [-1, 5].
    """
    if cell not in ROADS or set(cut) - set(ROADS.get(cell, ())):
        raise ValueError(f"cell and cut are {cell!r}, {list(cut)}; the roads there are: {ROADS}")
    rng = np.random.default_rng(seed)
    made = LSTMCell(1, HIDDEN, rng) if cell == "lstm" else RNNCell(1, HIDDEN, rng)
    weights = {name: (np.round(p, 3) + 0.0).tolist() for name, p in made.params.items()}
    weights["W_xh"] = [row[0] for row in weights["W_xh"]]
    return GradientRoads(cell=cell, cut=list(cut), scale=scale, bias=bias, **weights)
