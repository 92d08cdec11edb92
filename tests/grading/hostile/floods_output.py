# Prints without end, on every stream.
# reported: None|time|case|forbidden
# %%
import sys
# %%
def scale(x, k):
    for _ in range(20_000):
        print("x" * 10_000)
        sys.stderr.write("y" * 10_000)
        sys.__stdout__.write("z" * 10_000)
    return None
