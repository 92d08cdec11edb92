# Fills memory that no process limit counts: memfd, SysV and mmap.
# reported: GOT \[\]
# %%
import ctypes
import mmap
import os
# %%
def scale(x, k):
    libc, got = ctypes.CDLL(None, use_errno=True), []
    try:
        fd = os.memfd_create("hog")
        for _ in range(4000):
            os.write(fd, b"x" * 1_000_000)
        got.append("memfd")
    except OSError:
        pass
    if libc.shmget(0, 1 << 32, 0o1600) >= 0:
        got.append("shm")
    try:
        mmap.mmap(-1, 1 << 34)
        got.append("mmap")
    except OSError:
        pass
    raise RuntimeError(f"GOT {got}")
