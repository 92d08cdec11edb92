# Returns a list of five million items.
# reported: WireError|parts|too large
# %%
def running_mean(values):
    return [0.0] * 5_000_000
