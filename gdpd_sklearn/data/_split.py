"""Stratified splits that keep every class in training."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["stratified_folds", "stratified_holdout"]


def stratified_holdout(
    y: NDArray[np.integer], fraction: float, seed: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Part cases into training and validation, class by class.

    Each class of n cases gives ``round(fraction · n)`` of them, at least one and at most n − 1;
    a class of one case stays in training whole. (scikit-learn's ``train_test_split`` refuses such
    classes, which the archives contain.)

    Parameters
    ----------
    y : ndarray of int, shape (N,)
        Class codes.
    fraction : float in [0, 1)
        Share of validation cases; 0 gives none.
    seed : int

    Returns
    -------
    train, validation : ndarray of int
        Sorted indices.
    """
    if fraction == 0:
        return np.arange(len(y)), np.arange(0)
    rng = np.random.default_rng(seed)
    held: list[NDArray[np.int64]] = []
    for label in np.unique(y):
        cases = rng.permutation(np.flatnonzero(y == label))
        n_held = min(max(1, round(fraction * len(cases))), len(cases) - 1)
        held.append(cases[:n_held])
    validation = np.sort(np.concatenate(held))
    return np.setdiff1d(np.arange(len(y)), validation), validation


def stratified_folds(y: NDArray[np.integer], n_folds: int, seed: int) -> NDArray[np.int64]:
    """Deal the cases of each class over the folds; a lone case of its class is held out nowhere.

    Classes are dealt one after another in a circle, so that folds differ by at most one case and
    small classes do not all end in the first fold.

    Returns
    -------
    ndarray of int, shape (N,)
        Fold of each case, −1 for a case that is in every training part.
    """
    rng = np.random.default_rng(seed)
    folds = np.full(len(y), -1, dtype=np.int64)
    turn = 0
    for label in np.unique(y):
        cases = rng.permutation(np.flatnonzero(y == label))
        if len(cases) > 1:
            folds[cases] = (turn + np.arange(len(cases))) % n_folds
            turn += len(cases)
    return folds
