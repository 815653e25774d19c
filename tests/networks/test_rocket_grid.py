"""What stands in a gap on the grid, against loops over what is known at each time."""

import numpy as np
import pytest
import torch
from plain_rocket import known_at, read_times

from gdpd_sklearn.networks._rocket_grid import (
    LONGEST_BRIDGE,
    bridge_gaps,
    difference_of,
    round_to_grid,
)

LIMIT = 1000.0
N_BEFORE = 5


def gappy(seed, share=0.5, n_cases=4, n_channels=2, n_points=30):
    random = np.random.default_rng(seed)
    x = random.integers(-900, 900, size=(n_cases, n_channels, n_points)).astype(np.float32)
    x[random.random(x.shape) < share] = np.nan
    return torch.as_tensor(x)


def from_the_start(values):
    context = torch.zeros(len(values), 2, values.shape[1], N_BEFORE)
    nothing = torch.zeros(values.shape[:2], dtype=torch.int64)
    return bridge_gaps(values, context, nothing, nothing > 0, LIMIT)


@pytest.mark.parametrize("seed", range(4))
def test_series_differences_and_times_against_loops(seed):
    values = gappy(seed, 0.3 + 0.15 * seed)
    grid = from_the_start(values)
    n_points = values.shape[-1]
    for case, each in enumerate(values.numpy().astype(np.float64)):
        at = read_times(each, LONGEST_BRIDGE)
        found = grid.read_at[case, N_BEFORE:] - N_BEFORE
        expected = [n_points if now is None else now for now in at]
        np.testing.assert_array_equal(found, expected)
        series, change = known_at(each, n_points - 1, LIMIT)
        np.testing.assert_array_equal(grid.series[case, 0, :, N_BEFORE:], series)
        np.testing.assert_array_equal(grid.series[case, 1, :, N_BEFORE:], change)
        for now in range(n_points):
            # at a time itself nothing is known that came later
            seen, _ = known_at(each, now, LIMIT)
            known = grid.closed[case, :, N_BEFORE + now] <= N_BEFORE + now
            held = torch.where(
                known, grid.series[case, 0, :, N_BEFORE + now],
                grid.carried[case, :, N_BEFORE + now],
            )  # fmt: skip
            np.testing.assert_array_equal(held, seen[:, now])


def test_a_grid_that_goes_on_is_the_grid_at_once():
    values = gappy(7)
    whole = from_the_start(values)
    first = from_the_start(values[..., :13])
    places = torch.arange(1, 14)
    latest = torch.where(torch.isnan(values[..., :13]), 0, places).amax(-1)
    context = first.series[..., -N_BEFORE:]
    after = bridge_gaps(values[..., 13:], context, 13 - latest, latest > 0, LIMIT)
    torch.testing.assert_close(
        after.series[..., N_BEFORE:], whole.series[..., N_BEFORE + 13 :], rtol=0, atol=0
    )
    new = after.read_at[:, N_BEFORE:]
    expected = whole.read_at[:, N_BEFORE + 13 :]
    torch.testing.assert_close(new + 13, expected, rtol=0, atol=0)


def test_rounding_and_differences():
    x = torch.tensor([[[0.2, 0.6, torch.nan, 5.0]]])
    exponents = torch.tensor([-1])  # units of a half
    values = round_to_grid(x, exponents, 8.0)
    np.testing.assert_array_equal(values[0, 0], [0, 1, np.nan, 8])
    change = difference_of(values[..., :2], torch.tensor([[[9.0]]]), 8.0)
    np.testing.assert_array_equal(change[0, 0], [-8, 1])
