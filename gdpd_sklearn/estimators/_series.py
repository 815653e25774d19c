"""Checks of series: an estimator's input says what is wrong with it."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gdpd_sklearn._checks import check_choice
from gdpd_sklearn.data import pad_series, stretch_series
from gdpd_sklearn.estimators._layout import hint_of_layout

__all__ = [
    "LARGEST",
    "PREFIXES_BY",
    "check_channels",
    "check_finite",
    "check_not_empty",
    "check_prefixes",
    "cut_series",
    "list_of_unequal",
    "read_collection",
    "read_prefixes",
    "read_training",
    "without_mask",
]

PREFIXES_BY = ("time", "share")
"""What prefixes are counted by."""

# Sums and squares of a few such values leave single precision, and fill values lie beyond.
LARGEST = 1e38
_LARGEST_HALF = 65504.0

# Values that are looked at one by one: for the points of a stream numpy's calls would be more.
_FEW = 16


def read_collection(X: Any, read: Callable[[Any], Any]) -> Any:
    """Read a collection by aeon's ``read``, with numbers of this machine and errors that name X.

    Raises
    ------
    TypeError
        If ``X`` is no collection of series of real numbers.
    ValueError
        If it is empty, or what ``read`` refuses.
    """
    if isinstance(X, list):
        X = [_native(each, f"X[{case}]") for case, each in enumerate(X)]
    else:
        X = _native(X, "X")
    check_not_empty(X)
    try:
        if not _has_blank_channel(X):
            return read(X)
        with warnings.catch_warnings():
            # aeon looks at the spread of each channel of each case
            warnings.filterwarnings("ignore", "All-NaN|Degrees of freedom", RuntimeWarning)
            return read(X)
    except (TypeError, ValueError) as error:
        text = str(error)
        if text.startswith("X "):
            raise
        hint = f" {hint_of_layout(X)}" if isinstance(error, TypeError) else ""
        message = f"X is no collection of series: {text.rstrip(' .')}.{hint}"
        raise type(error)(message) from error
    except (AttributeError, IndexError, KeyError) as error:
        raise TypeError(
            f"X of type {type(X).__name__} is no collection of series. {hint_of_layout(X)}"
        ) from error


def _has_blank_channel(X: Any) -> bool:
    """Tell whether all values of a channel of a case are missing."""
    if isinstance(X, list):
        return any(_has_blank_channel(each) for each in X)
    if not isinstance(X, np.ndarray) or X.size == 0 or X.ndim == 0:
        return False
    # a look at the last points tells of most that they are none
    return bool(np.isnan(X[..., -1]).any()) and bool(np.isnan(X).all(axis=-1).any())


def _native(X: Any, name: str) -> Any:
    """Give an array as numbers that torch knows; all else as it is."""
    if not isinstance(X, np.ndarray):
        return X
    if isinstance(X, np.ma.MaskedArray):
        X = without_mask(X)
    if X.dtype.kind not in "fiub":
        hint = f" {hint_of_layout(X)}" if X.dtype == object else ""
        raise TypeError(f"{name} of type {X.dtype} must hold real numbers.{hint}")
    if isinstance(X, np.memmap):  # read batch by batch, and converted there
        return X
    single = X.dtype.kind == "f" and X.dtype.itemsize <= 4
    return np.asarray(X, dtype=X.dtype.newbyteorder("=") if single else np.float64)


def check_not_empty(X: Any) -> None:
    """Refuse an empty collection with a message; aeon's own checks stumble over it."""
    if not hasattr(X, "__len__"):
        return
    try:
        shape = np.shape(X) if isinstance(X, np.ndarray) else (len(X),)
    except TypeError:  # of sparse matrices, which aeon refuses
        return
    if 0 in shape:
        raise ValueError(
            f"X of shape {shape} is empty; (n_cases, n_channels, n_timepoints) must each be at "
            f"least 1."
        )
    if isinstance(X, list) and all(isinstance(x, np.ndarray) and x.size == 0 for x in X):
        raise ValueError(f"X is a list of empty series, of shape {np.shape(X[0])}.")


def cut_series(X: Any, length: int) -> Any:
    """Leave the first ``length`` points: what follows is not looked at, whatever it is.

    Series that are shorter stay as they are, and so does what is no array, list of arrays or wide
    table: the checks that follow tell.
    """
    check_not_empty(X)
    if isinstance(X, np.ndarray) and X.ndim in (2, 3):
        return X[..., :length]
    if isinstance(X, pd.DataFrame) and not isinstance(X.index, pd.MultiIndex):
        return X.iloc[:, :length]
    if isinstance(X, list) and all(isinstance(x, np.ndarray) and x.ndim in (1, 2) for x in X):
        return [x[..., :length] for x in X]
    return X


