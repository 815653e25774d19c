"""The step of a bank whose members have different cases, batches and weights of the loss."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor
from torch.utils._pytree import tree_map

from gdpd_sklearn._seeding import stream_seed, torch_generator
from gdpd_sklearn.data import PrefixView, epoch_batches
from gdpd_sklearn.diffusion import DiffusionPrior
from gdpd_sklearn.distillers import FeatureShape, Progress, Stage
from gdpd_sklearn.networks import Bank, NetworkOutput
from gdpd_sklearn.training._lesson import Lesson, examine
from gdpd_sklearn.training._loop import Figures
from gdpd_sklearn.training._moments import Moments
from gdpd_sklearn.training._students import Cases, rows

__all__ = ["LaneStep", "Source", "SourceState"]


@dataclass(frozen=True)
class Source:
    """What lanes share: cases, their order, a teacher.

    Attributes
    ----------
    view : PrefixView
        Of all prefix lengths that any lane wants.
    train : Cases
        As many in every source.
    validation : Cases or None
        As many in every source.
    teacher : NetworkOutput or None
    seed : int
        Weights, batches and noise follow from it.
    """

    view: PrefixView
    train: Cases
    validation: Cases | None
    teacher: NetworkOutput | None
    seed: int


@dataclass
class SourceState:
    """What moves on in a source: generators, and a prior with its optimiser's state."""

    source: Source
    batches: torch.Generator
    noise: torch.Generator
    prior_noise: torch.Generator
    prior: DiffusionPrior | None
    moments: Moments = field(default_factory=list)

    @classmethod
    def start(
        cls, source: Source, prior: DiffusionPrior | None, device: torch.device
    ) -> SourceState:
        """Seed the generators, as a training of one source does."""
        batches, noise, prior_noise = (
            torch_generator(stream_seed(source.seed, name), device)
            for name in ("batches", "noise", "prior")
        )
        return cls(source, batches, noise, prior_noise, prior)

    def fork(self) -> SourceState:
        """Copy all that moves; moments are never changed in place."""
        return SourceState(
            self.source,
            self.batches.clone_state(),
            self.noise.clone_state(),
            self.prior_noise.clone_state(),
            copy.deepcopy(self.prior),
            self.moments,
        )


class LaneStep:
    """Run a batch of each source through its members.

    Parameters
    ----------
    bank : Bank
    lesson : Lesson
    shapes : pair of FeatureShape
        Of student and teacher.
    states : sequence of SourceState
        Their members lie side by side in the bank, in this order.
    points : sequence of lists of int
        Prefix lengths (numbers in the view) of each source's members.
    stages : sequence of tuples of Stage, length P
        Of each member; of one kind in the epochs of this step.
    """

    def __init__(
        self,
        bank: Bank,
        lesson: Lesson,
        shapes: tuple[FeatureShape, FeatureShape],
        states: Sequence[SourceState],
        points: Sequence[list[int]],
        stages: Sequence[tuple[Stage, ...]],
    ) -> None:
        self._bank = bank
        self._lesson = lesson
        self._shapes = shapes
        self._states = states
        self._stages = stages
        device = lesson.lengths.device
        self._points = [torch.tensor(each, device=device) for each in points]
        self._counts = torch.tensor([len(each) for each in points], device=device)

    def batches(self, batch_size: int) -> Iterator[tuple[Tensor, ...]]:
        """Draw the batches of an epoch: indices of shape (B,), source by source."""
        each = (
            epoch_batches(len(state.source.train), batch_size, state.batches)
            for state in self._states
        )
        return zip(*each, strict=True)

    def __call__(self, batch: tuple[Tensor, ...], progress: Progress) -> tuple[Tensor, Figures]:
        """Give the loss of all members and priors, a scalar, and figures of shape (P,)."""
        distiller = self._lesson.distiller
        drawn = list(zip(self._states, batch, strict=True))
        stages = [each[progress.epoch] for each in self._stages]
        noise: tuple[Tensor, ...] = ()
        teacher: NetworkOutput | tuple[()] = ()
        if stages[0].transfer != 0 and distiller.uses_teacher:
            teacher = self._spread([rows(s.source.teacher, i) for s, i in drawn])  # type: ignore[arg-type]
            # once for all members of a source: alone, each of them would draw the same
            noise = self._spread(
                [distiller.draw_noise(len(i), *self._shapes, s.noise) for s, i in drawn]
            )
        x = self._views([s.source.train.x[i] for s, i in drawn])
        target = self._spread([s.source.train.y[i] for s, i in drawn])
        task, transfer = self._bank(self._lesson.learn, (x, noise, target, teacher), (progress,))
        task_weight = task.new_tensor([stage.task for stage in stages])
        transfer_weight = task.new_tensor([stage.transfer for stage in stages])
        loss = (task_weight * task + transfer_weight * transfer).sum()
        figures = {"task_loss": task.detach()}
        if distiller.uses_teacher:
            figures["transfer_loss"] = transfer.detach()
        if distiller.uses_prior:
            prior_loss = task.new_zeros(len(drawn))
            if stages[0].trains_prior:
                prior_loss = torch.stack([self._prior_loss(s, i) for s, i in drawn])
                loss = loss + prior_loss.sum()
            figures["prior_loss"] = prior_loss.detach().repeat_interleave(self._counts)
        return loss, figures

    def evaluate(self) -> Figures:
        """Compute validation loss and accuracy of every member, shape (P,)."""
        cases = [s.source.validation for s in self._states if s.source.validation is not None]
        return examine(
            self._bank, self._lesson, lambda chunk: self._views([c.x[chunk] for c in cases]),
            self._spread([c.y for c in cases]),
        )  # fmt: skip

    def _prior_loss(self, state: SourceState, indices: Tensor) -> Tensor:
        assert state.prior is not None
        assert state.source.teacher is not None
        return self._lesson.distiller.prior_loss(
            state.prior, rows(state.source.teacher, indices), state.prior_noise
        )

    def _views(self, series: Sequence[Tensor]) -> Tensor:
        """Each source's series as its members see them: (P, B, C, T)."""
        each = zip(self._states, self._points, series, strict=True)
        return torch.cat([s.source.view.all_points(x)[points] for s, points, x in each])

    def _spread(self, trees: Sequence[Any]) -> Any:
        """Give each source's tensors to all of its members: a leading dimension P."""

        def spread(*tensors: Tensor) -> Tensor:
            each = zip(tensors, self._points, strict=True)
            return torch.cat([tensor.expand(len(points), *tensor.shape) for tensor, points in each])

        return tree_map(spread, *trees)
