"""The figures of a cell: fit on the training split, then score on the test split."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

from sklearn.base import clone

from benchmarks._data import load_split
from benchmarks.early._points import classification_points
from benchmarks.early.contestants import CONTESTANTS, FitsRules, KnowsHindsight
from benchmarks.early.contestants._gdpd import GDPD
from gdpd_sklearn import GDPDEarlyClassifier
from gdpd_sklearn.metrics import DecisionCost, harmonic_mean
from gdpd_sklearn.triggers import TRIGGERS

__all__ = [
    "ALPHAS",
    "compute",
    "compute_triggers",
    "contestant_cells",
    "cost_column",
    "decision_cost",
]  # fmt: skip

Cell = dict[str, Any]

ALPHAS = (0.3, 0.5, 0.8)
"""Weights of an error in AvgCost, ``α · error + (1 − α) · earliness``."""


def decision_cost(alpha: float) -> DecisionCost:
    """Give AvgCost at α, divided by α: an error costs 1, the complete length (1 − α) / α."""
    return DecisionCost(delay=(1 - alpha) / alpha)


def cost_column(alpha: float) -> str:
    """Name the figure of AvgCost at α."""
    return f"avg_cost_{alpha:g}"


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
    """Fit one contestant on one set, and score it on the test split.

    ``avg_cost_α`` is that of a rule fitted for α where the contestant fits rules, and else of its
    one operating point; ``fits_rules`` says which.
    """
    X, y = load_split(cell["set"], "train", data_dir)
    X_test, y_test = load_split(cell["set"], "test", data_dir)
    points = classification_points(X.shape[2], cell["least_points"])
    contestant = clone(CONTESTANTS[cell["contestant"]])
    start = time.process_time()
    contestant.fit(X, y, points, cell["seed"])
    fit_seconds = time.process_time() - start
    start = time.process_time()
    _, accuracy, earliness = contestant.score(X_test, y_test)
    figures: dict[str, Any] = {
        # aeon's harmonic mean is NaN where both terms vanish
        "harmonic_mean": float(harmonic_mean(accuracy, earliness)),
        "accuracy": float(accuracy),
        "earliness": float(earliness),
        "fit_seconds": fit_seconds,
        "score_seconds": time.process_time() - start,
        "fits_rules": isinstance(contestant, FitsRules),
    }
    if isinstance(contestant, KnowsHindsight):
        figures["oracle"] = contestant.oracle(X_test, y_test)
    for alpha in ALPHAS:
        if isinstance(contestant, FitsRules):
            contestant.fit_rule(decision_cost(alpha))
            _, accuracy, earliness = contestant.score(X_test, y_test)
        figures[cost_column(alpha)] = float(alpha * (1 - accuracy) + (1 - alpha) * earliness)
    return figures


def compute_triggers(cell: Mapping[str, Any], data_dir: str | None) -> dict[str, Any]:
    """Fit students on one set, then every stopping rule on their held-out probabilities."""
    X, y = load_split(cell["set"], "train", data_dir)
    X_test, y_test = load_split(cell["set"], "test", data_dir)
    points = classification_points(X.shape[2], cell["least_points"])
    contestant = GDPD(GDPDEarlyClassifier()).fit(X, y, points, cell["seed"])
    figures = {"oracle": contestant.oracle(X_test, y_test)}
    for name in TRIGGERS:
        rule = contestant.classifier_.fit_trigger(name)
        figures[name] = float(rule.score(X_test, y_test))
    return figures
