"""A table of decisions, and how often held-out decisions like them were right."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gdpd_sklearn.estimators._engine import EarlyEngine
from gdpd_sklearn.estimators._state import EarlyState
from gdpd_sklearn.triggers import apply_temperature

__all__ = ["HeldOutDecisions", "report_of"]

Floats = NDArray[np.float64]

# Held-out cases that a decision is compared with: their share of right ones has a standard error
# of 0.07 or less where four of five are right.
_N_ALIKE = 30


@dataclass(frozen=True)
class HeldOutDecisions:
    """What the fitted rule decides on the held-out cases that it learned from.

    Attributes
    ----------
    points : ndarray of int, shape (M,)
        Numbers of the classification points of the decisions.
    confidences : ndarray of shape (M,)
        Calibrated probabilities of the decided classes.
    right : ndarray of bool, shape (M,)
    weights : ndarray of shape (M,)
    """

    points: NDArray[np.intp]
    confidences: Floats
    right: NDArray[np.bool_]
    weights: Floats

    @classmethod
    def of(
        cls,
        engine: EarlyEngine,
        held_out: Floats,
        codes: NDArray[np.int64],
        weights: Floats | None,
    ) -> Self:
        """Let the rule decide held-out cases (P, M, K); those of weight 0 are left out."""
        counted = np.ones(len(codes)) if weights is None else weights
        known = counted > 0
        calibrated = apply_temperature(held_out[:, known], engine.temperature, engine.tilt)
        points = engine.trigger.stop_points(calibrated)
        decided = calibrated[points, np.arange(len(points))]
        right = decided.argmax(1) == codes[known]
        return cls(points, decided.max(1), right, counted[known])

    def alike(self, point: int, confidence: float) -> NDArray[np.intp]:
        """Give the cases that stopped near such a point with most nearly such confidence."""
        apart = np.abs(self.points - point)
        n_wanted = min(_N_ALIKE, len(apart))
        # the fewest points around this one that hold enough cases
        width = np.partition(apart, n_wanted - 1)[n_wanted - 1]
        near = np.flatnonzero(apart <= width)
        differences = np.abs(self.confidences[near] - confidence)
        farthest = np.partition(differences, n_wanted - 1)[n_wanted - 1]
        return near[differences <= farthest]

    def reliability(self, point: int, confidence: float) -> tuple[float, int]:
        """Give the weighted share of alike cases that were right, and their number."""
        alike = self.alike(point, confidence)
        return float(np.average(self.right[alike], weights=self.weights[alike])), len(alike)


def report_of(
    state: EarlyState,
    points: tuple[int, ...],
    classes: NDArray[Any],
    held_out: HeldOutDecisions,
) -> pd.DataFrame:
    """Tabulate decisions; see :meth:`GDPDEarlyClassifier.report`."""
    decided = state.decided
    probabilities = state.latest()
    info = state.state_info(points)
    order = np.argsort(-probabilities, axis=1, kind="stable")
    rows = np.arange(len(state))
    confidence, second = probabilities[rows, order[:, 0]], probabilities[rows, order[:, 1]]
    reliabilities = [
        held_out.reliability(info[case, 0], confidence[case]) if decided[case] else (np.nan, 0)
        for case in rows
    ]
    times = pd.array(info[:, 3], dtype="Int64")
    n_alike = pd.array([n for _, n in reliabilities], dtype="Int64")
    times[~decided] = n_alike[~decided] = pd.NA
    table = {
        "decided": decided.copy(),
        "label": _labels(order[:, 0], decided, classes),
        "confidence": np.where(decided, confidence, np.nan),
        "stop_time": times,
        "stop_share": np.where(decided, info[:, 3] / points[-1], np.nan),
        "runner_up": _labels(order[:, 1], decided, classes),
        "runner_up_probability": np.where(decided, second, np.nan),
        "reliability": [share for share, _ in reliabilities],
        "n_alike": n_alike,
    }
    return pd.DataFrame(table, index=pd.RangeIndex(len(state), name="case"))


def _labels(
    codes: NDArray[np.intp], decided: NDArray[np.bool_], classes: NDArray[Any]
) -> pd.Categorical:
    # of labels of any kind, and it knows what is missing
    return pd.Categorical.from_codes(np.where(decided, codes, -1), categories=pd.Index(classes))
