"""Contributions are held against window-by-window loops, and against the features themselves."""

import numpy as np
import pytest
import torch
from plain_rocket import GAPS, SIZES, known_at, read_times, shares_by_loops, walks, with_gaps

from gdpd_sklearn.networks import RocketFeatures, contributions


def weights_of(module, seed=0):
    random = torch.Generator().manual_seed(seed)
    return torch.randn(module.n_features, generator=random, dtype=torch.float64)


def assert_adds_up(parts, total, n_points):
    assert parts.times.shape == (n_points,)
    for each in (parts.times, parts.values, parts.kernels):
        assert parts.rest + each.sum() == pytest.approx(total, abs=1e-8)


@pytest.mark.parametrize(("n_channels", "n_timepoints"), SIZES)
def test_they_add_up_to_the_weighted_sum_of_shares_by_loops(n_channels, n_timepoints):
    x = walks(4, n_channels, n_timepoints)
    module = RocketFeatures.fit(x, 0, 500)
    weight = weights_of(module)
    for length in {1, (n_timepoints + 1) // 2, n_timepoints}:
        prefix = x[1, :, :length]
        total = shares_by_loops(module, prefix.numpy()) @ weight.numpy()
        assert_adds_up(contributions(module, prefix, weight), total, length)


@pytest.mark.parametrize("kind", GAPS)
def test_they_add_up_where_values_are_missing(kind):
    x = walks(4, 3, 24)
    module = RocketFeatures.fit(x, 0, 500)
    weight = weights_of(module)
    for prefix in with_gaps(x, kind)[:3, :, :20]:
        total = shares_by_loops(module, prefix.numpy()) @ weight.numpy()
        parts = contributions(module, prefix, weight)
        assert_adds_up(parts, total, 20)
        if kind in ("few", "ended"):  # elsewhere some windows hold nothing but gaps
            gaps = np.isnan(prefix.numpy())
            partly = gaps & ~gaps.all(0)
            assert (parts.values[partly] == 0.0).all()


@pytest.mark.parametrize("gaps", [False, True], ids=["", "with gaps"])
def test_a_time_counts_what_its_window_exceeds_beyond_what_is_typical(gaps):
    x = walks(4, 2, 30)
    module = RocketFeatures.fit(x, 0, 252)
    x = with_gaps(x, "few") if gaps else x
    weight = torch.zeros(module.n_features, dtype=torch.float64)
    kernel, row = 17, 0
    weight.view(module.biases.shape)[0, row, kernel] = 2.0
    parts = contributions(module, x[0], weight)

    step = 2.0 ** module.exponents.numpy()[:, None]
    values = np.round(x[0].numpy().astype(float) / step)
    members = module.mixing[row, kernel // 7].numpy() == 1
    at = read_times(values, 64)
    exceeds = np.zeros(30)
    for time in range(30):
        series, _ = known_at(values, at[time], module.limit)
        taps = [series[members, time - back].sum() if time >= back else 0.0 for back in range(9)]
        output = np.array(taps[::-1]) @ module.kernels[row, kernel].numpy().astype(float)
        exceeds[time] = output > float(module.biases[0, row, kernel])
    typical = 1 - (kernel + 1) * (np.sqrt(5) + 1) / 2 % 1
    if gaps and np.isnan(x[0].numpy()[members]).any():
        read = ~np.isnan(x[0].numpy()[members]).all(0) | np.isnan(x[0].numpy()).all(0)
    else:
        read = np.ones(30, dtype=bool)
    expected = np.where(read, 2.0 * (exceeds - typical) / read.sum(), 0.0)
    np.testing.assert_allclose(parts.times, expected, atol=1e-12)
    assert parts.rest == pytest.approx(2.0 * typical)
    elsewhere = np.delete(parts.kernels.ravel(), row * 84 + kernel)
    assert (elsewhere == 0.0).all()


def test_a_window_deals_to_what_it_reads_by_absolute_weight():
    x = walks(3, 1, 25)
    module = RocketFeatures.fit(x, 0, 900)
    row = len(module.dilations) // 2 - 1  # the largest dilation, of the series
    dilation = int(module.dilations[row])
    assert dilation == 3
    weight = torch.zeros(module.n_features, dtype=torch.float64)
    weight.view(module.biases.shape)[0, row, 5] = 1.0
    parts = contributions(module, x[2], weight)
    sizes = module.kernels[row, 5].abs().numpy().astype(float)
    expected = np.zeros(25)
    for end, gain in enumerate(parts.times):
        places = end - dilation * np.arange(8, -1, -1)
        inside = places >= 0
        expected[places[inside]] += gain * sizes[inside] / sizes[inside].sum()
    np.testing.assert_allclose(parts.values[0], expected, atol=1e-12)


def test_a_level_kernel_gives_all_to_the_value_that_it_reads():
    x = walks(3, 1, 25)
    module = RocketFeatures.fit(x, 0, 900)
    weight = torch.zeros(module.biases.shape, dtype=torch.float64)
    weight[:, -1] = 1.0
    parts = contributions(module, x[0], weight.flatten())
    np.testing.assert_allclose(parts.values[0], parts.times, atol=1e-12)


def test_channels_that_no_kernel_reads_count_nothing():
    x = walks(3, 4, 25)
    module = RocketFeatures.fit(x, 0, 900)
    module.mixing[..., 2] = 0
    module.mixing[..., 0] = 1
    parts = contributions(module, x[0], weights_of(module))
    assert (parts.values[2] == 0.0).all()
    assert np.abs(parts.values[0]).sum() > 0
