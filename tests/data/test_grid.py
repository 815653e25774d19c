"""Times to places in series, by plain loops."""

import numpy as np
import pytest

from gdpd_sklearn.data import cell_of
from gdpd_sklearn.data._grid import as_numbers, fill, places_as_they_come, places_on_grid

random = np.random.default_rng(0)
of_case = random.integers(4, size=60)
at = random.integers(0, 15, size=60) / 2.0


def test_places_as_they_come_count_the_times_of_a_case():
    places, even = places_as_they_come(at, of_case)
    for case in range(4):
        own = sorted(set(at[of_case == case]))
        assert [own[p] for p in places[of_case == case]] == at[of_case == case].tolist()
    assert not even
    assert places_as_they_come(np.array([0.1, 0.2, 0.3, 5.0]), np.array([0, 0, 0, 1]))[1]


@pytest.mark.parametrize("start", [None, 1.0])
def test_places_on_a_grid_are_those_of_single_times(start):
    places = places_on_grid(at, of_case, 4, 0.7, start)
    for time, case, place in zip(at, of_case, places, strict=True):
        begin = at[of_case == case].min() if start is None else start
        assert place == cell_of(time, begin, 0.7)
        if place >= 0:
            assert begin + place * 0.7 <= time + 1e-6 < begin + (place + 1) * 0.7 + 1e-6


@pytest.mark.parametrize("rule", ["last", "mean"])
def test_fill_by_loops(rule):
    values = np.where(random.random(60) < 0.2, np.nan, random.normal(size=60))
    channels = random.integers(2, size=60)
    places = random.integers(5, size=60)
    series, crowded = fill(values, channels, places, of_case, at, (4, 2), rule)
    seen = []
    for case in range(4):
        length = places[of_case == case].max() + 1
        assert series[case].shape == (2, length)
        for channel in range(2):
            for place in range(length):
                here = np.flatnonzero(
                    (of_case == case)
                    & (channels == channel)
                    & (places == place)
                    & ~np.isnan(values)
                )
                here = here[np.argsort(at[here], kind="stable")]
                expected = np.nan
                if len(here):
                    expected = values[here[-1]] if rule == "last" else values[here].mean()
                np.testing.assert_allclose(series[case][channel, place], expected)
                seen += here.tolist() if len(here) > 1 else []
    assert sorted(crowded.tolist()) == sorted(seen)


def test_dates_become_seconds_since_the_first():
    dates = np.array(["2024-01-02", "2024-01-01"], dtype="M8[ns]")
    times, step, start = as_numbers(dates, "day", ("step", "6h"), ("start", "2024-01-01 12:00"))
    assert times.tolist() == [86400.0, 0.0]
    assert (step, start) == (21600.0, 43200.0)
    spans, step = as_numbers(np.array([60, 90], dtype="m8[s]"), "after", ("step", 30))
    assert spans.tolist() == [60.0, 90.0]
    assert step == 30.0
