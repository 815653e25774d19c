r"""Attention transfer (Zagoruyko & Komodakis, "Paying more attention to attention", ICLR 2017).

arXiv 1612.03928, section 3.1, activation-based, equation 2.

==========================  ===================================================================
name here                   name there
==========================  ===================================================================
``attention_map``           :math:`Q = vec(F^p_{sum}(A))`, :math:`p = 2`, divided by its norm
``student_map``             :math:`A_S`
``teacher_map``             :math:`A_T`
``weight``                  :math:`\beta`
==========================  ===================================================================

The maps are temporal here: how much the network looks at each feature step. The distance is
squared and a mean over cases, as in the authors' experiments, and a sum over steps, so that it lies
in [0, 2] whatever their number.

From complete series to prefixes: widths need no match, since a map is a sum over channels. For
different lengths the paper interpolates attention maps; here the teacher's map is averaged over the
student's steps. With a single step every normalised map is 1: there is nothing to transfer.
"""

from __future__ import annotations

from typing import ClassVar

from torch import Tensor, nn
from torch.nn.functional import normalize

from gdpd_sklearn.distillers._base import DistillationBatch, Distiller
from gdpd_sklearn.distillers._match_steps import match_steps

__all__ = ["AT", "at_loss", "attention_map"]


def attention_map(feature_map: Tensor, n_steps: int) -> Tensor:
    """Mean over channels of F², resampled to ``n_steps``, of length 1: (B, D, L) → (B, n_steps)."""
    return normalize(match_steps(feature_map.square().mean(1), n_steps), dim=-1)


def at_loss(student_map: Tensor, teacher_map: Tensor) -> Tensor:
    """``‖Q_S/‖Q_S‖ − Q_T/‖Q_T‖‖²``, the mean over cases.

    Parameters
    ----------
    student_map : Tensor of shape (B, D, L)
    teacher_map : Tensor of shape (B, D', L')
    """
    n_steps = student_map.shape[-1]
    difference = attention_map(student_map, n_steps) - attention_map(teacher_map, n_steps)
    return difference.square().sum(-1).mean()


class AT(Distiller):
    """Look where the teacher looks.

    Parameters
    ----------
    weight : float, default=10.0
        β. The paper sets 10³ divided by the number of elements of a map: 10 for 100 steps.
    """

    uses_feature_maps: ClassVar[bool] = True
    uses_logits: ClassVar[bool] = False

    def __init__(self, weight: float = 10.0) -> None:
        self.weight = weight

    def loss(self, batch: DistillationBatch, adapter: nn.Module) -> Tensor:
        """Distance of the attention maps, a scalar."""
        return at_loss(batch.student.feature_map, batch.teacher.feature_map)

    stackable: ClassVar[bool] = True
    schedule_parameters: ClassVar[tuple[str, ...]] = ("weight",)
