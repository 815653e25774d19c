"""Ways to learn from few labels, behind one door: classifiers of prefixes, and early ones."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.semi_supervised import SelfTrainingClassifier

from benchmarks.labels._draws import UNLABELLED, Draw
from benchmarks.research._variants import IgnorantPrior
from gdpd_sklearn import GDPDClassifier, GDPDEarlyClassifier

__all__ = ["WAYS", "Way"]

Estimator = GDPDClassifier | GDPDEarlyClassifier
Series = NDArray[np.floating]
Codes = NDArray[np.int64]


class _Flat(ClassifierMixin, BaseEstimator):
    """An estimator of series as one of rows: scikit-learn's meta-estimators take no more."""

    def __init__(self, estimator: Estimator, n_channels: int) -> None:
        self.estimator = estimator
        self.n_channels = n_channels

    def fit(self, X: NDArray[np.floating], y: Codes) -> Self:
        """Fit to rows."""
        self.fitted_ = _fresh(self.estimator).fit(self._series(X), y)
        self.classes_ = self.fitted_.classes_
        return self

    def predict_proba(self, X: NDArray[np.floating]) -> NDArray[np.float64]:
        """Probabilities of rows; of an early classifier those of its decisions."""
        fitted = self.fitted_
        plain = fitted.as_classifier() if isinstance(fitted, GDPDEarlyClassifier) else fitted
        probabilities: NDArray[np.float64] = plain.predict_proba(self._series(X))
        return probabilities

    def predict(self, X: NDArray[np.floating]) -> Codes:
        """Labels of rows."""
        labels: Codes = self.classes_[self.predict_proba(X).argmax(1)]
        return labels

    def _series(self, X: NDArray[np.floating]) -> Series:
        return X.reshape(len(X), self.n_channels, -1)


def _fresh(estimator: Estimator) -> Any:
    return type(estimator)(**estimator.get_params(deep=False))


def _alone(estimator: Estimator, draw: Draw) -> Estimator:
    """Learn from labelled cases; the others count for no more than the scale of the series."""
    fitted: Estimator = estimator.set_params(distiller="none", unlabelled=UNLABELLED).fit(
        draw.X, draw.y
    )
    return fitted


def _self_trained(estimator: Estimator, draw: Draw) -> Estimator:
    """Let scikit-learn add what the classifier is sure of, round by round."""
    estimator.set_params(distiller="none")
    rounds = SelfTrainingClassifier(_Flat(estimator, draw.X.shape[1]))
    rounds.fit(draw.X.reshape(len(draw.X), -1), draw.y)
    fitted: Estimator = rounds.estimator_.fitted_
    return fitted


@dataclass(frozen=True)
class _Taught:
    """Let a teacher of complete series say what unlabelled ones are."""

    distiller: Any = "auto"

    def __call__(self, estimator: Estimator, draw: Draw) -> Estimator:
        """Fit the estimator."""
        estimator.set_params(distiller=self.distiller, unlabelled=UNLABELLED)
        fitted: Estimator = estimator.fit(draw.X, draw.y)
        return fitted


def _told_everything(estimator: Estimator, draw: Draw) -> Estimator:
    """Fit with all labels known: the bound."""
    fitted: Estimator = estimator.set_params(distiller="none").fit(draw.X, draw.truth)
    return fitted


Way = Callable[[Estimator, Draw], Estimator]

WAYS: Mapping[str, Way] = {
    "labels alone": _alone,
    "self-training": _self_trained,
    "default": _Taught(),
    "kd": _Taught("kd"),
    "gdpd": _Taught("gdpd"),
    "gdpd, ignorant prior": _Taught(IgnorantPrior()),
    "true labels": _told_everything,
}
"""Name to a function of an unfitted estimator and a draw, which gives it fitted."""
