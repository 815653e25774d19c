"""Rules that minimise a cost: which cost to use, and a choice among them by folds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from gdpd_sklearn.metrics import DecisionCost, LeastDelay, Objective
from gdpd_sklearn.triggers._features import Floats
from gdpd_sklearn.triggers._held_out import HeldOut, central, first_safe, folds

__all__ = ["choose_by_folds", "chosen_weight", "costs_for"]

T = TypeVar("T")
Safe = Callable[[Floats], NDArray[np.bool_]]


def costs_for(objective: Objective, n_weights: int) -> list[DecisionCost]:
    r"""Return the costs that a rule may minimise to serve an objective.

    A cost serves itself. The harmonic mean H of accuracy a and saving s = 1 - earliness is no
    average over cases, but where it is greatest, small changes of both are traded at the rate
    :math:`(∂H/∂s)/(∂H/∂a) = (a/s)^2`. So the best rule for H minimises, to first order, zero-one
    cost plus :math:`α f` with :math:`α = (a/s)^2`. As a and s are not known beforehand, a grid
    of α in [1/4, 8] is offered (a = s/2 to a = 2.8 s), and held-out cases choose. A constraint has
    a multiplier of its own, which may be any: there α goes down to 1/32.
    """
    if isinstance(objective, DecisionCost):
        return [objective]
    if isinstance(objective, LeastDelay):
        return [DecisionCost(delay=float(weight)) for weight in np.geomspace(1 / 32, 8, n_weights)]
    return [DecisionCost(delay=float(weight)) for weight in np.geomspace(0.25, 8.0, n_weights)]


def chosen_weight(objective: Objective, cost: DecisionCost) -> float | None:
    """Return the delay weight chosen for the harmonic mean, None for a cost of the user's.

    Rules keep this number and not the cost, whose delay may be a function that cannot be pickled.
    """
    if isinstance(objective, DecisionCost) or callable(cost.delay):
        return None
    return float(cost.delay)


def choose_by_folds(
    held_out: HeldOut,
    candidates: Sequence[T],
    places: Floats,
    learn: Callable[[HeldOut, Sequence[T]], Sequence[Safe]],
    n_folds: int,
    tolerance: float,
) -> T:
    """Choose a candidate by the objective on cases that its rule did not learn from.

    Parameters
    ----------
    held_out : HeldOut
        All cases.
    candidates : sequence
        Settings of the rule.
    places : ndarray of shape (C, d)
        Where the candidates lie, for finding the midst of the near-optimal ones.
    learn : callable
        ``learn(cases, candidates)`` gives the fitted rule of each candidate, a function
        (P, n, K) -> bool (P, n).
    n_folds : int
        Number of folds; fewer if there are fewer cases. A single case judges itself.
    tolerance : float
        Candidates so near to the best objective count as equally good.

    Returns
    -------
    object
        The chosen candidate.
    """
    if len(candidates) == 1:
        return candidates[0]
    n_cases = len(held_out.y)
    everything = np.arange(n_cases)
    splits = list(folds(held_out.y, n_folds)) if n_cases > 1 else [(everything, everything)]
    points = np.zeros((len(candidates), n_cases), dtype=np.intp)
    for rest, fold in splits:
        rules = learn(held_out.subset(rest), candidates)
        for c, safe in enumerate(rules):
            points[c, fold] = first_safe(safe(held_out.probabilities[:, fold]))
    return candidates[central(held_out.value(points), places, tolerance)]
