"""tslearn's early classifier behind the interface of the contestants."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gdpd_sklearn.metrics import harmonic_mean

__all__ = ["NonMyopic"]


class NonMyopic:
    """``tslearn.early_classification.NonMyopicEarlyClassifier`` (ECONOMY-K) on univariate series.

    It may stop at every time point from the first classification point on, and not only at the
    others' points: it offers no choice but the first.

    Parameters
    ----------
    classification_points : sequence of int
        In time points; the first is used.
    random_state : int or None
    waiting_cost : float, optional
        What waiting for the whole series costs, where an error costs 1. By default that is
        tslearn's own, 1 for each time point, with which waiting never pays.
    """

    def __init__(
        self,
        classification_points: Sequence[int],
        random_state: int | None,
        waiting_cost: float | None = None,
    ) -> None:
        self.classification_points = classification_points
        self.random_state = random_state
        self.waiting_cost = waiting_cost

    def fit(self, X: NDArray[np.floating], y: NDArray[Any]) -> NonMyopic:
        """Fit a classifier for each time point; X of shape (n, 1, T).

        Raises
        ------
        ValueError
            If there is more than one channel.
        """
        from tslearn.early_classification import NonMyopicEarlyClassifier

        n_timepoints = X.shape[2]
        cost = 1.0 if self.waiting_cost is None else self.waiting_cost / n_timepoints
        self.model_ = NonMyopicEarlyClassifier(
            min_t=self.classification_points[0],
            cost_time_parameter=cost,
            random_state=self.random_state,
        ).fit(_as_tslearn(X), y)
        return self

    def score(self, X: NDArray[np.floating], y: NDArray[Any]) -> tuple[float, float, float]:
        """Harmonic mean, accuracy and earliness on complete series."""
        labels, stop_times = self.model_.predict_class_and_earliness(_as_tslearn(X))
        accuracy = float(np.mean(labels == y))
        earliness = float(np.mean(stop_times) / X.shape[2])
        return float(harmonic_mean(accuracy, earliness)), accuracy, earliness


def _as_tslearn(X: NDArray[np.floating]) -> NDArray[np.floating]:
    if X.ndim != 3 or X.shape[1] != 1:
        raise ValueError(
            f"X of shape {X.shape} must be (n, 1, T): NonMyopic is measured on one channel only."
        )
    return X.transpose(0, 2, 1)
