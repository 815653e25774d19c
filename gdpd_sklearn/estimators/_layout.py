"""Layouts that are no collection of series: what each of them may be, and what reads it."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from gdpd_sklearn.data import numeric_names

__all__ = ["hint_of_count", "hint_of_layout", "warn_if_transposed"]

# So many channels to a time point are time points more likely. Sets of the archives have up to 7.
_TRANSPOSED = 10

_FROM_LONG = (
    "gdpd_sklearn.data.from_long(frame, case=…, time=…, label=…) reads a table with a row for each "
    "time point or measurement"
)


def hint_of_layout(X: Any) -> str:
    """Say what helps with something that is no collection of series."""
    if hasattr(X, "columns"):
        names = list(X.columns)
        texts = [name for name in names if name not in numeric_names(X)]
        beside = f" (columns {texts[:5]} hold something else)" if texts else ""
        return (
            f"{_FROM_LONG}; a table with a row for each case must be a pandas.DataFrame of numbers "
            f"alone{beside}."
        )
    if hasattr(X, "detach"):
        return "Hand in the array of a tensor: X.numpy()."
    if isinstance(X, dict):
        return "Hand in the series alone: list(X.values())."
    if isinstance(X, list) and X and isinstance(X[0], list | tuple):
        return (
            "Hand in numpy.array(X), or a list of arrays (n_channels, n_timepoints) where series "
            "are not equally long."
        )
    if isinstance(X, np.ndarray) and X.dtype == object:
        return "Of series that are not equally long hand in a list of arrays: list(X)."
    return (
        f"It must be an array (n_cases, n_channels, n_timepoints) or a list of arrays (n_channels, "
        f"n_timepoints); {_FROM_LONG}."
    )


def hint_of_count(X: Any) -> str:
    """Say what a table may be that has another number of rows than there are labels."""
    return f" {_FROM_LONG}." if hasattr(X, "columns") else ""


def warn_if_transposed(X: Any) -> None:
    """Warn of series that seem to lie in the order (n_cases, n_timepoints, n_channels).

    Parameters
    ----------
    X : array of shape (n_cases, n_channels, n_timepoints), or list of arrays
    """
    n_channels, n_timepoints = np.shape(X[0])
    if n_channels >= _TRANSPOSED * n_timepoints:
        warnings.warn(
            f"X has {n_channels} channels of {n_timepoints} time points; series lie in the order "
            f"(n_cases, n_channels, n_timepoints). If yours are (n_cases, n_timepoints, "
            f"n_channels), hand in numpy.swapaxes(X, 1, 2).",
            stacklevel=3,
        )
