# Returns an array of 160 MB.
# reported: WireError|too large|bytes
# %%
import numpy as np
# %%
def scale(x, k):
    return np.zeros(20_000_000)
