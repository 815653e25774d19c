"""The figures of a cell: fit on few labels, then score on the test split."""

from __future__ import annotations

import time
from typing import Any

import numpy as np

from benchmarks.labels._draws import load_draw
from benchmarks.labels._ways import WAYS
from gdpd_sklearn import GDPDClassifier, GDPDEarlyClassifier
from gdpd_sklearn.metrics import auc_prc

__all__ = ["MOST_UNLABELLED", "SHARES", "compute"]

SHARES = (0.1, 0.2, 0.3, 0.5, 0.8)
"""Shares of the series that classifiers of prefixes see."""

MOST_UNLABELLED = 120
"""As many unlabelled cases do students get that are trained, so that a run ends in hours."""


def compute(cell: dict[str, Any], data_dir: str | None) -> dict[str, Any]:
    """Fit in one way on one draw: a classifier of each share, or an early classifier.

    ``accuracy_SHARE`` and ``auc_prc_SHARE``, the mean over classes, are in percent; early
    classifiers give harmonic mean, accuracy, earliness.
    """
    trained = cell["student"] != "rocket"
    draw = load_draw(
        cell["set"], cell["per_class"], cell["draw"], MOST_UNLABELLED if trained else None, data_dir
    )
    way, setting = WAYS[cell["way"]], {"student": cell["student"], "random_state": cell["draw"]}
    start = time.process_time()
    if cell["task"] == "early":
        early = way(GDPDEarlyClassifier(**setting), draw)
        score: Any = early.score(draw.X_test, draw.y_test)
        figures = {
            "harmonic_mean": float(score), "accuracy": score.accuracy, "earliness": score.earliness
        }  # fmt: skip
    else:
        figures = {}
        for share in cell["shares"]:
            classifier = way(GDPDClassifier(share, **setting), draw)
            probabilities = classifier.predict_proba(draw.X_test)
            right = classifier.classes_[probabilities.argmax(1)] == draw.y_test
            figures[f"accuracy_{share:g}"] = 100 * float(np.mean(right))
            figures[f"auc_prc_{share:g}"] = 100 * auc_prc(
                draw.y_test, probabilities, classifier.classes_
            )
    return {**figures, "seconds": time.process_time() - start}
