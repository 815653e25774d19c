"""Linear heads in closed form: ridge regression with exact left-out margins.

Minimised are weighted squares, with an intercept that costs nothing::

    Σᵢ wᵢ ‖yᵢ − b − Vᵀ zᵢ‖² + a ‖V‖²

Everything follows from one eigen-decomposition of the smaller of the two Gram matrices (cases or
features): with the coordinates ``t`` of a case in the eigenbasis, centred by the weighted mean, and
the eigenvalues ``λ``, a case's leverage is ``hᵢ = wᵢ Σⱼ tᵢⱼ² / (λⱼ + a) + wᵢ / Σw``, and the model
that is fitted without the case errs on it by its error divided by ``1 − hᵢ``. That is exact, with
weights, several targets and the intercept fitted again (Cook & Weisberg 1982, section 2.2).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from gdpd_sklearn.solver._coordinates import Coordinates, few_directions
from gdpd_sklearn.solver._decompose import Standardised, decompose_cases, decompose_features
from gdpd_sklearn.solver._penalty import Answers

__all__ = [
    "RidgeHeads",
    "RidgeSettings",
    "check_weight",
    "class_targets",
    "solve_ridge",
    "solve_ridge_each",
]


@dataclass(frozen=True)
class RidgeSettings:
    """How the penalty is chosen.

    Attributes
    ----------
    penalties : tuple of float
        Candidates, in mean eigenvalues of the Gram matrix of cases.
    n_coordinates : int
        How many leading coordinates of each prefix the result holds at most, for heads that are
        trained by gradient; 0 holds none.
    explained : Tensor of int64, shape (I,), or None
        Cases whose left-out margins are wanted as sums over the other cases' targets.
    """

    penalties: tuple[float, ...] = tuple(np.geomspace(1e-3, 1e3, 19).tolist())
    n_coordinates: int = 0
    explained: Tensor | None = None


@dataclass(frozen=True)
class RidgeHeads:
    """Linear heads of P prefixes, with what held-out cases say of them.

    Attributes
    ----------
    weights : Tensor of float64, shape (P, F, K)
        Of features standardised by ``mean`` and ``scale``.
    intercepts : Tensor of float64, shape (P, K)
    mean, scale : Tensor of float64, shape (P, F)
        Training mean; √F times the standard deviation (√F where that is zero).
    penalties : Tensor of float64, shape (P,)
        Chosen, in the units of the features' Gram matrix.
    left_out : Tensor of float64, shape (P, n, K)
        Margins of each training case by the head fitted without it.
    coordinates : tuple of Coordinates, length P or 0
    shares : Tensor of float64, shape (P, I, n), or None
        Of the cases that were to be explained: a left-out margin is ``shares @ targets``, and the
        case's own share is 0.
    """

    weights: Tensor
    intercepts: Tensor
    mean: Tensor
    scale: Tensor
    penalties: Tensor
    left_out: Tensor
    coordinates: tuple[Coordinates, ...] = ()
    shares: Tensor | None = None

    def margins(self, features: Tensor, point: int) -> Tensor:
        """Margins (N, K) of features (N, F) at one prefix."""
        standard = (features.double() - self.mean[point]) / self.scale[point]
        return standard @ self.weights[point] + self.intercepts[point]

    def linear(self) -> tuple[Tensor, Tensor]:
        """Weights (P, K, F) and biases (P, K) for features as they are, as a linear layer's."""
        weights = (self.weights / self.scale[..., None]).transpose(1, 2)
        return weights, self.intercepts - (weights @ self.mean[..., None])[..., 0]


def class_targets(y: Tensor, n_classes: int) -> Tensor:
    """Targets +1 for a case's own class and −1 for the others: codes (n,) → (n, K)."""
    return 2.0 * torch.nn.functional.one_hot(y.long(), n_classes).double() - 1.0


def solve_ridge(
    features: Iterable[Tensor],
    targets: Tensor | Sequence[Tensor],
    sample_weight: Tensor | None = None,
    settings: RidgeSettings | None = None,
) -> RidgeHeads:
    """Fit the heads of all prefixes, each with the penalty that left-out cases like best.

    Parameters
    ----------
    features : iterable of Tensor, shape (n, F) each
        Features at one prefix after the other; only one of them is held.
    targets : Tensor of shape (n, K) or (P, n, K)
        Any real numbers: +1 and −1 (:func:`class_targets`), or a teacher's margins.
    sample_weight : Tensor of shape (n,), optional
        At least 0, two of them positive. Class weights are weights of cases by their class.
    settings : RidgeSettings, optional

    Returns
    -------
    RidgeHeads

    Raises
    ------
    ValueError
        If shapes do not fit, or fewer than two cases count.

    Notes
    -----
    A left-out margin is what the head fitted without the case gives for it, the penalty and the
    standardisation of the features staying those of all cases. The decomposed matrix is n × n or
    F × F, whichever is smaller; beyond some thousand cases, so many features are too many.
    """
    (heads,) = solve_ridge_each(features, targets, [sample_weight], settings)
    return heads


