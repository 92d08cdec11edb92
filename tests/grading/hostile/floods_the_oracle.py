# Calls the injected function without end.
# reported: out of time|too large
# %%
import numpy as np
# %%
def rnn_last(xs, W_xh, W_hh, b_h):
    while True:
        rnn_cell(xs[0], np.zeros((xs.shape[1], len(b_h))), W_xh, W_hh, b_h)
