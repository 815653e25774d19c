"""Quick steps move weights to the last bit as the optimiser's own do."""

import copy

import pytest
import torch
from torch import nn

from gdpd_sklearn.recipes import OPTIMIZERS, TrainingPlan
from gdpd_sklearn.training._quick_adam import QuickAdam


def build(optimizer, schedule):
    model = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 2), nn.Linear(2, 2))
    with torch.no_grad():
        for i, parameter in enumerate(model.parameters()):
            parameter.copy_(torch.linspace(-1, 1, parameter.numel()).view_as(parameter) / (i + 1))
    plan = TrainingPlan(
        n_epochs=40, batch_size=4, learning_rate=0.05, optimizer=optimizer, weight_decay=0.01,
        schedule=schedule, max_gradient_norm=None, patience=None,
    )  # fmt: skip
    return model, *plan.build_optimizer(list(model.parameters()), 4)


def descend(model, optimizer, schedule, step, n_steps, used=4):
    x = torch.randn(4, 3, generator=torch.Generator().manual_seed(0))
    for _ in range(n_steps):
        optimizer.zero_grad(set_to_none=True)
        model[:used](x).square().sum().backward()
        step()
        schedule.step()


@pytest.mark.parametrize("schedule", ["one_cycle", "halving_epochs"])
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_same_bits_and_same_state(name, schedule):
    (mine, quick, of_mine), (other, plain, of_other) = (build(name, schedule) for _ in range(2))
    descend(mine, quick, of_mine, QuickAdam(quick).step, 35)
    descend(other, plain, of_other, plain.step, 35)
    for one, two in zip(mine.parameters(), other.parameters(), strict=True):
        assert torch.equal(one, two)
        for key, value in plain.state[two].items():
            assert torch.equal(quick.state[one][key], value)


def test_parameters_may_come_in_later():
    (mine, quick, of_mine), (other, plain, of_other) = (build("adam", "constant") for _ in range(2))
    step = QuickAdam(quick).step
    for used in (3, 4, 3):  # the last layer is used in between alone
        descend(mine, quick, of_mine, step, 3, used)
        descend(other, plain, of_other, plain.step, 3, used)
    for one, two in zip(mine.parameters(), other.parameters(), strict=True):
        assert torch.equal(one, two)


def test_the_optimiser_is_not_asked_after_its_first_step():
    model, optimizer, schedule = build("adam", "constant")
    asked = []
    own = optimizer.step
    optimizer.step = lambda: asked.append(1) or own()
    descend(model, optimizer, schedule, QuickAdam(optimizer).step, 5)
    assert len(asked) == 1


@pytest.mark.parametrize("kind", [torch.optim.SGD, torch.optim.NAdam])
def test_other_optimisers_take_their_own_steps(kind):
    mine = nn.Linear(2, 2)
    other = copy.deepcopy(mine)
    for model, quick in ((mine, True), (other, False)):
        optimizer = kind(model.parameters(), lr=0.1)
        step = QuickAdam(optimizer).step if quick else optimizer.step
        for _ in range(3):
            optimizer.zero_grad()
            model(torch.ones(1, 2)).square().sum().backward()
            step()
    assert torch.equal(mine.weight, other.weight)


def test_adam_that_is_not_fused_takes_its_own_steps():
    model = nn.Linear(2, 2)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.1, fused=False)
    quick, before = QuickAdam(optimizer), model.weight.detach().clone()
    for _ in range(3):
        model(torch.ones(1, 2)).sum().backward()
        quick.step()
    assert not torch.equal(model.weight, before)
