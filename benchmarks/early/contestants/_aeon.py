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

    def score(self, X: NDArray[np.floating], y: NDArray[Any]) -> tuple[float, float, float]:
        """Harmonic mean, accuracy and earliness on complete series."""
        harmonic_mean, accuracy, earliness = self.classifier_.score(X, y)
        return float(harmonic_mean), float(accuracy), float(earliness)
