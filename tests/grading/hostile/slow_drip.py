# Sends its answer byte by byte, as slowly as it can.
# reported: out of time
# %%
import os
import struct
import time
# %%
def scale(x, k):
    for byte in struct.pack("<I", 3_000_000) + b"V" * 3_000_000:
        os.write(3, bytes([byte]))
        time.sleep(0.05)
