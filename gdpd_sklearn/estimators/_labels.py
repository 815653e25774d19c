"""What the labels of a fit and of a score may hold: classes, and a mark where there is none."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from aeon.classification.base import BaseClassifier
from numpy.typing import NDArray

from gdpd_sklearn.data import Mark, find_unlabelled, plain_labels

__all__ = ["MarkedLabels", "check_all_labelled", "check_labels", "encode_labels"]


def check_labels(estimator: Any, y: Any, n_cases: int) -> NDArray[Any]:
    """Check the labels of a fit as aeon does, those aside that carry the estimator's mark.

    Sets ``classes_`` and what aeon sets with it; the mark is not among the classes.

    Returns
    -------
    ndarray of shape (n_cases,)
        All labels, marks too.

    Raises
    ------
    ValueError
        If all cases carry the mark, or labels are masked.
    """
    if isinstance(y, np.ma.MaskedArray):
        if np.ma.is_masked(y):
            raise ValueError("y has masked labels; leave these cases out, or mark them.")
        y = y.data
    if estimator.unlabelled is None:
        _check_none_missing(y)
        checked: NDArray[Any] = BaseClassifier._check_y(estimator, y, n_cases)
        return checked
    if not isinstance(estimator.unlabelled, str | bytes | int | float | np.generic):
        raise ValueError(
            f"unlabelled={estimator.unlabelled!r} must be None, or the one label (a number or "
            f"text) that stands for none."
        )
    labels: NDArray[Any] = np.asarray(y.squeeze() if isinstance(y, pd.DataFrame) else y)
    marked = find_unlabelled(labels, estimator.unlabelled)
    if marked.all():
        raise ValueError(
            f"y holds nothing but unlabelled={estimator.unlabelled!r}; at least two cases need a "
            f"label."
        )
    known = plain_labels(labels[~marked])
    BaseClassifier._check_y(estimator, known, n_cases - int(marked.sum()))
    return labels


def _check_none_missing(y: Any) -> None:
    """Refuse missing labels; aeon would sort them, which fails, or cast them."""
    if not isinstance(y, np.ndarray | pd.Series):
        return
    missing = np.asarray(pd.isna(y))
    if missing.ndim == 1 and missing.any():
        case = int(missing.argmax())
        raise ValueError(
            f"y has no label in {int(missing.sum())} cases, the first is case {case}; leave them "
            f"out, or set unlabelled=float('nan') to learn from them without labels."
        )


def encode_labels(y: NDArray[Any], classes: NDArray[Any], mark: Mark = None) -> NDArray[np.int64]:
    """Labels → codes 0 … K − 1, the mark → −1.

    Raises
    ------
    ValueError
        If no class has more than one case: there is nothing to generalise from.
    """
    marked = find_unlabelled(y, mark)
    codes = np.full(len(y), -1, dtype=np.int64)
    known = y[~marked].astype(classes.dtype) if marked.any() else y
    codes[~marked] = np.searchsorted(classes, known)
    if np.bincount(codes[~marked]).max() < 2:
        raise ValueError(
            f"y has one case per class ({len(known)} cases, {len(classes)} classes); at least one "
            f"class needs 2 cases or more."
        )
    return codes


class MarkedLabels:
    """Labels of a classifier that may carry a mark in ``fit``, and not in ``score``."""

    unlabelled: Mark

    def _check_y(
        self, y: Any, n_cases: int, update_classes: bool = True, allow_single_class: bool = False
    ) -> NDArray[Any]:
        if update_classes:
            return check_labels(self, y, n_cases)
        check_all_labelled(y, self.unlabelled)
        checked: NDArray[Any] = super()._check_y(  # type: ignore[misc]
            y, n_cases, update_classes, allow_single_class
        )
        return checked


def check_all_labelled(y: Any, mark: Mark) -> None:
    """Refuse marks where labels are needed to compare with.

    Raises
    ------
    ValueError
        That says which splitter keeps them out of test parts.
    """
    n_marked = int(find_unlabelled(y, mark).sum())
    if n_marked:
        raise ValueError(
            f"y holds {n_marked} cases without a label (unlabelled={mark!r}), which no score can "
            f"judge. In a cross-validation pass cv=LabelledKFold(unlabelled={mark!r}) of "
            f"gdpd_sklearn.model_selection, which keeps them in the training parts."
        )