def solve_ridge_each(
    features: Iterable[Tensor],
    targets: Tensor | Sequence[Tensor],
    sample_weights: Sequence[Tensor | None],
    settings: RidgeSettings | None = None,
) -> list[RidgeHeads]:
    """Do as :func:`solve_ridge` for each of several weights of the same cases, to the same bits.

    What weights do not change is done once: to read the features of a prefix, to standardise them,
    and where features are many to multiply them.
    """
    settings = RidgeSettings() if settings is None else settings
    solved: list[list[_Solution]] = [[] for _ in sample_weights]
    for point, each in enumerate(features):
        target = targets[point] if not isinstance(targets, Tensor) or targets.ndim == 3 else targets
        target = target.to(each.device).double()
        weights = [check_weight(own, target, len(each)).to(each.device) for own in sample_weights]
        standard = Standardised(each)
        for own, weight in zip(solved, weights, strict=True):
            own.append(_solve_one(standard, target, weight, settings))
    return [_stacked(own, settings) for own in solved]


class _Solution(NamedTuple):
    """What of one prefix goes into the fields of :class:`RidgeHeads`."""

    head: tuple[Tensor, ...]
    coordinates: Coordinates | None
    shares: Tensor | None


def _stacked(solved: Sequence[_Solution], settings: RidgeSettings) -> RidgeHeads:
    """Put the solutions of all prefixes together."""
    if not solved:
        raise ValueError("features must hold at least one prefix.")
    heads, coordinates, explained = zip(*solved, strict=True)
    weights, intercepts, mean, scale, penalties, left_out = (
        torch.stack(each) for each in zip(*heads, strict=True)
    )
    kept = coordinates if settings.n_coordinates else ()
    shares = None if settings.explained is None else torch.stack(explained)
    return RidgeHeads(weights, intercepts, mean, scale, penalties, left_out, kept, shares)


def _solve_one(
    standard: Standardised, targets: Tensor, weight: Tensor, settings: RidgeSettings
) -> _Solution:
    n_cases, n_features = standard.features.shape
    share = weight / weight.sum()
    middle = standard.average(share)
    if n_cases <= n_features:
        decomposition = decompose_cases(standard, weight)
    else:
        decomposition = decompose_features(standard, weight, middle)
    coordinates, eigenvalues, to_features = decomposition
    centre = share @ targets
    right = coordinates.T @ (weight[:, None] * (targets - centre))  # (r, K)

    unit = eigenvalues.sum() / n_cases if len(eigenvalues) else torch.ones_like(share[0])
    penalties = unit * torch.tensor(settings.penalties, dtype=share.dtype).to(share.device)  # (G,)
    answers = Answers(coordinates, eigenvalues, right, centre)
    number, left_out = answers.least_error(targets, weight, share, penalties)
    penalty = penalties[number]
    in_coordinates = right / (eigenvalues + penalty)[:, None]
    weights = to_features(in_coordinates)
    intercept = centre - middle @ weights
    head = (weights, intercept, standard.mean, standard.scale, penalty, left_out)
    shares = None
    if settings.explained is not None:
        inverse = 1.0 / (eigenvalues + penalty)
        shares = _left_out_shares(coordinates, inverse, weight, settings.explained)
    if not settings.n_coordinates:
        return _Solution(head, None, shares)
    few = few_directions(in_coordinates, settings.n_coordinates)
    basis = to_features(few.kept)
    kept = Coordinates(
        coordinates @ few.kept, basis, middle @ basis, few.head, centre, few.n_leading
    )
    return _Solution(head, kept, shares)


def _left_out_shares(coordinates: Tensor, inverse: Tensor, weight: Tensor, cases: Tensor) -> Tensor:
    """Give the shares (I, n) of all targets in the left-out margins of some cases."""
    smoother = (coordinates[cases] * inverse) @ coordinates.T * weight + weight / weight.sum()
    own = torch.arange(len(cases), device=cases.device)
    leverage = smoother[own, cases]
    smoother[own, cases] = 0.0
    return smoother / (1.0 - leverage[:, None])


def check_weight(sample_weight: Tensor | None, targets: Tensor, n_cases: int) -> Tensor:
    """Give weights of cases as float64 (n,), ones by default; see :func:`solve_ridge`."""
    if targets.ndim != 2 or len(targets) != n_cases:
        raise ValueError(
            f"targets of shape {tuple(targets.shape)} must have the shape (n_cases, n_targets), "
            f"with {n_cases} cases as in features."
        )
    if sample_weight is None:
        weight = torch.ones(n_cases, dtype=torch.float64)
    else:
        weight = torch.as_tensor(sample_weight).double()
    if weight.shape != (n_cases,) or not (torch.isfinite(weight) & (weight >= 0)).all():
        raise ValueError(
            f"sample_weight of shape {tuple(weight.shape)} must hold {n_cases} finite numbers of "
            f"at least 0."
        )
    if int((weight > 0).sum()) < 2:
        raise ValueError(
            f"sample_weight={sample_weight!r} for {n_cases} cases must leave at least two cases "
            f"of positive weight: a left-out case needs another one to learn from."
        )
    return weight
