"""An objective with a promise: as early as sensitivity and specificity allow."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator

from gdpd_sklearn._checks import check_real

__all__ = ["LeastDelay"]

# Rates are ratios of counts: what is less by rounding is not less.
_ROUNDING = 1e-9


class LeastDelay(BaseEstimator):
    """Objective of two classes: the least delay at which the rates are at least so high.

    A rule is chosen by held-out cases: among all that keep the rates there, the one that decides
    earliest. Where none does, it is the one that falls short least.

    With one of the two rates, a decision is for the most probable class, and the rule chooses when
    it falls; ``class_weight`` of the classifier moves what is probable. With both, an early
    classifier also chooses how probable the positive class has to be, since the other rate keeps
    this from going too far.

    Parameters
    ----------
    sensitivity : float in (0, 1], or None, default=0.8
        Least share of the positive cases that are decided as positive.
    specificity : float in (0, 1], or None, default=None
        Least share of the other cases that are decided as not positive.
    positive : label, default=1
        The class that is to be found.

    Notes
    -----
    Rates are those of held-out cases. On new cases they scatter about these, by about ``sqrt(rate ·
    (1 − rate) / cases)`` of the class. Ask for a little more where less would be bad.

    Examples
    --------
    >>> from gdpd_sklearn.metrics import LeastDelay
    >>> LeastDelay(sensitivity=0.8, positive="died")
    LeastDelay(positive='died')
    >>> goal = LeastDelay(sensitivity=0.5)
    >>> goal.value([1, 1, 0], [[1, 0, 0], [0, 0, 0]], [[0.2, 0.3, 0.4], [0.1, 0.1, 0.1]]).tolist()
    [0.7, -0.5]
    """

    def __init__(
        self,
        sensitivity: float | None = 0.8,
        specificity: float | None = None,
        positive: Any = 1,
    ) -> None:
        self.sensitivity = sensitivity
        self.specificity = specificity
        self.positive = positive

    def check_parameters(self) -> None:
        """Refuse rates outside (0, 1], and no rate at all.

        Raises
        ------
        ValueError
            That names the parameter, its value and what is allowed.
        """
        for name in ("sensitivity", "specificity"):
            if getattr(self, name) is not None:
                check_real(name, getattr(self, name), 0.0, 1.0, open_minimum=True)
        if self.sensitivity is None and self.specificity is None:
            raise ValueError(
                "sensitivity=None and specificity=None leave nothing to be kept; give one of them."
            )

    def for_classes(self, classes: ArrayLike) -> LeastDelay:
        """Give the same objective with the positive class by its code, 0 or 1.

        Parameters
        ----------
        classes : array-like of shape (K,)
            Labels in the order of their codes.

        Raises
        ------
        ValueError
            If there are not two, or the positive one is none of them.
        """
        labels = np.asarray(classes).tolist()
        if len(labels) != 2 or self.positive not in labels:
            raise ValueError(
                f"positive={self.positive!r} must be one of two labels; y has {labels}."
            )
        return LeastDelay(self.sensitivity, self.specificity, labels.index(self.positive))

    @property
    def moves_labels(self) -> bool:
        """Whether it says how probable the positive class has to be."""
        return self.sensitivity is not None and self.specificity is not None

    def rates(
        self, y_true: ArrayLike, y_pred: ArrayLike, sample_weight: ArrayLike | None = None
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Give sensitivity and specificity of decisions; 1 where a class has no case.

        Parameters
        ----------
        y_true : array-like of shape (n,)
        y_pred : array-like of shape (..., n)
        sample_weight : array-like of shape (n,), optional
        """
        truth, decided = np.asarray(y_true), np.asarray(y_pred)
        weight = np.ones(len(truth)) if sample_weight is None else np.asarray(sample_weight)
        sick = truth == self.positive
        found = decided == self.positive
        return _share(found, weight * sick), _share(~found, weight * ~sick)

    def value(
        self,
        y_true: ArrayLike,
        y_pred: ArrayLike,
        fractions: ArrayLike,
        sample_weight: ArrayLike | None = None,
    ) -> NDArray[np.float64]:
        """Rate decisions: what was saved of the series, or by how much the rates fall short.

        Parameters
        ----------
        y_true : array-like of shape (n,)
        y_pred, fractions : array-like of shape (..., n)
            Decisions, and the shares of the full length at which they fell.
        sample_weight : array-like of shape (n,), optional

        Returns
        -------
        ndarray of shape (...)
            Higher is better: in [0, 1] where the rates are kept, else below 0.
        """
        wanted = (self.sensitivity or 0.0, self.specificity or 0.0)
        rates = self.rates(y_true, y_pred, sample_weight)
        short = sum(np.maximum(w - r, 0.0) for w, r in zip(wanted, rates, strict=True))
        saved = 1.0 - np.average(np.asarray(fractions), axis=-1, weights=sample_weight)
        return np.where(short <= _ROUNDING, saved, -short)


def _share(events: NDArray[np.bool_], weight: NDArray[np.float64]) -> NDArray[np.float64]:
    total = weight.sum()
    return (events @ weight) / total if total > 0 else np.ones(events.shape[:-1])
