# Returns an array of 160 MB.
# reported: 160,000,000 bytes
# %%
import numpy as np
# %%
def scale(x, k):
    return np.zeros(20_000_000)
