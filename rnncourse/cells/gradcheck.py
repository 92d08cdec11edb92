"""Is a gradient written by hand the gradient? Ask the function itself, one entry at a time."""

import numpy as np


class GradientError(AssertionError):
    """A gradient does not agree with finite differences; the message names the worst entry."""


def numerical_gradient(f, param, eps=1e-6):
    """Central differences (f(p + eps) − f(p − eps)) / 2 eps for each entry of an array f reads."""
    grad = np.zeros_like(param)
    for index in np.ndindex(param.shape):
        old = param[index]
        param[index] = old + eps
        above = f()
        param[index] = old - eps
        below = f()
        param[index] = old
        grad[index] = (above - below) / (2 * eps)
    return grad


def relative_error(a, b):
    """|a − b| / max(|a|, |b|, 1e-4), entry by entry; infinite where either is not finite."""
    with np.errstate(invalid="ignore"):
        error = np.abs(a - b) / np.maximum(np.maximum(np.abs(a), np.abs(b)), 1e-4)
    return np.where(np.isfinite(error), error, np.inf)


def gradcheck(f, params, grads, eps=1e-6, tol=1e-5):
    """Compare grads with finite differences of f; return the worst relative error.

    f() → the loss, a number, and reads the arrays in params (a dict), which are changed and put
    back. grads holds, under the same names, the gradients to check. Use float64: in float32 the
    differences drown in rounding.
    Raises GradientError, naming the worst entry, if an error exceeds tol.
    """
    errors, numerical = {}, {}
    for name, param in params.items():
        check_entry(name, param, grads)
        numerical[name] = numerical_gradient(f, param, eps)
        errors[name] = relative_error(grads[name], numerical[name])
    worst = max(errors, key=lambda name: errors[name].max())
    if errors[worst].max() > tol:
        raise GradientError(explain(worst, grads[worst], numerical[worst], errors, tol))
    return float(errors[worst].max())


def check_entry(name, param, grads):
    """Raise GradientError or TypeError unless grads has an array of the right shape for name."""
    if param.dtype != np.float64:
        raise TypeError(f"{name} is {param.dtype}: finite differences need float64")
    if name not in grads:
        raise GradientError(f"there is no gradient for {name}; grads holds {', '.join(grads)}")
    if grads[name].shape != param.shape:
        raise GradientError(
            f"the gradient of {name} has shape {grads[name].shape}, but {name} has {param.shape}"
        )


def explain(name, by_hand, numerical, errors, tol):
    """The message: the worst entry, and how each parameter fares."""
    index = np.unravel_index(errors[name].argmax(), errors[name].shape)
    where = ", ".join(map(str, index))
    lines = [
        f"the gradient of {name}[{where}] is wrong: {by_hand[index]:.6g} by hand, "
        f"{numerical[index]:.6g} by finite differences (relative error {errors[name][index]:.1e})"
    ]
    for other, error in errors.items():
        bad = int((error > tol).sum())
        verdict = f"{bad} of {error.size} entries off" if bad else "right"
        lines.append(f"  {other}: {verdict}")
    return "\n".join(lines)
