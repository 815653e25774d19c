"""The door: tasks in, results out. Teachers first, each once; then students, side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Protocol, runtime_checkable

from joblib import Parallel, delayed, effective_n_jobs

from gdpd_sklearn._determinism import same_twice
from gdpd_sklearn._device import resolve_device
from gdpd_sklearn._isolation import plain_torch
from gdpd_sklearn.fitting._groups import (
    along_sources,
    group_key,
    grouped,
    teacher_bank,
    teacher_key,
)
from gdpd_sklearn.fitting._students import attempt_one, fit_students
from gdpd_sklearn.fitting._task import FitResult, FitTask
from gdpd_sklearn.fitting._teacher import FittedTeacher, fit_teachers
from gdpd_sklearn.fitting._teacher_of import fit_teacher_of, order_of
from gdpd_sklearn.recipes import DivergedError

__all__ = ["Recalls", "attempt", "fit", "fit_or_recall"]


def fit(tasks: Sequence[FitTask], n_jobs: int | None = None) -> list[FitResult]:
    """Fit every task, and nothing twice.

    Tasks of the same cases and seed share a teacher. Tasks that agree in all but cases (as many of
    them), seed, prefix lengths and what their distiller schedules are runs of one training. One
    task is a search of one.

    Parameters
    ----------
    tasks : sequence of FitTask
    n_jobs : int, optional
        Processes (joblib).

    Returns
    -------
    list of FitResult
        In the order of the tasks. A task gives the same alone and among others: to the last bit
        where its networks are looped, up to rounding where they are stacked.

    Raises
    ------
    DivergedError
        If a training ended in numbers that are not finite.
    """
    return [_unless_diverged(each) for each in attempt(tasks, n_jobs)]


def attempt(tasks: Sequence[FitTask], n_jobs: int | None = None) -> list[FitResult | DivergedError]:
    """Do as :func:`fit`, but give the failure of a task as its result: others go on."""
    teachers = _teachers(tasks, n_jobs)
    results: dict[int, FitResult | DivergedError] = {}
    tasks = list(tasks)
    for i, teacher in teachers.items():
        if isinstance(teacher, DivergedError):
            results[i] = teacher
        else:
            tasks[i] = replace(tasks[i], settings=replace(tasks[i].settings, teacher=teacher))
    going_on = [i for i in range(len(tasks)) if i not in results]
    groups = [
        part
        for group in grouped(going_on, lambda i: group_key(tasks[i]))
        for part in along_sources(tasks, group, effective_n_jobs(n_jobs))
    ]
    fitted = Parallel(n_jobs=n_jobs)(
        delayed(fit_students)([tasks[i] for i in group]) for group in groups
    )
    order = [i for group in groups for i in group]
    results |= dict(zip(order, (result for each in fitted for result in each), strict=True))
    return [results[i] for i in range(len(tasks))]


def _unless_diverged(result: FitResult | DivergedError) -> FitResult:
    if isinstance(result, DivergedError):
        raise result
    return result


@runtime_checkable
class Recalls(Protocol):
    """Stands in an estimator's ``memory`` and answers for the trainer, as a search does.

    ``own`` is the estimator's own memory.
    """

    own: Any

    def fit(self, tasks: Sequence[FitTask], n_jobs: int | None = None) -> list[FitResult]:
        """Give the results of tasks."""


def fit_or_recall(
    tasks: Sequence[FitTask], memory: object, n_jobs: int | None = None
) -> list[FitResult]:
    """Fit tasks, or ask what stands in the estimator's ``memory`` for their results."""
    return memory.fit(tasks, n_jobs) if isinstance(memory, Recalls) else fit(tasks, n_jobs)


def _teachers(
    tasks: Sequence[FitTask], n_jobs: int | None
) -> dict[int, FittedTeacher | DivergedError]:
    """Train the teachers, each once; give those of the tasks that lack one, by number."""
    wanting = [i for i, task in enumerate(tasks) if task.settings.trains_teacher]
    groups = grouped(wanting, lambda i: teacher_key(tasks[i]))
    banks = grouped(groups, lambda numbers: teacher_bank(tasks[numbers[0]]))
    fitted = Parallel(n_jobs=n_jobs)(
        delayed(_attempt_teachers)([tasks[numbers[0]] for numbers in bank]) for bank in banks
    )
    order = [numbers for bank in banks for numbers in bank]
    teachers = [teacher for bank in fitted for teacher in bank]
    return {i: teacher for numbers, teacher in zip(order, teachers, strict=True) for i in numbers}


@plain_torch()
def _attempt_teachers(tasks: Sequence[FitTask]) -> list[FittedTeacher | DivergedError]:
    if len(tasks) == 1:
        return [attempt_one(fit_teacher_of, tasks[0])]
    with same_twice(resolve_device(tasks[0].settings.device)):
        return fit_teachers([order_of(task) for task in tasks])
