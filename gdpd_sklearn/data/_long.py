"""Tables with a row for each measurement → series, labels and names."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gdpd_sklearn._checks import check_choice
from gdpd_sklearn.data._grid import (
    CELL_RULES,
    as_numbers,
    fill,
    places_as_they_come,
    places_on_grid,
)
from gdpd_sklearn.data._table import column_names, numeric_names, read_column, read_numbers

__all__ = ["LongSeries", "from_long"]


class LongSeries(NamedTuple):
    """What :func:`from_long` reads out of a table.

    Attributes
    ----------
    X : ndarray of shape (n_cases, n_channels, n_timepoints), or list of ndarray
        A list of arrays (n_channels, n_timepoints) where series are not equally long. NaN where a
        value is missing.
    y : ndarray of shape (n_cases,), or None
        Labels; None without a label column. Where cases have none, an array of objects with None.
    channels : tuple of str
        Names of the channels, in their order.
    cases : ndarray of shape (n_cases,)
        What the table calls the cases, in the order of X: that of their first rows.
    """

    X: NDArray[np.float64] | list[NDArray[np.float64]]
    y: NDArray[Any] | None
    channels: tuple[str, ...]
    cases: NDArray[Any]


def from_long(
    frame: Any,
    *,
    case: str,
    time: str,
    channels: str | Sequence[str] | None = None,
    value: str | None = None,
    label: str | None = None,
    step: Any = None,
    rule: str = "last",
    start: Any = None,
) -> LongSeries:
    """Read series from a table with a row for each time point, or for each measurement.

    Parameters
    ----------
    frame : DataFrame
        Of pandas, or of polars and whatever else narwhals knows (which scikit-learn brings along
        since 1.9). Rows may be in any order.
    case, time : str
        Columns that say which series a row belongs to, and when it was. Times are numbers or dates.
    channels : str or sequence of str, optional
        Columns of measurements, a channel each; by default all other columns of numbers. With
        ``value``, the one column that *names* the channel.
    value : str, optional
        The column of measurements, where each row holds a single one.
    label : str, optional
        Column of labels, text or numbers, one for each case; rows may leave it out.
    step : number, str or timedelta, optional
        Puts the times on a regular grid, in the unit of the column ``time``; for dates such as
        ``"5min"``, or a number of seconds. Point j of a series holds what was measured from ``start
        + j · step`` on and before the next point begins: NaN where nothing was. So it is known at
        the end of its interval, and nothing later is in it. By default the rows are the points.
    rule : {"last", "mean"}, default="last"
        What stands for several values in an interval: the last one, or their mean.
    start : number or date, optional
        Where the grid of every case begins; by default where its first row is. Rows before it are
        left out. Give it where the clock means the same for all cases, such as 0 for hours since
        admission.

    Returns
    -------
    LongSeries

    Raises
    ------
    TypeError
        If ``frame`` is no table, or a column of measurements or times holds something else.
    ValueError
        If a column is not there, a time or a case is missing, a case has two labels, a time twice
        where no ``step`` says how to join them, or a grid would have more points than memory holds.

    Warns
    -----
    UserWarning
        Without ``step``, if times are not evenly spaced: rows are then points all the same.

    Examples
    --------
    >>> import pandas as pd
    >>> from gdpd_sklearn.data import from_long
    >>> frame = pd.DataFrame({
    ...     "patient": ["a", "a", "a", "b", "b"],
    ...     "hour": [0.2, 1.5, 1.7, 0.1, 2.6],
    ...     "pulse": [70, 72, 76, 90, 88],
    ...     "outcome": ["well", "well", "well", "ill", "ill"],
    ... })
    >>> series = from_long(frame, case="patient", time="hour", label="outcome", step=1, start=0)
    >>> [each.tolist() for each in series.X]
    [[[70.0, 76.0]], [[90.0, nan, 88.0]]]
    >>> series.y.tolist(), series.channels
    (['well', 'ill'], ('pulse',))
    """
    check_choice("rule", rule, CELL_RULES)
    keys = {"case": case, "time": time, "value": value, "label": label}
    names = _channel_columns(frame, {k: v for k, v in keys.items() if v is not None}, channels)
    cases, codes = _cases(read_column(frame, case, "case"), case)
    y = None if label is None else _labels(read_column(frame, label, "label"), codes, cases, label)
    times, step, start = as_numbers(
        read_column(frame, time, "time"), time, ("step", step), ("start", start)
    )
    if step is None:
        places, even = places_as_they_come(times, codes)
        if not even:
            warnings.warn(
                f"time={time!r} is not evenly spaced; rows are taken as points that follow one "
                f"another. step= puts them on a regular grid.",
                stacklevel=2,
            )
    else:
        places = places_on_grid(times, codes, len(cases), step, start)
    measured = _measured(frame, names, value, len(times))
    seen = places[measured.rows] >= 0
    rows = measured.rows[seen]
    left = np.setdiff1d(np.arange(len(cases)), codes[rows])
    if len(left):
        raise ValueError(f"case {cases.tolist()[left[0]]!r} has no row from start={start!r} on.")
    X, crowded = fill(
        measured.values[seen], measured.of_channel[seen], places[rows], codes[rows], times[rows],
        (len(cases), len(measured.names)), rule,
    )  # fmt: skip
    if step is None and len(crowded):
        row = rows[crowded[0]]
        when = read_column(frame, time, "time")[row]
        raise ValueError(
            f"case {cases.tolist()[codes[row]]!r} has two values at {time}={when!s}; "
            f"leave one out, or join them by step= and rule=."
        )
    equal = len({each.shape[1] for each in X}) == 1
    return LongSeries(np.stack(X) if equal else X, y, tuple(map(str, measured.names)), cases)


class _Measured(NamedTuple):
    """Values of a table one by one, with channel and row of each; and the channels' names."""

    values: NDArray[np.float64]
    of_channel: NDArray[np.intp]
    rows: NDArray[np.intp]
    names: list[Any]


