"""FCN: its size."""

import numpy as np

from gdpd_sklearn.networks import (
    FCN,
    count_parameters,
)


def test_fcn_count_from_its_widths():
    widths, kernels = (5, 7, 3), (8, 5, 4)
    network = FCN(widths, kernels).build(n_channels=2, n_timepoints=30, n_classes=4, seed=0)
    n_in = np.array([2, *widths[:-1]])
    # no biases; two of the batch norm per channel; the head has biases
    expected = (n_in * widths * kernels).sum() + 2 * sum(widths) + (3 + 1) * 4
    assert count_parameters(network) == expected
