# Names in full-width letters, with bidirectional marks, and defined by tricks.
# earns: 2
# reported: one of the letters
# %%
import numpy as np
# %%
def ｓｃａｌｅ(x, k):
    return k * x
# %%
globals()["rnn_cell"] = lambda *a: 1  # ‮}⁦ hidden ⁩⁦
# %%
exec("def running_mean(values): return 1")
# %%
if True:
    gate_letter = "Ａ"
