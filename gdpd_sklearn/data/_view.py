"""What a network sees of a series: the prefix, scaled, stretched to the network's input length."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from gdpd_sklearn.data._mapped import MappedSeries, Series
from gdpd_sklearn.data._prefix import stretch_positions

__all__ = ["SCALINGS", "PrefixView"]

SCALINGS = ("standard", "prefix", "none")

# A channel whose standard deviation is below this share of its mean counts as constant (the rest is
# rounding) and is centred only. Relative, since a channel may be in microvolts or in pascals.
_SMALLEST_SPREAD = 1e-6

# Cases whose moments are taken at once: double precision needs twice the memory of the series.
_CHUNK = 2**16


class PrefixView(nn.Module):
    """Scale and stretch prefixes of P lengths; the same code in training and in use.

    Parameters
    ----------
    lengths : sequence of int, length P
        Prefix lengths in time points.
    input_length : int
        Points T of a network's input, to which every prefix is stretched by linear interpolation.
    scaling : {"standard", "prefix", "none"}
        ``"standard"``: per channel, by mean and standard deviation of the training cases.
        ``"prefix"``: per case and channel, by those of the visible prefix alone, as stretched.
    mean, std : ndarray of shape (C,)
        Training statistics, used by ``"standard"``.
    stretched : bool, default=True
        Without, a prefix is left as it is, for causal networks, which read the complete series once
        and answer at every prefix.
    """

    low: Tensor
    high: Tensor
    weight: Tensor
    mean: Tensor
    std: Tensor

    def __init__(
        self,
        lengths: Sequence[int],
        input_length: int,
        scaling: str,
        mean: NDArray[np.floating],
        std: NDArray[np.floating],
        stretched: bool = True,
    ) -> None:
        super().__init__()
        if scaling == "prefix" and not stretched:
            raise ValueError(
                "scaling='prefix' needs a network for each prefix: a causal one reads the complete "
                "series once, in one scale for all prefixes; use 'standard' or 'none'."
            )
        self.lengths = tuple(int(length) for length in lengths)
        self.input_length = input_length
        self.scaling = scaling
        self.stretched = stretched
        positions = [stretch_positions(length, input_length) for length in self.lengths]
        names = ("low", "high", "weight")
        for name, rows in zip(names, zip(*positions, strict=True), strict=True):
            # they follow from the lengths, so no stored state needs them
            self.register_buffer(name, torch.from_numpy(np.stack(rows)), persistent=False)
        self.register_buffer("mean", torch.as_tensor(mean, dtype=torch.float32)[:, None])
        self.register_buffer("std", torch.as_tensor(std, dtype=torch.float32)[:, None])

    @classmethod
    def fit(
        cls,
        X: Series,
        lengths: Sequence[int],
        input_length: int,
        scaling: str,
        stretched: bool = True,
    ) -> PrefixView:
        """Learn the training statistics from complete series ``X`` of shape (N, C, L)."""
        mean, std = _moments(X)
        std = np.where(std > _SMALLEST_SPREAD * np.abs(mean), std, 1.0)
        return cls(lengths, input_length, scaling, mean, std, stretched)

    def at(self, lengths: Sequence[int]) -> PrefixView:
        """View other prefix lengths in the same way, by the same training statistics."""
        return PrefixView(
            lengths, self.input_length, self.scaling,
            self.mean[:, 0].cpu().numpy(), self.std[:, 0].cpu().numpy(), self.stretched,
        )  # fmt: skip

    def forward(self, x: Tensor, point: int = 0) -> Tensor:
        """View prefix number ``point`` of series that are at least as long.

        Parameters
        ----------
        x : Tensor of shape (B, C, ≥ lengths[point])
        point : int

        Returns
        -------
        Tensor of shape (B, C, T), or (B, C, lengths[point]) where prefixes are not stretched
        """
        if not self.stretched:
            return self.scale(x[..., : self.lengths[point]])
        low, high, weight = self.low[point], self.high[point], self.weight[point]
        return self.scale(torch.lerp(x[..., low], x[..., high], weight))

    def all_points(self, x: Tensor) -> Tensor:
        """View all P prefixes of complete series at once: (B, C, L) → (P, B, C, T).

        Where prefixes are not stretched, one view serves them all: (B, C, L) → (1, B, C, L).
        """
        if not self.stretched:
            return self.scale(x)[None]
        low, high = x[..., self.low], x[..., self.high]  # (B, C, P, T)
        return self.scale(torch.lerp(low, high, self.weight).permute(2, 0, 1, 3))

    def scale(self, x: Tensor) -> Tensor:
        """Scale points (B, C, m) as they are, without stretching."""
        if self.scaling == "standard":
            return (x - self.mean) / self.std
        if self.scaling == "prefix":
            mean = x.mean(-1, keepdim=True)
            std = x.std(-1, correction=0, keepdim=True)
            std = torch.where(std > _SMALLEST_SPREAD * mean.abs(), std, torch.ones_like(std))
            return (x - mean) / std
        return x


def _moments(X: Series) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Mean and standard deviation per channel, in two passes over chunks of cases."""

    def chunks() -> Iterator[NDArray[np.floating]]:
        if isinstance(X, MappedSeries):
            yield from X.chunks(_CHUNK)
        else:
            yield from (X[start : start + _CHUNK] for start in range(0, len(X), _CHUNK))

    count = X.shape[0] * X.shape[2]
    mean = sum(chunk.sum(axis=(0, 2), dtype=np.float64) for chunk in chunks()) / count
    squares = sum(np.square(chunk - mean[:, None]).sum(axis=(0, 2)) for chunk in chunks())
    return mean, np.sqrt(squares / count)
