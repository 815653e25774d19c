"""Training: the torch loop, the teacher, the students."""

from gdpd_sklearn.training._fit import FitResult, FitSettings, fit_students
from gdpd_sklearn.training._plan import OPTIMIZERS, SCHEDULES, TrainingPlan
from gdpd_sklearn.training._teacher import FittedTeacher, fit_teacher

__all__ = [
    "OPTIMIZERS",
    "SCHEDULES",
    "FitResult",
    "FitSettings",
    "FittedTeacher",
    "TrainingPlan",
    "fit_students",
    "fit_teacher",
]
