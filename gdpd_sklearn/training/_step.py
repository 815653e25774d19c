"""The step of a bank: one batch of each source, through all members of that source."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor
from torch.utils._pytree import tree_map

from gdpd_sklearn._seeding import stream_seed, torch_generator
from gdpd_sklearn.data import Blend, Cases, PrefixView, draw_blend, epoch_batches
from gdpd_sklearn.diffusion import DiffusionPrior
from gdpd_sklearn.distillers import FeatureShape, Progress, Stage
from gdpd_sklearn.networks import Bank, Network, NetworkOutput, OptimizerState
from gdpd_sklearn.training._forward import Forward, Material, evaluate
from gdpd_sklearn.training._loop import Figures

__all__ = ["BatchStep", "Source", "SourceState"]


@dataclass(frozen=True)
class Source:
    """What several runs share: cases, their order, a teacher.

    Attributes
    ----------
    view : PrefixView
        Of all prefix lengths that any run wants, on the device, as are all tensors here.
    train : Cases
        Complete series; the view cuts them. As many in every source of a training.
    validation : Cases or None
        Without, the last weights are taken. As many in every source.
    teacher : NetworkOutput or None
        Outputs for the training cases, in their order.
    seed : int
        Weights, batches and noise follow from it.
    ask : callable, optional
        Indices of training cases and how they are blended to the teacher's outputs for the blends;
        needed by a distiller that ``blends``.
    students : sequence of Network, optional
        To start from, one for each prefix length of the view, on the CPU; by default all start
        from the same new weights.
    """

    view: PrefixView
    train: Cases
    validation: Cases | None
    teacher: NetworkOutput | None
    seed: int
    ask: Callable[[Tensor, Blend], NetworkOutput] | None = None
    students: Sequence[Network] | None = None


@dataclass
class SourceState:
    """What moves on in a source: random streams, and a prior with its optimiser's state."""

    source: Source
    streams: dict[str, torch.Generator]
    prior: DiffusionPrior | None
    optimizer: OptimizerState = field(default_factory=list)

    @classmethod
    def start(
        cls, source: Source, prior: DiffusionPrior | None, device: torch.device
    ) -> SourceState:
        """Seed the generators."""
        streams = {
            name: torch_generator(stream_seed(source.seed, name), device)
            for name in ("batches", "noise", "prior", "blends")
        }
        return cls(source, streams, prior)

    def fork(self) -> SourceState:
        """Copy all that moves; an optimiser's state is never changed in place."""
        streams = {name: stream.clone_state() for name, stream in self.streams.items()}
        return SourceState(self.source, streams, copy.deepcopy(self.prior), self.optimizer)


