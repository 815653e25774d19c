"""aeon's TEASER (Schäfer & Leser 2020), on its own or another classifier."""

from __future__ import annotations

from typing import Any

from aeon.classification.early_classification import TEASER

from benchmarks.early.contestants._aeon import AeonContestant

__all__ = ["Teaser"]


class Teaser(AeonContestant):
    """TEASER with a classifier at each point.

    Parameters
    ----------
    estimator : aeon classifier, optional
        By default aeon's, WEASEL.
    least_points : int, default=8
        What the classifier needs. aeon itself leaves out points under 8 with WEASEL, and under 3
        with another one.
    """

    def __init__(self, estimator: Any = None, least_points: int = 8) -> None:
        self.estimator = estimator
        self.least_points = least_points

    def _build(self) -> TEASER:
        return TEASER(estimator=self.estimator)
