# Pokes about in memory with ctypes and /proc/self/mem; signals by timer; faulthandler; closed files.
# reported: Segmentation fault
# %%
import ctypes, os, signal, faulthandler
# %%
def scale(x, k):
    ctypes.memset(id(x), 255, 64)
    return x
# %%
def rnn_cell(x, h, W_xh, W_hh, b_h):
    signal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)
    signal.signal(signal.SIGALRM, lambda *a: os.write(3, b"\0\0\0\0"))
    return open("/proc/self/mem", "rb").read(10)
# %%
def rnn_last(xs, W_xh, W_hh, b_h):
    faulthandler.dump_traceback_later(0.01, repeat=True, file=3, exit=False)
    import time; time.sleep(0.5)
    return xs
# %%
def running_mean(values):
    os.closerange(0, 70)
    return values
