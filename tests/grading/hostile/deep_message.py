# Returns lists nested ten thousand deep, and a list that holds itself.
# reported: nested more than
# %%
def scale(x, k):
    deep = []
    for _ in range(10_000):
        deep = [deep]
    return deep
# %%
def running_mean(values):
    loop = []
    loop.append(loop)
    return loop
