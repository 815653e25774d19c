"""ResNet: its published size, and that its blocks add to their input."""

import torch

from gdpd_sklearn.networks import ARCHITECTURES, ResNet, count_parameters


def test_the_papers_resnet_has_its_parameter_count():
    network = ARCHITECTURES["resnet32-64"]().build(1, 60, n_classes=2, seed=0)
    assert count_parameters(network) == 504_002


def test_size_from_its_width():
    w, c = 5, 2

    # three convolutions of 8, 5 and 3 taps in each block, with biases; a shortcut where the width
    # changes; a batch norm behind each of them
    def block(n_in, n_out):
        own = sum(n_from * n_out * k for n_from, k in ((n_in, 8), (n_out, 5), (n_out, 3)))
        return own, n_in * n_out

    backbone = ResNet(w).build(c, 20, 2, seed=0).backbone
    weights = sum(p.numel() for p in backbone.parameters() if p.ndim == 3)
    blocks = [block(c, w), block(w, 2 * w), block(2 * w, 2 * w)]
    found = {own + shortcut for own, shortcut in blocks}
    assert len(found) == 3
    assert weights == sum(own for own, _ in blocks) + blocks[0][1] + blocks[1][1]


def test_features_are_twice_as_wide():
    network = ResNet(3).build(1, 12, 2, seed=0).eval()
    assert network.n_features == 6
    assert network(torch.randn(2, 1, 12)).feature_map.shape == (2, 6, 12)
