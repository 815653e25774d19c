"""The package's own early classifier, with hindsight and a rule for each cost."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import clone

from benchmarks.early.contestants._aeon import AeonContestant
from gdpd_sklearn import GDPDEarlyClassifier
from gdpd_sklearn.metrics import DecisionCost, oracle_score

__all__ = ["GDPD"]


class GDPD(AeonContestant):
    """:class:`GDPDEarlyClassifier` with any parameters but points and seed.

    Parameters
    ----------
    classifier : GDPDEarlyClassifier
        Unfitted.
    """

    least_points = 1

    def __init__(self, classifier: GDPDEarlyClassifier) -> None:
        self.classifier = classifier

    def _build(self) -> GDPDEarlyClassifier:
        return clone(self.classifier)

    def oracle(self, X: NDArray[np.floating], y: NDArray[Any]) -> float:
        """Harmonic mean with hindsight, on the classifier's own probabilities."""
        points = np.array(self.classifier_.classification_points_)
        probabilities = self.classifier_.engine_.probabilities_up_to(X, len(points))
        codes = np.searchsorted(self.classifier_.classes_, y)
        return float(oracle_score(probabilities, codes, points / self.classifier_.n_timepoints_))

    def fit_rule(self, cost: DecisionCost) -> Self:
        """Learn the rule for a cost from the cases that cross-fitting held out."""
        self.classifier_.fit_trigger(objective=cost)
        return self
