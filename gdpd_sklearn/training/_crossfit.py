"""Cross-fitting: probabilities of cases that no student, nor its teacher, was trained on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from numpy.typing import NDArray

from gdpd_sklearn._seeding import stream_seed
from gdpd_sklearn.networks import PrefixModel
from gdpd_sklearn.training._fit import FitResult, FitSettings, fit_students
from gdpd_sklearn.training._teacher import FittedTeacher

__all__ = ["CrossFit", "cross_fit"]


@dataclass(frozen=True)
class CrossFit:
    """What cross-fitting leaves.

    Attributes
    ----------
    models : list of PrefixModel
        One per fold, each fitted without its fold's cases.
    held_out : ndarray of shape (P, M, K)
        Probabilities of each held-out case, by the one model that never saw it.
    cases : ndarray of int, shape (M,)
        Which training cases these are; all but the lone cases of their class.
    history : pandas.DataFrame
        Of all folds, with a column ``fold``.
    teacher_scores : list of float or None
        Accuracy of each fold's teacher on that fold's cases, complete series, which it never saw
        (its own ``score`` is on the validation part, which chose its epoch); None without a
        teacher.
    """

    models: list[PrefixModel]
    held_out: NDArray[np.float64]
    cases: NDArray[np.int64]
    history: pd.DataFrame
    teacher_scores: list[float | None]


def cross_fit(
    X: NDArray[np.floating],
    y: NDArray[np.integer],
    classes: tuple[Any, ...],
    lengths: Sequence[int],
    settings: FitSettings,
    root: int,
    n_folds: int,
    n_jobs: int | None,
) -> CrossFit:
    """Fit students on all but one fold, fold by fold, and ask them about the fold left out.

    Every fold has a teacher of its own: one that had seen the held-out cases would hand on what it
    knows of them.

    Parameters
    ----------
    X, y, classes, lengths, settings, root
        As for :func:`fit_students`.
    n_folds : int
        At least 2.
    n_jobs : int or None
        Folds side by side (joblib).
    """
    folds = stratified_folds(y, n_folds, stream_seed(root, "folds"))
    results: list[FitResult] = Parallel(n_jobs=n_jobs)(
        delayed(fit_students)(
            X[folds != fold], y[folds != fold], classes, lengths, settings,
            stream_seed(root, f"fold {fold}"),
        )
        for fold in range(n_folds)
    )  # fmt: skip
    cases = np.flatnonzero(folds >= 0)
    held_out = np.empty((len(lengths), len(y), len(classes)))
    for fold, result in enumerate(results):
        held_out[:, folds == fold] = result.model.predict_proba_all(X[folds == fold])
    teacher_scores = [
        _accuracy(result.teacher, X[folds == fold], y[folds == fold])
        for fold, result in enumerate(results)
    ]
    return CrossFit(
        models=[result.model for result in results],
        held_out=held_out[:, cases],
        cases=cases,
        history=pd.concat(
            [result.history.assign(fold=fold) for fold, result in enumerate(results)],
            ignore_index=True,
        ),
        teacher_scores=teacher_scores,
    )


def _accuracy(
    teacher: FittedTeacher | None, X: NDArray[np.floating], y: NDArray[np.integer]
) -> float | None:
    if teacher is None:
        return None
    return float((teacher.model.predict_logits(X).argmax(1) == y).mean())


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
