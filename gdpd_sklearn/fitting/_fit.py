"""The door: tasks in, results out. Teachers first, each once; then students, side by side."""

from __future__ import annotations

import warnings
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, fields, replace
from functools import partial
from typing import Any, Protocol, TypeVar, runtime_checkable

import numpy as np
import torch
from joblib import Parallel, delayed, effective_n_jobs
from numpy.typing import NDArray
from torch import Tensor

from gdpd_sklearn._determinism import same_twice
from gdpd_sklearn._device import resolve_device
from gdpd_sklearn._digest import digest
from gdpd_sklearn._isolation import plain_torch
from gdpd_sklearn._seeding import stream_seed
from gdpd_sklearn._version import __version__
from gdpd_sklearn.data import PrefixView, select_cases, stratified_holdout, to_cases
from gdpd_sklearn.distillers import Distiller, NoDistillation
from gdpd_sklearn.fitting._recall import recall
from gdpd_sklearn.fitting._task import FitResult, FitSettings, FitTask
from gdpd_sklearn.fitting._teacher import FittedTeacher, TeacherOrder, fit_teacher, fit_teachers
from gdpd_sklearn.networks import CoordinateMap, PrefixModel
from gdpd_sklearn.recipes import DivergedError
from gdpd_sklearn.solver import MOST_COORDINATES, Lesson, Solved, solve, unfold
from gdpd_sklearn.training._history import history_frame
from gdpd_sklearn.training._step import Source
from gdpd_sklearn.training._trainer import Run, Trained, train

__all__ = ["Recalls", "attempt", "fit", "fit_or_recall", "fit_teacher_of"]

