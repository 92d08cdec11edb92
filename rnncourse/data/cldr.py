"""Babel's copy of CLDR, read without Babel's code: what a locale calls things, as nested dicts."""

from __future__ import annotations

import io
import pickle

from rnncourse.data.files import read_file


def load_locale(*names: str) -> dict:
    """A locale's data: files of Babel 2.18.0, the general before the particular.

    >>> load_locale("en", "en_001", "en_GB")["months"]["format"]["wide"][4]
    'April'

    What a later file says goes before what an earlier one says. Objects of Babel's come back as
    plain ones with the same attributes, `pattern` of a date format for one.

    Source: Unicode CLDR (Unicode licence), as shipped in the package Babel (BSD licence). Its files
    are pickles; they are read without Babel's code, after a look at their SHA-256.

    Raises DataError if the package is missing or a file differs.
    """
    found: dict = {}
    for name in names:
        pickled = read_file("babel", f"locale-data/{name}.dat")
        found = _merged(found, _Unpickler(io.BytesIO(pickled)).load())
    return found


def _merged(old, new):
    """Nested dicts: what a locale says itself goes before what its parent says."""
    if not (isinstance(old, dict) and isinstance(new, dict)):
        return new
    return old | {key: _merged(old.get(key), value) for key, value in new.items()}


class _Plain:
    """What stands for Babel's classes: whatever they hold, as attributes."""

    def __init__(self, *arguments):
        pass

    def __setstate__(self, state):
        self.__dict__.update(state if isinstance(state, dict) else {})


class _Unpickler(pickle.Unpickler):
    def find_class(self, module, name):
        return _Plain
