"""Few labels of a training split; the other labels are out of reach."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from benchmarks._data import load_split

__all__ = ["UNLABELLED", "Draw", "draw_labels", "load_draw"]

UNLABELLED = -1
"""Mark of a case without a label."""


class Draw(NamedTuple):
    """A training split of which few labels are known, and a test split.

    Attributes
    ----------
    X, X_test : ndarray of shape (N, C, L)
    y : ndarray of int, shape (N,)
        Codes; :data:`UNLABELLED` where the label is not known.
    truth, y_test : ndarray of int, shape (N,)
        Codes of all. ``truth`` is for the bound alone.
    """

    X: NDArray[np.floating]
    y: NDArray[np.int64]
    truth: NDArray[np.int64]
    X_test: NDArray[np.floating]
    y_test: NDArray[np.int64]


def draw_labels(codes: NDArray[np.int64], per_class: int, seed: int) -> NDArray[np.int64]:
    """Keep the labels of so many cases of each class, or of all where a class has fewer."""
    random = np.random.default_rng([seed, per_class])
    known = np.full(len(codes), UNLABELLED, dtype=np.int64)
    for code in np.unique(codes):
        chosen = random.permutation(np.flatnonzero(codes == code))[:per_class]
        known[chosen] = code
    return known


def load_draw(
    name: str, per_class: int | None, seed: int, most_unlabelled: int | None, data_dir: str | None
) -> Draw:
    """Load a set and hide labels.

    Parameters
    ----------
    name : str
    per_class : int or None
        Labels that stay in each class; None keeps all.
    seed : int
        Of the draw.
    most_unlabelled : int or None
        Cases without a label beyond these are left out: networks take their time.
    data_dir : str or None
    """
    X, labels = load_split(name, "train", data_dir)
    X_test, labels_test = load_split(name, "test", data_dir)
    classes: NDArray[Any] = np.unique(labels)
    truth, y_test = (np.searchsorted(classes, each) for each in (labels, labels_test))
    y = truth.copy() if per_class is None else draw_labels(truth, per_class, seed)
    if most_unlabelled is not None:
        unlabelled = np.flatnonzero(y == UNLABELLED)
        dropped = np.random.default_rng(seed).permutation(unlabelled)[most_unlabelled:]
        kept = np.setdiff1d(np.arange(len(y)), dropped)
        X, y, truth = X[kept], y[kept], truth[kept]
    return Draw(X, y, truth, X_test, y_test)
