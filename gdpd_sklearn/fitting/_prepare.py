"""What students of a task learn from: cases in view, and what the teacher says of them."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from gdpd_sklearn._device import resolve_device
from gdpd_sklearn._seeding import stream_seed
from gdpd_sklearn.data import PrefixView, select_cases, to_cases
from gdpd_sklearn.fitting._task import FitTask
from gdpd_sklearn.fitting._teacher import FittedTeacher
from gdpd_sklearn.fitting._teacher_of import fit_teacher_of
from gdpd_sklearn.solver import Lesson
from gdpd_sklearn.training._step import Source

__all__ = ["Prepared", "prepare", "warn_unheard"]


@dataclass(frozen=True)
class Prepared:
    """What the students of a task learn from: a source on the device, its teacher on the CPU.

    ``cases`` tells which of the task's cases are learned, ``held_out`` which are for validation;
    ``lesson`` is what the teacher says of those without a label.
    """

    source: Source
    teacher: FittedTeacher | None
    cases: NDArray[np.int64]
    held_out: NDArray[np.int64]
    lesson: Lesson | None = None


def prepare(task: FitTask) -> Prepared:
    """Part the cases, view them, and ask the teacher about them."""
    settings, X, y = task.settings, task.X, task.y
    device = resolve_device(settings.device)
    train_cases, held_out = task.parts()
    teacher = outputs = ask = lesson = None
    if settings.distiller.uses_teacher:
        teacher = fit_teacher_of(task)
        if len(task.unlabelled):
            all_cases = np.union1d(train_cases, task.unlabelled)
            known = select_cases(X, all_cases), y[all_cases]
            # of a solved student the left-out error tells how much it should listen
            if settings.student.fixed or teacher.knows(*known):
                train_cases, lesson = all_cases, teacher.lesson_about(*known)
            else:
                warn_unheard(len(task.unlabelled))
        if lesson is not None and not settings.student.fixed:
            y = y.copy()
            y[task.unlabelled] = lesson.logits.argmax(1).numpy()
    # what is hidden from the students is cut here, once: their model knows nothing of it
    seen = select_cases(X, train_cases, settings.channels)
    view = PrefixView.fit(
        seen, task.lengths, settings.input_length, settings.scaling, not settings.shared,
        carries=not settings.student.reads_gaps,
    ).to(device)  # fmt: skip
    cases = to_cases(view.receive(seen), y[train_cases], device, task.weight_of(train_cases))
    validation = None
    if len(held_out):
        unseen = select_cases(X, held_out, settings.channels)
        validation = to_cases(view.receive(unseen), y[held_out], device, task.weight_of(held_out))

    if teacher is not None:
        complete, own = cases.x, teacher.model.view
        if settings.channels is not None or not own.receives_like(view):
            complete = to_cases(own.receive(select_cases(X, train_cases)), y[train_cases], device).x
        maps = settings.distiller.uses_feature_maps
        outputs = teacher.outputs(complete, feature_maps=maps)
        # nobody learns from answers that know a case's own label, where there are others
        outputs = teacher.leaving_out(outputs, select_cases(X, train_cases), task.y[train_cases])
        teacher.model.to("cpu")
        if settings.distiller.blends:
            ask = partial(teacher.about_blends, x=complete, feature_maps=maps)
    seed = stream_seed(task.root, "student")
    source = Source(view, cases, validation, outputs, seed, ask)
    return Prepared(source, teacher, train_cases, held_out, lesson)


def warn_unheard(n_unlabelled: int) -> None:
    """Say that cases without a label are not learned from."""
    warnings.warn(
        f"the {n_unlabelled} cases without a label are not used: of labelled cases that it did not "
        f"see, the teacher knows too little to teach.",
        UserWarning,
        stacklevel=2,
    )
