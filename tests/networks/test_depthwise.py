"""Depthwise convolutions: values and gradients."""

import numpy as np
import pytest
import torch
from plain_convolution import same
from stacked_tensors import B, P, T, assert_same_gradients, tensor
from torch.nn.functional import conv1d

from gdpd_sklearn.networks._base import same_conv1d
from gdpd_sklearn.networks._depthwise import depthwise_conv1d, stacked_depthwise_conv1d


@pytest.mark.parametrize("kernel_size", [5, 6])
def test_depthwise_channels_do_not_mix(kernel_size):
    conv = same_conv1d(3, 3, kernel_size, depthwise=True).double()
    x = np.random.default_rng(0).normal(size=(3, 11))
    expected = [same(x[c], conv_weight[0]) for c, conv_weight in enumerate(
        next(conv.parameters()).detach().numpy())]  # fmt: skip
    np.testing.assert_allclose(
        conv(torch.as_tensor(x)[None])[0].detach().numpy(), expected, atol=1e-12
    )


@pytest.mark.parametrize("n_timepoints", [11, 32, 33, 100])
@pytest.mark.parametrize(("taps", "padding", "dilation"), [(1, 0, 1), (4, 3, 2), (3, 0, 1)])
def test_depthwise_convolution_is_pytorchs(taps, padding, dilation, n_timepoints):
    x, weight = tensor(2, 3, n_timepoints), tensor(3, 1, taps, seed=1)
    found = depthwise_conv1d(x, weight, padding, dilation)
    expected = conv1d(x, weight, padding=padding, dilation=dilation, groups=3)
    torch.testing.assert_close(found, expected)
    assert_same_gradients(found, expected, (x, weight))


@pytest.mark.parametrize("folded", [False, True])
def test_stacked_depthwise_convolution_is_that_of_each_member(folded):
    x, weight = tensor(P, B, 4, T), tensor(P, 4, 1, 3, seed=1)
    found = stacked_depthwise_conv1d(x, weight, padding=1, dilation=2, folded=folded)
    expected = torch.stack(
        [conv1d(x[p], weight[p], padding=1, dilation=2, groups=4) for p in range(P)]
    )
    torch.testing.assert_close(found, expected)
    assert_same_gradients(found, expected, (x, weight))