def without_mask(X: np.ma.MaskedArray[Any, Any]) -> NDArray[Any]:
    """Give what is masked as NaN; an array without masked values in its own type."""
    if not np.ma.is_masked(X):
        return X.data
    return np.ma.filled(X.astype(np.float64), np.nan)


def read_training(X: Any, prefix_by: str) -> NDArray[np.floating]:
    """Give the series of a fit in one form: (n, C, L), NaN in gaps and behind ends.

    Parameters
    ----------
    X : array of shape (n, C, L) or list of arrays (C, m)
    prefix_by : {"time", "share"}
        With ``"share"`` all are stretched to the longest.

    Raises
    ------
    ValueError
        If a value is infinite, or a channel, or a series, has no value at all.
    """
    check_choice("prefix_by", prefix_by, PREFIXES_BY)
    X = pad_series(X)
    if check_finite(X):
        nothing = np.isnan(X).all(axis=2)
        for what, found in (("channel", nothing.all(axis=0)), ("case", nothing.all(axis=1))):
            if found.any():
                raise ValueError(
                    f"X has no value at all in {what} {int(found.argmax())}; leave this {what} out."
                )
    return stretch_series(X, X.shape[2]) if prefix_by == "share" else X


def read_prefixes(X: Any, length: int, *, may_end: bool) -> NDArray[np.floating]:
    """Give series to be classified by their first ``length`` points in one form.

    Parameters
    ----------
    X : array of shape (n, C, m) or list of arrays (C, m)
    length : int
    may_end : bool
        Whether series that are shorter are taken as ended. Else a shorter one is refused, since it
        may be a mistake.

    Returns
    -------
    ndarray of shape (n, C, length or more)
    """
    if may_end:
        return pad_series(X, length)
    for case, each in enumerate(X):
        if each.shape[1] < length:
            raise ValueError(
                f"X has {each.shape[1]} time points in case {case}, but {length} are needed; "
                f"longer series are cut. Put NaN behind one that has ended, or fit on such series."
            )
    return pad_series(X)


def check_finite(X: NDArray[Any], subject: str = "X contains", case: int | None = None) -> bool:
    """Refuse infinite values and those that single precision cannot compute with.

    Returns
    -------
    bool
        Whether values are missing (NaN).
    """
    if X.size <= _FEW:
        values = X.ravel().tolist()
        if all(abs(value) <= LARGEST for value in values):
            return False
    # half precision does not know the number
    largest = _LARGEST_HALF if X.dtype == np.float16 else LARGEST
    if X.size > _FEW and X.max() <= largest and X.min() >= -largest:
        return False
    bad = ~(np.abs(X) <= largest) & ~np.isnan(X)
    if not bad.any():
        return True
    place = np.argwhere(bad)[0]
    value = X[tuple(place)]
    case = int(place[0]) if X.ndim == 3 else case
    where = "" if case is None else f" in case {case}"
    if not np.isfinite(value):
        raise ValueError(
            f"{subject} infinite values{where}; values must be finite, or NaN where one is missing."
        )
    raise ValueError(
        f"{subject} {value:g}{where}, which single precision cannot compute with; all values must "
        f"lie within ±{LARGEST:g}. A fill value stands for a missing one; put NaN in its place."
    )


def check_channels(X: NDArray[np.floating], n_channels: int) -> None:
    """Refuse series (n, n_channels, n_timepoints) of another number of channels than in fit."""
    if X.shape[1] != n_channels:
        raise ValueError(
            f"X has {X.shape[1]} channels, but the classifier was fitted on {n_channels}."
        )


def check_prefixes(
    series: Sequence[NDArray[np.floating]], n_channels: int, n_timepoints: int | None
) -> None:
    """Refuse prefixes (n_channels, ≤ n_timepoints) that do not fit the series of fit.

    None where any length fits.
    """
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
        if n_timepoints is not None and each.shape[1] > n_timepoints:
            raise ValueError(
                f"X has {each.shape[1]} time points in case {case}, more than the full length "
                f"{n_timepoints} of fit."
            )
        check_finite(each, case=case)


def list_of_unequal(X: Any) -> list[NDArray[np.floating]] | None:
    """Take a list of series of unequal lengths as arrays (n_channels, m); None for all else.

    Raises
    ------
    TypeError
        If one of them holds no numbers.
    """
    if not isinstance(X, list):
        return None
    try:
        if len({np.shape(each)[-1:] for each in X}) == 1:
            return None
        return [np.atleast_2d(np.asarray(each, dtype=float)) for each in X]
    except (TypeError, ValueError) as error:
        raise TypeError(
            f"X is a list of {type(X[0]).__name__} that cannot be read as arrays of numbers "
            f"(n_channels, n_timepoints): {error}."
        ) from error
