"""How probable a class has to be, chosen together with the rule."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from sklearn.base import clone

from gdpd_sklearn.metrics import LeastDelay
from gdpd_sklearn.triggers._base import Trigger
from gdpd_sklearn.triggers._calibration import FLOOR, apply_temperature
from gdpd_sklearn.triggers._features import Floats, Ints
from gdpd_sklearn.triggers._held_out import HeldOut, central

__all__ = ["fit_tilt"]

# Log-odds at which the positive class may begin, in equal steps of rank over all points.
_N_LEVELS = 25
# Levels whose value differs by less than this share of a series are as good as each other.
_TOLERANCE = 0.01


def fit_tilt(
    trigger: Trigger,
    probabilities: Floats,
    codes: Ints | NDArray[np.int64],
    fractions: Floats,
    objective: LeastDelay,
    weight: Floats | None = None,
) -> tuple[float, ...]:
    """Choose what to add to log-probabilities so that a rule keeps both rates earliest.

    For each level of the positive class's log-odds the rule is learned anew; the middle one of
    those levels wins that are near to the best on the same held-out cases.

    Parameters
    ----------
    trigger : Trigger
        Stays as it is.
    probabilities : ndarray of shape (P, N, 2)
        Calibrated, of held-out cases.
    codes : ndarray of int, shape (N,)
    fractions : ndarray of shape (P,)
    objective : LeastDelay
        With the positive class by its code.
    weight : ndarray of shape (N,), optional

    Returns
    -------
    tuple of float, length 2
        0 for the other class.
    """
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


def _tilt(positive: int, amount: float) -> tuple[float, ...]:
    return (0.0, amount) if positive == 1 else (amount, 0.0)
