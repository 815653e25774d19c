"""Series on the grid of random kernels: whole numbers, and what stands in a gap.

The latest value of a channel stands in a gap until the next value comes; from then on a straight
line bridges it. So what a window holds depends on when it is read: at its own time, as a rule. A
time at which no channel has a value is read when the gap is over, if it is short.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

__all__ = ["LONGEST_BRIDGE", "Grid", "bridge_gaps", "difference_of", "round_to_grid"]

# Times without a value in any channel count where so many of them, at most, follow each other.
LONGEST_BRIDGE = 64


class Grid(NamedTuple):
    """What kernels read of N series, the context of earlier points in front: R + m points.

    Attributes
    ----------
    series : Tensor of shape (N, 2, C, R + m)
        Values and their first difference, whole numbers; every gap that is over is bridged.
    carried : Tensor of shape (N, C, R + m), or None
        The same values, with the latest one standing in a gap; None where nothing is missing.
    closed : Tensor of int64, shape (N, C, R + m), or None
        From which point on a value is known, beyond the last point if it is not.
    read_at : Tensor of int64, shape (N, R + m), or None
        At which point the time is read, beyond the last point if it is not.
    """

    series: Tensor
    carried: Tensor | None = None
    closed: Tensor | None = None
    read_at: Tensor | None = None

    def of(self, cases: slice) -> Grid:
        """Give those of some series."""
        rest = (
            None if each is None else each[cases]
            for each in (self.carried, self.closed, self.read_at)
        )
        return Grid(self.series[cases], *rest)

    def first(self, n_before: int) -> int:
        """Give the first point that is read now, behind a context of so many points.

        It may lie in the context: a gap that is over now may have begun before.
        """
        if self.read_at is None:
            return n_before
        n_points = self.series.shape[-1]
        read = (self.read_at < n_points).any(0).nonzero()
        return int(read[0]) if len(read) else n_points

    def fresh(self) -> Tensor:
        """Say which channels are new at the times that are read: bool, (N, C, R + m)."""
        assert self.closed is not None
        assert self.read_at is not None
        inside = self.read_at < self.series.shape[-1]
        return (self.closed <= self.read_at[:, None]) & inside[:, None]


def round_to_grid(x: Tensor, exponents: Tensor, limit: float) -> Tensor:
    """Round and clip values (N, C, T) to whole numbers of channels' units; NaN stays."""
    # comparisons have no gradient
    step = 2.0 ** -exponents.float()[:, None]
    return (x.detach().float() * step).round().clamp(-limit, limit)


def difference_of(values: Tensor, before: Tensor, limit: float) -> Tensor:
    """Difference of values (N, C, T) to the ones before; ``before`` (N, C, 1) the first."""
    earlier = torch.cat([before, values[..., :-1]], dim=-1)
    return (values - earlier).clamp(-limit, limit)


def bridge_gaps(values: Tensor, context: Tensor, age: Tensor, began: Tensor, limit: float) -> Grid:
    """Put new points behind the context, and into gaps what stands there.

    Parameters
    ----------
    values : Tensor of shape (N, C, m)
        On the grid, NaN in gaps.
    context : Tensor of shape (N, 2, C, R)
        Values and difference before; the latest value, and 0, in a gap that is open.
    age : Tensor of int64, shape (N, C)
        How many points ago a channel had its last value, 0 for the last point.
    began : Tensor of bool, shape (N, C)
        Whether it had one.
    limit : float
        Of differences.
    """
    n_before, n_points = context.shape[-1], context.shape[-1] + values.shape[-1]
    # one point more in front, so that the first has one before it
    every = torch.cat([context[:, 0, :, :1], context[:, 0], values], dim=-1)
    places = torch.arange(-1, n_points, device=values.device)
    newest = (n_before - 1 - age)[..., None]
    seen = torch.where(places < n_before, places <= newest, ~torch.isnan(every))
    at_latest = torch.where(seen, places, -2).cummax(-1).values
    # the last value may be from before the context, where it stands for what followed
    latest = torch.where(at_latest < -1, newest, at_latest)
    carried = every.gather(-1, at_latest.clamp(min=-1) + 1)
    began_before = began[..., None] | (seen & (places >= n_before)).cummax(-1).values
    coming = _next_true(seen, places, n_points)
    at_coming = every.gather(-1, coming.clamp(max=n_points - 1) + 1)
    share = (places - latest).float() / (coming - latest).clamp(min=1).float()
    line = carried + ((at_coming - carried) * share).round()
    bridges = ~seen & (coming < n_points) & began_before
    series = torch.where(bridges, line, carried)
    difference = difference_of(series[..., 1:], series[..., :1], limit)
    # there is no difference to a value that nobody saw
    first = seen & (seen & (places >= n_before)).cumsum(-1).eq(1) & ~began[..., None]
    difference = difference.masked_fill(first[..., 1:], 0.0)
    known = torch.nn.functional.pad(context[:, 1], (0, values.shape[-1]))
    difference = torch.where(places[1:] <= newest, known, difference)
    # before its first value nothing of a channel is ever known
    coming = torch.where(seen | began_before, coming, n_points)
    any_seen = seen.any(1)
    read_at = _next_true(any_seen, places, n_points)
    before = torch.where(any_seen, places, -2).cummax(-1).values.maximum(newest.amax(1))
    too_long = ~any_seen & (read_at - before > LONGEST_BRIDGE + 1)
    # what was read before is not read again
    left_out = too_long | ~began_before.any(1) | (read_at < n_before)
    read_at = read_at.masked_fill(left_out, n_points)
    return Grid(
        torch.stack([series[..., 1:], difference], dim=1),
        carried[..., 1:],
        coming[..., 1:],
        read_at[..., 1:],
    )


def _next_true(flags: Tensor, places: Tensor, n_points: int) -> Tensor:
    """Give the first place of a true flag at or after each place, or ``n_points``."""
    at = torch.where(flags, places, n_points)
    return at.flip(-1).cummin(-1).values.flip(-1)