def _measured(frame: Any, names: list[Any], value: str | None, n_rows: int) -> _Measured:
    """Read the columns of measurements, or the one that holds those of all channels."""
    if value is None:
        values = np.concatenate([read_numbers(frame, name, "channels") for name in names])
        of_channel = np.repeat(np.arange(len(names)), n_rows)
        return _Measured(values, of_channel, np.tile(np.arange(n_rows), len(names)), names)
    values = read_numbers(frame, value, "value")
    names, of_channel = _named_channels(read_column(frame, names[0], "channels"), names[0])
    return _Measured(values, of_channel, np.arange(n_rows), names)


def _channel_columns(
    frame: Any, keys: dict[str, str], channels: str | Sequence[str] | None
) -> list[Any]:
    """Give the columns of measurements, or the one that names channels."""
    if channels is None:
        if "value" in keys:
            raise ValueError(
                f"value={keys['value']!r} needs channels=, the column that names what was measured."
            )
        found = [name for name in numeric_names(frame) if name not in keys.values()]
        if not found:
            raise ValueError(
                f"frame has no column of numbers beside {sorted(map(str, keys.values()))}; its "
                f"columns are {column_names(frame)}."
            )
        return found
    wanted = [channels] if isinstance(channels, str) else list(channels)
    taken = [name for name in wanted if name in keys.values()]
    if not wanted or taken or len(set(wanted)) < len(wanted) or ("value" in keys and wanted[1:]):
        raise ValueError(
            f"channels={channels!r} must name different columns beside "
            f"{sorted(map(str, keys.values()))}; with value= a single one."
        )
    return wanted


def _cases(column: NDArray[Any], name: str) -> tuple[NDArray[Any], NDArray[np.intp]]:
    """Give the cases in the order of their first rows, and the number of each row's."""
    if len(column) == 0:
        raise ValueError("frame has no rows; at least one is needed.")
    codes, cases = pd.factorize(column)
    if (codes < 0).any():
        raise ValueError(f"case={name!r} has missing entries; every row must belong to a case.")
    return np.asarray(cases), codes


def _named_channels(column: NDArray[Any], name: str) -> tuple[list[Any], NDArray[np.intp]]:
    """Give the names of channels, sorted, and the number of each row's."""
    codes, names = pd.factorize(column)
    if (codes < 0).any():
        raise ValueError(f"channels={name!r} has missing entries; every row must name one.")
    order = sorted(range(len(names)), key=lambda i: str(names[i]))
    return [names[i] for i in order], np.argsort(order)[codes]


def _labels(
    column: NDArray[Any], codes: NDArray[np.intp], cases: NDArray[Any], name: str
) -> NDArray[Any]:
    """Give one label for each case; None where its rows have none."""
    of_row, labels = pd.factorize(column)
    known = of_row >= 0
    found = np.full(len(cases), -1)
    found[codes[known]] = of_row[known]
    differs = np.flatnonzero(known & (of_row != found[codes]))
    if len(differs):
        case = cases.tolist()[codes[differs[0]]]
        both = labels[[of_row[differs[0]], found[codes[differs[0]]]]].tolist()
        raise ValueError(
            f"label={name!r} must be one for each case; case {case!r} has {both[0]!r} "
            f"and {both[1]!r}."
        )
    plain = labels.tolist()
    if (found >= 0).all():
        return np.array(plain)[found]
    return np.array([plain[i] if i >= 0 else None for i in found], dtype=object)
