"""The students of a group of tasks: solved, solved and trained on, or trained side by side."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeVar

import numpy as np

from gdpd_sklearn._determinism import same_twice
from gdpd_sklearn._device import resolve_device
from gdpd_sklearn._isolation import plain_torch
from gdpd_sklearn.distillers import NoDistillation
from gdpd_sklearn.fitting._groups import grouped, source_key
from gdpd_sklearn.fitting._prepare import Prepared, prepare, warn_unheard
from gdpd_sklearn.fitting._task import FitResult, FitTask
from gdpd_sklearn.networks import CoordinateMap, PrefixModel
from gdpd_sklearn.recipes import DivergedError
from gdpd_sklearn.solver import MOST_COORDINATES, Solved, solve, unfold
from gdpd_sklearn.training._branches import Trained
from gdpd_sklearn.training._history import history_frame
from gdpd_sklearn.training._step import Source
from gdpd_sklearn.training._trainer import Run, train

__all__ = ["attempt_one", "fit_students"]

Fitted = TypeVar("Fitted")


@plain_torch()
def fit_students(tasks: Sequence[FitTask]) -> list[FitResult | DivergedError]:
    """Fit tasks that agree in their group key."""
    with same_twice(resolve_device(tasks[0].settings.device)):
        if tasks[0].settings.student.fixed:
            return [attempt_one(_solved, task) for task in tasks]
        return _train_group(tasks)


def _train_group(tasks: Sequence[FitTask]) -> list[FitResult | DivergedError]:
    settings, classes = tasks[0].settings, tasks[0].classes
    prepared: list[Prepared] = []
    runs: list[Run] = []
    of_task: dict[int, tuple[Prepared, list[int]]] = {}
    for numbers in grouped(range(len(tasks)), lambda i: source_key(tasks[i])):
        lengths = sorted({length for i in numbers for length in tasks[i].lengths})
        parts = prepare(replace(tasks[numbers[0]], lengths=lengths))
        for i in numbers:
            points = [0] if settings.shared else map(lengths.index, tasks[i].lengths)
            own = [Run(len(prepared), p, tasks[i].settings.distiller) for p in points]
            of_task[i] = parts, list(range(len(runs), len(runs) + len(own)))
            runs += own
        prepared.append(parts)
    trained = train(
        settings.student, [parts.source for parts in prepared], runs, len(classes), settings.plan,
        class_weight=settings.class_weight_on_device(), verbose=settings.verbose,
    )  # fmt: skip
    return [
        _result(task, of_task[i][0], [trained[run] for run in of_task[i][1]])
        for i, task in enumerate(tasks)
    ]


def _solved(task: FitTask) -> FitResult:
    """Fit a student of a fixed backbone: solved, and trained on from there for most methods."""
    settings, parts = task.settings, prepare(task)
    source, lesson, trains = parts.source, parts.lesson, not settings.distiller.closed_form
    answers = None if source.teacher is None else source.teacher.logits
    solved = solve(
        settings.student, NoDistillation() if trains else settings.distiller, source.view,
        source.train, source.validation, answers, len(task.classes), source.seed,
        class_weight=settings.class_weight_on_device(),
        lesson=None if lesson is None else lesson.to(source.train.y.device),
        n_coordinates=MOST_COORDINATES if trains else 0,
    )  # fmt: skip
    if trains:
        solved = _trained_on(solved, task, source)
    left_out = np.full((len(task.lengths), len(task.y), len(task.classes)), np.nan)
    left_out[:, parts.cases] = solved.left_out.softmax(-1).cpu().numpy()
    codes = np.full(len(task.y), -1)
    codes[parts.cases] = solved.codes.cpu().numpy()
    if lesson is not None and (codes[task.unlabelled] < 0).all():
        warn_unheard(len(task.unlabelled))
    model = PrefixModel(
        [solved.network.cpu()], source.view.at(task.lengths), solved.architecture, settings.exact
    )
    return FitResult(model, solved.history, parts.teacher, parts.held_out, left_out, codes)


def _trained_on(solved: Solved, task: FitTask, source: Source) -> Solved:
    """Train a solved student by gradient, on the coordinates of its features."""
    settings, teacher = task.settings, source.teacher
    start = unfold(solved, source.view, source.validation, len(task.classes))
    source = replace(
        source, view=start.view, train=start.train, validation=start.validation,
        teacher=None if teacher is None else teacher.rows(start.learned), students=start.students,
    )  # fmt: skip
    trained = train(
        CoordinateMap(), [source],
        [Run(0, point, settings.distiller) for point in range(len(task.lengths))],
        len(task.classes), settings.plan,
        class_weight=settings.class_weight_on_device(), verbose=settings.verbose,
    )  # fmt: skip
    for each in trained:
        if each.failure is not None:
            raise each.failure
    history = history_frame([each.rows for each in trained], task.lengths)
    return start.fold([each.student for each in trained])._replace(history=history)


def _result(
    task: FitTask, parts: Prepared, trained: Sequence[Trained]
) -> FitResult | DivergedError:
    """Take a task's students out of a training."""
    settings = task.settings
    for _, _, failure in trained:
        if failure is not None:
            return failure
    if parts.teacher is not None:
        parts.teacher.model.to("cpu")
    # moved before it is built: not every device has the double precision of an exact model
    students = [each.student.cpu() for each in trained]
    model = PrefixModel(
        students, parts.source.view.at(task.lengths), settings.student, settings.exact
    )
    # of a shared student there is one figure, for all prefixes at once
    reported = (task.X.shape[2],) if settings.shared else tuple(task.lengths)
    history = history_frame([each.rows for each in trained], reported)
    return FitResult(model, history, parts.teacher, parts.held_out)


def attempt_one(fit_one: Callable[[FitTask], Fitted], task: FitTask) -> Fitted | DivergedError:
    try:
        return fit_one(task)
    except DivergedError as error:
        return error
