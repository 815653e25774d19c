"""Training: tasks in, results out; the trainer, the teacher, cross-fitting."""

from gdpd_sklearn.training._crossfit import CrossFit, cross_fit
from gdpd_sklearn.training._fit import Recalls, attempt, fit, fit_or_recall, fit_teacher_of
from gdpd_sklearn.training._history import Columns, as_columns, as_frame
from gdpd_sklearn.training._step import Source
from gdpd_sklearn.training._task import FitResult, FitSettings, FitTask
from gdpd_sklearn.training._teacher import FittedTeacher, fit_teacher
from gdpd_sklearn.training._trainer import Run, train

__all__ = [
    "Columns",
    "CrossFit",
    "FitResult",
    "FitSettings",
    "FitTask",
    "FittedTeacher",
    "Recalls",
    "Run",
    "Source",
    "as_columns",
    "as_frame",
    "attempt",
    "cross_fit",
    "fit",
    "fit_or_recall",
    "fit_teacher",
    "fit_teacher_of",
    "train",
]
