"""Exercises: `check` compares an answer with the bank and names the misconception behind it."""

from rnncourse.exercises.check import case, check

__all__ = ["case", "check"]
