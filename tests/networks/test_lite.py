"""LITE: its size, and the hand-made filters against plain loops."""

import numpy as np
import pytest
import torch
from plain_convolution import same

from gdpd_sklearn.networks import LITE, count_parameters


def _rises_and_falls():
    for length in (2, 4, 8, 16, 32, 64):
        rise = [-1.0 if i % 2 == 0 else 1.0 for i in range(length)]
        yield rise
        yield [-w for w in rise]


def _peaks():
    for size in (6, 12, 24, 48, 96):
        up = [(i / (size // 4)) ** 2 for i in range(1, size // 4 + 1)]
        bump = up + up[::-1]
        yield [-w for w in bump] + [2 * w for w in bump] + [-w for w in bump]


@pytest.mark.parametrize("n_channels", [1, 3])
@pytest.mark.parametrize("n_timepoints", [1, 9, 60])
def test_hand_made_filters_one_by_one(n_channels, n_timepoints):
    network = LITE(n_filters=2, kernel_size=4).build(n_channels, n_timepoints, 2, seed=0)
    first = network.backbone[0].double().eval()
    x = np.random.default_rng(0).normal(size=(n_channels, n_timepoints))
    found = first(torch.as_tensor(x)[None])[0].detach().numpy()
    filters = [*_rises_and_falls(), *_peaks()]
    assert len(found) == 3 * 2 + len(filters) == 3 * 2 + 17
    fresh_norm = np.sqrt(1 + 1e-5)  # mean 0, variance 1 and PyTorch's ε
    for response, kernel in zip(found[6:], filters, strict=True):
        expected = np.maximum(sum(same(x[c], kernel) for c in range(n_channels)), 0)
        np.testing.assert_allclose(response * fresh_norm, expected, atol=1e-5)


def test_hand_made_filters_are_not_trained_and_not_stored():
    network = LITE().build(1, 20, 2, seed=0)
    before = network.backbone[0].hand_made.kernels.clone()
    assert not any("hand_made" in name for name, _ in network.named_parameters())
    assert not any("hand_made" in name for name in network.state_dict())
    optimizer = torch.optim.SGD(network.parameters(), lr=1.0)
    network(torch.randn(4, 1, 20)).logits.square().sum().backward()
    optimizer.step()
    assert torch.equal(network.backbone[0].hand_made.kernels, before)


def test_the_published_count_before_the_head():
    network = LITE().build(n_channels=1, n_timepoints=60, n_classes=2, seed=0)
    assert count_parameters(network.backbone) == 9_814
