"""What a stream is given, as numbers."""

import numpy as np
import pytest

from gdpd_sklearn.estimators._pushed import as_chunk

NAN = np.nan


@pytest.mark.parametrize(
    ("points", "n_channels", "expected"),
    [
        (1.5, 1, [[1.5]]),
        ([1, 2], 2, [[1.0], [2.0]]),
        ([[1, 2, 3]], 1, [[1.0, 2.0, 3.0]]),
        (None, 2, [[NAN], [NAN]]),
        ([1.0, None], 2, [[1.0], [NAN]]),
        ([[None, 2], [3, 4.5]], 2, [[NAN, 2.0], [3.0, 4.5]]),
        (np.ma.masked_equal([1, 2], 2), 2, [[1.0], [NAN]]),
        (np.array([1, NAN], dtype=">f4"), 2, [[1.0], [NAN]]),
    ],
)
def test_points_of_every_shape_and_mark(points, n_channels, expected):
    chunk = as_chunk("a", points, n_channels)
    assert chunk.dtype == np.float64
    np.testing.assert_array_equal(chunk, expected)


@pytest.mark.parametrize(
    ("points", "message"),
    [
        ([1.0], r"points of series 'a' have the shape \(1,\); one point of 2 channels has \(2,\)"),
        ([1.0, np.inf], r"points of series 'a' contain infinite values"),
        ([1.0, "2"], r"points of series 'a' are of type <U\d+; real numbers are needed"),
        ([None, True], r"points of series 'a' are of type object"),
        ([[1.0], [2.0, 3.0]], r"points of series 'a' are no array of numbers"),
    ],
)
def test_what_is_refused_names_the_series(points, message):
    with pytest.raises(ValueError, match=message):
        as_chunk("a", points, 2)
