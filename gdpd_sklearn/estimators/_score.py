"""Scores of early classifiers, in the shapes that scikit-learn and aeon each want."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.metrics import get_scorer, get_scorer_names

from gdpd_sklearn._checks import check_switch, check_weights
from gdpd_sklearn.data import Mark
from gdpd_sklearn.estimators._labels import check_all_labelled
from gdpd_sklearn.estimators._truth import check_truth
from gdpd_sklearn.metrics import DecisionCost, LeastDelay, average_cost, harmonic_mean

__all__ = ["SCORERS", "EarlyScore", "PlainScore", "neg_average_cost_scorer", "score_decisions"]


class EarlyScore(float):
    """A harmonic mean that unpacks into (harmonic mean, accuracy, earliness).

    scikit-learn's searches want a number, aeon's code unpacks three; this is both.

    Examples
    --------
    >>> score = EarlyScore(0.8, 0.9, 0.28)
    >>> harmonic_mean, accuracy, earliness = score
    >>> score > 0.7, accuracy
    (True, 0.9)
    """

    accuracy: float
    earliness: float

    def __new__(cls, harmonic_mean: float, accuracy: float, earliness: float) -> EarlyScore:
        score = super().__new__(cls, harmonic_mean)
        score.accuracy, score.earliness = float(accuracy), float(earliness)
        return score

    @property
    def harmonic_mean(self) -> float:
        """The number itself."""
        return float(self)

    def __iter__(self) -> Iterator[float]:
        return iter((float(self), self.accuracy, self.earliness))

    def __getitem__(self, index: int) -> float:
        return (float(self), self.accuracy, self.earliness)[index]

    def __getnewargs__(self) -> tuple[float, float, float]:  # type: ignore[override]
        return (float(self), self.accuracy, self.earliness)

    def __repr__(self) -> str:
        return (
            f"EarlyScore(harmonic_mean={float(self):.4f}, accuracy={self.accuracy:.4f}, "
            f"earliness={self.earliness:.4f})"
        )


def score_decisions(
    state_info: NDArray[np.int64],
    y: ArrayLike,
    classes: NDArray[Any],
    n_timepoints: int,
    sample_weight: ArrayLike | None = None,
) -> EarlyScore:
    """Score a complete state (n, 4), in which every case is decided.

    A label that is not among ``classes`` counts as an error.

    Raises
    ------
    ValueError
        If ``y`` does not hold one label for each case, of the kind of ``classes``, or
        ``sample_weight`` not a number of at least 0.
    """
    labels = check_truth(y, classes, len(state_info))
    weights = check_weights(sample_weight, len(state_info))
    codes = np.searchsorted(classes, labels)
    known = classes[np.minimum(codes, len(classes) - 1)] == labels
    accuracy = float(np.average((state_info[:, 2] == codes) & known, weights=weights))
    earliness = float(np.average(state_info[:, 3] / n_timepoints, weights=weights))
    return EarlyScore(float(harmonic_mean(accuracy, earliness)), accuracy, earliness)


class PlainScore:
    """The score of a plain classifier, with the weights that scikit-learn's tools may pass."""

    classes_: NDArray[Any]
    unlabelled: Mark = None

    if TYPE_CHECKING:  # of aeon's base class, beside which this one stands

        def predict(self, X: Any) -> NDArray[Any]: ...

        def predict_proba(self, X: Any) -> NDArray[np.float64]: ...

    def score(
        self,
        X: Any,
        y: ArrayLike,
        metric: str | Callable[..., float] = "accuracy",
        use_proba: bool = False,
        metric_params: dict[str, Any] | None = None,
        sample_weight: ArrayLike | None = None,
    ) -> float:
        """Score the predictions for series ``X`` against true labels ``y``.

        Parameters
        ----------
        X : array of shape (n_cases, n_channels, n_timepoints)
        y : array of shape (n_cases,)
            Labels of the type that fit saw; one that fit did not see is never right.
        metric : str or callable, default="accuracy"
            A name of scikit-learn's, or a function of true labels and predictions.
        use_proba : bool, default=False
            Whether the metric takes probabilities.
        metric_params : dict, optional
            Further arguments of the metric.
        sample_weight : array of shape (n_cases,), optional
            Weights of the cases, for metrics that take them.

        Returns
        -------
        float

        Raises
        ------
        ValueError
            If labels or weights do not fit the cases.
        """
        check_switch("use_proba", use_proba)
        check_all_labelled(y, self.unlabelled)
        known = isinstance(metric, str) and metric in get_scorer_names()
        if not (known or callable(metric)):
            raise ValueError(
                f"metric={metric!r} must be a function or one of "
                f"sklearn.metrics.get_scorer_names()."
            )
        function: Any = get_scorer(metric)._score_func if known else metric
        predict = self.predict_proba if use_proba else self.predict
        predicted = predict(X)
        labels = check_truth(y, self.classes_, len(predicted))
        weights = check_weights(sample_weight, len(predicted))
        extra = dict(metric_params or {})
        if weights is not None:
            extra["sample_weight"] = weights
        try:
            score: float = function(labels, predicted, **extra)
        except ValueError as error:
            raise ValueError(f"y or metric={metric!r} does not fit: {error}") from error
        return score


