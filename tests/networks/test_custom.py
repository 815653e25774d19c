"""A user's own backbone."""

import numpy as np
import pytest
import torch
from sklearn.base import clone
from torch import nn

from gdpd_sklearn.networks import Custom


def convolutional(n_channels, n_timepoints):
    return nn.Sequential(nn.Conv1d(n_channels, 6, 3, padding=1), nn.BatchNorm1d(6), nn.ReLU())


def dense(n_channels, n_timepoints):
    return nn.Sequential(nn.Flatten(), nn.Linear(n_channels * n_timepoints, 5), nn.ReLU())


@pytest.mark.parametrize(
    ("factory", "n_features", "n_steps"), [(convolutional, 6, 12), (dense, 5, 1)]
)
def test_a_factory_gives_a_network(factory, n_features, n_steps):
    network = Custom(factory).build(2, 12, 3, seed=0)
    output = network(torch.randn(4, 2, 12))
    assert output.feature_map.shape == (4, n_features, n_steps)
    assert output.logits.shape == (4, 3)
    torch.testing.assert_close(output.pooled, output.feature_map.mean(-1))


def test_a_factory_gives_weights_from_the_seed():
    one, same, other = (Custom(dense).build(2, 12, 3, seed) for seed in (1, 1, 2))
    weights = [next(network.backbone.parameters()) for network in (one, same, other)]
    assert torch.equal(weights[0], weights[1])
    assert not torch.equal(weights[0], weights[2])


def test_a_module_is_copied_with_its_weights():
    module = convolutional(2, 12)
    before = [p.detach().clone() for p in module.parameters()]
    network = Custom(module).build(2, 12, 3, seed=7)
    for copied, original in zip(network.backbone.parameters(), before, strict=True):
        assert torch.equal(copied, original)
    with torch.no_grad():
        for p in network.parameters():
            p.add_(1.0)
    assert all(torch.equal(p, b) for p, b in zip(module.parameters(), before, strict=True))


def test_finding_the_width_leaves_batch_norm_as_it_was():
    network = Custom(convolutional).build(2, 12, 3, seed=0)
    assert network.backbone[1].num_batches_tracked == 0
    assert not network.backbone[1].running_mean.any()


def test_it_learns_after_being_built():
    network = Custom(convolutional).build(2, 12, 3, seed=0)
    network.train()
    network(torch.randn(4, 2, 12) + 5.0)
    assert network.backbone[1].num_batches_tracked == 1


@pytest.mark.parametrize("stack", [False, True])
def test_stacking_is_the_users_promise(stack):
    assert Custom(dense, stack=stack).stackable is stack


def test_it_is_cloned_with_its_parameters():
    copied = clone(Custom(dense, stack=True, learning_rate=0.02))
    assert copied.backbone is dense
    assert copied.stackable
    assert copied.learning_rate == 0.02


class Pair(nn.Module):
    def forward(self, x):
        return x, x


class Scalar(nn.Module):
    def forward(self, x):
        return x.sum()


class Transposed(nn.Module):
    def forward(self, x):
        return x.permute(2, 0, 1)


@pytest.mark.parametrize(
    ("backbone", "error", "message"),
    [
        (lambda c, t: "no module", TypeError, r"must return a torch.nn.Module, got str"),
        (lambda c, t: nn.Linear(99, 2), ValueError, r"failed on an input of shape \(2, 3, 12\)"),
        (nn.Conv1d(1, 4, 3), ValueError, r"failed on an input of shape \(2, 3, 12\)"),
        (Pair(), ValueError, r"\(B, D, L\) or \(B, D\), got tuple"),
        (Scalar(), ValueError, r"\(B, D, L\) or \(B, D\), got \(\)"),
        (Transposed(), ValueError, r"got \(12, 2, 3\) for B=2"),
    ],
)
def test_what_is_no_backbone_is_a_clear_error(backbone, error, message):
    with pytest.raises(error, match=message):
        Custom(backbone).build(3, 12, 2, seed=0)


def test_torchs_random_state_is_left():
    before = torch.get_rng_state()
    Custom(dense).build(2, 12, 3, seed=0)
    np.testing.assert_array_equal(torch.get_rng_state(), before)
