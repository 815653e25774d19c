"""Parameters of the early classifier → plan, every one checked before anything is trained."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

import numpy as np
from aeon.utils.validation import check_n_jobs
from numpy.typing import NDArray
from sklearn.base import clone

from gdpd_sklearn._checks import check_int, check_switch
from gdpd_sklearn._registry import with_plain_numbers
from gdpd_sklearn.data import resolve_classification_points
from gdpd_sklearn.estimators._core import FitParameters, check_settings
from gdpd_sklearn.estimators._parts import PARTS, ArchitectureLike, Part, default_student
from gdpd_sklearn.estimators._weights import counted_codes
from gdpd_sklearn.fitting import FitSettings, FittedTeacher
from gdpd_sklearn.metrics import DecisionCost, LeastDelay
from gdpd_sklearn.triggers import Objective, Trigger, check_objective, resolve_trigger

__all__ = [
    "EARLY_PARTS",
    "EarlyPlan",
    "TriggerLike",
    "after_end",
    "check_early",
    "check_rule",
]

# More processes than any machine has are a slip of the keyboard.
_MOST_JOBS = 1024

Floats: TypeAlias = NDArray[np.float64]
TriggerLike: TypeAlias = str | Trigger | Callable[[Floats, Floats], NDArray[np.bool_]]


class EarlyParameters(FitParameters, Protocol):
    """Parameters of an early classifier, as the user set them."""

    classification_points: int | tuple[float | int, ...]
    shared: bool
    refit: bool
    trigger: TriggerLike
    objective: Objective
    n_folds: int
    n_jobs: int
    student: ArchitectureLike | None


@dataclass(frozen=True)
class EarlyPlan:
    """What an early fit needs to know beside the data; all parts are objects by now.

    Attributes
    ----------
    points : tuple of int
        Classification points in time points, the full length among them.
    settings : FitSettings
    root : int
        Root seed.
    n_folds, n_jobs : int
    trigger : Trigger
        A copy, not yet fitted.
    objective : "harmonic_mean", DecisionCost or LeastDelay
        With codes in place of labels.
    """

    points: tuple[int, ...]
    settings: FitSettings
    root: int
    n_folds: int
    n_jobs: int
    trigger: Trigger
    objective: Objective


def check_early(
    parameters: EarlyParameters,
    X: NDArray[np.floating],
    codes: NDArray[np.int64],
    weight: NDArray[np.float64] | None = None,
) -> EarlyPlan:
    """Turn the parameters of a ``GDPDEarlyClassifier`` into a plan for these training data."""
    e = parameters
    shared = check_switch("shared", e.shared)
    check_switch("refit", e.refit)
    n_jobs = _n_jobs(e.n_jobs)
    points = resolve_classification_points(e.classification_points, X.shape[2])
    trigger, objective = check_rule(e.trigger, e.objective, e.classes_, points)
    if isinstance(e.teacher, FittedTeacher):
        raise ValueError(
            "teacher is fitted already and may have seen the cases that are held out; pass a "
            "name or an architecture, of which each fold trains its own (memory keeps them)."
        )
    counts = np.bincount(counted_codes(codes, weight)[0])
    n_held_out = int(counts[counts > 1].sum())
    if check_int("n_folds", e.n_folds, 2) > n_held_out:
        raise ValueError(
            f"n_folds={e.n_folds} must be at most the {n_held_out} cases that can be held out."
        )
    student = default_student(e.student, e.distiller, e.scaling, shared=shared)
    settings, root = check_settings(
        e, X, codes, weight, student=student, shared=shared, exact=True
    )  # fmt: skip
    return EarlyPlan(points, settings, root, int(e.n_folds), n_jobs, trigger, objective)


def _n_jobs(n_jobs: Any) -> int:
    """Resolve joblib's ``n_jobs``, or raise a ValueError that names the parameter."""
    if n_jobs is not None and check_int("n_jobs", n_jobs, -_MOST_JOBS, _MOST_JOBS) == 0:
        raise ValueError("n_jobs=0 must be None, a number of processes, or below 0 as in joblib.")
    resolved: int = check_n_jobs(None if n_jobs is None else int(n_jobs))
    return resolved


def after_end(held_out: Floats, ends: NDArray[np.int64], points: tuple[int, ...]) -> Floats:
    """Let answers about a series stay as they are from the point on that decides it at its end.

    Parameters
    ----------
    held_out : ndarray of shape (P, M, K)
    ends : ndarray of int, shape (M,)
        Time points of each series.
    points : tuple of int, length P
    """
    final = np.searchsorted(points, ends)
    if (final >= len(points) - 1).all():
        return held_out
    number = np.minimum(np.arange(len(points))[:, None], final)
    return np.take_along_axis(held_out, number[..., None], axis=0)


def check_rule(
    trigger: TriggerLike, objective: Objective, classes: NDArray[Any], points: tuple[int, ...]
) -> tuple[Trigger, Objective]:
    """Take a copy of a rule, and of an objective with codes in place of labels.

    What is wrong with them is told here.
    """
    rule: Trigger = clone(resolve_trigger(trigger))
    rule.check_parameters()
    if isinstance(objective, DecisionCost | LeastDelay):
        objective = objective.for_classes(classes)
    check_objective(objective, len(classes), np.array(points) / points[-1])
    return with_plain_numbers(rule), objective


EARLY_PARTS: Mapping[str, Part] = {
    **PARTS,
    "trigger": lambda estimator, params, value: resolve_trigger(value),
}
"""As :data:`PARTS`, of an early classifier."""
