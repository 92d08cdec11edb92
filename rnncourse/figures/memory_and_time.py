"""What a sequence costs, by its length: memory and time, to learn from it and to write on."""

from __future__ import annotations

import math

import traitlets

from rnncourse.figures.base import Figure, number, table

MODELS = ("GRU", "Transformer, explicit", "Transformer, fused", "minimal GRU", "state space")
LOWEST, HIGHEST = 7, 20  # lengths from 2⁷ to 2²⁰
# How a cost grows beyond what was measured: with this power of the length.
LAWS = {
    "learn": {
        "mib": dict.fromkeys(MODELS, 1) | {"Transformer, explicit": 2},
        "ms": dict.fromkeys(MODELS, 1) | {"Transformer, explicit": 2, "Transformer, fused": 2},
    },
    "write": {
        "mib": dict.fromkeys(MODELS, 0) | {"Transformer, fused": 1},
        "ms": dict.fromkeys(MODELS, 0) | {"Transformer, fused": 1},
    },
}
MODES = {
    "learn": "a step of learning from a text of this length",
    "write": "one more token after a text of this length",
}


def in_units(value: float, kind: str) -> str:
    """Two digits and a unit: of MiB or of milliseconds."""
    steps = {
        "mib": [("KiB", 1 / 1024), ("MiB", 1), ("GiB", 1024), ("TiB", 1024**2)],
        "ms": [("µs", 0.001), ("ms", 1), ("s", 1000), ("min", 60_000), ("h", 3_600_000)],
    }[kind]
    unit, size = next((step for step in reversed(steps) if value >= step[1]), steps[0])
    return f"{number(value / size, 1 if value / size < 9.95 else 0)} {unit}"


class MemoryAndTime(Figure):
    """State: the measured curves and their laws, which cost is shown, log₂ of the length."""

    name = "memory_and_time"
    curves = traitlets.Dict().tag(sync=True)  # mode → model → {length, mib, ms}, lists
    laws = traitlets.Dict().tag(sync=True)
    mode = traitlets.Enum(list(MODES), "learn").tag(sync=True)
    power = traitlets.Float(12.0).tag(sync=True)

    def cost(self, model: str, kind: str, power: float, mode: str = "") -> tuple[float, str]:
        """The cost at a length of 2^power, and whether it was measured there, lies between two
        measured lengths, or beyond them."""
        mode = mode or self.mode
        curve, length = self.curves[mode][model], 2**power
        lengths, values = curve["length"], curve[kind]
        if length > lengths[-1]:
            return values[-1] * (length / lengths[-1]) ** self.laws[mode][kind][model], "beyond"
        k = max(n for n, known in enumerate(lengths) if known <= length)
        if lengths[k] == length:
            return values[k], "measured"
        share = (power - _log2(lengths[k])) / (_log2(lengths[k + 1]) - _log2(lengths[k]))
        return values[k] ** (1 - share) * values[k + 1] ** share, "between"

    def told(self, kind: str, power: float, mode: str = "") -> list[str]:
        mark = {"measured": "", "between": "", "beyond": "*"}
        found = [self.cost(m, kind, power, mode) for m in self.curves[mode or self.mode]]
        return [in_units(value, kind) + mark[how] for value, how in found]

    def describe(self) -> str:
        models = list(self.curves[self.mode])
        pairs = zip(models, self.told("mib", self.power), self.told("ms", self.power), strict=True)
        costs = "; ".join(f"{model} {memory}, {time}" for model, memory, time in pairs)
        return (
            "Two plots on logarithmic axes, memory and time against the length of a text, with a "
            f"line for each of {len(models)} models of equal size. At {round(2**self.power):,} "
            f"tokens, {MODES[self.mode]} takes: {costs}. A star, and a dotted line, say that a "
            "value lies beyond what was measured."
        )

    def fallback(self) -> str:
        powers = (7, 10, 13, 17, 20)
        rows = []
        for mode, what in MODES.items():
            for kind in ("mib", "ms"):
                columns = [self.told(kind, power, mode) for power in powers]
                for model, *values in zip(self.curves[mode], *columns, strict=True):
                    rows.append([what, model, *values])
        head = ["cost of", "model", *(f"{2**power:,} tokens" for power in powers)]
        return table(head, rows, "Memory and time against length; * extrapolated")


def _log2(length: int) -> int:
    return length.bit_length() - 1  # lengths are powers of two


def memory_and_time(rows: list[dict], mode: str = "learn", length: int = 4096) -> MemoryAndTime:
    """Memory and time against length, with a slider for the length.

    rows: of benchmarks/results/lengths.json. mode: "learn" or "write". length: 128 to 2²⁰; beyond
    what was measured the figure extrapolates by the laws of this module, and says so.
    """
    if not 2**LOWEST <= length <= 2**HIGHEST:
        raise ValueError(f"length is {length}, but the slider goes from 128 to {2**HIGHEST:,}")
    curves: dict[str, dict] = {mode: {} for mode in MODES}
    for part, mode_of, unit, scale, calls in (
        ("train", "learn", "mib", 1, 1),
        ("generate", "write", "kib", 1024, 10),
    ):
        for row in rows:
            if row["part"] == part and row["batch"] == 1:
                empty = {"length": [], "mib": [], "ms": []}
                curve = curves[mode_of].setdefault(row["model"], empty)
                curve["length"].append(row["length"])
                curve["mib"].append(float(f"{row[unit] / scale:.4g}"))
                curve["ms"].append(float(f"{row['ms'] / calls:.4g}"))
    power = float(f"{math.log2(length):.2f}")
    return MemoryAndTime(curves=curves, laws=LAWS, mode=mode, power=power)
