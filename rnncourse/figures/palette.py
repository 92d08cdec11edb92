"""One colour, one meaning: the palette of every figure of the course.

A role has the same colour in static plots, in figures that move and in diagrams. Within a group
the colours stay apart for readers with red-green colour blindness (smallest distance over
normal, protan and deutan vision: 17 in Lab units), and so do the gates from the input, the state
and the cell they stand beside. A model has no colour of a quantity or a gate, nor one that is
taken for it (smallest distance: 14). Each has a line style and a marker, so that colour never
carries a meaning alone. An amount is no role: `scale` has its shades. Each colour reaches a
contrast of 3:1 on white and, inverted as the site shows plots in dark mode, on the dark page.
"""

from __future__ import annotations

from typing import NamedTuple


class Role(NamedTuple):
    """How one meaning is drawn: a colour for light pages, a line style, a marker."""

    color: str
    linestyle: str | tuple = "-"
    marker: str = "o"

    def line(self) -> dict[str, object]:
        """The role as keyword arguments: ``ax.plot(t, h, **roles["state"].line())``."""
        return {"color": self.color, "linestyle": self.linestyle, "marker": self.marker}

    def dashes(self) -> str:
        """The line style as a dash pattern of CSS, for a line of about 2 pixels."""
        named = {"-": (), "-.": (6.4, 1.6, 1, 1.6)}  # as matplotlib draws them
        pattern = self.linestyle[1] if isinstance(self.linestyle, tuple) else named[self.linestyle]
        return " ".join(f"{2 * part:g}" for part in pattern) or "none"


QUANTITIES = {
    "input": Role("#0072B2", (0, (5, 2)), "s"),  # x_t
    "state": Role("#D05208", "-", "o"),  # h_t
    "cell": Role("#5C3310", "-.", "D"),  # c_t
    "output": Role("#1E9270", (0, (3, 1, 1, 1, 1, 1)), "^"),  # y_t
    "gradient": Role("#7A1461", (0, (1, 1.2)), "v"),  # loss and gradient
}
GATES = {
    "i": Role("#00A3A3", (0, (5, 2)), "s"),
    "f": Role("#E0407A", "-", "o"),
    "g": Role("#14513F", (0, (3, 1, 1, 1, 1, 1)), "^"),
    "o": Role("#8A2BE2", (0, (1, 1.2)), "v"),
    "r": Role("#8A2BE2", (0, (1, 1.2)), "v"),  # GRU: reset
    "z": Role("#E0407A", "-", "o"),  # GRU: update, which keeps as f does
    "n": Role("#14513F", (0, (3, 1, 1, 1, 1, 1)), "^"),  # GRU: candidate, as g
}
MODELS = {
    "baseline": Role("#1E1E1E", (0, (5, 2)), "X"),
    "rnn": Role("#963C0F", "-", "o"),
    "lstm": Role("#1E2D96", "-.", "s"),
    "gru": Role("#4BA53C", (0, (3, 1, 1, 1, 1, 1)), "^"),
    "attention": Role("#E14BF0", (0, (1, 1.2)), "D"),
    "linear": Role("#1E00F0", (0, (7, 1.5, 1, 1.5, 1, 1.5)), "P"),  # linear in its state
}
INK = "#1F2933"  # text, axes, edges of diagrams
MUTED = "#5B6470"  # grid, notes, what is not in focus
# of a scale, light to dark, each with its line style and marker
SHADES = (
    Role("#9B8F62", (0, (1, 1.2)), "v"),
    Role("#7F7449", (0, (3, 1, 1, 1, 1, 1)), "^"),
    Role("#625932", "-.", "D"),
    Role("#463E1E", (0, (5, 2)), "s"),
    Role("#2A240C", "-", "o"),
)
RIGHT, WRONG = "#14602F", "#9C1C1C"  # answers, always with a mark or a word beside the colour

roles = {**QUANTITIES, **GATES, **MODELS}


def color(role: str) -> str:
    """The colour of a role, such as "state" or "lstm"; "ink" and "muted" are the neutrals."""
    neutral = {"ink": INK, "muted": MUTED}
    if role in neutral:
        return neutral[role]
    if role not in roles:
        raise KeyError(f"there is no role {role!r}; the palette has {', '.join(roles)}, ink, muted")
    return roles[role].color


def scale(n: int) -> list[Role]:
    """n shades, light to dark, for n growing amounts (a size, a number of steps): no role's own.

    n: 1 to 5, which is as many as can be told apart.
    """
    if not 1 <= n <= len(SHADES):
        raise ValueError(f"a scale has 1 to {len(SHADES)} shades, not {n}; draw fewer lines")
    places = [round(k * (len(SHADES) - 1) / max(n - 1, 1)) for k in range(n)]
    return [SHADES[place] for place in places]


def inverted(hex_color: str) -> str:
    """What CSS's ``invert() hue-rotate(180deg)`` makes of a colour: its dark-mode twin."""
    red, green, blue = (1 - int(hex_color[k : k + 2], 16) / 255 for k in (1, 3, 5))
    rotated = (
        -0.574 * red + 1.430 * green + 0.144 * blue,
        0.426 * red + 0.430 * green + 0.144 * blue,
        0.426 * red + 1.430 * green - 0.856 * blue,
    )
    return "#" + "".join(f"{round(255 * min(max(v, 0), 1)):02X}" for v in rotated)


def diverging():
    """A colour map for signed values: negative in the input's blue, zero pale, positive orange."""
    from matplotlib.colors import LinearSegmentedColormap

    ends = (color("input"), "#F4F2EF", color("state"))
    return LinearSegmentedColormap.from_list("rnncourse", ends)


def css() -> str:
    """The palette as CSS custom properties ``--rnn-ROLE``, for light and for dark pages."""
    names = {**{role: entry.color for role, entry in roles.items()}, "ink": INK, "muted": MUTED}
    # one letter is not much of a name in a style sheet
    names = {f"gate-{n}" if n in GATES else n: c for n, c in names.items()}
    dashes = {f"dash-{n}": entry.dashes() for n, entry in {**QUANTITIES, **MODELS}.items()}
    dashes |= {f"dash-gate-{n}": entry.dashes() for n, entry in GATES.items()}
    light = {**names, **dashes, "right": RIGHT, "wrong": WRONG}
    light |= {"lit": "#FFE08A", "paper": "#FFFFFF", "panel": "#F4F2EF", "rule": "#D5D2CC"}
    dark = {name: inverted(c) for name, c in names.items()}
    dark |= {"ink": "#E4E7EB", "muted": "#A3ACB8", "right": "#7FD69B", "wrong": "#FF9E94"}
    dark |= {"lit": "#6B5208", "paper": "#14181E", "panel": "#1F252D", "rule": "#3B4450"}
    where = ".rnn-figure, .rnncourse-figure, .rnn-colors"
    selectors = {
        where: light,
        f'html[data-theme="dark"] :is({where})': dark,
        f'body[data-jp-theme-light="false"] :is({where})': dark,
        f"html[theme=dark] :is({where})": dark,  # Colab
        f"body.vscode-dark :is({where})": dark,
    }
    return "\n".join(
        selector + " {" + " ".join(f"--rnn-{n}: {c};" for n, c in values.items()) + "}"
        for selector, values in selectors.items()
    )
