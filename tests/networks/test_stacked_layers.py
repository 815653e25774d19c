"""Layers of a stacked bank against PyTorch's own, member by member: values and gradients."""

import copy

import pytest
import torch
from stacked_tensors import B, P, T, tensor
from torch import nn

from gdpd_sklearn.networks import ARCHITECTURES, FCN, LITE, LSTM, Bank, Custom, ResNet

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
    x = tensor(3, B, 2, T)
    expected = torch.stack([copy.deepcopy(m)(x[i]) for i, m in enumerate(members)])
    found = Bank(members, stacked=True)(lambda module, x: module(x), (x,))
    torch.testing.assert_close(found, expected)


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
