"""Training: the torch loop, the teacher, the students."""

from gdpd_sklearn.training._crossfit import CrossFit, cross_fit
from gdpd_sklearn.training._fit import (
    FitResult,
    FitSettings,
    fit_students,
    fit_teacher_alone,
)
from gdpd_sklearn.training._many import FitRequest, fit_many
from gdpd_sklearn.training._plan import OPTIMIZERS, SCHEDULES, TrainingPlan
from gdpd_sklearn.training._ridge import (
    Coordinates,
    RidgeHeads,
    RidgeSettings,
    class_targets,
    solve_ridge,
)
from gdpd_sklearn.training._shared_fits import SharedFits, fulfil
from gdpd_sklearn.training._teacher import FittedTeacher, fit_teacher

__all__ = [
    "OPTIMIZERS",
    "SCHEDULES",
    "Coordinates",
    "CrossFit",
    "FitRequest",
    "FitResult",
    "FitSettings",
    "FittedTeacher",
    "RidgeHeads",
    "RidgeSettings",
    "SharedFits",
    "TrainingPlan",
    "class_targets",
    "cross_fit",
    "fit_many",
    "fit_students",
    "fit_teacher",
    "fit_teacher_alone",
    "fulfil",
    "solve_ridge",
]
