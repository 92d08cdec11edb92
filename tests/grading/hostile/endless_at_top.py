# Has an endless loop on the way to an answer, at the top of the notebook.
# reported: out of time
# %%
import numpy as np
while np.inf > 0:
    np.inf = float("inf")
# %%
def scale(x, k):
    return np.zeros(3)
