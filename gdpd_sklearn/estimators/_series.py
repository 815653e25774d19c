"""Checks of series: an estimator's input says what is wrong with it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["check_channels", "check_finite", "check_not_empty", "check_prefixes", "list_of_unequal"]


def check_not_empty(X: Any) -> None:
    """Refuse an empty collection with a message; aeon's own checks stumble over it."""
    shape = np.shape(X) if isinstance(X, np.ndarray) else (len(X),)
    if 0 in shape:
        raise ValueError(
            f"X of shape {shape} is empty; (n_cases, n_channels, n_timepoints) must each be at "
            f"least 1."
        )


def check_finite(X: NDArray[np.floating], subject: str = "X contains") -> None:
    """Refuse infinite values, which aeon lets through."""
    if not np.isfinite(X).all():
        raise ValueError(f"{subject} NaN or infinite values; all values must be finite.")


def check_channels(X: NDArray[np.floating], n_channels: int) -> None:
    """Refuse series (n, n_channels, n_timepoints) of another number of channels than in fit."""
    if X.shape[1] != n_channels:
        raise ValueError(
            f"X has {X.shape[1]} channels, but the classifier was fitted on {n_channels}."
        )


def check_prefixes(
    series: Sequence[NDArray[np.floating]], n_channels: int, n_timepoints: int
) -> None:
    """Refuse prefixes (n_channels, ≤ n_timepoints) that do not fit the series of fit."""
    for case, each in enumerate(series):
        if each.ndim != 2:
            raise ValueError(
                f"X has the shape {each.shape} in case {case}; a case of a list has "
                f"(n_channels, n_timepoints)."
            )
        if each.shape[0] != n_channels:
            raise ValueError(
                f"X has {each.shape[0]} channels in case {case}, but the classifier was fitted "
                f"on {n_channels}."
            )
        if each.shape[1] > n_timepoints:
            raise ValueError(
                f"X has {each.shape[1]} time points in case {case}, more than the full length "
                f"{n_timepoints} of fit."
            )
        check_finite(each)


def list_of_unequal(X: Any) -> list[NDArray[np.floating]] | None:
    """Take a list of series of unequal lengths as arrays (n_channels, m); None for all else."""
    if isinstance(X, list) and len({np.shape(each)[-1:] for each in X}) > 1:
        return [np.atleast_2d(np.asarray(each, dtype=float)) for each in X]
    return None
