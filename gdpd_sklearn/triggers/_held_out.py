"""Held-out cases as rules see them, and how a rule's parameters are chosen on them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gdpd_sklearn.metrics import DecisionCost, LeastDelay, harmonic_mean
from gdpd_sklearn.triggers._features import Floats, Ints, predictions

__all__ = ["HeldOut", "central", "error_costs", "first_safe", "folds"]

_LEAST_ERROR = 1e-9


@dataclass(frozen=True)
class HeldOut:
    """Probabilities of cases that the classifiers did not train on, and what is to be reached.

    Parameters
    ----------
    probabilities : ndarray of shape (P, N, K)
        Class probabilities at each classification point.
    y : ndarray of int, shape (N,)
        Class codes.
    fractions : ndarray of shape (P,)
        Share of the full length at each point.
    objective : "harmonic_mean", DecisionCost or LeastDelay
        What is maximised (a cost: its negative).
    weight : ndarray of shape (N,), or None
        What each case counts, 1 on average; None where all count the same.
    """

    probabilities: Floats
    y: Ints
    fractions: Floats
    objective: Any
    weight: Floats | None = None

    @cached_property
    def correct(self) -> Floats:
        """1.0 where the most probable class is right: (P, N)."""
        return (predictions(self.probabilities) == self.y).astype(np.float64)

    def costs(self, objective: DecisionCost) -> Floats:
        """Cost of stopping each case at each point: (P, N)."""
        predicted = predictions(self.probabilities)
        n_classes = self.probabilities.shape[2]
        return objective.of(self.y, predicted, self.fractions[:, None], n_classes=n_classes)

    @cached_property
    def _own_costs(self) -> Floats:
        """Costs in units of twice what an error costs, (P, N)."""
        costs = self.costs(self.objective)
        # where errors cost nothing, or next to it, nothing is owed to chance: the best is the best
        least = _LEAST_ERROR * float(np.ptp(costs))
        return costs / (max(2 * self._error_cost(), least) or 1.0)

    def _error_cost(self) -> float:
        """Give the root of the mean square of what errors cost: they are made where they are cheap.

        Who weighs costs mistakes each class in inverse proportion to what that costs. With c the
        cost of each case's errors the root is then that of mean(c) / mean(1 / c).
        """
        each = error_costs(self.objective.matrix(self.probabilities.shape[2]))[self.y]
        if (each <= 0).any():
            return 0.0
        return float(np.sqrt(self.mean(each) / self.mean(1 / each)))

    def value(self, points: Ints) -> Floats:
        """Score vectors of stopping points, (..., N) -> (...): higher is better.

        What a candidate owes to chance is the share of its errors. So a cost is divided by twice
        what an error costs: an error then counts ½, as it does in the harmonic mean of an accuracy
        and a saving that are equal. A tolerance means the same for costs in cents and in millions,
        whatever the price of time.
        """
        cases = np.arange(len(self.y))
        if isinstance(self.objective, LeastDelay):
            decided = predictions(self.probabilities)[points, cases]
            return self.objective.value(self.y, decided, self.fractions[points], self.weight)
        if isinstance(self.objective, DecisionCost):
            return -self.mean(self._own_costs[points, cases])
        accuracy = self.mean(self.correct[points, cases])
        return np.asarray(harmonic_mean(accuracy, self.mean(self.fractions[points])))

    def mean(self, values: Floats) -> Floats:
        """Average over the cases, by their weights: (..., N) -> (...)."""
        if self.weight is None:
            return np.asarray(values.mean(axis=-1))
        # a weighted mean of shares may leave [0, 1] by a rounding
        average = np.average(values, axis=-1, weights=self.weight)
        return np.clip(average, values.min(), values.max())

    @property
    def weights(self) -> Floats:
        """What each case counts: (N,)."""
        return np.ones(len(self.y)) if self.weight is None else self.weight

    @property
    def n_effective(self) -> float:
        """How many cases of equal weight tell as much (Kish 1965)."""
        if self.weight is None:
            return float(len(self.y))
        return float(self.weight.sum() ** 2 / (self.weight**2).sum())

    def subset(self, cases: Ints) -> HeldOut:
        """Return some of the cases."""
        weight = None if self.weight is None else self.weight[cases]
        return HeldOut(
            self.probabilities[:, cases], self.y[cases], self.fractions, self.objective, weight
        )


def error_costs(matrix: Floats) -> Floats:
    """Give what an error on each class costs beyond a right decision, on average: (K, K) -> (K,).

    0 for the only class.
    """
    n_classes = len(matrix)
    return (matrix.sum(axis=1) - n_classes * np.diag(matrix)) / max(1, n_classes - 1)


def first_safe(safe: NDArray[np.bool_]) -> Ints:
    """First safe point of each case, (P, ...) -> (...); the last point where there is none."""
    return np.where(safe.any(axis=0), safe.argmax(axis=0), len(safe) - 1)


def central(values: Floats, parameters: Floats, tolerance: float) -> int:
    """Choose among near-optimal candidates the one in their midst.

    With few cases the best value is held by chance and often at the edge of a plateau. All
    candidates within ``tolerance`` of the best are taken as equal, and the one with the least
    summed distance to the others wins: for one parameter that is their median.

    Parameters
    ----------
    values : ndarray of shape (C,)
        Score of each candidate; higher is better.
    parameters : ndarray of shape (C,) or (C, d)
        Where each candidate lies; each column is scaled to its range.
    tolerance : float
        How far from the best is still as good.

    Returns
    -------
    int
        Index of the chosen candidate.
    """
    places = parameters.reshape(len(values), -1)
    span = np.ptp(places, axis=0)
    places = places / np.where(span > 0, span, 1.0)
    near = np.flatnonzero(values >= values.max() - tolerance)
    distance = np.abs(places[near][:, None] - places[near][None]).sum(axis=-1).sum(axis=1)
    # rounding, not noise, would otherwise decide between two middles; the better value should
    nearest = np.flatnonzero(distance <= distance.min() + 1e-9)
    return int(near[nearest[np.argmax(values[near[nearest]])]])


def folds(y: Ints, n_folds: int) -> Iterator[tuple[Ints, Ints]]:
    """Yield (rest, fold) indices, classes spread evenly, without randomness.

    The cases of a class are dealt to the folds in turn; the turn goes on from class to class, so
    that many small classes do not all start in the first fold.
    """
    fold = np.empty(len(y), dtype=np.intp)
    fold[np.argsort(y, kind="stable")] = np.arange(len(y)) % n_folds
    for k in range(min(n_folds, len(y))):
        yield np.flatnonzero(fold != k), np.flatnonzero(fold == k)
