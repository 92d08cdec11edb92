# Sends arrays whose shape and bytes do not fit, by hand.
# reported: no value|forbidden
# %%
import os
import struct
# %%
def scale(x, k):
    for shape in ((2**63, 2**63), (2**64 - 1,), (0, 2**62), (2**20, 2**40, 0), (3,)):
        body = b"Vl" + struct.pack("<I", 2) + b"a" + struct.pack("<BB", 11, len(shape))
        body += struct.pack(f"<{len(shape)}Q", *shape) + b"l" + struct.pack("<I", 0)
        os.write(3, struct.pack("<I", len(body)) + body)
    return x