Item = TypeVar("Item")


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
        for group in _grouped(going_on, lambda i: _group_key(tasks[i]))
        for part in _along_sources(tasks, group, effective_n_jobs(n_jobs))
    ]
    fitted = Parallel(n_jobs=n_jobs)(
        delayed(_fit_group)([tasks[i] for i in group]) for group in groups
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


@plain_torch()
def fit_teacher_of(task: FitTask) -> FittedTeacher:
    """Give the teacher of a task: the one handed in, one remembered, or a new one."""
    with same_twice(resolve_device(task.settings.device)):
        return _teacher_of(task)


def _teacher_of(task: FitTask) -> FittedTeacher:
    settings = task.settings
    if isinstance(settings.teacher, FittedTeacher):
        _check_fitted_teacher(settings.teacher, task.X, task.classes, settings.distiller)
        return settings.teacher
    remembered = recall(settings.memory, fit_teacher, ignore=["verbose"])
    teacher: FittedTeacher = remembered(*_order(task), version=__version__)
    return teacher


def _order(task: FitTask) -> TeacherOrder:
    """Say which teacher a task wants trained."""
    settings = task.settings
    assert not isinstance(settings.teacher, FittedTeacher)
    train_cases, validation = _parts(task)
    train_cases = np.union1d(train_cases, task.unlabelled)
    weights = task.weight_of(train_cases), task.weight_of(validation)
    return TeacherOrder(
        select_cases(task.X, train_cases), task.y[train_cases],
        select_cases(task.X, validation), task.y[validation], task.classes,
        settings.teacher, settings.teacher_plan, settings.teacher_input_length, settings.scaling,
        settings.class_weight, *weights, stream_seed(task.root, "teacher"),
        str(resolve_device(settings.device)), settings.verbose,
    )  # fmt: skip


def _teachers(
    tasks: Sequence[FitTask], n_jobs: int | None
) -> dict[int, FittedTeacher | DivergedError]:
    """Train the teachers, each once; give those of the tasks that lack one, by number."""
    wanting = [i for i, task in enumerate(tasks) if task.settings.trains_teacher]
    groups = _grouped(wanting, lambda i: _teacher_key(tasks[i]))
    banks = _grouped(groups, lambda numbers: _teacher_bank(tasks[numbers[0]]))
    fitted = Parallel(n_jobs=n_jobs)(
        delayed(_attempt_teachers)([tasks[numbers[0]] for numbers in bank]) for bank in banks
    )
    order = [numbers for bank in banks for numbers in bank]
    teachers = [teacher for bank in fitted for teacher in bank]
    return {i: teacher for numbers, teacher in zip(order, teachers, strict=True) for i in numbers}


@plain_torch()
def _attempt_teachers(tasks: Sequence[FitTask]) -> list[FittedTeacher | DivergedError]:
    if len(tasks) == 1:
        return [_attempt_one(fit_teacher_of, tasks[0])]
    with same_twice(resolve_device(tasks[0].settings.device)):
        return fit_teachers([_order(task) for task in tasks])


def _attempt_one(fit_one: Callable[[FitTask], Item], task: FitTask) -> Item | DivergedError:
    try:
        return fit_one(task)
    except DivergedError as error:
        return error


# -- what must be equal


def _grouped(items: Iterable[Item], key: Any) -> list[list[Item]]:
    """Part items by their key, in the order of first appearance."""
    groups: defaultdict[Hashable, list[Item]] = defaultdict(list)
    for item in items:
        groups[key(item)].append(item)
    return list(groups.values())


def _teacher_key(task: FitTask) -> Hashable:
    """Tell what tasks of one teacher have in common."""
    settings = task.settings
    wanted = digest(
        (
            task.classes, settings.teacher, settings.teacher_plan, settings.teacher_input_length,
            settings.scaling, settings.class_weight, settings.validation_fraction, settings.device,
        )
    )  # fmt: skip
    return *_cases_key(task), task.root, wanted or id(settings.teacher)


def _cases_key(task: FitTask) -> tuple[Hashable, ...]:
    return id(task.X), task.y.tobytes(), None if task.weight is None else task.weight.tobytes()


def _teacher_bank(task: FitTask) -> Hashable:
    """Tell what teachers have in common that are trained as one, where several cost as one.

    On a CPU they are trained one by one: so are those that a memory keeps, or that are solved.
    """
    settings = task.settings
    device, teacher = resolve_device(settings.device), settings.teacher
    assert not isinstance(teacher, FittedTeacher)
    one_by_one = device.type != "cuda" or settings.memory.store_backend is not None
    if one_by_one or teacher.fixed or len(task.unlabelled) or not teacher.stacks_on(device):
        return id(task)
    wanted = digest(
        (
            task.classes, teacher, settings.teacher_plan, settings.teacher_input_length,
            settings.scaling, settings.class_weight, settings.device,
        )
    )  # fmt: skip
    sizes = tuple(map(len, _parts(task))), task.X.shape[1:]
    return *sizes, task.weight is None, wanted or id(task)


def _group_key(task: FitTask) -> Hashable:
    """Tell what runs of one training have in common."""
    settings = task.settings
    distiller = settings.distiller
    parameters = {
        name: value
        for name, value in distiller.get_params(deep=False).items()
        if name not in distiller.schedule_parameters
    }
    teacher: Any = settings.teacher
    if isinstance(teacher, FittedTeacher):
        # any weights will do, as long as the outputs have one shape
        teacher = (teacher.model.architecture, teacher.model.view.input_length)
    train_cases, validation = _parts(task)
    common = {field.name: getattr(settings, field.name) for field in fields(settings)}
    common |= {"distiller": parameters, "teacher": teacher, "memory": None, "verbose": 0}
    # on a CPU the prefixes of one task fill a bank, and more members are no faster
    fills_bank = len(task.lengths) > 1 and resolve_device(settings.device).type == "cpu"
    # of unlabelled cases the teacher tells how many are learned
    alone = fills_bank or len(task.unlabelled) > 0
    return (
        _source_key(task) if alone else None,
        type(distiller), len(train_cases), len(validation), task.weighs, task.X.shape[1:],
        # a shared student answers at all its prefixes at once
        tuple(task.lengths) if settings.shared else None,
        digest((task.classes, common)) or id(settings),
    )  # fmt: skip


def _source_key(task: FitTask) -> Hashable:
    """Tell what runs of one source have in common beside their group."""
    return *_cases_key(task), task.root, id(task.settings.teacher)


def _along_sources(tasks: Sequence[FitTask], group: Sequence[int], n_parts: int) -> list[list[int]]:
    """Part a group for several processes; a source stays whole, so that its prior learns once."""
    sources = _grouped(group, lambda i: _source_key(tasks[i]))
    parts: list[list[int]] = [[] for _ in range(min(n_parts, len(sources)))]
    for turn, numbers in enumerate(sources):
        parts[turn % len(parts)] += numbers
    return parts


# -- a group of tasks


@plain_torch()
def _fit_group(tasks: Sequence[FitTask]) -> list[FitResult | DivergedError]:
    """Fit tasks that agree in their group key."""
    with same_twice(resolve_device(tasks[0].settings.device)):
        if tasks[0].settings.student.fixed:
            return [_attempt_one(_solved, task) for task in tasks]
        return _train_group(tasks)


def _train_group(tasks: Sequence[FitTask]) -> list[FitResult | DivergedError]:
    settings, classes = tasks[0].settings, tasks[0].classes
    prepared: list[Prepared] = []
    runs: list[Run] = []
    of_task: dict[int, tuple[Prepared, list[int]]] = {}
    for numbers in _grouped(range(len(tasks)), lambda i: _source_key(tasks[i])):
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
        class_weight=_class_weight(settings), verbose=settings.verbose,
    )  # fmt: skip
    return [
        _result(task, of_task[i][0], [trained[run] for run in of_task[i][1]])
        for i, task in enumerate(tasks)
    ]


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
    train_cases, held_out = _parts(task)
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
                _warn_unheard(len(task.unlabelled))
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


def _solved(task: FitTask) -> FitResult:
    """Fit a student of a fixed backbone: solved, and trained on from there for most methods."""
    settings, parts = task.settings, prepare(task)
    source, lesson, trains = parts.source, parts.lesson, not settings.distiller.closed_form
    answers = None if source.teacher is None else source.teacher.logits
    solved = solve(
        settings.student, NoDistillation() if trains else settings.distiller, source.view,
        source.train, source.validation, answers, len(task.classes), source.seed,
        class_weight=_class_weight(settings),
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
        _warn_unheard(len(task.unlabelled))
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
        class_weight=_class_weight(settings), verbose=settings.verbose,
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


def _parts(task: FitTask) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Give the labelled cases to train on and those to validate on."""
    labelled = task.labelled
    fraction = task.settings.validation_fraction
    parts = stratified_holdout(task.y[labelled], fraction, stream_seed(task.root, "split"))
    return labelled[parts[0]], labelled[parts[1]]


def _warn_unheard(n_unlabelled: int) -> None:
    """Say that cases without a label are not learned from."""
    warnings.warn(
        f"the {n_unlabelled} cases without a label are not used: of labelled cases that it did not "
        f"see, the teacher knows too little to teach.",
        UserWarning,
        stacklevel=2,
    )


def _class_weight(settings: FitSettings) -> Tensor | None:
    if settings.class_weight is None:
        return None
    device = resolve_device(settings.device)
    return torch.as_tensor(settings.class_weight, dtype=torch.float32, device=device)


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
