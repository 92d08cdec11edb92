"""What of the course's package an answer really runs, however it came by it.

Every function of the course's modules that are loaded is wrapped: a call from code that is not
the course's is noted, from within a function of the course that calls back, too. Modules that are
loaded later are noted as well. It informs a human, who may read the code: an answer can copy what
is public.
"""

from __future__ import annotations

import functools
import os
import sys
import types

COURSE = "rnncourse."
ASIDE = ("rnncourse.values", "rnncourse.tracebacks", "rnncourse.exercises", "rnncourse.quizzes",
         "rnncourse.data", "rnncourse.figures")  # fmt: skip

_ran: dict[str, None] = {}
_before: set[str] = set()
_last = ""  # of the modules that were there at the beginning
_course = ""  # the folder of its files
_aside: tuple[str, ...] = ()  # what of it is not watched


def _is_course(name: str) -> bool:
    return name.startswith(COURSE) and not name.startswith(ASIDE)


def _modules() -> list[str]:
    return [name for name in sys.modules if _is_course(name)]


def begin() -> None:
    """Wrap what is loaded now."""
    global _last, _course, _aside
    _course = os.path.join(os.path.dirname(sys.modules["rnncourse"].__file__), "")
    _aside = tuple(_course + name.partition(".")[2] for name in ASIDE)
    known: dict[int, object] = {}
    for name in _modules():
        space = vars(sys.modules[name])
        for key, value in list(space.items()):
            if not str(getattr(value, "__module__", "")).startswith(COURSE):
                continue
            if isinstance(value, types.FunctionType):
                if id(value) not in known:
                    known[id(value)] = _noted(value)
                space[key] = known[id(value)]
            elif isinstance(value, type) and id(value) not in known:
                known[id(value)] = value
                for method, function in list(vars(value).items()):
                    own = str(getattr(function, "__module__", "")).startswith(COURSE)
                    if own and isinstance(function, types.FunctionType):
                        setattr(value, method, _noted(function))
    _before.update(_modules())
    _last = next(reversed(sys.modules))


def _noted(function: types.FunctionType):
    package = ".".join(function.__module__.split(".")[:2])
    name = f"{package}.{function.__qualname__.split('.')[0]}"

    @functools.wraps(function)
    def call(*args, **kwargs):
        caller = sys._getframe(1).f_code.co_filename
        if not caller.startswith(_course) or caller.startswith(_aside):
            _ran[name] = None
        return function(*args, **kwargs)

    del call.__wrapped__  # the way round
    return call


def ran() -> list[str]:
    """The names of what was called from outside the course, and of modules that came later."""
    later = []
    for name in reversed(sys.modules):  # the last come first; to look at all would copy the pages
        if name == _last:  # of all their names into this process
            break
        if _is_course(name) and name not in _before:
            later.append(name)
    return [*_ran, *reversed(later)][:20]
