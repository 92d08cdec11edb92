# A fork bomb, bounded to two hundred tries.
# reported: FORKS made 0
# %%
import os
import time
# %%
def scale(x, k):
    made, refused = 0, 0
    for _ in range(200):
        try:
            if os.fork() == 0:
                time.sleep(5)
                os._exit(0)
            made += 1
        except OSError:
            refused += 1
    raise RuntimeError(f"FORKS made {made}")
