"""A trial: stop when no later answer is expected to cost less, by a prior over left-out answers.

What a generative prior can offer a rule is what the *complete* series would say. Here the prior is
Gaussian and in closed form: trajectories of the margin by which the true class leads, as left-out
answers give them. Given the answers so far, and each class in turn as the true one, it says how
likely every later answer is to be right.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr
from sklearn.covariance import ledoit_wolf

from gdpd_sklearn.metrics import DecisionCost, harmonic_mean
from gdpd_sklearn.triggers import Trigger

__all__ = ["Anticipating"]

Floats = NDArray[np.float64]

# Delay weights that are tried for the harmonic mean: its slope lies there.
_WEIGHTS = np.geomspace(0.25, 8.0, 11)
_LEAST_PROBABILITY = 1e-6


class Anticipating(Trigger):
    """Stop at the first point where the cost expected now is that of every later point or less.

    Attributes
    ----------
    mean_, covariance_ : ndarray of shape (P,) and (P, P)
        Of the margin of the true class, in log-odds, over the classification points.
    cost_ : DecisionCost
        That of the objective; for the harmonic mean, error and the delay weight that reaches the
        best one on held-out cases.
    """

    def _fit(self, held_out: Any) -> None:
        margins = _margins(held_out.probabilities)
        of_truth = margins[:, np.arange(len(held_out.y)), held_out.y]  # (P, N)
        self.mean_ = of_truth.mean(1)
        self.covariance_ = ledoit_wolf(of_truth.T)[0] + 1e-6 * np.eye(len(of_truth))
        self.cost_ = held_out.objective
        if not isinstance(held_out.objective, DecisionCost):
            costs = [DecisionCost(delay=float(weight)) for weight in _WEIGHTS]
            self.cost_ = max(costs, key=lambda cost: self._reached(held_out, cost))

    def _reached(self, held_out: Any, cost: DecisionCost) -> float:
        self.cost_ = cost
        safe = self._safe(held_out.probabilities)
        safe[-1] = True
        stops = safe.argmax(0)
        accuracy = held_out.correct[stops, np.arange(len(stops))].mean()
        return float(harmonic_mean(accuracy, held_out.fractions[stops].mean()))

    def _safe(self, probabilities: Floats) -> NDArray[np.bool_]:
        delay = self.cost_.delay_cost(self.fractions_)
        margins = _margins(probabilities)
        safe = np.ones(probabilities.shape[:2], dtype=bool)
        for p in range(min(len(probabilities), len(self.fractions_) - 1)):
            right = self._later_right(margins[: p + 1])  # (later points, n, K)
            expected = (1.0 - (right * probabilities[p]).sum(-1)) + delay[p + 1 :, None]
            now = 1.0 - probabilities[p].max(-1) + delay[p]
            safe[p] = now <= expected.min(0)
        return safe

    def _later_right(self, seen: Floats) -> Floats:
        """Say how likely later answers are right, were each class the true one.

        (p + 1, n, K) → (P - p - 1, n, K).
        """
        now = len(seen)
        between = self.covariance_[now:, :now]
        gain = np.linalg.solve(self.covariance_[:now, :now], between.T).T
        left = np.diag(self.covariance_[now:, now:] - gain @ between.T)
        flat = (seen - self.mean_[:now, None, None]).reshape(now, -1)
        expected = self.mean_[now:, None] + gain @ flat
        likely = ndtr(expected / np.sqrt(np.maximum(left, 1e-12))[:, None])
        return np.asarray(likely.reshape(-1, *seen.shape[1:]))


def _margins(probabilities: Floats) -> Floats:
    """By how much each class leads the best of the others, in log-odds: (P, n, K)."""
    logs = np.log(np.maximum(probabilities, _LEAST_PROBABILITY))
    two = np.sort(logs, axis=-1)[..., -2:]
    best_other = np.where(logs == two[..., 1:], two[..., :1], two[..., 1:])
    return np.asarray(logs - best_other)
