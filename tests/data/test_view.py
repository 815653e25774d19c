"""What a network sees: cut, stretched, scaled."""

import numpy as np
import pytest
import torch

from gdpd_sklearn.data import SCALINGS, PrefixView

LENGTHS = (1, 2, 8, 13, 20)


@pytest.fixture
def X():
    rng = np.random.default_rng(0)
    return rng.normal(size=(6, 3, 20)) * [[[1.0], [20.0], [0.01]]] + [[[0.0], [100.0], [-3.0]]]


def _view(view, X, point=0):
    return view(view.receive(X[..., : view.lengths[point]]), point).numpy()


def _stretch(X, length, input_length):
    grid = np.linspace(0, length - 1, input_length)
    cut = X[..., :length]
    return np.apply_along_axis(lambda x: np.interp(grid, np.arange(length), x), -1, cut)


@pytest.mark.parametrize("point", range(len(LENGTHS)))
def test_standard_scaling_uses_statistics_of_complete_training_series(X, point):
    view = PrefixView.fit(X[:4], LENGTHS, 20, "standard")
    mean, std = X[:4].mean((0, 2))[:, None], X[:4].std((0, 2))[:, None]
    expected = (_stretch(X, LENGTHS[point], 20) - mean) / std
    np.testing.assert_allclose(_view(view, X, point), expected, atol=1e-4)


@pytest.mark.parametrize("point", range(1, len(LENGTHS)))
def test_prefix_scaling_uses_the_prefix_alone(X, point):
    view = PrefixView.fit(X, LENGTHS, 20, "prefix")
    seen = _stretch(X, LENGTHS[point], 20)
    expected = (seen - seen.mean(-1, keepdims=True)) / seen.std(-1, keepdims=True)
    np.testing.assert_allclose(_view(view, X, point), expected, atol=2e-3)


@pytest.mark.parametrize("point", range(len(LENGTHS)))
def test_no_scaling_gives_the_stretched_prefix(X, point):
    view = PrefixView.fit(X, LENGTHS, 20, "none")
    np.testing.assert_allclose(_view(view, X, point), _stretch(X, LENGTHS[point], 20), 1e-5, 1e-6)


@pytest.mark.parametrize("scaling", SCALINGS)
def test_what_follows_the_prefix_is_not_looked_at(X, scaling):
    view = PrefixView.fit(X, LENGTHS, 20, scaling)
    for point, length in enumerate(LENGTHS):
        poisoned = X.copy()
        poisoned[..., length:] = np.nan
        np.testing.assert_array_equal(_view(view, X, point), _view(view, poisoned, point))
        np.testing.assert_array_equal(_view(view, X, point), _view(view, X[..., :length], point))


