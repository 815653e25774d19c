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
from dataclasses import replace
from math import isfinite
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
    shape_of,
    shape_of_output,
)
from gdpd_sklearn.networks import (
    Architecture,
    Bank,
    KeptStates,
    resume,
    schedule_state,
)
from gdpd_sklearn.recipes import TrainingPlan, supervised_loss
from gdpd_sklearn.training._branches import Branch, Trained, TrainingState, stages_of, take_back
from gdpd_sklearn.training._capture import Recorder, Repeated, Replays, own_stream, recorder_for
from gdpd_sklearn.training._forward import Forward, Trainable
from gdpd_sklearn.training._history import figures_as_numbers
from gdpd_sklearn.training._loop import Figures, Gradients, run_epoch
from gdpd_sklearn.training._quick_adam import QuickAdam
from gdpd_sklearn.training._step import BatchStep, Source, SourceState

__all__ = ["Run", "train"]

# Members of a bank that are trained at once. It bounds the memory: between 24 and 72 small FCN the
# time per member was the same within the noise. A GPU is not filled by these.
_MAX_MEMBERS = {"cpu": 48, "cuda": 192}


class Run(NamedTuple):
    """One training: numbers of a source and of a prefix length in its view, and a distiller."""

    source: int
    point: int
    distiller: Distiller


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
                    done[run] = branch.finish(plan, label, last=run == branch.runs[-1])
    return [done[run] for run in range(len(runs))]


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
        self.stages = [stages_of(run.distiller, plan.n_epochs) for run in runs]
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

    def start(self) -> TrainingState:
        """Make the branches at the start: one for each source and prefix length of a run."""
        branches: dict[tuple[int, int], Branch] = {}
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
                branches[s, point] = Branch(s, point, trainable)
                trainable = copy.deepcopy(trainable)
            branches[s, point].runs.append(number)
        return TrainingState(0, list(branches.values()), states)

    def split(self, training: TrainingState) -> list[TrainingState]:
        """Split what differs from here on into banks of as many members as the device fills."""
        most = _MAX_MEMBERS.get(self.device.type, _MAX_MEMBERS["cpu"])
        return training.split(self.stages, most)

    def train_until_split(self, training: TrainingState) -> None:
        """Train until the next split, or the end."""
        until = training.next_split(self.stages, self.plan.n_epochs)
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
            if all(branch.stopped(self.plan) for branch in branches):
                until = self.plan.n_epochs
                break
        training.schedule = schedule_state(optimizer, schedule)
        training.epoch = until
        take_back(bank, optimizer, branches, states, of_priors)

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

    def _hand_out_priors(
        self, training: TrainingState, transfers: bool, trains_prior: bool
    ) -> Forward:
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
        branches: Sequence[Branch],
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
            if branch.stopped(self.plan):
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
