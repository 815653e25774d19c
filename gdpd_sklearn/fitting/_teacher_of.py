"""The teacher of a task: handed in, remembered, or trained."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from gdpd_sklearn._determinism import same_twice
from gdpd_sklearn._device import resolve_device
from gdpd_sklearn._isolation import plain_torch
from gdpd_sklearn._seeding import stream_seed
from gdpd_sklearn._version import __version__
from gdpd_sklearn.data import select_cases
from gdpd_sklearn.distillers import Distiller
from gdpd_sklearn.fitting._recall import recall
from gdpd_sklearn.fitting._task import FitTask
from gdpd_sklearn.fitting._teacher import FittedTeacher, TeacherOrder, fit_teacher

__all__ = ["fit_teacher_of", "order_of"]


@plain_torch()
def fit_teacher_of(task: FitTask) -> FittedTeacher:
    """Give the teacher of a task: the one handed in, one remembered, or a new one."""
    with same_twice(resolve_device(task.settings.device)):
        return _teacher_of(task)


def _teacher_of(task: FitTask) -> FittedTeacher:
    settings = task.settings
    if isinstance(settings.teacher, FittedTeacher):
        _check_fitted_teacher(settings.teacher, task.X, task.classes, settings.distiller)
        return settings.teacher
    remembered = recall(settings.memory, fit_teacher, ignore=["verbose"])
    teacher: FittedTeacher = remembered(*order_of(task), version=__version__)
    return teacher


def order_of(task: FitTask) -> TeacherOrder:
    """Say which teacher a task wants trained."""
    settings = task.settings
    assert not isinstance(settings.teacher, FittedTeacher)
    train_cases, validation = task.parts()
    train_cases = np.union1d(train_cases, task.unlabelled)
    weights = task.weight_of(train_cases), task.weight_of(validation)
    return TeacherOrder(
        select_cases(task.X, train_cases), task.y[train_cases],
        select_cases(task.X, validation), task.y[validation], task.classes,
        settings.teacher, settings.teacher_plan, settings.teacher_input_length, settings.scaling,
        settings.class_weight, *weights, stream_seed(task.root, "teacher"),
        str(resolve_device(settings.device)), settings.verbose,
    )  # fmt: skip


def _check_fitted_teacher(
    teacher: FittedTeacher,
    X: NDArray[np.floating],
    classes: tuple[Any, ...],
    distiller: Distiller,
) -> None:
    # features are of use whatever the teacher learned to tell apart
    wanted = classes if distiller.uses_logits else teacher.classes
    expected = (X.shape[1], X.shape[2], tuple(wanted))
    found = (teacher.model.n_channels, teacher.model.lengths[0], tuple(teacher.classes))
    for name, want, have in zip(
        ("channels", "time points", "classes"), expected, found, strict=True
    ):
        if want != have:
            raise ValueError(
                f"teacher was fitted on series with {name} {have}, but X, y have {name} {want}; "
                f"hand in a teacher fitted on series like these."
            )