def neg_average_cost_scorer(cost: DecisionCost | None = None) -> Callable[[Any, Any, Any], float]:
    """Make a scorer for a cost of one's own: ``scoring=neg_average_cost_scorer(cost)``."""
    return _NegAverageCost(cost)


class _NegAverageCost:
    """A class, not a closure, so that it can be sent to other processes."""

    def __init__(self, cost: DecisionCost | None) -> None:
        self.cost = cost

    def __call__(self, estimator: Any, X: Any, y: Any) -> float:
        labels, _, stop_times = estimator.predict_early(X)
        fractions = stop_times / estimator.n_timepoints_
        cost = average_cost(y, labels, fractions, cost=self.cost, classes=estimator.classes_)
        return -float(cost)


def _harmonic_mean(estimator: Any, X: Any, y: Any) -> float:
    return float(estimator.score(X, y))


def _accuracy(estimator: Any, X: Any, y: Any) -> float:
    return float(estimator.score(X, y).accuracy)


def _earliness(estimator: Any, X: Any, y: Any) -> float:
    return -float(estimator.score(X, y).earliness)


def _objective(estimator: Any, X: Any, y: Any) -> float:
    """Score by what the rule was chosen for."""
    objective = estimator.objective
    if isinstance(objective, DecisionCost):
        return _NegAverageCost(objective)(estimator, X, y)
    if isinstance(objective, LeastDelay):
        labels, _, stop_times = estimator.predict_early(X)
        truth = check_truth(y, estimator.classes_, len(labels))
        return float(objective.value(truth, labels, stop_times / estimator.n_timepoints_))
    return _harmonic_mean(estimator, X, y)


SCORERS: Mapping[str, Callable[[Any, Any, Any], float]] = {
    "harmonic_mean": _harmonic_mean,
    "accuracy": _accuracy,
    "neg_earliness": _earliness,
    "neg_average_cost": _NegAverageCost(None),
    "objective": _objective,
}
"""Scorers of early classifiers for ``scoring=``, one by one or all at once.

Greater is better, so earliness and cost are negated. ``"neg_average_cost"`` is that of wrong labels
and delay at equal prices, :func:`neg_average_cost_scorer` takes prices of your own.
``"objective"`` is what the classifier's own parameter ``objective`` asks for: the harmonic mean,
the average cost negated, or what :meth:`gdpd_sklearn.metrics.LeastDelay.value` says. So a search
under a cost ranks by that cost: ``GridSearchCV(early, grid, scoring=SCORERS["objective"])``.
"""
