"""Layers of a stacked bank against PyTorch's own, member by member: values and gradients."""

import copy

import pytest
import torch
from torch import nn
from torch.nn.functional import batch_norm, conv1d

from gdpd_sklearn.networks import ARCHITECTURES, FCN, LITE, LSTM, Bank, Custom, ResNet
from gdpd_sklearn.networks._depthwise import depthwise_conv1d, stacked_depthwise_conv1d
from gdpd_sklearn.networks._stacked_convolution import stacked_conv1d
from gdpd_sklearn.networks._stacked_lstm import stacked_lstm
from gdpd_sklearn.networks._stacked_norm import normalise_in_training

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


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("shape", [(40, 4, 5), (3, 4, 11), (200, 4)])  # many numbers, and few
def test_batch_norm_is_pytorchs(shape, training):
    members = [nn.BatchNorm1d(4).double().train(training) for _ in range(P)]
    for member in members:
        for tensor in (*member.parameters(), member.running_mean):
            nn.init.normal_(tensor)
        nn.init.uniform_(member.running_var, 0.5, 2.0)
    x = _tensor(P, *shape)
    single = copy.deepcopy(members)
    expected = torch.stack([m(x[p] + 3.0) for p, m in enumerate(single)])
    bank = Bank(members, stacked=True)
    found = bank(lambda module, x: module(x + 3.0), (x,))
    torch.testing.assert_close(found, expected)
    weights = torch.randn_like(expected)
    ((found * weights).sum() + (expected * weights).sum()).backward()
    mine, others = bank.trainable, [list(m.parameters()) for m in single]
    for one, two in zip(mine, zip(*others, strict=True), strict=True):
        torch.testing.assert_close(one.grad, torch.stack([p.grad for p in two]))
    of_x = [torch.autograd.grad((run(x) * weights).sum(), x)[0] for run in (
        lambda x: torch.stack([m(x[p] + 3.0) for p, m in enumerate(single)]),
        lambda x: bank(lambda module, x: module(x + 3.0), (x,)),
    )]  # fmt: skip
    torch.testing.assert_close(*of_x, rtol=1e-8, atol=1e-8)
    for one, two in zip(bank.members(), single, strict=True):
        torch.testing.assert_close(one.state_dict(), two.state_dict())


@pytest.mark.parametrize("n", [2, 3000])  # more channels than are worked on at a time
def test_gradients_of_a_batch_norm_are_the_numerical_ones(n):
    x, weight, bias = _tensor(4, 3), _tensor(4, seed=1), _tensor(4, seed=2)

    def normalise(x, weight, bias):
        statistics = torch.zeros(2, 4, dtype=torch.float64)
        return normalise_in_training(x, weight, bias, *statistics, 0.1, 1e-5)

    assert torch.autograd.gradcheck(normalise, (x, weight, bias))
    x = _tensor(60, n, seed=3) + 100.0
    weight, bias = _tensor(60, seed=4), _tensor(60, seed=5)
    ours, theirs = torch.zeros(2, 2, 60, dtype=torch.float64)
    found = normalise_in_training(x, weight, bias, *ours, 0.1, 1e-5)
    expected = batch_norm(x[None], *theirs, weight, bias, True, 0.1, 1e-5)[0]
    torch.testing.assert_close(found, expected)
    torch.testing.assert_close(ours, theirs)


def test_embedding_is_pytorchs():
    members = [nn.Embedding(5, 3).double() for _ in range(P)]
    index = torch.tensor([[4, 2, 2], [0, 1, 4]])
    expected = torch.stack([copy.deepcopy(m)(index) for m in members])
    weights = torch.randn_like(expected)
    grads = []
    for p, member in enumerate(copy.deepcopy(members)):
        (member(index) * weights[p]).sum().backward()
        grads.append(member.weight.grad)
    bank = Bank(members, stacked=True)
    found = bank(lambda module, i: module(i), (), (index,))
    torch.testing.assert_close(found, expected)
    (found * weights).sum().backward()
    torch.testing.assert_close(bank.trainable[0].grad, torch.stack(grads))


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
        (ResNet(), False), (LSTM(1, 8), True), (LSTM(2, 32), False), (LSTM(3, 100), False),
        (Custom(nn.Conv1d(1, 2, 3)), False),
    ],
    ids=str,
)  # fmt: skip
def test_wide_networks_are_stacked_on_accelerators_only(architecture, expected):
    assert architecture.stacks_on(torch.device("cpu")) is expected
    assert architecture.stacks_on(torch.device("cuda")) is architecture.stackable
