"""aeon's threshold on the probabilities of a classifier at each point."""

from __future__ import annotations

from typing import Any

from aeon.classification.early_classification import ProbabilityThresholdEarlyClassifier

from benchmarks.early.contestants._aeon import AeonContestant

__all__ = ["Threshold"]


class Threshold(AeonContestant):
    """Decide once the largest probability reaches aeon's default threshold.

    Parameters
    ----------
    estimator : aeon classifier
    least_points : int, default=3
        What the classifier needs; aeon itself leaves points before the third out.
    """

    def __init__(self, estimator: Any, least_points: int = 3) -> None:
        self.estimator = estimator
        self.least_points = least_points

    def _build(self) -> ProbabilityThresholdEarlyClassifier:
        return ProbabilityThresholdEarlyClassifier(estimator=self.estimator)
