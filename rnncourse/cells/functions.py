"""What stands around a recurrent cell: one-hot rows, embeddings, softmax, cross-entropy."""

import numpy as np


def check_range(indices, size, what):
    """Return indices as an integer array; complain about any that is not in 0 … size − 1."""
    indices = np.asarray(indices)
    if indices.dtype.kind not in "iu":
        raise TypeError(f"indices must be integers, not {indices.dtype}")
    if indices.size and (indices.min() < 0 or indices.max() >= size):
        worst = indices.max() if indices.max() >= size else indices.min()
        raise ValueError(f"index {worst} is outside 0 … {size - 1}: {what}")
    return indices


def one_hot(indices, num_classes, dtype=np.float64):
    """Rows of zeros with a single one: indices (…) → (…, num_classes).

    Raises ValueError for an index outside 0 … num_classes − 1.
    """
    indices = check_range(indices, num_classes, f"num_classes is {num_classes}")
    rows = np.zeros((*indices.shape, num_classes), dtype)
    np.put_along_axis(rows, indices[..., None], 1, axis=-1)
    return rows


def embed(indices, table):
    """Look up rows of a table: indices (…), table (V, D) → (…, D).

    The same numbers as one_hot(indices, V) @ table, without the multiplications by zero.
    Raises ValueError for an index that has no row.
    """
    table = np.asarray(table)
    return table[check_range(indices, len(table), f"the table has {len(table)} rows")]


def sigmoid(z):
    """The logistic function 1 / (1 + e^−z), written with tanh so that it never overflows."""
    return 0.5 * np.tanh(0.5 * z) + 0.5


def softmax(z, axis=-1):
    """exp(z) / Σ exp(z): positive numbers that sum to one along axis.

    The largest entry is subtracted first: the result is the same, and exp cannot overflow.
    """
    e = np.exp(z - np.max(z, axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


def log_softmax(z, axis=-1):
    """log softmax(z), exact even where the softmax itself would round to zero."""
    z = z - np.max(z, axis=axis, keepdims=True)
    return z - np.log(np.exp(z).sum(axis=axis, keepdims=True))


def check_targets(logits, targets):
    """Return both as arrays; logits must be (…, V) for targets (…) in 0 … V − 1."""
    logits, targets = np.asarray(logits), np.asarray(targets)
    if logits.shape[:-1] != targets.shape:
        raise ValueError(
            f"logits {logits.shape} and targets {targets.shape} do not belong together: "
            f"targets should have shape {logits.shape[:-1]}, one class for each row of logits"
        )
    return logits, check_range(targets, logits.shape[-1], f"logits have {logits.shape[-1]} classes")


def cross_entropy(logits, targets):
    """Mean of −log softmax(logits)[target], in nats: logits (…, V), targets (…) → a number.

    Takes logits, not probabilities: the softmax is inside.
    """
    logits, targets = check_targets(logits, targets)
    chosen = np.take_along_axis(log_softmax(logits), targets[..., None], axis=-1)  # (…, 1)
    return -chosen.mean()


def cross_entropy_backward(logits, targets):
    """Gradient of `cross_entropy` with respect to the logits: (softmax − one-hot) / N."""
    logits, targets = check_targets(logits, targets)
    d_logits = softmax(logits)
    chosen = np.take_along_axis(d_logits, targets[..., None], axis=-1)
    np.put_along_axis(d_logits, targets[..., None], chosen - 1, axis=-1)
    return d_logits / targets.size
