r"""Probabilistic knowledge transfer (Passalis, Tzelepi & Tefas, IEEE TNNLS 2021).

"Probabilistic knowledge transfer for lightweight deep representation learning"; first in Passalis &
Tefas, "Learning deep representations with probabilistic knowledge transfer", ECCV 2018 (arXiv
1803.10837), section 3: cosine kernel, conditional probabilities, Kullback–Leibler divergence.

==========================  ===========================================================
name here                   name there
==========================  ===========================================================
``student``, ``teacher``    :math:`y_i`, :math:`x_i`
``affinity``                :math:`K_{cosine}(a, b) = ½(a^T b / (‖a‖ ‖b‖) + 1)`
``p``                       :math:`p_{i|j}` of the teacher, over :math:`i \neq j`
``q``                       :math:`q_{i|j}` of the student
==========================  ===========================================================

The sum over pairs is taken as a mean over the cases j that are conditioned on, so that it does not
grow with the batch. Published code lets a case be its own neighbour, the text, followed here, does
not.

From complete series to prefixes nothing has to be chosen: pooled features are compared within
their own space. In a batch of two each case has one neighbour, with probability 1: the loss is 0.
"""

from __future__ import annotations

from typing import ClassVar

import torch
from torch import Tensor, nn
from torch.nn.functional import normalize

from gdpd_sklearn.distillers._base import DistillationBatch, Distiller

__all__ = ["PKT", "pkt_loss"]

# Published guard against the logarithm of 0, for opposite features.
_EPSILON = 1e-7


def pkt_loss(student: Tensor, teacher: Tensor) -> Tensor:
    """``Σ_i p_{i|j} log(p_{i|j} / q_{i|j})``, the mean over cases j.

    Parameters
    ----------
    student : Tensor of shape (B, D)
    teacher : Tensor of shape (B, D')
    """
    q, p = _neighbours(student), _neighbours(teacher)
    return (p * ((p + _EPSILON) / (q + _EPSILON)).log()).sum(-1).mean()


def _neighbours(features: Tensor) -> Tensor:
    """Probability of each neighbour i (column) of each case j (row), shape (B, B)."""
    direction = normalize(features, dim=-1)
    other = 1.0 - torch.eye(len(features), dtype=features.dtype, device=features.device)
    affinity = other * (direction @ direction.T + 1.0) / 2.0
    return affinity / affinity.sum(-1, keepdim=True).clamp(min=_EPSILON)


class PKT(Distiller):
    """Match which cases of a batch are neighbours.

    Parameters
    ----------
    weight : float, default=500.0
        λ of the transfer term. The divergences are small; Tian et al. (ICLR 2020) take 3·10⁴ on a
        mean over all pairs of a batch of 64, which is 469 here.
    """

    uses_logits: ClassVar[bool] = False

    def __init__(self, weight: float = 500.0) -> None:
        self.weight = weight

    def loss(self, batch: DistillationBatch, adapter: nn.Module) -> Tensor:
        """Divergence of the neighbourhoods of the pooled features, a scalar."""
        return pkt_loss(batch.student.pooled, batch.teacher.pooled)

    stackable: ClassVar[bool] = True
    schedule_parameters: ClassVar[tuple[str, ...]] = ("weight",)
