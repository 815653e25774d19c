"""Base: the student learns from labels alone."""

from __future__ import annotations

from typing import ClassVar

from torch import Tensor, nn

from gdpd_sklearn.distillers._base import DistillationBatch, Distiller, Progress, Stage

__all__ = ["NoDistillation"]


class NoDistillation(Distiller):
    """No transfer term ("Base" in the paper's tables)."""

    uses_teacher: ClassVar[bool] = False
    uses_logits: ClassVar[bool] = False
    stackable: ClassVar[bool] = True
    closed_form: ClassVar[bool] = True

    def stage(self, progress: Progress) -> Stage:
        """Nothing is transferred."""
        return Stage(transfer=0.0)

    def loss(self, batch: DistillationBatch, adapter: nn.Module) -> Tensor:
        """Zero, attached to the student."""
        return 0.0 * batch.student.logits.sum()
