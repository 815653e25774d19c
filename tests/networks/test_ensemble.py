"""Models that answer together in numpy say what each says alone, to the last bit."""

import numpy as np
import pytest
import torch
from torch import nn

from gdpd_sklearn.data import SCALINGS, PrefixView
from gdpd_sklearn.networks import (
    FCN,
    LITE,
    LSTM,
    CausalFCN,
    Custom,
    Ensemble,
    PrefixModel,
    ResNet,
)

LENGTHS = (3, 9, 16)
N_CHANNELS, N_CLASSES = 2, 3


def own_backbone(n_channels, n_timepoints):
    return nn.Sequential(
        nn.ReLU(),
        nn.Conv1d(n_channels, 5, 3, padding=3, dilation=2),
        nn.ReLU(),
        nn.Sequential(nn.Conv1d(5, 4, 1), nn.BatchNorm1d(4)),
    )


def name_of(architecture):
    """Give a name without addresses, which differ between the processes of a test run."""
    return "own" if isinstance(architecture, Custom) else repr(architecture)


SEPARATE = [FCN((4, 6), (4, 3)), FCN((3,), (1,)), LSTM(1, 8), CausalFCN((3,), (4,))]
SEPARATE += [Custom(own_backbone)]
CAUSAL = [LSTM(2, 5), LSTM(1, 3), CausalFCN((4, 6, 3), (4, 3, 2)), CausalFCN((5,), (1,))]


@pytest.fixture
def X():
    return np.random.default_rng(0).normal(3.0, 2.0, size=(9, N_CHANNELS, 16))


def make_models(architecture, X, n_models=3, scaling="standard", stretched=True, exact=True):
    """Make models whose batch norms have seen data, each with a view of its own."""
    models = []
    for p in range(n_models):
        view = PrefixView.fit(X[p:], LENGTHS, 16, scaling, stretched)
        n_networks = len(LENGTHS) if stretched else 1
        networks = [architecture.build(N_CHANNELS, 16, N_CLASSES, 9 * p + i) for i in range(3)]
        for point, network in enumerate(networks[:n_networks]):
            network.train()
            network(view(torch.as_tensor(X, dtype=torch.float32), point))
            for module in network.modules():
                if isinstance(module, nn.BatchNorm1d) and module.affine:
                    nn.init.normal_(module.weight)
                    nn.init.normal_(module.bias)
        models.append(PrefixModel(networks[:n_networks], view, architecture, exact))
    return models


@pytest.mark.parametrize("scaling", SCALINGS)
@pytest.mark.parametrize("n_models", [1, 3])
@pytest.mark.parametrize("architecture", SEPARATE, ids=name_of)
def test_a_network_for_each_prefix(architecture, n_models, scaling, X):
    models = make_models(architecture, X, n_models, scaling)
    ensemble = Ensemble.of(models)
    for point, length in enumerate(LENGTHS):
        expected = np.stack([model.predict_proba(X, point) for model in models])
        np.testing.assert_array_equal(ensemble.predict_proba(X, point), expected)
        for case in range(2):
            alone = ensemble.predict_proba(X[case : case + 1, :, :length], point)
            np.testing.assert_array_equal(alone, expected[:, case : case + 1])


@pytest.mark.parametrize("scaling", ["standard", "none"])
@pytest.mark.parametrize("n_models", [1, 3])
@pytest.mark.parametrize("architecture", CAUSAL, ids=repr)
def test_going_on_from_point_to_point(architecture, n_models, scaling, X):
    models = make_models(architecture, X, n_models, scaling, stretched=False)
    ensemble = Ensemble.of(models)
    memories, seen = None, 0
    for point, length in enumerate(LENGTHS):
        found, memories = ensemble.advance(X[..., seen:length], memories)
        expected = np.stack([model.predict_proba(X, point) for model in models])
        np.testing.assert_array_equal(found, expected)
        np.testing.assert_array_equal(ensemble.predict_proba(X, point), expected)
        seen = length


@pytest.mark.parametrize("architecture", CAUSAL, ids=repr)
def test_memories_belong_to_one_series_each_and_do_not_change(architecture, X):
    ensemble = Ensemble.of(make_models(architecture, X, stretched=False))
    _, memories = ensemble.advance(X[..., :3], None)
    before = [[part.copy() for part in memory] for memory in memories]
    expected, _ = ensemble.advance(X[..., 3:], memories)
    order = [4, 0, 7]
    some, _ = ensemble.advance(X[order, :, 3:], [memories[i] for i in order])
    np.testing.assert_array_equal(some, expected[:, order])
    for i in order:
        one, _ = ensemble.advance(X[i : i + 1, :, 3:], [memories[i]])
        np.testing.assert_array_equal(one, expected[:, i : i + 1])
    for memory, copy in zip(memories, before, strict=True):
        for part, same in zip(memory, copy, strict=True):
            np.testing.assert_array_equal(part, same)
            assert part.base is None


@pytest.mark.parametrize("architecture", [*SEPARATE, *CAUSAL], ids=name_of)
def test_of_no_cases_there_is_nothing_to_say(architecture, X):
    stretched = architecture in SEPARATE
    ensemble = Ensemble.of(make_models(architecture, X, stretched=stretched))
    assert ensemble.predict_proba(X[:0], 1).shape == (3, 0, N_CLASSES)


def test_what_cannot_be_joined_is_left_alone(X):
    assert Ensemble.of(make_models(FCN((3,), (2,)), X, exact=False)) is None
    assert Ensemble.of(make_models(LITE(2, 4), X)) is None
    assert Ensemble.of(make_models(ResNet(3), X)) is None
    assert Ensemble.of([object()]) is None
    one, other = make_models(FCN((3,), (2,)), X, n_models=2)
    other.view = PrefixView.fit(X, (4, 9, 16), 16, "standard")
    assert Ensemble.of([one, other]) is None


class Louder(nn.Conv1d):
    def forward(self, x):
        return 2.0 * super().forward(x)


@pytest.mark.parametrize(
    "layer",
    [
        lambda n: Louder(n, 4, 3, padding=1),
        lambda n: nn.Conv1d(n, 4, 3, padding="same"),
        lambda n: nn.Conv1d(n, 4, 3, padding=1, padding_mode="circular"),
        lambda n: nn.Conv1d(n, 4, 3, padding=1, groups=2),
        lambda n: nn.Conv1d(n, 4, 3, stride=2),
        lambda n: nn.Sequential(
            nn.Conv1d(n, 4, 3), nn.BatchNorm1d(4, affine=False)
        ),
        lambda n: nn.Sequential(
            nn.Conv1d(n, 4, 3), nn.BatchNorm1d(4, track_running_stats=False)
        ),
        lambda n: nn.Sequential(nn.BatchNorm1d(n)),
        lambda n: nn.Sequential(nn.Conv1d(n, 4, 3), nn.Tanh()),
    ],
)  # fmt: skip
def test_layers_with_a_will_of_their_own_are_left_to_torch(layer, X):
    architecture = Custom(lambda n_channels, n_timepoints: layer(n_channels))
    assert Ensemble.of(make_models(architecture, X)) is None
