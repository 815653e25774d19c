"""Tables with a row for each measurement, against plain loops."""

import numpy as np
import pandas as pd
import pytest

from gdpd_sklearn.data import from_long


def table(n_cases=7, seed=0):
    """Irregular times, gaps, two channels, text labels; rows in no order."""
    random = np.random.default_rng(seed)
    rows = []
    for case in range(n_cases):
        for _ in range(random.integers(3, 20)):
            hour = random.uniform(0.0, 6.0)
            values = np.where(random.random(2) < 0.3, np.nan, random.normal(size=2))
            rows.append((f"p{case}", hour, *values, ["ill", "well"][case % 2]))
    frame = pd.DataFrame(rows, columns=["patient", "hour", "pulse", "temp", "outcome"])
    return frame.sample(frac=1.0, random_state=0)


KEYS = {"case": "patient", "time": "hour", "label": "outcome"}


@pytest.mark.parametrize("rule", ["last", "mean"])
@pytest.mark.parametrize("start", [None, 0.0, 0.7])
@pytest.mark.parametrize("step", [0.5, 2])
def test_a_regular_grid_by_loops(rule, start, step):
    frame = table()
    found = from_long(frame, **KEYS, step=step, rule=rule, start=start)
    assert found.cases.tolist() == list(dict.fromkeys(frame["patient"]))
    assert found.channels == ("pulse", "temp")
    for series, case, label in zip(found.X, found.cases, found.y, strict=True):
        own = frame[frame["patient"] == case].sort_values("hour")
        begin = own["hour"].min() if start is None else start
        n_points = int((own["hour"].max() - begin) // step) + 1
        assert series.shape == (2, n_points)
        for c, channel in enumerate(found.channels):
            for j in range(n_points):
                inside = own[(own["hour"] >= begin + j * step)]
                inside = inside[inside["hour"] < begin + (j + 1) * step][channel].dropna()
                expected = np.nan
                if len(inside):
                    expected = inside.iloc[-1] if rule == "last" else inside.mean()
                np.testing.assert_allclose(series[c, j], expected)
        assert label == own["outcome"].iloc[0]


@pytest.mark.filterwarnings("ignore:time='hour' is not evenly spaced")
def test_without_a_step_rows_are_points_in_the_order_of_time():
    frame = table()
    found = from_long(frame, **KEYS)
    for series, case in zip(found.X, found.cases, strict=True):
        own = frame[frame["patient"] == case].sort_values("hour")
        np.testing.assert_array_equal(series, own[["pulse", "temp"]].to_numpy().T)


def test_equally_long_series_are_an_array():
    frame = pd.DataFrame({"c": [1, 1, 0, 0], "t": [0, 1, 1, 0], "v": [1.0, 2.0, 4.0, 3.0]})
    found = from_long(frame, case="c", time="t")
    assert found.X.shape == (2, 1, 2)
    assert found.X.tolist() == [[[1.0, 2.0]], [[3.0, 4.0]]]
    assert found.y is None
    assert found.cases.tolist() == [1, 0]


def test_a_row_for_each_measurement_is_the_same_series():
    frame = table()
    wide = from_long(frame, **KEYS, channels=["pulse", "temp"], step=1.0, start=0)
    long = frame.melt(["patient", "hour", "outcome"], var_name="what", value_name="reading")
    found = from_long(long, **KEYS, channels="what", value="reading", step=1.0, start=0)
    assert found.channels == ("pulse", "temp")
    assert found.cases.tolist() == wide.cases.tolist()
    assert found.y.tolist() == wide.y.tolist()
    for one, other in zip(found.X, wide.X, strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("step", ["30min", 1800, pd.Timedelta(minutes=30), np.timedelta64(30, "m")])
@pytest.mark.parametrize("zone", [None, "Europe/Vienna"])
def test_dates_and_spans_are_times_too(step, zone):
    frame = table()
    hours = frame["hour"]
    plain = from_long(frame, **KEYS, step=0.5, start=0)
    origin = pd.Timestamp("2024-03-30 22:00", tz=zone)  # the clocks change in this night
    dates = frame.assign(hour=origin + pd.to_timedelta(hours, unit="h"))
    spans = frame.assign(hour=pd.to_timedelta(hours, unit="h"))
    start = origin.tz_convert("UTC").tz_localize(None) if zone else origin
    by_date = from_long(dates, **KEYS, step=step, start=start)
    by_span = from_long(spans, **KEYS, step=step, start="0h")
    for one, *others in zip(plain.X, by_date.X, by_span.X, strict=True):
        for other in others:
            np.testing.assert_array_equal(one, other)


def test_a_clock_that_rounds_is_on_time():
    times = np.arange(10) * 0.1  # 0.3 / 0.1 and others are less than whole
    frame = pd.DataFrame({"c": "a", "t": times, "v": np.arange(10.0)})
    found = from_long(frame, case="c", time="t", step=0.1)
    np.testing.assert_array_equal(found.X[0, 0], np.arange(10.0))


def test_columns_of_all_kinds():
    frame = pd.DataFrame(
        {
            "c": pd.Categorical(["a", "a", "b", "b"]),
            "t": pd.array([0, 1, 0, 1], dtype="Int64"),
            "whole": pd.array([1, None, 3, 4], dtype="Int64"),
            "object": np.array([1.5, None, 2, np.nan], dtype=object),
            "flag": [True, False, True, True],
            "mark": [None, "x", None, None],
        }
    )
    found = from_long(frame, case="c", time="t", channels=["whole", "object", "flag"], label="mark")
    np.testing.assert_array_equal(found.X[0], [[1, np.nan], [1.5, np.nan], [1, 0]])
    np.testing.assert_array_equal(found.X[1], [[3, 4], [2, np.nan], [1, 1]])
    assert found.y.tolist() == ["x", None]
    assert from_long(frame, case="c", time="t").channels == ("whole",)


def test_tables_of_other_libraries():
    frame = table()
    expected = from_long(frame, **KEYS, step=0.5)
    polars = pytest.importorskip("polars", reason="an optional library of the tests")
    dates = frame.assign(hour=pd.Timestamp("2024-01-01") + pd.to_timedelta(frame["hour"], unit="h"))
    columns = {name: frame[name].to_numpy() for name in frame}
    columns["pulse"] = [None if np.isnan(each) else each for each in columns["pulse"]]
    for theirs, step in (
        (polars.DataFrame(columns), 0.5),
        (polars.DataFrame({**columns, "hour": dates["hour"].to_numpy()}), "30min"),
    ):
        found = from_long(theirs, **KEYS, step=step)
        assert found.channels == expected.channels
        assert found.y.tolist() == expected.y.tolist()
        for one, other in zip(found.X, expected.X, strict=True):
            np.testing.assert_array_equal(one, other)
    with pytest.raises(TypeError, match="collected"):
        from_long(polars.DataFrame(columns).lazy(), **KEYS)


GOOD = pd.DataFrame({"c": [1, 1, 2, 2], "t": [0, 1, 0, 1], "v": 1.0, "w": 2.0, "k": [0, 0, 1, 1]})


@pytest.mark.parametrize(
    ("changes", "options", "error", "message"),
    [
        ({}, {"case": "who"}, ValueError, r"case='who' must be one column of frame; its columns"),
        ({"c": [1, 1, np.nan, 2]}, {}, ValueError, r"case='c' has missing entries"),
        ({"t": [0, 1, 0, np.nan]}, {}, ValueError, r"time='t' has missing entries"),
        ({"t": [0, 1, 0, np.inf]}, {}, ValueError, r"time='t' has infinite"),
        ({"t": ["8:00"] * 4}, {}, TypeError, r"numbers or dates; it holds '8:00'. Convert .*date"),
        ({"t": [0, 0, 0, 1]}, {}, ValueError, r"case 1 has two values at t=0; .*step="),
        ({"v": ["1", "2", "x", "3"]}, {"channels": "v"}, TypeError, r"'v' must hold numbers"),
        ({}, {"channels": ["v", "v"]}, ValueError, r"channels=\['v', 'v'\] must name different"),
        ({}, {"channels": ["v", "t"]}, ValueError, r"must name different columns beside"),
        ({}, {"value": "v"}, ValueError, r"value='v' needs channels="),
        ({}, {"channels": ["v", "w"], "value": "k"}, ValueError, r"with value= a single one"),
        ({"k": [0, 1, 1, 1]}, {"label": "k"}, ValueError, r"one for each case; case 1 has 0 and 1"),
        ({}, {"step": 0}, ValueError, r"step=0 must be a number in"),
        ({}, {"step": "5min"}, ValueError, r"step='5min' must be a number"),
        ({}, {"step": 1e-12}, ValueError, r"step=1e-12 gives a grid of"),
        ({}, {"step": 1, "start": 5}, ValueError, r"case 1 has no row from start=5"),
        ({}, {"step": 1, "rule": "first"}, ValueError, r"rule='first' must be one of"),
        (
            {"t": pd.to_datetime(["2024"] * 4)},
            {"step": "soon"},
            ValueError,
            r"step='soon' must fit",
        ),
    ],
)
def test_what_cannot_be_read_is_named(changes, options, error, message):
    with pytest.raises(error, match=message):
        from_long(GOOD.assign(**changes), **{"case": "c", "time": "t", **options})


def test_odd_frames_are_refused():
    for frame in (np.zeros((3, 4)), "table.csv", None):
        with pytest.raises(TypeError, match="is no table; it must be a DataFrame of pandas"):
            from_long(frame, case="c", time="t")
    with pytest.raises(ValueError, match="no rows"):
        from_long(GOOD[:0], case="c", time="t")
    with pytest.raises(ValueError, match="no column of numbers beside"):
        from_long(GOOD[["c", "t"]], case="c", time="t")


def test_uneven_times_without_a_step_are_told():
    with pytest.warns(UserWarning, match="not evenly spaced.*step="):
        from_long(GOOD.assign(t=[0, 1, 0, 7]), case="c", time="t")
