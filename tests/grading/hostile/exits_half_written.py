# Writes half an answer and dies; or is late with the rest; threads write at once.
# reported: ended its process
# %%
import os, struct, threading, time
# %%
def scale(x, k):
    os.write(3, struct.pack("<I", 100) + b"V")
    os._exit(0)
# %%
def rnn_cell(x, h, W_xh, W_hh, b_h):
    def noise():
        while True:
            os.write(3, os.urandom(64))
    for _ in range(8): threading.Thread(target=noise, daemon=True).start()
    return x
# %%
def rnn_last(xs, W_xh, W_hh, b_h):
    import gc
    class Late:
        def __del__(self): os.write(3, struct.pack("<I", 2) + b"VN")
    late = Late(); late.me = late
    return xs
