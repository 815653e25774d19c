"""What stands in the table of early classifiers: two methods, one number, three things more."""

from __future__ import annotations

from typing import Any, Protocol, Self, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from gdpd_sklearn.metrics import Objective

__all__ = ["Contestant", "FitsRules", "GivesProbabilities", "HasRules"]


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
            Two fits with one seed decide the same.
        """

    def decide(self, X: NDArray[np.floating]) -> tuple[NDArray[Any], NDArray[np.integer]]:
        """Decide on complete series (n, C, T), seeing of each no more than up to the decision.

        Returns
        -------
        labels : ndarray of shape (n,)
        stop_times : ndarray of int, shape (n,)
            Time points seen at each decision, in [1, T].
        """


@runtime_checkable
class FitsRules(Contestant, Protocol):
    """Optional: a fitted contestant that can learn when to decide anew, for another objective."""

    def fit_rule(self, objective: Objective) -> Self:
        """Learn from the training split alone when to decide; what decides uses it from then on.

        Parameters
        ----------
        objective : "harmonic_mean", DecisionCost or LeastDelay
            Classes of a cost matrix are in sorted order of the labels.

        Raises
        ------
        NotImplementedError
            For an objective that it cannot serve. It then decides as before.
        """


@runtime_checkable
class HasRules(FitsRules, Protocol):
    """Optional: a contestant with several rules on one fit. Each is a row of the tables.

    Attributes
    ----------
    rules : tuple of str
    """

    @property
    def rules(self) -> tuple[str, ...]:
        """Names of the rules."""

    def use_rule(self, name: str) -> Self:
        """Take this rule; ``fit_rule`` comes next."""


@runtime_checkable
class GivesProbabilities(Contestant, Protocol):
    """Optional: a fitted contestant whose rule reads probabilities of classes at each point.

    Series are then read once for all rules and costs, and hindsight is known.

    Attributes
    ----------
    classes_ : ndarray of shape (K,)
        Labels, sorted.
    """

    @property
    def classes_(self) -> NDArray[Any]:
        """Sorted labels."""

    def probabilities(self, X: NDArray[np.floating]) -> NDArray[np.float64]:
        """Give probabilities (P, n, K) of complete series at each classification point."""

    def decide_on(
        self, probabilities: NDArray[np.float64]
    ) -> tuple[NDArray[np.integer], NDArray[np.integer]]:
        """Decide on such probabilities, as ``decide`` does on series.

        Returns
        -------
        codes : ndarray of int, shape (n,)
            Classes decided for; a contestant may weigh the costs.
        stops : ndarray of int, shape (n,)
            Index of the point at which each case is decided.
        """
