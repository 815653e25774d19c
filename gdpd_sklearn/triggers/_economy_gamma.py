"""ECONOMY-γ (Achenchabe et al. 2021): the expected cost of every horizon, by confidence groups."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray

from gdpd_sklearn._checks import check_int, check_real
from gdpd_sklearn.metrics import DecisionCost
from gdpd_sklearn.triggers._base import Trigger
from gdpd_sklearn.triggers._cost_search import Safe, choose_by_folds, chosen_weight, costs_for
from gdpd_sklearn.triggers._features import Floats, confidence, predictions
from gdpd_sklearn.triggers._held_out import HeldOut

__all__ = ["EconomyGamma"]


class EconomyGamma(Trigger):
    r"""Stop when no later point has a lower expected cost.

    1. At each point the held-out cases are cut into G groups at the quantiles of their
       confidence, the largest class probability (the multiclass form of the method; it is used
       for two classes, too, where it needs half the groups of the original).
    2. The misclassification cost of a group is the average over its cases, which is what the
       confusion matrix of the group weighted by the costs gives.
    3. Moves between the groups of neighbouring points are a Markov chain. From the group of a
       case now, the chain gives the distribution over groups, hence the expected cost, at every
       later point.
    4. The case stops if the least of these costs, delay included, is the one of now.

    The tables are estimated with the weight of one pseudo-case that behaves like the average of
    its point, as groups of a few cases would otherwise promise zero errors. For the harmonic
    mean, zero-one cost plus a delay weight is used. G, and the weight, are chosen by
    cross-validation on the held-out cases.

    ========================  =====================================
    paper                     here
    ========================  =====================================
    :math:`γ_t`, groups       ``thresholds_``
    :math:`f_τ`               ``_horizons`` plus delay
    :math:`τ^* = 0`           ``stops_``
    ========================  =====================================

    Parameters
    ----------
    n_groups : int, optional
        The number of groups G. None: chosen among 2..``max_groups``.
    max_groups : int, default=6
        Largest G that is tried; never more than there are cases.
    n_weights : int, default=11
        Number of delay weights tried for the harmonic mean.
    n_folds : int, default=5
        Folds for the choices.
    tolerance : float, default=0.01
        Settings so near to the best count as equally good; the middle one is taken.

    Attributes
    ----------
    delay_weight_ : float or None
        The weight chosen for the harmonic mean; None where the objective was a cost.
    thresholds_ : ndarray of shape (P, G - 1)
        Confidences between the groups at each point.
    stops_ : ndarray of bool, shape (P, G)
        Whether a case of that group stops there.

    References
    ----------
    Achenchabe, Bondu, Cornuéjols, Dachraoui: Early classification of time series: cost-based
    optimization criterion and algorithms. Machine Learning 110, 2021, Section 4.2 (ECONOMY-γ).
    Zafar, Achenchabe, Bondu, Cornuéjols, Lemaire: Early classification of time series: cost-based
    multiclass algorithms. DSAA 2021 (largest probability as the aggregate).

    Examples
    --------
    >>> import numpy as np
    >>> from gdpd_sklearn.metrics import DecisionCost
    >>> from gdpd_sklearn.triggers import EconomyGamma
    >>> p = np.repeat([[[0.45, 0.55]], [[0.9, 0.1]], [[0.9, 0.1]]], 10, axis=1)
    >>> rule = EconomyGamma(n_groups=1).fit(p, [0] * 10, [0.2, 0.4, 1.0], DecisionCost(delay=0.5))
    >>> rule.stop_points(p[:, :1]).tolist()
    [1]
    """

    def __init__(
        self,
        n_groups: int | None = None,
        max_groups: int = 6,
        n_weights: int = 11,
        n_folds: int = 5,
        tolerance: float = 0.01,
    ) -> None:
        self.n_groups = n_groups
        self.max_groups = max_groups
        self.n_weights = n_weights
        self.n_folds = n_folds
        self.tolerance = tolerance

    def check_parameters(self) -> None:
        """Refuse too few groups, weights or folds, a negative tolerance."""
        if self.n_groups is not None:
            check_int("n_groups", self.n_groups, 1, 1000)
        check_int("max_groups", self.max_groups, 2, 1000)
        check_int("n_weights", self.n_weights, 1, 10_000)
        check_int("n_folds", self.n_folds, 2, 1000)
        check_real("tolerance", self.tolerance, 0.0)

    def _fit(self, held_out: HeldOut) -> None:
        if self.n_groups is None:
            sizes = list(range(2, min(self.max_groups, max(2, len(held_out.y))) + 1))
        else:
            sizes = [self.n_groups]
        costs = costs_for(held_out.objective, self.n_weights)
        candidates = [(size, cost) for size in sizes for cost in costs]
        places = [(s, c) for s in range(len(sizes)) for c in range(len(costs))]
        size, cost = choose_by_folds(
            held_out,
            candidates,
            np.array(places, dtype=np.float64),
            _learn,
            self.n_folds,
            self.tolerance,
        )
        self.delay_weight_ = chosen_weight(held_out.objective, cost)
        self.thresholds_, horizons = _horizons(held_out, size, cost)
        self.stops_ = _stops(horizons, cost.delay_cost(held_out.fractions))

    def _safe(self, probabilities: Floats) -> NDArray[np.bool_]:
        return _look_up(self.thresholds_, self.stops_, probabilities)


def _learn(held_out: HeldOut, candidates: Sequence[tuple[int, DecisionCost]]) -> Sequence[Safe]:
    # the costs offered differ in delay alone, so the horizons are shared by all of one size
    shared = {size: _horizons(held_out, size, cost) for size, cost in candidates}
    rules = []
    for size, cost in candidates:
        thresholds, horizons = shared[size]
        stops = _stops(horizons, cost.delay_cost(held_out.fractions))
        rules.append(partial(_look_up, thresholds, stops))
    return rules


def _horizons(held_out: HeldOut, n_groups: int, cost: DecisionCost) -> tuple[Floats, Floats]:
    """Estimate the groups, and the expected misclassification cost of each at each horizon.

    Returns
    -------
    thresholds : ndarray of shape (P, G - 1)
    horizons : ndarray of shape (P, P, G)
        At [p, q] for q >= p, what a case in each group at p is expected to cost at q.
    """
    shares = np.linspace(0.0, 1.0, n_groups + 1)[1:-1]
    level = confidence(held_out.probabilities)
    thresholds = np.quantile(level, shares, axis=1).T.copy()
    member = np.eye(n_groups)[_groups(thresholds, level)]  # (P, N, G) one-hot
    counted = member * held_out.weights[:, None]
    predicted = predictions(held_out.probabilities)
    wrong = cost.matrix(held_out.probabilities.shape[2])[held_out.y, predicted]
    counts = counted.sum(axis=1)
    totals = np.einsum("png,pn->pg", counted, wrong)
    expected = (totals + held_out.mean(wrong)[:, None]) / (counts + 1.0)
    moves = np.einsum("png,pnh->pgh", counted[:-1], member[1:])
    average = counts[1:, None, :] / held_out.weights.sum()
    moves = (moves + average) / (counts[:-1, :, None] + 1.0)

    n_points = len(level)
    horizons = np.full((n_points, n_points, n_groups), np.inf)
    for q in range(n_points):
        horizons[q, q] = expected[q]
        for p in range(q - 1, -1, -1):
            horizons[p, q] = moves[p] @ horizons[p + 1, q]
    return thresholds, horizons


def _stops(horizons: Floats, delay: Floats) -> NDArray[np.bool_]:
    """Whether no later point is cheaper: horizons (P, P, G), delay (P,) -> (P, G)."""
    costs = horizons + delay[:, None]
    now = costs[np.arange(len(delay)), np.arange(len(delay))]
    # rounding must not decide between now and an equally dear later point
    return np.asarray(now <= costs.min(axis=1) + 1e-12)


def _groups(thresholds: Floats, level: Floats) -> NDArray[np.intp]:
    """Count the thresholds of its point that each confidence reaches: (P, n) -> (P, n)."""
    reached = level[:, :, None] >= thresholds[: len(level), None, :]
    return np.asarray(reached.sum(axis=-1), dtype=np.intp)


def _look_up(
    thresholds: Floats, stops: NDArray[np.bool_], probabilities: Floats
) -> NDArray[np.bool_]:
    groups = _groups(thresholds, confidence(probabilities))
    return np.asarray(np.take_along_axis(stops[: len(groups)], groups, axis=1))
