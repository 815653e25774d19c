"""Prefixes: how many points have been seen, and how they fill a network's input."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from gdpd_sklearn._checks import check_int

__all__ = [
    "LEAST_POINTS",
    "resolve_classification_points",
    "resolve_prefix_length",
    "stretch_positions",
]

LEAST_POINTS = 3
"""The field's convention: no evenly spaced classification point stands before the third."""


def resolve_prefix_length(
    prefix_length: Any, n_timepoints: int, name: str = "prefix_length"
) -> int:
    """Turn a share of the series or a number of points into a number of points.

    Parameters
    ----------
    prefix_length : float or int
        A float in (0, 1] is a share, rounded to the nearest point, at least one; an int is a
        number of points. ``1`` is one point, ``1.0`` the complete series.
    n_timepoints : int
        Length of the complete series.
    name : str
        Parameter name for the error.

    Returns
    -------
    int
        Number of points, in ``1 … n_timepoints``.

    Raises
    ------
    ValueError
        If the value is no number or lies outside the range.
    """
    allowed = (
        f"a float in (0, 1] (share of the series) or an int in [1, {n_timepoints}] "
        f"(number of time points)"
    )
    if isinstance(prefix_length, int | np.integer) and not isinstance(prefix_length, bool):
        if 1 <= prefix_length <= n_timepoints:
            return int(prefix_length)
    elif isinstance(prefix_length, float | np.floating) and 0 < prefix_length <= 1:
        return max(1, round(float(prefix_length) * n_timepoints))
    raise ValueError(f"{name}={prefix_length!r} must be {allowed}.")


def resolve_classification_points(classification_points: Any, n_timepoints: int) -> tuple[int, ...]:
    """Turn the parameter into increasing numbers of time points, the full length among them.

    Of evenly spaced points those under :data:`LEAST_POINTS` are left out.

    Raises
    ------
    ValueError
        If it is neither a number of points nor a tuple of shares and lengths, or holds one twice.
    """
    if isinstance(classification_points, tuple | list) or np.ndim(classification_points) == 1:
        _check_distinct(classification_points)
        lengths = {
            resolve_prefix_length(
                each.item() if isinstance(each, np.generic) else each,
                n_timepoints,
                "classification_points",
            )
            for each in classification_points
        }
    else:
        try:
            count = check_int("classification_points", classification_points, 1)
        except ValueError as error:
            raise ValueError(
                f"{str(error)[:-1]}, or a tuple of shares in (0, 1] and numbers of time points."
            ) from None
        count = min(count, n_timepoints)  # more points than there are time points are these
        spaced = {round(k * n_timepoints / count) for k in range(1, count + 1)}
        lengths = {length for length in spaced if length >= LEAST_POINTS}
    return tuple(sorted(lengths | {n_timepoints}))


def _check_distinct(points: Any) -> None:
    """Refuse a point that stands there twice; a share may be as long as a number of points."""
    plain = [each.item() if isinstance(each, np.generic) else each for each in points]
    for place, each in enumerate(plain):
        if any(type(other) is type(each) and other == each for other in plain[:place]):
            raise ValueError(
                f"classification_points={points!r} holds {each!r} twice; each point must differ."
            )


def stretch_positions(
    length: int, input_length: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float32]]:
    """Linear interpolation of ``length`` points onto ``input_length``, end points kept.

    Point ``j`` of the result is ``(1 - w[j]) * x[low[j]] + w[j] * x[high[j]]``: gathered and
    blended elementwise, so that a case comes out the same to the last bit whatever batch it is in.
    (A product with an interpolation matrix is not: the summation order depends on the shape.)

    Returns
    -------
    low, high : ndarray of int, shape (input_length,)
    weight : ndarray of float32, shape (input_length,)
    """
    if length == input_length:
        low = np.arange(length, dtype=np.int64)
        return low, low.copy(), np.zeros(length, dtype=np.float32)
    position = np.linspace(0.0, length - 1.0, input_length)
    low = np.clip(np.floor(position).astype(np.int64), 0, max(length - 2, 0))
    high = np.minimum(low + 1, length - 1)
    return low, high, (position - low).astype(np.float32)
