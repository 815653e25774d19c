"""Parameters → plan → result, for both estimators."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from functools import partial
from typing import Any, Protocol, TypeAlias, TypeGuard

import numpy as np
from joblib import Memory
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, clone
from torch import nn

from gdpd_sklearn._checks import check_choice, check_int, check_real
from gdpd_sklearn._device import resolve_device
from gdpd_sklearn._registry import resolve, with_plain_numbers
from gdpd_sklearn.data import SCALINGS, Mark
from gdpd_sklearn.distillers import (
    DISTILLERS,
    GDPD,
    KD,
    Blended,
    Distiller,
    NoDistillation,
    PseudoLabels,
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
from gdpd_sklearn.networks import ARCHITECTURES, Architecture, Custom
from gdpd_sklearn.recipes import TRAININGS, Training, TrainingPlan

__all__ = [
    "ArchitectureLike",
    "ClassWeight",
    "DistillerLike",
    "FitParameters",
    "MemoryLike",
    "RandomState",
    "TeacherLike",
    "TrainingLike",
    "check_settings",
    "default_student",
    "materialise_parts",
]

# a class of modules is a callable too
ArchitectureLike: TypeAlias = str | Architecture | nn.Module | Callable[[int, int], nn.Module]
TeacherLike: TypeAlias = ArchitectureLike | FittedTeacher
DistillerLike: TypeAlias = str | Distiller
TrainingLike: TypeAlias = str | Training
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


# what stands for a part ---------------------------------------------------------------------------


def resolve_architecture(value: object, name: str) -> Architecture:
    """Name, architecture, torch module or factory of modules → a copy of the architecture."""
    if _is_backbone(value):
        value = Custom(value)
    elif not isinstance(value, str | Architecture):
        raise TypeError(
            f"{name}={value!r} must be one of the names {sorted(ARCHITECTURES)}, an architecture "
            f"such as LSTM(hidden_size=64), a torch.nn.Module or a class of modules, or a function "
            f"(n_channels, n_timepoints) -> Module."
        )
    architecture: Architecture = resolve(value, ARCHITECTURES, name, Architecture)
    return clone(architecture)


def _is_backbone(value: object) -> TypeGuard[nn.Module | Callable[[int, int], nn.Module]]:
    """Whether it is a module of a user's own, or makes one."""
    if isinstance(value, type):
        return issubclass(value, nn.Module)
    return callable(value) and not isinstance(value, Architecture)


def resolve_teacher(value: object, name: str = "teacher") -> Architecture | FittedTeacher:
    """Like :func:`resolve_architecture`; a fitted teacher passes through."""
    return value if isinstance(value, FittedTeacher) else resolve_architecture(value, name)


def resolve_distiller(
    value: object,
    student: Architecture | None = None,
    *,
    unlabelled: bool = False,
    wanted: Collection[str] = (),
) -> Distiller:
    """Name or object → a copy of the distiller, checked; ``"auto"`` suits student and labels.

    It also has the parameters that are wanted, where that can be.
    """
    registry: dict[str, Callable[[], Distiller]] = {
        **DISTILLERS,
        "auto": partial(_suitable_distiller, student, unlabelled, wanted),
    }
    distiller: Distiller = clone(resolve(value, registry, "distiller", Distiller))
    distiller.check_parameters()
    return with_plain_numbers(distiller)


def _suitable_distiller(
    student: Architecture | None, unlabelled: bool, wanted: Collection[str]
) -> Distiller:
    """Give what transfers best to such a student (docs/research.md).

    Who sets a weight wants a transfer: the one that is solved as well.
    """
    transfers = bool(wanted) and set(wanted) <= set(KD().get_params())
    if (unlabelled or (student is not None and student.fixed)) and transfers:
        return KD()
    if unlabelled:
        return PseudoLabels()
    if student is not None and student.fixed:
        return NoDistillation()
    if student is not None and student.recurrent:
        return Blended(KD())
    return GDPD()


def default_student(
    student: ArchitectureLike | None, distiller: DistillerLike, scaling: str, shared: bool = False
) -> ArchitectureLike:
    """Give what suits method, scaling and way of reading where no student is named.

    Random kernels (docs/defaults.md), where the method is solved and one scale serves all prefixes.
    """
    if student is not None:
        return student
    solvable = distiller == "auto" or resolve_distiller(distiller).closed_form
    if solvable and scaling != "prefix":
        return "rocket"
    return "causal_fcn" if shared else "fcn"


def default_teacher(teacher: TeacherLike | None, *, unlabelled: bool) -> TeacherLike:
    """Give a teacher where none is named: with few labels the one in closed form knows more."""
    if teacher is not None:
        return teacher
    return "rocket" if unlabelled else "fcn"


def resolve_training(value: object) -> Training:
    """Name or object → a copy of the recipe, checked."""
    training: Training = clone(resolve(value, TRAININGS, "training", Training))
    training.check_parameters()
    return with_plain_numbers(training)


# nested parameters of parts that are given by name ------------------------------------------------


Part: TypeAlias = Callable[[BaseEstimator, Mapping[str, Any], object], BaseEstimator]


def _distiller_of(estimator: BaseEstimator, params: Mapping[str, Any], value: object) -> Distiller:
    student = params.get("student", estimator.student)
    # a method of its own, unlike "auto", takes a convolutional student where none is named
    known = None if student is None else resolve_architecture(student, "student")
    marked = params.get("unlabelled", estimator.unlabelled) is not None
    wanted = {key.partition("__")[2] for key in params if key.startswith("distiller__")}
    return resolve_distiller(value, known, unlabelled=marked, wanted=wanted)


def _student_of(estimator: BaseEstimator, params: Mapping[str, Any], value: object) -> Architecture:
    if value is None:
        distiller, scaling, shared = (
            # only early classifiers have shared students
            params.get(name, getattr(estimator, name, False))
            for name in ("distiller", "scaling", "shared")
        )
        value = default_student(None, distiller, scaling, shared=shared)
    return resolve_architecture(value, "student")


def _teacher_of(
    estimator: BaseEstimator, params: Mapping[str, Any], value: Any
) -> Architecture | FittedTeacher:
    marked = params.get("unlabelled", estimator.unlabelled) is not None
    return resolve_teacher(default_teacher(value, unlabelled=marked))


PARTS: Mapping[str, Part] = {
    "student": _student_of,
    "teacher": _teacher_of,
    "distiller": _distiller_of,
    "training": lambda estimator, params, value: resolve_training(value),
}
"""Parameter to a function of (estimator, parameters being set, value) that gives the object."""


def materialise_parts(
    estimator: BaseEstimator, params: Mapping[str, Any], parts: Mapping[str, Part] = PARTS
) -> dict[str, Any]:
    """Let nested parameters reach parts that are given by name.

    ``set_params(distiller__weight=10)`` needs an object to set the weight of; where the estimator
    holds the name ``"gdpd"`` it is replaced by the object the name stands for.

    Returns
    -------
    dict
        ``params``, with an object added for every such name.
    """
    added: dict[str, Any] = {}
    for key in params:
        part, delimiter, _ = key.partition("__")
        if delimiter and part in parts and part not in added:
            value = params.get(part, getattr(estimator, part))
            # None is a name too: that of the default student
            if value is None or isinstance(value, str):
                added[part] = parts[part](estimator, params, value)
    return {**params, **added}


# everything together ------------------------------------------------------------------------------


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
