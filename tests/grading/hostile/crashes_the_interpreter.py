# Reads address zero, and overflows the stack.
# reported: ended its process
# %%
import ctypes
import sys
# %%
def scale(x, k):
    return ctypes.string_at(0)
# %%
def running_mean(values):
    sys.setrecursionlimit(10**9)
    def down(n): return [down(n + 1)]
    return down(0)
