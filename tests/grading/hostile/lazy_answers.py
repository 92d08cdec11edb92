# Returns generators, coroutines, functions and classes instead of values.
# reported: generator|coroutine|rnn_cell
# %%
import numpy as np
# %%
def scale(x, k):
    yield from x
# %%
async def running_mean(values):
    return values
# %%
class rnn_cell:
    def __init__(self, *args): pass
    def __eq__(self, other): return True
