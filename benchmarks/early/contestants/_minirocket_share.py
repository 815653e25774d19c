"""A calibrated MiniRocket at each point, and a share of the training cases for the rule."""

from __future__ import annotations

from typing import Any

import numpy as np
from aeon.transformations.collection.convolution_based import MiniRocket
from numpy.typing import NDArray
from scipy.special import softmax
from sklearn.calibration import CalibratedClassifierCV
from sklearn.linear_model import RidgeClassifierCV
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from benchmarks.early.contestants._held_out import EachRule, HeldOutAnswers

__all__ = ["MiniRocketShare"]

_FOLDS = 5


class MiniRocketShare(EachRule):
    """The protocol of the field's own benchmark (Renault et al., TMLR 2025), for every rule.

    At each point: MiniRocket's features of the prefix, standardised, a ridge classifier, and a
    sigmoid that is fitted by cross-validation within the classifier's share. The rest of the cases
    is for the rule alone. The share is drawn within each class. A class of one case has none for
    the rule. Where a class has one case left for the classifiers, no fold could be calibrated
    without it: then the probabilities are the softmax of the ridge's own values, at that set.

    Parameters
    ----------
    rule_share : float, default=0.4
        Share of the training cases for the rule.
    n_kernels : int, default=10000
        Features of MiniRocket.
    """

    least_points = 9

    def __init__(self, rule_share: float = 0.4, n_kernels: int = 10_000) -> None:
        self.rule_share = rule_share
        self.n_kernels = n_kernels

    def _learn(
        self, X: NDArray[np.floating], codes: NDArray[np.intp], random_state: int
    ) -> HeldOutAnswers:
        for_rule = _drawn_by_class(codes, self.rule_share, random_state)
        own, theirs = codes[~for_rule], codes[for_rule]
        self.models_ = []
        answers = []
        for point, m in enumerate(self.points_):
            kernels = MiniRocket(n_kernels=self.n_kernels, random_state=random_state)
            features = kernels.fit_transform(X[~for_rule][..., :m])
            self.models_.append((kernels, _classifier(own).fit(features, own)))
            answers.append(self._answer(point, X[for_rule][..., :m]))
        return HeldOutAnswers(np.stack(answers), theirs)

    def _answer(self, point: int, prefix: NDArray[np.floating]) -> NDArray[np.float64]:
        kernels, classifier = self.models_[point]
        features = kernels.transform(prefix)
        if isinstance(classifier, CalibratedClassifierCV):
            return classifier.predict_proba(features)
        values = classifier.decision_function(features).astype(np.float64)
        # a ridge of two classes has one value, for the second class
        columns = np.column_stack([-values, values]) if values.ndim == 1 else values
        return softmax(columns, axis=1)


def _classifier(codes: NDArray[np.intp]) -> CalibratedClassifierCV | Pipeline:
    ridge = make_pipeline(StandardScaler(), RidgeClassifierCV(alphas=np.logspace(-3, 3, 10)))
    folds = min(_FOLDS, int(np.bincount(codes).min()))
    return CalibratedClassifierCV(ridge, method="sigmoid", cv=folds) if folds > 1 else ridge


def _drawn_by_class(codes: NDArray[np.intp], share: float, random_state: int) -> NDArray[np.bool_]:
    """Draw a share of each class: at least one case, and not all; none of a class of one."""
    random = np.random.default_rng(random_state)
    drawn = np.zeros(len(codes), dtype=bool)
    for code in range(codes.max() + 1):
        cases: NDArray[Any] = random.permutation(np.flatnonzero(codes == code))
        n = min(max(1, round(share * len(cases))), len(cases) - 1)
        drawn[cases[:n]] = True
    return drawn
