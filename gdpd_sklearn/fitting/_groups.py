"""What fits must have in common to share a teacher, a bank of teachers, or a training."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import fields
from typing import Any, TypeVar

from gdpd_sklearn._device import resolve_device
from gdpd_sklearn._digest import digest
from gdpd_sklearn.fitting._task import FitTask
from gdpd_sklearn.fitting._teacher import FittedTeacher

__all__ = ["along_sources", "group_key", "grouped", "source_key", "teacher_bank", "teacher_key"]

Item = TypeVar("Item")


def grouped(items: Iterable[Item], key: Callable[[Item], Hashable]) -> list[list[Item]]:
    """Part items by their key, in the order of first appearance."""
    groups: defaultdict[Hashable, list[Item]] = defaultdict(list)
    for item in items:
        groups[key(item)].append(item)
    return list(groups.values())


def teacher_key(task: FitTask) -> Hashable:
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


def teacher_bank(task: FitTask) -> Hashable:
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
    sizes = tuple(map(len, task.parts())), task.X.shape[1:]
    return *sizes, task.weight is None, wanted or id(task)


def group_key(task: FitTask) -> Hashable:
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
    train_cases, validation = task.parts()
    common = {field.name: getattr(settings, field.name) for field in fields(settings)}
    common |= {"distiller": parameters, "teacher": teacher, "memory": None, "verbose": 0}
    # on a CPU the prefixes of one task fill a bank, and more members are no faster
    fills_bank = len(task.lengths) > 1 and resolve_device(settings.device).type == "cpu"
    # of unlabelled cases the teacher tells how many are learned
    alone = fills_bank or len(task.unlabelled) > 0
    return (
        source_key(task) if alone else None,
        type(distiller), len(train_cases), len(validation), task.weighs, task.X.shape[1:],
        # a shared student answers at all its prefixes at once
        tuple(task.lengths) if settings.shared else None,
        digest((task.classes, common)) or id(settings),
    )  # fmt: skip


def source_key(task: FitTask) -> Hashable:
    """Tell what runs of one source have in common beside their group."""
    return *_cases_key(task), task.root, id(task.settings.teacher)


def along_sources(tasks: Sequence[FitTask], group: Sequence[int], n_parts: int) -> list[list[int]]:
    """Part a group for several processes; a source stays whole, so that its prior learns once."""
    sources = grouped(group, lambda i: source_key(tasks[i]))
    parts: list[list[int]] = [[] for _ in range(min(n_parts, len(sources)))]
    for turn, numbers in enumerate(sources):
        parts[turn % len(parts)] += numbers
    return parts
