"""Where training starts: random matrices, and the parameters of a cell made of them."""

import numpy as np


def uniform(shape, rng, bound):
    """Numbers drawn evenly from −bound … bound."""
    return rng.uniform(-bound, bound, shape)


def xavier(shape, rng):
    """Glorot and Bengio (2010): uniform with variance 2 / (fan_in + fan_out)."""
    fan_out, fan_in = shape
    return uniform(shape, rng, np.sqrt(6 / (fan_in + fan_out)))


def orthogonal(shape, rng):
    """Saxe et al. (2014): a matrix whose rows, or columns if there are fewer, are orthonormal.

    A square one turns and mirrors vectors, but never changes their length.
    """
    rows, columns = shape
    tall = rng.standard_normal((max(shape), min(shape)))
    q, r = np.linalg.qr(tall)
    q = q * np.sign(np.diag(r))  # without this the draw would not be uniform over all rotations
    return q if rows >= columns else q.T


def identity(shape, rng=None):
    """Le, Jaitly and Hinton (2015): each unit starts as a plain copy of its own past."""
    return np.eye(*shape)


def initial_params(input_size, hidden_size, gates, rng, init, dtype):
    """W_xh (gates·H, D), W_hh (gates·H, H) and b_h (gates·H,) of a fresh cell.

    init "uniform" draws everything from ±1/√H, as PyTorch does. "xavier", "orthogonal" and
    "identity" name the start of W_hh, gate by gate; W_xh is then Xavier (for "identity" small,
    as in the paper: standard deviation 0.001) and biases are zero.
    rng is a numpy Generator or a seed.
    """
    for name, size in (("input_size", input_size), ("hidden_size", hidden_size)):
        if size < 1:
            raise ValueError(f"{name} must be at least 1, not {size}")
    rng = np.random.default_rng(rng)
    x_shape, h_shape = (hidden_size, input_size), (hidden_size, hidden_size)
    bound = 1 / np.sqrt(hidden_size)
    makers = {
        "uniform": (lambda: uniform(x_shape, rng, bound), lambda: uniform(h_shape, rng, bound)),
        "xavier": (lambda: xavier(x_shape, rng), lambda: xavier(h_shape, rng)),
        "orthogonal": (lambda: xavier(x_shape, rng), lambda: orthogonal(h_shape, rng)),
        "identity": (lambda: 0.001 * rng.standard_normal(x_shape), lambda: identity(h_shape)),
    }
    if init not in makers:
        raise ValueError(f"init {init!r} is unknown; choose one of {', '.join(makers)}")
    make_x, make_h = makers[init]
    b_shape = gates * hidden_size
    params = {
        "W_xh": np.concatenate([make_x() for _ in range(gates)]),
        "W_hh": np.concatenate([make_h() for _ in range(gates)]),
        "b_h": uniform(b_shape, rng, bound) if init == "uniform" else np.zeros(b_shape),
    }
    return {name: value.astype(dtype) for name, value in params.items()}
