r"""Deterministic sampling (Song, Meng & Ermon, "Denoising diffusion implicit models", ICLR 2021).

=====================  ===========================================
name here              name there (eq. 12 with :math:`\sigma = 0`)
=====================  ===========================================
``alpha``              :math:`\alpha_t` (the cumulative product)
``alpha_previous``     :math:`\alpha_{t-1}`
``z0``                 "predicted :math:`x_0`"
``epsilon``            :math:`\epsilon_\theta(x_t)`
=====================  ===========================================
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import sqrt

import torch
from torch import Tensor

__all__ = ["ddim_step", "ddim_timesteps", "sample_ddim"]


def ddim_timesteps(n_sampling_steps: int, n_steps: int) -> list[int]:
    """Timesteps of the sampler, from noisy to clean: the lower half of a grid of 2·steps.

    >>> ddim_timesteps(5, 1000)
    [400, 300, 200, 100, 0]
    """
    if 2 * n_sampling_steps > n_steps:
        raise ValueError(
            f"n_sampling_steps={n_sampling_steps} must be at most half of "
            f"n_diffusion_steps={n_steps}."
        )
    spacing = n_steps // (2 * n_sampling_steps)
    return [step * spacing for step in reversed(range(n_sampling_steps))]


def ddim_step(z: Tensor, epsilon: Tensor, alpha: float, alpha_previous: float) -> Tensor:
    """One step of eq. 12 with η = 0, without clipping.

    Parameters
    ----------
    z, epsilon : Tensor of shape (B, D)
        Present sample and predicted noise.
    alpha, alpha_previous : float
        ā at this timestep and at the next cleaner one.
    """
    z0 = (z - sqrt(1.0 - alpha) * epsilon) / sqrt(alpha)
    return sqrt(alpha_previous) * z0 + sqrt(1.0 - alpha_previous) * epsilon


def sample_ddim(
    z: Tensor,
    predict_noise: Callable[[Tensor, Tensor], Tensor],
    alphas_cumprod: Sequence[float],
    timesteps: list[int],
) -> Tensor:
    """Run the reverse process from ``z`` down the timesteps; differentiable in ``z``.

    Parameters
    ----------
    z : Tensor of shape (B, D)
        Sample at ``timesteps[0]``.
    predict_noise : callable
        ε_φ(z, t) with t of shape (B,).
    alphas_cumprod : sequence of float, length T
    timesteps : list of int
        Decreasing. ā before the last of them counts as 1.
    """
    for now, following in zip(timesteps, [*timesteps[1:], None], strict=True):
        t = torch.full((z.shape[0],), now, dtype=torch.int64, device=z.device)
        previous = 1.0 if following is None else float(alphas_cumprod[following])
        z = ddim_step(z, predict_noise(z, t), float(alphas_cumprod[now]), previous)
    return z
