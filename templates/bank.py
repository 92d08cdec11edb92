"""Chapter 77, title of the chapter: what its questions ask."""

from __future__ import annotations

import numpy as np

from rnncourse.bank import Misconception, Question, variant

# --- leaky_sum ---------------------------------------------------------------------------------


def leaky_sum_inputs(rng):
    """The arguments of one case: a series x (T,) and the share that is kept."""
    return rng.normal(size=rng.integers(3, 9)), float(rng.uniform(0.3, 0.9))


def leaky_sum(x, keep, *, enter=lambda x_t, keep: x_t):
    """The states h (T,). What stands behind the star is for mistakes; learners do not see it."""
    h, states = 0.0, []
    for x_t in x:
        h = keep * h + enter(x_t, keep)
        states.append(h)
    return np.array(states)


LEAKY_SUM = Question(
    name="leaky_sum",
    points=2,
    reference=leaky_sum,
    inputs=leaky_sum_inputs,
    misconceptions=(
        Misconception(
            "nothing leaks",
            lambda x, keep: np.cumsum(x),
            "Your first state is right, the second is not. What happens to the old state?",
            "With keep = 0.5 and x = 1, 1 the states are 1 and 1.5. Yours are 1 and 2.",
            "You add up everything. The old state is multiplied by keep first.",
        ),
        Misconception(
            "no memory",
            lambda x, keep: np.array(x),
            "Feed the same number twice. Should the two states be equal?",
            "With keep = 0.5 and x = 1, 1 the second state is 1.5: it still holds half the first.",
            "You return the inputs. The old state has to take part in the new one.",
        ),
        Misconception(
            "the input leaks, too",
            variant(leaky_sum, enter=lambda x_t, keep: keep * x_t),
            "Already your first state is off. What enters it?",
            "Before the first step the state is 0, so the first state is x_1 itself.",
            "You multiply the new input by keep as well. Only the old state is.",
        ),
        Misconception(
            "a mean instead of a sum",
            variant(leaky_sum, enter=lambda x_t, keep: (1 - keep) * x_t),
            "Already your first state is off. What enters it?",
            "Before the first step the state is 0, so the first state is x_1 itself.",
            "You weight the input by 1 - keep, as a moving average does. Here it enters whole.",
        ),
    ),
)

# --- steps_held --------------------------------------------------------------------------------

STEPS_HELD = Question(
    name="steps_held",
    points=1,
    reference=lambda: 44,
    misconceptions=(
        Misconception(
            "the last step that holds more",
            lambda: 43,
            "Put your number into 0.9 ** steps. Is it below 0.01?",
            "0.9 ** 43 is 0.0108, and 0.9 ** 44 is 0.0097.",
            "You give the last step at which more is left. Asked is the first with less.",
        ),
        Misconception(
            "a tenth of the whole goes at each step",
            lambda: 10,
            "What is left after two steps: 0.8, or 0.81?",
            "1, 0.9, 0.81: each step takes a tenth of what is there, not of the whole.",
            "You subtract 0.1 at each step. The sum is multiplied by 0.9 instead.",
        ),
    ),
)

# --- explain_leak ------------------------------------------------------------------------------

EXPLAIN_LEAK = Question(
    name="explain_leak",
    points=2,
    rubric=(
        ("says that the weight of an input falls by the factor keep a step", 1),
        ("names a number of steps after which it no longer matters, with a reason", 1),
    ),
)

QUESTIONS = [LEAKY_SUM, STEPS_HELD, EXPLAIN_LEAK]
