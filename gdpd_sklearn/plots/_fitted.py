"""Refusal of what cannot be drawn, before anything is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike
from sklearn.exceptions import NotFittedError

if TYPE_CHECKING:
    from gdpd_sklearn.estimators import GDPDEarlyClassifier

__all__ = ["as_one_series", "check_early", "complete_series"]


def check_early(classifier: Any, name: str = "classifier") -> GDPDEarlyClassifier:
    """Give a fitted early classifier.

    Raises
    ------
    TypeError
        If it is something else.
    sklearn.exceptions.NotFittedError
        If it is not fitted.
    """
    from gdpd_sklearn.estimators import GDPDEarlyClassifier

    if not isinstance(classifier, GDPDEarlyClassifier):
        raise TypeError(f"{name}={classifier!r} must be a fitted GDPDEarlyClassifier.")
    if not classifier.is_fitted:
        raise NotFittedError(f"{name}={classifier!r} is not fitted; call fit first.")
    return classifier


def complete_series(classifier: GDPDEarlyClassifier, X: Any) -> Any:
    """Read complete series as the classifier's students see them, NaN behind ends: (n, C, L)."""
    from gdpd_sklearn.data import pad_series

    return pad_series(classifier._preprocess_collection(X), classifier.n_timepoints_)


def as_one_series(series: ArrayLike) -> Any:
    """Give one series as (C, m).

    Raises
    ------
    TypeError
        If it is no array of numbers.
    ValueError
        If it has another shape.
    """
    try:
        values = np.atleast_2d(np.asarray(series, dtype=float))
    except (TypeError, ValueError) as error:
        raise TypeError(
            "series must be an array of numbers, of shape (n_channels, n_timepoints) or "
            "(n_timepoints,)."
        ) from error
    if values.ndim != 2 or 0 in values.shape:
        raise ValueError(
            f"series of shape {np.shape(series)} must be one series, (n_channels, n_timepoints) "
            f"or (n_timepoints,); take X[i]."
        )
    return values
