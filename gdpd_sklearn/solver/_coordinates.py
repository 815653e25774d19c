"""Few coordinates in place of many features, and a linear head that is the same in both."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor

__all__ = ["MOST_COORDINATES", "Coordinates", "few_directions"]

# As many as fit the pooled features of a convolutional network; so few that what is trained on
# them, a square matrix for each prefix, stays small however many cases there are.
MOST_COORDINATES = 64


@dataclass(frozen=True)
class Coordinates:
    """A reparametrisation of the features of one prefix, with the ridge head in it.

    With as many coordinates as the features have directions it is exact: inner products of centred
    features are inner products of these, so that a linear head with a penalty on its weights is the
    same model on either. Where there are fewer, the leading principal directions are kept, and K
    more coordinates hold what the ridge head reads off all others. So the head is exact in any
    case.

    Attributes
    ----------
    of_cases : Tensor of float64, shape (n, r)
        The training cases, centred by their weighted mean.
    basis : Tensor of float64, shape (F, r)
        From features, standardised and divided by √F, to coordinates.
    centre : Tensor of float64, shape (r,)
        To be subtracted after the basis is applied.
    weights : Tensor of float64, shape (r, K)
        The ridge head's.
    intercepts : Tensor of float64, shape (K,)
    n_leading : int
        The first so many are principal directions; the rest, K or none, margins.
    """

    of_cases: Tensor
    basis: Tensor
    centre: Tensor
    weights: Tensor
    intercepts: Tensor
    n_leading: int


class Directions(NamedTuple):
    """What of R coordinates is kept: directions (R, r), and the head (r, K) along them."""

    kept: Tensor
    head: Tensor
    n_leading: int


def few_directions(weights: Tensor, n_leading: int) -> Directions:
    """Keep the leading coordinates, and of the others what the head reads off them.

    Parameters
    ----------
    weights : Tensor of shape (R, K)
        The head's, of coordinates in ascending order of their eigenvalues.
    n_leading : int
    """
    n_all, n_targets = weights.shape
    n_leading = min(n_leading, n_all)
    kept = torch.eye(n_all).to(weights).flip(1)[:, :n_leading]
    head = weights.flip(0)[:n_leading]
    if n_leading < n_all:
        rest = weights.clone()
        rest[n_all - n_leading :] = 0.0
        kept = torch.cat([kept, rest], 1)
        head = torch.cat([head, torch.eye(n_targets).to(weights)])
    return Directions(kept, head, n_leading)
