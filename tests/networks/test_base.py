"""What all networks are made of: convolutions that keep the length, pooling, counting."""

import numpy as np
import pytest
import torch
from plain_convolution import same

from gdpd_sklearn.networks import (
    FCN,
    Architecture,
    NetworkOutput,
    count_parameters,
)
from gdpd_sklearn.networks._base import LastStep, MeanPool, same_conv1d


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


@pytest.mark.parametrize("pool", [MeanPool(), LastStep()], ids=["mean", "last"])
def test_running_and_advancing_are_pooling_every_prefix(pool):
    feature_map = torch.randn(3, 4, 7, dtype=torch.float64)
    running = pool.running(feature_map)
    state = None
    for n in range(1, 8):
        expected = pool(feature_map[..., :n])
        torch.testing.assert_close(running[..., n - 1], expected)
        pooled, state = pool.advance(feature_map[..., n - 1 : n], state)
        torch.testing.assert_close(pooled, expected)


def test_rows_of_an_output_are_those_of_its_cases():
    output = NetworkOutput(torch.randn(5, 4, 7), torch.randn(5, 4), torch.randn(5, 3))
    some = output.rows(torch.tensor([3, 0, 3]))
    for part, whole in zip(some, output, strict=True):
        assert [each.tolist() for each in part] == [whole[i].tolist() for i in (3, 0, 3)]