class BatchStep:
    """Run a batch of each source through its members.

    Parameters
    ----------
    bank : Bank
    forward : Forward
    shapes : pair of FeatureShape
        Of student and teacher.
    states : sequence of SourceState
        Their members lie side by side in the bank, in this order.
    points : sequence of lists of int
        Prefix lengths (numbers in the view) of each source's members.
    stages : sequence of tuples of Stage, length P
        Of each member, epoch by epoch; of one kind in the epochs of this step.
    """

    def __init__(
        self,
        bank: Bank,
        forward: Forward,
        shapes: tuple[FeatureShape, FeatureShape],
        states: Sequence[SourceState],
        points: Sequence[list[int]],
        stages: Sequence[tuple[Stage, ...]],
    ) -> None:
        self._bank = bank
        self._forward = forward
        self._distiller = forward.distiller
        self._shapes = shapes
        self._states = states
        self._stages = stages
        device = forward.lengths.device
        self._points = [torch.tensor(each, device=device) for each in points]
        self._counts = torch.tensor([len(each) for each in points], device=device)
        self._n_members = len(stages)
        # a source whose members see all of its views, in their order, needs no picking
        n_views = [1 if forward.n_views > 1 else len(s.source.view.lengths) for s in states]
        self._whole = [each == list(range(n)) for each, n in zip(points, n_views, strict=True)]
        # of task and transfer; they keep their place, so that a recorded step reads the present
        self._weights = torch.empty(2, len(stages), device=device)
        self._present: list[Stage] = []

    def batches(self, batch_size: int) -> Iterator[tuple[Tensor, ...]]:
        """Draw the batches of an epoch: indices of shape (B,), source by source."""
        each = (
            epoch_batches(len(state.source.train), batch_size, state.streams["batches"])
            for state in self._states
        )
        return zip(*each, strict=True)

    def start_epoch(self, epoch: int) -> None:
        """Take the stages of an epoch."""
        stages = [each[epoch] for each in self._stages]
        if stages != self._present:
            weights = [[stage.task for stage in stages], [stage.transfer for stage in stages]]
            self._weights.copy_(torch.tensor(weights))
            self._present = stages

    def __call__(self, batch: tuple[Tensor, ...], progress: Progress) -> tuple[Tensor, Figures]:
        """Give the loss of all members and priors, a scalar, and figures of shape (P,).

        By the stages of the epoch that was started.
        """
        # before the students: refining uses what the batch norms of a prior learn here
        transfers, trains_prior, _ = self._present[0].kind
        prior_losses = self._prior_losses(batch, transfers=transfers) if trains_prior else None
        seen, materials = [], []
        for state, indices in zip(self._states, batch, strict=True):
            x, material = self._material(state, indices, transfers=transfers)
            seen.append(x)
            materials.append(material)
        x = self._members_see(seen)
        if len(materials) == 1:
            losses = self._bank(self._forward.losses, (x,), (materials[0], progress))
        else:
            losses = self._bank(self._forward.losses, (x, self._spread(materials)), (progress,))
        task, transfer = losses
        loss = (self._weights[0] * task + self._weights[1] * transfer).sum()
        figures = {"task_loss": task.detach()}
        if self._distiller.uses_teacher:
            figures["transfer_loss"] = transfer.detach()
        if self._distiller.uses_prior:
            if prior_losses is None:
                prior_losses = task.new_zeros(len(batch))
            else:
                loss = loss + prior_losses.sum()
            figures["prior_loss"] = prior_losses.detach().repeat_interleave(
                self._counts, output_size=self._n_members
            )
        return loss, figures

    def evaluate(self) -> Figures:
        """Compute validation loss and accuracy of every member, shape (P,)."""
        cases = [s.source.validation for s in self._states if s.source.validation is not None]

        def seen(chunk: slice) -> Tensor:
            each = zip(self._states, cases, strict=True)
            return self._members_see([s.source.view.all_points(c.x[chunk]) for s, c in each])

        answers = [self._spread([c.y for c in cases])]
        weights = [c.weight for c in cases if c.weight is not None]
        if weights:
            answers.append(self._spread(weights))
        return evaluate(self._bank, self._forward, seen, *answers)

    def _material(
        self, state: SourceState, indices: Tensor, *, transfers: bool
    ) -> tuple[Tensor, Material]:
        """Give what a source's members see, (P, B, C, T), and what else the losses need."""
        source, n_views = state.source, self._forward.n_views
        series = source.train.x[indices]
        x = source.view.all_points(series)
        target = source.train.y[indices].repeat(n_views)
        weight = source.train.weight_of(indices, n_views)
        if not (transfers and self._distiller.uses_teacher):
            return x, Material(target, weight=weight)
        assert source.teacher is not None
        blend: tuple[Tensor, ...] = ()
        if self._distiller.blends:
            assert source.ask is not None
            drawn = draw_blend(len(indices), state.streams["blends"])
            x = torch.cat([x, source.view.all_points(drawn.of(series))], dim=1)
            places = torch.arange(len(indices), device=target.device).repeat(n_views)
            teacher = source.ask(indices, drawn).rows(places)
            partners = indices[drawn.partners]
            of_partners = source.train.weight_of(partners, n_views)
            blend = (drawn.share, source.train.y[partners].repeat(n_views), *of_partners)
        else:
            teacher = source.teacher.rows(indices.repeat(n_views))
        # once for all members of a source: by itself, each of them would draw the same
        noise = self._distiller.draw_noise(len(target), *self._shapes, state.streams["noise"])
        return x, Material(target, teacher, noise, blend, weight)

    def _prior_losses(self, batch: tuple[Tensor, ...], *, transfers: bool) -> Tensor:
        """Loss of each source's prior on the teacher's outputs, shape (number of sources,)."""
        losses = []
        for state, indices in zip(self._states, batch, strict=True):
            prior, teacher = state.prior, state.source.teacher
            assert prior is not None
            assert teacher is not None
            # switched where it changes only: the walk over all modules costs as much as a layer
            if not prior.training:
                prior.train()
            loss = self._distiller.prior_loss(prior, teacher.rows(indices), state.streams["prior"])
            losses.append(loss)
            if transfers:  # students always meet a prior in evaluation mode
                prior.eval()
        return torch.stack(losses)

    def _members_see(self, views: Sequence[Tensor]) -> Tensor:
        """Pick each member's view among all views of its source: (P, B, C, T)."""
        each = zip(views, self._points, self._whole, strict=True)
        picked = [view if whole else view[points] for view, points, whole in each]
        return picked[0] if len(picked) == 1 else torch.cat(picked)

    def _spread(self, trees: Sequence[Any]) -> Any:
        """Give each source's tensors to all of its members: a leading dimension P."""

        def spread(*tensors: Tensor) -> Tensor:
            each = zip(tensors, self._points, strict=True)
            return torch.cat([tensor.expand(len(points), *tensor.shape) for tensor, points in each])

        return tree_map(spread, *trees)
