"""Columns of tables: what narwhals reads is what pandas gives."""

import builtins
from types import SimpleNamespace

import pandas as pd
import pytest

from gdpd_sklearn.data import _table
from gdpd_sklearn.data._table import column_names, numeric_names, read_column, read_numbers


class Wrapped:
    """A table that is none of pandas, but that narwhals knows how to read."""

    def __init__(self, frame):
        self._frame = frame
        self.columns = list(frame)

    def __narwhals_dataframe__(self):
        raise NotImplementedError


def test_narwhals_reads_columns_as_pandas_has_them(monkeypatch):
    frame = pd.DataFrame({"a": [1, 2], "b": [0.5, 0.25], "c": ["x", "y"], "d": [True, False]})

    def read():
        return (
            column_names(frame),
            numeric_names(frame),
            [read_column(frame, name, "case").tolist() for name in "abcd"],
            [read_numbers(frame, name, "channels").tolist() for name in "abd"],
        )

    expected = read()
    nothing = SimpleNamespace(DataFrame=Wrapped, isna=pd.isna)
    monkeypatch.setattr(_table, "pd", nothing)  # from now on no table is one of pandas
    assert read() == expected


def test_without_narwhals_the_error_says_what_to_install(monkeypatch):
    imported = builtins.__import__

    def without(name, *args, **kwargs):
        if name == "narwhals":
            raise ImportError(name)
        return imported(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without)
    frame = Wrapped(pd.DataFrame({"a": [1]}))
    with pytest.raises(ImportError, match=r"read through narwhals, .*DataFrame of pandas"):
        column_names(frame)
    assert column_names(pd.DataFrame({"a": [1]})) == ["a"]


def test_a_name_that_stands_twice_is_refused():
    frame = pd.DataFrame([[1, 2]], columns=["a", "a"])
    with pytest.raises(ValueError, match=r"case='a' must be one column"):
        read_column(frame, "a", "case")
