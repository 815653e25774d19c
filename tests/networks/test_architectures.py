"""All architectures by name: shapes, seeds, parameters."""

import numpy as np
import pytest
import torch
from sklearn.base import clone

from gdpd_sklearn.networks import (
    ARCHITECTURES,
    FCN,
    LITE,
    LSTM,
    InceptionTime,
    ResNet,
    Rocket,
    SerialInception,
)
from gdpd_sklearn.networks._base import LastStep

TRAINED = [name for name, make in ARCHITECTURES.items() if not make().fixed]


@pytest.mark.parametrize("n_classes", [2, 5])
@pytest.mark.parametrize("n_channels", [1, 3])
@pytest.mark.parametrize("name", ARCHITECTURES)
def test_output_shapes_and_consistency(name, n_channels, n_classes):
    network = ARCHITECTURES[name]().build(n_channels, 50, n_classes, seed=0).eval()
    for n_timepoints in (1, 2, 9, 50):
        x = torch.randn(3, n_channels, n_timepoints)
        with torch.no_grad():
            output = network(x)
        # fixed features are pooled at once: of their map there is the mean alone
        n_steps = 1 if ARCHITECTURES[name]().fixed else n_timepoints
        assert output.feature_map.shape == (3, network.n_features, n_steps)
        assert output.pooled.shape == (3, network.n_features)
        assert output.logits.shape == (3, n_classes)
        assert network.n_classes == n_classes
        assert torch.isfinite(output.logits).all()

        feature_map = output.feature_map.double().numpy()
        pooled = (
            feature_map[..., -1] if isinstance(network.pool, LastStep) else feature_map.mean(-1)
        )
        np.testing.assert_allclose(output.pooled, pooled, atol=1e-5)
        weight, bias = (p.detach().double().numpy() for p in network.head.parameters())
        np.testing.assert_allclose(output.logits, pooled @ weight.T + bias, atol=1e-4)


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_weights_follow_from_the_seed_alone(name):
    before = torch.get_rng_state()
    one, same, other = (ARCHITECTURES[name]().build(3, 12, 2, seed) for seed in (5, 5, 6))
    assert torch.equal(torch.get_rng_state(), before)
    torch.rand(3)
    later = ARCHITECTURES[name]().build(3, 12, 2, 5)
    pairs = zip(one.parameters(), same.parameters(), later.parameters(), strict=True)
    assert all(torch.equal(a, b) and torch.equal(a, c) for a, b, c in pairs)
    assert not torch.equal(one.head.weight, other.head.weight)
    first, changed = one.backbone.state_dict(), other.backbone.state_dict()
    assert any(not torch.equal(first[key], changed[key]) for key in first)


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_every_parameter_learns(name):
    network = ARCHITECTURES[name]().build(2, 12, 3, seed=0)
    loss = torch.nn.functional.cross_entropy(
        network(torch.randn(4, 2, 12)).logits, torch.arange(4) % 3
    )
    loss.backward()
    still = {n for n, p in network.named_parameters() if p.grad is None or not p.grad.any()}
    # the paper's Inception owns a batch norm per block that its forward pass leaves unused
    assert all("unused_norm" in each for each in still), still
    assert bool(still) == (name == "inception55-32")


@pytest.mark.parametrize("name", TRAINED)
def test_all_channels_and_points_are_seen(name):
    network = ARCHITECTURES[name]().build(3, 12, 2, seed=0).eval()
    x = torch.randn(1, 3, 12, requires_grad=True)
    network(x).logits[0, 0].backward()
    assert (x.grad != 0).all(), "a value does not reach the logits"


@pytest.mark.parametrize(
    ("architecture", "parameter"),
    [
        (LSTM(n_layers=0), "n_layers"),
        (LSTM(hidden_size=2.5), "hidden_size"),
        (LSTM(longest_memory=2), "longest_memory"),
        (ResNet(width=0), "width"),
        (InceptionTime(n_filters=0), "n_filters"),
        (InceptionTime(depth=True), "depth"),
        (InceptionTime(kernel_size=3), "kernel_size"),
        (LITE(n_filters="32"), "n_filters"),
        (LITE(kernel_size=2), "kernel_size"),
        (SerialInception(width=-1), "width"),
        (FCN(widths=(16, 0, 16)), "widths"),
        (FCN(widths=(16, 16)), "widths"),
        (FCN(widths=(), kernel_sizes=()), "widths"),
        (FCN(kernel_sizes=(8, 5, 0)), "kernel_sizes"),
        (Rocket(n_features=0), "n_features"),
    ],
    ids=repr,
)
def test_bad_sizes_are_named_when_built(architecture, parameter):
    with pytest.raises(ValueError, match=parameter):
        architecture.build(1, 20, 2, seed=0)


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_recipes_are_estimators(name):
    architecture = ARCHITECTURES[name]()
    copied = clone(architecture)
    assert copied.get_params() == architecture.get_params()
    for parameter, value in architecture.get_params().items():
        assert getattr(copied.set_params(**{parameter: value}), parameter) == value
