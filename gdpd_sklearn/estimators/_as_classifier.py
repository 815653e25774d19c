"""An early classifier seen as a plain classifier."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
from aeon.classification.base import BaseClassifier
from numpy.typing import ArrayLike, NDArray
from sklearn.base import clone

from gdpd_sklearn.data import Mark, resolve_prefix_length
from gdpd_sklearn.estimators._labels import MarkedLabels
from gdpd_sklearn.estimators._routing import Routed
from gdpd_sklearn.estimators._score import PlainScore
from gdpd_sklearn.estimators._series import cut_series, read_collection, read_prefixes
from gdpd_sklearn.estimators._weights import Weighed

__all__ = ["EarlyAsClassifier"]


class EarlyAsClassifier(MarkedLabels, PlainScore, Weighed, Routed, BaseClassifier):
    """Plain arrays from an early classifier, for tools that know no decisions.

    Parameters
    ----------
    early : GDPDEarlyClassifier
        Cloned by ``fit``; its parameters are ``early__…``.
    prefix : float, int or None, default=None
        None: the labels and probabilities of each case's decision. Else those of the last
        classification point within this share (float) or number (int) of time points.

    Attributes
    ----------
    early_ : GDPDEarlyClassifier
        The fitted early classifier. A view of one that is fitted keeps its students and its rule,
        whatever is fitted later, as a stream does.
    """

    _tags = {  # noqa: RUF012  aeon's convention
        "X_inner_type": ["np-list", "numpy3D"],
        "capability:multivariate": True,
        "capability:unequal_length": True,
        "capability:missing_values": True,
        "algorithm_type": "deeplearning",
        "python_dependencies": "torch",
    }

    def __init__(self, early: Any, prefix: float | int | None = None) -> None:
        self.early = early
        self.prefix = prefix
        super().__init__()

    @classmethod
    def view(cls, early: Any, prefix: float | int | None) -> EarlyAsClassifier:
        """Make the view, fitted if ``early`` is."""
        view = cls(early, prefix)
        if early.is_fitted:
            # a copy that shares what is fitted, and keeps it where the other is fitted again
            view._adopt(copy.copy(early))
            view.classes_, view.n_classes_ = early.classes_, early.n_classes_
            view._class_dictionary = early._class_dictionary
            view.metadata_ = early.metadata_
            view.is_fitted = True
        return view

    @property
    def unlabelled(self) -> Mark:
        """The mark of cases without a label, the early classifier's own."""
        # of something else fit says that it is no early classifier
        mark: Mark = getattr(self.early, "unlabelled", None)
        return mark

    def _adopt(self, early: Any) -> None:
        self.early_ = early
        self.point_ = None
        if self.prefix is not None:
            length = resolve_prefix_length(self.prefix, early.n_timepoints_, "prefix")
            self.point_ = int(np.searchsorted(early.classification_points_, length, "right")) - 1
            if self.point_ < 0:
                raise ValueError(
                    f"prefix={self.prefix!r} is before the first classification point "
                    f"({early.classification_points_[0]} time points)."
                )

    def _fit(
        self, X: NDArray[np.floating], y: NDArray[Any], sample_weight: ArrayLike | None = None
    ) -> EarlyAsClassifier:
        if not hasattr(self.early, "predict_early"):
            raise TypeError(f"early={self.early!r} must be a GDPDEarlyClassifier.")
        self._adopt(clone(self.early).fit(X, y, sample_weight))
        return self

    def _predict(self, X: NDArray[np.floating]) -> NDArray[Any]:
        return self.classes_[self._predict_proba(X).argmax(axis=1)]

    def _predict_proba(self, X: NDArray[np.floating]) -> NDArray[np.float64]:
        if self.point_ is None:
            return self.early_.predict_early(X).probabilities
        m = self.early_.classification_points_[self.point_]
        return self.early_.engine_.probabilities_at(X[:, :, :m], self.point_)

    def _preprocess_collection(self, X: Any, store_metadata: bool = True) -> Any:
        if self.is_fitted:
            return self._read(X)
        return read_collection(
            X, lambda native: super(EarlyAsClassifier, self)._preprocess_collection(
                native, store_metadata
            )
        )  # fmt: skip

    def _read(self, X: Any) -> Any:
        """Read series to be classified, as the early classifier does."""
        early = self.early_
        if self.point_ is None:
            return early._read(X)
        if early.prefix_by == "share":
            return early._stretched(early._read(X))
        m = early.classification_points_[self.point_]
        return read_prefixes(early._read(cut_series(X, m)), m, may_end=early._ends_early)

    def _check_shape(self, X: Any) -> None:
        """Accept any length; what was read was checked."""
