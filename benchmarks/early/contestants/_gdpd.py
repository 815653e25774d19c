"""The package's own early classifier, with hindsight and a rule for each cost."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import clone

from benchmarks.early.contestants._aeon import AeonContestant
from benchmarks.early.contestants._rules import RULES
from gdpd_sklearn import GDPDEarlyClassifier
from gdpd_sklearn.metrics import Objective
from gdpd_sklearn.triggers import apply_temperature

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
        """Give the calibrated probabilities (P, n, K) of complete series, no costs weighed."""
        engine = replace(self.classifier_.engine_, tilt=None)
        return engine.probabilities_up_to(X, len(engine.points))

    def decide_on(
        self, probabilities: NDArray[np.float64]
    ) -> tuple[NDArray[np.integer], NDArray[np.integer]]:
        """Give the classes, and the points at which the rule decides."""
        engine = self.classifier_.engine_
        if engine.tilt is not None:
            probabilities = apply_temperature(probabilities, 1.0, engine.tilt)
        stops = engine.trigger.stop_points(probabilities)
        return probabilities[stops, np.arange(len(stops))].argmax(axis=-1), stops

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
