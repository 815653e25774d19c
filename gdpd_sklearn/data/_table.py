"""Columns of a table as arrays, whatever library the table is of."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

__all__ = ["column_names", "numeric_names", "read_column", "read_numbers"]


def column_names(frame: Any) -> list[Any]:
    """Give the names of a table's columns.

    Raises
    ------
    TypeError
        If it is no table.
    """
    return list(frame.columns if isinstance(frame, pd.DataFrame) else _by_narwhals(frame).columns)


def numeric_names(frame: Any) -> list[Any]:
    """Give the names of the columns that hold numbers; booleans are none."""
    if isinstance(frame, pd.DataFrame):
        return [
            name for name in frame.columns if pd.api.types.is_any_real_numeric_dtype(frame[name])
        ]
    table = _by_narwhals(frame)
    return [name for name in table.columns if table[name].dtype.is_numeric()]


def read_column(frame: Any, name: Any, parameter: str) -> NDArray[Any]:
    """Give a column as numpy has it: what is missing is NaN, NaT or None.

    Raises
    ------
    ValueError
        If there is no such column, or more than one; the parameter that named it is named.
    """
    known = column_names(frame)
    if known.count(name) != 1:
        raise ValueError(
            f"{parameter}={name!r} must be one column of frame; its columns are {known}."
        )
    if not isinstance(frame, pd.DataFrame):
        return np.asarray(_by_narwhals(frame)[name].to_numpy())
    column = frame[name]
    if isinstance(column.dtype, pd.DatetimeTZDtype):
        column = column.dt.tz_convert("UTC").dt.tz_localize(None)
    return np.asarray(column.to_numpy())


def read_numbers(frame: Any, name: Any, parameter: str) -> NDArray[np.float64]:
    """Give a column of numbers as float64, NaN where one is missing.

    Raises
    ------
    TypeError
        If it holds something else, such as text; the first such entry is named.
    """
    values = read_column(frame, name, parameter)
    if values.dtype.kind in "fiub":
        return values.astype(np.float64)
    if values.dtype.kind == "O":
        missing = pd.isna(values)
        numbers = [isinstance(each, int | float | np.number) for each in values]
        wrong = np.flatnonzero(~missing & ~np.array(numbers, dtype=bool))
        if len(wrong) == 0:
            return np.where(missing, np.nan, values).astype(np.float64)
        example = values[wrong[0]]
    else:
        example = values[0]
    raise TypeError(
        f"{parameter}: column {name!r} must hold numbers; it holds {example!r}. Convert it, such "
        f"as by pandas.to_numeric(..., errors='coerce')."
    )


def _by_narwhals(frame: Any) -> Any:
    """Read any other table through the library that scikit-learn brings along."""
    if not hasattr(frame, "columns"):
        raise TypeError(
            f"frame of type {type(frame).__name__} is no table; it must be a DataFrame of pandas "
            f"or polars."
        )
    try:
        import narwhals
    except ImportError as error:
        raise ImportError(
            f"frame of type {type(frame).__name__} is read through narwhals, which scikit-learn "
            f"brings along from 1.9 on; install it, or hand in a DataFrame of pandas."
        ) from error
    try:
        return narwhals.from_native(frame, eager_only=True)
    except TypeError as error:
        raise TypeError(
            f"frame of type {type(frame).__name__} is no table in memory; it must be a DataFrame "
            f"of pandas or polars (a lazy one collected)."
        ) from error
