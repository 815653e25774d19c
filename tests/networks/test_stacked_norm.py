"""Stacked batch norms against PyTorch's, member by member."""

import copy

import pytest
import torch
from stacked_tensors import B, P, tensor
from torch import nn
from torch.nn.functional import batch_norm

from gdpd_sklearn.networks import Bank
from gdpd_sklearn.networks._stacked_norm import normalise_in_training


def test_batch_norm_of_features_without_steps():
    members = [nn.BatchNorm1d(4).double() for _ in range(3)]
    x = tensor(3, B, 4)
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
        for values in (*member.parameters(), member.running_mean):
            nn.init.normal_(values)
        nn.init.uniform_(member.running_var, 0.5, 2.0)
    x = tensor(P, *shape)
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
    x, weight, bias = tensor(4, 3), tensor(4, seed=1), tensor(4, seed=2)

    def normalise(x, weight, bias):
        statistics = torch.zeros(2, 4, dtype=torch.float64)
        return normalise_in_training(x, weight, bias, *statistics, 0.1, 1e-5)

    assert torch.autograd.gradcheck(normalise, (x, weight, bias))
    x = tensor(60, n, seed=3) + 100.0
    weight, bias = tensor(60, seed=4), tensor(60, seed=5)
    ours, theirs = torch.zeros(2, 2, 60, dtype=torch.float64)
    found = normalise_in_training(x, weight, bias, *ours, 0.1, 1e-5)
    expected = batch_norm(x[None], *theirs, weight, bias, True, 0.1, 1e-5)[0]
    torch.testing.assert_close(found, expected)
    torch.testing.assert_close(ours, theirs)
