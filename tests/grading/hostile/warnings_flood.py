# A flood of warnings and of log lines, and a trace function.
# earns: 5
# reported: forbidden names
# %%
import sys, warnings, logging
import numpy as np
# %%
def scale(x, k):
    for n in range(20000):
        warnings.warn(f"warning {n}")
    return k * x
# %%
def rnn_cell(x, h, W_xh, W_hh, b_h):
    for n in range(20000):
        logging.error("y" * 1000)
    return np.tanh(x @ W_xh.T + h @ W_hh.T + b_h)
