# Recursion until the C stack ends.
# reported: ended|come to an end
# %%
import sys
sys.setrecursionlimit(10**9)
# %%
def scale(x, k):
    sys.setrecursionlimit(10**9)
    class A:
        def __repr__(self): return repr(self)
    def f(): return f()
    return f()
# %%
def running_mean(values):
    sys.setrecursionlimit(10**9)
    a = []
    for _ in range(10**6): a = [a]
    return a
