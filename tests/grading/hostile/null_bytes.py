# Null bytes, half surrogates and control characters in the source.
# reported: not valid Python|ValueError
# %%
bad = "NULL_BYTE"
def scale(x, k):
    return "\ud800\x00\x1b[2J<script>alert(1)</script>"
# %%
def running_mean(values):
    raise ValueError("\ud800\x1b[2J</pre><script>alert(1)</script>")
