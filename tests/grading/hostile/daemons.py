# Leaves processes and threads behind that outlive the answer.
# reported: refused|PermissionError
# %%
import os
import subprocess
import threading
import time
# %%
def scale(x, k):
    for _ in range(4):
        threading.Thread(target=lambda: time.sleep(10_000), daemon=True).start()
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            while True:
                time.sleep(1)
    subprocess.Popen(["sleep", "10000"], start_new_session=True)
    return x
