"""Every static plot and every figure that moves, one function each. Never needs torch."""

from rnncourse.figures import palette
from rnncourse.figures.activations import activations
from rnncourse.figures.attention_explorer import attention_explorer
from rnncourse.figures.bag_window_recurrent import bag_window_recurrent
from rnncourse.figures.base import Figure
from rnncourse.figures.beam_tree import beam_tree
from rnncourse.figures.both_ways import both_ways
from rnncourse.figures.calculator import forward_calculator
from rnncourse.figures.cell_diagram import cell_diagram
from rnncourse.figures.chorale_player import chorale_player
from rnncourse.figures.digit_listener import digit_listener
from rnncourse.figures.draw_curve import draw_curve
from rnncourse.figures.folded_loop import folded_loop
from rnncourse.figures.gate_explorer import gate_explorer
from rnncourse.figures.gradient_flow import gradient_flow
from rnncourse.figures.gradient_roads import gradient_roads
from rnncourse.figures.gradient_walk import gradient_walk
from rnncourse.figures.matching_game import matching_game
from rnncourse.figures.memory_and_time import memory_and_time
from rnncourse.figures.news import news
from rnncourse.figures.sequences import packed_batch, padded_batch, piano_roll
from rnncourse.figures.style import use_style
from rnncourse.figures.topologies import topologies
from rnncourse.figures.unrolled import unrolled_network
from rnncourse.figures.word_order import word_order
from rnncourse.figures.writer import writer

__all__ = [
    "Figure",
    "activations",
    "attention_explorer",
    "bag_window_recurrent",
    "beam_tree",
    "both_ways",
    "cell_diagram",
    "chorale_player",
    "digit_listener",
    "draw_curve",
    "folded_loop",
    "forward_calculator",
    "gate_explorer",
    "gradient_flow",
    "gradient_roads",
    "gradient_walk",
    "matching_game",
    "memory_and_time",
    "news",
    "packed_batch",
    "padded_batch",
    "palette",
    "piano_roll",
    "topologies",
    "unrolled_network",
    "use_style",
    "word_order",
    "writer",
]
