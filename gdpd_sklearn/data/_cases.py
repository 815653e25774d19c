"""Cases of a training, on its device."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from gdpd_sklearn.data._mapped import MappedSeries, Series

__all__ = ["Cases", "to_cases"]


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
