"""One form for series of unequal lengths, with gaps, and ended early."""

import numpy as np
import pytest

from gdpd_sklearn.data import ends_of, ends_of_each, fill_gaps, pad_series, stretch_series

NAN = np.nan


def ragged(n_channels=2, seed=0):
    random = np.random.default_rng(seed)
    return [random.normal(size=(n_channels, m)) for m in (5, 9, 1, 7)]


def test_lists_are_padded_and_long_enough_arrays_are_left():
    series = ragged()
    padded = pad_series(series)
    assert padded.shape == (4, 2, 9)
    for row, each in zip(padded, series, strict=True):
        np.testing.assert_array_equal(row[:, : each.shape[1]], each)
        assert np.isnan(row[:, each.shape[1] :]).all()
    assert pad_series(padded) is padded
    assert pad_series(padded, 9) is padded
    longer = pad_series(padded, 12)
    np.testing.assert_array_equal(longer[..., :9], padded)
    assert np.isnan(longer[..., 9:]).all()


@pytest.mark.parametrize(("kinds", "kind"), [("ff", "f"), ("fd", "d"), ("ii", "d"), ("eb", "f")])
def test_padding_keeps_the_precision(kinds, kind):
    series = [np.ones((1, 2 + i)).astype(each) for i, each in enumerate(kinds)]
    assert pad_series(series).dtype == kind


def test_a_mapped_array_stays_in_its_file(tmp_path):
    np.save(tmp_path / "X.npy", np.zeros((3, 1, 8)))
    X = np.load(tmp_path / "X.npy", mmap_mode="r")
    assert pad_series(X) is X


def test_a_series_ends_with_its_last_value():
    X = np.array(
        [
            [[1, 2, 3, 4], [1, 2, 3, 4]],
            [[1, 2, 3, NAN], [1, NAN, NAN, NAN]],
            [[NAN, NAN, NAN, NAN], [1, NAN, NAN, NAN]],
            [[NAN, NAN, NAN, NAN], [NAN, NAN, NAN, NAN]],
            [[1, NAN, NAN, NAN], [NAN, NAN, NAN, 4]],
        ]
    )
    np.testing.assert_array_equal(ends_of(X), [4, 3, 1, 0, 4])
    series = [*ragged(), np.empty((2, 0))]
    np.testing.assert_array_equal(ends_of(pad_series(series)), [5, 9, 1, 7, 0])
    np.testing.assert_array_equal(ends_of_each(series), [5, 9, 1, 7, 0])


def test_gaps_hold_the_latest_value_by_a_loop():
    random = np.random.default_rng(1)
    values = random.normal(size=(3, 2, 40))
    values[random.random(values.shape) < 0.5] = NAN
    before = random.normal(size=(3, 2, 1))
    before[0] = NAN
    for start in (None, before):
        filled = fill_gaps(values, start)
        for place in np.ndindex(3, 2):
            last = NAN if start is None else start[place][0]
            for time in range(40):
                last = last if np.isnan(values[(*place, time)]) else values[(*place, time)]
                np.testing.assert_array_equal(filled[(*place, time)], last)
    whole = np.ones((2, 3))
    assert fill_gaps(whole) is whole


@pytest.mark.parametrize("length", [1, 3, 5, 9, 14])
def test_stretching_needs_nothing_behind_the_share(length):
    series = ragged()
    stretched = stretch_series(series, length)
    assert stretched.shape == (4, 2, length)
    assert not np.isnan(stretched).any()
    for j in range(length):
        seen = [each[:, : -(-(j + 1) * each.shape[1] // length)] for each in series]
        # what lies behind is unknown here, and the result is the same
        behind = [
            np.concatenate([one, np.full((2, each.shape[1] - one.shape[1]), 1e9)], axis=1)
            for one, each in zip(seen, series, strict=True)
        ]
        again = stretch_series(behind, length)
        np.testing.assert_array_equal(again[..., : j + 1], stretched[..., : j + 1])
    for each, row in zip(series, stretched, strict=True):
        np.testing.assert_array_equal(row[:, -1], each[:, -1])
        if each.shape[1] == length:
            np.testing.assert_array_equal(row, each)


def test_equal_lengths_are_not_stretched():
    X = np.random.default_rng(0).normal(size=(3, 1, 8))
    assert stretch_series(X, 8) is X


def test_stretching_a_line_gives_a_line():
    line = np.arange(1.0, 11.0)[None]
    np.testing.assert_allclose(stretch_series([line], 40)[0, 0, 3:], np.arange(4, 41) / 4)


def test_a_gap_is_stretched_and_an_end_is_not():
    series = np.array([[[1.0, NAN, 3.0, 4.0, NAN, NAN, NAN, NAN]]])
    np.testing.assert_array_equal(stretch_series(series, 8)[0, 0], [1, 1, NAN, NAN, NAN, 3, 3.5, 4])
