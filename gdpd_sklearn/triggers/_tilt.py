"""How probable a class has to be: known from costs, or chosen together with the rule."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from sklearn.base import clone

from gdpd_sklearn.metrics import DecisionCost, LeastDelay, Objective
from gdpd_sklearn.triggers._base import Trigger
from gdpd_sklearn.triggers._calibration import FLOOR, apply_temperature
from gdpd_sklearn.triggers._features import Floats, Ints
from gdpd_sklearn.triggers._held_out import HeldOut, central, error_costs

__all__ = ["fit_tilt"]

# Log-odds at which the positive class may begin, in equal steps of rank over all points.
_N_LEVELS = 25
# Levels whose value differs by less than this share of a series are as good as each other.
_TOLERANCE = 0.01
# Logarithms of costs that differ by less are of equal costs.
_SAME_COST = 1e-9


def fit_tilt(
    trigger: Trigger,
    probabilities: Floats,
    codes: Ints | NDArray[np.int64],
    fractions: Floats,
    objective: Objective,
    weight: Floats | None = None,
) -> tuple[float, ...] | None:
    """Say what to add to log-probabilities, so that the likeliest class is the one to decide for.

    Where errors on one class cost more than on another, that is the logarithm of what they cost:
    the decision then has the least expected cost. Nothing is learned of it. With a cost for each
    pair of several classes it is an approximation, by the mean cost of a class's errors.

    For two rates that are to be kept (:class:`LeastDelay`), the rule is learned anew for each level
    of the positive class's log-odds; the middle one of those levels wins that are near to the best
    on the same held-out cases.

    Parameters
    ----------
    trigger : Trigger
        Stays as it is.
    probabilities : ndarray of shape (P, N, K)
        Calibrated, of held-out cases.
    codes : ndarray of int, shape (N,)
    fractions : ndarray of shape (P,)
    objective : "harmonic_mean", DecisionCost or LeastDelay
        With classes by their codes.
    weight : ndarray of shape (N,), optional

    Returns
    -------
    tuple of float, length K, or None
        None where no class is preferred.
    """
    if isinstance(objective, DecisionCost):
        return _tilt_of_costs(objective.matrix(probabilities.shape[2]))
    if not isinstance(objective, LeastDelay) or not objective.moves_labels:
        return None
    positive = objective.positive
    logs = np.log(np.maximum(probabilities, FLOOR))
    odds = logs[..., positive] - logs[..., 1 - positive]
    ranks = np.linspace(0.0, 1.0, _N_LEVELS + 2)[1:-1]
    levels = np.append(np.quantile(odds, ranks), 0.0)
    places = np.append(ranks, (odds < 0.0).mean())
    values = []
    for level in levels:
        tilted = apply_temperature(probabilities, 1.0, _tilt(positive, -level))
        rule = clone(trigger).fit(tilted, codes, fractions, objective, weight)
        held_out = HeldOut(tilted, np.asarray(codes, dtype=np.intp), fractions, objective, weight)
        values.append(float(held_out.value(rule.stop_points(tilted))))
    chosen = central(np.array(values), places, _TOLERANCE)
    return _tilt(positive, -float(levels[chosen]))


def _tilt_of_costs(matrix: Floats) -> tuple[float, ...] | None:
    """Weigh each class by what an error on it costs beyond a right decision.

    If each error on class k costs c_k, deciding for j is expected to cost the sum of p_k c_k over
    all others: the least for the class with the largest p_k c_k.
    """
    beyond_right = error_costs(matrix)
    dearest = beyond_right.max()
    if dearest <= 0:
        return None
    # errors that cost nothing, or are even welcome, give way to all others
    amounts = np.log(np.maximum(beyond_right / dearest, FLOOR))
    return None if np.ptp(amounts) < _SAME_COST else tuple(amounts.tolist())


def _tilt(positive: int, amount: float) -> tuple[float, ...]:
    return (0.0, amount) if positive == 1 else (amount, 0.0)
