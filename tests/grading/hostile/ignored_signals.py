# Ignores every signal it may, then never ends.
# reported: out of time
# %%
import signal
def deaf():
    for number in range(1, 65):
        try:
            signal.signal(number, signal.SIG_IGN)
        except (OSError, ValueError):
            pass
# %%
def scale(x, k):
    deaf()
    while True:
        pass
