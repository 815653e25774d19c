"""One contestant with one seed: figures at each hour, and of the early classifier."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import (
    average_precision_score,
    precision_recall_curve,
    roc_auc_score,
    roc_curve,
)

from benchmarks._physionet import load_split
from benchmarks.early_warning._contestants import CONTESTANTS, Stays
from gdpd_sklearn.metrics import LeastDelay

__all__ = ["HOURS", "challenge_score", "compute", "cut_for_score", "cut_for_sensitivity"]

HOURS = (6, 12, 24, 48)

Array = NDArray[np.float64]


def compute(cell: dict[str, Any], data_dir: str | None) -> dict[str, Any]:
    """Compute a cell: ``contestant``, ``seed``, ``sensitivity``, ``specificity``."""
    train, test = (_stays(split, data_dir) for split in ("train", "test"))
    goal = LeastDelay(cell["sensitivity"], cell["specificity"])
    found = CONTESTANTS[cell["contestant"]](train, test, HOURS, goal, cell["seed"])
    at_hours = [
        _figures(held_out, asked, train.died, test.died, cell["sensitivity"])
        for held_out, asked in zip(found.held_out, found.test, strict=True)
    ]
    sensitivity, specificity = goal.rates(test.died.astype(int), found.decided.astype(int))
    hours = np.array(HOURS)[found.points]
    early = {
        "sensitivity": float(sensitivity),
        "specificity": float(specificity),
        "hour": float(hours.mean()),
        "hour of alarms": float(hours[found.decided].mean()) if found.decided.any() else None,
        "score": challenge_score(test.died, found.decided),
        "decided": [float((found.points <= p).mean()) for p in range(len(HOURS))],
    }
    return {"at hours": dict(zip(map(str, HOURS), at_hours, strict=True)), "early": early}


def _stays(split: str, data_dir: str | None) -> Stays:
    X, y = load_split("PhysioNet2012Indicators", split, data_dir)
    return Stays(X[:, ::2], X[:, 1::2] > 0, y == "died")


def _figures(
    held_out: Array,
    asked: Array,
    died: NDArray[np.bool_],
    died_test: NDArray[np.bool_],
    sensitivity: float,
) -> dict[str, float]:
    alarm = asked >= cut_for_sensitivity(held_out, died, sensitivity)
    return {
        "auroc": float(roc_auc_score(died_test, asked)),
        "auprc": float(average_precision_score(died_test, asked)),
        "sensitivity": float(alarm[died_test].mean()),
        "specificity": float((~alarm[~died_test]).mean()),
        "score": challenge_score(died_test, asked >= cut_for_score(held_out, died)),
    }


def challenge_score(died: NDArray[np.bool_], alarm: NDArray[np.bool_]) -> float:
    """Give the challenge's first score: the less of sensitivity and positive predictivity."""
    hits = int((died & alarm).sum())
    return min(hits / max(int(died.sum()), 1), hits / max(int(alarm.sum()), 1))


def cut_for_sensitivity(risk: Array, died: NDArray[np.bool_], wanted: float) -> float:
    """Give the highest cut at which so many of the held-out deaths are alarmed of."""
    _, rates, cuts = roc_curve(died, risk, drop_intermediate=False)
    return float(cuts[np.argmax(rates >= wanted - 1e-9)])


def cut_for_score(risk: Array, died: NDArray[np.bool_]) -> float:
    """Give the cut with the best challenge score on held-out stays."""
    precision, recall, cuts = precision_recall_curve(died, risk)
    return float(cuts[np.argmax(np.minimum(precision, recall)[:-1])])
