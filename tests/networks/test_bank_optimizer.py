"""An optimiser's state, member by member, and an optimiser that goes on with it."""

import copy

import pytest
import torch
from torch import nn
from torch.optim.lr_scheduler import StepLR

from gdpd_sklearn.networks import Bank, member_states, resume, schedule_state, state_of

P, N_STEPS = 3, 5


def make_members():
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return [nn.Linear(3, 2) for _ in range(P)]


def optimise(parameters):
    optimizer = torch.optim.AdamW(parameters, lr=0.1, weight_decay=0.1)
    return optimizer, StepLR(optimizer, 2, gamma=0.5)


def inputs(p):
    return torch.linspace(-1, 1, 4 * 3).view(4, 3) * (p + 1)


def step(bank, optimizer, schedule, n_steps, others=()):
    """Steps on the losses of all members and of further parameters."""
    for _ in range(n_steps):
        optimizer.zero_grad()
        x = torch.stack([inputs(p) for p in range(len(bank))])
        loss = bank(lambda module, x: module(x).square().sum(), (x,)).sum()
        (loss + sum(p.square().sum() for p in others)).backward()
        optimizer.step()
        schedule.step()


@pytest.mark.parametrize("then", [False, True], ids=["looped then", "stacked then"])
@pytest.mark.parametrize("first", [False, True], ids=["looped", "stacked"])
def test_going_on_is_never_having_stopped(first, then):
    whole = Bank(make_members(), False)
    never = optimise(whole.trainable)
    step(whole, *never, 2 * N_STEPS)

    bank = Bank(make_members(), first)
    optimizer, schedule = optimise(bank.trainable)
    step(bank, optimizer, schedule, N_STEPS)
    states, position = member_states(optimizer, bank), schedule_state(optimizer, schedule)
    later = Bank(copy.deepcopy(bank.members()), then)
    optimizer, schedule = optimise(later.trainable)
    resume(optimizer, schedule, position, later, states, [])
    step(later, optimizer, schedule, N_STEPS)

    assert schedule.get_last_lr() == never[1].get_last_lr()
    for mine, other in zip(later.members(), whole.members(), strict=True):
        torch.testing.assert_close(mine.state_dict(), other.state_dict())


@pytest.mark.parametrize("stacked", [False, True])
def test_members_are_told_apart(stacked):
    bank = Bank(make_members(), stacked)
    optimizer, schedule = optimise(bank.trainable)
    step(bank, optimizer, schedule, N_STEPS)
    states = member_states(optimizer, bank)
    for p in range(P):
        x = inputs(p)
        alone = make_members()[p]
        single = torch.optim.AdamW(alone.parameters(), lr=0.1, weight_decay=0.1)
        plan = StepLR(single, 2, gamma=0.5)
        for _ in range(N_STEPS):
            single.zero_grad()
            alone(x).square().sum().backward()
            single.step()
            plan.step()
        for mine, parameter in zip(states[p], alone.parameters(), strict=True):
            assert mine.keys() == single.state[parameter].keys()
            for name, tensor in single.state[parameter].items():
                torch.testing.assert_close(mine[name], tensor)


def test_further_parameters_go_on_too_and_copies_are_not_shared():
    prior = nn.Parameter(torch.tensor([1.0, -2.0]))
    bank = Bank(make_members(), True)
    optimizer, schedule = optimise([*bank.trainable, prior])
    step(bank, optimizer, schedule, N_STEPS, [prior])
    states, others = member_states(optimizer, bank), state_of(optimizer, [prior])
    position = schedule_state(optimizer, schedule)
    kept = copy.deepcopy(others)
    values = prior.detach().clone()
    step(bank, optimizer, schedule, N_STEPS, [prior])

    twin = nn.Parameter(values)
    again = Bank(make_members(), True)
    optimizer, schedule = optimise([*again.trainable, twin])
    resume(optimizer, schedule, position, again, states, [others])
    step(again, optimizer, schedule, N_STEPS, [twin])
    torch.testing.assert_close(twin, prior)
    for name, tensor in kept[0].items():
        assert torch.equal(others[0][name], tensor), name


def test_an_optimiser_that_has_not_moved_has_no_state():
    bank = Bank(make_members(), True)
    optimizer, _ = optimise(bank.trainable)
    assert member_states(optimizer, bank) == [[{}, {}]] * P
