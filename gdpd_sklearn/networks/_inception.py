"""InceptionTime (Ismail Fawaz et al. 2020) and the serial variant of the GDPD paper."""

from __future__ import annotations

from typing import ClassVar

import torch
from torch import Tensor, nn

from gdpd_sklearn._checks import check_int
from gdpd_sklearn.networks._base import MOST_LAYERS, MOST_UNITS, Architecture, same_conv1d

__all__ = ["InceptionTime", "SerialInception"]


class InceptionTime(Architecture):
    """One network of the original InceptionTime.

    Parameters
    ----------
    n_filters : int, default=32
        Filters of each branch and of the bottleneck; the width D is four times that.
    depth : int, default=6
        Inception modules; every third closes a residual connection.
    kernel_size : int, default=40
        Longest kernel; the others are a half and a quarter of it.

    Notes
    -----
    Ismail Fawaz et al., "InceptionTime", Data Mining and Knowledge Discovery 34 (2020), section 3.
    420 192 parameters before the head with one channel, as the paper's implementation. A kernel
    longer than the input is no harm: the overhang meets zero padding.
    """

    stackable: ClassVar[bool] = True

    def __init__(self, n_filters: int = 32, depth: int = 6, kernel_size: int = 40) -> None:
        self.n_filters = n_filters
        self.depth = depth
        self.kernel_size = kernel_size

    def stacking_width(self) -> int:
        """Give the filters of the widest layer."""
        return 4 * self.n_filters

    def build_backbone(self, n_channels: int, n_timepoints: int) -> tuple[nn.Module, int]:
        """Make the backbone and say its width D."""
        n_filters = check_int("n_filters", self.n_filters, 1, MOST_UNITS)
        depth = check_int("depth", self.depth, 1, MOST_LAYERS)
        kernel_size = check_int("kernel_size", self.kernel_size, 4, MOST_UNITS)
        return _InceptionBackbone(n_channels, n_filters, depth, kernel_size), 4 * n_filters


class _InceptionModule(nn.Module):
    def __init__(self, n_in: int, n_filters: int, kernel_size: int) -> None:
        super().__init__()
        # the bottleneck reduces channels; with a single one there is nothing to reduce
        self.bottleneck: nn.Module = (
            nn.Conv1d(n_in, n_filters, 1, bias=False) if n_in > 1 else nn.Identity()
        )
        n_inner = n_filters if n_in > 1 else n_in
        self.branches = nn.ModuleList(
            same_conv1d(n_inner, n_filters, kernel_size // divisor) for divisor in (1, 2, 4)
        )
        self.pooled = nn.Sequential(
            nn.MaxPool1d(3, stride=1, padding=1), nn.Conv1d(n_in, n_filters, 1, bias=False)
        )
        self.norm = nn.BatchNorm1d(4 * n_filters)

    def forward(self, x: Tensor) -> Tensor:
        inner = self.bottleneck(x)
        parts = [branch(inner) for branch in self.branches]
        return torch.relu(self.norm(torch.cat([*parts, self.pooled(x)], dim=1)))


class _InceptionBackbone(nn.Module):
    def __init__(self, n_channels: int, n_filters: int, depth: int, kernel_size: int) -> None:
        super().__init__()
        width = 4 * n_filters
        self.blocks = nn.ModuleList(
            _InceptionModule(n_channels if i == 0 else width, n_filters, kernel_size)
            for i in range(depth)
        )
        self.shortcuts = nn.ModuleList(
            nn.Sequential(
                nn.Conv1d(n_channels if i == 0 else width, width, 1, bias=False),
                nn.BatchNorm1d(width),
            )
            for i in range(depth // 3)
        )

    def forward(self, x: Tensor) -> Tensor:
        residual = x
        for i, block in enumerate(self.blocks):
            x = block(x)
            if i % 3 == 2:
                x = torch.relu(x + self.shortcuts[i // 3](residual))
                residual = x
        return x


class SerialInception(Architecture):
    """The paper's Inception55-32: the convolutions of a block stand one after another.

    Parameters
    ----------
    width : int, default=32

    Notes
    -----
    Udayangani et al. 2026, Table 9: six blocks with kernels 9, 19, 39, 9, 19, 39; in each a 1×1
    bottleneck, then convolutions of k, k//2, k//4, and a residual 1×1 convolution with batch norm;
    no biases. Each block also owns a batch norm that its forward pass leaves unused; it is kept for
    the published parameter count of 244 610 and excluded from gradients by never being called.
    """

    stackable: ClassVar[bool] = True

    def __init__(self, width: int = 32) -> None:
        self.width = width

    def stacking_width(self) -> int:
        """Give the filters of the widest layer."""
        return self.width

    def build_backbone(self, n_channels: int, n_timepoints: int) -> tuple[nn.Module, int]:
        """Make the backbone and say its width D."""
        width = check_int("width", self.width, 1, MOST_UNITS)
        kernels = (9, 19, 39, 9, 19, 39)
        blocks = [
            _SerialBlock(n_channels if i == 0 else width, width, kernel)
            for i, kernel in enumerate(kernels)
        ]
        return nn.Sequential(*blocks), width


class _SerialBlock(nn.Module):
    def __init__(self, n_in: int, width: int, kernel_size: int) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv1d(n_in, width, 1, bias=False),
            *(same_conv1d(width, width, kernel_size // divisor) for divisor in (1, 2, 4)),
        )
        self.residual = nn.Sequential(nn.Conv1d(n_in, width, 1, bias=False), nn.BatchNorm1d(width))
        self.unused_norm = nn.BatchNorm1d(width)

    def forward(self, x: Tensor) -> Tensor:
        return torch.relu(self.body(x) + self.residual(x))
