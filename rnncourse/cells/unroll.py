"""Any cell through time: forward over a whole sequence, and back again."""

import numpy as np


def output(state):
    """The part of a state that the next layer sees: h of an LSTM's (h, c), else h itself."""
    return state[0] if isinstance(state, tuple) else state


def unroll(cell, x, state=None):
    """Run a cell over a sequence: x (T, B, D) → h (T, B, H), the last state, T caches.

    Works without a batch, too: x (T, D) → h (T, H). state is what a former call returned as the
    last state; None starts from zeros.
    """
    x = np.asarray(x)
    if x.ndim not in (2, 3) or len(x) == 0:
        raise ValueError(f"x must be (T, B, D) or (T, D) with T ≥ 1, but its shape is {x.shape}")
    if state is None:
        state = cell.initial_state(x.shape[1] if x.ndim == 3 else None)
    h, caches = [], []
    for x_t in x:
        state, cache = cell.step(x_t, state)
        h.append(output(state))
        caches.append(cache)
    return np.stack(h), state, caches


def add_to_output(dstate, dh_t):
    """Add the loss's own pull on h_t to what the future has sent back."""
    if isinstance(dstate, tuple):
        return (dstate[0] + dh_t, *dstate[1:])
    return dstate + dh_t


def zeros_like_state(state):
    """Zeros in the shape of a state."""
    return tuple(map(np.zeros_like, state)) if isinstance(state, tuple) else np.zeros_like(state)


def unroll_backward(cell, dh, caches, dstate=None, truncate=None):
    """Back-propagation through time: dL/dh (T, B, H) → dx (T, B, D), dL/dstate_0, gradients.

    The gradients are summed over time, for every step used the same parameters. dstate is what
    comes back into the last state from beyond the sequence; None stands for zeros.
    truncate=k cuts the sequence into windows of k steps, counted from its start, and lets no
    gradient pass from one window into the one before (`h.detach()` every k steps in PyTorch).
    """
    T = len(caches)
    if len(dh) != T:
        raise ValueError(f"dh has {len(dh)} time steps, but the forward pass made {T}")
    if truncate is not None and truncate < 1:
        raise ValueError(f"truncate must be at least 1, not {truncate}")
    if dstate is None:
        dstate = zeros_like_state(cell.initial_state(dh.shape[1] if dh.ndim == 3 else None))
    dx, total = [None] * T, {name: np.zeros_like(p) for name, p in cell.params.items()}
    for t in reversed(range(T)):
        dstate = add_to_output(dstate, dh[t])
        dx[t], dstate, grads = cell.step_backward(dstate, caches[t])
        for name, grad in grads.items():
            total[name] += grad
        if truncate and t and t % truncate == 0:
            dstate = zeros_like_state(dstate)
    return np.stack(dx), dstate, total


def gradient_lengths(cell, x, dstate):
    """Walk a gradient back through a sequence and measure it: its length 0, 1, … T steps back.

    x: (T, B, D) or (T, D). dstate: the gradient at the last state, in the shape of the state (for
    an LSTM a pair). Returns (T + 1,), the length of the whole batch's gradient; the length of a
    pair is that of both parts together.
    """
    _, _, caches = unroll(cell, x)
    lengths = [np.linalg.norm(dstate)]
    for cache in reversed(caches):
        _, dstate, _ = cell.step_backward(dstate, cache)
        lengths.append(np.linalg.norm(dstate))
    return np.array(lengths)
