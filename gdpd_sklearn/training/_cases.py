"""Training cases on the device, and what is read off a network's output for them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from gdpd_sklearn.data import MappedSeries, Series
from gdpd_sklearn.distillers import FeatureShape
from gdpd_sklearn.networks import Network, NetworkOutput

__all__ = ["Cases", "rows", "shape_of", "shape_of_output", "to_cases"]


@dataclass(frozen=True)
class Cases:
    """Complete series and labels on the device.

    Attributes
    ----------
    x : Tensor or MappedSeries of shape (N, C, L)
        A mapped series reads its batches from a file.
    y : Tensor of int64, shape (N,)
    """

    x: Tensor | MappedSeries
    y: Tensor

    def __len__(self) -> int:
        return len(self.y)


def to_cases(X: Series | Tensor, y: NDArray[np.integer], device: str | torch.device) -> Cases:
    """Put series and codes on the device, once for the whole training.

    Series of a memory-mapped file follow batch by batch.
    """
    if not isinstance(X, MappedSeries):
        X = torch.as_tensor(X, dtype=torch.float32)
    return Cases(X.to(device), torch.as_tensor(y, dtype=torch.int64).to(device))


def rows(output: NetworkOutput, indices: Tensor) -> NetworkOutput:
    """Take the outputs of some cases."""
    return NetworkOutput(*(tensor[indices] for tensor in output))


def shape_of_output(output: NetworkOutput) -> FeatureShape:
    """Read the sizes off an output."""
    return FeatureShape(output.pooled.shape[1], output.feature_map.shape[2], output.logits.shape[1])


@torch.no_grad()
def shape_of(network: Network, n_channels: int, n_timepoints: int) -> FeatureShape:
    """Find the sizes of a network's output by one pass over zeros."""
    network.eval()
    shape = shape_of_output(network(torch.zeros(1, n_channels, n_timepoints)))
    network.train()
    return shape
