"""The denoiser ε_φ(z, t) on feature vectors."""

from __future__ import annotations

from torch import Tensor, nn

__all__ = ["BottleneckMLP", "Denoiser"]

# Rows of the timestep table; bounds the number of diffusion steps (Udayangani et al. 2026: 1000).
MAX_TIMESTEPS = 1280


class BottleneckMLP(nn.Module):
    """Residual bottleneck: c → c/r → c/r → c, batch norm after each linear map, ReLU between.

    Parameters
    ----------
    width : int
        c.
    reduction : int
        r; the inner width is c // r but at least one, so that narrow features work.
    """

    def __init__(self, width: int, reduction: int) -> None:
        super().__init__()
        inner = max(1, width // reduction)
        self.body = nn.Sequential(
            nn.Linear(width, inner), nn.BatchNorm1d(inner), nn.ReLU(),
            nn.Linear(inner, inner), nn.BatchNorm1d(inner), nn.ReLU(),
            nn.Linear(inner, width), nn.BatchNorm1d(width),
        )  # fmt: skip

    def forward(self, z: Tensor) -> Tensor:
        return z + self.body(z)


class Denoiser(nn.Module):
    """Predict the noise in ``z_t``: timestep embedding, two bottlenecks, linear, batch norm.

    Parameters
    ----------
    width : int
        Latent width c.
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(MAX_TIMESTEPS, width)
        self.body = nn.Sequential(
            BottleneckMLP(width, 4),
            BottleneckMLP(width, 4),
            nn.Linear(width, width),
            nn.BatchNorm1d(width),
        )

    def forward(self, z: Tensor, timestep: Tensor) -> Tensor:
        """(B, c) and (B,) → (B, c)."""
        return self.body(z + self.embedding(timestep))