@pytest.mark.parametrize("scaling", SCALINGS)
def test_all_points_at_once_equal_one_after_another(X, scaling):
    view = PrefixView.fit(X, LENGTHS, 17, scaling)
    x = view.receive(X)
    together = view.all_points(x)
    assert together.shape == (5, 6, 3, 17)
    for point in range(len(LENGTHS)):
        torch.testing.assert_close(together[point], view(x, point), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("scaling", SCALINGS)
def test_a_case_looks_the_same_to_the_last_bit_in_any_batch(X, scaling):
    view = PrefixView.fit(X, LENGTHS, 20, scaling)
    together = _view(view, X, 2)
    alone = np.concatenate([_view(view, X[i : i + 1], 2) for i in range(len(X))])
    np.testing.assert_array_equal(together, alone)


@pytest.mark.parametrize("constant", [0.0, 0.1, 1000.1, -123456.7])
@pytest.mark.parametrize("scaling", ["standard", "prefix"])
def test_a_constant_channel_is_centred_and_not_blown_up(X, constant, scaling):
    X[:, 1] = constant
    seen = _view(PrefixView.fit(X, (13,), 20, scaling), X)[:, 1]
    assert np.abs(seen).max() <= 1e-6 * max(1.0, abs(constant))


@pytest.mark.parametrize("unit", [1e-9, 1.0, 1e9])
@pytest.mark.parametrize("scaling", ["standard", "prefix"])
def test_the_unit_of_a_channel_does_not_matter(X, unit, scaling):
    seen, rescaled = (
        _view(PrefixView.fit(each, (13,), 20, scaling), each) for each in (X, X * unit)
    )
    np.testing.assert_allclose(rescaled, seen, atol=2e-3)


def test_training_statistics_are_exact_for_a_large_offset():
    X = np.random.default_rng(0).normal(size=(50, 1, 40)).astype(np.float32) + np.float32(4096)
    view = PrefixView.fit(X, (40,), 40, "standard")
    np.testing.assert_allclose(view.std.item(), X.astype(np.float64).std(), rtol=1e-6)


def test_a_prefix_of_the_input_length_is_taken_as_it_is(X):
    view = PrefixView.fit(X, (8,), 8, "none")
    np.testing.assert_allclose(_view(view, X), X[..., :8], rtol=1e-6)


def test_its_tensors_move_and_are_not_trained(X):
    view = PrefixView.fit(X, LENGTHS, 20, "standard")
    assert not list(view.parameters())
    assert {"low", "high", "weight", "mean", "std"} <= {name for name, _ in view.named_buffers()}


@pytest.mark.parametrize("scaling", ["standard", "none"])
def test_unstretched_prefixes_keep_their_lengths(X, scaling):
    view = PrefixView.fit(X[:4], LENGTHS, 20, scaling, stretched=False)
    mean, std = X[:4].mean((0, 2))[:, None], X[:4].std((0, 2))[:, None]
    expected = (X - mean) / std if scaling == "standard" else X
    for point, length in enumerate(LENGTHS):
        np.testing.assert_allclose(_view(view, X, point), expected[..., :length], 1e-4, 1e-4)
    together = view.all_points(view.receive(X))
    assert together.shape == (1, 6, 3, 20)
    np.testing.assert_allclose(together[0], expected, 1e-4, 1e-4)


def test_one_view_of_all_prefixes_cannot_be_in_the_scale_of_each(X):
    # the scale of the complete series would tell an early prefix of its future
    with pytest.raises(ValueError, match=r"scaling='prefix'.*'standard' or 'none'"):
        PrefixView.fit(X, LENGTHS, 20, "prefix", stretched=False)


# offsets and scales -------------------------------------------------------------------------------


@pytest.mark.parametrize("offset", [-1e9, 1e5, 1.7e9])
@pytest.mark.parametrize("scaling", ["standard", "prefix"])
@pytest.mark.parametrize("dtype", [np.float64, np.longdouble, ">f8"])
def test_an_offset_costs_nothing(X, offset, scaling, dtype):
    there = (X + offset).astype(dtype)
    rounded = there.astype(np.float64) - offset  # what double precision leaves of the series
    here = _view(PrefixView.fit(rounded, LENGTHS, 17, scaling), rounded, 3)
    np.testing.assert_allclose(
        _view(PrefixView.fit(there, LENGTHS, 17, scaling), there, 3), here, atol=1e-5
    )


def test_an_offset_goes_with_the_view(X):
    view = PrefixView.fit(X + 1e9, LENGTHS, 17, "standard")
    assert view.is_far
    np.testing.assert_allclose(view.origin, (X + 1e9).mean((0, 2)), rtol=1e-15)
    other = view.at([8])
    np.testing.assert_array_equal(_view(other, X + 1e9), _view(view, X + 1e9, LENGTHS.index(8)))
    assert other.receives_like(view)
    assert not other.receives_like(PrefixView.fit(X, LENGTHS, 17, "standard"))


def test_each_case_has_an_offset_of_its_own_under_prefix_scaling(X):
    shifts = 1e9 * np.arange(len(X))[:, None, None]
    view = PrefixView.fit(X, LENGTHS, 17, "prefix")
    rounded = (X + shifts) - shifts
    np.testing.assert_allclose(_view(view, X + shifts, 3), _view(view, rounded, 3), atol=1e-5)


def test_a_series_near_zero_is_received_as_it_is():
    X = np.random.default_rng(0).normal(size=(6, 2, 20)) + 1.0
    view = PrefixView.fit(X, LENGTHS, 17, "standard")
    assert not view.is_far
    np.testing.assert_array_equal(view.receive(X).numpy(), X.astype(np.float32))


@pytest.mark.parametrize("unit", [1e-40, 1e-30, 1e30, 1e37])
@pytest.mark.parametrize("scaling", ["standard", "prefix"])
def test_units_may_go_to_the_ends_of_single_precision(unit, scaling):
    X = np.random.default_rng(0).normal(size=(6, 1, 20))
    seen, rescaled = (
        _view(PrefixView.fit(each, (13,), 20, scaling), each) for each in (X, X * unit)
    )
    np.testing.assert_allclose(rescaled, seen, atol=1e-3)


@pytest.mark.parametrize("value", [np.inf, -np.inf, 1e39, -4e38])
def test_what_single_precision_cannot_hold_is_named(X, value):
    view = PrefixView.fit(X, LENGTHS, 17, "standard")
    X[4, 1, 7] = value
    with pytest.raises(ValueError, match=r"X contains .* in case 4, channel 1, time point 7"):
        view.receive(X)


def test_a_spread_that_is_lost_is_told(X):
    X[:, 1] *= 1e-60
    with pytest.warns(UserWarning, match=r"channels \[1\] of X.*they count as constant"):
        view = PrefixView.fit(X, LENGTHS, 17, "standard")
    assert view.std[1] == 1.0
    with pytest.warns(UserWarning, match=r"channels \[0, 1, 2\] of X.*scaling='none'"):
        PrefixView.fit(np.random.default_rng(0).normal(size=X.shape) + 1e9, LENGTHS, 17, "none")


@pytest.mark.parametrize("value", [1e6, -1e9, 3e37])
def test_an_outlier_that_erases_the_others_is_told(X, value):
    X[2, 1, 5] = value
    with pytest.warns(UserWarning, match=r"channel 1 of X holds values as large as .*'prefix'"):
        PrefixView.fit(X, LENGTHS, 17, "standard")


@pytest.mark.filterwarnings("error")
def test_ordinary_series_are_no_reason_to_warn():
    rng = np.random.default_rng(0)
    heavy = rng.standard_t(2, size=(50, 2, 30))
    events = np.zeros((50, 2, 30))
    events[:5, :, 3] = 1.0  # most cases are all zero
    for X in (heavy, events, np.exp(2 * heavy.clip(-3, 3)), heavy + 1e9, np.ones((5, 1, 9))):
        for scaling in ("standard", "prefix"):
            PrefixView.fit(X, [5], 20, scaling)


@pytest.mark.parametrize(
    ("X", "error", "message"),
    [
        ([[[1.0]]], TypeError, r"X of type list must be an array of real numbers"),
        (np.zeros((2, 3, 20), complex), TypeError, r"X of type complex128"),
        (np.zeros((2, 3, 20)).astype("M8[s]"), TypeError, r"X of type datetime64"),
        (np.zeros((3, 20)), ValueError, r"X of shape \(3, 20\) must have the shape"),
        (np.zeros((2, 2, 20)), ValueError, r"X of shape \(2, 2, 20\).*3 channels"),
        (np.zeros((2, 3, 7)), ValueError, r"X of shape \(2, 3, 7\).*at least 8 time points"),
    ],
)
def test_series_that_do_not_fit_are_named(X, error, message):
    view = PrefixView.fit(np.random.default_rng(0).normal(size=(6, 3, 20)), LENGTHS, 20, "none")
    with pytest.raises(error, match=message):
        view.check(X, 2)
    for point in (-1, 5, 1.0, None):
        with pytest.raises(ValueError, match=r"point=.* must be an integer in \[0, 4\]"):
            view.check(np.zeros((2, 3, 20)), point)


# gaps ---------------------------------------------------------------------------------------------


def _with_gaps(X):
    X = X.copy()
    X[np.random.default_rng(5).random(X.shape) < 0.3] = np.nan
    X[:, :, 0] = np.nan
    X[2, 1] = np.nan
    return X


def _filled_by_a_loop(X, leading):
    filled = X.copy()
    for case, channel in np.ndindex(X.shape[:2]):
        last = leading[channel]
        for time in range(X.shape[2]):
            last = last if np.isnan(X[case, channel, time]) else X[case, channel, time]
            filled[case, channel, time] = last
    return filled


@pytest.mark.parametrize(
    ("scaling", "offset"), [("standard", 0.0), ("standard", 1e7), ("none", 0.0)]
)
def test_gaps_hold_the_latest_value_and_before_it_the_training_mean(X, scaling, offset):
    gappy = _with_gaps(X) + offset
    view = PrefixView.fit(gappy, LENGTHS, 17, scaling)
    means = np.nanmean(gappy, axis=(0, 2))
    found = view.receive(gappy)
    expected = view.receive(_filled_by_a_loop(gappy, means))
    torch.testing.assert_close(found, expected, atol=1e-5, rtol=1e-5)
    np.testing.assert_allclose(view.std[:, 0], np.nanstd(gappy, axis=(0, 2)), rtol=1e-5)


def test_a_gap_changes_nothing_before_it_under_any_scaling(X):
    gappy = _with_gaps(X)
    for scaling in ("standard", "prefix", "none"):
        view = PrefixView.fit(gappy, (4, 9), 17, scaling)
        for point, length in enumerate((4, 9)):
            whole = view(view.receive(gappy), point)
            alone = view(view.receive(gappy[..., :length]), point)
            torch.testing.assert_close(whole, alone, atol=1e-6, rtol=1e-5)
            assert torch.isfinite(whole).all()


def test_a_network_that_reads_gaps_gets_them(X):
    gappy = _with_gaps(X)
    view = PrefixView.fit(gappy, LENGTHS, 17, "standard", stretched=False, carries=False)
    np.testing.assert_array_equal(np.isnan(view.receive(gappy).numpy()), np.isnan(gappy))
    assert not view.at(LENGTHS).carries
    assert not view.receives_like(PrefixView.fit(gappy, LENGTHS, 17, "standard"))
