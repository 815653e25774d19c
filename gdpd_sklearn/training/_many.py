"""Many fits: teachers are trained once, and students that can be lanes, side by side."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import joblib
import numpy as np
import pandas as pd
from joblib import Memory, Parallel, delayed, effective_n_jobs
from numpy.typing import NDArray

from gdpd_sklearn._seeding import stream_seed
from gdpd_sklearn.data import PrefixView, stratified_holdout
from gdpd_sklearn.networks import PrefixModel
from gdpd_sklearn.training._fit import (
    FitResult,
    FitSettings,
    Prepared,
    fit_students,
    fit_teacher_alone,
    prepare,
)
from gdpd_sklearn.training._lane_step import Source
from gdpd_sklearn.training._lanes import Lane, train_lanes
from gdpd_sklearn.training._stages import can_fork
from gdpd_sklearn.training._teacher import FittedTeacher

__all__ = ["FitRequest", "fit_many"]


@dataclass(frozen=True)
class FitRequest:
    """The arguments of :func:`fit_students`, which :meth:`run` calls."""

    X: NDArray[np.floating]
    y: NDArray[np.integer]
    classes: tuple[Any, ...]
    lengths: Sequence[int]
    settings: FitSettings
    root: int

    def run(self) -> FitResult:
        """Fit, alone."""
        return fit_students(self.X, self.y, self.classes, self.lengths, self.settings, self.root)

    def key(self) -> str | None:
        """Digest everything that the result depends on.

        None where a part cannot be digested, such as a network made by a lambda.
        """
        settings = replace(self.settings, memory=Memory(None, verbose=0), verbose=0)
        return _digest((self.X, self.y, self.classes, tuple(self.lengths), settings, self.root))


def fit_many(requests: Sequence[FitRequest], n_jobs: int | None = None) -> list[FitResult]:
    """Fit as :func:`fit_students` does, request by request, but nothing twice.

    Fits of the same cases and seed share a teacher. Fits that agree in all but cases (as many of
    them), seed, prefix length and what their distiller schedules are lanes of one training. What
    cannot be a lane is fitted alone.

    Parameters
    ----------
    requests : sequence of FitRequest
    n_jobs : int, optional
        Processes (joblib).

    Returns
    -------
    list of FitResult
        In the order of the requests; the same as by :func:`fit_students`, up to rounding.
    """
    requests = _with_teachers(requests, n_jobs)
    together: defaultdict[str, list[int]] = defaultdict(list)
    alone: list[list[int]] = []
    for number, request in enumerate(requests):
        key = _lane_key(request)
        if key is None:
            alone.append([number])
        else:
            together[key].append(number)
    n_parts = effective_n_jobs(n_jobs)
    groups = [part for group in together.values() for part in _parts(requests, group, n_parts)]
    fitted = Parallel(n_jobs=n_jobs)(
        [delayed(_fit_lanes)([requests[i] for i in group]) for group in groups]
        + [delayed(_fit_alone)(requests[i]) for (i,) in alone]
    )
    order = [i for group in [*groups, *alone] for i in group]
    results = dict(zip(order, (result for each in fitted for result in each), strict=True))
    return [results[i] for i in range(len(requests))]


def _with_teachers(requests: Sequence[FitRequest], n_jobs: int | None) -> list[FitRequest]:
    """Train the teachers, each once, and hand them to the requests."""
    wanting: defaultdict[str, list[int]] = defaultdict(list)
    for number, request in enumerate(requests):
        settings = request.settings
        if settings.distiller.uses_teacher and not isinstance(settings.teacher, FittedTeacher):
            key = _digest(
                (
                    request.X, request.y, request.classes, settings.teacher, settings.teacher_plan,
                    settings.teacher_input_length, settings.scaling, settings.class_weight,
                    settings.validation_fraction, settings.device, request.root,
                )
            )  # fmt: skip
            if key is not None:
                wanting[key].append(number)
    teachers = Parallel(n_jobs=n_jobs)(
        delayed(_teacher_of)(requests[numbers[0]]) for numbers in wanting.values()
    )
    handed = list(requests)
    for numbers, teacher in zip(wanting.values(), teachers, strict=True):
        for i in numbers:
            handed[i] = replace(handed[i], settings=replace(handed[i].settings, teacher=teacher))
    return handed


def _teacher_of(request: FitRequest) -> FittedTeacher:
    return fit_teacher_alone(request.X, request.y, request.classes, request.settings, request.root)


def _lane_key(request: FitRequest) -> str | None:
    """Digest what lanes of one training have in common; None where there can be none."""
    settings = request.settings
    distiller = settings.distiller
    if settings.shared or len(request.lengths) != 1 or not can_fork(distiller, settings.plan):
        return None
    parameters = {
        name: value
        for name, value in distiller.get_params(deep=False).items()
        if name not in distiller.schedule_parameters
    }
    teacher: Any = settings.teacher
    if isinstance(teacher, FittedTeacher):
        # any weights will do, as long as the outputs have one shape
        teacher = (teacher.model.architecture, teacher.model.view.input_length)
    train, validation = stratified_holdout(request.y, settings.validation_fraction, 0)
    return _digest(
        (
            type(distiller), parameters, len(train), len(validation), request.X.shape[1:],
            request.classes,
            {
                **{field.name: getattr(settings, field.name) for field in fields(settings)},
                "distiller": None, "teacher": teacher, "memory": None, "verbose": 0,
            },
        )
    )  # fmt: skip


def _source_key(request: FitRequest) -> str | int:
    """Digest what lanes of one source have in common beside their lane key."""
    key = _digest((request.X, request.y, request.root, request.settings.teacher))
    return id(request) if key is None else key


def _parts(requests: Sequence[FitRequest], group: list[int], n_parts: int) -> list[list[int]]:
    """Part a group for several processes, along its sources."""
    sources: defaultdict[Any, list[int]] = defaultdict(list)
    for i in group:
        sources[_source_key(requests[i])].append(i)
    parts: list[list[int]] = [[] for _ in range(min(n_parts, len(sources)))]
    for turn, numbers in enumerate(sources.values()):
        parts[turn % len(parts)] += numbers
    return parts


def _fit_alone(request: FitRequest) -> list[FitResult]:
    return [request.run()]


def _fit_lanes(requests: Sequence[FitRequest]) -> list[FitResult]:
    """Fit requests that agree in their lane key."""
    members: defaultdict[Any, list[int]] = defaultdict(list)
    for number, request in enumerate(requests):
        members[_source_key(request)].append(number)
    prepared: list[Prepared] = []
    sources: list[Source] = []
    lanes: dict[int, Lane] = {}
    for numbers in members.values():
        first = requests[numbers[0]]
        lengths = sorted({requests[i].lengths[0] for i in numbers})
        parts = prepare(first.X, first.y, first.classes, lengths, first.settings, first.root)
        for i in numbers:
            point = lengths.index(requests[i].lengths[0])
            lanes[i] = Lane(len(sources), point, requests[i].settings.distiller)
        sources.append(
            Source(
                parts.view, parts.train, parts.validation, parts.outputs,
                stream_seed(first.root, "student"),
            )
        )  # fmt: skip
        prepared.append(parts)
    settings = requests[0].settings
    trained = train_lanes(
        settings.student, sources, [lanes[i] for i in range(len(requests))],
        len(requests[0].classes), settings.plan,
        class_weight=prepared[0].class_weight, verbose=settings.verbose,
    )  # fmt: skip
    results = []
    for i, (student, figures) in enumerate(trained):
        parts, (length,) = prepared[lanes[i].source], requests[i].lengths
        view = PrefixView(
            [length], parts.view.input_length, parts.view.scaling,
            parts.view.mean[:, 0].cpu().numpy(), parts.view.std[:, 0].cpu().numpy(),
        )  # fmt: skip
        history = pd.DataFrame(
            [{"epoch": row["epoch"], "prefix_length": length} | row for row in figures]
        )
        model = PrefixModel([student.cpu()], view, settings.student, settings.exact)
        results.append(FitResult(model, history, parts.teacher, parts.held_out))
    return results


def _digest(value: Any) -> str | None:
    try:
        digest: str = joblib.hash(value)
    except Exception:  # whatever a user's object raises when it is pickled
        return None
    return digest
