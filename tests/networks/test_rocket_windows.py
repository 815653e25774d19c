"""Windows hold what is known when they are read."""

import numpy as np
import torch
from plain_rocket import walks, with_gaps

from gdpd_sklearn.networks import RocketFeatures
from gdpd_sklearn.networks._rocket_windows import Windows


def _windows(x):
    module = RocketFeatures.fit(x, 0, 600)
    grid = module.on_grid(x, module._context(len(x), x.device))
    return module, grid, Windows(module, grid)


def test_of_whole_series_all_is_new_and_taps_are_values():
    module, grid, windows = _windows(walks(2, 2, 20))
    times = torch.arange(module.remembered, grid.series.shape[-1])
    assert windows.fresh(times) is None
    taps = windows.taps(slice(0, len(module.dilations)), times)
    for row, channel, time, case, tap in np.ndindex(*taps.shape):
        at = times[time] - (8 - tap) * module.dilations[row]
        series = grid.series[case, int(module.differenced[row]), channel]
        assert taps[row, channel, time, case, tap] == series[at]


def test_what_comes_later_is_not_in_a_window():
    x = with_gaps(walks(3, 2, 24), "many")
    module, grid, windows = _windows(x)
    rows = slice(0, len(module.dilations))
    for now in range(4, 24, 5):
        cut = module.on_grid(x[..., : now + 1], module._context(3, x.device))
        alone = Windows(module, cut)
        time = torch.tensor([module.remembered + now])
        # read at its own time, where a value is there
        there = grid.read_at[:, time[0]] == time[0]
        assert torch.equal(windows.taps(rows, time)[:, :, :, there],
                           alone.taps(rows, time)[:, :, :, there])  # fmt: skip
        assert torch.equal(windows.fresh(time)[..., there], alone.fresh(time)[..., there])
