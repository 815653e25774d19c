"""The package's own early classifier, with hindsight and a rule for each cost."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import clone

from benchmarks.early.contestants._aeon import AeonContestant
from benchmarks.early.contestants._rules import RULES
from gdpd_sklearn import GDPDEarlyClassifier
from gdpd_sklearn.metrics import Objective

__all__ = ["GDPD", "EachRule"]


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

    @property
    def classes_(self) -> NDArray[Any]:
        """Sorted labels."""
        return self.classifier_.classes_

    def probabilities(self, X: NDArray[np.floating]) -> NDArray[np.float64]:
        """Give the calibrated probabilities (P, n, K) of complete series."""
        n_points = len(self.classifier_.classification_points_)
        return self.classifier_.engine_.probabilities_up_to(X, n_points)

    def stop_points(self, probabilities: NDArray[np.float64]) -> NDArray[np.integer]:
        """Give the index of the point at which the rule decides each case."""
        return self.classifier_.trigger_.stop_points(probabilities)

    def fit_rule(self, objective: Objective) -> Self:
        """Learn the rule anew from the answers that were held out."""
        self.classifier_.fit_trigger(objective=objective)
        return self


class EachRule(GDPD):
    """The same, with the package's rules on the one fit."""

    rules = RULES

    def use_rule(self, name: str) -> Self:
        """Take another rule, which is learned with the next ``fit_rule``."""
        self.rule_ = name
        return self

    def fit_rule(self, objective: Objective) -> Self:
        """Learn the rule in use from the answers that were held out."""
        self.classifier_.fit_trigger(getattr(self, "rule_", None), objective)
        return self
