"""Labels, and the mark of cases that have none."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

__all__ = ["Mark", "find_unlabelled", "plain_labels"]

Mark = Any
"""A label that says that there is none, or None where every case has one."""


def find_unlabelled(y: ArrayLike, mark: Mark) -> NDArray[np.bool_]:
    """Say which cases carry the mark.

    Parameters
    ----------
    y : array-like of shape (n_cases,)
    mark : label or None
        NaN stands for whatever is missing: NaN, None, ``pandas.NA``. None means that every case has
        a label.

    Returns
    -------
    ndarray of bool, shape (n_cases,)

    Examples
    --------
    >>> find_unlabelled([0, 1, -1, 1], -1)
    array([False, False,  True, False])
    >>> find_unlabelled(["a", None, "b"], float("nan"))
    array([False,  True, False])
    """
    labels = np.asarray(y)
    if mark is None:
        return np.zeros(labels.shape, dtype=bool)
    if pd.isna(mark):
        return np.asarray(pd.isna(labels))
    if (labels.dtype.kind in "US") != isinstance(mark, str) and labels.dtype != object:
        # numpy compares text with numbers in ways of its own
        return np.zeros(labels.shape, dtype=bool)
    found: NDArray[np.bool_] = np.asarray(labels == mark, dtype=bool)
    return found


def plain_labels(labels: NDArray[Any]) -> NDArray[Any]:
    """Give labels that Python's objects hold as an array of a type of their own.

    Beside None, numbers and text are objects; without it they need not be.
    """
    return np.array(labels.tolist()) if labels.dtype == object else labels
