"""Figures of a fitted student: first those of the validation part, then those of the test split."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gdpd_sklearn import GDPDClassifier
from gdpd_sklearn.data import resolve_prefix_length
from gdpd_sklearn.distillers import Distiller, Progress
from gdpd_sklearn.fitting import FittedTeacher
from gdpd_sklearn.metrics import auc_prc, auc_prc_per_class, predictive_kl, top1_agreement
from gdpd_sklearn.networks import PrefixModel

__all__ = [
    "EARLINESS",
    "figures_on_test",
    "longer_shares",
    "own_figures",
    "transfer_figures",
    "validation_figures",
]

EARLINESS = (0.2, 0.4, 0.5, 0.6, 0.8, 1.0)
"""Shares of the series at which the paper tests."""

Figures = dict[str, Any]
Array = NDArray[Any]


def validation_figures(student: GDPDClassifier, X: Array, y: Array) -> Figures:
    """Figures by which a weight may be chosen: none of them knows the test split.

    AUC-PRC is over the classes that the validation part has (a class of one case is never in it);
    without a validation part, or with one class in it, there is none.

    Parameters
    ----------
    student : GDPDClassifier
        Fitted on ``X, y``.
    """
    figures: Figures = {"validation_auc_prc": None, "validation_loss": None}
    held = student.validation_cases_
    if len(held) == 0:
        return figures
    assert isinstance(student.distiller, Distiller)
    planned = student.n_epochs
    if planned is None:
        planned = student.model_.architecture.n_epochs
    # a solved student has one row and no epochs
    epochs = student.history_.get("epoch", [planned])
    eligible = [
        loss
        for epoch, loss in zip(epochs, student.history_["validation_loss"], strict=True)
        if student.distiller.stage(Progress(epoch, planned)).selects and not math.isnan(loss)
    ]
    figures["validation_loss"] = float(min(eligible)) if eligible else None
    codes = np.searchsorted(student.classes_, y[held])
    present = np.unique(codes)
    if len(present) > 1:
        probabilities = student.predict_proba(X[held])[:, present]
        figures["validation_auc_prc"] = auc_prc(codes, probabilities, present)
    return figures


def figures_on_test(
    classes: Array, teacher: FittedTeacher, probabilities: NDArray[np.float64], X: Array, y: Array
) -> Figures:
    """Figures on the test split: the student's, the teacher's, and how far they agree.

    A teacher of other classes has none, and agrees in nothing that could be measured.

    Parameters
    ----------
    classes : ndarray of shape (K,)
    teacher : FittedTeacher
    probabilities : ndarray of shape (n, K)
        Of the student, on prefixes.
    X, y
        Complete series of the test split.
    """
    figures: Figures = {
        **own_figures(classes, probabilities, y),
        **dict.fromkeys(("teacher_auc_prc", "teacher_accuracy", "agreement", "predictive_kl")),
    }
    if tuple(teacher.classes) == tuple(classes):
        theirs = teacher.model.predict_proba(X)
        figures |= {
            "teacher_auc_prc": auc_prc(y, theirs, classes),
            "teacher_accuracy": float((classes[theirs.argmax(1)] == y).mean()),
            "agreement": top1_agreement(theirs, probabilities),
            "predictive_kl": predictive_kl(theirs, probabilities),
        }
    return figures


def own_figures(classes: Array, probabilities: NDArray[np.float64], y: Array) -> Figures:
    """Figures on the test split of who has no teacher: areas and accuracy."""
    by_class = auc_prc_per_class(y, probabilities, classes)
    return {
        "auc_prc": float(by_class.mean()),
        "class_auc_prc": dict(zip(map(str, classes), by_class.tolist(), strict=True)),
        "accuracy": float((classes[probabilities.argmax(1)] == y).mean()),
    }


def transfer_figures(student: GDPDClassifier, X: Array, y: Array) -> dict[str, float]:
    """AUC-PRC of a student on longer prefixes than it was trained on, by share of the series."""
    seen = X[:, list(student.channels_)]
    return {
        f"{share:g}": auc_prc(
            y, _stretched_from(student, share, X.shape[2]).predict_proba(seen), student.classes_
        )
        for share in longer_shares(student.prefix_length)
    }


def longer_shares(share: float) -> list[float]:
    """Those of the paper's shares of the series that are longer."""
    return [e for e in EARLINESS if e > share]


def _stretched_from(student: GDPDClassifier, share: float, n_timepoints: int) -> PrefixModel:
    """Give the student with a view of a longer prefix, stretched to the same input."""
    model = student.model_
    view = model.view.at([resolve_prefix_length(share, n_timepoints)])
    return PrefixModel([model[0]], view, model.architecture)
