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
