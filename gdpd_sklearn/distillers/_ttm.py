r"""Transformed teacher matching (Zheng & Yang, ICLR 2024, arXiv 2402.11148).

"Knowledge distillation based on transformed teacher matching", section 3 (TTM) and section 4
(WTTM, weighted by case).

=====================  ================================================================
name here              name there
=====================  ================================================================
``temperature``        :math:`T = 1/\gamma`
``log_p``              :math:`\log p^t_T`, power transform :math:`p_i^\gamma / \sum_j p_j^\gamma`
``log_q``              :math:`\log q`, of the student, without temperature
``power_sums``         :math:`U_\gamma(p^t) = \sum_j p_j^\gamma`
=====================  ================================================================

The power transform with exponent 1/T is the softmax at temperature T. The student has no
temperature, so that no factor T² is due. The power sum grows with the flatness of the teacher's
probabilities, from 1 to K^(1−γ): cases that the teacher is sure of weigh least.

From complete series to prefixes nothing has to be chosen: logits have the same shape.
"""

from __future__ import annotations

from typing import ClassVar

from torch import Tensor, nn
from torch.nn.functional import log_softmax

from gdpd_sklearn._checks import check_real
from gdpd_sklearn.distillers._base import DistillationBatch, Distiller

__all__ = ["TTM", "WTTM", "power_sums", "ttm_loss", "wttm_loss"]


def ttm_loss(student_logits: Tensor, teacher_logits: Tensor, temperature: float) -> Tensor:
    """``KL(softmax(t/T) ‖ softmax(s))``, the mean over cases.

    Parameters
    ----------
    student_logits, teacher_logits : Tensor of shape (B, K)
    temperature : float
        T, of the teacher alone.
    """
    return _divergences(student_logits, teacher_logits, temperature).mean()


def wttm_loss(student_logits: Tensor, teacher_logits: Tensor, temperature: float) -> Tensor:
    """``U_{1/T}(p^t) · KL(softmax(t/T) ‖ softmax(s))``, the mean over cases.

    Parameters
    ----------
    student_logits, teacher_logits : Tensor of shape (B, K)
    temperature : float
        T, of the teacher alone.
    """
    divergences = _divergences(student_logits, teacher_logits, temperature)
    return (power_sums(teacher_logits, temperature) * divergences).mean()


def power_sums(logits: Tensor, temperature: float) -> Tensor:
    """``Σ_k softmax(logits)_k^(1/T)`` of each case, shape (B,)."""
    return (log_softmax(logits, dim=-1) / temperature).logsumexp(-1).exp()


def _divergences(student_logits: Tensor, teacher_logits: Tensor, temperature: float) -> Tensor:
    log_q = log_softmax(student_logits, dim=-1)
    log_p = log_softmax(teacher_logits / temperature, dim=-1)
    return (log_p.exp() * (log_p - log_q)).sum(-1)


class TTM(Distiller):
    """Match the teacher's softened probabilities with the student's plain ones.

    Parameters
    ----------
    weight : float, default=1.0
        λ of the transfer term.
    temperature : float, default=2.0
        Of the teacher alone.
    """

    stackable: ClassVar[bool] = True
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
        return ttm_loss(batch.student.logits, batch.teacher.logits, self.temperature)


class WTTM(TTM):
    """TTM with more weight on cases of which the teacher is unsure.

    Parameters
    ----------
    weight : float, default=1.0
        λ of the transfer term.
    temperature : float, default=2.0
        Of the teacher alone; also the power of the weights.
    """

    stackable: ClassVar[bool] = True
    schedule_parameters: ClassVar[tuple[str, ...]] = ("weight",)

    def loss(self, batch: DistillationBatch, adapter: nn.Module) -> Tensor:
        """Weighted transfer term, a scalar."""
        return wttm_loss(batch.student.logits, batch.teacher.logits, self.temperature)
