"""Prefix lengths and stretching."""

import numpy as np
import pytest

from gdpd_sklearn.data import (
    resolve_classification_points,
    resolve_prefix_length,
    stretch_positions,
)


@pytest.mark.parametrize(
    ("value", "n_timepoints", "expected"),
    [
        (1.0, 50, 50),
        (0.5, 50, 25),
        (0.2, 24, 5),  # 4.8
        (0.3, 24, 7),  # 7.2
        (0.001, 50, 1),  # never none
        (1, 50, 1),  # an int counts points
        (50, 50, 50),
        (np.int64(7), 50, 7),
        (np.float32(0.5), 50, 25),
        (1.0, 1, 1),
        (0.29, 100, 29),  # 0.29 * 100 is 28.999999999999996
    ],
)
def test_valid_lengths(value, n_timepoints, expected):
    length = resolve_prefix_length(value, n_timepoints)
    assert type(length) is int
    assert length == expected


@pytest.mark.parametrize(
    "value",
    [0, 51, -1, 0.0, -0.5, 1.5, 1.0001, 50.0, np.nan, np.inf, True, False, np.bool_(True),
     "0.5", "half", None, [0.5], (1,), 1j],
)  # fmt: skip
def test_invalid_lengths_name_the_value_and_what_is_allowed(value):
    with pytest.raises(ValueError, match=r"^points=.*\(0, 1\].*\[1, 50\]") as caught:
        resolve_prefix_length(value, 50, name="points")
    assert repr(value) in str(caught.value)


def _stretched(x, length):
    low, high, weight = stretch_positions(len(x), length)
    return (1 - weight) * x[low] + weight * x[high]


@pytest.mark.parametrize("length", [1, 2, 3, 7, 24, 25, 100])
@pytest.mark.parametrize("input_length", [1, 2, 5, 24, 99])
def test_stretching_is_linear_interpolation(length, input_length):
    x = np.random.default_rng(0).normal(size=length)
    expected = np.interp(np.linspace(0, length - 1, input_length), np.arange(length), x)
    np.testing.assert_allclose(_stretched(x, input_length), expected, atol=2e-6)


@pytest.mark.parametrize(("length", "input_length"), [(2, 7), (7, 2), (30, 100), (100, 30)])
def test_end_points_are_kept_exactly(length, input_length):
    x = np.random.default_rng(1).normal(size=length)
    stretched = _stretched(x, input_length)
    assert stretched[0] == x[0]
    assert stretched[-1] == x[-1]


def test_one_point_is_repeated():
    np.testing.assert_array_equal(_stretched(np.array([3.5]), 4), [3.5] * 4)


def test_an_equal_length_changes_nothing():
    x = np.random.default_rng(2).normal(size=13)
    np.testing.assert_array_equal(_stretched(x, 13), x)


@pytest.mark.parametrize("length", [1, 2, 9, 50])
def test_positions_stay_within_the_prefix(length):
    low, high, weight = stretch_positions(length, 31)
    assert low.min() >= 0
    assert high.max() <= length - 1
    assert weight.min() >= 0
    assert weight.max() <= 1


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (4, (5, 10, 15, 20)),
        (3, (7, 13, 20)),  # 6.67 and 13.33
        (50, tuple(range(3, 21))),
        ((0.25, 10), (5, 10, 20)),
        ([12, 3, 0.6], (3, 12, 20)),  # 0.6 is 12 points too
        ((1, 1.0), (1, 20)),
        (np.array([0.5]), (10, 20)),
        ((), (20,)),
    ],
)
def test_classification_points_rise_to_the_full_length(value, expected):
    assert resolve_classification_points(value, 20) == expected


@pytest.mark.parametrize("value", [(0.5, 0.25, 0.5), [3, 12, 3], np.array([0.1, 0.1])])
def test_a_point_that_stands_there_twice_is_refused(value):
    with pytest.raises(ValueError, match=r"classification_points=.* holds (0\.5|3|0\.1) twice"):
        resolve_classification_points(value, 20)


@pytest.mark.parametrize("n_timepoints", [24, 30, 96, 150])
def test_evenly_spaced_points_begin_at_the_third_time_point(n_timepoints):
    twentieths = {round(k * n_timepoints / 20) for k in range(1, 21)}
    expected = tuple(sorted(twentieths - {0, 1, 2}))
    assert resolve_classification_points(20, n_timepoints) == expected


@pytest.mark.parametrize(("n_timepoints", "expected"), [(1, (1,)), (2, (2,)), (4, (3, 4))])
def test_the_full_length_is_a_point_however_short(n_timepoints, expected):
    assert resolve_classification_points(20, n_timepoints) == expected


def test_points_that_are_named_may_be_earlier():
    assert resolve_classification_points((1, 0.1), 20) == (1, 2, 20)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (0, r"classification_points=0 must be an integer of at least 1, or a tuple of shares"),
        ("all", r"classification_points='all' must be an integer"),
        (np.array(3), r"classification_points=array\(3\) must be an integer"),
        ((0.5, 21), r"classification_points=21 must be a float in \(0, 1\].*int in \[1, 20\]"),
    ],
)
def test_bad_classification_points_are_refused(value, message):
    with pytest.raises(ValueError, match=message):
        resolve_classification_points(value, 20)
