# Writes wherever it can; only its own temporary folder may take it.
# reported: TOOK \[\]
# %%
import os
import sys
# %%
def scale(x, k):
    took = []
    places = ["/", "/usr", "/etc", "/sandbox", "/course", "/course/rnncourse", "/dev", "/dev/shm",
              "/var/tmp", "/home", "/root", "/proc", sys.prefix, os.path.dirname(os.__file__)]
    for place in places:
        try:
            with open(os.path.join(place, "planted.py"), "w") as file:
                file.write("print('CANARY')")
            took.append(place)
        except OSError:
            pass
    for path in ("/sandbox/main.py", os.__file__, "/course/rnncourse/__init__.py"):
        for act in (os.remove, lambda p: os.chmod(p, 0o777), lambda p: os.rename(p, "/tmp/x")):
            try:
                act(path)
                took.append(path)
            except OSError:
                pass
    raise RuntimeError(f"TOOK {took}")
