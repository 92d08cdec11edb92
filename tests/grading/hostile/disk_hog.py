# Fills the temporary folder, with bytes and with files.
# reported: WROTE little in few
# %%
import os
import tempfile
TMP = tempfile.gettempdir()
# %%
def scale(x, k):
    written, files = 0, 0
    for number in range(3000):
        try:
            with open(f"{TMP}/hog{number}", "wb", buffering=0) as file:
                files += 1
                for _ in range(40):
                    written += file.write(b"x" * 1_000_000)
        except OSError:
            pass
        if written > 2e9:
            break
    raise RuntimeError(f"WROTE {'much' if written > 5e7 else 'little'} in {'many' if files > 600 else 'few'}")
