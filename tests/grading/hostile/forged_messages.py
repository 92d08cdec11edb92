# Sends ready messages, values and more values than it was asked for.
# reported: no value|forbidden
# %%
import os
import struct
# %%
def scale(x, k):
    for body in (b"R", b"VT", b"VN", b"R", b"D", b"Vl\x02\x00\x00\x00Tl\x00\x00\x00\x00") * 3:
        os.write(3, struct.pack("<I", len(body)) + body)
    return x
