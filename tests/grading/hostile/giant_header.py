# Announces a message of four gigabytes and then nothing.
# reported: too large
# %%
import os
# %%
def scale(x, k):
    os.write(3, b"\xff\xff\xff\xff" + b"V" * 1000)
    return x
