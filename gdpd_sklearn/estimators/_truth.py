"""Labels that a score is asked about: one for each case, of the kind that fit saw."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from gdpd_sklearn.data import plain_labels

__all__ = ["check_truth"]

_KINDS = {"b": "numbers", "i": "numbers", "u": "numbers", "f": "numbers", "U": "text", "S": "bytes"}
_KINDS |= {"M": "dates", "m": "durations"}


def check_truth(y: Any, classes: NDArray[Any], n_cases: int) -> NDArray[Any]:
    """Take true labels as an array (n_cases,); a column is one too.

    A label that no training case had is allowed, and never right.

    Raises
    ------
    ValueError
        If there is not one label for each case, if one is missing (None, NaN), or if they are of
        another kind than ``classes``: no text is equal to a number.
    """
    labels = np.asarray(y)
    if labels.ndim == 2 and labels.shape[1] == 1:
        labels = labels[:, 0]
    if labels.shape != (n_cases,):
        raise ValueError(
            f"y of shape {labels.shape} must hold one label for each of the {n_cases} cases."
        )
    if labels.dtype.kind == "O":
        if any(each is None or each != each for each in labels):
            raise ValueError("y has missing labels (None or NaN); leave these cases out.")
        labels = plain_labels(labels) if len(labels) else labels.astype(classes.dtype)
    if labels.dtype.kind in "fmM" and not np.isfinite(labels).all():
        raise ValueError("y has missing labels (NaN) or infinite ones; leave these cases out.")
    classes = plain_labels(classes)
    found, known = (_KINDS.get(each.dtype.kind, str(each.dtype)) for each in (labels, classes))
    if len(labels) and found != known:
        raise ValueError(
            f"y holds {found} such as {labels[0]!r}, but the classifier was fitted on {known} such "
            f"as {classes[0]!r}; cast y to the type that fit saw."
        )
    return labels
