"""Layers of a stacked bank against PyTorch's own, member by member: values and gradients."""

import copy

import pytest
import torch
from torch import nn
from torch.nn.functional import conv1d

from gdpd_sklearn.networks import ARCHITECTURES, FCN, LITE, LSTM, Bank, Custom, ResNet
from gdpd_sklearn.networks._depthwise import depthwise_conv1d, stacked_depthwise_conv1d
from gdpd_sklearn.networks._stacked_convolution import stacked_conv1d
from gdpd_sklearn.networks._stacked_lstm import stacked_lstm

P, B, T = 7, 3, 11


def _tensor(*shape, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(*shape, dtype=torch.float64, generator=generator, requires_grad=True)


def _assert_same_gradients(found, expected, tensors):
    weights = torch.randn_like(expected)
    for mine, other in zip(
        torch.autograd.grad((found * weights).sum(), tensors),
        torch.autograd.grad((expected * weights).sum(), tensors),
        strict=True,
    ):
        torch.testing.assert_close(mine, other, rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("n_timepoints", [11, 32, 33, 100])
@pytest.mark.parametrize(("taps", "padding", "dilation"), [(1, 0, 1), (4, 3, 2), (3, 0, 1)])
def test_depthwise_convolution_is_pytorchs(taps, padding, dilation, n_timepoints):
    x, weight = _tensor(2, 3, n_timepoints), _tensor(3, 1, taps, seed=1)
    found = depthwise_conv1d(x, weight, padding, dilation)
    expected = conv1d(x, weight, padding=padding, dilation=dilation, groups=3)
    torch.testing.assert_close(found, expected)
    _assert_same_gradients(found, expected, (x, weight))


@pytest.mark.parametrize("folded", [False, True])
def test_stacked_depthwise_convolution_is_that_of_each_member(folded):
    x, weight = _tensor(P, B, 4, T), _tensor(P, 4, 1, 3, seed=1)
    found = stacked_depthwise_conv1d(x, weight, padding=1, dilation=2, folded=folded)
    expected = torch.stack(
        [conv1d(x[p], weight[p], padding=1, dilation=2, groups=4) for p in range(P)]
    )
    torch.testing.assert_close(found, expected)
    _assert_same_gradients(found, expected, (x, weight))


@pytest.mark.parametrize("bias", [False, True])
@pytest.mark.parametrize("n_cases", [3, 4000])  # many: more columns than are made at a time
@pytest.mark.parametrize(
    ("taps", "padding", "dilation"), [(1, 0, 1), (1, 2, 1), (3, 2, 2), (4, 0, 1), (3, 4, 1)]
)
def test_stacked_convolution_is_pytorchs(taps, padding, dilation, n_cases, bias):
    x, weight = _tensor(P, n_cases, 2, T), _tensor(P, 4, 2, taps, seed=1)
    biases = _tensor(P, 4, seed=2) if bias else None
    found = stacked_conv1d(x, weight, biases, padding=padding, dilation=dilation)
    expected = torch.stack(
        [
            conv1d(x[p], weight[p], biases[p] if bias else None, 1, padding, dilation)
            for p in range(P)
        ]
    )
    torch.testing.assert_close(found, expected)
    _assert_same_gradients(found, expected, (x, weight, *([biases] if bias else [])))


@pytest.mark.parametrize("n_layers", [1, 2])
@pytest.mark.parametrize("hidden_size", [3, 12, 41])
def test_stacked_lstm_is_pytorchs(hidden_size, n_layers):
    members = [nn.LSTM(2, hidden_size, n_layers, batch_first=True).double() for _ in range(P)]
    x = _tensor(P, B, T, 2)
    stacked = [torch.stack(each) for each in zip(*(m.parameters() for m in members), strict=True)]
    found = stacked_lstm(x, *stacked, n_layers=n_layers)
    expected = [(out, *last) for out, last in (m(x[p]) for p, m in enumerate(members))]
    parameters = [p for m in members for p in m.parameters()]
    for mine, others in zip(found, zip(*expected, strict=True), strict=True):
        other = torch.stack(others)
        torch.testing.assert_close(mine, other)
        weights = torch.randn_like(other)
        for one, two in zip(
            torch.autograd.grad((mine * weights).sum(), (x, *parameters), retain_graph=True),
            torch.autograd.grad((other * weights).sum(), (x, *parameters), retain_graph=True),
            strict=True,
        ):
            torch.testing.assert_close(one, two, rtol=1e-10, atol=1e-10)


def test_gradients_of_a_stacked_lstm_are_the_numerical_ones():
    shapes = [(2, 2, 3, 1), (2, 8, 1), (2, 8, 2), (2, 8), (2, 8)]
    tensors = [_tensor(*shape, seed=i) for i, shape in enumerate(shapes)]
    assert torch.autograd.gradcheck(lambda *t: stacked_lstm(*t, n_layers=1), tensors)


UNUSUAL = [
    nn.Conv1d(2, 4, 3, stride=2),
    nn.Conv1d(2, 4, 3, padding="same"),
    nn.Conv1d(2, 4, 3, padding=1, padding_mode="circular"),
    nn.Conv1d(2, 4, 3, groups=2),
    nn.BatchNorm1d(2, affine=False),
    nn.BatchNorm1d(2, momentum=0.5),
]


@pytest.mark.parametrize("layer", UNUSUAL, ids=str)
def test_layers_with_other_options_keep_pytorchs_way(layer):
    members = [copy.deepcopy(layer).double() for _ in range(3)]
    for member in members:
        for p in member.parameters():
            nn.init.normal_(p)
    x = _tensor(3, B, 2, T)
    expected = torch.stack([copy.deepcopy(m)(x[i]) for i, m in enumerate(members)])
    found = Bank(members, stacked=True)(lambda module, x: module(x), (x,))
    torch.testing.assert_close(found, expected)


def test_batch_norm_of_features_without_steps():
    members = [nn.BatchNorm1d(4).double() for _ in range(3)]
    x = _tensor(3, B, 4)
    single = copy.deepcopy(members)
    expected = torch.stack([m(x[i]) for i, m in enumerate(single)])
    bank = Bank(members, stacked=True)
    torch.testing.assert_close(bank(lambda module, x: module(x), (x,)), expected)
    for mine, other in zip(bank.members(), single, strict=True):
        torch.testing.assert_close(mine.state_dict(), other.state_dict())


def test_single_networks_keep_pytorchs_layers_and_names():
    networks = [ARCHITECTURES["lite"]().build(1, 20, 2, seed) for seed in range(2)]
    names = list(networks[0].state_dict())
    bank = Bank(networks, stacked=True)
    for member in bank.members():
        assert list(member.state_dict()) == names
        assert not any("forward" in vars(layer) for layer in member.modules())


@pytest.mark.parametrize(
    ("architecture", "expected"),
    [
        (FCN(), True), (FCN((64,), (3,)), False), (LITE(), True), (LITE(64), False),
        (ResNet(), False), (LSTM(1, 8), True), (LSTM(3, 100), True),
        (Custom(nn.Conv1d(1, 2, 3)), False),
    ],
    ids=str,
)  # fmt: skip
def test_wide_convolutions_are_stacked_on_accelerators_only(architecture, expected):
    assert architecture.stacks_on(torch.device("cpu")) is expected
    assert architecture.stacks_on(torch.device("cuda")) is architecture.stackable
