"""The GRU cell (Cho et al., 2014), with the reset gate before or after the matrix product."""

from typing import NamedTuple

import numpy as np

from .functions import sigmoid
from .initialisers import initial_params
from .shapes import bias_gradient, check_step, weight_gradient, zeros


class GRUCache(NamedTuple):
    """What one step leaves behind for its way back, the three gates among it, each (B, H)."""

    x_t: np.ndarray
    h_prev: np.ndarray
    r: np.ndarray
    z: np.ndarray
    n: np.ndarray
    m: np.ndarray  # W_hn h_{t-1} + b_hn: what r multiplies when it resets after the product


class GRUCell:
    """A GRU cell: W_xh (3H, D), W_hh (3H, H), b_h (3H,), gate order r z n; the state is h (B, H).

    h_t = z · h_{t-1} + (1 − z) · n: z near 1 keeps, as in PyTorch and Cho et al.
    reset_after=True (PyTorch, cuDNN): n = tanh(W_xn x + b_n + r · (W_hn h + b_hn)), with one more
    parameter b_hn (H,). reset_after=False (the paper's later version): n = tanh(W_xn x + b_n +
    W_hn (r · h)). These are two different models. rng: numpy Generator or seed; init: see
    `initialisers.initial_params`.
    """

    def __init__(
        self, input_size, hidden_size, rng=None, reset_after=True, init="uniform",
        dtype=np.float64,
    ):
        self.input_size, self.hidden_size = input_size, hidden_size
        self.reset_after = reset_after
        rng = np.random.default_rng(rng)
        self.params = initial_params(input_size, hidden_size, 3, rng, init, dtype)
        if reset_after:
            bound = 1 / np.sqrt(hidden_size) if init == "uniform" else 0
            self.params["b_hn"] = rng.uniform(-bound, bound, hidden_size).astype(dtype)

    def initial_state(self, batch_size=None):
        """h_0 = 0: (B, H), or (H,) without a batch size."""
        return zeros(batch_size, self.hidden_size, self.params["W_hh"].dtype)

    def split_recurrent(self):
        """W_hh as two views: the rows of r and z together (2H, H), and W_hn (H, H)."""
        return np.split(self.params["W_hh"], [2 * self.hidden_size])

    def step(self, x_t, h_prev):
        """x_t (B, D), h_prev (B, H) → h_t (B, H) and the cache for `step_backward`."""
        x_t, h_prev = np.asarray(x_t), np.asarray(h_prev)
        check_step(x_t, h_prev, self.input_size, self.hidden_size)
        W_hrz, W_hn = self.split_recurrent()
        a_x = x_t @ self.params["W_xh"].T + self.params["b_h"]  # (B, 3H)
        x_r, x_z, x_n = np.split(a_x, 3, axis=-1)  # (B, H) each
        h_r, h_z = np.split(h_prev @ W_hrz.T, 2, axis=-1)
        r, z = sigmoid(x_r + h_r), sigmoid(x_z + h_z)
        if self.reset_after:
            m = h_prev @ W_hn.T + self.params["b_hn"]
            n = np.tanh(x_n + r * m)
        else:
            m = None
            n = np.tanh(x_n + (r * h_prev) @ W_hn.T)
        return z * h_prev + (1 - z) * n, GRUCache(x_t, h_prev, r, z, n, m)

    def step_backward(self, dh_t, cache):
        """dL/dh_t (B, H) → dL/dx_t (B, D), dL/dh_{t-1} (B, H), gradients of the parameters."""
        x_t, h_prev, r, z, n, m = cache
        W_hrz, W_hn = self.split_recurrent()
        da_n = dh_t * (1 - z) * (1 - n**2)
        da_z = dh_t * (h_prev - n) * z * (1 - z)
        if self.reset_after:
            dm = da_n * r
            dr, dh_through_n = da_n * m, dm @ W_hn
            dW_hn = weight_gradient(dm, h_prev)
        else:
            d_rh = da_n @ W_hn  # gradient of r · h_{t-1}
            dr, dh_through_n = d_rh * h_prev, d_rh * r
            dW_hn = weight_gradient(da_n, r * h_prev)
        da_rz = np.concatenate([dr * r * (1 - r), da_z], axis=-1)  # (B, 2H)
        da = np.concatenate([da_rz, da_n], axis=-1)  # (B, 3H)
        grads = {
            "W_xh": weight_gradient(da, x_t),  # (3H, D)
            "W_hh": np.concatenate([weight_gradient(da_rz, h_prev), dW_hn]),  # (3H, H)
            "b_h": bias_gradient(da),  # (3H,)
        }
        if self.reset_after:
            grads["b_hn"] = bias_gradient(dm)
        return da @ self.params["W_xh"], dh_t * z + da_rz @ W_hrz + dh_through_n, grads
