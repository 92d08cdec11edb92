# Markup and formulas in everything that is shown.
# reported: stops with
# %%
class Script(Exception):
    pass
Script.__name__ = "</p><script>alert(1)</script>"
# %%
def scale(x, k):  # <img src=x onerror=alert(1)>
    raise Script('"><script>alert(document.cookie)</script>{{ 7 * 7 }}{% raw %}')
# %%
gate_letter = "=cmd|' /C calc'!A0"
