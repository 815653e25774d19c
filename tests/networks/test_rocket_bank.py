"""The kernels of a bank: what counts, what fits, what is typical."""

import numpy as np
import torch
from plain_rocket import walks

from gdpd_sklearn.networks import RocketFeatures
from gdpd_sklearn.networks._rocket_bank import KernelBank


def test_an_output_counts_where_one_of_its_channels_is_new():
    bank = KernelBank(3, 40, seed=0, n_features=1000)
    seen = torch.as_tensor(np.random.default_rng(0).random((3, 7, 2)) < 0.4)
    rows = slice(1, 4)
    counted = bank.counted(seen, rows)
    for row, mixture, time, case in np.ndindex(*counted.shape):
        channels = bank.mixing[1 + row, mixture].bool()
        assert counted[row, mixture, time, case] == seen[channels, time, case].any()


def test_windows_fit_into_more_points_than_they_reach_back():
    bank = KernelBank(1, 100, seed=0, n_features=5000)
    fits = bank.fits(torch.tensor([1, 9, 50, 100]))
    for points, row in zip((1, 9, 50, 100), fits, strict=True):
        for dilation, each in zip(bank.dilations.tolist(), row.tolist(), strict=True):
            assert each == (dilation == 1 or 8 * dilation < points)


def test_typical_is_the_share_of_training_outputs_above_a_bias():
    x = walks(400, 1, 30)
    module = RocketFeatures.fit(x, 0, 2000)
    typical = module.typical
    assert typical.shape == (len(module.biases), 84)
    # the level row's outputs are the values themselves
    biases = module.biases[:, -1].double() * 2.0 ** int(module.exponents[0])
    random = np.random.default_rng(1)
    time = (np.exp(random.random(20_000) * np.log(31.0)) - 1).astype(int).clip(max=29)
    values = x[random.integers(400, size=20_000), 0, time].double()
    shares = (values > biases[..., None]).double().mean(-1)
    np.testing.assert_allclose(shares, typical, atol=0.06)
