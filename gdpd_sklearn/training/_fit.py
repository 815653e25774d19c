"""The story of a fit, on one page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import torch
from joblib import Memory
from numpy.typing import NDArray
from torch import Tensor

from gdpd_sklearn._device import resolve_device
from gdpd_sklearn._seeding import stream_seed
from gdpd_sklearn.data import PrefixView, select_cases, stratified_holdout
from gdpd_sklearn.distillers import Distiller
from gdpd_sklearn.networks import Architecture, NetworkOutput, PrefixModel
from gdpd_sklearn.training._blends import Blend
from gdpd_sklearn.training._plan import TrainingPlan
from gdpd_sklearn.training._students import Cases, train_students
from gdpd_sklearn.training._teacher import FittedTeacher, fit_teacher, to_cases

__all__ = ["FitResult", "FitSettings", "Prepared", "fit_students", "fit_teacher_alone", "prepare"]


@dataclass(frozen=True)
class FitSettings:
    """What a fit needs to know beside the data; all parts are objects by now.

    ``shared``: one causal student for all prefix lengths. ``exact``: the fitted model computes in
    double precision. ``channels``: those that the students see, by default all.
    """

    student: Architecture
    teacher: Architecture | FittedTeacher
    distiller: Distiller
    plan: TrainingPlan
    teacher_plan: TrainingPlan
    validation_fraction: float
    input_length: int
    teacher_input_length: int
    scaling: str
    class_weight: NDArray[np.floating] | None
    device: str
    verbose: int
    shared: bool = False
    exact: bool = False
    channels: tuple[int, ...] | None = None
    memory: Memory = field(default_factory=lambda: Memory(None, verbose=0))


@dataclass(frozen=True)
class FitResult:
    """What remains of a fit.

    Attributes
    ----------
    model : PrefixModel
        The students, on the CPU.
    history : pandas.DataFrame
    teacher : FittedTeacher or None
    validation : ndarray of int
        Cases that were held out.
    """

    model: PrefixModel
    history: pd.DataFrame
    teacher: FittedTeacher | None
    validation: NDArray[np.int64]


def fit_students(
    X: NDArray[np.floating],
    y: NDArray[np.integer],
    classes: tuple[Any, ...],
    lengths: Sequence[int],
    settings: FitSettings,
    root: int,
) -> FitResult:
    """Fit a student for each prefix length, distilled from one teacher.

    Parameters
    ----------
    X : ndarray of shape (N, C, L)
        Complete series. A memory-mapped array stays in its file.
    y : ndarray of int, shape (N,)
        Codes 0 … K − 1 of ``classes``.
    classes : tuple
    lengths : sequence of int
        Prefix lengths in time points.
    settings : FitSettings
    root : int
        Root seed; all randomness follows from it.
    """
    parts = prepare(X, y, classes, lengths, settings, root)
    students, history = train_students(
        settings.student, settings.distiller, parts.view, parts.train, parts.validation,
        parts.outputs, len(classes), settings.plan, class_weight=parts.class_weight,
        seed=stream_seed(root, "student"), label="student", verbose=settings.verbose,
        ask=parts.ask,
    )  # fmt: skip
    if parts.teacher is not None:
        parts.teacher.model.to("cpu")
    # moved before it is built: not every device has the double precision of an exact model
    students = [student.cpu() for student in students]
    model = PrefixModel(students, parts.view.cpu(), settings.student, settings.exact)
    # of a shared student there is one figure, for all prefixes at once
    reported = (X.shape[2],) if settings.shared else parts.view.lengths
    return FitResult(model, history.to_frame(reported), parts.teacher, parts.held_out)


@dataclass(frozen=True)
class Prepared:
    """What students learn from, on the device of the training.

    Attributes
    ----------
    view : PrefixView
    train : Cases
    validation : Cases or None
    held_out : ndarray of int
        Which cases are for validation.
    teacher : FittedTeacher or None
        On the CPU.
    outputs : NetworkOutput or None
        Of the teacher, for all training cases.
    class_weight : Tensor of shape (K,) or None
    ask : callable or None
        Asks the teacher about blends of training cases, for a distiller that blends.
    """

    view: PrefixView
    train: Cases
    validation: Cases | None
    held_out: NDArray[np.int64]
    teacher: FittedTeacher | None
    outputs: NetworkOutput | None
    class_weight: Tensor | None
    ask: Callable[[Tensor, Blend], NetworkOutput] | None = None


def prepare(
    X: NDArray[np.floating],
    y: NDArray[np.integer],
    classes: tuple[Any, ...],
    lengths: Sequence[int],
    settings: FitSettings,
    root: int,
) -> Prepared:
    """Part the cases, view them, and ask the teacher; arguments as for :func:`fit_students`."""
    device = resolve_device(settings.device)
    train, validation = _parts(y, settings, root)
    # what is hidden from the students is cut here, once: their model knows nothing of it
    seen = select_cases(X, train, settings.channels)
    view = PrefixView.fit(
        seen, lengths, settings.input_length, settings.scaling, not settings.shared
    ).to(device)
    cases = to_cases(seen, y[train], device)

    teacher = outputs = ask = None
    if settings.distiller.uses_teacher:
        teacher = _teacher_for(X, y, classes, train, validation, settings, root)
        complete = cases.x
        if settings.channels is not None:
            complete = to_cases(select_cases(X, train), y[train], device).x
        outputs = teacher.outputs(complete, feature_maps=settings.distiller.uses_feature_maps)
        teacher.model.to("cpu")
        if settings.distiller.blends:
            ask = partial(
                teacher.about_blends,
                x=complete, feature_maps=settings.distiller.uses_feature_maps,
            )  # fmt: skip

    held_out = None
    if len(validation):
        unseen = select_cases(X, validation, settings.channels)
        held_out = to_cases(unseen, y[validation], device)
    class_weight = settings.class_weight
    return Prepared(
        view=view,
        train=cases,
        validation=held_out,
        held_out=validation,
        teacher=teacher,
        outputs=outputs,
        class_weight=None
        if class_weight is None
        else torch.as_tensor(class_weight, dtype=torch.float32, device=device),
        ask=ask,
    )


def fit_teacher_alone(
    X: NDArray[np.floating],
    y: NDArray[np.integer],
    classes: tuple[Any, ...],
    settings: FitSettings,
    root: int,
) -> FittedTeacher:
    """Give the teacher of :func:`fit_students`, without any student."""
    return _teacher_for(X, y, classes, *_parts(y, settings, root), settings, root)


def _parts(
    y: NDArray[np.integer], settings: FitSettings, root: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    return stratified_holdout(y, settings.validation_fraction, stream_seed(root, "split"))


def _teacher_for(
    X: NDArray[np.floating],
    y: NDArray[np.integer],
    classes: tuple[Any, ...],
    train: NDArray[np.int64],
    validation: NDArray[np.int64],
    settings: FitSettings,
    root: int,
) -> FittedTeacher:
    """Take the teacher that was handed in, remember an equal one, or train it."""
    if isinstance(settings.teacher, FittedTeacher):
        _check_fitted_teacher(settings.teacher, X, classes, settings.distiller)
        return settings.teacher
    remembered = settings.memory.cache(fit_teacher, ignore=["verbose"])
    teacher: FittedTeacher = remembered(
        select_cases(X, train), y[train], select_cases(X, validation), y[validation], classes,
        settings.teacher, settings.teacher_plan, settings.teacher_input_length, settings.scaling,
        settings.class_weight, stream_seed(root, "teacher"),
        str(resolve_device(settings.device)), settings.verbose,
    )  # fmt: skip
    return teacher


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
