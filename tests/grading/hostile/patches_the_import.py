# Hooks imports, tracing and garbage collection.
# reported: forbidden|case
# %%
import builtins
import gc
import sys
# %%
def scale(x, k):
    builtins.__import__ = lambda *a, **k: sys
    sys.settrace(lambda *a: None)
    sys.setprofile(lambda *a: None)
    gc.callbacks.append(lambda *a: sys.exit())
    sys.setrecursionlimit(30)
    sys.meta_path.clear()
    sys.excepthook = sys.unraisablehook = lambda *a: None
    return x
