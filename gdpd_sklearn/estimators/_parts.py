"""What stands for a part of an estimator (a name, an object, a module), and what is set in it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from functools import partial
from typing import Any, TypeAlias, TypeGuard

from sklearn.base import BaseEstimator, clone
from torch import nn

from gdpd_sklearn._registry import resolve, with_plain_numbers
from gdpd_sklearn.distillers import (
    DISTILLERS,
    GDPD,
    KD,
    Blended,
    Distiller,
    NoDistillation,
    PseudoLabels,
)
from gdpd_sklearn.fitting import FittedTeacher
from gdpd_sklearn.networks import ARCHITECTURES, Architecture, Custom
from gdpd_sklearn.recipes import TRAININGS, Training

__all__ = [
    "PARTS",
    "ArchitectureLike",
    "DistillerLike",
    "Part",
    "TeacherLike",
    "TrainingLike",
    "default_student",
    "default_teacher",
    "materialise_parts",
    "resolve_architecture",
    "resolve_distiller",
    "resolve_teacher",
    "resolve_training",
]

# a class of modules is a callable too
ArchitectureLike: TypeAlias = str | Architecture | nn.Module | Callable[[int, int], nn.Module]
TeacherLike: TypeAlias = ArchitectureLike | FittedTeacher
DistillerLike: TypeAlias = str | Distiller
TrainingLike: TypeAlias = str | Training


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
