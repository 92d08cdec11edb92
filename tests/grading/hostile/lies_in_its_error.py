# An exception whose text, type and traceback are booby-trapped.
# reported: out of time|Worse|stops
# %%
class Trap(Exception):
    def __str__(self):
        while True:
            pass
    __repr__ = __str__
# %%
def scale(x, k):
    raise Trap
# %%
class Worse(Exception):
    def __str__(self): raise SystemExit
# %%
def running_mean(values):
    raise Worse from Worse()
