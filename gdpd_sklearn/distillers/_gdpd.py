r"""Generative diffusion prior distillation (Udayangani et al., ICLR 2026, arXiv 2605.11414).

The student's feature is treated as a degraded observation of a long-context feature. A diffusion
prior over teacher features takes it to a clean one, which the student's own head must classify.

=========================  ==========================================================
name here                  name there
=========================  ==========================================================
``batch.student.pooled``   :math:`z_{short}`
``teacher.pooled``         :math:`z_{long}`
``adapter.align``          :math:`a`, student width to latent width
``adapter.mixing``         net of :math:`\alpha`
``adapter.projection``     projection of the sample
``prior``                  auto-encoder and :math:`\epsilon_\phi`
``n_posterior_samples``    :math:`J`
=========================  ==========================================================

1. ``α = mixing(a(z_short))``; ``z_T' = α · a(z_short) + (1 − α) · ε``.
2. DDIM with the prior, from ``z_T'`` down; the prior is in evaluation mode, so that its batch norms
   use what they learned over all timesteps instead of this batch at one timestep.
3. ``ẑ_long = projection(sample)``; the loss is ``CE(head(ẑ_long), y)``, the mean over J samples.

The gradient runs through the whole chain into the student.
"""

from __future__ import annotations

from typing import ClassVar

import torch
from torch import Tensor, nn

from gdpd_sklearn._checks import check_int, check_real, check_switch
from gdpd_sklearn.diffusion import (
    MAX_TIMESTEPS,
    BottleneckMLP,
    DiffusionPrior,
    ddim_timesteps,
)
from gdpd_sklearn.distillers._base import (
    DistillationBatch,
    Distiller,
    FeatureShape,
    Progress,
    Stage,
    check_warmup,
)
from gdpd_sklearn.distillers._hinton import kd_loss

__all__ = ["GDPD", "GDPDAdapter"]


class GDPDAdapter(nn.Module):
    """What GDPD trains beside the student: alignment, mixing net, projection.

    Parameters
    ----------
    width : int
        Student width, which is also the latent width of the prior.
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        self.align = nn.Linear(width, width)
        self.mixing = nn.Sequential(BottleneckMLP(width, 8), nn.Linear(width, 2), nn.Softmax(-1))
        self.projection = nn.Sequential(nn.Linear(width, width), nn.BatchNorm1d(width))

    def start(self, z_short: Tensor, noise: Tensor) -> Tensor:
        """``z_T' = α · a(z_short) + (1 − α) · ε``, shape (B, width)."""
        aligned = self.align(z_short)
        alpha = self.mixing(aligned)[:, :1]
        return alpha * aligned + (1.0 - alpha) * noise


class GDPD(Distiller):
    """Distil through a diffusion prior of the teacher's features.

    Parameters
    ----------
    weight : float, default=1.0
        λ_KD; the paper takes the best of 0.1, 1 and 10.
    warmup : float or int, default=0.5
        Share of the epochs (or their number) in which the student learns alone and the prior
        learns the teacher; afterwards the student learns through the prior.
    n_sampling_steps : int, default=5
        DDIM steps (NFEs). With 0 nothing is refined and no prior is learned: the ablation without
        it, which leaves the starting point and the projection.
    n_posterior_samples : int, default=1
        J.
    n_diffusion_steps : int, default=1000
        T.
    freeze_prior : bool, default=True
        Whether the prior stops learning after the warm-up, as the paper's text says. The published
        runs keep updating it.
    hinton_weight : float, default=0.0
        Weight, relative to ``weight``, of Hinton's term that the published runs add (1.0 there).
    temperature : float, default=2.0
        Of Hinton's term.
    """

    stackable: ClassVar[bool] = True
    schedule_parameters: ClassVar[tuple[str, ...]] = ("weight", "warmup")

    def __init__(
        self,
        weight: float = 1.0,
        warmup: float | int = 0.5,
        n_sampling_steps: int = 5,
        n_posterior_samples: int = 1,
        n_diffusion_steps: int = 1000,
        freeze_prior: bool = True,
        hinton_weight: float = 0.0,
        temperature: float = 2.0,
    ) -> None:
        self.weight = weight
        self.warmup = warmup
        self.n_sampling_steps = n_sampling_steps
        self.n_posterior_samples = n_posterior_samples
        self.n_diffusion_steps = n_diffusion_steps
        self.freeze_prior = freeze_prior
        self.hinton_weight = hinton_weight
        self.temperature = temperature

    def check_parameters(self) -> None:
        """Raise a ValueError for hyperparameters out of range."""
        super().check_parameters()
        check_warmup(self.warmup)
        check_switch("freeze_prior", self.freeze_prior)
        check_int("n_posterior_samples", self.n_posterior_samples, 1, MAX_TIMESTEPS)
        n_sampling = check_int("n_sampling_steps", self.n_sampling_steps, 0, MAX_TIMESTEPS)
        n_diffusion = check_int("n_diffusion_steps", self.n_diffusion_steps, 2, MAX_TIMESTEPS)
        if n_sampling > 0:
            ddim_timesteps(n_sampling, n_diffusion)
        check_real("hinton_weight", self.hinton_weight, 0.0)
        check_real("temperature", self.temperature, 0.0, open_minimum=True)

    def build_adapter(self, student: FeatureShape, teacher: FeatureShape) -> nn.Module:
        """Make alignment, mixing net and projection."""
        return GDPDAdapter(student.n_features)

    @property
    def uses_logits(self) -> bool:  # type: ignore[override]
        """Whether there is a Hinton term."""
        return self.hinton_weight > 0

    @property
    def uses_prior(self) -> bool:
        """Whether samples are refined at all."""
        return self.n_sampling_steps > 0

    def build_prior(self, student: FeatureShape, teacher: FeatureShape) -> DiffusionPrior | None:
        """Make auto-encoder and denoiser."""
        if not self.uses_prior:
            return None
        return DiffusionPrior(teacher.n_features, student.n_features, self.n_diffusion_steps)

    def draw_noise(
        self,
        n_cases: int,
        student: FeatureShape,
        teacher: FeatureShape,
        generator: torch.Generator,
    ) -> tuple[Tensor, ...]:
        """Draw ε of the starting points, shape (J, B, width)."""
        shape = (self.n_posterior_samples, n_cases, student.n_features)
        return (torch.randn(shape, generator=generator, device=generator.device),)

    def stage(self, progress: Progress) -> Stage:
        """Prior and student apart during the warm-up; afterwards the student through the prior."""
        over = progress.reached(self.warmup)
        return Stage(
            transfer=self.weight if over else 0.0,
            trains_prior=not (over and self.freeze_prior),
            selects=over,
        )

    def loss(self, batch: DistillationBatch, adapter: nn.Module) -> Tensor:
        """Cross-entropy of refined features, a scalar."""
        assert isinstance(adapter, GDPDAdapter)
        (noise,) = batch.noise
        losses = [
            batch.task_loss(batch.student_head(self._refined(batch, adapter, epsilon)))
            for epsilon in noise
        ]
        loss = torch.stack(losses).mean()
        if self.hinton_weight:
            hinton = kd_loss(batch.student.logits, batch.teacher.logits, self.temperature)
            loss = loss + self.hinton_weight * hinton
        return loss

    def _refined(self, batch: DistillationBatch, adapter: GDPDAdapter, epsilon: Tensor) -> Tensor:
        sample = adapter.start(batch.student.pooled, epsilon)
        if batch.prior is not None:
            sample = batch.prior.refine(sample, self.n_sampling_steps)
        return adapter.projection(sample)
