"""TEASER (Schäfer & Leser 2020): accept what looks like a correct prediction."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from sklearn.svm import OneClassSVM

from gdpd_sklearn._checks import check_int, check_real
from gdpd_sklearn.triggers._base import Trigger
from gdpd_sklearn.triggers._features import Floats, margin, predictions, run_length
from gdpd_sklearn.triggers._held_out import HeldOut, first_safe, folds
from gdpd_sklearn.triggers._kernel import kernel_sum

__all__ = ["Teaser"]

# widths of the kernel, as in the paper (Section 4.2)
GAMMAS = (100.0, 10.0, 5.0, 2.5, 1.5, 1.0, 0.5, 0.1)


class Teaser(Trigger):
    """Accept a point whose probabilities look like those of correct predictions; wait for v such.

    1. At each point a one-class SVM learns the features of the correctly classified held-out
       cases: the class probabilities and the difference of the two largest.
    2. A prediction that the SVM accepts is safe. Where fewer than two cases were right there is
       no SVM and nothing is safe.
    3. v consecutive safe points with the same predicted class stop the case; v in
       1..``max_consecutive`` is chosen for the objective, the smallest of equals.

    The width of each kernel is the one that accepts most left-out correct cases, by
    cross-validation, as in the paper; the first in its grid (the narrowest) of equals.

    Parameters
    ----------
    max_consecutive : int, default=5
        Largest v that is tried.
    nu : float in (0, 1], default=0.05
        Share of correct cases that the SVM may reject.
    n_folds : int, default=5
        Folds for the choice of the kernel width.

    Attributes
    ----------
    consecutive_ : int
        The chosen v.
    machines_ : list of (support, coefficients, offset, gamma) or None
        For each point, the decision function of its SVM in plain arrays: the support vectors
        (m, K + 1), their coefficients (m,), the intercept and the kernel width.

    References
    ----------
    Schäfer, Leser: TEASER: early and accurate time series classification. Data Mining and
    Knowledge Discovery 34, 2020, Sections 3 and 4.

    Examples
    --------
    >>> import numpy as np
    >>> from gdpd_sklearn.triggers import Teaser
    >>> p = np.repeat([[[0.5, 0.5]], [[0.9, 0.1]], [[0.9, 0.1]]], 8, axis=1)
    >>> p[0, :4] = [0.45, 0.55]
    >>> Teaser().fit(p, [0] * 8, [0.2, 0.4, 1.0]).stop_points(p[:, :1]).tolist()
    [1]
    """

    def __init__(self, max_consecutive: int = 5, nu: float = 0.05, n_folds: int = 5) -> None:
        self.max_consecutive = max_consecutive
        self.nu = nu
        self.n_folds = n_folds

    def check_parameters(self) -> None:
        """Refuse no points in agreement, a share outside (0, 1], fewer than two folds."""
        check_int("max_consecutive", self.max_consecutive, 1, 10_000)
        check_real("nu", self.nu, 0.0, 1.0, open_minimum=True, open_maximum=True)
        check_int("n_folds", self.n_folds, 2, 1000)

    def _fit(self, held_out: HeldOut) -> None:
        features = _features(held_out.probabilities)
        self.machines_ = [
            self._machine(point[right > 0], held_out.weights[right > 0])
            for point, right in zip(features, held_out.correct, strict=True)
        ]
        runs = self._runs(held_out.probabilities)
        # a v beyond the number of points could never be reached
        lengths = range(1, min(self.max_consecutive, len(features)) + 1)
        values = [float(held_out.value(first_safe(runs >= v))) for v in lengths]
        self.consecutive_ = int(np.argmax(values)) + 1

    def _machine(self, right: Floats, weight: Floats) -> tuple[Floats, Floats, float, float] | None:
        if len(right) < 2:
            return None
        accepted = np.zeros(len(GAMMAS))
        for i, gamma in enumerate(GAMMAS):
            for rest, fold in folds(np.zeros(len(right), dtype=np.intp), self.n_folds):
                svm = self._one_class(gamma).fit(right[rest], sample_weight=weight[rest])
                accepted[i] += (svm.predict(right[fold]) > 0) @ weight[fold]
        gamma = GAMMAS[int(np.argmax(accepted))]
        svm = self._one_class(gamma).fit(right, sample_weight=weight)
        return svm.support_vectors_, svm.dual_coef_[0], float(svm.intercept_[0]), gamma

    def _one_class(self, gamma: float) -> OneClassSVM:
        svm = OneClassSVM(gamma=gamma, nu=self.nu, tol=1e-4)
        # not a parameter of OneClassSVM, whose base draws from numpy's global generator if None
        svm.random_state = 0
        return svm

    def _runs(self, probabilities: Floats) -> NDArray[np.intp]:
        features = _features(probabilities)
        safe = np.zeros(features.shape[:2], dtype=bool)
        for p, point in enumerate(features):
            machine = self.machines_[p]
            if machine is not None:
                support, coefficients, offset, gamma = machine
                safe[p] = kernel_sum(point, support, coefficients, gamma) + offset >= 0
        return run_length(safe, predictions(probabilities))

    def _safe(self, probabilities: Floats) -> NDArray[np.bool_]:
        return self._runs(probabilities) >= self.consecutive_


def _features(probabilities: Floats) -> Floats:
    """Class probabilities and the difference of the two largest: (P, n, K) -> (P, n, K + 1)."""
    return np.concatenate([probabilities, margin(probabilities)[..., None]], axis=-1)
