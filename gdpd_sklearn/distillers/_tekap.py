r"""TeKAP (Hossain, Akhter, Hong & Huh, ICLR 2025): one teacher, several views by perturbation.

"Single teacher, multiple perspectives: teacher knowledge augmentation for enhanced knowledge
distillation", section 3, logit level and feature level ("F+L").

============================  ==========================================================
name here                     name there
============================  ==========================================================
``perturbed``                 augmented teacher, :math:`(1 − η) z + η ε`
``noise_level``               η, 0.1 in the authors' code
``n_views``                   number of augmented teachers, 3
``view_weight``               weight of an augmented teacher beside the actual one, 0.8
``contrastive_loss``          CRD (Tian, Krishnan & Isola, ICLR 2020), the feature level's base
``feature_weight``            weight of the feature level, 0.8
============================  ==========================================================

1. Logit level: Hinton's term against the teacher, plus ``view_weight`` times that for each view.
2. Feature level: a contrastive term against the teacher's features, plus the same for each view.

Noise comes in through ``draw_noise``, one draw for each view, case and entry.

From complete series to prefixes nothing has to be chosen: pooled features and logits have no steps,
and two learned linear embeddings bring both widths to one. CRD proper contrasts with thousands of
features remembered from other batches. A method here sees one batch, so that its negatives are the
batch's cases of other classes (CRD's too are of other classes), in the InfoNCE form.
"""

from __future__ import annotations

from typing import ClassVar

import torch
from torch import Tensor, nn
from torch.nn.functional import log_softmax, normalize

from gdpd_sklearn._checks import check_int, check_real
from gdpd_sklearn.distillers._base import DistillationBatch, Distiller, FeatureShape

__all__ = ["TeKAP", "TeKAPAdapter", "contrastive_loss", "perturbed", "tekap_loss"]


def perturbed(knowledge: Tensor, noise: Tensor, noise_level: float) -> Tensor:
    """``(1 − η) · z + η · ε``: one view per leading entry of the noise.

    Parameters
    ----------
    knowledge : Tensor of shape (B, D)
        Teacher's features or logits.
    noise : Tensor of shape (J, B, D)
        Standard normal.
    noise_level : float
        η.

    Returns
    -------
    Tensor of shape (J, B, D)
    """
    return (1.0 - noise_level) * knowledge + noise_level * noise


def tekap_loss(
    student_logits: Tensor,
    teacher_logits: Tensor,
    noise: Tensor,
    noise_level: float,
    view_weight: float,
    temperature: float,
) -> Tensor:
    """``T² · (KL(t ‖ s) + w · Σ_j KL(t_j ‖ s))`` of softened probabilities, the mean over cases.

    Parameters
    ----------
    student_logits, teacher_logits : Tensor of shape (B, K)
    noise : Tensor of shape (J, B, K)
    noise_level, view_weight, temperature : float
    """
    student = log_softmax(student_logits / temperature, dim=-1)
    views = perturbed(teacher_logits, noise, noise_level)
    actual, augmented = (
        log_softmax(logits / temperature, dim=-1) for logits in (teacher_logits, views)
    )
    divergence = (actual.exp() * (actual - student)).sum(-1)
    of_views = (augmented.exp() * (augmented - student)).sum(-1)
    return temperature**2 * (divergence + view_weight * of_views.sum(0)).mean()


def contrastive_loss(
    student: Tensor, teacher: Tensor, target: Tensor, temperature: float
) -> Tensor:
    """Pick the case's own teacher embedding, and its own student embedding, among the batch.

    Parameters
    ----------
    student, teacher : Tensor of shape (B, E)
        Embeddings; compared by their cosine.
    target : Tensor of int64, shape (B,)
        Cases of the same class are no negatives of each other.
    temperature : float

    Returns
    -------
    Tensor, a scalar
        Mean over cases of both directions' cross-entropies, summed.
    """
    similarity = normalize(student, dim=-1) @ normalize(teacher, dim=-1).T / temperature
    own = torch.eye(len(student), dtype=torch.bool, device=student.device)
    same_class = target[:, None] == target
    similarity = similarity.masked_fill(same_class & ~own, -torch.inf)
    among_teachers = log_softmax(similarity, dim=1).diagonal()
    among_students = log_softmax(similarity, dim=0).diagonal()
    return -(among_teachers + among_students).mean()


