# Tries to get capabilities and mounts by making namespaces of its own.
# reported: DONE \[\]
# %%
import ctypes
import os
# %%
def scale(x, k):
    libc = ctypes.CDLL(None, use_errno=True)
    done = []
    if libc.unshare(0x10000000) == 0:
        done.append("user")
    if libc.setns(0, 0) == 0:
        done.append("setns")
    for function in (lambda: os.chroot("/tmp"), lambda: os.setuid(0), lambda: os.setgroups([0]),
                     lambda: os.mknod("/tmp/sda", 0o60666, 0x800), lambda: os.sethostname("x")):
        try:
            function()
            done.append("call")
        except (OSError, AttributeError):
            pass
    raise RuntimeError(f"DONE {done}")
