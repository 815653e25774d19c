"""Few coordinates in place of many features, and a linear head that is the same in both."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

__all__ = ["MOST_COORDINATES", "Coordinates", "keep_coordinates"]

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


def keep_coordinates(
    coordinates: Tensor,
    to_features: Callable[[Tensor], Tensor],
    middle: Tensor,
    weights: Tensor,
    intercepts: Tensor,
    n_leading: int,
) -> Coordinates:
    """Keep the leading coordinates, and of the others what the head reads off them.

    Parameters
    ----------
    coordinates : Tensor of shape (n, R)
        In ascending order of their eigenvalues.
    to_features : callable
        Directions in coordinates (R, m) to those in standardised features (F, m).
    middle : Tensor of shape (F,)
        Weighted mean of the standardised features.
    weights : Tensor of shape (R, K)
        The head's.
    intercepts : Tensor of shape (K,)
    n_leading : int
    """
    n_all = coordinates.shape[1]
    n_leading = min(n_leading, n_all)
    directions = torch.eye(n_all).to(coordinates).flip(1)[:, :n_leading]
    head = weights.flip(0)[:n_leading]
    if n_leading < n_all:
        rest = weights.clone()
        rest[n_all - n_leading :] = 0.0
        directions = torch.cat([directions, rest], 1)
        head = torch.cat([head, torch.eye(weights.shape[1]).to(weights)])
    basis = to_features(directions)
    return Coordinates(coordinates @ directions, basis, middle @ basis, head, intercepts, n_leading)
