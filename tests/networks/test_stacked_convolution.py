"""Stacked convolutions against PyTorch's, member by member."""

import pytest
import torch
from stacked_tensors import P, T, assert_same_gradients, tensor
from torch.nn.functional import conv1d

from gdpd_sklearn.networks._stacked_convolution import stacked_conv1d


# many: more columns than are made at a time
@pytest.mark.parametrize(("n_cases", "bias"), [(3, False), (3, True), (4000, True)])
@pytest.mark.parametrize(
    ("taps", "padding", "dilation"), [(1, 0, 1), (1, 2, 1), (3, 2, 2), (4, 0, 1), (3, 4, 1)]
)
def test_stacked_convolution_is_pytorchs(taps, padding, dilation, n_cases, bias):
    x, weight = tensor(P, n_cases, 2, T), tensor(P, 4, 2, taps, seed=1)
    biases = tensor(P, 4, seed=2) if bias else None
    found = stacked_conv1d(x, weight, biases, padding=padding, dilation=dilation)
    expected = torch.stack(
        [
            conv1d(x[p], weight[p], biases[p] if bias else None, 1, padding, dilation)
            for p in range(P)
        ]
    )
    torch.testing.assert_close(found, expected)
    assert_same_gradients(found, expected, (x, weight, *([biases] if bias else [])))
