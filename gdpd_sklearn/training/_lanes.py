"""Many trainings side by side, each as long as it can be the same as others.

A *lane* is one training: a source (cases and seed), a prefix length, a distiller. Lanes of one
source and prefix that differ only in what the distiller schedules (λ, warm-up) are the same
training until their schedules differ. So the lanes form a tree:

1. Lanes that have gone the same way so far are one *member*; members train as a bank as long as
   they are in the same stage and none has to be parted.
2. There the training forks: members are copied with the optimiser's moments, the position of the
   learning rate's schedule, the prior and the states of all generators; those that go on in the
   same way form the next bank.
3. Every lane ends with the student it would have had alone: exactly, where the bank loops, and up
   to rounding where it is stacked.

Sources need not have the same cases, nor draw the same batches, only as many of them: members have
inputs of their own. A prior belongs to its source, and while it learns it is trained once for all
members of it.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from gdpd_sklearn._seeding import isolated_torch_seed, stream_seed
from gdpd_sklearn.distillers import Distiller, FeatureShape, Progress
from gdpd_sklearn.networks import Architecture, Bank, Network
from gdpd_sklearn.training._history import History
from gdpd_sklearn.training._lane_step import LaneStep, Source, SourceState
from gdpd_sklearn.training._lesson import Lesson, Pupil
from gdpd_sklearn.training._loop import Selection, run_epoch
from gdpd_sklearn.training._moments import (
    Clock,
    Moments,
    member_moments,
    moments_of,
    read_clock,
    resume,
)
from gdpd_sklearn.training._plan import TrainingPlan
from gdpd_sklearn.training._progress import Epochs
from gdpd_sklearn.training._stages import stages_of
from gdpd_sklearn.training._students import shape_of, shape_of_output

__all__ = ["Lane", "train_lanes"]

# Members of a bank that are trained at once. It bounds the memory: between 24 and 72 small FCN the
# time per member was the same within the noise.
_MAX_MEMBERS = 48

Trained = tuple[Network, list[dict[str, float]]]


class Lane(NamedTuple):
    """One training: numbers of a source and of a prefix length in its view, and a distiller."""

    source: int
    point: int
    distiller: Distiller


@dataclass
class _Member:
    """A pupil in training, for all lanes that have gone the same way so far."""

    source: int
    point: int
    pupil: Pupil
    lanes: list[int] = field(default_factory=list)
    moments: Moments = field(default_factory=list)
    past: list[tuple[History, int]] = field(default_factory=list)

    def fork(self) -> _Member:
        """Copy the pupil, for other lanes; moments and past are never changed in place."""
        pupil = copy.deepcopy(self.pupil)
        return _Member(self.source, self.point, pupil, [], self.moments, list(self.past))


@dataclass
class _Training:
    """Everything that a bank needs to go on from an epoch."""

    epoch: int
    members: list[_Member]
    states: dict[int, SourceState]
    clock: Clock | None = None


def train_lanes(
    architecture: Architecture,
    sources: Sequence[Source],
    lanes: Sequence[Lane],
    n_classes: int,
    plan: TrainingPlan,
    *,
    class_weight: Tensor | None,
    verbose: int,
) -> list[Trained]:
    """Train the student of every lane.

    Parameters
    ----------
    architecture : Architecture
        Of the students.
    sources : sequence of Source
    lanes : sequence of Lane
        Distillers may differ in their ``schedule_parameters`` alone, and ``can_fork`` holds for
        each.
    n_classes : int
    plan : TrainingPlan
    class_weight : Tensor of shape (K,), optional
    verbose : int

    Returns
    -------
    list of (Network, list of dict)
        Student and figures per epoch, lane by lane.
    """
    tree = _Tree(architecture, sources, lanes, n_classes, plan, class_weight, verbose)
    growing = tree.fork(tree.plant())
    done: dict[int, Trained] = {}
    while growing:
        training = growing.pop()
        tree.grow(training)
        if training.epoch < plan.n_epochs:
            growing += tree.fork(training)
            continue
        for member in training.members:
            past = [row for history, p in member.past for row in history.of_member(p)]
            for lane in member.lanes:
                done[lane] = (copy.deepcopy(member.pupil.student), past)
    return [done[lane] for lane in range(len(lanes))]


class _Tree:
    """The steps of :func:`train_lanes`, with what does not change from one to the next."""

    def __init__(
        self,
        architecture: Architecture,
        sources: Sequence[Source],
        lanes: Sequence[Lane],
        n_classes: int,
        plan: TrainingPlan,
        class_weight: Tensor | None,
        verbose: int,
    ) -> None:
        self.architecture = architecture
        self.sources = sources
        self.lanes = lanes
        self.n_classes = n_classes
        self.plan = plan
        self.verbose = verbose
        self.distiller = lanes[0].distiller
        self.stages = [stages_of(lane.distiller, plan.n_epochs) for lane in lanes]
        view = sources[0].view
        self.device = view.mean.device
        lengths = torch.tensor(view.lengths, device=self.device)
        loss_of = partial(cross_entropy, weight=class_weight)
        self.lesson = Lesson(self.distiller, view, lengths, plan, loss_of)
        self.shapes = self._shapes()

    def _build(self, seed: int) -> Network:
        view = self.sources[0].view
        return self.architecture.build(
            int(view.mean.shape[0]), view.input_length, self.n_classes, seed
        )

    def _shapes(self) -> tuple[FeatureShape, FeatureShape]:
        source = self.sources[0]
        n_channels, n_timepoints = int(source.view.mean.shape[0]), source.view.input_length
        student = shape_of(self._build(0), n_channels, n_timepoints)
        return student, student if source.teacher is None else shape_of_output(source.teacher)

    def plant(self) -> _Training:
        """Make the pupils at the start: one for each source and prefix length that a lane has."""
        members: dict[tuple[int, int], _Member] = {}
        states: dict[int, SourceState] = {}
        # in the order of sources, so that members of one lie side by side
        for number in sorted(range(len(self.lanes)), key=lambda n: self.lanes[n][:2]):
            s, point, _ = self.lanes[number]
            seed = self.sources[s].seed
            if s not in states:
                with isolated_torch_seed(stream_seed(seed, "adapters")):
                    adapter = self.distiller.build_adapter(*self.shapes)
                    prior = self.distiller.build_prior(*self.shapes)
                network = self._build(stream_seed(seed, "weights 0"))
                pupil = Pupil(network, adapter).to(self.device)
                prior = None if prior is None else prior.to(self.device)
                states[s] = SourceState.start(self.sources[s], prior, self.device)
            if (s, point) not in members:
                members[s, point] = _Member(s, point, copy.deepcopy(pupil))
            members[s, point].lanes.append(number)
        return _Training(0, list(members.values()), states)

    def fork(self, training: _Training) -> list[_Training]:
        """Part lanes whose schedules differ from here on; give the trainings that go on."""
        epoch = training.epoch
        branches: dict[Any, dict[Any, _Member]] = {}
        for i, member in enumerate(training.members):
            for lane in member.lanes:
                stage = self.stages[lane][epoch]
                # a member that selects is not parted later: what it has selected would be lost
                course = self.stages[lane] if stage.selects else stage
                branch = branches.setdefault(stage.kind, {})
                if (i, course) not in branch:
                    branch[i, course] = member.fork()
                branch[i, course].lanes.append(lane)
        return [
            _Training(
                epoch, part, {s: training.states[s].fork() for s in _sources_of(part)},
                training.clock,
            )
            for (_, trains_prior, _), branch in branches.items()
            for part in _parts(list(branch.values()), together=trains_prior)
        ]  # fmt: skip

    def _next_fork(self, training: _Training) -> int:
        """Find the first epoch in which lanes have to be parted or the stage is another."""
        now = self.stages[training.members[0].lanes[0]][training.epoch]
        if now.selects:
            return self.plan.n_epochs
        for epoch in range(training.epoch + 1, self.plan.n_epochs):
            for member in training.members:
                stages = {self.stages[lane][epoch] for lane in member.lanes}
                if len(stages) > 1 or stages.pop().kind != now.kind:
                    return epoch
        return self.plan.n_epochs

    def grow(self, training: _Training) -> None:
        """Train until the next fork, or the end."""
        until = self._next_fork(training)
        members, states = training.members, list(training.states.values())
        first = members[0].lanes[0]
        transfers, trains_prior, selects = self.stages[first][training.epoch].kind
        for state in states:
            if state.prior is not None:
                state.prior.requires_grad_(trains_prior).train(trains_prior)
        for member in members:
            member.pupil.prior = training.states[member.source].prior if transfers else None
        bank = Bank(
            [member.pupil for member in members],
            stacked=self.architecture.stacks_on(self.device) and self.distiller.stackable,
        )
        priors = [s.prior for s in states if s.prior is not None and trains_prior]
        of_priors = [list(prior.parameters()) for prior in priors]
        optimizer, schedule = self.plan.build_optimizer(
            [*bank.trainable, *(p for parameters in of_priors for p in parameters)],
            len(states[0].source.train),
        )
        if training.clock is not None:
            resume(
                optimizer, schedule, training.clock, bank,
                [member.moments for member in members],
                [state.moments for state in states] if priors else [],
            )  # fmt: skip
        step = LaneStep(
            bank, self.lesson, self.shapes, states,
            [[m.point for m in members if m.source == s] for s in training.states],
            [self.stages[member.lanes[0]] for member in members],
        )  # fmt: skip
        history, selection = History(), Selection(bank)
        epochs = Epochs(until - training.epoch, f"{len(members)} students", self.verbose)
        for number in epochs:
            progress = Progress(training.epoch + number, self.plan.n_epochs)
            bank.train()
            means = run_epoch(
                bank, step, step.batches(self.plan.batch_size), progress, optimizer, schedule,
                self.plan.max_gradient_norm, of_priors,
            )  # fmt: skip
            if states[0].source.validation is not None:
                bank.train(False)
                means |= step.evaluate()
                if selects:
                    selection.offer(means["validation_loss"])
            epochs.show(number, history.add(progress.epoch, means))
        selection.restore()
        bank.train(False)
        bank.members()
        for p, moments in enumerate(member_moments(optimizer, bank)):
            members[p].pupil.prior = None
            members[p].moments = moments
            members[p].past.append((history, p))
        for state, parameters in zip(states, of_priors, strict=False):
            state.moments = moments_of(optimizer, parameters)
        training.clock = read_clock(optimizer, schedule)
        training.epoch = until


def _sources_of(members: Sequence[_Member]) -> list[int]:
    """Numbers of the sources, in the order of the members."""
    return list(dict.fromkeys(member.source for member in members))


def _parts(members: list[_Member], together: bool) -> list[list[_Member]]:
    """Part members into banks of bounded size.

    Not where a prior learns: it is trained once for all members of its source.
    """
    n_parts = 1 if together else -(-len(members) // _MAX_MEMBERS)
    cuts = [part * len(members) // n_parts for part in range(n_parts + 1)]
    return [members[low:high] for low, high in pairwise(cuts)]
