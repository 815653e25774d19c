r"""Noise schedule of a DDPM (Ho, Jain & Abbeel 2020).

=====================  ==========================================
name here              name there
=====================  ==========================================
``betas``              :math:`\beta_t`
``alphas_cumprod``     :math:`\bar\alpha_t = \prod_s (1-\beta_s)`
``add_noise``          eq. 4, :math:`q(x_t | x_0)`
=====================  ==========================================
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

__all__ = ["NoiseSchedule"]


class NoiseSchedule(nn.Module):
    """Linear betas over ``n_steps`` timesteps.

    Parameters
    ----------
    n_steps : int, default=1000
        T; timesteps are 0 … T − 1.
    beta_start, beta_end : float, default=1e-4, 0.02

    Attributes
    ----------
    signal : tuple of float, length T
        ``alphas_cumprod`` in double precision on the host, for the few numbers of a sampler.
    """

    betas: Tensor
    alphas_cumprod: Tensor

    def __init__(
        self, n_steps: int = 1000, beta_start: float = 1e-4, beta_end: float = 0.02
    ) -> None:
        super().__init__()
        self.n_steps = n_steps
        # in double precision: the product of a thousand factors loses digits in single
        betas = torch.linspace(beta_start, beta_end, n_steps, dtype=torch.float64)
        signal = torch.cumprod(1.0 - betas, 0)
        self.register_buffer("betas", betas.float())
        self.register_buffer("alphas_cumprod", signal.float())
        self.signal: tuple[float, ...] = tuple(signal.tolist())

    def add_noise(self, z0: Tensor, noise: Tensor, timestep: Tensor) -> Tensor:
        """Sample ``z_t = sqrt(ā_t) z_0 + sqrt(1 − ā_t) ε``.

        Parameters
        ----------
        z0, noise : Tensor of shape (B, D)
        timestep : Tensor of int64, shape (B,)
        """
        signal = self.alphas_cumprod[timestep].to(z0.dtype)[:, None]
        return signal.sqrt() * z0 + (1.0 - signal).sqrt() * noise
