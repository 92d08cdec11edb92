# Sends a pickle that would run a command where it is read.
# reported: no value|forbidden
# %%
import os
import pickle
import struct
class Bomb:
    def __reduce__(self):
        return os.system, ("touch /tmp/unpickled",)
# %%
def scale(x, k):
    data = pickle.dumps(Bomb())
    for body in (data, b"V" + data, b"E" + data):
        os.write(3, struct.pack("<I", len(body)) + body)
    return Bomb()
