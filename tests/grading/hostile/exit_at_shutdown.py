# Leaves forged results to the interpreter's shutdown.
# reported: None|forbidden
# %%
import atexit
import os
import sys
import threading
def forge():
    os.write(3, b"\x01\x00\x00\x00T")
    os._exit(0)
class Late:
    def __del__(self): forge()
# %%
def scale(x, k):
    atexit.register(forge)
    sys.exitfunc = forge
    threading._register_atexit(forge)
    scale.late = Late()
    return None
