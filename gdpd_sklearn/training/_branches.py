"""Branches: students in training, each for all runs that have gone the same way so far."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from math import nan
from typing import NamedTuple, TypeAlias

import torch
from torch import Tensor

from gdpd_sklearn.distillers import Distiller, Progress, Stage
from gdpd_sklearn.networks import (
    Bank,
    Network,
    OptimizerState,
    ScheduleState,
    is_finite,
    member_states,
    state_of,
)
from gdpd_sklearn.recipes import DivergedError, TrainingPlan
from gdpd_sklearn.training._forward import Trainable
from gdpd_sklearn.training._history import Row
from gdpd_sklearn.training._loop import Best
from gdpd_sklearn.training._step import SourceState

__all__ = ["Branch", "Stages", "Trained", "TrainingState", "stages_of", "take_back"]

Stages: TypeAlias = Sequence[tuple[Stage, ...]]
"""What the distiller of each run schedules, epoch by epoch."""


class Trained(NamedTuple):
    """What a run ends with: the student, its figures epoch by epoch, and whether it diverged."""

    student: Network
    rows: list[Row]
    failure: DivergedError | None = None


@dataclass
class Branch:
    """A student in training, for all runs that have gone the same way so far."""

    source: int
    point: int
    trainable: Trainable
    runs: list[int] = field(default_factory=list)
    optimizer: OptimizerState = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    best: Best = field(default_factory=Best)
    failure: DivergedError | None = None

    def fork(self) -> Branch:
        """Copy all that moves; an optimiser's state is never changed in place."""
        return replace(
            self,
            trainable=copy.deepcopy(self.trainable),
            rows=list(self.rows),
            best=replace(self.best),
        )

    def student(self, *, last: bool) -> Network:
        """Give the student, with its best weights where any were looked for.

        A copy, but for the last who asks: to copy one takes milliseconds.
        """
        student = self.trainable.student if last else copy.deepcopy(self.trainable.student)
        if self.best.weights is not None:
            student.load_state_dict(self.best.weights)
        return student.eval()

    def finish(self, plan: TrainingPlan, label: str, *, last: bool) -> Trained:
        """Take the student out; what is not finite is a failure, whatever hid it so far."""
        student, failure = self.student(last=last), self.failure
        if failure is None and not is_finite(student):
            epoch = int(self.rows[-1]["epoch"])
            failure = plan.diverged(label, epoch, {"weights": nan})
        return Trained(student, list(self.rows), failure)

    def stopped(self, plan: TrainingPlan) -> bool:
        """Tell whether the student learns no more: its patience is over, or it diverged."""
        exhausted = plan.patience is not None and self.best.stale >= plan.patience
        return exhausted or self.failure is not None


@dataclass
class TrainingState:
    """Everything that a bank needs to go on from an epoch."""

    epoch: int
    branches: list[Branch]
    states: dict[int, SourceState]
    schedule: ScheduleState | None = None

    def split(self, stages: Stages, most: int) -> list[TrainingState]:
        """Split runs whose schedules differ from here on; give the trainings that go on.

        Banks have ``most`` members.
        """
        kinds: dict[tuple[bool, bool, bool], list[Branch]] = {}
        for branch in self.branches:
            courses: dict[Stage, list[int]] = {}
            for run in branch.runs:
                courses.setdefault(stages[run][self.epoch], []).append(run)
            for stage, runs in courses.items():
                own = branch if len(courses) == 1 else branch.fork()
                own.runs = runs
                kinds.setdefault(stage.kind, []).append(own)
        parts = [part for kind, branches in kinds.items() for part in _banks(branches, kind, most)]
        if len(parts) == 1:
            return [replace(self, branches=parts[0])]
        trainings = []
        for part in parts:
            # in the order of the branches, as a step has them
            sources = dict.fromkeys(branch.source for branch in part)
            states = {s: self.states[s].fork() for s in sources}
            trainings.append(TrainingState(self.epoch, part, states, self.schedule))
        return trainings

    def next_split(self, stages: Stages, n_epochs: int) -> int:
        """Find the first epoch in which runs have to be split or the stage is of another kind."""
        now = stages[self.branches[0].runs[0]][self.epoch]
        for epoch in range(self.epoch + 1, n_epochs):
            for branch in self.branches:
                own = {stages[run][epoch] for run in branch.runs}
                if len(own) > 1 or own.pop().kind != now.kind:
                    return epoch
        return n_epochs


def take_back(
    bank: Bank,
    optimizer: torch.optim.Optimizer,
    branches: Sequence[Branch],
    states: Sequence[SourceState],
    of_priors: Sequence[Sequence[Tensor]],
) -> None:
    """Take weights and the optimiser's state out of a bank, branch by branch."""
    bank.train(False)
    bank.members()
    for branch, state in zip(branches, member_states(optimizer, bank), strict=True):
        branch.trainable.prior = None
        branch.optimizer = state
    for source, parameters in zip(states, of_priors, strict=False):
        source.optimizer = state_of(optimizer, parameters)


def stages_of(distiller: Distiller, n_epochs: int) -> tuple[Stage, ...]:
    """List the stages of a whole training."""
    stages = (distiller.stage(Progress(epoch, n_epochs)) for epoch in range(n_epochs))
    # a method without a prior has none to train, whatever it says
    return tuple(
        stage._replace(trains_prior=stage.trains_prior and distiller.uses_prior) for stage in stages
    )


def _banks(branches: list[Branch], kind: tuple[bool, bool, bool], most: int) -> list[list[Branch]]:
    """Split branches into banks of so many members at most.

    A prior that learns from the teacher alone keeps its source together, so that it is trained
    once; one that learns from the transfer too is the branch's own.
    """
    transfers, trains_prior, _ = kind
    if trains_prior:
        return [[branch] for branch in branches] if transfers else [branches]
    n_banks = -(-len(branches) // most)
    cuts = [bank * len(branches) // n_banks for bank in range(n_banks + 1)]
    return [branches[low:high] for low, high in pairwise(cuts)]
