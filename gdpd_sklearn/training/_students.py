"""The one distilling step: P students of prefixes, one teacher, any method."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from gdpd_sklearn._seeding import isolated_torch_seed, stream_seed, torch_generator
from gdpd_sklearn.data import MappedSeries, PrefixView
from gdpd_sklearn.distillers import DistillationBatch, Distiller, FeatureShape, Progress
from gdpd_sklearn.networks import Architecture, Bank, Network, NetworkOutput
from gdpd_sklearn.training._history import History
from gdpd_sklearn.training._loop import Figures, run_epochs
from gdpd_sklearn.training._plan import TrainingPlan

__all__ = ["Cases", "train_students"]

# Validation cases per forward pass: bounds the memory, not the result.
_CHUNK = 1024


@dataclass(frozen=True)
class Cases:
    """Complete series and labels on the device.

    Attributes
    ----------
    x : Tensor or MappedSeries of shape (N, C, L)
        A mapped series reads its batches from a file.
    y : Tensor of int64, shape (N,)
    """

    x: Tensor | MappedSeries
    y: Tensor

    def __len__(self) -> int:
        return len(self.y)


class _Pupil(nn.Module):
    """A student with the adapter that its method needs: the member of the bank."""

    def __init__(self, student: Network, adapter: nn.Module) -> None:
        super().__init__()
        self.student = student
        self.adapter = adapter


def train_students(
    architecture: Architecture,
    distiller: Distiller,
    view: PrefixView,
    train: Cases,
    validation: Cases | None,
    teacher: NetworkOutput | None,
    n_classes: int,
    plan: TrainingPlan,
    *,
    class_weight: Tensor | None,
    seed: int,
    label: str,
    verbose: int,
) -> tuple[list[Network], History]:
    """Train one student for each prefix length of ``view``, together; or a causal one for all.

    A view that does not stretch asks for the one causal student: it reads a batch once and answers
    at every prefix. To the distiller these answers are a batch of P · B cases.

    Parameters
    ----------
    architecture : Architecture
        Of the students.
    distiller : Distiller
    view : PrefixView
        On the device, as are all tensors here.
    train, validation : Cases
        Complete series; the view cuts them. Without validation the last weights are taken.
    teacher : NetworkOutput or None
        Outputs for the training cases, in their order; needed unless the distiller uses none.
    n_classes : int
    plan : TrainingPlan
    class_weight : Tensor of shape (K,), optional
    seed : int
        Weights, batches and noise follow from it.
    label, verbose
        Shown progress.

    Returns
    -------
    students : list of Network
    history : History
    """
    device = view.mean.device
    n_channels = int(view.mean.shape[0])
    # members of the bank, and how often each of them sees a case of a batch
    n_members, n_views = (len(view.lengths), 1) if view.stretched else (1, len(view.lengths))
    lengths = torch.tensor(view.lengths, device=device)
    students = [
        architecture.build(
            n_channels, view.input_length, n_classes, stream_seed(seed, f"weights {p}")
        )
        for p in range(n_members)
    ]
    student_shape = _shape_of(students[0], n_channels, view.input_length)
    teacher_shape = student_shape if teacher is None else _shape(teacher)
    with isolated_torch_seed(stream_seed(seed, "adapters")):
        adapters = [distiller.build_adapter(student_shape, teacher_shape) for _ in students]
        prior = distiller.build_prior(student_shape, teacher_shape)
    prior = None if prior is None else prior.to(device)
    bank = Bank(
        [
            _Pupil(student, adapter).to(device)
            for student, adapter in zip(students, adapters, strict=True)
        ],
        stacked=architecture.stacks_on(device) and distiller.stackable,
    )
    noise_generator = torch_generator(stream_seed(seed, "noise"), device)
    prior_generator = torch_generator(stream_seed(seed, "prior"), device)
    loss_of = partial(cross_entropy, weight=class_weight)

    def member_loss(
        pupil: nn.Module,
        x: Tensor,
        noise: tuple[Tensor, ...],
        target: Tensor,
        teacher_batch: NetworkOutput | None,
        progress: Progress,
    ) -> tuple[Tensor, Tensor]:
        assert isinstance(pupil, _Pupil)
        output = _answers(pupil.student, x, view, lengths, plan, distiller.uses_feature_maps)
        task = loss_of(output.logits, target)
        if teacher_batch is None:
            return task, torch.zeros_like(task)
        batch = DistillationBatch(
            student=output,
            teacher=teacher_batch,
            target=target,
            task_loss=lambda logits: loss_of(logits, target),
            student_head=pupil.student.head,
            prior=prior,
            noise=noise,
            progress=progress,
        )
        return task, distiller.loss(batch, pupil.adapter)

    def step(indices: Tensor, progress: Progress) -> tuple[Tensor, Figures]:
        x, target = view.all_points(train.x[indices]), train.y[indices].repeat(n_views)
        task_weight = distiller.task_weight(progress)
        transfer_weight = distiller.transfer_weight(progress)
        prior_loss = _prior_step(distiller, prior, teacher, indices, progress, prior_generator)
        noise: tuple[Tensor, ...] = ()
        teacher_batch = None
        if transfer_weight != 0 and teacher is not None:
            if prior is not None and prior.training:
                prior.eval()
            teacher_batch = _rows(teacher, indices.repeat(n_views))
            drawn = [
                distiller.draw_noise(len(target), student_shape, teacher_shape, noise_generator)
                for _ in students
            ]
            noise = tuple(torch.stack(each) for each in zip(*drawn, strict=True))
        task, transfer = bank(member_loss, (x, noise), (target, teacher_batch, progress))
        loss = (task_weight * task + transfer_weight * transfer).sum()
        figures = {"task_loss": task.detach()}
        if distiller.uses_teacher:
            figures["transfer_loss"] = transfer.detach()
        if prior is not None:
            figures["prior_loss"] = prior_loss.detach().expand(n_members)
            loss = loss + prior_loss
        return loss, figures

    def evaluate() -> Figures:
        assert validation is not None
        return _evaluate(bank, view, lengths, plan, validation, loss_of)

    history = run_epochs(
        bank, step, plan, len(train), torch_generator(stream_seed(seed, "batches"), device),
        prior=prior, evaluate=None if validation is None else evaluate,
        selects=distiller.selects, label=label, verbose=verbose,
    )  # fmt: skip
    return [_student_of(member) for member in bank.members()], history


def _prior_step(
    distiller: Distiller,
    prior: nn.Module | None,
    teacher: NetworkOutput | None,
    indices: Tensor,
    progress: Progress,
    generator: torch.Generator,
) -> Tensor:
    """Loss of the prior on this batch, zero when it rests; in training mode while it learns.

    A resting prior is frozen: no gradient reaches it, and its batch norms keep their statistics.
    """
    zero = torch.zeros((), device=indices.device)
    if prior is None or teacher is None:
        return zero
    learns = distiller.trains_prior(progress)
    # switched where it changes only: the walk over all modules costs as much as a small layer
    if next(prior.parameters()).requires_grad != learns:
        prior.requires_grad_(learns)
    if prior.training != learns:
        prior.train(learns)
    if not learns:
        return zero
    return distiller.prior_loss(prior, _rows(teacher, indices), generator)  # type: ignore[arg-type]


@torch.no_grad()
def _evaluate(
    bank: Bank,
    view: PrefixView,
    lengths: Tensor,
    plan: TrainingPlan,
    cases: Cases,
    loss_of: partial[Tensor],
) -> Figures:
    """Compute validation loss and accuracy of every member, shape (P,)."""
    n_views = 1 if view.stretched else len(view.lengths)

    def answers(pupil: nn.Module, x: Tensor) -> Tensor:
        assert isinstance(pupil, _Pupil)
        logits = _answers(pupil.student, x, view, lengths, plan, False).logits
        return logits.unflatten(0, (n_views, -1))

    def figures(_: nn.Module, logits: Tensor, target: Tensor) -> tuple[Tensor, Tensor]:
        return loss_of(logits, target), (logits.argmax(-1) == target).float().mean()

    # chunk by chunk: feature maps of all validation cases at once would be much memory
    chunks = (cases.x[start : start + _CHUNK] for start in range(0, len(cases), _CHUNK))
    logits = torch.cat([bank(answers, (view.all_points(x),)) for x in chunks], dim=2)
    loss, accuracy = bank(figures, (logits.flatten(1, 2),), (cases.y.repeat(n_views),))
    return {"validation_loss": loss, "validation_accuracy": accuracy}


def _answers(
    student: Network,
    x: Tensor,
    view: PrefixView,
    lengths: Tensor,
    plan: TrainingPlan,
    feature_maps: bool,
) -> NetworkOutput:
    """Run a student on its prefixes, or a causal student on the series it answers along.

    Whatever precision the network runs in, losses and distillers get single precision.
    """
    with plan.autocast(x.device):
        output: NetworkOutput = (
            student(x)
            if view.stretched
            else student.at_steps(x, lengths, feature_maps=feature_maps)
        )
    return NetworkOutput(*(tensor.to(x.dtype) for tensor in output))


def _rows(output: NetworkOutput, indices: Tensor) -> NetworkOutput:
    return NetworkOutput(*(tensor[indices] for tensor in output))


def _shape(output: NetworkOutput) -> FeatureShape:
    return FeatureShape(output.pooled.shape[1], output.feature_map.shape[2], output.logits.shape[1])


@torch.no_grad()
def _shape_of(network: Network, n_channels: int, n_timepoints: int) -> FeatureShape:
    network.eval()
    shape = _shape(network(torch.zeros(1, n_channels, n_timepoints)))
    network.train()
    return shape


def _student_of(member: nn.Module) -> Network:
    assert isinstance(member, _Pupil)
    return member.student
