"""MiniRocket's features of each prefix, and a ridge that answers for left-out cases exactly."""

from __future__ import annotations

import numpy as np
from aeon.transformations.collection.convolution_based import MiniRocket
from numpy.typing import NDArray
from scipy.special import softmax
from sklearn.linear_model import RidgeCV
from sklearn.preprocessing import StandardScaler

from benchmarks.early.contestants._held_out import EachRule, HeldOutAnswers
from gdpd_sklearn.triggers import apply_temperature, fit_temperature

__all__ = ["MiniRocketLeftOut"]

_PENALTIES = np.logspace(-3, 3, 10)


class MiniRocketLeftOut(EachRule):
    """All training cases for the classifiers, and all for the rule: each as if it were left out.

    At each point: MiniRocket's features of the prefix, standardised, and a ridge regression on
    targets of ±1, one a class. Its penalty has the least leave-one-out error. The left-out
    predictions, exact for the ridge, are what the rule learns from, after one temperature for all
    points. Kernels' biases and the scale of features have seen the left-out case, its label not.

    Parameters
    ----------
    n_kernels : int, default=10000
        Features of MiniRocket.
    """

    least_points = 9

    def __init__(self, n_kernels: int = 10_000) -> None:
        self.n_kernels = n_kernels

    def _learn(
        self, X: NDArray[np.floating], codes: NDArray[np.intp], random_state: int
    ) -> HeldOutAnswers:
        targets = 2.0 * np.eye(len(self.labels_))[codes] - 1.0
        self.models_ = []
        margins = []
        for m in self.points_:
            kernels = MiniRocket(n_kernels=self.n_kernels, random_state=random_state)
            scaler = StandardScaler()
            features = scaler.fit_transform(kernels.fit_transform(X[..., :m]))
            # with a score of its own, scikit-learn keeps predictions and not squared errors
            ridge = RidgeCV(_PENALTIES, scoring="neg_mean_squared_error", store_cv_results=True)
            ridge.fit(features, targets)
            chosen = int(np.flatnonzero(ridge.alpha_ == _PENALTIES)[0])
            margins.append(ridge.cv_results_[..., chosen].astype(np.float64))
            del ridge.cv_results_
            self.models_.append((kernels, scaler, ridge))
        left_out = softmax(np.stack(margins), axis=-1)
        self.temperature_ = fit_temperature(left_out, codes)
        return HeldOutAnswers(apply_temperature(left_out, self.temperature_), codes)

    def _answer(self, point: int, prefix: NDArray[np.floating]) -> NDArray[np.float64]:
        kernels, scaler, ridge = self.models_[point]
        margins = ridge.predict(scaler.transform(kernels.transform(prefix)))
        return apply_temperature(softmax(margins.astype(np.float64), axis=-1), self.temperature_)
