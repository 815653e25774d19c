"""What a stream is given: numbers, and marks of what is missing."""

from __future__ import annotations

from collections.abc import Hashable
from numbers import Real

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gdpd_sklearn.estimators._series import without_mask

__all__ = ["as_numbers"]


def as_numbers(key: Hashable, points: ArrayLike | None) -> NDArray[np.float64]:
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
