"""SR1 of Mori et al. (2018) as it was published: Gaussian-process classifiers at each point."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning
from sklearn.gaussian_process import GaussianProcessClassifier
from sklearn.gaussian_process.kernels import RBF, ConstantKernel

from benchmarks.early.contestants._held_out import CrossFitted

__all__ = ["GaussianProcess"]


class GaussianProcess(CrossFitted):
    """A Gaussian process on the values of the prefix, and the rule SR1.

    The kernel is Gaussian in the Euclidean distance of the prefixes, as in the paper, with one
    amplitude and one length scale for all time points and channels. Both are those of the greatest
    marginal likelihood, from 1 and the median distance of two training prefixes on, within a factor
    of 1000 and 10. The paper has a variational approximation of a multinomial probit; here it is
    scikit-learn's Laplace approximation of a logistic link, one class against the rest.

    Parameters
    ----------
    n_folds : int, default=5
        Folds of the held-out answers, as in the paper; fewer where a class is smaller.
    """

    least_points = 1
    trigger = "stopping_rule"

    def __init__(self, n_folds: int = 5) -> None:
        self.n_folds = n_folds

    def _fit_one(
        self, prefix: NDArray[np.floating], codes: NDArray[np.intp], random_state: int
    ) -> Any:
        rows = prefix.reshape(len(prefix), -1)
        between = np.linalg.norm(rows[:, None] - rows[None], axis=-1)
        scale = float(np.median(between[np.triu_indices(len(rows), 1)])) or 1.0
        kernel = ConstantKernel(1.0, (1e-3, 1e3)) * RBF(scale, (scale / 10, scale * 10))
        model = GaussianProcessClassifier(kernel, random_state=random_state)
        with warnings.catch_warnings():
            # an optimum at a bound is an answer too
            warnings.simplefilter("ignore", ConvergenceWarning)
            return model.fit(rows, codes)

    def _answer_of(self, model: Any, prefix: NDArray[np.floating]) -> NDArray[np.float64]:
        return model.predict_proba(prefix.reshape(len(prefix), -1))
