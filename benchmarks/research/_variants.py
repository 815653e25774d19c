"""What was tried: distillation methods that did not earn a place in the package, and settings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import mse_loss

from gdpd_sklearn.distillers import (
    GDPD,
    KD,
    Blended,
    DistillationBatch,
    Distiller,
    FeatureShape,
    Progress,
    Stage,
    Sum,
)

__all__ = ["VARIANTS"]

_SPREAD = 1e-3


class FeatureRegression(Distiller):
    """Predict the teacher's pooled features, standardised in the batch, by a linear map."""

    def __init__(self, weight: float = 1.0) -> None:
        self.weight = weight

    def build_adapter(self, student: FeatureShape, teacher: FeatureShape) -> nn.Module:
        """Make the linear map."""
        return nn.Linear(student.n_features, teacher.n_features)

    def loss(self, batch: DistillationBatch, adapter: nn.Module) -> Tensor:
        """Mean squared error over cases and features."""
        return mse_loss(adapter(batch.student.pooled), _standardised(batch.teacher.pooled))


class ConditionalDenoiser(Distiller):
    """Denoise the teacher's features given the student's: a conditional diffusion prior.

    Its gradient asks the student for all that it can tell of the future, in as many values as the
    teacher has features, and for a distribution instead of a point.
    """

    width = 64
    n_frequencies = 16

    def __init__(self, weight: float = 1.0) -> None:
        self.weight = weight

    def build_adapter(self, student: FeatureShape, teacher: FeatureShape) -> nn.Module:
        """Make a small net of (student's features, noisy features, noise level)."""
        n_inputs = student.n_features + teacher.n_features + self.n_frequencies
        return nn.Sequential(
            nn.Linear(n_inputs, self.width), nn.ReLU(),
            nn.Linear(self.width, self.width), nn.ReLU(),
            nn.Linear(self.width, teacher.n_features),
        )  # fmt: skip

    def draw_noise(
        self,
        n_cases: int,
        student: FeatureShape,
        teacher: FeatureShape,
        generator: torch.Generator,
    ) -> tuple[Tensor, ...]:
        """Draw noise (B, D) and its level (B, 1), as a quarter turn between signal and noise."""
        device = generator.device
        noise = torch.randn((n_cases, teacher.n_features), generator=generator, device=device)
        return noise, torch.rand((n_cases, 1), generator=generator, device=device)

    def loss(self, batch: DistillationBatch, adapter: nn.Module) -> Tensor:
        """Mean squared error of the clean features."""
        noise, level = batch.noise
        clean = _standardised(batch.teacher.pooled)
        turn = level * torch.pi / 2
        frequencies = torch.arange(1, self.n_frequencies + 1, device=level.device)
        inputs = [
            batch.student.pooled,
            turn.cos() * clean + turn.sin() * noise,
            torch.cos(level * frequencies * 1.5),
        ]
        return mse_loss(adapter(torch.cat(inputs, dim=1)), clean)


class AuxiliaryHead(Distiller):
    """A second, deeper head on the student's features, nothing of the teacher: a control."""

    def __init__(self, weight: float = 1.0) -> None:
        self.weight = weight

    def build_adapter(self, student: FeatureShape, teacher: FeatureShape) -> nn.Module:
        """Make the second head."""
        width = student.n_features
        return nn.Sequential(
            nn.Linear(width, width), nn.BatchNorm1d(width), nn.ReLU(),
            nn.Linear(width, student.n_classes),
        )  # fmt: skip

    def loss(self, batch: DistillationBatch, adapter: nn.Module) -> Tensor:
        """Cross-entropy of the second head."""
        return batch.task_loss(adapter(batch.student.pooled))


class NoisyHead(Distiller):
    """The head must also classify features with noise, nothing of the teacher: a control."""

    def __init__(self, weight: float = 1.0, spread: float = 0.5) -> None:
        self.weight = weight
        self.spread = spread

    def draw_noise(
        self,
        n_cases: int,
        student: FeatureShape,
        teacher: FeatureShape,
        generator: torch.Generator,
    ) -> tuple[Tensor, ...]:
        """Draw noise of the shape of the student's features."""
        shape = (n_cases, student.n_features)
        return (torch.randn(shape, generator=generator, device=generator.device),)

    def loss(self, batch: DistillationBatch, adapter: nn.Module) -> Tensor:
        """Cross-entropy of noisy features."""
        (noise,) = batch.noise
        z = batch.student.pooled
        return batch.task_loss(batch.student_head(z + self.spread * noise * z.detach().std(0)))


class Labels(Distiller):
    """The labels once more, nothing of the teacher: on blends it is mixup, a control."""

    def __init__(self, weight: float = 1.0) -> None:
        self.weight = weight

    def loss(self, batch: DistillationBatch, adapter: nn.Module) -> Tensor:
        """Cross-entropy against the labels, of a blend both by their shares."""
        return batch.task_loss(batch.student.logits)


class IgnorantPrior(GDPD):
    """GDPD whose prior never learns: what is left when nothing of the teacher comes through."""

    def stage(self, progress: Progress) -> Stage:
        """Let the prior rest throughout."""
        return super().stage(progress)._replace(trains_prior=False)


def _standardised(features: Tensor) -> Tensor:
    return (features - features.mean(0)) / (features.std(0) + _SPREAD)


VARIANTS: Mapping[str, dict[str, Any]] = {
    "none": {"distiller": "none"},
    "kd": {"distiller": KD(weight=0.5)},
    "gdpd": {"distiller": GDPD()},
    "gdpd, weight 0.1": {"distiller": GDPD(weight=0.1)},
    "gdpd, weight 3": {"distiller": GDPD(weight=3.0)},
    "gdpd, warm-up 0.25": {"distiller": GDPD(warmup=0.25)},
    "gdpd, 4 samples": {"distiller": GDPD(n_posterior_samples=4)},
    "gdpd, prior learns on": {"distiller": GDPD(freeze_prior=False)},
    "gdpd, ignorant prior": {"distiller": IgnorantPrior()},
    "feature regression": {"distiller": FeatureRegression()},
    "kd + feature regression": {"distiller": Sum(KD(weight=0.5), FeatureRegression(weight=0.3))},
    "conditional denoiser": {"distiller": ConditionalDenoiser()},
    "auxiliary head": {"distiller": AuxiliaryHead()},
    "noisy head": {"distiller": NoisyHead()},
    "blended labels": {"distiller": Blended(Labels())},
    "blended kd": {"distiller": Blended(KD())},
    "blended gdpd": {"distiller": Blended(GDPD())},
    "blended kd + gdpd": {"distiller": Blended(KD(), GDPD())},
    "blended feature regression": {"distiller": Blended(FeatureRegression())},
    "blended kd + feature regression": {"distiller": Blended(KD(), FeatureRegression())},
}
"""Name of a trial to parameters of the classifier; ``none`` and ``kd`` are what it must beat."""
