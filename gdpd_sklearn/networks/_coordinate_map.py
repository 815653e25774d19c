"""A student of few coordinates: a linear map, which starts as the identity, and a head."""

from __future__ import annotations

from typing import ClassVar

import torch
from torch import Tensor, nn

from gdpd_sklearn.networks._base import Architecture

__all__ = ["CoordinateMap", "LinearBackbone"]


class LinearBackbone(nn.Module):
    """``P z`` of one vector z, as a map of one step: (B, C, 1) → (B, C, 1).

    Parameters
    ----------
    width : int
        C; P starts as the identity.
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        self.map = nn.Linear(width, width, bias=False)
        nn.init.eye_(self.map.weight)

    def forward(self, x: Tensor) -> Tensor:
        mapped: Tensor = self.map(x[..., 0])
        return mapped[..., None]

    @torch.no_grad()
    def folded(self, head: nn.Linear) -> tuple[Tensor, Tensor]:
        """Give weights (K, C) and biases (K,) of map and head as one, in double precision."""
        return head.weight.double() @ self.map.weight.double(), head.bias.double()


class CoordinateMap(Architecture):
    """Stands for a network of a fixed backbone while it is trained.

    It reads coordinates of the backbone's features as channels of one time point. Map and head are
    linear, so that they fold into one head of the features afterwards.
    """

    stackable: ClassVar[bool] = True

    def build_backbone(self, n_channels: int, n_timepoints: int) -> tuple[nn.Module, int]:
        """Make the map."""
        return LinearBackbone(n_channels), n_channels
