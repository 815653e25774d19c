"""Readings with their times: the same points as a table of them gives, and the same decisions."""

import numpy as np
import pandas as pd
import pytest
from early_cases import never

from gdpd_sklearn import GDPDEarlyClassifier
from gdpd_sklearn.data import from_long
from gdpd_sklearn.estimators import TimedStream
from gdpd_sklearn.networks import Rocket

SMALL = {"student": Rocket(200), "classification_points": 4, "random_state": 0}


def readings(n_cases=24, seed=0):
    """Give a table of two channels that are read at times of their own, now and then at once."""
    random = np.random.default_rng(seed)
    rows = []
    for case in range(n_cases):
        for time in np.sort(random.uniform(0.0, 12.0, size=40)):
            wave = np.sin(time * (1 + case % 2) / 2)
            both = np.where(random.random(2) < 0.4, np.nan, wave + 0.1 * random.normal(size=2))
            rows.append((case, time, *both, case % 2))
        rows.append((case, 11.99, 0.0, 0.0, case % 2))
    return pd.DataFrame(rows, columns=["case", "time", "a", "b", "label"])


class Noted:
    """A stream that notes what is pushed."""

    def __init__(self):
        self.points, self.ended = {}, []

    def push(self, key, points):
        self.points.setdefault(key, []).append(np.asarray(points))

    def end(self, key):
        self.ended.append(key)

    def series(self, key):
        return np.concatenate(self.points[key], axis=1)


@pytest.mark.parametrize("rule", ["last", "mean"])
@pytest.mark.parametrize("start", [None, 0.0])
def test_points_are_those_of_the_table(rule, start):
    table = readings(4)
    expected = from_long(table, case="case", time="time", label="label", step=0.5, rule=rule,
                         start=start)  # fmt: skip
    noted = Noted()
    timed = TimedStream(noted, 0.5, rule, start)
    for row in table.itertuples():
        timed.push(row.case, [row.a, row.b], row.time)
    for case in expected.cases:
        timed.end(case)
    assert noted.ended == expected.cases.tolist()
    for case, series in zip(expected.cases, expected.X, strict=True):
        np.testing.assert_allclose(noted.series(case), series)


def test_decisions_are_those_of_complete_series():
    table = readings()
    series = from_long(table, case="case", time="time", label="label", step=1, start=0)
    clf = GDPDEarlyClassifier(**SMALL).fit(series.X, series.y)
    expected = clf.predict_early(series.X)
    timed = TimedStream(clf.stream(), step=1.0, start=0.0)
    for row in table.itertuples():
        timed.push(row.case, [row.a, row.b], row.time)
    for case in series.cases:
        timed.end(case)
    for number, case in enumerate(series.cases):
        assert timed.stream.decisions[case].label == expected.labels[number]


def test_a_tick_closes_points_without_a_reading():
    noted = Noted()
    timed = TimedStream(noted, step=2.0, start=0.0)
    assert timed.push("x", 5.0, 1.0) is None
    timed.tick("x", 1.9)
    assert noted.points == {}
    timed.tick("x", 6.5)
    np.testing.assert_array_equal(noted.series("x"), [[5.0, np.nan, np.nan]])
    timed.push("x", 7.0, 7.0)
    timed.end("x")
    np.testing.assert_array_equal(noted.series("x"), [[5.0, np.nan, np.nan, 7.0]])


def test_within_an_interval_the_latest_reading_counts_whenever_it_comes():
    noted = Noted()
    timed = TimedStream(noted, step=1.0, start=0.0)
    for value, time in ((1.0, 0.2), (3.0, 0.8), (2.0, 0.5)):
        timed.push("x", value, time)
    timed.end("x")
    np.testing.assert_array_equal(noted.series("x"), [[3.0]])


def test_a_decision_is_given_with_the_reading_after_its_point():
    table = readings()
    series = from_long(table, case="case", time="time", label="label", step=1, start=0)
    clf = GDPDEarlyClassifier(**SMALL, trigger=never).fit(series.X, series.y)
    timed = TimedStream(clf.stream(), step=1.0, start=0.0)
    answers = [timed.push("x", [0.1, 0.2], float(hour)) for hour in range(13)]
    assert [bool(answer) for answer in answers] == [False] * 12 + [True]


def test_what_does_not_fit_is_named_and_changes_nothing():
    noted = Noted()
    timed = TimedStream(noted, step=1.0, start=0.0)
    timed.push("x", [1.0, 2.0], 1.5)
    with pytest.raises(ValueError, match=r"time=0\.5 is in an interval that is over"):
        timed.push("x", [1.0, 2.0], 0.5)
    with pytest.raises(ValueError, match="before start=0"):
        timed.push("y", [1.0, 2.0], -0.5)
    with pytest.raises(ValueError, match="reading has 1 channels; those before had 2"):
        timed.push("x", 1.0, 1.6)
    with pytest.raises(ValueError, match="time='noon'"):
        timed.push("x", [1.0, 2.0], "noon")
    for ask in (timed.end, lambda key: timed.tick(key, 1.0)):
        with pytest.raises(KeyError, match="key='z' is no open series"):
            ask("z")
    timed.end("x")
    np.testing.assert_array_equal(noted.series("x"), [[np.nan, 1.0], [np.nan, 2.0]])
    for options, word in (({"step": 0.0}, "step=0.0"), ({"step": 1, "rule": "first"}, "rule=")):
        with pytest.raises(ValueError, match=word):
            TimedStream(noted, **options)


def test_it_says_how_far_it_is():
    timed = TimedStream(Noted(), step=0.5, start=0.0, rule="mean")
    timed.push("x", [1.0, 2.0], 0.2)
    assert repr(timed).startswith("<TimedStream: 1 series open, a point each 0.5 by 'mean'; <")
