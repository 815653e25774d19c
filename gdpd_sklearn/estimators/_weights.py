"""Weights of training cases, checked and in the units that the trainer takes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gdpd_sklearn._checks import check_weights
from gdpd_sklearn._progress import phase
from gdpd_sklearn.estimators._callbacks import CalledBack, with_callbacks
from gdpd_sklearn.estimators._layout import hint_of_count, warn_if_transposed

__all__ = ["Weighed", "any_unlabelled", "case_weights", "counted_codes"]

# Single precision does not compute with a lighter case beside one of weight 1.
_LIGHTEST = 1e-30


def case_weights(
    sample_weight: ArrayLike | None, codes: NDArray[np.int64]
) -> NDArray[np.float64] | None:
    """scikit-learn's ``sample_weight`` → weights whose mean is 1 over the cases that count.

    Parameters
    ----------
    sample_weight : array-like of shape (n_cases,), optional
        At least 0. Only ratios matter; a case of weight 0 is as if it were not there.
    codes : ndarray of int, shape (n_cases,)
        Class codes; −1 for cases without a label.

    Returns
    -------
    ndarray of shape (n_cases,), or None
        Exactly 1 where all cases that count have one weight.

    Raises
    ------
    ValueError
        If it does not hold a weight for each case, or leaves no class two cases.
    """
    weights = check_weights(sample_weight, len(codes))
    if weights is None:
        return None
    weights = weights / weights.max()
    counts = weights >= _LIGHTEST
    weights = np.where(counts, weights, 0.0)
    if np.bincount(codes[counts & (codes >= 0)], minlength=1).max() < 2:
        raise ValueError(
            f"sample_weight={sample_weight!r} leaves no class two labelled cases of a weight above "
            f"0; at least one class needs them."
        )
    if len(np.unique(weights[counts])) == 1:
        return counts.astype(np.float64)
    return np.asarray(weights / weights[counts].mean())


def counted_codes(
    codes: NDArray[np.int64], weight: NDArray[np.float64] | None
) -> tuple[NDArray[np.int64], NDArray[np.float64] | None]:
    """Give codes and weights of the labelled cases that count."""
    if weight is None:
        return codes[codes >= 0], None
    counts = (codes >= 0) & (weight > 0)
    return codes[counts], weight[counts]


def any_unlabelled(codes: NDArray[np.int64], weight: NDArray[np.float64] | None) -> bool:
    """Say whether a case without a label counts."""
    return bool(((codes < 0) & (True if weight is None else weight > 0)).any())


class Weighed(CalledBack):
    """Mixin before aeon's class, whose ``fit`` knows no weights and no callbacks."""

    is_fitted: bool

    if TYPE_CHECKING:  # of aeon's base class, beside which this one stands

        def _fit_setup(self, X: Any, y: Any) -> tuple[Any, Any]: ...

        def _fit(self, X: Any, y: Any, sample_weight: ArrayLike | None = None) -> Any: ...

    @with_callbacks
    def fit(self, X: Any, y: Any, sample_weight: ArrayLike | None = None) -> Self:
        """Fit to complete series and their labels.

        Parameters
        ----------
        X : array of shape (n_cases, n_channels, n_timepoints)
            Complete series, or what else aeon reads as a collection.
        y : array of shape (n_cases,)
            Labels.
        sample_weight : array of shape (n_cases,), optional
            What each case counts, at least 0, in the heads' squared errors, the cross-entropy and
            whatever is chosen by held-out cases. Only ratios matter; they multiply
            ``class_weight``. A case of weight 0 is as if it were not there.

        Returns
        -------
        self

        Raises
        ------
        ValueError
            If data, weights or parameters are not as above; the message names them.
        """
        try:
            series, labels = self._fit_setup(X, y)
        except ValueError as error:
            if not str(error).startswith("Mismatch in number of cases"):
                raise
            raise ValueError(f"{error}.{hint_of_count(X)}") from error
        warn_if_transposed(series)
        name = f"{type(self).__name__}.fit of {len(labels)} cases"
        with self._telling_callbacks(X, y), phase(name):
            self._fit(series, labels, sample_weight)
        self.is_fitted = True
        return self
