# Is busy in C code, where no signal handler of Python runs.
# reported: out of time
# %%
import re
# %%
def scale(x, k):
    return re.match(r"(a+)+$", "a" * 60 + "b")
