"""ResNet for time series (Wang, Yan & Oates 2017), the paper's ResNet32-64."""

from __future__ import annotations

from typing import ClassVar

import torch
from torch import Tensor, nn

from gdpd_sklearn._checks import check_int
from gdpd_sklearn.networks._base import MOST_UNITS, Architecture, same_conv1d

__all__ = ["ResNet"]


class ResNet(Architecture):
    """Three residual blocks of three convolutions each.

    Parameters
    ----------
    width : int, default=64
        Channels of the first block; the second and third have twice as many.

    Notes
    -----
    Kernels 8, 5, 3 with bias and batch norm; a 1×1 convolution with batch norm on the shortcut
    only where widths differ (Udayangani et al. 2026, Table 9: 504 002 parameters with one
    channel and two classes).
    """

    stackable: ClassVar[bool] = True

    def __init__(self, width: int = 64) -> None:
        self.width = width

    def stacking_width(self) -> int:
        """Give the filters of the widest layer."""
        return 2 * self.width

    def build_backbone(self, n_channels: int, n_timepoints: int) -> tuple[nn.Module, int]:
        """Make the backbone and say its width D."""
        width = check_int("width", self.width, 1, MOST_UNITS)
        blocks = nn.Sequential(
            _ResidualBlock(n_channels, width),
            _ResidualBlock(width, 2 * width),
            _ResidualBlock(2 * width, 2 * width),
        )
        return blocks, 2 * width


class _ResidualBlock(nn.Module):
    def __init__(self, n_in: int, n_out: int) -> None:
        super().__init__()
        self.body = nn.Sequential(
            same_conv1d(n_in, n_out, 8, bias=True), nn.BatchNorm1d(n_out), nn.ReLU(),
            same_conv1d(n_out, n_out, 5, bias=True), nn.BatchNorm1d(n_out), nn.ReLU(),
            same_conv1d(n_out, n_out, 3, bias=True), nn.BatchNorm1d(n_out),
        )  # fmt: skip
        self.shortcut: nn.Module = (
            nn.Identity()
            if n_in == n_out
            else nn.Sequential(nn.Conv1d(n_in, n_out, 1), nn.BatchNorm1d(n_out))
        )

    def forward(self, x: Tensor) -> Tensor:
        return torch.relu(self.body(x) + self.shortcut(x))
