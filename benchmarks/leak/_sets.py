"""Series as they were measured, and as archives publish them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks._data import load_split

__all__ = ["RAW_SETS", "cylinder_bell_funnel", "load_raw", "normalised"]

RAW_SETS = (
    "raw CBF", "PowerCons", "BasicMotions", "Epilepsy", "RacketSports", "Libras",
    "AtrialFibrillation",
)  # fmt: skip
"""Sets whose series are not z-normalised one by one."""

N_POINTS = 128
N_TRAIN, N_TEST = 30, 300

Array = NDArray[np.float64]


def load_raw(name: str, seed: int, data_dir: str | None) -> tuple[Any, Any, Any, Any]:
    """Load X, y of the training and of the test part; raw CBF is drawn by the seed."""
    if name != "raw CBF":
        return *load_split(name, "train", data_dir), *load_split(name, "test", data_dir)
    random = np.random.default_rng(seed)
    return *cylinder_bell_funnel(N_TRAIN, random), *cylinder_bell_funnel(N_TEST, random)


def cylinder_bell_funnel(
    n_cases: int, random: np.random.Generator
) -> tuple[Array, NDArray[np.int64]]:
    """Draw series of Saito (1994): a plateau, a rise or a fall of random height, time and length.

    ``x(t) = (6 + η) · shape(t) + ε(t)`` for t = 1 … 128, where the shape is within [a, b]: 1 for
    cylinders, ``(t − a) / (b − a)`` for bells, ``(b − t) / (b − a)`` for funnels. η and all ε are
    standard normal, a and b − a are uniform whole numbers in [16, 32] and [32, 96].

    Returns
    -------
    X : ndarray of shape (n_cases, 1, 128)
    y : ndarray of int, shape (n_cases,)
        Classes in turn: 0 cylinder, 1 bell, 2 funnel.
    """
    y = np.arange(n_cases) % 3
    t = np.arange(1, N_POINTS + 1)
    X = random.normal(size=(n_cases, 1, N_POINTS))
    for case, code in enumerate(y):
        a = int(random.integers(16, 33))
        length = int(random.integers(32, 97))
        inside = (t >= a) & (t <= a + length)
        shape = (np.ones(N_POINTS), (t - a) / length, (a + length - t) / length)[code]
        X[case, 0] += (6.0 + random.normal()) * inside * shape
    return X, y


def normalised(X: Array) -> Array:
    """Z-normalise every channel of every complete series, as archives do; a constant one is 0."""
    spread = X.std(axis=-1, keepdims=True)
    return (X - X.mean(axis=-1, keepdims=True)) / np.where(spread > 1e-8, spread, 1.0)
