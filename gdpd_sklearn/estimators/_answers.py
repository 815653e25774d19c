"""What an early classifier answers: aeon's pairs, filled up with −1, and plain arrays."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from gdpd_sklearn.estimators._state import EarlyState

__all__ = ["EarlyPrediction", "decided_labels", "decided_probabilities"]


class EarlyPrediction(NamedTuple):
    """Decisions on complete series.

    Attributes
    ----------
    labels : ndarray of shape (n,)
    probabilities : ndarray of shape (n, K)
        Of the student that decided.
    stop_times : ndarray of int, shape (n,)
        Time points seen at the decision.
    """

    labels: NDArray[Any]
    probabilities: NDArray[np.float64]
    stop_times: NDArray[np.int64]


def decided_labels(
    state: EarlyState, classes: NDArray[Any]
) -> tuple[NDArray[Any], NDArray[np.bool_]]:
    """Labels (n,) of the decided cases, −1 for the others, and which these are.

    The type is the same whatever was decided; text of one character is widened for "-1".
    """
    kind = classes.dtype
    if kind.kind in "US":
        kind = np.promote_types(kind, "<U2" if kind.kind == "U" else "S2")
    labels = np.full(len(state), -1).astype(kind)
    codes = state.latest().argmax(1)
    labels[state.decided] = classes[codes[state.decided]]
    return labels, state.decided.copy()


def decided_probabilities(state: EarlyState) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Probabilities (n, K) of the decided cases, −1 for the others, and which these are."""
    return np.where(state.decided[:, None], state.latest(), -1.0), state.decided.copy()
