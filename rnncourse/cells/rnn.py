"""The vanilla recurrent cell (Elman, 1990): h_t = tanh(W_xh x_t + W_hh h_{t-1} + b_h)."""

from typing import NamedTuple

import numpy as np

from .functions import sigmoid
from .initialisers import initial_params
from .shapes import bias_gradient, check_step, weight_gradient, zeros

# name: (the function, its slope written in terms of its own output)
NONLINEARITIES = {
    "tanh": (np.tanh, lambda h: 1 - h**2),
    "relu": (lambda a: np.maximum(a, 0), lambda h: (h > 0).astype(h.dtype)),
    "sigmoid": (sigmoid, lambda h: h * (1 - h)),
    "identity": (lambda a: a, np.ones_like),
}


def check_nonlinearity(name):
    """Raise ValueError for a nonlinearity that is not in the table above."""
    if name not in NONLINEARITIES:
        known = ", ".join(NONLINEARITIES)
        raise ValueError(f"nonlinearity {name!r} is unknown; choose one of {known}")


def check_weights(W_xh, W_hh, b_h):
    """Raise ValueError unless W_hh is (H, H), W_xh (H, D) and b_h (H,); others may broadcast."""
    shapes = {"W_hh": np.shape(W_hh), "W_xh": np.shape(W_xh), "b_h": np.shape(b_h)}
    H = next(iter(shapes["W_hh"]), 0)
    for name, wanted, fits in [
        ("W_hh", "(H, H)", shapes["W_hh"] == (H, H)),
        ("W_xh", f"(H, D) with H={H}", len(shapes["W_xh"]) == 2 and shapes["W_xh"][0] == H),
        ("b_h", f"({H},)", shapes["b_h"] == (H,)),
    ]:
        if not fits:
            raise ValueError(f"{name} has shape {shapes[name]}, but must be {wanted}")


def rnn_step(x_t, h_prev, W_xh, W_hh, b_h, nonlinearity="tanh"):
    """One time step: x_t (B, D), h_prev (B, H) → h_t (B, H). Without a batch: (D,), (H,) → (H,).

    W_xh (H, D), W_hh (H, H), b_h (H,). nonlinearity is tanh, relu, sigmoid or identity.
    Raises ValueError where the shapes do not fit.
    """
    check_nonlinearity(nonlinearity)
    check_weights(W_xh, W_hh, b_h)
    x_t, h_prev = np.asarray(x_t), np.asarray(h_prev)
    check_step(x_t, h_prev, input_size=W_xh.shape[1], hidden_size=W_hh.shape[1])
    activation, _ = NONLINEARITIES[nonlinearity]
    return activation(x_t @ W_xh.T + h_prev @ W_hh.T + b_h)


class RNNCache(NamedTuple):
    """What one step leaves behind for its way back."""

    x_t: np.ndarray
    h_prev: np.ndarray
    h_t: np.ndarray


class RNNCell:
    """A vanilla cell with its own parameters: W_xh (H, D), W_hh (H, H), b_h (H,).

    rng: numpy Generator or seed. init: "uniform", "xavier", "orthogonal" or "identity", see
    `initialisers.initial_params`. The state is h (B, H).
    """

    def __init__(
        self, input_size, hidden_size, rng=None, nonlinearity="tanh", init="uniform",
        dtype=np.float64,
    ):
        check_nonlinearity(nonlinearity)
        self.input_size, self.hidden_size = input_size, hidden_size
        self.nonlinearity = nonlinearity
        self.params = initial_params(input_size, hidden_size, 1, rng, init, dtype)

    def initial_state(self, batch_size=None):
        """h_0 = 0: (B, H), or (H,) without a batch size."""
        return zeros(batch_size, self.hidden_size, self.params["W_hh"].dtype)

    def step(self, x_t, h_prev):
        """x_t (B, D), h_prev (B, H) → h_t (B, H) and the cache for `step_backward`."""
        x_t, h_prev = np.asarray(x_t), np.asarray(h_prev)
        h_t = rnn_step(x_t, h_prev, **self.params, nonlinearity=self.nonlinearity)
        return h_t, RNNCache(x_t, h_prev, h_t)

    def step_backward(self, dh_t, cache):
        """dL/dh_t (B, H) → dL/dx_t (B, D), dL/dh_{t-1} (B, H), gradients of the parameters."""
        _, slope = NONLINEARITIES[self.nonlinearity]
        da = dh_t * slope(cache.h_t)  # a is what stands inside the tanh: (B, H)
        grads = {
            "W_xh": weight_gradient(da, cache.x_t),  # (H, D)
            "W_hh": weight_gradient(da, cache.h_prev),  # (H, H)
            "b_h": bias_gradient(da),  # (H,)
        }
        return da @ self.params["W_xh"], da @ self.params["W_hh"], grads
