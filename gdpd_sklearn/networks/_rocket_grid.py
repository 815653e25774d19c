"""Series on the grid of random kernels: whole numbers, and what stands in a gap."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

__all__ = ["Grid", "difference_of", "fill_gaps", "round_to_grid"]


class Grid(NamedTuple):
    """What kernels read of N series.

    Attributes
    ----------
    series : Tensor of shape (N, 2, C, T)
        Values and their first difference, whole numbers without gaps.
    seen : Tensor of bool, shape (N, C, T), or None
        Where a value was given; None where all were.
    """

    series: Tensor
    seen: Tensor | None


def round_to_grid(x: Tensor, exponents: Tensor, limit: float) -> Tensor:
    """Round and clip values (N, C, T) to whole numbers of channels' units; NaN stays."""
    # comparisons have no gradient
    step = 2.0 ** -exponents.float()[:, None]
    return (x.detach().float() * step).round().clamp(-limit, limit)


def difference_of(values: Tensor, before: Tensor, limit: float) -> Tensor:
    """Difference of values (N, C, T) to the ones before; ``before`` (N, C, 1) the first."""
    earlier = torch.cat([before, values[..., :-1]], dim=-1)
    return (values - earlier).clamp(-limit, limit)


def fill_gaps(values: Tensor, last: Tensor, began: Tensor, limit: float) -> Grid:
    """Fill gaps by the latest value, and by 0 before the first.

    Parameters
    ----------
    values : Tensor of shape (N, C, T)
        On the grid, NaN in gaps.
    last : Tensor of shape (N, C, 1)
        Values before, 0 where there was none.
    began : Tensor of bool, shape (N, C, 1)
        Whether there was one.
    limit : float
        Of differences.
    """
    seen = ~torch.isnan(values)
    places = torch.arange(1, values.shape[-1] + 1, device=values.device)
    latest = torch.where(seen, places, 0).cummax(-1).values
    filled = torch.cat([last, values], dim=-1).gather(-1, latest)
    difference = difference_of(filled, last, limit)
    # there is no difference to a value that nobody saw
    first = seen & (seen.cumsum(-1) == 1) & ~began
    difference = difference.masked_fill(first, 0.0)
    return Grid(torch.stack([filled, difference], dim=1), seen)
