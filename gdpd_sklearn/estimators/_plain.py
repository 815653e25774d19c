"""What a fitted early classifier offers beside aeon's contract."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gdpd_sklearn.estimators._answers import EarlyPrediction, decided_labels
from gdpd_sklearn.estimators._as_classifier import EarlyAsClassifier
from gdpd_sklearn.estimators._engine import EarlyEngine
from gdpd_sklearn.estimators._stream import EarlyStream
from gdpd_sklearn.networks import PrefixModel
from gdpd_sklearn.triggers import Trigger

__all__ = ["PlainAnswers"]


class PlainAnswers:
    """Mixin: plain arrays, streams and views, read from the fitted engine alone."""

    _engine: EarlyEngine
    classes_: NDArray[Any]

    @property
    def models_(self) -> list[PrefixModel]:
        """The voting students."""
        return self._engine.models

    @property
    def classification_points_(self) -> tuple[int, ...]:
        """Classification points in time points."""
        return self._engine.points

    @property
    def temperature_(self) -> float:
        """What calibrates the probabilities."""
        return self._engine.temperature

    @property
    def trigger_(self) -> Trigger:
        """The fitted rule."""
        return self._engine.trigger

    def predict_early(self, X: Any) -> EarlyPrediction:
        """Decide complete series, and tell when each decision fell.

        Parameters
        ----------
        X : array of shape (n, n_channels, n_timepoints_)

        Returns
        -------
        EarlyPrediction
            ``(labels, probabilities, stop_times)``.
        """
        self._check_is_fitted()  # type: ignore[attr-defined]
        state = self._engine.decide(self._preprocess_collection(X))  # type: ignore[attr-defined]
        labels, _ = decided_labels(state, self.classes_)
        return EarlyPrediction(labels, state.latest(), state.state_info(self._engine.points)[:, 3])

    def stream(self) -> EarlyStream:
        """Open a session for series that arrive point by point, each at its own pace."""
        self._check_is_fitted()  # type: ignore[attr-defined]
        return EarlyStream(self._engine, self.classes_)

    def as_classifier(self, prefix: float | int | None = None) -> EarlyAsClassifier:
        """View as a plain classifier, for every tool of scikit-learn.

        Parameters
        ----------
        prefix : float or int, optional
            Probabilities at the last classification point within this share or number of time
            points. By default those of each case's decision.

        Returns
        -------
        EarlyAsClassifier
            Fitted if this estimator is.
        """
        return EarlyAsClassifier.view(self, prefix)

    def probabilities_at(self, X: NDArray[np.floating], point: int) -> NDArray[np.float64]:
        """Calibrated probabilities of classification point number ``point``, shape (n, K).

        Parameters
        ----------
        X : array of shape (n, n_channels, ≥ classification_points_[point])
        point : int
        """
        return self._engine.probabilities_at(X, point)

    def probabilities_up_to(self, X: NDArray[np.floating], n_points: int) -> NDArray[np.float64]:
        """Calibrated probabilities of the first ``n_points`` points, shape (n_points, n, K)."""
        return self._engine.probabilities_up_to(X, n_points)

    @property
    def advances(self) -> bool:
        """Whether the students can go on from a state, see :meth:`advance`."""
        return self._engine.advances

    def advance(
        self, X: NDArray[np.floating], states: Sequence[Any] | None
    ) -> tuple[NDArray[np.float64], list[Any]]:
        """Calibrated probabilities of series that go on, at the cost of what is new.

        Parameters
        ----------
        X : array of shape (n, n_channels, m)
            The next m points.
        states : sequence of length n or None
            What the last call returned for each series; None at the beginning.
        """
        return self._engine.advance(X, states)
