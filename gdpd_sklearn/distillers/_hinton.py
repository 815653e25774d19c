r"""Knowledge distillation (Hinton, Vinyals & Dean, "Distilling the knowledge in a neural network").

arXiv 1503.02531 (2015), section 2; "Base-KD" in the GDPD paper.

=====================  =====================================
name here              name there
=====================  =====================================
``student_logits``     :math:`z_i`
``teacher_logits``     :math:`v_i`
``temperature``        :math:`T`
=====================  =====================================

From complete series to prefixes nothing has to be chosen: logits have the same shape.
"""

from __future__ import annotations

from typing import ClassVar

from torch import Tensor, nn
from torch.nn.functional import log_softmax

from gdpd_sklearn._checks import check_real
from gdpd_sklearn.distillers._base import DistillationBatch, Distiller

__all__ = ["KD", "kd_loss"]


def kd_loss(student_logits: Tensor, teacher_logits: Tensor, temperature: float) -> Tensor:
    """``T² · KL(softmax(t/T) ‖ softmax(s/T))``, the mean over cases.

    Parameters
    ----------
    student_logits, teacher_logits : Tensor of shape (B, K)
    temperature : float
        T; the factor T² keeps the gradient's size as T grows.
    """
    student = log_softmax(student_logits / temperature, dim=-1)
    teacher = log_softmax(teacher_logits / temperature, dim=-1)
    # written out: torch's kl_div has no batching rule and would loop over stacked students
    return temperature**2 * (teacher.exp() * (teacher - student)).sum(-1).mean()


class KD(Distiller):
    """Match the teacher's softened class probabilities.

    Parameters
    ----------
    weight : float, default=1.0
        λ of the transfer term.
    temperature : float, default=2.0
    """

    stackable: ClassVar[bool] = True
    closed_form: ClassVar[bool] = True
    schedule_parameters: ClassVar[tuple[str, ...]] = ("weight",)

    def __init__(self, weight: float = 1.0, temperature: float = 2.0) -> None:
        self.weight = weight
        self.temperature = temperature

    def check_parameters(self) -> None:
        """Raise a ValueError for hyperparameters out of range."""
        super().check_parameters()
        check_real("temperature", self.temperature, 0.0, open_minimum=True)

    def loss(self, batch: DistillationBatch, adapter: nn.Module) -> Tensor:
        """Transfer term, a scalar."""
        return kd_loss(batch.student.logits, batch.teacher.logits, self.temperature)

    def targets(self, labels: Tensor, teacher: Tensor | None) -> Tensor:
        """Mix labels and softened answers as the squared error of both terms would: 1 to λ."""
        assert teacher is not None
        soft = 2.0 * (teacher.double() / self.temperature).softmax(-1) - 1.0
        share = self.weight / (1.0 + self.weight)
        return (1.0 - share) * labels + share * soft
