"""Classifiers that stand beside distilled students: any that learns from prefixes alone.

Another one is a line in ``CLASSIFIERS``, or ``module:Class`` on the command line. It needs what
scikit-learn's and aeon's classifiers have: ``fit(X, y)`` on an array (N, C, length) and
``predict_proba(X)``, with columns in the sorted order of the labels. Where it has a parameter
``random_state``, that is the seed of the cell.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Self

import numpy as np
from aeon.classification.interval_based import QUANTClassifier
from aeon.transformations.collection.convolution_based import (
    HydraTransformer,
    MiniRocket,
    MultiRocket,
)
from numpy.typing import NDArray
from scipy.special import softmax
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.linear_model import RidgeClassifierCV
from sklearn.pipeline import make_pipeline, make_union
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from benchmarks.accuracy._named import make_named

__all__ = ["CLASSIFIERS", "RidgeOnFeatures", "build_classifier"]

Array = NDArray[Any]


class RidgeOnFeatures(ClassifierMixin, BaseEstimator):
    """Features of aeon's transformers, each standardised, and a ridge classifier on all of them.

    aeon's own classifiers of these features answer with one class and no probabilities, of which
    an area under a curve makes little; here probabilities are the softmax of the ridge's values.
    A prefix that is shorter than the kernels is lengthened by its last value.

    Parameters
    ----------
    transformers : sequence of aeon transformers
        Not fitted.
    least_points : int, default=9
        What the transformers need.
    random_state : int, default=0
    """

    def __init__(
        self, transformers: Sequence[Any], least_points: int = 9, random_state: int = 0
    ) -> None:
        self.transformers = transformers
        self.least_points = least_points
        self.random_state = random_state

    def fit(self, X: Array, y: Array) -> Self:
        """Learn from prefixes (N, C, length)."""
        parts = [
            make_pipeline(
                clone(each).set_params(random_state=self.random_state),
                # counts, many of them zero, are nearer to normal by their root
                FunctionTransformer(_root if isinstance(each, HydraTransformer) else None),
                StandardScaler(),
            )
            for each in self.transformers
        ]
        ridge = RidgeClassifierCV(alphas=np.logspace(-3, 3, 10))
        self.pipeline_ = make_pipeline(make_union(*parts), ridge).fit(self._lengthened(X), y)
        self.classes_ = self.pipeline_.classes_
        return self

    def predict_proba(self, X: Array) -> NDArray[np.float64]:
        """Give the softmax (n, K) of the ridge's values."""
        values = self.pipeline_.decision_function(self._lengthened(X)).astype(np.float64)
        # of two classes a ridge has one value, for the second
        columns = np.column_stack([-values, values]) if values.ndim == 1 else values
        return softmax(columns, axis=1)

    def predict(self, X: Array) -> Array:
        """Give the likeliest class of each case."""
        return self.classes_[self.predict_proba(X).argmax(axis=1)]

    def _lengthened(self, X: Array) -> Array:
        missing = max(0, self.least_points - X.shape[2])
        return np.pad(X, ((0, 0), (0, 0), (0, missing)), mode="edge")


def _root(counts: Array) -> Array:
    return np.sqrt(np.maximum(counts, 0.0))


CLASSIFIERS: Mapping[str, Callable[[], Any]] = {
    "MiniRocket": lambda: RidgeOnFeatures([MiniRocket()]),
    "MultiRocketHydra": lambda: RidgeOnFeatures(
        # it takes differences, which have a point less
        [MultiRocket(), HydraTransformer(output_type="numpy")],
        least_points=10,
    ),
    "QUANT": QUANTClassifier,
}
"""Name, as ``--classifiers`` takes it, to what makes it, not fitted."""


def build_classifier(name: str, seed: int) -> Any:
    """Make a classifier by name, not fitted.

    Raises
    ------
    ValueError
        If there is none of that name, or it lacks a method.
    """
    classifier = make_named("classifiers", name, CLASSIFIERS)
    lacking = [each for each in ("fit", "predict_proba") if not hasattr(classifier, each)]
    if lacking:
        raise ValueError(f"classifiers: {name!r} has no {' and no '.join(lacking)}.")
    if hasattr(classifier, "get_params") and "random_state" in classifier.get_params():
        classifier.set_params(random_state=seed)
    return classifier
