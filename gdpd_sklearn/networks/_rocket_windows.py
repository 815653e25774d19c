"""What windows of random kernels hold at the times that are read."""

from __future__ import annotations

import torch
from torch import Tensor

from gdpd_sklearn.networks._rocket_bank import KernelBank
from gdpd_sklearn.networks._rocket_grid import Grid

__all__ = ["Windows"]


class Windows:
    """Windows over some series.

    Parameters
    ----------
    bank : KernelBank
    grid : Grid
    """

    def __init__(self, bank: KernelBank, grid: Grid) -> None:
        self._bank = bank
        self._series = _points_first(grid.series)  # (2, R + m, n, C)
        self._fresh = self._carried = None
        if grid.closed is None or grid.carried is None or grid.read_at is None:
            return
        self._fresh = grid.fresh().permute(1, 2, 0)
        self._read_at = grid.read_at.T
        # of one channel nothing is read before the gap is over
        if grid.closed.shape[1] > 1:
            still = torch.zeros_like(grid.carried)
            self._carried = _points_first(torch.stack([grid.carried, still], dim=1))
            self._closed = _points_first(torch.stack([grid.closed, grid.closed], dim=1))

    def fresh(self, times: Tensor) -> Tensor | None:
        """Say which channels are new at the times (t,): (C, t, n); None where all are."""
        return None if self._fresh is None else self._fresh[:, times]

    def taps(self, rows: slice, times: Tensor) -> Tensor:
        """Read windows that end at the times (t,): (rows, C, t, n, 9)."""
        taps = self._bank.taps(self._series, rows, times)
        if self._carried is None:
            return taps
        closed = self._bank.taps(self._closed, rows, times)
        carried = self._bank.taps(self._carried, rows, times)
        known = closed <= self._read_at[times][..., None]
        return torch.where(known, taps, carried)


def _points_first(series: Tensor) -> Tensor:
    return series.permute(1, 3, 0, 2).contiguous()
