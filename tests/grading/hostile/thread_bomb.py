# Starts threads until it is refused; bounded to a thousand.
# reported: THREADS few
# %%
import threading
import time
# %%
def scale(x, k):
    made = 0
    try:
        for _ in range(1000):
            threading.Thread(target=time.sleep, args=(4,), daemon=True).start()
            made += 1
    except RuntimeError:
        pass
    raise RuntimeError(f"THREADS {'many' if made > 100 else 'few'}")
