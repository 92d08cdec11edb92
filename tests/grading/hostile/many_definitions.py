# Defines the answer a thousand times, to see which one counts.
# reported: defined|0 of 6
# %%
import numpy as np
DEFINITIONS
