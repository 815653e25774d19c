"""Layers in numpy against the torch modules that they stand for, in double precision."""

import numpy as np
import pytest
import torch
from torch import nn

from gdpd_sklearn.networks._base import LastStep, MeanPool, same_conv1d
from gdpd_sklearn.networks._fcn import CausalConv
from gdpd_sklearn.networks._lstm import LSTMBackbone
from gdpd_sklearn.networks._numpy_layers import NoTranslation, translate

P, N, C, T = 3, 4, 2, 9

MODULES = {
    "convolution": lambda: nn.Conv1d(C, 5, 3, padding=2, dilation=2),
    "without bias": lambda: nn.Conv1d(C, 5, 4, bias=False),
    "even kernel": lambda: same_conv1d(C, 5, 4, bias=True),
    "causal": lambda: CausalConv(C, 5, 3, 2),
    "block": lambda: nn.Sequential(
        nn.Conv1d(C, 5, 3, padding=1), nn.BatchNorm1d(5), nn.ReLU(), nn.Conv1d(5, 3, 1)
    ),
    "rectifier first": lambda: nn.Sequential(nn.ReLU(), nn.Conv1d(C, 3, 1), nn.ReLU()),
    "lstm": lambda: LSTMBackbone(C, 4, 2),
    "mean": MeanPool,
    "last": LastStep,
}


def make(kind):
    """P modules with weights and statistics of their own, in evaluation mode."""
    torch.manual_seed(0)
    modules = [MODULES[kind]().double().eval() for _ in range(P)]
    for module in modules:
        for each in module.modules():
            if isinstance(each, nn.BatchNorm1d):
                for values in (each.weight, each.bias, each.running_mean):
                    nn.init.normal_(values)
                nn.init.uniform_(each.running_var, 0.5, 2.0)
    return modules


def run(layers, x, remembered=()):
    """Pass (P, N, T, C) through the layers; what they remember comes back too."""
    before, after = iter(remembered), []
    for layer in layers:
        x = layer(x, before, after)
    return x, after


def as_torch(result):
    """(P, N, T, D) → (P, N, D, T); pooled features stay as they are."""
    return np.moveaxis(result, 2, 3) if result.ndim == 4 else result


@pytest.fixture(autouse=True)
def _seed():
    with torch.random.fork_rng(devices=[]):
        yield


@pytest.mark.parametrize("kind", MODULES)
def test_each_member_is_the_torch_module(kind):
    modules = make(kind)
    x = np.random.default_rng(0).normal(size=(P, N, C, T))
    with torch.no_grad():
        expected = np.stack([m(torch.as_tensor(x[p])) for p, m in enumerate(modules)])
    found, _ = run(translate(modules), np.moveaxis(x, 2, 3))
    np.testing.assert_allclose(as_torch(found), expected, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("kind", ["causal", "lstm", "mean", "last"])
def test_what_is_remembered_stands_for_the_points_before(kind):
    layers = translate(make(kind))
    x = np.random.default_rng(0).normal(size=(P, N, T, C))
    whole, _ = run(layers, x)
    _, memory = run(layers, x[:, :, :5])
    rest, _ = run(layers, x[:, :, 5:], memory)
    expected = whole[:, :, 5:] if whole.ndim == 4 else whole
    np.testing.assert_allclose(rest, expected, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("module", [nn.Tanh(), nn.Conv1d(2, 3, 3, stride=2)], ids=str)
def test_what_has_no_form_says_so(module):
    with pytest.raises(NoTranslation, match="has no form in numpy"):
        translate([module, module])


def test_members_are_of_one_kind():
    with pytest.raises(NoTranslation):
        translate([nn.ReLU(), nn.Conv1d(2, 2, 1)])
