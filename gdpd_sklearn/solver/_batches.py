"""Ridge heads of more cases than features, in a memory that does not grow with the cases.

1. Batch by batch, the moments of the features are added up at every prefix: their normal equations.
2. The penalty is the one that left-out cases like best: all of them, or a sample where they are
   many.
3. Batch by batch again, each case gets its margins by the heads fitted without it.

Features are computed twice, which costs little compared with the products that are taken of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

import torch
from torch import Tensor

from gdpd_sklearn._device import sized_for
from gdpd_sklearn.solver._coordinates import Coordinates, few_directions
from gdpd_sklearn.solver._decompose import positive_part
from gdpd_sklearn.solver._penalty import Answers
from gdpd_sklearn.solver._ridge import (
    RidgeHeads,
    RidgeSettings,
    check_weight,
)

__all__ = ["Read", "sample_cases", "solve_in_batches"]

Read = Callable[[Tensor, range], Iterator[Tensor]]
"""Features of cases (int64 indices) at some of the prefixes, (B, F) at one after the other."""

# Features of so many cells, in double precision, are in hand at once; on a GPU 512 MiB.
_BATCH_CELLS = 2**22
_GPU_CELLS = 2**26
# Normal equations of so many cells are held at once; further prefixes take another turn.
_NORMAL_CELLS = 2**27
# The matrices are symmetric: about half of each is computed, in blocks of so many rows.
_BLOCK_FEATURES = 192
# So many cases choose the penalty.
_MOST_CHOOSING = 8192


def sample_cases(n_cases: int, n_wanted: int = _MOST_CHOOSING) -> Tensor:
    """Give indices of cases, increasing: all, or so many by chance, always the same ones."""
    if n_cases <= n_wanted:
        return torch.arange(n_cases)
    generator = torch.Generator().manual_seed(0)
    return torch.randperm(n_cases, generator=generator)[:n_wanted].sort().values


def solve_in_batches(
    read: Read,
    n_points: int,
    targets: Tensor,
    sample_weight: Tensor | None = None,
    settings: RidgeSettings | None = None,
) -> RidgeHeads:
    """Fit the heads of all prefixes as :func:`solve_ridge` does, for more cases than features.

    Parameters
    ----------
    read : callable
        Gives the features of some cases at some prefixes, whenever it is asked.
    n_points : int
    targets, sample_weight, settings
        As for :func:`solve_ridge`.

    Returns
    -------
    RidgeHeads
        Up to rounding those of :func:`solve_ridge`; of more than 8192 cases, a sample of so many
        chooses the penalty.

    Raises
    ------
    ValueError
        As :func:`solve_ridge`.
    """
    settings = RidgeSettings() if settings is None else settings
    n_cases = targets.shape[-2]
    by_point = targets.double().expand(n_points, *targets.shape[-2:])
    weight = check_weight(sample_weight, by_point[0], n_cases).to(targets.device)
    n_features = next(read(torch.arange(1), range(1))).shape[1]
    batches = _split(n_cases, n_features, targets.device)
    n_together = max(1, _NORMAL_CELLS // n_features**2)
    left_out = torch.empty_like(by_point, memory_format=torch.contiguous_format)
    solved: list[tuple[Tensor, ...]] = []
    coordinates: list[Coordinates] = []
    for first in range(0, n_points, n_together):
        points = range(first, min(first + n_together, n_points))
        moments = [_Moments() for _ in points]
        for cases in batches:
            for moment, point, part in zip(moments, points, read(cases, points), strict=True):
                moment.add(part, weight[cases], by_point[point, cases])
        heads = []
        chosen = sample_cases(n_cases)
        for moment, point, part in zip(moments, points, read(chosen, points), strict=True):
            heads.append(moment.solve(part, by_point[point], weight, chosen, settings))
        del moments
        for cases in batches:
            for head, point, part in zip(heads, points, read(cases, points), strict=True):
                left_out[point, cases] = head.left_out(part, by_point[point], weight, cases)
                if head.kept is not None:
                    head.kept.of_cases[cases] = head.coordinates(part)
        coordinates += [head.kept for head in heads if head.kept is not None]
        solved += [head.without_factor() for head in heads]
    weights, intercepts, mean, scale, penalties = (
        torch.stack(each) for each in zip(*solved, strict=True)
    )
    return RidgeHeads(weights, intercepts, mean, scale, penalties, left_out, tuple(coordinates))


def _split(n_cases: int, n_features: int, device: torch.device) -> tuple[Tensor, ...]:
    """Part the cases (by number) into batches of so many cells as are in hand at once."""
    n_cells = sized_for(device, cpu=_BATCH_CELLS, gpu=_GPU_CELLS)
    return torch.arange(n_cases).split(max(1, n_cells // n_features))


class _Head(NamedTuple):
    """The head of one prefix, and what tells leverages."""

    weights: Tensor  # (F, K)
    intercept: Tensor  # (K,)
    mean: Tensor  # (F,)
    scale: Tensor  # (F,)
    penalty: Tensor
    middle: Tensor  # (F,), weighted mean of standardised features
    factor: Tensor  # (F, F), lower: the normal equations are factor · factorᵀ
    kept: Coordinates | None  # those of cases are still to be filled in

    def without_factor(self) -> tuple[Tensor, ...]:
        return self.weights, self.intercept, self.mean, self.scale, self.penalty

    def coordinates(self, features: Tensor) -> Tensor:
        """Coordinates (B, r) of cases."""
        assert self.kept is not None
        standard = (features.double() - self.mean) / self.scale
        return standard @ self.kept.basis - self.kept.centre

    def left_out(self, features: Tensor, targets: Tensor, weight: Tensor, cases: Tensor) -> Tensor:
        """Margins (B, K) of training cases by the head fitted without each."""
        standard = (features.double() - self.mean) / self.scale
        target, some = targets[cases], weight[cases, None]
        fitted = standard @ self.weights + self.intercept
        standard -= self.middle
        solved = torch.linalg.solve_triangular(self.factor, standard.T, upper=False)
        leverage = some * solved.square_().sum(0)[:, None] + some / weight.sum()
        return target - (target - fitted) / (1.0 - leverage)


class _Moments:
    """Sums of features and of their products, of one prefix, about a point near their mean."""

    def __init__(self) -> None:
        self.n_cases = 0

    def add(self, features: Tensor, weight: Tensor, targets: Tensor) -> None:
        """Add cases: features (B, F), weights (B,), targets (B, K)."""
        x = features.double()
        if self.n_cases == 0:
            n_features, n_targets = x.shape[1], targets.shape[1]
            self.shift = x.mean(0)
            self.sum, self.squares, self.weighted = x.new_zeros(3, n_features)
            self.gram = x.new_zeros(n_features, n_features)
            self.cross = x.new_zeros(n_features, n_targets)
        self.n_cases += len(x)
        x -= self.shift
        self.sum += x.sum(0)
        self.squares += torch.linalg.vector_norm(x, dim=0).square()
        weighted = x * weight[:, None]
        self.weighted += weighted.sum(0)
        self.cross += weighted.T @ targets
        # to compute it twice takes a GPU less time than to launch the halves
        size = sized_for(x.device, cpu=_BLOCK_FEATURES, gpu=x.shape[1])
        for start in range(0, x.shape[1], size):
            stop = min(start + size, x.shape[1])
            self.gram[start:stop, :stop].addmm_(weighted[:, start:stop].T, x[:, :stop])

    def solve(
        self,
        features: Tensor,
        targets: Tensor,
        weight: Tensor,
        chosen: Tensor,
        settings: RidgeSettings,
    ) -> _Head:
        """Fit the head with the penalty that ``chosen`` cases, of these features, like best.

        The moments are used up.
        """
        mean, scale = self._mean_and_scale()
        total = weight.sum()
        centre = weight @ targets / total
        gram, about = self.gram, self.weighted / total
        gram -= total * about[:, None] * about
        gram /= scale * scale[:, None]
        gram = gram.tril_() + gram.tril(-1).T
        right = (self.cross - total * about[:, None] * centre) / scale[:, None]  # (F, K)
        middle = (self.shift + about - mean) / scale
        del self.gram
        eigenvalues, vectors = positive_part(gram)
        unit = eigenvalues.sum() / self.n_cases if len(eigenvalues) else torch.ones_like(total)
        penalties = unit * torch.tensor(settings.penalties, dtype=total.dtype).to(total.device)
        coordinates = ((features.double() - mean) / scale - middle) @ vectors
        answers = Answers(coordinates, eigenvalues, vectors.T @ right, centre)
        some = weight[chosen]
        number, _ = answers.least_error(targets[chosen], some, some / total, penalties)
        penalty = penalties[number]
        in_coordinates = answers.right / (eigenvalues + penalty)[:, None]
        weights = vectors @ in_coordinates
        kept = None
        if settings.n_coordinates:
            few = few_directions(in_coordinates, settings.n_coordinates)
            basis = vectors @ few.kept
            empty = basis.new_empty(len(weight), basis.shape[1])
            kept = Coordinates(empty, basis, middle @ basis, few.head, centre, few.n_leading)
        gram.diagonal().add_(penalty)
        factor = torch.linalg.cholesky(gram)
        intercept = centre - middle @ weights
        return _Head(weights, intercept, mean, scale, penalty, middle, factor, kept)

    def _mean_and_scale(self) -> tuple[Tensor, Tensor]:
        """Give the mean, and √F times the standard deviation, or √F where that is zero: (F,)."""
        about = self.sum / self.n_cases
        mean = self.shift + about
        scale = (self.squares / self.n_cases - about.square()).clamp_min(0.0).sqrt()
        # the mean of equal numbers is off by rounding
        scale = torch.where(scale > 1e-9 * mean.abs(), scale, torch.ones_like(scale))
        return mean, scale * len(mean) ** 0.5
