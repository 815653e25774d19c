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
    weight : Tensor of shape (N,), or None
        What each case counts; None where all count the same.
    """

    x: Tensor | MappedSeries
    y: Tensor
    weight: Tensor | None = None

    def __len__(self) -> int:
        return len(self.y)

    def weight_of(self, cases: Tensor, n_times: int) -> tuple[Tensor, ...]:
        """Give what some cases (B,) count, so many times over; nothing where all are equal."""
        return () if self.weight is None else (self.weight[cases].repeat(n_times),)

    def labelled(self) -> Cases:
        """Leave out cases without a label (code −1)."""
        known = (self.y >= 0).nonzero()[:, 0]
        if len(known) == len(self):
            return self
        return Cases(
            self.x[known], self.y[known], None if self.weight is None else self.weight[known]
        )


def to_cases(
    X: Series | Tensor,
    y: NDArray[np.integer],
    device: str | torch.device,
    weight: NDArray[np.floating] | None = None,
) -> Cases:
    """Put series, codes and weights on the device, once for the whole training.

    Series of a memory-mapped file follow batch by batch.
    """
    if not isinstance(X, MappedSeries):
        X = torch.as_tensor(X, dtype=torch.float32)
    by_case = None
    if weight is not None:
        by_case = torch.as_tensor(weight, dtype=torch.float32).to(device)
    return Cases(X.to(device), torch.as_tensor(y, dtype=torch.int64).to(device), by_case)
