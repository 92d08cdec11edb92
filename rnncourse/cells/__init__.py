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
from .gradcheck import GradientError, gradcheck, numerical_gradient
from .gru import GRUCell
from .initialisers import identity, orthogonal, uniform, xavier
from .lstm import LSTMCell
from .optim import SGD, Adam, clip_by_norm, clip_by_value, global_norm
from .rnn import RNNCell, rnn_step
from .unroll import gradient_lengths, unroll, unroll_backward

__all__ = [
    "SGD",
    "Adam",
    "GRUCell",
    "GradientError",
    "LSTMCell",
    "RNNCell",
    "clip_by_norm",
    "clip_by_value",
    "cross_entropy",
    "cross_entropy_backward",
    "embed",
    "global_norm",
    "gradcheck",
    "gradient_lengths",
    "identity",
    "log_softmax",
    "numerical_gradient",
    "one_hot",
    "orthogonal",
    "rnn_step",
    "sigmoid",
    "softmax",
    "uniform",
    "unroll",
    "unroll_backward",
    "xavier",
]
