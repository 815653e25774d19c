"""Accuracy against earliness, and the best that hindsight could do."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gdpd_sklearn._checks import check_codes
from gdpd_sklearn.metrics._cost import DecisionCost
from gdpd_sklearn.metrics._least_delay import LeastDelay

__all__ = [
    "Objective",
    "earliest_correct_points",
    "earliness",
    "harmonic_mean",
    "oracle_score",
    "oracle_stop_points",
]

Objective = Literal["harmonic_mean"] | DecisionCost | LeastDelay


def earliness(stop_times: ArrayLike, n_timepoints: int) -> float:
    """Average share of the series that was seen before deciding; lower is earlier.

    Parameters
    ----------
    stop_times : array-like of shape (n,)
        Number of time points seen at each decision, in (0, ``n_timepoints``].
    n_timepoints : int
        The full length.

    Returns
    -------
    float
        In (0, 1].

    Raises
    ------
    ValueError
        If there are no stop times, or one lies outside (0, ``n_timepoints``].

    References
    ----------
    Schäfer, Leser: TEASER: early and accurate time series classification. Data Mining and
    Knowledge Discovery 34, 2020, Section 2, Definition of earliness.

    Examples
    --------
    >>> from gdpd_sklearn.metrics import earliness
    >>> earliness([10, 30], n_timepoints=40)
    0.5
    """
    times = np.asarray(stop_times, dtype=np.float64)
    if times.size == 0 or not ((times > 0) & (times <= n_timepoints)).all():
        raise ValueError(
            f"stop_times={stop_times!r} must be one or more numbers in (0, {n_timepoints}]."
        )
    return float(np.mean(times / n_timepoints))


def harmonic_mean(accuracy: ArrayLike, earliness: ArrayLike) -> float | NDArray[np.float64]:
    """Harmonic mean of accuracy and of what was saved, ``1 - earliness``.

    ``2 · acc · (1 - earl) / (acc + 1 - earl)``; 0.0, not NaN, where both terms vanish.

    Parameters
    ----------
    accuracy, earliness : float or array-like
        Both in [0, 1]; arrays broadcast.

    Returns
    -------
    float or ndarray
        A float for two floats.

    Raises
    ------
    ValueError
        If a value lies outside [0, 1].

    References
    ----------
    Schäfer, Leser: TEASER. Data Mining and Knowledge Discovery 34, 2020, Section 2.

    Examples
    --------
    >>> from gdpd_sklearn.metrics import harmonic_mean
    >>> round(harmonic_mean(0.9, 0.4), 2)
    0.72
    >>> harmonic_mean(0.0, 1.0)
    0.0
    """
    right = np.asarray(accuracy, dtype=np.float64)
    late = np.asarray(earliness, dtype=np.float64)
    for name, value in (("accuracy", right), ("earliness", late)):
        if not ((value >= 0) & (value <= 1)).all():
            raise ValueError(f"{name}={value!r} must lie in [0, 1].")
    saved = 1.0 - late
    total = right + saved
    result = 2 * right * saved / np.where(total > 0, total, 1.0)
    return float(result) if result.ndim == 0 else result


def _check_points(
    probabilities: ArrayLike, y: ArrayLike
) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    probabilities = np.asarray(probabilities, dtype=np.float64)
    if probabilities.ndim != 3 or 0 in probabilities.shape:
        raise ValueError(
            f"probabilities of shape {probabilities.shape} must have the shape "
            f"(n_points, n_cases, n_classes), none of them 0."
        )
    return probabilities, check_codes(y, *probabilities.shape[1:])


def earliest_correct_points(probabilities: ArrayLike, y: ArrayLike) -> NDArray[np.intp]:
    """First point at which each case's most probable class is the right one.

    Parameters
    ----------
    probabilities : array-like of shape (P, n, K)
        Class probabilities at each classification point.
    y : array-like of int, shape (n,)
        True class codes 0..K-1.

    Returns
    -------
    ndarray of int, shape (n,)
        Index of the point; ``P`` for a case that is never right.

    Examples
    --------
    >>> from gdpd_sklearn.metrics import earliest_correct_points
    >>> p = [[[0.6, 0.4], [0.7, 0.3]], [[0.2, 0.8], [0.9, 0.1]]]
    >>> earliest_correct_points(p, [1, 1]).tolist()
    [1, 2]
    """
    probabilities, codes = _check_points(probabilities, y)
    correct = probabilities.argmax(axis=-1) == codes
    return np.where(correct.any(axis=0), correct.argmax(axis=0), len(correct))


def oracle_stop_points(
    probabilities: ArrayLike,
    y: ArrayLike,
    fractions: ArrayLike,
    objective: Objective = "harmonic_mean",
) -> NDArray[np.intp]:
    r"""Best stopping points with hindsight: no trigger on these probabilities can do better.

    For a cost, each case stops where its own cost is least (the first such point). For the
    harmonic mean the best *vector* of stopping points is found exactly: it rises with accuracy
    and falls with earliness, so among all vectors with ``m`` right decisions the best spends the
    least time, which is to stop the ``m`` cases that are right earliest at their first right
    point and all others at the very first point. The best ``m`` is found by trying all. Note
    that it may give up a case that is right only very late. For :class:`LeastDelay` the same holds
    within each class, and the rates say how many have to be right.

    Parameters
    ----------
    probabilities : array-like of shape (P, n, K)
        Class probabilities at each classification point.
    y : array-like of int, shape (n,)
        True class codes 0..K-1.
    fractions : array-like of shape (P,)
        Share of the full length at each point, increasing.
    objective : "harmonic_mean", DecisionCost or LeastDelay, default="harmonic_mean"
        What is best.

    Returns
    -------
    ndarray of int, shape (n,)
        Index of the stopping point of each case.

    Examples
    --------
    >>> from gdpd_sklearn.metrics import oracle_stop_points
    >>> p = [[[0.6, 0.4], [0.7, 0.3]], [[0.2, 0.8], [0.9, 0.1]]]
    >>> oracle_stop_points(p, [1, 0], [0.5, 1.0]).tolist()
    [0, 0]
    """
    probabilities, codes = _check_points(probabilities, y)
    seen = np.asarray(fractions, dtype=np.float64)
    if seen.shape != probabilities.shape[:1] or (np.diff(seen) <= 0).any():
        raise ValueError(
            f"fractions={fractions!r} must be {len(probabilities)} increasing numbers, one for "
            f"each point."
        )
    if isinstance(objective, DecisionCost):
        predicted = probabilities.argmax(axis=-1)
        costs = objective.of(codes, predicted, seen[:, None], n_classes=probabilities.shape[2])
        return costs.argmin(axis=0)
    first = earliest_correct_points(probabilities, codes)
    if isinstance(objective, LeastDelay):
        goal = objective.for_classes(range(probabilities.shape[2]))
        return _points_for_rates(first, codes == goal.positive, goal, len(seen))
    if objective != "harmonic_mean":
        raise ValueError(
            f"objective={objective!r} must be 'harmonic_mean', a DecisionCost or a LeastDelay."
        )
    return _best_points(first, seen)


def _points_for_rates(
    first: NDArray[np.intp], sick: NDArray[np.bool_], goal: LeastDelay, n_points: int
) -> NDArray[np.intp]:
    """Stop as many cases of each class at their first right point as the rates ask for."""
    points = np.zeros(len(first), dtype=np.intp)
    for own, rate in ((sick, goal.sensitivity), (~sick, goal.specificity)):
        cases = np.flatnonzero(own & (first < n_points))
        wanted = int(np.ceil((rate or 0.0) * own.sum() - 1e-9))
        some = cases[np.argsort(first[cases], kind="stable")][:wanted]
        points[some] = first[some]
    return points


def _best_points(first: NDArray[np.intp], seen: NDArray[np.float64]) -> NDArray[np.intp]:
    """Stop where the harmonic mean is best, given each case's first right point, (n,)."""
    order = np.argsort(first, kind="stable")
    n_right = int((first < len(seen)).sum())
    spent = np.full((n_right + 1, len(first)), seen[0])
    for m in range(1, n_right + 1):
        spent[m, :m] = seen[first[order[:m]]]
    accuracy = np.arange(n_right + 1) / len(first)
    best = int(np.argmax(harmonic_mean(accuracy, spent.mean(axis=1))))
    points = np.zeros(len(first), dtype=np.intp)
    points[order[:best]] = first[order[:best]]
    return points


