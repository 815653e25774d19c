"""The state of an optimiser, taken apart by member of a bank and put together for another bank."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.optim.lr_scheduler import LRScheduler

from gdpd_sklearn.networks._bank import Bank

__all__ = [
    "OptimizerState",
    "ScheduleState",
    "member_states",
    "resume",
    "schedule_state",
    "state_of",
]

OptimizerState = list[dict[str, Tensor]]
"""Parameter by parameter; empty where the optimiser has not touched it yet."""


class ScheduleState(NamedTuple):
    """How far an optimiser's settings and its schedule have moved on."""

    group: dict[str, Any]
    schedule: dict[str, Any]


def state_of(
    optimizer: torch.optim.Optimizer, parameters: Sequence[Tensor], member: int | None = None
) -> OptimizerState:
    """Copy the state of some parameters; of stacked ones that of one member."""
    return [
        {
            # the count of steps is one number for all members
            name: (tensor if member is None or name == "step" else tensor[member]).clone()
            for name, tensor in optimizer.state.get(parameter, {}).items()
        }
        for parameter in parameters
    ]


def member_states(optimizer: torch.optim.Optimizer, bank: Bank) -> list[OptimizerState]:
    """Copy the state of each member's parameters."""
    parameters = bank.trainable
    if bank.stacked:
        return [state_of(optimizer, parameters, p) for p in range(len(bank))]
    n = len(parameters) // len(bank)
    return [state_of(optimizer, parameters[p * n : (p + 1) * n]) for p in range(len(bank))]


def schedule_state(optimizer: torch.optim.Optimizer, schedule: LRScheduler) -> ScheduleState:
    """Copy what :func:`resume` needs beside the moments."""
    (group,) = optimizer.state_dict()["param_groups"]
    settings = {name: value for name, value in group.items() if name != "params"}
    return ScheduleState(settings, dict(schedule.state_dict()))


def resume(
    optimizer: torch.optim.Optimizer,
    schedule: LRScheduler,
    position: ScheduleState,
    bank: Bank,
    members: Sequence[OptimizerState],
    others: Sequence[OptimizerState],
) -> None:
    """Let a fresh optimiser and schedule go on where others have stopped.

    Parameters
    ----------
    optimizer, schedule
        Built for the bank's parameters and, behind them, further ones.
    position : ScheduleState
    bank : Bank
    members : sequence of OptimizerState, length P
    others : sequence of OptimizerState
        Of the further parameters, in their order.
    """
    if bank.stacked:
        own = [_stack(each) for each in zip(*members, strict=True)]
    else:
        own = [state for moments in members for state in moments]
    moments = [*own, *(state for each in others for state in each)]
    n_parameters = len(optimizer.param_groups[0]["params"])
    optimizer.load_state_dict(
        {
            # copied: load_state_dict keeps the tensors it is given
            "state": {
                i: {name: tensor.clone() for name, tensor in state.items()}
                for i, state in enumerate(moments)
                if state
            },
            "param_groups": [{**position.group, "params": list(range(n_parameters))}],
        }
    )
    schedule.load_state_dict(dict(position.schedule))


def _stack(states: Sequence[dict[str, Tensor]]) -> dict[str, Tensor]:
    return {
        name: tensor if name == "step" else torch.stack([state[name] for state in states])
        for name, tensor in states[0].items()
    }
