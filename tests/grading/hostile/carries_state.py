# Keeps what one question got for the next: files, modules, environment.
# reported: FOUND \[\]
# %%
import os
import tempfile
TMP = tempfile.gettempdir()
import sys
import time
# %%
def scale(x, k):
    with open(f"{TMP}/state", "w") as file:
        file.write(repr(x))
    os.environ["STATE"] = "x"
    sys.modules["state"] = sys
    os.mkdir(f"{TMP}/folder")
    return x
# %%
def rnn_cell(x, h, W_xh, W_hh, b_h):
    found = os.listdir(TMP) + [n for n in ("STATE",) if n in os.environ]
    found += [n for n in ("state",) if n in sys.modules]
    raise RuntimeError(f"FOUND {found}")
