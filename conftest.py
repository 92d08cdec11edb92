"""nbval runs the notebooks as `rnncourse notebook run` stores them: without progress bars."""

import os

os.environ.setdefault("TQDM_DISABLE", "1")
