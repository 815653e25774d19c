"""Cross-fitting: probabilities of cases that no student, nor its teacher, was trained on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gdpd_sklearn._seeding import stream_seed
from gdpd_sklearn.data import stratified_folds
from gdpd_sklearn.fitting._task import FitResult, FitTask
from gdpd_sklearn.fitting._teacher import FittedTeacher
from gdpd_sklearn.networks import PrefixModel

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
        Which cases of the task these are.
    codes : ndarray of int, shape (M,)
        Their classes, where they have no label by the teacher. Not held out are lone cases of their
        class, and cases without a label that no teacher knows or that train networks.
    history : pandas.DataFrame
        Of all folds, with a column ``fold``.
    teacher_scores : list of float or None
        Accuracy of each fold's teacher on that fold's cases, complete series, which it never saw
        (its own ``score`` is on the validation part, which chose its epoch); None without a
        teacher.
    whole : FitResult or None
        Of all cases, where it was asked for.
    calibrated : bool
        Whether the held-out answers have their temperature already.
    weight : ndarray of shape (M,), or None
        What these cases count, by themselves and by their class; None where all count the same.
    teacher_history : pandas.DataFrame or None
        Of all folds' teachers, with a column ``fold`` where there are folds.
    """

    models: list[PrefixModel]
    held_out: NDArray[np.float64]
    cases: NDArray[np.int64]
    codes: NDArray[np.int64]
    history: pd.DataFrame
    teacher_scores: list[float | None]
    whole: FitResult | None
    calibrated: bool = False
    weight: NDArray[np.float64] | None = None
    teacher_history: pd.DataFrame | None = None


def cross_fit(
    task: FitTask,
    n_folds: int,
    fit_tasks: Callable[[list[FitTask]], list[FitResult]],
    *,
    whole: bool = False,
) -> CrossFit:
    """Fit students on all but one fold, fold by fold, and ask them about the fold left out.

    Every fold has a teacher of its own: one that had seen the held-out cases would hand on what it
    knows of them.

    Parameters
    ----------
    task : FitTask
        On all cases.
    n_folds : int
        At least 2.
    fit_tasks : callable
        The door to the trainer.
    whole : bool, default=False
        Whether to fit the task itself too.
    """
    X, y, lengths, classes = task.X, task.y, task.lengths, task.classes
    if task.settings.student.fixed:
        (result,) = fit_tasks([task])
        return _from_left_out(task, result)
    labelled = task.labelled
    folds = np.full(len(y), -1)
    folds[labelled] = stratified_folds(y[labelled], n_folds, stream_seed(task.root, "folds"))
    tasks = [
        task.without(folds == fold, stream_seed(task.root, f"fold {fold}"))
        for fold in range(n_folds)
    ]
    results = fit_tasks([*tasks, task] if whole else tasks)
    on_all = results.pop() if whole else None
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
        codes=y[cases],
        history=pd.concat(
            [result.history.assign(fold=fold) for fold, result in enumerate(results)],
            ignore_index=True,
        ),
        teacher_scores=teacher_scores,
        whole=on_all,
        weight=_weight(task, cases, y[cases]),
        teacher_history=_teacher_history(results),
    )


def _from_left_out(task: FitTask, result: FitResult) -> CrossFit:
    """Take the left-out answers of a closed form: every case is held out, and nothing is folded."""
    assert result.left_out is not None
    assert result.codes is not None
    known = np.isfinite(result.left_out).all((0, 2))
    # without a lone case its class is unknown
    taught = known & (result.codes >= 0)
    cases = np.flatnonzero(taught & (np.bincount(result.codes[taught])[result.codes] > 1))
    teacher, score = result.teacher, None
    if teacher is not None and teacher.left_out is not None:
        learned = np.setdiff1d(np.union1d(task.labelled, task.unlabelled), result.validation)
        own = task.y[learned]
        score = float((teacher.left_out.argmax(1).numpy() == own)[own >= 0].mean())
    return CrossFit(
        models=[result.model],
        held_out=result.left_out[:, cases],
        cases=cases,
        codes=result.codes[cases],
        history=result.history,
        teacher_scores=[score],
        whole=None,
        calibrated=True,
        weight=_weight(task, cases, result.codes[cases]),
        teacher_history=None if teacher is None else teacher.history,
    )


def _teacher_history(results: list[FitResult]) -> pd.DataFrame | None:
    """Put the histories of all folds' teachers into one table."""
    tables = [
        result.teacher.history.assign(fold=fold)
        for fold, result in enumerate(results)
        if result.teacher is not None
    ]
    return pd.concat(tables, ignore_index=True) if tables else None


def _weight(
    task: FitTask, cases: NDArray[np.int64], codes: NDArray[np.int64]
) -> NDArray[np.float64] | None:
    """Say what held-out cases count, given what they were learned as."""
    by_case, by_class = task.weight_of(cases), task.settings.class_weight
    if by_class is None:
        return by_case
    weight = by_class[codes].astype(np.float64)
    return weight if by_case is None else weight * by_case


def _accuracy(
    teacher: FittedTeacher | None, X: NDArray[np.floating], y: NDArray[np.integer]
) -> float | None:
    if teacher is None:
        return None
    return float((teacher.model.predict_logits(X).argmax(1) == y).mean())
