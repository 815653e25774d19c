"""What stands in the table of early classifiers: two methods, one number, two things more."""

from __future__ import annotations

from typing import Any, Protocol, Self, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from gdpd_sklearn.metrics import DecisionCost

__all__ = ["Contestant", "FitsRules", "KnowsHindsight"]


class Contestant(Protocol):
    """An early classifier as the benchmark sees it.

    An entry of ``CONTESTANTS`` is an unfitted contestant. The run makes a copy of it with
    ``sklearn.base.clone`` for each cell, so that it must have scikit-learn's ``get_params``:
    a subclass of ``sklearn.base.BaseEstimator`` has.

    Attributes
    ----------
    least_points : int
        The shortest prefix, in time points, that it can classify. Its first classification point
        is never before that, whatever the command says.
    """

    @property
    def least_points(self) -> int:
        """Time points of the shortest prefix that it can classify."""

    def fit(
        self,
        X: NDArray[np.floating],
        y: NDArray[Any],
        classification_points: tuple[int, ...],
        random_state: int,
    ) -> Self:
        """Learn to classify, and when to decide.

        Parameters
        ----------
        X : ndarray of shape (N, C, T)
            Complete series of the training split; what has to be held out is the contestant's
            own business.
        y : ndarray of shape (N,)
            Labels of any type.
        classification_points : tuple of int
            In time points, rising, none under ``least_points``; the last one is T. At these and at
            no other points shall it decide; at the last one it must.
        random_state : int
            Two fits with one seed give the same scores.
        """

    def score(self, X: NDArray[np.floating], y: NDArray[Any]) -> tuple[float, float, float]:
        """Decide on complete series (n, C, T), seeing of each no more than up to the decision.

        Returns
        -------
        harmonic_mean, accuracy, earliness : float
            Each in [0, 1]. Earliness is the mean share of the series seen before the decision. The
            harmonic mean may be NaN where accuracy and 1 − earliness vanish.
        """


@runtime_checkable
class KnowsHindsight(Contestant, Protocol):
    """Optional: a fitted contestant that knows what the best stopping points would have given."""

    def oracle(self, X: NDArray[np.floating], y: NDArray[Any]) -> float:
        """Harmonic mean of the best stopping points of each case, on its own probabilities."""


@runtime_checkable
class FitsRules(Contestant, Protocol):
    """Optional: a fitted contestant that can learn when to decide anew, for another objective."""

    def fit_rule(self, cost: DecisionCost) -> Self:
        """Learn from the training split alone when to decide, for a cost; ``score`` then uses it.

        What it costs to be wrong is 1 for each case; ``cost.delay`` is what it costs to wait for
        the complete series, in this unit.
        """
