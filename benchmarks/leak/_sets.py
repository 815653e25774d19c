"""Series as they were measured, and as archives publish them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks import _raw
from benchmarks._data import load_split

__all__ = ["RAW_SETS", "load_raw", "normalised"]

RAW_SETS = (
    "RawCBF", "PowerCons", "BasicMotions", "Epilepsy", "RacketSports", "Libras",
    "AtrialFibrillation",
)  # fmt: skip
"""Sets whose series are not z-normalised one by one."""

Array = NDArray[np.float64]


def load_raw(name: str, seed: int, data_dir: str | None) -> tuple[Any, Any, Any, Any]:
    """Load X, y of the training and of the test part; a set that is drawn is drawn by the seed."""
    if name in _raw.SETS:
        train, test = _raw.load(name, seed)
        return *train, *test
    return *load_split(name, "train", data_dir), *load_split(name, "test", data_dir)


def normalised(X: Array) -> Array:
    """Z-normalise every channel of every complete series, as archives do; a constant one is 0."""
    spread = X.std(axis=-1, keepdims=True)
    return (X - X.mean(axis=-1, keepdims=True)) / np.where(spread > 1e-8, spread, 1.0)
