"""The two Inception networks: their published sizes, and which blocks are joined."""

import torch

from gdpd_sklearn.networks import ARCHITECTURES, InceptionTime, count_parameters


def test_the_papers_inception_has_its_parameter_count():
    network = ARCHITECTURES["inception55-32"]().build(1, 60, n_classes=2, seed=0)
    assert count_parameters(network) == 244_610


def test_the_published_count_of_inception_time_before_the_head():
    network = InceptionTime().build(n_channels=1, n_timepoints=60, n_classes=2, seed=0)
    assert count_parameters(network.backbone) == 420_192


def test_its_size_grows_by_equal_blocks():
    sizes = [
        count_parameters(InceptionTime(n_filters=4, depth=depth).build(1, 20, 2, 0).backbone)
        for depth in (6, 9, 12)
    ]
    assert sizes[2] - sizes[1] == sizes[1] - sizes[0] > 0


def test_features_are_four_maps_of_each_module():
    network = InceptionTime(n_filters=5).build(2, 20, 3, seed=0).eval()
    assert network.n_features == 4 * 5
    assert network(torch.randn(2, 2, 20)).feature_map.shape == (2, 20, 20)
