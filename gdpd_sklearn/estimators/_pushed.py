"""What a stream is given: numbers, and marks of what is missing."""

from __future__ import annotations

from collections.abc import Hashable
from numbers import Real
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gdpd_sklearn.estimators._series import check_finite, without_mask

__all__ = ["as_chunk"]


def as_chunk(key: Hashable, points: ArrayLike | None, n_channels: int) -> NDArray[np.float64]:
    """Give points of one series as a chunk (n_channels, m); None is one point without values.

    Raises
    ------
    ValueError
        That names the series: if the shape does not fit, or values are no numbers or infinite.
    """
    given: Any = points
    chunk = np.full((n_channels, 1), np.nan) if points is None else _as_numbers(key, points)
    if chunk.ndim == 0:
        chunk = chunk[None]
    if chunk.ndim == 1:
        chunk = chunk[:, None]
    if chunk.ndim != 2 or chunk.shape[0] != n_channels:
        raise ValueError(
            f"points of series {key!r} have the shape {np.shape(given)}; one point of {n_channels} "
            f"channels has ({n_channels},), a chunk of m points ({n_channels}, m)."
        )
    check_finite(chunk, f"points of series {key!r} contain")
    return chunk


def _as_numbers(key: Hashable, points: ArrayLike) -> NDArray[np.float64]:
    """Give real numbers, with NaN for None and for what is masked.

    Text that reads like a number, dates and truths are mistakes of the caller.

    Raises
    ------
    ValueError
        That names the series.
    """
    try:
        given = np.asanyarray(points)
    except (TypeError, ValueError) as error:
        raise ValueError(f"points of series {key!r} are no array of numbers: {error}") from error
    if isinstance(given, np.ma.MaskedArray):
        given = without_mask(given)
    if given.dtype == object and all(_is_number_or_none(each) for each in given.flat):
        return given.astype(np.float64)
    if given.dtype.kind not in "iuf":
        raise ValueError(
            f"points of series {key!r} are of type {given.dtype}; real numbers are needed, "
            f"such as {1.5!r}, and NaN or None where one is missing."
        )
    return np.asarray(given, dtype=np.float64)


def _is_number_or_none(value: object) -> bool:
    return value is None or (isinstance(value, Real) and not isinstance(value, bool | np.bool_))
