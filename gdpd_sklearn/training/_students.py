"""The one distilling step: P students of prefixes, one teacher, any method."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from gdpd_sklearn._seeding import isolated_torch_seed, stream_seed, torch_generator
from gdpd_sklearn.data import MappedSeries, PrefixView
from gdpd_sklearn.distillers import Distiller, FeatureShape, Progress
from gdpd_sklearn.networks import Architecture, Bank, Network, NetworkOutput
from gdpd_sklearn.training._blends import Blend, draw_blend
from gdpd_sklearn.training._history import History
from gdpd_sklearn.training._lesson import Lesson, Pupil, examine
from gdpd_sklearn.training._loop import Figures, run_epochs
from gdpd_sklearn.training._plan import TrainingPlan

__all__ = ["Cases", "rows", "shape_of", "shape_of_output", "train_students"]


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
    ask: Callable[[Tensor, Blend], NetworkOutput] | None = None,
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
    ask : callable, optional
        Indices of training cases and how they are blended to the teacher's outputs for the blends;
        needed by a distiller that ``blends``.

    Returns
    -------
    students : list of Network
    history : History
    """
    device = view.mean.device
    n_channels = int(view.mean.shape[0])
    n_members = len(view.lengths) if view.stretched else 1
    lengths = torch.tensor(view.lengths, device=device)
    students = [
        architecture.build(
            n_channels, view.input_length, n_classes, stream_seed(seed, f"weights {p}")
        )
        for p in range(n_members)
    ]
    student_shape = shape_of(students[0], n_channels, view.input_length)
    teacher_shape = student_shape if teacher is None else shape_of_output(teacher)
    with isolated_torch_seed(stream_seed(seed, "adapters")):
        adapters = [distiller.build_adapter(student_shape, teacher_shape) for _ in students]
        prior = distiller.build_prior(student_shape, teacher_shape)
    prior = None if prior is None else prior.to(device)
    bank = Bank(
        [
            Pupil(student, adapter).to(device)
            for student, adapter in zip(students, adapters, strict=True)
        ],
        stacked=architecture.stacks_on(device) and distiller.stackable,
    )
    noise_generator = torch_generator(stream_seed(seed, "noise"), device)
    prior_generator = torch_generator(stream_seed(seed, "prior"), device)
    blend_generator = torch_generator(stream_seed(seed, "blends"), device)
    loss_of = partial(cross_entropy, weight=class_weight)
    lesson = Lesson(distiller, view, lengths, plan, loss_of, prior)
    n_views = lesson.n_views

    def step(indices: Tensor, progress: Progress) -> tuple[Tensor, Figures]:
        series, target = train.x[indices], train.y[indices].repeat(n_views)
        x = view.all_points(series)
        stage = distiller.stage(progress)
        prior_loss = _prior_step(distiller, prior, teacher, indices, progress, prior_generator)
        noise: tuple[Tensor, ...] = ()
        teacher_batch: NetworkOutput | tuple[()] = ()
        blend: tuple[Tensor, Tensor] | tuple[()] = ()
        if stage.transfer != 0 and teacher is not None:
            if prior is not None and prior.training:
                prior.eval()
            if distiller.blends:
                assert ask is not None
                drawn_blend = draw_blend(len(indices), blend_generator)
                x = torch.cat([x, view.all_points(drawn_blend.of(series))], dim=1)
                places = torch.arange(len(indices), device=device).repeat(n_views)
                teacher_batch = rows(ask(indices, drawn_blend), places)
                partners = indices[drawn_blend.partners]
                blend = (drawn_blend.share, train.y[partners].repeat(n_views))
            else:
                teacher_batch = rows(teacher, indices.repeat(n_views))
            drawn = [
                distiller.draw_noise(len(target), student_shape, teacher_shape, noise_generator)
                for _ in students
            ]
            noise = tuple(torch.stack(each) for each in zip(*drawn, strict=True))
        task, transfer = bank(lesson.learn, (x, noise), (target, teacher_batch, progress, blend))
        loss = (stage.task * task + stage.transfer * transfer).sum()
        figures = {"task_loss": task.detach()}
        if distiller.uses_teacher:
            figures["transfer_loss"] = transfer.detach()
        if prior is not None:
            figures["prior_loss"] = prior_loss.detach().expand(n_members)
            loss = loss + prior_loss
        return loss, figures

    def evaluate() -> Figures:
        assert validation is not None
        return examine(
            bank, lesson, lambda chunk: view.all_points(validation.x[chunk]),
            validation.y.expand(n_members, -1),
        )  # fmt: skip

    history = run_epochs(
        bank, step, plan, len(train), torch_generator(stream_seed(seed, "batches"), device),
        prior=prior, evaluate=None if validation is None else evaluate,
        selects=lambda progress: distiller.stage(progress).selects, label=label, verbose=verbose,
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
    learns = distiller.stage(progress).trains_prior
    # switched where it changes only: the walk over all modules costs as much as a small layer
    if next(prior.parameters()).requires_grad != learns:
        prior.requires_grad_(learns)
    if prior.training != learns:
        prior.train(learns)
    if not learns:
        return zero
    return distiller.prior_loss(prior, rows(teacher, indices), generator)  # type: ignore[arg-type]


def rows(output: NetworkOutput, indices: Tensor) -> NetworkOutput:
    """Take the outputs of some cases."""
    return NetworkOutput(*(tensor[indices] for tensor in output))


def shape_of_output(output: NetworkOutput) -> FeatureShape:
    """Read the sizes off an output."""
    return FeatureShape(output.pooled.shape[1], output.feature_map.shape[2], output.logits.shape[1])


@torch.no_grad()
def shape_of(network: Network, n_channels: int, n_timepoints: int) -> FeatureShape:
    """Find the sizes of a network's output by one pass over zeros."""
    network.eval()
    shape = shape_of_output(network(torch.zeros(1, n_channels, n_timepoints)))
    network.train()
    return shape


def _student_of(member: nn.Module) -> Network:
    assert isinstance(member, Pupil)
    return member.student
