"""The seam: what a distillation method is asked, and all that it may see."""

from __future__ import annotations

import numbers
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

import torch
from sklearn.base import BaseEstimator
from torch import Tensor, nn

from gdpd_sklearn._checks import check_real
from gdpd_sklearn._claims import withdraw_claims
from gdpd_sklearn.diffusion import DiffusionPrior
from gdpd_sklearn.networks import Network, NetworkOutput

__all__ = [
    "DistillationBatch",
    "Distiller",
    "FeatureShape",
    "Progress",
    "Stage",
    "shape_of",
    "shape_of_output",
]


class FeatureShape(NamedTuple):
    """Sizes of a network's output: width D, feature steps L, classes K."""

    n_features: int
    n_steps: int
    n_classes: int


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


class Progress(NamedTuple):
    """Where the training stands: epoch number from 0, and how many there will be."""

    epoch: int
    n_epochs: int

    def reached(self, warmup: float | int) -> bool:
        """Whether the warm-up is over: a float is a share of all epochs, an int their number."""
        if isinstance(warmup, numbers.Integral):
            return self.epoch >= int(warmup)
        return self.epoch >= round(warmup * self.n_epochs)


class Stage(NamedTuple):
    """What a method schedules for an epoch.

    Attributes
    ----------
    task : float
        Weight of the supervised loss.
    transfer : float
        Weight of the transfer loss; at 0 neither loss nor noise is computed.
    trains_prior : bool
        Whether the prior learns, for a method that has one.
    selects : bool
        Whether the best validation loss is looked for.
    """

    task: float = 1.0
    transfer: float = 1.0
    trains_prior: bool = True
    selects: bool = True

    @property
    def kind(self) -> tuple[bool, bool, bool]:
        """Whether it transfers, trains a prior, selects: what weights do not change."""
        return (self.transfer != 0, self.trains_prior, self.selects)


@dataclass(frozen=True)
class DistillationBatch:
    """All that a method may see of one student and one batch.

    Attributes
    ----------
    student, teacher : NetworkOutput
        Student of the prefixes, teacher of the complete series (detached).
    target : Tensor of int64, shape (B,)
        Class codes.
    task_loss : callable
        Logits (B, K) to the supervised loss against ``target``, a scalar; knows class weights.
    student_head : callable
        The student's linear head, (B, D) → (B, K).
    prior : DiffusionPrior or None
        What the method had built by ``build_prior``, shared by all students.
    noise : tuple of Tensor
        What the method drew by ``draw_noise``. Random numbers are an input, so that a loss is a
        pure function, and the same for looped and stacked students.
    progress : Progress
    """

    student: NetworkOutput
    teacher: NetworkOutput
    target: Tensor
    task_loss: Callable[[Tensor], Tensor]
    student_head: Callable[[Tensor], Tensor]
    prior: DiffusionPrior | None
    noise: tuple[Tensor, ...]
    progress: Progress


class Distiller(BaseEstimator):
    """A distillation method: hyperparameters, a transfer loss, and where needed parts to train.

    The training loop forms, for each student::

        stage.task · CE(student logits, y) + stage.transfer · loss

    and, once for all students, ``prior_loss``. A subclass gives :meth:`loss` and has a parameter
    ``weight``, the λ of the transfer term; the rest has defaults.

    ``stackable`` and ``schedule_parameters`` are claims that make trainings faster, and wrong where
    they do not hold. So they default to nothing, and a subclass that replaces a method does not
    inherit them: it states them anew. (:meth:`stage` and :meth:`check_parameters` are free.)
    """

    weight: float = 1.0

    uses_teacher: ClassVar[bool] = True
    """Whether a teacher is needed at all."""
    uses_feature_maps: ClassVar[bool] = False
    """Whether the loss reads feature maps, which are then kept for all cases."""
    takes_one_step: ClassVar[bool] = False
    """Whether feature maps of one step will do, as those of a fixed backbone are."""
    uses_logits: ClassVar[bool] = True
    """Whether the loss reads the teacher's logits, which must then be of the student's classes."""
    stackable: ClassVar[bool] = False
    """Whether :meth:`loss` runs under ``torch.func.vmap``."""
    closed_form: ClassVar[bool] = False
    """Whether :meth:`targets` says all of the method to a student that is solved, not trained."""
    blends: ClassVar[bool] = False
    """Whether :meth:`loss` gets blends of training cases in place of the cases themselves."""
    schedule_parameters: ClassVar[tuple[str, ...]] = ()
    """Parameters that act through :meth:`stage` alone: trainings that differ in nothing else go the
    same way until their stages differ."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        claims = {
            "stackable": False, "closed_form": False, "takes_one_step": False,
            "schedule_parameters": (),
        }  # fmt: skip
        withdraw_claims(cls, claims, harmless=("stage", "check_parameters"))

    @property
    def uses_prior(self) -> bool:
        """Whether something is learned of the teacher alone."""
        return type(self).build_prior is not Distiller.build_prior

    def check_parameters(self) -> None:
        """Raise a ValueError for hyperparameters out of range; subclasses add their own."""
        check_real("weight", self.weight, 0.0)

    def targets(self, labels: Tensor, teacher: Tensor | None) -> Tensor:
        """Give the targets of a closed form, of a method that is :attr:`closed_form`.

        Parameters
        ----------
        labels : Tensor of shape (N, K)
            +1 for the class of a case, −1 for the others.
        teacher : Tensor of shape (N, K) or None
            The teacher's logits about the same cases, left out where it can.
        """
        return labels

    def build_adapter(self, student: FeatureShape, teacher: FeatureShape) -> nn.Module:
        """Make the method's own trainable parts for one student; none by default."""
        return nn.Identity()

    def build_prior(self, student: FeatureShape, teacher: FeatureShape) -> DiffusionPrior | None:
        """Make what is learned of the teacher alone, once for all students; none by default."""
        return None

    def prior_loss(
        self, prior: DiffusionPrior, teacher: NetworkOutput, generator: torch.Generator
    ) -> Tensor:
        """Loss of the prior on a batch of teacher outputs, a scalar."""
        return prior.loss(teacher.pooled, generator)

    def draw_noise(
        self,
        n_cases: int,
        student: FeatureShape,
        teacher: FeatureShape,
        generator: torch.Generator,
    ) -> tuple[Tensor, ...]:
        """Draw the random numbers of one student and batch; none by default."""
        return ()

    def stage(self, progress: Progress) -> Stage:
        """Schedule an epoch; by default all of them are alike."""
        return Stage(transfer=self.weight)

    def loss(self, batch: DistillationBatch, adapter: nn.Module) -> Tensor:
        """Transfer term alone, unweighted, a scalar."""
        raise NotImplementedError(f"{type(self).__name__} must define loss.")


def check_warmup(warmup: Any) -> None:
    """Raise a ValueError unless ``warmup`` is a share in [0, 1) or a number of epochs."""
    integral = isinstance(warmup, numbers.Integral) and not isinstance(warmup, bool)
    share = isinstance(warmup, numbers.Real) and not integral and not isinstance(warmup, bool)
    if not (integral and warmup >= 0) and not (share and 0 <= warmup < 1):
        raise ValueError(
            f"warmup={warmup!r} must be a float in [0, 1) (share of the epochs) or an int of at "
            f"least 0 (number of epochs)."
        )
