"""Recurrent cells in plain NumPy, forward and backward by hand. Never imports torch."""

from .functions import (
    cross_entropy,
    cross_entropy_backward,
    embed,
    log_softmax,
    one_hot,
    sigmoid,
    softmax,
)
from .rnn import RNNCell, rnn_step
from .unroll import unroll, unroll_backward

__all__ = [
    "RNNCell",
    "cross_entropy",
    "cross_entropy_backward",
    "embed",
    "log_softmax",
    "one_hot",
    "rnn_step",
    "sigmoid",
    "softmax",
    "unroll",
    "unroll_backward",
]
