"""Small helpers on shapes that all cells share."""

import numpy as np


def check_step(x_t, h_prev, input_size, hidden_size):
    """Raise ValueError unless x_t is (B, D) or (D,) and h_prev (B, H) or (H,), with the same B."""
    if x_t.shape[-1] != input_size:
        raise ValueError(
            f"x has {x_t.shape[-1]} features, but this cell was made for input_size={input_size}"
        )
    if h_prev.shape[-1] != hidden_size:
        raise ValueError(
            f"the state has {h_prev.shape[-1]} units, "
            f"but this cell was made for hidden_size={hidden_size}"
        )
    if x_t.shape[:-1] != h_prev.shape[:-1]:
        raise ValueError(
            f"x {x_t.shape} and the state {h_prev.shape} differ in their batch: "
            "make the state with initial_state(B)"
        )


def zeros(batch_size, hidden_size, dtype):
    """A state of zeros: (B, H), or (H,) where batch_size is None."""
    return np.zeros(hidden_size if batch_size is None else (batch_size, hidden_size), dtype)


def weight_gradient(da, x):
    """Gradient of W in a = x @ W.T, summed over the batch: da (B, A), x (B, D) → (A, D)."""
    return da.reshape(-1, da.shape[-1]).T @ x.reshape(-1, x.shape[-1])


def bias_gradient(da):
    """Gradient of b in a = … + b, summed over the batch: da (B, A) → (A,)."""
    return da.reshape(-1, da.shape[-1]).sum(axis=0)
