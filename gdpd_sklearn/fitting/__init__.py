"""Fitting: tasks in, results out; teachers, and the choice between solver and trainer."""

from gdpd_sklearn.fitting._crossfit import CrossFit, cross_fit
from gdpd_sklearn.fitting._fit import Recalls, attempt, fit, fit_or_recall
from gdpd_sklearn.fitting._task import FitResult, FitSettings, FitTask
from gdpd_sklearn.fitting._teacher import FittedTeacher, fit_teacher
from gdpd_sklearn.fitting._teacher_of import fit_teacher_of

__all__ = [
    "CrossFit",
    "FitResult",
    "FitSettings",
    "FitTask",
    "FittedTeacher",
    "Recalls",
    "attempt",
    "cross_fit",
    "fit",
    "fit_or_recall",
    "fit_teacher",
    "fit_teacher_of",
]
