"""A linear map and a head: the identity at the start, one head at the end."""

import torch

from gdpd_sklearn.networks import CoordinateMap


def test_it_starts_as_its_head_alone():
    network = CoordinateMap().build(n_channels=5, n_timepoints=1, n_classes=3, seed=0)
    z = torch.randn(7, 5)
    output = network(z[..., None])
    torch.testing.assert_close(output.pooled, z)
    torch.testing.assert_close(output.logits, network.head(z))
    assert output.feature_map.shape == (7, 5, 1)


def test_map_and_head_fold_into_one():
    network = CoordinateMap().build(n_channels=5, n_timepoints=1, n_classes=3, seed=0)
    torch.nn.init.normal_(network.backbone.map.weight)
    z = torch.randn(7, 5)
    weights, biases = network.backbone.folded(network.head)
    expected = network(z[..., None]).logits.double()
    torch.testing.assert_close(z.double() @ weights.T + biases, expected, rtol=0, atol=1e-5)
