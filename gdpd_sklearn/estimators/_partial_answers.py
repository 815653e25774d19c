"""What a classifier of prefixes reads, and what it answers."""

from __future__ import annotations

from typing import Any

import numpy as np
from aeon.classification.base import BaseClassifier
from numpy.typing import NDArray

from gdpd_sklearn.data import ends_of, stretch_series
from gdpd_sklearn.estimators._explains import Explains
from gdpd_sklearn.estimators._explanation import Asked, Voters
from gdpd_sklearn.estimators._few import FewSeries
from gdpd_sklearn.estimators._labels import MarkedLabels
from gdpd_sklearn.estimators._score import PlainScore
from gdpd_sklearn.estimators._series import (
    check_channels,
    check_finite,
    cut_series,
    read_collection,
    read_prefixes,
)
from gdpd_sklearn.networks import PrefixModel

__all__ = ["PartialAnswers"]


class PartialAnswers(Explains, MarkedLabels, PlainScore):
    """Answers of a fitted student about prefixes."""

    is_fitted: bool
    model_: PrefixModel
    channels_: tuple[int, ...]
    n_channels_: int
    n_timepoints_: int
    prefix_length_: int
    prefix_by: str
    _few: FewSeries
    # whether series of fit ended before others; files of version 1 do not tell
    _ends_early = False

    def _predict(self, X: NDArray[np.floating]) -> NDArray[Any]:
        return self.classes_[self._predict_proba(X).argmax(axis=1)]

    def _predict_proba(self, X: NDArray[np.floating]) -> NDArray[np.float64]:
        return self._few.predict_proba(self.model_, self._visible(X))

    def _visible(self, X: NDArray[np.floating]) -> NDArray[np.floating]:
        """Give what the student sees of series that were read."""
        if X.shape[1] == self.n_channels_ and self.channels_ != tuple(range(self.n_channels_)):
            X = X[:, list(self.channels_)]
        check_finite(X)
        return X

    def _asked(self, X: Any) -> tuple[Voters, list[Asked]]:
        X = self._preprocess_collection(X)
        self._check_shape(X)
        X = self._visible(X)
        ends = np.minimum(ends_of(X), self.prefix_length_)
        asked = [Asked(x, x, 0, int(end), True) for x, end in zip(X, ends, strict=True)]
        return Voters([self.model_], self.model_.predict_proba), asked

    def _networks_in_use(self) -> list[PrefixModel]:
        return [self.model_]

    def _preprocess_collection(self, X: Any, store_metadata: bool = True) -> Any:
        if self.is_fitted and self.prefix_by == "time":
            X = cut_series(X, self.prefix_length_)
        X = read_collection(
            X, lambda native: BaseClassifier._preprocess_collection(self, native, store_metadata)
        )  # fmt: skip
        if not self.is_fitted:
            return X
        if self.prefix_by == "share":
            return stretch_series(X, self.n_timepoints_)
        return read_prefixes(X, self.prefix_length_, may_end=self._ends_early)

    def _check_shape(self, X: NDArray[np.floating]) -> None:
        """Accept any length; aeon's own check wants the length of fit."""
        if X.shape[1] != len(self.channels_):  # what the student sees is enough
            check_channels(X, self.n_channels_)
