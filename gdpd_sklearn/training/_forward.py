"""What one student does with one batch, in training and in validation, whatever the method."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

import torch
from torch import Tensor, nn

from gdpd_sklearn.data import PrefixView
from gdpd_sklearn.diffusion import DiffusionPrior
from gdpd_sklearn.distillers import DistillationBatch, Distiller, Progress
from gdpd_sklearn.networks import Bank, Network, NetworkOutput
from gdpd_sklearn.recipes import SupervisedLoss, TrainingPlan
from gdpd_sklearn.training._loop import Figures

__all__ = ["Forward", "Material", "Trainable", "evaluate"]

# Validation cases per forward pass: bounds the memory, not the result.
_CHUNK = 1024


class Trainable(nn.Module):
    """A student with the adapter that its method needs: the member of the bank.

    Parameters
    ----------
    student : Network
    adapter : nn.Module
    prior : DiffusionPrior, optional
        A resting prior of its own, where the members of the bank do not share one.
    """

    def __init__(
        self, student: Network, adapter: nn.Module, prior: DiffusionPrior | None = None
    ) -> None:
        super().__init__()
        self.student = student
        self.adapter = adapter
        self.prior = prior

    def train(self, mode: bool = True) -> Trainable:
        """Switch student and adapter; a resting prior stays in evaluation mode."""
        super().train(mode)
        if self.prior is not None:
            self.prior.eval()
        return self


class Material(NamedTuple):
    """What a batch holds beside the series; the members of one source share it.

    Attributes
    ----------
    target : Tensor of int64, shape (V · B,)
        V views of B cases.
    teacher : NetworkOutput or ()
        Of the same cases, or of their blends; nothing where no method transfers.
    noise : tuple of Tensor
        What the method drew.
    blend : tuple of Tensor
        The share of each case in its blend, the partners' targets and, where cases have weights,
        the partners'; where the method blends.
    weight : tuple of Tensor
        What the cases count, shape (V · B,), where some count more than others.
    """

    target: Tensor
    teacher: NetworkOutput | tuple[()] = ()
    noise: tuple[Tensor, ...] = ()
    blend: tuple[Tensor, ...] = ()
    weight: tuple[Tensor, ...] = ()


@dataclass(frozen=True)
class Forward:
    """Forward pass and losses of one student.

    Attributes
    ----------
    distiller : Distiller
    view : PrefixView
        Tells whether a causal student answers at every prefix.
    lengths : Tensor of int64
        Prefix lengths of the view, on the device.
    plan : TrainingPlan
        Tells the precision.
    loss_of : callable
        Logits, target and weights to the supervised loss.
    prior : DiffusionPrior or None
        Shared by all students that have none of their own.
    """

    distiller: Distiller
    view: PrefixView
    lengths: Tensor
    plan: TrainingPlan
    loss_of: SupervisedLoss
    prior: DiffusionPrior | None = None

    @property
    def n_views(self) -> int:
        """How often a student sees a case: once, or at every prefix."""
        return 1 if self.view.stretched else len(self.view.lengths)

    def losses(
        self, member: nn.Module, x: Tensor, material: Material, progress: Progress
    ) -> tuple[Tensor, Tensor]:
        """Give task loss and transfer loss, which is 0 without a teacher's outputs.

        With a blend, the second half of ``x`` are blends, and the teacher's outputs are about
        these.
        """
        assert isinstance(member, Trainable)
        output = self._answers(member.student, x, self.distiller.uses_feature_maps)
        target = material.target
        task_loss: Callable[[Tensor], Tensor] = partial(self._task_loss, material=material)
        about, transfer_loss = output, task_loss
        if material.blend:
            output, about = self._halves(output)
            transfer_loss = partial(self._blended_loss, material=material)
        task = task_loss(output.logits)
        if not isinstance(material.teacher, NetworkOutput):
            return task, torch.zeros_like(task)
        batch = DistillationBatch(
            student=about,
            teacher=material.teacher,
            target=target,
            task_loss=transfer_loss,
            student_head=member.student.head,
            prior=self.prior if member.prior is None else member.prior,
            noise=material.noise,
            progress=progress,
        )
        return task, self.distiller.loss(batch, member.adapter)

    def answer(self, member: nn.Module, x: Tensor) -> Tensor:
        """Give the logits (V, B, K), V views of a case."""
        assert isinstance(member, Trainable)
        return self._answers(member.student, x, False).logits.unflatten(0, (self.n_views, -1))

    def grade(
        self, _: nn.Module, logits: Tensor, target: Tensor, *weight: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Give loss and accuracy of answers (V, N, K) to N cases, which may have weights."""
        logits, target = logits.flatten(0, 1), target.repeat(self.n_views)
        loss = self.loss_of(logits, target, *(each.repeat(self.n_views) for each in weight))
        return loss, (logits.argmax(-1) == target).float().mean()

    def _task_loss(self, logits: Tensor, material: Material) -> Tensor:
        return self.loss_of(logits, material.target, *material.weight)

    def _blended_loss(self, logits: Tensor, material: Material) -> Tensor:
        share, *other = material.blend
        own = self._task_loss(logits, material)
        return share * own + (1.0 - share) * self.loss_of(logits, *other)

    def _halves(self, output: NetworkOutput) -> tuple[NetworkOutput, NetworkOutput]:
        """Split the answers about cases from those about blends: both follow in every view."""
        cases, blends = zip(
            *(
                (half.flatten(0, 1) for half in tensor.unflatten(0, (self.n_views, -1)).chunk(2, 1))
                for tensor in output
            ),
            strict=True,
        )
        return NetworkOutput(*cases), NetworkOutput(*blends)

    def _answers(self, student: Network, x: Tensor, feature_maps: bool) -> NetworkOutput:
        """Run a student on its prefixes, or a causal one on the series it answers along.

        Whatever precision the network runs in, losses and distillers get single precision.
        """
        with self.plan.autocast(x.device):
            output: NetworkOutput = (
                student(x)
                if self.view.stretched
                else student.at_steps(x, self.lengths, feature_maps=feature_maps)
            )
        return NetworkOutput(*(tensor.to(x.dtype) for tensor in output))


@torch.no_grad()
def evaluate(
    bank: Bank, forward: Forward, seen: Callable[[slice], Tensor], target: Tensor, *weight: Tensor
) -> Figures:
    """Compute validation loss and accuracy of every member, shape (P,).

    Parameters
    ----------
    bank : Bank
    forward : Forward
    seen : callable
        A slice of the cases to what the members see of them, (P, B, C, T).
    target : Tensor of shape (P, N)
        Of each member's own cases.
    *weight : Tensor of shape (P, N)
        What these cases count, where some count more than others.
    """
    # chunk by chunk: feature maps of all validation cases at once would be much memory
    chunks = (slice(start, start + _CHUNK) for start in range(0, target.shape[1], _CHUNK))
    logits = torch.cat([bank(forward.answer, (seen(chunk),)) for chunk in chunks], dim=2)
    loss, accuracy = bank(forward.grade, (logits, target, *weight))
    return {"validation_loss": loss, "validation_accuracy": accuracy}
