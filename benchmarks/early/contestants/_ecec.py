"""ECEC of Lv et al. (2019): reliability of predictions, fused over the points so far."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import clone

from benchmarks.early.contestants._held_out import CrossFitted

__all__ = ["Ecec"]


class Ecec(CrossFitted):
    """A classifier at each point, cross-fitted, and the rule ECEC.

    The rule reads predicted classes alone, so that any classifier will do.

    Parameters
    ----------
    estimator : aeon classifier
        Not fitted. The paper has WEASEL.
    least_points : int
        What the classifier needs.
    n_folds : int, default=5
        Folds of the held-out predictions, as in the paper.
    """

    trigger = "ecec"

    def __init__(self, estimator: Any, least_points: int, n_folds: int = 5) -> None:
        self.estimator = estimator
        self.least_points = least_points
        self.n_folds = n_folds

    def _fit_one(
        self, prefix: NDArray[np.floating], codes: NDArray[np.intp], random_state: int
    ) -> Any:
        return clone(self.estimator).set_params(random_state=random_state).fit(prefix, codes)

    def _answer_of(self, model: Any, prefix: NDArray[np.floating]) -> NDArray[np.float64]:
        return np.eye(len(model.classes_))[model.predict(prefix)]
