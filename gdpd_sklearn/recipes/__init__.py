"""Recipes: how networks are trained, as a part that can be swapped like any other."""

from gdpd_sklearn.recipes._loss import SupervisedLoss, supervised_loss
from gdpd_sklearn.recipes._plan import OPTIMIZERS, SCHEDULES, DivergedError, TrainingPlan
from gdpd_sklearn.recipes._training import TRAININGS, Training

__all__ = [
    "OPTIMIZERS",
    "SCHEDULES",
    "TRAININGS",
    "DivergedError",
    "SupervisedLoss",
    "Training",
    "TrainingPlan",
    "supervised_loss",
]
