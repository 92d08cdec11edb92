"""Exercises: `check` compares an answer with the bank and names the misconception behind it."""

from rnncourse.exercises.check import check

__all__ = ["check"]