class TeKAPAdapter(nn.Module):
    """Linear embeddings of student's and teacher's features.

    Parameters
    ----------
    n_student, n_teacher : int
        Widths.
    n_embedding : int
    """

    def __init__(self, n_student: int, n_teacher: int, n_embedding: int) -> None:
        super().__init__()
        self.student = nn.Linear(n_student, n_embedding)
        self.teacher = nn.Linear(n_teacher, n_embedding)


class TeKAP(Distiller):
    """Learn from a teacher and randomly perturbed views of it.

    Parameters
    ----------
    weight : float, default=1.0
        λ of the transfer term.
    n_views : int, default=3
        Perturbed views beside the teacher itself.
    noise_level : float, default=0.1
        η, the share of noise in a view.
    view_weight : float, default=0.8
        Weight of each view; the teacher itself has 1.
    feature_weight : float, default=0.8
        Weight of the feature level; the logit level has 1. With 0 it is left out.
    temperature : float, default=2.0
        Of the logit level.
    contrast_temperature : float, default=0.07
        Of the feature level.
    n_embedding : int, default=128
        Width of the embeddings of the feature level.
    """

    stackable: ClassVar[bool] = True
    schedule_parameters: ClassVar[tuple[str, ...]] = ("weight",)

    def __init__(
        self,
        weight: float = 1.0,
        n_views: int = 3,
        noise_level: float = 0.1,
        view_weight: float = 0.8,
        feature_weight: float = 0.8,
        temperature: float = 2.0,
        contrast_temperature: float = 0.07,
        n_embedding: int = 128,
    ) -> None:
        self.weight = weight
        self.n_views = n_views
        self.noise_level = noise_level
        self.view_weight = view_weight
        self.feature_weight = feature_weight
        self.temperature = temperature
        self.contrast_temperature = contrast_temperature
        self.n_embedding = n_embedding

    def check_parameters(self) -> None:
        """Raise a ValueError for hyperparameters out of range."""
        super().check_parameters()
        check_int("n_views", self.n_views, 1, 1000)
        check_real("noise_level", self.noise_level, 0.0, 1.0)
        check_real("view_weight", self.view_weight, 0.0)
        check_real("feature_weight", self.feature_weight, 0.0)
        check_real("temperature", self.temperature, 0.0, open_minimum=True)
        check_real("contrast_temperature", self.contrast_temperature, 0.0, open_minimum=True)
        check_int("n_embedding", self.n_embedding, 1, 4096)

    def build_adapter(self, student: FeatureShape, teacher: FeatureShape) -> nn.Module:
        """Make the embeddings of the feature level."""
        if not self.feature_weight:
            return super().build_adapter(student, teacher)
        return TeKAPAdapter(student.n_features, teacher.n_features, self.n_embedding)

    def draw_noise(
        self,
        n_cases: int,
        student: FeatureShape,
        teacher: FeatureShape,
        generator: torch.Generator,
    ) -> tuple[Tensor, ...]:
        """Draw the noise of logits (J, B, K) and of teacher features (J, B, D)."""
        return tuple(
            torch.randn(
                (self.n_views, n_cases, width), generator=generator, device=generator.device
            )
            for width in (teacher.n_classes, teacher.n_features)
        )

    def loss(self, batch: DistillationBatch, adapter: nn.Module) -> Tensor:
        """Logit level and feature level, a scalar."""
        logit_noise, feature_noise = batch.noise
        loss = tekap_loss(
            batch.student.logits, batch.teacher.logits, logit_noise,
            self.noise_level, self.view_weight, self.temperature,
        )  # fmt: skip
        if not self.feature_weight:
            return loss
        assert isinstance(adapter, TeKAPAdapter)
        student = adapter.student(batch.student.pooled)
        views = perturbed(batch.teacher.pooled, feature_noise, self.noise_level)
        actual, *of_views = (
            contrastive_loss(
                student, adapter.teacher(features), batch.target, self.contrast_temperature
            )
            for features in (batch.teacher.pooled, *views)
        )
        return loss + self.feature_weight * (actual + self.view_weight * sum(of_views))
