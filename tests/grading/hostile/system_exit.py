# Raises SystemExit, with and without a good value before it.
# reported: SystemExit|KeyboardInterrupt
# %%
import sys
# %%
def scale(x, k):
    sys.exit(0)
# %%
def running_mean(values):
    raise SystemExit([0.0] * len(values))
# %%
def rnn_cell(x, h, W_xh, W_hh, b_h):
    raise KeyboardInterrupt
