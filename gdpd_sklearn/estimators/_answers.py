"""What an early classifier answers: aeon's pairs, filled up with −1, and plain arrays."""

from __future__ import annotations

from typing import Any, NamedTuple, NoReturn

import numpy as np
from numpy.typing import NDArray

from gdpd_sklearn.estimators._state import EarlyState

__all__ = ["EarlyAnswer", "EarlyPrediction", "decided_labels", "decided_probabilities"]


class EarlyAnswer(tuple[NDArray[Any], NDArray[np.bool_]]):
    """A pair of answers (n, …) and decisions (n,), as aeon's early classifiers give them.

    What takes it for an array, as tools for plain classifiers do, is told where to find one.
    """

    __slots__ = ()

    def __new__(cls, answers: NDArray[Any], decisions: NDArray[np.bool_]) -> EarlyAnswer:
        return super().__new__(cls, (answers, decisions))

    def __getnewargs__(self) -> tuple[NDArray[Any], NDArray[np.bool_]]:
        return self[0], self[1]

    @property
    def shape(self) -> NoReturn:
        """Not there: a pair is no array."""
        self._refuse()

    def __array__(self, *_: Any, **__: Any) -> NDArray[Any]:
        self._refuse()

    def _refuse(self) -> NoReturn:
        # no AttributeError: hasattr would hide it
        raise TypeError(
            "an early classifier answers with a pair, (answers, decisions), and no plain array; "
            "for scikit-learn's tools use early.as_classifier(), and for scoring= one of "
            "gdpd_sklearn.estimators.SCORERS."
        )


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


def decided_labels(state: EarlyState, classes: NDArray[Any]) -> EarlyAnswer:
    """Labels (n,) of the decided cases, −1 for the others, and which these are.

    The type is the same whatever was decided; text of one character is widened for "-1".
    """
    kind = classes.dtype
    if kind.kind in "US":
        kind = np.promote_types(kind, "<U2" if kind.kind == "U" else "S2")
    labels = np.full(len(state), -1).astype(kind)
    codes = state.latest().argmax(1)
    labels[state.decided] = classes[codes[state.decided]]
    return EarlyAnswer(labels, state.decided.copy())


def decided_probabilities(state: EarlyState) -> EarlyAnswer:
    """Probabilities (n, K) of the decided cases, −1 for the others, and which these are."""
    probabilities = np.where(state.decided[:, None], state.latest(), -1.0)
    return EarlyAnswer(probabilities, state.decided.copy())
