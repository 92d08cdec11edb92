# Sleeps until the time is up.
# reported: out of time
# %%
import time
# %%
def scale(x, k):
    time.sleep(10_000)
