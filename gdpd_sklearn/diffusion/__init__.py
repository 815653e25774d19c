"""Diffusion: a DDPM prior over feature vectors and its deterministic sampler."""

from gdpd_sklearn.diffusion._ddim import ddim_step, ddim_timesteps, sample_ddim
from gdpd_sklearn.diffusion._denoiser import MAX_TIMESTEPS, BottleneckMLP, Denoiser
from gdpd_sklearn.diffusion._prior import DiffusionPrior
from gdpd_sklearn.diffusion._schedule import NoiseSchedule

__all__ = [
    "MAX_TIMESTEPS",
    "BottleneckMLP",
    "Denoiser",
    "DiffusionPrior",
    "NoiseSchedule",
    "ddim_step",
    "ddim_timesteps",
    "sample_ddim",
]
