"""An early classifier seen as a plain classifier."""

from __future__ import annotations

from typing import Any

import numpy as np
from aeon.classification.base import BaseClassifier
from numpy.typing import NDArray
from sklearn.base import clone
from sklearn.utils.metadata_routing import MetadataRequest

from gdpd_sklearn.data import resolve_prefix_length
from gdpd_sklearn.estimators import _core
from gdpd_sklearn.estimators._series import check_channels, check_finite, check_not_empty

__all__ = ["EarlyAsClassifier"]


class EarlyAsClassifier(BaseClassifier):
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
        The fitted early classifier.
    """

    _tags = {  # noqa: RUF012  aeon's convention
        "X_inner_type": "numpy3D",
        "capability:multivariate": True,
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
            view._adopt(early)
            view.classes_, view.n_classes_ = early.classes_, early.n_classes_
            view._class_dictionary = early._class_dictionary
            view.metadata_ = early.metadata_
            view.is_fitted = True
        return view

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

    def _fit(self, X: NDArray[np.floating], y: NDArray[Any]) -> EarlyAsClassifier:
        if not hasattr(self.early, "predict_early"):
            raise TypeError(f"early={self.early!r} must be a GDPDEarlyClassifier.")
        self._adopt(clone(self.early).fit(X, y))
        return self

    def _predict(self, X: NDArray[np.floating]) -> NDArray[Any]:
        return self.classes_[self._predict_proba(X).argmax(axis=1)]

    def _predict_proba(self, X: NDArray[np.floating]) -> NDArray[np.float64]:
        if self.point_ is None:
            return self.early_.predict_early(X).probabilities
        m = self.early_.classification_points_[self.point_]
        check_finite(X[:, :, :m])
        return self.early_.engine_.probabilities_at(X[:, :, :m], self.point_)

    def _preprocess_collection(self, X: Any, store_metadata: bool = True) -> Any:
        check_not_empty(X)
        return super()._preprocess_collection(X, store_metadata)

    def _check_shape(self, X: NDArray[np.floating]) -> None:
        """Accept any length from the prefix on."""
        early = self.early_
        needed = (
            early.n_timepoints_
            if self.point_ is None
            else early.classification_points_[self.point_]
        )
        check_channels(X, early.n_channels_)
        if X.shape[2] < needed:
            raise ValueError(f"X has {X.shape[2]} time points, but {needed} are needed.")

    def get_metadata_routing(self) -> MetadataRequest:
        """Answer scikit-learn's metadata routing: fit takes X and y alone."""
        return _core.metadata_request(self)
