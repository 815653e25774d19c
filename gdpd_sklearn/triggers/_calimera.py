"""CALIMERA (Bilski & Jastrzębska 2023): stop unless waiting is predicted to pay."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray

from gdpd_sklearn._checks import check_int, check_real
from gdpd_sklearn.metrics import DecisionCost
from gdpd_sklearn.triggers._base import Trigger
from gdpd_sklearn.triggers._cost_search import Safe, choose_by_folds, chosen_weight, costs_for
from gdpd_sklearn.triggers._features import Floats, confidence, margin, predictions
from gdpd_sklearn.triggers._held_out import HeldOut
from gdpd_sklearn.triggers._kernel import gaussian_kernel, kernel_sum

__all__ = ["Calimera"]


class Calimera(Trigger):
    r"""Stop when the predicted change of cost by waiting is not negative.

    1. The cost of stopping at point t is the expected misclassification cost of the predicted
       class under the (calibrated) probabilities, for zero-one cost ``1 - max p``, plus the delay
       cost.
    2. Backwards from the last point but one, a kernel ridge regression predicts from the
       probabilities at t, their maximum and their margin, the difference between the least cost
       later on and the cost now.
    3. Where it predicts a negative difference, the cost of the case at t is replaced by the later
       cost: the rule would wait.
    4. At prediction a case stops at the first point whose predicted difference is not negative.

    For the harmonic mean, zero-one cost plus a delay weight is used, and the weight is chosen for
    the harmonic mean by cross-validation on the held-out cases (``n_weights`` values between 1/4
    and 8; the slope of the harmonic mean, (accuracy / (1 - earliness))², lies there).

    Parameters
    ----------
    regularization : float, default=1.0
        Ridge penalty.
    gamma : float, optional
        Width of the Gaussian kernel; default 1 / number of features.
    n_weights : int, default=11
        Number of delay weights tried for the harmonic mean.
    n_folds : int, default=5
        Folds for that choice.
    tolerance : float, default=0.01
        Weights so near to the best count as equally good; the middle one is taken.

    Attributes
    ----------
    delay_weight_ : float or None
        The weight chosen for the harmonic mean; None where the objective was a cost.
    centres_ : ndarray of shape (P - 1, N, K + 2)
        Features of the held-out cases.
    coefficients_ : ndarray of shape (P - 1, N)
        Dual coefficients of the regressions.

    References
    ----------
    Bilski, Jastrzębska: CALIMERA: a new early time series classification method. Information
    Processing & Management 60(5), 2023, Section 3 and Algorithm 1.

    Examples
    --------
    >>> import numpy as np
    >>> from gdpd_sklearn.metrics import DecisionCost
    >>> from gdpd_sklearn.triggers import Calimera
    >>> p = np.repeat([[[0.5, 0.5]], [[0.99, 0.01]], [[0.99, 0.01]]], 10, axis=1)
    >>> rule = Calimera().fit(p, [0] * 10, [0.2, 0.4, 1.0], DecisionCost(delay=0.5))
    >>> rule.stop_points(p[:, :1]).tolist()
    [1]
    """

    def __init__(
        self,
        regularization: float = 1.0,
        gamma: float | None = None,
        n_weights: int = 11,
        n_folds: int = 5,
        tolerance: float = 0.01,
    ) -> None:
        self.regularization = regularization
        self.gamma = gamma
        self.n_weights = n_weights
        self.n_folds = n_folds
        self.tolerance = tolerance

    def check_parameters(self) -> None:
        """Refuse a penalty or width that is not positive, too few weights or folds."""
        check_real("regularization", self.regularization, 1e-12)
        if self.gamma is not None:
            check_real("gamma", self.gamma, 0.0, open_minimum=True)
        check_int("n_weights", self.n_weights, 1, 10_000)
        check_int("n_folds", self.n_folds, 2, 1000)
        check_real("tolerance", self.tolerance, 0.0)

    def _fit(self, held_out: HeldOut) -> None:
        costs = costs_for(held_out.objective, self.n_weights)
        cost = choose_by_folds(
            held_out,
            costs,
            np.arange(len(costs), dtype=np.float64)[:, None],
            self._learn,
            self.n_folds,
            self.tolerance,
        )
        self.delay_weight_ = chosen_weight(held_out.objective, cost)
        self.centres_, coefficients = self._regress(held_out, [cost])
        self.coefficients_ = np.ascontiguousarray(coefficients[..., 0])

    def _width(self, n_features: int) -> float:
        return 1.0 / n_features if self.gamma is None else float(self.gamma)

    def _regress(self, held_out: HeldOut, costs: Sequence[DecisionCost]) -> tuple[Floats, Floats]:
        """Go backwards for W costs at once: features (P-1, N, d), coefficients (P-1, N, W)."""
        features = _features(held_out.probabilities)
        now = np.stack([_expected_costs(held_out, cost) for cost in costs], axis=-1)
        n_points, n_cases, n_features = features.shape
        coefficients = np.zeros((n_points - 1, n_cases, len(costs)))
        later = now[-1]
        # a case of weight w is as w cases in one place
        penalty = np.diag(self.regularization / held_out.weights)
        for p in range(n_points - 2, -1, -1):
            kernel = gaussian_kernel(features[p], features[p], self._width(n_features))
            ridge = kernel + penalty
            coefficients[p] = np.linalg.solve(ridge, later - now[p])
            later = np.where(kernel @ coefficients[p] < 0, later, now[p])
        return features[:-1], coefficients

    def _learn(self, held_out: HeldOut, costs: Sequence[DecisionCost]) -> Sequence[Safe]:
        centres, coefficients = self._regress(held_out, costs)
        return [
            partial(self._not_lower, centres, np.ascontiguousarray(coefficients[..., w]))
            for w in range(len(costs))
        ]

    def _not_lower(
        self, centres: Floats, coefficients: Floats, probabilities: Floats
    ) -> NDArray[np.bool_]:
        features = _features(probabilities)
        safe = np.ones(features.shape[:2], dtype=bool)
        gamma = self._width(features.shape[-1])
        for p in range(min(len(features), len(centres))):
            safe[p] = kernel_sum(features[p], centres[p], coefficients[p], gamma) >= 0
        return safe

    def _safe(self, probabilities: Floats) -> NDArray[np.bool_]:
        return self._not_lower(self.centres_, self.coefficients_, probabilities)


def _features(probabilities: Floats) -> Floats:
    extra = np.stack([margin(probabilities), confidence(probabilities)], axis=-1)
    return np.concatenate([probabilities, extra], axis=-1)


def _expected_costs(held_out: HeldOut, cost: DecisionCost) -> Floats:
    """Cost of stopping that the probabilities themselves expect: (P, N)."""
    probabilities = held_out.probabilities
    # row ŷ of the transposed matrix: what deciding ŷ costs under each true class
    of_decision = cost.matrix(probabilities.shape[2]).T[predictions(probabilities)]
    expected = (probabilities * of_decision).sum(axis=-1)
    return np.asarray(expected + cost.delay_cost(held_out.fractions)[:, None])
