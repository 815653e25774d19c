r"""DT2W (Qiao, Hu, Jiang, Suganthan & Savitha, ICASSP 2023).

"Class-incremental learning on multivariate time series via shape-aligned temporal distillation":
its distillation of temporal feature maps by soft-DTW. What serves class-incremental learning there
(prototypes, the weight by task number) has no counterpart here.

==========================  ====================================================
name here                   name there
==========================  ====================================================
``student_map``             feature map of the new model, after the adapter
``teacher_map``             feature map of the old model
``dt2w_loss``               soft-DTW of the two along time
``gamma``                   :math:`\gamma`, 1.2 in the GDPD paper's comparison
==========================  ====================================================

1. ``cost[i, j]``: squared Euclidean distance of student step i and teacher step j, summed over
   channels as there, so that γ keeps its meaning.
2. Soft-DTW, divided by the teacher's width and the longer of the two lengths, the mean over cases.
   With γ → 0 and maps in step this is a mean squared error; γ acts before the division. The authors
   take the raw value, about D · L times as large.

Soft-DTW's own bias is kept, as there: it may be negative, and is least not at equal maps but a
little off them. (Blondel, Mensch & Vert, 2021, have a divergence without it, at three times the
cost.)

From complete series to prefixes: lengths need no match, aligning them is the point. The authors'
old and new model share their architecture. Here a 1×1 convolution takes the student's channels to
the teacher's; the opposite direction could shrink both maps to nothing. It stands there for equal
widths too, because channels of networks that were initialised apart have no common order. As in the
GDPD paper the term starts after a warm-up.
"""

from __future__ import annotations

from typing import ClassVar

from torch import Tensor, nn

from gdpd_sklearn._checks import check_real
from gdpd_sklearn.distillers._base import (
    DistillationBatch,
    Distiller,
    FeatureShape,
    Progress,
    Stage,
    check_warmup,
)
from gdpd_sklearn.distillers._soft_dtw import soft_dtw

__all__ = ["DT2W", "dt2w_loss"]


def dt2w_loss(student_map: Tensor, teacher_map: Tensor, gamma: float) -> Tensor:
    """Soft-DTW between feature maps, per channel and step, the mean over cases.

    Parameters
    ----------
    student_map : Tensor of shape (B, D, L)
        Already mapped to the teacher's width.
    teacher_map : Tensor of shape (B, D, L')
    gamma : float
        Smoothing, in units of a squared distance summed over channels.
    """
    n_features, n_steps = student_map.shape[-2:]
    product = student_map.transpose(-1, -2) @ teacher_map
    cost = (
        student_map.square().sum(-2)[..., None]
        + teacher_map.square().sum(-2)[..., None, :]
        - 2.0 * product
    )
    return soft_dtw(cost, gamma).mean() / (n_features * max(n_steps, teacher_map.shape[-1]))


class DT2W(Distiller):
    """Align the student's feature map with the teacher's in time, and match it.

    Parameters
    ----------
    weight : float, default=1.0
        λ of the transfer term.
    gamma : float, default=1.2
        Smoothing of the alignment.
    warmup : float or int, default=0.5
        Share of the epochs (or their number) in which the student learns from labels alone.
    """

    uses_feature_maps: ClassVar[bool] = True
    uses_logits: ClassVar[bool] = False
    stackable: ClassVar[bool] = True
    schedule_parameters: ClassVar[tuple[str, ...]] = ("weight", "warmup")

    def __init__(self, weight: float = 1.0, gamma: float = 1.2, warmup: float | int = 0.5) -> None:
        self.weight = weight
        self.gamma = gamma
        self.warmup = warmup

    def check_parameters(self) -> None:
        """Raise a ValueError for hyperparameters out of range."""
        super().check_parameters()
        check_real("gamma", self.gamma, 0.0, open_minimum=True)
        check_warmup(self.warmup)

    def build_adapter(self, student: FeatureShape, teacher: FeatureShape) -> nn.Module:
        """Make the map from the student's to the teacher's width."""
        return nn.Conv1d(student.n_features, teacher.n_features, 1)

    def stage(self, progress: Progress) -> Stage:
        """Labels alone in the warm-up; selection after it, so that what is kept was distilled."""
        over = progress.reached(self.warmup)
        return Stage(transfer=self.weight if over else 0.0, selects=over)

    def loss(self, batch: DistillationBatch, adapter: nn.Module) -> Tensor:
        """Alignment cost, a scalar."""
        student_map = adapter(batch.student.feature_map)
        return dt2w_loss(student_map, batch.teacher.feature_map, self.gamma)
