"""Any method on blends of training cases instead of the cases themselves.

A teacher that fits its training cases says little more of them than their labels do. Of blends of
two of them, ``share · x + (1 − share) · x'``, it says what it would say of new series, and it can
be asked about as many as one likes. The teacher reads the complete blend, the student its prefix:
mixup (Zhang et al. 2018) whose labels come from the teacher, in other words function matching
(Beyer et al. 2022, "Knowledge distillation: a good teacher is patient and consistent").
"""

from __future__ import annotations

from typing import ClassVar

import torch
from torch import Tensor, nn

from gdpd_sklearn.diffusion import DiffusionPrior
from gdpd_sklearn.distillers._base import DistillationBatch, Distiller, FeatureShape, Progress
from gdpd_sklearn.networks import NetworkOutput

__all__ = ["Blended"]


class Blended(Distiller):
    """Let a method transfer on blends of training cases; the task term keeps the cases.

    Parameters
    ----------
    distiller : Distiller
        The method, such as ``KD()`` or ``Sum(KD(), GDPD())``.

    Notes
    -----
    - Each batch draws one share, the larger part of a Beta(½, ½) draw, and blends each case with
      another one of the batch. ``batch.target`` is the class of the larger share;
      ``batch.task_loss`` weighs the losses against both classes by their shares.
    - The student reads cases and blends in one pass of twice the batch.
    - The teacher is asked anew in every step. A prior learns the teacher's features of the
      training cases, as without blends.

    Examples
    --------
    >>> from gdpd_sklearn.distillers import GDPD, KD, Blended, Sum
    >>> Blended(Sum(KD(), GDPD())).set_params(distiller__kd__temperature=4.0)
    Blended(Sum(KD(temperature=4.0), GDPD()))
    """

    blends: ClassVar[bool] = True
    # the method's schedules are inside of this one
    schedule_parameters: ClassVar[tuple[str, ...]] = ()

    def __init__(self, distiller: Distiller) -> None:
        self.distiller = distiller

    def check_parameters(self) -> None:
        """Raise a ValueError unless the method is a valid one that learns from a teacher."""
        if not isinstance(self.distiller, Distiller):
            raise ValueError(
                f"distiller={self.distiller!r} of Blended must be an instance of Distiller, such "
                f"as KD()."
            )
        self.distiller.check_parameters()
        if self.distiller.blends or not self.distiller.uses_teacher:
            raise ValueError(
                f"distiller={self.distiller!r} of Blended must be a method that asks a teacher "
                f"about training cases; a student alone has nothing to transfer, and blends are "
                f"not blended twice."
            )

    def __repr__(self, N_CHAR_MAX: int = 700) -> str:
        return f"{type(self).__name__}({self.distiller!r})"

    @property
    def uses_logits(self) -> bool:  # type: ignore[override]
        """Whether the method reads the teacher's logits."""
        return self.distiller.uses_logits

    @property
    def uses_feature_maps(self) -> bool:  # type: ignore[override]
        """Whether the method reads feature maps."""
        return self.distiller.uses_feature_maps

    @property
    def uses_prior(self) -> bool:
        """Whether the method learns a prior."""
        return self.distiller.uses_prior

    @property
    def stackable(self) -> bool:  # type: ignore[override]
        """Whether the method runs under ``torch.func.vmap``."""
        return self.distiller.stackable

    def build_adapter(self, student: FeatureShape, teacher: FeatureShape) -> nn.Module:
        """Make the method's own trainable parts."""
        return self.distiller.build_adapter(student, teacher)

    def build_prior(self, student: FeatureShape, teacher: FeatureShape) -> DiffusionPrior | None:
        """Make the method's prior."""
        return self.distiller.build_prior(student, teacher)

    def prior_loss(
        self, prior: DiffusionPrior, teacher: NetworkOutput, generator: torch.Generator
    ) -> Tensor:
        """Loss of the method's prior."""
        return self.distiller.prior_loss(prior, teacher, generator)

    def draw_noise(
        self,
        n_cases: int,
        student: FeatureShape,
        teacher: FeatureShape,
        generator: torch.Generator,
    ) -> tuple[Tensor, ...]:
        """Draw the method's random numbers."""
        return self.distiller.draw_noise(n_cases, student, teacher, generator)

    def task_weight(self, progress: Progress) -> float:
        """Weight of the supervised loss, of the cases themselves."""
        return self.distiller.task_weight(progress)

    def transfer_weight(self, progress: Progress) -> float:
        """Weight of the method's loss."""
        return self.distiller.transfer_weight(progress)

    def trains_prior(self, progress: Progress) -> bool:
        """Whether the method's prior learns in this epoch."""
        return self.distiller.trains_prior(progress)

    def selects(self, progress: Progress) -> bool:
        """Whether the method looks for the best validation loss in this epoch."""
        return self.distiller.selects(progress)

    def loss(self, batch: DistillationBatch, adapter: nn.Module) -> Tensor:
        """Loss of the method, on blends."""
        return self.distiller.loss(batch, adapter)
