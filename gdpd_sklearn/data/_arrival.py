"""How series arrive: of unequal lengths, with gaps, ended early. One form for all of them.

Everything behind this file knows one form: an array (n, C, L) in which NaN says that there is no
value. A series that ended early is one whose last points are all NaN. An array that comes without
gaps is passed on as it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["ends_of", "ends_of_each", "fill_gaps", "pad_series", "stretch_series"]


def pad_series(
    series: NDArray[np.floating] | Sequence[NDArray[np.floating]], n_timepoints: int = 0
) -> NDArray[np.floating]:
    """Put series of unequal lengths into one array, with NaN behind their ends.

    Parameters
    ----------
    series : array of shape (n, C, L) or sequence of arrays (C, m)
    n_timepoints : int, optional
        Length of the array where no series is longer.

    Returns
    -------
    ndarray of shape (n, C, max(L, n_timepoints))
        An array that is long enough is returned itself; so a memory-mapped one stays in its file.

    Examples
    --------
    >>> import numpy as np
    >>> from gdpd_sklearn.data import pad_series
    >>> pad_series([np.array([[1.0, 2.0]]), np.array([[3.0]])])[:, 0]
    array([[ 1.,  2.],
           [ 3., nan]])
    """
    if isinstance(series, np.ndarray) and series.shape[2] >= n_timepoints:
        return series
    longest = max([n_timepoints, *(each.shape[1] for each in series)])
    kinds: list[Any] = [each.dtype for each in series]
    kind = np.result_type(*set(kinds), np.float32)
    padded = np.full((len(series), series[0].shape[0], longest), np.nan, dtype=kind)
    for row, each in zip(padded, series, strict=True):
        row[:, : each.shape[1]] = each
    return padded


def ends_of(X: NDArray[np.floating]) -> NDArray[np.int64]:
    """Count the points of each series (n, C, L) up to its last value in any channel: (n,).

    Examples
    --------
    >>> import numpy as np
    >>> from gdpd_sklearn.data import ends_of
    >>> ends_of(np.array([[[1.0, np.nan, 2.0, np.nan]], [[0.0, 0.0, 0.0, 0.0]]]))
    array([3, 4])
    """
    length = X.shape[2]
    ends = np.full(len(X), length, dtype=np.int64)
    for case in np.flatnonzero(np.isnan(X[:, :, -1:]).all(axis=(1, 2))):
        given = np.flatnonzero(~np.isnan(X[case]).all(axis=0))
        ends[case] = given[-1] + 1 if len(given) else 0
    return ends


def ends_of_each(
    series: NDArray[np.floating] | Sequence[NDArray[np.floating]],
) -> NDArray[np.int64]:
    """Give :func:`ends_of` of series (C, m) of any lengths."""
    if isinstance(series, np.ndarray):
        return ends_of(series)
    return np.array([ends_of(each[None])[0] for each in series], dtype=np.int64)


def fill_gaps(
    values: NDArray[np.floating], before: NDArray[np.floating] | None = None
) -> NDArray[np.floating]:
    """Put the latest value into gaps: nothing that follows a point changes it.

    Parameters
    ----------
    values : ndarray of shape (..., m)
    before : ndarray of shape (..., 1), optional
        The values before the first point; NaN, as by default, where there was none.

    Returns
    -------
    ndarray of shape (..., m)
        NaN where nothing was known yet. ``values`` itself, where nothing is missing.

    Examples
    --------
    >>> import numpy as np
    >>> from gdpd_sklearn.data import fill_gaps
    >>> fill_gaps(np.array([np.nan, 1.0, np.nan, 2.0]))
    array([nan,  1.,  1.,  2.])
    """
    missing = np.isnan(values)
    if not missing.any():
        return values
    if before is None:
        before = np.full((*values.shape[:-1], 1), np.nan, dtype=values.dtype)
    places = np.where(missing, 0, np.arange(1, values.shape[-1] + 1))
    latest = np.maximum.accumulate(places, axis=-1)
    known = np.concatenate([before.astype(values.dtype, copy=False), values], axis=-1)
    return np.take_along_axis(known, latest, axis=-1)


def stretch_series(
    series: NDArray[np.floating] | Sequence[NDArray[np.floating]], n_timepoints: int
) -> NDArray[np.floating]:
    """Stretch each series to one length, so that a prefix is the same share of each of them.

    Point j of L is a blend of the points about place (j + 1) · m / L of a series of m: the first j
    + 1 points of the result are made of the first ⌈(j + 1) · m / L⌉ of the series, and of nothing
    behind them.

    Parameters
    ----------
    series : array of shape (n, C, m) or sequence of arrays (C, m)
        Points after the last value of a series do not count as its points.
    n_timepoints : int
        L.

    Returns
    -------
    ndarray of shape (n, C, L)

    Examples
    --------
    >>> import numpy as np
    >>> from gdpd_sklearn.data import stretch_series
    >>> stretch_series([np.array([[0.0, 1.0]]), np.arange(4.0)[None]], 4)[:, 0]
    array([[0. , 0. , 0.5, 1. ],
           [0. , 1. , 2. , 3. ]])
    """
    X = pad_series(series, n_timepoints)
    ends = ends_of(X)
    if (ends == n_timepoints).all() and X.shape[2] == n_timepoints:
        return X
    stretched = np.full((*X.shape[:2], n_timepoints), np.nan, dtype=X.dtype)
    for into, each, end in zip(stretched, X, ends, strict=True):
        if end:
            place = np.maximum(np.arange(1, n_timepoints + 1) * end / n_timepoints - 1.0, 0.0)
            low, high = np.floor(place).astype(int), np.ceil(place).astype(int)
            share = (place - low).astype(X.dtype)
            # where a point is hit, what is beside it does not count, missing or not
            into[:] = np.where(
                low == high, each[:, low], each[:, low] * (1 - share) + each[:, high] * share
            )
    return stretched
