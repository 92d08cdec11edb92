# Returns whole numbers with thousands of digits.
# reported: bits|case
# %%
def running_mean(values):
    return [10**2000] * len(values)
# %%
def scale(x, k):
    return 10 ** 10**6
