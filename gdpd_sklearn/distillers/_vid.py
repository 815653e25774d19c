r"""Variational information distillation (Ahn et al., CVPR 2019, arXiv 1904.05835).

"Variational information distillation for knowledge transfer", section 2.2: the variational bound on
the mutual information with a Gaussian :math:`q(t|s)`, whose variance is learned per channel.

==========================  ========================================================
name here                   name there
==========================  ========================================================
``mean``                    :math:`\mu(s)`
``variance``                :math:`\sigma_c^2 = \log(1 + \exp(\alpha_c)) + \epsilon`
``adapter.scale``           :math:`\alpha_c`, set so that the variance starts at 5
``teacher_map``             :math:`t`
==========================  ========================================================

Mean over cases, channels and steps, and without the constant ½ log 2π. Variance start, ε and the
three 1×1 convolutions of μ are those of the authors' code. The scale is a parameter of the adapter,
so that it is trained with everything else there.

From complete series to prefixes: μ maps the student's width to the teacher's; lengths are matched
by averaging the teacher's map over the student's steps. The paper's second site, the logits, is
left out: it is what Hinton's term does.
"""

from __future__ import annotations

import math
from typing import ClassVar

import torch
from torch import Tensor, nn
from torch.nn.functional import softplus

from gdpd_sklearn._checks import check_real
from gdpd_sklearn.distillers._base import DistillationBatch, Distiller, FeatureShape
from gdpd_sklearn.distillers._match_steps import match_steps

__all__ = ["VID", "VIDAdapter", "vid_loss"]

_EPSILON = 1e-5


def vid_loss(mean: Tensor, variance: Tensor, teacher_map: Tensor) -> Tensor:
    """``½((F_t − μ)² / σ² + log σ²)``, the mean over cases, channels and steps.

    Parameters
    ----------
    mean : Tensor of shape (B, D, L)
        μ(F_s), in the teacher's width.
    variance : Tensor of shape (D,)
        σ² of each channel.
    teacher_map : Tensor of shape (B, D, L')
        Averaged over the student's steps where L' differs from L.
    """
    target = match_steps(teacher_map, mean.shape[-1])
    variance = variance[:, None]
    return 0.5 * ((target - mean).square() / variance + variance.log()).mean()


class VIDAdapter(nn.Module):
    """Mean and variance of the teacher's map given the student's.

    Parameters
    ----------
    n_student, n_teacher : int
        Widths.
    initial_variance : float
    """

    def __init__(self, n_student: int, n_teacher: int, initial_variance: float) -> None:
        super().__init__()
        self.mean = nn.Sequential(
            nn.Conv1d(n_student, n_teacher, 1, bias=False), nn.ReLU(),
            nn.Conv1d(n_teacher, n_teacher, 1, bias=False), nn.ReLU(),
            nn.Conv1d(n_teacher, n_teacher, 1, bias=False),
        )  # fmt: skip
        # the inverse of softplus, without an overflow
        variance = initial_variance - _EPSILON
        start = variance + math.log(-math.expm1(-variance))
        self.scale = nn.Parameter(torch.full((n_teacher,), start))

    @property
    def variance(self) -> Tensor:
        """σ² of each teacher channel, shape (D,)."""
        return softplus(self.scale) + _EPSILON


class VID(Distiller):
    """Make the teacher's feature map likely given the student's.

    Parameters
    ----------
    weight : float, default=1.0
        λ of the transfer term.
    initial_variance : float, default=5.0
    """

    uses_feature_maps: ClassVar[bool] = True
    takes_one_step: ClassVar[bool] = True
    uses_logits: ClassVar[bool] = False

    def __init__(self, weight: float = 1.0, initial_variance: float = 5.0) -> None:
        self.weight = weight
        self.initial_variance = initial_variance

    def check_parameters(self) -> None:
        """Raise a ValueError for hyperparameters out of range."""
        super().check_parameters()
        check_real("initial_variance", self.initial_variance, 2 * _EPSILON)

    def build_adapter(self, student: FeatureShape, teacher: FeatureShape) -> nn.Module:
        """Make the maps of mean and variance."""
        return VIDAdapter(student.n_features, teacher.n_features, self.initial_variance)

    def loss(self, batch: DistillationBatch, adapter: nn.Module) -> Tensor:
        """Negative log-likelihood, a scalar."""
        assert isinstance(adapter, VIDAdapter)
        mean = adapter.mean(batch.student.feature_map)
        return vid_loss(mean, adapter.variance, batch.teacher.feature_map)

    stackable: ClassVar[bool] = True
    schedule_parameters: ClassVar[tuple[str, ...]] = ("weight",)
