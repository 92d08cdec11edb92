# Names and messages of a megabyte.
# reported: keyword argument repeated
# %%
from rnncourse.cells import LONG_NAME
# %%
def scale(x, k):
    LONG_NAME
    return x
# %%
def rnn_cell(x, h, W_xh, W_hh, b_h, **LONG_NAME): return LONG_NAME
# %%
def running_mean(values): f(LONG_NAME=1, LONG_NAME=2)
