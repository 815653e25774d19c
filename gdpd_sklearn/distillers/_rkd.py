r"""Relational knowledge distillation (Park, Kim, Lu & Cho, CVPR 2019, arXiv 1904.05068).

Sections 3.2.1, distance-wise, and 3.2.2, angle-wise.

==========================  =====================================================
name here                   name there
==========================  =====================================================
``student``, ``teacher``    :math:`s_i`, :math:`t_i`
``distance``                :math:`\psi_D`, before division by :math:`\mu`
``angle``                   :math:`\psi_A(t_i, t_j, t_k) = \cos \angle t_i t_j t_k`
``smooth_l1_loss``          :math:`l_\delta`, the Huber loss with δ = 1
``distance_weight``         :math:`\lambda_{RKD-D}`, 25 for classification
``angle_weight``            :math:`\lambda_{RKD-A}`, 50 for classification
==========================  =====================================================

1. Distances between all pairs of different cases in the batch, divided by their mean μ.
2. Cosines of the angles at j of all triplets of three different cases.
3. Huber loss between student's and teacher's, the mean over pairs and over triplets. Published code
   also averages over a case paired with itself, which contributes zeros; the text, followed here,
   does not.

From complete series to prefixes nothing has to be chosen: pooled features are compared within
their own space. A batch of two has one distance, which is its own mean, and no triplet: the loss
is then 0.
"""

from __future__ import annotations

from typing import ClassVar

import torch
from torch import Tensor, nn
from torch.nn.functional import smooth_l1_loss

from gdpd_sklearn._checks import check_real
from gdpd_sklearn.distillers._base import DistillationBatch, Distiller

__all__ = ["RKD", "rkd_loss"]

# Squared distance below which two cases count as the same; the root has no gradient there.
_SAME = 1e-12


def rkd_loss(
    student: Tensor, teacher: Tensor, distance_weight: float, angle_weight: float
) -> Tensor:
    """``w_D · L_distance + w_A · L_angle`` within a batch, a scalar.

    Parameters
    ----------
    student : Tensor of shape (B, D)
    teacher : Tensor of shape (B, D')
    distance_weight, angle_weight : float
    """
    n_cases = len(student)
    student_distance, student_angle = _relations(student)
    teacher_distance, teacher_angle = _relations(teacher)
    # masks instead of boolean indexing, which has no fixed shape under vmap
    other = ~torch.eye(n_cases, dtype=torch.bool, device=student.device)
    triplet = other[:, :, None] & other[None] & other[:, None]
    distance = smooth_l1_loss(student_distance, teacher_distance, reduction="none")
    angle = smooth_l1_loss(student_angle, teacher_angle, reduction="none")
    n_pairs = max(1, n_cases * (n_cases - 1))
    n_triplets = max(1, n_cases * (n_cases - 1) * (n_cases - 2))
    return (
        distance_weight * (distance * other).sum() / n_pairs
        + angle_weight * (angle * triplet).sum() / n_triplets
    )


def _relations(features: Tensor) -> tuple[Tensor, Tensor]:
    """Distances over their mean (B, B), and cosines at the middle case (B, B, B)."""
    n_cases = len(features)
    difference = features[:, None] - features  # [i, j] points from j to i
    squared = difference.square().sum(-1)
    differs = squared > _SAME
    inverse = torch.where(differs, squared.clamp(min=_SAME).rsqrt(), 0.0)
    distance = squared * inverse
    mean = distance.sum() / max(1, n_cases * (n_cases - 1))
    direction = difference * inverse[..., None]
    angle = torch.einsum("ijd,kjd->ijk", direction, direction)
    return distance / mean.clamp(min=_SAME), angle


class RKD(Distiller):
    """Match distances and angles between the cases of a batch.

    Parameters
    ----------
    weight : float, default=1.0
        λ of the transfer term.
    distance_weight : float, default=25.0
        Of the pairs within the term.
    angle_weight : float, default=50.0
        Of the triplets within the term.

    Notes
    -----
    Time and memory of the angles grow with the cube of the batch size.
    """

    uses_logits: ClassVar[bool] = False

    def __init__(
        self, weight: float = 1.0, distance_weight: float = 25.0, angle_weight: float = 50.0
    ) -> None:
        self.weight = weight
        self.distance_weight = distance_weight
        self.angle_weight = angle_weight

    def check_parameters(self) -> None:
        """Raise a ValueError for hyperparameters out of range."""
        super().check_parameters()
        check_real("distance_weight", self.distance_weight, 0.0)
        check_real("angle_weight", self.angle_weight, 0.0)

    def loss(self, batch: DistillationBatch, adapter: nn.Module) -> Tensor:
        """Relational loss of the pooled features, a scalar."""
        return rkd_loss(
            batch.student.pooled, batch.teacher.pooled, self.distance_weight, self.angle_weight
        )

    stackable: ClassVar[bool] = True
    schedule_parameters: ClassVar[tuple[str, ...]] = ("weight",)
