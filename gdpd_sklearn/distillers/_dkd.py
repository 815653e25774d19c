r"""Decoupled knowledge distillation (Zhao et al., CVPR 2022, arXiv 2203.08679).

Section 3.1, reformulation of Hinton's loss, and section 3.3, equation 7.

=====================  ============================================================
name here              name there
=====================  ============================================================
``log_target``         :math:`\log p_t`, target class against the rest
``log_rest``           :math:`\log p_{\setminus t}`
``log_others``         :math:`\log \hat p_i`, among the non-target classes
``tckd``, ``nckd``     TCKD, NCKD
``alpha``, ``beta``    :math:`\alpha, \beta`
=====================  ============================================================

Both divergences are of softened probabilities and carry the factor T², as in the authors' code.
With α = 1 and β = 1 − p_t of the teacher it would be Hinton's loss. The authors' ramp of the weight
over the first 20 of 240 epochs is left out: the other methods have none.

From complete series to prefixes nothing has to be chosen: logits have the same shape. For two
classes there is one non-target class, and NCKD is 0.
"""

from __future__ import annotations

from typing import ClassVar

import torch
from torch import Tensor, nn
from torch.nn.functional import log_softmax

from gdpd_sklearn._checks import check_real
from gdpd_sklearn.distillers._base import DistillationBatch, Distiller

__all__ = ["DKD", "dkd_loss"]


def dkd_loss(
    student_logits: Tensor,
    teacher_logits: Tensor,
    target: Tensor,
    alpha: float,
    beta: float,
    temperature: float,
) -> Tensor:
    """``T² · (α · TCKD + β · NCKD)``, the mean over cases.

    Parameters
    ----------
    student_logits, teacher_logits : Tensor of shape (B, K)
    target : Tensor of int64, shape (B,)
    alpha, beta, temperature : float
    """
    is_target = target[:, None] == torch.arange(student_logits.shape[-1], device=target.device)
    s_target, s_rest, s_others = _decoupled(student_logits / temperature, is_target)
    t_target, t_rest, t_others = _decoupled(teacher_logits / temperature, is_target)
    tckd = t_target.exp() * (t_target - s_target) + t_rest.exp() * (t_rest - s_rest)
    nckd = (t_others.exp() * (t_others - s_others) * ~is_target).sum(-1)
    return temperature**2 * (alpha * tckd + beta * nckd).mean()


def _decoupled(logits: Tensor, is_target: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Give log p_t (B,), log p_∖t (B,) and log p̂ (B, K); the last means nothing at the target."""
    log_p = log_softmax(logits, dim=-1)
    log_target = (log_p * is_target).sum(-1)
    log_rest = log_p.masked_fill(is_target, -torch.inf).logsumexp(-1)
    return log_target, log_rest, log_p - log_rest[:, None]


class DKD(Distiller):
    """Match the target class and the other classes apart.

    Parameters
    ----------
    weight : float, default=1.0
        λ of the transfer term.
    alpha : float, default=1.0
        Of the target class within the term.
    beta : float, default=8.0
        Of the non-target classes within the term.
    temperature : float, default=2.0
    """

    stackable: ClassVar[bool] = True
    schedule_parameters: ClassVar[tuple[str, ...]] = ("weight",)

    def __init__(
        self,
        weight: float = 1.0,
        alpha: float = 1.0,
        beta: float = 8.0,
        temperature: float = 2.0,
    ) -> None:
        self.weight = weight
        self.alpha = alpha
        self.beta = beta
        self.temperature = temperature

    def check_parameters(self) -> None:
        """Raise a ValueError for hyperparameters out of range."""
        super().check_parameters()
        check_real("alpha", self.alpha, 0.0)
        check_real("beta", self.beta, 0.0)
        check_real("temperature", self.temperature, 0.0, open_minimum=True)

    def loss(self, batch: DistillationBatch, adapter: nn.Module) -> Tensor:
        """Decoupled divergences, a scalar."""
        return dkd_loss(
            batch.student.logits, batch.teacher.logits, batch.target,
            self.alpha, self.beta, self.temperature,
        )  # fmt: skip
