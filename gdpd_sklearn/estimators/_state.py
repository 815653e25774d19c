"""How far the decisions on some cases have come."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["EarlyState"]


class EarlyState:
    """Probabilities seen so far of n cases, and where each was decided.

    Attributes
    ----------
    probabilities : ndarray of shape (P, n, K)
        Only the first ``n_seen[i]`` points of case i are meaningful.
    n_seen : ndarray of int, shape (n,)
        Classification points that a case has passed, up to its decision.
    length : ndarray of int, shape (n,)
        Time points last shown.
    decided : ndarray of bool, shape (n,)
        The decision fell at point ``n_seen − 1``.
    ends : ndarray of int, shape (n,)
        Time points of a series that is known to have ended; the full length, or more, of others.
    """

    def __init__(self, n_points: int, n_cases: int, n_classes: int) -> None:
        self.probabilities = np.zeros((n_points, n_cases, n_classes))
        self.n_seen = np.zeros(n_cases, dtype=np.int64)
        self.length = np.zeros(n_cases, dtype=np.int64)
        self.decided = np.zeros(n_cases, dtype=bool)
        self.ends = np.full(n_cases, np.iinfo(np.int64).max)

    def __len__(self) -> int:
        return len(self.n_seen)

    def undecided(self) -> EarlyState:
        """Copy the rows of the cases that still wait."""
        rows = ~self.decided
        kept = EarlyState(len(self.probabilities), int(rows.sum()), self.probabilities.shape[2])
        kept.probabilities[:] = self.probabilities[:, rows]
        kept.n_seen[:], kept.length[:] = self.n_seen[rows], self.length[rows]
        kept.ends[:] = self.ends[rows]
        return kept

    def latest(self) -> NDArray[np.float64]:
        """Probabilities at the last point passed, of the decision where it has fallen: (n, K)."""
        return self.probabilities[np.maximum(self.n_seen - 1, 0), np.arange(len(self))]

    def state_info(self, lengths: tuple[int, ...]) -> NDArray[np.int64]:
        """Tabulate as aeon does: point index, safe decisions, class code, time points.

        A case that is shorter than the first point has −1, 0, −1, 0; the time of a case that ended
        before its point is that of its end.
        """
        point = self.n_seen - 1
        code = np.where(point >= 0, self.latest().argmax(1), -1)
        time = np.where(point >= 0, np.minimum(np.asarray(lengths)[point], self.ends), 0)
        return np.column_stack([point, self.decided.astype(np.int64), code, time])
