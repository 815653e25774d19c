"""Parameters → plan → result, for both estimators."""

from __future__ import annotations

from typing import Any, Protocol, TypeAlias

import numpy as np
from joblib import Memory
from numpy.typing import NDArray

from gdpd_sklearn._checks import check_choice, check_int, check_real
from gdpd_sklearn._device import resolve_device
from gdpd_sklearn.data import SCALINGS, Mark
from gdpd_sklearn.distillers import DISTILLERS, Distiller
from gdpd_sklearn.estimators._parts import (
    ArchitectureLike,
    DistillerLike,
    TeacherLike,
    TrainingLike,
    default_teacher,
    resolve_architecture,
    resolve_distiller,
    resolve_teacher,
    resolve_training,
)
from gdpd_sklearn.estimators._scalars import (
    ClassWeight,
    class_weights,
    resolve_memory,
    resolve_root,
    resolve_verbose,
)
from gdpd_sklearn.estimators._weights import any_unlabelled, counted_codes
from gdpd_sklearn.fitting import FitSettings, FittedTeacher, Recalls
from gdpd_sklearn.networks import ARCHITECTURES, Architecture
from gdpd_sklearn.recipes import Training, TrainingPlan

__all__ = ["FitParameters", "MemoryLike", "RandomState", "check_settings"]

MemoryLike: TypeAlias = str | Memory | Recalls | None
RandomState: TypeAlias = int | np.random.RandomState | None


class FitParameters(Protocol):
    """Parameters that both estimators have, as the user set them, and the labels of a fit."""

    teacher: TeacherLike | None
    distiller: DistillerLike
    training: TrainingLike
    n_epochs: int | None
    learning_rate: float | str | None
    validation_fraction: float | None
    patience: int | None
    class_weight: ClassWeight
    unlabelled: Mark
    scaling: str
    max_input_length: int | None
    memory: MemoryLike
    device: str
    random_state: RandomState
    verbose: int
    classes_: NDArray[Any]


def check_settings(
    parameters: FitParameters,
    X: NDArray[np.floating],
    codes: NDArray[np.int64],
    weight: NDArray[np.float64] | None = None,
    *,
    student: ArchitectureLike,
    shared: bool = False,
    exact: bool = False,
    channels: tuple[int, ...] | None = None,
) -> tuple[FitSettings, int]:
    """Turn an estimator's parameters into settings and the root seed, every one checked.

    Parameters
    ----------
    parameters : GDPDClassifier or GDPDEarlyClassifier
    X, codes, weight
        Training data; a code of −1 for cases without a label, a weight for each case.
    student, shared, exact, channels
        See :class:`FitSettings`.
    """
    p = parameters
    architecture = resolve_architecture(student, "student")
    unlabelled = any_unlabelled(codes, weight)
    teacher = resolve_teacher(default_teacher(p.teacher, unlabelled=unlabelled))
    distiller = resolve_distiller(p.distiller, architecture, unlabelled=unlabelled)
    training = resolve_training(p.training)
    plan = training.student_plan(architecture, p.n_epochs, p.learning_rate, p.patience)
    teacher_plan = _teacher_plan(p, training, teacher, plan)
    check_choice("scaling", p.scaling, SCALINGS)
    # a fixed backbone reads a series once, whatever the number of prefixes
    shared = shared or architecture.fixed
    if shared:
        _check_shared(architecture, p.scaling)
    _check_fixed(architecture, distiller)
    # told before anything is trained; the name is stored, and resolved anew at use
    resolve_device(p.device)
    n_timepoints = X.shape[2]
    cap = _input_length(p.max_input_length, n_timepoints)
    settings = FitSettings(
        student=architecture,
        teacher=teacher,
        distiller=distiller,
        plan=plan,
        teacher_plan=teacher_plan,
        validation_fraction=_validation_fraction(p, training),
        # a shared student reads series as they are: to resample a prefix would shift its steps
        input_length=n_timepoints if shared else cap,
        teacher_input_length=n_timepoints if _is_fixed(teacher) else cap,
        scaling=p.scaling,
        class_weight=class_weights(p.class_weight, p.classes_, *counted_codes(codes, weight)),
        device=p.device,
        verbose=resolve_verbose(p.verbose),
        shared=shared,
        exact=exact,
        channels=channels,
        memory=resolve_memory(p.memory.own if isinstance(p.memory, Recalls) else p.memory),
    )
    return settings, resolve_root(p.random_state)


def _teacher_plan(
    p: FitParameters,
    training: Training,
    teacher: Architecture | FittedTeacher,
    of_student: TrainingPlan,
) -> TrainingPlan:
    """Give the teacher's plan; a fitted one needs none, and gets the student's."""
    if isinstance(teacher, FittedTeacher):
        return of_student
    return training.teacher_plan(teacher, p.n_epochs, p.patience)


def _input_length(longest: int | None, n_timepoints: int) -> int:
    if longest is None:
        return n_timepoints
    return min(n_timepoints, check_int("max_input_length", longest, 2))


def _is_fixed(teacher: Architecture | FittedTeacher) -> bool:
    return isinstance(teacher, Architecture) and teacher.fixed


def _validation_fraction(p: FitParameters, training: Training) -> float:
    fraction = p.validation_fraction
    if fraction is None:
        fraction = training.validation_fraction
    check_real("validation_fraction", fraction, 0.0, 1.0, open_maximum=True)
    if p.patience is not None and fraction == 0:
        raise ValueError(
            f"patience={p.patience!r} needs a validation part; set validation_fraction above 0, "
            f"such as 0.2."
        )
    return float(fraction)


def _check_fixed(student: Architecture, distiller: Distiller) -> None:
    """Refuse a method that asks of a fixed backbone what it does not have."""
    if not student.fixed:
        return
    if distiller.uses_feature_maps and not distiller.takes_one_step:
        names = sorted(
            name for name, make in DISTILLERS.items()
            if not make.uses_feature_maps or make.takes_one_step
        )  # fmt: skip
        raise ValueError(
            f"distiller={distiller!r} reads feature maps step by step, and student={student!r} has "
            f"features without steps; it takes {names}. Other students, such as 'fcn', take any."
        )
    if distiller.blends:
        raise ValueError(
            f"distiller={distiller!r} makes new series in every step, and student={student!r} "
            f"computes the features of each series once; use its parts by themselves, or another "
            f"student, such as 'fcn'."
        )


def _check_shared(student: Architecture, scaling: str) -> None:
    """Refuse what would let a shared student see the future of its own prefixes."""
    if not student.causal:
        names = sorted(name for name, make in ARCHITECTURES.items() if make().causal)
        raise ValueError(
            f"student={student!r} is not causal, so it cannot be shared by all prefixes; causal "
            f"are {names}, or set shared=False."
        )
    if scaling == "prefix":
        raise ValueError(
            f"scaling='prefix' differs from prefix to prefix, and student={student!r} reads all of "
            f"them in one scale; use 'standard' or 'none', or another student with shared=False."
        )
