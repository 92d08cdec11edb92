"""Every static plot and every figure that moves, one function each. Never needs torch."""

from rnncourse.figures import palette
from rnncourse.figures.activations import activations
from rnncourse.figures.base import Figure
from rnncourse.figures.gradient_walk import gradient_walk
from rnncourse.figures.style import use_style

__all__ = ["Figure", "activations", "gradient_walk", "palette", "use_style"]
