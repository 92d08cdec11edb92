# Changes its arguments in place, returns them or views of them.
# reported: shape
# %%
import numpy as np
# %%
def scale(x, k):
    x.setflags(write=True); x.resize(0, refcheck=False)
    return x
# %%
def rnn_cell(x, h, W_xh, W_hh, b_h):
    h[:] = np.nan; W_hh.shape = (-1,)
    return h
# %%
def rnn_last(xs, W_xh, W_hh, b_h):
    return xs[:0]
# %%
def running_mean(values):
    values.append(values)
    return values
