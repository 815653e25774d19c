"""Times of measurements → points of series, as they come or on a regular grid."""

from __future__ import annotations

import datetime
import itertools
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gdpd_sklearn._checks import check_real

__all__ = [
    "CELL_RULES",
    "as_numbers",
    "cell_of",
    "fill",
    "places_as_they_come",
    "places_on_grid",
]

CELL_RULES = ("last", "mean")

# A clock that ticks this share of a step too early is on time: 0.3 / 0.1 is less than 3.
_SLACK = 1e-6
# Times whose distances differ by more than this share are not evenly spaced.
_UNEVEN = 1e-3
# A grid of more values is a slip in the unit of the step.
_MOST_VALUES = 2**31


def as_numbers(times: NDArray[Any], name: Any, *others: tuple[str, Any]) -> list[Any]:
    """Bring times, and a step and a start that may be None, to one unit.

    Parameters
    ----------
    times : ndarray of shape (N,)
        Numbers or dates.
    name : str
        Of their column.
    *others : pairs of parameter and value
        ``("step", …)`` is a span of time, ``("start", …)`` a point in time.

    Returns
    -------
    list
        Times (N,) and the others, as floats; dates are seconds since the first one.
    """
    if times.dtype.kind == "O" and all(
        isinstance(each, datetime.date | np.datetime64 | None) for each in times
    ):
        times = pd.to_datetime(times).to_numpy()
    if pd.isna(times).any():
        raise ValueError(f"time={name!r} has missing entries; every row must have a time.")
    if times.dtype.kind == "m":
        spans = times / np.timedelta64(1, "ns") / 1e9
        return [spans, *(_seconds(*other) for other in others)]
    if times.dtype.kind == "M":
        origin = times.min()
        since = (times - origin) / np.timedelta64(1, "ns") / 1e9
        return [since, *(_seconds(*other, origin=origin) for other in others)]
    if times.dtype.kind not in "fiu":
        raise TypeError(
            f"time={name!r} must be a column of numbers or dates; it holds {times[0]!r}. Convert "
            f"it, such as by pandas.to_datetime or pandas.to_timedelta."
        )
    if not np.isfinite(times).all():
        raise ValueError(f"time={name!r} has infinite entries.")
    return [times.astype(np.float64), *(_number(*other) for other in others)]


def _number(parameter: str, value: Any) -> float | None:
    if value is None:
        return None
    positive = parameter == "step"
    return check_real(parameter, value, 0.0 if positive else -1e30, open_minimum=positive)


def _seconds(parameter: str, value: Any, origin: Any = None) -> float | None:
    """Give a span in seconds, or a point in time in seconds since the origin."""
    if value is None or isinstance(value, int | float):
        return _number(parameter, value)
    try:
        if parameter == "step" or origin is None:
            return _number(parameter, float(pd.Timedelta(value) / pd.Timedelta(seconds=1)))
        return float((pd.Timestamp(value) - pd.Timestamp(origin)) / pd.Timedelta(seconds=1))
    except (ValueError, TypeError) as error:
        raise ValueError(f"{parameter}={value!r} must fit a column of dates: {error}.") from error


def places_as_they_come(
    times: NDArray[np.float64], codes: NDArray[np.intp]
) -> tuple[NDArray[np.intp], bool]:
    """Count the times of each case from 0 on, (N,), and say whether they are evenly spaced."""
    order = np.lexsort((times, codes))
    ordered, of = times[order], codes[order]
    new_case = np.r_[True, of[1:] != of[:-1]]
    new_point = new_case | np.r_[True, ordered[1:] != ordered[:-1]]
    count = np.cumsum(new_point) - 1
    places = np.empty(len(times), dtype=np.intp)
    n_rows = np.diff(np.r_[np.flatnonzero(new_case), len(of)])
    places[order] = count - np.repeat(count[new_case], n_rows)
    steps = np.diff(ordered[new_point])[~new_case[new_point][1:]]
    even = len(steps) == 0 or np.ptp(steps) <= _UNEVEN * steps.max()
    return places, bool(even)


def places_on_grid(
    times: NDArray[np.float64],
    codes: NDArray[np.intp],
    n_cases: int,
    step: float,
    start: float | None,
) -> NDArray[np.intp]:
    """Count the intervals of a regular grid, (N,); before its start they are below 0."""
    if start is None:
        first = np.full(n_cases, np.inf)
        np.minimum.at(first, codes, times)
        since = times - first[codes]
    else:
        since = times - start
    places = _cells(since, step)
    if places.max() >= _MOST_VALUES:
        raise ValueError(
            f"step={step!r} gives a grid of {places.max() + 1:.0f} points, which no memory holds; "
            f"is it in the unit of the times?"
        )
    return places.astype(np.intp)


def cell_of(time: float, start: float, step: float) -> int:
    """Give the number of the interval of one time."""
    return int(_cells(time - start, step))


def _cells(since: Any, step: float) -> Any:
    return np.floor(since / step + _SLACK)


def fill(
    values: NDArray[np.float64],
    of_channel: NDArray[np.intp],
    places: NDArray[np.intp],
    codes: NDArray[np.intp],
    times: NDArray[np.float64],
    shape: tuple[int, int],
    rule: str,
) -> tuple[list[NDArray[np.float64]], NDArray[np.intp]]:
    """Put measurements into series.

    Parameters
    ----------
    values, of_channel, places, codes, times : ndarray of shape (N,)
        Of each measurement: channel, place in its series, case. NaN only makes a series longer.
    shape : (n_cases, n_channels)
    rule : {"last", "mean"}
        Of several measurements in one place.

    Returns
    -------
    series : list of ndarray of shape (n_channels, n_timepoints)
        NaN where nothing was measured.
    crowded : ndarray of int
        Measurements that share their place with another one.
    """
    n_cases, n_channels = shape
    lengths = np.zeros(n_cases, dtype=np.intp)
    np.maximum.at(lengths, codes, places + 1)
    first = np.r_[0, np.cumsum(lengths)]
    total = int(first[-1])
    if total * n_channels > _MOST_VALUES:
        raise ValueError(
            f"series of {total} points and {n_channels} channels together are more than memory "
            f"holds; is step in the unit of the times?"
        )
    at = of_channel * total + first[codes] + places
    there = np.flatnonzero(~np.isnan(values))
    there = there[np.argsort(times[there], kind="stable")]
    counts = np.bincount(at[there], minlength=n_channels * total)
    flat = np.full(n_channels * total, np.nan)
    if rule == "mean":
        sums = np.bincount(at[there], values[there], minlength=len(flat))
        np.divide(sums, counts, out=flat, where=counts > 0)
    else:
        flat[at[there]] = values[there]  # of one place the latest is written last
    table = flat.reshape(n_channels, total)
    series = [table[:, low:high].copy() for low, high in itertools.pairwise(first)]
    return series, there[counts[at[there]] > 1]
