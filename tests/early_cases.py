"""Rules, kinds of students and comparisons that the tests of early classifiers share."""

import numpy as np

__all__ = ["KINDS", "assert_same", "at_once", "never", "whimsical"]

KINDS = {
    "shared causal_fcn": {"student": "causal_fcn"},
    "shared lstm": {"student": "lstm1-8"},
    "separate fcn": {"student": "fcn", "shared": False},
    "separate lstm": {"student": "lstm1-8", "shared": False},
}


def whimsical(seen, fractions):
    """Stop by distant digits of the probabilities, and of the first ones too: what differs by a
    rounding anywhere decides otherwise, and decisions fall at all points.
    """
    return (1e9 * (seen[-1, :, 0] + seen[0, :, 0])) % 1 < 0.3


def never(seen, fractions):
    return np.zeros(seen.shape[1], dtype=bool)


def at_once(seen, fractions):
    return np.ones(seen.shape[1], dtype=bool)


def assert_same(prediction, expected):
    for one, other in zip(prediction, expected, strict=True):
        np.testing.assert_array_equal(one, other)
