"""The prior: what a diffusion model knows of a teacher's features."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from gdpd_sklearn.diffusion._ddim import ddim_timesteps, sample_ddim
from gdpd_sklearn.diffusion._denoiser import MAX_TIMESTEPS, Denoiser
from gdpd_sklearn.diffusion._schedule import NoiseSchedule

__all__ = ["DiffusionPrior"]


class DiffusionPrior(nn.Module):
    """Linear auto-encoder of teacher features and a DDPM on its latents (Udayangani et al. 2026).

    Parameters
    ----------
    n_features : int
        Teacher width.
    width : int
        Latent width c; the student's width, so that the student's head accepts the latents.
    n_steps : int, default=1000
        Diffusion steps T, at most 1280.

    Notes
    -----
    The auto-encoder is a linear map with batch norm and a linear decoder. The latents that the
    denoiser learns are detached: the denoising loss does not shape the auto-encoder.
    """

    def __init__(self, n_features: int, width: int, n_steps: int = 1000) -> None:
        super().__init__()
        if not 2 <= n_steps <= MAX_TIMESTEPS:
            raise ValueError(f"n_diffusion_steps={n_steps!r} must be in [2, {MAX_TIMESTEPS}].")
        self.encoder = nn.Sequential(nn.Linear(n_features, width), nn.BatchNorm1d(width))
        self.decoder = nn.Linear(width, n_features)
        self.denoiser = Denoiser(width)
        self.schedule = NoiseSchedule(n_steps)

    def loss(self, z_long: Tensor, generator: torch.Generator | None = None) -> Tensor:
        """Reconstruction plus denoising loss of teacher features, a scalar.

        Parameters
        ----------
        z_long : Tensor of shape (B, n_features)
        generator : torch.Generator, optional
            Draws timesteps (uniform, one per case) and noise.
        """
        latent = self.encoder(z_long)
        reconstruction = nn.functional.mse_loss(self.decoder(latent), z_long)
        timestep = torch.randint(
            self.schedule.n_steps, (len(z_long),), generator=generator, device=z_long.device
        )
        noise = torch.randn(latent.shape, generator=generator, device=z_long.device)
        return reconstruction + self.denoising_loss(latent.detach(), noise, timestep)

    def denoising_loss(self, z0: Tensor, noise: Tensor, timestep: Tensor) -> Tensor:
        """``E‖ε − ε_φ(z_t, t)‖²``, the mean over cases and latent dimensions."""
        predicted = self.denoiser(self.schedule.add_noise(z0, noise, timestep), timestep)
        return nn.functional.mse_loss(predicted, noise)

    def refine(self, z: Tensor, n_sampling_steps: int) -> Tensor:
        """Take a noisy latent (B, c) to a clean one by DDIM; differentiable in ``z``."""
        timesteps = ddim_timesteps(n_sampling_steps, self.schedule.n_steps)
        return sample_ddim(z, self.denoiser, self.schedule.signal, timesteps)
