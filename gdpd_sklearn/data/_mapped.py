"""Series that are larger than memory: they stay in their file, and batches are read from it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from copy import copy
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

__all__ = ["MappedSeries", "Series", "select_cases"]


class MappedSeries:
    """Some cases of a memory-mapped array; reads as a tensor of shape (n, C, L) does.

    Parameters
    ----------
    X : numpy.memmap of shape (N, C, L)
    rows : ndarray of int, shape (n,)
        Which cases.
    device : str or torch.device, default="cpu"
        Where batches go.
    channels : sequence of int, optional
        Which channels, by default all; C counts these.
    """

    def __init__(
        self,
        X: NDArray[np.floating],
        rows: NDArray[np.integer],
        device: str | torch.device = "cpu",
        channels: Sequence[int] | None = None,
    ) -> None:
        self._X = X
        self._rows = rows
        self._channels = slice(None) if channels is None else list(channels)
        self._n_channels = X.shape[1] if channels is None else len(channels)
        self.device = torch.device(device)
        self._convert: Callable[[NDArray[np.floating]], NDArray[np.float32]] = _in_single

    @property
    def dtype(self) -> np.dtype[Any]:
        """Precision of the file."""
        return self._X.dtype

    @property
    def shape(self) -> tuple[int, int, int]:
        """Shape (n, C, L)."""
        return (len(self._rows), self._n_channels, self._X.shape[2])

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, cases: Tensor | slice) -> Tensor:
        """Read cases: float32, shape (B, C, L), on the device."""
        if isinstance(cases, Tensor):
            return self._read(self._rows[cases.cpu().numpy()])
        return self._read(self._rows[cases])

    def _read(self, rows: NDArray[np.integer]) -> Tensor:
        return torch.from_numpy(self._convert(self._X[rows][:, self._channels])).to(self.device)

    def through(
        self, convert: Callable[[NDArray[np.floating]], NDArray[np.float32]]
    ) -> MappedSeries:
        """Give the same series, with batches (B, C, L) brought to single precision in this way."""
        converted = copy(self)
        converted._convert = convert
        return converted

    def to(self, device: str | torch.device) -> MappedSeries:
        """Give the same series, with batches for another device."""
        moved = copy(self)
        moved.device = torch.device(device)
        return moved

    def chunks(self, n_cases: int) -> Iterator[NDArray[np.floating]]:
        """Read all cases in their order, so many at a time, in the precision of the file."""
        for start in range(0, len(self), n_cases):
            yield self._X[self._rows[start : start + n_cases]][:, self._channels]


def _in_single(batch: NDArray[np.floating]) -> NDArray[np.float32]:
    return batch.astype(np.float32, copy=False)


Series = NDArray[np.floating] | MappedSeries
"""Complete series (N, C, L), in memory or in a file."""


def select_cases(
    X: NDArray[np.floating], rows: NDArray[np.integer], channels: Sequence[int] | None = None
) -> Series:
    """Take some cases, of some channels; those of a memory-mapped array stay in its file."""
    if isinstance(X, np.memmap):
        return MappedSeries(X, rows, channels=channels)
    return X[rows] if channels is None else X[rows][:, list(channels)]
