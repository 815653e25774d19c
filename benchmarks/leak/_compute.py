"""One set, raw or normalised, one contestant, one seed."""

from __future__ import annotations

from typing import Any

import numpy as np
from aeon.classification.convolution_based import MiniRocketClassifier
from numpy.typing import NDArray
from sklearn.base import clone

from benchmarks.early.contestants import CONTESTANTS
from benchmarks.leak._sets import load_raw, normalised
from gdpd_sklearn import GDPDClassifier
from gdpd_sklearn.metrics import harmonic_mean

__all__ = ["SHARES", "compute"]

SHARES = (0.1, 0.2, 0.3, 0.5, 1.0)

# MiniRocket reads nothing shorter.
_LEAST_POINTS = 9


def compute(cell: dict[str, Any], data_dir: str | None) -> dict[str, Any]:
    """Compute a cell: ``set``, ``series`` ("raw" or "normalised"), ``contestant``, ``seed``.

    Accuracy at shares of the length is that of the default's student, and of MiniRocket for every
    peer. Points of early classifiers are at k/20 of the length, from 9 time points on.
    """
    X, y, X_test, y_test = load_raw(cell["set"], cell["seed"], data_dir)
    if cell["series"] == "normalised":
        X, X_test = normalised(X), normalised(X_test)
    length = X.shape[2]
    points = sorted({round(k * length / 20) for k in range(1, 21)})
    points = [m for m in points if m >= _LEAST_POINTS]
    early = clone(CONTESTANTS[cell["contestant"]])
    early.fit(X, y, tuple(points), cell["seed"])
    labels, stop_times = early.decide(X_test)
    accuracy, earliness = float((labels == y_test).mean()), float((stop_times / length).mean())
    return {
        "harmonic_mean": float(harmonic_mean(accuracy, earliness)),
        "accuracy": accuracy,
        "earliness": earliness,
        "at shares": {
            str(share): accuracy_at(
                cell["contestant"], max(_LEAST_POINTS, round(share * length)),
                X, y, X_test, y_test, cell["seed"],
            )
            for share in SHARES
        },
    }  # fmt: skip


def accuracy_at(
    contestant: str,
    n_points: int,
    X: NDArray[np.floating],
    y: NDArray[Any],
    X_test: NDArray[np.floating],
    y_test: NDArray[Any],
    seed: int,
) -> float:
    """Fit to the first points of each series, and give the accuracy on test series."""
    model: Any = MiniRocketClassifier(random_state=seed)
    if contestant == "default":
        model = GDPDClassifier(1.0, random_state=seed)
    model.fit(X[..., :n_points], y)
    return float((model.predict(X_test[..., :n_points]) == y_test).mean())
