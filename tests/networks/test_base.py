"""What all networks are made of: convolutions that keep the length, pooling, counting."""

import numpy as np
import pytest
import torch
from plain_convolution import same

from gdpd_sklearn.networks import (
    FCN,
    Architecture,
    count_parameters,
)
from gdpd_sklearn.networks._base import same_conv1d


def test_a_recipe_without_a_backbone_says_so():
    with pytest.raises(NotImplementedError, match="Architecture must define build_backbone"):
        Architecture().build(1, 10, 2, seed=0)


def test_frozen_parameters_are_not_counted():
    network = FCN().build(1, 10, 2, seed=0)
    total = count_parameters(network)
    network.head.requires_grad_(False)
    assert count_parameters(network) == total - (16 + 1) * 2


@pytest.mark.parametrize("dilation", [1, 2, 4])
@pytest.mark.parametrize("kernel_size", [1, 2, 3, 4, 8, 20])
@pytest.mark.parametrize("n_timepoints", [1, 2, 11])
def test_same_padding(kernel_size, dilation, n_timepoints):
    conv = same_conv1d(2, 3, kernel_size, bias=True, dilation=dilation).double()
    x = np.random.default_rng(0).normal(size=(2, n_timepoints))
    weight, bias = (p.detach().numpy() for p in conv.parameters())
    expected = [
        sum(same(x[c], weight[d, c], dilation) for c in range(2)) + bias[d] for d in range(3)
    ]
    found = conv(torch.as_tensor(x)[None])[0].detach().numpy()
    np.testing.assert_allclose(found, expected, atol=1e-12)
