"""What a decision costs: being wrong, and being late."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator

from gdpd_sklearn._checks import LARGEST, check_real, check_takes

__all__ = ["DecisionCost", "average_cost"]


class DecisionCost(BaseEstimator):
    r"""Cost of one early decision: misclassification plus delay.

    ``cost(y, ŷ, f) = M[y, ŷ] + D(f)`` with ``f`` the fraction of the series that was seen. With
    the defaults the average cost of a set is ``1 - accuracy + earliness``.

    Parameters
    ----------
    misclassification : "zero_one", dict or array-like of shape (K, K), default="zero_one"
        ``M[true class, predicted class]``, finite. Classes are in sorted order of the labels.
        ``"zero_one"`` is 1 for every error and 0 for every correct decision. A dict gives costs by
        label: ``{"died": 5}`` is 5 for each error on a case that died, ``{"died": {"survived": 5,
        "died": 0.1}}`` tells what each decision about such a case costs. What a dict leaves out is
        as in ``"zero_one"``.
    delay : float or callable, default=1.0
        A coefficient ``c >= 0`` for ``D(f) = c · f``, or a function from fractions in (0, 1],
        an array, to finite costs of the same shape. A function should not decrease.

    References
    ----------
    Achenchabe, Bondu, Cornuéjols, Dachraoui: Early classification of time series: cost-based
    optimization criterion and algorithms. Machine Learning 110, 2021, Section 3, Eq. 1.

    Examples
    --------
    >>> from gdpd_sklearn.metrics import DecisionCost
    >>> cost = DecisionCost(misclassification=((0, 1), (5, 0)), delay=0.5)
    >>> cost.of([0, 1], [0, 0], [0.2, 0.4]).tolist()
    [0.1, 5.2]
    >>> DecisionCost({"died": 5}).for_classes(["died", "survived"]).matrix(2).tolist()
    [[0.0, 5.0], [1.0, 0.0]]
    """

    def __init__(
        self,
        misclassification: Any = "zero_one",
        delay: float | Callable[[NDArray[np.float64]], ArrayLike] = 1.0,
    ) -> None:
        self.misclassification = misclassification
        self.delay = delay

    def for_classes(self, classes: ArrayLike) -> DecisionCost:
        """Give the same costs by class codes instead of labels.

        Parameters
        ----------
        classes : array-like of shape (K,)
            Labels in the order of their codes.

        Raises
        ------
        ValueError
            If a dict names a label that is not among them, or a cost that is no number.
        """
        if not isinstance(self.misclassification, Mapping):
            return self
        return DecisionCost(_by_label(self.misclassification, np.asarray(classes)), self.delay)

    def matrix(self, n_classes: int) -> NDArray[np.float64]:
        """Return the misclassification costs as a (K, K) array ``[true, predicted]``.

        Parameters
        ----------
        n_classes : int
            The number of classes K.

        Returns
        -------
        ndarray of shape (K, K)

        Raises
        ------
        ValueError
            If ``misclassification`` is neither "zero_one" nor a finite (K, K) matrix. The labels of
            a dict are then codes; :meth:`for_classes` knows others.
        """
        if isinstance(self.misclassification, Mapping):
            return _by_label(self.misclassification, np.arange(n_classes))
        allowed = (
            f"'zero_one', a dict by label or a finite ({n_classes}, {n_classes}) matrix [true, "
            f"predicted]"
        )
        if isinstance(self.misclassification, str):
            if self.misclassification != "zero_one":
                raise ValueError(f"misclassification={self.misclassification!r} must be {allowed}.")
            return 1.0 - np.eye(n_classes)
        try:
            matrix = np.asarray(self.misclassification, dtype=np.float64)
        except (TypeError, ValueError):
            raise ValueError(
                f"misclassification={self.misclassification!r} must be {allowed}."
            ) from None
        if matrix.shape != (n_classes, n_classes) or not np.isfinite(matrix).all():
            raise ValueError(f"misclassification={self.misclassification!r} must be {allowed}.")
        return matrix

    def delay_cost(self, fractions: ArrayLike) -> NDArray[np.float64]:
        """Return ``D(f)`` for fractions of the full length.

        Parameters
        ----------
        fractions : array-like
            Shares of the full length that were seen, in [0, 1]; any shape.

        Returns
        -------
        ndarray of the shape of ``fractions``

        Raises
        ------
        ValueError
            If ``delay`` is a negative or non-finite number, or a function whose answer is not
            finite or has another shape.
        """
        fractions = np.asarray(fractions, dtype=np.float64)
        if not callable(self.delay):
            coefficient = check_real("delay", self.delay, 0.0, sys.float_info.max)
            return coefficient * fractions
        check_takes("delay", self.delay, ("fractions",))
        costs = np.asarray(self.delay(fractions), dtype=np.float64)
        if costs.shape != fractions.shape or not np.isfinite(costs).all():
            raise ValueError(
                f"delay={self.delay!r} must give finite costs of shape {fractions.shape} for "
                f"fractions of that shape; it gave shape {costs.shape}: {costs!r}."
            )
        return costs

    def of(
        self,
        y_true: ArrayLike,
        y_pred: ArrayLike,
        fractions: ArrayLike,
        n_classes: int | None = None,
    ) -> NDArray[np.float64]:
        """Return the cost of each decision.

        Parameters
        ----------
        y_true, y_pred : array-like of int
            Class codes 0..K-1; all three arguments broadcast against each other.
        fractions : array-like of float
            Share of the full length seen at each decision.
        n_classes : int, optional
            The number of classes K; by default as many as the matrix has, or the codes need.

        Returns
        -------
        ndarray
            The costs, in the broadcast shape.
        """
        y_true, y_pred = np.asarray(y_true), np.asarray(y_pred)
        if n_classes is None:
            known = self.misclassification
            n_classes = int(max(y_true.max(initial=0), y_pred.max(initial=0))) + 1
            if isinstance(known, Mapping):
                n_classes = max(n_classes, *(int(code) + 1 for code in known))
            elif not isinstance(known, str):
                n_classes = len(known)
        return self.matrix(n_classes)[y_true, y_pred] + self.delay_cost(fractions)


def _by_label(costs: Mapping[Any, Any], classes: NDArray[Any]) -> NDArray[np.float64]:
    """Costs by label → a matrix (K, K) in the order of the classes."""
    labels = classes.tolist()
    matrix = 1.0 - np.eye(len(labels))

    def place(label: Any) -> int:
        if label not in labels:
            raise ValueError(f"misclassification={costs!r} names {label!r}; labels are {labels}.")
        return labels.index(label)

    for true, of_decisions in costs.items():
        row, name = place(true), f"misclassification[{true!r}]"
        if not isinstance(of_decisions, Mapping):
            of_error = check_real(name, of_decisions, -LARGEST)
            matrix[row] = np.where(np.arange(len(labels)) == row, 0.0, of_error)
            continue
        for decided, cost in of_decisions.items():
            matrix[row, place(decided)] = check_real(f"{name}[{decided!r}]", cost, -LARGEST)
    return matrix


def average_cost(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    fractions: ArrayLike,
    cost: DecisionCost | None = None,
    classes: ArrayLike | None = None,
) -> float:
    """Average cost of a set of early decisions.

    Parameters
    ----------
    y_true, y_pred : array-like of shape (n,)
        True and decided labels, of any type.
    fractions : array-like of shape (n,)
        Share of the full length seen when each decision fell (stop time / full length).
    cost : DecisionCost, optional
        Default: ``DecisionCost()``, hence ``1 - accuracy + earliness``.
    classes : array-like of shape (K,), optional
        Sorted labels that the rows of the cost matrix stand for; by default those that occur.

    Returns
    -------
    float

    Raises
    ------
    ValueError
        If lengths differ, nothing is given, or a label is not among ``classes``.

    Examples
    --------
    >>> from gdpd_sklearn.metrics import average_cost
    >>> round(average_cost(["a", "b"], ["a", "a"], [0.2, 0.4]), 3)
    0.8
    """
    y_true, y_pred = np.asarray(y_true), np.asarray(y_pred)
    seen = np.asarray(fractions, dtype=np.float64)
    if not (y_true.ndim == 1 and y_true.shape == y_pred.shape == seen.shape and len(y_true)):
        raise ValueError(
            f"y_true, y_pred and fractions must be one-dimensional, of one length above 0; got "
            f"shapes {y_true.shape}, {y_pred.shape} and {seen.shape}."
        )
    occurring = np.unique(np.concatenate([y_true, y_pred]))
    labels = occurring if classes is None else np.asarray(classes)
    unknown = np.setdiff1d(occurring, labels)
    if unknown.size:
        raise ValueError(f"classes={labels.tolist()!r} lacks the labels {unknown.tolist()!r}.")
    order = np.argsort(labels)
    codes = [order[np.searchsorted(labels, y, sorter=order)] for y in (y_true, y_pred)]
    cost = DecisionCost() if cost is None else cost.for_classes(labels)
    return float(cost.of(codes[0], codes[1], seen, n_classes=len(labels)).mean())
