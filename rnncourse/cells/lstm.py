"""The LSTM cell (Hochreiter and Schmidhuber, 1997), with the forget gate of Gers et al. (2000)."""

from typing import NamedTuple

import numpy as np

from .functions import sigmoid
from .initialisers import initial_params
from .shapes import bias_gradient, check_step, weight_gradient, zeros


class LSTMCache(NamedTuple):
    """What one step leaves behind for its way back, the four gates among it, each (B, H)."""

    x_t: np.ndarray
    h_prev: np.ndarray
    c_prev: np.ndarray
    i: np.ndarray
    f: np.ndarray
    g: np.ndarray
    o: np.ndarray
    tanh_c: np.ndarray


class LSTMCell:
    """An LSTM cell: W_xh (4H, D), W_hh (4H, H), b_h (4H,), gate order i f g o.

    rng: numpy Generator or seed. init: see `initialisers.initial_params`. forget_bias sets the
    H forget entries of b_h (1 is a good start for long memories); None leaves them as drawn.
    The state is the pair (h, c), each (B, H).
    """

    def __init__(
        self, input_size, hidden_size, rng=None, init="uniform", forget_bias=None,
        dtype=np.float64,
    ):
        self.input_size, self.hidden_size = input_size, hidden_size
        self.params = initial_params(input_size, hidden_size, 4, rng, init, dtype)
        if forget_bias is not None:
            self.params["b_h"][hidden_size : 2 * hidden_size] = forget_bias

    def initial_state(self, batch_size=None):
        """(h_0, c_0), both zero: (B, H) each, or (H,) without a batch size."""
        dtype = self.params["W_hh"].dtype
        return tuple(zeros(batch_size, self.hidden_size, dtype) for _ in "hc")

    def step(self, x_t, state):
        """x_t (B, D), state (h, c) → the next (h, c), and the cache for `step_backward`."""
        x_t, (h_prev, c_prev) = np.asarray(x_t), map(np.asarray, state)
        check_step(x_t, h_prev, self.input_size, self.hidden_size)
        W_xh, W_hh, b_h = (self.params[name] for name in ("W_xh", "W_hh", "b_h"))
        a = x_t @ W_xh.T + h_prev @ W_hh.T + b_h  # (B, 4H)
        a_i, a_f, a_g, a_o = np.split(a, 4, axis=-1)  # (B, H) each
        i, f, g, o = sigmoid(a_i), sigmoid(a_f), np.tanh(a_g), sigmoid(a_o)
        c_t = f * c_prev + i * g
        tanh_c = np.tanh(c_t)
        return (o * tanh_c, c_t), LSTMCache(x_t, h_prev, c_prev, i, f, g, o, tanh_c)

    def step_backward(self, dstate, cache):
        """(dL/dh_t, dL/dc_t) → dL/dx_t, (dL/dh_{t-1}, dL/dc_{t-1}), gradients of the parameters."""
        dh, dc = dstate
        x_t, h_prev, c_prev, i, f, g, o, tanh_c = cache
        dc = dc + dh * o * (1 - tanh_c**2)  # h_t = o · tanh(c_t) leads into c_t, too
        da = np.concatenate(
            [
                dc * g * i * (1 - i),
                dc * c_prev * f * (1 - f),
                dc * i * (1 - g**2),
                dh * tanh_c * o * (1 - o),
            ],
            axis=-1,
        )  # (B, 4H)
        grads = {
            "W_xh": weight_gradient(da, x_t),  # (4H, D)
            "W_hh": weight_gradient(da, h_prev),  # (4H, H)
            "b_h": bias_gradient(da),  # (4H,)
        }
        return da @ self.params["W_xh"], (da @ self.params["W_hh"], dc * f), grads
