r"""FitNets (Romero et al., "FitNets: hints for thin deep nets", ICLR 2015, arXiv 1412.6550).

Section 2.2, hint-based training, and section 2.3, the two stages.

==========================  ==================================================
name here                   name there
==========================  ==================================================
``student_map``             :math:`v_g(x; W_{Guided})`, after the regressor
``teacher_map``             :math:`u_h(x; W_{Hint})`
``adapter``                 regressor :math:`r(\cdot; W_r)`
``fitnets_loss``            :math:`\mathcal{L}_{HT}`, as a mean and without its ½
==========================  ==================================================

1. Until the warm-up is over: the hint loss alone, without labels.
2. Afterwards: the labels alone. (There the second stage is Hinton's distillation, the GDPD paper's
   "Fits" takes the task loss; ``Sum(FitNets(), KD())`` adds Hinton's term, in both stages.)

From complete series to prefixes: hint and guided layer are the last feature maps. Widths are
matched by the regressor, a 1×1 convolution that takes the student's map to the teacher's width
(there a full convolution, which serves to match image sizes); lengths by averaging the teacher's
map over the student's steps. The published sum of squares grows with map and batch; the mean does
not, and the minimum is the same.
"""

from __future__ import annotations

from typing import ClassVar

from torch import Tensor, nn
from torch.nn.functional import mse_loss

from gdpd_sklearn.distillers._base import (
    DistillationBatch,
    Distiller,
    FeatureShape,
    Progress,
    Stage,
    check_warmup,
)
from gdpd_sklearn.distillers._match_steps import match_steps

__all__ = ["FitNets", "fitnets_loss"]


def fitnets_loss(student_map: Tensor, teacher_map: Tensor) -> Tensor:
    """``‖W·F_s − F_t‖²``, the mean over cases, channels and steps.

    Parameters
    ----------
    student_map : Tensor of shape (B, D, L)
        Already mapped to the teacher's width.
    teacher_map : Tensor of shape (B, D, L')
        Averaged over the student's steps where L' differs from L.
    """
    return mse_loss(student_map, match_steps(teacher_map, student_map.shape[-1]))


class FitNets(Distiller):
    """Learn the teacher's feature map first, the labels afterwards.

    Parameters
    ----------
    weight : float, default=1.0
        λ of the hint loss; it stands alone in its stage, so that it acts as a learning rate.
    warmup : float or int, default=0.5
        Share of the epochs (or their number) of the hint stage.
    """

    uses_feature_maps: ClassVar[bool] = True
    takes_one_step: ClassVar[bool] = True
    uses_logits: ClassVar[bool] = False
    stackable: ClassVar[bool] = True
    schedule_parameters: ClassVar[tuple[str, ...]] = ("weight", "warmup")

    def __init__(self, weight: float = 1.0, warmup: float | int = 0.5) -> None:
        self.weight = weight
        self.warmup = warmup

    def check_parameters(self) -> None:
        """Raise a ValueError for hyperparameters out of range."""
        super().check_parameters()
        check_warmup(self.warmup)

    def build_adapter(self, student: FeatureShape, teacher: FeatureShape) -> nn.Module:
        """Make the regressor from the student's to the teacher's width."""
        return nn.Conv1d(student.n_features, teacher.n_features, 1)

    def stage(self, progress: Progress) -> Stage:
        """Hints alone, then labels alone; only then has the head learned what can be selected."""
        if progress.reached(self.warmup):
            return Stage(transfer=0.0)
        return Stage(task=0.0, transfer=self.weight, selects=False)

    def loss(self, batch: DistillationBatch, adapter: nn.Module) -> Tensor:
        """Hint loss, a scalar."""
        return fitnets_loss(adapter(batch.student.feature_map), batch.teacher.feature_map)
