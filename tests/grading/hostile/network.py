# Opens sockets of every kind, to the loopback only.
# reported: CONNECTED \[\]
# %%
import ctypes
import os
import socket
# %%
def scale(x, k):
    got = []
    for family, address in ((socket.AF_INET, ("127.0.0.1", PORT)), (socket.AF_UNIX, "\0grader"),
                            (socket.AF_INET6, ("::1", PORT))):
        try:
            with socket.socket(family) as s:
                s.settimeout(1)
                s.connect(address)
                s.sendall(b"CANARY")
                got.append(family)
        except OSError as error:
            pass
    if ctypes.CDLL(None).syscall(41, 2, 1, 0) >= 0:  # socket() on x86-64
        got.append("raw")
    raise RuntimeError(f"CONNECTED {got}")
