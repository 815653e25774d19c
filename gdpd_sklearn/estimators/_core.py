"""Parameters → plan → result, for both estimators."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np
from aeon.base import BaseAeonEstimator
from numpy.typing import NDArray
from sklearn.base import clone
from sklearn.utils.class_weight import compute_class_weight
from sklearn.utils.metadata_routing import MetadataRequest
from sklearn.utils.validation import check_memory

from gdpd_sklearn._checks import check_choice, check_int, check_real
from gdpd_sklearn._device import resolve_device
from gdpd_sklearn._registry import resolve
from gdpd_sklearn._seeding import root_seed
from gdpd_sklearn.data import SCALINGS
from gdpd_sklearn.distillers import DISTILLERS, GDPD, KD, Blended, Distiller
from gdpd_sklearn.networks import ARCHITECTURES, Architecture, Custom
from gdpd_sklearn.training import FitMemory, FitSettings, FittedTeacher, TrainingPlan

__all__ = [
    "check_settings",
    "encode_labels",
    "materialise_parts",
    "metadata_request",
]


def resolve_architecture(value: Any, name: str) -> Architecture:
    """Name, architecture, torch module or factory of modules → a copy of the architecture."""
    is_part = isinstance(value, str | Architecture)
    if not is_part and callable(value) and not isinstance(value, type):
        value = Custom(value)
    architecture: Architecture = resolve(value, ARCHITECTURES, name, Architecture)
    return clone(architecture)


def resolve_teacher(value: Any, name: str = "teacher") -> Architecture | FittedTeacher:
    """Like :func:`resolve_architecture`; a fitted teacher passes through."""
    return value if isinstance(value, FittedTeacher) else resolve_architecture(value, name)


def resolve_distiller(value: Any, student: Architecture | None = None) -> Distiller:
    """Name or object → a copy of the distiller, checked; ``"auto"`` suits the student."""
    registry: dict[str, Callable[[], Distiller]] = {
        **DISTILLERS,
        "auto": partial(_suitable_distiller, student),
    }
    distiller: Distiller = clone(resolve(value, registry, "distiller", Distiller))
    distiller.check_parameters()
    return distiller


def _suitable_distiller(student: Architecture | None) -> Distiller:
    """Give what transfers best to such a student (docs/research.md)."""
    if student is not None and student.recurrent:
        return Blended(KD())
    return GDPD()


def _distiller_of(estimator: Any, params: Mapping[str, Any], value: Any) -> Distiller:
    student = params.get("student", estimator.student)
    # an early classifier that names no student takes a convolutional one
    known = None if student is None else resolve_architecture(student, "student")
    return resolve_distiller(value, known)


Part = Callable[[Any, Mapping[str, Any], Any], Any]

PARTS: Mapping[str, Part] = {
    "student": lambda estimator, params, value: resolve_architecture(value, "student"),
    "teacher": lambda estimator, params, value: resolve_teacher(value, "teacher"),
    "distiller": _distiller_of,
}
"""Parameter to a function of (estimator, parameters being set, value) that gives the object."""


def materialise_parts(
    estimator: Any, params: dict[str, Any], parts: Mapping[str, Part] = PARTS
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
            if isinstance(value, str):
                added[part] = parts[part](estimator, params, value)
    return {**params, **added}


def metadata_request(estimator: Any) -> MetadataRequest:
    """Give scikit-learn's own answer where aeon's base raises NotImplementedError."""
    request: MetadataRequest = super(BaseAeonEstimator, estimator).get_metadata_routing()
    return request


def encode_labels(y: NDArray[Any], classes: NDArray[Any]) -> NDArray[np.int64]:
    """Labels → codes 0 … K − 1.

    Raises
    ------
    ValueError
        If no class has more than one case: there is nothing to generalise from.
    """
    codes = np.searchsorted(classes, y).astype(np.int64)
    if np.bincount(codes).max() < 2:
        raise ValueError(
            f"y has one case per class ({len(y)} cases, {len(classes)} classes); at least one "
            f"class needs 2 cases or more."
        )
    return codes


def check_settings(
    estimator: Any,
    X: NDArray[np.floating],
    codes: NDArray[np.int64],
    *,
    student: Any,
    shared: bool = False,
    exact: bool = False,
    channels: tuple[int, ...] | None = None,
) -> tuple[FitSettings, int]:
    """Turn an estimator's parameters into settings and the root seed, every one checked.

    Parameters
    ----------
    estimator : GDPDClassifier or GDPDEarlyClassifier
    X, codes
        Training data.
    student : str or object
    shared, exact, channels
        See :class:`FitSettings`.
    """
    e = estimator
    student = resolve_architecture(student, "student")
    teacher = resolve_teacher(e.teacher)
    distiller = resolve_distiller(e.distiller, student)
    n_timepoints = X.shape[2]
    cap = n_timepoints
    if e.max_input_length is not None:
        cap = min(n_timepoints, check_int("max_input_length", e.max_input_length, 2))
    plan = _plan(e, student, e.learning_rate, e.n_epochs)
    teacher_epochs = e.n_epochs if e.teacher_n_epochs is None else e.teacher_n_epochs
    if teacher_epochs is not None:
        check_int("teacher_n_epochs", teacher_epochs, 1)
    teacher_plan = plan
    if isinstance(teacher, Architecture):
        teacher_plan = _plan(e, teacher, e.teacher_learning_rate, teacher_epochs)
    check_choice("scaling", e.scaling, SCALINGS)
    check_real("validation_fraction", e.validation_fraction, 0.0, 1.0, open_maximum=True)
    if e.patience is not None and e.validation_fraction == 0:
        raise ValueError(
            f"patience={e.patience!r} needs a validation part; set validation_fraction above 0, "
            f"such as 0.2."
        )
    if shared:
        _check_shared(student, e.scaling)
    # told before anything is trained; the name is stored, and resolved anew at use
    resolve_device(e.device)
    settings = FitSettings(
        student=student,
        teacher=teacher,
        distiller=distiller,
        plan=plan,
        teacher_plan=teacher_plan,
        validation_fraction=float(e.validation_fraction),
        # a shared student reads series as they are: to resample a prefix would shift its steps
        input_length=n_timepoints if shared else cap,
        teacher_input_length=cap,
        scaling=e.scaling,
        class_weight=class_weights(e.class_weight, e.classes_, codes),
        device=e.device,
        verbose=int(e.verbose),
        shared=shared,
        exact=exact,
        channels=channels,
        memory=check_memory(e.memory.own if isinstance(e.memory, FitMemory) else e.memory),
    )
    return settings, root_seed(e.random_state)


def _check_shared(student: Architecture, scaling: str) -> None:
    """Refuse what would let a shared student see the future of its own prefixes."""
    if not student.causal:
        names = sorted(name for name, make in ARCHITECTURES.items() if make().causal)
        raise ValueError(
            f"student={student!r} is not causal, so it cannot be shared by all prefixes; causal "
            f"are {names}, or set shared=False."
        )
    if scaling == "prefix":
        raise ValueError("scaling='prefix' differs from prefix to prefix; it needs shared=False.")


def _plan(
    e: Any, architecture: Architecture, learning_rate: float | None, n_epochs: int | None
) -> TrainingPlan:
    return TrainingPlan(
        n_epochs=architecture.n_epochs if n_epochs is None else n_epochs,
        batch_size=e.batch_size,
        learning_rate=architecture.learning_rate if learning_rate is None else learning_rate,
        optimizer=e.optimizer,
        weight_decay=e.weight_decay,
        schedule=e.schedule,
        max_gradient_norm=e.max_gradient_norm,
        patience=e.patience,
        precision=e.precision,
    )


def class_weights(
    class_weight: Any, classes: NDArray[Any], codes: NDArray[np.int64]
) -> NDArray[np.float64] | None:
    """scikit-learn's ``class_weight`` → a weight per class code, or None."""
    if class_weight is None:
        return None
    if isinstance(class_weight, dict):
        unknown = sorted(set(class_weight) - set(classes.tolist()), key=str)
        if unknown:
            raise ValueError(
                f"class_weight={class_weight!r} names the labels {unknown}, which are not in y; "
                f"labels are {classes.tolist()}."
            )
    elif class_weight != "balanced":
        raise ValueError(
            f"class_weight={class_weight!r} must be None, 'balanced' or a dict of label to weight."
        )
    weights: NDArray[np.float64] = compute_class_weight(
        class_weight, classes=classes, y=classes[codes]
    )
    return weights
