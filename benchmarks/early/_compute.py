"""The figures of a cell: fit on the training split, then decide on the test split."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn.base import clone

from benchmarks._data import load_split
from benchmarks.early._costs import ALPHAS, SETTINGS, decision_cost
from benchmarks.early._points import classification_points
from benchmarks.early.contestants import (
    CONTESTANTS,
    Contestant,
    FitsRules,
    GivesProbabilities,
    HasRules,
)
from gdpd_sklearn.metrics import Objective, harmonic_mean, oracle_stop_points

__all__ = ["ANCHORS", "compute", "contestant_cells"]

Cell = dict[str, Any]


class Decisions(NamedTuple):
    """Codes of the classes decided for, and shares of the series seen; both (n,)."""

    codes: NDArray[np.intp]
    shares: NDArray[np.float64]


DecideFor = Callable[[Objective], Decisions]


def contestant_cells(
    contestants: Sequence[str], sets: Sequence[str], n_seeds: int, least_points: int
) -> list[Cell]:
    """Give the cells of a run; each says its least number of points, its contestant's own or more.

    A contestant that needs more has the same cells whatever the command's lower number.
    """
    return [
        {
            "set": name, "contestant": contestant, "seed": seed,
            "least_points": max(least_points, CONTESTANTS[contestant].least_points),
        }
        for contestant in contestants
        for seed in range(n_seeds)
        for name in sets
    ]  # fmt: skip


def compute(cell: Cell, data_dir: str | None) -> dict[str, Any]:
    """Fit one contestant on one set, and let it decide on the test split.

    Returns
    -------
    dict
        ``rules``: name of a rule ("" where a contestant has but its own) to its figures, see
        :func:`_figures`. ``anchors``: the same for stopping at the first point, at the last one and
        with hindsight, where probabilities are known. ``fit_seconds`` are those of the processor,
        ``score_seconds`` are to decide on the test split.
    """
    X, y = load_split(cell["set"], "train", data_dir)
    X_test, y_test = load_split(cell["set"], "test", data_dir)
    points = classification_points(X.shape[2], cell["least_points"])
    contestant = clone(CONTESTANTS[cell["contestant"]])
    start = time.process_time()
    contestant.fit(X, y, points, cell["seed"])
    figures: dict[str, Any] = {"fit_seconds": time.process_time() - start}
    start = time.process_time()
    contestant.decide(X_test)
    figures["score_seconds"] = time.process_time() - start
    classes = np.unique(y)
    codes = np.searchsorted(classes, y_test)
    decide: Callable[[], Decisions] = partial(_decide, contestant, X_test, classes)
    if isinstance(contestant, GivesProbabilities):
        shares = np.array(points) / X.shape[2]
        probabilities = contestant.probabilities(X_test)
        decide = partial(_decide_by_probabilities, contestant, probabilities, shares)
        figures["anchors"] = {
            name: _figures(partial(_decide_as, name, probabilities, codes, shares), codes, y)
            for name in ANCHORS
        }
    figures["rules"] = {}
    for rule in contestant.rules if isinstance(contestant, HasRules) else ("",):
        if isinstance(contestant, HasRules):
            contestant.use_rule(rule)
        start = time.process_time()
        of_rule = _figures(partial(_decide_for, contestant, decide), codes, y)
        figures["rules"][rule] = of_rule | {"rule_seconds": time.process_time() - start}
    return figures


def _decide(contestant: Contestant, X: NDArray[np.floating], classes: NDArray[Any]) -> Decisions:
    labels, stop_times = contestant.decide(X)
    return Decisions(np.searchsorted(classes, labels), stop_times / X.shape[2])


def _decide_by_probabilities(
    contestant: GivesProbabilities, probabilities: NDArray[np.float64], shares: NDArray[np.float64]
) -> Decisions:
    codes, stops = contestant.decide_on(probabilities)
    return Decisions(codes.astype(np.intp), shares[stops])


def _decide_for(
    contestant: Contestant, decide: Callable[[], Decisions], objective: Objective
) -> Decisions:
    """Fit the rule for an objective, then decide.

    Raises
    ------
    NotImplementedError
        If the contestant cannot serve a cost. For the harmonic mean it then decides as fitted.
    """
    serves_none = not isinstance(contestant, FitsRules)
    if serves_none and objective != "harmonic_mean":
        raise NotImplementedError(f"{type(contestant).__name__} has one rule.")
    if isinstance(contestant, FitsRules):
        try:
            contestant.fit_rule(objective)
        except NotImplementedError:
            if objective != "harmonic_mean":
                raise
    return decide()


ANCHORS: Mapping[str, Callable[..., NDArray[np.integer]]] = {
    "as soon as possible": lambda answers, codes, shares, objective: np.zeros_like(codes),
    "as late as possible": lambda answers, codes, shares, objective: np.full_like(
        codes, len(shares) - 1
    ),
    "hindsight": oracle_stop_points,
}
"""What rules on the same probabilities are held against: name to the points at which cases stop.

Asked as :func:`gdpd_sklearn.metrics.oracle_stop_points` is; each decides for the likeliest class.
"""


def _decide_as(
    anchor: str,
    probabilities: NDArray[np.float64],
    codes: NDArray[np.intp],
    shares: NDArray[np.float64],
    objective: Objective,
) -> Decisions:
    stops = ANCHORS[anchor](probabilities, codes, shares, objective)
    return Decisions(probabilities[stops, np.arange(len(stops))].argmax(axis=-1), shares[stops])


def _figures(decide_for: DecideFor, codes: NDArray[np.intp], y: NDArray[Any]) -> dict[str, Any]:
    """Judge a rule that is fitted for the harmonic mean, and then for each cost.

    Parameters
    ----------
    decide_for : callable
        An objective to decisions; NotImplementedError where it cannot serve one.
    codes : ndarray of int, shape (n,)
        True classes of the test split.
    y : ndarray of shape (N,)
        Labels of the training split: the costs are made of them.

    Returns
    -------
    dict
        ``accuracy``, ``earliness`` and ``harmonic_mean`` of the operating point; for each setting
        of costs the lists ``cost``, ``accuracy`` and ``earliness`` over ``ALPHAS``, and ``fits``:
        whether the rule was fitted for each α, or stays that of the operating point.
    """
    own = decide_for("harmonic_mean")
    figures: dict[str, Any] = _operating_point(own, codes)
    for setting in SETTINGS:
        points, costs, fits = [], [], True
        for alpha in ALPHAS:
            cost = decision_cost(setting, alpha, y)
            try:
                decisions = decide_for(cost)
            except NotImplementedError:
                decisions, fits = own, False
            costs.append(float(cost.of(codes, *decisions).mean()))
            points.append(_operating_point(decisions, codes))
        over_alphas = {name: [p[name] for p in points] for name in ("accuracy", "earliness")}
        figures[setting] = {"cost": costs, **over_alphas, "fits": fits}
    return figures


def _operating_point(decisions: Decisions, codes: NDArray[np.intp]) -> dict[str, float]:
    accuracy = float((decisions.codes == codes).mean())
    earliness = float(decisions.shares.mean())
    return {
        "accuracy": accuracy,
        "earliness": earliness,
        "harmonic_mean": float(harmonic_mean(accuracy, earliness)),
    }
