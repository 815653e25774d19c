"""LITE (Ismail-Fawaz et al. 2023): light inception with boosting techniques."""

from __future__ import annotations

from typing import ClassVar

import torch
from torch import Tensor, nn
from torch.nn.functional import conv1d

from gdpd_sklearn._checks import check_int
from gdpd_sklearn.networks._base import MOST_UNITS, Architecture, same_conv1d

__all__ = ["LITE", "FixedFilters"]


class LITE(Architecture):
    """One inception layer with hand-made filters, then two depthwise separable convolutions.

    Parameters
    ----------
    n_filters : int, default=32
        Width D.
    kernel_size : int, default=40
        Longest kernel of the first layer; the others are a half and a quarter of it.

    Notes
    -----
    Ismail-Fawaz, Devanne, Berretti, Weber & Forestier, "LITE: Light Inception with boosTing
    tEchniques for Time Series Classification", DSAA 2023, section III; 9 814 trainable parameters
    before the head with one channel, as published. With several channels the hand-made filters are
    applied to each channel and summed.
    """

    stackable: ClassVar[bool] = True
    learning_rate: ClassVar[float] = 0.005

    def __init__(self, n_filters: int = 32, kernel_size: int = 40) -> None:
        self.n_filters = n_filters
        self.kernel_size = kernel_size

    def stacking_width(self) -> int:
        """Give the filters of the widest layer that mixes channels."""
        return self.n_filters

    def build_backbone(self, n_channels: int, n_timepoints: int) -> tuple[nn.Module, int]:
        """Make the backbone and say its width D."""
        n_filters = check_int("n_filters", self.n_filters, 1, MOST_UNITS)
        kernel_size = check_int("kernel_size", self.kernel_size, 4, MOST_UNITS)
        first = _HybridInception(n_channels, n_filters, kernel_size)
        backbone = nn.Sequential(
            first,
            _separable(first.n_out, n_filters, kernel_size // 2, dilation=2),
            _separable(n_filters, n_filters, kernel_size // 4, dilation=4),
        )
        return backbone, n_filters


def _separable(n_in: int, n_out: int, kernel_size: int, dilation: int) -> nn.Module:
    return nn.Sequential(
        same_conv1d(n_in, n_in, kernel_size, dilation=dilation, depthwise=True),
        nn.Conv1d(n_in, n_out, 1, bias=False),
        nn.BatchNorm1d(n_out),
        nn.ReLU(),
    )


class FixedFilters(nn.Module):
    """Convolution with kernels (D, 1, odd length) that are neither trained nor stored."""

    kernels: Tensor

    def __init__(self, kernels: Tensor) -> None:
        super().__init__()
        self.register_buffer("kernels", kernels, persistent=False)
        # a number, not a shape: the graph exporter of torch 2.5 takes shapes for tensors
        self.padding = kernels.shape[-1] // 2

    def forward(self, x: Tensor) -> Tensor:
        """(B, 1, T) → (B, D, T)."""
        return conv1d(x, self.kernels, padding=self.padding)


class _HybridInception(nn.Module):
    def __init__(self, n_channels: int, n_filters: int, kernel_size: int) -> None:
        super().__init__()
        self.branches = nn.ModuleList(
            same_conv1d(n_channels, n_filters, kernel_size // divisor) for divisor in (1, 2, 4)
        )
        self.hand_made = FixedFilters(_as_kernels(hand_made_filters()))
        self.n_out = 3 * n_filters + len(self.hand_made.kernels)
        self.norm = nn.BatchNorm1d(self.n_out)

    def forward(self, x: Tensor) -> Tensor:
        # the same filters on every channel, summed: the same as on the sum of the channels
        fixed = self.hand_made(x.sum(1, keepdim=True))
        parts = [branch(x) for branch in self.branches]
        return torch.relu(self.norm(torch.cat([*parts, torch.relu(fixed)], dim=1)))


def hand_made_filters() -> list[Tensor]:
    """Make filters that detect rises, falls and peaks (LITE, section III-B).

    17 of lengths 2 … 144.

    A rise (fall) filter alternates −1, +1 (+1, −1); a peak filter is a negative, a doubled
    positive and a negative parabolic bump, each as long as half its nominal size.
    """
    filters: list[Tensor] = []
    for size in (2, 4, 8, 16, 32, 64):
        rise = torch.ones(size)
        rise[::2] = -1.0
        filters += [rise, -rise]
    for size in (6, 12, 24, 48, 96):
        half = torch.linspace(0.0, 1.0, size // 4 + 1)[1:] ** 2
        bump = torch.cat([half, half.flip(0)])
        filters.append(torch.cat([-bump, 2.0 * bump, -bump]))
    return filters


def _as_kernels(filters: list[Tensor]) -> Tensor:
    """Centre filters in kernels of one odd length, so that one convolution applies them all."""
    width = max(len(each) for each in filters) | 1
    kernels = torch.zeros(len(filters), 1, width)
    for kernel, each in zip(kernels, filters, strict=True):
        # a filter of length n looks (n − 1) // 2 points back, as "same" padding has it
        start = width // 2 - (len(each) - 1) // 2
        kernel[0, start : start + len(each)] = each
    return kernels
