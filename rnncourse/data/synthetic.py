"""Made-up tasks that ask for memory, each with an answer that is known and a guess that is priced.

All return NumPy arrays, batch first, numbers as float32 and classes as int64, and draw from the
NumPy generator `rng`: what is drawn from the same generator in the same order is the same. A model
learns from fresh sequences at every update, so that it cannot learn them by heart.
"""

import numpy as np


def adding(rng, B, T):
    """The adding problem (Hochreiter and Schmidhuber, 1997): keep two numbers, give their sum.

    x (B, T, 2): a number between 0 and 1 and a mark, 1 at two steps, one in each half, else 0.
    y (B,): the sum of the two marked numbers, due after the last step.
    To say 1 every time has a mean squared error of 1/6, the variance of that sum.

    Raises ValueError if T is below 2.
    """
    if T < 2:
        raise ValueError(f"T is {T}, but the adding problem marks two steps: T must be 2 or more")
    numbers = rng.random((B, T), np.float32)
    marks = np.zeros_like(numbers)
    for low, high in ((0, T // 2), (T // 2, T)):
        marks[np.arange(B), rng.integers(low, high, B)] = 1
    return np.stack([numbers, marks], axis=2), (numbers * marks).sum(axis=1)


def copying(rng, B, T, symbols=8, shown=5):
    """The copy task (after Arjovsky, Shah and Bengio, 2016): say again what was shown T steps ago.

    x (B, T + shown, symbols + 2), one-hot: first the shown symbols, then blanks (class `symbols`),
        at step T, counted from 0, the signal to begin (class `symbols + 1`), and blanks again.
    y (B, shown): the symbols, due one by one at the last `shown` steps.
    A guess has a cross-entropy of ln(symbols) and is wrong symbols − 1 times in `symbols`.

    Raises ValueError if T is below `shown`.
    """
    if shown > T:
        raise ValueError(f"T is {T}, but {shown} symbols are shown before the signal at step T")
    y = rng.integers(0, symbols, (B, shown))
    x = np.full((B, T + shown), symbols)
    x[:, :shown], x[:, T] = y, symbols + 1
    return np.eye(symbols + 2, dtype=np.float32)[x], y


def recall(rng, B, T, noise=2.0):
    """Recall the first step through noise: the shortest task that needs a memory of T steps.

    x (B, T, 3): the answer at the first step, then 0; two features of normal noise at every step.
    y (B,): the answer, 1 or −1, due after the last step.
    A guess is right half the time.
    """
    x = rng.standard_normal((T, B, 3)) * [0, noise, noise]
    x[0, :, 0] = y = rng.choice([-1.0, 1.0], B)
    return x.swapaxes(0, 1).astype(np.float32), y.astype(np.float32)


def parity(rng, B, T):
    """Parity: is the number of ones so far odd? One bit of memory, turned over by every one.

    x (B, T, 1): bits, 0 or 1. y (B, T): 1 where the number of ones up to that step is odd, else 0.
    A guess is right half the time, for the whole sequence, y[:, -1], and for each beginning.
    """
    bits = rng.integers(0, 2, (B, T))
    return bits[:, :, None].astype(np.float32), bits.cumsum(axis=1) % 2


def resetting(rng, B, T, rate=0.1):
    """The sum since the last mark: what came before a mark must be forgotten.

    x (B, T, 2): a step, 1 or −1, and a mark, 1 with probability `rate`, else 0.
    y (B, T): at each step t = 1 … T, the sum of the steps from the last mark on (that step
        included), or from the beginning where there was none, over 5.
    To say 0 every time has a mean squared error of (1 − (1 − rate)^t) / (25 rate) at step t.
    """
    steps = rng.integers(0, 2, (B, T)).astype(np.float32) * 2 - 1
    marks = (rng.random((B, T)) < rate).astype(np.float32)
    y, total = np.empty_like(steps), np.zeros(B, np.float32)
    for t in range(T):
        total = total * (1 - marks[:, t]) + steps[:, t]
        y[:, t] = total / 5
    return np.stack([steps, marks], axis=2), y


def rearranged(rng, B, T, how="reversed", symbols=26):
    """Say again what was read: "as it was", "reversed" or "sorted", a sequence for a sequence.

    x (B, T): symbols, 0 to symbols − 1. y (B, T): the same symbols in the other order.
    A guess is right at one place in `symbols`; of sorted sequences, which begin with small symbols,
    who knows the place can do better.

    Raises ValueError for another `how`.
    """
    if how not in ("as it was", "reversed", "sorted"):
        raise ValueError(f'how is {how!r}, but it must be "as it was", "reversed" or "sorted"')
    x = rng.integers(0, symbols, (B, T))
    return x, {"as it was": x, "reversed": x[:, ::-1], "sorted": np.sort(x)}[how].copy()


def fresh(task, seed, *sizes):
    """Batches for ever, as `Trainer.fit` takes them: a function epoch → task(rng, *sizes), endless.

    Gone through again, they are the same batches again.

    >>> trainer.fit(fresh(adding, 0, 32, 50), steps=400)  # 32 sequences of 50 steps an update
    """

    def batches(epoch):
        rng = np.random.default_rng(seed)
        while True:
            yield task(rng, *sizes)

    return batches
