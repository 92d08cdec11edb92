# Uses magics and shell escapes, in every spelling.
# reported: AttributeError|PermissionError|forbidden
# %%
#! !cat /etc/passwd > /tmp/stolen
#! %system id
#! %%bash
# %%
#! %%bash
#! touch /tmp/from_bash
# %%
#! files = !ls /
#! def scale(x, k):
#!     get_ipython().system("touch /tmp/x")
#!     get_ipython().run_line_magic("run", "/sandbox/main.py")
#!     import os, subprocess
#!     os.system("touch /tmp/y")
#!     subprocess.run(["/bin/sh", "-c", "id"], check=True)
