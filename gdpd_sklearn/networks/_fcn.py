"""Fully convolutional network (Wang, Yan & Oates 2017), of any widths; small by default."""

from __future__ import annotations

from typing import ClassVar

from torch import nn

from gdpd_sklearn._checks import check_int
from gdpd_sklearn.networks._base import Architecture, same_conv1d

__all__ = ["FCN"]


class FCN(Architecture):
    """Convolution, batch norm, ReLU, a few times over.

    Parameters
    ----------
    widths : tuple of int, default=(16, 32, 16)
        Channels of each layer; the last is the width D. The original has (128, 256, 128).
    kernel_sizes : tuple of int, default=(8, 5, 3)

    Notes
    -----
    Wang, Yan & Oates, "Time series classification from scratch with deep neural networks", IJCNN
    2017, section II-B.
    """

    learning_rate: ClassVar[float] = 0.01

    def __init__(
        self, widths: tuple[int, ...] = (16, 32, 16), kernel_sizes: tuple[int, ...] = (8, 5, 3)
    ) -> None:
        self.widths = widths
        self.kernel_sizes = kernel_sizes

    def build_backbone(self, n_channels: int, n_timepoints: int) -> tuple[nn.Module, int]:
        """Make the backbone and say its width D."""
        if len(self.widths) != len(self.kernel_sizes) or not self.widths:
            raise ValueError(
                f"widths={self.widths!r} and kernel_sizes={self.kernel_sizes!r} must be tuples of "
                f"the same length, at least one."
            )
        layers: list[nn.Module] = []
        n_in = n_channels
        for width, kernel_size in zip(self.widths, self.kernel_sizes, strict=True):
            check_int("widths", width, 1)
            check_int("kernel_sizes", kernel_size, 1)
            layers += [same_conv1d(n_in, width, kernel_size), nn.BatchNorm1d(width), nn.ReLU()]
            n_in = width
        return nn.Sequential(*layers), n_in
