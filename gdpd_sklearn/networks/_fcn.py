"""Fully convolutional network (Wang, Yan & Oates 2017), of any widths; small by default."""

from __future__ import annotations

from typing import ClassVar

import torch
from torch import Tensor, nn
from torch.nn.functional import pad

from gdpd_sklearn._checks import check_int
from gdpd_sklearn.networks._base import MOST_UNITS, Architecture, State, same_conv1d

__all__ = ["FCN", "CausalBackbone", "CausalConv", "CausalFCN"]


class FCN(Architecture):
    """Convolution, batch norm, ReLU, a few times over.

    Parameters
    ----------
    widths : tuple of int, default=(16, 32, 16)
        Channels of each layer; the last is the width D. The original has (128, 256, 128).
    kernel_sizes : tuple of int, default=(25, 15, 9)
        Wide, since a prefix is stretched to the network's input: of a fifth of the series, 25
        input points are 5 points of the series (docs/defaults.md has figures). The original has
        (8, 5, 3).

    Notes
    -----
    Wang, Yan & Oates, "Time series classification from scratch with deep neural networks", IJCNN
    2017, section II-B.
    """

    stackable: ClassVar[bool] = True
    learning_rate: ClassVar[float] = 0.01

    def __init__(
        self, widths: tuple[int, ...] = (16, 32, 16), kernel_sizes: tuple[int, ...] = (25, 15, 9)
    ) -> None:
        self.widths = widths
        self.kernel_sizes = kernel_sizes

    def stacking_width(self) -> int:
        """Give the filters of the widest layer."""
        return max(self.widths)

    def build_backbone(self, n_channels: int, n_timepoints: int) -> tuple[nn.Module, int]:
        """Make the backbone and say its width D."""
        layers: list[nn.Module] = []
        n_in = n_channels
        for width, kernel_size in _checked_layers(self.widths, self.kernel_sizes):
            layers += [same_conv1d(n_in, width, kernel_size), nn.BatchNorm1d(width), nn.ReLU()]
            n_in = width
        return nn.Sequential(*layers), n_in


class CausalFCN(Architecture):
    """Dilated causal convolutions with running mean pooling: one network for every prefix.

    Parameters
    ----------
    widths : tuple of int, default=(16, 32, 16)
        Channels of each layer; the last is the width D.
    kernel_sizes : tuple of int, default=(15, 9, 5)
        Layer ``i`` is dilated by ``2 ** i``.

    Notes
    -----
    The layers of :class:`FCN`, padded on the left alone, as in Bai, Kolter & Koltun, "An empirical
    evaluation of generic convolutional and recurrent networks for sequence modeling" (2018),
    section 3.2.
    """

    stackable: ClassVar[bool] = True
    learning_rate: ClassVar[float] = 0.01
    causal: ClassVar[bool] = True

    def __init__(
        self, widths: tuple[int, ...] = (16, 32, 16), kernel_sizes: tuple[int, ...] = (15, 9, 5)
    ) -> None:
        self.widths = widths
        self.kernel_sizes = kernel_sizes

    def stacking_width(self) -> int:
        """Give the filters of the widest layer."""
        return max(self.widths)

    def build_backbone(self, n_channels: int, n_timepoints: int) -> tuple[nn.Module, int]:
        """Make the backbone and say its width D."""
        layers: list[nn.Module] = []
        n_in = n_channels
        for i, (width, kernel_size) in enumerate(_checked_layers(self.widths, self.kernel_sizes)):
            layers += [
                CausalConv(n_in, width, kernel_size, 2**i),
                nn.BatchNorm1d(width),
                nn.ReLU(),
            ]
            n_in = width
        return CausalBackbone(*layers), n_in


class CausalBackbone(nn.Sequential):
    """Layers one after another, of which the convolutions remember what they need."""

    def advance(self, x: Tensor, state: State | None) -> tuple[Tensor, State]:
        """Go on from the last inputs of each convolution."""
        remembered = iter(state or ())
        after: list[Tensor] = []
        for layer in self:
            if isinstance(layer, CausalConv):
                x, context = layer.advance(x, next(remembered, None))
                after.append(context)
            else:
                x = layer(x)
        return x, tuple(after)


class CausalConv(nn.Module):
    """Convolution that sees what is before a point alone."""

    def __init__(self, n_in: int, n_out: int, kernel_size: int, dilation: int) -> None:
        super().__init__()
        self.context = dilation * (kernel_size - 1)
        self.conv = nn.Conv1d(n_in, n_out, kernel_size, dilation=dilation, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        return self.conv(pad(x, (self.context, 0)))

    def advance(self, x: Tensor, context: Tensor | None) -> tuple[Tensor, Tensor]:
        """Convolve what is new, behind the inputs before it (zeros at the beginning)."""
        if context is None:
            context = x.new_zeros((*x.shape[:2], self.context))
        longer = torch.cat([context, x], dim=-1)
        return self.conv(longer), longer[..., longer.shape[-1] - self.context :]


def _checked_layers(
    widths: tuple[int, ...], kernel_sizes: tuple[int, ...]
) -> list[tuple[int, int]]:
    """Give width and kernel size of each layer, or raise a ValueError."""
    tuples = isinstance(widths, tuple | list) and isinstance(kernel_sizes, tuple | list)
    if not tuples or len(widths) != len(kernel_sizes) or not widths:
        raise ValueError(
            f"widths={widths!r} and kernel_sizes={kernel_sizes!r} must be tuples of the same "
            f"length, at least one."
        )
    return [
        (
            check_int("widths", width, 1, MOST_UNITS),
            check_int("kernel_sizes", kernel_size, 1, MOST_UNITS),
        )
        for width, kernel_size in zip(widths, kernel_sizes, strict=True)
    ]
