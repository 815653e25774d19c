"""How well probabilities rank cases, class by class."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.metrics import auc, precision_recall_curve

__all__ = ["auc_prc", "auc_prc_per_class"]


def auc_prc(y_true: ArrayLike, probabilities: ArrayLike, classes: ArrayLike | None = None) -> float:
    """Area under the precision–recall curve, one class against the rest, averaged over classes.

    The area is taken by trapezoids under scikit-learn's curve, each class counts the same, and
    two classes are treated as any other number: both are averaged. (scikit-learn's
    ``average_precision_score`` is the step-wise area, a little lower as a rule.) With a rare class
    look at :func:`auc_prc_per_class` too: the common one is easy to rank and lifts the mean.

    Parameters
    ----------
    y_true : array-like of shape (n,)
        True labels.
    probabilities : array-like of shape (n, K)
        Score of each class; columns in the order of ``classes``.
    classes : array-like of shape (K,), optional
        Labels of the columns; by default the sorted labels of ``y_true``.

    Returns
    -------
    float
        In [0, 1]; higher is better.

    Raises
    ------
    ValueError
        If shapes do not fit, or a class of ``classes`` does not occur in ``y_true``: recall is
        then undefined, and leaving the class out would silently change what is averaged.

    Examples
    --------
    >>> from gdpd_sklearn.metrics import auc_prc
    >>> auc_prc([0, 0, 1], [[0.9, 0.1], [0.6, 0.4], [0.2, 0.8]])
    1.0
    """
    return float(auc_prc_per_class(y_true, probabilities, classes).mean())


def auc_prc_per_class(
    y_true: ArrayLike, probabilities: ArrayLike, classes: ArrayLike | None = None
) -> NDArray[np.float64]:
    """Area under the precision–recall curve of each class against the rest.

    A ranking by chance has the share of the class as its area.

    Parameters
    ----------
    y_true, probabilities, classes
        As for :func:`auc_prc`, with the same errors.

    Returns
    -------
    ndarray of shape (K,)
        In [0, 1]; in the order of the columns.

    Examples
    --------
    >>> from gdpd_sklearn.metrics import auc_prc_per_class
    >>> auc_prc_per_class([0, 0, 1], [[0.9, 0.1], [0.6, 0.4], [0.2, 0.8]])
    array([1., 1.])
    """
    labels = np.asarray(y_true)
    scores = np.asarray(probabilities, dtype=np.float64)
    occurring = np.unique(labels)
    names = occurring if classes is None else np.asarray(classes)
    if labels.ndim != 1 or scores.shape != (len(labels), len(names)) or len(names) < 2:
        raise ValueError(
            f"probabilities of shape {scores.shape} must have the shape ({labels.size}, "
            f"{len(names)}): one row for each of y_true, one column for each of at least two "
            f"classes {names.tolist()!r}. Hand over classes if y_true lacks one."
        )
    missing = np.setdiff1d(names, occurring)
    unknown = np.setdiff1d(occurring, names)
    if missing.size or unknown.size:
        raise ValueError(
            f"classes={names.tolist()!r} must be exactly the labels of y_true; missing there: "
            f"{missing.tolist()!r}, unknown: {unknown.tolist()!r}. The precision-recall curve of "
            f"a class without cases is undefined."
        )
    areas = []
    for k, name in enumerate(names):
        precision, recall, _ = precision_recall_curve(labels == name, scores[:, k])
        areas.append(auc(recall, precision))
    return np.array(areas)
