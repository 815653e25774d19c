"""tslearn's early classifier as a contestant."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator

from gdpd_sklearn.metrics import DecisionCost, Objective

__all__ = ["NonMyopic"]

# where errors cost nothing, time is as dear as this, in errors
_DEAREST = 1e9


class NonMyopic(BaseEstimator):
    """``tslearn.early_classification.NonMyopicEarlyClassifier`` (ECONOMY-K) on univariate series.

    It may stop at every time point from the first classification point on, and not only at the
    others' points: it offers no choice but the first.

    Parameters
    ----------
    waiting_cost : float, optional
        What waiting for the whole series costs, where an error costs 1. By default that is
        tslearn's own, 1 for each time point, with which waiting never pays.
    """

    least_points = 1

    def __init__(self, waiting_cost: float | None = None) -> None:
        self.waiting_cost = waiting_cost

    def fit(
        self,
        X: NDArray[np.floating],
        y: NDArray[Any],
        classification_points: tuple[int, ...],
        random_state: int,
    ) -> Self:
        """Fit a classifier for each time point from the first classification point on.

        Raises
        ------
        ValueError
            If there is more than one channel.
        """
        from tslearn.early_classification import NonMyopicEarlyClassifier

        cost = 1.0 if self.waiting_cost is None else self.waiting_cost / X.shape[2]
        self.model_ = NonMyopicEarlyClassifier(
            min_t=classification_points[0], cost_time_parameter=cost, random_state=random_state
        ).fit(_as_tslearn(X), y)
        self.n_timepoints_ = X.shape[2]
        return self

    def fit_rule(self, objective: Objective) -> Self:
        """Wait as long as it pays for another cost; no classifier depends on it.

        Raises
        ------
        NotImplementedError
            For another objective than one cost for all errors and a constant price of time.
        """
        if not isinstance(objective, DecisionCost) or callable(objective.delay):
            raise NotImplementedError("NonMyopic serves a DecisionCost with a constant delay.")
        errors = objective.matrix(len(self.model_.classes_))
        error = float(errors[0, 1])
        if not np.array_equal(errors, error * (1 - np.eye(len(errors)))):
            raise NotImplementedError("NonMyopic serves a DecisionCost alike for all errors.")
        waiting = float(objective.delay_cost(1.0)) / max(error, np.finfo(float).tiny)
        self.model_.set_params(cost_time_parameter=min(waiting, _DEAREST) / self.n_timepoints_)
        return self

    def decide(self, X: NDArray[np.floating]) -> tuple[NDArray[Any], NDArray[np.integer]]:
        """Give labels and stop times of complete series."""
        return self.model_.predict_class_and_earliness(_as_tslearn(X))


def _as_tslearn(X: NDArray[np.floating]) -> NDArray[np.floating]:
    if X.ndim != 3 or X.shape[1] != 1:
        raise ValueError(
            f"X of shape {X.shape} must be (n, 1, T): NonMyopic is measured on one channel only."
        )
    return X.transpose(0, 2, 1)
