"""What each time, each value and each kernel counts in what a linear head reads off a series."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from gdpd_sklearn.networks._rocket_features import RocketFeatures
from gdpd_sklearn.networks._rocket_grid import Grid
from gdpd_sklearn.networks._rocket_kernels import N_KERNELS, N_TAPS, spread_fractions
from gdpd_sklearn.networks._rocket_windows import Windows

__all__ = ["Contributions", "contributions"]

# Times in hand at once.
_BLOCK_POINTS = 64


@dataclass(frozen=True)
class Contributions:
    """A weighted sum of the features of one prefix, taken apart.

    ``rest`` and ``times`` add up to the sum, and so do ``rest`` and ``values``, ``rest`` and
    ``kernels``.

    Attributes
    ----------
    rest : float
        The sum where every kernel exceeds its biases as often as on training series.
    times : ndarray of shape (m,)
        What the windows add that end at a time.
    values : ndarray of shape (C, m)
        The same, each window's part dealt to the values that it reads, by absolute weight.
    kernels : ndarray of shape (rows, 84)
        The same, by kernel.
    """

    rest: float
    times: NDArray[np.float64]
    values: NDArray[np.float64]
    kernels: NDArray[np.float64]


@torch.no_grad()
def contributions(features: RocketFeatures, x: Tensor, weight: Tensor) -> Contributions:
    """Take the sum of features times weights apart.

    A feature is the share of times at which an output is above a bias. So the sum is a sum over
    times. Each indicator is taken less the share that is typical of training series, so that a
    time at which nothing special happens counts nothing.

    Parameters
    ----------
    features : RocketFeatures
        Prepared.
    x : Tensor of shape (C, m)
        The prefix, scaled; NaN where a value is missing.
    weight : Tensor of shape (F,)

    Returns
    -------
    Contributions
        In double precision. The features themselves are single, so that a sum over them differs in
        their last digit.
    """
    bank, n_points = features, x.shape[1]
    _, state = bank.advance(x[None], None, answer=False)
    n_biases, n_rows, _ = bank.biases.shape
    n_mixtures = bank.mixing.shape[1]
    shape = (n_biases, n_rows, n_mixtures, N_KERNELS // n_mixtures)
    weights = weight.double().view(shape)
    typical = 1.0 - torch.from_numpy(spread_fractions(n_biases))
    typical = typical.view(n_biases, 1, n_mixtures, -1).expand(shape)
    valid = state.n_valid[0].view(n_rows, n_mixtures).double()
    counted = (valid > 0) & bank.fits(state.last_seen.amax(1))[0, :, None]
    # of what does not count yet the feature is 0, and typical where a series ended before it did
    due = bank.fits(state.n_seen)[0, :, None] & bool((state.last_seen < state.n_seen).any())
    rest = float((weights * typical * (counted | due)[..., None]).sum())
    per_time = weights * torch.where(counted, 1.0 / valid.clamp(min=1.0), 0.0)[..., None]
    expected = (per_time * typical).sum(0)

    nothing = torch.zeros(1, 2, len(x), bank.remembered)
    grid = bank.on_grid(x[None], nothing)
    deal = _Deal(bank, ~torch.isnan(x))
    times = torch.zeros(n_points, dtype=torch.float64)
    kernels = torch.zeros(n_rows, n_mixtures, N_KERNELS // n_mixtures, dtype=torch.float64)
    for first, above, new in _indicators(bank, grid, n_points):
        gains = torch.einsum("qrvtk,qrvk->rvtk", above.double(), per_time)
        gains = (gains - expected[:, :, None]) * new[..., None]
        times[first : first + gains.shape[2]] += gains.sum((0, 1, 3))
        kernels += gains.sum(2)
        deal.add(gains, first)
    return Contributions(
        rest, times.numpy(), deal.values.numpy(), kernels.view(n_rows, N_KERNELS).numpy()
    )


def _indicators(
    bank: RocketFeatures, grid: Grid, n_points: int
) -> Iterator[tuple[int, Tensor, Tensor]]:
    """Say block by block which outputs are above each bias, and which of them count.

    The first time of the block, (q, rows, mixtures, t, k) and (rows, mixtures, t).
    """
    rows, start = slice(0, len(bank.dilations)), bank.remembered
    n_mixtures = bank.mixing.shape[1]
    windows = Windows(bank, grid)
    biases = bank.biases.float().unflatten(-1, (n_mixtures, -1))
    for first in range(0, n_points, _BLOCK_POINTS):
        stop = min(first + _BLOCK_POINTS, n_points)
        at = torch.arange(start + first, start + stop)
        outputs = bank.outputs(windows.taps(rows, at), rows)[:, :, :, 0]
        fresh = windows.fresh(at)
        if fresh is None:
            new = torch.ones(outputs.shape[:-1], dtype=torch.bool)
        else:
            new = bank.counted(fresh, rows)[..., 0]
        yield first, outputs > biases[:, :, :, None], new


class _Deal:
    """Deals what windows add to the values that they read, by absolute weight.

    Zeros before the start get nothing. What stands in a gap gets nothing either, where a window
    reads any value.
    """

    def __init__(self, bank: RocketFeatures, known: Tensor) -> None:
        n_mixtures = bank.mixing.shape[1]
        self.values = torch.zeros(known.shape, dtype=torch.float64)
        self._dilations = bank.dilations
        self._mixing = bank.mixing.double()  # (rows, mixtures, C)
        self._sizes = bank.kernels.double().abs().unflatten(1, (n_mixtures, -1))
        self._known = known.double()
        self._gaps = not bool(known.all())

    def add(self, gains: Tensor, first: int) -> None:
        """Add (rows, mixtures, t, k) of windows that end at times from ``first`` on."""
        back = torch.arange(N_TAPS - 1, -1, -1)
        ends = torch.arange(first, first + gains.shape[2])
        at = ends[:, None] - back * self._dilations[:, None, None]  # (rows, t, 9)
        inside = (at >= 0).double()
        at = at.clamp(min=0)
        known = self._known[:, at].transpose(0, 1) * inside[:, None]  # (rows, C, t, 9)
        gains = self._dealt(gains, known, at)
        if self._gaps:  # windows over gaps alone
            self._dealt(gains, inside[:, None].expand_as(known), at)

    def _dealt(self, gains: Tensor, known: Tensor, at: Tensor) -> Tensor:
        """Deal among what is known, and give what finds no value to go to."""
        mixed = torch.einsum("rvc,rcti->rvti", self._mixing, known)
        total = torch.einsum("rvti,rvki->rvtk", mixed, self._sizes)
        each = torch.where(total > 0, gains / total.clamp(min=1.0), 0.0)
        by_tap = torch.einsum("rvtk,rvki->rvti", each, self._sizes)
        by_value = torch.einsum("rvti,rvc->rcti", by_tap, self._mixing) * known
        places = at[:, None].expand_as(by_value)
        for row, of_row in zip(places, by_value, strict=True):
            self.values.scatter_add_(1, row.flatten(1), of_row.flatten(1))
        return torch.where(total > 0, 0.0, gains)
