"""Pseudo-labels: what the teacher says stands for the label of cases that have none.

Lee, "Pseudo-Label: The simple and efficient semi-supervised learning method for deep neural
networks", ICML workshop 2013; here the labels come from a teacher of complete series, and the
student learns from prefixes.
"""

from __future__ import annotations

from typing import ClassVar

from torch import Tensor, nn

from gdpd_sklearn.distillers._base import DistillationBatch, Distiller, Progress, Stage

__all__ = ["PseudoLabels"]


class PseudoLabels(Distiller):
    """No transfer term, but a teacher for cases without a label.

    Every method that asks a teacher lets it stand in for missing labels; this one does nothing
    else. With all labels given it is the base with a teacher that nobody hears.
    """

    stackable: ClassVar[bool] = True
    closed_form: ClassVar[bool] = True

    def stage(self, progress: Progress) -> Stage:
        """Nothing is transferred."""
        return Stage(transfer=0.0)

    def loss(self, batch: DistillationBatch, adapter: nn.Module) -> Tensor:
        """Zero, attached to the student."""
        return 0.0 * batch.student.logits.sum()
