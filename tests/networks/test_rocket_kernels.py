"""Kernels, their dilations, mixtures and biases: against what MiniRocket's paper says."""

import itertools

import numpy as np
import pytest

from gdpd_sklearn.networks._rocket_kernels import (
    kernel_weights,
    lower_quantiles,
    mix_channels,
    spread_dilations,
    spread_fractions,
)


def test_kernels_are_all_choices_of_three_taps():
    kernels = kernel_weights()
    assert kernels.shape == (84, 9)
    found = {tuple(np.flatnonzero(kernel == 2)) for kernel in kernels}
    assert found == set(itertools.combinations(range(9), 3))
    assert (np.sort(kernels, axis=1) == [-1] * 6 + [2] * 3).all()


@pytest.mark.parametrize("n_biases", [1, 3, 7])
def test_fractions_are_multiples_of_the_golden_ratio_dealt_kernel_by_kernel(n_biases):
    fractions = spread_fractions(n_biases)
    assert fractions.shape == (n_biases, 84)
    golden = (5**0.5 + 1) / 2
    for kernel, bias in itertools.product((0, 5, 83), range(n_biases)):
        number = kernel * n_biases + bias + 1
        assert fractions[bias, kernel] == pytest.approx(number * golden % 1.0, abs=1e-9)


@pytest.mark.parametrize("n_timepoints", [1, 2, 9, 10, 17, 24, 100, 150, 500, 2000])
def test_dilations_rise_from_one_to_an_eighth_of_the_series(n_timepoints):
    dilations = spread_dilations(n_timepoints, 10_000)
    assert dilations == sorted(set(dilations))
    assert dilations[0] == 1
    assert dilations[-1] == max(1, (n_timepoints - 1) // 8)
    assert len(dilations) <= 8
    ratios = np.diff(np.log(dilations))  # even in log scale, but for rounding down
    wide = [ratio for ratio, low in zip(ratios, dilations, strict=False) if low > 20]
    assert not wide or max(wide) < 1.2 * min(wide)


def test_few_features_leave_few_dilations():
    assert spread_dilations(500, 168) == [1]
    assert spread_dilations(500, 420) == [1, 62]
    assert len(spread_dilations(500, 924)) == 5


def test_one_channel_is_no_mixture():
    assert mix_channels(1, 4, np.random.default_rng(0)).tolist() == [[[1]]] * 4


@pytest.mark.parametrize("n_channels", [2, 5, 30])
def test_mixtures_hold_one_to_nine_channels_small_ones_more_often(n_channels):
    mixing = mix_channels(n_channels, 100, np.random.default_rng(0))
    assert mixing.shape == (100, 12, n_channels)
    assert set(np.unique(mixing)) <= {0, 1}
    most = min(n_channels, 9)
    sizes = np.bincount(mixing.sum(-1).ravel(), minlength=most + 1)
    assert sizes[0] == 0
    assert len(sizes) == most + 1
    # log-uniform: a size s has the share log2((s + 1) / s) of log2(most + 1)
    for size in range(1, most + 1):
        share = np.log2((size + 1) / size) / np.log2(most + 1)
        assert sizes[size] / 1200 == pytest.approx(share, abs=0.05)
    assert mixing.any((0, 1)).all()


def test_quantiles_by_sorting_and_counting():
    random = np.random.default_rng(0)
    outputs = random.normal(0, 50, size=(101, 84)).astype(np.float32)
    outputs[random.random(outputs.shape) < 0.2] = np.nan
    outputs[:, 7] = np.nan
    fractions = random.random((3, 84))
    found = lower_quantiles(outputs, fractions)
    assert found.dtype == np.int32
    for kernel in range(84):
        valid = sorted(v for v in outputs[:, kernel] if not np.isnan(v))
        for bias in range(3):
            at = int(fractions[bias, kernel] * len(valid))
            expected = np.floor(valid[at]) if valid else 0
            assert found[bias, kernel] == expected
