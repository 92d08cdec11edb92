# Fills memory, in Python and in NumPy.
# reported: out of memory
# %%
import numpy as np
# %%
def scale(x, k):
    kept = []
    while True:
        kept.append(np.ones(4_000_000))
# %%
def running_mean(values):
    return [bytearray(10**9) for _ in range(100)]
