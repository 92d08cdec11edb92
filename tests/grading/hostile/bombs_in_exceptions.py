# Exceptions whose text raises, never ends, or is a gigabyte; one whose traceback is a ring.
# reported: stops with Long
# %%
class Boom(Exception):
    def __str__(self): raise SystemExit
class Long(Exception):
    def __str__(self): return "x" * 10**9
class Ring(Exception):
    @property
    def __traceback__(self): return self
    tb_frame = f_code = tb_next = property(lambda self: self)
    co_filename, tb_lineno = "<cell 1>", 1
class Meta(type):
    @property
    def __name__(cls): return 5
class Nameless(Exception, metaclass=Meta): pass
# %%
def scale(x, k):
    raise Boom
# %%
def rnn_cell(x, h, W_xh, W_hh, b_h):
    raise Long
# %%
def rnn_last(xs, W_xh, W_hh, b_h):
    raise Ring
# %%
def running_mean(values):
    raise Nameless
