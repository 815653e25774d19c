"""Contestants with aeon's interface of early classifiers."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, Self

import numpy as np
from aeon.classification.early_classification.base import BaseEarlyClassifier
from numpy.typing import NDArray
from sklearn.base import BaseEstimator

__all__ = ["AeonContestant"]


class AeonContestant(BaseEstimator, ABC):
    """Base class: an early classifier of aeon's kind, made anew for each fit.

    Attributes
    ----------
    classifier_ : BaseEarlyClassifier
        Fitted.
    """

    @abstractmethod
    def _build(self) -> BaseEarlyClassifier:
        """Make the unfitted classifier; points and seed are set afterwards."""

    def fit(
        self,
        X: NDArray[np.floating],
        y: NDArray[Any],
        classification_points: tuple[int, ...],
        random_state: int,
    ) -> Self:
        """Fit the classifier at these points."""
        self.classifier_ = self._build().set_params(
            classification_points=classification_points, random_state=random_state
        )
        self.classifier_.fit(X, y)
        return self

    def decide(self, X: NDArray[np.floating]) -> tuple[NDArray[Any], NDArray[np.integer]]:
        """Give labels and stop times of complete series.

        Where nothing passed on its training cases, aeon 1.6's TEASER decides nothing, not even at
        the end; its state then holds the first class at time 0. That counts as the first class at
        the end.
        """
        self.classifier_.predict(X)
        # aeon's columns: point, points agreed so far, class, time points
        state = self.classifier_.get_state_info()
        stop_times = np.where(state[:, 3] > 0, state[:, 3], X.shape[2])
        return self.classifier_.classes_[state[:, 2]], stop_times
