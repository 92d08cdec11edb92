# Calls the injected function with arguments made to break it.
# reported: SAID 5
# %%
import numpy as np
# %%
def rnn_last(xs, W_xh, W_hh, b_h):
    big = np.zeros((600_000, 1), dtype="u1")
    said = []
    for arguments in ((1,), ("x", None), (big, np.zeros(1), np.zeros((400_000, 1), "u1"), np.eye(1), b_h),
                      (xs, xs, xs, xs, xs), ({}, [], (), 1j, 10**600)):
        try:
            rnn_cell(*arguments)
        except Exception as error:
            said.append(type(error).__name__)
    raise RuntimeError(f"SAID {len(said)}")
