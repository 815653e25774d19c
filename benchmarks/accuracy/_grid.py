"""Which cells a command asks for: the product of its lists, where a method knows the parameter."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from benchmarks._cells import Cell
from benchmarks.accuracy._classifiers import build_classifier
from benchmarks.accuracy._estimator import TeacherName, make_distiller
from gdpd_sklearn import GDPDClassifier
from gdpd_sklearn._checks import check_int
from gdpd_sklearn.networks import ARCHITECTURES
from gdpd_sklearn.recipes import Training

__all__ = ["SETTINGS", "Grid", "distinct"]

SETTINGS: Mapping[str, float] = {"default": 0.0, "paper": 0.2}
"""Setting to its validation fraction."""

_PARTS = ("student", "teacher", "distiller")
# governed by the grid itself, or changing nothing that a cell could tell
_TAKEN = {
    "prefix_length", *_PARTS, "n_epochs", "validation_fraction", "channels", "random_state",
    "keep_teacher", "memory", "verbose", "training__n_epochs", "training__validation_fraction",
}  # fmt: skip


@dataclass(frozen=True)
class Grid:
    """Lists whose product is a benchmark.

    Parameters
    ----------
    sets, earliness, distillers : tuple
    pairs : tuple of (teacher, student)
        Names of architectures. The teacher may be of another task (:class:`TeacherName`): methods
        that read its logits, which tell of other classes, are then left out.
    weights, warmups : tuple
        Of those distillers that have them; None is the method's default.
    options : mapping of str to tuple
        Nested parameters of the classifier to the values to try. A parameter of a distiller or an
        architecture acts where the part has it; other cells do not vary by it.
    channels : tuple
        How many of the first channels the student sees; None is all.
    setting : {"default", "paper"}
        ``GDPDClassifier()`` or ``GDPDClassifier.paper()``.
    n_epochs : int, optional
        By default the setting's.
    validation_fraction : float, optional
        By default the setting's.
    n_seeds : int
    classifiers : tuple of str
        Classifiers of prefixes to stand beside: of ``CLASSIFIERS``, or ``module:Class``. They have
        a cell for each set, seed, share and number of channels; nothing else concerns them.

    Raises
    ------
    ValueError
        If a name is unknown, an option acts nowhere, or several weights or warm-ups have no
        validation part to be chosen by.
    """

    sets: tuple[str, ...]
    earliness: tuple[float, ...] = (0.5,)
    distillers: tuple[str, ...] = ("none", "kd", "fitnets", "gdpd")
    pairs: tuple[tuple[str, str], ...] = (("fcn", "fcn"),)
    weights: tuple[float | None, ...] = (None,)
    warmups: tuple[float | int | None, ...] = (None,)
    options: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    channels: tuple[int | None, ...] = (None,)
    setting: str = "default"
    n_epochs: int | None = None
    validation_fraction: float | None = None
    n_seeds: int = 5
    classifiers: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.sets:
            raise ValueError("no sets: name some, or suites of them, by --sets.")
        _check_names("setting", [self.setting], SETTINGS)
        for name in self.distillers:
            make_distiller(name)
        for name in self.classifiers:
            build_classifier(name, 0)
        _check_names("pair", [name for pair in self._architectures() for name in pair],
                     ARCHITECTURES)  # fmt: skip
        for e in self.earliness:
            if not 0 < e <= 1:
                raise ValueError(f"earliness={e!r} must be in (0, 1].")
        check_int("seeds", self.n_seeds, 1)
        for c in self.channels:
            if c is not None:
                check_int("channels", c, 1)
        for name in self.options:
            self._check_option(name)
        candidates = max(len(self.weights), len(self.warmups))
        if candidates > 1 and self.held_out == 0:
            raise ValueError(
                f"weights={list(self.weights)} and warmups={list(self.warmups)} are to be chosen "
                f"by a validation part, and the setting {self.setting!r} has none; give "
                f"--validation-fraction, such as 0.2."
            )

    @property
    def held_out(self) -> float:
        """Share of the training cases that is the validation part."""
        given = self.validation_fraction
        return float(SETTINGS[self.setting] if given is None else given)

    def cells(self) -> list[Cell]:
        """All cells, complete seeds first; those of classifiers come last."""
        return distinct([*self._cells(), *self._classifier_cells()])

    def _cells(self) -> Iterator[Cell]:
        for seed, name, (teacher, student), channels, earliness, distiller in itertools.product(
            range(self.n_seeds), self.sets, self.pairs, self.channels, self.earliness,
            self.distillers,
        ):  # fmt: skip
            other_task = TeacherName.parse(teacher).other_set is not None
            if other_task and make_distiller(distiller).uses_logits:
                continue
            has = make_distiller(distiller).get_params()
            architecture = TeacherName.parse(teacher).architecture
            names = [o for o in self.options if _acts(o, architecture, student, distiller)]
            for weight, warmup, *values in itertools.product(
                self.weights if "weight" in has else [None],
                self.warmups if "warmup" in has else [None],
                *(self.options[option] for option in names),
            ):
                yield {
                    "benchmark": "accuracy",
                    "set": name,
                    "earliness": float(earliness),
                    "teacher": teacher,
                    "student": student,
                    "distiller": distiller,
                    "options": dict(zip(names, values, strict=True)),
                    "weight": None if weight is None else float(weight),
                    "warmup": warmup,
                    "channels": channels,
                    "setting": self.setting,
                    "n_epochs": self.n_epochs,
                    "validation_fraction": self.held_out,
                    "seed": seed,
                }

    def _classifier_cells(self) -> Iterator[Cell]:
        for seed, name, channels, earliness, classifier in itertools.product(
            range(self.n_seeds), self.sets, self.channels, self.earliness, self.classifiers
        ):
            yield {
                "benchmark": "accuracy",
                "set": name,
                "earliness": float(earliness),
                "classifier": classifier,
                "channels": channels,
                "seed": seed,
            }

    def _architectures(self) -> list[tuple[str, str]]:
        return [
            (TeacherName.parse(teacher).architecture, student) for teacher, student in self.pairs
        ]

    def _check_option(self, option: str) -> None:
        if option in ("distiller__weight", "distiller__warmup"):
            raise ValueError(f"option {option!r}: use --weights or --warmups.")
        if option in _TAKEN:
            raise ValueError(f"option {option!r} has an argument of its own, see --help.")
        if not any(
            _acts(option, *pair, distiller)
            for pair in self._architectures()
            for distiller in self.distillers
        ):
            raise ValueError(
                f"option {option!r} is a parameter of nothing in this run: neither of "
                f"GDPDClassifier nor, after 'training__', 'distiller__', 'student__' or "
                f"'teacher__', of Training, {list(self.distillers)} or "
                f"{[':'.join(pair) for pair in self.pairs]}."
            )


def distinct(cells: Iterator[Cell] | list[Cell]) -> list[Cell]:
    """Drop repeated cells, keep the order."""
    return list({json.dumps(cell, sort_keys=True): cell for cell in cells}.values())


def _acts(option: str, teacher: str, student: str, distiller: str) -> bool:
    part, nested, parameter = option.partition("__")
    if not nested:
        return part in GDPDClassifier().get_params(deep=False) and part not in _TAKEN
    makers: dict[str, Callable[[], Any]] = {
        "teacher": ARCHITECTURES[teacher],
        "student": ARCHITECTURES[student],
        "distiller": partial(make_distiller, distiller),
        "training": Training,
    }
    return part in makers and parameter in makers[part]().get_params()


def _check_names(what: str, names: Any, known: Mapping[str, Any]) -> None:
    for name in names:
        if name not in known:
            raise ValueError(f"{what}: {name!r} is unknown; known are {list(known)}.")
