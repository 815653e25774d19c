"""All architectures by name: sizes, shapes, seeds."""

import numpy as np
import pytest
import torch
from sklearn.base import clone

from gdpd_sklearn.networks import (
    ARCHITECTURES,
    FCN,
    LITE,
    LSTM,
    Architecture,
    InceptionTime,
    ResNet,
    Rocket,
    SerialInception,
    count_parameters,
)
from gdpd_sklearn.networks._base import LastStep

TRAINED = [name for name, make in ARCHITECTURES.items() if not make().fixed]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("lstm3-100", 203_002),
        ("lstm2-32", 12_994),
        ("lstm1-8", 370),
        ("resnet32-64", 504_002),
        ("inception55-32", 244_610),
    ],
)
def test_the_papers_networks_have_its_parameter_counts(name, expected):
    network = ARCHITECTURES[name]().build(n_channels=1, n_timepoints=60, n_classes=2, seed=0)
    assert count_parameters(network) == expected


@pytest.mark.parametrize(("name", "expected"), [("inception_time", 420_192), ("lite", 9_814)])
def test_published_counts_before_the_head(name, expected):
    network = ARCHITECTURES[name]().build(n_channels=1, n_timepoints=60, n_classes=2, seed=0)
    assert count_parameters(network.backbone) == expected


def test_fcn_count_from_its_widths():
    widths, kernels = (5, 7, 3), (8, 5, 4)
    network = FCN(widths, kernels).build(n_channels=2, n_timepoints=30, n_classes=4, seed=0)
    n_in = np.array([2, *widths[:-1]])
    # no biases; two of the batch norm per channel; the head has biases
    expected = (n_in * widths * kernels).sum() + 2 * sum(widths) + (3 + 1) * 4
    assert count_parameters(network) == expected


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


@pytest.mark.parametrize("n_layers", [1, 3])
def test_lstm_reads_forwards_only(n_layers):
    network = LSTM(n_layers, 6).build(1, 12, 2, seed=0).eval()
    x = torch.randn(2, 1, 12)
    with torch.no_grad():
        whole, cut = network(x), network(x[..., :7])
    torch.testing.assert_close(whole.feature_map[..., :7], cut.feature_map)
    torch.testing.assert_close(whole.feature_map[..., 6], cut.pooled)


def test_lstm_against_the_equations():
    network = LSTM(1, 4).build(2, 9, 2, seed=0).double()
    w_in, w_hidden, b_in, b_hidden = (p.detach().numpy() for p in network.backbone.parameters())
    x = np.random.default_rng(0).normal(size=(2, 9))
    hidden, cell = np.zeros(4), np.zeros(4)
    for t in range(9):
        gates = w_in @ x[:, t] + b_in + w_hidden @ hidden + b_hidden
        i, f, g, o = np.split(gates, 4)
        i, f, o = (1 / (1 + np.exp(-gate)) for gate in (i, f, o))
        cell = f * cell + i * np.tanh(g)
        hidden = o * np.tanh(cell)
    pooled = network(torch.as_tensor(x)[None]).pooled.detach().numpy()[0]
    np.testing.assert_allclose(pooled, hidden, atol=1e-12)


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


def test_a_recipe_without_a_backbone_says_so():
    with pytest.raises(NotImplementedError, match="Architecture must define build_backbone"):
        Architecture().build(1, 10, 2, seed=0)


def test_frozen_parameters_are_not_counted():
    network = FCN().build(1, 10, 2, seed=0)
    total = count_parameters(network)
    network.head.requires_grad_(False)
    assert count_parameters(network) == total - (16 + 1) * 2


@pytest.mark.parametrize("n_layers", [1, 2])
def test_an_lstms_memories_are_spread(n_layers):
    longest = 50
    lstm = LSTM(n_layers, 400, longest).build(2, 9, 2, seed=0).backbone.lstm
    for layer in range(n_layers):
        biases = (getattr(lstm, f"bias_{part}h_l{layer}") for part in "ih")
        entry, forget, cell, output = sum(biases).detach().chunk(4)
        # a cell whose input stays out is multiplied by the forget gate in each step
        memory = 1 / (1 - torch.sigmoid(forget)) - 1
        assert memory.min() >= 1
        assert memory.max() <= longest - 1
        # uniform: mean and deviation of 400 draws
        assert abs(memory.mean() - longest / 2) < 4 * (longest - 2) / np.sqrt(12 * 400)
        torch.testing.assert_close(torch.sigmoid(entry), 1 - torch.sigmoid(forget))
        assert not cell.any()
        assert not output.any()


def test_the_published_lstms_start_as_pytorchs_do():
    ours = LSTM(2, 5, longest_memory=None).build(3, 9, 2, seed=3).backbone.lstm
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(3)
        theirs = torch.nn.LSTM(3, 5, 2, batch_first=True)
    for name, parameter in theirs.named_parameters():
        torch.testing.assert_close(getattr(ours, name), parameter, rtol=0, atol=0)
    for name in ("lstm3-100", "lstm2-32", "lstm1-8"):
        assert ARCHITECTURES[name]().longest_memory is None
