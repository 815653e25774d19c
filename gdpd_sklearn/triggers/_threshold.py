"""What the two threshold rules share: one threshold, some points in agreement."""

from __future__ import annotations

from abc import abstractmethod

import numpy as np
from numpy.typing import NDArray

from gdpd_sklearn._checks import check_int, check_real
from gdpd_sklearn.triggers._base import Trigger
from gdpd_sklearn.triggers._features import Floats, predictions, run_length
from gdpd_sklearn.triggers._held_out import HeldOut, central, first_safe

__all__ = ["ThresholdTrigger"]


class ThresholdTrigger(Trigger):
    """Stop when a score has been high enough at some consecutive points of one predicted class.

    Parameters
    ----------
    threshold : float in [0, 1], optional
        Least score. None: chosen on the held-out cases, in the midst of the near-optimal ones.
    consecutive : int, optional
        Number of consecutive points with the same predicted class and a score of at least the
        threshold. None: 1, 2 or 3, chosen together with the threshold.
    tolerance : float, default=0.02
        Candidates so near to the best objective count as equally good.

    Attributes
    ----------
    threshold_ : float
    consecutive_ : int
    """

    threshold_: float
    consecutive_: int

    def __init__(
        self,
        threshold: float | None = None,
        consecutive: int | None = 1,
        tolerance: float = 0.02,
    ) -> None:
        self.threshold = threshold
        self.consecutive = consecutive
        self.tolerance = tolerance

    @abstractmethod
    def _score(self, probabilities: Floats) -> Floats:
        """Give the score of each point by itself: (P, n, K) -> (P, n), in [0, 1]."""

    def check_parameters(self) -> None:
        """Refuse a threshold outside [0, 1], no points in agreement, a negative tolerance."""
        check_real("tolerance", self.tolerance, 0.0)
        if self.threshold is not None:
            check_real("threshold", self.threshold, 0.0, 1.0)
        if self.consecutive is not None:
            check_int("consecutive", self.consecutive, 1, 10_000)

    def _fit(self, held_out: HeldOut) -> None:
        scores = self._score(held_out.probabilities)
        if self.threshold is None:
            # equal steps in rank, not in value: confidences crowd near 1
            ranks = np.linspace(0.0, 1.0, 201)
            thresholds = np.quantile(scores, ranks)
        else:
            ranks = np.zeros(1)
            thresholds = np.array([self.threshold], dtype=np.float64)
        lengths = [1, 2, 3] if self.consecutive is None else [self.consecutive]
        labels = predictions(held_out.probabilities)
        candidates = [
            (held_out.value(first_safe(run_length(scores >= least, labels) >= v)), rank, v, least)
            for v in lengths
            for rank, least in zip(ranks, thresholds, strict=True)
        ]
        table = np.array(candidates, dtype=np.float64)
        chosen = central(table[:, 0], table[:, 1:3], self.tolerance)
        self.threshold_ = float(table[chosen, 3])
        self.consecutive_ = int(table[chosen, 2])

    def _safe(self, probabilities: Floats) -> NDArray[np.bool_]:
        high = self._score(probabilities) >= self.threshold_
        return run_length(high, predictions(probabilities)) >= self.consecutive_
