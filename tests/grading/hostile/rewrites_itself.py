# Cells that rewrite cells: the notebook's own, IPython's and the history.
# reported: AttributeError|forbidden
# %%
import sys
In = Out = ["def scale(x, k): return x"]
# %%
def scale(x, k):
    import linecache, __main__
    __main__.scale = lambda x, k: 0
    sys.modules["__main__"].__dict__["scale"] = lambda x, k: 0
    scale.__code__ = (lambda x, k: 1).__code__
    get_ipython().set_next_input("scale = 1", replace=True)
    return x
