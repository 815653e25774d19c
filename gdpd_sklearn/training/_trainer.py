"""The trainer: runs side by side, each as long as it can be the same as others.

A *run* trains one student: a source (cases and seed), a prefix length, a distiller. A plain fit is
one run. Runs of one source and prefix that differ only in what the distiller schedules (λ,
warm-up) are the same training until their schedules differ. So runs form a tree:

1. Runs that have gone the same way so far are one *branch*; branches train as a bank as long as
   they are in a stage of one kind and none has to be split.
2. There the training splits: branches are copied with the state of the optimiser and of the
   schedule, the prior, the generators and the best weights so far; those that go on in the same
   way form the next bank.
3. Every run ends with the student it would have had alone: exactly, where the bank loops, and up to
   rounding where it is stacked.

Sources need not have the same cases, nor draw the same batches, only as many of them: members have
inputs of their own. A prior belongs to its source. While it learns from the teacher alone it is
trained once for all branches of the source; one that learns from the transfer too belongs to a
branch of its own.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from itertools import pairwise
from math import isfinite, nan
from typing import NamedTuple

import torch
from torch import Tensor

from gdpd_sklearn._isolation import isolated_torch_seed
from gdpd_sklearn._progress import Epochs
from gdpd_sklearn._seeding import stream_seed
from gdpd_sklearn.data import MappedSeries
from gdpd_sklearn.distillers import (
    Distiller,
    FeatureShape,
    Progress,
    Stage,
    shape_of,
    shape_of_output,
)
from gdpd_sklearn.networks import (
    Architecture,
    Bank,
    KeptStates,
    Network,
    OptimizerState,
    ScheduleState,
    is_finite,
    member_states,
    resume,
    schedule_state,
    state_of,
)
from gdpd_sklearn.recipes import DivergedError, TrainingPlan, supervised_loss
from gdpd_sklearn.training._capture import Recorder, Repeated, Replays, own_stream, recorder_for
from gdpd_sklearn.training._forward import Forward, Trainable
from gdpd_sklearn.training._history import Row, figures_as_numbers
from gdpd_sklearn.training._loop import Best, Figures, Gradients, run_epoch
from gdpd_sklearn.training._quick_adam import QuickAdam
from gdpd_sklearn.training._step import BatchStep, Source, SourceState

__all__ = ["Run", "Trained", "train"]

# Members of a bank that are trained at once. It bounds the memory: between 24 and 72 small FCN the
# time per member was the same within the noise. A GPU is not filled by these.
_MAX_MEMBERS = {"cpu": 48, "cuda": 192}


class Run(NamedTuple):
    """One training: numbers of a source and of a prefix length in its view, and a distiller."""

    source: int
    point: int
    distiller: Distiller


class Trained(NamedTuple):
    """What a run ends with: the student, its figures epoch by epoch, and whether it diverged."""

    student: Network
    rows: list[Row]
    failure: DivergedError | None = None


def train(
    architecture: Architecture,
    sources: Sequence[Source],
    runs: Sequence[Run],
    n_classes: int,
    plan: TrainingPlan,
    *,
    class_weight: Tensor | None = None,
    label: str = "student",
    verbose: int = 0,
    on_epoch: Callable[[int], None] | None = None,
) -> list[Trained]:
    """Train the student of every run.

    Parameters
    ----------
    architecture : Architecture
        Of the students.
    sources : sequence of Source
        A view that does not stretch asks for a causal student, which reads a batch once and answers
        at every prefix. To the distiller these answers are a batch of V · B cases.
    runs : sequence of Run
        Distillers may differ in their ``schedule_parameters`` alone.
    n_classes : int
    plan : TrainingPlan
    class_weight : Tensor of shape (K,), optional
    label, verbose
        Shown progress.
    on_epoch : callable, optional
        Called with the number of an epoch before its first step.

    Returns
    -------
    list of Trained
        Run by run.
    """
    trainer = _Trainer(
        architecture, sources, runs, n_classes, plan, class_weight, label, verbose, on_epoch
    )
    done: dict[int, Trained] = {}
    seed = stream_seed(sources[0].seed, "dropout")
    with own_stream(trainer.device), ExitStack() as contexts:
        waiting = trainer.split(trainer.start())
        if architecture.draws:
            contexts.enter_context(isolated_torch_seed(seed))
        while waiting:
            training = waiting.pop()
            trainer.train_until_split(training)
            if training.epoch < plan.n_epochs:
                waiting += trainer.split(training)
                continue
            for branch in training.branches:
                for run in branch.runs:
                    done[run] = trainer.finish(branch, last=run == branch.runs[-1])
    return [done[run] for run in range(len(runs))]


@dataclass
class _Branch:
    """A student in training, for all runs that have gone the same way so far."""

    source: int
    point: int
    trainable: Trainable
    runs: list[int] = field(default_factory=list)
    optimizer: OptimizerState = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    best: Best = field(default_factory=Best)
    failure: DivergedError | None = None

    def fork(self) -> _Branch:
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


@dataclass
class _Training:
    """Everything that a bank needs to go on from an epoch."""

    epoch: int
    branches: list[_Branch]
    states: dict[int, SourceState]
    schedule: ScheduleState | None = None


class _Trainer:
    """The steps of :func:`train`, with what does not change from one to the next."""

    def __init__(
        self,
        architecture: Architecture,
        sources: Sequence[Source],
        runs: Sequence[Run],
        n_classes: int,
        plan: TrainingPlan,
        class_weight: Tensor | None,
        label: str,
        verbose: int,
        on_epoch: Callable[[int], None] | None,
    ) -> None:
        self.architecture = architecture
        self.sources = sources
        self.runs = runs
        self.n_classes = n_classes
        self.plan = plan
        self.label = label
        self.verbose = verbose
        self.on_epoch = on_epoch
        self.distiller = runs[0].distiller
        self.stages = [_stages_of(run.distiller, plan.n_epochs) for run in runs]
        view = sources[0].view
        self.device = view.mean.device
        self.forward = Forward(
            self.distiller, view, torch.tensor(view.lengths, device=self.device), plan,
            supervised_loss(class_weight),
        )  # fmt: skip
        # what runs under vmap branches on no values, and may be recorded for the same reason
        self._records = (
            architecture.stackable and not architecture.draws and self.distiller.stackable
        )
        # new students of one source start from the same weights, whatever their prefix
        self.networks = [
            source.students[0] if source.students else architecture.build(
                int(source.view.mean.shape[0]), source.view.input_length, n_classes,
                stream_seed(source.seed, "weights 0"),
            )
            for source in sources
        ]  # fmt: skip
        self.shapes = self._shapes()

    def _shapes(self) -> tuple[FeatureShape, FeatureShape]:
        view, teacher = self.sources[0].view, self.sources[0].teacher
        student = shape_of(self.networks[0], int(view.mean.shape[0]), view.input_length)
        return student, student if teacher is None else shape_of_output(teacher)

    def start(self) -> _Training:
        """Make the branches at the start: one for each source and prefix length of a run."""
        branches: dict[tuple[int, int], _Branch] = {}
        states: dict[int, SourceState] = {}
        # in the order of sources, so that members of one lie side by side
        for number in sorted(range(len(self.runs)), key=lambda n: self.runs[n][:2]):
            s, point, _ = self.runs[number]
            if s not in states:
                with isolated_torch_seed(stream_seed(self.sources[s].seed, "adapters")):
                    adapter = self.distiller.build_adapter(*self.shapes)
                    prior = self.distiller.build_prior(*self.shapes)
                trainable = Trainable(self.networks[s], adapter).to(self.device)
                prior = None if prior is None else prior.to(self.device)
                states[s] = SourceState.start(self.sources[s], prior, self.device)
            if (s, point) not in branches:
                if given := self.sources[s].students:
                    trainable.student = copy.deepcopy(given[point]).to(self.device)
                branches[s, point] = _Branch(s, point, trainable)
                trainable = copy.deepcopy(trainable)
            branches[s, point].runs.append(number)
        return _Training(0, list(branches.values()), states)

    def split(self, training: _Training) -> list[_Training]:
        """Split runs whose schedules differ from here on; give the trainings that go on."""
        epoch = training.epoch
        kinds: dict[tuple[bool, bool, bool], list[_Branch]] = {}
        for branch in training.branches:
            courses: dict[Stage, list[int]] = {}
            for run in branch.runs:
                courses.setdefault(self.stages[run][epoch], []).append(run)
            for stage, runs in courses.items():
                own = branch if len(courses) == 1 else branch.fork()
                own.runs = runs
                kinds.setdefault(stage.kind, []).append(own)
        most = _MAX_MEMBERS.get(self.device.type, _MAX_MEMBERS["cpu"])
        parts = [part for kind, branches in kinds.items() for part in _banks(branches, kind, most)]
        if len(parts) == 1:
            return [replace(training, branches=parts[0])]
        trainings = []
        for part in parts:
            # in the order of the branches, as a step has them
            sources = dict.fromkeys(branch.source for branch in part)
            states = {s: training.states[s].fork() for s in sources}
            trainings.append(_Training(epoch, part, states, training.schedule))
        return trainings

    def _next_split(self, training: _Training) -> int:
        """Find the first epoch in which runs have to be split or the stage is of another kind."""
        now = self.stages[training.branches[0].runs[0]][training.epoch]
        for epoch in range(training.epoch + 1, self.plan.n_epochs):
            for branch in training.branches:
                stages = {self.stages[run][epoch] for run in branch.runs}
                if len(stages) > 1 or stages.pop().kind != now.kind:
                    return epoch
        return self.plan.n_epochs

    def train_until_split(self, training: _Training) -> None:
        """Train until the next split, or the end."""
        until = self._next_split(training)
        branches, states = training.branches, list(training.states.values())
        transfers, trains_prior, selects = self.stages[branches[0].runs[0]][training.epoch].kind
        forward = self._hand_out_priors(training, transfers, trains_prior)
        bank = Bank(
            [branch.trainable for branch in branches],
            stacked=self.architecture.stacks_on(self.device) and self.distiller.stackable,
        )
        of_priors = [
            list(state.prior.parameters())
            for state in states
            if state.prior is not None and trains_prior
        ]
        optimizer, schedule = self.plan.build_optimizer(
            [*bank.trainable, *(p for parameters in of_priors for p in parameters)],
            len(states[0].source.train),
        )
        if training.schedule is not None:
            resume(
                optimizer, schedule, training.schedule, bank,
                [branch.optimizer for branch in branches],
                [state.optimizer for state in states] if of_priors else [],
            )  # fmt: skip
        step = BatchStep(
            bank, forward, self.shapes, states,
            [[b.point for b in branches if b.source == s] for s in training.states],
            [self.stages[branch.runs[0]] for branch in branches],
        )  # fmt: skip
        gradients = Gradients(bank, step, optimizer, self.plan.max_gradient_norm, of_priors)
        replays, evaluate = self._replays(gradients, optimizer, step, states)
        quick = QuickAdam(optimizer)
        kept = KeptStates(bank, "student.")
        label = self.label if len(branches) == 1 else f"{len(branches)} {self.label}s"
        epochs = Epochs(until - training.epoch, label, self.verbose)
        for number in epochs:
            progress = Progress(training.epoch + number, self.plan.n_epochs)
            if self.on_epoch is not None:
                self.on_epoch(progress.epoch)
            bank.train()
            step.start_epoch(progress.epoch)
            figures = run_epoch(
                replays or gradients, step.batches(self.plan.batch_size), progress, quick, schedule
            )  # fmt: skip
            if self.device.type == "cuda":
                share = 0.0 if replays is None else replays.share
                figures["replayed"] = torch.full_like(figures["task_loss"], share)
            if states[0].source.validation is not None:
                bank.train(False)
                figures |= evaluate()
            epochs.show(number, self._record(kept, branches, progress, figures, selects))
            if all(map(self._stopped, branches)):
                until = self.plan.n_epochs
                break
        training.schedule = schedule_state(optimizer, schedule)
        training.epoch = until
        _take_back(bank, optimizer, branches, states, of_priors)

    def _replays(
        self,
        gradients: Gradients,
        optimizer: torch.optim.Optimizer,
        step: BatchStep,
        states: Sequence[SourceState],
    ) -> tuple[Replays | None, Callable[[], Figures]]:
        """Give replays of steps and of validation, where that is faster and known to be the same.

        Elsewhere none, and validation as it is.
        """
        recorder: Recorder | None = None
        if self._records and not any(isinstance(s.source.train.x, MappedSeries) for s in states):
            streams = [stream for state in states for stream in state.streams.values()]
            recorder = recorder_for(self.device, streams)
        if recorder is None:
            return None, step.evaluate
        parameters = optimizer.param_groups[0]["params"]
        return Replays(gradients, parameters, recorder), Repeated(step.evaluate, recorder)

    def finish(self, branch: _Branch, *, last: bool) -> Trained:
        """Take the student out; what is not finite is a failure, whatever hid it so far."""
        student, failure = branch.student(last=last), branch.failure
        if failure is None and not is_finite(student):
            epoch = int(branch.rows[-1]["epoch"])
            failure = self.plan.diverged(self.label, epoch, {"weights": nan})
        return Trained(student, list(branch.rows), failure)

    def _hand_out_priors(self, training: _Training, transfers: bool, trains_prior: bool) -> Forward:
        """Let the priors learn or rest, and give them to the students that are refined by them."""
        for state in training.states.values():
            if state.prior is not None:
                state.prior.requires_grad_(trains_prior).train(trains_prior)
                # a gradient left over would count when a member that holds the prior is clipped
                state.prior.zero_grad()
        if len(training.states) == 1 and transfers:
            (state,) = training.states.values()
            return replace(self.forward, prior=state.prior)
        for branch in training.branches:
            branch.trainable.prior = training.states[branch.source].prior if transfers else None
        return self.forward

    def _record(
        self,
        kept: KeptStates,
        branches: Sequence[_Branch],
        progress: Progress,
        figures: dict[str, Tensor],
        selects: bool,
    ) -> dict[str, list[float]]:
        """Note an epoch's figures, and the weights of students that were never better."""
        numbers = figures_as_numbers(figures)
        # a validation loss that is not finite may recover
        trained = [name for name in numbers if not name.startswith("validation")]
        better = []
        for p, branch in enumerate(branches):
            if self._stopped(branch):
                continue
            branch.rows.append(
                {"epoch": progress.epoch} | {name: values[p] for name, values in numbers.items()}
            )
            lost = {name: numbers[name][p] for name in trained if not isfinite(numbers[name][p])}
            if lost:
                branch.failure = self.plan.diverged(self.label, progress.epoch, lost)
            elif (
                selects
                and "validation_loss" in numbers
                and branch.best.offer(numbers["validation_loss"][p])
            ):
                better.append(p)
        for p, weights in zip(better, kept.take(better) if better else [], strict=True):
            branches[p].best.weights = weights
        return numbers

    def _stopped(self, branch: _Branch) -> bool:
        patience = self.plan.patience
        exhausted = patience is not None and branch.best.stale >= patience
        return exhausted or branch.failure is not None


def _take_back(
    bank: Bank,
    optimizer: torch.optim.Optimizer,
    branches: Sequence[_Branch],
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


def _stages_of(distiller: Distiller, n_epochs: int) -> tuple[Stage, ...]:
    """List the stages of a whole training."""
    stages = (distiller.stage(Progress(epoch, n_epochs)) for epoch in range(n_epochs))
    # a method without a prior has none to train, whatever it says
    return tuple(
        stage._replace(trains_prior=stage.trains_prior and distiller.uses_prior) for stage in stages
    )


def _banks(
    branches: list[_Branch], kind: tuple[bool, bool, bool], most: int
) -> list[list[_Branch]]:
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
