"""Base: the student learns from labels alone."""

from __future__ import annotations

from typing import ClassVar

from torch import Tensor, nn

from gdpd_sklearn.distillers._base import DistillationBatch, Distiller, Progress

__all__ = ["NoDistillation"]


class NoDistillation(Distiller):
    """No transfer term ("Base" in the paper's tables)."""

    uses_teacher: ClassVar[bool] = False
    uses_logits: ClassVar[bool] = False
    schedule_parameters: ClassVar[tuple[str, ...]] = ()

    def transfer_weight(self, progress: Progress) -> float:
        """Nothing is transferred."""
        return 0.0

    def loss(self, batch: DistillationBatch, adapter: nn.Module) -> Tensor:
        """Zero, attached to the student."""
        return 0.0 * batch.student.logits.sum()
