"""What random-kernel features remember of series that go on."""

from __future__ import annotations

from typing import NamedTuple

from torch import Tensor

__all__ = ["RocketState"]


class RocketState(NamedTuple):
    """What is remembered of N series; every tensor has the series first.

    Attributes
    ----------
    context : Tensor of shape (N, 2, C, R)
        The last values of the series and of its difference, on the grid of the kernels. Gaps are
        bridged, and the latest value stands in one that is open.
    counts : Tensor of int32, shape (N, F)
        At how many times each output was above its bias.
    n_valid : Tensor of int32, shape (N, rows · mixtures)
        At how many times an output counted: those at which something new was seen.
    n_seen : Tensor of int64, shape (N,)
        How many points were read.
    last_seen : Tensor of int64, shape (N, C)
        How many of them up to the latest that was no gap, channel by channel; 0 before the first.
    """

    context: Tensor
    counts: Tensor
    n_valid: Tensor
    n_seen: Tensor
    last_seen: Tensor
