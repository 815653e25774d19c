"""Quick answers about a few series, where torch would spend its time on calls."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from gdpd_sklearn.networks import PrefixModel, RocketAnswers

__all__ = ["FEW", "FewSeries", "SeriesReader"]

# Cases up to which students answer in numpy: more of them keep torch busy.
FEW = 16


class FewSeries:
    """A box for the numpy form of a fitted model; it is always copied and pickled empty.

    An estimator must not change when it predicts (aeon hashes every attribute before and after),
    and the form is made when it is first asked for.
    """

    def __init__(self) -> None:
        self._known: tuple[PrefixModel | None, RocketAnswers | None] = (None, None)

    def __reduce__(self) -> tuple[Any, ...]:
        return (FewSeries, ())

    def predict_proba(self, model: PrefixModel, X: NDArray[np.floating]) -> NDArray[np.float64]:
        """Class probabilities (N, K) of a model of one prefix length, by the quicker way."""
        if len(X) > FEW:
            return model.predict_proba(X)
        known, answers = self._known
        if known is not model:
            answers = RocketAnswers.of([model])
            self._known = model, answers
        return model.predict_proba(X) if answers is None else answers.predict_proba(X, 0)


class Absorbs(Protocol):
    """What reads a series point by point, as an engine of random kernels does."""

    @property
    def points(self) -> tuple[int, ...]:
        """Classification points in time points."""

    def absorb_through(
        self, points: NDArray[np.floating], state: Any | None, through: range
    ) -> tuple[NDArray[np.float64], Any]:
        """Read the next points (C, m), and answer at several points on the way."""


class SeriesReader:
    """Reads one series no further than it is asked about."""

    def __init__(self, engine: Absorbs, series: NDArray[np.floating]) -> None:
        self._engine = engine
        self._series = series
        self._n_read = 0
        self._state: Any = None

    def answer(self, points: range) -> NDArray[np.float64]:
        """Calibrated probabilities (len(points), K) at classification points, by number."""
        until = self._engine.points[points[-1]]
        new = self._series[:, self._n_read : until]
        probabilities, self._state = self._engine.absorb_through(new, self._state, points)
        self._n_read = until
        return probabilities