def oracle_score(
    probabilities: ArrayLike,
    y: ArrayLike,
    fractions: ArrayLike,
    objective: Objective = "harmonic_mean",
) -> float:
    """Score at the oracle's stopping points: what no rule on these probabilities does better.

    Harmonic mean, average cost, or for :class:`LeastDelay` its value.

    Parameters
    ----------
    probabilities, y, fractions, objective
        As in :func:`oracle_stop_points`.

    Returns
    -------
    float

    Examples
    --------
    >>> from gdpd_sklearn.metrics import oracle_score
    >>> p = [[[0.6, 0.4], [0.7, 0.3]], [[0.2, 0.8], [0.9, 0.1]]]
    >>> round(oracle_score(p, [0, 0], [0.5, 1.0]), 3)
    0.667
    """
    points = oracle_stop_points(probabilities, y, fractions, objective)
    seen = np.asarray(fractions, dtype=np.float64)[points]
    codes = np.asarray(y)
    stack = np.asarray(probabilities)
    predicted = stack[points, np.arange(len(points))].argmax(axis=-1)
    if isinstance(objective, DecisionCost):
        return float(objective.of(codes, predicted, seen, n_classes=stack.shape[2]).mean())
    if isinstance(objective, LeastDelay):
        return float(objective.value(codes, predicted, seen))
    return float(harmonic_mean(float(np.mean(predicted == codes)), float(seen.mean())))
