# Never returns, and swallows every exception on the way.
# reported: out of time
# %%
def scale(x, k):
    while True:
        try:
            while True:
                pass
        except BaseException:
            pass
