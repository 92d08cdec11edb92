"""The look of static plots."""

from __future__ import annotations

from rnncourse.figures import palette


def use_style() -> None:
    """Give every following matplotlib plot the look of the course.

    The background is transparent, because the site inverts plots in dark mode; sizes fit the
    text column of the book, and letters stay readable on a phone.
    """
    import matplotlib as mpl

    order = [palette.MODELS[name] for name in ("rnn", "lstm", "gru", "attention", "baseline")]
    cycle = mpl.cycler(
        color=[role.color for role in order], linestyle=[role.linestyle for role in order]
    )
    mpl.rcParams.update(
        {
            "figure.facecolor": "none",
            "axes.facecolor": "none",
            "savefig.facecolor": "none",
            "savefig.transparent": True,
            "figure.figsize": (7.0, 3.4),
            "figure.dpi": 110,
            "savefig.dpi": 110,
            "savefig.bbox": "tight",
            "figure.constrained_layout.use": True,
            "font.size": 11,
            "axes.titlesize": 12,
            "axes.titleweight": "bold",
            "axes.titlelocation": "left",
            "axes.labelsize": 11,
            "axes.prop_cycle": cycle,
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.edgecolor": palette.MUTED,
            "axes.labelcolor": palette.INK,
            "axes.titlecolor": palette.INK,
            "text.color": palette.INK,
            "xtick.color": palette.MUTED,
            "ytick.color": palette.MUTED,
            "xtick.labelcolor": palette.INK,
            "ytick.labelcolor": palette.INK,
            "axes.grid": True,
            "axes.axisbelow": True,
            "grid.color": "#9AA3AE",
            "grid.alpha": 0.3,
            "grid.linewidth": 0.7,
            "lines.linewidth": 2.0,
            "lines.markersize": 5.5,
            "legend.frameon": False,
            "legend.handlelength": 2.6,  # long enough to tell the line styles apart
            "image.cmap": "cividis",
            "image.interpolation": "nearest",
        }
    )
